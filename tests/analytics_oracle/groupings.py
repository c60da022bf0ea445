"""What each standard report can be broken down by, as SQL over the oracle's own tables."""

from collections.abc import Mapping
from dataclasses import dataclass

Sql = Mapping[str, str]

_BANDS = (("0-30", 30), ("31-60", 60), ("61-90", 90), ("91-180", 180))


def calendar(day: str, fiscal: str = "") -> Sql:
    """Units of the calendar over a day; fiscal ones by a struct of keys."""
    found = {
        "day": f"strftime({day}, '%Y-%m-%d')",
        "week": f"strftime(week_of({day}), '%Y-%m-%d')",
        "month": f"strftime({day}, '%Y-%m')",
        "quarter": f"strftime({day}, '%Y-Q') || quarter({day})",
        "year": f"strftime({day}, '%Y')",
    }
    keys = {"month": "fm", "quarter": "fq", "year": "fy"} if fiscal else {}
    return found | {f"fiscal-{unit}": f"{fiscal}.{key}" for unit, key in keys.items()}


def age(day: str) -> str:
    """Days until today, in bands."""
    bands = " ".join(f"WHEN today() - {day} <= {most} THEN '{name}'" for name, most in _BANDS)
    return f"CASE WHEN {day} > today() THEN NULL {bands} ELSE 'over-180' END"


_OWNER, _ACCOUNT = {"owner": "OwnerId"}, {"account": "AccountId"}
_ROOT = {"type": "Type", "source": "LeadSource", "campaign": "CampaignId"}
_ABOUT = {**_OWNER, **_ACCOUNT, **_ROOT}
_NOT_OWNER = {**_ACCOUNT, **_ROOT}
_CLOSING, _CREATION = calendar("close", "close_f"), calendar("created_d", "created_f")
_THEN = {"stage": "stage", "category": "fc", "owner": "owner", **_NOT_OWNER}
_CASES = {"priority": "Priority", "origin": "Origin", "type": "Type", **_ACCOUNT, **_OWNER}
_SCOPES = {"owner": "owner", "campaign": "campaign", "Region__c": "region"}
_COSTS = {**calendar("d"), **_SCOPES}
_QUOTA_UNITS = {name: sql for name, sql in calendar("d").items() if name in ("month", "quarter", "year")}


@dataclass(frozen=True)
class Asked:
    """How a report is asked for."""

    by: Sql
    #: The usual grouping; empty: one row.
    usual: str
    #: The usual period.
    period: str = "all"
    #: Whether it can be asked over all days.
    all: bool = True
    #: What it cannot be broken down by with the usual lag of costs.
    refused: frozenset[str] = frozenset()


REPORTS: Mapping[str, Asked] = {
    "closed-won": Asked({**_CLOSING, **_ABOUT}, "month"),
    "deal-size": Asked({**_CLOSING, **_ABOUT}, "quarter"),
    "new-business": Asked({"first": "CAST(first_win AS VARCHAR)", **_CLOSING, **_ABOUT}, "first"),
    "top-customers": Asked(_ACCOUNT, "account"),
    "product-mix": Asked({"family": "family", "product": "product", **_CLOSING, **_ABOUT}, "family"),
    "win-rate": Asked({**_CLOSING, **_ABOUT}, "quarter"),
    "cohorts": Asked({**_CREATION, "months": "CAST(months AS VARCHAR)", **_ABOUT}, "quarter"),
    "funnel": Asked({"stage": "stage_reached", **_ABOUT}, "stage"),
    "transitions": Asked({"from": "b_stage", "to": "stage"}, "to"),
    "losses": Asked({"stage": "lost_from", **_ABOUT}, "stage"),
    "loss-reasons": Asked({"reason": "Loss_Reason__c", **_CLOSING, **_ABOUT}, "reason"),
    "loss-drivers": Asked({**_ABOUT, **_CLOSING}, "source"),
    "lead-conversion": Asked(
        {"source": "LeadSource", **_OWNER, "status": "Status", "industry": "Industry", **_CREATION}, "source"
    ),
    "sales-cycle": Asked({**_CLOSING, **_ABOUT}, "quarter"),
    "time-in-stage": Asked({"stage": "b_stage"}, "stage"),
    "open-pipeline": Asked(
        {"stage": "StageName", "category": "ForecastCategoryName", "age": age("created_d"), **_ABOUT, **_CLOSING},
        "stage",
    ),
    "open-pipeline@then": Asked({**_THEN, **calendar("close")}, "stage"),
    "pipeline-created": Asked({**_CREATION, **_NOT_OWNER}, "month"),
    "slipped": Asked(_NOT_OWNER, "type", "this-quarter", all=False),
    "hygiene": Asked({**_ABOUT, "stage": "StageName", "category": "ForecastCategoryName"}, "owner"),
    "forecast": Asked({"category": "ForecastCategory"}, "category", "this-fiscal-quarter"),
    "forecast@then": Asked({"category": "fc"}, "category", "this-fiscal-quarter"),
    "leaderboard": Asked(_OWNER, "owner"),
    "activity": Asked({**_OWNER, **_ACCOUNT, **calendar("d")}, "owner"),
    "case-volume": Asked({**_CREATION, **_CASES}, "month"),
    "first-response": Asked({**_CREATION, **_CASES}, "priority"),
    "time-to-close": Asked({**calendar("closed_d"), **_CASES}, "priority"),
    "backlog": Asked({**_CASES, "age": age("created_d"), **_CREATION}, "priority"),
    "service-quality": Asked({**calendar("closed_d"), **_CASES}, "month"),
    "customer-health": Asked(_ACCOUNT, "account"),
    "campaign-return": Asked({"campaign": "campaign"}, "campaign"),
    "pipeline-trend": Asked(
        {
            **dict.fromkeys(("day", "week", "month", "quarter"), "strftime(point, '%Y-%m-%d')"),
            **_THEN,
            **{"fiscal-quarter": "close_f.fq", "record-type": "RecordTypeId"},
        },
        "month",
        "last-12-months",
        all=False,
    ),
    "waterfall": Asked({"change": "change"}, "change", "this-quarter", all=False),
    "waterfall-gross": Asked({"change": "change", **_NOT_OWNER}, "change", "this-quarter", all=False),
    "push-rate": Asked({"change": "change"}, "change", "this-quarter", all=False),
    "forecast-accuracy": Asked({}, "", "last-quarter", all=False),
    "velocity": Asked(_ABOUT, "owner", "last-2-quarters"),
    "stalled": Asked({"stage": "StageName", **_ABOUT}, "stage"),
    "quota": Asked({"owner": "owner", **_QUOTA_UNITS}, "owner", "this-year"),
    "coverage": Asked({"owner": "owner", **_QUOTA_UNITS}, "owner", "this-quarter"),
    "pacing": Asked({"owner": "owner"}, "owner", "this-quarter", all=False),
    "efficiency": Asked(_COSTS, "quarter"),
    "lagged-efficiency": Asked(_COSTS, "month", refused=frozenset(calendar("d")) - {"month", "quarter"}),
    "cac": Asked(_COSTS, "quarter"),
}
#: What costs can be nobody's of.
SCOPES = frozenset(_SCOPES)
#: The ends of a trend's units.
ENDS = {
    "day": "true",
    "week": "week_of(d + 1) = d + 1",
    "month": "day(d + 1) = 1",
    "quarter": "day(d + 1) = 1 AND month(d + 1) IN (1, 4, 7, 10)",
}
