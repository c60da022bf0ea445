"""Following one topic of change events.

The org sends only what was asked for, at most 100 events at a time. We ask for more when half of that has been taken
by whoever listens: a fast listener never waits for an answer to a request, a slow one stops the flow.

Source: Pub/Sub API Developer Guide, "Subscribe RPC Method", "Pub/Sub API Flow Control", "Event Message Durability".
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

import grpc

from forcedex.domain.change import EventBatch
from forcedex.domain.errors import StreamLost, StreamSilent
from forcedex.salesforce.network import CallFailed
from forcedex.salesforce.pubsub.api import FetchCall, PubSub
from forcedex.salesforce.pubsub.events import EventReader
from forcedex.salesforce.pubsub.pubsub_api_pb2 import CUSTOM, LATEST, FetchRequest, FetchResponse
from forcedex.salesforce.pubsub.topics import topic_name
from forcedex.salesforce.retry import Failure
from forcedex.salesforce.session import Session

#: Events that may be on their way: more are not sent, however many are asked for.
MOST_OUTSTANDING = 100
#: Ask for more when so few are left.
FEW_OUTSTANDING = 50


async def change_events(
    pubsub: PubSub, name: str, replay_id: bytes | None, *, silence: float
) -> AsyncGenerator[EventBatch, None]:
    """The object's change events after this replay id (None: from now on), until closed or lost.

    Goes on by itself where the org closed a stream in good order (it does so when a listener was slow) or ended the
    session (once, with a new login). Raises StreamRefused, ReplayExpired, ConfigurationError, and StreamLost, also
    after `silence` seconds without any sign of life.
    """
    reader = EventReader(pubsub, name)
    last = replay_id
    renewed = False
    while True:
        heard = False
        session = await pubsub.session()
        stream = _Stream(pubsub, session, name, silence)
        try:
            async with aclosing(stream.responses(last)) as responses:
                async for response in responses:
                    heard, renewed = True, False
                    batch = await _batch(reader, response, last)
                    if batch is not None:
                        last = batch.replay_id
                        yield batch
        except CallFailed as failed:
            if not failed.failure.session_over or renewed:
                raise failed.failure.error from failed
            renewed = True
            await pubsub.transport.session_after(session)
            continue
        if not heard:
            raise StreamLost(f"Salesforce closed the stream of {name} at once.", "It is tried again.")


async def _batch(reader: EventReader, response: FetchResponse, last: bytes | None) -> EventBatch | None:
    """What one answer brought; None for a sign of life that tells no place to go on from.

    With events, that place is the last of them: whether `latest_replay_id` may run ahead of events that were not
    asked for yet is not documented. Without events nothing is behind it.
    """
    events = tuple([await reader.read(each) for each in response.events])
    replay_id = events[-1].replay_id if events else response.latest_replay_id or last
    return EventBatch(events=events, replay_id=replay_id) if replay_id else None


class _Stream:
    """One call of Subscribe."""

    def __init__(self, pubsub: PubSub, session: Session, name: str, silence: float) -> None:
        self._pubsub = pubsub
        self._session = session
        self._name = name
        self._topic = topic_name(name)
        self._silence = silence

    async def responses(self, replay_id: bytes | None) -> AsyncGenerator[FetchResponse, None]:
        """The answers until the org closes the stream; CallFailed if it breaks it off."""
        call = await self._pubsub.subscription(self._session)
        failure: Failure | None = None
        try:
            first = FetchRequest(
                topic_name=self._topic,
                replay_preset=CUSTOM if replay_id is not None else LATEST,
                replay_id=replay_id or b"",
                num_requested=MOST_OUTSTANDING,
            )
            outstanding = MOST_OUTSTANDING
            await self._write(call, first)
            while (response := await self._read(call)) is not None:
                yield response
                outstanding -= len(response.events)
                if outstanding <= FEW_OUTSTANDING:
                    more = MOST_OUTSTANDING - outstanding
                    await self._write(call, FetchRequest(topic_name=self._topic, num_requested=more))
                    outstanding = MOST_OUTSTANDING
        except grpc.aio.AioRpcError as exc:
            failure = self._pubsub.stream_failure(exc, f"stream changes of {self._name}")
        except TimeoutError as exc:
            raise StreamSilent(
                f"The stream of {self._name} fell silent: nothing came for {self._silence:g} seconds.",
                "It is subscribed to again.",
            ) from exc
        finally:
            call.cancel()
        if failure is not None:
            # Not from within the except clause: gRPC's error may quote secrets.
            raise CallFailed(failure)

    async def _write(self, call: FetchCall, request: FetchRequest) -> None:
        try:
            async with asyncio.timeout(self._silence):
                await call.write(request)
        except asyncio.InvalidStateError:
            # The stream has ended; reading tells how.
            return

    async def _read(self, call: FetchCall) -> FetchResponse | None:
        task = asyncio.current_task()
        try:
            async with asyncio.timeout(self._silence):
                response = await call.read()
        except asyncio.CancelledError:
            if task is None or task.cancelling():
                raise
            # Nobody cancelled us: our own connection was closed.
            raise StreamLost(f"The stream of {self._name} ended with its connection.") from None
        return response if isinstance(response, FetchResponse) else None
