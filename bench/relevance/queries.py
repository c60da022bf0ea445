"""Labelled queries: what somebody types who looks for a record, and every record that fits what he means.

Namesakes count. A query is only made for a record that the asking user sees, and only what he sees is wanted.
"""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from bench.relevance.names import LEGAL
from bench.relevance.records import DEALS, UMLAUTS, Entry
from forcedex.domain import folding
from forcedex.search.vocabulary import shipped

PLAIN = (
    *("exact", "prefix", "typo", "reversed", "phone", "email", "surname + company", "nickname", "initials", "umlaut"),
    *("legal form", "CJK fragment", "record code", "two objects", "description words"),
)
HARD = (
    *("typo in first letter", "typo in both words", "typo in unfinished word", "joined or split", "noise words"),
    *("wrong company added", "nickname + typo", "initial + surname + company", "infix of a brand"),
    *("katakana fragment", "surname + phone digits", "surname + company typo", "middle initial not in record"),
)
BESIDE = ("acronym",)
CLASSES = (*PLAIN, *HARD, *BESIDE)
_LETTERS = "abcdefghijklmnopqrstuvwxyz"
_TRIES = 400
folded = lru_cache(maxsize=None)(folding.folded)


@dataclass(frozen=True, slots=True)
class Query:
    """What is typed, and what is wanted: record to grade."""

    kind: str
    text: str
    wanted: Mapping[str, int]


class World:
    """The records that one user sees, by what people know of them."""

    def __init__(self, entries: Sequence[Entry], chance: random.Random) -> None:
        self.entries = entries
        self._chance = chance
        self.contacts = [each for each in entries if each.object == "Contact"]
        self.western = [each for each in self.contacts if each.language != "ja"]
        self.accounts = [each for each in entries if each.object == "Account"]
        self.latin = [each for each in self.accounts if not each.company.cjk]

    def people(self, accept: Callable[[Entry], bool]) -> dict[str, int]:
        """The contacts that fit."""
        return {each.id: 1 for each in self.contacts if accept(each)}

    @cached_property
    def known(self) -> frozenset[str]:
        """Folded names that somebody has: a typo that makes one of them is another name, no typo."""
        words = {each.first for each in self.contacts} | {each.last for each in self.contacts}
        return frozenset(folded(each) for each in words | {each.company.brand for each in self.accounts})

    def draw(self, some: Sequence[Entry]) -> Entry:
        """One of them."""
        return self._chance.choice(some)

    def typo(self, word: str, *, first: bool = False) -> str:
        """The word with one letter wrong: the first one, or another."""
        while True:
            place = 0 if first else self._chance.randrange(1, len(word))
            kind = self._chance.randrange(4)
            if kind == 0:
                wrong = word[:place] + self._chance.choice(_LETTERS) + word[place + 1 :]
            elif kind == 1:
                wrong = word[:place] + word[place + 1 :]
            elif kind == 2:
                wrong = word[:place] + self._chance.choice(_LETTERS) + word[place:]
            else:
                wrong = word[:place] + word[place + 1 : place + 2] + word[place] + word[place + 2 :]
            if folded(wrong) != folded(word) and folded(wrong) not in self.known:
                return wrong


def queries(entries: Sequence[Entry], each: int, seed: int) -> Iterator[Query]:
    """So many of every class, the same for the same seed."""
    for kind in CLASSES:
        chance = random.Random(f"{seed} {kind}")
        world = World(entries, chance)
        made: dict[str, Query] = {}
        for _ in range(_TRIES):
            found = _MAKERS[kind](world, chance)
            if found is not None and found[1]:
                made.setdefault(found[0], Query(kind, *found))
            if len(made) == each:
                break
        yield from made.values()


Made = tuple[str, dict[str, int]] | None


def _same(world: World, one: Entry) -> dict[str, int]:
    name = folded(one.row["Name"])
    return world.people(lambda each: folded(each.row["Name"]) == name)


