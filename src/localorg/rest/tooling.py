"""Tooling API: what is deployed, what is selected for Change Data Capture, what EntityDefinition says of objects.

    GET tooling/query?q=SELECT SelectedEntity, EventChannel FROM PlatformEventChannelMember [WHERE …]
    GET tooling/query?q=SELECT Name, ApiVersion, Status, IsValid, Body FROM ApexClass [WHERE …]
    GET tooling/query?q=SELECT DeveloperName, ApiVersion FROM LightningComponentBundle [WHERE …]
    GET tooling/query?q=SELECT DeveloperName, ExpirationDate FROM Certificate [WHERE …]
    GET tooling/query?q=SELECT DeveloperName, Endpoint, PrincipalType, Type FROM ExternalDataSource [WHERE …]
    GET tooling/query?q=SELECT QualifiedApiName, InternalSharingModel FROM EntityDefinition [WHERE …]
    GET tooling/query?q=SELECT … FROM RestrictionRule [WHERE …]        (an org without such rules)

Conditions are `=`, IN and AND. Source: Tooling API Developer Guide, "Query", and each object's page. ApexClass,
LightningComponentBundle and Certificate are for users with View Setup and Configuration ("As of Spring '20 and later,
only users with the View Setup and Configuration permission can access this object"; for certificates Salesforce Help,
"Certificates and Keys"); for others there is no such type. Everything else answers 501.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from localorg import deployed
from localorg.errors import ApiError, NotImplementedByOrg
from localorg.events.entities import event_name
from localorg.ids import record_id
from localorg.query import compile_query
from localorg.rest.call import Answer, Call, Resource
from localorg.soql import parse
from localorg.soql.ast import And, Compare, Condition, InValues, Literal, Path, Query, SelectField
from localorg.soql.position import query_error

_MEMBERS = "PlatformEventChannelMember"
_ENTITIES = "EntityDefinition"
_RULES = "RestrictionRule"
#: Paths below `tooling` have up to so many pieces.
_DEEPEST = 5

Row = Mapping[str, str | float | bool | None]


@dataclass(frozen=True)
class _Object:
    """An object of the Tooling API, as far as it is known here."""

    name: str
    prefix: str
    #: Texts can be compared, but for long ones.
    fields: tuple[str, ...]
    long: tuple[str, ...] = ()
    needs_setup: bool = False


_OBJECTS = {
    each.name.lower(): each
    for each in (
        _Object(_MEMBERS, "0v8", ("DeveloperName", "MasterLabel", "EventChannel", "SelectedEntity")),
        _Object(
            "ApexClass",
            "01p",
            ("Name", "NamespacePrefix", "ApiVersion", "Status", "IsValid", "LengthWithoutComments", "Body"),
            long=("Body",),
            needs_setup=True,
        ),
        _Object(
            "LightningComponentBundle",
            "0Rb",
            ("DeveloperName", "NamespacePrefix", "MasterLabel", "ApiVersion", "Description"),
            needs_setup=True,
        ),
        _Object(
            "Certificate",
            "0P1",
            ("DeveloperName", "MasterLabel", "ExpirationDate", "KeySize", "OptionsIsCaSigned"),
            needs_setup=True,
        ),
        _Object(
            "ExternalDataSource",
            "0XC",
            ("DeveloperName", "NamespacePrefix", "MasterLabel", "Endpoint", "PrincipalType", "Protocol", "Type"),
            long=("Endpoint",),
        ),
    )
}


def _rows(call: Call, sobject: _Object) -> Sequence[Row]:
    found = deployed.load(call.org.store)
    match sobject.name:
        case "ApexClass":
            rows = list(found.classes.values())
        case "LightningComponentBundle":
            rows = list(found.components.values())
        case "Certificate":
            rows = list(found.certificates.values())
        case "ExternalDataSource":
            rows = list(found.data_sources.values())
        case _:
            names = sorted(call.org.journal.settings.selected)
            events = [event_name(name) for name in names]
            rows = [
                {
                    "DeveloperName": f"ChangeEvents_{each}",
                    "MasterLabel": each,
                    "EventChannel": "ChangeEvents",
                    "SelectedEntity": each,
                }
                for each in events
            ]
    return [{"Id": record_id(sobject.prefix, number), **row} for number, row in enumerate(rows, start=1)]


def _field(query: Query, sobject: _Object, path: Path) -> str:
    known = {name.lower(): name for name in ("Id", *sobject.fields)}
    found = known.get(path.text.lower())
    if found is None:
        text = f"No such column '{path.text}' on entity '{sobject.name}'."
        raise query_error(query.text, path.position, text, "INVALID_FIELD")
    return found


def _query(call: Call) -> Answer:
    soql = call.query.get("q")
    if soql is None:
        raise ApiError("MALFORMED_QUERY", "A query string has to be specified")
    query = parse(soql)
    name = query.source.text
    if name.lower() == _ENTITIES.lower():
        return _entities(call, query)
    if name.lower() == _RULES.lower():  # there are none: they are not modelled
        return _answer(_RULES, [])
    sobject = _OBJECTS.get(name.lower())
    if sobject is None:
        raise NotImplementedByOrg(f"Tooling API queries of {name}; only of {', '.join(sorted(_OBJECTS))}")
    if sobject.needs_setup and not call.user.views_setup:
        raise query_error(query.text, query.source.position, _NO_TYPE.format(name), "INVALID_TYPE")
    if query.group_by or query.order_by or query.limit is not None or query.offset is not None:
        raise NotImplementedByOrg(f"Tooling API queries with more than WHERE of {sobject.name}")
    names = [_selected(query, sobject, item) for item in query.select]
    fits = _condition(query, sobject, query.where)
    url = f"{call.base}/tooling/sobjects/{sobject.name}"
    return _answer(
        sobject.name,
        [
            {"attributes": {"type": sobject.name, "url": f"{url}/{row['Id']}"}, **{each: row[each] for each in names}}
            for row in _rows(call, sobject)
            if fits(row)
        ],
    )


_NO_TYPE = (
    "sObject type '{}' is not supported. If you are attempting to use a custom object, be sure to append the '__c' "
    "after the entity name. Please reference your WSDL or the describe call for the appropriate names."
)


def _answer(name: str, records: Sequence[Mapping[str, object]]) -> Answer:
    answer = {"size": len(records), "totalSize": len(records), "done": True, "queryLocator": None}
    return Answer(json={**answer, "entityTypeName": name, "records": list(records)})


def _entities(call: Call, query: Query) -> Answer:
    """As the REST API's query, in the Tooling API's form."""
    context = call.org.query_context(call.user, call.version)
    page = call.org.queries.first(compile_query(query, context), context)
    for record in page["records"]:
        url = record["attributes"].get("url", "")
        record["attributes"] = {"type": _ENTITIES, "url": url.replace("/sobjects/", "/tooling/sobjects/")}
    answer = {"size": len(page["records"]), "totalSize": page["totalSize"], "done": True, "queryLocator": None}
    return Answer(json={**answer, "entityTypeName": _ENTITIES, "records": page["records"]})


def _selected(query: Query, sobject: _Object, item: object) -> str:
    if isinstance(item, SelectField) and isinstance(item.expression, Path):
        return _field(query, sobject, item.expression)
    raise NotImplementedByOrg(f"functions in Tooling API queries of {sobject.name}")


def _condition(query: Query, sobject: _Object, where: Condition | None) -> Callable[[Row], bool]:
    """Whether a row fits."""
    match where:
        case None:
            return lambda row: True
        case And(conditions=conditions):
            parts = [_condition(query, sobject, each) for each in conditions]
            return lambda row: all(part(row) for part in parts)
        case Compare(left=Path() as path, operator="=", right=literal):
            field = _compared(query, sobject, path)
            return lambda row: _is(row[field], literal)
        case InValues(left=Path() as path, values=values, negated=False):
            field = _compared(query, sobject, path)
            return lambda row: any(_is(row[field], each) for each in values)
    raise NotImplementedByOrg(f"Tooling API queries with conditions other than =, IN and AND of {sobject.name}")


def _compared(query: Query, sobject: _Object, path: Path) -> str:
    field = _field(query, sobject, path)
    if field in sobject.long:
        text = f"field '{field}' can not be filtered in a query call"
        raise query_error(query.text, path.position, text, "INVALID_FIELD")
    return field


def _is(value: str | float | bool | None, literal: Literal) -> bool:
    """Texts regardless of case."""
    if isinstance(value, str):
        return value.lower() == str(literal.value).lower()
    return value == literal.value


def _missing(call: Call) -> Answer:
    raise NotImplementedByOrg(f"the Tooling API, other than queries of {', '.join(sorted(_OBJECTS))}")


_PATHS = ["/".join(["tooling", *(f"{{piece{number}}}" for number in range(depth))]) for depth in range(_DEEPEST + 1)]
RESOURCES = (
    Resource("tooling/query", {"GET": _query}),
    *(Resource(path, dict.fromkeys(("GET", "POST", "PATCH", "DELETE"), _missing)) for path in _PATHS),
)
