"""Profiles, permission sets and groups of them, as verbs of the direct door."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from localorg.access_administration.sharing import SharingAdministration
from localorg.ids import full_id
from localorg.records.deletion import delete
from localorg.store.values import Value, format_datetime


class AccessAdministration(SharingAdministration):
    """What an administrator does in Setup about who may see what."""

    def create_user(
        self,
        username: str,
        *,
        profile: str = "Standard User",
        role: str | None = None,
        permission_sets: Iterable[str] = (),
        **fields: Value,
    ) -> str:
        """A new active user with a profile, role and permission sets; his Id. Other fields may be given."""
        with self._org.store.transaction():
            user = self._new_user(username, profile=profile, role=role, **fields)
            for one in permission_sets:
                self.assign_permission_set(user, one)
        return user

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
        """The permission set of an Id or name; the Id of a profile, or of a group of sets, stands for its own one."""
        for prefix, field in (("00e", "ProfileId"), ("0PG", "PermissionSetGroupId")):
            if name.startswith(prefix) and full_id(name) is not None:
                where = f'SELECT "Id" FROM "PermissionSet" WHERE "{field}" = ?'
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
        """Give a user a permission set, or a group of them, maybe until an instant; the assignment's Id."""
        until = datetime.fromisoformat(expires) if isinstance(expires, str) else expires
        row = {"AssigneeId": user, "PermissionSetId": self._set_of(permission_set)}
        if permission_set.startswith("0PG"):
            row["PermissionSetGroupId"] = permission_set
        return self._saver().insert(
            "PermissionSetAssignment", {**row, "ExpirationDate": None if until is None else format_datetime(until)}
        )

    def unassign_permission_set(self, user: str, permission_set: str) -> None:
        """Take a permission set away from a user."""
        where = '"AssigneeId" = ? AND "PermissionSetId" = ?'
        sobject = self._sobject("PermissionSetAssignment")
        for row in self._org.store.select(sobject, where, (user, self._set_of(permission_set))):
            delete(self._saver(), sobject, str(row["Id"]))

    def create_permission_set_group(self, name: str, permission_sets: Iterable[str], muted: str | None = None) -> str:
        """A group of permission sets without what the set `muted` holds; its Id, to be assigned like a set's.

        Salesforce keeps what it grants as a permission set of the type Group. Source: Object Reference,
        PermissionSetGroup. What the sets grant later does not follow.
        """
        sets = [self._set_of(one) for one in permission_sets]
        mute = [] if muted is None else [self._set_of(muted)]
        with self._org.store.transaction():
            group = self._saver().insert("PermissionSetGroup", {"DeveloperName": name, "MasterLabel": name})
            own = {"Name": f"X{group}", "Label": name, "Type": "Group", "PermissionSetGroupId": group}
            flags = self._net("PermissionSet", "Id", sets, mute)
            one = self._saver().insert("PermissionSet", {**own, **flags.get("", {})})
            for object_name, rights in self._net("ObjectPermissions", "ParentId", sets, mute).items():
                self._saver().insert("ObjectPermissions", {"ParentId": one, "SobjectType": object_name, **rights})
            for field, rights in self._net("FieldPermissions", "ParentId", sets, mute).items():
                row = {"ParentId": one, "SobjectType": field.partition(".")[0], "Field": field}
                self._saver().insert("FieldPermissions", {**row, **rights})
        return group

    def _net(self, table: str, key: str, sets: list[str], mute: list[str]) -> dict[str, dict[str, int]]:
        """What rows of some sets grant together, less what those of others hold: by object, by field, or as a whole."""
        found: dict[str, dict[str, int]] = {}
        for chosen, value in ((sets, 1), (mute, 0)):
            for row in self._org.store.select(self._sobject(table)):
                if row[key] not in chosen:
                    continue
                about = str(row.get("Field") or row.get("SobjectType") or "")
                granted = {name: value for name, given in row.items() if name.startswith("Permissions") and given == 1}
                if value or about in found:
                    found.setdefault(about, {}).update(granted)
        return {about: rights for about, rights in found.items() if any(rights.values())}
