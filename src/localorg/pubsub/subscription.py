"""One stream of change events.

The client asks for events, at most 100 at a time, and gets them as they come; while it has some to come, an empty
answer at least every 270 seconds tells that the stream lives and how far it has come. When all were delivered it
must ask again within 60 seconds. Source: Pub/Sub API Developer Guide, "Subscribe RPC Method", "Pub/Sub API Flow
Control". How a stream ends after those 60 seconds is undocumented; here without an error.

The README's table says what a stream's faults do.
"""

import asyncio
import contextlib
import time
import uuid
from collections.abc import AsyncIterator, Collection

from localorg.events.journal import Event, replay_id
from localorg.events.visibility import visible
from localorg.pubsub.caller import Caller
from localorg.pubsub.errors import PubSubError
from localorg.pubsub.eventbus_pb2 import (
    CUSTOM,
    EARLIEST,
    ConsumerEvent,
    FetchRequest,
    FetchResponse,
    ProducerEvent,
)
from localorg.pubsub.topics import single, subscribed

FAULTS = ("DUPLICATE_DELIVERY", "OUT_OF_ORDER", "KEEPALIVE_ONLY", "SILENT_STREAM", "STREAM_UNAVAILABLE") + (
    *("PUBSUB_AUTH_ERROR", "ALLOCATION_EXCEEDED", "REPLAY_ID_CORRUPTED"),
)
#: Faults that end a stream.
_ENDS = {
    "STREAM_UNAVAILABLE": "service.unavailable",
    "PUBSUB_AUTH_ERROR": "service.auth.error",
    "ALLOCATION_EXCEEDED": "subscription.limit.exceeded",
}
_MOST_PENDING = 100  # events
_LOOK_AGAIN = 1.0  # seconds between looks at permissions


