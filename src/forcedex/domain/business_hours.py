"""How much business time lies between two instants.

An instant is business time if the clock in the time zone of the hours shows a time within that weekday's hours, and no
holiday. So a day on which clocks are put back may have more of it, and one on which they are put forward less, if the
hours are open then. Sources: Salesforce Object Reference, BusinessHours ("from midnight to midnight" is all day; no
times: closed) and Holiday; Apex Reference, `BusinessHours.diff`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from forcedex.domain.days import ONE_DAY, Days
from forcedex.domain.holidays import MINUTES_OF_DAY, Holiday
from forcedex.domain.unknown import Unknown
from forcedex.domain.zones import known_zone

Row = Mapping[str, str]
#: Minutes from midnight, half open.
Hours = tuple[int, int]

_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
HOURS_COLUMNS = (
    *("Name", "TimeZoneSidKey"),
    *(f"{day}{end}Time" for day in _WEEKDAYS for end in ("Start", "End")),
)
ALL_DAY: Hours = (0, MINUTES_OF_DAY)
_ONE_MINUTE = timedelta(minutes=1)
_NOTHING = timedelta(0)


@dataclass(frozen=True, kw_only=True)
class BusinessHours:
    """When people work. The default is around the clock."""

    zone: tzinfo = UTC
    #: Monday first; None: closed.
    week: tuple[Hours | None, ...] = (ALL_DAY,) * 7
    holidays: Sequence[Holiday] = ()

    def __post_init__(self) -> None:
        if len(self.week) != len(_WEEKDAYS):
            raise ValueError(f"a week has seven days, not {len(self.week)}")

    @property
    def always(self) -> bool:
        """Whether all time is business time."""
        return not self.holidays and all(each == ALL_DAY for each in self.week)

    def minutes(self, begin: datetime, end: datetime) -> int:
        """Whole minutes of business time from one instant to another; negative if the second is the earlier."""
        return -self.minutes(end, begin) if end < begin else self.between(begin, end) // _ONE_MINUTE

    def between(self, begin: datetime, end: datetime) -> timedelta:
        """Business time from one instant (with an offset) to another; negative if the second is the earlier."""
        if end < begin:
            return -self.between(end, begin)
        begin, end = begin.astimezone(UTC), end.astimezone(UTC)
        if self.always:
            return end - begin
        found = _NOTHING
        day, last = begin.astimezone(self.zone).date(), end.astimezone(self.zone).date()
        while day <= last:
            for opens, closes in self._open(day):
                found += max(min(closes, end) - max(opens, begin), _NOTHING)
            day += ONE_DAY
        return found

    def _open(self, day: date) -> Iterator[tuple[datetime, datetime]]:
        """The spans of instants of a local day that are business time, in UTC."""
        hours = self.week[day.weekday()]
        if hours is None:
            return
        left = [hours]
        for each in self.holidays:
            if each.falls_on(day):
                left = [part for one in left for part in _without(one, each)]
        if not left:
            return
        midnight = datetime.combine(day, time.min, UTC)
        for begin, end, offset in self._clock(day):
            for opens, closes in left:
                first = max(begin, midnight + opens * _ONE_MINUTE - offset)
                after = min(end, midnight + closes * _ONE_MINUTE - offset)
                if first < after:
                    yield first, after

    def _clock(self, day: date) -> Iterator[tuple[datetime, datetime, timedelta]]:
        """The stretches of a local day with one offset from UTC each: one, or two where clocks are changed."""
        begin, end = (each.astimezone(UTC) for each in Days(day, day + ONE_DAY).moments(self.zone))
        first, last = self._offset(begin), self._offset(end - _ONE_MINUTE)
        if first != last:
            change = self._change(begin, end, first)
            yield begin, change, first
            begin = change
        if begin < end:
            yield begin, end, last

    def _change(self, low: datetime, high: datetime, offset: timedelta) -> datetime:
        """The minute at which the offset ceases to be what it is at `low`; at the latest `high`."""
        while high - low > _ONE_MINUTE:
            middle = low + (high - low) // _ONE_MINUTE // 2 * _ONE_MINUTE
            low, high = (middle, high) if self._offset(middle) == offset else (low, middle)
        return high

    def _offset(self, moment: datetime) -> timedelta:
        return moment.astimezone(self.zone).utcoffset() or _NOTHING


def business_hours(row: Row, holidays: Sequence[Holiday] = ()) -> BusinessHours | Unknown:
    """A BusinessHours row (columns to texts such as `09:00:00.000Z`, empty for null); Unknown names what is wrong."""
    name, zone_name = row.get("Name", "")[:80], row.get("TimeZoneSidKey", "")
    zone = known_zone(zone_name)
    if zone is None:
        return Unknown(f"The time zone “{zone_name[:40]}” of the business hours “{name}” is not known.")
    week: list[Hours | None] = []
    for weekday in _WEEKDAYS:
        start, end = row.get(f"{weekday}StartTime", ""), row.get(f"{weekday}EndTime", "")
        try:
            week.append(_hours(start, end))
        except ValueError:
            return Unknown(
                f"The business hours “{name}” on {weekday} are unclear: from “{start[:20]}” to “{end[:20]}”."
            )
    return BusinessHours(zone=zone, week=tuple(week), holidays=holidays)


def _hours(start: str, end: str) -> Hours | None:
    if not start and not end:
        return None
    begins, ends = _minute(start), _minute(end) or MINUTES_OF_DAY
    if begins >= ends:
        raise ValueError("closes before it opens")
    return begins, ends


def _minute(text: str) -> int:
    found = time.fromisoformat(text)
    return found.hour * 60 + found.minute


def _without(hours: Hours, holiday: Holiday) -> Iterator[Hours]:
    for begins, ends in ((hours[0], min(hours[1], holiday.begins)), (max(hours[0], holiday.ends), hours[1])):
        if begins < ends:
            yield begins, ends