def _at_company(world: World, one: Entry, *, initial: bool = False) -> dict[str, int]:
    """Who has the surname and works for a company of this brand."""
    last, brand = folded(one.last), one.company.brand
    return world.people(
        lambda each: (
            folded(each.last) == last
            and each.company.brand == brand
            and (not initial or folded(each.first)[0] == folded(one.first)[0])
        )
    )


def _exact(world: World, chance: random.Random) -> Made:
    one = world.draw(world.contacts)
    return one.row["Name"], _same(world, one)


def _prefix(world: World, chance: random.Random) -> Made:
    one = world.draw(world.western)
    if len(one.last) < 5:
        return None
    start = folded(one.last[: chance.choice((3, 4))])
    first = folded(one.first)

    def grade(each: Entry) -> int:
        if each.language == "ja" or not folded(each.last).startswith(start):
            return 0
        return 2 if folded(each.first) == first else int(folded(each.first).startswith(first))

    return f"{one.first} {start}", {each.id: found for each in world.contacts if (found := grade(each))}


def _typo(world: World, chance: random.Random) -> Made:
    one = world.draw(world.western)
    return (f"{one.first} {world.typo(one.last)}", _same(world, one)) if len(one.last) > 4 else None


def _reversed(world: World, chance: random.Random) -> Made:
    one = world.draw(world.western)
    return f"{one.last} {one.first}", _same(world, one)


def _phone(world: World, chance: random.Random) -> Made:
    one = world.draw(world.contacts)
    digits = "".join(char for char in one.row["Phone"].replace("+49", "0").replace("(0)", "") if char.isdigit())
    area = next(each for each in ("030", "040", "089", "0221", "0711") if digits.startswith(each))
    rest = digits[len(area) :]
    spelled = chance.choice(
        (f"{area} {rest[:3]} {rest[3:]}", f"({area}) {rest}", f"+49{area[1:]}{rest}", f"0049 {area[1:]} {rest}", digits)
    )
    return (spelled, {one.id: 1}) if spelled != one.row["Phone"] else None


def _email(world: World, chance: random.Random) -> Made:
    one = world.draw(world.western)
    address = one.row["Email"]
    local, _, domain = address.partition("@")
    typed = chance.choice((address, local, domain))
    if typed == domain:
        near = {each.id: 1 for each in world.accounts if each.company.domain == domain}
        return typed, near | {each.id: 1 for each in world.contacts if each.company.domain == domain}
    if typed == local:
        return typed, world.people(lambda each: each.row["Email"].startswith(f"{local}@"))
    return typed, world.people(lambda each: each.row["Email"] == address)


def _surname_company(world: World, chance: random.Random) -> Made:
    one = world.draw(world.western)
    return f"{one.last} {one.company.brand}", _at_company(world, one)


def _nickname(world: World, chance: random.Random) -> Made:
    one = world.draw(world.western)
    called = shipped().called(folded(one.first))
    if not called:
        return None
    nickname = chance.choice(called)
    fits = {nickname, *shipped().called(nickname)}
    return f"{nickname} {one.last}", world.people(
        lambda each: folded(each.first) in fits and folded(each.last) == folded(one.last)
    )


def _initials(world: World, chance: random.Random) -> Made:
    one = world.draw(world.western)
    initial = folded(one.first)[0]
    typed = f"{initial.upper()}{chance.choice(('', '.'))} {one.last}"
    return typed, world.people(lambda each: folded(each.last) == folded(one.last) and folded(each.first)[0] == initial)


def _umlaut(world: World, chance: random.Random) -> Made:
    one = world.draw([each for each in world.western if not each.row["Name"].isascii()])
    german = one.row["Name"].translate(UMLAUTS)
    typed = chance.choice((folded(one.row["Name"]), german, german.upper()))
    return typed, _same(world, one)


def _legal(world: World, chance: random.Random) -> Made:
    one = world.draw(world.latin)
    other = chance.choice([each for each in LEGAL if each != one.company.legal])
    typed = chance.choice((one.company.base, f"{one.company.base} {other}"))
    return typed, {each.id: 1 for each in world.latin if each.company.base == one.company.base}


