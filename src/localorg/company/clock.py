"""Time in the demo company: seconds and days since 1970 in UTC, counted from one given day.

No wall clock: everything is relative to `today`, and nothing has happened after `Clock.now`.
"""

from datetime import UTC, date, datetime
from random import Random

DAY = 86_400  # seconds
_EPOCH = date(1970, 1, 1).toordinal()
#: `now` lies this long before the midnight (UTC) at which `today` begins, so that it has passed wherever
#: on Earth the caller reads the date.
_MARGIN = 14 * 3600  # seconds
_OPENING, _OPEN = 6 * 3600, 12 * 3600  # seconds: business hours begin, and last


def moment(seconds: int) -> datetime:
    """The moment as a datetime."""
    return datetime.fromtimestamp(seconds, UTC)


def day_of(day: int) -> date:
    """The day as a date."""
    return date.fromordinal(day + _EPOCH)


def day_number(day: date) -> int:
    """The date as days since 1970."""
    return day.toordinal() - _EPOCH


def working_day(day: int) -> int:
    """The day itself, or the Friday before when it is a weekend."""
    weekday = (day + 3) % 7  # 1970-01-01 was a Thursday
    return day - (weekday - 4) if weekday > 4 else day


def business_time(random: Random, day: int) -> int:
    """A second within the business hours of the day."""
    return day * DAY + _OPENING + int(random.random() * _OPEN)


def quarter_end(day: int) -> int:
    """The last day of the day's quarter."""
    found = day_of(day)
    month = (found.month - 1) // 3 * 3 + 4
    year = found.year + (month > 12)
    return day_number(date(year, (month - 1) % 12 + 1, 1)) - 1


class Clock:
    """Today, and what is past."""

    def __init__(self, today: date) -> None:
        self.today = today
        self.day = day_number(today)
        self.now = self.day * DAY - _MARGIN
        #: the company began to use Salesforce
        self.start = self.now - 6 * 365 * DAY

    def years_ago(self, years: int) -> date:
        """The first of January that many years ago."""
        return date(self.today.year - years, 1, 1)
