"""Versions are made of the org's own history and of what the sync saw change."""

from datetime import UTC, datetime
from typing import Any

from forcedex.domain.derived.history import Version, versions
from forcedex.domain.observed import Observed, Seen, changes, joined, later, together

DEAL = "006000000000001AAA"
NOW: dict[str, Any] = {
    "Id": DEAL,
    "CreatedDate": "2026-01-01T00:00:00.000Z",
    "LastModifiedDate": "2026-01-09T00:00:00.000Z",
    "StageName": "Proposal",
    "Amount": 5.0,
    "CloseDate": "2026-03-03",
    "OwnerId": "005B",
    "Type": "Renewal",
}


def at(day: int) -> datetime:
    return datetime(2026, 1, day, tzinfo=UTC)


def row(day: int, stage: str, amount: float, **more: Any) -> dict[str, Any]:
    when = f"2026-01-{day:02}T00:00:00.000Z"
    return {
        "Id": f"008{day}",
        "CreatedDate": when,
        "StageName": stage,
        "Amount": amount,
        "CloseDate": "2026-03-03",
    } | more


def told(found: list[Version]) -> list[tuple[int, str, str | None, Any, str | None, Any]]:
    return [
        (each.at.day, each.source, each.state.stage, each.state.amount, each.state.owner, each.state.more.get("Type"))
        for each in found
    ]


HISTORY = {"OpportunityHistory": [row(1, "New", 5.0), row(4, "Proposal", 5.0)]}


def test_what_was_seen_divides_what_the_history_tells() -> None:
    seen = [Observed(DEAL, "Type", at(6), "New", "Renewal"), Observed(DEAL, "OwnerId", at(3), "005A", "005B")]
    assert told(versions(NOW, HISTORY, seen)) == [
        (1, "history", "New", 5.0, "005A", "New"),
        (3, "observed", "New", 5.0, "005B", "New"),
        (4, "history", "Proposal", 5.0, "005B", "New"),
        (6, "observed", "Proposal", 5.0, "005B", "Renewal"),
    ]


def test_what_the_history_tells_already_is_no_change_and_in_the_same_second_it_counts() -> None:
    before = told(versions(NOW, HISTORY))
    late = [Observed(DEAL, "StageName", at(6), "New", "Proposal")]
    assert told(versions(NOW, HISTORY, late)) == before
    other = [Observed(DEAL, "StageName", at(4), "New", "Something else")]
    assert told(versions(NOW, HISTORY, other)) == before


def test_without_history_rows_what_was_seen_tells_alone() -> None:
    seen = [
        Observed(DEAL, "StageName", at(4), "New", "Proposal"),
        Observed(DEAL, "CloseDate", at(2), None, "2026-03-03"),
    ]
    found = versions(NOW, {}, seen)
    assert [(each.at.day, each.source, each.state.stage, str(each.state.close)) for each in found] == [
        (1, "synthetic", "New", "None"),
        (2, "observed", "New", "2026-03-03"),
        (4, "observed", "Proposal", "2026-03-03"),
    ]


def test_a_value_that_nothing_told_is_told_at_the_last_save() -> None:
    found = told(versions(NOW, HISTORY, [Observed(DEAL, "Type", at(2), "A", "B")]))
    assert found[-1] == (9, "reconcile", "Proposal", 5.0, "005B", "Renewal")


def seen(day: int, number: int, saved: int | None = None, **values: Any) -> Seen:
    return Seen(DEAL, at(day), number, at(saved or day), values)


def test_a_change_is_told_at_the_last_save_or_else_at_the_last_stamp() -> None:
    assert changes(seen(1, 1, Type="A"), seen(4, 2, saved=3, Type="B")) == [Observed(DEAL, "Type", at(3), "A", "B")]
    assert changes(seen(2, 1, Type="A"), seen(4, 2, saved=2, Type="B")) == [Observed(DEAL, "Type", at(4), "A", "B")]
    assert changes(seen(1, 1, Type="A"), seen(4, 2, Region__c="B")) == []


def test_an_earlier_read_tells_nothing_and_a_hidden_field_is_known_as_it_was() -> None:
    assert not later(seen(4, 9), seen(3, 10)) and not later(seen(4, 9), seen(4, 9)) and later(seen(4, 9), seen(4, 10))
    known = together(seen(1, 1, Type="A", Amount=1), seen(2, 2, Amount=2))
    assert known.values == {"Type": "A", "Amount": 2} and changes(known, seen(3, 3, Type="B"))[0].before == "A"


def test_two_changes_within_a_second_are_one_and_one_that_is_taken_back_is_none() -> None:
    first, second = Observed(DEAL, "Type", at(1), "A", "B"), Observed(DEAL, "Type", at(1), "B", "C")
    assert joined(None, first) == first and joined(first, second) == Observed(DEAL, "Type", at(1), "A", "C")
    assert joined(first, Observed(DEAL, "Type", at(1), "B", "A")) is None
