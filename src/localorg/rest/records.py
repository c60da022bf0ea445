"""Records.

    GET, POST     sobjects/{object}                 basic information; create
    GET, PATCH, DELETE  sobjects/{object}/{id}      read, update, delete
    GET, PATCH, DELETE  sobjects/{object}/{field}/{value}   the same by external id; PATCH is upsert

Source: REST API Developer Guide, "sObject Rows", "sObject Rows by External ID".
"""

from localorg.errors import ApiError, not_found
from localorg.ids import full_id
from localorg.query.compile import one_record
from localorg.records.deletion import delete
from localorg.rest.call import Answer, Call, Resource
from localorg.rest.describe import BASIC, GLOBAL
from localorg.schema import FieldDef, SObjectDef
from localorg.soql.position import query_error
from localorg.store.store import Row


def read_record(call: Call, sobject: SObjectDef, identifier: str, names: str | None) -> dict[str, object]:
    """One record's fields as JSON (all: None)."""
    chosen = list(sobject.fields)
    if names is not None:
        chosen = []
        for name in filter(None, (part.strip() for part in names.split(","))):
            field = sobject.field(name)
            if field is None:
                raise query_error(
                    names,
                    names.index(name),
                    f"No such column '{name}' on entity '{sobject.name}'. If you are attempting to use a custom field, "
                    "be sure to append the '__c' after the custom field name. Please reference your WSDL or the "
                    "describe call for the appropriate names.",
                    "INVALID_FIELD",
                )
            chosen.append(field)
        chosen = list({field.name: field for field in chosen}.values())
        if all(field.name != "Id" for field in chosen):
            chosen.append(sobject.by_name["id"])
    context = call.org.query_context(call.user, call.version)
    plan = one_record(sobject, chosen, context)
    with call.org.store.snapshot() as connection:
        row = connection.execute(plan.page_sql(deleted_too=True), (f'["{identifier}"]',)).fetchone()
    if row is None:
        raise not_found()
    return plan.record(row)


def _create(call: Call) -> Answer:
    identifier = call.writer.create(call.sobject(), call.json)
    return Answer(
        status=201,
        json={"id": identifier, "success": True, "errors": []},
        headers={"Location": f"{call.base}/sobjects/{call.sobject().name}/{identifier}"},
    )


def _read(call: Call) -> Answer:
    sobject = call.sobject()
    row = call.writer.existing(sobject, call.path["id"])
    return Answer(json=read_record(call, sobject, str(row["Id"]), call.query.get("fields")))


def _update(call: Call) -> Answer:
    sobject = call.sobject()
    call.writer.update(sobject, call.path["id"], call.json)
    return Answer(status=204)


def _delete(call: Call) -> Answer:
    delete(call.writer, call.sobject(), call.path["id"])
    return Answer(status=204)


def _key(call: Call, sobject: SObjectDef) -> FieldDef:
    """The external id field that the path names."""
    field = sobject.field(call.path["field"])
    if field is None or not (field.external_id or field.id_lookup):
        raise not_found(f"Provided external ID field does not exist or is not accessible: {call.path['field']}")
    return field


def _found(call: Call, sobject: SObjectDef) -> list[Row]:
    return call.writer.matches(sobject, _key(call, sobject), call.path["value"])


def _readable(call: Call, sobject: SObjectDef) -> list[Row]:
    """Those of them that the caller may read."""
    rights = call.writer.rights
    return [row for row in _found(call, sobject) if rights is None or rights.has(sobject.name, row["Id"], "Read")]


def _several(call: Call, sobject: SObjectDef, rows: list[Row]) -> Answer:
    return Answer(status=300, json=[f"{call.base}/sobjects/{sobject.name}/{row['Id']}" for row in rows])


def _read_by_key(call: Call) -> Answer:
    sobject = call.sobject()
    rows = _readable(call, sobject)
    if not rows:
        raise not_found()
    if len(rows) > 1:
        return _several(call, sobject, rows)
    return Answer(json=read_record(call, sobject, str(rows[0]["Id"]), call.query.get("fields")))


def _delete_by_key(call: Call) -> Answer:
    sobject = call.sobject()
    rows = _readable(call, sobject)
    if not rows:
        raise not_found()
    if len(rows) > 1:
        return _several(call, sobject, rows)
    delete(call.writer, sobject, str(rows[0]["Id"]))
    return Answer(status=204)


def _upsert(call: Call) -> Answer:
    sobject = call.sobject()
    field = _key(call, sobject)
    if any(sobject.field(name) == field for name in call.json):
        raise ApiError("INVALID_FIELD", f"The {field.name} field should not be specified in the sobject data.")
    writer = call.writer
    value = call.path["value"]
    with call.org.store.transaction():
        if field.name == "Id":
            if full_id(value) is None:
                raise not_found()
            writer.update(sobject, value, call.json)
            return _updated(call, value)
        rows = writer.matches(sobject, field, value)
        if len(rows) > 1:
            return _several(call, sobject, rows)
        if rows:
            writer.update(sobject, str(rows[0]["Id"]), call.json)
            return _updated(call, str(rows[0]["Id"]))
        if call.query.get("updateOnly", "").lower() == "true":
            raise not_found()
        identifier = writer.create(sobject, {**call.json, field.name: value})
    body = {"id": identifier, "success": True, "errors": []}
    if call.number >= 46:
        body["created"] = True
    return Answer(status=201, json=body)


def _updated(call: Call, identifier: str) -> Answer:
    """Up to version 45 an update by external id answers nothing."""
    if call.number < 46:
        return Answer(status=204)
    full = full_id(identifier)
    return Answer(json={"id": full, "success": True, "errors": [], "created": False})


def _create_by_id_path(call: Call) -> Answer:
    """`POST sobjects/{object}/Id` creates."""
    if call.path["id"].lower() != "id":
        raise ApiError(
            "METHOD_NOT_ALLOWED", "HTTP Method 'POST' not allowed. Allowed are HEAD,GET,PATCH,DELETE", status=405
        )
    return _create(call)


RESOURCES = (
    Resource("sobjects", {"GET": GLOBAL}),
    Resource("sobjects/{object}", {"GET": BASIC, "POST": _create}),
    Resource(
        "sobjects/{object}/{id}",
        {"GET": _read, "PATCH": _update, "DELETE": _delete, "POST": _create_by_id_path},
    ),
    Resource(
        "sobjects/{object}/{field}/{value}",
        {"GET": _read_by_key, "PATCH": _upsert, "DELETE": _delete_by_key},
    ),
)
