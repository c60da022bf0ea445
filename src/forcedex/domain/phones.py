"""Phone numbers as people type them, reduced to digits, so that every spelling finds the same number."""

import re
import unicodedata

_NO_DIGIT = re.compile(r"[^0-9]+")
#: `+49 (0)30`: dialled inside the country alone.
_TRUNK = re.compile(r"(?<=\d)\s*\(0\)")
_EXTENSION = re.compile(r"(?:ext\.?|x|#)\s*\d{1,6}\s*$", re.IGNORECASE)


_PUNCTUATION = str.maketrans("", "", " ()+-./\u00a0")


def digits(text: str) -> str:
    """The digits of a phone number without its extension: `+49 (0)30 1234-0 ext. 5` is `493012340`."""
    if "(0)" in text and text.lstrip().startswith(("+", "00")):
        text = _TRUNK.sub(" ", text)
    plain = text.translate(_PUNCTUATION)
    if plain.isascii() and plain.isdigit():
        return plain
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text)
    return _NO_DIGIT.sub("", _EXTENSION.sub("", text))


#: Country codes of one and two digits; all others have three. Source: ITU-T E.164, list of assigned codes.
_SHORT_CODES = frozenset(
    {
        *("1", "7", "20", "27", "30", "31", "32", "33", "34", "36", "39", "40", "41", "43", "44", "45", "46", "47"),
        *("48", "49", "51", "52", "53", "54", "55", "56", "57", "58", "60", "61", "62", "63", "64", "65", "66", "81"),
        *("82", "84", "86", "90", "91", "92", "93", "94", "95", "98"),
    }
)


def national_digits(text: str) -> str:
    """The digits without country code and trunk zero: what national and international spellings have in common."""
    found = digits(text)
    plain = text.lstrip()
    if plain.startswith("00"):
        found = found[2:]
    if plain.startswith(("+", "00")):
        length = next((size for size in (1, 2) if found[:size] in _SHORT_CODES), 3)
        found = found[length:]
    return found.lstrip("0") or found


def reversed_digits(text: str) -> str | None:
    """The digits back to front, so that a prefix query finds by the last digits; None without a digit."""
    return digits(text)[::-1] or None
