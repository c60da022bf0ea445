"""Folding: Müller, Mueller and MULLER are one word, here as in the index.

The same steps as the analysis of every index (`forcedex.elasticsearch.analysis`), so that what is prepared or compared
outside of Elasticsearch meets its terms. Source of the German steps: Lucene's GermanNormalizationFilter.
"""

import re
import unicodedata

_VOWELS_BEFORE_UE = frozenset("aeiouyq")
#: Letters that do not fall apart into a base and a mark.
_SPECIAL = str.maketrans(
    {
        **{"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "ł": "l", "þ": "th"},
        **{"ŋ": "n", "ŧ": "t", "’": "'", "‘": "'", "‐": "-", "‑": "-", "–": "-", "—": "-"},
    }
)
_WORD = re.compile(r"[^\W_]+(?:['.][^\W_]+)*")

CJK = r"\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uac00-\ud7af\uff66-\uff9f"
_HAS_CJK = re.compile(f"[{CJK}]")


def folded(text: str) -> str:
    """The text in lower case without accents and with German umlauts in one spelling."""
    if text.isascii():
        plain = text.lower()
        if "ae" not in plain and "oe" not in plain and "ue" not in plain:
            return plain
        return _german(plain)
    wide = unicodedata.normalize("NFKC", text).lower()
    return _without_marks(_german(wide)).translate(_SPECIAL)


def words(text: str) -> list[str]:
    """The folded words of a text, as the index splits Western ones."""
    return _WORD.findall(folded(text))


def has_cjk(text: str) -> bool:
    """Whether a text holds Chinese, Japanese or Korean characters."""
    return not text.isascii() and _HAS_CJK.search(text) is not None


def _german(text: str) -> str:
    """ä, ö, ü lose their dots; ae, oe, and ue after a consonant other than q become a, o, u; ß becomes ss."""
    result: list[str] = []
    before = ""  # the letter whose following e is dropped, if any
    previous = ""
    for char in text:
        if char == "e" and before:
            before = ""
            previous = "e"
            continue
        if char in "ao":
            before = char
        elif char == "u":
            before = "" if previous in _VOWELS_BEFORE_UE else char
        else:
            before = ""
        result.append({"ä": "a", "ö": "o", "ü": "u", "ß": "ss"}.get(char, char))
        previous = char
    return "".join(result)


def _without_marks(text: str) -> str:
    if text.isascii():
        return text
    apart = unicodedata.normalize("NFD", text)
    return unicodedata.normalize("NFC", "".join(each for each in apart if not _is_latin_mark(each)))


def _is_latin_mark(char: str) -> bool:
    return "\u0300" <= char <= "\u036f"
