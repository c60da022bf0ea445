"""The sync of a whole org: objects in turn, a few at a time, once or for ever."""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from forcedex.domain.derived.families import FAMILIES
from forcedex.domain.errors import (
    BudgetExhausted,
    ConfigurationError,
    Refused,
    SinkUnavailable,
    SourceDataError,
    SourceRefused,
    StateRefused,
    Unavailable,
)
from forcedex.domain.ports import ApiUsage, Clock, Sink, Source, StateStore
from forcedex.domain.selection import Selection
from forcedex.domain.upkeep import CheckReport, NoticeKind, ObjectReport
from forcedex.sync.access_sync import AccessSync
from forcedex.sync.budget import CallMeter, Plan, plan, remember_usage
from forcedex.sync.cost_table import CostTables
from forcedex.sync.dependencies import SETS_UP
from forcedex.sync.deriving import Deriving, Quiet
from forcedex.sync.events import Listener, ObjectFailed, RoundEnded, SyncPaused
from forcedex.sync.object_sync import OUT_OF_SIGHT, Around, ObjectSync
from forcedex.sync.objects import SyncOptions
from forcedex.sync.preparation import prepared_objects
from forcedex.sync.ripples import Settling
from forcedex.sync.setting import read_setting
from forcedex.sync.upkeep import Upkeep
from forcedex.sync.waiting import sleep_or
from forcedex.sync.watchman import Tell, Watchman, nobody
from forcedex.sync.window import Allowance

_AT_ONCE = 3  # objects that are read at the same time
_FIRST_PAUSE = 1.0  # seconds
_LONGEST_PAUSE = 60.0  # seconds
_SETTLE_EVERY = 1.0  # seconds
#: More dead letters than this in one object are told to a person.
_LETTERS = 1
Derived = Callable[[Quiet], Awaitable[bool]]


@dataclass(frozen=True, kw_only=True, slots=True)
class SyncOutcome:
    """What one pass over all objects came to."""

    #: Object to error, of those that could not be synced.
    failed: Mapping[str, str]
    #: Records that were refused.
    rejected: int
    #: Objects that the sync user sees no more: nothing of them was touched.
    frozen: Mapping[str, str]


