"""What profiles and permission sets let a user read: objects, fields, all records.

Object permissions and field-level security are rows of ObjectPermissions and FieldPermissions, each belonging to a
permission set; a profile has one of its own. A user has what any of his sets grants. Objects without permissions of
their own follow another one, or are open to all. Source: Object Reference, ObjectPermissions, FieldPermissions,
PermissionSetAssignment; a field that is not `permissionable` is always readable, and so is every field for View All
Fields.
"""

from collections.abc import Sequence

from localorg.schema import Schema
from localorg.schema.view import visible
from localorg.store import Store
from localorg.store.store import Row

#: Objects whose reading is decided by ObjectPermissions; the others follow them or are open to all.
PERMISSION_OBJECTS = (
    *("Account", "Contact", "Lead", "Opportunity", "Case", "Campaign", "Product2", "Pricebook2"),
    *("Invoice__c", "Sales_Cost__c"),
)
#: Objects that are read with the permission for another one.
FOLLOWS = {
    "OpportunityLineItem": "Opportunity",
    "OpportunityHistory": "Opportunity",
    "OpportunityFieldHistory": "Opportunity",
    "OpportunityContactRole": "Opportunity",
    "OpportunityShare": "Opportunity",
    "AccountShare": "Account",
    "ContactShare": "Contact",
    "LeadShare": "Lead",
    "CaseShare": "Case",
    "CaseComment": "Case",
    "CaseHistory": "Case",
    "CampaignMember": "Campaign",
    "CampaignMemberStatus": "Campaign",
    "PricebookEntry": "Pricebook2",
    "Invoice_Line__c": "Invoice__c",
}


def governing(schema: Schema, name: str) -> str | None:
    """The object whose ObjectPermissions decide about reading an object; None: it is open to all."""
    followed = FOLLOWS.get(name, name)
    return followed if followed in PERMISSION_OBJECTS or schema.objects[followed].custom else None


def permission_sets(store: Store, user: Row) -> list[Row]:
    """A user's permission sets, that of his profile first."""
    found = store.select(
        store.schema.objects["PermissionSet"],
        '"ProfileId" = ? OR "Id" IN (SELECT "PermissionSetId" FROM "PermissionSetAssignment"'
        ' WHERE "AssigneeId" = ? AND "IsActive" = 1)',
        (user["ProfileId"], user["Id"]),
    )
    return sorted(found, key=lambda one: not one["IsOwnedByProfile"])


def _objects_with(store: Store, sets: Sequence[Row], permission: str) -> frozenset[str]:
    """Objects that one of the sets grants a permission for."""
    parents = {one["Id"] for one in sets}
    rows = store.select(store.schema.objects["ObjectPermissions"], f'"{permission}" = 1')
    return frozenset(str(row["SobjectType"]) for row in rows if row["ParentId"] in parents)


def readable_objects(store: Store, sets: Sequence[Row], *, views_all: bool) -> frozenset[str]:
    """Objects that a user with these sets may read; View All Data opens all."""
    schema = store.schema
    if views_all:
        return frozenset(schema.objects)
    granted = _objects_with(store, sets, "PermissionsRead")
    governed = {name: governing(schema, name) for name in schema.objects}
    return frozenset(name for name, by in governed.items() if by is None or by in granted)


def visible_schema(store: Store, sets: Sequence[Row], *, modifies_all: bool) -> Schema:
    """The org's schema without the fields that field-level security hides; an administrator sees all."""
    if modifies_all:
        return store.schema
    marks = ", ".join("?" * len(sets))
    rows = store.reader.execute(
        f'SELECT "Field" FROM "FieldPermissions" WHERE "PermissionsRead" = 1 AND "ParentId" IN ({marks})',
        [str(one["Id"]) for one in sets],
    )
    granted = frozenset(field for (field,) in rows)
    return visible(store.schema, granted, _objects_with(store, sets, "PermissionsViewAllFields"))


def restricted_objects(store: Store, sets: Sequence[Row], user_id: str, *, views_all: bool) -> frozenset[str]:
    """Objects some of whose records are hidden from a user; View All, for the org or the object, shows them all."""
    if views_all:
        return frozenset()
    rows = store.reader.execute('SELECT DISTINCT object FROM "_hidden" WHERE user_id = ?', (user_id,))
    hidden = [name for (name,) in rows]
    whole = _objects_with(store, sets, "PermissionsViewAllRecords") if hidden else frozenset()
    return frozenset(name for name in hidden if governing(store.schema, name) not in whole)
