"""What the sync engine needs from the outside, as Protocols; the adapters fulfil them.

Source: read Salesforce.   Sink: write documents.   StateStore: what must survive a crash.   Clock: time.
"""

from collections.abc import AsyncIterator, Awaitable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Protocol

from forcedex.domain.change import DeletedRecords, EventBatch
from forcedex.domain.checkpoint import Checkpoint, DeadLetter
from forcedex.domain.company import Company
from forcedex.domain.costs import CostTable
from forcedex.domain.daily import Held, Place, Total
from forcedex.domain.derived.kinds import Kind
from forcedex.domain.money import Currencies
from forcedex.domain.observed import Observed, Seen
from forcedex.domain.record import Mark, Page
from forcedex.domain.rights import Directory
from forcedex.domain.schema import ObjectSummary, SObject
from forcedex.domain.selection import Selection
from forcedex.domain.shares import Denied, GrantQuery, RecordGrants, RecordTokens, Reported
from forcedex.domain.upkeep import CheckKind, CheckReport, Notice, NoticeKind, ObjectReport, Request
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
    #: Of the organization, such as `America/Los_Angeles`: its midnight is when date formulas change.
    time_zone: str = "UTC"


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
        self,
        sobject: SObject,
        columns: Sequence[str],
        where: str = "",
        *,
        deleted_too: bool = False,
        by_id: bool = False,
    ) -> str:
        """Start a Bulk API 2.0 query job over the object (queryAll with `deleted_too`); its job id.

        `by_id` wants the records in the order of their Ids. BulkUnsupported if the object can be read over REST
        only (`open_bulk` may raise it too).
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

    async def reread(self, selection: Selection, ids: Sequence[str]) -> Page:
        """The named records as they are now with all columns of the selection, deleted ones too, in no order.

        At most 2,000 ids, in as few API calls as possible. Records that no read shows are left out. The selection's
        `where` is not applied.
        """

    async def matching(self, selection: Selection, ids: Sequence[str]) -> Sequence[str]:
        """Those of the named live records that fulfil the selection's `where`; at most 2,000 ids."""

    async def deleted(self, sobject: SObject, start: datetime, end: datetime) -> DeletedRecords:
        """What getDeleted reports for this span, oldest spans cut to what the org allows.

        SourceRefused with code EXCEEDED_ID_LIMIT: ask for a shorter span; INVALID_REPLICATION_DATE: the span lies
        before what the org remembers.
        """

    def subscribe(self, name: str, replay_id: bytes | None, *, silence: float) -> AsyncIterator[EventBatch]:
        """The change events of an object after this replay id (None: from now on), until closed or lost.

        Pull based: no more is asked of the org than is taken here. The first batch (perhaps a keep-alive without
        events) is the sign that the subscription stands. Raises StreamRefused, ReplayExpired, StreamLost (also
        after `silence` seconds without any sign of life).
        """

    async def streamable(self, names: Sequence[str]) -> Sequence[str]:
        """Those of the objects whose change events the org offers to the sync user."""

    async def directory(self, objects: Collection[str]) -> Directory:
        """People, groups and rights, with permissions and sharing of the named objects.

        SourceRefused naming the table that the sync user may not read.
        """

    async def grants(self, query: GrantQuery, ids: Sequence[str]) -> Mapping[str, RecordGrants]:
        """The grants on these records, by Id, an empty entry for a record without any; at most 2,000 ids."""

    def all_grants(self, query: GrantQuery) -> AsyncIterator[Sequence[tuple[str, RecordGrants]]]:
        """The grants on all records that have some, in the order of Ids; SourceDataError if it is not kept."""


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

    @property
    def replacing(self) -> bool:
        """Whether people still read an older generation; `put` writes there too, until `publish`."""

    @property
    def added(self) -> Sequence[str]:
        """Columns that this index has only just got: documents written before lack them, until `adopt`."""

    async def put(
        self,
        page: Page,
        ordinal: int,
        *,
        at_least: Mapping[str, int] | None = None,
        newest_only: bool = False,
        tokens: Sequence[RecordTokens] = (),
    ) -> Awaitable[WriteResult]:
        """Turn records into documents and queue them; returns when there is room, with the outcome to wait for.

        `tokens`, in the order of the page's rows, say who may read each record; without them nobody may.

        `ordinal` is the number of the read that saw them, taken before its request was sent. `at_least` holds
        the least stamp (seconds) by record Id, for records whose stamp went back. While an older generation is
        read, documents go to both and count as written when both have them; `newest_only` (a snapshot that fills
        the new one) spares the old. The awaitable raises SinkUnavailable or SinkRefused if the whole request was
        not accepted.
        """

    async def bury(self, records: Mapping[str, datetime | None], ordinal: int) -> WriteResult:
        """Tombstones for records that no read shows any more: Id to the time of deletion that the org reports.

        S is the larger of that time and the stored S (None: the stored S). A record that is not in the index is
        left out. `ordinal` was taken before the read that did not show them.
        """

    async def differing(self, page: Page, ordinal: int, tokens: Sequence[RecordTokens] = ()) -> Sequence[str]:
        """The Ids of records whose stored document is missing or has other values than these.

        Documents that a later read than `ordinal` has written are not looked at.
        """

    async def adopt(self) -> None:
        """All documents have the added columns, or soon will: the index counts as made for this selection."""

    def left_behind(self) -> AsyncIterator[Sequence[str]]:
        """Ids of live records that the older generation has and the newest does not know, not even as deleted."""

    async def carry(self, ids: Sequence[str]) -> int:
        """Copy these documents from the older generation, as far as the newest has the same fields; how many."""

    async def publish(self) -> None:
        """The index is complete: point the read alias to it and delete older generations."""


