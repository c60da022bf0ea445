"""The org itself: company information, currencies, fiscal periods, stages and statuses, record types."""

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from math import sin

from localorg.company import cases, leads
from localorg.company.clock import moment
from localorg.company.deals import STAGES
from localorg.company.money import CURRENCIES, USD
from localorg.company.numbering import ids
from localorg.company.records import Records
from localorg.company.staff import COMPANY
from localorg.company.table import Row, Sheet, sheet
from localorg.fiscal_years import FiscalPeriod, FiscalYear, standard_year

_FISCAL_YEARS = range(-3, 2)  # around this one
_PERIODS = 12 + 4 + 1  # months, quarters and the year
#: object, name, developer name
RECORD_TYPES = (
    ("Account", "Customer", "Customer"),
    ("Account", "Partner", "Partner"),
    ("Opportunity", "New Business", "New_Business"),
    ("Opportunity", "Existing Business", "Existing_Business"),
)

_status_id = ids("OpportunityStage")  # stages and statuses share a key prefix
_LEAD_STATUS, _CASE_STATUS, _TASK_STATUS, _TASK_PRIORITY = 100, 200, 300, 400  # their first numbers
#: from when on the first dated rates hold, and where the last ones end
_ALWAYS, _NEVER = date(1700, 1, 1), date(4000, 12, 31)
_RATE_QUARTERS = 12
_SIX = Decimal("0.000001")
_year_id, _period_id = ids("FiscalYearSettings"), ids("Period")


def sheets(records: Records) -> Iterator[Sheet]:
    """The org's own rows."""
    yield _organization(records)
    yield _currencies(records)
    yield _dated_rates(records)
    yield _record_types(records)
    yield _fiscal_years(records)
    yield _periods(records)
    yield _stages(records)
    yield _lead_statuses(records)
    yield _case_statuses(records)
    yield _task_statuses(records)
    yield _task_priorities(records)


def _organization(records: Records) -> Sheet:
    def rows() -> Iterator[Row]:
        yield (
            ids("Organization")(1),
            COMPANY,
            "18 Foundry Wharf",
            "Boston",
            "MA",
            "02110",
            "United States",
            "+1 617 555 0100",
            "Ada Admin",
            *records.world.setup_audit(),
        )

    return sheet(
        "Organization",
        "Id Name Street City State PostalCode Country Phone PrimaryContact AUDIT",
        rows,
        1,
        DefaultLocaleSidKey="en_US",
        TimeZoneSidKey="America/New_York",
        LanguageLocaleKey="en_US",
        ReceivesInfoEmails=False,
        ReceivesAdminInfoEmails=True,
        FiscalYearStartMonth=1,
        UsesStartDateAsFiscalYearName=False,
        DefaultAccountAccess="None",
        DefaultContactAccess="ControlledByParent",
        DefaultOpportunityAccess="None",
        DefaultLeadAccess="Read",
        DefaultCaseAccess="None",
        DefaultCalendarAccess="HideDetails",
        DefaultPricebookAccess="ReadSelect",
        DefaultCampaignAccess="Read",
        UiSkin="Theme42",
        OrganizationType="Enterprise Edition",
        InstanceName="LOC1",
        IsSandbox=False,
        IsReadOnly=False,
        WebToCaseDefaultOrigin="Web",
    )


def _currencies(records: Records) -> Sheet:
    def rows() -> Iterator[Row]:
        for number, currency in enumerate(CURRENCIES, start=1):
            yield (
                ids("CurrencyType")(number),
                currency.code,
                currency.rate,
                currency.places,
                currency is USD,
                *records.world.setup_audit(),
            )

    columns = "Id IsoCode ConversionRate DecimalPlaces IsCorporate AUDIT"
    return sheet("CurrencyType", columns, rows, len(CURRENCIES), IsActive=True)


