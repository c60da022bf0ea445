"""What of Forcedex is in the org, asked of it.

Source: Tooling API Developer Guide, "ApexClass", "LightningComponentBundle", "Certificate", "ExternalDataSource";
Connect REST API Developer Guide, "Named Credential" (`calloutUrl`: the Endpoint of the Tooling API's object is of the
older kind of credentials); Object Reference, "PermissionSet", "PermissionSetAssignment", "ObjectPermissions".
"""

import hashlib
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from urllib.parse import quote

from forcedex.domain.errors import SourceDataError, SourceRefused
from forcedex.domain.org_side import (
    DeployedClass,
    DeployedCredential,
    DeployedSetting,
    DeployedSource,
    OrgPackage,
    OrgSide,
    SyncRights,
)
from forcedex.salesforce import soql
from forcedex.salesforce.query import Record, records_together
from forcedex.salesforce.shape import list_in, object_of
from forcedex.salesforce.transport import Call, Transport

#: What a sync user never needs, by column of PermissionSet, and how Setup calls it.
_NEEDLESS = {
    "PermissionsModifyAllData": "Modify All Data",
    "PermissionsManageUsers": "Manage Users",
    "PermissionsBulkApiHardDelete": "Bulk API Hard Delete",
    "PermissionsEditReadonlyFields": "Edit Read Only Fields",
}
#: What an object answers to who may not view Setup.
_NOT_FOR_US = frozenset({"INVALID_TYPE", "INSUFFICIENT_ACCESS", "INSUFFICIENT_ACCESS_OR_READONLY", "NOT_FOUND"})
_HIDDEN = "(hidden)"
_CREDENTIAL = "look for the named credential"


def source_digest(text: str) -> str:
    """Of a class, whatever ends its lines."""
    lines = (line.rstrip() for line in text.replace("\r\n", "\n").strip().split("\n"))
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


async def org_side(transport: Transport, package: OrgPackage, user_id: str) -> OrgSide:
    """What is there of the package, and what this user, who syncs, may do; SourceRefused if it may not look."""
    try:
        classes = await _tooling(
            transport, "Name, ApiVersion, Status, IsValid, Body", "ApexClass", "Name", package.classes
        )
        components = await _tooling(
            transport, "DeveloperName, ApiVersion", "LightningComponentBundle", "DeveloperName", package.components
        )
        setting = await _setting(transport, package.setting)
        certificates = await _tooling(
            transport,
            "DeveloperName, ExpirationDate",
            "Certificate",
            "DeveloperName",
            [setting.certificate] if setting and setting.certificate else [],
        )
        sources = await _tooling(
            transport,
            "DeveloperName, Endpoint, PrincipalType, Type",
            "ExternalDataSource",
            "DeveloperName",
            [package.data_source],
        )
    except SourceRefused as refused:
        if refused.code not in _NOT_FOR_US:
            raise
        raise SourceRefused(
            f"The sync user may not look at what is deployed: {refused.message}",
            "Give it the permission View Setup and Configuration.",
            code=refused.code,
            status=refused.status,
        ) from refused
    return OrgSide(
        classes={str(each["Name"]): _class(each) for each in classes},
        components={str(each["DeveloperName"]): _version(each["ApiVersion"]) for each in components},
        named_credential=await _credential(transport, package.named_credential),
        setting=setting,
        certificate_ends=_day(certificates[0].get("ExpirationDate")) if certificates else None,
        holders=await _holders(transport, package.permission_set),
        data_source=_source(sources[0]) if sources else None,
        rights=await _rights(transport, user_id),
    )


async def _tooling(
    transport: Transport, columns: str, sobject: str, key: str, names: Collection[str]
) -> list[Mapping[str, object]]:
    """Rows by name. There is one page of them: a package has few classes."""
    if not names:
        return []
    statement = f"SELECT {columns} FROM {sobject} WHERE {key} IN ({_listed(names)})"
    path = f"/services/data/v{transport.settings.api_version}/tooling/query?q={quote(statement)}"
    what = f"look for {sobject}"
    answer = object_of((await transport.json(Call(purpose=what, path=path))).value, what)
    return [object_of(each, what) for each in list_in(answer, "records", what)]


