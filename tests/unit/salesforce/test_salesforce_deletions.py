"""What was deleted in a span of time, against an org made of answers."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from forcedex.domain.change import DeletedRecords
from forcedex.domain.errors import SourceDataError, SourceRefused
from forcedex.domain.schema import SObject
from forcedex.salesforce.deletions import deleted_records
from forcedex.salesforce.transport import Transport

if TYPE_CHECKING:
    from tests.unit.salesforce.conftest import ScriptedOrg

Connect = Callable[..., Transport]
NOW = datetime(2026, 6, 1, 12, 0, 30, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


def answer(*deleted: tuple[str, str], covered: str = "2026-06-01T12:00:00.000+0000") -> dict[str, object]:
    return {
        "deletedRecords": [{"id": record_id, "deletedDate": time} for record_id, time in deleted],
        "earliestDateAvailable": "2026-05-20T07:52:00.000+0000",
        "latestDateCovered": covered,
    }


async def test_a_span_is_asked_for_in_whole_minutes(org: "ScriptedOrg", connect: Connect, contact: SObject) -> None:
    org.reply(200, answer(("003000000000001", "2026-06-01T11:30:05.000+0000")))

    found = await deleted_records(connect(), contact, NOW - timedelta(hours=1, seconds=5), NOW, NOW)

    assert found == DeletedRecords(
        records=(("003000000000001AAA", datetime(2026, 6, 1, 11, 30, 5, tzinfo=UTC)),),
        earliest=datetime(2026, 5, 20, 7, 52, tzinfo=UTC),
        covered=datetime(2026, 6, 1, 12, tzinfo=UTC),
    )
    [request] = org.requests
    assert request.url.path == "/services/data/v67.0/sobjects/Contact/deleted/"
    assert dict(request.url.params) == {"start": "2026-06-01T11:00:00+00:00", "end": "2026-06-01T12:00:00+00:00"}


@pytest.mark.parametrize(
    ("covered", "expected"),
    [
        ("2026-06-01T11:10:00.000+0000", datetime(2026, 6, 1, 11, 10, tzinfo=UTC)),  # a transaction is still open
        ("2026-06-01T12:00:30.000+0000", datetime(2026, 6, 1, 12, 0, tzinfo=UTC)),  # the last half minute was cut off
    ],
)
async def test_an_answer_covers_no_more_than_was_asked_for_and_said(
    org: "ScriptedOrg", connect: Connect, contact: SObject, covered: str, expected: datetime
) -> None:
    org.reply(200, answer(covered=covered))

    assert (await deleted_records(connect(), contact, NOW - DAY, NOW, NOW)).covered == expected


@pytest.mark.parametrize("start", [NOW, NOW - timedelta(seconds=20), NOW + MINUTE, NOW + DAY])
async def test_a_span_without_a_whole_minute_covers_nothing_and_costs_nothing(
    org: "ScriptedOrg", connect: Connect, contact: SObject, start: datetime
) -> None:
    found = await deleted_records(connect(), contact, start, NOW, NOW)

    assert (found, org.requests) == (DeletedRecords(records=(), earliest=start, covered=start), [])


async def test_a_span_of_one_minute_begins_earlier(org: "ScriptedOrg", connect: Connect, contact: SObject) -> None:
    org.reply(200, answer())

    await deleted_records(connect(), contact, NOW - MINUTE, NOW, NOW)

    assert org.requests[0].url.params["start"] == "2026-06-01T11:58:00+00:00"


async def test_what_the_org_no_longer_knows_is_cut_off_and_told(
    org: "ScriptedOrg", connect: Connect, contact: SObject
) -> None:
    org.reply(200, {**answer(), "earliestDateAvailable": "2026-05-01T00:00:00.000+0000"})

    found = await deleted_records(connect(), contact, NOW - 20 * DAY, NOW, NOW)

    start = datetime.fromisoformat(org.requests[0].url.params["start"])
    assert NOW - 15 * DAY < start < NOW - 15 * DAY + timedelta(minutes=10)
    assert found.earliest == start


async def test_a_span_that_the_org_does_not_know_at_all_is_refused(
    org: "ScriptedOrg", connect: Connect, contact: SObject
) -> None:
    with pytest.raises(SourceRefused) as caught:
        await deleted_records(connect(), contact, NOW - 20 * DAY, NOW - 16 * DAY, NOW)
    assert (caught.value.code, org.requests) == ("INVALID_REPLICATION_DATE", [])


@pytest.mark.parametrize("code", ["EXCEEDED_ID_LIMIT", "INVALID_REPLICATION_DATE"])
async def test_refusals_keep_their_code(org: "ScriptedOrg", connect: Connect, contact: SObject, code: str) -> None:
    org.refuse(400, code, "no")

    with pytest.raises(SourceRefused) as caught:
        await deleted_records(connect(), contact, NOW - DAY, NOW, NOW)
    assert caught.value.code == code and caught.value.hint


@pytest.mark.parametrize(
    "broken",
    [
        [],
        {},
        {**answer(), "deletedRecords": None},
        {**answer(), "latestDateCovered": None},
        {**answer(), "latestDateCovered": "soon"},
        {**answer(), "latestDateCovered": "2026-06-01T12:00:00"},
        {**answer(), "earliestDateAvailable": 5},
        answer(("nobody", "2026-06-01T11:30:05.000+0000")),
        answer(("003000000000001AAA", "yesterday")),
    ],
)
async def test_an_answer_that_is_not_as_documented_is_not_used(
    org: "ScriptedOrg", connect: Connect, contact: SObject, broken: object
) -> None:
    org.reply(200, broken)

    with pytest.raises(SourceDataError):
        await deleted_records(connect(), contact, NOW - DAY, NOW, NOW)
