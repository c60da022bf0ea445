"""May a user read a record? The definition, in plain Python over rows: slow, and apart from the SQL that enforces it.

The order of decisions: the user can log in; object permission; View All and Modify All; then whatever opens most of
default, owner, role hierarchy, groups, share rows, and what follows from the account or to it. Fields are masked last.

    Reader(store, now).may_read(user, record)   Reason: which rule grants, or what is missing

Source: Salesforce Help, "Factors That Affect Data Access", "Organization-Wide Sharing Defaults", "Built-in Sharing
Behavior"; Object Reference, Group, UserRole, AccountShare, PermissionSetAssignment, UserLogin.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from localorg.permissions import governing
from localorg.schema import FieldDef, SObjectDef
from localorg.sharing.standing import Standing
from localorg.store import Store
from localorg.store.store import Row
from localorg.store.values import format_datetime

#: Objects with shares: share object, the field that names the record, the field with the level.
_SHARES = {
    name: (f"{name}Share", f"{name}Id", f"{name}AccessLevel")
    for name in ("Account", "Contact", "Opportunity", "Case", "Lead", "Campaign")
}
_CHILDREN = ("Opportunity", "Case", "Contact")
_PARTS = {
    "OpportunityLineItem": [("OpportunityId", "Opportunity")],
    "OpportunityHistory": [("OpportunityId", "Opportunity")],
    "OpportunityFieldHistory": [("OpportunityId", "Opportunity")],
    "OpportunityContactRole": [("OpportunityId", "Opportunity")],
    "OpportunityTeamMember": [("OpportunityId", "Opportunity")],
    "AccountTeamMember": [("AccountId", "Account")],
    "CaseComment": [("ParentId", "Case")],
    "CaseHistory": [("CaseId", "Case")],
    "CaseMilestone": [("CaseId", "Case")],
    "CaseTeamMember": [("ParentId", "Case")],
    "CampaignMember": [("CampaignId", "Campaign")],
    "CampaignMemberStatus": [("CampaignId", "Campaign")],
    "CampaignInfluence": [("OpportunityId", "Opportunity"), ("CampaignId", "Campaign")],
}
_FORECASTS = {"ForecastingQuota": "QuotaOwnerId", "ForecastingItem": "OwnerId"}
_HISTORIES = {"OpportunityFieldHistory": "Opportunity", "CaseHistory": "Case"}


@dataclass(frozen=True, kw_only=True)
class Reason:
    """Why a user may read a record, or why not."""

    granted: bool
    #: The rule that grants, or what is missing, such as "Role Hierarchy".
    rule: str
    #: Id of what grants: a share row, the owner, the parent.
    through: str | None = None

    def __bool__(self) -> bool:
        return self.granted


def _yes(rule: str, through: object = None) -> Reason:
    return Reason(granted=True, rule=rule, through=None if through is None else str(through))


def _no(rule: str) -> Reason:
    return Reason(granted=False, rule=rule)


class Reader:
    """Answers over the rows as they are when it is made."""

    def __init__(self, store: Store, now: datetime) -> None:
        self._store = store
        self._schema = store.schema
        self._now = format_datetime(now)
        self._tables: dict[str, dict[str, Row]] = {}
        self._indexes: dict[tuple[str, str], dict[object, list[Row]]] = {}
        self._sets: dict[str, list[Row]] = {}
        self._standing = Standing(self._table, self._where)

    # -- rows --

    def _table(self, name: str) -> dict[str, Row]:
        if name not in self._tables:
            self._tables[name] = {str(row["Id"]): row for row in self._store.select(self._schema.objects[name])}
        return self._tables[name]

    def _where(self, name: str, field: str, value: object) -> list[Row]:
        if (name, field) not in self._indexes:
            found: dict[object, list[Row]] = defaultdict(list)
            for row in self._table(name).values():
                found[row[field]].append(row)
            self._indexes[name, field] = found
        return self._indexes[name, field].get(value, [])

    def _share(self, name: str) -> tuple[str, str, str] | None:
        if name in _SHARES:
            return _SHARES[name]
        share = f"{name.removesuffix('c')}Share"
        return (share, "ParentId", "AccessLevel") if name.endswith("__c") and share in self._schema.objects else None

    def _model(self, name: str) -> str:
        rows = self._where("EntityDefinition", "QualifiedApiName", name)
        return str(rows[0]["InternalSharingModel"]) if rows else "ReadWrite"

    # -- questions --

    def may_read(self, user_id: str, record_id: str) -> Reason:
        """Whether the user may read the record."""
        record = next(filter(None, (self._table(one.name).get(record_id) for one in self._objects(record_id))), None)
        found = next((one for one in self._objects(record_id) if record_id in self._table(one.name)), None)
        if record is None or found is None:
            return _no("There is no such record")
        return self.decide(user_id, found, record)

    def readable_ids(self, user_id: str, name: str) -> set[str]:
        """Ids of all records of an object, not deleted ones, that the user may read."""
        sobject = self._schema.objects[name]
        alive = (row for row in self._table(name).values() if not row.get("IsDeleted"))
        return {str(row["Id"]) for row in alive if self.decide(user_id, sobject, row)}

    def readable_fields(self, user_id: str, name: str) -> set[str]:
        """The fields of an object that the user may read: none without the object."""
        sobject, user = self._schema.objects[name], self._table("User").get(user_id)
        if user is None or not self._can_log_in(user) or not self._may_read_object(user, name):
            return set()
        if self._system(user, "PermissionsModifyAllData") or self._object_right(user, name, "ViewAllFields", own=True):
            return {field.name for field in sobject.fields}
        sets = {one["Id"] for one in self._sets_of(user)}
        rows = self._where("FieldPermissions", "SobjectType", name)
        granted = {row["Field"] for row in rows if row["ParentId"] in sets and row["PermissionsRead"]}

        def shown(field: FieldDef) -> bool:
            return not field.permissionable or f"{name}.{field.name}" in granted

        compounds = {field.name: shown(field) for field in sobject.fields}
        return {
            field.name
            for field in sobject.fields
            if shown(field) and compounds.get(field.compound_name or field.name, True)
        }

    def _objects(self, record_id: str) -> tuple[SObjectDef, ...]:
        return self._schema.by_prefix.get(record_id[:3], ())

    # -- the decision, in order --

    def decide(self, user_id: str, sobject: SObjectDef, record: Row) -> Reason:
        """The whole order of decisions for one record."""
        user = self._table("User").get(user_id)
        if user is None or not self._can_log_in(user):
            return _no("The user is not active, or frozen")
        if not self._may_read_object(user, sobject.name):
            return _no(f"Object permission Read on {governing(self._schema, sobject.name)}")
        if sobject.name in _FORECASTS:
            return self._forecast(user, record[_FORECASTS[sobject.name]])
        if sobject.name in _HISTORIES and not self._sees_history(user, _HISTORIES[sobject.name], record):
            return _no("Field-level security hides the field")
        for permission in ("ViewAllData", "ModifyAllData"):
            if self._system(user, f"Permissions{permission}"):
                return _yes(permission)
        for permission in ("ViewAllRecords", "ModifyAllRecords"):
            if self._object_right(user, sobject.name, permission):
                return _yes(permission)
        return self._by_record(user, sobject, record)

    def _can_log_in(self, user: Row) -> bool:
        frozen = any(row["IsFrozen"] for row in self._where("UserLogin", "UserId", user["Id"]))
        return bool(user["IsActive"]) and not frozen

    def _sets_of(self, user: Row) -> list[Row]:
        identifier = str(user["Id"])
        if identifier not in self._sets:
            self._sets[identifier] = [
                row for row in self._table("PermissionSet").values() if row["ProfileId"] == user["ProfileId"]
            ] + [
                self._table("PermissionSet")[str(row["PermissionSetId"])]
                for row in self._where("PermissionSetAssignment", "AssigneeId", identifier)
                if self._holds(row) and str(row["PermissionSetId"]) in self._table("PermissionSet")
            ]
        return self._sets[identifier]

    def _holds(self, assignment: Row) -> bool:
        expires = assignment["ExpirationDate"]
        over = expires is not None and str(expires) <= self._now
        return bool(assignment["IsActive"]) and not assignment["IsRevoked"] and not over

    def _system(self, user: Row, permission: str) -> bool:
        profile = self._table("Profile").get(str(user["ProfileId"])) or {}
        return any(one.get(permission) for one in (profile, *self._sets_of(user)))

    def _object_right(self, user: Row, name: str, right: str, *, own: bool = False) -> bool:
        by = name if own else governing(self._schema, name)
        sets = {one["Id"] for one in self._sets_of(user)}
        rows = self._where("ObjectPermissions", "SobjectType", by)
        return any(row["ParentId"] in sets and row[f"Permissions{right}"] for row in rows)

    def _may_read_object(self, user: Row, name: str) -> bool:
        if name in (*_FORECASTS, "ForecastingType"):
            return self._sees_forecasts(user) or bool(user["ForecastEnabled"])
        if any(self._system(user, f"Permissions{one}") for one in ("ViewAllData", "ModifyAllData")):
            return True
        return governing(self._schema, name) is None or self._object_right(user, name, "Read")

    def _by_record(self, user: Row, sobject: SObjectDef, record: Row) -> Reason:
        name = sobject.name
        if name in ("Task", "Event"):
            return self._activity(user, name, record)
        if name == "EmailMessage":
            return self._email(user, record)
        if name == "Contact" and record["AccountId"] is None:
            mine = record["OwnerId"] == user["Id"]
            return _yes("Owner of a private contact") if mine else _no("Private contact of somebody else")
        if name == "Contact" and self._model(name) == "ControlledByParent":
            return self._through(user, "Account", record["AccountId"])
        if self._share(name) is not None:
            return self._shared(user, name, record)
        masters = list(self._masters(sobject))
        if not masters:
            return _yes("Not restricted")
        found = [self._through(user, master, record[field]) for field, master in masters]
        return next((one for one in found if not one), found[0])

    @cached_property
    def _flat(self) -> set[str]:
        """Custom objects without "grant access using hierarchies"."""
        return set((self._store.setting("no_hierarchies") or "").split())

    def _stands_for(self, user: Row, principal: object, *, hierarchies: bool) -> bool:
        return self._standing.stands_for(user, principal, hierarchies=hierarchies)

    def _masters(self, sobject: SObjectDef) -> Iterator[tuple[str, str]]:
        for name in self._schema.objects:
            share = self._share(name)
            if share is not None and share[0] == sobject.name:
                yield share[1], name
                return
        if sobject.name in _PARTS:
            yield from _PARTS[sobject.name]
            return
        yield from ((field.name, field.reference_to[0]) for field in sobject.fields if field.master_detail)

    def _sees_forecasts(self, user: Row) -> bool:
        return any(self._system(user, f"Permissions{one}") for one in ("ViewAllForecasts", "ModifyAllData"))

    def _forecast(self, user: Row, owner: object) -> Reason:
        """His own, as the forecast manager of his role those of people below him, or all with View All Forecasts."""
        if self._sees_forecasts(user):
            return _yes("ViewAllForecasts")
        if owner == user["Id"]:
            return _yes("Owner")
        role = self._table("UserRole").get(str(user["UserRoleId"])) or {}
        if role.get("ForecastUserId") == user["Id"] and self._stands_for(user, owner, hierarchies=True):
            return _yes("Forecast hierarchy", owner)
        return _no("Neither his forecast nor of somebody below him")

    def _sees_history(self, user: Row, name: str, record: Row) -> bool:
        """Rows about a field go with the field."""
        sobject = self._schema.objects[name]
        field = sobject.field(str(record["Field"])) or sobject.field(f"{record['Field']}Id")
        return field is None or field.name in self.readable_fields(str(user["Id"]), name)

    def _email(self, user: Row, record: Row) -> Reason:
        """Its maker's; else as its case is, or without one as its task; a draft is its maker's alone."""
        if record["CreatedById"] == user["Id"]:
            return _yes("Creator")
        if record["Status"] == "5":
            return _no("Draft of somebody else")
        if record["ParentId"] is not None:
            return self._through(user, "Case", record["ParentId"])
        return self._through(user, "Task", record["ActivityId"])

    def _through(self, user: Row, name: str, record_id: object) -> Reason:
        """As the parent is."""
        row = self._table(name).get(str(record_id))
        if row is None:
            return _no(f"No {name} that could be read")
        found = self.decide(str(user["Id"]), self._schema.objects[name], row)
        return _yes(f"Controlled by Parent: {found.rule}", record_id) if found else found

    def _activity(self, user: Row, name: str, record: Row) -> Reason:
        if record["OwnerId"] == user["Id"]:
            return _yes("Owner")
        if record.get("IsPrivate"):
            return _no("Private event of somebody else")
        if self._stands_for(user, record["OwnerId"], hierarchies=True):
            return _yes("Role Hierarchy", record["OwnerId"])
        if self._model(name) == "ControlledByParent":
            for field in ("WhatId", "WhoId"):
                about = record[field]
                if about is not None and (target := self._schema.of_id(str(about))) is not None:
                    found = self._through(user, target.name, about)
                    if found:
                        return found
        return _no("Neither owner nor above, nor reader of what the activity is about")

    def _shared(self, user: Row, name: str, record: Row) -> Reason:
        """Default, owner, hierarchy, shares, implicit: whatever grants first."""
        hierarchies = name not in self._flat
        if record["OwnerId"] == user["Id"]:
            return _yes("Owner")
        if self._stands_for(user, record["OwnerId"], hierarchies=hierarchies):
            return _yes("Role Hierarchy or queue", record["OwnerId"])
        if record.get("IsPrivate"):
            return _no("Private opportunity")
        if self._model(name) not in ("Private", "ControlledByParent"):
            return _yes(f"Organization-wide default: {self._model(name)}")
        for row in self._grants(name, record):
            if self._stands_for(user, row["UserOrGroupId"], hierarchies=hierarchies):
                return _yes(f"Share row: {row['RowCause']}", row["Id"])
        if name == "Account":
            return self._implicit_parent(user, record)
        if name in _CHILDREN:
            return self._implicit_child(user, name, record)
        return _no("No share, default or hierarchy opens the record")

    def _grants(self, name: str, record: Row) -> Iterator[Row]:
        """Share rows, without those that follow from others."""
        share = self._share(name)
        assert share is not None
        for row in self._where(share[0], share[1], record["Id"]):
            if (
                not row["IsDeleted"]
                and row["RowCause"] != "ImplicitParent"
                and row[share[2]] in ("Read", "Edit", "All")
            ):
                yield row

    def _implicit_parent(self, user: Row, account: Row) -> Reason:
        """Whoever a child is shared with, or owns it, reads its account; not by View All, nor if the parent decides."""
        for name in _CHILDREN:
            if self._model(name) == "ControlledByParent":
                continue
            for child in self._where(name, "AccountId", account["Id"]):
                if child.get("IsDeleted"):
                    continue
                owners: list[object] = [child["OwnerId"]]
                if not child.get("IsPrivate"):
                    owners += [row["UserOrGroupId"] for row in self._grants(name, child)]
                if any(self._stands_for(user, one, hierarchies=True) for one in owners):
                    return _yes(f"Implicit parent of {name}", child["Id"])
        return _no("No share, default or hierarchy opens the account, nor does one of its children")

    def _implicit_child(self, user: Row, name: str, record: Row) -> Reason:
        """By the role's setting for the account's owner, and by the account's shares."""
        account = self._table("Account").get(str(record["AccountId"]))
        if account is None or account.get("IsDeleted"):
            return _no("No share, default or hierarchy opens the record, and it has no account")
        level = f"{name}AccessLevel"
        for row in self._grants("Account", account):
            if row["RowCause"] != "Owner" and row[level] in ("Read", "Edit"):
                if self._stands_for(user, row["UserOrGroupId"], hierarchies=True):
                    return _yes(f"Account share: {row['RowCause']}", row["Id"])
        owner = self._table("User").get(str(account["OwnerId"])) or {}
        role = self._table("UserRole").get(str(owner.get("UserRoleId"))) or {}
        if role.get(f"{name}AccessForAccountOwner") in ("Read", "Edit"):
            if self._stands_for(user, account["OwnerId"], hierarchies=True):
                return _yes("Account owner", account["Id"])
        return _no("No share, default or hierarchy opens the record, nor does its account")
