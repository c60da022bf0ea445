"""Changing many records in one transaction, with one stamp: a mass update, as a data load or a tool makes it.

Where no rule and no effect of the object answers to the fields that change, this is one statement of SQL; else every
record is saved for itself, which takes longer and gives the same.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from localorg.ids import full_id
from localorg.records.effects import AFTER
from localorg.records.rules import BEFORE
from localorg.records.writer import RecordWriter
from localorg.schema import SObjectDef
from localorg.sharing import upkeep
from localorg.store.store import Row

#: Standard fields that rules and effects answer to. Others of these objects, and custom fields, concern nobody.
_WATCHED = {
    "Contact": {"FirstName", "LastName"},
    "Lead": {"FirstName", "LastName"},
    "User": {"FirstName", "LastName", "ProfileId"},
    "Opportunity": {"StageName", "Amount", "Probability", "CloseDate", "ForecastCategoryName", "OwnerId", "AccountId"}
    | {"Name", "ContactId"},
    "Case": {"Status", "ContactId", "Comments"},
    "Campaign": set(),
}
_WATCHED_CUSTOM = {"Invoice_Line__c": {"Amount__c"}}


def mass_update(
    writer: RecordWriter, sobject: SObjectDef, records: Sequence[str] | None, body: Mapping[str, Any]
) -> int:
    """Give these records (all that are not deleted: None) the same values; how many."""
    with writer.store.transaction():
        chosen = _chosen(writer, sobject, records)
        given = writer.checked_changes(sobject, body)
        if _concerns_rules(writer, sobject, given):
            for record in chosen:
                writer.update(sobject, record, body)
        else:
            _update_at_once(writer, sobject, chosen, given)
        return len(chosen)


def _chosen(writer: RecordWriter, sobject: SObjectDef, records: Sequence[str] | None) -> list[str]:
    alive = ' AND "IsDeleted" = 0' if sobject.has("IsDeleted") else ""
    if records is not None:
        wanted = orjson.dumps([full_id(record) for record in records]).decode()
        sql = f'SELECT "Id" FROM "{sobject.name}" WHERE "Id" IN (SELECT value FROM json_each(?)){alive}'
        rows = writer.store.reader.execute(sql, (wanted,))
    else:
        rows = writer.store.reader.execute(f'SELECT "Id" FROM "{sobject.name}" WHERE 1{alive}')
    return [record for (record,) in rows]


def _concerns_rules(writer: RecordWriter, sobject: SObjectDef, given: Row) -> bool:
    names = set(given)
    if names & {"OwnerId", "AccountId", "IsPrivate", "UserRoleId"} or upkeep.has_criteria(writer, sobject.name):
        return True
    if any(sobject.by_name[name.lower()].unique for name in names) or names & _WATCHED_CUSTOM.get(sobject.name, set()):
        return True
    if sobject.name not in BEFORE and sobject.name not in AFTER:
        return False
    standard = {name for name in names if not sobject.by_name[name.lower()].custom}
    return bool(standard & _WATCHED.get(sobject.name, standard))


def _update_at_once(writer: RecordWriter, sobject: SObjectDef, records: Sequence[str], given: Row) -> None:
    changes = given | writer.stamps(sobject, created=False)
    where = '"Id" IN (SELECT value FROM json_each(?))'
    parameter = orjson.dumps(records).decode()
    if writer.notes_changes(sobject):
        for row in writer.store.select(sobject, where, (parameter,)):
            writer.note("UPDATE", sobject, str(row["Id"]), row)
    sets = ", ".join(f'"{name}" = ?' for name in changes)
    with writer.store.transaction() as connection:
        connection.execute(f'UPDATE "{sobject.name}" SET {sets} WHERE {where}', (*changes.values(), parameter))
