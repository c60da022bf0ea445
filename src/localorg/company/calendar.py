"""Business hours, holidays and what is promised to customers within them."""

from dataclasses import dataclass
from datetime import date, time

from localorg.business_time import Hours, read_hours
from localorg.company.table import Value

_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")
_WEEK = (*_WEEKDAYS, "Saturday", "Sunday")
Values = dict[str, Value]

ALWAYS, WORK = 1, 2


def _hours(name: str, zone: str, days: tuple[str, ...], begins: int, ends: int) -> Values:
    found: Values = {"Name": name, "IsDefault": days == _WEEK, "TimeZoneSidKey": zone}
    for day in days:
        found[f"{day}StartTime"], found[f"{day}EndTime"] = time(begins), time(ends)
    return found


#: business hours by number
BUSINESS_HOURS = {
    ALWAYS: _hours("Around the Clock", "GMT", _WEEK, 0, 0),
    WORK: _hours("Business Days", "Europe/Berlin", _WEEKDAYS, 8, 18),
}


def holidays(today: date) -> list[Values]:
    """The holidays: recurring ones, and single ones of some years."""
    first = date(today.year - 7, 1, 1)

    def yearly(name: str, month: str, day: int | None) -> Values:
        return {
            "Name": name,
            "IsAllDay": True,
            "IsRecurrence": True,
            "RecurrenceStartDate": first,
            "RecurrenceType": "RecursYearly",
            "RecurrenceMonthOfYear": month,
            "RecurrenceDayOfMonth": day,
        }

    fourth_thursday: Values = {"RecurrenceInstance": "Fourth", "RecurrenceDayOfWeekMask": 16}
    afternoon: Values = {"IsAllDay": False, "StartTimeInMinutes": 14 * 60, "EndTimeInMinutes": 24 * 60}
    found: list[Values] = [
        yearly("New Year's Day", "January", 1),
        yearly("Labour Day", "May", 1),
        yearly("Thanksgiving", "November", None) | fourth_thursday | {"RecurrenceType": "RecursYearlyNth"},
        yearly("Christmas Day", "December", 25),
        yearly("Boxing Day", "December", 26),
        yearly("New Year's Eve", "December", 31) | afternoon,
    ]
    for year in range(today.year - 3, today.year + 1):
        found.append({"Name": f"Company Day {year}", "IsAllDay": True, "ActivityDate": date(year, 9, 18)})
    return found


@dataclass(frozen=True, slots=True)
class Promise:
    """What a customer is promised for a case of some priority."""

    #: number of the business hours
    hours: int
    #: open minutes until the first response, and until the case is closed
    response: int
    resolution: int


PROMISES = {
    "High": Promise(ALWAYS, 240, 5 * 1440),
    "Medium": Promise(WORK, 480, 15 * 600),
    "Low": Promise(WORK, 1440, 30 * 600),
}


def opening(today: date) -> dict[int, Hours]:
    """When business is open, by the number of the business hours."""
    rows = holidays(today)
    return {number: read_hours(row, rows) for number, row in BUSINESS_HOURS.items()}