@dataclass(frozen=True, slots=True)
class StoredRecord:
    """What the index holds of a live record."""

    record_id: str
    #: Its stamp in seconds since 1970; the version may be ahead of it. 0: it has none.
    seconds: int


@dataclass(frozen=True, kw_only=True, slots=True)
class ShelfDocument:
    """A derived document with what it takes over from its root."""

    id: str
    #: The Id of the root record.
    root: str
    #: Path to value.
    values: Mapping[str, object]
    #: What stands under `forcedex`: who may read it (`acl`, `see`), amounts in minor units, when it was made.
    about: Mapping[str, object]


class Shelf(Protocol):
    """The index of one kind of derived documents."""

    @property
    def complete(self) -> bool:
        """Whether it is the one that people read; otherwise it is to be filled and published."""

    @property
    def columns(self) -> Sequence[str]:
        """The columns of the root that its documents repeat."""

    @property
    def money(self) -> Sequence[str]:
        """Those of them that are amounts of money, which are also held in minor units."""

    async def put(self, documents: Sequence[ShelfDocument], ordinal: int) -> None:
        """Write documents; returns when that is acknowledged. SinkRefused if one does not fit.

        `ordinal` was taken before the records were looked at that they are derived from: the higher one stays.
        """

    async def leave_only(self, roots: Sequence[str], ids: Collection[str], ordinal: int) -> None:
        """Tombstones for all documents of these roots but those with these ids."""

    async def publish(self) -> None:
        """It is filled: questions go to it from now on."""


