"""Bulk API 2.0 query jobs.

    GET, POST           jobs/query                   list; create
    GET, PATCH, DELETE  jobs/query/{job}             info; abort; delete
    GET                 jobs/query/{job}/results     a page of CSV
    GET                 jobs/query/{job}/resultPages the next pages' addresses

Source: Bulk API 2.0 Developer Guide, "Query" chapter. A locator names the row that its page starts with.
"""

import base64
import binascii
from typing import Any

from localorg.bulk.job import DELIMITERS, LINE_ENDINGS, QueryJob
from localorg.bulk.jobs import now_text
from localorg.errors import ApiError, not_found
from localorg.ids import full_id
from localorg.query import compile_query
from localorg.rest.call import Answer, Call, Resource
from localorg.rest.limits import BULK_JOBS
from localorg.soql import parse
from localorg.soql.ast import Query, SelectChildren

_LISTED = 1_000
_RESULT_PAGES = 5
#: Objects that the Bulk API does not serve.
_UNSUPPORTED = frozenset({"CaseStatus", "LeadStatus", "OpportunityStage", "TaskStatus", "TaskPriority"})


def locator_of(row: int) -> str:
    """The locator of the page that starts with a row."""
    return base64.urlsafe_b64encode(f"r{row}".encode()).decode().rstrip("=")


def _row_of(locator: str, job: QueryJob) -> int:
    try:
        text = base64.urlsafe_b64decode(locator + "=" * (-len(locator) % 4)).decode()
        row = int(text.removeprefix("r"))
    except (binascii.Error, UnicodeDecodeError, ValueError):
        row = -1
    if not 0 <= row < job.records:
        raise ApiError("INVALID_LOCATOR", f"Invalid locator value: {locator}")
    return row


def _info(job: QueryJob) -> dict[str, Any]:
    """What is told of a job at its creation and abortion."""
    return {
        "id": job.id,
        "operation": job.operation,
        "object": job.object,
        "createdById": job.created_by,
        "createdDate": now_text(job.created),
        "systemModstamp": now_text(job.stamp),
        "state": job.state,
        "concurrencyMode": "Parallel",
        "contentType": "CSV",
        "apiVersion": float(job.version),
        "lineEnding": job.line_ending,
        "columnDelimiter": job.delimiter,
    }


def _full_info(job: QueryJob) -> dict[str, Any]:
    info = _info(job) | {
        "jobType": "V2Query",
        "numberRecordsProcessed": job.records,
        "retries": job.retries,
        "totalProcessingTime": job.time,
        "isPkChunkingSupported": True,
    }
    return info if job.error is None else info | {"errorMessage": job.error}


def _choice(call: Call, name: str, default: str, allowed: dict[str, str]) -> str:
    value = str(call.json.get(name, default))
    if value not in allowed:
        raise ApiError("INVALIDJOB", f"Invalid {name} value: {value}")
    return value


def _check_children(query: Query) -> None:
    if any(isinstance(item, SelectChildren) for item in query.select):
        raise ApiError("API_ERROR", "Aggregate Relationships not supported in Bulk Query")


def _create(call: Call) -> Answer:
    operation = call.json.get("operation")
    if operation not in ("query", "queryAll"):
        raise ApiError("INVALIDJOB", "Unable to find operation or operation not supported for query job")
    if call.json.get("contentType", "CSV") != "CSV":
        raise ApiError("INVALIDJOB", "Only CSV is supported as contentType for a query job")
    soql = call.json.get("query")
    if not isinstance(soql, str) or not soql.strip():
        raise ApiError("INVALIDJOB", "Query must be specified for a query job")
    delimiter = _choice(call, "columnDelimiter", "COMMA", DELIMITERS)
    ending = _choice(call, "lineEnding", "LF", LINE_ENDINGS)
    if call.org.bulk.started_today >= BULK_JOBS:
        raise ApiError("LIMIT_EXCEEDED", "The daily limit of query jobs has been exceeded", status=400)
    context = call.org.query_context(call.user, call.version, all_rows=operation == "queryAll", bulk=True)
    query = parse(soql)
    _check_children(query)
    plan = compile_query(query, context)
    if plan.sobject.name in _UNSUPPORTED:
        raise ApiError("INVALIDENTITY", f"Entity '{plan.sobject.name}' is not supported by the Bulk API.")
    now = call.org.clock.precise
    job = QueryJob(
        id=call.org.store.next_id("750"),
        operation=operation,
        object=plan.sobject.name,
        created_by=call.user.id,
        created=now,
        stamp=now,
        state="UploadComplete",
        version=call.version,
        delimiter=delimiter,
        line_ending=ending,
        soql=soql,
    )
    return Answer(json=_info(call.org.bulk.create(job, plan)))


