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

from collections.abc import Mapping, Sequence

from localorg import deployed
from localorg.errors import ApiError, NotImplementedByOrg
from localorg.events.entities import event_name
from localorg.ids import record_id
from localorg.query import compile_query
from localorg.rest.call import Answer, Call, Resource
from localorg.rest.kept_rows import KeptObject, Row, records
from localorg.soql import parse
from localorg.soql.ast import Query

_MEMBERS = "PlatformEventChannelMember"
_ENTITIES = "EntityDefinition"
_RULES = "RestrictionRule"
#: Paths below `tooling` have up to so many pieces.
_DEEPEST = 5


_OBJECTS = {
    each.name.lower(): each
    for each in (
        KeptObject(_MEMBERS, "0v8", ("DeveloperName", "MasterLabel", "EventChannel", "SelectedEntity")),
        KeptObject(
            "ApexClass",
            "01p",
            ("Name", "NamespacePrefix", "ApiVersion", "Status", "IsValid", "LengthWithoutComments", "Body"),
            long=("Body",),
            needs_setup=True,
        ),
        KeptObject(
            "LightningComponentBundle",
            "0Rb",
            ("DeveloperName", "NamespacePrefix", "MasterLabel", "ApiVersion", "Description"),
            needs_setup=True,
        ),
        KeptObject(
            "Certificate",
            "0P1",
            ("DeveloperName", "MasterLabel", "ExpirationDate", "KeySize", "OptionsIsCaSigned"),
            needs_setup=True,
        ),
        KeptObject(
            "ExternalDataSource",
            "0XC",
            ("DeveloperName", "NamespacePrefix", "MasterLabel", "Endpoint", "PrincipalType", "Protocol", "Type"),
            long=("Endpoint",),
        ),
    )
}


def _rows(call: Call, sobject: KeptObject) -> Sequence[Row]:
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
    url = f"{call.base}/tooling/sobjects/{sobject.name}"
    return _answer(sobject.name, records(call, query, sobject, _rows(call, sobject), url))


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


def _missing(call: Call) -> Answer:
    raise NotImplementedByOrg(f"the Tooling API, other than queries of {', '.join(sorted(_OBJECTS))}")


_PATHS = ["/".join(["tooling", *(f"{{piece{number}}}" for number in range(depth))]) for depth in range(_DEEPEST + 1)]
RESOURCES = (
    Resource("tooling/query", {"GET": _query}),
    *(Resource(path, dict.fromkeys(("GET", "POST", "PATCH", "DELETE"), _missing)) for path in _PATHS),
)
