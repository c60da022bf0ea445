"""Taking away and giving back what a user may read: objects, fields, single records.

Permissions are changed where an administrator changes them, in the user's profile and permission sets, so everybody
with the same ones is concerned. View All Data opens everything: whoever has it and loses sight of an object or of
records gets the same rights object by object first, View All Records included.
"""

from collections.abc import Sequence

from localorg.ids import full_id
from localorg.metadata.fields import allow
from localorg.permissions import governing, permission_sets
from localorg.records import RecordWriter
from localorg.schema import FieldDef, SObjectDef
from localorg.store.store import Row

_VIEW_ALL = "PermissionsViewAllData"


def _user(writer: RecordWriter, user_id: str) -> Row:
    row = writer.store.get(writer.schema.objects["User"], user_id)
    if row is None:
        raise ValueError(f"There is no user {user_id}.")
    return row


def _sets(writer: RecordWriter, user: Row) -> list[Row]:
    """The user's sets; an administrator's view cannot be narrowed."""
    sets = permission_sets(writer.store, user)
    profile = writer.store.get(writer.schema.objects["Profile"], str(user["ProfileId"])) or {}
    if any(one.get("PermissionsModifyAllData") for one in (profile, *sets)):
        raise ValueError(f"{user['Username']} is an administrator and sees everything; name another user.")
    return sets


def _governing(writer: RecordWriter, sobject: SObjectDef) -> str:
    by = governing(writer.schema, sobject.name)
    if by is None:
        raise ValueError(f"{sobject.name} has no object permissions here: it is open to all.")
    if by != sobject.name:
        raise ValueError(f"{sobject.name} follows {by}: hide or show that.")
    return by


def _rights(writer: RecordWriter, permission_set: object, object_name: str) -> Row | None:
    """The row of ObjectPermissions of a set for an object."""
    where = '"ParentId" = ? AND "SobjectType" = ?'
    found = writer.store.select(writer.schema.objects["ObjectPermissions"], where, (str(permission_set), object_name))
    return found[0] if found else None


def _end_view_all(writer: RecordWriter, user: Row) -> list[Row]:
    """The user's sets, none of which has View All Data any more, but View All Records of every object instead."""
    sets = _sets(writer, user)
    profile = writer.store.get(writer.schema.objects["Profile"], str(user["ProfileId"])) or {}
    if profile.get(_VIEW_ALL):
        writer.change("Profile", str(profile["Id"]), {_VIEW_ALL: 0})
        sets[0][_VIEW_ALL] = 1
    for one in sets:
        if one.get(_VIEW_ALL):
            writer.change("PermissionSet", str(one["Id"]), {_VIEW_ALL: 0})
            for name in writer.schema.objects:
                if governing(writer.schema, name) == name:
                    _open(writer, one["Id"], name)
    return sets


def _open(writer: RecordWriter, permission_set: object, object_name: str) -> None:
    values: dict[str, object] = {"PermissionsRead": 1, "PermissionsViewAllRecords": 1}
    row = _rights(writer, permission_set, object_name)
    if row is not None:
        writer.change("ObjectPermissions", str(row["Id"]), values)
    else:
        writer.insert("ObjectPermissions", {"ParentId": permission_set, "SobjectType": object_name} | values)


# -- objects --


def hide_object(writer: RecordWriter, sobject: SObjectDef, user_id: str) -> None:
    """Take away the permission to read an object."""
    name = _governing(writer, sobject)
    with writer.store.transaction() as connection:
        for one in _end_view_all(writer, _user(writer, user_id)):
            row = _rights(writer, one["Id"], name)
            if row is not None:
                connection.execute('DELETE FROM "ObjectPermissions" WHERE "Id" = ?', (row["Id"],))
        writer.store.touch_metadata(writer.now)


def show_object(writer: RecordWriter, sobject: SObjectDef, user_id: str) -> None:
    """Give the permission to read an object and all its records."""
    name = _governing(writer, sobject)
    with writer.store.transaction():
        _open(writer, _sets(writer, _user(writer, user_id))[0]["Id"], name)
        writer.store.touch_metadata(writer.now)


# -- fields --


def _field(sobject: SObjectDef, name: str) -> FieldDef:
    field = sobject.field(name)
    if field is None:
        raise ValueError(f"{sobject.name} has no field {name}.")
    if not field.permissionable:
        raise ValueError(f"{sobject.name}.{field.name} cannot be hidden: every reader of the object sees it.")
    return field


def hide_field(writer: RecordWriter, sobject: SObjectDef, name: str, user_id: str) -> None:
    """Take away the permission to read a field."""
    field = _field(sobject, name)
    with writer.store.transaction() as connection:
        for one in _sets(writer, _user(writer, user_id)):
            row = (one["Id"], f"{sobject.name}.{field.name}")
            connection.execute('DELETE FROM "FieldPermissions" WHERE "ParentId" = ? AND "Field" = ?', row)
        writer.store.touch_metadata(writer.now)


def show_field(writer: RecordWriter, sobject: SObjectDef, name: str, user_id: str) -> None:
    """Give the permission to read a field, by the user's profile."""
    field = _field(sobject, name)
    with writer.store.transaction():
        allow(writer, [str(_sets(writer, _user(writer, user_id))[0]["Id"])], sobject, [field])
        writer.store.touch_metadata(writer.now)


# -- records --


def hide_records(writer: RecordWriter, sobject: SObjectDef, records: Sequence[str], user_id: str) -> None:
    """Hide records from a user, as sharing would: he keeps the object, but not View All Records."""
    by = governing(writer.schema, sobject.name)
    with writer.store.transaction() as connection:
        for one in _end_view_all(writer, _user(writer, user_id)):
            row = _rights(writer, one["Id"], by) if by is not None else None
            if row is not None:
                writer.change("ObjectPermissions", str(row["Id"]), {"PermissionsViewAllRecords": 0})
        connection.executemany(
            'INSERT OR IGNORE INTO "_hidden" VALUES (?, ?, ?)',
            ((user_id, sobject.name, full_id(record)) for record in records),
        )


def show_records(writer: RecordWriter, sobject: SObjectDef, user_id: str) -> None:
    """Show all records of an object again."""
    with writer.store.transaction() as connection:
        connection.execute('DELETE FROM "_hidden" WHERE user_id = ? AND object = ?', (user_id, sobject.name))
