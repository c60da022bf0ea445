"""Period rows of custom fiscal years, as Salesforce gives them."""

from collections.abc import Iterator
from datetime import date, timedelta

Row = dict[str, str]

#: Weeks of the three months of a quarter.
PATTERN = (4, 4, 5)


def row(kind: str, first: date, weeks: int, label: str = "", **more: str) -> Row:
    last = first + timedelta(weeks=weeks, days=-1)
    return {
        "Type": kind,
        "StartDate": first.isoformat(),
        "EndDate": last.isoformat(),
        "FullyQualifiedLabel": label,
        "QuarterLabel": "",
        "PeriodLabel": "",
        "FiscalYearSettings.Name": "",
        "FiscalYearSettings.IsStandardYear": "false",
        **more,
    }


def year_of_weeks(year: int, first: date, *, weeks: int = 52) -> Iterator[Row]:
    """A 4-4-5 year; a 53rd week is in its last month."""
    yield row("Year", first, weeks, f"FY {year}")
    start = first
    for quarter in range(1, 5):
        more = weeks - 52 if quarter == 4 else 0
        yield row("Quarter", start, 13 + more, f"Q{quarter} FY {year}")
        for place, count in enumerate(PATTERN):
            long = count + (more if place == 2 else 0)
            # Months numbered by quarter: P1, P2, P3 come four times.
            yield row("Month", start, long, f"P{place + 1} Q{quarter} FY {year}", Number=str(place + 1))
            start += timedelta(weeks=long)
    for week in range(weeks):
        yield row("Week", first + timedelta(weeks=week), 1, f"Week {week + 1} FY {year}")


#: FY 2023 has 53 weeks: it ends on Saturday 3 February 2024.
FIRST = date(2023, 1, 29)


def three_years() -> list[Row]:
    rows = [*year_of_weeks(2023, FIRST, weeks=53)]
    rows += year_of_weeks(2024, FIRST + timedelta(weeks=53))
    return rows + list(year_of_weeks(2025, FIRST + timedelta(weeks=105)))
