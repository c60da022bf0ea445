"""Custom fields that come, go, change their type or their name.

Values stay where Salesforce keeps them and are emptied where it loses them. Source: Salesforce Help, "Considerations
for Converting the Field Type of a Custom Field", "Delete Fields", "Edit Fields".
"""

import re
import sqlite3
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from localorg.metadata.formulas import path_sql
from localorg.records import RecordWriter
from localorg.schema import FieldDef, SObjectDef, linked
from localorg.schema.notation import custom_field, parse_field
from localorg.store import Store
from localorg.store.derived import derived_sql, is_derived
from localorg.store.tables import column, indexes, quoted
from localorg.store.values import Stored, is_decimal, scaled, unscaled

_TEXT = frozenset({"string", "textarea", "phone", "email", "url", "combobox", "picklist"})
_NUMBERS = frozenset({"double", "currency", "percent"})
#: A long text area keeps its text only as one of these.
_OF_LONG_TEXT = frozenset({"string", "textarea", "phone", "email", "url"})
_FIXED = frozenset({"encryptedstring", "location", "address", "reference", "id"})


def definition(sobject: SObjectDef, field: str, given: dict[str, Any]) -> FieldDef:
    """A field from a line of the notation, or from its name and what it is to be."""
    sql = given.pop("sql", None)
    found = parse_field(field, sobject.name) if ":" in field else custom_field(sobject.name, field, **given)
    return replace(found, formula_sql=sql) if sql is not None else found


def _own(sobject: SObjectDef, name: str) -> FieldDef:
    field = sobject.field(name)
    if field is None:
        raise ValueError(f"{sobject.name} has no field {name}.")
    if not field.custom:
        raise ValueError(f"{sobject.name}.{field.name} is a standard field: it can be neither removed nor changed.")
    return field


def _with_fields(
    store: Store,
    sobject: SObjectDef,
    fields: Iterable[FieldDef],
    now: datetime,
    prepare: Callable[[sqlite3.Connection], object],
) -> None:
    changed = replace(sobject, fields=tuple(fields))
    store.change_schema(linked({**store.schema.objects, sobject.name: changed}.values()), [sobject.name], now, prepare)


# -- adding --


def add(writer: RecordWriter, sobject: SObjectDef, fields: Iterable[FieldDef], *, visible: bool) -> None:
    """New fields, empty in all records; `visible`: for the users of every profile, else only for administrators."""
    store = writer.store
    new = [_computable(store, sobject, field) for field in fields]
    for field in new:
        if sobject.field(field.name) is not None:
            raise ValueError(f"{sobject.name} already has a field {field.name}.")
    after = replace(sobject, fields=(*sobject.fields, *new))

    def prepare(connection: sqlite3.Connection) -> None:
        there = _columns(connection, sobject.name)
        for field in new:
            if field.stored and not is_derived(sobject, field):
                if field.name in there:
                    _drop(connection, sobject, field)
                connection.execute(f"ALTER TABLE {quoted(sobject.name)} ADD COLUMN {column(field)}")
        _index(connection, after, {field.name for field in new})
        if visible:
            grant(writer, sobject, new)

    _with_fields(store, sobject, after.fields, writer.now, prepare)


def _computable(store: Store, sobject: SObjectDef, field: FieldDef) -> FieldDef:
    """The field, with SQL if it is a formula that names nothing but another field."""
    if field.formula is None or field.formula_sql is not None:
        return field
    sql = path_sql(store.schema, sobject, field.formula)
    if sql is None:
        raise ValueError(
            f"{sobject.name}.{field.name}: the local org computes formulas such as Account.Region__c or"
            " TEXT(Account.Region__c); give the SQL of others with sql=."
        )
    return replace(field, formula_sql=sql)


def grant(writer: RecordWriter, sobject: SObjectDef, fields: Iterable[FieldDef]) -> None:
    """Let the users of every profile read and edit fields."""
    sets = writer.store.select(writer.schema.objects["PermissionSet"], '"IsOwnedByProfile" = 1')
    allow(writer, [str(one["Id"]) for one in sets], sobject, fields)


