"""What a person typed, understood: words, their shapes, what they may be called otherwise, and filters."""

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace

from forcedex.domain.folding import folded
from forcedex.search import phrases
from forcedex.search.asker import Asker
from forcedex.search.catalogue import Catalogue
from forcedex.search.comparing import Unfit, conditions
from forcedex.search.filters import Condition, Filter
from forcedex.search.grammar import Comparison, Phrase, Sign, parse
from forcedex.search.vocabulary import Vocabulary, shipped
from forcedex.search.words import Expression, Shape, Word, clean, expressions, judged, shape, split

#: What looks like a field and is none: addresses and the like.
_NO_FIELDS = frozenset({"http", "https", "ftp", "mailto", "tel", "re", "fwd", "fw", "aw", "wg"})
_ME = frozenset({"me", "mine", "myself"})
_TEAM = frozenset({"team", "my-team", "myteam", "us", "my team"})
_OBJECT = frozenset({"object", "objects", "kind"})
_SIGNS = re.compile(r"[:<>=]+")
_MOST_FILTERS = 12
_MOST_VALUES = 20

#: Whether the person may use a field of an object in a question.
May = Callable[[str, str], bool]


@dataclass(frozen=True, kw_only=True, slots=True)
class Understood:
    """A query as the search sees it."""

    #: The words as typed, without needless blanks and filters.
    text: str
    words: tuple[Word, ...]
    expressions: tuple[Expression, ...] = ()
    shape: Shape = Shape()
    #: Words that must not be found.
    without: tuple[Word, ...] = ()
    filters: tuple[Filter, ...] = ()
    #: Sentences for the person: what was not understood, and what was done instead.
    notices: tuple[str, ...] = ()
    #: Records that an administrator wants on top.
    promoted: tuple[str, ...] = ()

    @property
    def terms(self) -> int:
        """Q: the number of query terms, filters too."""
        return len(self.words) + len(self.filters)

    @property
    def guessed(self) -> frozenset[str]:
        """The keys of the filters that were understood from plain words."""
        return frozenset(each.key for each in self.filters if not each.written)


@dataclass(frozen=True, kw_only=True)
class Knowledge:
    """What understanding rests on."""

    catalogue: Catalogue
    vocabulary: Vocabulary
    asker: Asker
    may: May


def _anything(sobject: str, path: str) -> bool:
    return True


def nothing_known() -> Knowledge:
    """No org: words alone are understood."""
    return Knowledge(catalogue=Catalogue(()), vocabulary=shipped(), asker=Asker(), may=_anything)


def understand(text: str, known: Knowledge | None = None, off: Collection[str] = ()) -> Understood:
    """Take a query apart; never raises. Nothing but punctuation and blanks has no words.

    `off` are the keys of filters that the person has removed.
    """
    known = known or nothing_known()
    plain = clean(text)
    words: list[Word] = []
    without: list[Word] = []
    filters: list[Filter] = []
    notices: list[str] = []
    for term in parse(plain):
        if isinstance(term, Comparison):
            made = _filter(term, known)
            if isinstance(made, Filter):
                if made.key not in off and len(filters) < _MOST_FILTERS:
                    filters.append(made)
                continue
            if made:
                notices.append(made)
        if isinstance(term, Phrase):
            phrase = Word(text=" ".join(term.text.split())[:100], span=term.span, phrase=True)
            if any(split(phrase.text)):
                (without if term.negated else words).append(phrase)
            continue
        piece = plain[slice(*term.span)]
        if isinstance(term, Comparison) and folded(term.name) not in _NO_FIELDS:
            piece = _SIGNS.sub(lambda found: " " * len(found[0]), piece)
        (without if term.negated else words).extend(split(piece, term.span[0]))
    single = [word for word in words if not word.phrase]
    named = tuple(name for each in filters for name in each.objects)
    found = phrases.read(single, known.catalogue, known.vocabulary, known.asker, known.may, named)
    kept = [each for each in found.filters if each.key not in off]
    spans = [each.span for each in kept]
    left = [word for word in words if word.phrase or not any(a <= word.span[0] < b for a, b in spans)]
    dropped = {single[place].span for place in found.taken} - {word.span for word in words if _off(word, found, kept)}
    left = [word for word in left if word.phrase or word.span not in dropped]
    judged_words = judged(left, known.vocabulary)
    bare = " ".join(word.text for word in judged_words)
    whole = " ".join(plain.split())
    is_whole = not filters and not kept and not without and not any(word.phrase for word in words)
    return Understood(
        text=whole if is_whole else bare,
        words=judged_words,
        expressions=expressions(judged_words, known.vocabulary),
        shape=shape(whole) if is_whole else shape(bare),
        without=tuple(without[:8]),
        filters=(*filters, *kept),
        notices=(*dict.fromkeys(notices), *(found.notices if kept else ())),
        promoted=known.vocabulary.on_top(whole),
    )


