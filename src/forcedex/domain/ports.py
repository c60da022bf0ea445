"""What the sync engine needs from the outside, as Protocols; the adapters fulfil them.

Source: read Salesforce.   Sink: write documents.   StateStore: what must survive a crash.   Clock: time.
"""

from collections.abc import AsyncIterator, Awaitable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from forcedex.domain.checkpoint import Checkpoint, DeadLetter
from forcedex.domain.money import Currencies
from forcedex.domain.record import Mark, Page
from forcedex.domain.schema import ObjectSummary, SObject
from forcedex.domain.selection import Selection
from forcedex.domain.writing import WriteResult


@dataclass(frozen=True, kw_only=True, slots=True)
class OrgIdentity:
    """Which org this is and as whom we read it."""

    #: 18 characters.
    org_id: str
    org_name: str
    instance_url: str
    user_id: str
    username: str
    sandbox: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class ApiUsage:
    """The org's daily API requests as Salesforce last told them (`Sforce-Limit-Info`, `/limits`)."""

    used: int
    allowed: int


class BulkQuery(Protocol):
    """A finished Bulk API 2.0 query job: its pages can be read from any locator, again and again (7 days)."""

    @property
    def job_id(self) -> str:
        """Salesforce's id of the job."""

    def pages(self, locator: str | None = None) -> AsyncIterator["BulkPage"]:
        """The pages from this locator on (None: from the first)."""


class BulkPage(Protocol):
    """One page of a Bulk job's result, streamed."""

    @property
    def next_locator(self) -> str | None:
        """Where the next page starts; None: this is the last."""

    def batches(self, size: int) -> AsyncIterator[Page]:
        """The page's records, at most `size` at a time: fewer where they hold long texts, for memory's sake.

        After the last one the number of rows has been checked against `Sforce-NumberOfRecords`:
        SourceDataError if it differs.
        """


class Source(Protocol):
    """Salesforce, as the sync user sees it. Every method may raise SourceRefused or SourceUnavailable."""

    async def identity(self) -> OrgIdentity: ...

    async def usage(self) -> ApiUsage:
        """Today's API requests, from the last answer's header or `/limits`."""

    async def now(self) -> datetime:
        """The org's clock (UTC), never ours."""

    async def objects(self) -> Sequence[ObjectSummary]: ...

    async def describe(self, name: str) -> SObject:
        """SourceRefused with code NOT_FOUND if the sync user cannot see such an object."""

    async def count(self, sobject: SObject, where: str = "") -> int:
        """Number of live records (`SELECT COUNT()`)."""

    async def start_bulk(
        self, sobject: SObject, columns: Sequence[str], where: str = "", *, deleted_too: bool = False
    ) -> str:
        """Start a Bulk API 2.0 query job over the object (queryAll with `deleted_too`); its job id.

        BulkUnsupported if the object can be read over REST only (`open_bulk` may raise it too).
        """

    async def open_bulk(self, job_id: str, columns: Sequence[str] = ()) -> BulkQuery:
        """Wait until the job is complete. SourceRefused if it failed, was aborted or is gone.

        `columns` are those that the job was started with (keep them in the checkpoint): the result's header row is
        checked against them. Without them it is believed.
        """

    def read(
        self,
        sobject: SObject,
        columns: Sequence[str],
        *,
        where: str = "",
        since: Mark | None = None,
        before: datetime | None = None,
        deleted_too: bool = False,
    ) -> AsyncIterator[Page]:
        """Records over REST, ordered by (replication key, Id) and strictly after `since`; deleted ones too if asked.

        `before` bounds the replication key from above (exclusive).
        """

    async def read_by_ids(
        self, sobject: SObject, columns: Sequence[str], ids: Sequence[str], *, deleted_too: bool = False
    ) -> Page:
        """The named records that exist, in no particular order; at most 200 ids."""


class Clock(Protocol):
    """Time, injectable for tests."""

    def monotonic(self) -> float: ...

    async def sleep(self, seconds: float) -> None: ...


class Target(Protocol):
    """One object's index while it is written."""

    @property
    def generation(self) -> int: ...

    @property
    def index_uuid(self) -> str:
        """Elasticsearch's id of the concrete index: a deleted and re-made one has another."""

    async def put(
        self, page: Page, ordinal: int, *, at_least: Mapping[str, int] | None = None
    ) -> Awaitable[WriteResult]:
        """Turn records into documents and queue them; returns when there is room, with the outcome to wait for.

        `ordinal` is the number of the read that saw them, taken before its request was sent. `at_least` holds
        the least stamp (seconds) by record Id, for records whose stamp went back. The awaitable raises
        SinkUnavailable or SinkRefused if the whole request was not accepted.
        """

    async def publish(self) -> None:
        """The index is complete: point the read alias to it and delete older generations."""


class Sink(Protocol):
    """Elasticsearch. Every method may raise SinkRefused or SinkUnavailable."""

    async def open(self, selection: Selection, *, known: Checkpoint | None, currencies: Currencies) -> Target:
        """The index that the known checkpoint speaks of, if it is there and fits the selection.

        Otherwise a new generation is made, to be filled by a snapshot; the old one is read until `publish`.
        """

    async def referring(self, sobject: str, fields: Sequence[str], ids: Sequence[str]) -> Sequence[str]:
        """The Ids of the object's documents in which one of these reference fields holds one of these Ids."""

    async def refresh(self) -> None:
        """Make everything that was acknowledged visible to searches."""


class StateStore(Protocol):
    """What must survive a crash. Every method may raise StateRefused."""

    async def next_ordinal(self) -> int:
        """A number that was never given before and never will be, larger than all before it."""

    async def checkpoints(self) -> Mapping[str, Checkpoint]:
        """By object, of this org."""

    async def save_checkpoint(self, checkpoint: Checkpoint) -> None: ...

    async def bury(self, letters: Sequence[DeadLetter]) -> None:
        """Keep refused records; a record has one dead letter at most."""

    async def exhume(self, sobject: str, record_ids: Sequence[str]) -> None:
        """These records were written after all: forget their dead letters."""

    async def dead_letters(self) -> Sequence[DeadLetter]: ...

    async def note_deletions(self, sobject: str, record_ids: Sequence[str]) -> None:
        """These records were deleted; what refers to them is to be looked at. Noting twice is noting once."""

    async def noted_deletions(self) -> Mapping[str, Sequence[str]]:
        """By object."""

    async def settle_deletions(self, sobject: str, record_ids: Sequence[str]) -> None:
        """What referred to these records was looked at."""