def _dated_rates(records: Records) -> Sheet:
    """Rates by quarter of the last three years: up to 6 % off at first, and those of now in the end."""
    today = records.world.clock.today
    last = today.year * 4 + (today.month - 1) // 3
    starts = [date(quarter // 4, quarter % 4 * 3 + 1, 1) for quarter in range(last - _RATE_QUARTERS + 1, last + 1)]
    rows = list(_rate_rows(starts))

    def found() -> Iterator[Row]:
        for number, row in enumerate(rows, start=1):
            yield ids("DatedConversionRate")(number), *row, *records.world.setup_audit()

    columns = "Id IsoCode StartDate NextStartDate ConversionRate AUDIT"
    return sheet("DatedConversionRate", columns, found, len(rows))


def _rate_rows(starts: list[date]) -> Iterator[tuple[str, date, date, Decimal]]:
    for place, currency in enumerate(CURRENCIES):
        begins = [_ALWAYS, *starts] if currency is not USD else [_ALWAYS]
        for number, (start, end) in enumerate(zip(begins, [*begins[1:], _NEVER], strict=True)):
            back = len(begins) - 1 - number
            swing = Decimal(str(round(0.06 * sin(0.7 * back * (1 + place / 7)), 4)))
            yield currency.code, start, end, (currency.rate * (1 + swing)).quantize(_SIX)


def record_type(sobject: str, name: str) -> str:
    """The Id of a record type."""
    names = [(one, label) for one, label, _ in RECORD_TYPES]
    return ids("RecordType")(names.index((sobject, name)) + 1)


def _record_types(records: Records) -> Sheet:
    def rows() -> Iterator[Row]:
        for sobject, name, developer_name in RECORD_TYPES:
            yield record_type(sobject, name), name, developer_name, sobject, *records.world.setup_audit()

    columns = "Id Name DeveloperName SobjectType AUDIT"
    return sheet("RecordType", columns, rows, len(RECORD_TYPES), IsActive=True)


def _fiscal_years(records: Records) -> Sheet:
    start = moment(records.world.clock.start)

    def rows() -> Iterator[Row]:
        for place, year in enumerate(_years(records), start=1):
            yield _year_id(place), _period_id(place * _PERIODS), year.first, year.last, year.name, start

    return sheet(
        "FiscalYearSettings",
        "Id PeriodId StartDate EndDate Name SystemModstamp",
        rows,
        len(_FISCAL_YEARS),
        IsStandardYear=True,
        YearType="Standard",
        QuarterLabelScheme="NumberByYear",
        PeriodLabelScheme="NumberByYear",
        QuarterPrefix="Q",
        PeriodPrefix="P",
        WeekStartDay=1,
    )


def periods(records: Records) -> Iterator[tuple[str, str, FiscalPeriod]]:
    """Every period with its Id and that of its year."""
    number = 0
    for place, year in enumerate(_years(records), start=1):
        for one in year.periods:
            number += 1
            yield _period_id(number), _year_id(place), one


def _years(records: Records) -> list[FiscalYear]:
    return [standard_year(records.world.clock.today.year + offset) for offset in _FISCAL_YEARS]


def _periods(records: Records) -> Sheet:
    start = moment(records.world.clock.start)

    def rows() -> Iterator[Row]:
        for identifier, year, one in periods(records):
            yield (
                identifier,
                year,
                one.kind,
                one.first,
                one.last,
                one.kind == "Month",
                one.short if one.kind == "Quarter" else None,
                one.short if one.kind == "Month" else None,
                one.number,
                one.label,
                start,
            )

    return sheet(
        "Period",
        "Id FiscalYearSettingsId Type StartDate EndDate IsForecastPeriod QuarterLabel PeriodLabel Number"
        " FullyQualifiedLabel SystemModstamp",
        rows,
        len(_FISCAL_YEARS) * _PERIODS,
    )


def _stages(records: Records) -> Sheet:
    def rows() -> Iterator[Row]:
        for number, stage in enumerate(STAGES, start=1):
            yield (
                _status_id(number),
                stage.name,
                stage.name,
                number,
                stage.closed,
                stage.won,
                stage.forecast,
                stage.forecast_name,
                Decimal(stage.probability),
                *records.world.setup_audit(),
            )

    return sheet(
        "OpportunityStage",
        "Id MasterLabel ApiName SortOrder IsClosed IsWon ForecastCategory ForecastCategoryName DefaultProbability"
        " AUDIT",
        rows,
        len(STAGES),
        IsActive=True,
    )


def _statuses(
    records: Records, name: str, first: int, values: tuple[str, ...], default: str, flag: str, flagged: tuple[str, ...]
) -> Sheet:
    def rows() -> Iterator[Row]:
        for number, value in enumerate(values, start=1):
            yield (
                _status_id(first + number),
                value,
                value,
                number,
                value == default,
                value in flagged,
                *records.world.setup_audit(),
            )

    return sheet(name, f"Id MasterLabel ApiName SortOrder IsDefault {flag} AUDIT", rows, len(values))


def _lead_statuses(records: Records) -> Sheet:
    converted = (leads.CONVERTED_STATUS,)
    return _statuses(records, "LeadStatus", _LEAD_STATUS, leads.STATUSES, leads.OPEN, "IsConverted", converted)


def _case_statuses(records: Records) -> Sheet:
    closed = (cases.CLOSED,)
    return _statuses(records, "CaseStatus", _CASE_STATUS, cases.STATUSES, cases.NEW, "IsClosed", closed)


TASK_STATUSES = ("Not Started", "In Progress", "Completed", "Waiting on someone else", "Deferred")
TASK_PRIORITIES = ("High", "Normal", "Low")


def _task_statuses(records: Records) -> Sheet:
    return _statuses(records, "TaskStatus", _TASK_STATUS, TASK_STATUSES, "Not Started", "IsClosed", ("Completed",))


def _task_priorities(records: Records) -> Sheet:
    return _statuses(records, "TaskPriority", _TASK_PRIORITY, TASK_PRIORITIES, "Normal", "IsHighPriority", ("High",))