def _job(call: Call) -> QueryJob:
    job = call.org.bulk.find(full_id(call.path["job"]) or "")
    if job is None or (job.created_by != call.user.id and not call.user.views_all):
        raise not_found()
    return job


def _get(call: Call) -> Answer:
    return Answer(json=_full_info(_job(call)))


def _abort(call: Call) -> Answer:
    if call.json.get("state") != "Aborted":
        raise ApiError("INVALIDJOB", "Only the state Aborted can be set on a query job")
    return Answer(json=_info(call.org.bulk.abort(_job(call))))


def _delete(call: Call) -> Answer:
    call.org.bulk.delete(_job(call))
    return Answer(status=204)


def _list(call: Call) -> Answer:
    jobs = [job for job in call.org.bulk.all() if call.query.get("jobType", "V2Query") == "V2Query"]
    start = int(text) if (text := call.query.get("queryLocator", "0")).isdigit() else 0
    page = jobs[start : start + _LISTED]
    done = start + _LISTED >= len(jobs)
    # Salesforce documents jobs/ingest here, for query jobs too.
    following = None if done else f"{call.base}/jobs/ingest?queryLocator={start + _LISTED}"
    records = [_info(job) | {"jobType": "V2Query"} for job in page]
    return Answer(json={"done": done, "records": records, "nextRecordsUrl": following})


def _finished(call: Call) -> QueryJob:
    job = _job(call)
    if job.version != call.version:
        raise ApiError("API_ERROR", f"The API version must be that of the job, {job.version}", status=409)
    if job.state != "JobComplete":
        raise ApiError("INVALIDJOBSTATE", "Invalid job state: results are available when the job is complete")
    return job


def _results(call: Call) -> Answer:
    job = _finished(call)
    locator = call.query.get("locator")
    start = 0 if locator in (None, "", "null") else _row_of(str(locator), job)
    number, first = job.page_of(start)
    end = first + job.pages[number]
    if (text := call.query.get("maxRecords")) is not None:
        if not text.isdigit() or int(text) == 0:
            raise ApiError("INVALID_PARAMETER", f"Invalid maxRecords value: {text}")
        # An upper bound: a page never reaches beyond its file.
        end = min(end, start + int(text))
    content: Any
    if start == first and end == first + job.pages[number]:
        content = call.org.bulk.page_file(job, number)
    else:
        content = call.org.bulk.rows(job, number, start - first, end - first)
    headers = {
        "Sforce-Locator": locator_of(end) if end < job.records else "null",
        "Sforce-NumberOfRecords": str(end - start),
    }
    return Answer(content=content, content_type="text/csv; charset=UTF-8", headers=headers)


def _result_pages(call: Call) -> Answer:
    job = _finished(call)
    locator = call.query.get("locator")
    start = 0 if locator in (None, "", "null") else _row_of(str(locator), job)
    rows = [row for row in job.page_starts if row >= start]
    base = f"{call.base}/jobs/query/{job.id}"
    pages = [
        {"resultUrl": f"{base}/results" + (f"?locator={locator_of(row)}" if row else "")}
        for row in rows[:_RESULT_PAGES]
    ]
    body: dict[str, Any] = {"resultPages": pages, "done": len(rows) <= _RESULT_PAGES}
    if len(rows) > _RESULT_PAGES:
        body["nextRecordsUrl"] = f"{base}/resultpages?locator={locator_of(rows[_RESULT_PAGES])}"
    return Answer(json=body)


RESOURCES = (
    Resource("jobs/query", {"GET": _list, "POST": _create}),
    Resource("jobs/query/{job}", {"GET": _get, "PATCH": _abort, "DELETE": _delete}),
    Resource("jobs/query/{job}/results", {"GET": _results}),
    Resource("jobs/query/{job}/resultPages", {"GET": _result_pages}),
)
