"""One object's change events: hints that are collected, read again, written, and only then let go.

Events say which records changed. Their Ids are collected for a moment and read again; a read that does not show its
event yet is repeated. The stored replay id never passes an event whose change is not in the index, so whatever ends
the process, the stream goes on where it must.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextlib import aclosing
from datetime import datetime

from forcedex.domain.change import ChangeEvent, ChangeKind, EventBatch
from forcedex.domain.errors import (
    ConfigurationError,
    Refused,
    ReplayExpired,
    SourceDataError,
    SourceRefused,
    StateRefused,
    StreamRefused,
    StreamSilent,
    Unavailable,
)
from forcedex.domain.ports import Clock, Source, StateStore
from forcedex.domain.upkeep import NoticeKind
from forcedex.sync.events import EventsFollowed, EventUnseen, Listener, StreamEnded, StreamStands
from forcedex.sync.expectation import Expectation, expected
from forcedex.sync.reread import MOST, Rereader
from forcedex.sync.rhythm import Rhythm
from forcedex.sync.waiting import sleep_or
from forcedex.sync.watchman import Watchman
from forcedex.sync.window import Allowance, Window

#: Records that may wait; beyond it no more events are taken, and so none are asked for.
_MOST_WAITING = 20_000
_FIRST_PAUSE = 0.5  # seconds
_LONGEST_PAUSE = 30.0  # seconds
_ALLOCATION = "subscription.limit.exceeded"


class Stream:
    """Follows one object. `follow` receives, `work` reads again; both run until cancelled."""

    def __init__(
        self,
        name: str,
        source: Source,
        store: StateStore,
        clock: Clock,
        rereader: Rereader,
        allowance: Allowance,
        rhythm: Rhythm,
        watchman: Watchman,
        listener: Listener,
        catch_up: Callable[[datetime | None], Awaitable[None]],
        trouble: Callable[[Exception], None],
    ) -> None:
        """`catch_up` polls the object from this time on (None: from its mark) and looks for deletions.

        `trouble` hears why hints cannot be followed now.
        """
        self._name = name
        self._source = source
        self._store = store
        self._clock = clock
        self._rereader = rereader
        self._allowance = allowance
        self._rhythm = rhythm
        self._watchman = watchman
        self._listener = listener
        self._catch_up = catch_up
        self._trouble = trouble
        self._waiting: dict[str, Expectation] = {}
        self._under_way: dict[str, Expectation] = {}
        #: Events that name no records, by running number: from when on the object is to be polled.
        self._unknown: dict[int, datetime | None] = {}
        #: Running number and replay id of what was received and not let go, in order.
        self._received: deque[tuple[int, bytes]] = deque()
        self._number = 0
        self._replay_id: bytes | None = None
        self._arrived = asyncio.Event()
        self._room = asyncio.Event()
        self._room.set()
        #: Held while records of this stream are being written.
        self.writing = asyncio.Lock()
        #: The subscription stands and nothing from before it is missing.
        self.live = False
        #: Why there is no stream, or why its hints cannot be followed; empty: all is well.
        self.problem = ""
        #: The stream is live when this event number is worked off.
        self._stands_after = 0
        #: Monotonic seconds of the last sign of life.
        self.heard_at: float | None = None
        self.window = Window(rhythm.window, "shortest")
        self.unseen = 0

    @property
    def oldest(self) -> datetime | None:
        """When the oldest change that is not in the index yet was committed; None: there is none."""
        waiting = [each.committed_at for each in (*self._waiting.values(), *self._under_way.values())]
        waiting += [each for each in self._unknown.values() if each is not None]
        return min(waiting, default=None)

    @property
    def idle(self) -> bool:
        """Whether everything that was received is in the index."""
        return not (self._waiting or self._under_way or self._unknown)

    # Receiving

    async def follow(self) -> None:
        """Subscribe again and again, going on after the last event that is in the index."""
        self._replay_id = (await self._store.replay_ids()).get(self._name)
        pause = _FIRST_PAUSE
        while True:
            try:
                await self._receive()
                pause = _FIRST_PAUSE
            except ReplayExpired as exc:
                text = f"The stream of {self._name} had to begin anew ({exc.message}); everything since was polled."
                await self._watchman.raised(self._name, NoticeKind.REPLAY_EXPIRED, text)
                await self._start_over()
                await self._clock.sleep(pause)
            except (StreamRefused, ConfigurationError) as exc:
                self._down(str(exc))
                if isinstance(exc, StreamRefused) and exc.code == _ALLOCATION:
                    await self._watchman.raised(self._name, NoticeKind.ALLOCATION, str(exc))
                await self._clock.sleep(self._rhythm.refused_stream)
            except (Unavailable, SourceRefused, SourceDataError) as exc:
                self._down(str(exc))
                if isinstance(exc, StreamSilent):
                    await self._watchman.raised(self._name, NoticeKind.STREAM_SILENT, str(exc))
                await self._clock.sleep(pause)
                pause = min(pause * 2, _LONGEST_PAUSE)

    async def _receive(self) -> None:
        """One subscription, until it ends."""
        since = self._replay_id
        stands = False
        self._stands_after = 0
        async with aclosing(self._source.subscribe(self._name, since, silence=self._rhythm.silence)) as batches:  # type: ignore[type-var]  # the port promises an iterator; every source gives a generator
            async for batch in batches:
                self.heard_at = self._clock.monotonic()
                if not stands:
                    stands = True
                    self._number += 1
                    self._stands_after = self._number
                    if since is None:
                        # From before the subscription stood: what changed then is polled.
                        self._unknown[self._number] = None
                self._take(batch)
                await self._room.wait()

    def _take(self, batch: EventBatch) -> None:
        now = self._clock.monotonic()
        for event in batch.events:
            self._number += 1
            if event.kind is ChangeKind.UNKNOWN or event.committed_at is None:
                self._unknown[self._number] = event.committed_at
            else:
                self._expect(event, now)
            self._received.append((self._number, event.replay_id))
        self._received.append((self._number, batch.replay_id))
        self._arrived.set()
        if len(self._waiting) >= _MOST_WAITING:
            self._room.clear()

    def _expect(self, event: ChangeEvent, now: float) -> None:
        for record in event.record_ids:
            before = self._waiting.get(record)
            self._waiting[record] = before.then(event, now) if before else expected(event, self._number, now)

    async def _start_over(self) -> None:
        """The org knows our place no more: subscribe from now on; what lies between is polled when that stands."""
        self.live = False
        self._replay_id = None
        self._received.clear()
        await self._store.save_replay_id(self._name, None)

    def _down(self, problem: str) -> None:
        if self.live or problem != self.problem:
            self._listener(StreamEnded(self._name, problem))
        self.live = False
        self._stands_after = 0
        self.problem = problem

    async def _up(self) -> None:
        """The subscription stands, and nothing from before it is missing."""
        self.live, self.problem = True, ""
        self._listener(StreamStands(self._name))
        for kind in (NoticeKind.STREAM_SILENT, NoticeKind.ALLOCATION):
            await self._watchman.over(self._name, kind)

    # Reading again

    async def work(self) -> None:
        """Read what events hinted at, window after window."""
        pause = _FIRST_PAUSE
        while True:
            await self._wait()
            try:
                async with self.writing:
                    await self._work_off()
                pause = _FIRST_PAUSE
            except StateRefused:
                raise
            except (Unavailable, Refused, SourceDataError) as exc:
                self._trouble(exc)
                await self._clock.sleep(pause)
                pause = min(pause * 2, _LONGEST_PAUSE)

    async def _wait(self) -> None:
        """Until there is something to do, and a window's length longer, so that more of it comes together."""
        while not any(each.tries == 0 for each in self._waiting.values()) and not self._unknown:
            self._arrived.clear()
            now = self._clock.monotonic()
            soonest = min((each.due for each in self._waiting.values()), default=None)
            if soonest is None:
                await self._arrived.wait()
            elif soonest > now:
                await sleep_or(self._clock, soonest - now, self._arrived)
            else:
                break
            if self._received and not self._waiting and not self._unknown:
                break  # a sign of life: the replay id moves
        self.window = self._allowance.window(self._clock.monotonic())
        await self._clock.sleep(self.window.seconds)

    async def _work_off(self) -> None:
        for number, since in list(self._unknown.items()):
            await self._catch_up(since)
            del self._unknown[number]
        if 0 < self._stands_after and not self.live:
            await self._up()
        now = self._clock.monotonic()
        due = [record for record, each in self._waiting.items() if each.due <= now][:MOST]
        if due:
            await self._bring(due)
        if len(self._waiting) < _MOST_WAITING:
            self._room.set()
        await self._let_go()

    async def _bring(self, due: Sequence[str]) -> None:
        self._under_way = {record: self._waiting.pop(record) for record in due}
        try:
            shown = await self._rereader.bring(due)
            self._allowance.spend(1, self._clock.monotonic())
            gone: dict[str, datetime | None] = {
                record: each.committed_at
                for record in shown.missing
                if (each := self._under_way[record]).kind is ChangeKind.DELETE
            }
            if gone:
                await self._rereader.bury(gone, shown.ordinal)
        except BaseException:
            # What came in meanwhile goes first: it is newer, and began to wait no earlier.
            for record, each in self._under_way.items():
                newer = self._waiting.get(record)
                self._waiting[record] = each if newer is None else _joined(each, newer)
            self._under_way = {}
            raise
        now = self._clock.monotonic()
        followed = 0
        for record, each in self._under_way.items():
            if each.shown(record, shown):
                followed += 1
                continue
            patience = self._rhythm.patience if each.modified_at is not None else self._rhythm.gap_patience
            if now - each.arrived < patience:
                later = each.again(now, patience)
                newer = self._waiting.get(record)
                self._waiting[record] = later if newer is None else _joined(each, newer)
            elif each.modified_at is not None or each.kind is not ChangeKind.UPDATE:
                self.unseen += 1
                self._listener(EventUnseen(self._name, record))
        self._under_way = {}
        if followed:
            self._listener(EventsFollowed(self._name, followed))

    async def _let_go(self) -> None:
        """Move the replay id up to the first event that still waits."""
        first = min(
            (*(each.first for each in self._waiting.values()), *self._unknown),
            default=self._number + 1,
        )
        reached = None
        while self._received and self._received[0][0] < first:
            reached = self._received.popleft()[1]
        if reached is not None and reached != self._replay_id:
            await self._store.save_replay_id(self._name, reached)
            self._replay_id = reached


def _joined(older: Expectation, newer: Expectation) -> Expectation:
    """What a record must show for both: the newer state, waiting since the older one."""
    return Expectation(
        kind=newer.kind,
        committed_at=newer.committed_at,
        modified_at=newer.modified_at,
        first=min(older.first, newer.first),
        arrived=min(older.arrived, newer.arrived),
        due=newer.due,
        tries=newer.tries,
    )
