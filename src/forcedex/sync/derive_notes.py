"""Notes of what is to be derived anew, made before the records are written that it is derived from."""

from collections.abc import Collection, Iterable, Sequence

from forcedex.domain.derived.kinds import Family
from forcedex.domain.ports import Sink, StateStore
from forcedex.domain.record import Page

#: The kind of these notes: roots by their object, and set-up and looked-up records under the family's own name.
DERIVE = "derive"


class DeriveNotes:
    """Notes which roots the records of one object are about."""

    def __init__(self, name: str, columns: Collection[str], families: Iterable[Family], sink: Sink, store: StateStore):
        self._name = name
        self._sink = sink
        self._store = store
        #: Column of what is noted, and under which name.
        self._ways: set[tuple[str, str]] = set()
        #: Those whose column may change: the roots that it led to before are noted, too.
        self._moving: set[tuple[str, str]] = set()
        for family in families:
            if name == family.of:
                self._ways.add(("Id", name))
            if name in family.set_up_by | family.looked_up:
                self._ways.add(("Id", family.about(name)))
            members = [each for each in family.members if each.object == name and each.reference in columns]
            self._ways |= {(each.reference, family.of) for each in members}
            self._moving |= {(each.reference, family.of) for each in members if each.moves}

    async def note(self, page: Page) -> None:
        """These records will be written."""
        for column, of in self._ways:
            place = page.columns.index(column)
            await self._store.note(DERIVE, of, sorted({row[place] for row in page.rows if row[place]}))
        if self._moving:
            await self._note_held([row[page.columns.index("Id")] for row in page.rows], self._moving)

    async def note_gone(self, ids: Sequence[str]) -> None:
        """These records will be taken out."""
        for column, name in self._ways:
            if column == "Id":
                await self._store.note(DERIVE, name, ids)
        await self._note_held(ids, {each for each in self._ways if each[0] != "Id"})

    async def _note_held(self, ids: Sequence[str], ways: Collection[tuple[str, str]]) -> None:
        """The roots that these records lead to in the index."""
        columns = sorted({column for column, _ in ways})
        held = await self._sink.stored(self._name, ids, columns) if columns else {}
        for column, of in ways:
            await self._store.note(DERIVE, of, sorted({str(each[column]) for each in held.values() if column in each}))
