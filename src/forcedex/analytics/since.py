"""The days between which changes are told, and the ends of units within a period."""

from collections.abc import Sequence
from datetime import date, timedelta

from forcedex.analytics.definition import Bucket, Dimension, Filter, Op
from forcedex.domain.days import ONE_DAY, Days, Unit, around
from forcedex.domain.errors import Refused

_MOST = 120  # points
_WORDS = ("period-start", "yesterday", "7-days", "week-start", "month-start", "quarter-start")


def since(text: str, as_of: date, period: Days | None, week_start: int) -> date:
    """The first day whose changes are told. Refused for another text, and for a day after `as_of`."""
    beginning = period.first if period and period.first <= as_of else as_of - timedelta(days=7)
    match text or _WORDS[0]:
        case "period-start":
            return beginning
        case "yesterday":
            return as_of - ONE_DAY
        case "7-days":
            return as_of - timedelta(days=7)
        case "week-start":
            return around(as_of, Unit.WEEK, week_start).first
        case "month-start":
            return around(as_of, Unit.MONTH).first
        case "quarter-start":
            return around(as_of, Unit.QUARTER).first
    try:
        found = date.fromisoformat(text)
    except ValueError as exc:
        raise Refused(
            f"“{text[:40]}” is no beginning.", f"Write a day such as 2026-03-31, or {', '.join(_WORDS)}."
        ) from exc
    if found > as_of:
        raise Refused(f"{found} lies after {as_of}.", "Choose an earlier day.")
    return found


def points(dimension: Dimension, days: Days, today: date, week_start: int) -> Dimension:
    """The dimension with one row for each end of a unit in these days, the last of them at the end or today."""
    assert dimension.points is not None
    last = min(days.last, today)
    if last < days.first:
        raise Refused("The period lies in the future.", "Choose another with --period.")
    ends = [last]
    while len(ends) <= _MOST:
        before = around(ends[-1], dimension.points, week_start).first - ONE_DAY
        if before < days.first:
            break
        ends.append(before)
    else:
        raise Refused(
            f"That would be more than {_MOST} {dimension.label.lower()}s.", "Choose a longer unit or a shorter period."
        )
    return Dimension(
        name=dimension.name,
        label=dimension.label,
        buckets=tuple(_point(dimension.field, each) for each in reversed(ends)),
        points=dimension.points,
        partial=True,
    )


def _point(field: str, day: date) -> Bucket:
    return Bucket(name=str(day), label=str(day), where=(Filter(field, Op.AT, (str(day),)),))


def trend(field: str) -> Sequence[Dimension]:
    """Ends of days, weeks, months and quarters over a span."""
    units = (Unit.DAY, Unit.WEEK, Unit.MONTH, Unit.QUARTER)
    return tuple(Dimension(name=str(unit), label=str(unit).capitalize(), field=field, points=unit) for unit in units)
