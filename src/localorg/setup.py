"""What every org has before any record is made: organization, profiles, two users, stages and statuses, currencies.

A demo company brings most of it; an object that the company brings rows of is left to it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from decimal import Decimal

from localorg import features
from localorg.fiscal_years import FiscalYear, standard_year
from localorg.forecasts import Forecasts
from localorg.ids import record_id
from localorg.permissions import PERMISSION_OBJECTS, governing
from localorg.sharing import defaults
from localorg.sharing.objects import all_shared
from localorg.sharing.rules import SharingRule, save
from localorg.sharing.share_rows import ShareRows
from localorg.store import Store
from localorg.store.values import Value, format_datetime

ADMIN_ID = record_id("005", 1)
INTEGRATION_ID = record_id("005", 2)
_ADMIN_PROFILE, _INTEGRATION_PROFILE, _STANDARD_PROFILE = (record_id("00e", number) for number in (1, 2, 3))


@dataclass(frozen=True)
class SetupTable:
    """Rows of one object."""

    object: str
    columns: tuple[str, ...]
    rows: Sequence[tuple[Value, ...]]


def _table(store: Store, name: str, columns: str, rows: Iterable[tuple[Value, ...]], now: datetime) -> SetupTable:
    """Rows with Ids and audit columns added where the object has them."""
    sobject = store.schema.objects[name]
    audit: dict[str, Value] = {
        "CreatedDate": now,
        "CreatedById": ADMIN_ID,
        "LastModifiedDate": now,
        "LastModifiedById": ADMIN_ID,
        "SystemModstamp": now,
    }
    present = {key: value for key, value in audit.items() if sobject.has(key)}
    return SetupTable(name, (*columns.split(), *present), [(*row, *present.values()) for row in rows])


#: Status values share the prefix 01J; their Ids count on from here, object by object.
_STATUS_FIRST = {"OpportunityStage": 1, "CaseStatus": 101, "LeadStatus": 201, "TaskStatus": 301, "TaskPriority": 401}
_STAGES = (
    ("Prospecting", 10, "Pipeline"),
    ("Qualification", 10, "Pipeline"),
    ("Needs Analysis", 20, "Pipeline"),
    ("Value Proposition", 50, "Pipeline"),
    ("Id. Decision Makers", 60, "Pipeline"),
    ("Perception Analysis", 70, "Pipeline"),
    ("Proposal/Price Quote", 75, "Pipeline"),
    ("Negotiation/Review", 90, "Pipeline"),
    ("Closed Won", 100, "Closed"),
    ("Closed Lost", 0, "Omitted"),
)
#: object, third column, label -> default, third column
_STATUSES: dict[str, tuple[str, dict[str, tuple[bool, bool]]]] = {
    "CaseStatus": (
        "IsClosed",
        {"New": (True, False), "Working": (False, False), "Escalated": (False, False), "Closed": (False, True)},
    ),
    "LeadStatus": (
        "IsConverted",
        {
            "Open - Not Contacted": (True, False),
            "Working - Contacted": (False, False),
            "Closed - Converted": (False, True),
            "Closed - Not Converted": (False, False),
        },
    ),
    "TaskStatus": (
        "IsClosed",
        {
            "Not Started": (True, False),
            "In Progress": (False, False),
            "Completed": (False, True),
            "Waiting on someone else": (False, False),
            "Deferred": (False, False),
        },
    ),
    "TaskPriority": ("IsHighPriority", {"High": (False, True), "Normal": (True, False), "Low": (False, False)}),
}
_RATES = {"USD": "1", "EUR": "0.92", "GBP": "0.79", "JPY": "149.5", "CHF": "0.88", "SEK": "10.6"}


def _fiscal_years(now: datetime) -> list[FiscalYear]:
    return [standard_year(now.year + more) for more in range(-3, 3)]


def _periods(years: list[FiscalYear]) -> Iterator[tuple[Value, ...]]:
    number = 0
    for place, year in enumerate(years, start=1):
        for one in year.periods:
            number += 1
            labels = (one.short if one.kind == "Quarter" else None, one.short if one.kind == "Month" else None)
            identity = (record_id("026", number), record_id("022", place), one.kind)
            yield *identity, one.first, one.last, one.number, one.kind == "Month", *labels, one.label


def setup_tables(store: Store, now: datetime) -> Iterator[SetupTable]:
    """The rows of a new org."""

    def table(name: str, columns: str, rows: Iterable[tuple[Value, ...]]) -> SetupTable:
        return _table(store, name, columns, rows, now)

    yield table(
        "Organization",
        "Id Name OrganizationType InstanceName IsSandbox FiscalYearStartMonth DefaultLocaleSidKey LanguageLocaleKey"
        " TimeZoneSidKey DefaultAccountAccess DefaultContactAccess DefaultOpportunityAccess DefaultLeadAccess"
        " DefaultCaseAccess DefaultCampaignAccess",
        [
            (record_id("00D", 1), "Local Org", "Enterprise Edition", "LCL1", False, 1, "en_US", "en_US", "GMT")
            + ("Edit", "ControlledByParent", "Edit", "ReadEditTransfer", "ReadEditTransfer", "Edit")
        ],
    )
    yield table(
        "Profile",
        "Id Name UserType PermissionsApiEnabled PermissionsViewAllData PermissionsModifyAllData PermissionsViewSetup"
        " PermissionsManageUsers PermissionsViewEncryptedData PermissionsViewAllForecasts PermissionsManageQuotas",
        [
            (_ADMIN_PROFILE, "System Administrator", "Standard", True, True, True, True, True, True, True, True),
            (_INTEGRATION_PROFILE, "Integration", "Standard", True, True, False, True, False, False, True, False),
            (_STANDARD_PROFILE, "Standard User", "Standard", True, False, False, False, False, False, False, False),
        ],
    )
    standard = record_id("0PS", 3)
    yield table(
        "PermissionSet",
        "Id Name Label ProfileId IsOwnedByProfile Type PermissionsApiEnabled",
        [
            (record_id("0PS", 1), "X_Admin", "System Administrator", _ADMIN_PROFILE, True, "Profile", True),
            (record_id("0PS", 2), "X_Integration", "Integration", _INTEGRATION_PROFILE, True, "Profile", True),
            (standard, "X_Standard", "Standard User", _STANDARD_PROFILE, True, "Profile", True),
        ],
    )
    opened = [(one, name) for one in (standard, record_id("0PS", 2)) for name in PERMISSION_OBJECTS]
    yield table(
        "ObjectPermissions",
        "Id ParentId SobjectType PermissionsRead PermissionsCreate PermissionsEdit PermissionsDelete",
        [
            (record_id("110", number), one, name, True, True, True, True)
            for number, (one, name) in enumerate(opened, start=1)
        ],
    )
    yield table("Group", "Id Name Type OwnerId", [(record_id("00G", 1), "Local Org", "Organization", ADMIN_ID)])
    people = (
        (ADMIN_ID, "Ada", "Admin", "admin@localorg.example", _ADMIN_PROFILE, "admin"),
        (INTEGRATION_ID, None, "Integration", "integration@localorg.example", _INTEGRATION_PROFILE, "integr"),
    )
    yield table(
        "User",
        "Id FirstName LastName Name Username Email ProfileId Alias CommunityNickname IsActive UserType TimeZoneSidKey"
        " LocaleSidKey LanguageLocaleKey EmailEncodingKey CurrencyIsoCode DefaultCurrencyIsoCode DigestFrequency"
        " DefaultGroupNotificationFrequency",
        [
            (identifier, first, last, " ".join(filter(None, (first, last))), username, username, profile, alias)
            + (alias, True, "Standard", "GMT", "en_US", "en_US", "UTF-8", "USD", "USD", "D", "N")
            for identifier, first, last, username, profile, alias in people
        ],
    )
    yield table(
        "OpportunityStage",
        "Id MasterLabel ApiName IsActive SortOrder IsClosed IsWon ForecastCategory ForecastCategoryName"
        " DefaultProbability",
        [
            (record_id("01J", place), label, label, True, place, label.startswith("Closed"), label == "Closed Won")
            + (category, category, Decimal(probability))
            for place, (label, probability, category) in enumerate(_STAGES, start=1)
        ],
    )
    for name, (third, values) in _STATUSES.items():
        yield table(
            name,
            f"Id MasterLabel ApiName SortOrder IsDefault {third}",
            [
                (record_id("01J", _STATUS_FIRST[name] + place), label, label, place + 1, default, flag)
                for place, (label, (default, flag)) in enumerate(values.items())
            ],
        )
    yield table(
        "CurrencyType",
        "Id IsoCode ConversionRate DecimalPlaces IsActive IsCorporate",
        [
            (record_id("01L", place), iso, Decimal(rate), 0 if iso == "JPY" else 2, True, iso == "USD")
            for place, (iso, rate) in enumerate(_RATES.items(), start=1)
        ],
    )
    yield table(
        "Pricebook2",
        "Id Name IsActive IsStandard",
        [(record_id("01s", 1), "Standard Price Book", True, True)],
    )
    yield table(
        "RecordType",
        "Id Name DeveloperName SobjectType IsActive",
        [
            (record_id("012", 1), "Customer", "Customer", "Account", True),
            (record_id("012", 2), "Partner", "Partner", "Account", True),
            (record_id("012", 3), "New Business", "New_Business", "Opportunity", True),
            (record_id("012", 4), "Renewal", "Renewal", "Opportunity", True),
        ],
    )
    yield table(
        "ForecastingType",
        "Id DeveloperName MasterLabel DateType RoleType IsActive IsAmount IsPlatformType CanDisplayQuotas Language",
        [
            (record_id("0Db", 1), "OpportunityRevenue", "Opportunity Revenue", "OpportunityCloseDate", "R")
            + (True, True, True, True, "en_US")
        ],
    )
    yield table(
        "CampaignInfluenceModel",
        "Id DeveloperName MasterLabel ModelType IsActive IsDefaultModel RecordPreference Language",
        [
            (record_id("03V", 1), "Primary_Campaign_Source_Model", "Primary Campaign Source Model", "1")
            + (True, True, "AllRecords", "en_US")
        ],
    )
    days = ("Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday")
    yield table(
        "BusinessHours",
        f"Id Name IsActive IsDefault TimeZoneSidKey {' '.join(f'{day}StartTime {day}EndTime' for day in days)}",
        [(record_id("01m", 1), "Default", True, True, "GMT", *[time(0)] * 14)],
    )
    years = _fiscal_years(now)
    yield table(
        "FiscalYearSettings",
        "Id Name IsStandardYear YearType StartDate EndDate WeekStartDay PeriodId QuarterLabelScheme PeriodLabelScheme"
        " QuarterPrefix PeriodPrefix",
        [
            (record_id("022", place), year.name, True, "Standard", year.first, year.last, 1)
            + (record_id("026", place * len(year.periods)), "NumberByYear", "NumberByYear", "Q", "P")
            for place, year in enumerate(years, start=1)
        ],
    )
    yield table(
        "Period",
        "Id FiscalYearSettingsId Type StartDate EndDate Number IsForecastPeriod QuarterLabel PeriodLabel"
        " FullyQualifiedLabel",
        list(_periods(years)),
    )


@dataclass(frozen=True, kw_only=True)
class Arrangement:
    """What a company sets up of who sees what; the rest is in its tables."""

    #: Custom objects whose records start closed, and those without "grant access using hierarchies".
    private: frozenset[str] = frozenset()
    without_hierarchies: tuple[str, ...] = ()
    rules: tuple[SharingRule, ...] = ()
    #: Fields that a profile or permission set does not open, by its name.
    closed_fields: Mapping[str, frozenset[str]] = field(default_factory=dict)
    #: Usernames of users who are frozen.
    frozen: frozenset[str] = frozenset()


def _field_permissions(store: Store, now: datetime, closed: Mapping[str, frozenset[str]]) -> SetupTable:
    """Every set opens the fields of the objects that it opens; profiles' sets also those that are open to all."""
    schema = store.schema
    rows: list[tuple[Value, ...]] = []
    permissions = store.select(schema.objects["ObjectPermissions"], '"PermissionsRead" = 1')
    for one in store.select(schema.objects["PermissionSet"]):
        profile = store.get(schema.objects["Profile"], str(one["ProfileId"])) or {}
        shut = closed.get(str(profile.get("Name") or one["Name"]), frozenset())
        everything = any(row.get("PermissionsViewAllData") for row in (one, profile))
        opened = {str(row["SobjectType"]) for row in permissions if row["ParentId"] == one["Id"]}
        for name, sobject in schema.objects.items():
            by = governing(schema, name)
            if not (everything or by in opened) and not (by is None and one["IsOwnedByProfile"]):
                continue
            for one_field in sobject.fields:
                if one_field.permissionable and f"{name}.{one_field.name}" not in shut:
                    identifier = record_id("01k", len(rows) + 1)
                    rows.append((identifier, one["Id"], name, f"{name}.{one_field.name}", True, one_field.updateable))
    return _table(store, "FieldPermissions", "Id ParentId SobjectType Field PermissionsRead PermissionsEdit", rows, now)