def _off(word: Word, found: phrases.Read, kept: list[Filter]) -> bool:
    """Whether a word belongs to a filter that was removed: it is a word again."""
    return any(a.span[0] <= word.span[0] < a.span[1] for a in found.filters if a not in kept)


def _filter(term: Comparison, known: Knowledge) -> Filter | str:
    """The filter that a comparison makes, or a sentence why it makes none (empty: it never looked like one)."""
    name = folded(term.name)
    if name in _OBJECT and term.sign is Sign.IS:
        return _objects(term, known.catalogue)
    if name == "owner" and term.sign is Sign.IS and len(term.values) == 1:
        value = folded(term.values[0])
        if value in _ME | _TEAM:
            return _owned(term, known.asker, team=value in _TEAM)
    places = [each for each in known.catalogue.fields_named(term.name) if known.may(each.object, each.path)]
    if not places:
        if name in _NO_FIELDS or not known.catalogue.objects:
            return ""
        return f"There is no field “{term.name}”: “{term.text}” was searched as words."
    label = places[0].field.label
    found: list[Condition] = []
    for value in term.values[:_MOST_VALUES]:
        made = conditions(places, term.sign, value, known.asker)
        if isinstance(made, Unfit) and made.reason:
            return f"“{term.text}” was searched as words. {made.reason}"
        if isinstance(made, Unfit):
            return f"“{value}” does not fit {label}, which needs {made.needed}: “{term.text}” was searched as words."
        found += made
    sign = ": " if term.sign is Sign.IS else f" {term.sign.value} "
    shown = f"{'Not ' if term.negated else ''}{label}{sign}{', '.join(term.values)}"
    return Filter(
        key=shown.casefold(),
        label=shown,
        span=term.span,
        text=term.text,
        negated=term.negated,
        conditions=tuple(dict.fromkeys(found)),
    )


def _objects(term: Comparison, catalogue: Catalogue) -> Filter | str:
    names = [catalogue.object_named(folded(value)) for value in term.values]
    known = tuple(dict.fromkeys(name for name in names if name is not None))
    if not known:
        return f"There is no object “{', '.join(term.values)}” to search: it was searched as words."
    label = f"Only {', '.join(catalogue.objects[name].label_plural for name in known)}"
    whole = Filter(key=label.casefold(), label=label, span=term.span, text=term.text, objects=known)
    return (
        replace(whole, label=f"Not {label[5:]}", key=f"not {label[5:]}".casefold(), negated=True)
        if (term.negated)
        else whole
    )


def _owned(term: Comparison, asker: Asker, *, team: bool) -> Filter | str:
    who = tuple(sorted(asker.team)) if team else ((asker.user_id,) if asker.user_id else ())
    if not who:
        return f"“{term.text}” means nobody here, since no user of the org asks: it was searched as words."
    label = f"{'Not ' if term.negated else ''}Owner: {'my team' if team else 'me'}"
    return Filter(
        key=label.casefold(),
        label=label,
        span=term.span,
        text=term.text,
        negated=term.negated,
        conditions=(Condition(path="OwnerId", any_of=who),),
    )