async def _setting(transport: Transport, name: str) -> DeployedSetting | None:
    statement = f"SELECT Address__c, Certificate__c FROM {name} WHERE DeveloperName = 'Default'"
    try:
        rows = await _rows(transport, statement, "read what Apex is told")
    except SourceRefused as refused:
        if refused.code == "INVALID_TYPE":  # not deployed: whoever gets here may view Setup
            return None
        raise
    made = [
        DeployedSetting(address=str(row["Address__c"] or ""), certificate=str(row["Certificate__c"] or ""))
        for row in rows
    ]
    return made[0] if made else None


def _class(row: Mapping[str, object]) -> DeployedClass:
    body = str(row["Body"] or "")
    return DeployedClass(
        api_version=_version(row["ApiVersion"]),
        active=row["Status"] == "Active",
        valid=bool(row["IsValid"]),
        digest=None if body == _HIDDEN else source_digest(body),
    )


def _version(value: object) -> str:
    return f"{value:.1f}" if isinstance(value, int | float) else str(value or "")


def _day(value: object) -> date | None:
    """Some versions tell an instant."""
    try:
        return date.fromisoformat(str(value)[:10]) if value else None
    except ValueError:
        raise SourceDataError(
            "Salesforce tells no day on which the certificate ends.", "Look at it in Setup."
        ) from None


async def _credential(transport: Transport, name: str) -> DeployedCredential | None:
    base = f"/services/data/v{transport.settings.api_version}"
    path = f"{base}/named-credentials/named-credential-setup/{quote(name)}"
    try:
        found = (await transport.json(Call(purpose=_CREDENTIAL, path=path))).value
    except SourceRefused as refused:
        if refused.status == 404:
            return None
        raise
    answer = object_of(found, _CREDENTIAL)
    # Before version 59.0 nothing tells whether it is enabled; then all are.
    enabled = answer.get("calloutStatus", "Enabled") == "Enabled"
    return DeployedCredential(url=str(answer.get("calloutUrl") or ""), enabled=enabled)


def _source(row: Mapping[str, object]) -> DeployedSource:
    return DeployedSource(
        kind=str(row["Type"] or ""), endpoint=str(row["Endpoint"] or ""), principal=str(row["PrincipalType"] or "")
    )


async def _holders(transport: Transport, name: str) -> int | None:
    quoted = soql.quoted(name)
    sets = await _rows(transport, f"SELECT Id FROM PermissionSet WHERE Name = {quoted}", "look for the permission set")
    if not sets:
        return None
    held = (
        f"SELECT AssigneeId FROM PermissionSetAssignment WHERE PermissionSet.Name = {quoted}"
        " AND Assignee.IsActive = true"
    )
    return len(await _rows(transport, held, "count who holds the permission set"))


async def _rights(transport: Transport, user_id: str) -> SyncRights:
    purpose = "read the sync user's permissions"
    user = soql.quoted(user_id)
    of_user = f"SELECT PermissionSetId FROM PermissionSetAssignment WHERE AssigneeId = {user}"
    held = [str(each["PermissionSetId"]) for each in await _rows(transport, of_user, purpose)]
    profiles = await _rows(transport, f"SELECT ProfileId FROM User WHERE Id = {user}", purpose)
    where = [f"ProfileId = {soql.quoted(str(each['ProfileId']))}" for each in profiles]
    where += [f"Id IN ({_listed(held)})"] if held else []
    sets = await _rows(
        transport, f"SELECT Id, {', '.join(_NEEDLESS)} FROM PermissionSet WHERE {' OR '.join(where)}", purpose
    )
    needless = [label for column, label in _NEEDLESS.items() if any(each[column] is True for each in sets)]
    writing = "(PermissionsCreate = true OR PermissionsEdit = true OR PermissionsDelete = true)"
    ids = _listed(str(each["Id"]) for each in sets)
    of_sets = f"SELECT SobjectType FROM ObjectPermissions WHERE ParentId IN ({ids}) AND {writing}"
    writes = {str(each["SobjectType"]) for each in await _rows(transport, of_sets, purpose)}
    return SyncRights(needless=tuple(needless), writes=tuple(sorted(writes)))


def _listed(names: Iterable[str]) -> str:
    return ", ".join(map(soql.quoted, names))


async def _rows(transport: Transport, statement: str, purpose: str) -> list[Record]:
    return await records_together(transport, [statement], purpose)