def _cjk(world: World, chance: random.Random) -> Made:
    one = world.draw([each for each in world.accounts if each.company.cjk])
    typed = one.company.brand[: chance.choice((2, 4))]
    return typed, _fragment(world, typed)


def _katakana(world: World, chance: random.Random) -> Made:
    one = world.draw([each for each in world.accounts if each.company.cjk])
    runs = "".join(char if "\u30a0" <= char <= "\u30ff" else " " for char in one.company.brand).split()
    long = [each for each in runs if len(each) >= 4]
    if not long:
        return None
    place = chance.randrange(len(long[0]) - 2)
    typed = long[0][place : place + 3]
    return typed, _fragment(world, typed)


def _fragment(world: World, typed: str) -> dict[str, int]:
    found = {each.id: 1 for each in world.entries if typed in each.company.name}
    found |= {each.id: 2 for each in world.accounts if typed in each.company.brand}
    return found | {each.id: 2 for each in world.contacts if typed in each.row["Name"]}


def _code(world: World, chance: random.Random) -> Made:
    cases = [each for each in world.entries if each.object == "Case"]
    if chance.random() < 0.5:
        one = world.draw(cases)
        number = one.row["CaseNumber"]
        return chance.choice((number, number.lstrip("0"), f"#{number}", number[2:])), {one.id: 1}
    one = world.draw(world.accounts)
    letters, _, digits = one.row["AccountNumber"].partition("-")
    spelled = (
        *(f"{letters}{digits}", f"{letters} {digits}", f"{letters.lower()}-{digits.lstrip('0')}"),
        *(f"{letters}-{digits}", f"{letters}/{digits}"),
    )
    return chance.choice(spelled), {one.id: 1}


def _two_objects(world: World, chance: random.Random) -> Made:
    one = world.draw([each for each in world.entries if each.object == "Opportunity" and not each.company.cjk])
    brand, deal = one.company.brand, one.first
    assert deal in DEALS
    return f"{brand} {deal.lower()}", {
        each.id: 1
        for each in world.entries
        if each.object == "Opportunity" and each.company.brand == brand and each.first == deal
    }


def _description(world: World, chance: random.Random) -> Made:
    one = world.draw([each for each in world.entries if len(each.words) > 10])
    some = sorted(word for word in one.words if word.islower() and len(word) > 5)
    if len(some) < 2:
        return None
    pair = set(chance.sample(some, 2))
    return " ".join(sorted(pair)), {each.id: 1 for each in world.entries if pair <= each.words}


def _typo_first(world: World, chance: random.Random) -> Made:
    one = world.draw(world.western)
    return (f"{one.first} {world.typo(one.last, first=True)}", _same(world, one)) if len(one.last) > 4 else None


def _typo_both(world: World, chance: random.Random) -> Made:
    one = world.draw(world.western)
    if len(one.last) < 5 or len(one.first) < 5:
        return None
    return f"{world.typo(one.first)} {world.typo(one.last)}", _same(world, one)


def _typo_unfinished(world: World, chance: random.Random) -> Made:
    one = world.draw(world.western)
    if len(one.last) < 8 or not one.last.isascii():
        return None
    whole = one.last[:6]
    wrong = world.typo(whole)[:6]
    near = folded(whole[:5])
    first = folded(one.first)
    return f"{one.first} {wrong}", {
        each.id: 2 if folded(each.last) == folded(one.last) else 1
        for each in world.contacts
        if folded(each.first) == first and folded(each.last).startswith(near)
    }


def _joined(world: World, chance: random.Random) -> Made:
    one = world.draw(world.latin)
    brand, work = one.company.brand, one.company.work
    if chance.random() < 0.5:
        place = chance.randrange(3, len(brand) - 2)
        typed = f"{brand[:place]} {brand[place:]} {work}"
    else:
        typed = f"{brand}{work}"
    return typed, {each.id: 1 for each in world.latin if (each.company.brand, each.company.work) == (brand, work)}


