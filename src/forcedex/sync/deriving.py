"""Derived documents are kept right.

Whatever is written of a root, or of what belongs to it, is noted before; afterwards the root's documents are derived
anew from what the index then holds. An ordinal is taken before the records are looked at, so of two derivations the
later one stays. Where notes cannot tell (an index was built anew, the org is set up otherwise), everything is derived
into a new generation.
"""

import hashlib
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from forcedex.domain.derived.kinds import DerivedDocument, Family, Record, Root, Setting, without_nulls
from forcedex.domain.ports import Clock, Shelf, ShelfDocument, Sink, StateStore
from forcedex.sync.derive_notes import DERIVE
from forcedex.sync.roots import ABOUT, Roots, parts
from forcedex.sync.tallying import Tallying

#: Seconds after which it is looked at again how the org is set up, and tombstones are purged.
_LOOK_AGAIN = 3_600.0

Quiet = Callable[[Iterable[str]], Awaitable[None]]


@dataclass(slots=True)
class _Place:
    """A family with its indices."""

    family: Family
    roots: Roots
    #: The indices that it was opened for.
    uuids: Mapping[str, str] = field(default_factory=dict)
    shelves: dict[str, Shelf] = field(default_factory=dict)
    setting: Setting | None = None
    opened_at: float = 0.0
    tallying: Tallying | None = None

    @property
    def repeated(self) -> set[str]:
        return {path for shelf in self.shelves.values() for path in shelf.columns}


