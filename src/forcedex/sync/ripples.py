"""What a changed record moves elsewhere, noted before the change is written and settled afterwards.

Before records are written they are compared with what the index holds. If a field differs that other documents show
(a parent's name, a formula's source), or records are gone, that is noted in the state store; so a crash in between
loses nothing. Later the documents that show it are found in the index, read once more and written again.
"""

from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal, InvalidOperation

from forcedex.domain.ports import Sink, Source, StateStore
from forcedex.domain.record import Page, parse_stamp
from forcedex.domain.selection import Selection
from forcedex.sync.dependencies import COUNTED, Dependency
from forcedex.sync.derive_notes import DeriveNotes
from forcedex.sync.deriving import Quiet
from forcedex.sync.followers import Lost
from forcedex.sync.observing import Observing
from forcedex.sync.shares import SHARED, Shares

#: Kinds of notes.
DELETED = "deleted"
CHANGED = "changed"
REREAD = "reread"
RESTORED = "restored"

_AT_ONCE = 500  # records looked for in one query
_ASKED_AT_ONCE = 200  # records whose referrers the org is asked for in one query
#: A record that is new to the index and was created this long before its stamp may have come back from the bin.
_OLDER = timedelta(seconds=2)


class Ripples:
    """The notes of one object's changes."""

    def __init__(
        self,
        selection: Selection,
        sink: Sink,
        store: StateStore,
        depending: Sequence[Dependency],
        synced: Iterable[str],
        *,
        all_matter: bool = False,
        derive: DeriveNotes,
        observing: Observing,
    ) -> None:
        """`depending`: what shows this object's fields; `synced`: the objects that have an index.

        `all_matter`: it is not known what shows this object's fields, so every change is noted. `derive` notes what is
        derived from them, `observing` keeps how they changed.
        """
        self._name = selection.sobject.name
        self._sink = sink
        self._store = store
        self._derive = derive
        self.observing = observing
        columns = set(selection.paths)
        shown = {field for each in depending for field in each.fields}
        self._fields = sorted(shown & columns)
        if not shown <= columns:
            # Something is shown that is not read here, hidden or excluded: any change may be one of it.
            self._fields.append(str(selection.sobject.stamp_field))
        counted, references = COUNTED.get(self._name, ((), ()))
        self._references = {
            name: tuple(each for each in selection.sobject.by_name[name].reference_to if each in set(synced))
            for name in references
            if name in columns
        }
        self._counted = sorted((set(counted) & columns) | set(self._references)) if self._references else []
        self._deletes = "IsDeleted" in columns
        self._all_matter = all_matter
        #: While an index is being filled, what it holds says nothing: every change counts as one.
        self.trusting = False

    async def note(self, page: Page, ordinal: int) -> None:
        """Note what writing these records, as the read with this ordinal showed them, will move elsewhere."""
        place = {name: index for index, name in enumerate(page.columns)}
        ids = [row[place["Id"]] for row in page.rows]
        await self._derive.note(page)
        await self.observing.note(page, ordinal)
        if self._deletes:
            gone = [key for key, row in zip(ids, page.rows, strict=True) if row[place["IsDeleted"]] == "true"]
            await self._store.note(DELETED, self._name, gone)
        if self._all_matter:
            await self._store.note(CHANGED, self._name, ids)
        looked_at = sorted({"Id", *self._fields, *self._counted})
        present = await self._sink.stored(self._name, ids, looked_at)
        await self._store.note(RESTORED, self._name, self._restored(page, place, present.keys()))
        stored = present if self.trusting else {}
        changed: list[str] = []
        moved: dict[str, set[str]] = {}
        for key, row in zip(ids, page.rows, strict=True):
            before = stored.get(key, {})
            # One that is new to the index may be shown already, as it was before: its children may have come first.
            if self._fields and (key not in stored or self._differ(before, row, place, self._fields)):
                changed.append(key)
            if self._counted and (key not in stored or self._differ(before, row, place, self._counted)):
                for name, targets in self._references.items():
                    for record in (row[place[name]], str(before.get(name) or "")):
                        if record:
                            for target in targets:
                                moved.setdefault(target, set()).add(record)
        await self._store.note(CHANGED, self._name, changed)
        for target, records in moved.items():
            await self._store.note(REREAD, target, sorted(records))

    def _restored(self, page: Page, place: Mapping[str, int], present: Collection[str]) -> list[str]:
        """Records that may have come back from the Recycle Bin: the org fills lookups to them again, without a trace.

        Source: Salesforce Help, "Restore Records": lookups that were not replaced meanwhile.
        """
        created, stamp = place.get("CreatedDate"), place.get("SystemModstamp")
        if not self._deletes or created is None or stamp is None:
            return []
        return [
            row[place["Id"]]
            for row in page.rows
            if row[place["Id"]] not in present
            and row[place["IsDeleted"]] != "true"
            and row[created]
            and parse_stamp(row[created]) < parse_stamp(row[stamp]) - _OLDER
        ]

    async def note_gone(self, ids: Sequence[str]) -> None:
        """These records are gone for good."""
        await self._derive.note_gone(ids)
        await self.observing.gone(ids)
        await self._store.note(DELETED, self._name, ids)

    @staticmethod
    def _differ(
        before: Mapping[str, object], row: Sequence[str], place: Mapping[str, int], fields: Sequence[str]
    ) -> bool:
        return any(not same(before.get(name), row[place[name]]) for name in fields)


def same(stored: object, text: str) -> bool:
    """Whether a document's value is what a read gives as text; in doubt it is not."""
    match stored:
        case None:
            return text in ("", "false")
        case bool():
            return text == ("true" if stored else "false")
        case int() | float():
            try:
                return Decimal(str(stored)) == Decimal(text)
            except InvalidOperation:
                return False
        case list():
            return text == ";".join(map(str, stored))
        case _:
            return text == str(stored)


