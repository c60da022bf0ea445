"""Faults of change events and of their streams, each as a client meets it."""

import asyncio

import grpc
import pytest

from localorg.fixture import LocalOrg
from tests.localorg.api import Api
from tests.localorg.pubsub import ACCOUNTS, EVERYTHING, PATIENCE, PubSub, Stream, refusal

CONTACTS = "/data/ContactChangeEvent"


async def until(fired: str, org: LocalOrg, times: int = 1) -> None:
    """Wait until a fault has fired."""
    async with asyncio.timeout(PATIENCE):
        while org.org.faults.fired[fired] < times:
            await asyncio.sleep(0.01)


async def test_any_kind_of_change_can_become_a_gap_event(org: LocalOrg, bus: PubSub) -> None:
    kinds = ("CREATE", "UPDATE", "DELETE", "UNDELETE")
    for kind in kinds:
        org.org.faults.arm(f"GAP_{kind}", match="Account")
    contact = org.insert("Contact", LastName="not matched")
    record = org.insert("Account", Name="A")
    org.update("Account", record, Name="B")
    org.delete("Account", record)
    org.undelete("Account", record)
    org.update("Account", record, Name="C")
    changes = await bus.changes(6, EVERYTHING)
    assert [one.kind for one in changes] == ["CREATE", *(f"GAP_{kind}" for kind in kinds), "UPDATE"]
    assert (changes[0].ids, changes[1].ids, changes[1].values) == ([contact], [record], {})
    assert all(org.org.faults.fired[f"GAP_{kind}"] == 1 for kind in kinds)


async def test_a_transaction_can_overflow(org: LocalOrg, bus: PubSub) -> None:
    org.org.faults.arm("GAP_OVERFLOW", match="Account")
    with org.org.store.transaction():
        for number in range(3):
            org.insert("Account", Name=str(number))
        org.insert("Contact", LastName="told")
    over, contact = await bus.changes(2, EVERYTHING)
    assert (over.kind, over.ids, contact.kind) == ("GAP_OVERFLOW", ["000000000000000AAA"], "CREATE")


async def test_ids_can_be_a_wildcard_or_many(org: LocalOrg, bus: PubSub) -> None:
    ids = [org.insert("Account", Name=str(number)) for number in range(4)]
    org.org.faults.arm("WILDCARD_ID")
    org.update("Account", ids[0], Name="x")
    org.org.faults.arm("MERGED_IDS", count=3)
    org.update("Account", ids[3], Name="y")
    wildcard, many = (await bus.changes(6))[4:]
    assert (wildcard.kind, wildcard.ids, wildcard.values) == ("UPDATE", ["001*"], {})
    assert (many.kind, many.ids) == ("UPDATE", [ids[3], ids[0], ids[1]])


async def test_a_schema_can_change_mid_stream_and_be_unavailable_at_first(org: LocalOrg, bus: PubSub) -> None:
    stream = await bus.subscribe()
    org.insert("Account", Name="usual")
    (usual,) = await stream.changes(1)
    org.org.faults.arm("UNKNOWN_SCHEMA", failures=1)
    org.insert("Account", Name="unusual")
    (event,) = (await stream.response()).events
    assert event.event.schema_id != usual.schema_id
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await bus.schema(event.event.schema_id)
    assert refusal(caught.value) == (grpc.StatusCode.UNAVAILABLE, "schema.api.unavailable")
    assert (await bus.decode(event)).values["Name"] == "unusual"
    org.insert("Account", Name="as before")
    assert (await stream.changes(1))[0].schema_id == usual.schema_id


async def test_sequence_numbers_can_have_a_gap(org: LocalOrg, bus: PubSub) -> None:
    org.org.faults.arm("SEQUENCE_GAP")
    org.insert("Account", Name="A")
    org.insert("Account", Name="B")
    assert [one.header["sequenceNumber"] for one in await bus.changes(2)] == [2, 1]


async def test_an_event_can_be_lost(org: LocalOrg, bus: PubSub) -> None:
    org.org.faults.arm("EVENT_LOST", skip=1)
    names = ("first", "lost", "last")
    for name in names:
        org.insert("Account", Name=name)
    for _ in range(2):
        assert [one.values["Name"] for one in await bus.changes(2)] == ["first", "last"]


async def test_a_short_text_can_come_as_a_difference(org: LocalOrg, bus: PubSub) -> None:
    record = org.insert("Account", Name="A", Description="one\ntwo")
    org.org.faults.arm("DIFF_TEXT", match="Account")
    org.update("Account", record, Description="one\n2")
    _, change = await bus.changes(2)
    assert change.names("diffFields") == ["Description"]
    assert change.values["Description"].endswith("@@ -2,1 +2,1 @@\n-two\n+2\n")


async def test_an_event_can_be_out_before_reads_see_the_change(org: LocalOrg, api: Api, bus: PubSub) -> None:
    record = org.insert("Account", Name="old")
    stream = await bus.subscribe()
    await stream.changes(1)
    org.org.faults.arm("EVENT_BEFORE_READ", seconds=1.5)
    writing = asyncio.create_task(api.patch(f"sobjects/Account/{record}", {"Name": "new"}))
    (change,) = await stream.changes(1)
    assert change.values["Name"] == "new"
    assert (await api.get(f"sobjects/Account/{record}"))["Name"] == "old"
    await writing
    assert (await api.get(f"sobjects/Account/{record}"))["Name"] == "new"
    # The stream has had it; others find it in the journal.
    org.insert("Account", Name="next")
    assert (await stream.changes(1))[0].values["Name"] == "next"
    assert [one.replay_id for one in await bus.changes(3)][1] == change.replay_id


