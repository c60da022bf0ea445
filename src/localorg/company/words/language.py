"""What a language gives the demo company: names, firms, titles and sentences."""

import unicodedata
from dataclasses import dataclass

_LATIN = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ø": "oe", "æ": "ae", "œ": "oe", "ł": "l"})


def latin(text: str) -> str:
    """The text as it stands in an e-mail address or a domain: lower case, ASCII letters and digits."""
    plain = unicodedata.normalize("NFKD", text.lower().translate(_LATIN))
    return "".join(char for char in plain if char.isascii() and char.isalnum())


@dataclass(frozen=True, slots=True)
class Word:
    """A word as written, with its spelling in ASCII."""

    text: str
    latin: str


@dataclass(frozen=True)
class Sentence:
    """What a customer reports: a subject line and the description under it."""

    subject: str
    description: str


@dataclass(frozen=True)
class Title:
    """A job title, of a man and of a woman, and the department."""

    man: str
    woman: str
    department: str


@dataclass(frozen=True, kw_only=True)
class Language:
    """The words of one language; sentences may hold {product}, {code} and {city}."""

    code: str
    #: Salesforce's LanguageLocaleKey
    locale: str
    women: tuple[Word, ...]
    men: tuple[Word, ...]
    families: tuple[Word, ...]
    #: Chinese and Japanese write the family name first.
    family_first: bool
    #: first and second halves of invented firm names
    heads: tuple[Word, ...]
    tails: tuple[Word, ...]
    trades: tuple[Word, ...]
    #: how a firm is named, from {stem}, {trade}, {city} and {form}
    patterns: tuple[str, ...]
    titles: tuple[Title, ...]
    problems: tuple[Sentence, ...]
    comments: tuple[str, ...]
    tasks: tuple[str, ...]
    meetings: tuple[str, ...]
    notes: tuple[str, ...]


def words(text: str) -> tuple[Word, ...]:
    """Words parted by white space, each `text` or `text=latin`; an underscore stands for a blank."""
    found = []
    for item in text.split():
        written, _, spelled = item.partition("=")
        written = written.replace("_", " ")
        found.append(Word(written, spelled or latin(written)))
    return tuple(found)


def titles(text: str) -> tuple[Title, ...]:
    """One title and department a line, parted by a bar; a slash parts a man's title from a woman's."""
    found = []
    for title, department in _pairs(text):
        man, _, woman = title.partition(" / ")
        found.append(Title(man, woman or man, department))
    return tuple(found)


def sentences(text: str) -> tuple[Sentence, ...]:
    """One subject and description a line, parted by a bar."""
    return tuple(Sentence(subject, description) for subject, description in _pairs(text))


def lines(text: str) -> tuple[str, ...]:
    """The lines of a text."""
    return tuple(line.strip() for line in text.strip().splitlines())


def _pairs(text: str) -> list[tuple[str, str]]:
    parts = (line.partition("|") for line in lines(text))
    return [(left.strip(), right.strip()) for left, _, right in parts]
