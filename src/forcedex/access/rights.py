"""From the directory of people and rights to what one of them may see: pure, and closed in doubt.

Source of the order of decisions: Salesforce Architects, "Record-Level Access: Under the Hood"; Object Reference of
the tables that `domain.rights` names.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cached_property

from forcedex.access import tokens
from forcedex.access.catalogue import ACTIVITIES, BY_PARENT, FOLLOWS, FORECASTING, OPEN, PRIVATE, PUBLIC, is_history
from forcedex.access.view import Denial, View, nothing, sorted_tokens
from forcedex.domain.principal import OrgUser
from forcedex.domain.rights import Directory, ObjectPermission, PermissionSet, Person

_ROLE_AND_BELOW = frozenset({"RoleAndSubordinates", "RoleAndSubordinatesInternal"})
#: Kinds of groups that stand for roles.
_ROLES = _ROLE_AND_BELOW | {"Role"}


class Rights:
    """Answers what each person may see, by one directory."""

    def __init__(self, directory: Directory, *, flat: Iterable[str] = ()) -> None:
        """`flat` are the objects without "grant access using hierarchies"."""
        self.directory = directory
        self.flat = frozenset(flat)
        self.people = {each.user_id: each for each in directory.people}
        self.roles = {each.role_id: each for each in directory.roles}
        self.groups = {each.group_id: each for each in directory.groups}
        self.models = {each.object: each for each in directory.sharing}

    # Hierarchy

    @cached_property
    def _children(self) -> Mapping[str, Sequence[str]]:
        below: dict[str, list[str]] = defaultdict(list)
        for role in self.directory.roles:
            if role.parent_id is not None:
                below[role.parent_id].append(role.role_id)
        return below

    def roles_below(self, role_id: str | None) -> set[str]:
        """All roles under this one; a circle, which Salesforce does not allow, ends where it began."""
        found: set[str] = set()
        waiting = list(self._children.get(role_id or "", ()))
        while waiting:
            role = waiting.pop()
            if role not in found:
                found.add(role)
                waiting += self._children.get(role, ())
        return found - {role_id or ""}

    @cached_property
    def _by_role(self) -> Mapping[str, Sequence[str]]:
        found: dict[str, list[str]] = defaultdict(list)
        for each in self.directory.people:
            if each.role_id is not None:
                found[each.role_id].append(each.user_id)
        return found

    def subordinates(self, person: Person) -> set[str]:
        """Users whose role is under that of the person."""
        return {user for role in self.roles_below(person.role_id) for user in self._by_role.get(role, ())}

    # Groups

    @cached_property
    def _holding(self) -> Mapping[str, Sequence[str]]:
        """Group or user Id to the groups that list it."""
        found: dict[str, list[str]] = defaultdict(list)
        for each in self.directory.memberships:
            found[each.member_id].append(each.group_id)
        return found

    @cached_property
    def _role_groups(self) -> Mapping[str, Sequence[str]]:
        """Role Id to the groups that stand for that role alone; by kind prefix for those with all below."""
        found: dict[str, list[str]] = defaultdict(list)
        for each in self.directory.groups:
            if each.related_id is not None:
                if each.kind == "Role":
                    found[each.related_id].append(each.group_id)
                elif each.kind in _ROLE_AND_BELOW:
                    found[f"below {each.related_id}"].append(each.group_id)
        return found

    def _roles_above(self, role_id: str | None) -> Iterator[str]:
        """The role and all above it."""
        seen: set[str] = set()
        while role_id is not None and role_id not in seen and role_id in self.roles:
            seen.add(role_id)
            yield role_id
            role_id = self.roles[role_id].parent_id

    def _own_groups(self, person: Person) -> set[str]:
        """Groups that hold the person as such: by name, by role, as one of the company."""
        found = set(self._holding.get(person.user_id, ()))
        if person.role_id is not None:
            found |= set(self._role_groups.get(person.role_id, ()))
            for role in self._roles_above(person.role_id):
                found |= set(self._role_groups.get(f"below {role}", ()))
        if person.user_type == "Standard":
            found |= {each.group_id for each in self.directory.groups if each.kind == "Organization"}
        return self._with_outer(found)

    def _with_outer(self, groups: Iterable[str]) -> set[str]:
        """These groups and all that they are in, however deep."""
        found: set[str] = set()
        waiting = list(groups)
        while waiting:
            group = waiting.pop()
            if group not in found:
                found.add(group)
                waiting += self._holding.get(group, ())
        return found

    def _groups_by_bosses(self, person: Person) -> set[str]:
        """Groups that the person gets into as the superior of a member or of a role, even one without people."""
        return set().union(*(self._boss_groups[role] for role in self.roles_below(person.role_id)))

    @cached_property
    def _boss_groups(self) -> Mapping[str, frozenset[str]]:
        """Role Id to the groups that take in whoever is above that role, and the groups that these are in."""
        found: dict[str, frozenset[str]] = {}
        for role in self.roles:
            inside = {group for user in self._by_role.get(role, ()) for group in self._holding.get(user, ())}
            inside.update(self._role_groups.get(role, ()), self._role_groups.get(f"below {role}", ()))
            taking = {group for group in self._with_outer(inside) if self._includes_bosses(group)}
            # The superior of a role is no member of what holds the role's group, unless that takes superiors in.
            named = {group for group in taking if self.groups[group].kind not in _ROLES}
            found[role] = frozenset(taking | self._with_outer(named))
        return found

    def _includes_bosses(self, group_id: str) -> bool:
        group = self.groups.get(group_id)
        return group is not None and (group.kind != "Regular" or group.includes_bosses)

    # Permissions

    def permission_sets(self, person: Person, now: datetime) -> list[PermissionSet]:
        """That of the profile, and those assigned and in force."""
        assigned = {
            each.permission_set_id
            for each in self.directory.assignments
            if each.user_id == person.user_id and each.active and (each.expires is None or each.expires > now)
        }
        return [
            each
            for each in self.directory.permission_sets
            if each.permission_set_id in assigned
            or (each.profile_id is not None and each.profile_id == person.profile_id)
        ]

    def _granted(self, sets: Iterable[PermissionSet]) -> dict[str, list[ObjectPermission]]:
        ids = {each.permission_set_id for each in sets}
        found: dict[str, list[ObjectPermission]] = defaultdict(list)
        for each in self.directory.object_permissions:
            if each.permission_set_id in ids:
                found[each.object].append(each)
        return found

    # The view

    def view(
        self, user_id: str, objects: Mapping[str, str | None], now: datetime, as_of: datetime, denials: Sequence[Denial]
    ) -> View:
        """What the user may see of these objects.

        `objects` maps each to its master object where it has one (a detail), else None.
        """
        principal = OrgUser(user_id)
        person = self.people.get(user_id)
        problem = self.problem(person)
        if person is None or problem:
            return nothing(principal, problem)
        sets = self.permission_sets(person, now)
        granted = self._granted(sets)
        views_all = any(each.views_all or each.modifies_all for each in sets)
        shared = [name for name in objects if name not in FORECASTING]
        readable = {name for name in shared if self._may_read(name, objects, granted, views_all)}
        whole = {name for name in readable if self._sees_whole(name, objects, granted, views_all, readable)}
        held = self.held(person)
        held |= {tokens.by_permission(name) for name in readable if self._views_each(name, objects, granted, views_all)}
        if (every := any(each.views_all_forecasts for each in sets)) or person.forecasts:
            forecasting = FORECASTING & objects.keys()
            readable |= forecasting
            whole |= forecasting if every else forecasting & {"ForecastingType"}
        held |= {tokens.whole(name) for name in whole}
        if readable & ACTIVITIES:
            parents = [name for name in readable if name not in ACTIVITIES | OPEN]
            held |= {tokens.inherited(name, token) for name in parents for token in self._passed_on(held)}
        return View(
            principal=principal,
            objects={name: self._fields(name, sets, granted) for name in readable},
            tokens=sorted_tokens(held),
            denials=tuple(denials),
            as_of=as_of,
        )

    def problem(self, person: Person | None) -> str:
        """Why somebody sees nothing at all; empty: there is no reason."""
        if person is None:
            return "This user is not known in the org."
        if not person.active:
            return f"{person.name} is inactive."
        if person.frozen:
            return f"{person.name} is frozen."
        if person.user_type != "Standard":
            return f"{person.name} is a user of type {person.user_type}; only users inside the company can search."
        return ""

    def held(self, person: Person) -> set[str]:
        """The tokens of a person, without those for whole objects and those for parents."""
        groups = self._own_groups(person)
        owners = [self.people[user] for user in (person.user_id, *self.subordinates(person))]
        return {
            *(
                tokens.account_owner(child, each.user_id)
                for each in owners
                if each.role_id in self.roles
                for child in self.roles[each.role_id].reads_children
            ),
            tokens.user(person.user_id),
            tokens.user(person.user_id, hierarchy=False),
            *(tokens.user(user) for user in self.subordinates(person)),
            *(tokens.group(group) for group in groups | self._groups_by_bosses(person)),
            *(tokens.group(group, hierarchy=False) for group in groups),
            *map(tokens.forecast, self._forecasting(person)),
        }

    def _forecasting(self, person: Person) -> set[str]:
        """Whose forecasts and quotas the person sees: his own, and as the forecast manager of his role those below."""
        if not person.forecasts:
            return set()
        role = self.roles.get(person.role_id or "")
        manages = role is not None and role.forecaster_id == person.user_id
        return {person.user_id, *(self.subordinates(person) if manages else ())}

    @staticmethod
    def _passed_on(held: set[str]) -> list[str]:
        return [token for token in held if not token.startswith(("o:", "v:", "f:")) and "/" not in token]

    def _may_read(
        self,
        name: str,
        objects: Mapping[str, str | None],
        granted: Mapping[str, Sequence[ObjectPermission]],
        views_all: bool,
        below: frozenset[str] = frozenset(),
    ) -> bool:
        if is_history(name):
            return False  # whatever is asked of history, derived documents answer field by field
        model = self.models.get(name)
        if model is not None and model.incomputable:
            return views_all
        if views_all or name in OPEN | ACTIVITIES:
            return True
        if name in FOLLOWS:
            return self._may_read(FOLLOWS[name], objects, granted, views_all, below)
        if not any(each.read for each in granted.get(name, ())):
            return False
        master = objects.get(name)
        if master is None or master in below or master == name:
            return True
        return self._may_read(master, objects, granted, views_all, below | {name})

    @staticmethod
    def _views_all(name: str, granted: Mapping[str, Sequence[ObjectPermission]], views_all: bool) -> bool:
        """By a permission, on the object or on all data."""
        return views_all or any(each.views_all or each.modifies_all for each in granted.get(name, ()))

    def _views_each(
        self,
        name: str,
        objects: Mapping[str, str | None],
        granted: Mapping[str, Sequence[ObjectPermission]],
        views_all: bool,
        below: frozenset[str] = frozenset(),
    ) -> bool:
        """By a permission, on a detail by the one on its master."""
        if self._views_all(name, granted, views_all):
            return True
        model = self.models.get(name)
        by_master = name in FOLLOWS or (model is not None and model.model in BY_PARENT and name not in PRIVATE)
        master = (FOLLOWS.get(name) or objects.get(name)) if by_master else None
        if master is None or master in below:
            return False
        return self._views_each(master, objects, granted, views_all, below | {name})

    def _sees_whole(
        self,
        name: str,
        objects: Mapping[str, str | None],
        granted: Mapping[str, Sequence[ObjectPermission]],
        views_all: bool,
        readable: set[str],
        below: frozenset[str] = frozenset(),
    ) -> bool:
        if name in OPEN or self._views_all(name, granted, views_all):
            return True
        if name in ACTIVITIES:
            return False
        model = self.models.get(name)
        if name in FOLLOWS or (model is not None and model.model in BY_PARENT):
            master = FOLLOWS.get(name) or objects.get(name)
            if master is None or master in below:
                return False
            return self._sees_whole(master, objects, granted, views_all, readable, below | {name})
        return model is not None and model.model in PUBLIC

    def _fields(
        self, name: str, sets: Sequence[PermissionSet], granted: Mapping[str, Sequence[ObjectPermission]]
    ) -> frozenset[str] | None:
        """Fields under field-level security that the sets open; None: all. View All Data opens no field."""
        if any(each.views_all_fields for each in granted.get(name, ())):
            return None
        ids = {each.permission_set_id for each in sets}
        return frozenset(field for set_id in ids for field in self._fields_by_set.get((set_id, name), ()))

    @cached_property
    def _fields_by_set(self) -> Mapping[tuple[str, str], Sequence[str]]:
        found: dict[tuple[str, str], list[str]] = defaultdict(list)
        for each in self.directory.field_permissions:
            found[each.permission_set_id, each.object].append(each.field)
        return found
