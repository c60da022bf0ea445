"""UserRecordAccess as if it were a record's parent: what the caller may do with the record.

    SELECT Id, UserRecordAccess.HasEditAccess, UserRecordAccess.MaxAccessLevel FROM Account

Source: Object Reference, UserRecordAccess (UserId and RecordId are not to be had this way).
"""

from localorg.query.context import QueryContext
from localorg.schema import FieldDef, SObjectDef
from localorg.sharing import levels

#: Of this object only the name shows.
ACCESS_OBJECT = SObjectDef(
    name="UserRecordAccess", key_prefix="000", label="User Record Access", label_plural="User Record Access", fields=()
)
_LEVEL = "MaxAccessLevel"
_FIELDS = {name.lower(): name for name in (_LEVEL, *levels.FIELDS)}


def access_column(context: QueryContext, sobject: SObjectDef, table: str, name: str) -> tuple[FieldDef, str] | None:
    """A field and its SQL, over a record that the caller reads; None: there is no such thing."""
    found = _FIELDS.get(name.lower())
    if found is None or not levels.asks_about(context.schema, sobject.name):
        return None
    field = FieldDef(name=found, label=found, type="picklist" if found == _LEVEL else "boolean")
    if context.access is None:
        return field, "'All'" if found == _LEVEL else "1"
    tests = levels.tests(context.access, sobject.name)
    sql = levels.most(tests) if found == _LEVEL else tests[found]
    return field, f'(SELECT {sql} FROM "{sobject.name}" WHERE "Id" = {table}."Id")'
