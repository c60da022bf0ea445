"""What profiles and permission sets let a user read: objects, fields, all records.

Object permissions and field-level security are rows of ObjectPermissions and FieldPermissions, each belonging to a
permission set; a profile has one of its own. A user has what any of his sets grants. Objects without permissions of
their own follow another one, or are open to all. Source: Object Reference, ObjectPermissions, FieldPermissions,
PermissionSetAssignment; a field that is not `permissionable` is always readable, and so is every field for View All
Fields.
"""

from collections.abc import Sequence
from datetime import datetime

from localorg.schema import Schema
from localorg.schema.view import visible
from localorg.store import Store
from localorg.store.store import Row
from localorg.store.values import format_datetime

#: Objects whose reading is decided by ObjectPermissions; the others follow them or are open to all.
PERMISSION_OBJECTS = (
    *("Account", "Contact", "Lead", "Opportunity", "Case", "Campaign", "Product2", "Pricebook2"),
    *("Invoice__c", "Sales_Cost__c"),
)
#: Objects that are read with the permission for another one.
FOLLOWS = {
    "AccountTeamMember": "Account",
    "OpportunityTeamMember": "Opportunity",
    "CaseTeamMember": "Case",
    "CampaignShare": "Campaign",
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
    "EmailMessage": "Case",
    "CaseMilestone": "Case",
    "MilestoneType": "Case",
    "CampaignInfluence": "Campaign",
    "CampaignMember": "Campaign",
    "CampaignMemberStatus": "Campaign",
    "PricebookEntry": "Pricebook2",
}


def governing(schema: Schema, name: str) -> str | None:
    """The object whose ObjectPermissions decide about reading an object; None: it is open to all."""
    followed = FOLLOWS.get(name) or (f"{name.removesuffix('Share')}c" if name.endswith("__Share") else name)
    return followed if followed in PERMISSION_OBJECTS or followed.endswith("__c") else None


def expire_assignments(store: Store, now: datetime) -> None:
    """Assignments whose time is over stay as rows that are not active; their stamp does not move."""
    over = '"IsActive" = 1 AND "ExpirationDate" <= ?'
    at = format_datetime(now)
    if store.scalar(f'SELECT 1 FROM "PermissionSetAssignment" WHERE {over} LIMIT 1', (at,)) is not None:
        with store.transaction() as connection:
            connection.execute(f'UPDATE "PermissionSetAssignment" SET "IsActive" = 0 WHERE {over}', (at,))
            store.touch_metadata(now)


def permission_sets(store: Store, user: Row) -> list[Row]:
    """A user's permission sets, that of his profile first."""
    found = store.select(
        store.schema.objects["PermissionSet"],
        '"ProfileId" = ? OR "Id" IN (SELECT "PermissionSetId" FROM "PermissionSetAssignment"'
        ' WHERE "AssigneeId" = ? AND "IsActive" = 1 AND "IsRevoked" = 0)',
        (user["ProfileId"], user["Id"]),
    )
    return sorted(found, key=lambda one: not one["IsOwnedByProfile"])


def objects_with(store: Store, sets: Sequence[Row], permission: str) -> frozenset[str]:
    """Objects that one of the sets grants a permission for."""
    parents = {one["Id"] for one in sets}
    rows = store.select(store.schema.objects["ObjectPermissions"], f'"{permission}" = 1')
    return frozenset(str(row["SobjectType"]) for row in rows if row["ParentId"] in parents)


def readable_objects(store: Store, sets: Sequence[Row], *, views_all: bool) -> frozenset[str]:
    """Objects that a user with these sets may read; View All Data opens all."""
    schema = store.schema
    if views_all:
        return frozenset(schema.objects)
    granted = objects_with(store, sets, "PermissionsRead")
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
    return visible(store.schema, granted, objects_with(store, sets, "PermissionsViewAllFields"))


def hidden_objects(store: Store, user_id: str) -> frozenset[str]:
    """Objects some of whose records the direct door hides from a user."""
    rows = store.reader.execute('SELECT DISTINCT object FROM "_hidden" WHERE user_id = ?', (user_id,))
    return frozenset(name for (name,) in rows)
