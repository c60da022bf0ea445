"""Random orgs for what is compared over them: users in roles, groups in groups, records, shares, rules, permissions.

An org is made by a list of steps, each a verb of the direct door with numbers that choose among what is there.
"""

from collections.abc import Callable
from contextlib import suppress
from datetime import date, timedelta

from localorg.door import Door
from localorg.errors import ApiError
from localorg.org import Org

#: What a step does, and three numbers for its choices.
Step = tuple[int, int, int, int]
OBJECTS = ("Account", "Contact", "Opportunity", "Case", "Lead", "Campaign", "Invoice__c", "Sales_Cost__c")
PARTS = ("Invoice_Line__c", "OpportunityHistory", "CaseComment", "CampaignMemberStatus", "Task", "Event")
COMPARED = (*OBJECTS, *PARTS, "AccountShare", "OpportunityShare", "CaseShare", "AccountTeamMember", "Invoice__Share")
_MODELS = ("Private", "Read", "ReadWrite", "ControlledByParent", "ReadWriteTransfer", "FullAccess")
_GROUPS = ("Role", "RoleAndSubordinates", "RoleAndSubordinatesInternal")


class RandomOrg:
    """An org in the making."""

    def __init__(self, org: Org) -> None:
        self.org = org
        self.door = Door(org)
        door = self.door
        door.create_profile("Reader")
        for name in OBJECTS:
            door.set_object_permissions(self._profile(), name, "Read Create Edit Delete")
        access = {f"{child}AccessForAccountOwner": "Read" for child in ("Opportunity", "Case")}
        self.roles = [door.create_role("Top", **access)]
        self.roles.append(door.create_role("Middle", self.roles[0], **access))
        self.roles.append(door.create_role("Low", self.roles[1]))
        self.users = [
            door.create_user(f"u{at}@x.example", profile="Reader", role=self.roles[at % 3]) for at in range(4)
        ]
        self.users.append(door.create_user("alone@x.example", profile="Reader"))
        self.groups = [door.create_group("G", include_bosses=False), door.create_queue("Q", [self.users[2]])]
        self.groups.append(str(next(row["Id"] for row in door.rows("Group") if row["Type"] == "Organization")))
        low = door.role_group(self.roles[2])
        self.groups += [low, door.create_group("N", [low], include_bosses=False)]
        self.records: dict[str, list[str]] = {name: [] for name in OBJECTS}
        self.sets: list[str] = []
        for name in ("Account", "Opportunity", "Case", "Lead", "Campaign", "Invoice__c", "Sales_Cost__c"):
            with suppress(ValueError):
                door.set_organization_wide_default(name, "Private")
        self._steps: list[Callable[[int, int, int], object]] = [
            *([self._insert] * 4),
            *([self._share] * 4),
            *([self._rule] * 3),
            self._default,
            *([self._group] * 2),
            *([self._member] * 2),
            *([self._role] * 2),
            self._own,
            self._reparent,
            self._delete,
            self._team,
            self._activity,
            self._permission,
            self._set,
            self._status,
            self._private,
        ]

        for number, name in enumerate(("Account", *OBJECTS, "Opportunity", "Case", "Account", "Opportunity", "Case")):
            self._insert(OBJECTS.index(name), number, number + 1)

    def _profile(self) -> str:
        return str(next(row["Id"] for row in self.door.rows("Profile") if row["Name"] == "Reader"))

    def take(self, step: Step) -> None:
        """Do one step, if it can be done."""
        kind, *numbers = step
        with suppress(ValueError, ApiError, LookupError, ZeroDivisionError):
            self._steps[kind % len(self._steps)](*numbers)

    # -- records --

    def _owner(self, name: str, number: int) -> str:
        queues = [self.groups[1]] if name in ("Case", "Lead", "Invoice__c", "Sales_Cost__c") else []
        owners = [*self.users, *queues]
        return owners[number % len(owners)]

    def _insert(self, a: int, b: int, c: int) -> None:
        name = OBJECTS[a % len(OBJECTS)]
        accounts = self.records["Account"]
        account = accounts[c % len(accounts)] if accounts and c % 4 else None
        day = date(2026, 5, 1)
        values: dict[str, object] = {
            "Account": {"Name": "A", "Region__c": ("EMEA", "AMER")[c % 2]},
            "Contact": {"LastName": "C", "AccountId": account},
            "Opportunity": {"Name": "O", "StageName": "Prospecting", "CloseDate": day, "AccountId": account},
            "Case": {"Subject": "S", "AccountId": account},
            "Lead": {"LastName": "L", "Company": "X"},
            "Campaign": {"Name": "P"},
            "Invoice__c": {"Account__c": account},
            "Sales_Cost__c": {"Name": "S"},
        }[name]  # type: ignore[assignment]
        given = {key: value for key, value in values.items() if value is not None}
        self.records[name].append(self.door.insert(name, OwnerId=self._owner(name, b), **given))  # type: ignore[arg-type]

    def _any(self, a: int, b: int) -> tuple[str, str]:
        name = OBJECTS[a % len(OBJECTS)]
        return name, self.records[name][b % len(self.records[name])]

    def _own(self, a: int, b: int, c: int) -> None:
        name, record = self._any(a, b)
        self.door.update(name, record, OwnerId=self._owner(name, c))

    def _reparent(self, a: int, b: int, c: int) -> None:
        name = ("Contact", "Opportunity", "Case")[a % 3]
        record = self.records[name][b % len(self.records[name])]
        accounts = [None, *self.records["Account"]]
        self.door.update(name, record, AccountId=accounts[c % len(accounts)])

    def _delete(self, a: int, b: int, c: int) -> None:
        name, record = self._any(a, b)
        (self.door.undelete if c % 2 else self.door.delete)(name, record)

    def _private(self, a: int, b: int, c: int) -> None:
        records = self.records["Opportunity"]
        self.door.update("Opportunity", records[a % len(records)], IsPrivate=bool(b % 2))

    def _activity(self, a: int, b: int, c: int) -> None:
        name, about = self._any(b, c)
        what = {"WhoId" if name in ("Contact", "Lead") else "WhatId": about} if c % 3 else {}
        values: dict[str, object] = {"Subject": "T", "OwnerId": self.users[a % len(self.users)], **what}
        if a % 2:
            start = self.door.clock.now() + timedelta(hours=1)
            values |= {"ActivityDateTime": start, "DurationInMinutes": 30, "IsPrivate": bool(c % 5 == 1)}
        self.door.insert("Event" if a % 2 else "Task", **values)  # type: ignore[arg-type]

    # -- sharing --

    def _grantee(self, number: int) -> str:
        found = [*self.users, *self.groups]
        return found[number % len(found)]

    def _share(self, a: int, b: int, c: int) -> None:
        _, record = self._any(a, b)
        if c % 5 == 0:
            self.door.unshare(record, self._grantee(c // 5))
        else:
            children = {"Opportunity": "Read", "Case": "Edit"} if record.startswith("001") and c % 2 else {}
            self.door.share(record, self._grantee(c), ("Read", "Edit")[c % 2], **children)

    def _rule(self, a: int, b: int, c: int) -> None:
        rules = self.door.sharing_rules
        if rules and c % 4 == 0:
            self.door.delete_sharing_rule(rules[a % len(rules)].name)
            return
        name = OBJECTS[a % len(OBJECTS)]
        group = self.groups[b % len(self.groups)]
        children = {"Opportunity": "Read", "Contact": "Edit"} if name == "Account" and c % 2 else {}
        if name == "Account" and c % 3 == 0:
            self.door.create_sharing_rule(name, shared_with=group, where="Region__c = 'EMEA'", **children)
        else:
            owned_by = self.groups[c % len(self.groups)]
            self.door.create_sharing_rule(name, shared_with=group, owned_by=owned_by, **children)

    def _default(self, a: int, b: int, c: int) -> None:
        name = (*OBJECTS, "Task")[a % (len(OBJECTS) + 1)]
        if name.endswith("__c") and c % 2:
            self.door.set_grant_access_using_hierarchies(name, bool(b % 2))
        else:
            self.door.set_organization_wide_default(name, _MODELS[b % len(_MODELS)])

    def _team(self, a: int, b: int, c: int) -> None:
        name = ("Account", "Opportunity")[a % 2]
        record = self.records[name][b % len(self.records[name])]
        values = {f"{name}Id": record, "UserId": self.users[c % len(self.users)], f"{name}AccessLevel": "Read"}
        if name == "Account":
            values |= {"CaseAccessLevel": ("None", "Read")[b % 2]}
        self.door.insert(f"{name}TeamMember", **values)

    # -- people --

    def _group(self, a: int, b: int, c: int) -> None:
        if a % 3 == 0:
            self.groups.append(self.door.role_group(self.roles[b % len(self.roles)], _GROUPS[c % 3]))
        else:
            self.groups.append(self.door.create_group(f"G{a}", [self._grantee(b)], include_bosses=bool(c % 2)))

    def _member(self, a: int, b: int, c: int) -> None:
        group = self.groups[a % len(self.groups)]
        row = self.door.row("Group", group) or {}
        if row.get("Type") in ("Regular", "Queue"):
            change = self.door.remove_group_member if c % 4 == 0 else self.door.add_group_member
            change(group, self._grantee(b))

    def _role(self, a: int, b: int, c: int) -> None:
        if c % 3 == 0:
            self.roles.append(self.door.create_role(f"R{a}", self.roles[b % len(self.roles)]))
        elif c % 3 == 1:
            self.door.move_role(self.roles[a % len(self.roles)], self.roles[b % len(self.roles)])
        else:
            roles = [None, *self.roles]
            self.door.assign_role(self.users[a % len(self.users)], roles[b % len(roles)])

    def _permission(self, a: int, b: int, c: int) -> None:
        rights = ("", "Read", "Read ViewAllRecords", "Read Edit Delete ModifyAllRecords", "Read Edit")[c % 5]
        where = [self._profile(), *self.sets]
        self.door.set_object_permissions(where[b % len(where)], OBJECTS[a % len(OBJECTS)], rights)

    def _set(self, a: int, b: int, c: int) -> None:
        system = ("ViewAllData",) if a % 9 == 1 else ("ModifyAllData",) if a % 9 == 2 else ()
        self.sets.append(self.door.create_permission_set(f"S{len(self.sets)}", *system))
        expires = (None, self.door.clock.now() - timedelta(days=1), self.door.clock.now() + timedelta(days=1))[b % 3]
        self.door.assign_permission_set(self.users[c % len(self.users)], self.sets[-1], expires=expires)

    def _status(self, a: int, b: int, c: int) -> None:
        change = (self.door.freeze_user, self.door.deactivate_user)[a % 2]
        change(self.users[b % len(self.users)], (c % 4 == 0) != bool(a % 2))
