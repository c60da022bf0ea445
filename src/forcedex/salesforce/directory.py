"""People and their rights, read as a few queries that travel together.

Source: Object Reference, version 67: UserLogin, GroupMember, PermissionSetAssignment, ObjectPermissions,
FieldPermissions, EntityDefinition; the last needs a filter and gives no second page.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from urllib.parse import quote

from forcedex.access.catalogue import FORECASTING
from forcedex.domain.errors import SourceRefused
from forcedex.domain.record import parse_stamp
from forcedex.domain.rights import (
    Assignment,
    Directory,
    FieldPermission,
    Membership,
    ObjectPermission,
    PermissionSet,
    Person,
    Role,
    Sharing,
    UserGroup,
)
from forcedex.salesforce import soql
from forcedex.salesforce.query import Record, records_of_each
from forcedex.salesforce.rows import row_reader
from forcedex.salesforce.shape import list_in, object_of, text_in
from forcedex.salesforce.transport import Call, Transport

Row = Mapping[str, str]
#: What an account's owner may do with its children, by column of UserRole.
_CHILD_ACCESS = {f"{child}AccessForAccountOwner": child for child in ("Opportunity", "Case", "Contact")}
#: An edition without such rules has no such object.
_NOT_THERE = frozenset({"INVALID_TYPE", "NOT_FOUND"})
#: Names of objects in one condition.
_NAMES = 200


@dataclass(frozen=True, slots=True)
class _Table:
    """One query and what becomes of its rows."""

    object: str
    columns: tuple[str, ...]
    make: Callable[[Row], Any]
    where: str = ""

    def made(self, found: Sequence[Record]) -> list[Any]:
        """What the records become."""
        read = row_reader(self.columns, ())
        return [self.make(dict(zip(self.columns, read(each), strict=True))) for each in found]

    @property
    def statement(self) -> str:
        return f"SELECT {', '.join(self.columns)} FROM {self.object}" + (f" WHERE {self.where}" if self.where else "")


async def directory(transport: Transport, objects: Collection[str]) -> Directory:
    """People, groups and rights; permissions and sharing of the named objects only.

    SourceRefused if the sync user may not read one of the tables (it needs View Setup and Configuration).
    """
    tables = _tables(sorted(objects))
    try:
        found = await records_of_each(transport, [each.statement for each in tables], "read people and their rights")
    except SourceRefused as refused:
        raise SourceRefused(
            f"The sync user may not read people and their rights: {refused.message}",
            "Give it the permission View Setup and Configuration; without this nobody but the operator finds anything.",
            code=refused.code,
            status=refused.status,
        ) from refused
    people, frozen, roles, groups, members, assigned, sets, permissions, fields, sharing = (
        table.made(rows) for table, rows in zip(tables, found, strict=True)
    )
    restricted = await _restricted(transport)
    forecasting = await _forecasting(transport, objects)
    ice = {user_id for user_id in frozen if user_id}
    return Directory(
        people=[
            replace(each, frozen=each.user_id in ice, forecasts=each.user_id in forecasting.people) for each in people
        ],
        roles=[replace(each, forecaster_id=forecasting.managers.get(each.role_id)) for each in roles],
        groups=groups,
        memberships=members,
        assignments=assigned,
        permission_sets=[
            replace(each, views_all_forecasts=each.permission_set_id in forecasting.viewing) for each in sets
        ],
        object_permissions=permissions,
        field_permissions=fields,
        sharing=[replace(each, incomputable=restricted.get(each.object, "")) for each in sharing],
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class _Forecasting:
    """Who may forecast, who manages forecasts, by role, and which permission sets open all of them."""

    people: frozenset[str] = frozenset()
    managers: Mapping[str, str] = field(default_factory=dict)
    viewing: frozenset[str] = frozenset()


async def _forecasting(transport: Transport, objects: Collection[str]) -> _Forecasting:
    """For who syncs forecasts or quotas; nobody where the org has no such columns: then there are no forecasts."""
    if not FORECASTING & set(objects):
        return _Forecasting()
    statements = (
        "SELECT Id FROM User WHERE ForecastEnabled = true",
        "SELECT Id, ForecastUserId FROM UserRole WHERE ForecastUserId <> null",
        "SELECT Id FROM PermissionSet WHERE PermissionsViewAllForecasts = true",
    )
    try:
        found = await records_of_each(transport, statements, "read who may forecast")
    except SourceRefused as refused:
        if refused.code == "INVALID_FIELD":
            return _Forecasting()
        raise
    columns = (("Id",), ("Id", "ForecastUserId"), ("Id",))
    people, managers, viewing = (
        [read(each) for each in rows]
        for rows, read in zip(found, (row_reader(each, ()) for each in columns), strict=True)
    )
    return _Forecasting(
        people=frozenset(row[0] for row in people),
        managers={row[0]: row[1] for row in managers},
        viewing=frozenset(row[0] for row in viewing),
    )


async def _restricted(transport: Transport) -> dict[str, str]:
    """Objects with restriction or scoping rules in force: who sees what there only Salesforce can tell.

    Source: Metadata and Tooling API Developer Guides, "RestrictionRule".
    """
    statement = "SELECT TargetEntity FROM RestrictionRule WHERE IsActive = true"
    path = f"/services/data/v{transport.settings.api_version}/tooling/query?q={quote(statement)}"
    try:
        answer = await transport.json(Call(purpose="read the restriction rules", path=path))
    except SourceRefused as refused:
        if refused.code in _NOT_THERE:
            return {}
        raise
    rows = list_in(object_of(answer.value, "restriction rules"), "records", "restriction rules")
    named = [text_in(object_of(row, "restriction rules"), "TargetEntity", "restriction rules") for row in rows]
    return dict.fromkeys(named, "restriction rules")


def _tables(names: Sequence[str]) -> list[_Table]:
    named = _among("SobjectType", names)
    return [
        _Table(
            "User",
            (
                "Id",
                "Name",
                "Username",
                "UserType",
                "IsActive",
                "UserRoleId",
                "ProfileId",
                "ManagerId",
                "TimeZoneSidKey",
                "LocaleSidKey",
                "Email",
            ),
            _person,
        ),
        _Table("UserLogin", ("UserId", "IsFrozen"), lambda row: row["UserId"], "IsFrozen = true"),
        _Table(
            "UserRole",
            ("Id", "Name", "ParentRoleId", *_CHILD_ACCESS),
            _role,
        ),
        _Table("Group", ("Id", "Name", "DeveloperName", "Type", "RelatedId", "DoesIncludeBosses"), _group),
        _Table(
            "GroupMember", ("GroupId", "UserOrGroupId"), lambda row: Membership(row["GroupId"], row["UserOrGroupId"])
        ),
        _Table(
            "PermissionSetAssignment",
            ("AssigneeId", "PermissionSetId", "ExpirationDate", "IsActive", "IsRevoked"),
            _assignment,
        ),
        _Table(
            "PermissionSet",
            ("Id", "Name", "ProfileId", "PermissionsViewAllData", "PermissionsModifyAllData"),
            _permission_set,
        ),
        _Table(
            "ObjectPermissions",
            (
                *("ParentId", "SobjectType", "PermissionsRead", "PermissionsViewAllRecords"),
                *("PermissionsModifyAllRecords", "PermissionsViewAllFields"),
            ),
            _object_permission,
            named,
        ),
        _Table(
            "FieldPermissions",
            ("ParentId", "SobjectType", "Field"),
            lambda row: FieldPermission(row["ParentId"], row["SobjectType"], row["Field"].partition(".")[2]),
            " AND ".join(filter(None, ("PermissionsRead = true", named))),
        ),
        _Table(
            "EntityDefinition",
            ("QualifiedApiName", "InternalSharingModel"),
            lambda row: Sharing(row["QualifiedApiName"], row["InternalSharingModel"]),
            _among("QualifiedApiName", names),
        ),
    ]


def _among(column: str, names: Sequence[str]) -> str:
    """The condition; above 200 names none, which reads more than is needed."""
    return f"{column} IN ({', '.join(map(soql.quoted, names))})" if 0 < len(names) <= _NAMES else ""


def _or(row: Row, name: str) -> str | None:
    return row[name] or None


def _is(row: Row, name: str) -> bool:
    return row[name] == "true"


def _person(row: Row) -> Person:
    return Person(
        user_id=row["Id"],
        name=row["Name"],
        username=row["Username"],
        user_type=row["UserType"],
        active=_is(row, "IsActive"),
        role_id=_or(row, "UserRoleId"),
        profile_id=_or(row, "ProfileId"),
        manager_id=_or(row, "ManagerId"),
        time_zone=row["TimeZoneSidKey"] or "UTC",
        locale=row["LocaleSidKey"],
        email=row["Email"],
    )


def _role(row: Row) -> Role:
    children = tuple(child for column, child in _CHILD_ACCESS.items() if row[column] not in ("", "None"))
    return Role(row["Id"], row["Name"], _or(row, "ParentRoleId"), children)


def _membership(row: Row) -> Membership:
    return Membership(row["GroupId"], row["UserOrGroupId"])


def _group(row: Row) -> UserGroup:
    return UserGroup(
        group_id=row["Id"],
        name=row["Name"] or row["DeveloperName"],
        kind=row["Type"],
        related_id=_or(row, "RelatedId"),
        includes_bosses=_is(row, "DoesIncludeBosses"),
    )


def _assignment(row: Row) -> Assignment:
    return Assignment(
        user_id=row["AssigneeId"],
        permission_set_id=row["PermissionSetId"],
        expires=_time(row["ExpirationDate"]),
        active=_is(row, "IsActive") and not _is(row, "IsRevoked"),
    )


def _time(text: str) -> datetime | None:
    return parse_stamp(text) if text else None


def _permission_set(row: Row) -> PermissionSet:
    return PermissionSet(
        permission_set_id=row["Id"],
        name=row["Name"],
        profile_id=_or(row, "ProfileId"),
        views_all=_is(row, "PermissionsViewAllData"),
        modifies_all=_is(row, "PermissionsModifyAllData"),
    )


def _object_permission(row: Row) -> ObjectPermission:
    return ObjectPermission(
        permission_set_id=row["ParentId"],
        object=row["SobjectType"],
        read=_is(row, "PermissionsRead"),
        views_all=_is(row, "PermissionsViewAllRecords"),
        modifies_all=_is(row, "PermissionsModifyAllRecords"),
        views_all_fields=_is(row, "PermissionsViewAllFields"),
    )
