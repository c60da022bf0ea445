"""Deleting and undeleting: the recycle bin, what goes with a record and what keeps it.

Source: SOAP API Developer Guide, "delete()", "undelete()"; Object Reference, "Relationships Among Objects".
Deleting sets IsDeleted on the record and on the children that cascade. Other references to it are cleared;
that does not move the referring record's SystemModstamp (undocumented; the choice that is harder on clients).
Undeleting fills them again where they are still empty, just as silently. Objects without IsDeleted lose their row at
once.
"""

from datetime import datetime

from localorg.errors import ApiError, not_found
from localorg.forecasts import Forecasts
from localorg.ids import full_id
from localorg.records import delete_log
from localorg.records.effects import AFTER_DELETE
from localorg.records.writer import RecordWriter
from localorg.schema import ChildRelationship, SObjectDef
from localorg.sharing import upkeep
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
    sobject = writer.schema.objects[sobject.name]
    with writer.store.transaction():
        row = writer.existing(sobject, record)
        if writer.rights is not None:
            writer.rights.check_delete(sobject, row)
        _check_restrictions(writer, sobject, row)
        remove(writer, sobject, row, str(row["Id"]))
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


def remove(writer: RecordWriter, sobject: SObjectDef, row: Row, root: str) -> None:
    """Take a record out of sight, with what cascades, because the record `root` (maybe itself) goes."""
    identifier = str(row["Id"])
    writer.note("DELETE", sobject, identifier)
    if sobject.name == "Opportunity":
        Forecasts(writer.store, format_datetime(writer.now)).moved(row, None)
    upkeep.going(writer, sobject.name, row)
    for relation in sobject.children:
        child = writer.schema.objects[relation.child]
        if relation.field not in {field.name for field in writer.store.columns(child)}:
            continue
        for found in _referring(writer, relation.child, relation.field, identifier):
            if relation.cascade_delete:
                remove(writer, child, found, root)
            else:
                _clear(writer, relation, str(found["Id"]), identifier, root)
    delete_log.note(writer.store, sobject, identifier, format_datetime(writer.now), root)
    if not sobject.has("IsDeleted"):
        writer.store.remove(sobject, identifier)
        upkeep.gone(writer, sobject.name, row)
        return
    changes: Row = {"IsDeleted": 1}
    now = format_datetime(writer.now)
    if sobject.has("SystemModstamp"):
        changes["SystemModstamp"] = now
    if sobject.has("LastModifiedDate"):
        changes |= {"LastModifiedDate": now, "LastModifiedById": writer.user_id}
    writer.store.update(sobject, identifier, changes)
    upkeep.gone(writer, sobject.name, row)


def _clear(writer: RecordWriter, relation: ChildRelationship, record: str, parent: str, root: str) -> None:
    writer.store.update(writer.schema.objects[relation.child], record, {relation.field: None})
    with writer.store.transaction() as connection:
        row = (root, parent, relation.child, relation.field, record)
        connection.execute('INSERT INTO "_cleared" VALUES (?, ?, ?, ?, ?)', row)


def undelete(writer: RecordWriter, sobject: SObjectDef, record: str) -> None:
    """Bring a record back from the recycle bin, with the children that went with it."""
    sobject = writer.schema.objects[sobject.name]
    with writer.store.transaction():
        identifier = full_id(record)
        row = writer.store.get(sobject, identifier) if identifier else None
        if row is None:
            raise not_found()
        if not row.get("IsDeleted"):
            raise ApiError("UNDELETE_FAILED", "Entity is not in the recycle bin", fields=[])
        root = delete_log.root_of(writer.store, str(row["Id"]))
        _restore(writer, sobject, row, root)
        if root is not None and root == row["Id"]:
            _fill_cleared(writer, root)
            if sobject.name == "Account":
                upkeep.saved(writer, sobject.name, None, row)
        after = AFTER_DELETE.get(sobject.name)
        if after is not None:
            after[1](writer, str(row[after[0]]))


