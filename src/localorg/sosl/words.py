"""Text in words, as the search index has them.

Salesforce says that it splits text at spaces and punctuation and looks at words without regard to case; Chinese and
Japanese text is split by a dictionary of its own. Here such text is split into pairs of characters.
Source: Salesforce Help, "How Does Search Break Up Text?".
"""

import re
import unicodedata

_WORD = re.compile(r"[^\W_]+")
_CJK = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+")


def folded(text: str) -> str:
    """Without case and accents."""
    parts = unicodedata.normalize("NFKD", text.casefold())
    return unicodedata.normalize("NFC", "".join(each for each in parts if not unicodedata.combining(each)))


def words(text: str) -> list[str]:
    """The words of a text, in their order."""
    if text.isascii():  # most are, and need no more
        return _WORD.findall(text.lower())
    found: list[str] = []
    for word in _WORD.findall(folded(text)):
        at = 0
        for run in _CJK.finditer(word):
            found += [word[at : run.start()]] if run.start() > at else []
            found += _pairs(run.group())
            at = run.end()
        found += [word[at:]] if at < len(word) else []
    return found


def _pairs(text: str) -> list[str]:
    return [text[at : at + 2] for at in range(max(len(text) - 1, 1))]
