"""sObject Collections: many records in one request.

    POST, PATCH, DELETE  composite/sobjects              create, update, delete, up to 200
    PATCH                composite/sobjects/{object}/{field}   upsert by external id
    GET, POST            composite/sobjects/{object}     read by Ids, POST up to 2,000

Source: REST API Developer Guide, "sObject Collections". The request counts as one. Errors inside say
`statusCode`, not `errorCode`; a record that is not there reads as null.
"""

from collections.abc import Callable, Iterable
from typing import Any

import orjson

from localorg.errors import ApiError
from localorg.ids import full_id
from localorg.misbehaviour.refusals import lock
from localorg.query.compile import one_record
from localorg.records import RecordWriter
from localorg.records.deletion import delete
from localorg.rest.call import Answer, Call, Resource
from localorg.schema import FieldDef, SObjectDef

_MOST_WRITTEN = 200
_MOST_READ = 2_000
_MOST_CHUNKS = 10

Result = dict[str, Any]


class _RolledBack(Exception):
    """Some record failed and the request wants all or none."""


def errors_of(error: ApiError) -> list[dict[str, Any]]:
    """An error inside a result."""
    return [{"statusCode": error.code, "message": error.message, "fields": list(error.fields or ())}]


def _failure(error: ApiError) -> Result:
    return {"success": False, "errors": errors_of(error)}


def _halted() -> ApiError:
    return ApiError(
        "ALL_OR_NONE_OPERATION_ROLLED_BACK",
        "Record rolled back because not all records were valid and the request was using AllOrNone header",
    )


def _each(call: Call, all_or_none: bool, items: Iterable[Any], work: Callable[[Any], Result]) -> list[Result]:
    """Do something to each item; with all_or_none nothing stays if one fails."""
    results: list[Result] = []
    try:
        with call.org.store.transaction():
            for item in items:
                try:
                    with call.org.store.transaction():
                        lock(call, item)
                        results.append(work(item))
                except ApiError as error:
                    results.append(_failure(error))
            if all_or_none and not all(result["success"] for result in results):
                raise _RolledBack
    except _RolledBack:
        return [_failure(_halted()) if result["success"] else result for result in results]
    return results


def _records(call: Call) -> list[dict[str, Any]]:
    records = call.json.get("records")
    if not isinstance(records, list) or not all(isinstance(record, dict) for record in records):
        raise ApiError("JSON_PARSER_ERROR", "records is required and must be an array of sObjects")
    if len(records) > _MOST_WRITTEN:
        raise ApiError(
            "EXCEEDED_ID_LIMIT", f"record limit reached. cannot submit more than {_MOST_WRITTEN} records into this call"
        )
    types = [_type_name(record).lower() for record in records]
    chunks = sum(1 for at, name in enumerate(types) if at == 0 or types[at - 1] != name)
    if chunks > _MOST_CHUNKS:
        raise ApiError("LIMIT_EXCEEDED", "Cannot have more than 10 chunks in a single operation")
    return records


def _type_name(record: dict[str, Any]) -> str:
    attributes = record.get("attributes")
    name = attributes.get("type") if isinstance(attributes, dict) else None
    if not isinstance(name, str):
        raise ApiError("INVALID_INPUT", "attributes.type is required for every sObject")
    return name


def _sobject(call: Call, record: dict[str, Any]) -> SObjectDef:
    name = _type_name(record)
    found = call.user.schema.object(name)
    if found is None or found.name not in call.user.readable:
        raise ApiError("INVALID_TYPE", f"sObject type '{name}' is not supported.")
    return found


def _body(record: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in record.items() if key.lower() not in ("attributes", "id")}


def _identifier(record: dict[str, Any]) -> str:
    value = next((value for key, value in record.items() if key.lower() == "id"), None)
    if not isinstance(value, str):
        raise ApiError("MISSING_ARGUMENT", "Id not specified in an update call", fields=["Id"])
    return value


def _all_or_none(value: object) -> bool:
    return value is True or str(value).lower() == "true"


def _create(call: Call) -> Answer:
    writer = call.writer

    def work(record: dict[str, Any]) -> Result:
        body = {key: value for key, value in record.items() if key != "attributes"}
        return {"id": writer.create(_sobject(call, record), body), "success": True, "errors": []}

    records = _records(call)
    return Answer(json=_each(call, _all_or_none(call.json.get("allOrNone")), records, work))


