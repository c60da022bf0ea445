"""Record numbers and codes as people type them: `INV-000123`, `inv 123` and `123` are one."""

import re

from forcedex.domain.folding import folded

#: What counts as a code: a few letters and digits, no sentence.
_CODE = re.compile(r"(?=[^\d]{0,12}\d)[A-Za-z0-9]{1,16}(?:[-_/.# ]{1,2}[A-Za-z0-9]{1,12}){0,4}")
_APART = re.compile(r"[^a-z0-9]+")
_ZEROS = re.compile(r"(?<!\d)0+(?=\d)")
_NO_DIGIT = re.compile(r"\D+")
_LONGEST = 32  # characters
#: Digits alone find a code from this many on.
_FEWEST_DIGITS = 3
_MOST_WORDS = 3


def code(text: str) -> str | None:
    """A code without punctuation, blanks and leading zeros; None if the text is none."""
    if len(text) > _LONGEST or text.count(" ") >= _MOST_WORDS or _CODE.fullmatch(text) is None:
        return None
    # Zeros go while the parts still stand apart: in `GC-0060` they lead, in `GC1060` they do not.
    return _APART.sub("", _ZEROS.sub("", _APART.sub(" ", folded(text)))) or None


def code_terms(text: str) -> list[str] | None:
    """What a code is found by: as a whole, with its zeros, and by its digits alone; None if the text is none."""
    whole = code(text)
    if whole is None:
        return None
    terms = {whole, _APART.sub("", folded(text))}
    digits = _NO_DIGIT.sub("", whole)
    if len(digits) >= _FEWEST_DIGITS:
        terms.add(digits)
    return sorted(terms)
