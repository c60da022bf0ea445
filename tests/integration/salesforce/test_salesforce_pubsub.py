"""Following change events, against a Pub/Sub server that decides every answer."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, aclosing
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import grpc
import pytest
import pytest_asyncio

from forcedex.domain.change import ChangeEvent, ChangeKind, EventBatch
from forcedex.domain.errors import (
    ConfigurationError,
    ForcedexError,
    ReplayExpired,
    SourceUnavailable,
    StreamLost,
    StreamRefused,
)
from forcedex.salesforce import AccessToken, SalesforceSource
from forcedex.salesforce.pubsub.pubsub_api_pb2 import CUSTOM, LATEST, ConsumerEvent, ProducerEvent
from tests.integration.salesforce.private_ca import PrivateCa
from tests.integration.salesforce.scripted_pubsub import (
    FIRST_ID,
    Listener,
    ScriptedPubSub,
    event,
    place,
    schema_text,
    scripted_pubsub,
)

if TYPE_CHECKING:
    from tests.integration.salesforce.conftest import Asked, Connect, Serve

UNAVAILABLE = grpc.StatusCode.UNAVAILABLE
UNAUTHENTICATED = grpc.StatusCode.UNAUTHENTICATED
SILENCE = 30.0
Source = Callable[..., Awaitable[SalesforceSource]]


@pytest_asyncio.fixture
async def pubsub(stack: AsyncExitStack, tmp_path: Path) -> ScriptedPubSub:
    """A server that does as the test says."""
    server = ScriptedPubSub()
    await stack.enter_async_context(scripted_pubsub(server, PrivateCa(tmp_path)))
    return server


async def nothing(asked: "Asked") -> None:
    asked.refuse(404, "NOT_FOUND", "The requested resource does not exist")


@pytest.fixture
def source_for(serve: "Serve", connect: "Connect") -> Source:
    """A source that knows this Pub/Sub server; keywords are settings."""

    async def make(pubsub: ScriptedPubSub, **settings: object) -> SalesforceSource:
        org = await serve(nothing)
        values: dict[str, object] = {"pubsub_url": pubsub.address, "ca_file": pubsub.ca_file, **settings}
        return connect(org.url, **values)

    return make


async def take(batches: AsyncGenerator[EventBatch, None], count: int) -> list[EventBatch]:
    """So many batches, then goodbye."""
    async with aclosing(batches):
        return [await anext(batches) for _ in range(count)]


def follow(source: SalesforceSource, replay_id: bytes | None = None, silence: float = SILENCE) -> "Batches":
    return source.subscribe("Account", replay_id, silence=silence)


Batches = AsyncGenerator[EventBatch, None]


async def two_batches(listener: Listener) -> None:
    await listener.next()
    await listener.send(event(1, {"changeType": "CREATE"}, LastModifiedDate=1_780_315_201_000), event(2))
    await listener.send(event(3, {"changeType": "GAP_DELETE"}))
    await listener.rest()


async def test_events_come_in_their_order_with_the_place_to_go_on_from(
    pubsub: ScriptedPubSub, source_for: Source
) -> None:
    pubsub.scripts = [two_batches]
    source = await source_for(pubsub)

    first, second = await take(follow(source), 2)

    noon = datetime(2026, 6, 1, 12, tzinfo=UTC)
    assert first.events == (
        ChangeEvent(
            object="Account",
            kind=ChangeKind.CREATE,
            record_ids=(FIRST_ID,),
            committed_at=noon,
            modified_at=noon.replace(second=1),
            replay_id=place(1),
        ),
        ChangeEvent(
            object="Account", kind=ChangeKind.UPDATE, record_ids=(FIRST_ID,), committed_at=noon, replay_id=place(2)
        ),
    )
    assert [(each.kind, each.gap) for each in second.events] == [(ChangeKind.DELETE, True)]
    assert (first.replay_id, second.replay_id) == (place(2), place(3))
    listener = pubsub.listeners[0]
    assert listener.metadata.items() >= {"accesstoken": "00D!t1", "tenantid": "00D000000000001EAA"}.items()
    assert listener.metadata["instanceurl"].startswith("http://127.0.0.1:")
    [asked] = listener.asked
    assert (asked.topic_name, asked.replay_preset, asked.num_requested) == ("/data/AccountChangeEvent", LATEST, 100)
    assert source.calls == 0, "the Pub/Sub API costs no API request"


async def test_a_stream_goes_on_after_a_replay_id(pubsub: ScriptedPubSub, source_for: Source) -> None:
    pubsub.scripts = [two_batches]

    await take(follow(await source_for(pubsub), place(7)), 1)

    [asked] = pubsub.listeners[0].asked
    assert (asked.replay_preset, asked.replay_id) == (CUSTOM, place(7))


async def test_keep_alives_are_batches_without_events_and_move_the_place(
    pubsub: ScriptedPubSub, source_for: Source
) -> None:
    async def quiet(listener: Listener) -> None:
        await listener.next()
        await listener.send(latest=place(5))
        await listener.send()
        # Events that were not asked for yet may lie between the last one and the latest place.
        await listener.send(event(6), latest=place(900))
        await listener.rest()

    pubsub.scripts = [quiet]

    batches = await take(follow(await source_for(pubsub)), 3)

    assert [(len(each.events), each.replay_id) for each in batches] == [(0, place(5)), (0, place(5)), (1, place(6))]


async def many(listener: Listener, batch: int, total: int, most: list[int]) -> None:
    """Deliver events as fast as they are asked for; notes the most that were outstanding at a time."""
    outstanding = 0
    asking = asyncio.create_task(listener.next())
    sent = 0
    try:
        while sent < total:
            if outstanding < batch or asking.done():
                outstanding += (await asking).num_requested
                most[0] = max(most[0], outstanding)
                asking = asyncio.create_task(listener.next())
                continue
            await listener.send(*[event(sent + number) for number in range(batch)])
            outstanding -= batch
            sent += batch
        await listener.rest()
    finally:
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)


@pytest.mark.parametrize("batch", [1, 7, 100])
async def test_a_fast_listener_gets_thousands_of_events_and_never_asks_for_more_than_a_hundred(
    pubsub: ScriptedPubSub, source_for: Source, batch: int
) -> None:
    most = [0]
    total = 1_400
    pubsub.scripts = [lambda listener: many(listener, batch, total, most)]

    batches = await take(follow(await source_for(pubsub)), total // batch)

    assert [each.replay_id for one in batches for each in one.events] == [place(number) for number in range(total)]
    assert most == [100]


async def test_a_listener_that_stops_taking_stops_the_flow(pubsub: ScriptedPubSub, source_for: Source) -> None:
    async def generous(listener: Listener) -> None:
        await listener.next()
        for start in range(0, 100, 20):
            await listener.send(*[event(start + number) for number in range(20)])
        while True:
            await listener.next()

    pubsub.scripts = [generous]

    async with aclosing(follow(await source_for(pubsub))) as batches:
        await anext(batches)
        await asyncio.sleep(0.1)
        assert [each.num_requested for each in pubsub.listeners[0].asked] == [100]
        for _ in range(3):
            await anext(batches)
        while len(pubsub.listeners[0].asked) < 2:
            await asyncio.sleep(0.01)
        assert [each.num_requested for each in pubsub.listeners[0].asked] == [100, 60]


INVALID = grpc.StatusCode.INVALID_ARGUMENT
EXHAUSTED = grpc.StatusCode.RESOURCE_EXHAUSTED
DENIED = grpc.StatusCode.PERMISSION_DENIED


@pytest.mark.parametrize(
    ("status", "code", "kind", "words"),
    [
        (grpc.StatusCode.NOT_FOUND, "topic.not.found", StreamRefused, "Change Data Capture"),
        (DENIED, "subscription.topic.cannot.subscribe", StreamRefused, "View All"),
        (EXHAUSTED, "subscription.limit.exceeded", StreamRefused, "polled"),
        (INVALID, "subscription.fetch.replayid.corrupted", ReplayExpired, "polled"),
        (INVALID, "subscription.fetch.replayid.validation.failed", ReplayExpired, "polled"),
        (UNAVAILABLE, "service.unavailable", StreamLost, "again"),
        (grpc.StatusCode.INTERNAL, "subscription.internal.error", StreamLost, "again"),
        (EXHAUSTED, "service.protection.triggered", StreamLost, "slow down"),
        (grpc.StatusCode.INTERNAL, "brand.new.code", StreamLost, "again"),
        (DENIED, "brand.new.code", StreamRefused, "polled"),
        (UNAVAILABLE, "", StreamLost, "pubsub_url"),
        (grpc.StatusCode.UNIMPLEMENTED, "", ConfigurationError, "pubsub_url"),
        (UNAUTHENTICATED, "service.auth.headers.invalid", ConfigurationError, "login_url"),
    ],
)
async def test_the_end_of_a_stream_says_what_to_do(
    pubsub: ScriptedPubSub,
    source_for: Source,
    status: grpc.StatusCode,
    code: str,
    kind: type[ForcedexError],
    words: str,
) -> None:
    async def refuse(listener: Listener) -> None:
        await listener.next()
        await listener.send(event(1))
        await listener.refuse(status, code, "Something went wrong.")

    pubsub.scripts = [refuse]

    async with aclosing(follow(await source_for(pubsub))) as batches:
        await anext(batches)
        with pytest.raises(kind) as caught:
            await anext(batches)

    assert type(caught.value) is kind
    assert getattr(caught.value, "code", code) == code
    assert words in caught.value.hint and "rpcId" not in str(caught.value)
    assert len(pubsub.listeners) == 1


async def test_a_session_that_ends_is_renewed_and_the_stream_goes_on_where_it_was(
    pubsub: ScriptedPubSub, source_for: Source
) -> None:
    async def ending(listener: Listener) -> None:
        await listener.next()
        start = int.from_bytes(listener.asked[0].replay_id[:8], "big")
        await listener.send(event(start + 1))
        await listener.refuse(UNAUTHENTICATED, "service.auth.error")

    pubsub.scripts = [ending]

    batches = await take(follow(await source_for(pubsub)), 4)

    assert [each.replay_id for each in batches] == [place(number) for number in (1, 2, 3, 4)]
    assert [each.metadata["accesstoken"] for each in pubsub.listeners] == ["00D!t1", "00D!t2", "00D!t3", "00D!t4"]
    assert [each.asked[0].replay_id for each in pubsub.listeners] == [b"", place(1), place(2), place(3)]


async def test_a_new_session_that_ends_at_once_too_loses_the_stream(pubsub: ScriptedPubSub, source_for: Source) -> None:
    async def ended(listener: Listener) -> None:
        await listener.refuse(UNAUTHENTICATED, "service.auth.error", "you sent 00D!t2")

    pubsub.scripts = [ended]

    with pytest.raises(StreamLost) as caught:
        await take(follow(await source_for(pubsub)), 1)

    assert len(pubsub.listeners) == 2
    assert "***" in str(caught.value)
    chain: BaseException | None = caught.value
    while chain is not None:
        assert "00D!t2" not in f"{chain} {chain!r}"
        chain = chain.__cause__ or chain.__context__


async def test_an_access_token_cannot_be_renewed(pubsub: ScriptedPubSub, serve: "Serve", connect: "Connect") -> None:
    async def the_org(asked: "Asked") -> None:
        asked.reply(200, {"totalSize": 1, "done": True, "records": [{"Id": "00D000000000009EAA"}]})

    org = await serve(the_org)
    ready = AccessToken(access_token="00D!ready", instance_url=org.url)
    source = connect(org.url, ready, pubsub_url=pubsub.address, ca_file=pubsub.ca_file)
    pubsub.scripts = [two_batches]

    await take(follow(source), 1)
    assert pubsub.listeners[0].metadata["tenantid"] == "00D000000000009EAA", "the org told its Id"
    pubsub.dead_tokens.add("00D!ready")
    with pytest.raises(ConfigurationError, match="expired"):
        await take(follow(source), 1)


async def test_silence_loses_the_stream(pubsub: ScriptedPubSub, source_for: Source) -> None:
    async def silent(listener: Listener) -> None:
        await listener.next()
        await listener.send(event(1))
        await listener.rest()

    pubsub.scripts = [silent]

    async with aclosing(follow(await source_for(pubsub), silence=0.2)) as batches:
        await anext(batches)
        with pytest.raises(StreamLost, match="silent"):
            await anext(batches)
    async with asyncio.timeout(SILENCE):
        await pubsub.listeners[0].cancelled.wait()


async def test_a_stream_that_is_closed_in_good_order_goes_on_where_it_was(
    pubsub: ScriptedPubSub, source_for: Source
) -> None:
    async def short(listener: Listener) -> None:
        await listener.next()
        await listener.send(latest=place(8))

    pubsub.scripts = [short, two_batches]

    batches = await take(follow(await source_for(pubsub)), 3)

    assert [each.replay_id for each in batches] == [place(8), place(2), place(3)]
    assert pubsub.listeners[1].asked[0].replay_id == place(8)


async def test_a_stream_that_is_closed_at_once_is_lost(pubsub: ScriptedPubSub, source_for: Source) -> None:
    async def closed(listener: Listener) -> None:
        await listener.next()

    pubsub.scripts = [closed]

    with pytest.raises(StreamLost, match="at once"):
        await take(follow(await source_for(pubsub)), 1)


@pytest.mark.parametrize("waiting", [True, False])
async def test_closing_or_cancelling_ends_the_call(pubsub: ScriptedPubSub, source_for: Source, waiting: bool) -> None:
    pubsub.scripts = [two_batches]
    batches = follow(await source_for(pubsub))
    await anext(batches)
    if waiting:
        await anext(batches)
        reading = asyncio.ensure_future(anext(batches))
        await asyncio.sleep(0.05)
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
    await batches.aclose()

    async with asyncio.timeout(SILENCE):
        await pubsub.listeners[0].cancelled.wait()


async def test_closing_the_source_loses_its_streams(pubsub: ScriptedPubSub, source_for: Source) -> None:
    pubsub.scripts = [two_batches]
    source = await source_for(pubsub)
    batches = follow(source)
    await anext(batches)
    await anext(batches)
    reading = asyncio.ensure_future(anext(batches))
    await asyncio.sleep(0.05)

    await source.aclose()

    with pytest.raises(StreamLost):
        await reading
    await batches.aclose()


async def reasons(batches: Batches, count: int) -> list[tuple[ChangeKind, str]]:
    return [(each.kind, each.reason) for batch in await take(batches, count) for each in batch.events]


async def test_an_event_that_cannot_be_read_is_told_and_the_stream_goes_on(
    pubsub: ScriptedPubSub, source_for: Source
) -> None:
    def raw(number: int, payload: bytes, schema_id: str = "first") -> ConsumerEvent:
        return ConsumerEvent(event=ProducerEvent(id="e", schema_id=schema_id, payload=payload), replay_id=place(number))

    async def strange(listener: Listener) -> None:
        await listener.next()
        await listener.send(
            raw(1, b""),
            raw(2, b"\xff" * 40),
            raw(3, event(3).event.payload + b"more"),
            raw(4, b"", "unknown"),
            raw(5, b"", "hidden"),
            raw(6, b"", "broken"),
            raw(7, b"", ""),
            event(8, {"changeType": "GAP_OVERFLOW", "recordIds": ["000000000000000AAA"]}),
            event(9),
        )
        await listener.rest()

    pubsub.scripts = [strange]
    pubsub.schemas |= {"hidden": (DENIED, "schema.meta.permission"), "broken": '{"type": "nonsense"}'}
    [batch] = await take(follow(await source_for(pubsub)), 1)

    *unknown, overflow, last = batch.events
    assert [each.kind for each in batch.events] == [ChangeKind.UNKNOWN] * 8 + [ChangeKind.UPDATE]
    assert [each.replay_id for each in batch.events] == [place(number) for number in range(1, 10)]
    assert all(each.reason and each.record_ids == () for each in [*unknown, overflow])
    assert all(each.committed_at is None for each in unknown)
    assert overflow.committed_at is not None and last.reason == ""


async def test_a_schema_is_asked_for_once_and_again_when_it_changes(pubsub: ScriptedPubSub, source_for: Source) -> None:
    wider = schema_text("Account", {"name": "New__c", "type": ["null", "double"], "default": None})

    async def changing(listener: Listener) -> None:
        await listener.next()
        await listener.send(event(1), event(2))
        await listener.send(event(3, schema_id="second", schema=wider, New__c=1.5), event(4))
        await listener.rest()

    pubsub.scripts = [changing]
    pubsub.schemas["second"] = wider

    kinds = await reasons(follow(await source_for(pubsub)), 2)

    assert kinds == [(ChangeKind.UPDATE, "")] * 4
    assert (pubsub.calls["GetSchema first"], pubsub.calls["GetSchema second"]) == (1, 1)


async def test_a_schema_that_cannot_be_had_for_a_moment_is_asked_for_again(
    pubsub: ScriptedPubSub, source_for: Source
) -> None:
    pubsub.scripts = [two_batches]
    pubsub.schemas["first"] = (UNAVAILABLE, "schema.api.unavailable")
    source = await source_for(pubsub, attempts=3)

    with pytest.raises(SourceUnavailable):
        await take(follow(source), 1)
    assert pubsub.calls["GetSchema first"] == 3
    pubsub.schemas["first"] = schema_text()
    assert len((await take(follow(source), 1))[0].events) == 2


async def test_a_session_that_ends_while_a_schema_is_asked_for_is_renewed(
    pubsub: ScriptedPubSub, source_for: Source
) -> None:
    async def then_dead(listener: Listener) -> None:
        await listener.next()
        pubsub.dead_tokens.add("00D!t1")
        await listener.send(event(1))
        await listener.rest()

    pubsub.scripts = [then_dead]

    assert await reasons(follow(await source_for(pubsub)), 1) == [(ChangeKind.UPDATE, "")]
    assert pubsub.calls["GetSchema first"] == 2


async def test_the_objects_that_the_org_streams(pubsub: ScriptedPubSub, source_for: Source) -> None:
    pubsub.topics = {
        "/data/AccountChangeEvent": True,
        "/data/Invoice__ChangeEvent": True,
        "/data/ContactChangeEvent": False,
        "/data/LeadChangeEvent": (DENIED, "topic.meta.permission"),
    }
    source = await source_for(pubsub)
    others = [f"Object{number}" for number in range(30)]

    names = await source.streamable(["Invoice__c", "Contact", "Lead", "Case", *others, "Account"])

    assert names == ["Invoice__c", "Account"]
    assert await source.streamable([]) == []
    pubsub.dead_tokens.add("00D!t1")
    assert await source.streamable(["Account", "Invoice__c"]) == ["Account", "Invoice__c"]


@pytest_asyncio.fixture
async def closed_port() -> AsyncIterator[str]:
    """An address where nobody listens."""
    server = await asyncio.start_server(lambda reader, writer: None, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    server.close()
    await server.wait_closed()
    yield f"127.0.0.1:{port}"


async def test_an_address_where_nobody_listens_is_named(serve: "Serve", connect: "Connect", closed_port: str) -> None:
    source = connect((await serve(nothing)).url, pubsub_url=closed_port, attempts=2)

    with pytest.raises(SourceUnavailable, match=closed_port) as caught:
        await source.streamable(["Account", "Contact"])
    assert "[salesforce] pubsub_url" in caught.value.hint
    with pytest.raises(StreamLost, match=closed_port):
        await take(follow(source), 1)


@pytest.mark.parametrize("host", ["localhost", "other.example"])
async def test_a_certificate_that_is_not_trusted_is_named(
    stack: AsyncExitStack, source_for: Source, tmp_path: Path, host: str
) -> None:
    server = ScriptedPubSub([two_batches])
    await stack.enter_async_context(scripted_pubsub(server, PrivateCa(tmp_path), host))
    # Either nobody knows the CA, or its certificate is for another host.
    source = await source_for(server, **({"ca_file": None} if host == "localhost" else {}))

    with pytest.raises(ConfigurationError, match="certificate") as caught:
        await source.streamable(["Account"])
    assert "ca_file" in caught.value.hint
    with pytest.raises(ConfigurationError, match="certificate"):
        await take(follow(source), 1)


async def test_a_ca_file_that_cannot_be_read_by_the_stream_is_a_wrong_setting(
    pubsub: ScriptedPubSub, source_for: Source, tmp_path: Path
) -> None:
    with pytest.raises(ConfigurationError, match="ca_file"):
        await source_for(pubsub, ca_file=str(tmp_path / "nothing.pem"))


async def test_a_server_that_speaks_no_tls_cannot_be_reached(serve: "Serve", connect: "Connect") -> None:
    async def only_http(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(1)
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await writer.drain()
        writer.close()

    org = await serve(nothing)
    async with await asyncio.start_server(only_http, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(SourceUnavailable, match="cannot be reached"):
            await connect(org.url, pubsub_url=f"127.0.0.1:{port}", attempts=1).streamable(["Account"])