class Settling:
    """Finds and rereads whatever the notes are about. `reread` brings the named records of an object up to date."""

    def __init__(
        self,
        source: Source,
        sink: Sink,
        store: StateStore,
        selections: Mapping[str, Selection],
        found: Sequence[Dependency],
        reread: Callable[[str, Sequence[str]], Awaitable[None]],
        ready: Callable[[str], bool],
        shares: Shares | None = None,
        *,
        derived: Callable[[Quiet], Awaitable[bool]],
    ) -> None:
        """`ready` says whether an object's index is complete: until then its documents cannot be found.

        `derived` derives whatever depends on what was written.
        """
        self._shares = shares
        self._derived = derived
        self._source = source
        self._sink = sink
        self._store = store
        self._selections = selections
        self._dependencies = found
        self._reread = reread
        self._ready = ready

    def affected(self, kind: str, name: str) -> set[str]:
        """The objects whose documents may show records of this one."""
        if kind == REREAD:
            return {name} & self._selections.keys()
        if kind == CHANGED:
            return {each.child for each in self._dependencies if each.parent == name}
        if kind == SHARED:
            followers = self._shares.followers.objects(name) if self._shares else set[str]()
            return {name, *followers} & self._selections.keys()
        return {other for other, selection in self._selections.items() if _references(selection, name)}

    def _searched(self, kind: str, name: str) -> set[str]:
        """The objects whose index is searched on the way."""
        if kind in (DELETED, SHARED):
            return self.affected(kind, name)
        steps = {step for each in self._dependencies if each.parent == name for step, _ in each.chain}
        return steps & self._selections.keys()

    async def settle(self, quiet: Quiet) -> bool:
        """Work through the notes; whether any was settled.

        `quiet` waits until what is being written to these objects now has been: after it, what a search does not
        find will be read later than the noted change.
        """
        done = False
        for kind in (DELETED, RESTORED, CHANGED, SHARED, REREAD):
            for name, ids in (await self._store.noted(kind)).items():
                objects = self.affected(kind, name)
                if not ids or not all(map(self._ready, objects)):
                    continue
                await quiet(objects)
                if kind in (DELETED, CHANGED, SHARED):
                    await self._sink.refresh(self._searched(kind, name))
                for start in range(0, len(ids), _AT_ONCE):
                    some = ids[start : start + _AT_ONCE]
                    for child, records in (await self._showing(kind, name, some)).items():
                        await self._reread(child, records)
                    await self._store.settle(kind, name, some)
                    done = True
                if kind == SHARED:
                    await self._derived(quiet)
                    await self._show_again(name, ids)
        return await self._derived(quiet) or done

    async def _show_again(self, name: str, ids: Sequence[str]) -> None:
        """Everything that depends on the grants on these records was written: once that can be seen, it is shown."""
        await self._sink.refresh(self.affected(SHARED, name))
        waiting = await self._store.noted(SHARED)
        left = set(waiting.get(name, ()))
        if self._shares is not None:
            await self._shares.settled(name, [each for each in ids if each not in left], last=not any(waiting.values()))

    async def _showing(self, kind: str, name: str, ids: Sequence[str]) -> dict[str, list[str]]:
        """The documents that show these records, by object."""
        if kind == REREAD:
            return {name: list(ids)} if name in self._selections else {}
        found: dict[str, set[str]] = {}
        if kind == SHARED:
            found[name] = set(ids) if name in self._selections else set()
            if self._shares is not None:
                async for follower in self._shares.followers.of(name, ids, Lost()):
                    found.setdefault(follower.object, set()).update(follower.record_ids)
            return {child: sorted(records) for child, records in found.items() if records}
        if kind == DELETED:
            for other, selection in self._selections.items():
                fields = _references(selection, name)
                if fields:
                    found.setdefault(other, set()).update(await self._sink.referring(other, fields, ids))
        elif kind == RESTORED:
            for other, selection in self._selections.items():
                for field in _references(selection, name):
                    found.setdefault(other, set()).update(await self._asked(selection, field, ids))
        else:
            for each in self._dependencies:
                if each.parent != name:
                    continue
                at: Sequence[str] = ids
                for sobject, field in reversed(each.chain):
                    at = await self._referring(sobject, field, at)
                found.setdefault(each.child, set()).update(at)
        return {child: sorted(records) for child, records in found.items() if records}

    async def _asked(self, selection: Selection, field: str, ids: Sequence[str]) -> list[str]:
        """The Ids of the org's records that refer to these: the index does not know them any more."""
        columns = ("Id", str(selection.sobject.stamp_field))
        found: list[str] = []
        if not selection.sobject.by_name[field].filterable:
            return found
        for start in range(0, len(ids), _ASKED_AT_ONCE):
            listed = ", ".join(f"'{each}'" for each in ids[start : start + _ASKED_AT_ONCE])
            async for page in self._source.read(selection.sobject, columns, where=f"{field} IN ({listed})"):
                found += [row[0] for row in page.rows]
        return found

    async def _referring(self, sobject: str, field: str, ids: Sequence[str]) -> list[str]:
        """Empty where the object in between is not synced: the rotating comparison finds those."""
        if sobject not in self._selections:
            return []
        found: list[str] = []
        for start in range(0, len(ids), _AT_ONCE):
            found += await self._sink.referring(sobject, [field], ids[start : start + _AT_ONCE])
        return found


def _references(selection: Selection, name: str) -> list[str]:
    """The reference fields of the selection that may hold an Id of this object."""
    return [
        column.path
        for column in selection.columns
        if column.parent is None and column.field.type == "reference" and name in column.field.reference_to
    ]
