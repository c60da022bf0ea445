"""Reports that are sent by themselves: to whom, how, and when.

Times are local times of the org. One that a change to summer time leaves out is run at the first moment after it; one
that comes twice is run the first time. Runs that were missed, while nothing was running, are made up for once.
"""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum
from itertools import count

from forcedex.domain.days import ONE_DAY

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
#: Between two tries, by how many failed; then the last one again and again until the next run is due.
_PAUSES = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15), timedelta(hours=1))


YESTERDAY = "yesterday"


class Every(StrEnum):
    """How often."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"


class Target(StrEnum):
    """Where it goes: to its owner's own address, or into the folder of its owner."""

    MAIL = "mail"
    FOLDER = "folder"


class Form(StrEnum):
    """What is sent."""

    CSV = "csv"
    JSON = "json"
    HTML = "html"


@dataclass(frozen=True, kw_only=True, slots=True)
class Times:
    """When it is sent."""

    every: Every
    at: time
    #: Of a week: 0 Monday to 6 Sunday. Of a month: 1 to 31, the last day of shorter ones; else without meaning.
    on: int = 0

    def after(self, moment: datetime, zone: tzinfo) -> datetime:
        """The first time after a moment, both in UTC."""
        first = moment.astimezone(zone).date() - ONE_DAY
        return next(each for day in self._days(first) if (each := instant(day, self.at, zone)) > moment)

    def _days(self, first: date) -> Iterator[date]:
        """The days on which it is sent, from a day on."""
        for number in count():
            day = first + timedelta(days=number)
            match self.every:
                case Every.DAY:
                    yield day
                case Every.WEEK if day.weekday() == self.on:
                    yield day
                case Every.MONTH if day.day == min(self.on, monthrange(day.year, day.month)[1]):
                    yield day

    def __str__(self) -> str:
        on = {Every.DAY: "", Every.WEEK: f" on {WEEKDAYS[self.on % 7]}", Every.MONTH: f" on the {self.on}."}
        return f"every {self.every}{on[self.every]} at {self.at:%H:%M}"


def instant(day: date, at: time, zone: tzinfo) -> datetime:
    """A local time as UTC: the first of two, and the first moment after one that there is not."""
    local = datetime.combine(day, at, zone)
    moment = local.astimezone(UTC)
    if moment.astimezone(zone).replace(tzinfo=None) == local.replace(tzinfo=None):
        return moment
    # In a gap: `fold` tells the offsets before and after it; with the one after it, a moment before the gap comes out.
    before, after = local.utcoffset(), local.replace(fold=1).utcoffset()
    assert before is not None and after is not None
    low, high = sorted((moment, local.replace(fold=1).astimezone(UTC)))
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) / 2
        low, high = (low, middle) if middle.astimezone(zone).utcoffset() == after else (middle, high)
    return high.replace(microsecond=0)


def pause(failures: int) -> timedelta:
    """How long to wait after so many tries that failed, at least one."""
    return _PAUSES[min(failures, len(_PAUSES)) - 1]


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """What is asked of the report, as on the command line."""

    by: tuple[str, ...] = ()
    period: str = ""
    compare: str = ""
    where: tuple[str, ...] = ()
    top: int = 0
    #: A day, or `YESTERDAY`: the day before each run; empty: now.
    as_of: str = ""
    since: str = ""
    share: str = ""

    def as_of_day(self, today: date) -> date | None:
        """The day at whose end things stood, for a run on this day; None: now. ValueError for what is no day."""
        if self.as_of == YESTERDAY:
            return today - ONE_DAY
        return date.fromisoformat(self.as_of) if self.as_of else None


@dataclass(frozen=True, kw_only=True, slots=True)
class Schedule:
    """A report that is sent by itself."""

    number: int
    #: The user, by 18-character Id, whose report it is, who gets it, and with whose eyes it is asked.
    owner: str
    report: str
    asked: Asked = field(default_factory=Asked)
    times: Times
    target: Target
    form: Form
    #: The run that comes next, or the one that is due.
    due: datetime
    #: Not before; None: when it is due.
    retry: datetime | None = None
    failures: int = 0
    #: Why the last run was not sent; empty: it was.
    problem: str = ""
    #: Whether that lasts until a person does something: it is not tried again before the next run.
    stopped: bool = False
    sent_at: datetime | None = None

    @property
    def ready(self) -> datetime:
        """When it is to be run."""
        return max(self.due, self.retry) if self.retry else self.due


@dataclass(frozen=True, slots=True)
class OwnReport:
    """A report that was saved."""

    name: str
    #: The user whose it is; empty: the operator's, and everybody's to use.
    owner: str
    #: TOML.
    text: str
    saved_at: datetime
