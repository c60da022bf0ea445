"""Tooling API: which objects are selected for Change Data Capture, and what EntityDefinition says of them.

    GET tooling/query?q=SELECT SelectedEntity, EventChannel FROM PlatformEventChannelMember [WHERE field = 'text']
    GET tooling/query?q=SELECT QualifiedApiName, InternalSharingModel FROM EntityDefinition [WHERE …]
    GET tooling/query?q=SELECT … FROM RestrictionRule [WHERE …]        (an org without such rules)

Source: Tooling API Developer Guide, "PlatformEventChannelMember", "EntityDefinition", "Query". Everything else answers
501.
"""

from localorg.errors import ApiError, NotImplementedByOrg
from localorg.events.entities import event_name
from localorg.ids import record_id
from localorg.query import compile_query
from localorg.rest.call import Answer, Call, Resource
from localorg.soql import parse
from localorg.soql.ast import Compare, Path, Query, SelectField
from localorg.soql.position import query_error

_OBJECT = "PlatformEventChannelMember"
_ENTITIES = "EntityDefinition"
_RULES = "RestrictionRule"
_PREFIX = "0v8"
#: Paths below `tooling` have up to so many pieces.
_DEEPEST = 5

Row = dict[str, str]


def _rows(call: Call) -> list[Row]:
    names = sorted(call.org.journal.settings.selected)
    return [
        {
            "Id": record_id(_PREFIX, number),
            "DeveloperName": f"ChangeEvents_{event_name(name)}",
            "MasterLabel": event_name(name),
            "EventChannel": "ChangeEvents",
            "SelectedEntity": event_name(name),
        }
        for number, name in enumerate(names, start=1)
    ]


def _field(query: Query, path: Path) -> str:
    known = {name.lower(): name for name in ("Id", "DeveloperName", "MasterLabel", "EventChannel", "SelectedEntity")}
    found = known.get(path.text.lower())
    if found is None:
        text = f"No such column '{path.text}' on entity '{_OBJECT}'."
        raise query_error(query.text, path.position, text, "INVALID_FIELD")
    return found


def _query(call: Call) -> Answer:
    soql = call.query.get("q")
    if soql is None:
        raise ApiError("MALFORMED_QUERY", "A query string has to be specified")
    query = parse(soql)
    if query.source.text.lower() == _ENTITIES.lower():
        return _entities(call, query)
    if query.source.text.lower() == _RULES.lower():  # there are none: they are not modelled
        nothing = {"size": 0, "totalSize": 0, "done": True, "queryLocator": None, "entityTypeName": _RULES}
        return Answer(json={**nothing, "records": []})
    if query.source.text.lower() != _OBJECT.lower():
        raise NotImplementedByOrg(f"Tooling API queries of {query.source.text}; only of {_OBJECT}")
    if query.group_by or query.order_by or query.limit is not None or query.offset is not None:
        raise NotImplementedByOrg(f"Tooling API queries with more than WHERE field = 'text' of {_OBJECT}")
    names = [_selected(query, item) for item in query.select]
    rows = [row for row in _rows(call) if _fits(query, row)]
    url = f"{call.base}/tooling/sobjects/{_OBJECT}"
    records = [
        {"attributes": {"type": _OBJECT, "url": f"{url}/{row['Id']}"}, **{name: row[name] for name in names}}
        for row in rows
    ]
    answer = {"size": len(records), "totalSize": len(records), "done": True, "queryLocator": None}
    return Answer(json={**answer, "entityTypeName": _OBJECT, "records": records})


def _entities(call: Call, query: Query) -> Answer:
    """As the REST API's query, in the Tooling API's form."""
    context = call.org.query_context(call.user, call.version)
    page = call.org.queries.first(compile_query(query, context), context)
    for record in page["records"]:
        url = record["attributes"].get("url", "")
        record["attributes"] = {"type": _ENTITIES, "url": url.replace("/sobjects/", "/tooling/sobjects/")}
    answer = {"size": len(page["records"]), "totalSize": page["totalSize"], "done": True, "queryLocator": None}
    return Answer(json={**answer, "entityTypeName": _ENTITIES, "records": page["records"]})


def _selected(query: Query, item: object) -> str:
    if isinstance(item, SelectField) and isinstance(item.expression, Path):
        return _field(query, item.expression)
    raise NotImplementedByOrg(f"functions in Tooling API queries of {_OBJECT}")


def _fits(query: Query, row: Row) -> bool:
    match query.where:
        case None:
            return True
        case Compare(left=Path() as path, operator="=", right=literal):
            return row[_field(query, path)].lower() == str(literal.value).lower()
    raise NotImplementedByOrg(f"Tooling API queries with more than WHERE field = 'text' of {_OBJECT}")


def _missing(call: Call) -> Answer:
    raise NotImplementedByOrg("the Tooling API, other than queries of " + _OBJECT)


_PATHS = ["/".join(["tooling", *(f"{{piece{number}}}" for number in range(depth))]) for depth in range(_DEEPEST + 1)]
RESOURCES = (
    Resource("tooling/query", {"GET": _query}),
    *(Resource(path, dict.fromkeys(("GET", "POST", "PATCH", "DELETE"), _missing)) for path in _PATHS),
)