def _noise(world: World, chance: random.Random) -> Made:
    one = world.draw(world.western)
    text = chance.choice(("phone number of {}", "contact details for {}", "find the email of {}", "{} telephone"))
    return text.format(f"{one.first} {one.last}"), _same(world, one)


def _wrong_company(world: World, chance: random.Random) -> Made:
    one = world.draw(world.western)
    other = world.draw(world.latin).company.brand
    if any(each.company.brand == other for each in world.contacts if each.row["Name"] == one.row["Name"]):
        return None
    return f"{one.first} {one.last} {other}", _same(world, one)


def _nickname_typo(world: World, chance: random.Random) -> Made:
    made = _nickname(world, chance)
    if made is None:
        return None
    nickname, _, last = made[0].partition(" ")
    return (f"{nickname} {world.typo(last)}", made[1]) if len(last) > 4 else None


def _initial_company(world: World, chance: random.Random) -> Made:
    one = world.draw(world.western)
    typed = f"{folded(one.first)[0]} {one.last} {one.company.brand}"
    return typed, _at_company(world, one, initial=True)


def _infix(world: World, chance: random.Random) -> Made:
    one = world.draw(world.latin)
    brand = one.company.brand.lower()
    if len(brand) < 8:
        return None
    place = chance.randrange(1, 3)
    piece = brand[place : place + 5]
    return piece, {each.id: 1 for each in world.accounts if piece in each.company.name.lower()} | {
        each.id: 1 for each in world.contacts if piece in folded(each.row["Name"])
    } | {each.id: 1 for each in world.entries if each.object == "Opportunity" and piece in each.row["Name"].lower()}


def _surname_digits(world: World, chance: random.Random) -> Made:
    one = world.draw(world.western)
    digits = one.row["Phone"][-4:]
    last = folded(one.last)
    return f"{one.last} {digits}", world.people(
        lambda each: folded(each.last) == last and each.row["Phone"].endswith(digits)
    )


def _company_typo(world: World, chance: random.Random) -> Made:
    one = world.draw(world.western)
    if not one.company.brand.isascii():
        return None
    return f"{one.last} {world.typo(one.company.brand)}", _at_company(world, one)


def _middle(world: World, chance: random.Random) -> Made:
    one = world.draw(world.western)
    return f"{one.first} {chance.choice('ABCDEFGHKLMPRSTW')}. {one.last}", _same(world, one)


def _acronym(world: World, chance: random.Random) -> Made:
    one = world.draw(world.latin)

    def initials(each: Entry) -> str:
        company = each.company
        return (company.brand[0] + company.work[:1] + company.kind[:1]).upper()

    typed = initials(one)
    return typed, {each.id: 1 for each in world.latin if initials(each) == typed}


_MAKERS: Mapping[str, Callable[[World, random.Random], Made]] = {
    "exact": _exact,
    "prefix": _prefix,
    "typo": _typo,
    "reversed": _reversed,
    "phone": _phone,
    "email": _email,
    "surname + company": _surname_company,
    "nickname": _nickname,
    "initials": _initials,
    "umlaut": _umlaut,
    "legal form": _legal,
    "CJK fragment": _cjk,
    "record code": _code,
    "two objects": _two_objects,
    "description words": _description,
    "typo in first letter": _typo_first,
    "typo in both words": _typo_both,
    "typo in unfinished word": _typo_unfinished,
    "joined or split": _joined,
    "noise words": _noise,
    "wrong company added": _wrong_company,
    "nickname + typo": _nickname_typo,
    "initial + surname + company": _initial_company,
    "infix of a brand": _infix,
    "katakana fragment": _katakana,
    "surname + phone digits": _surname_digits,
    "surname + company typo": _company_typo,
    "middle initial not in record": _middle,
    "acronym": _acronym,
}
