"""What the org says of people and their rights, as values: read from Salesforce, kept in the state store.

Source of the names: Object Reference (User, UserLogin, UserRole, Group, GroupMember, PermissionSetAssignment,
PermissionSet, ObjectPermissions, FieldPermissions, EntityDefinition), version 67.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Person:
    """A row of User, with UserLogin.IsFrozen."""

    user_id: str
    name: str
    username: str
    #: Standard for people inside the company; the other types are for portals and sites.
    user_type: str
    active: bool
    frozen: bool = False
    role_id: str | None = None
    profile_id: str | None = None
    manager_id: str | None = None
    time_zone: str = "UTC"
    #: Such as `en_US`; empty: not known.
    locale: str = ""
    #: Where scheduled reports of the person go, and no other mail.
    email: str = ""
    #: User.ForecastEnabled, "Allow Forecasting": without it there are no forecasts and quotas for the person.
    forecasts: bool = False


@dataclass(frozen=True, slots=True)
class Role:
    """A row of UserRole."""

    role_id: str
    name: str
    parent_id: str | None = None
    #: The children of an account that its owner in this role may read, whoever owns them: objects.
    reads_children: tuple[str, ...] = ()
    #: The forecast manager: who in this role sees the forecasts and quotas of those below it.
    forecaster_id: str | None = None


@dataclass(frozen=True, slots=True)
class UserGroup:
    """A row of Group."""

    group_id: str
    name: str
    #: Regular, Queue, Role, RoleAndSubordinates, RoleAndSubordinatesInternal, Organization …
    kind: str
    #: The role, for the role kinds.
    related_id: str | None = None
    #: "Grant access using hierarchies": those above a member are members, too.
    includes_bosses: bool = True


@dataclass(frozen=True, slots=True)
class Membership:
    """A row of GroupMember."""

    group_id: str
    #: A user, or a group in the group.
    member_id: str


@dataclass(frozen=True, slots=True)
class Assignment:
    """A row of PermissionSetAssignment."""

    user_id: str
    permission_set_id: str
    expires: datetime | None = None
    active: bool = True


@dataclass(frozen=True, slots=True)
class PermissionSet:
    """A row of PermissionSet; a profile has one of its own."""

    permission_set_id: str
    name: str
    profile_id: str | None = None
    views_all: bool = False
    modifies_all: bool = False
    views_all_forecasts: bool = False


@dataclass(frozen=True, slots=True)
class ObjectPermission:
    """A row of ObjectPermissions."""

    permission_set_id: str
    object: str
    read: bool
    views_all: bool = False
    modifies_all: bool = False
    views_all_fields: bool = False


@dataclass(frozen=True, slots=True)
class FieldPermission:
    """A row of FieldPermissions that grants reading."""

    permission_set_id: str
    object: str
    field: str


@dataclass(frozen=True, slots=True)
class Sharing:
    """How the records of an object are shared by default."""

    object: str
    #: EntityDefinition.InternalSharingModel: Private, Read, ReadWrite, ReadWriteTransfer, FullAccess,
    #: ControlledByParent, ControlledByCampaign …
    model: str
    #: Whether there is a table of shares, such as AccountShare.
    table: str | None = None
    #: What is subtracted or added that cannot be computed outside (restriction rules …): the object is hidden.
    incomputable: str = ""


@dataclass(frozen=True, kw_only=True)
class Directory:
    """Everything about people and their rights, of about one moment."""

    people: Sequence[Person] = ()
    roles: Sequence[Role] = ()
    groups: Sequence[UserGroup] = ()
    memberships: Sequence[Membership] = ()
    assignments: Sequence[Assignment] = ()
    permission_sets: Sequence[PermissionSet] = ()
    object_permissions: Sequence[ObjectPermission] = ()
    field_permissions: Sequence[FieldPermission] = ()
    sharing: Sequence[Sharing] = ()
