"""People: names in six languages and the e-mail addresses that firms make from them."""

from dataclasses import dataclass
from random import Random

from localorg.company.words import Language

_MEN = ("Mr.",) * 16 + ("Dr.", "Dr.", "Prof.", None)
_WOMEN = ("Ms.",) * 12 + ("Mrs.",) * 4 + ("Dr.", "Dr.", "Prof.", None)


@dataclass(frozen=True, slots=True)
class Person:
    """A person's name."""

    first: str | None
    last: str
    #: as Salesforce stores `Name`
    name: str
    salutation: str | None
    #: for e-mail addresses
    latin_first: str
    latin_last: str
    woman: bool


def full_name(first: str | None, last: str, family_first: bool) -> str:
    """First and last name in the order of the language."""
    if not first:
        return last
    return f"{last} {first}" if family_first else f"{first} {last}"


def person(random: Random, language: Language) -> Person:
    """Somebody who speaks the language."""
    pick = random.random
    woman = pick() < 0.44
    givens = language.women if woman else language.men
    first = givens[int(pick() * len(givens))]
    last = language.families[int(pick() * len(language.families))]
    salutations = _WOMEN if woman else _MEN
    return Person(
        first.text,
        last.text,
        full_name(first.text, last.text, language.family_first),
        salutations[int(pick() * 20)],
        first.latin,
        last.latin,
        woman,
    )


def email(random: Random, someone: Person, domain: str) -> str:
    """An address at the firm's domain, within the 80 characters of an e-mail field."""
    style = int(random.random() * 12)
    first, last = someone.latin_first, someone.latin_last or "info"
    if style < 6 and first:
        local = f"{first}.{last}"
    elif style < 9 and first:
        local = f"{first[0]}.{last}"
    elif style == 9 and first:
        local = f"{last}.{first}"
    elif style == 10 and first:
        local = f"{first[0]}{last}"
    else:
        local = last
    found = f"{local}@{domain}"
    if len(found) > 80:
        found = f"{local[:20]}@{domain[-59:].lstrip('-.')}"
    return found if style != 4 else found.title().replace(".Example", ".example")
