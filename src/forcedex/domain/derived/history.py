"""The versions of an opportunity: what held from when to when.

A version ends where the next begins, so the versions of an opportunity cover its life without gap or overlap. They
come from its history rows (stage, amount, probability, close date, forecast category), from the field history of its
owner, and from what the sync saw change; of one second the org's own rows count, and what they told before is no
change when it is seen. Two changes within one second are one version. Source: Object Reference, OpportunityHistory (a
row holds the values after the change; there is none for a record that never changed) and OpportunityFieldHistory.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any

from forcedex.domain.derived.kinds import Record, as_day, as_moment
from forcedex.domain.observed import Observed

HISTORY, FIELD_HISTORY = "OpportunityHistory", "OpportunityFieldHistory"
_SECOND = timedelta(seconds=1)
_ID = 18


@dataclass(frozen=True, slots=True)
class State:
    """What an opportunity was at one time."""

    stage: str | None = None
    amount: Any = None
    close: date | None = None
    forecast_category: str | None = None
    owner: str | None = None
    probability: Any = None
    #: Columns of which the sync saw changes.
    more: Mapping[str, Any] = field(default_factory=dict)

    def after(self, values: Mapping[str, Any]) -> "State":
        """The state with these values, by attribute or else by column."""
        own = {name: value for name, value in values.items() if name in _ATTRIBUTES}
        rest = {name: value for name, value in values.items() if name not in _ATTRIBUTES}
        return replace(self, **own, more={**self.more, **rest})


#: Column to the attribute that holds it.
_COLUMNS = {
    "StageName": "stage",
    "Amount": "amount",
    "CloseDate": "close",
    "ForecastCategory": "forecast_category",
    "OwnerId": "owner",
    "Probability": "probability",
}
_ATTRIBUTES = frozenset(_COLUMNS.values())


@dataclass(frozen=True, slots=True)
class Version:
    """A state from a moment to before another; the last one has no end."""

    at: datetime
    end: datetime | None
    state: State
    #: The state before it; None for the first.
    before: State | None
    #: Where it comes from: `history`, `field_history`, `observed` (by the sync), `synthetic` (nothing tells),
    #: `reconcile` (what tells lags behind).
    source: str


@dataclass(frozen=True, slots=True)
class _Change:
    at: datetime
    #: Of the same second, what was seen comes first and owners last.
    rank: int
    record_id: str
    source: str
    values: Mapping[str, Any]
    #: What held before it, as far as the row tells.
    before: Mapping[str, Any]

    @property
    def place(self) -> tuple[datetime, int, str]:
        return self.at, self.rank, self.record_id


def versions(
    record: Record, members: Mapping[str, Sequence[Record]], observed: Sequence[Observed] = ()
) -> list[Version]:
    """All versions of an opportunity, the oldest first; at least one."""
    now = _now(record).after({each.field: record.get(each.field) for each in observed if each.field not in _COLUMNS})
    found = [
        *_of_history(members.get(HISTORY, ())),
        *_of_owner(members.get(FIELD_HISTORY, ())),
        *_of_observed(observed),
    ]
    changes = sorted(found, key=lambda each: each.place)
    times = [each.at for each in changes]
    began = min(filter(None, (as_moment(record.get("CreatedDate")), *times[:1])), default=None)
    began = began or as_moment(record["SystemModstamp"])
    assert began is not None  # every record has a stamp
    state = _first(changes, now)
    parts: list[tuple[datetime, State, str]] = [(began, state, "synthetic")]
    for change in changes:
        after = state.after(change.values)
        if change.source == "observed" and after == state:
            continue
        state = after
        if change.at <= parts[-1][0]:
            parts[-1] = (parts[-1][0], state, change.source)
        else:
            parts.append((change.at, state, change.source))
    if state != now:
        changed = as_moment(record.get("LastModifiedDate")) or began
        parts.append((max(changed, parts[-1][0] + _SECOND), now, "reconcile"))
    ends = [*(at for at, _, _ in parts[1:]), None]
    before = [None, *(state for _, state, _ in parts[:-1])]
    return [
        Version(at, end, state, earlier, source)
        for (at, state, source), end, earlier in zip(parts, ends, before, strict=True)
    ]


def _of_history(rows: Sequence[Record]) -> Iterator[_Change]:
    for row in rows:
        at = as_moment(row.get("CreatedDate"))
        if at is None:
            continue
        values = {
            "stage": row.get("StageName"),
            "amount": row.get("Amount"),
            "close": as_day(row.get("CloseDate")),
            "forecast_category": row.get("ForecastCategory"),
            **({"probability": row["Probability"]} if "Probability" in row else {}),
        }
        before = {}
        if row.get("PrevCloseDate"):  # null in the row of the creation
            before = {**values, "amount": row.get("PrevAmount"), "close": as_day(row["PrevCloseDate"])}
        yield _Change(at, 0, str(row["Id"]), "history", values, before or values)


def _of_owner(rows: Sequence[Record]) -> Iterator[_Change]:
    """Changes of the owner: Salesforce may write a row with names and one with Ids, of which the latter counts."""
    for row in rows:
        at, owner = as_moment(row.get("CreatedDate")), str(row.get("NewValue") or "")
        if at is not None and row.get("Field") == "Owner" and _is_person(owner):
            before = {"owner": row["OldValue"]} if row.get("OldValue") else {}
            yield _Change(at, 1, str(row["Id"]), "field_history", {"owner": owner}, before)


def _of_observed(changes: Sequence[Observed]) -> Iterator[_Change]:
    for each in changes:
        name = _COLUMNS.get(each.field, each.field)
        before, after = ((as_day(value) if name == "close" else value) for value in (each.before, each.after))
        yield _Change(each.at, -1, each.field, "observed", {name: after}, {name: before})


def _is_person(text: str) -> bool:
    return text.startswith(("005", "00G")) and len(text) == _ID


def _first(changes: Sequence[_Change], now: State) -> State:
    """What it was in the beginning, as far as the earliest change of each value tells."""
    state = now
    for each in reversed(changes):
        state = state.after(each.before)
    return state


def _now(record: Record) -> State:
    return State(
        stage=record.get("StageName"),
        amount=record.get("Amount"),
        close=as_day(record.get("CloseDate")),
        forecast_category=record.get("ForecastCategory"),
        owner=record.get("OwnerId"),
        probability=record.get("Probability"),
    )


def pushed(version: Version) -> bool:
    """Whether the close date moved out with this version."""
    before = version.before.close if version.before else None
    return bool(before and version.state.close and version.state.close > before)
