"""The words of a question, and the shapes among them that mean more: Ids, e-mails, phones, codes."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from forcedex.domain.codes import code
from forcedex.domain.folding import CJK, folded, has_cjk
from forcedex.domain.legal import LEGAL_FORMS, LEGAL_FORMS_CJK
from forcedex.domain.phones import digits, national_digits
from forcedex.domain.record_id import is_record_id, to_18
from forcedex.search.vocabulary import Vocabulary

#: Longer queries are cut: nobody reads the ninth word of a search box.
MOST_WORDS = 8
LONGEST = 500  # characters
_LONGEST_WORD = 100  # characters
_MOST_NICKNAMES = 8
_WORD = re.compile(rf"[{CJK}]+|[^\s{CJK}]+")
_SOMETHING = re.compile(r"\w")
_EDGES = re.compile(r"^[^\w+#]+|[^\w+#]+$")
_PHONE = re.compile(r"\+?[\d\s()/.\-]{5,}")
_FEWEST_DIGITS = 3
_FEWEST_OF_PHONE = 5
_AFTER_LATIN = "\u0250"


@dataclass(frozen=True, kw_only=True, slots=True)
class Word:
    """One word of the query."""

    text: str
    #: Where it stands in the query as typed.
    span: tuple[int, int] = (0, 0)
    cjk: bool = False
    #: Words that must stand together in this order, in quotes.
    phrase: bool = False
    #: False: noise, a legal form, an initial. It lifts what has it, and nothing is lost without it.
    needed: bool = True
    #: Other names of the same person.
    nicknames: tuple[str, ...] = ()

    @property
    def digits(self) -> str:
        """The word's digits if it has three or more and nothing but digits and punctuation, else empty."""
        if any(char.isalpha() for char in self.text):
            return ""
        found = digits(self.text)
        return found if len(found) >= _FEWEST_DIGITS else ""

    @property
    def code(self) -> str | None:
        """The word as a code, if it looks like one."""
        return None if self.phrase else code(self.text)

    @property
    def term(self) -> str:
        """The word if every analyzer makes one term of it: nothing but Latin letters and digits. Else empty."""
        plain = not self.phrase and all(char.isalnum() and char < _AFTER_LATIN for char in self.text)
        return self.text if plain else ""

    @property
    def folded(self) -> str:
        """As the index has it."""
        return folded(self.text)


@dataclass(frozen=True, kw_only=True, slots=True)
class Expression:
    """Words that have others for them: `chief executive officer` is `ceo`."""

    start: int
    count: int
    others: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Shape:
    """What the whole query looks like."""

    #: 18 characters, if it is a record Id.
    record_id: str | None = None
    #: Digits, if it is a phone number.
    phone: str | None = None
    code: str | None = None
    #: Folded, if it is an e-mail address.
    email: str | None = None


def clean(text: str) -> str:
    """What was typed, bounded and without what cannot be typed; positions in it are those of spans."""
    bounded = text[:LONGEST].replace("\x00", " ")
    whole = bounded.encode("utf-8", "replace").decode("utf-8")
    return unicodedata.normalize("NFKC", whole)[:LONGEST]


def split(text: str, offset: int = 0) -> Iterator[Word]:
    """The words of a text; those of nothing but punctuation are none."""
    for found in _WORD.finditer(text):
        if not _SOMETHING.search(found[0]):
            continue
        span = (offset + found.start(), offset + found.end())
        trimmed = _EDGES.sub("", found[0])[:_LONGEST_WORD]
        yield Word(text=trimmed or found[0][:_LONGEST_WORD], span=span, cjk=has_cjk(trimmed))


def judged(found: Sequence[Word], vocabulary: Vocabulary) -> tuple[Word, ...]:
    """The words with what is known of them: which ones a hit may lack, and who has nicknames."""
    cut = [_without_legal_form(each) for each in found[:MOST_WORDS]]
    spare = [_is_spare(each, vocabulary) for each in cut]
    if all(spare):
        spare = [False] * len(cut)
    long = sum(len(each.text) > 1 or each.cjk for each, idle in zip(cut, spare, strict=True) if not idle)
    result = []
    for each, idle in zip(cut, spare, strict=True):
        initial = len(each.text) == 1 and not each.cjk and not each.text.isdigit()
        nicknames = () if each.phrase or each.cjk else vocabulary.called(each.folded)[:_MOST_NICKNAMES]
        result.append(replace(each, needed=not idle and not (initial and long >= 2), nicknames=nicknames))
    return tuple(result)


def expressions(found: Sequence[Word], vocabulary: Vocabulary) -> tuple[Expression, ...]:
    """The longest expressions that have other words, none over another."""
    plain = [each.folded for each in found]
    result: list[Expression] = []
    start = 0
    while start < len(plain):
        for count in range(min(vocabulary.longest, len(plain) - start), 0, -1):
            if any(each.phrase for each in found[start : start + count]):
                continue
            others = vocabulary.meaning(" ".join(plain[start : start + count]))
            if others:
                result.append(Expression(start=start, count=count, others=others))
                start += count - 1
                break
        start += 1
    return tuple(result)


def shape(text: str) -> Shape:
    """What a whole query looks like."""
    text = text.strip()
    if is_record_id(text) and any(char.isdigit() for char in text):
        return Shape(record_id=to_18(text), code=code(text))
    found = national_digits(text)
    phone = found if _PHONE.fullmatch(text) and len(found) >= _FEWEST_OF_PHONE else None
    email = folded(text) if text.count("@") == 1 and " " not in text else None
    return Shape(phone=phone, code=code(text), email=email)


def _is_spare(word: Word, vocabulary: Vocabulary) -> bool:
    plain = word.folded.replace(".", "")
    return not word.phrase and (plain in LEGAL_FORMS or plain in vocabulary.noise)


def _without_legal_form(word: Word) -> Word:
    if not word.cjk:
        return word
    text = word.text
    for form in LEGAL_FORMS_CJK:
        text = text.replace(form, "")
    return replace(word, text=text or word.text)
