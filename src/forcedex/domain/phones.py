"""Phone numbers as people type them, reduced to digits, so that every spelling finds the same number."""

import re
import unicodedata

_NO_DIGIT = re.compile(r"[^0-9]+")
_EXTENSION = re.compile(r"(?:ext\.?|x|#)\s*\d{1,6}\s*$", re.IGNORECASE)


_PUNCTUATION = str.maketrans("", "", " ()+-./\u00a0")


def digits(text: str) -> str:
    """The digits of a phone number without its extension: `+49 (0)30 1234-0 ext. 5` is `490301234 0`, joined."""
    plain = text.translate(_PUNCTUATION)
    if plain.isascii() and plain.isdigit():
        return plain
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    return _NO_DIGIT.sub("", _EXTENSION.sub("", text))


def reversed_digits(text: str) -> str | None:
    """The digits back to front, so that a prefix query finds by the last digits; None without a digit."""
    return digits(text)[::-1] or None
