"""The org itself: company information, currencies, fiscal periods, stages and statuses, record types."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

from localorg.company import cases, leads
from localorg.company.clock import moment
from localorg.company.deals import STAGES
from localorg.company.money import CURRENCIES, USD
from localorg.company.numbering import ids
from localorg.company.records import Records
from localorg.company.staff import COMPANY
from localorg.company.table import Row, Sheet, sheet

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
_year_id, _period_id = ids("FiscalYearSettings"), ids("Period")


def sheets(records: Records) -> Iterator[Sheet]:
    """The org's own rows."""
    yield _organization(records)
    yield _currencies(records)
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
    today = records.world.clock.today
    start = moment(records.world.clock.start)

    def rows() -> Iterator[Row]:
        for index, offset in enumerate(_FISCAL_YEARS):
            year = today.year + offset
            yield (
                _year_id(index + 1),
                _period_id((index + 1) * _PERIODS),
                date(year, 1, 1),
                date(year, 12, 31),
                str(year),
                start,
            )

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


def _periods(records: Records) -> Sheet:
    today = records.world.clock.today
    start = moment(records.world.clock.start)

    def spans(year: int) -> Iterator[tuple[str, int, int, int]]:
        """Type, number, first month and months of the periods of a year; the year is the last."""
        for month in range(1, 13):
            yield "Month", month, month, 1
        for quarter in range(1, 5):
            yield "Quarter", quarter, quarter * 3 - 2, 3
        yield "Year", 1, 1, 12

    def rows() -> Iterator[Row]:
        number = 0
        for index, offset in enumerate(_FISCAL_YEARS):
            year = today.year + offset
            for kind, place, month, months in spans(year):
                number += 1
                after = month + months
                end = date(year + (after > 12), (after - 1) % 12 + 1, 1) - timedelta(days=1)
                first = date(year, month, 1)
                labels = {
                    "Month": (first.strftime("%B"), f"{first:%B} FY {year}"),
                    "Quarter": (f"Q{place}", f"Q{place} FY {year}"),
                    "Year": (None, f"FY {year}"),
                }
                label, qualified = labels[kind]
                yield (
                    _period_id(number),
                    _year_id(index + 1),
                    kind,
                    first,
                    end,
                    kind == "Month",
                    label if kind == "Quarter" else None,
                    label if kind == "Month" else None,
                    place,
                    qualified,
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
