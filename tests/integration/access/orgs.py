"""Random orgs: roles, groups, defaults, shares, permissions and records, drawn from a seed."""

import random
from dataclasses import dataclass, field

from localorg.fixture import LocalOrg

OBJECTS = (*("User", "Account", "Contact", "Opportunity", "OpportunityContactRole", "Case", "Lead", "Task", "Event"),)
SHARED = ("Account", "Opportunity", "Case", "Lead")
#: Their `Description` is hidden in one at least, and left as it is in one at least.
DESCRIBED = ("Account", "Contact", "Opportunity", "Case", "Lead")
_DEFAULTS = ("Private", "Private", "Private", "Read", "ReadWrite")
_CHILDREN = ("Opportunity", "Case", "Contact")


@dataclass
class Drawn:
    """What was made."""

    roles: list[str] = field(default_factory=list)
    users: list[str] = field(default_factory=list)
    groups: list[str] = field(default_factory=list)
    records: dict[str, list[str]] = field(default_factory=dict)


class OrgMaker:
    """Fills an empty local org."""

    def __init__(self, org: LocalOrg, seed: int) -> None:
        self.org = org
        self.chance = random.Random(seed)
        self.drawn = Drawn()

    def make(self) -> Drawn:
        """Everything."""
        self._defaults()
        self._people()
        self._groups()
        self._records()
        self._texts()
        self._shares()
        self._permissions()
        return self.drawn

    def _maybe(self, part: float) -> bool:
        return self.chance.random() < part

    def _some(self, found: list[str], most: int) -> list[str]:
        return self.chance.sample(found, min(len(found), self.chance.randrange(most + 1)))

    def _defaults(self) -> None:
        account = self.chance.choice(_DEFAULTS)
        self.org.set_organization_wide_default("Account", account)
        for name in ("Opportunity", "Case", "Lead"):
            private = account == "Private" and name != "Lead"
            self.org.set_organization_wide_default(name, "Private" if private else self.chance.choice(_DEFAULTS))
        contact = self.chance.choice(("ControlledByParent", "Private", "Private" if account == "Private" else "Read"))
        self.org.set_organization_wide_default("Contact", contact)

    def _people(self) -> None:
        for number in range(self.chance.randrange(1, 7)):
            parent = self.chance.choice([None, *self.drawn.roles]) if self.drawn.roles else None
            levels = {f"{child}AccessForAccountOwner": self.chance.choice(("None", "Read")) for child in _CHILDREN}
            self.drawn.roles.append(self.org.create_role(f"Role {number}", parent, **levels))
        self.profile = self.org.create_profile("Seller")
        self.org.set_object_permissions(self.profile, "Account", "Read Create Edit")  # the others depend on it
        for name in ("Contact", "Opportunity", "Case", "Lead"):
            if self._maybe(0.9):
                self.org.set_object_permissions(self.profile, name, "Read Create Edit")
        for name in ("Account", "Contact", "Opportunity", "Case", "Lead"):
            if self._maybe(0.9):
                self.org.set_field_permissions(self.profile, f"{name}.*", "Read")
        for number in range(self.chance.randrange(4, 9)):
            role = self.chance.choice([None, *self.drawn.roles])
            self.drawn.users.append(self.org.create_user(f"user{number}@acme.example", profile=self.profile, role=role))

    def _groups(self) -> None:
        self.queues = [self.org.create_queue(f"Queue {each}", self._some(self.drawn.users, 3)) for each in range(2)]
        for number in range(self.chance.randrange(1, 5)):
            members = self._some([*self.drawn.users, *self.drawn.groups], 3)
            bosses = self._maybe(0.7)
            self.drawn.groups.append(self.org.create_group(f"Group {number}", members, include_bosses=bosses))
        for role in self._some(self.drawn.roles, 2):
            kind = self.chance.choice(("Role", "RoleAndSubordinates"))
            self.drawn.groups.append(self.org.role_group(role, kind))
            if self._maybe(0.3):
                self.org.add_group_member(self.drawn.groups[0], self.drawn.groups[-1])

    def _records(self) -> None:
        day = self.org.clock.now().date()

        def owner() -> str:
            return self.chance.choice(self.drawn.users)

        made = self.drawn.records
        made["Account"] = [
            self.org.insert("Account", Name=f"Account {each}", OwnerId=owner(), Phone=f"030 {each}")
            for each in range(self.chance.randrange(2, 7))
        ]

        def account() -> str | None:
            return self.chance.choice([None, *made["Account"] * 2])

        made["Contact"] = [
            self.org.insert(
                "Contact",
                LastName=f"Person {each}",
                OwnerId=owner(),
                AccountId=account(),
                Email=f"p{each}@acme.example",
            )
            for each in range(self.chance.randrange(2, 8))
        ]
        made["Opportunity"] = [
            self.org.insert(
                *("Opportunity",),
                Name=f"Deal {each}",
                StageName="Prospecting",
                CloseDate=day,
                Amount=each * 100,
                IsPrivate=self._maybe(0.25),
                OwnerId=owner(),
                AccountId=account(),
            )
            for each in range(self.chance.randrange(2, 8))
        ]
        made["OpportunityContactRole"] = [
            self.org.insert("OpportunityContactRole", OpportunityId=deal, ContactId=self.chance.choice(made["Contact"]))
            for deal in self._some(made["Opportunity"], 4)
        ]
        made["Case"] = [
            self.org.insert(
                "Case", Subject=f"Case {each}", AccountId=account(), OwnerId=self.chance.choice([owner(), *self.queues])
            )
            for each in range(self.chance.randrange(2, 6))
        ]
        made["Lead"] = [
            self.org.insert(
                "Lead", LastName=f"Lead {each}", Company="Acme", OwnerId=self.chance.choice([owner(), *self.queues])
            )
            for each in range(self.chance.randrange(1, 5))
        ]
        about = [None, *made["Account"], *made["Opportunity"], *made["Case"]]
        made["Task"] = []
        for each in range(self.chance.randrange(2, 10)):
            what = self.chance.choice(about)
            who = self.chance.choice([None, *made["Contact"]]) if what or self._maybe(0.7) else made["Lead"][0]
            made["Task"].append(
                self.org.insert("Task", Subject=f"Call {each}", OwnerId=owner(), WhatId=what, WhoId=who)
            )
        made["Event"] = [
            self.org.insert(
                "Event",
                Subject=f"Meeting {each}",
                OwnerId=owner(),
                WhatId=self.chance.choice(about),
                IsPrivate=self._maybe(0.4),
                StartDateTime=self.org.clock.now(),
                DurationInMinutes=30,
            )
            for each in range(self.chance.randrange(5))
        ]

    def _texts(self) -> None:
        """Descriptions that repeat the record's own name, and another's: in hits there is more to be found in them."""
        named = [(name, record, self._name(name, record)) for name in DESCRIBED for record in self.drawn.records[name]]
        for name, record, own in named:
            other = self.chance.choice(named)[2]
            if self._maybe(0.7):
                self.org.update(name, record, Description=f"{own} beside {other}")

    def _name(self, name: str, record: str) -> str:
        row = self.org.row(name, record) or {}
        return str(row.get("Name") or row["Subject"])

    def _shares(self) -> None:
        whom = [*self.drawn.users, *self.drawn.groups]
        for name in SHARED:
            if self._model(name) == "ReadWrite":
                continue
            for record in self._some(self.drawn.records[name], 3):
                other = self.chance.choice(whom)
                row = self.org.row(name, record) or {}
                if row.get("IsPrivate"):
                    continue  # the org refuses it
                if other != row["OwnerId"] and self._model(name) == "Private":
                    children = {child: self.chance.choice(("None", "Read")) for child in _CHILDREN}
                    self.org.share(record, other, "Read", **(children if name == "Account" else {}))
        if self.drawn.groups and self._maybe(0.7) and self._model("Account") == "Private":
            children = {child: self.chance.choice(("None", "Read")) for child in _CHILDREN}
            self.org.create_sharing_rule(
                "Account", shared_with=self.chance.choice(self.drawn.groups), where="Name = 'Account 1'", **children
            )
        if len(self.drawn.groups) > 1 and self._model("Opportunity") == "Private":
            first, second = self.chance.sample(self.drawn.groups, 2)
            self.org.create_sharing_rule("Opportunity", shared_with=first, owned_by=second)

    def _model(self, name: str) -> str:
        rows = self.org.rows("EntityDefinition")
        return str(next(row["InternalSharingModel"] for row in rows if row["QualifiedApiName"] == name))

    def _permissions(self) -> None:
        sets = [
            self.org.create_permission_set("All accounts", objects={"Account": "Read ViewAllRecords"}),
            self.org.create_permission_set("All deals", objects={"Opportunity": "Read ViewAllRecords"}),
            self.org.create_permission_set("Phones", fields={"Account.Phone": "Read"}),
            self.org.create_permission_set("Auditor", "ViewAllData"),
        ]
        for user in self.drawn.users:
            if self._maybe(0.25):
                self.org.assign_permission_set(user, self.chance.choice(sets))
        hidden = [each for each in ("Account.Phone", "Opportunity.Amount", "Contact.Email") if self._maybe(0.4)]
        some = self.chance.sample(DESCRIBED, self.chance.randrange(1, len(DESCRIBED)))
        for field_name in (*hidden, *(f"{name}.Description" for name in some)):
            self.org.set_field_permissions(self.profile, field_name, "")
        if self._maybe(0.3):
            self.org.freeze_user(self.drawn.users[0])
        if self._maybe(0.3):
            self.org.deactivate_user(self.drawn.users[1])
