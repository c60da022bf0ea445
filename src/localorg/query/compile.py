"""A parsed query in the light of the schema and the user: checked, and turned into a plan.

Source: SOQL and SOSL Reference, "SOQL SELECT Syntax", "COUNT()", "OFFSET"; Bulk API 2.0 Developer Guide,
"Understanding Bulk API 2.0 Query".
"""

from dataclasses import replace

from localorg.errors import ApiError
from localorg.query.aggregates import AggregateCompiler, is_grouped
from localorg.query.children import check_subqueries
from localorg.query.clauses import ClauseCompiler, not_supported
from localorg.query.context import QueryContext
from localorg.query.plan import QueryPlan
from localorg.query.scope import Scope
from localorg.query.selection import RecordCompiler
from localorg.schema import FieldDef, SObjectDef
from localorg.soql.ast import Path, Query, SelectChildren, SelectField
from localorg.soql.position import query_error

_LARGEST_OFFSET = 2_000


def compile_query(query: Query, context: QueryContext) -> QueryPlan:
    """The plan of a query, or the error that Salesforce gives."""
    _check_words(query)
    check_subqueries(query)
    name = query.source.text
    sobject = context.schema.object(name)
    if sobject is None or sobject.name not in context.readable or "query" not in sobject.abilities:
        raise not_supported(query, name)
    _check_offset(query, context)
    scope = Scope(context, query.text, sobject, alias=query.alias, joined=query.joined)
    aggregate = is_grouped(query.select, query.group_by)
    if context.bulk and aggregate:
        raise ApiError("API_ERROR", "Aggregate Relationships not supported in Bulk Query")
    if query.count_only and not query.group_by:
        return _count(query, context, scope)
    compiler = AggregateCompiler if aggregate else RecordCompiler
    plan = compiler(query, context, scope).plan()
    return replace(plan, purposes=frozenset(word.text for word in query.purposes))


def _check_words(query: Query) -> None:
    """What belongs to Apex, or to objects that the org has not, is refused, in subqueries too."""
    for word in (query.filter, *query.purposes, query.all_rows):
        if word is None or word.text in ("VIEW", "REFERENCE"):
            continue
        if word.text == "DATA CATEGORY":
            raise query_error(query.text, word.position, f"{query.source.text} has no data categories")
        text = "FOR UPDATE" if word.text == "UPDATE" else query.text[word.position :].split(maxsplit=1)[0]
        text = word.text if word is query.all_rows else text
        raise query_error(query.text, word.position, f"{text} not allowed in this context")
    for item in query.select:
        if isinstance(item, SelectChildren):
            _check_words(item.query)


def _check_offset(query: Query, context: QueryContext) -> None:
    if query.offset is not None and context.bulk:
        raise query_error(query.text, query.offset_position, "OFFSET clause is not supported in Bulk Query")
    if (query.offset or 0) > _LARGEST_OFFSET:
        raise ApiError("NUMBER_OUTSIDE_VALID_RANGE", "Maximum SOQL offset allowed is 2000")


def _count(query: Query, context: QueryContext, scope: Scope) -> QueryPlan:
    """`SELECT COUNT() FROM …`."""
    compiler = ClauseCompiler(query, context, scope)
    where = compiler.where()
    return QueryPlan(
        sobject=scope.sobject,
        columns=("count(*)",),
        from_sql=scope.from_sql,
        where=where,
        params=tuple(compiler.params),
        order="",
        limit=query.limit,
        offset=query.offset or 0,
        record=lambda row: {},
        count_only=True,
    )


def one_record(sobject: SObjectDef, fields: list[FieldDef], context: QueryContext) -> QueryPlan:
    """The plan that reads given fields of records by their Ids, deleted or not."""
    query = Query(
        text="",
        select=tuple(SelectField(Path((field.name,), 0)) for field in fields),
        source=Path((sobject.name,), 0),
    )
    return compile_query(query, replace(context, all_rows=True))
