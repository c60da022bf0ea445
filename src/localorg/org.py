"""The org: its records, clock, users, sessions, cursors and API allowance, behind every protocol."""

import threading
from collections import deque
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

from localorg.auth.apps import Apps
from localorg.auth.credentials import Credentials
from localorg.auth.sessions import Sessions
from localorg.bulk.jobs import BulkJobs
from localorg.clock import Clock
from localorg.errors import ApiError
from localorg.faults import Faults
from localorg.query.context import QueryContext
from localorg.query.run import QueryRunner
from localorg.records import RecordWriter, Writing
from localorg.schema import load_schema
from localorg.store import Store
from localorg.users import OrgUser, currency_rates, load_user

#: Requests a day, unless the org is started with another number (a full sandbox's).
DAILY_REQUESTS = 5_000_000
_DAY = timedelta(days=1)


class Allowance:
    """API requests of the last 24 hours against the daily limit.

    Source: Salesforce Limits, "API Request Limits and Allocations"; REST API, "Limit Info Header".
    """

    def __init__(self, clock: Clock, most: int) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        #: (minute, requests in it), oldest first.
        self._minutes: deque[list[int]] = deque()
        self._used = 0
        self.most = most

    @property
    def used(self) -> int:
        """Requests of the last 24 hours."""
        with self._lock:
            self._forget()
            return self._used

    def spend(self) -> None:
        """Count a request, or refuse it."""
        with self._lock:
            self._forget()
            if self._used >= self.most:
                raise ApiError("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.", status=403)
            minute = int(self._clock.precise // 60)
            if not self._minutes or self._minutes[-1][0] != minute:
                self._minutes.append([minute, 0])
            self._minutes[-1][1] += 1
            self._used += 1

    def _forget(self) -> None:
        oldest = int((self._clock.precise - _DAY.total_seconds()) // 60)
        while self._minutes and self._minutes[0][0] < oldest:
            self._used -= self._minutes.popleft()[1]


class Org:
    """A running org."""

    def __init__(self, data: Path, *, daily_requests: int = DAILY_REQUESTS) -> None:
        self.data = data
        self.clock = Clock()
        self.faults = Faults()
        self.schema = load_schema()
        self.store = Store(data / "org.db", self.schema, today=lambda: self.clock.now().date().isoformat())
        self.allowance = Allowance(self.clock, daily_requests)
        self.queries = QueryRunner(self.store)
        self.bulk = BulkJobs(self.store, self.clock, data / "bulk")
        self.sessions = Sessions(self.clock)
        self.credentials = Credentials(self.store)
        self.apps = Apps(self.store)
        #: Requests run here, so that the event loop stays free.
        self.workers = ThreadPoolExecutor(4, thread_name_prefix="org")
        #: Where the org is reached; set when the server listens.
        self.url = "http://127.0.0.1:8000"

    def close(self) -> None:
        """Stop."""
        self.bulk.close()
        self.workers.shutdown(wait=True, cancel_futures=True)
        self.store.close()

    @property
    def id(self) -> str:
        """The org's Id."""
        return str(self.store.scalar('SELECT "Id" FROM "Organization"'))

    def user(self, user_id: str) -> OrgUser | None:
        """A user, if he is active."""
        return load_user(self.store, user_id)

    def rates(self) -> Mapping[str, Decimal]:
        """Conversion rates."""
        return currency_rates(self.store)

    def query_context(self, user: OrgUser, version: str, *, all_rows: bool = False, bulk: bool = False) -> QueryContext:
        """The circumstances of a user's query now."""
        month = self.store.scalar('SELECT "FiscalYearStartMonth" FROM "Organization"')
        return QueryContext(
            schema=self.schema,
            readable=user.readable,
            user_id=user.id,
            now=self.clock.now(),
            zone=user.zone,
            week_start=user.week_start,
            fiscal_start_month=month or 1,
            rates=self.rates(),
            all_rows=all_rows,
            bulk=bulk,
            sees_encrypted=user.sees_encrypted,
            version=version,
        )

    def writer(self, user: OrgUser) -> RecordWriter:
        """Saves records for a user now."""
        return RecordWriter(self.store, Writing(user_id=user.id, now=self.clock.now(), currency=user.currency))