class Subscription:
    """The state of one stream."""

    def __init__(self, caller: Caller, first: FetchRequest) -> None:
        org = caller.org
        self._caller = caller
        self._org = org
        self._topic = first.topic_name
        self._looked = time.monotonic()
        #: Fields that he may not see, by object.
        self._hidden: dict[str, frozenset[str]] = {}
        self._selected = org.journal.settings.selected
        self._single = single(org, self._topic)
        self._entities = subscribed(caller, self._topic)
        self._reached = self._start(first)
        #: What a client may resume after: nothing before it is still to come.
        self._safe = self._reached
        self._pending = 0
        self._wake = asyncio.Event()
        #: Why the requests cannot go on; they have ended if `_complete`.
        self._error: PubSubError | None = None
        self._complete = False
        #: Faults that hold the stream.
        self._held: set[str] = set()
        #: An event that comes after its successor.
        self._late: Event | None = None
        self.request(first)
        self._check()

    def _start(self, first: FetchRequest) -> int:
        """The place after which events are wanted."""
        journal = self._org.journal
        if first.replay_preset == EARLIEST:
            return 0
        if first.replay_preset != CUSTOM:
            return journal.latest
        if not first.replay_id:
            raise PubSubError("subscription.fetch.replayid.validation.failed")
        found = journal.resume(first.replay_id)
        if found is None or self._org.faults.take("REPLAY_ID_CORRUPTED", self._topic) is not None:
            raise PubSubError("subscription.fetch.replayid.corrupted")
        return found

    # -- what the client asks --

    def wake(self) -> None:
        """There may be something to do."""
        self._wake.set()

    def request(self, request: FetchRequest) -> None:
        """More events are wanted; PubSubError if not like this."""
        if request.topic_name not in ("", self._topic):
            raise PubSubError("subscription.fetch.topic.mismatch")
        if request.num_requested <= 0:
            raise PubSubError("subscription.fetch.requested.events.invalid")
        self._pending = min(_MOST_PENDING, self._pending + request.num_requested)
        self.wake()

    async def follow(self, requests: AsyncIterator[FetchRequest]) -> None:
        """Take the client's further requests."""
        try:
            async for request in requests:
                self.request(request)
        except PubSubError as error:
            self.end(error)
        self._complete = True
        self.wake()

    def end(self, error: PubSubError) -> None:
        """The stream cannot go on."""
        self._error = error
        self.wake()

    # -- what it gets --

    def _check(self) -> None:
        """PubSubError if the stream must end."""
        if self._error is not None:
            raise self._error
        if not self._caller.alive:
            raise PubSubError("service.auth.error")
        faults = self._org.faults
        if faults.armed:
            for name, code in _ENDS.items():
                if faults.take(name, f"Subscribe {self._topic}") is not None:
                    raise PubSubError(code)

    async def responses(self) -> AsyncIterator[FetchResponse]:
        """Events and keep-alives, until the client is done or a PubSubError ends the stream."""
        settings = self._org.journal.settings
        sent = time.monotonic()
        while True:
            # Cleared before looking: what comes between the look and the sleep wakes the sleep.
            self._wake.clear()
            self._check()
            quiet = time.monotonic() - sent
            if self._pending == 0:
                if self._complete or quiet >= settings.fetch_timeout:
                    return
                await self._sleep(settings.fetch_timeout - quiet)
                continue
            if self._happens("SILENT_STREAM"):
                await self._sleep(settings.look_again)
                continue
            answer = self._events()
            if answer is None and quiet >= settings.keepalive:
                answer = await self._keepalive()
            if answer is None:
                await self._sleep(settings.keepalive - quiet)
                continue
            yield answer
            sent = time.monotonic()

    async def _sleep(self, longest: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._wake.wait(), min(longest, self._org.journal.settings.look_again))

    def _happens(self, fault: str) -> bool:
        """Whether a fault holds this stream: from when it fires until it is cleared."""
        faults = self._org.faults
        if fault not in self._held and faults.armed and faults.take(fault, self._topic) is not None:
            self._held.add(fault)
            faults.when_cleared(fault, lambda: self._held.discard(fault))
        return fault in self._held

    def _events(self) -> FetchResponse | None:
        """The events that are there, as far as they are wanted."""
        if self._happens("KEEPALIVE_ONLY"):
            return None
        reading = self._org.journal.read(self._reached, self._objects(), self._pending)
        allowed = reading.events[: max(0, self._org.deliveries.left)]
        if reading.events and not allowed:
            raise PubSubError("subscription.limit.exceeded")
        self._reached = reading.reached if len(allowed) == len(reading.events) else allowed[-1].position
        events = self._disturbed(allowed)
        if self._late is None:
            self._safe = self._reached
        if not events:
            return None
        self._org.deliveries.add(len(events))
        self._pending = max(0, self._pending - len(events))
        return self._response([self._consumed(event) for event in events])

    async def _keepalive(self) -> FetchResponse:
        """No events, but how far the stream has come; or the events that came just now."""
        await asyncio.get_running_loop().run_in_executor(self._org.workers, self._org.journal.renew)
        return self._events() or self._response([])

    def _response(self, events: list[ConsumerEvent]) -> FetchResponse:
        return FetchResponse(
            events=events,
            latest_replay_id=replay_id(self._safe),
            rpc_id=str(uuid.uuid4()),
            pending_num_requested=self._pending,
        )

    def _objects(self) -> Collection[str]:
        """The objects that the topic tells of; what is permitted is looked up every second."""
        selected = self._org.journal.settings.selected
        if selected is not self._selected or time.monotonic() - self._looked > _LOOK_AGAIN:
            self._looked, self._selected = time.monotonic(), selected
            self._caller = self._caller.again()
            self._hidden.clear()
            if self._single is None:
                self._entities = subscribed(self._caller, self._topic)
        return self._entities

    def _disturbed(self, events: list[Event]) -> list[Event]:
        faults = self._org.faults
        if not faults.armed and self._late is None:
            return events
        disturbed = []
        for event in events:
            if self._late is None and faults.take("OUT_OF_ORDER", self._topic) is not None:
                self._late = event
                continue
            disturbed.append(event)
            if faults.take("DUPLICATE_DELIVERY", self._topic) is not None:
                disturbed.append(event)
            if self._late is not None:
                disturbed.append(self._late)
                self._late = None
        return disturbed

    def _consumed(self, event: Event) -> ConsumerEvent:
        schemas = self._org.journal.schemas
        payload = event.payload
        if event.entity not in self._hidden:
            self._hidden[event.entity] = self._org.hidden_fields(self._caller.user, event.entity)
        hidden = self._hidden[event.entity]
        schema = schemas.find(event.schema_id) if hidden else None
        if schema is not None:
            payload = visible(payload, schema, schemas.current(event.entity), hidden)
        produced = ProducerEvent(id=event.id, schema_id=event.schema_id, payload=payload)
        return ConsumerEvent(event=produced, replay_id=replay_id(event.position))
