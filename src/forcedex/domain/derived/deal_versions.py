"""What a deal was from when to when (`x-versions`).

All versions of a deal are reckoned by the one rate of its close date, so that no rate looks like a change. Columns of
which the sync saw changes have the values that they had then; all others those of now.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from forcedex.domain.days import Unit
from forcedex.domain.derived.deal_fields import AMOUNT, CLOSING, STAGES, weighted
from forcedex.domain.derived.fields import CREATED, created, made
from forcedex.domain.derived.history import State, Version, pushed
from forcedex.domain.derived.kinds import DerivedField, Holds, Kind, Record, Setting, as_day, day_text
from forcedex.domain.record import stamp_text

#: Columns that tell how a deal is now, and would be taken for how a version was.
_OF_NOW = frozenset(
    {
        *("Amount", "ExpectedRevenue", "StageName", "CloseDate", "Probability", "IsClosed", "IsWon", "OwnerId"),
        *("ForecastCategory", "ForecastCategoryName", "LastStageChangeDate", "LastActivityDate", "NextStep"),
        *("FiscalQuarter", "FiscalYear", "Fiscal", "LastAmountChangedHistoryId", "LastCloseDateChangedHistoryId"),
        *("LastModifiedDate", "LastModifiedById", "SystemModstamp", "HasOpportunityLineItem", "Owner.Name"),
    }
)


def _of_state(prefix: str, label: str) -> tuple[DerivedField, ...]:
    return (
        made(f"{prefix}stage", Holds.KEY, f"Stage{label}", "StageName"),
        made(f"{prefix}open", Holds.NUMBER, f"Open{label}", *STAGES),
        made(f"{prefix}won", Holds.NUMBER, f"Won{label}", *STAGES),
        made(f"{prefix}fc", Holds.KEY, f"Forecast category{label}", "ForecastCategory"),
        made(f"{prefix}amt", Holds.MINOR, f"Amount{label}", *AMOUNT),
        made(f"{prefix}close_d", Holds.DAY, f"Close date{label}", "CloseDate"),
        made(f"{prefix}close_fq", Holds.KEY, f"Closes in fiscal quarter{label}", "CloseDate"),
        made(f"{prefix}owner", Holds.KEY, f"Owner{label}", "OwnerId"),
    )


#: What is watched beside the columns that versions repeat, since its history may be incomplete or not read.
_WATCHED = frozenset({"StageName", "Amount", "CloseDate", "ForecastCategory", "OwnerId", "Probability"})
#: What versions repeat and is not watched: names and currency are those of now, privacy decides who sees them today.
_NOT_WATCHED = frozenset(
    {
        *("Id", "Name", "IsDeleted", "IsPrivate", "CurrencyIsoCode", "CreatedDate", "CreatedById", "PushCount"),
        *("LastViewedDate", "LastReferencedDate", "LastActivityInDays", "LastStageChangeInDays", "AgeInDays"),
        *("HasOpenActivity", "HasOverdueTask", "IqScore"),
    }
)


def watched(column: str) -> bool:
    """Whether changes of a column make versions."""
    return column in _WATCHED or column not in _OF_NOW | _NOT_WATCHED


VERSIONS = Kind(
    name="x-versions",
    label="Deal version",
    label_plural="Deal versions",
    many=True,
    left_out=_OF_NOW,
    fields=(
        *CREATED,
        made("valid", Holds.SPAN, "Held", "CreatedDate"),
        made("at", Holds.MOMENT, "Since", "CreatedDate"),
        made("seq", Holds.NUMBER, "Number", "CreatedDate"),
        made("source", Holds.KEY, "Source", "CreatedDate"),
        made("first", Holds.NUMBER, "First", "CreatedDate"),
        *_of_state("", ""),
        made("wamt", Holds.MINOR, "Weighted amount", *AMOUNT, "Probability"),
        *_of_state("b_", " before"),
        made("delta", Holds.MINOR, "Change of the amount", *AMOUNT),
        made("stage_changed", Holds.NUMBER, "Stage changed", "StageName"),
        made("stage_secs", Holds.NUMBER, "Seconds in the stage before", "StageName"),
        made("pushed", Holds.NUMBER, "Close date moved out", *CLOSING),
    ),
)


@dataclass(frozen=True, kw_only=True, slots=True)
class DealVersion:
    """One version: what is derived, and the columns that had another value than they have now."""

    values: dict[str, object]
    columns: Mapping[str, object]


def deal_versions(record: Record, history: Sequence[Version], setting: Setting) -> list[DealVersion]:
    """All versions of a deal, the oldest first."""
    shared = created(record, setting)
    close = as_day(record.get("CloseDate"))
    found = []
    entered = history[0].at
    for number, version in enumerate(history):
        last = number == len(history) - 1
        values = _state_values("x.", version.state, record, setting, close, last=last)
        changed = version.before is not None and version.before.stage != version.state.stage
        values |= {
            **shared,
            "x.wamt": _weighted(version.state, record, setting, close),
            "x.valid": {"gte": stamp_text(version.at), **({"lt": stamp_text(version.end)} if version.end else {})},
            "x.at": stamp_text(version.at),
            "x.seq": number,
            "x.source": version.source,
            "x.first": int(number == 0),
            "x.stage_changed": int(changed),
            "x.pushed": int(pushed(version)),
        }
        if version.before is not None:
            before = _state_values("x.b_", version.before, record, setting, close, last=False)
            values |= before
            values["x.delta"] = _number(values.get("x.amt")) - _number(before.get("x.b_amt"))
        if changed:
            values["x.stage_secs"] = int((version.at - entered).total_seconds())
            entered = version.at
        found.append(DealVersion(values=values, columns=_columns(version.state, record)))
    return found


def _columns(state: State, record: Record) -> dict[str, object]:
    """The columns that had another value then; of what they led to then, nothing is known."""
    then: dict[str, object] = {name: value for name, value in state.more.items() if value != record.get(name)}
    for name in list(then):
        if name.endswith(("Id", "__c")):
            relationship = f"{name.removesuffix('Id')}." if name.endswith("Id") else f"{name.removesuffix('__c')}__r."
            then |= {path: None for path in record if path.startswith(relationship)}
    return then


def _weighted(state: State, record: Record, setting: Setting, rate_day: date | None) -> int | None:
    """Amount × Probability ÷ 100 as they were then, rounded once."""
    return weighted(setting, state.amount, state.probability, record.get("CurrencyIsoCode"), rate_day)


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0


def _state_values(
    prefix: str, state: State, record: Record, setting: Setting, rate_day: date | None, *, last: bool
) -> dict[str, Any]:
    stage = setting.stages.get(str(state.stage))
    if last:
        is_open, won = not record.get("IsClosed"), bool(record.get("IsWon"))
    else:
        is_open, won = stage is not None and not stage.closed, stage is not None and stage.won
    return {
        f"{prefix}stage": state.stage,
        f"{prefix}open": int(is_open),
        f"{prefix}won": int(won),
        f"{prefix}fc": state.forecast_category,
        f"{prefix}amt": setting.minor(state.amount, record.get("CurrencyIsoCode"), rate_day),
        f"{prefix}close_d": day_text(state.close),
        f"{prefix}close_fq": setting.fiscal_key(state.close, Unit.QUARTER),
        f"{prefix}owner": state.owner,
    }
