"""What an administrator does in Setup about who may see what, as verbs of the direct door, and the answers of the
definition that the SQL is compared with. Users, roles, groups and sets are given by Id.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime

from localorg.administration import Administration
from localorg.auth.credentials import Secret
from localorg.errors import OAuthError
from localorg.ids import full_id
from localorg.query import criteria as soql_criteria
from localorg.records import RecordWriter
from localorg.records.deletion import delete
from localorg.sharing import defaults, rules, upkeep
from localorg.sharing.may_read import Reader, Reason
from localorg.sharing.objects import shared
from localorg.store.values import Value, format_datetime

_PERSON = {
    "TimeZoneSidKey": "GMT",
    "LocaleSidKey": "en_US",
    "LanguageLocaleKey": "en_US",
    "EmailEncodingKey": "UTF-8",
    "DefaultCurrencyIsoCode": "USD",
}
_CHILDREN = ("Opportunity", "Case", "Contact")


class AccessAdministration(Administration):
    """Users, roles, groups, defaults, rules, shares, permissions: each holds at once, for new and open sessions."""

    def _saver(self) -> RecordWriter:
        writer = self._writer()
        writer.rights = None
        return writer

    def _found(self, object_name: str, name: str) -> str:
        """The Id of a profile or set given by Id or name."""
        if full_id(name) == name:
            return name
        found = self._org.store.scalar(f'SELECT "Id" FROM "{object_name}" WHERE "Name" = ?', (name,))
        if found is None:
            raise KeyError(name)
        return str(found)

    # -- users --

    def create_user(
        self,
        username: str,
        *,
        profile: str = "Standard User",
        role: str | None = None,
        permission_sets: Iterable[str] = (),
        **fields: Value,
    ) -> str:
        """A new active user with a profile, role and sets; his Id. Other fields may be given."""
        name = username.partition("@")[0]
        values = {
            "Username": username,
            "LastName": name,
            "Email": username if "@" in username else f"{name}@localorg.example",
            "Alias": name[:8],
            "CommunityNickname": username[:40],
            "ProfileId": self._found("Profile", profile),
            "UserRoleId": role,
            "UserType": "Standard",
            "CurrencyIsoCode": "USD",
        }
        user = self._saver().insert(
            "User", {**_PERSON, **values, "Name": name, **{k: _plain(v) for k, v in fields.items()}, "IsActive": 1}
        )
        for one in permission_sets:
            self.assign_permission_set(user, one)
        return user

    def freeze_user(self, user: str, frozen: bool = True) -> None:
        """Keep a user from logging in, or let him again (UserLogin.IsFrozen); his sessions end."""
        login = self._org.store.scalar('SELECT "Id" FROM "UserLogin" WHERE "UserId" = ?', (user,))
        self._saver().change("UserLogin", str(login), {"IsFrozen": int(frozen)})

    def deactivate_user(self, user: str, active: bool = False) -> None:
        """End a user's access (User.IsActive), or give it back."""
        self._saver().change("User", user, {"IsActive": int(active)})

    def assign_role(self, user: str, role: str | None) -> None:
        """Give a user another role, or none."""
        self._saver().change("User", user, {"UserRoleId": role})

    def set_password(self, user: str, password: str, security_token: str = "") -> None:
        """What the user logs in with, by SOAP or the username-password flow."""
        self._org.credentials.set(user, Secret(password=password, security_token=security_token))

    def login_as(self, user: str) -> str:
        """An access token of the user, without his password; OAuthError if he cannot log in."""
        if self._org.user(user) is None:
            raise OAuthError("inactive_user", "user is inactive")
        return self._org.sessions.open(self._org.id, user, None, "api").token

    # -- roles and groups --

    def create_role(self, name: str, parent: str | None = None, **access: str) -> str:
        """A new role, with its system groups; `access`: OpportunityAccessForAccountOwner and so on."""
        levels = {f"{child}AccessForAccountOwner": "None" for child in _CHILDREN} | access
        developer_name = "".join(char if char.isalnum() else "_" for char in name)
        values = {"Name": name, "ParentRoleId": parent, "DeveloperName": developer_name, "PortalType": "None"}
        return self._saver().insert("UserRole", {**values, **levels})

    def move_role(self, role: str, parent: str | None) -> None:
        """Put a role, with all below it, under another one, or on top."""
        above = parent
        while above is not None:
            if above == role:
                raise ValueError("A role cannot be below itself.")
            row = self._org.store.get(self._sobject("UserRole"), above) or {}
            above = None if row.get("ParentRoleId") is None else str(row["ParentRoleId"])
        self._saver().change("UserRole", role, {"ParentRoleId": parent})

    def role_group(self, role: str, type: str = "Role") -> str:
        """The system group of a role: Role, RoleAndSubordinates, or RoleAndSubordinatesInternal."""
        where = '"RelatedId" = ? AND "Type" = ?'
        found = self._org.store.scalar(f'SELECT "Id" FROM "Group" WHERE {where}', (role, type))
        if found is not None:
            return str(found)
        if type not in ("Role", "RoleAndSubordinates", "RoleAndSubordinatesInternal"):
            raise ValueError(f"{type} is no group of a role.")
        row = self._org.store.get(self._sobject("UserRole"), role)
        if row is None:
            raise KeyError(role)
        name = str(row["DeveloperName"] or row["Name"])[:40]
        return self._saver().insert("Group", {"Name": name, "Type": type, "RelatedId": role, "OwnerId": self._org.id})

    def create_group(
        self, name: str, members: Iterable[str] = (), *, include_bosses: bool = True, type: str = "Regular"
    ) -> str:
        """A public group of users and groups; `include_bosses`: "Grant Access Using Hierarchies"."""
        values = {"Name": name, "DeveloperName": name.replace(" ", "_"), "Type": type, "OwnerId": self._org.id}
        group = self._saver().insert("Group", {**values, "DoesIncludeBosses": int(include_bosses)})
        for member in members:
            self.add_group_member(group, member)
        return group

    def create_queue(self, name: str, members: Iterable[str] = (), objects: Iterable[str] = ("Case", "Lead")) -> str:
        """A queue, which may own records of these objects."""
        queue = self.create_group(name, members, include_bosses=False, type="Queue")
        for one in objects:
            self._saver().insert("QueueSobject", {"QueueId": queue, "SobjectType": one})
        return queue

    def add_group_member(self, group: str, member: str) -> str:
        """A user or group becomes a member of a group or queue."""
        return self._saver().insert("GroupMember", {"GroupId": group, "UserOrGroupId": member})

    def remove_group_member(self, group: str, member: str) -> None:
        """It is a member no more."""
        where = '"GroupId" = ? AND "UserOrGroupId" = ?'
        for row in self._org.store.select(self._sobject("GroupMember"), where, (group, member)):
            delete(self._saver(), self._sobject("GroupMember"), str(row["Id"]))

    # -- defaults, rules, shares --

    def set_organization_wide_default(self, object_name: str, internal: str, external: str | None = None) -> None:
        """Private, Read, ReadWrite, ReadWriteTransfer, FullAccess or ControlledByParent, as EntityDefinition says it.

        `external`: the same, unless given. Holds at once; share rows follow.
        """
        saver = self._saver()
        with self._org.store.transaction():
            upkeep.recalculate(saver, defaults.set_default(self._org.store, object_name, internal, external))
            self._org.store.touch_metadata(self._org.clock.now())

    def set_grant_access_using_hierarchies(self, object_name: str, granted: bool) -> None:
        """Whether people above a custom object's owners have access too."""
        defaults.set_hierarchies(self._org.store, self._sobject(object_name).name, granted=granted)

    def create_sharing_rule(
        self,
        object_name: str,
        *,
        shared_with: str,
        owned_by: str | None = None,
        where: str | None = None,
        access: str = "Read",
        name: str | None = None,
        **children: str,
    ) -> str:
        """Share an object's records that members of a group (or a queue) own, or that satisfy a condition in SOQL over
        their own fields, with a group; for accounts also Opportunity="Read", Case=…, Contact=…. The rule's name.
        """
        sobject = self._sobject(object_name)
        if shared(self._org.schema, sobject.name) is None or (owned_by is None) == (where is None):
            raise ValueError("A sharing rule is for an object with shares, and has either owned_by or where.")
        if access not in ("Read", "Edit") or not set(children) <= set(_CHILDREN):
            raise ValueError("Access is Read or Edit; of accounts also to Opportunity, Case and Contact.")
        if where is not None:
            if "." in "".join(where.split("'")[::2]):
                raise ValueError("A criterion looks at the record's own fields.")
            soql_criteria.check(self._org.store, sobject.name, where)
        rule = rules.SharingRule(
            name=name or f"{sobject.name}_{self._org.store.next_number('rule')}",
            object=sobject.name,
            owned_by=owned_by,
            criteria=where,
            shared_with=shared_with,
            access=access,
            children=children,
        )
        saver = self._saver()
        with self._org.store.transaction():
            rules.save(self._org.store, rule)
            upkeep.recalculate(saver, {sobject.name, "Account"})
        return rule.name

    def delete_sharing_rule(self, name: str) -> None:
        """Take a sharing rule away, and the shares that it made."""
        with self._org.store.transaction():
            upkeep.recalculate(self._saver(), {rules.remove(self._org.store, name), "Account"})

    @property
    def sharing_rules(self) -> list[rules.SharingRule]:
        """All sharing rules."""
        return rules.all_rules(self._org.store)

    def share(self, record: str, user_or_group: str, access: str = "Read", **children: str) -> str:
        """Share a record by hand; of an account also Opportunity="Read", Case=…. The share row's Id."""
        sobject = self._org.schema.of_id(record)
        one = shared(self._org.schema, sobject.name) if sobject is not None else None
        if one is None:
            raise ValueError(f"{record} is no record that can be shared.")
        levels = {level: children.get(level.removesuffix("AccessLevel"), "None") for level in one.levels[1:]}
        body = {one.parent: record, "UserOrGroupId": user_or_group, one.level: access, "RowCause": "Manual"}
        contact = levels.pop("ContactAccessLevel", None)
        share = self._writer().create(self._sobject(one.share), {**body, **levels})
        if one.object == "Account":
            # The field is not to be written; its value is.
            self._saver().change(one.share, share, {"ContactAccessLevel": contact or "None"})
        return share

    def unshare(self, record: str, user_or_group: str) -> int:
        """Take manual shares of a record away; how many."""
        sobject = self._org.schema.of_id(record)
        one = shared(self._org.schema, sobject.name) if sobject is not None else None
        if one is None:
            raise ValueError(f"{record} is no record that can be shared.")
        where = f'"{one.parent}" = ? AND "UserOrGroupId" = ? AND "RowCause" = \'Manual\' AND "IsDeleted" = 0'
        found = self._org.store.select(self._sobject(one.share), where, (record, user_or_group))
        for row in found:
            delete(self._writer(), self._sobject(one.share), str(row["Id"]))
        return len(found)

    def recalculate_sharing(self, object_name: str | None = None) -> list[str]:
        """Make the share rows of an object, or all, what they should be (after `load` or `poke`); where any changed."""
        names = None if object_name is None else {self._sobject(object_name).name, "Account"}
        return upkeep.recalculate(self._saver(), names)

    # -- permissions --

    def create_profile(self, name: str, *permissions: str) -> str:
        """A new profile with its permission set, opening no object; `permissions` such as ApiEnabled, ViewAllData."""
        flags = {f"Permissions{one}": 1 for one in ("ApiEnabled", *permissions)}
        with self._org.store.transaction():
            profile = self._saver().insert("Profile", {"Name": name, "UserType": "Standard", **flags})
            own = {"Name": f"X{profile}", "Label": name, "ProfileId": profile, "IsOwnedByProfile": 1, "Type": "Profile"}
            self._saver().insert("PermissionSet", {**own, **flags})
        return profile

    def create_permission_set(
        self,
        name: str,
        *permissions: str,
        objects: Mapping[str, str] | None = None,
        fields: Mapping[str, str] | None = None,
    ) -> str:
        """A permission set: system permissions (ViewAllData …), objects such as {"Account": "Read Edit
        ViewAllRecords"}, fields such as {"Account.Phone": "Read"}."""
        flags = {f"Permissions{one}": 1 for one in permissions}
        with self._org.store.transaction():
            one = self._saver().insert("PermissionSet", {"Name": name, "Label": name, "Type": "Regular", **flags})
            for object_name, rights in (objects or {}).items():
                self.set_object_permissions(one, object_name, rights)
            for field, rights in (fields or {}).items():
                self.set_field_permissions(one, field, rights)
        return one

    def _set_of(self, name: str) -> str:
        """The permission set of an Id or name; a profile's Id stands for the profile's own."""
        if name.startswith("00e"):
            where = 'SELECT "Id" FROM "PermissionSet" WHERE "ProfileId" = ?'
            return str(self._org.store.scalar(where, (full_id(name),)))
        return self._found("PermissionSet", name)

    def set_object_permissions(self, permission_set: str, object_name: str, rights: str) -> None:
        """What a set (or profile) opens of an object: "" or any of Read Create Edit Delete ViewAllRecords
        ModifyAllRecords ViewAllFields, parted by blanks."""
        one, name = self._set_of(permission_set), self._sobject(object_name).name
        values = {f"Permissions{right}": 1 for right in rights.split()}
        with self._org.store.transaction() as connection:
            where = '"ParentId" = ? AND "SobjectType" = ?'
            connection.execute(f'DELETE FROM "ObjectPermissions" WHERE {where}', (one, name))
            if values:
                self._saver().insert("ObjectPermissions", {"ParentId": one, "SobjectType": name, **values})
            self._org.store.touch_metadata(self._org.clock.now())

    def set_field_permissions(self, permission_set: str, field: str, rights: str) -> None:
        """Whether a set (or profile) opens a field such as Account.Phone, or all (Account.*): "", "Read", or "Read
        Edit"."""
        one = self._set_of(permission_set)
        object_name, _, field_name = field.partition(".")
        sobject = self._sobject(object_name)
        if field_name == "*":
            for every in sobject.fields:
                if every.permissionable:
                    self.set_field_permissions(one, f"{sobject.name}.{every.name}", rights)
            return
        found = sobject.field(field_name)
        if found is None:
            raise KeyError(field)
        if not found.permissionable:
            raise ValueError(f"{field} cannot be hidden: every reader of the object sees it.")
        full = f"{sobject.name}.{found.name}"
        with self._org.store.transaction() as connection:
            connection.execute('DELETE FROM "FieldPermissions" WHERE "ParentId" = ? AND "Field" = ?', (one, full))
            if rights:
                values = {f"Permissions{right}": 1 for right in ("Read", *rights.split())}
                row = {"ParentId": one, "SobjectType": sobject.name, "Field": full}
                self._saver().insert("FieldPermissions", {**row, **values})
            self._org.store.touch_metadata(self._org.clock.now())

    def assign_permission_set(self, user: str, permission_set: str, *, expires: datetime | str | None = None) -> str:
        """Give a user a permission set, maybe until an instant; the assignment's Id."""
        until = datetime.fromisoformat(expires) if isinstance(expires, str) else expires
        row = {"AssigneeId": user, "PermissionSetId": self._set_of(permission_set)}
        return self._saver().insert(
            "PermissionSetAssignment", {**row, "ExpirationDate": None if until is None else format_datetime(until)}
        )

    def unassign_permission_set(self, user: str, permission_set: str) -> None:
        """Take a permission set away from a user."""
        where = '"AssigneeId" = ? AND "PermissionSetId" = ?'
        sobject = self._sobject("PermissionSetAssignment")
        for row in self._org.store.select(sobject, where, (user, self._set_of(permission_set))):
            delete(self._saver(), sobject, str(row["Id"]))

    # -- who may read what --

    def _reader(self) -> Reader:
        return Reader(self._org.store, self._org.clock.now())

    def may_read(self, user: str, record: str) -> Reason | None:
        """Why a user may read a record, by the plain definition; None: he may not."""
        found = self.explain_access(user, record)
        return found if found else None

    def explain_access(self, user: str, record: str) -> Reason:
        """Which rule lets a user read a record, or what is missing."""
        return self._reader().may_read(user, str(full_id(record)))

    def readable_ids(self, user: str, object_name: str) -> set[str]:
        """Ids of all records of an object, but deleted ones, that a user may read, by the plain definition."""
        return self._reader().readable_ids(user, self._sobject(object_name).name)

    def readable_fields(self, user: str, object_name: str) -> set[str]:
        """The fields of an object that a user may read."""
        return self._reader().readable_fields(user, self._sobject(object_name).name)


def _plain(value: Value) -> object:
    return int(value) if isinstance(value, bool) else value
