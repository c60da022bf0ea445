"""How the org is set up, as far as derived documents depend on it."""

from collections.abc import Mapping, Sequence
from decimal import Decimal

from forcedex.domain.business_hours import HOURS_COLUMNS, BusinessHours, business_hours
from forcedex.domain.company import Company
from forcedex.domain.derived.kinds import Setting, Stage
from forcedex.domain.errors import SourceRefused
from forcedex.domain.holidays import HOLIDAY_COLUMNS, Holiday, holiday
from forcedex.domain.ports import Source, StateStore

_STAGE_COLUMNS = ("Id", "ApiName", "SortOrder", "IsClosed", "IsWon", "ForecastCategory", "DefaultProbability")
#: Salesforce's codes for an object that is not there, or may not be read.
_CLOSED = frozenset({"NOT_FOUND", "INVALID_TYPE", "INSUFFICIENT_ACCESS", "INSUFFICIENT_ACCESS_OR_READONLY"})


async def read_setting(source: Source, store: StateStore) -> Setting:
    """What was kept of the org, and its stages, statuses and business hours as they are now."""
    statuses = await _rows(source, "CaseStatus", ("Id", "ApiName", "IsClosed"))
    return Setting(
        company=await store.company() or Company(),
        stages={each["ApiName"]: _stage(each) for each in await _rows(source, "OpportunityStage", _STAGE_COLUMNS)},
        closed_statuses=frozenset(each["ApiName"] for each in statuses if each["IsClosed"] == "true"),
        hours=await _hours(source),
    )


def _stage(row: Mapping[str, str]) -> Stage:
    return Stage(
        rank=int(Decimal(row.get("SortOrder") or 0)),
        closed=row["IsClosed"] == "true",
        won=row["IsWon"] == "true",
        forecast_category=row.get("ForecastCategory", ""),
        probability=float(text) if (text := row.get("DefaultProbability")) else None,
    )


async def _hours(source: Source) -> dict[str, BusinessHours]:
    """By Id, the default ones under an empty Id too; with all holidays, since no query tells which have which."""
    found = [holiday(each) for each in await _rows(source, "Holiday", ("Id", *HOLIDAY_COLUMNS))]
    holidays = [each for each in found if isinstance(each, Holiday)]
    hours: dict[str, BusinessHours] = {}
    for row in await _rows(source, "BusinessHours", ("Id", "IsDefault", *HOURS_COLUMNS)):
        made = business_hours(row, holidays)
        if isinstance(made, BusinessHours):
            hours[row["Id"]] = made
            if row.get("IsDefault") == "true":
                hours[""] = made
    return hours


async def _rows(source: Source, name: str, columns: Sequence[str]) -> list[dict[str, str]]:
    """All records of a set-up object; none where there is no such object to read."""
    try:
        sobject = await source.describe(name)
        asked = (*(each for each in columns if each in sobject.by_name), str(sobject.stamp_field))
        return [
            dict(zip(page.columns, row, strict=True)) async for page in source.read(sobject, asked) for row in page.rows
        ]
    except SourceRefused as exc:
        if exc.code in _CLOSED:
            return []
        raise
