"""Plain phrases without any model: `my open opportunities over 50k closing this month in Germany`.

A phrase is understood around the name of an object in plural (`cases`), or in singular beside another part that makes
a filter; every part becomes a filter that is shown and can be removed.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date

from forcedex.domain.amounts import amount
from forcedex.domain.days import Days
from forcedex.domain.folding import folded
from forcedex.domain.unknown import Unknown
from forcedex.search import spoken
from forcedex.search.asker import Asker
from forcedex.search.catalogue import Catalogue, Place
from forcedex.search.filters import Condition, Filter, Through, days
from forcedex.search.vocabulary import Vocabulary
from forcedex.search.words import Word

_OVER = {
    **dict.fromkeys(("over", "above", "more than", "greater than", "bigger than", "exceeding"), "gt"),
    **dict.fromkeys(("at least", "from at least", "min"), "gte"),
    **dict.fromkeys(("under", "below", "less than", "smaller than"), "lt"),
    **dict.fromkeys(("at most", "up to", "max"), "lte"),
}
_SIGNS = {"gt": ">", "gte": "≥", "lt": "<", "lte": "≤"}
_MONEY_WORDS = frozenset({"eur", "euro", "euros", "usd", "dollar", "dollars", "gbp", "pounds", "chf", "€", "$"})
_EVENTS = {
    **dict.fromkeys(("closing", "close", "closes", "due"), ("CloseDate", "EndDate", "ActivityDate", "ClosedDate")),
    **dict.fromkeys(("created", "opened", "added", "new"), ("CreatedDate",)),
    **dict.fromkeys(("modified", "updated", "changed", "edited"), ("LastModifiedDate", "SystemModstamp")),
    **dict.fromkeys(("closed", "won", "lost"), ("CloseDate", "ClosedDate")),
}
_DEFAULT_DATES = ("CloseDate", "CreatedDate")
_AFTER = frozenset({"since", "after"})
_BEFORE = frozenset({"before", "until", "by"})
_AT = frozenset({"in", "on", "during", "from", "for", "within", "the"})
_OWNED = ("owned by", "by", "belonging to")
_LONGEST_PERIOD = 4  # words
_LONGEST_PLACE = 3
_LONGEST_NAME = 3


@dataclass
class _Reading:
    """A query while it is read."""

    words: Sequence[Word]
    plain: list[str]
    objects: tuple[str, ...]
    catalogue: Catalogue
    vocabulary: Vocabulary
    asker: Asker
    may: Callable[[str, str], bool]
    filters: list[Filter] = field(default_factory=list)
    taken: set[int] = field(default_factory=set)
    notices: list[str] = field(default_factory=list)

    def says(self, start: int, count: int) -> str:
        return " ".join(self.plain[start : start + count])

    def free(self, start: int, count: int) -> bool:
        return start + count <= len(self.plain) and self.taken.isdisjoint(range(start, start + count))

    def add(self, start: int, count: int, label: str, **made: object) -> None:
        span = (self.words[start].span[0], self.words[start + count - 1].span[1])
        text = " ".join(word.text for word in self.words[start : start + count])
        one = Filter(key=label.casefold(), label=label, span=span, text=text, written=False, **made)  # type: ignore[arg-type]
        if all(each.key != one.key for each in self.filters):
            self.filters.append(one)
        self.taken |= set(range(start, start + count))

    def places(self, *paths: str) -> list[Place]:
        """The first of the paths that each object has and the person may use."""
        found = (self.catalogue.path(name, *paths) for name in self.objects)
        return [each for each in found if each is not None and self.may(each.object, each.path)]


@dataclass(frozen=True, slots=True)
class Read:
    """What was understood, and which words it took."""

    filters: tuple[Filter, ...] = ()
    taken: frozenset[int] = frozenset()
    notices: tuple[str, ...] = ()


def read(
    words: Sequence[Word],
    catalogue: Catalogue,
    vocabulary: Vocabulary,
    asker: Asker,
    may: Callable[[str, str], bool],
    objects: tuple[str, ...] = (),
) -> Read:
    """The filters in plain words; `objects` are those that the query names in another way."""
    plain = [folded(word.text) for word in words]
    noun = _noun(plain, catalogue)
    if noun is None and not objects:
        return Read()
    named = objects or (catalogue.object_named(" ".join(plain[noun[0] : noun[0] + noun[1]])),) if noun else objects
    known = tuple(each for each in named if each is not None)
    reading = _Reading(words, plain, known, catalogue, vocabulary, asker, may)
    if noun is not None:
        start, count = noun
        label = ", ".join(catalogue.objects[each].label_plural for each in known)
        reading.add(start, count, f"Only {label}", objects=known)
    for part in _PARTS:
        for start in range(len(plain)):
            if start not in reading.taken:
                part(reading, start)
    alone = len(reading.filters) == (noun is not None)
    if noun is not None and alone and not catalogue.is_plural(reading.says(*noun)):
        return Read()
    # What is left as words is looked at again from its later words on.
    return Read(tuple(reading.filters), frozenset(reading.taken), tuple(dict.fromkeys(reading.notices)))


def _noun(plain: list[str], catalogue: Catalogue) -> tuple[int, int] | None:
    """Where the object is named, plurals first, and in how many words."""
    spans = [(start, count) for count in (3, 2, 1) for start in range(len(plain) - count + 1)]
    names = {span: " ".join(plain[span[0] : sum(span)]) for span in spans}
    for wanted in (catalogue.is_plural, lambda name: catalogue.object_named(name) is not None):
        found = next((span for span in spans if wanted(names[span])), None)
        if found is not None:
            return found
    return None


def _values(reading: _Reading, start: int) -> None:
    """Values of lists: `closed won`, `high priority`."""
    for count in range(reading.catalogue.longest_value, 0, -1):
        if not reading.free(start, count) or (count == 1 and reading.plain[start] in _STATES):
            continue
        found = [
            (place, value)
            for place, value in reading.catalogue.values(reading.says(start, count))
            if place.object in reading.objects and reading.may(place.object, place.path)
        ]
        if not found:
            continue
        label = folded(found[0][0].field.label)
        follows = reading.free(start + count, 1) and reading.plain[start + count] == label
        conditions = tuple(dict.fromkeys(Condition(path=place.path, any_of=(value,)) for place, value in found))
        shown = found[0][0].field.values[found[0][1]]
        text = f"{found[0][0].field.label}: {shown}"
        reading.add(start, count + follows, text, conditions=conditions)
        return


def _mine(reading: _Reading, start: int) -> None:
    word, next_word = reading.plain[start], reading.says(start + 1, 1)
    team = word in ("our", "ours") or (word == "my" and next_word.removesuffix("'s").rstrip("s") in ("team", "'team"))
    if word not in ("my", "mine") and not team:
        return
    owned = reading.places("OwnerId")
    if not owned:
        return
    count = 2 if team and word == "my" else 1
    who = tuple(sorted(reading.asker.team)) if team else ((reading.asker.user_id,) if reading.asker.user_id else ())
    if not who:
        reading.notices.append(f"“{reading.says(start, count)}” means nobody here: it was left out.")
        reading.taken |= set(range(start, start + count))
        return
    label = "Owner: my team" if team else "Owner: me"
    reading.add(start, count, label, conditions=(Condition(path="OwnerId", any_of=who),))


_STATES: dict[str, tuple[str, tuple[tuple[str, bool], ...]]] = {
    "open": ("Open", (("IsClosed", False),)),
    "closed": ("Closed", (("IsClosed", True),)),
    "won": ("Won", (("IsWon", True),)),
    "lost": ("Lost", (("IsClosed", True), ("IsWon", False))),
}


def _states(reading: _Reading, start: int) -> None:
    known = _STATES.get(reading.plain[start])
    if known is None:
        return
    label, wanted = known
    path, value = wanted[-1]
    if not reading.places(path):
        return
    # What is lost is closed and not won: one more filter says the former.
    for other, is_so in wanted[:-1]:
        reading.add(start, 1, "Closed", conditions=(Condition(path=other, any_of=(is_so,)),))
    reading.add(start, 1, label, conditions=(Condition(path=path, any_of=(value,)),))
    reading.taken.discard(start)
    _when(reading, start)
    reading.taken.add(start)


def _amounts(reading: _Reading, start: int) -> None:
    money = [
        place
        for name in reading.objects
        if (place := reading.catalogue.money(name)) is not None and reading.may(place.object, place.path)
    ]
    if not money:
        return
    label = money[0].field.label
    if reading.plain[start] == "between" and reading.says(start + 2, 1) in ("and", "-"):
        least, most = amount(reading.says(start + 1, 1)), amount(reading.says(start + 3, 1))
        if least is not None and most is not None and reading.free(start, 4):
            bounds = (("gte", least), ("lte", most))
            made = tuple(dict.fromkeys(Condition(path=each.path, bounds=bounds) for each in money))
            reading.add(start, 4, f"{label}: {least:,.0f} to {most:,.0f}", conditions=made)
        return
    for count in (3, 2, 1):
        sign = _OVER.get(reading.says(start, count))
        if sign is None or not reading.free(start, count + 1):
            continue
        number = amount(reading.says(start + count, 1))
        if number is None:
            continue
        more = int(reading.free(start + count + 1, 1) and reading.plain[start + count + 1] in _MONEY_WORDS)
        made = tuple(dict.fromkeys(Condition(path=each.path, bounds=((sign, number),)) for each in money))
        reading.add(start, count + 1 + more, f"{label} {_SIGNS[sign]} {number:,.0f}", conditions=made)
        return


def _when(reading: _Reading, start: int) -> None:
    """`closing this month`, `created since 2025`, `last week`."""
    paths = _EVENTS.get(reading.plain[start])
    at = start + (paths is not None)
    word = reading.says(at, 1)
    after, before = word in _AFTER, word in _BEFORE
    at += after or before or word in _AT
    at += reading.says(at, 1) == "the"
    for count in range(_LONGEST_PERIOD, 0, -1):
        if not reading.free(start, at + count - start):
            continue
        found = spoken.days(reading.says(at, count), reading.asker.calendar)
        if found is None:
            continue
        places = reading.places(*(paths or _DEFAULT_DATES))
        if isinstance(found, Unknown):
            if places:
                reading.notices.append(f"“{reading.says(at, count)}” was searched as words. {found.reason}")
            return
        if places:
            first, end = _bounds(found, after=after and word, before=before)
            zone = reading.asker.time_zone
            made = tuple(
                dict.fromkeys(
                    days(each.path, first, end, zone if each.field.type == "datetime" else None) for each in places
                )
            )
            said = " ".join(each.text for each in reading.words[at : at + count])
            label = f"{places[0].field.label}: {word + ' ' if after or before else ''}{said}"
            reading.add(start, at + count - start, label, conditions=made)
        return


def _bounds(found: Days, *, after: str | bool, before: bool) -> tuple[date | None, date | None]:
    first, end = found.first, found.end
    if after:
        return (first if after == "since" else end), None
    return (None, first) if before else (first, end)


def _where(reading: _Reading, start: int) -> None:
    """`in Germany`: on the record, or on its account."""
    lead = next((count for count in (2, 1) if reading.says(start, count) in ("in", "based in", "located in")), 0)
    if not lead:
        return
    place = _place(reading, start + lead)
    if not place:
        return
    said = " ".join(each.text for each in reading.words[start + lead : start + lead + place])
    names = (said, *reading.vocabulary.meaning(folded(said)))
    conditions: list[Condition] = []
    through: list[Through] = []
    for name in reading.objects:
        own = [each for each in reading.catalogue.where(name) if reading.may(name, each.path)]
        conditions += [_in(each, text) for each in own for text in names]
        fields = reading.catalogue.parents(name, "Account")
        if not own and fields and "Account" in reading.catalogue.objects:
            there = [each for each in reading.catalogue.where("Account") if reading.may("Account", each.path)]
            asked = tuple(_in(each, text) for each in there for text in names)
            through.append(Through(fields=tuple(fields), parent="Account", conditions=asked))
    if conditions or through:
        reading.add(
            start,
            lead + place,
            f"In: {said}",
            conditions=tuple(dict.fromkeys(conditions)),
            through=tuple(each for each in dict.fromkeys(through) if each.conditions),
        )


def _place(reading: _Reading, start: int) -> int:
    """How many words name a place: those of an expression that is known, or all that are written large."""
    for count in range(_LONGEST_PLACE, 1, -1):
        if reading.free(start, count) and reading.vocabulary.meaning(reading.says(start, count)):
            return count
    count = 0
    while count < _LONGEST_PLACE and reading.free(start + count, 1):
        if count and not reading.words[start + count].text[:1].isupper():
            break
        count += 1
    return count


def _in(place: Place, text: str) -> Condition:
    known = [api for api, label in place.field.values.items() if folded(text) in (folded(api), folded(label))]
    if known:
        return Condition(path=place.path, any_of=tuple(known))
    path = f"{place.path}.words" if place.field.values else place.path
    return Condition(path=path, words=text)


def _owner(reading: _Reading, start: int) -> None:
    """`by Anna Schmidt`: the words up to the next part."""
    lead = next((count for count in (2, 1) if reading.says(start, count) in _OWNED), 0)
    if not lead or not reading.free(start, lead + 1) or not reading.places("Owner.Name"):
        return
    count = 0
    while count < _LONGEST_NAME and reading.free(start + lead + count, 1):
        if reading.plain[start + lead + count] in reading.vocabulary.noise | _STATES.keys():
            break
        count += 1
    if not count:
        return
    said = " ".join(each.text for each in reading.words[start + lead : start + lead + count])
    if folded(said) == "me":
        return
    reading.add(start, lead + count, f"Owner: {said}", conditions=(Condition(path="Owner.Name", words=said),))


#: In this order: what is most surely a filter first.
_PARTS = (_amounts, _values, _states, _when, _mine, _where, _owner)