async def test_an_event_can_come_twice(org: LocalOrg, bus: PubSub) -> None:
    org.org.faults.arm("DUPLICATE_DELIVERY", match=ACCOUNTS)
    one, other = [org.insert("Account", Name=name) for name in "AB"]
    changes = await bus.changes(3)
    assert [change.ids[0] for change in changes] == [one, one, other]
    assert changes[0].replay_id == changes[1].replay_id


async def test_events_can_come_out_of_order(org: LocalOrg, bus: PubSub) -> None:
    org.org.journal.settings.keepalive = 0.1
    org.insert("Account", Name="before")
    stream = await bus.subscribe()
    (before,) = await stream.changes(1)
    org.org.faults.arm("OUT_OF_ORDER")
    one = org.insert("Account", Name="A")
    await until("OUT_OF_ORDER", org)
    # A client that resumes now still gets what was held back.
    assert (await stream.keepalive()).latest_replay_id == before.replay_id
    org.org.journal.settings.keepalive = 270
    other = org.insert("Account", Name="B")
    found: list[str] = []
    while len(found) < 2:
        found += [(await bus.decode(event)).ids[0] for event in (await stream.response()).events]
    assert found == [other, one]


async def hears_nothing(stream: Stream) -> asyncio.Task[list[str]]:
    """A reader of the next event's records that is still waiting."""

    async def read() -> list[str]:
        while True:
            answer = await stream.response()
            if answer.events:
                return [event.event.id for event in answer.events]

    reading = asyncio.create_task(read())
    done, _ = await asyncio.wait({reading}, timeout=0.5)
    assert not done
    return reading


async def test_keepalives_can_come_without_the_events(org: LocalOrg, bus: PubSub) -> None:
    org.org.journal.settings.keepalive = 0.1
    org.insert("Account", Name="before")
    stream = await bus.subscribe()
    (before,) = await stream.changes(1)
    org.org.faults.arm("KEEPALIVE_ONLY", match=ACCOUNTS)
    await until("KEEPALIVE_ONLY", org)
    org.insert("Account", Name="withheld")
    for _ in range(3):
        assert (await stream.keepalive()).latest_replay_id == before.replay_id
    org.org.faults.clear("KEEPALIVE_ONLY")
    while not (answer := await stream.response()).events:
        pass
    assert (await bus.decode(answer.events[0])).values["Name"] == "withheld"


async def test_a_stream_can_fall_silent_until_the_client_connects_again(org: LocalOrg, bus: PubSub) -> None:
    org.org.journal.settings.keepalive = 0.1
    org.org.faults.arm("SILENT_STREAM", match=ACCOUNTS)
    org.insert("Account", Name="A")
    silent = await bus.subscribe()
    await until("SILENT_STREAM", org)
    reading = await hears_nothing(silent)
    assert len(await bus.changes(1)) == 1
    org.org.faults.clear()
    assert len(await asyncio.wait_for(reading, PATIENCE)) == 1


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        ("STREAM_UNAVAILABLE", grpc.StatusCode.UNAVAILABLE, "service.unavailable"),
        ("PUBSUB_AUTH_ERROR", grpc.StatusCode.UNAUTHENTICATED, "service.auth.error"),
        ("ALLOCATION_EXCEEDED", grpc.StatusCode.RESOURCE_EXHAUSTED, "subscription.limit.exceeded"),
    ],
)
async def test_an_open_stream_can_be_cut(
    org: LocalOrg, bus: PubSub, fault: str, status: grpc.StatusCode, code: str
) -> None:
    org.insert("Account", Name="A")
    stream, other = await bus.subscribe(), await bus.subscribe(CONTACTS)
    await stream.changes(1)
    org.org.faults.arm(fault, match=ACCOUNTS)
    assert await stream.error() == (status, code)
    assert org.org.faults.fired[fault] == 1
    org.insert("Contact", LastName="C")
    assert len(await other.changes(1)) == 1


async def test_a_good_replay_id_can_be_called_corrupted(org: LocalOrg, bus: PubSub) -> None:
    org.insert("Account", Name="A")
    (change,) = await bus.changes(1)
    org.org.faults.arm("REPLAY_ID_CORRUPTED")
    refused = await (await bus.subscribe(replay=change.replay_id)).error()
    assert refused == (grpc.StatusCode.INVALID_ARGUMENT, "subscription.fetch.replayid.corrupted")
    record = org.insert("Account", Name="B")
    again = await bus.subscribe(replay=change.replay_id)
    assert (await again.changes(1))[0].ids == [record]


async def test_any_call_can_be_refused_as_unauthenticated(org: LocalOrg, bus: PubSub) -> None:
    org.org.faults.arm("PUBSUB_AUTH_ERROR", match="GetTopic")
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await bus.topic(ACCOUNTS)
    assert refusal(caught.value) == (grpc.StatusCode.UNAUTHENTICATED, "service.auth.error")
    assert (await bus.topic(ACCOUNTS)).can_subscribe