def _logins(store: Store, now: datetime, frozen: frozenset[str]) -> SetupTable:
    users = store.reader.execute('SELECT "Id", "Username" FROM "User" ORDER BY "Id"').fetchall()
    rows = [
        (record_id("0Yw", number), user, username in frozen, False)
        for number, (user, username) in enumerate(users, start=1)
    ]
    return _table(store, "UserLogin", "Id UserId IsFrozen IsPasswordLocked", rows, now)


def _set_up_sharing(store: Store, now: datetime, arrangement: Arrangement) -> None:
    """Defaults of all objects, the logins of all users, share rows of all records."""
    defaults.define(store, store.schema.objects.values(), now, arrangement.private)
    for name in arrangement.without_hierarchies:
        defaults.set_hierarchies(store, name, granted=False)
    for rule in arrangement.rules:
        save(store, rule)
    logins = _logins(store, now, arrangement.frozen)
    store.load(logins.object, logins.columns, logins.rows)
    rows = ShareRows(store, format_datetime(now), ADMIN_ID)
    for one in all_shared(store.schema):
        rows.refresh(one.object)


def set_up(store: Store, now: datetime | None = None, arrangement: Arrangement | None = None) -> None:
    """Give a new org what it lacks."""
    arrangement = arrangement or Arrangement()
    now = (now or datetime.now(UTC)).replace(microsecond=0)
    with store.transaction():
        for table in setup_tables(store, now):
            if store.scalar(f'SELECT 1 FROM "{table.object}" LIMIT 1') is None:
                store.load(table.object, table.columns, table.rows)
        if store.scalar('SELECT 1 FROM "DatedConversionRate" LIMIT 1') is not None:
            features.turn(store, features.ADVANCED_CURRENCY, on=True)
        permissions = _field_permissions(store, now, arrangement.closed_fields)
        store.load(permissions.object, permissions.columns, permissions.rows)
        _set_up_sharing(store, now, arrangement)
        Forecasts(store, format_datetime(now)).recalculate()
