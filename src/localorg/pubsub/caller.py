"""Who calls: the session that a call's metadata names.

Source: Pub/Sub API Developer Guide, "Authentication": every call carries accesstoken, instanceurl and tenantid.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from localorg.org import Org
from localorg.pubsub.errors import PubSubError
from localorg.users import OrgUser

_ID_LENGTH = 18


@dataclass(frozen=True)
class Caller:
    """A user with a session."""

    org: Org
    user: OrgUser
    token: str

    @property
    def alive(self) -> bool:
        """Whether the session still lives."""
        return self.org.sessions.find(self.token) is not None

    def again(self) -> "Caller":
        """The same caller with his permissions of now; PubSubError if he is not active any more."""
        user = self.org.user(self.user.id)
        if user is None:
            raise PubSubError("service.auth.error")
        return Caller(self.org, user, self.token)

    def may_subscribe(self, object_name: str) -> bool:
        """View All Data, or View All Records of the object.

        Source: Change Data Capture Developer Guide, "Required Permissions for Change Event Subscribers".
        """
        if self.user.views_all:
            return True
        found = self.org.store.scalar(
            'SELECT 1 FROM "ObjectPermissions" WHERE "SobjectType" = ? AND "PermissionsViewAllRecords" = 1 AND'
            ' "ParentId" IN (SELECT "PermissionSetId" FROM "PermissionSetAssignment" WHERE "AssigneeId" = ?'
            ' UNION SELECT "Id" FROM "PermissionSet" WHERE "ProfileId" = ?)',
            (object_name, self.user.id, str(self.user.row["ProfileId"])),
        )
        return found is not None

    def permitted(self, object_names: Iterable[str]) -> Collection[str]:
        """Those of the objects whose events he may have."""
        objects = self.org.store.schema.objects
        return [name for name in object_names if name in objects and self.may_subscribe(name)]


def caller_of(org: Org, metadata: Mapping[str, str]) -> Caller:
    """The caller; PubSubError if he cannot be told."""
    token, url, tenant = (metadata.get(name, "").strip() for name in ("accesstoken", "instanceurl", "tenantid"))
    if not token or not url or len(tenant) != _ID_LENGTH:
        raise PubSubError("service.auth.headers.invalid")
    session = org.sessions.find(token, touch=True)
    user = org.user(session.user_id) if session is not None else None
    if user is None or not user.api_enabled or tenant != org.id:
        raise PubSubError("service.auth.error")
    return Caller(org, user, token)
