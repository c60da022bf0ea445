"""Access data kept fresh: people and rights, and the grants on all records. None of it sends change events.

Source: salesforce-api notes on record access; GroupMember, UserRole, PermissionSetAssignment and the share tables have
no change events, and taken-back shares leave no trace but their absence.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from forcedex.access.sharing import Shape
from forcedex.domain.errors import Refused, SourceDataError, SourceRefused, StateRefused, Unavailable
from forcedex.domain.ports import Clock, Sink, Source, StateStore
from forcedex.domain.record import parse_stamp, stamp_text
from forcedex.domain.rights import Directory
from forcedex.domain.schema import SObject
from forcedex.domain.upkeep import NoticeKind
from forcedex.sync.budget import CallMeter, Plan
from forcedex.sync.followers import Followers
from forcedex.sync.objects import Chosen
from forcedex.sync.rechecking import CALLS, Rechecking
from forcedex.sync.rhythm import Rhythm
from forcedex.sync.shapes import grant_queries, shapes, share_tables, targets
from forcedex.sync.shares import Shares
from forcedex.sync.watchman import Watchman

_TICK = 1.0  # seconds
_DAY = 86_400.0  # seconds
#: API calls of one look at people and rights: ten queries, restriction rules, who may forecast.
_DIRECTORY_CALLS = 4
#: And of one listing of the shares of an object: a job, its states, its pages.
_LISTING_CALLS = 10
#: Salesforce's codes for an object that is not there.
_NOT_THERE = frozenset({"NOT_FOUND", "INVALID_TYPE"})
#: The moment of the last listing of an object's grants.
LISTED = "shares"
_LONGEST_PAUSE = 60.0  # seconds


@dataclass(frozen=True, kw_only=True, slots=True)
class AccessData:
    """What is known of sharing when a sync is prepared."""

    shares: Shares
    shapes: Mapping[str, Shape]
    directory: Directory | None


async def prepared_access(
    source: Source, sink: Sink, store: StateStore, clock: Clock, watchman: Watchman, found: Chosen, flat: Sequence[str]
) -> AccessData:
    """Read people and rights, and find out how each object is shared."""
    directory = await read_directory(source, store, watchman, [each.sobject.name for each in found.selections])
    tables = await _tables(source, share_tables(found.selections, found.there))
    made = shapes(found.selections, tables, directory, flat)
    prefixes = {each.key_prefix: each.name for each in found.there if each.key_prefix}
    followers = Followers(made, targets(found.selections), sink)
    shares = Shares(source, store, clock, watchman, made, prefixes, grant_queries(made), followers)
    return AccessData(shares=shares, shapes=made, directory=directory)


async def _tables(source: Source, names: Mapping[str, str]) -> dict[str, SObject]:
    """The describes of share tables, without those that went since they were listed: an object was just opened."""
    found = {}
    for name, table in names.items():
        try:
            found[name] = await source.describe(table)
        except SourceRefused as exc:
            if exc.code not in _NOT_THERE:
                raise
    return found


async def read_directory(
    source: Source, store: StateStore, watchman: Watchman, objects: Sequence[str]
) -> Directory | None:
    """People and rights as they are now, kept; None, and a person is told, if the sync user may not read them."""
    began = await source.now()
    try:
        directory = await source.directory(objects)
    except SourceRefused as exc:
        await watchman.raised("", NoticeKind.ACCESS, str(exc))
        return None
    await store.save_directory(directory, began)
    await watchman.over("", NoticeKind.ACCESS)
    return directory


class AccessSync:
    """Keeps the access data of a sync fresh: `run` until cancelled."""

    def __init__(
        self,
        source: Source,
        store: StateStore,
        clock: Clock,
        watchman: Watchman,
        rhythm: Rhythm,
        meter: CallMeter,
        planned: Callable[[], Plan | None],
        data: AccessData,
        compare: Callable[[str], Awaitable[None]],
        again: Callable[[], None],
        sink: Sink,
        bring: Callable[[str, Sequence[str]], Awaitable[bool]],
    ) -> None:
        """`compare` has all documents of an object compared soon; `again` has the sync prepared anew.

        `bring` rereads records and returns when they can be found as they are now; False if it cannot be done yet.
        """
        self._source = source
        self._store = store
        self._clock = clock
        self._watchman = watchman
        self._rhythm = rhythm
        self._meter = meter
        self._planned = planned
        self._shares = data.shares
        self._shapes = data.shapes
        self._directory = data.directory
        self._compare = compare
        self._again = again
        self._read_at = clock.monotonic()
        self._listed_at = {name: clock.monotonic() for name in data.shares.kept}
        self._rechecking = Rechecking(store, sink, data.shares, data.shapes, self._people, bring)
        self._rechecked_at = -_DAY

    async def first(self) -> None:
        """The grants on all records of objects of which none are known: before their records are read."""
        listed = await self._store.moments(LISTED)
        for name in self._shares.kept:
            if name not in listed:
                await self._list_first(name)

    async def _list_first(self, name: str) -> None:
        began = await self._source.now()
        try:
            with self._meter.for_access():
                await self._shares.first_listing(name)
        except (Refused, SourceDataError) as exc:
            if isinstance(exc, StateRefused):
                raise
            await self._watchman.raised(name, NoticeKind.ACCESS, f"Who may see {name} cannot be read: {exc}")
            return
        await self._store.save_moment(LISTED, name, stamp_text(began))
        for each in (name, *sorted(self._shares.followers.objects(name))):
            await self._compare(each)

    async def run(self) -> None:
        """Look every second for what is due."""
        pause = _TICK
        while True:
            try:
                with self._meter.for_access():
                    await self._tick()
                pause = _TICK
            except StateRefused:
                raise
            except (Unavailable, Refused, SourceDataError):
                pause = min(pause * 2, _LONGEST_PAUSE)  # the age of what is known says how bad it is
            await self._clock.sleep(pause)

    async def _tick(self) -> None:
        await self._shares.look_again()
        now = self._clock.monotonic()
        if now - self._read_at >= self.people_every:
            self._read_at = now
            await self._people()
        for name in self._shares.kept:
            if now - self._listed_at[name] >= self.listing_every:
                self._listed_at[name] = now
                await self._list(name)
        if now - self._rechecked_at >= self.recheck_every and (some := await self._rechecking.waiting()):
            self._rechecked_at = now
            await self._rechecking.run(some)

    async def recheck(self) -> None:
        """What Salesforce did not show people although we did: read who may see it."""
        if some := await self._rechecking.waiting():
            with self._meter.for_access():
                await self._rechecking.run(some)

    async def _people(self) -> bool:
        """Whether people and rights could be read."""
        directory = await read_directory(self._source, self._store, self._watchman, list(self._shapes))
        if directory is None:
            return False
        before, self._directory = self._directory, directory
        if before is not None and sorted(before.sharing, key=_name) != sorted(directory.sharing, key=_name):
            self._again()  # another sharing model: other tokens, perhaps other tables
        return True

    async def _list(self, name: str) -> None:
        began = await self._source.now()
        await self._shares.listing(name)
        await self._store.save_moment(LISTED, name, stamp_text(began))

    @property
    def people_every(self) -> float:
        """Seconds between two looks at people and rights: half of what access reads may cost."""
        planned = self._planned()
        least = _DAY * _DIRECTORY_CALLS / max(planned.access / 2, 1) if planned else 0.0
        return max(self._rhythm.people, least)

    @property
    def recheck_every(self) -> float:
        """Seconds between two looks at reported records, however many people report some."""
        planned = self._planned()
        least = _DAY * CALLS / max(planned.access / 2, 1) if planned else 0.0
        return max(self._rhythm.recheck, least)

    @property
    def listing_every(self) -> float:
        """Seconds between two listings of the grants of an object: the other half."""
        planned = self._planned()
        calls = _LISTING_CALLS * max(len(self._shares.kept), 1)
        least = _DAY * calls / max(planned.access / 2, 1) if planned else 0.0
        return max(self._rhythm.shares, least)


def _name(sharing: object) -> str:
    return str(sharing)


async def listed_at(store: StateStore) -> Mapping[str, datetime]:
    """When the grants of each object were listed last."""
    return {name: parse_stamp(text) for name, text in (await store.moments(LISTED)).items()}
