"""An org in memory that implements `forcedex.domain.ports.Source`: small, ordered by the test, failing on demand."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from forcedex.domain.change import ChangeEvent, ChangeKind, DeletedRecords, EventBatch
from forcedex.domain.errors import (
    BulkUnsupported,
    ReplayExpired,
    SourceRefused,
    SourceUnavailable,
    StreamLost,
    StreamRefused,
)
from forcedex.domain.ports import ApiUsage, OrgIdentity
from forcedex.domain.record import Mark, Page, parse_stamp, stamp_text
from forcedex.domain.rights import Directory
from forcedex.domain.schema import ObjectSummary, SObject
from forcedex.domain.selection import Selection
from forcedex.domain.shares import GrantQuery, RecordGrants, without_table
from tests.factories.pages import record_id

START = datetime(2026, 1, 31, 10, tzinfo=UTC)
_PAGE = 100  # records of a REST page
_BULK_PAGE = 1_000  # records of a Bulk page


class Crash(Exception):
    """The process dies here."""


@dataclass
class FakeSource:
    """Objects by name, records by Id; time moves when the test says so."""

    sobjects: dict[str, SObject]
    time: datetime = START
    records: dict[str, dict[str, dict[str, str]]] = field(default_factory=dict)
    jobs: dict[str, tuple[str, tuple[str, ...], list[list[str]]]] = field(default_factory=dict)
    #: Called with a word before each request.
    before: Callable[[str], None] = lambda request: None
    bulk_supported: bool = True
    countable: bool = True
    #: Awaited before records are counted, which every snapshot begins with.
    counting: Callable[[], Awaitable[None]] | None = None
    #: Objects whose change events the org offers.
    offered: set[str] = field(default_factory=set)
    events: dict[str, list[ChangeEvent]] = field(default_factory=dict)
    #: Places in the stream before this one are forgotten.
    oldest_event: int = 0
    #: What getDeleted knows: object, Id, time.
    deletions: list[tuple[str, str, datetime]] = field(default_factory=list)
    #: Records that no read of the sync user shows.
    hidden: set[str] = field(default_factory=set)
    #: Records that fulfil any `where`; None: all do.
    within: set[str] | None = None
    #: Whether a parent's name is read from the parent, as an org does.
    joins: bool = False
    #: People and rights, and the rows of share tables by record.
    people: Directory = Directory()
    granted: dict[str, RecordGrants] = field(default_factory=dict)
    usage_now: ApiUsage = ApiUsage(used=0, allowed=5_000_000)
    #: Set to cut every open stream.
    cut: asyncio.Event = field(default_factory=asyncio.Event)
    arrived: asyncio.Condition = field(default_factory=asyncio.Condition)

    def __post_init__(self) -> None:
        for name in self.sobjects:
            self.records.setdefault(name, {})

    # The test's door

    def tick(self, seconds: float = 1) -> None:
        """Let time pass."""
        self.time += timedelta(seconds=seconds)

    def save(self, name: str, number: int, *, stamp: datetime | None = None, **values: str) -> str:
        """Create or change a record; its stamp is now unless given."""
        key = record_id(number)
        row = self.records[name].setdefault(key, {"Id": key})
        row |= {**values, "IsDeleted": "false", "SystemModstamp": stamp_text(stamp or self.time)}
        return key

    def delete(self, name: str, number: int) -> None:
        """Move a record into the Recycle Bin."""
        self.records[name][record_id(number)] |= {"IsDeleted": "true", "SystemModstamp": stamp_text(self.time)}

    def hard_delete(self, name: str, number: int) -> None:
        """Take a record away without a trace but in the log of deletions."""
        key = record_id(number)
        del self.records[name][key]
        self.deletions.append((name, key, self.time))

    async def publish(self, name: str, kind: ChangeKind, *numbers: int, gap: bool = False, **more: Any) -> None:
        """Send a change event about these records."""
        events = self.events.setdefault(name, [])
        values: dict[str, Any] = {
            "object": name,
            "kind": kind,
            "record_ids": tuple(map(record_id, numbers)),
            "committed_at": self.time,
            "modified_at": None if gap or kind is ChangeKind.DELETE else self.time,
            "gap": gap,
            "replay_id": (len(events) + 1).to_bytes(8, "big"),
        }
        async with self.arrived:
            events.append(ChangeEvent(**(values | more)))
            self.arrived.notify_all()

    # The port

    async def identity(self) -> OrgIdentity:
        return OrgIdentity(
            org_id="00D000000000001AAA",
            org_name="Fake",
            instance_url="https://fake.my.salesforce.com",
            user_id="005000000000001AAA",
            username="sync@fake.example",
        )

    async def usage(self) -> ApiUsage:
        return self.usage_now

    async def now(self) -> datetime:
        self.before("now")
        return self.time

    async def directory(self, objects: Collection[str]) -> Directory:
        self.before("directory")
        return self.people

    async def grants(self, query: GrantQuery, ids: Sequence[str]) -> Mapping[str, RecordGrants]:
        self.before(f"grants {query.object}")
        return {key: self._grants(query, key) for key in ids}

    async def all_grants(self, query: GrantQuery) -> AsyncIterator[Sequence[tuple[str, RecordGrants]]]:
        self.before(f"all grants {query.object}")
        records = sorted(self.granted) if query.table else sorted(self.records[query.object])
        yield [(key, grants) for key in records if (grants := self._grants(query, key)).text]

    def _grants(self, query: GrantQuery, key: str) -> RecordGrants:
        if query.table is None:
            row = self.records[query.object].get(key, {})
            return without_table(query, row)
        return self.granted.get(key, RecordGrants())

    async def objects(self) -> Sequence[ObjectSummary]:
        return [
            ObjectSummary(name=each.name, label=each.label, key_prefix=each.key_prefix, queryable=each.queryable)
            for each in self.sobjects.values()
        ]

    async def describe(self, name: str) -> SObject:
        if name not in self.sobjects:
            raise SourceRefused(f"No {name}.", code="NOT_FOUND", status=404)
        return self.sobjects[name]

    async def count(self, sobject: SObject, where: str = "") -> int:
        if self.counting is not None:
            await self.counting()
        if not self.countable:
            raise SourceUnavailable("Too many.", code="QUERY_TIMEOUT")
        return len(self._visible(sobject, deleted_too=False))

    async def start_bulk(
        self,
        sobject: SObject,
        columns: Sequence[str],
        where: str = "",
        *,
        deleted_too: bool = False,
        by_id: bool = False,
    ) -> str:
        self.before("start_bulk")
        if not self.bulk_supported:
            raise BulkUnsupported("No Bulk for this.")
        job = f"750{len(self.jobs):012d}AAA"
        visible = self._visible(sobject, deleted_too=deleted_too)
        if by_id:
            visible.sort(key=lambda each: each["Id"])
        rows = [self._row(each, columns) for each in visible]
        self.jobs[job] = (sobject.name, tuple(columns), rows)
        return job

    async def open_bulk(self, job_id: str, columns: Sequence[str] = ()) -> "FakeBulkQuery":
        self.before("open_bulk")
        if job_id not in self.jobs:
            raise SourceRefused("No such job.", code="NOT_FOUND", status=404)
        return FakeBulkQuery(self, job_id)

    async def read(
        self,
        sobject: SObject,
        columns: Sequence[str],
        *,
        where: str = "",
        since: Mark | None = None,
        before: datetime | None = None,
        deleted_too: bool = False,
    ) -> AsyncIterator[Page]:
        self.before(f"read {sobject.name}")
        found = sorted(
            Mark(parse_stamp(each["SystemModstamp"]), each["Id"])
            for each in self._visible(sobject, deleted_too=deleted_too)
        )
        ids = [mark.record_id for mark in found if since is None or mark > since]
        # As Salesforce does: which records and in which order is fixed now, their values are read late.
        for start in range(0, len(ids), _PAGE):
            if start:
                self.before(f"read more {sobject.name}")
            late = {each["Id"]: each for each in self._visible(sobject, deleted_too=deleted_too)}
            some = [each for each in ids[start : start + _PAGE] if each in late]
            yield Page(tuple(columns), [self._row(late[each], columns) for each in some])

    async def read_by_ids(
        self, sobject: SObject, columns: Sequence[str], ids: Sequence[str], *, deleted_too: bool = False
    ) -> Page:
        found = [each for each in self._visible(sobject, deleted_too=deleted_too) if each["Id"] in ids]
        return Page(tuple(columns), [self._row(each, columns) for each in found])

    async def reread(self, selection: Selection, ids: Sequence[str]) -> Page:
        self.before(f"reread {selection.sobject.name}")
        wanted = set(ids)
        found = [each for each in self._visible(selection.sobject, deleted_too=True) if each["Id"] in wanted]
        return Page(selection.paths, [self._row(each, selection.paths) for each in found])

    async def matching(self, selection: Selection, ids: Sequence[str]) -> Sequence[str]:
        return [each for each in ids if self.within is None or each in self.within]

    async def deleted(self, sobject: SObject, start: datetime, end: datetime) -> DeletedRecords:
        self.before(f"deleted {sobject.name}")
        found = tuple((key, at) for name, key, at in self.deletions if name == sobject.name and start <= at <= end)
        return DeletedRecords(records=found, earliest=self.time - timedelta(days=15), covered=min(end, self.time))

    async def streamable(self, names: Sequence[str]) -> Sequence[str]:
        return [each for each in names if each in self.offered]

    async def subscribe(self, name: str, replay_id: bytes | None, *, silence: float) -> AsyncIterator[EventBatch]:
        self.before(f"subscribe {name}")
        if name not in self.offered:
            raise StreamRefused("Not selected.", code="topic.not.found")
        events = self.events.setdefault(name, [])
        place = len(events) if replay_id is None else int.from_bytes(replay_id, "big")
        if place < self.oldest_event:
            raise ReplayExpired("Too old.", code="subscription.fetch.replayid.corrupted")
        first = True
        while True:
            async with self.arrived:
                while len(events) <= place and not first and not self.cut.is_set():
                    await self.arrived.wait()
            if self.cut.is_set():
                raise StreamLost("The stream was cut.")
            self.before(f"batch {name}")
            batch = tuple(events[place : place + 10])
            place += len(batch)
            first = False
            yield EventBatch(events=batch, replay_id=place.to_bytes(8, "big"))

    def _row(self, record: dict[str, str], columns: Sequence[str]) -> list[str]:
        return [self._value(record, column) for column in columns]

    def _value(self, record: dict[str, str], column: str) -> str:
        parent, dot, name = column.partition(".")
        if not (self.joins and dot):
            return record.get(column, "")
        found = self.records.get(parent, {}).get(record.get(f"{parent}Id", ""), {})
        return found.get(name, "") if found.get("IsDeleted") == "false" else ""

    def _visible(self, sobject: SObject, *, deleted_too: bool) -> list[dict[str, str]]:
        return [
            each
            for each in self.records[sobject.name].values()
            if (deleted_too or each["IsDeleted"] == "false") and each["Id"] not in self.hidden
        ]


@dataclass
class FakeBulkQuery:
    """A finished job: the rows as they were when it ran."""

    source: FakeSource
    job_id: str

    async def pages(self, locator: str | None = None) -> AsyncIterator["FakeBulkPage"]:
        _, columns, rows = self.source.jobs[self.job_id]
        start = int(locator or 0)
        while True:
            self.source.before(f"bulk page {start}")
            end = start + _BULK_PAGE
            yield FakeBulkPage(columns, rows[start:end], str(end) if end < len(rows) else None)
            if end >= len(rows):
                return
            start = end


@dataclass
class FakeBulkPage:
    """One page of a job."""

    columns: tuple[str, ...]
    rows: list[list[str]]
    next_locator: str | None

    async def batches(self, size: int) -> AsyncIterator[Page]:
        for start in range(0, len(self.rows), size):
            yield Page(self.columns, self.rows[start : start + size])