def allow(writer: RecordWriter, sets: Iterable[str], sobject: SObjectDef, fields: Iterable[FieldDef]) -> None:
    """Let permission sets open fields; those that have no permissions are open anyway."""
    granted = [field for field in fields if field.permissionable]
    rows = [
        (writer.store.next_id("01k"), one, sobject.name, f"{sobject.name}.{field.name}", True, field.updateable)
        + (writer.now,)
        for one in sets
        for field in granted
    ]
    columns = ("Id", "ParentId", "SobjectType", "Field", "PermissionsRead", "PermissionsEdit", "SystemModstamp")
    writer.store.load("FieldPermissions", columns, rows)


def _columns(connection: sqlite3.Connection, table: str) -> set[str]:
    return {row[1] for row in connection.execute(f"PRAGMA table_info({quoted(table)})")}


def _drop(connection: sqlite3.Connection, sobject: SObjectDef, field: FieldDef) -> None:
    connection.execute(f"DROP INDEX IF EXISTS {quoted(f'{sobject.name}_{field.name}')}")
    connection.execute(f"ALTER TABLE {quoted(sobject.name)} DROP COLUMN {quoted(field.name)}")


def _index(connection: sqlite3.Connection, sobject: SObjectDef, names: set[str]) -> None:
    wanted = {f"{sobject.name}_{name}" for name in names}
    for name, definition in indexes(sobject):
        if name in wanted:
            connection.execute(f"CREATE INDEX IF NOT EXISTS {quoted(name)} ON {definition}")


# -- removing and renaming --


def remove(writer: RecordWriter, sobject: SObjectDef, name: str) -> None:
    """A field that is gone. Its column stays until a field of this name is added again, as Salesforce keeps it."""
    field = _own(sobject, name)
    _check_unused(writer.store, sobject, field)
    gone = {field.name, *(part.name for part in sobject.components(field.name))}

    def prepare(connection: sqlite3.Connection) -> None:
        for one in gone:
            _forget_grants(connection, sobject, one)

    _with_fields(writer.store, sobject, (one for one in sobject.fields if one.name not in gone), writer.now, prepare)


def _forget_grants(connection: sqlite3.Connection, sobject: SObjectDef, name: str) -> None:
    connection.execute('DELETE FROM "FieldPermissions" WHERE "Field" = ?', (f"{sobject.name}.{name}",))


def rename(writer: RecordWriter, sobject: SObjectDef, old: str, new: str) -> None:
    """Another API name for a field; its values and who may see it stay."""
    field = _own(sobject, old)
    if sobject.field(new) is not None or not new.endswith("__c"):
        raise ValueError(f"{sobject.name}: {new} is taken, or does not end in __c.")
    if field.compound:
        raise ValueError(f"{sobject.name}.{old}: the local org cannot rename a compound field.")
    _check_unused(writer.store, sobject, field)
    sql = derived_sql(sobject, field)
    renamed = replace(field, name=new, formula_sql=sql)
    if field.relationship_name == old.removesuffix("__c") + "__r":
        renamed = replace(renamed, relationship_name=new.removesuffix("__c") + "__r")
    fields = tuple(renamed if one is field else one for one in sobject.fields)

    def prepare(connection: sqlite3.Connection) -> None:
        if sql is None:
            if new in _columns(connection, sobject.name):
                _drop(connection, sobject, renamed)
            connection.execute(f"DROP INDEX IF EXISTS {quoted(f'{sobject.name}_{field.name}')}")
            connection.execute(
                f"ALTER TABLE {quoted(sobject.name)} RENAME COLUMN {quoted(field.name)} TO {quoted(new)}"
            )
            _index(connection, replace(sobject, fields=fields), {new})
        names = (f"{sobject.name}.{new}", f"{sobject.name}.{field.name}")
        connection.execute('UPDATE "FieldPermissions" SET "Field" = ? WHERE "Field" = ?', names)

    _with_fields(writer.store, sobject, fields, writer.now, prepare)