class Engine:
    """Keeps an index equal to an org."""

    def __init__(
        self,
        source: Source,
        sink: Sink,
        store: StateStore,
        clock: Clock,
        options: SyncOptions,
        listener: Listener = lambda event: None,
        *,
        tell: Tell = nobody,
        meter: CallMeter | None = None,
    ) -> None:
        """`tell` hears notices; `meter` counts the source's calls."""
        self._source = source
        self._sink = sink
        self._store = store
        self._clock = clock
        self._options = options
        self._listener = listener
        self._meter = meter or CallMeter(store, options.api_share, lambda: datetime.now(UTC))
        self._watchman = Watchman(store, tell)
        self._objects: dict[str, ObjectSync] = {}
        self._gone: dict[str, str] = {}
        self._settling: Settling | None = None
        self._plan: Plan | None = None
        self._usage: ApiUsage | None = None
        self._org_now: tuple[datetime, float] | None = None
        self._one_settling = asyncio.Lock()
        self._access: AccessSync | None = None
        #: Set when everything must be prepared anew.
        self._again = asyncio.Event()

    @property
    def objects(self) -> Mapping[str, ObjectSync]:
        """What is synced, by API name."""
        return self._objects

    @property
    def meter(self) -> CallMeter:
        """The account of our API calls."""
        return self._meter

    # Preparing

    async def prepare(
        self, *, full: bool = False, anew: Sequence[str] = (), drop_hidden: Sequence[str] = ()
    ) -> Sequence[Selection]:
        """Find out what is to be synced and open its indices.

        `full` reads everything again into new ones; `anew` does so with the named objects, of which those in
        `drop_hidden` lose the records that the sync user does not see any more.
        """
        await self._close_objects()
        await self.planned(0)
        prepared = await prepared_objects(self._around(), self._options, full=full, anew=anew, drop_hidden=drop_hidden)
        self._objects, self._gone = dict(prepared.objects), dict(prepared.gone)
        self._settling = Settling(
            self._source,
            self._sink,
            self._store,
            {name: each.selection for name, each in self._objects.items()},
            prepared.dependencies,
            lambda name, ids: self._objects[name].bring(list(ids)),
            lambda name: name not in self._objects or self._objects[name].complete,
            prepared.access.shares,
            derived=self._derived(),
        )
        self._access = AccessSync(
            self._source,
            self._store,
            self._clock,
            self._watchman,
            self._options.rhythm,
            self._meter,
            lambda: self._plan,
            prepared.access,
            self._compare,
            lambda: self._again.set(),
            self._sink,
            self._bring_again,
        )
        return [each.selection for each in self._objects.values()]

    def _derived(self) -> Derived:
        """What keeps derived documents right, and the cost table in the index."""
        deriving = Deriving(
            FAMILIES,
            {name: each.selection.paths for name, each in self._objects.items()},
            self._sink,
            self._store,
            self._clock,
            lambda: read_setting(self._source, self._store),
            self._uuids,
            self._time,
        )
        costs = CostTables(self._sink, self._store, self._clock, self._watchman, self._uuids)

        async def settle(quiet: Quiet) -> bool:
            derived = await deriving.settle(quiet)
            return await costs.settle() or derived

        return settle

    # One pass

    async def run_once(self) -> SyncOutcome:
        """Every object up to now. Raises Unavailable when a side cannot answer; a refused object is in the outcome."""
        failed, rejected = await self._round(list(self._objects.values()), patient=True)
        drifted = [name for name, each in self._objects.items() if each.drifted and name in failed]
        if drifted:
            # The describe that we began with is out of date: once more with a new one.
            await self.prepare()
            failed, rejected = await self._round(list(self._objects.values()), patient=True)
        if not failed:
            if self._access is not None:
                await self._access.recheck()
            await self._settle()
            upkeep = self._upkeep(asyncio.Event())
            for each in self._objects.values():
                await upkeep.once(each)
            await self._settle()
        await self._sink.refresh()
        await self.save_reports()
        return SyncOutcome(failed=failed, rejected=rejected, frozen=self._gone)

    async def first_round(self, stop: asyncio.Event) -> SyncOutcome | None:
        """As `run_once`, before watching: cut short by `stop`, and None if it could not be done yet."""
        passing = asyncio.ensure_future(self.run_once())
        stopping = asyncio.ensure_future(stop.wait())
        try:
            await asyncio.wait({passing, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if not passing.done():
                return None
            return passing.result()
        except StateRefused:
            raise
        except (Unavailable, Refused, SourceDataError) as exc:
            # What was refused (a field is hidden since the describe, say), the watching meets again, and describes.
            await self._pausing(exc, 0.0)
            return None
        finally:
            for each in (passing, stopping):
                each.cancel()
            await asyncio.gather(passing, stopping, return_exceptions=True)

    async def verify(self, wanted: str = "", *, repair: bool = False) -> list[CheckReport]:
        """Compare all objects, or the wanted one, with the org: Ids and all fields."""
        return await self._upkeep(asyncio.Event()).verify(wanted, repair)

    async def replay(self, record_ids: list[str]) -> int:
        """Read refused records once more (none named: all); how many are no longer refused."""
        return await self._upkeep(asyncio.Event()).replay(record_ids)

    async def _round(self, objects: Sequence[ObjectSync], *, patient: bool) -> tuple[dict[str, str], int]:
        failed: dict[str, str] = {}
        rejected = 0
        if self._access is not None:
            await self._access.first()
        gate = asyncio.Semaphore(_AT_ONCE)
        now = await self.now()

        async def one(each: ObjectSync) -> None:
            nonlocal rejected
            async with gate:
                try:
                    refused = await each.poll(now, patient=patient)
                except (Refused, SourceDataError) as exc:
                    if isinstance(exc, StateRefused):
                        raise
                    if isinstance(exc, SourceRefused) and exc.code in OUT_OF_SIGHT:
                        await each.freeze(f"The sync user cannot read {each.name} any more: {exc.message}")
                    failed[each.name] = str(exc)
                    self._listener(ObjectFailed(each.name, str(exc)))
                else:
                    rejected += refused
                    await self._tell_letters(each)
                    moved = self._objects.get(SETS_UP.get(each.name, ""))
                    if moved is not None and moved.complete and each.changes:
                        await moved.want_comparison()

        await _all_of([one(each) for each in objects])
        return failed, rejected

    async def _tell_letters(self, each: ObjectSync) -> None:
        count = len(each.letters.buried)
        if count >= _LETTERS:
            text = f"{count:,} records of {each.name} could not be indexed; `forcedex dead-letters list` says why."
            await self._watchman.raised(each.name, NoticeKind.DEAD_LETTERS, text)
        else:
            await self._watchman.over(each.name, NoticeKind.DEAD_LETTERS)

    def _upkeep(self, again: asyncio.Event) -> Upkeep:
        return Upkeep(self._objects, self._around(), self._options, self._gone, lambda: self._plan, again)

    def _around(self) -> Around:
        return Around(
            source=self._source,
            sink=self._sink,
            store=self._store,
            clock=self._clock,
            rhythm=self._options.rhythm,
            watchman=self._watchman,
            listener=self._listener,
        )

    async def _settle(self) -> bool:
        """Bring up to date what noted changes moved elsewhere.

        A sync of some objects leaves the notes to a sync of all: it does not know who shows what.
        """
        assert self._settling is not None
        if self._options.partial:
            return False

        async def quiet(names: Iterable[str]) -> None:
            for name in names:
                await self._objects[name].quiet()

        async with self._one_settling:
            settled = await self._settling.settle(quiet)
        if all(each.complete for each in self._objects.values()):
            for each in self._objects.values():
                each.ripples.trusting = True
        return settled

    def _uuids(self, names: Collection[str]) -> Mapping[str, str] | None:
        """The index of each object; None while one is not complete."""
        objects = [each for name in names if (each := self._objects.get(name)) is not None]
        if len(objects) < len(names) or not all(each.complete for each in objects):
            return None
        return {each.name: each.target.index_uuid for each in objects}

    async def _compare(self, name: str) -> None:
        """Have all documents of an object compared soon, if there are some."""
        each = self._objects.get(name)
        if each is not None and each.complete:
            await each.want_comparison()

    async def _bring_again(self, name: str, ids: Sequence[str]) -> bool:
        """Have records read again, and visible as they are now; False while that cannot be done."""
        each = self._objects.get(name)
        if each is None:
            return True  # not synced any more
        if not each.complete or each.frozen:
            return False
        await each.bring(list(ids))
        await self._sink.refresh([name])
        return True

    async def now(self) -> datetime:
        """The org's time."""
        now = await self._source.now()
        self._org_now = now, self._clock.monotonic()
        return now

    async def _time(self) -> datetime:
        """The org's time, asked for once in a round."""
        return self.org_time() or await self.now()

    def org_time(self) -> datetime | None:
        """The org's time as far as it is known without asking."""
        if self._org_now is None:
            return None
        now, at = self._org_now
        return now + timedelta(seconds=self._clock.monotonic() - at)

    # For ever

    async def watch(self, stop: asyncio.Event) -> None:
        """Events and polls until `stop` is set, as often as our share of the API calls allows.

        Raises StateRefused (LeaseLost too) and whatever is no ordinary trouble of the other sides.
        """
        while not stop.is_set():
            assert self._access is not None
            again = self._again = asyncio.Event()
            upkeep = self._upkeep(again)
            streams = await self._open_streams()
            tasks: list[asyncio.Task[None]] = [
                asyncio.create_task(self._rounds(stop)),
                asyncio.create_task(self._settle_soon()),
                asyncio.create_task(upkeep.run()),
                asyncio.create_task(self._access.run()),
                asyncio.create_task(self._report()),
                *streams,
            ]
            ends = [asyncio.ensure_future(each.wait()) for each in (stop, again)]
            try:
                first: list[asyncio.Future[object]] = [*tasks, *ends]  # type: ignore[list-item]  # of any result
                await asyncio.wait(first, return_when=asyncio.FIRST_COMPLETED)
                for task in tasks:
                    if task.done():
                        task.result()
                if stop.is_set():
                    await self._drain()
            finally:
                for each in first:
                    each.cancel()
                await asyncio.gather(*first, return_exceptions=True)
            if not stop.is_set():
                await self._prepare_again(stop, upkeep.anew, upkeep.drop_hidden)
        await self._close_objects()
        await self.save_reports()

    async def _prepare_again(self, stop: asyncio.Event, anew: Sequence[str], drop_hidden: Sequence[str]) -> None:
        """The org is described otherwise, or a rebuild was asked for."""
        pause = _FIRST_PAUSE
        while not stop.is_set():
            try:
                await self.prepare(anew=anew, drop_hidden=drop_hidden)
                return
            except Unavailable as exc:
                self._listener(SyncPaused(str(exc), pause))
                await sleep_or(self._clock, pause, stop)
                pause = min(pause * 2, _LONGEST_PAUSE)

    async def _open_streams(self) -> list[asyncio.Task[None]]:
        names = [name for name in self._objects if self._options.streams(name)]
        try:
            offered = set(await self._source.streamable(names)) if names else set()
        except (Unavailable, Refused, ConfigurationError) as exc:
            offered = set()  # upkeep asks again
            for name in names:
                self._objects[name].stream_problem = str(exc)
        planned = await self.planned(len(offered))
        each = planned.rereads_each if planned else 10_000
        streams = [
            self._objects[name].streamed(Allowance(each, self._clock.monotonic())) for name in names if name in offered
        ]
        return [asyncio.create_task(run()) for stream in streams for run in (stream.follow, stream.work)]

    async def planned(self, streamed: int) -> Plan | None:
        """How our share of the calls is spent now; None if the org does not say what it allows."""
        try:
            usage: ApiUsage = await self._source.usage()
        except (Unavailable, Refused):
            return self._plan
        self._meter.hear(usage)
        if usage != self._usage:
            await remember_usage(self._store, usage)
            self._usage = usage
        polled = max(len(self._objects) - streamed, 0)
        self._plan = plan(
            usage,
            self._options.api_share,
            polled=polled,
            streamed=streamed,
            cross_check=self._options.rhythm.cross_check,
        )
        return self._plan

    async def _rounds(self, stop: asyncio.Event) -> None:
        pause = _FIRST_PAUSE
        while not stop.is_set():
            began = self._clock.monotonic()
            try:
                await self._one_round(began)
            except StateRefused:
                raise
            except (Unavailable, Refused, SourceDataError) as exc:
                await self._pausing(exc, pause)
                await sleep_or(self._clock, pause, stop)
                pause = min(pause * 2, _LONGEST_PAUSE)
                continue
            for kind in (NoticeKind.BUDGET, NoticeKind.BLOCKED):
                await self._watchman.over("", kind)
            pause = _FIRST_PAUSE
            interval = min((each.poll_seconds for each in self._objects.values()), default=60.0)
            wait = max(interval - (self._clock.monotonic() - began), 0.0)
            self._listener(RoundEnded(wait))
            await sleep_or(self._clock, wait, stop)

    async def _pausing(self, exc: Unavailable | Refused | SourceDataError, seconds: float) -> None:
        side = "elasticsearch" if isinstance(exc, SinkUnavailable) else "salesforce"
        self._listener(SyncPaused(str(exc), seconds, side))
        if isinstance(exc, BudgetExhausted):
            await self._watchman.raised("", NoticeKind.BUDGET, str(exc))
        elif isinstance(exc, SinkUnavailable) and "no writes" in exc.message:
            await self._watchman.raised("", NoticeKind.BLOCKED, str(exc))

    async def _settle_soon(self) -> None:
        """What events moved elsewhere need not wait for the next round."""
        while True:
            await self._clock.sleep(_SETTLE_EVERY)
            try:
                await self._settle()
            except StateRefused:
                raise
            except (Unavailable, Refused, SourceDataError):
                pass  # the notes are kept, and the rounds tell what is wrong

    async def _one_round(self, began: float) -> None:
        live = {name for name, each in self._objects.items() if each.stream is not None and each.stream.live}
        planned = await self.planned(len(live))
        due = []
        for name, each in self._objects.items():
            if planned is not None:
                each.poll_seconds, each.poll_limit = planned.poll_seconds, planned.poll_limit
            # Its stream tells everything; but a new index that is ready waits for a poll to take over.
            wait = self._options.rhythm.cross_check if name in live and each.complete else 0.0
            if each.frozen or (each.polled_at is not None and began - each.polled_at < wait):
                continue
            due.append(each)
        if due:
            await self._round(due, patient=False)
        await self._settle()

    async def _drain(self) -> None:
        """Let what is being written finish, for a while."""
        try:
            async with asyncio.timeout(self._options.rhythm.drain):
                for each in self._objects.values():
                    if each.stream is not None and not each.stream.idle:
                        await self._clock.sleep(self._options.rhythm.window)
                    if each.complete:
                        await each.quiet()
        except TimeoutError:
            pass

    # Telling

    async def _report(self) -> None:
        while True:
            await self.save_reports()
            await self._clock.sleep(self._options.rhythm.report)

    def reports(self) -> list[ObjectReport]:
        """How every object is doing."""
        now, monotonic = self.org_time(), self._clock.monotonic()
        return [each.report(now, monotonic) for each in self._objects.values()]

    async def save_reports(self) -> None:
        """For `status` in another process."""
        await self._store.report(self.reports())

    async def _close_objects(self) -> None:
        for each in self._objects.values():
            await each.close()
        self._objects = {}


async def _all_of(coroutines: list[Awaitable[None]]) -> None:
    """Run all together; the first error ends the others, and is raised as itself, not in a group."""
    tasks = [asyncio.ensure_future(each) for each in coroutines]
    try:
        await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