def _restore(writer: RecordWriter, sobject: SObjectDef, row: Row, root: str | None) -> None:
    """Bring back a record and the children that were deleted because of the same `root`."""
    identifier = str(row["Id"])
    writer.note("UNDELETE", sobject, identifier)
    now = format_datetime(writer.now)
    if sobject.name == "Opportunity":
        Forecasts(writer.store, now).moved(None, row | {"IsDeleted": 0})
    changes: Row = {"IsDeleted": 0}
    if sobject.has("SystemModstamp"):
        changes["SystemModstamp"] = now
    if sobject.has("LastModifiedDate"):
        changes |= {"LastModifiedDate": now, "LastModifiedById": writer.user_id}
    if row.get("MasterRecordId"):
        # A record that was merged comes back on its own.
        changes["MasterRecordId"] = None
    writer.store.update(sobject, identifier, changes)
    delete_log.forget(writer.store, identifier)
    for relation in sobject.children:
        child = writer.schema.objects[relation.child]
        if not relation.cascade_delete or not child.has("IsDeleted"):
            continue
        for found in writer.store.select(child, f'"{relation.field}" = ? AND "IsDeleted" = 1', (identifier,)):
            if _went_along(writer, found, row, root):
                _restore(writer, child, found, root)
    upkeep.saved(writer, sobject.name, None, {**row, **changes})


def _went_along(writer: RecordWriter, child: Row, parent: Row, root: str | None) -> bool:
    """Whether a child was deleted because its parent was; for loaded rows: in the same second."""
    if root is not None:
        return delete_log.root_of(writer.store, str(child["Id"])) == root
    return "SystemModstamp" not in child or child["SystemModstamp"] == parent.get("SystemModstamp")


def _fill_cleared(writer: RecordWriter, root: str) -> None:
    """Lookups that were cleared for a record point to it again, unless they got another value.

    Source: Salesforce Help, "View, Restore, and Manage the Recycle Bin".
    """
    with writer.store.transaction() as connection:
        rows = connection.execute('SELECT parent, object, field, record FROM "_cleared" WHERE root = ?', (root,))
        for parent, name, field, record in rows.fetchall():
            child = writer.schema.objects.get(name)
            row = writer.store.get(child, record) if child is not None and child.has(field) else None
            if child is not None and row is not None and row[field] is None:
                writer.store.update(child, record, {field: parent})
        connection.execute('DELETE FROM "_cleared" WHERE root = ?', (root,))


def hard_delete(writer: RecordWriter, sobject: SObjectDef, record: str) -> None:
    """Take a record and what cascades away for good, past the recycle bin."""
    sobject = writer.schema.objects[sobject.name]
    with writer.store.transaction():
        identifier = full_id(record)
        row = writer.store.get(sobject, identifier) if identifier else None
        if row is None:
            raise not_found()
        if sobject.has("IsDeleted") and not row["IsDeleted"]:
            remove(writer, sobject, row, str(row["Id"]))
            after = AFTER_DELETE.get(sobject.name)
            if after is not None:
                after[1](writer, str(row[after[0]]))
        _erase(writer, sobject, str(row["Id"]))


def empty_bin(writer: RecordWriter, sobject: SObjectDef, before: datetime | None = None) -> int:
    """Take away for good what lies in the recycle bin (since before an instant), with what cascades; how many.

    The delete log keeps them. Source: SOAP API Developer Guide, "emptyRecycleBin()".
    """
    if not sobject.has("IsDeleted"):
        return 0
    with writer.store.transaction():
        lying = writer.store.select(sobject, '"IsDeleted" = 1')
        if before is not None:
            limit = format_datetime(before)
            lying = [row for row in lying if _deleted_at(writer, sobject, row) < limit]
        for row in lying:
            _erase(writer, sobject, str(row["Id"]))
        return len(lying)


def _deleted_at(writer: RecordWriter, sobject: SObjectDef, row: Row) -> str:
    """When a record in the recycle bin was deleted; now, if it is not there (objects without a bin)."""
    if not row.get("IsDeleted"):
        return format_datetime(writer.now)
    at = writer.store.scalar('SELECT at FROM "_deleted" WHERE record = ?', (str(row["Id"]),))
    return str(at or row[delete_log.stamp_field(sobject) or "Id"])


def _erase(writer: RecordWriter, sobject: SObjectDef, identifier: str) -> None:
    row = writer.store.get(sobject, identifier)
    if row is None:
        return
    for relation in sobject.children:
        child = writer.schema.objects[relation.child]
        if relation.cascade_delete and relation.field in {one.name for one in writer.store.columns(child)}:
            for found in writer.store.select(child, f'"{relation.field}" = ?', (identifier,)):
                _erase(writer, child, str(found["Id"]))
    delete_log.note(writer.store, sobject, identifier, _deleted_at(writer, sobject, row), identifier)
    writer.store.remove(sobject, identifier)