def _check_unused(store: Store, sobject: SObjectDef, field: FieldDef) -> None:
    """Formulas that name a field keep it as it is."""
    for one in store.schema.objects.values():
        for other in one.fields:
            text = derived_sql(one, other)
            if text is not None and _names(text, one, sobject, field):
                raise ValueError(f"{sobject.name}.{field.name} is used by the formula {one.name}.{other.name}.")


def _names(sql: str, of: SObjectDef, sobject: SObjectDef, field: FieldDef) -> bool:
    """Whether the SQL of a formula of one object names a field of another, or of the same."""
    aliases = [alias for _, alias in re.findall(rf'\b(FROM|JOIN) "?{sobject.name}"? (\w+)', sql)]
    if of.name == sobject.name:
        aliases.append("{t}")
    return any(re.search(rf'{re.escape(alias)}\."?{field.name}\b', sql) for alias in aliases)


# -- another type --


def retype(writer: RecordWriter, sobject: SObjectDef, new: FieldDef) -> int:
    """Another type for a field; how many records lost their value."""
    old = _own(sobject, new.name)
    if old.type in _FIXED or new.type in _FIXED or is_derived(sobject, old) or old.auto_number or new.formula:
        raise ValueError(f"{sobject.name}.{old.name}: a field cannot change from {old.type} to {new.type}.")
    _check_unused(writer.store, sobject, old)
    fields = tuple(new if one is old else one for one in sobject.fields)
    lost = 0

    def prepare(connection: sqlite3.Connection) -> None:
        nonlocal lost
        table, name, aside = quoted(sobject.name), quoted(old.name), quoted(f"_{old.name}")
        connection.execute(f"DROP INDEX IF EXISTS {quoted(f'{sobject.name}_{old.name}')}")
        connection.execute(f"ALTER TABLE {table} RENAME COLUMN {name} TO {aside}")
        connection.execute(f"ALTER TABLE {table} ADD COLUMN {column(new)}")
        there = f"{aside} <> 0" if old.type == "boolean" else f"{aside} IS NOT NULL"
        rows = connection.execute(f"SELECT rowid, {aside} FROM {table} WHERE {there}").fetchall()
        converted = [(converted_value(old, new, value), number) for number, value in rows]
        kept = [pair for pair in converted if pair[0] is not None]
        lost = len(converted) - len(kept)
        connection.executemany(f"UPDATE {table} SET {name} = ? WHERE rowid = ?", kept)
        connection.execute(f"ALTER TABLE {table} DROP COLUMN {aside}")
        _index(connection, replace(sobject, fields=fields), {new.name})

    _with_fields(writer.store, sobject, fields, writer.now, prepare)
    if lost:
        # One change event for all records. Source: Change Data Capture Developer Guide, "Conversions That Generate a
        # Change Event".
        with writer.store.transaction():
            writer.note("UPDATE", sobject, f"{sobject.key_prefix}*")
    return lost


def converted_value(old: FieldDef, new: FieldDef, value: Stored) -> Stored:
    """What becomes of a stored value; None: it is lost.

    Text stays text, cut to the new length; text of a number becomes that number; numbers stay numbers or become
    text; only values that a picklist has become values of it. All else is emptied: the documentation warns of it.
    """
    if value is None:
        return None
    if old.type in _TEXT and old.long_text and new.type not in _OF_LONG_TEXT:
        return None
    if new.type in ("picklist", "multipicklist"):
        kept = old.type == "picklist" or (new.type == "picklist" and old.type in _TEXT)
        return value if kept and value in new.active_values else None
    if old.type in _TEXT and new.type in _TEXT:
        return str(value)[: new.length]
    if new.type in _NUMBERS and (old.type in _NUMBERS or old.type in _TEXT):
        return _number(old, new, value)
    if old.type in _NUMBERS and new.type in _TEXT:
        return f"{unscaled(int(value), old.scale).normalize():f}"[: new.length]
    return None


def _number(old: FieldDef, new: FieldDef, value: Stored) -> int | None:
    try:
        number = unscaled(int(str(value)), old.scale) if is_decimal(old) else Decimal(str(value).strip())
    except InvalidOperation:
        return None
    if not number.is_finite() or abs(number) >= Decimal(10) ** (new.precision - new.scale):
        return None
    return scaled(number, new.scale)
