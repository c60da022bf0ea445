"""When an object is too far behind."""

from datetime import timedelta

import pytest

from forcedex.domain.upkeep import Mode, NoticeKind, ObjectReport
from forcedex.operations.lag import lagging
from tests.unit.operations.conftest import NOW

LIMIT = timedelta(minutes=5)


@pytest.mark.parametrize(
    ("behind", "text"),
    [
        (None, None),  # the first complete read has not ended
        (timedelta(0), None),
        (timedelta(minutes=-1), None),  # clocks differ
        (LIMIT, None),
        (LIMIT + timedelta(seconds=1), "Account is 5 min behind the org."),
        (timedelta(minutes=61), "Account is 61 min behind the org."),
        (timedelta(hours=3), "Account is 3 h behind the org."),
        (timedelta(hours=30, minutes=7), "Account is 30 h 7 min behind the org."),
    ],
)
def test_an_object_above_the_limit_gets_a_notice(behind: timedelta | None, text: str | None) -> None:
    report = ObjectReport(object="Account", mode=Mode.POLL, synced_at=None if behind is None else NOW - behind)
    found = lagging([report], NOW, LIMIT)
    assert [each.text for each in found] == ([] if text is None else [text])
    for each in found:
        assert (each.object, each.kind, each.since) == (
            "Account",
            NoticeKind.LAG,
            NOW - behind + LIMIT if behind else 0,
        )


def test_the_reason_is_told_where_it_is_known() -> None:
    late = NOW - timedelta(minutes=30)
    polled = ObjectReport(object="Case", mode=Mode.POLL, synced_at=late, poll_seconds=1800, poll_limit="budget")
    frozen = ObjectReport(object="Lead", mode=Mode.FROZEN, synced_at=late, problem="The sync user lost sight of it.")
    assert [each.text for each in lagging([polled, frozen], NOW, LIMIT)] == [
        "Case is 30 min behind the org. It is asked for changes every 30 min only (budget).",
        "Lead is 30 min behind the org. The sync user lost sight of it.",
    ]
