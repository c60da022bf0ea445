"""Bulk API 2.0 query jobs: start one, wait for it, go through the pages of its result.

Source: Bulk API 2.0 and Bulk API Developer Guide, "Query Jobs" and "Get Results for a Query Job".
"""

import re
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from urllib.parse import quote

from forcedex.domain.errors import SourceDataError, SourceRefused, SourceUnavailable
from forcedex.salesforce.query import MOST_VISITS
from forcedex.salesforce.refusal import as_bulk_refusal, failed_job
from forcedex.salesforce.result_page import ResultPage
from forcedex.salesforce.shape import broken, object_of, text_in
from forcedex.salesforce.transport import Call, Transport

#: Seconds between two looks at a job: short at first, for small objects; each look is an API request.
FIRST_POLL = 0.25
POLL_GROWTH = 1.6
LONGEST_POLL = 20.0

_JOB_ID = re.compile(r"[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?")


async def start_query_job(transport: Transport, statement: str, object_name: str, *, deleted_too: bool = False) -> str:
    """Start a job for the statement (`queryAll` with `deleted_too`); its id.

    When the answer is lost the request is repeated, although the first job may exist: a job only reads, the one
    whose id nobody knows costs one of 10,000 a day and Salesforce deletes it after 7 days.
    """
    purpose = f"start a Bulk query of {object_name}"
    call = Call(
        purpose=purpose,
        path=_jobs(transport),
        method="POST",
        body={
            "operation": "queryAll" if deleted_too else "query",
            "query": statement,
            "contentType": "CSV",
            "columnDelimiter": "COMMA",
            "lineEnding": "LF",
        },
    )
    try:
        answer = await transport.json(call)
    except SourceRefused as refused:
        raise as_bulk_refusal(refused) from None
    job_id = text_in(object_of(answer.value, purpose), "id", purpose)
    if not _JOB_ID.fullmatch(job_id):
        raise broken(purpose, "“id” is not a job id")
    return job_id


async def finished_job(transport: Transport, job_id: str, columns: Sequence[str] = ()) -> "FinishedJob":
    """The job, once it is complete. SourceRefused if it failed, was aborted or is gone."""
    if not _JOB_ID.fullmatch(job_id):
        raise SourceRefused(f"{job_id[:40]!r} is not the id of a Bulk job.", code="NOT_FOUND")
    purpose = f"run the Bulk query {job_id}"
    clock = transport.clock
    deadline = clock.monotonic() + transport.settings.bulk_wait
    pause = FIRST_POLL
    while True:
        answer = await transport.json(Call(purpose=purpose, path=f"{_jobs(transport)}/{job_id}"))
        job = object_of(answer.value, purpose)
        match text_in(job, "state", purpose):
            case "JobComplete":
                number = job.get("numberRecordsProcessed")
                return FinishedJob(transport, job_id, columns, number if isinstance(number, int) else None)
            case "Failed":
                raise failed_job(str(job.get("errorMessage") or ""), purpose)
            case "Aborted":
                raise SourceRefused(
                    f"The Bulk query {job_id} was aborted in Salesforce.", "Start it again.", code="ABORTED"
                )
        if clock.monotonic() >= deadline:
            raise SourceUnavailable(
                f"The Bulk query {job_id} is still waiting in Salesforce.",
                "See Setup, “Bulk Data Load Jobs”; it can be waited for again.",
                code="JOB_NOT_FINISHED",
            )
        await clock.sleep(pause)
        pause = min(pause * POLL_GROWTH, LONGEST_POLL)


class FinishedJob:
    """A complete job: `forcedex.domain.ports.BulkQuery`."""

    def __init__(
        self, transport: Transport, job_id: str, columns: Sequence[str] = (), records: int | None = None
    ) -> None:
        """`columns` are those that the job was started with; without them the header row is believed.

        `records` is how many the job has, as far as it tells.
        """
        self._transport = transport
        self._job_id = job_id
        self._columns = tuple(columns)
        self._records = records

    @property
    def job_id(self) -> str:
        """Salesforce's id of the job."""
        return self._job_id

    async def pages(self, locator: str | None = None) -> AsyncIterator[ResultPage]:
        """The pages from this locator on (None: from the first).

        A page may come twice: where it names its own place as the next, it is asked for again.
        """
        visits: Counter[str] = Counter()
        while True:
            whole = self._records if locator is None else None
            page = ResultPage(self._transport, self._call(locator), self._columns, whole)
            await page.open()
            try:
                yield page
            finally:
                await page.aclose()
            if page.next_locator is None:
                return
            locator = page.next_locator
            visits[locator] += 1
            if visits[locator] > MOST_VISITS:
                raise SourceDataError(f"The Bulk result {self._job_id} goes round in circles.", "Start the job again.")

    def _call(self, locator: str | None) -> Call:
        limit = self._transport.settings.bulk_page_records
        path = f"{_jobs(self._transport)}/{self._job_id}/results?maxRecords={limit}"
        return Call(
            purpose=f"read the result of the Bulk query {self._job_id}",
            path=path if locator is None else f"{path}&locator={quote(locator, safe='')}",
            headers={"Accept": "text/csv"},
        )


def _jobs(transport: Transport) -> str:
    return f"/services/data/v{transport.settings.api_version}/jobs/query"