class Sink(Protocol):
    """Elasticsearch. Every method may raise SinkRefused or SinkUnavailable."""

    async def open(self, selection: Selection, *, known: Checkpoint | None, currencies: Currencies) -> Target:
        """The index that the known checkpoint speaks of, if it is there and fits the selection.

        An index that only lacks columns of the selection gets them (`Target.added`). Otherwise a new generation is
        made, to be filled by a snapshot; the old one is read, and written as far as its mapping still fits, until
        `publish`.
        """

    async def referring(self, sobject: str, fields: Sequence[str], ids: Sequence[str]) -> Sequence[str]:
        """The Ids of the object's documents in which one of these reference fields holds one of these Ids."""

    async def stored(
        self, sobject: str, ids: Sequence[str], paths: Sequence[str]
    ) -> Mapping[str, Mapping[str, object]]:
        """What the newest generation holds of these live records: Id to path to value; nulls are left out."""

    def scan(self, sobject: str, stamp: str, after: str = "") -> AsyncIterator[Sequence[StoredRecord]]:
        """All live documents of the newest generation after this Id, in the order of Ids, as of one moment.

        `stamp` is the path of their replication key.
        """

    async def count(self, sobject: str) -> int:
        """Live documents of the newest generation."""

    async def shelf(self, kind: Kind, of: str, others: Sequence[str], signature: str) -> Shelf:
        """The index of a kind of derived documents: a new one if none was made with this signature.

        `of` is the root's object, `others` are objects besides whose fields have a part in it.
        """

    async def purge_tombstones(self, sobject: str, before: datetime) -> int:
        """Forget tombstones of records that were deleted before this time; how many."""

    async def refresh(self, sobjects: Collection[str] | None = None) -> None:
        """Make what was acknowledged visible to searches: of these objects, or of all."""


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

    async def forget_dead_letters(self, sobject: str) -> None:
        """The object is read anew from scratch: whatever is refused then is buried again."""

    async def note(self, kind: str, sobject: str, record_ids: Sequence[str]) -> None:
        """Remember that something is to be done about these records. Noting twice is noting once.

        Kinds: `deleted` and `restored` (what refers to them is to be looked at), `changed` (what shows them is to be
        read again), `reread` (they themselves are), `derive` (what is derived from them is to be derived anew),
        `days` (the documents of these days are to be written).
        """

    async def noted(self, kind: str) -> Mapping[str, Sequence[str]]:
        """The records of the notes of this kind, by object; at most 10,000 of each object, oldest first."""

    async def settle(self, kind: str, sobject: str, record_ids: Sequence[str]) -> None:
        """It is done, but for records that were noted again since `noted` last told of this kind."""

    async def replay_ids(self) -> Mapping[str, bytes]:
        """Where each object's stream is to go on."""

    async def save_replay_id(self, sobject: str, replay_id: bytes | None) -> None:
        """Everything up to here is in the index; None forgets it."""

    async def moments(self, name: str) -> Mapping[str, str]:
        """Texts that upkeep keeps under a name, by object: when a sweep ended, where a comparison goes on."""

    async def save_moment(self, name: str, sobject: str, text: str) -> None: ...

    async def report(self, reports: Sequence[ObjectReport]) -> None:
        """How the objects are doing, for whoever asks in another process."""

    async def raise_notice(self, sobject: str, kind: NoticeKind, text: str) -> bool:
        """Tell a person; whether that is news (no open notice of this kind for the object)."""

    async def clear_notice(self, sobject: str, kind: NoticeKind) -> bool:
        """It is over; whether there was one."""

    async def notices(self) -> Sequence[Notice]:
        """Open ones, and those that were cleared in the last seven days."""

    async def keep_check(self, report: CheckReport) -> None:
        """The outcome of a comparison; the last one and the last clean one of each kind are kept per object."""

    async def checks(self) -> Mapping[tuple[str, CheckKind], tuple[CheckReport, CheckReport | None]]:
        """By object and kind: the last one, and the last clean one."""

    async def reserve_calls(self, hour: int, calls: int) -> None:
        """Count API calls before they are made, in this hour since 1970."""

    async def calls_since(self, hour: int) -> int:
        """API calls counted since the beginning of this hour."""

    async def grants(self, sobject: str, record_ids: Sequence[str]) -> Mapping[str, str]:
        """What is known of the grants on these records (`RecordGrants.text`); unknown ones are left out."""

    def scan_grants(self, sobject: str) -> AsyncIterator[Sequence[tuple[str, str]]]:
        """The grants on all records that are known, in the order of Ids."""

    async def keep_grants(self, sobject: str, grants: Mapping[str, str], ordinal: int) -> None:
        """What a read with this ordinal brought; what a later read brought stays."""

    async def forget_grants(self, sobject: str, record_ids: Sequence[str]) -> None:
        """These records are gone."""

    async def deny(self, denied: Sequence[Denied]) -> None:
        """Hide these records from holders of these tokens from now on."""

    async def lift(self, roots: Sequence[str]) -> None:
        """Everything that was to be written anew because of the grants on these records has been."""

    async def lift_all(self) -> None:
        """Nothing is left to be written anew."""

    async def reported(self) -> Sequence[Reported]:
        """What Salesforce did not show people although we did, and was not read again since."""

    async def forget_reported(self, some: Sequence[Reported]) -> None:
        """Their access was read again; what was reported once more meanwhile stays."""

    async def purge_logs(self, searches: timedelta, audit: timedelta) -> None:
        """Forget searches and lines of the audit log that are older than this."""

    async def save_directory(self, directory: Directory, read_at: datetime) -> None:
        """People and rights as they were then; whoever asks a question from now on is judged by them."""

    async def save_company(self, company: Company, read_at: datetime) -> None:
        """What held for the whole org then; questions are understood by it from now on."""

    async def company(self) -> Company | None:
        """What holds for the whole org, as it was read last; None before it was."""

    async def cost_digest(self) -> str | None:
        """Another text whenever a cost table was loaded or removed; None: none ever was."""

    async def cost_table(self) -> CostTable | None:
        """What an administrator loaded last; without rows if it was removed, None if none ever was."""

    async def observe(self, sobject: str, shown: Sequence[Seen]) -> int:
        """Keep what a read showed of these records, and what it shows to have changed; how many changes there were.

        What is known from a later read stays.
        """

    async def observed(self, sobject: str, record_ids: Sequence[str]) -> Mapping[str, Sequence[Observed]]:
        """The changes of these records that were seen, by record, the oldest first."""

    async def forget_observed(self, sobject: str, record_ids: Sequence[str]) -> None:
        """These records are gone."""

    async def seen_after(self, sobject: str, after: str) -> Sequence[str]:
        """The Ids of the next records after this Id of which something is kept, in order."""

    async def thin_observed(self, sobject: str, most: int) -> None:
        """Keep so many changes of each field of a record, the newest."""

    async def hold(self, name: str, held: Mapping[str, Sequence[Held]], ordinal: int, today: date | None) -> None:
        """In which combinations these records were open when; of one without any nothing is kept.

        In the same step the totals of the days that there are follow, and days that changed are noted, unless
        `today`, the day that has not ended yet, is None: then `sum_up` has to follow. `ordinal` was taken before the
        records were looked at.
        """

    async def forget_held(self, name: str, ordinal: int) -> None:
        """Records that were held with a lower ordinal are gone."""

    async def sum_up(self, name: str, days: Sequence[date], today: date) -> None:
        """The totals of these days, which are in order, each from nothing; days that are new or differ are noted."""

    async def days(self, name: str) -> Sequence[date]:
        """The days whose totals are kept, in order."""

    async def day(self, name: str, day: date) -> tuple[Mapping[Place, Total], int]:
        """The totals of a day, and how often they were corrected since it ended."""

    async def requests(self) -> Sequence[Request]:
        """What commands asked the running sync to do and is not answered, oldest first."""

    async def answer(self, number: int, answer: str) -> None:
        """It is done; JSON."""
