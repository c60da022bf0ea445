"""Root records with everything that belongs to them, as the index holds it now."""

from collections.abc import Collection, Iterator, Mapping, Sequence

from forcedex.domain.derived.kinds import Family, Record, Root
from forcedex.domain.ports import Sink, StateStore

_AT_ONCE = 500  # records
#: What documents about a record say of who may read it, and its amounts.
ABOUT = ("forcedex.acl", "forcedex.see", "forcedex.minor")


class Roots:
    """The roots of one family. `columns` are those that are read of each of its objects that is synced."""

    def __init__(self, family: Family, columns: Mapping[str, Collection[str]], sink: Sink, store: StateStore) -> None:
        self._family = family
        self._columns = columns
        self._sink = sink
        self._store = store

    @property
    def objects(self) -> Collection[str]:
        """The objects of the family that are synced."""
        return self._columns.keys()

    async def read(self, ids: Sequence[str], repeated: Collection[str]) -> dict[str, Root]:
        """Those that are there; `repeated` are columns that are wanted beside those that are read."""
        family = self._family
        wanted = sorted({*self._columns[family.of], *repeated})
        records = await self._sink.stored(family.of, ids, [*wanted, *ABOUT])
        members: dict[str, dict[str, list[Record]]] = {each: {} for each in records}
        for member in family.members:
            read = self._columns.get(member.object, ())
            if member.reference in read:
                columns = [name for name in member.columns if name in read]
                for root_id, rows in (await self._by(member.object, member.reference, records, columns)).items():
                    members[root_id][member.object] = rows
        looked_up = await self._looked_up(records, members)
        shared = {str(each[family.together]) for each in records.values() if each.get(family.together)}
        peers = await self._by(family.of, family.together, shared, family.peer_columns)
        observed = await self._store.observed(family.of, ids) if family.watched else {}
        return {
            key: Root(
                record={**record, "Id": key},
                members=members[key],
                looked_up=looked_up,
                peers=peers.get(str(record.get(family.together)), ()),
                observed=observed.get(key, ()),
            )
            for key, record in records.items()
        }

    async def looking_up(self, name: str, ids: Sequence[str]) -> list[str]:
        """The Ids of roots that look something up in these records, themselves or through a member."""
        family = self._family
        own = [each.reference for each in family.looks_up if each.object == name]
        own = [each for each in own if each in self._columns[family.of]]
        found = set(await self._sink.referring(family.of, own, ids) if own else ())
        for member in family.members:
            read = self._columns.get(member.object, ())
            for each in member.looks_up:
                if each.object == name and each.reference in read and member.reference in read:
                    rows = await self._by(member.object, each.reference, set(ids), [member.reference])
                    found |= {str(row[member.reference]) for some in rows.values() for row in some}
        return sorted(found)

    async def moved(self, ids: Sequence[str], roots: Mapping[str, Root]) -> list[str]:
        """The Ids of other roots that share something with these now, or did when these were derived last."""
        family = self._family
        looked_at = [name for name in family.peer_columns if name != "Id"]
        if not family.together:
            return []
        derived = await self._sink.stored(family.kinds[0].name, ids, looked_at)
        shared: set[str] = set()
        for key in ids:
            before: Record = derived.get(key, {})
            after: Record = roots[key].record if key in roots else {}
            if any(before.get(name) != after.get(name) for name in looked_at):
                shared |= {str(each[family.together]) for each in (before, after) if each.get(family.together)}
        if not shared:
            return []
        found = await self._sink.referring(family.of, [family.together], sorted(shared))
        return sorted(set(found) - set(ids))

    async def _looked_up(
        self, records: Mapping[str, Record], members: Mapping[str, Mapping[str, Sequence[Record]]]
    ) -> dict[str, dict[str, Record]]:
        """What these look up, by object and Id."""
        family = self._family
        looking = [(each, list(records.values())) for each in family.looks_up]
        for member in family.members:
            rows = [row for of_root in members.values() for row in of_root.get(member.object, ())]
            looking += [(each, rows) for each in member.looks_up]
        found: dict[str, dict[str, Record]] = {}
        for each, rows in looking:
            columns = [name for name in each.columns if name in self._columns.get(each.object, ())]
            ids = sorted({str(row[each.reference]) for row in rows if row.get(each.reference)})
            for some in parts(ids) if columns else ():
                found.setdefault(each.object, {}).update(await self._sink.stored(each.object, some, columns))
        return found

    async def _by(
        self, name: str, reference: str, values: Collection[str], columns: Sequence[str]
    ) -> dict[str, list[Record]]:
        """The records that refer to these, by whom they refer to."""
        found: dict[str, list[Record]] = {}
        keys = await self._sink.referring(name, [reference], sorted(values)) if values and reference else ()
        for some in parts(keys):
            held = await self._sink.stored(name, some, [*columns, reference])
            for key, row in held.items():
                if row.get(reference) in values:
                    found.setdefault(str(row[reference]), []).append({**row, "Id": key})
        return found


def parts(ids: Sequence[str]) -> Iterator[Sequence[str]]:
    """As many as are looked at together."""
    for start in range(0, len(ids), _AT_ONCE):
        yield ids[start : start + _AT_ONCE]
