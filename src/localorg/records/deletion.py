"""Deleting and undeleting: the recycle bin, what goes with a record and what keeps it.

Source: SOAP API Developer Guide, "delete()", "undelete()"; Object Reference, "Relationships Among Objects".
Deleting sets IsDeleted on the record and on the children that cascade. Other references to it are cleared;
that does not move the referring record's SystemModstamp (undocumented; the choice that is harder on clients).
Objects without IsDeleted lose their row at once.
"""

from localorg.errors import ApiError, not_found
from localorg.ids import full_id
from localorg.records.effects import AFTER_DELETE
from localorg.records.writer import RecordWriter
from localorg.schema import SObjectDef
from localorg.store.store import Row
from localorg.store.values import format_datetime


def delete(writer: RecordWriter, sobject: SObjectDef, record: str) -> None:
    """Put a record, and what cascades, into the recycle bin."""
    if "delete" not in sobject.abilities:
        raise ApiError(
            "INSUFFICIENT_ACCESS_OR_READONLY" if sobject.name == "User" else "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
            f"entity type cannot be deleted: {sobject.label}",
            fields=[],
        )
    with writer.store.transaction():
        row = writer.existing(sobject, record)
        _check_restrictions(writer, sobject, row)
        _remove(writer, sobject, row)
        after = AFTER_DELETE.get(sobject.name)
        if after is not None:
            after[1](writer, str(row[after[0]]))


def _referring(writer: RecordWriter, child: str, field: str, record: object) -> list[Row]:
    sobject = writer.schema.objects[child]
    alive = ' AND "IsDeleted" = 0' if sobject.has("IsDeleted") else ""
    return writer.store.select(sobject, f'"{field}" = ?{alive}', (str(record),))


def _check_restrictions(writer: RecordWriter, sobject: SObjectDef, row: Row) -> None:
    for relation in sobject.children:
        if not relation.restricted_delete:
            continue
        found = _referring(writer, relation.child, relation.field, row["Id"])
        if found:
            child = writer.schema.objects[relation.child]
            name = child.name_field.name if child.name_field else "Id"
            name_field = sobject.name_field
            own = row.get(name_field.name) if name_field else None
            listed = ", ".join(str(one.get(name) or one["Id"]) for one in found[:5])
            raise ApiError(
                "DELETE_FAILED",
                f"Your attempt to delete {own or row['Id']} could not be completed because it is associated with "
                f"the following {child.label_plural.lower()}.: {listed}\n",
                fields=[],
            )


def _remove(writer: RecordWriter, sobject: SObjectDef, row: Row) -> None:
    identifier = str(row["Id"])
    for relation in sobject.children:
        child = writer.schema.objects[relation.child]
        if relation.field not in {field.name for field in writer.store.columns(child)}:
            continue
        for found in _referring(writer, relation.child, relation.field, identifier):
            if relation.cascade_delete:
                _remove(writer, child, found)
            else:
                writer.store.update(child, str(found["Id"]), {relation.field: None})
    if not sobject.has("IsDeleted"):
        writer.store.remove(sobject, identifier)
        return
    changes: Row = {"IsDeleted": 1}
    now = format_datetime(writer.now)
    if sobject.has("SystemModstamp"):
        changes["SystemModstamp"] = now
    if sobject.has("LastModifiedDate"):
        changes |= {"LastModifiedDate": now, "LastModifiedById": writer.user_id}
    writer.store.update(sobject, identifier, changes)


def undelete(writer: RecordWriter, sobject: SObjectDef, record: str) -> None:
    """Bring a record back from the recycle bin, with the children that went with it."""
    with writer.store.transaction():
        identifier = full_id(record)
        row = writer.store.get(sobject, identifier) if identifier else None
        if row is None:
            raise not_found()
        if not row.get("IsDeleted"):
            raise ApiError("UNDELETE_FAILED", "Entity is not in the recycle bin", fields=[])
        _restore(writer, sobject, row)
        after = AFTER_DELETE.get(sobject.name)
        if after is not None:
            after[1](writer, str(row[after[0]]))


def _restore(writer: RecordWriter, sobject: SObjectDef, row: Row) -> None:
    identifier = str(row["Id"])
    stamp = row.get("SystemModstamp")
    now = format_datetime(writer.now)
    changes: Row = {"IsDeleted": 0}
    if sobject.has("SystemModstamp"):
        changes["SystemModstamp"] = now
    if sobject.has("LastModifiedDate"):
        changes |= {"LastModifiedDate": now, "LastModifiedById": writer.user_id}
    writer.store.update(sobject, identifier, changes)
    for relation in sobject.children:
        child = writer.schema.objects[relation.child]
        if not relation.cascade_delete or not child.has("IsDeleted"):
            continue
        together = '"IsDeleted" = 1'
        params: tuple[str, ...] = (identifier,)
        if child.has("SystemModstamp") and stamp is not None:
            # Only what was deleted in the same moment went with it.
            together += ' AND "SystemModstamp" = ?'
            params = (identifier, str(stamp))
        for found in writer.store.select(child, f'"{relation.field}" = ? AND {together}', params):
            _restore(writer, child, found)


def hard_delete(writer: RecordWriter, sobject: SObjectDef, record: str) -> None:
    """Take a record and what cascades away for good, past the recycle bin."""
    with writer.store.transaction():
        identifier = full_id(record)
        row = writer.store.get(sobject, identifier) if identifier else None
        if row is None:
            raise not_found()
        if sobject.has("IsDeleted") and not row["IsDeleted"]:
            _remove(writer, sobject, row)
            after = AFTER_DELETE.get(sobject.name)
            if after is not None:
                after[1](writer, str(row[after[0]]))
        _erase(writer, sobject, str(row["Id"]))


def _erase(writer: RecordWriter, sobject: SObjectDef, identifier: str) -> None:
    for relation in sobject.children:
        child = writer.schema.objects[relation.child]
        if relation.cascade_delete and relation.field in {one.name for one in writer.store.columns(child)}:
            for found in writer.store.select(child, f'"{relation.field}" = ?', (identifier,)):
                _erase(writer, child, str(found["Id"]))
    writer.store.remove(sobject, identifier)
