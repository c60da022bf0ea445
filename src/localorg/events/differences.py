"""Long texts as differences: what an event holds instead of the whole new text.

Source: Change Data Capture Developer Guide, "Sending Data Differences for Fields of Updated Records", "Data
Differences in Event Fields".
"""

import hashlib
from difflib import SequenceMatcher

_LEAST_LENGTH = 1_000  # characters
_MOST_GROWTH = 0.5  # of the longer text
_MOST_CHANGED_LINES = 0.25  # of the lines of both texts


def difference(old: str, new: str, *, always: bool = False) -> str | None:
    """A unified diff of lines headed by the SHA-256 of the new text; None: the whole text is sent.

    `always`: also where the documented conditions would send the whole text.
    """
    longest = max(len(old), len(new))
    if not always and (len(new) < _LEAST_LENGTH or abs(len(new) - len(old)) > _MOST_GROWTH * longest):
        return None
    before, after = old.split("\n"), new.split("\n")
    text = f"--- \n+++ {hashlib.sha256(new.encode()).hexdigest()}\n"
    changed = 0
    for kind, first, past, new_first, new_past in SequenceMatcher(None, before, after, False).get_opcodes():
        if kind == "equal":
            continue
        changed += past - first + new_past - new_first
        text += f"@@ -{_span(first, past)} +{_span(new_first, new_past)} @@\n"
        text += "".join(f"-{line}\n" for line in before[first:past])
        text += "".join(f"+{line}\n" for line in after[new_first:new_past])
    if not always and (changed > _MOST_CHANGED_LINES * (len(before) + len(after)) or len(text) > len(new)):
        return None
    return text


def _span(first: int, past: int) -> str:
    """Lines are counted from 1; an empty range names the line before it."""
    return f"{first + (past > first)},{past - first}"