class Deriving:
    """All derived documents of an org."""

    def __init__(
        self,
        families: Iterable[Family],
        columns: Mapping[str, Collection[str]],
        sink: Sink,
        store: StateStore,
        clock: Clock,
        setting: Callable[[], Awaitable[Setting]],
        uuids: Callable[[Collection[str]], Mapping[str, str] | None],
        now: Callable[[], Awaitable[datetime]],
    ) -> None:
        """`columns` are those that are read, by object.

        `setting` reads how the org is set up; `uuids` names the index of each object, None while one is not complete;
        `now` is the org's time.
        """
        self._places = [
            _Place(
                family,
                Roots(family, {name: columns[name] for name in sorted(family.objects & columns.keys())}, sink, store),
                tallying=Tallying(family.of, family.tally, sink, store, now) if family.tally else None,
            )
            for family in families
            if family.of in columns
        ]
        self._sink = sink
        self._store = store
        self._clock = clock
        self._read_setting = setting
        self._uuids = uuids

    async def settle(self, quiet: Quiet) -> bool:
        """Derive what is noted, or everything where that does not do; whether there was something.

        `quiet` waits until what is being written to these objects now has been.
        """
        done = False
        for place in self._places:
            uuids = self._uuids(place.roots.objects)
            if uuids is not None:
                done = await self._settle(place, uuids, quiet) or done
        return done

    async def _settle(self, place: _Place, uuids: Mapping[str, str], quiet: Quiet) -> bool:
        noted = await self._store.noted(DERIVE)
        family = place.family
        ids = noted.get(family.of, ())
        set_up = _noted_for(family, family.set_up_by, noted)
        looked_up = _noted_for(family, family.looked_up, noted)
        if ids or set_up or looked_up:
            await quiet(place.roots.objects)
        now = self._clock.monotonic()
        if set_up or uuids != place.uuids or now - place.opened_at > _LOOK_AGAIN:
            await self._open(place, uuids)
            place.opened_at = now
        for name, records in set_up.items():
            await self._store.settle(DERIVE, family.about(name), records)
        if not all(shelf.complete for shelf in place.shelves.values()):
            await self._fill(place)
        for some in parts(ids):
            await self._derive(place, some)
            await self._store.settle(DERIVE, family.of, some)
        for name, records in looked_up.items():
            for some in parts(records):
                for roots in parts(await place.roots.looking_up(name, some)):
                    await self._derive(place, roots)
                await self._store.settle(DERIVE, family.about(name), some)
        if ids or looked_up:
            await self._sink.refresh([kind.name for kind in family.kinds])
        if place.tallying is not None and place.setting is not None:
            await place.tallying.settle(place.setting)
        return bool(ids or set_up or looked_up)

    async def _open(self, place: _Place, uuids: Mapping[str, str]) -> None:
        """The indices for what there is now; those of the kinds that were there before stay if they fit."""
        family = place.family
        place.setting = await self._read_setting()
        signature = hashlib.sha256(repr((sorted(uuids.items()), place.setting)).encode()).hexdigest()[:16]
        others = sorted(set(place.roots.objects) - {family.of})
        for kind in family.kinds:
            place.shelves[kind.name] = shelf = await self._sink.shelf(kind, family.of, others, signature)
            if shelf.complete and place.uuids:  # not at the start: requests of a process that was killed may come late
                await self._sink.purge_tombstones(kind.name, datetime.now(UTC))
        if place.tallying is not None:
            await place.tallying.open(others)
        place.uuids = uuids

    async def _fill(self, place: _Place) -> None:
        """All roots, in the order of their Ids."""
        first = await self._store.next_ordinal()
        async for records in self._sink.scan(place.family.of, "SystemModstamp"):
            for some in parts([each.record_id for each in records]):
                await self._write(place, await self._store.next_ordinal(), await place.roots.read(some, place.repeated))
        if place.tallying is not None and place.setting is not None:
            await place.tallying.sum_up(first, place.setting)
        for shelf in place.shelves.values():
            await shelf.publish()

    async def _derive(self, place: _Place, ids: Sequence[str]) -> None:
        """These roots, and others whose documents change with them."""
        ordinal = await self._store.next_ordinal()
        roots = await place.roots.read(ids, place.repeated)
        for more in parts(await place.roots.moved(ids, roots)):
            await self._write(place, ordinal, await place.roots.read(more, place.repeated), counting=True)
        if place.tallying is not None and place.setting is not None:
            await place.tallying.gone([each for each in ids if each not in roots], ordinal, place.setting)
        kept = await self._write(place, ordinal, roots, counting=True)
        for kind in place.family.kinds:
            if kind.many or len(roots) < len(ids):
                await place.shelves[kind.name].leave_only(ids, kept[kind.name], ordinal)

    async def _write(
        self, place: _Place, ordinal: int, roots: Mapping[str, Root], *, counting: bool = False
    ) -> Mapping[str, Collection[str]]:
        """The documents of these roots; their ids by kind. `counting`: totals of days follow."""
        assert place.setting is not None
        made: dict[str, list[ShelfDocument]] = {kind.name: [] for kind in place.family.kinds}
        derived = {root_id: place.family.derive(root, place.setting) for root_id, root in roots.items()}
        if place.tallying is not None:  # before anything is written of it: what is kept is never behind
            told = {root_id: (root.record, derived[root_id]) for root_id, root in roots.items()}
            await place.tallying.take(told, ordinal, place.setting, counting=counting)
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        for root_id, root in roots.items():
            about = {path.removeprefix("forcedex."): root.record[path] for path in ABOUT if path in root.record}
            about["synced_at"] = now
            for document in derived[root_id]:
                made[document.kind].append(_shelved(place, root_id, root.record, document, about))
        for name, documents in made.items():
            if documents:
                await place.shelves[name].put(documents, ordinal)
        return {name: {each.id for each in documents} for name, documents in made.items()}


def _shelved(
    place: _Place, root_id: str, record: Record, document: DerivedDocument, about: Mapping[str, object]
) -> ShelfDocument:
    """The document with the columns that it repeats, as they are now or as it says that they were."""
    assert place.setting is not None
    shelf = place.shelves[document.kind]
    repeated = {path: record[path] for path in shelf.columns if path in record}
    then = {path: value for path, value in document.columns.items() if path in shelf.columns}
    money = sorted(then.keys() & set(shelf.money))
    if money:
        known = about.get("minor")
        minor = {
            **(known if isinstance(known, Mapping) else {}),
            **{path: place.setting.minor(then[path], record.get("CurrencyIsoCode"), None) for path in money},
        }
        about = {**about, "minor": without_nulls(minor)}
    values = without_nulls({**repeated, **then, **document.values})
    return ShelfDocument(id=document.id, root=root_id, values=values, about=about)


def _noted_for(family: Family, names: Collection[str], noted: Mapping[str, Sequence[str]]) -> dict[str, Sequence[str]]:
    return {name: noted[family.about(name)] for name in sorted(names) if noted.get(family.about(name))}
