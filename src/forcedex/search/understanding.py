"""What a person typed, taken apart: words, and the shapes that mean more than words (Ids, e-mails, phones)."""

import re
import unicodedata
from dataclasses import dataclass

from forcedex.domain.phones import digits
from forcedex.domain.record_id import is_record_id, to_18

#: Longer queries are cut: nobody reads the ninth word of a search box.
MOST_WORDS = 8
_LONGEST = 500  # characters
_CJK = r"\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uac00-\ud7af\uff66-\uff9f"
_WORD = re.compile(rf"[{_CJK}]+|[^\s{_CJK}]+")
_IS_CJK = re.compile(rf"[{_CJK}]")
_SOMETHING = re.compile(r"[\w]", re.UNICODE)
_PHONE = re.compile(r"\+?[\d\s()/.\-]{5,}")


@dataclass(frozen=True, kw_only=True, slots=True)
class Word:
    """One word of the query."""

    text: str
    cjk: bool = False

    @property
    def digits(self) -> str:
        """The word's digits if it has three or more and nothing but digits and punctuation, else empty."""
        found = digits(self.text)
        return found if len(found) >= 3 and not any(char.isalpha() for char in self.text) else ""


@dataclass(frozen=True, kw_only=True, slots=True)
class Understood:
    """A query as the search sees it."""

    #: As typed, without needless blanks.
    text: str
    words: tuple[Word, ...]
    #: 18 characters, if the query is a record Id.
    record_id: str | None = None
    #: Digits, if the whole query is a phone number.
    phone: str | None = None

    @property
    def terms(self) -> int:
        """Q: the number of query terms."""
        return len(self.words)


def understand(text: str) -> Understood:
    """Take a query apart; never raises. Nothing but punctuation and blanks has no words."""
    text = " ".join(unicodedata.normalize("NFKC", text[:_LONGEST]).replace("\x00", " ").split())
    found = [each for each in _WORD.findall(text) if _SOMETHING.search(each)]
    words = tuple(Word(text=each, cjk=bool(_IS_CJK.match(each))) for each in found[:MOST_WORDS])
    record_id = to_18(text) if is_record_id(text) else None
    phone = digits(text) if _PHONE.fullmatch(text) and len(digits(text)) >= 5 else None
    return Understood(text=text, words=words, record_id=record_id, phone=phone)
