"""Corrections: words of visible hits that are nearly what was typed. No dictionary of the index is asked."""

from collections import Counter
from collections.abc import Sequence

from forcedex.domain.folding import folded, words
from forcedex.search.answer import Correction, Hit
from forcedex.search.understanding import Understood
from forcedex.search.ways import may_hold_typo

_LOOKED_AT = 10  # hits
_TWO_TYPOS = 8  # letters from which two may be wrong


def correction(query: Understood, hits: Sequence[Hit]) -> Correction | None:
    """What was searched for in fact; None if every word is in the hits as it was typed."""
    found: Counter[str] = Counter()
    for hit in hits[:_LOOKED_AT]:
        marked = [each.text for segments in hit.highlights.values() for each in segments if each.hit]
        for text in (hit.title, *marked):
            found.update(set(words(text)))
    corrected, changed = [], False
    for word in query.words:
        better = _better(word.folded, found) if may_hold_typo(word) and word.needed else None
        corrected.append(better or word.text)
        changed = changed or better is not None
    return Correction(" ".join(corrected), query.text) if changed else None


def _better(typed: str, found: Counter[str]) -> str | None:
    if any(each.startswith(typed) for each in found):
        return None
    most = 2 if len(typed) >= _TWO_TYPOS else 1
    near = [(distance, -count, each) for each, count in found.items() if (distance := steps(typed, each, most)) <= most]
    return min(near)[2] if near else None


def steps(one: str, other: str, most: int) -> int:
    """Letters changed, added, left out or swapped with their neighbour, at most `most` + 1.

    Source: optimal string alignment distance, as Lucene's fuzzy queries count.
    """
    if abs(len(one) - len(other)) > most:
        return most + 1
    before: list[int] = []
    row = list(range(len(other) + 1))
    for place, letter in enumerate(one, 1):
        older, before = before, row
        row = [place]
        for there, wanted in enumerate(other, 1):
            cost = before[there - 1] + (letter != wanted)
            best = min(cost, before[there] + 1, row[there - 1] + 1)
            if older and there > 1 and letter == other[there - 2] and one[place - 2] == wanted:
                best = min(best, older[there - 2] + 1)
            row.append(best)
    return min(row[-1], most + 1)


def is_beginning(typed: str, text: str) -> bool:
    """Whether a folded word begins a word of a text."""
    return any(each.startswith(typed) for each in words(folded(text)))
