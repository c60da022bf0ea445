"""Fiscal years as an administrator sets them: FiscalYearSettings and Period are made anew, opportunities follow.

No stamp of an opportunity moves. Source: Salesforce Help, "Set the Fiscal Year", "Custom Fiscal Years".
"""

from collections.abc import Sequence

from localorg.fiscal import fiscal_names, load_fiscal
from localorg.fiscal_years import FiscalYear, standard_year
from localorg.records import RecordWriter

_AROUND = range(-4, 4)  # standard years around the current one


def set_standard(writer: RecordWriter, start_month: int, *, by_start: bool) -> None:
    """Standard years from the first of a month. ValueError: there is no such month."""
    if not 1 <= start_month <= 12:
        raise ValueError(f"A fiscal year starts in a month from 1 to 12, not {start_month}.")
    years = [standard_year(writer.now.year + more, start_month, by_start=by_start) for more in _AROUND]
    _save(writer, years, {"FiscalYearStartMonth": start_month, "UsesStartDateAsFiscalYearName": int(by_start)})


def set_custom(writer: RecordWriter, years: Sequence[FiscalYear]) -> None:
    """Custom years, in their order."""
    _save(writer, years, {})


def _save(writer: RecordWriter, years: Sequence[FiscalYear], organization: dict[str, int]) -> None:
    store, objects = writer.store, writer.schema.objects
    with store.transaction() as connection:
        for name in ("Period", "FiscalYearSettings"):
            connection.execute(f'DELETE FROM "{name}"')
        for year in years:
            _insert(writer, year)
        found = store.select(objects["Organization"])
        if organization and found:
            writer.change("Organization", str(found[0]["Id"]), organization)
        fiscal = load_fiscal(store)
        for (day,) in connection.execute('SELECT DISTINCT "CloseDate" FROM "Opportunity"').fetchall():
            named, quarter, text = fiscal_names(fiscal, str(day))
            connection.execute(
                'UPDATE "Opportunity" SET "FiscalYear" = ?, "FiscalQuarter" = ?, "Fiscal" = ? WHERE "CloseDate" = ?',
                (named, quarter, text, day),
            )


def _insert(writer: RecordWriter, year: FiscalYear) -> None:
    kind = "Standard" if year.standard else "Custom"
    settings = {"Name": year.name, "IsStandardYear": int(year.standard), "YearType": kind, "WeekStartDay": 1}
    settings |= {"StartDate": year.first.isoformat(), "EndDate": year.last.isoformat()}
    schemes = dict.fromkeys(("QuarterLabelScheme", "PeriodLabelScheme"), "NumberByYear")
    parent = writer.insert("FiscalYearSettings", settings | schemes | {"QuarterPrefix": "Q", "PeriodPrefix": "P"})
    for one in year.periods:
        row = {"Type": one.kind, "Number": one.number, "FullyQualifiedLabel": one.label}
        row |= {"StartDate": one.first.isoformat(), "EndDate": one.last.isoformat(), "FiscalYearSettingsId": parent}
        labels = {"Month": "PeriodLabel", "Quarter": "QuarterLabel"}
        if one.kind in labels:
            row[labels[one.kind]] = one.short
        period = writer.insert("Period", row | {"IsForecastPeriod": int(one.kind == "Month")})
    writer.change("FiscalYearSettings", parent, {"PeriodId": period})
