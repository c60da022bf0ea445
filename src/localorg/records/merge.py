"""Merging: two or three records of one object become one of them.

The others are deleted with MasterRecordId, what belonged to them belongs to the one that stays, and it and what moved
are saved, so that their stamps move. Source: SOAP API Developer Guide, "merge()"; Object Reference, MasterRecordId.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from localorg.errors import ApiError
from localorg.ids import full_id
from localorg.records.deletion import remove
from localorg.records.writer import RecordWriter
from localorg.schema import ChildRelationship, SObjectDef
from localorg.store.store import Row

_MOST_LOSERS = 2
#: Cases are merged in the user interface only.
MERGEABLE = ("Account", "Contact", "Lead", "Case")
#: Activities find their account by what they are about, so that moves before they do.
_LAST = ("Event", "Task")


def merge(
    writer: RecordWriter, sobject: SObjectDef, master: str, losers: Sequence[str], fields: Mapping[str, Any]
) -> None:
    """Merge the losers into the master, which also gets these values."""
    if sobject.name not in MERGEABLE:
        raise ApiError("INVALID_TYPE_FOR_OPERATION", f"entity type {sobject.name} cannot be merged")
    if not 1 <= len(losers) <= _MOST_LOSERS:
        raise ApiError("EXCEEDED_ID_LIMIT", "merge takes one or two records beside the master", fields=[])
    if full_id(master) in {full_id(loser) for loser in losers}:
        raise ApiError("INVALID_CROSS_REFERENCE_KEY", "a record cannot be merged into itself", fields=[])
    with writer.store.transaction():
        kept = writer.existing(sobject, master)
        rows = [writer.existing(sobject, loser) for loser in losers]
        _check_hierarchy(writer, sobject, kept, rows)
        for row in rows:
            _hand_over(writer, sobject, str(row["Id"]), str(kept["Id"]))
        for row in rows:
            writer.store.update(sobject, str(row["Id"]), {"MasterRecordId": kept["Id"]})
            remove(writer, sobject, row, str(row["Id"]))
        writer.update(sobject, str(kept["Id"]), fields)


def _check_hierarchy(writer: RecordWriter, sobject: SObjectDef, kept: Row, rows: Sequence[Row]) -> None:
    """The children of a loser become the master's; none of them may be above the master."""
    parents = [field.name for field in sobject.fields if field.reference_to == (sobject.name,) and field.updateable]
    losers = {row["Id"] for row in rows}
    for name in parents:
        above, seen = kept[name], {kept["Id"]}
        while above is not None and above not in seen:
            seen.add(above)
            row = writer.store.get(sobject, str(above)) or {}
            if above not in losers and row.get(name) in losers:
                raise ApiError("CIRCULAR_DEPENDENCY", "the merge would make a circle of parents", fields=[name])
            above = row.get(name)


def _hand_over(writer: RecordWriter, sobject: SObjectDef, loser: str, master: str) -> None:
    for relation in sorted(sobject.children, key=lambda one: one.child in _LAST):
        child = writer.schema.objects[relation.child]
        columns = {field.name for field in writer.store.columns(child)}
        if relation.field not in columns or relation.field == "MasterRecordId" or child.name.endswith("Share"):
            continue
        for row in writer.store.select(child, f'"{relation.field}" = ?', (loser,)):
            _move(writer, relation, row, master)


def _move(writer: RecordWriter, relation: ChildRelationship, row: Row, master: str) -> None:
    child = writer.schema.objects[relation.child]
    value = None if row["Id"] == master else master
    if relation.child == "CampaignMember" and not row.get("IsDeleted") and _is_member(writer, relation, row, master):
        remove(writer, child, row, str(row["Id"]))
    elif row.get("IsDeleted") or "update" not in child.abilities:
        # What lies in the recycle bin, and history, moves without being saved.
        writer.store.update(child, str(row["Id"]), {relation.field: value})
    else:
        writer.change(child.name, str(row["Id"]), {relation.field: value})


def _is_member(writer: RecordWriter, relation: ChildRelationship, row: Row, master: str) -> bool:
    """Whether the master is a member of the same campaign already: nobody is twice."""
    child = writer.schema.objects[relation.child]
    same = f'"CampaignId" = ? AND "{relation.field}" = ? AND "IsDeleted" = 0'
    return bool(writer.store.select(child, same, (row["CampaignId"], master)))
