"""The org: its records, clock, users, sessions, cursors and API allowance, behind every protocol."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

from localorg.auth.apps import Apps
from localorg.auth.browser import Visits
from localorg.auth.codes import Codes
from localorg.auth.credentials import Credentials
from localorg.auth.identity_keys import IdentityKeys
from localorg.auth.sessions import Sessions
from localorg.bulk.jobs import BulkJobs
from localorg.clock import Clock
from localorg.errors import ApiError
from localorg.events import Journal
from localorg.faults import Faults
from localorg.fiscal import load_fiscal
from localorg.misbehaviour.menu import HTTP_FAULTS
from localorg.misbehaviour.stale import StaleReads
from localorg.permissions import expire_assignments
from localorg.query.context import QueryContext
from localorg.query.run import QueryRunner
from localorg.records import RecordWriter, Writing
from localorg.rolling import RollingDay
from localorg.schema import Schema, load_schema
from localorg.sharing.rights import Rights
from localorg.sosl import Searcher
from localorg.store import Store
from localorg.transactions import OpenTransactions
from localorg.users import OrgUser, currency_rates, load_user, time_zone

#: Requests a day, unless the org is started with another number (a full sandbox's).
DAILY_REQUESTS = 5_000_000
#: Deliveries of events a day. Source: Change Data Capture Developer Guide, "Allocations" (Unlimited Edition).
DAILY_DELIVERIES = 50_000


class Allowance(RollingDay):
    """API requests of the last 24 hours against the daily limit.

    Source: Salesforce Limits, "API Request Limits and Allocations"; REST API, "Limit Info Header".
    """

    def spend(self) -> None:
        """Count a request, or refuse it."""
        if not self.take():
            raise ApiError("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.", status=403)


class Org:
    """A running org."""

    def __init__(self, data: Path, *, daily_requests: int = DAILY_REQUESTS) -> None:
        self.data = data
        self.clock = Clock()
        self.faults = Faults()
        self.faults.declare(*HTTP_FAULTS)
        self._zone = ZoneInfo("UTC")
        self.store = Store(data / "org.db", load_schema(), today=self._today)
        self.journal = Journal(self.store, self.clock, self.faults)
        self.store.listener = self.journal
        self.allowance = Allowance(self.clock, daily_requests)
        #: Change events that subscribers got.
        self.deliveries = RollingDay(self.clock, DAILY_DELIVERIES)
        self.transactions = OpenTransactions()
        #: Ids in one answer of getUpdated or getDeleted, at most.
        self.most_replicated = 600_000
        self.queries = QueryRunner(self.store)
        self.searcher = Searcher(self.store, self.queries)
        self.stale_reads = StaleReads(self.store, self.faults)
        self.bulk = BulkJobs(self.store, self.clock, data / "bulk", self.faults)
        self.sessions = Sessions(self.clock)
        self.codes = Codes(self.clock)
        #: Browsers that are logged in to the org's own pages.
        self.visits = Visits(self.clock)
        self.identity_keys = IdentityKeys(data / "identity.key")
        self.credentials = Credentials(self.store)
        self.apps = Apps(self.store)
        #: Requests run here, so that the event loop stays free.
        self.workers = ThreadPoolExecutor(4, thread_name_prefix="org")
        #: Where the org is reached; set when the server listens.
        self.url = "http://127.0.0.1:8000"
        self.https_url = "https://localhost:8443"
        #: Host and port of the Pub/Sub API.
        self.pubsub = "localhost:7443"
        #: The authority that clients of both must trust.
        self.ca_file = data / "tls" / "ca.crt"

    def close(self) -> None:
        """Stop."""
        self.bulk.close()
        self.workers.shutdown(wait=True, cancel_futures=True)
        self.store.close()

    @property
    def schema(self) -> Schema:
        """The objects, as they are now."""
        return self.store.schema

    def _today(self) -> str:
        """TODAY() in formulas: the day in the org's default time zone."""
        return self.clock.now().astimezone(self._zone).date().isoformat()

    @property
    def id(self) -> str:
        """The org's Id."""
        return str(self.store.scalar('SELECT "Id" FROM "Organization"'))

    def user(self, user_id: str) -> OrgUser | None:
        """A user, if he is active and not frozen."""
        expire_assignments(self.store, self.clock.now())
        return load_user(self.store, user_id)

    def hidden_fields(self, user: OrgUser, object_name: str) -> frozenset[str]:
        """An object's fields that field-level security hides from a user."""
        shown, every = user.schema.object(object_name), self.schema.object(object_name)
        if shown is None or every is None:
            return frozenset()
        return frozenset(field.name for field in every.fields) - {field.name for field in shown.fields}

    def rates(self) -> Mapping[str, Decimal]:
        """Conversion rates."""
        return currency_rates(self.store)

    def query_context(self, user: OrgUser, version: str, *, all_rows: bool = False, bulk: bool = False) -> QueryContext:
        """The circumstances of a user's query now."""
        # Kept for TODAY(), which SQLite asks for row by row.
        self._zone = time_zone(self.store.scalar('SELECT "TimeZoneSidKey" FROM "Organization"'))
        return QueryContext(
            schema=user.schema,
            readable=user.readable,
            access=user.access,
            user_id=user.id,
            now=self.clock.now(),
            zone=user.zone,
            week_start=user.week_start,
            fiscal=load_fiscal(self.store),
            currency=user.currency,
            locale=str(user.row.get("LocaleSidKey") or "en_US"),
            rates=self.rates(),
            all_rows=all_rows,
            bulk=bulk,
            sees_encrypted=user.sees_encrypted,
            version=version,
        )

    def writer(
        self, user: OrgUser, origin: str = "", *, late: datetime | None = None, audit_fields: bool = False
    ) -> RecordWriter:
        """Saves records for a user now; `origin` as change events name it, `late`: as if it were that instant."""
        writing = Writing(
            user_id=user.id,
            now=late or self.clock.now(),
            currency=user.currency,
            origin=origin,
            audit_fields=audit_fields or user.sets_audit_fields,
            late=late is not None,
        )
        return RecordWriter(self.store, writing, self.journal, Rights(self.store, user))
