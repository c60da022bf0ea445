"""Users, roles, groups and queues, as verbs of the direct door. All are given by Id."""

from collections.abc import Iterable

from localorg.auth.credentials import Secret
from localorg.errors import OAuthError
from localorg.ids import full_id
from localorg.records import RecordWriter
from localorg.records.deletion import delete
from localorg.service_administration import ServiceAdministration
from localorg.store.values import Value

_PERSON = {
    "TimeZoneSidKey": "GMT",
    "LocaleSidKey": "en_US",
    "LanguageLocaleKey": "en_US",
    "EmailEncodingKey": "UTF-8",
    "DefaultCurrencyIsoCode": "USD",
}
_CHILDREN = ("Opportunity", "Case", "Contact")


class PeopleAdministration(ServiceAdministration):
    """Who there is, and how they are grouped: each change holds at once, for open sessions too."""

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

    def _new_user(
        self,
        username: str,
        *,
        profile: str = "Standard User",
        role: str | None = None,
        **fields: Value,
    ) -> str:
        """A new active user with a profile and role; his Id. Other fields may be given."""
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
        return self._saver().insert(
            "User", {**_PERSON, **values, "Name": name, **{k: _plain(v) for k, v in fields.items()}, "IsActive": 1}
        )

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


def _plain(value: Value) -> object:
    return int(value) if isinstance(value, bool) else value
