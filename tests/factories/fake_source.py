"""An org in memory that implements `forcedex.domain.ports.Source`: small, ordered by the test, failing on demand."""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from forcedex.domain.errors import BulkUnsupported, SourceRefused, SourceUnavailable
from forcedex.domain.ports import ApiUsage, OrgIdentity
from forcedex.domain.record import Mark, Page, parse_stamp, stamp_text
from forcedex.domain.schema import ObjectSummary, SObject
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
        return ApiUsage(used=0, allowed=5_000_000)

    async def now(self) -> datetime:
        self.before("now")
        return self.time

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
        if not self.countable:
            raise SourceUnavailable("Too many.", code="QUERY_TIMEOUT")
        return len(self._visible(sobject, deleted_too=False))

    async def start_bulk(
        self, sobject: SObject, columns: Sequence[str], where: str = "", *, deleted_too: bool = False
    ) -> str:
        self.before("start_bulk")
        if not self.bulk_supported:
            raise BulkUnsupported("No Bulk for this.")
        job = f"750{len(self.jobs):012d}AAA"
        rows = [_row(each, columns) for each in self._visible(sobject, deleted_too=deleted_too)]
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
            yield Page(tuple(columns), [_row(late[each], columns) for each in some])

    async def read_by_ids(
        self, sobject: SObject, columns: Sequence[str], ids: Sequence[str], *, deleted_too: bool = False
    ) -> Page:
        found = [each for each in self._visible(sobject, deleted_too=deleted_too) if each["Id"] in ids]
        return Page(tuple(columns), [_row(each, columns) for each in found])

    def _visible(self, sobject: SObject, *, deleted_too: bool) -> list[dict[str, str]]:
        return [each for each in self.records[sobject.name].values() if deleted_too or each["IsDeleted"] == "false"]


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


def _row(record: dict[str, str], columns: Sequence[str]) -> list[str]:
    return [record.get(column, "") for column in columns]
