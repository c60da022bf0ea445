"""The records that a user may read, edit or delete, as conditions in SQL over the rows of an object.

The order of decisions is that of `may_read`, which says the same without SQL. Whoever may View or Modify All needs no
condition at all.
"""

from collections.abc import Iterable, Mapping
from functools import cached_property

from localorg.permissions import governing, objects_with, visible_schema
from localorg.schema import SObjectDef
from localorg.sharing.defaults import SharingModel, load_model
from localorg.sharing.objects import ACCOUNT_CHILDREN, ACTIVITIES, FIELD_HISTORIES, FORECASTS, Shared, masters, shared
from localorg.sharing.principals import Principals, principals
from localorg.store import Store
from localorg.store.store import Row

#: What is wanted, and the access levels of share rows that are enough for it.
LEVELS: Mapping[str, tuple[str, ...]] = {"Read": ("Read", "Edit", "All"), "Edit": ("Edit", "All"), "All": ("All",)}
#: The default that gives everybody as much.
_PUBLIC = {"Read": "Read", "Edit": "ReadWrite", "All": "FullAccess"}
_NOTHING = "0"


def _listed(values: Iterable[str]) -> str:
    quoted = ", ".join(f"'{value}'" for value in sorted(values))
    return f"({quoted})"


class RecordAccess:
    """What one user may do with records, as of now. Nothing is asked of the store before it is needed."""

    def __init__(
        self,
        store: Store,
        user: Row,
        sets: list[Row],
        *,
        readable: frozenset[str],
        views_all: bool,
        modifies_all: bool,
        hidden: frozenset[str] = frozenset(),
    ) -> None:
        self._store = store
        self._schema = store.schema
        self._user = user
        self._sets = sets
        self._readable = readable
        self._views_all = views_all
        self.modifies_all = modifies_all
        #: Objects some of whose records the direct door hides from him.
        self._hidden = hidden
        self._found: dict[tuple[str, str], str | None] = {}

    @cached_property
    def principals(self) -> Principals:
        """Whom the user stands for."""
        return principals(self._store, self._user)

    @cached_property
    def model(self) -> SharingModel:
        """The organization-wide defaults."""
        return load_model(self._store)

    @cached_property
    def _rights(self) -> Mapping[str, frozenset[str]]:
        names = ("Create", "Edit", "Delete", "ViewAllRecords", "ModifyAllRecords")
        return {name: objects_with(self._store, self._sets, f"Permissions{name}") for name in names}

    def permitted(self, name: str, right: str) -> bool:
        """Whether object permissions let him Read, Create, Edit or Delete records of an object."""
        if right == "Read":
            return name in self._readable
        by = governing(self._schema, name)
        return self.modifies_all or by is None or by in self._rights[right] or by in self._rights["ModifyAllRecords"]

    def sees_all(self, name: str) -> bool:
        """Whether View All or Modify All shows him every record of an object."""
        return self._views_all or self._whole(name, "Read")

    def _whole(self, name: str, need: str) -> bool:
        if self.modifies_all or (need == "Read" and self._views_all):
            return True
        by = governing(self._schema, name)
        if by is None:
            return False
        return by in self._rights["ModifyAllRecords"] or (need == "Read" and by in self._rights["ViewAllRecords"])

    def condition(self, name: str, need: str = "Read") -> str | None:
        """The records of an object that he may Read, Edit, or do everything with (All); None: any."""
        key = (name, need)
        if name not in self._readable:
            return _NOTHING
        if key not in self._found:
            # A detail is never above itself; this only ends a circle of masters.
            self._found[key] = _NOTHING
            self._found[key] = self._condition(name, need)
        return self._found[key]

    def only_hides(self, name: str) -> bool:
        """Whether sharing shows him all records of an object, and only the direct door hides some."""
        if name not in self._readable or name not in self._hidden:
            return False
        return self._whole(name, "Read") or self._by_sharing(self._schema.objects[name], "Read") is None

    def _condition(self, name: str, need: str) -> str | None:
        if name in FORECASTS:
            return self._of_forecast(name, need)
        found = self._of_records(name, need)
        hidden = self._hidden_history(name)
        if not hidden:
            return found
        shown = f'"Field" NOT IN {_listed(hidden)}'
        return shown if found is None else f"({found}) AND {shown}"

    def _of_records(self, name: str, need: str) -> str | None:
        sharing = None if self._whole(name, need) else self._by_sharing(self._schema.objects[name], need)
        if name not in self._hidden or self._whole(name, "Read"):
            return sharing
        user = self._user["Id"]
        hidden = f"SELECT record FROM \"_hidden\" WHERE user_id = '{user}' AND object = '{name}'"
        shown = f'"Id" NOT IN ({hidden})'
        return shown if sharing is None else f"({sharing}) AND {shown}"

    def _by_sharing(self, sobject: SObjectDef, need: str) -> str | None:
        one = shared(self._schema, sobject.name)
        if sobject.name == "Contact" and self.model.controlled_by_parent("Contact"):
            return self._contact_of_account(need)
        if one is not None:
            return self._of_shares(one, need)
        if sobject.name in ACTIVITIES:
            return self._of_activity(sobject, need)
        if sobject.name == "EmailMessage":
            return self._of_email(need)
        found = [self._under(field, master, need) for field, master in masters(self._schema, sobject)]
        return " AND ".join(filter(None, found)) or None

    # -- by the ways of granting --

    def _ids(self, name: str) -> str:
        flat = name in self.model.flat
        return _listed(self.principals.direct if flat else self.principals.everyone)

    def _owned(self, name: str) -> str:
        return f'"OwnerId" IN {self._ids(name)}'

    def _of_shares(self, one: Shared, need: str) -> str | None:
        """Default, owner, share rows, and the shares of the account."""
        own = self._owned(one.object)
        levels, ids = _listed(LEVELS[need]), self._ids(one.object)
        rows = f'"UserOrGroupId" IN {ids} AND "IsDeleted" = 0'
        granted = f'"Id" IN (SELECT "{one.parent}" FROM "{one.share}" WHERE {rows} AND "{one.level}" IN {levels})'
        if one.object in ACCOUNT_CHILDREN:
            child = f'"{one.object}AccessLevel" IN {levels}'
            granted += f' OR "AccountId" IN (SELECT "AccountId" FROM "AccountShare" WHERE {rows} AND {child})'
        public = self.model.at_least(one.object, _PUBLIC[need])
        if one.object == "Opportunity":
            return f'({own} OR ("IsPrivate" = 0 AND {"1" if public else f"({granted})"}))'
        if one.object == "Contact":
            mine = f"\"OwnerId\" = '{self._user['Id']}'"
            rest = "1" if public else f"({own} OR {granted})"
            return f'(CASE WHEN "AccountId" IS NULL THEN {mine} ELSE {rest} END)'
        return None if public else f"({own} OR {granted})"

    def _contact_of_account(self, need: str) -> str | None:
        """A contact is as its account; without one it is its owner's alone."""
        mine = f"\"OwnerId\" = '{self._user['Id']}'"
        above = self._records("Account", need)
        return f'(CASE WHEN "AccountId" IS NULL THEN {mine} ELSE {above("AccountId")} END)'

    def _under(self, field: str, master: str, need: str) -> str | None:
        """Part of a record: reading takes reading it, changing takes changing it."""
        need = "Read" if need == "Read" else "Edit"
        if self.condition(master, need) is None:
            return None
        return self._records(master, need)(field)

    def _records(self, name: str, need: str) -> "_Within":
        return _Within(name, self.condition(name, need))

    def _of_forecast(self, name: str, need: str) -> str | None:
        """His own, for forecast managers those of people below; quotas are changed by who manages them, not his own."""
        every = self.modifies_all or self._system("ViewAllForecasts")
        if need == "Read":
            mine = self.principals.everyone if self._manages_forecasts else frozenset({str(self._user["Id"])})
            return None if every else f'"{FORECASTS[name]}" IN {_listed(mine)}'
        if not (self.modifies_all or self._system("ManageQuotas")):
            return _NOTHING
        below = self.principals.everyone - {str(self._user["Id"])}
        return None if every else f'"{FORECASTS[name]}" IN {_listed(below)}'

    @cached_property
    def _manages_forecasts(self) -> bool:
        """Whether he is the forecast manager of his role: Object Reference, ForecastingQuota, UserRole."""
        query = 'SELECT 1 FROM "UserRole" WHERE "Id" = ? AND "ForecastUserId" = ?'
        return self._store.scalar(query, (self._user["UserRoleId"], self._user["Id"])) is not None

    def may_set_quota(self, owner: object) -> bool:
        """Whether the user may give somebody a quota."""
        if self.modifies_all:
            return True
        if not self._system("ManageQuotas"):
            return False
        below = self.principals.everyone - {str(self._user["Id"])}
        return self._system("ViewAllForecasts") or str(owner) in below

    def _system(self, permission: str) -> bool:
        profile = self._store.get(self._schema.objects["Profile"], str(self._user["ProfileId"])) or {}
        return any(one.get(f"Permissions{permission}") for one in (profile, *self._sets))

    def _hidden_history(self, name: str) -> frozenset[str]:
        """Names under which a history tells of fields that the user may not read."""
        parent = FIELD_HISTORIES.get(name)
        if parent is None or self.modifies_all:
            return frozenset()
        shown = visible_schema(self._store, self._sets, modifies_all=False).objects[parent]
        hidden = {field.name for field in self._schema.objects[parent].fields} - {one.name for one in shown.fields}
        return frozenset({*hidden, *(one.removesuffix("Id") for one in hidden)})

    def _of_email(self, need: str) -> str:
        """Its maker's; else as its case is, or without one as its task; a draft is its maker's alone."""
        need = "Read" if need == "Read" else "Edit"
        case, task = self._records("Case", need)("ParentId"), self._records("Task", need)("ActivityId")
        within = f'CASE WHEN "ParentId" IS NULL THEN {task} ELSE {case} END'
        return f"(\"CreatedById\" = '{self._user['Id']}' OR (\"Status\" <> '5' AND {within}))"

    def _of_activity(self, sobject: SObjectDef, need: str) -> str:
        """Owner and those above him; unless activities are private, also who may do as much with what it is about."""
        owned = self._owned(sobject.name)
        if sobject.has("IsPrivate"):
            # A private event shows to its owner alone.
            owned = f'({owned} AND "IsPrivate" = 0) OR "OwnerId" = \'{self._user["Id"]}\''
        if need == "All" or not self.model.controlled_by_parent(sobject.name):
            return f"({owned})"
        about = []
        for reference in ("WhatId", "WhoId"):
            field = self._schema.objects[sobject.name].by_name[reference.lower()]
            for target in field.reference_to:
                if target in self._readable:
                    prefix = self._schema.objects[target].key_prefix
                    test = self._records(target, need)(reference)
                    about.append(f"(substr(\"{reference}\", 1, 3) = '{prefix}' AND {test})")
        shown = " OR ".join(about) or _NOTHING
        private = '"IsPrivate" = 0 AND ' if sobject.has("IsPrivate") else ""
        return f"({owned} OR ({private}({shown})))"


class _Within:
    """Tests whether a reference points to one of some records."""

    def __init__(self, name: str, condition: str | None) -> None:
        self._name = name
        self._condition = condition

    def __call__(self, field: str) -> str:
        where = "" if self._condition is None else f" WHERE {self._condition}"
        return f'"{field}" IN (SELECT "Id" FROM "{self._name}"{where})'
