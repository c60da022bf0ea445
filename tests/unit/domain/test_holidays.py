from datetime import date, timedelta

import pytest

from forcedex.domain.days import Days
from forcedex.domain.holidays import Holiday, days_off, holiday
from forcedex.domain.unknown import Unknown

START = "2024-01-01"
YEARS = Days(date(2024, 1, 1), date(2027, 1, 1))


def row(**more: str) -> dict[str, str]:
    return {"Name": "Rest", "IsAllDay": "true", "IsRecurrence": "false", **more}


def recurring(kind: str, **more: str) -> Holiday:
    found = holiday(row(IsRecurrence="true", RecurrenceType=kind, RecurrenceStartDate=START, **more))
    assert isinstance(found, Holiday), found
    return found


def fallen(one: Holiday, count: int = 4) -> list[str]:
    return [str(day) for day in sorted(days_off([one], YEARS))[:count]]


def test_a_single_holiday_is_one_day() -> None:
    one = holiday(row(ActivityDate="2026-12-25"))
    assert isinstance(one, Holiday)
    assert fallen(one) == ["2026-12-25"]


def test_a_part_of_a_day_is_no_day_off() -> None:
    one = holiday(row(ActivityDate="2026-12-24", IsAllDay="false", StartTimeInMinutes="720", EndTimeInMinutes="1020"))
    assert isinstance(one, Holiday)
    assert (one.begins, one.ends) == (720, 1020)
    assert one.falls_on(date(2026, 12, 24))
    assert fallen(one) == []


@pytest.mark.parametrize(
    ("kind", "more", "days"),
    [
        ("RecursDaily", {"RecurrenceInterval": "10"}, ["2024-01-01", "2024-01-11", "2024-01-21", "2024-01-31"]),
        ("RecursEveryWeekday", {}, ["2024-01-01", "2024-01-02", "2024-01-03", "2024-01-04"]),
        # Mondays and Sundays of every second week; 1 January 2024 is a Monday.
        (
            "RecursWeekly",
            {"RecurrenceInterval": "2", "RecurrenceDayOfWeekMask": "3"},
            ["2024-01-01", "2024-01-14", "2024-01-15", "2024-01-28"],
        ),
        (
            "RecursMonthly",
            {"RecurrenceInterval": "1", "RecurrenceDayOfMonth": "31"},
            ["2024-01-31", "2024-03-31", "2024-05-31", "2024-07-31"],
        ),
        (
            "RecursMonthlyNth",
            {"RecurrenceInterval": "3", "RecurrenceInstance": "Last", "RecurrenceDayOfWeekMask": "62"},
            ["2024-01-31", "2024-04-30", "2024-07-31", "2024-10-31"],  # the last working day
        ),
        (
            "RecursYearly",
            {"RecurrenceMonthOfYear": "February", "RecurrenceDayOfMonth": "29"},
            ["2024-02-29"],
        ),
        (
            "RecursYearlyNth",  # Thanksgiving
            {"RecurrenceMonthOfYear": "November", "RecurrenceInstance": "Fourth", "RecurrenceDayOfWeekMask": "16"},
            ["2024-11-28", "2025-11-27", "2026-11-26"],
        ),
        (
            "RecursYearlyNth",  # Memorial Day
            {"RecurrenceMonthOfYear": "May", "RecurrenceInstance": "Last", "RecurrenceDayOfWeekMask": "2"},
            ["2024-05-27", "2025-05-26", "2026-05-25"],
        ),
    ],
)
def test_a_recurring_holiday_falls_on_its_days(kind: str, more: dict[str, str], days: list[str]) -> None:
    assert fallen(recurring(kind, **more)) == days


def test_a_recurring_holiday_ends() -> None:
    one = recurring("RecursDaily", RecurrenceEndDateOnly="2024-01-03")
    assert fallen(one, 9) == ["2024-01-01", "2024-01-02", "2024-01-03"]
    assert not one.falls_on(date(2023, 12, 31))


@pytest.mark.parametrize(
    "more",
    [
        {},
        {"ActivityDate": "soon"},
        {"ActivityDate": "2026-12-24", "IsAllDay": "false"},
        {"ActivityDate": "2026-12-24", "IsAllDay": "false", "StartTimeInMinutes": "900", "EndTimeInMinutes": "600"},
        {"IsRecurrence": "true", "RecurrenceStartDate": START},
        {"IsRecurrence": "true", "RecurrenceStartDate": START, "RecurrenceType": "RecursAtEaster"},
        {"IsRecurrence": "true", "RecurrenceStartDate": START, "RecurrenceType": "RecursMonthly"},
        {"IsRecurrence": "true", "RecurrenceStartDate": START, "RecurrenceType": "RecursYearly"},
        {"IsRecurrence": "true", "RecurrenceStartDate": START, "RecurrenceType": "RecursMonthlyNth"},
        {
            "IsRecurrence": "true",
            "RecurrenceStartDate": START,
            "RecurrenceType": "RecursDaily",
            "RecurrenceInterval": "0",
        },
    ],
)
def test_a_row_that_does_not_say_when_it_is_is_refused_by_name(more: dict[str, str]) -> None:
    found = holiday(row(**more))
    assert isinstance(found, Unknown)
    assert "“Rest” does not say when" in found.reason


def test_days_off_are_counted_for_pacing() -> None:
    new_year = recurring("RecursYearly", RecurrenceMonthOfYear="January", RecurrenceDayOfMonth="1")
    days = days_off([new_year], YEARS)
    assert days == {date(2024, 1, 1), date(2025, 1, 1), date(2026, 1, 1)}
    assert all(day + timedelta(days=1) not in days for day in days)
