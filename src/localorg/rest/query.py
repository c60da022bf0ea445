"""Queries.

    GET query?q=           a query; deleted and archived records are left out
    GET query?columns=true&q=   what its columns are
    GET queryAll?q=        with them
    GET query?q=SELECT … FROM Type__mdt    records of a custom metadata type that was deployed
    GET query/{locator}    the next page of either
    GET queryAll/{locator}

Source: REST API Developer Guide, "Query", "QueryAll", "Query More Results", "Query Options Header".
"""

import re

from localorg import deployed
from localorg.errors import ApiError, NotImplementedByOrg
from localorg.ids import record_id
from localorg.misbehaviour.pages import records_on_page
from localorg.query import compile_query, user_record_access
from localorg.query.columns import column_metadata
from localorg.query.run import DEFAULT_BATCH
from localorg.rest.call import Answer, Call, Resource
from localorg.rest.kept_rows import KeptObject, Row, no_type, records
from localorg.sharing.conditions import RecordAccess
from localorg.soql import parse
from localorg.soql.ast import Query

_CUSTOM_METADATA = "__mdt"
_BATCH = re.compile(r"\bbatchSize\s*=\s*(\d+)", re.IGNORECASE)


def batch_size(call: Call) -> int:
    """How many records a page has: what the client suggests, from 200 to 2,000."""
    asked = _BATCH.search(call.headers.get("sforce-query-options", ""))
    return int(asked[1]) if asked else DEFAULT_BATCH


def _run(call: Call, *, all_rows: bool) -> Answer:
    if "explain" in call.query:
        raise NotImplementedByOrg("query plans (explain)")
    soql = call.query.get("q")
    if soql is None:
        raise ApiError("MALFORMED_QUERY", "A query string has to be specified")
    context = call.org.query_context(call.user, call.version, all_rows=all_rows)
    query = parse(soql)
    if query.source.text.lower().endswith(_CUSTOM_METADATA):
        return _custom_metadata(call, query)
    if call.query.get("columns", "").lower() == "true":
        return Answer(json=column_metadata(query, context))
    if user_record_access.is_asked(query):
        return Answer(json=user_record_access.answer(query, context, call.org.store, _access_of(call)))
    plan = compile_query(query, context)
    page = call.org.queries.first(plan, context, batch_size(call), records_on_page(call))
    if plan.purposes:
        call.org.queries.note_views(plan, context, page)
    return Answer(json=page)


def _custom_metadata(call: Call, query: Query) -> Answer:
    """Records of a custom metadata type that was deployed; for users with View Setup and Configuration.

    Source: Salesforce Help, "Grant Permissions for Custom Metadata Types".
    """
    wanted = query.source.text.lower()
    kept = deployed.load(call.org.store).custom_metadata
    found = {name: values for name, values in sorted(kept.items()) if name.lower().startswith(f"{wanted}.")}
    if not found:
        raise no_type(query)
    name = next(iter(found)).partition(".")[0]
    fields = {field: None for values in found.values() for field in values}
    rows: list[Row] = [{"Id": record_id("m00", number), **each} for number, each in enumerate(found.values(), start=1)]
    sobject = KeptObject(name, "m00", tuple(fields), needs_setup=True)
    told = records(call, query, sobject, rows, f"{call.base}/sobjects/{name}")
    return Answer(json={"totalSize": len(told), "done": True, "records": told})


def _access_of(call: Call) -> user_record_access.AccessOf:
    def access_of(user_id: str) -> RecordAccess | None:
        user = call.org.user(user_id)
        return None if user is None else user.access

    return access_of


def _query(call: Call) -> Answer:
    return _run(call, all_rows=False)


def _query_all(call: Call) -> Answer:
    return _run(call, all_rows=True)


def _more(call: Call) -> Answer:
    most = records_on_page(call)
    page = call.org.queries.more(call.path["locator"], call.user.id, call.org.clock.now(), call.version, most)
    return Answer(json=page)


RESOURCES = (
    Resource("query", {"GET": _query}),
    Resource("queryAll", {"GET": _query_all}),
    Resource("query/{locator}", {"GET": _more}),
    Resource("queryAll/{locator}", {"GET": _more}),
)
