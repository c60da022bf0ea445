"""Whether no record can be in two buckets: shown by one field on which their conditions exclude each other."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from itertools import combinations, pairwise, product

from forcedex.analytics.definition import Bucket, Filter, Op, Scalar

#: What values are compared by: numbers, days counted from another day, other texts.
_Rank = tuple[str, Decimal | str]


@dataclass(slots=True)
class _Span:
    """What all conditions on one field leave of it."""

    #: None: every value.
    values: set[str] | None = None
    without: set[str] = field(default_factory=set)
    #: Bounds, and whether each is left out.
    lows: list[tuple[_Rank, bool]] = field(default_factory=list)
    highs: list[tuple[_Rank, bool]] = field(default_factory=list)
    known: bool = False
    unknown: bool = False


def overlaps(buckets: Iterable[Bucket]) -> list[tuple[Bucket, Bucket]]:
    """Pairs that are not shown to exclude each other."""
    spans = [(each, _spans(each)) for each in buckets]
    return [(one, other) for (one, a), (other, b) in combinations(spans, 2) if not _exclude(a, b)]


def ascending(ends: Sequence[Scalar]) -> bool:
    """Whether bounds of ranges rise, and can be compared at all."""
    return all(_under(a, b) for a, b in pairwise(map(_rank, ends)))


def _spans(bucket: Bucket) -> dict[str, _Span]:
    found: dict[str, _Span] = defaultdict(_Span)
    for each in bucket.where:
        if isinstance(each, Filter):
            _narrow(found[each.field], each)
    return found


def _narrow(span: _Span, each: Filter) -> None:
    match each.op:
        case Op.IS:
            wanted = {str(value).casefold() for value in each.values}
            span.values = wanted if span.values is None else span.values & wanted
            span.known = True
        case Op.NOT:
            span.without |= {str(value).casefold() for value in each.values}
        case Op.KNOWN:
            span.known = True
        case Op.UNKNOWN:
            span.unknown = True
        case Op.AT_LEAST | Op.MORE:
            span.lows.append((_rank(each.values[0]), each.op is Op.MORE))
            span.known = True
        case Op.AT_MOST | Op.LESS:
            span.highs.append((_rank(each.values[0]), each.op is Op.LESS))
            span.known = True


def _exclude(one: dict[str, _Span], other: dict[str, _Span]) -> bool:
    return any(_apart(one[name], other[name]) for name in one.keys() & other.keys())


def _apart(a: _Span, b: _Span) -> bool:
    if (a.known and b.unknown) or (a.unknown and b.known):
        return True
    if a.values is not None and b.values is not None and not a.values & b.values:
        return True
    if (a.values is not None and a.values <= b.without) or (b.values is not None and b.values <= a.without):
        return True
    return _below(a, b) or _below(b, a)


def _below(a: _Span, b: _Span) -> bool:
    """Whether everything of a lies under everything of b."""
    for (high, without_high), (low, without_low) in product(a.highs, b.lows):
        if _under(high, low) or (high == low and (without_high or without_low)):
            return True
    return False


def _under(one: _Rank, other: _Rank) -> bool:
    """Whether two bounds can be compared, and the first is the lower one."""
    return one[0] == other[0] and one < other


def _rank(value: Scalar) -> _Rank:
    text = str(value)
    if text.startswith("@"):
        word, _, days = text[1:].partition("-")
        return word, -Decimal(days or 0)
    try:
        number = Decimal(text)
    except InvalidOperation:
        return "text", text
    return ("number", number) if number.is_finite() else ("text", text)
