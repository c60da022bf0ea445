"""The org as the sync engine sees it: `forcedex.domain.ports.Source`, put together from this package's parts."""

import random
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Collection, Mapping, Sequence
from datetime import datetime
from types import TracebackType
from typing import Self

import httpx2

from forcedex.domain.change import DeletedRecords, EventBatch
from forcedex.domain.errors import SourceDataError, SourceRefused
from forcedex.domain.org_side import OrgPackage, OrgSide
from forcedex.domain.ports import ApiUsage, Clock, OrgIdentity
from forcedex.domain.record import Mark, Page
from forcedex.domain.rights import Directory
from forcedex.domain.schema import ObjectSummary, SObject
from forcedex.domain.selection import Selection
from forcedex.domain.shares import GrantQuery, RecordGrants
from forcedex.salesforce import soql
from forcedex.salesforce.account import BeforeCall, unlimited
from forcedex.salesforce.bulk import FinishedJob, finished_job, start_query_job
from forcedex.salesforce.by_ids import RecordsByIds
from forcedex.salesforce.deletions import deleted_records
from forcedex.salesforce.describe import API_NAME, object_summaries, sobject
from forcedex.salesforce.directory import directory
from forcedex.salesforce.grants import all_grants, grants
from forcedex.salesforce.identity import identity
from forcedex.salesforce.limits import time_in_header, usage_in_limits
from forcedex.salesforce.org_side import org_side
from forcedex.salesforce.pubsub.api import PubSub
from forcedex.salesforce.pubsub.subscription import change_events
from forcedex.salesforce.pubsub.topics import streamable
from forcedex.salesforce.query import OrderedRead, ordered_pages, total
from forcedex.salesforce.settings import SalesforceSettings
from forcedex.salesforce.transport import Call, Transport, utc_now

#: Ids in one `read_by_ids`.
MAX_IDS = 200
#: Ids in one `reread` or `matching`.
MAX_REREAD = 2_000


