"""Changes of fields that the org keeps no history of are kept as they are seen, before the record is written."""

from collections.abc import Awaitable, Callable, Collection, Iterable, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from forcedex.domain.derived.kinds import Family
from forcedex.domain.observed import MOST_CHANGES, Seen
from forcedex.domain.ports import Sink, StateStore
from forcedex.domain.record import Page, parse_stamp
from forcedex.domain.selection import Selection

_TEXTS = frozenset({"reference", "picklist", "combobox", "string", "date", "datetime", "email", "phone", "url"})
_NUMBERS = frozenset({"double", "percent", "currency", "int", "long"})


class Observing:
    """What is kept of one object's records; nothing of an object that no family watches."""

    def __init__(self, selection: Selection, families: Iterable[Family], store: StateStore) -> None:
        name = selection.sobject.name
        self._name = name
        self._store = store
        watched = next((each.watched for each in families if each.of == name and each.watched), None)
        self._stamp = str(selection.sobject.stamp_field)
        self._deletes = selection.sobject.soft_deletes
        #: Column to how its text becomes a value.
        self._columns: dict[str, Callable[[str], Any]] = {}
        for column in selection.columns if watched else ():
            made = _maker(column.field.type)
            # What is reckoned changes without a save, and nobody says when.
            if watched and made and column.parent is None and not column.field.calculated and watched(column.path):
                self._columns[column.path] = made

    async def note(self, page: Page, ordinal: int) -> None:
        """These records will be written, as the read with this ordinal showed them; deleted ones are forgotten."""
        if not self._columns:
            return
        place = {name: index for index, name in enumerate(page.columns)}
        gone = place.get("IsDeleted") if self._deletes else None
        saved = place.get("LastModifiedDate", place[self._stamp])
        shown, deleted = [], []
        for row in page.rows:
            if gone is not None and row[gone] == "true":
                deleted.append(row[place["Id"]])
                continue
            values = {name: made(row[place[name]]) for name, made in self._columns.items() if name in place}
            stamp = parse_stamp(row[place[self._stamp]])
            shown.append(Seen(row[place["Id"]], stamp, ordinal, parse_stamp(row[saved]), values))
        await self._store.observe(self._name, shown)
        await self.gone(deleted)

    async def gone(self, ids: Sequence[str]) -> None:
        """These records are gone: nothing of them is kept."""
        if self._columns:
            await self._store.forget_observed(self._name, ids)

    async def tidy(self, sink: Sink, refused: Collection[str], quiet: Callable[[], Awaitable[None]]) -> None:
        """Forget what is kept of records that the index does not hold, and too many changes of one field.

        Only while the index is complete; `refused` are records that it could not take, `quiet` waits until what is
        being written has been.
        """
        if not self._columns:
            return
        after = ""
        while ids := await self._store.seen_after(self._name, after):
            after = ids[-1]
            missing = await self._missing(sink, ids, refused)
            if missing:
                await quiet()
                await sink.refresh([self._name])
                await self.gone(await self._missing(sink, missing, refused))
        await self._store.thin_observed(self._name, MOST_CHANGES)

    async def _missing(self, sink: Sink, ids: Sequence[str], refused: Collection[str]) -> list[str]:
        there = (await sink.stored(self._name, ids, ["Id"])).keys()
        return [each for each in ids if each not in there and each not in refused]


def _maker(kind: str) -> Callable[[str], Any] | None:
    """How a text of this type becomes what a document holds; None for long texts and what is composed."""
    if kind in _TEXTS:
        return lambda text: text or None
    if kind in _NUMBERS:
        return _number
    if kind == "boolean":
        return {"true": True, "false": False}.get
    if kind == "multipicklist":
        return lambda text: [each for each in text.split(";") if each] or None
    return None


def _number(text: str) -> int | float | None:
    try:
        value = Decimal(text)
    except InvalidOperation:
        return None
    return int(value) if value == value.to_integral_value() and "." not in text else float(value)
