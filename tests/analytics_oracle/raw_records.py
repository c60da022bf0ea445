"""The org's records as its plain REST API gives them to somebody, as tables of text in DuckDB.

Nothing of the product is used: a query per object, page by page, with the columns that its describe shows to this user.
What he may not read is null, an object that he may not read is empty.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
import httpx2

_VERSION = "v66.0"
_AUDIT = ("Id", "IsDeleted", "CreatedDate", "CreatedById", "LastModifiedDate")
#: What the SQL reads, by object.
COLUMNS: dict[str, tuple[str, ...]] = {
    "Organization": (
        *("Id", "TimeZoneSidKey", "DefaultLocaleSidKey", "FiscalYearStartMonth", "UsesStartDateAsFiscalYearName"),
    ),
    "Period": ("Id", "FiscalYearSettingsId", "Type", "StartDate", "EndDate", "FullyQualifiedLabel"),
    "FiscalYearSettings": ("Id", "IsStandardYear"),
    "CurrencyType": ("Id", "IsoCode", "ConversionRate", "IsCorporate"),
    "DatedConversionRate": ("Id", "IsoCode", "StartDate", "NextStartDate", "ConversionRate"),
    "OpportunityStage": ("Id", "ApiName", "SortOrder", "IsClosed", "IsWon", "DefaultProbability"),
    "CaseStatus": ("Id", "ApiName", "IsClosed"),
    "Account": ("Id", "Name"),
    "Opportunity": (
        *_AUDIT,
        *("OwnerId", "AccountId", "Type", "LeadSource", "CampaignId", "StageName", "ForecastCategory"),
        *(
            "ForecastCategoryName",
            "Region__c",
            "Loss_Reason__c",
            "NextStep",
            "RecordTypeId",
            "CurrencyIsoCode",
            "Amount",
            "Probability",
        ),
        *("CloseDate", "LastActivityDate", "IsClosed", "IsWon"),
    ),
    "OpportunityHistory": (
        *("Id", "IsDeleted", "CreatedDate", "OpportunityId", "StageName", "Amount", "CloseDate", "ForecastCategory"),
        *("Probability", "PrevAmount", "PrevCloseDate"),
    ),
    "OpportunityFieldHistory": ("Id", "IsDeleted", "CreatedDate", "OpportunityId", "Field", "OldValue", "NewValue"),
    "OpportunityContactRole": ("Id", "IsDeleted", "OpportunityId"),
    "OpportunityLineItem": (
        *("Id", "IsDeleted", "OpportunityId", "Product2Id", "Quantity", "TotalPrice", "ListPrice"),
    ),
    "Product2": ("Id", "Name", "Family"),
    "Case": (
        *_AUDIT,
        *("OwnerId", "AccountId", "Type", "Priority", "Origin", "IsClosed", "IsEscalated", "ClosedDate"),
        "BusinessHoursId",
    ),
    "CaseHistory": ("Id", "IsDeleted", "CreatedDate", "CaseId", "Field", "OldValue", "NewValue"),
    "CaseComment": (*_AUDIT, "ParentId", "IsPublished"),
    "EmailMessage": (*_AUDIT, "ParentId", "Incoming", "MessageDate", "Status"),
    "CaseMilestone": (*_AUDIT, "CaseId", "MilestoneTypeId", "CompletionDate", "IsCompleted", "IsViolated"),
    "MilestoneType": ("Id", "Name"),
    "BusinessHours": (
        *("Id", "IsDefault", "TimeZoneSidKey"),
        *(
            f"{day}{end}Time"
            for day in ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
            for end in ("Start", "End")
        ),
    ),
    "Holiday": (
        *("Id", "Name", "IsAllDay", "ActivityDate", "StartTimeInMinutes", "EndTimeInMinutes", "IsRecurrence"),
        *("RecurrenceStartDate", "RecurrenceEndDateOnly", "RecurrenceType", "RecurrenceDayOfWeekMask"),
        *("RecurrenceDayOfMonth", "RecurrenceInstance", "RecurrenceMonthOfYear"),
    ),
    "Lead": (
        *_AUDIT,
        *("OwnerId", "LeadSource", "Status", "Industry", "IsConverted", "ConvertedDate", "ConvertedOpportunityId"),
    ),
    "Task": (
        *_AUDIT,
        *("OwnerId", "AccountId", "WhoId", "TaskSubtype", "IsClosed", "CompletedDateTime", "ActivityDate"),
    ),
    "Event": (*_AUDIT, "OwnerId", "AccountId", "WhoId", "IsChild", "IsPrivate", "ActivityDate"),
    "ForecastingQuota": ("Id", "QuotaOwnerId", "QuotaAmount", "StartDate", "CurrencyIsoCode"),
    "Campaign": (
        *("Id", "IsDeleted", "StartDate", "ActualCost", "CurrencyIsoCode", "NumberOfLeads", "NumberOfResponses"),
    ),
    "Sales_Cost__c": (
        "Id",
        "IsDeleted",
        "Month__c",
        "Amount__c",
        "CurrencyIsoCode",
        "User__c",
        "Campaign__c",
        "Region__c",
    ),
}


class Raw:
    """What one user of the org can read."""

    def __init__(self, url: str, token: str) -> None:
        self._client = httpx2.AsyncClient(
            base_url=f"{url}/services/data/{_VERSION}", headers={"Authorization": f"Bearer {token}"}, timeout=120
        )
        #: What he may not read: objects, and `Object.Field`.
        self.hidden: set[str] = set()

    async def load(self, target: duckdb.DuckDBPyConnection, folder: Path) -> None:
        """All objects as tables."""
        async with self._client:
            for name, columns in COLUMNS.items():
                rows = await self._rows(name, columns)
                path = folder / f"{name}.json"
                path.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
                types = ", ".join(f"{each}: 'VARCHAR'" for each in columns)
                found = f"read_json('{path}', format = 'newline_delimited', columns = {{{types}}})"
                empty = ", ".join(f"NULL::VARCHAR AS {each}" for each in columns)
                target.execute(
                    f'CREATE TABLE "{name}" AS ' + (f"FROM {found}" if rows else f"SELECT {empty} WHERE false")
                )

    async def _rows(self, name: str, columns: Sequence[str]) -> list[dict[str, Any]]:
        described = await self._client.get(f"/sobjects/{name}/describe")
        if described.status_code != 200:
            self.hidden.add(name)
            return []
        there = {each["name"] for each in described.json()["fields"]}
        wanted = [each for each in columns if each in there]
        self.hidden.update(f"{name}.{each}" for each in columns if each not in there)
        found: list[dict[str, Any]] = []
        answer = await self._page("/queryAll", {"q": f"SELECT {', '.join(wanted)} FROM {name}"})
        while True:
            found += [{each: _text(row[each]) for each in wanted} for row in answer["records"]]
            if answer["done"]:
                return found
            answer = await self._page("/" + str(answer["nextRecordsUrl"]).partition(f"{_VERSION}/")[2], {})

    async def _page(self, path: str, parameters: dict[str, str]) -> dict[str, Any]:
        answer = await self._client.get(path, params=parameters)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = json.loads(answer.text, parse_float=str, parse_int=str)
        found["done"] = bool(found["done"])
        return found


def _text(value: Any) -> str | None:
    """As JSON has it, with all digits of numbers."""
    return None if value is None else str(value).lower() if isinstance(value, bool) else str(value)
