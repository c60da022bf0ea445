"""What holds for the whole org, read when a sync is prepared and once a day: for documents, and for who asks.

Source: Salesforce Object Reference, Organization, Period, FiscalYearSettings, CurrencyType (an org with one currency
has no such object) and DatedConversionRate (nor has one without advanced currency management).
"""

from collections.abc import Mapping, Sequence

from forcedex.domain.company import Company
from forcedex.domain.errors import SourceRefused
from forcedex.domain.fiscal import FiscalCalendar
from forcedex.domain.fiscal_rows import ORGANIZATION_COLUMNS, PERIOD_COLUMNS, fiscal_calendar
from forcedex.domain.money import Currencies
from forcedex.domain.ports import Source, StateStore
from forcedex.domain.rate_rows import CURRENCY_COLUMNS, DATED_COLUMNS, currencies
from forcedex.domain.upkeep import NoticeKind
from forcedex.sync.watchman import Watchman

Row = Mapping[str, str]

_COMPANY_COLUMNS = ("TimeZoneSidKey", "DefaultLocaleSidKey")
#: Salesforce's codes for an object that is not there, which one without permission is not, either.
_NOT_THERE = frozenset({"NOT_FOUND", "INVALID_TYPE"})
#: And for what may not be read.
_CLOSED = frozenset({"INSUFFICIENT_ACCESS", "INSUFFICIENT_ACCESS_OR_READONLY", "INVALID_FIELD"})
_HELP = "Give the sync user View Setup and Configuration."


async def read_company(source: Source, store: StateStore, watchman: Watchman) -> Company:
    """The org as it is now, kept; a person is told of what there is and cannot be read or used."""
    began = await source.now()
    found = await _rows(source, "Organization", (*_COMPANY_COLUMNS, *ORGANIZATION_COLUMNS))
    organization = {} if isinstance(found, SourceRefused) or not found else found[0]
    rates, problem = await _currencies(source)
    company = Company(
        time_zone=organization.get("TimeZoneSidKey") or "UTC",
        locale=organization.get("DefaultLocaleSidKey", ""),
        fiscal=await _fiscal_years(source, organization),
        currencies=rates,
    )
    await store.save_company(company, began)
    problems = [*company.problems, *([problem] if problem else [])]
    if problems:
        await watchman.raised("", NoticeKind.COMPANY, " ".join(problems))
    else:
        await watchman.over("", NoticeKind.COMPANY)
    return company


async def _fiscal_years(source: Source, organization: Row) -> FiscalCalendar:
    periods = await _rows(source, "Period", PERIOD_COLUMNS)
    if not isinstance(periods, SourceRefused):
        return fiscal_calendar(organization, periods)
    settings = await _rows(source, "FiscalYearSettings", ("IsStandardYear",))
    if not isinstance(settings, SourceRefused) and any(row.get("IsStandardYear") == "false" for row in settings):
        return FiscalCalendar(
            missing=f"The org has custom fiscal years, and their periods cannot be read: {periods.message} {_HELP}"
        )
    return fiscal_calendar(organization, ())


async def _currencies(source: Source) -> tuple[Currencies, str]:
    """The currencies, none in an org with a single one; and why rates by day are missing, if there are some."""
    types = await _rows(source, "CurrencyType", CURRENCY_COLUMNS)
    if isinstance(types, SourceRefused):
        if types.code in _NOT_THERE:
            return Currencies(), ""
        raise types  # sums in a wrong currency would be worse than none
    dated = await _rows(source, "DatedConversionRate", DATED_COLUMNS)
    if not isinstance(dated, SourceRefused):
        return currencies(types, dated), ""
    hidden = dated.code not in _NOT_THERE
    return currencies(types), f"Conversion rates by day cannot be read: {dated.message} {_HELP}" if hidden else ""


async def _rows(source: Source, name: str, columns: Sequence[str]) -> Sequence[Row] | SourceRefused:
    """All records of an object with those columns that may be read; the refusal if there is no such object to read."""
    try:
        sobject = await source.describe(name)
        known = {*sobject.by_name, *(each.relationship_name for each in sobject.fields)}
        asked = [each for each in columns if each.partition(".")[0] in known]
        pages = source.read(sobject, asked)
        return [dict(zip(page.columns, row, strict=True)) async for page in pages for row in page.rows]
    except SourceRefused as exc:
        if exc.code in _NOT_THERE | _CLOSED:
            return exc
        raise
