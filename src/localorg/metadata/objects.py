"""Custom objects that come and go."""

import sqlite3

from localorg.metadata import fields
from localorg.records import RecordWriter
from localorg.schema import SObjectDef, linked
from localorg.schema.notation import parse_object
from localorg.schema.shares import share_name, share_object
from localorg.sharing import defaults
from localorg.store.tables import create_table, indexes, quoted

_RIGHTS = ("Read", "Create", "Edit", "Delete")


def add(writer: RecordWriter, text: str, *, visible: bool) -> SObjectDef:
    """A new object from its notation; `visible`: for the users of every profile, else only for administrators."""
    store = writer.store
    new = parse_object(text)
    if not new.custom:
        raise ValueError(f"{new.name}: the name of a custom object ends in __c.")
    if store.schema.object(new.name) is not None or new.key_prefix in store.schema.by_prefix:
        raise ValueError(f"The name {new.name} or the key prefix {new.key_prefix} is taken.")
    share = share_object(new)
    added = [new] if share is None else [new, share]
    schema = linked((*store.schema.objects.values(), *added))

    def prepare(connection: sqlite3.Connection) -> None:
        for made in added:
            # A removed object of this name may have left its table.
            connection.execute(f"DROP TABLE IF EXISTS {quoted(made.name)}")
            connection.execute(create_table(made))
            for name, definition in indexes(made):
                connection.execute(f"CREATE INDEX IF NOT EXISTS {quoted(name)} ON {definition}")
        defaults.define(store, added, writer.now)
        if visible:
            for one in store.select(store.schema.objects["PermissionSet"], '"IsOwnedByProfile" = 1'):
                rights: dict[str, object] = {f"Permissions{right}": 1 for right in _RIGHTS}
                writer.insert("ObjectPermissions", {"ParentId": one["Id"], "SobjectType": new.name} | rights)
            fields.grant(writer, new, new.fields)

    store.change_schema(schema, [one.name for one in added], writer.now, prepare)
    return schema.objects[new.name]


def remove(writer: RecordWriter, sobject: SObjectDef) -> None:
    """An object that is gone, with its records and with the fields of other objects that pointed to it alone."""
    if not sobject.custom:
        raise ValueError(f"{sobject.name} is a standard object: it cannot be removed.")
    share = share_name(sobject.name)
    if any(child.cascade_delete for child in sobject.children if child.child != share):
        raise ValueError(f"{sobject.name} has details; remove them first.")
    store = writer.store
    rest = [one for one in store.schema.objects.values() if one.name not in (sobject.name, share)]
    changed = [sobject.name, *{child.child for child in sobject.children if child.child != sobject.name}]

    def prepare(connection: sqlite3.Connection) -> None:
        for table in ("ObjectPermissions", "FieldPermissions"):
            connection.execute(f'DELETE FROM "{table}" WHERE "SobjectType" = ?', (sobject.name,))
        defaults.forget(store, [sobject.name, share])

    store.change_schema(linked(rest), changed, writer.now, prepare)
