"""Running query jobs: one at a time, in a thread, into CSV files that are only read when pages are fetched.

A job's result is the snapshot of the moment it ran. It is written as files of `page_rows` rows, or fewer if they
are long, so a default page is a file as it is; a client that asks for smaller pages gets pieces of a file. SQLite
composes every line, so memory stays small whatever the number of rows.
"""

import shutil
import sqlite3
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import orjson

from localorg.bulk.job import DELIMITERS, LINE_ENDINGS, QueryJob
from localorg.errors import ApiError
from localorg.query.plan import QueryPlan
from localorg.query.shape import csv_line

if TYPE_CHECKING:
    from localorg.clock import Clock
    from localorg.faults import Faults
    from localorg.store import Store

#: Rows on a page when the client does not say.
PAGE_ROWS = 50_000
#: A page that reaches this size ends, in bytes.
_PAGE_SIZE = 32 * 2**20
_FETCH = 2_000
#: Results are kept for seven days.
LIFE = 7 * 86_400


class BulkJobs:
    """The query jobs of an org."""

    def __init__(self, store: "Store", clock: "Clock", folder: Path, faults: "Faults") -> None:
        self._store = store
        self._clock = clock
        self._faults = faults
        self._folder = folder
        self._lock = threading.Lock()
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="bulk")
        self._jobs: dict[str, QueryJob] = {}
        #: Seconds that a job waits before it runs, to be seen as UploadComplete.
        self.delay = 0.0
        #: Rows on a page file.
        self.page_rows = PAGE_ROWS
        self._load()

    def close(self) -> None:
        """Stop after what runs now."""
        for job in self.all():
            if not job.finished:
                self._put(job.becomes("Aborted", self._clock.precise))
        self._pool.shutdown(wait=True, cancel_futures=True)

    @property
    def started_today(self) -> int:
        """Jobs created in the last 24 hours."""
        since = self._clock.precise - 86_400
        return sum(1 for job in self.all() if job.created > since)

    # -- jobs --

    def all(self) -> list[QueryJob]:
        """All jobs, oldest first."""
        with self._lock:
            return list(self._jobs.values())

    def find(self, identifier: str) -> QueryJob | None:
        """A job by its Id."""
        with self._lock:
            job = self._jobs.get(identifier)
        if job is not None and job.created + LIFE < self._clock.precise:
            self.delete(job)
            return None
        return job

    def create(self, job: QueryJob, plan: QueryPlan) -> QueryJob:
        """Take a job on; it runs when the ones before it are done."""
        (self._folder / job.id).mkdir(parents=True)
        self._put(job)
        self._pool.submit(self._run, job.id, plan)
        return job

    def abort(self, job: QueryJob) -> QueryJob:
        """Stop a job."""
        with self._lock:
            current = self._jobs[job.id]
            if current.finished:
                raise ApiError("INVALIDJOBSTATE", "Aborting already Completed Job not allowed")
            aborted = self._jobs[job.id] = current.becomes("Aborted", self._clock.precise)
        self._keep(aborted)
        return aborted

    def delete(self, job: QueryJob) -> None:
        """Forget a finished job and its result."""
        if not job.finished:
            raise ApiError("API_ERROR", "Error encountered when deleting the job because the job is not terminated")
        with self._lock:
            self._jobs.pop(job.id, None)
        shutil.rmtree(self._folder / job.id, ignore_errors=True)

    def _put(self, job: QueryJob) -> None:
        with self._lock:
            self._jobs[job.id] = job
        self._keep(job)

    def _keep(self, job: QueryJob) -> None:
        path = self._folder / job.id / "job.json"
        if path.parent.is_dir():
            path.write_bytes(orjson.dumps(job.stored()))

    def _load(self) -> None:
        """Jobs of an earlier run; what ran then was cut off."""
        for path in sorted(self._folder.glob("*/job.json")):
            values = orjson.loads(path.read_bytes())
            job = QueryJob(**{**values, "pages": tuple(values["pages"])})
            if not job.finished:
                job = replace(job, state="Failed", error="InternalServerError : the org was stopped", pages=())
            self._jobs[job.id] = job

    # -- running --

    def _advance(self, identifier: str, state: str, **changes: object) -> bool:
        """Put a job in a state, unless it has been aborted."""
        with self._lock:
            job = self._jobs.get(identifier)
            if job is None or job.finished:
                return False
            job = self._jobs[identifier] = job.becomes(state, self._clock.precise, **changes)
        self._keep(job)
        return True

    def _run(self, identifier: str, plan: QueryPlan) -> None:
        started = time.perf_counter()
        if self.delay:
            time.sleep(self.delay)
        if not self._advance(identifier, "InProgress"):
            return
        job = self._jobs[identifier]
        if self._faults.armed and self._goes_wrong(job, plan):
            return
        try:
            pages = self._write(job, plan)
        except (sqlite3.Error, OSError) as error:
            self._advance(identifier, "Failed", error=f"InternalServerError : {error}")
            return
        if pages is not None:
            took = int((time.perf_counter() - started) * 1000)
            self._advance(identifier, "JobComplete", records=sum(pages), pages=tuple(pages), time=took)

    def _goes_wrong(self, job: QueryJob, plan: QueryPlan) -> bool:
        """Whether a fault keeps the job from running: JOB_FAILED, JOB_ABORTED, or JOB_STUCK until it is cleared."""
        subject = f"{job.object} {job.operation} {job.soql}"
        if (options := self._faults.take("JOB_FAILED", subject)) is not None:
            message = str(options.get("message", "InternalServerError : Retried more than fifteen times"))
            return self._advance(job.id, "Failed", error=message, retries=15)
        if self._faults.take("JOB_ABORTED", subject) is not None:
            return self._advance(job.id, "Aborted")
        if self._faults.take("JOB_STUCK", subject) is not None:
            self._faults.when_cleared("JOB_STUCK", lambda: self._pool.submit(self._run, job.id, plan))
            return True
        return False

    def _write(self, job: QueryJob, plan: QueryPlan) -> list[int] | None:
        """The pages' sizes; None: aborted meanwhile."""
        delimiter, ending = DELIMITERS[job.delimiter], LINE_ENDINGS[job.line_ending]
        line = csv_line([column for _, column in plan.csv_columns], delimiter)
        header = (delimiter.join(f'"{name}"' for name, _ in plan.csv_columns) + ending).encode()
        pages: list[int] = []
        with self._store.snapshot() as connection:
            cursor = connection.execute(plan.line_sql(line), plan.params)
            done = False
            while not done:
                rows = size = 0
                with self.page_file(job, len(pages)).open("wb") as file:
                    file.write(header)
                    while rows < self.page_rows and size < _PAGE_SIZE:
                        chunk = cursor.fetchmany(min(_FETCH, self.page_rows - rows))
                        if not chunk:
                            done = True
                            break
                        size += file.write((ending.join(text for (text,) in chunk) + ending).encode())
                        rows += len(chunk)
                if self._jobs.get(job.id, job).state == "Aborted":
                    return None
                if rows or not pages:
                    pages.append(rows)
                else:
                    self.page_file(job, len(pages)).unlink()
        return pages

    # -- results --

    def page_file(self, job: QueryJob, number: int) -> Path:
        """The file of a page."""
        return self._folder / job.id / f"{number:06d}.csv"

    def rows(self, job: QueryJob, number: int, first: int, last: int) -> bytes:
        """The header and the rows from `first` up to, not including, `last` of a page."""
        content = self.page_file(job, number).read_bytes()
        header_end, *ends = islice(_line_ends(content), last + 1)
        start = ends[first - 1] if first else header_end
        end = ends[last - 1] if last else header_end
        return content[:header_end] + content[start:end]


def _line_ends(content: bytes) -> Iterator[int]:
    """Offsets after each record; a line ending inside quotes ends none.

    Every value is quoted, so a record ends at a line ending that follows an even number of quotes.
    """
    at = quotes = 0
    while (end := content.find(b"\n", at)) >= 0:
        quotes += content.count(b'"', at, end)
        at = end + 1
        if quotes % 2 == 0:
            yield at


def now_text(seconds: float) -> str:
    """A job's time in its description."""
    return datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%S.000+0000")
