"""How much a user may do with records, in the words of UserRecordAccess: read, edit, delete, transfer, everything.

Source: Object Reference, UserRecordAccess.
"""

from collections.abc import Mapping

from localorg.schema import Schema
from localorg.sharing.conditions import RecordAccess
from localorg.sharing.objects import ACTIVITIES, masters, shared, shared_by

#: The fields that say so, from little to much, and the words of MaxAccessLevel.
FIELDS = {
    "HasReadAccess": "Read",
    "HasEditAccess": "Edit",
    "HasDeleteAccess": "Delete",
    "HasTransferAccess": "Transfer",
    "HasAllAccess": "All",
}
_OTHERS = ("User", "Product2", "Pricebook2")


def asks_about(schema: Schema, name: str) -> bool:
    """Whether UserRecordAccess knows an object: those of the page Sharing Settings."""
    if shared(schema, name) is not None or name in ACTIVITIES or name in _OTHERS:
        return True
    return name.endswith("__c") and shared_by(schema, name) is None and bool(masters(schema, schema.objects[name]))


def tests(access: RecordAccess, name: str) -> Mapping[str, str]:
    """SQL over an object's rows for every field of FIELDS."""

    def test(need: str, right: str) -> str:
        if not access.permitted(name, right):
            return "0"
        condition = access.condition(name, need)
        return "1" if condition is None else f"({condition})"

    read = test("Read", "Read")
    edit = f"({read} AND {test('Edit', 'Edit')})"
    delete = f"({read} AND {test('All', 'Delete')})"
    given = access.model.at_least(name, "ReadWriteTransfer") and name in access.model.internal
    transfer = f"({read} AND {test('Edit' if given else 'All', 'Edit')})"
    every = f"({edit} AND {delete} AND {test('All', 'Edit')})"
    return dict(zip(FIELDS, (read, edit, delete, transfer, every), strict=True))


def most(found: Mapping[str, str]) -> str:
    """SQL of MaxAccessLevel."""
    whens = " ".join(f"WHEN {found[name]} THEN '{word}'" for name, word in reversed(FIELDS.items()))
    return f"(CASE {whens} ELSE 'None' END)"
