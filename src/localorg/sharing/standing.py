"""Whether a user is meant when something is shared with a user or a group: in plain Python, for `may_read` alone.

Roles form a tree, groups hold users and groups, maybe in circles; a role's groups have no rows of members.

Source: Object Reference, Group (Type, RelatedId, DoesIncludeBosses), GroupMember, UserRole.
"""

from collections.abc import Callable

from localorg.store.store import Row

_ROLE_TYPES = ("Role", "RoleAndSubordinates", "RoleAndSubordinatesInternal")
#: All rows of an object by Id; rows of an object with a value in a field.
Table = Callable[[str], dict[str, Row]]
Where = Callable[[str, str, object], list[Row]]


class Standing:
    """Looks at the rows of users, roles and groups."""

    def __init__(self, table: Table, where: Where) -> None:
        self._table = table
        self._where = where

    def stands_for(self, user: Row, principal: object, *, hierarchies: bool) -> bool:
        """Whether what is shared with a user or group is shared with this user."""
        if principal == user["Id"]:
            return True
        someone = self._table("User").get(str(principal))
        if someone is not None:
            return hierarchies and self._above(user["UserRoleId"], someone["UserRoleId"])
        group = self._table("Group").get(str(principal))
        if group is None:
            return False
        return self._member(user, group, set()) or (hierarchies and self._boss(user, group, set()))

    def _above(self, role: object, other: object) -> bool:
        """Whether a role is above another one."""
        seen: set[object] = set()
        while role is not None and other is not None and other not in seen:
            seen.add(other)
            other = (self._table("UserRole").get(str(other)) or {}).get("ParentRoleId")
            if other == role:
                return True
        return False

    def _inside(self, group: Row) -> list[Row]:
        """The groups in a group."""
        members = [str(row["UserOrGroupId"]) for row in self._where("GroupMember", "GroupId", group["Id"])]
        return [self._table("Group")[one] for one in members if one in self._table("Group")]

    def _member(self, user: Row, group: Row, seen: set[object]) -> bool:
        """Whether the user is in the group, or in one inside it."""
        if group["Id"] in seen:
            return False
        seen.add(group["Id"])
        if group["Type"] == "Organization":
            return True
        if group["Type"] in _ROLE_TYPES:
            role = user["UserRoleId"]
            below = group["Type"] != "Role" and self._above(group["RelatedId"], role)
            return role is not None and (role == group["RelatedId"] or below)
        named = (row["UserOrGroupId"] for row in self._where("GroupMember", "GroupId", group["Id"]))
        return user["Id"] in named or any(self._member(user, inner, seen) for inner in self._inside(group))

    def _boss(self, user: Row, group: Row, seen: set[object]) -> bool:
        """Whether the user is above somebody in the group, and that counts for it or for a group inside it."""
        if group["Id"] in seen:
            return False
        seen.add(group["Id"])
        if group["Type"] in _ROLE_TYPES:
            return self._above(user["UserRoleId"], group["RelatedId"])
        counts = group["Type"] == "Queue" or group["DoesIncludeBosses"]
        if counts and any(self._above(user["UserRoleId"], role) for role in self._roles(group, set())):
            return True
        return any(self._boss(user, inner, seen) for inner in self._inside(group) if inner["Type"] not in _ROLE_TYPES)

    def _roles(self, group: Row, seen: set[object]) -> set[object]:
        """The roles of those in a group."""
        if group["Id"] in seen:
            return set()
        seen.add(group["Id"])
        if group["Type"] in _ROLE_TYPES:
            return {group["RelatedId"]}
        users = (
            self._table("User").get(str(row["UserOrGroupId"]))
            for row in self._where("GroupMember", "GroupId", group["Id"])
        )
        found = {user["UserRoleId"] for user in users if user is not None and user["UserRoleId"] is not None}
        return found.union(*(self._roles(inner, seen) for inner in self._inside(group)))
