"""Marks in short texts, made here: what begins like a typed word, holds it, or is nearly it.

Elasticsearch's highlighter would run every typo's automaton again for every hit, which costs more than the search.
"""

from collections.abc import Sequence

from forcedex.domain.folding import folded
from forcedex.search.answer import Segment
from forcedex.search.correction import steps

_SHORTEST_TYPO, _TWO_TYPOS = 4, 8  # letters, as `ways` has them


def begun(text: str, typed: Sequence[str]) -> tuple[Segment, ...]:
    """A text in pieces, the beginnings of its words that were typed (folded) marked."""
    pieces: list[Segment] = []
    for part in _parts(text):
        best = max((each for each in typed if each and folded(part).startswith(each)), key=len, default="")
        end = len(best) if best and folded(part[: len(best)]) == best else (len(part) if best else 0)
        pieces += [Segment(piece, hit) for piece, hit in ((part[:end], True), (part[end:], False)) if piece]
    return _joined(pieces)


def nearly(text: str, typed: Sequence[str]) -> tuple[Segment, ...] | None:
    """A text in pieces, the words marked that are nearly what was typed (folded), or hold it; None without any."""
    pieces = [Segment(part, _is_near(folded(part), typed)) for part in _parts(text)]
    return _joined(pieces) if any(each.hit for each in pieces) else None


def _is_near(part: str, typed: Sequence[str]) -> bool:
    for each in typed:
        if part == each or (len(each) >= _SHORTEST_TYPO and each in part):
            return True
        most = 0 if len(each) < _SHORTEST_TYPO else 1 if len(each) < _TWO_TYPOS else 2
        if most and (steps(each, part, most) <= most or steps(each, part[: len(each)], 1) <= 1):
            return True
    return False


def _parts(text: str) -> list[str]:
    """Words and what stands between them."""
    parts: list[str] = []
    for char in text:
        if parts and char.isalnum() and parts[-1][-1].isalnum():
            parts[-1] += char
        else:
            parts.append(char)
    return parts


def _joined(pieces: Sequence[Segment]) -> tuple[Segment, ...]:
    joined: list[Segment] = []
    for piece in pieces:
        if joined and joined[-1].hit == piece.hit:
            joined[-1] = Segment(joined[-1].text + piece.text, piece.hit)
        else:
            joined.append(piece)
    return tuple(joined)