class SalesforceSource:
    """Reads one org as one user. An async context manager; it logs in with the first question.

    Every method may raise SourceRefused, SourceUnavailable (after its own bounded retries), SourceDataError, and
    ConfigurationError where a setting is wrong.
    """

    def __init__(
        self,
        settings: SalesforceSettings,
        clock: Clock,
        *,
        wall_clock: Callable[[], datetime] = utc_now,
        chance: Callable[[], float] = random.random,
        before_call: BeforeCall = unlimited,
        on_secret: Callable[[str], None] = lambda secret: None,
        http: httpx2.AsyncBaseTransport | None = None,
    ) -> None:
        """`clock` paces retries and polls, `wall_clock` dates login assertions, `http` replaces the network.

        `before_call` is awaited before each request that counts against the org's daily API requests (repeated ones
        too); what it raises, such as BudgetExhausted, goes to whoever asked. `on_secret` hears of every secret and
        token in use, so that logs can hide it.
        """
        self._settings = settings
        self._transport = Transport(
            settings,
            clock,
            wall_clock=wall_clock,
            chance=chance,
            before_call=before_call,
            on_secret=on_secret,
            http=http,
        )
        self._by_ids = RecordsByIds(self._transport)
        self._pubsub = PubSub(self._transport)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Close the connections; subscriptions end."""
        await self._pubsub.aclose()
        await self._transport.aclose()

    @property
    def calls(self) -> int:
        """Requests that were sent so far and count against the org's daily API requests."""
        return self._transport.account.calls

    async def identity(self) -> OrgIdentity:
        """Which org this is and as whom we read it."""
        return await identity(self._transport)

    async def usage(self) -> ApiUsage:
        """Today's API requests, from the last answer's header or `/limits`."""
        if self._transport.usage is None:
            call = Call(purpose="read the org's limits", path=self._path("limits"))
            answer = await self._transport.json(call)
            return self._transport.usage or usage_in_limits(answer.value)
        return self._transport.usage

    async def now(self) -> datetime:
        """The org's clock (UTC, whole seconds), from the `Date` of an answer that costs no API request."""
        answer = await self._transport.json(Call(purpose="ask for the time", path="/services/data/"))
        time = time_in_header(answer.headers)
        if time is None:
            raise SourceDataError("Salesforce's answer has no Date.", "Check for a proxy that changes answers.")
        return time

    async def objects(self) -> Sequence[ObjectSummary]:
        """The objects that the user can see."""
        answer = await self._transport.json(Call(purpose="list the objects", path=self._path("sobjects")))
        return object_summaries(answer.value)

    async def describe(self, name: str) -> SObject:
        """The object as the user sees it; SourceRefused with code NOT_FOUND if there is none."""
        if not API_NAME.fullmatch(name):
            raise SourceRefused(
                f"{name[:40]!r} is not the API name of an object.", "Names look like Invoice__c.", code="NOT_FOUND"
            )
        call = Call(purpose=f"describe {name}", path=self._path(f"sobjects/{name}/describe"))
        return sobject((await self._transport.json(call)).value, name)

    async def count(self, sobject: SObject, where: str = "") -> int:
        """Number of live records that fulfil the condition."""
        statement = soql.count(sobject, [soql.own_condition(where)])
        return await total(self._transport, statement, f"count {sobject.name}")

    async def start_bulk(
        self,
        sobject: SObject,
        columns: Sequence[str],
        where: str = "",
        *,
        deleted_too: bool = False,
        by_id: bool = False,
    ) -> str:
        """Start a Bulk query job over the object; its id. BulkUnsupported if only REST can read the object.

        `by_id` asks for the order of Ids, which keeps Salesforce from working in parallel.
        """
        order = ("Id",) if by_id else ()
        statement = soql.select(sobject, columns, [soql.own_condition(where)], order=order)
        return await start_query_job(self._transport, statement, sobject.name, deleted_too=deleted_too)

    async def open_bulk(self, job_id: str, columns: Sequence[str] = ()) -> FinishedJob:
        """Wait until the job is complete. `columns`, those it was started with, are checked against the result."""
        return await finished_job(self._transport, job_id, columns)

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
        """Records over REST in the order (stamp field, Id), strictly after `since`, with a stamp before `before`.

        An object without stamp field is read in the order of Ids; `since` then counts by its Id alone and `before`
        not at all. Values are read late: a record that changes during the read shows its new stamp at its old
        place, so a stamp at or after the beginning of the read is no checkpoint.
        """
        plan = OrderedRead(
            sobject=sobject,
            columns=tuple(columns),
            where=where,
            since=since,
            before=before,
            deleted_too=deleted_too,
        )
        return ordered_pages(self._transport, plan)

    async def read_by_ids(
        self, sobject: SObject, columns: Sequence[str], ids: Sequence[str], *, deleted_too: bool = False
    ) -> Page:
        """The named records that exist, in no particular order; at most 200 ids."""
        _at_most(MAX_IDS, ids)
        return await self._by_ids.page(sobject, columns, ids, deleted_too=deleted_too)

    async def reread(self, selection: Selection, ids: Sequence[str]) -> Page:
        """The named records as they are now, deleted ones too, in no order; at most 2,000 ids.

        One API request for up to about 400 ids and, as a rule, for 2,000 as well. Each row is of one moment.
        """
        _at_most(MAX_REREAD, ids)
        return await self._by_ids.page(selection.sobject, selection.paths, ids, deleted_too=True)

    async def matching(self, selection: Selection, ids: Sequence[str]) -> Sequence[str]:
        """Those of the named live records that fulfil the selection's condition; at most 2,000 ids."""
        _at_most(MAX_REREAD, ids)
        return await self._by_ids.matching(selection.sobject, ids, selection.where)

    async def deleted(self, sobject: SObject, start: datetime, end: datetime) -> DeletedRecords:
        """What was deleted from `start` to `end`, as far as the org remembers (15 days) and in whole minutes.

        SourceRefused with code EXCEEDED_ID_LIMIT (ask for a shorter span) or INVALID_REPLICATION_DATE (the org
        remembers nothing of this span).
        """
        return await deleted_records(self._transport, sobject, start, end, await self.now())

    def subscribe(self, name: str, replay_id: bytes | None, *, silence: float) -> AsyncGenerator[EventBatch, None]:
        """The change events of the object after this replay id (None: from now on), until closed or lost."""
        return change_events(self._pubsub, name, replay_id, silence=silence)

    async def streamable(self, names: Sequence[str]) -> Sequence[str]:
        """Those of the objects whose change events the org offers to the user."""
        return await streamable(self._pubsub, names)

    async def directory(self, objects: Collection[str]) -> Directory:
        """People, groups and rights, with permissions and sharing of the named objects."""
        return await directory(self._transport, objects)

    async def grants(self, query: GrantQuery, ids: Sequence[str]) -> Mapping[str, RecordGrants]:
        """The grants on these records, by Id; at most 2,000 ids."""
        _at_most(MAX_REREAD, ids)
        return await grants(self._transport, query, ids)

    async def org_side(self, package: OrgPackage, user_id: str) -> OrgSide:
        """What of Forcedex is in the org, and what the user who syncs may do; SourceRefused if it may not look."""
        return await org_side(self._transport, package, user_id)

    def all_grants(self, query: GrantQuery) -> AsyncIterator[Sequence[tuple[str, RecordGrants]]]:
        """The grants on all records that have some, in the order of Ids."""
        return all_grants(self._transport, query)

    def _path(self, resource: str) -> str:
        return f"/services/data/v{self._settings.api_version}/{resource}"


def _at_most(limit: int, ids: Sequence[str]) -> None:
    if len(ids) > limit:
        raise ValueError(f"at most {limit} ids, not {len(ids)}")