def _update(call: Call) -> Answer:
    writer = call.writer

    def work(record: dict[str, Any]) -> Result:
        identifier = _identifier(record)
        writer.update(_sobject(call, record), identifier, _body(record))
        return {"id": full_id(identifier), "success": True, "errors": []}

    records = _records(call)
    return Answer(json=_each(call, _all_or_none(call.json.get("allOrNone")), records, work))


def _delete(call: Call) -> Answer:
    identifiers = [part.strip() for part in call.query.get("ids", "").split(",") if part.strip()]
    if len(identifiers) > _MOST_WRITTEN:
        raise ApiError("EXCEEDED_ID_LIMIT", "record limit reached. cannot submit more than 200 records into this call")
    writer = call.writer

    def work(identifier: str) -> Result:
        sobject = call.org.schema.of_id(identifier)
        if full_id(identifier) is None or sobject is None:
            raise ApiError("MALFORMED_ID", f"bad id {identifier}", fields=["Id"])
        delete(writer, sobject, identifier)
        return {"id": full_id(identifier), "success": True, "errors": []}

    return Answer(json=_each(call, _all_or_none(call.query.get("allOrNone")), identifiers, work))


def _upsert(call: Call) -> Answer:
    sobject = call.sobject()
    field = sobject.field(call.path["field"])
    if field is None or not (field.external_id or field.id_lookup):
        raise ApiError(
            "NOT_FOUND",
            f"Provided external ID field does not exist or is not accessible: {call.path['field']}",
            status=404,
        )
    writer = call.writer

    def work(record: dict[str, Any]) -> Result:
        return _upsert_one(writer, sobject, field, record)

    records = _records(call)
    return Answer(json=_each(call, _all_or_none(call.json.get("allOrNone")), records, work))


def _upsert_one(writer: RecordWriter, sobject: SObjectDef, field: FieldDef, record: dict[str, Any]) -> Result:
    key = next((name for name in record if sobject.field(name) == field), None)
    if key is None or record[key] in (None, ""):
        raise ApiError("MISSING_ARGUMENT", f"{field.name} not specified", fields=[])
    rows = writer.matches(sobject, field, str(record[key]))
    body = {name: value for name, value in record.items() if name not in ("attributes", key)}
    if len(rows) > 1:
        raise ApiError("DUPLICATE_EXTERNAL_ID", f"{field.name}: more than one record found", fields=[field.name])
    if rows:
        writer.update(sobject, str(rows[0]["Id"]), body)
        return {"id": rows[0]["Id"], "success": True, "errors": [], "created": False}
    created = writer.create(sobject, {**body, field.name: record[key]})
    return {"id": created, "success": True, "errors": [], "created": True}


def _read(call: Call, identifiers: list[str], names: list[str]) -> Answer:
    sobject = call.sobject()
    fields = []
    for name in names:
        field = sobject.field(name)
        if field is None:
            raise ApiError("INVALID_FIELD", f"No such column '{name}' on sobject of type {sobject.name}")
        fields.append(field)
    if not fields:
        raise ApiError("INVALID_FIELD", "fields is required")
    if len(identifiers) > _MOST_READ:
        raise ApiError("EXCEEDED_ID_LIMIT", f"record limit reached. cannot read more than {_MOST_READ} records")
    wanted = [full_id(identifier) for identifier in identifiers]
    context = call.org.query_context(call.user, call.version)
    plan = one_record(sobject, list({field.name: field for field in fields}.values()), context)
    parameter = orjson.dumps([one for one in wanted if one]).decode()
    with call.org.store.snapshot() as connection:
        rows = connection.execute(plan.page_sql(deleted_too=False), (parameter,)).fetchall()
    found = {row[0]: plan.record(row) for row in rows}
    return Answer(json=[found.get(one) if one else None for one in wanted])


def _read_get(call: Call) -> Answer:
    def parts(name: str) -> list[str]:
        return [part.strip() for part in call.query.get(name, "").split(",") if part.strip()]

    return _read(call, parts("ids"), parts("fields"))


def _read_post(call: Call) -> Answer:
    ids, names = call.json.get("ids"), call.json.get("fields")
    if not isinstance(ids, list) or not isinstance(names, list):
        raise ApiError("JSON_PARSER_ERROR", "ids and fields are required and must be arrays")
    return _read(call, [str(one) for one in ids], [str(one) for one in names])


RESOURCES = (
    Resource("composite/sobjects", {"POST": _create, "PATCH": _update, "DELETE": _delete}),
    Resource("composite/sobjects/{object}", {"GET": _read_get, "POST": _read_post}),
    Resource("composite/sobjects/{object}/{field}", {"PATCH": _upsert}),
)
