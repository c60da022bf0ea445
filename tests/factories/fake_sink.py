"""Indices in memory as `forcedex.domain.ports.Sink`: versions, tombstones and two generations as in the real ones."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from forcedex.domain.checkpoint import Checkpoint, DeadLetter
from forcedex.domain.derived.kinds import Kind
from forcedex.domain.money import Currencies
from forcedex.domain.ports import Shelf, StoredRecord
from forcedex.domain.record import Page, parse_stamp
from forcedex.domain.selection import Selection
from forcedex.domain.shares import RecordTokens
from forcedex.domain.version import ordinal_in, seconds_in, version_from_seconds
from forcedex.domain.writing import WriteResult


@dataclass
class Stored:
    """A document: None is a tombstone."""

    version: int
    values: dict[str, str] | None


@dataclass
class Generation:
    """One index."""

    number: int
    columns: tuple[str, ...]
    documents: dict[str, Stored] = field(default_factory=dict)

    def write(self, key: str, version: int, values: dict[str, str] | None) -> Stored | None:
        """The stored document if it is newer, else None."""
        before = self.documents.get(key)
        if before is not None and before.version > version:
            return before
        self.documents[key] = Stored(version, values)
        return None


@dataclass
class FakeSink:
    """Documents by object; `people` is what a search sees."""

    generations: dict[str, list[Generation]] = field(default_factory=dict)
    published: dict[str, int] = field(default_factory=dict)
    #: Ids that are refused.
    poison: set[str] = field(default_factory=set)
    before: Callable[[str], None] = lambda request: None
    #: By Id, as they were put last.
    tokens: dict[str, RecordTokens] = field(default_factory=dict)

    def people(self, name: str) -> dict[str, dict[str, str]]:
        """The live documents of the generation that is read."""
        read = next(each for each in self.generations[name] if each.number == self.published[name])
        return {key: each.values for key, each in read.documents.items() if each.values is not None}

    async def open(self, selection: Selection, *, known: Checkpoint | None, currencies: Currencies) -> "FakeTarget":
        name = selection.sobject.name
        there = self.generations.setdefault(name, [])
        newest = there[-1] if there else None
        added: tuple[str, ...] = ()
        if newest is None or known is None or known.generation != newest.number:
            newest = None
        elif newest.columns != selection.paths:
            if set(newest.columns) < set(selection.paths):
                added = tuple(each for each in selection.paths if each not in newest.columns)
            else:
                newest = None
        if newest is None:
            newest = Generation(max((each.number for each in there), default=0) + 1, selection.paths)
            there.append(newest)
            self.published.setdefault(name, newest.number)
        return FakeTarget(self, selection, newest, added)

    async def referring(self, sobject: str, fields: Sequence[str], ids: Sequence[str]) -> Sequence[str]:
        wanted = set(ids)
        return sorted(
            key
            for key, each in self.generations[sobject][-1].documents.items()
            if each.values is not None and any(each.values.get(name) in wanted for name in fields)
        )

    async def stored(
        self, sobject: str, ids: Sequence[str], paths: Sequence[str]
    ) -> Mapping[str, Mapping[str, object]]:
        documents = self.generations[sobject][-1].documents
        return {
            key: {path: values[path] for path in paths if values.get(path)}
            for key in ids
            if key in documents and (values := documents[key].values) is not None
        }

    async def scan(self, sobject: str, stamp: str, after: str = "") -> AsyncIterator[Sequence[StoredRecord]]:
        found = [
            StoredRecord(key, int(parse_stamp(each.values[stamp]).timestamp()))
            for key, each in sorted(self.generations[sobject][-1].documents.items())
            if each.values is not None and key > after
        ]
        for start in range(0, len(found), 7):
            yield found[start : start + 7]

    async def count(self, sobject: str) -> int:
        return sum(each.values is not None for each in self.generations[sobject][-1].documents.values())

    async def purge_tombstones(self, sobject: str, before: datetime) -> int:
        return 0

    async def shelf(self, kind: Kind, of: str, others: Sequence[str], signature: str) -> Shelf:
        raise NotImplementedError(f"Nothing is derived from {of} in memory")

    async def refresh(self, sobjects: Collection[str] | None = None) -> None:
        pass


@dataclass
class FakeTarget:
    """One object's index while it is written."""

    sink: FakeSink
    selection: Selection
    index: Generation
    added: tuple[str, ...]

    @property
    def generation(self) -> int:
        return self.index.number

    @property
    def index_uuid(self) -> str:
        return f"uuid-{self.selection.sobject.name}-{self.index.number}"

    @property
    def replacing(self) -> bool:
        return self.sink.published[self.selection.sobject.name] != self.index.number

    def _written(self, newest_only: bool) -> list[Generation]:
        name = self.selection.sobject.name
        both = [each for each in self.sink.generations[name] if each.number == self.sink.published[name]]
        return [self.index] if newest_only or not self.replacing else [self.index, *both]

    async def put(
        self,
        page: Page,
        ordinal: int,
        *,
        at_least: Mapping[str, int] | None = None,
        newest_only: bool = False,
        tokens: Sequence[RecordTokens] = (),
    ) -> Awaitable[WriteResult]:
        for row, may in zip(page.rows, tokens, strict=bool(tokens)):
            self.sink.tokens[row[page.columns.index("Id")]] = may
        return asyncio.ensure_future(self._write(page, ordinal, at_least or {}, newest_only))

    async def _write(self, page: Page, ordinal: int, at_least: Mapping[str, int], newest_only: bool) -> WriteResult:
        await asyncio.sleep(0)
        self.sink.before(f"write {self.selection.sobject.name}")
        written = stale = 0
        went_back: list[tuple[str, int]] = []
        rejected: list[DeadLetter] = []
        for row in page.rows:
            values = dict(zip(page.columns, row, strict=True))
            key = values["Id"]
            if key in self.sink.poison:
                rejected.append(DeadLetter(object=self.selection.sobject.name, record_id=key, reason="poison"))
                continue
            seconds = int(parse_stamp(values[str(self.selection.sobject.stamp_field)]).timestamp())
            version = version_from_seconds(max(seconds, at_least.get(key, 0)), ordinal)
            newer = [
                each.write(key, version, None if values.get("IsDeleted") == "true" else values)
                for each in self._written(newest_only)
            ][0]
            if newer is None:
                written += 1
            elif ordinal_in(newer.version) < ordinal:
                went_back.append((key, seconds_in(newer.version)))
            else:
                stale += 1
        return WriteResult(written=written, stale=stale, went_back=tuple(went_back), rejected=tuple(rejected))

    async def bury(self, records: Mapping[str, datetime | None], ordinal: int) -> WriteResult:
        written = 0
        for key, at in records.items():
            for each in self._written(False):
                before = each.documents.get(key)
                if before is not None:
                    seconds = max(seconds_in(before.version), int(at.timestamp()) if at else 0)
                    written += each.write(key, version_from_seconds(seconds, ordinal), None) is None
        return WriteResult(written=written)

    async def differing(self, page: Page, ordinal: int, tokens: Sequence[RecordTokens] = ()) -> Sequence[str]:
        found = []
        for row in page.rows:
            values = dict(zip(page.columns, row, strict=True))
            stored = self.index.documents.get(values["Id"])
            if stored is not None and ordinal_in(stored.version) > ordinal:
                continue
            gone = values.get("IsDeleted") == "true"
            if stored is None or (stored.values is None) != gone or (not gone and stored.values != values):
                if not (gone and stored is None):
                    found.append(values["Id"])
        return found

    async def adopt(self) -> None:
        self.index.columns = self.selection.paths

    async def left_behind(self) -> AsyncIterator[Sequence[str]]:
        older = self.sink.people(self.selection.sobject.name)
        found = [key for key in sorted(older) if key not in self.index.documents]
        for start in range(0, len(found), 7):
            yield found[start : start + 7]

    async def carry(self, ids: Sequence[str]) -> int:
        self.sink.before(f"write {self.selection.sobject.name}")
        name = self.selection.sobject.name
        older = next(each for each in self.sink.generations[name] if each.number == self.sink.published[name])
        found = {key: older.documents[key] for key in ids if key in older.documents}
        return sum(self.index.write(key, each.version, each.values) is None for key, each in found.items())

    async def publish(self) -> None:
        name = self.selection.sobject.name
        self.sink.published[name] = self.index.number
        self.sink.generations[name] = [self.index]
