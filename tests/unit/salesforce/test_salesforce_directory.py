"""People and their rights in few requests, against an org made of answers."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import orjson
import pytest

from forcedex.domain.errors import SourceRefused
from forcedex.salesforce.directory import directory
from forcedex.salesforce.transport import Transport

if TYPE_CHECKING:
    from tests.unit.salesforce.conftest import ScriptedOrg

Connect = Callable[..., Transport]
USER = {
    "Id": "005000000000001AAA",
    "Name": "Ann",
    "Username": "ann@acme.example",
    "UserType": "Standard",
    "IsActive": True,
    "UserRoleId": "00E000000000001AAA",
    "ProfileId": "00e000000000001AAA",
    "ManagerId": None,
    "TimeZoneSidKey": "Europe/Berlin",
    "LocaleSidKey": "de_DE",
    "Email": "anna@acme.example",
}
ROLE = {
    "Id": "00E000000000001AAA",
    "Name": "Sales",
    "ParentRoleId": None,
    "OpportunityAccessForAccountOwner": "Edit",
    "CaseAccessForAccountOwner": "None",
    "ContactAccessForAccountOwner": "Read",
}
ASSIGNED = {
    "AssigneeId": "005000000000001AAA",
    "PermissionSetId": "0PS000000000001AAA",
    "ExpirationDate": "2026-06-02T00:00:00.000+0000",
    "IsActive": True,
    "IsRevoked": False,
}
SHARED = {"QualifiedApiName": "Account", "InternalSharingModel": "Private"}
RESTRICTED = {"TargetEntity": "Account"}


def answer(*rows: Mapping[str, object]) -> dict[str, object]:
    return {"totalSize": len(rows), "done": True, "records": [{"attributes": {}, **row} for row in rows]}


def composite(*bodies: object) -> dict[str, object]:
    return {
        "compositeResponse": [
            {"body": body, "httpStatusCode": 200, "referenceId": f"query{number}"} for number, body in enumerate(bodies)
        ]
    }


def people(org: "ScriptedOrg") -> None:
    frozen = {"UserId": USER["Id"]} | {"IsFrozen": True}
    org.reply(200, composite(answer(USER), answer(frozen), answer(ROLE), answer(), answer()))
    org.reply(200, composite(answer(ASSIGNED), answer(), answer(), answer(), answer(SHARED)))


async def test_ten_tables_come_in_two_requests(org: "ScriptedOrg", connect: Connect) -> None:
    people(org)
    org.reply(200, answer())
    found = await directory(connect(max_answer_bytes=10**6), ["Account"])
    assert [request.url.path.rpartition("/")[2] for request in org.requests] == ["composite", "composite", "query"]
    asked = [each["url"] for request in org.requests[:2] for each in orjson.loads(request.content)["compositeRequest"]]
    assert len(asked) == 10 and "FieldPermissions" in asked[8] and "Account" in asked[8]
    (person,), (role,), (assignment,) = found.people, found.roles, found.assignments
    assert (person.time_zone, person.locale) == ("Europe/Berlin", "de_DE")
    assert (person.name, person.frozen, person.role_id) == ("Ann", True, ROLE["Id"])
    assert role.reads_children == ("Opportunity", "Contact")
    assert assignment.expires is not None and assignment.expires.day == 2
    assert [(each.object, each.model, each.incomputable) for each in found.sharing] == [("Account", "Private", "")]


async def test_an_object_with_restriction_rules_is_marked_as_not_to_be_computed(
    org: "ScriptedOrg", connect: Connect
) -> None:
    people(org)
    org.reply(200, answer(RESTRICTED))
    found = await directory(connect(max_answer_bytes=10**6), ["Account"])
    assert [each.incomputable for each in found.sharing] == ["restriction rules"]


async def test_an_edition_without_restriction_rules_has_none(org: "ScriptedOrg", connect: Connect) -> None:
    people(org)
    org.refuse(400, "INVALID_TYPE", "sObject type 'RestrictionRule' is not supported.")
    found = await directory(connect(max_answer_bytes=10**6), ["Account"])
    assert [each.incomputable for each in found.sharing] == [""]


async def test_a_table_that_the_sync_user_may_not_read_is_said_with_what_to_do(
    org: "ScriptedOrg", connect: Connect
) -> None:
    refused = [{"message": "sObject type 'FieldPermissions' is not supported.", "errorCode": "INVALID_TYPE"}]
    whole = composite(*[answer()] * 4, refused)
    whole["compositeResponse"][4]["httpStatusCode"] = 400  # type: ignore[index]  # as composite wrote it
    org.reply(200, whole)
    with pytest.raises(SourceRefused, match="FieldPermissions") as told:
        await directory(connect(max_answer_bytes=10**6), ["Account"])
    assert "View Setup and Configuration" in told.value.hint
