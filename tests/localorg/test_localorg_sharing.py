"""Record access, as a user of REST meets it: defaults, hierarchy, groups, shares, rules, teams, implicit sharing."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Any

import pytest
import pytest_asyncio
from simple_salesforce.exceptions import SalesforceResourceNotFound

from localorg.errors import ApiError, OAuthError
from localorg.fixture import LocalOrg
from tests.localorg.api import Api
from tests.localorg.test_localorg_clients import client

SALES = (
    *("Account", "Contact", "Opportunity", "Case", "Lead", "Campaign"),
    *("Invoice__c", "Invoice_Line__c", "Sales_Cost__c"),
)
Someone = Callable[..., Awaitable[Api]]


class Team:
    """A manager, two people below her, one elsewhere; everything private."""

    def __init__(self, org: LocalOrg) -> None:
        self.org = org
        self.profile = org.create_profile("Sales")
        for name in SALES:
            org.set_object_permissions(self.profile, name, "Read Create Edit Delete")
        for name in (*SALES, "Task", "Invoice_Line__c"):
            org.set_field_permissions(self.profile, f"{name}.*", "Read Edit")
        self.top = org.create_role("Top")
        self.low = org.create_role("Low", self.top)
        self.boss = org.create_user("boss@x.example", profile=self.profile, role=self.top)
        self.ann = org.create_user("ann@x.example", profile=self.profile, role=self.low)
        self.bob = org.create_user("bob@x.example", profile=self.profile, role=self.low)
        self.eve = org.create_user("eve@x.example", profile=self.profile)
        for name in ("Account", "Lead", "Campaign", "Invoice__c", "Sales_Cost__c"):
            org.set_organization_wide_default(name, "Private")


@pytest_asyncio.fixture(loop_scope="session")
async def team(org: LocalOrg) -> Team:
    """The people of these tests."""
    return Team(org)


@pytest_asyncio.fixture(loop_scope="session")
async def log_in(org: LocalOrg) -> AsyncIterator[Someone]:
    """REST as a user."""
    async with AsyncExitStack() as stack:

        async def someone(user: str) -> Api:
            api = Api(org, org.login_as(user))
            stack.push_async_callback(api.close)
            return api

        yield someone


async def names(api: Api, name: str = "Account") -> list[Any]:
    return await api.names(f"SELECT Name FROM {name} ORDER BY Name")


async def test_a_private_record_is_its_owners_and_of_those_above(team: Team, log_in: Someone) -> None:
    account = team.org.insert("Account", Name="A", OwnerId=team.ann)
    for user, seen in ((team.ann, ["A"]), (team.boss, ["A"]), (team.bob, []), (team.eve, [])):
        api = await log_in(user)
        assert await names(api) == seen
        assert bool(team.org.may_read(user, account)) == bool(seen)
    eve = await log_in(team.eve)
    assert (await eve.error("GET", f"sobjects/Account/{account}", status=404))[0] == "NOT_FOUND"
    assert await eve.get(f"composite/sobjects/Account?ids={account}&fields=Name") == [None]
    assert (await eve.query("SELECT COUNT() FROM Account"))["totalSize"] == 0
    assert team.org.explain_access(team.boss, account).rule == "Role Hierarchy or queue"
    team.org.move_role(team.low, None)
    assert await names(await log_in(team.boss)) == []


async def test_a_default_opens_records_at_once_and_closes_them_again(team: Team, log_in: Someone) -> None:
    org = team.org
    org.insert("Lead", LastName="L", Company="X", OwnerId=team.ann)
    eve = await log_in(team.eve)
    assert await names(eve, "Lead") == []
    org.set_organization_wide_default("Lead", "Read")
    assert await names(eve, "Lead") == ["L"]
    org.set_organization_wide_default("Lead", "Private")
    assert await names(eve, "Lead") == []
    with pytest.raises(ValueError, match="Accounts are private"):
        org.set_organization_wide_default("Opportunity", "Read")


async def test_defaults_can_be_read(team: Team, api: Api) -> None:
    team.org.set_organization_wide_default("Case", "Private")
    soql = (
        "SELECT QualifiedApiName, InternalSharingModel FROM EntityDefinition WHERE QualifiedApiName IN ('Case','Task')"
    )
    for path in ("query", "tooling/query"):
        records = (await api.get(f"{path}?q={soql.replace(' ', '+')}"))["records"]
        found = {one["QualifiedApiName"]: one["InternalSharingModel"] for one in records}
        assert found == {"Case": "Private", "Task": "ControlledByParent"}
    assert await api.names("SELECT DefaultCaseAccess FROM Organization") == ["None"]


async def test_what_everybody_may_write_has_no_share_object(team: Team, api: Api) -> None:
    async def objects() -> set[str]:
        return {one["name"] for one in (await api.get("sobjects"))["sobjects"]}

    assert {"AccountShare", "LeadShare", "Invoice__Share"} <= await objects()
    assert "ContactShare" not in await objects()
    team.org.set_organization_wide_default("Lead", "ReadWrite")
    assert "LeadShare" not in await objects()
    assert (await api.query_error("SELECT Id FROM LeadShare"))[0] == "INVALID_TYPE"
    children = (await api.get("sobjects/Lead/describe"))["childRelationships"]
    assert "LeadShare" not in {child["childSObject"] for child in children}
    team.org.set_organization_wide_default("Lead", "ReadWrite", "Private")
    assert "LeadShare" in await objects()
    team.org.set_organization_wide_default("Contact", "Private")
    assert "ContactShare" in await objects()


async def test_a_parent_that_may_not_be_read_is_null(team: Team, log_in: Someone) -> None:
    org = team.org
    org.set_organization_wide_default("Lead", "Read")
    account = org.insert("Account", Name="A", OwnerId=team.ann)
    invoice = org.insert("Invoice__c", Account__c=account, OwnerId=team.eve)
    org.insert("Task", Subject="T", WhatId=account, OwnerId=team.eve)
    eve = await log_in(team.eve)
    (found,) = (await eve.query("SELECT Account__c, Account__r.Name FROM Invoice__c"))["records"]
    assert (found["Account__c"], found["Account__r"]) == (account, None)
    (task,) = (await eve.query("SELECT WhatId, What.Name, What.Type FROM Task"))["records"]
    assert (task["WhatId"], task["What"]) == (account, None)
    (task,) = (await eve.query("SELECT TYPEOF What WHEN Account THEN Name ELSE Id END FROM Task"))["records"]
    assert task["What"] is None
    assert await eve.names("SELECT Id FROM Invoice__c WHERE Account__r.Name = 'A'") == []
    assert await eve.names("SELECT Id FROM Invoice__c WHERE Account__c IN (SELECT Id FROM Account)") == []
    ann = await log_in(team.ann)
    (found,) = (await ann.query("SELECT Name, (SELECT Id FROM Tasks) FROM Account"))["records"]
    assert found["Tasks"]["totalSize"] == 1
    assert await ann.names("SELECT Id FROM Invoice__c") == []
    assert org.may_read(team.eve, invoice)


async def test_a_manual_share_lasts_until_the_owner_changes(team: Team, log_in: Someone) -> None:
    org = team.org
    account = org.insert("Account", Name="A", OwnerId=team.ann)
    ann, eve = await log_in(team.ann), await log_in(team.eve)
    given = {"AccountId": account, "UserOrGroupId": team.eve, "AccountAccessLevel": "Read"}
    given |= {"OpportunityAccessLevel": "None", "CaseAccessLevel": "None"}
    share = await ann.create("AccountShare", **given)
    assert await names(eve) == ["A"]
    # The same again is the same row.
    assert await ann.create("AccountShare", **(given | {"AccountAccessLevel": "Edit"})) == share
    await eve.patch(f"sobjects/Account/{account}", {"Phone": "1"})
    assert (await eve.error("DELETE", f"sobjects/Account/{account}", status=403))[
        0
    ] == "INSUFFICIENT_ACCESS_OR_READONLY"
    before = org.row("Account", account)
    org.update("Account", account, OwnerId=team.bob)
    assert await names(eve) == []
    assert [row["RowCause"] for row in org.rows("AccountShare")] == ["Owner"]
    org.share(account, team.eve)
    assert await names(eve) == ["A"]
    assert org.unshare(account, team.eve) == 1
    assert await names(eve) == []
    after = org.row("Account", account)
    assert before is not None and after is not None


async def test_share_rows_are_only_written_by_who_has_full_access(team: Team, log_in: Someone) -> None:
    org = team.org
    account = org.insert("Account", Name="A", OwnerId=team.ann)
    org.share(account, team.bob, "Edit")
    bob = await log_in(team.bob)
    body = {"AccountId": account, "UserOrGroupId": team.eve, "AccountAccessLevel": "Read"}
    body |= {"OpportunityAccessLevel": "None", "CaseAccessLevel": "None"}
    code = "INSUFFICIENT_ACCESS_OR_READONLY"
    assert (await bob.error("POST", "sobjects/AccountShare", body, status=403))[0] == code
    (own,) = [row["Id"] for row in org.rows("AccountShare") if row["RowCause"] == "Owner"]
    ann = await log_in(team.ann)
    assert (await ann.error("DELETE", f"sobjects/AccountShare/{own}", status=403))[0] == code
    org.set_organization_wide_default("Account", "Read")
    with pytest.raises(ApiError, match="trivial share level Read"):
        org.share(account, team.eve, "Read")


async def test_groups_hold_groups_even_in_circles_and_bosses_if_they_want(team: Team, log_in: Someone) -> None:
    org = team.org
    account = org.insert("Account", Name="A", OwnerId=team.eve)
    inner = org.create_group("Inner", [team.ann], include_bosses=False)
    outer = org.create_group("Outer", [inner], include_bosses=False)
    org.add_group_member(inner, outer)
    org.share(account, outer)
    ann, boss = await log_in(team.ann), await log_in(team.boss)
    assert (await names(ann), await names(boss)) == (["A"], [])
    org.update("Group", outer, DoesIncludeBosses=True)
    assert await names(boss) == ["A"]
    org.remove_group_member(inner, team.ann)
    assert (await names(ann), await names(boss)) == ([], [])
    org.add_group_member(inner, org.role_group(team.low))
    assert (await names(ann), await names(boss)) == (["A"], ["A"])


async def test_above_a_role_is_not_in_a_group_that_holds_the_role_but_no_bosses(team: Team, log_in: Someone) -> None:
    org = team.org
    account = org.insert("Account", Name="A", OwnerId=team.eve)
    low = org.role_group(team.low)
    org.share(account, org.create_group("G", [low], include_bosses=False))
    assert (await names(await log_in(team.ann)), await names(await log_in(team.boss))) == (["A"], [])
    org.share(account, low)
    assert await names(await log_in(team.boss)) == ["A"]


async def test_members_of_a_queue_own_its_records(team: Team, log_in: Someone) -> None:
    org = team.org
    queue = org.create_queue("Hotline", [team.ann])
    case = org.insert("Case", Subject="S", OwnerId=queue)
    org.set_organization_wide_default("Case", "Private")
    ann = await log_in(team.ann)
    assert await ann.names("SELECT Subject FROM Case") == ["S"]
    assert await (await log_in(team.boss)).names("SELECT Subject FROM Case") == ["S"]
    assert await (await log_in(team.bob)).names("SELECT Subject FROM Case") == []
    await ann.delete(f"sobjects/Case/{case}")


async def test_sharing_rules_follow_owners_and_values(team: Team, log_in: Someone) -> None:
    org = team.org
    first = org.insert("Account", Name="A", OwnerId=team.ann, Region__c="EMEA")
    org.insert("Account", Name="B", OwnerId=team.boss, Region__c="EMEA")
    eve = await log_in(team.eve)
    friends = org.create_group("Friends", [team.eve])
    by_owner = org.create_sharing_rule("Account", owned_by=org.role_group(team.low), shared_with=friends)
    assert await names(eve) == ["A"]
    org.assign_role(team.ann, None)
    assert await names(eve) == []
    org.assign_role(team.ann, team.low)
    assert await names(eve) == ["A"]
    org.delete_sharing_rule(by_owner)
    org.create_sharing_rule("Account", where="Region__c = 'EMEA'", shared_with=friends, access="Edit", Case="Read")
    assert await names(eve) == ["A", "B"]
    assert {row["RowCause"] for row in org.rows("AccountShare")} == {"Owner", "Rule"}
    stamp = (org.row("Account", first) or {})["SystemModstamp"]
    org.mass_update("Account", [first], Region__c="APAC")
    assert await names(eve) == ["B"]
    assert stamp is not None
    org.insert("Case", Subject="S", AccountId=first, OwnerId=team.ann)
    org.set_organization_wide_default("Case", "Private")
    assert await eve.names("SELECT Subject FROM Case") == []
    org.update("Account", first, Region__c="EMEA")
    assert await eve.names("SELECT Subject FROM Case") == ["S"]
    with pytest.raises(ValueError, match="own fields"):
        org.create_sharing_rule("Account", where="Owner.Name = 'x'", shared_with=friends)
    assert org.recalculate_sharing() == []


async def test_children_open_their_account_until_the_last_one_goes(team: Team, log_in: Someone) -> None:
    org = team.org
    account = org.insert("Account", Name="A", OwnerId=team.ann)
    values: dict[str, Any] = {"StageName": "Prospecting", "CloseDate": org.clock.now().date(), "AccountId": account}
    deal = org.insert("Opportunity", Name="O", OwnerId=team.eve, **values)
    eve = await log_in(team.eve)
    assert await names(eve) == ["A"]
    rows = {row["RowCause"]: row["UserOrGroupId"] for row in org.rows("AccountShare")}
    assert rows == {"Owner": team.ann, "ImplicitParent": team.eve}
    org.delete("Opportunity", deal)
    assert await names(eve) == []
    org.undelete("Opportunity", deal)
    assert await names(eve) == ["A"]
    other = org.insert("Account", Name="B", OwnerId=team.ann)
    org.update("Opportunity", deal, AccountId=other)
    assert await names(eve) == ["B"]
    # By View All on the child the account is not opened.
    org.update("Opportunity", deal, OwnerId=team.ann)
    org.set_object_permissions(team.profile, "Opportunity", "Read ViewAllRecords")
    assert await names(eve) == []
    assert await names(eve, "Opportunity") == ["O"]


async def test_the_owner_of_an_account_gets_its_children_as_his_role_says(team: Team, log_in: Someone) -> None:
    org = team.org
    account = org.insert("Account", Name="A", OwnerId=team.ann)
    values: dict[str, Any] = {"StageName": "Prospecting", "CloseDate": org.clock.now().date(), "AccountId": account}
    deal = org.insert("Opportunity", Name="O", OwnerId=team.eve, **values)
    ann = await log_in(team.ann)
    assert await names(ann, "Opportunity") == []
    org.update("UserRole", team.low, OpportunityAccessForAccountOwner="Read")
    assert await names(ann, "Opportunity") == ["O"]
    code = "INSUFFICIENT_ACCESS_OR_READONLY"
    assert (await ann.error("PATCH", f"sobjects/Opportunity/{deal}", {"Name": "P"}, status=403))[0] == code
    org.update("UserRole", team.low, OpportunityAccessForAccountOwner="Edit")
    await ann.patch(f"sobjects/Opportunity/{deal}", {"Name": "P"})
    assert not {row["RowCause"] for row in org.rows("OpportunityShare")} & {"ImplicitChild"}
    bob = await log_in(team.bob)
    code = "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY"
    assert (await bob.error("PATCH", f"sobjects/Opportunity/{deal}", {"Name": "Q"}))[0] == code
    body = {"Name": "Mine", "StageName": "Prospecting", "CloseDate": "2026-05-01", "AccountId": account}
    assert (await bob.error("POST", "sobjects/Opportunity", body))[0] == code


async def test_a_private_opportunity_is_for_the_owner_and_those_above(team: Team, log_in: Someone) -> None:
    org = team.org
    values: dict[str, Any] = {"StageName": "Prospecting", "CloseDate": org.clock.now().date()}
    deal = org.insert("Opportunity", Name="O", OwnerId=team.ann, **values)
    org.share(deal, team.eve)
    assert await names(await log_in(team.eve), "Opportunity") == ["O"]
    org.update("Opportunity", deal, IsPrivate=True)
    assert await names(await log_in(team.eve), "Opportunity") == []
    assert await names(await log_in(team.boss), "Opportunity") == ["O"]


async def test_teams_share(team: Team, log_in: Someone) -> None:
    org = team.org
    account = org.insert("Account", Name="A", OwnerId=team.ann)
    case = org.insert("Case", Subject="S", AccountId=account, OwnerId=team.ann)
    org.set_organization_wide_default("Case", "Private")
    eve = await log_in(team.eve)
    levels = {"AccountAccessLevel": "Read", "OpportunityAccessLevel": "None", "CaseAccessLevel": "Read"}
    member = org.insert("AccountTeamMember", AccountId=account, UserId=team.eve, **levels)
    assert (await names(eve), await eve.names("SELECT Subject FROM Case")) == (["A"], ["S"])
    org.delete("AccountTeamMember", member)
    assert (await names(eve), await eve.names("SELECT Subject FROM Case")) == ([], [])
    role = org.insert("CaseTeamRole", Name="Helper", AccessLevel="Edit")
    org.insert("CaseTeamMember", ParentId=case, MemberId=team.eve, TeamRoleId=role)
    await eve.patch(f"sobjects/Case/{case}", {"Subject": "T"})
    assert {row["RowCause"] for row in org.rows("CaseShare")} == {"Owner", "Team"}


async def test_contacts_are_as_their_account_or_private(team: Team, log_in: Someone) -> None:
    org = team.org
    account = org.insert("Account", Name="A", OwnerId=team.ann)
    org.insert("Contact", LastName="C", AccountId=account, OwnerId=team.eve)
    org.insert("Contact", LastName="Alone", OwnerId=team.ann)
    assert await names(await log_in(team.ann), "Contact") == ["Alone", "C"]
    assert await names(await log_in(team.boss), "Contact") == ["C"]
    assert await names(await log_in(team.eve), "Contact") == []
    org.set_organization_wide_default("Contact", "Private")
    assert await names(await log_in(team.eve), "Contact") == ["C"]
    assert await names(await log_in(team.eve)) == ["A"]


async def test_activities_follow_what_they_are_about_unless_they_are_private(team: Team, log_in: Someone) -> None:
    org = team.org
    account = org.insert("Account", Name="A", OwnerId=team.ann)
    org.insert("Task", Subject="T", WhatId=account, OwnerId=team.bob)
    for user, seen in ((team.ann, ["T"]), (team.bob, ["T"]), (team.boss, ["T"]), (team.eve, [])):
        assert await (await log_in(user)).names("SELECT Subject FROM Task") == seen
    org.set_organization_wide_default("Task", "Private")
    assert await (await log_in(team.ann)).names("SELECT Subject FROM Task") == []


async def test_a_custom_object_can_do_without_hierarchies(team: Team, log_in: Someone) -> None:
    org = team.org
    org.insert("Sales_Cost__c", Name="S", OwnerId=team.ann)
    boss = await log_in(team.boss)
    assert await names(boss, "Sales_Cost__c") == ["S"]
    org.set_grant_access_using_hierarchies("Sales_Cost__c", False)
    assert await names(boss, "Sales_Cost__c") == []
    with pytest.raises(ValueError, match="only custom objects"):
        org.set_grant_access_using_hierarchies("Account", False)


async def test_a_detail_is_as_its_master(team: Team, log_in: Someone) -> None:
    org = team.org
    account = org.insert("Account", Name="A", OwnerId=team.eve)
    invoice = org.insert("Invoice__c", Account__c=account, OwnerId=team.ann)
    org.insert("Invoice_Line__c", Invoice__c=invoice, Name="L")
    assert await names(await log_in(team.ann), "Invoice_Line__c") == ["L"]
    assert await names(await log_in(team.bob), "Invoice_Line__c") == []
    org.share(invoice, team.bob)
    bob = await log_in(team.bob)
    assert await names(bob, "Invoice_Line__c") == ["L"]
    code = "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY"
    assert (await bob.error("POST", "sobjects/Invoice_Line__c", {"Invoice__c": invoice, "Name": "M"}))[0] == code


async def test_an_object_that_comes_has_shares_of_its_own(team: Team, log_in: Someone) -> None:
    org = team.org
    org.add_object(
        "Visit__c a0V Visit / Visits [create,update,delete,undelete,query,retrieve,replicate,search]\n"
        "Id:id[FGSDIA] Record ID\nOwnerId:ref>Group|User:Owner[CUFGSDA] Owner ID\n"
        "IsDeleted:bool[FGSD] Deleted\nName:str80[CUFGNSIAH] Name\nSystemModstamp:dt[FSDA] Stamp"
    )
    org.set_organization_wide_default("Visit__c", "Private")
    visit = org.insert("Visit__c", Name="V", OwnerId=team.ann)
    eve = await log_in(team.eve)
    assert await names(eve, "Visit__c") == []
    org.share(visit, team.eve)
    assert await names(eve, "Visit__c") == ["V"]
    assert {row["RowCause"] for row in org.rows("Visit__Share")} == {"Owner", "Manual"}
    org.remove_object("Visit__c")
    assert org.org.schema.object("Visit__Share") is None


async def test_permissions_end_with_their_time_and_users_with_their_freezing(team: Team, log_in: Someone) -> None:
    org = team.org
    org.clock.freeze()
    org.insert("Account", Name="A", OwnerId=team.ann)
    eve = await log_in(team.eve)
    everything = org.create_permission_set("Everything", objects={"Account": "Read ViewAllRecords"})
    until = org.clock.now() + timedelta(hours=1)
    org.assign_permission_set(team.eve, everything, expires=until)
    assert await names(eve) == ["A"]
    org.clock.advance(timedelta(minutes=61))
    assert org.readable_ids(team.eve, "Account") == set()
    assert await names(eve) == []
    assert [row["IsActive"] for row in org.rows("PermissionSetAssignment") if row["ExpirationDate"]] == [False]
    org.freeze_user(team.ann)
    assert org.readable_ids(team.ann, "Account") == set()
    with pytest.raises(OAuthError):
        org.login_as(team.ann)
    org.freeze_user(team.ann, False)
    assert await names(await log_in(team.ann)) == ["A"]
    org.deactivate_user(team.ann)
    assert org.explain_access(team.ann, next(iter(org.readable_ids(team.boss, "Account")))).rule.startswith("The user")


async def test_set_up_is_written_by_who_manages_users(team: Team, log_in: Someone) -> None:
    ann = await log_in(team.ann)
    code = "INSUFFICIENT_ACCESS_OR_READONLY"
    (profile_set,) = [row["Id"] for row in team.org.rows("PermissionSet") if row["ProfileId"] == team.profile]
    bodies: tuple[tuple[str, dict[str, Any]], ...] = (
        ("UserRole", {"Name": "R", "OpportunityAccessForAccountOwner": "None"}),
        ("Group", {"Name": "G", "Type": "Regular"}),
        ("PermissionSetAssignment", {"AssigneeId": team.ann, "PermissionSetId": profile_set}),
        ("ObjectPermissions", {"ParentId": profile_set, "SobjectType": "Product2", "PermissionsRead": True}),
    )
    for name, body in bodies:
        assert (await ann.error("POST", f"sobjects/{name}", body, status=403))[0] == code
    assert (await ann.error("PATCH", f"sobjects/User/{team.bob}", {"LastName": "X"}, status=403))[0] == code


async def test_user_record_access_tells_what_a_user_may_do(team: Team, api: Api, log_in: Someone) -> None:
    org = team.org
    first = org.insert("Account", Name="A", OwnerId=team.ann)
    second = org.insert("Account", Name="B", OwnerId=team.eve)
    org.share(second, team.ann, "Edit")
    third = org.insert("Account", Name="C", OwnerId=team.eve)
    ids = ",".join(f"'{one}'" for one in (first, second, third))
    fields = "HasReadAccess, HasEditAccess, HasDeleteAccess, HasTransferAccess, HasAllAccess, MaxAccessLevel"
    where = f"FROM UserRecordAccess WHERE UserId = '{team.ann}' AND RecordId IN ({ids})"
    records = (await api.query(f"SELECT RecordId, {fields} {where}"))["records"]
    found = {
        one["RecordId"]: [value for key, value in one.items() if key not in ("attributes", "RecordId")]
        for one in records
    }
    assert found == {
        first: [True, True, True, True, True, "All"],
        second: [True, True, False, False, False, "Edit"],
        third: [False, False, False, False, False, "None"],
    }
    assert await api.names(f"SELECT RecordId {where} AND HasReadAccess = true") == [first, second]
    # Only what the caller reads himself is told.
    bob = await log_in(team.bob)
    assert (await bob.query(f"SELECT RecordId, HasReadAccess {where}"))["records"] == []
    ann = await log_in(team.ann)
    soql = "SELECT Name, UserRecordAccess.HasEditAccess, UserRecordAccess.MaxAccessLevel FROM Account ORDER BY Name"
    levels = [(one["Name"], one["UserRecordAccess"]["MaxAccessLevel"]) for one in (await ann.query(soql))["records"]]
    assert levels == [("A", "All"), ("B", "Edit")]
    many = ",".join(["'001000000000001'"] * 201)
    for wrong in (
        "SELECT RecordId FROM UserRecordAccess",
        f"SELECT HasReadAccess {where}",
        f"SELECT RecordId, HasReadAccess {where} AND HasReadAccess = true",
        f"SELECT RecordId, HasReadAccess FROM UserRecordAccess WHERE UserId = '{team.ann}' AND RecordId IN ({many})",
        f"SELECT RecordId {where} ORDER BY HasReadAccess",
    ):
        assert (await api.query_error(wrong))[0] == "MALFORMED_QUERY"
    assert (await api.query_error(f"SELECT RecordId {where} AND MaxAccessLevel = 'All'"))[0] == "INVALID_FIELD"


async def test_changes_of_access_move_no_stamp(team: Team) -> None:
    org = team.org
    account = org.insert("Account", Name="A", OwnerId=team.ann)
    before = org.row("Account", account)
    org.clock.freeze()
    org.clock.advance(timedelta(hours=1))
    org.share(account, team.eve)
    org.assign_role(team.ann, team.top)
    org.create_sharing_rule("Account", where="Name = 'A'", shared_with=org.create_group("G", [team.bob]))
    org.set_organization_wide_default("Account", "Read")
    assert org.row("Account", account) == before


async def test_replication_tells_only_what_is_seen(team: Team, log_in: Someone) -> None:
    org = team.org
    start = org.clock.now().strftime("%Y-%m-%dT%H:%M:00Z")
    window = f"?start={start}&end=2099-01-01T00:00:00Z"
    mine = org.insert("Account", Name="A", OwnerId=team.ann)
    other = org.insert("Account", Name="B", OwnerId=team.eve)
    ann = await log_in(team.ann)
    assert (await ann.get(f"sobjects/Account/updated/{window}"))["ids"] == [mine]
    for one in (mine, other):
        org.delete("Account", one)
    assert [one["id"] for one in (await ann.get(f"sobjects/Account/deleted/{window}"))["deletedRecords"]] == [mine]
    assert await ann.names("SELECT Name FROM Account", every=True) == ["A"]


async def test_simple_salesforce_sees_as_the_user_who_logs_in(team: Team) -> None:
    org = team.org
    account = org.insert("Account", Name="A", OwnerId=team.ann)

    def look(user: str) -> list[str]:
        sf = client(org, instance="org.my.salesforce.com", session_id=org.login_as(user))
        found = [one["Id"] for one in sf.query("SELECT Id FROM Account")["records"]]
        if not found:
            with pytest.raises(SalesforceResourceNotFound):
                sf.Account.get(account)
        return found

    def log_in() -> list[str]:
        org.set_password(team.boss, "secret", "token")
        sf = client(org, username="boss@x.example", password="secret", security_token="token", domain="org.my")
        return [one["Id"] for one in sf.query("SELECT Id FROM Account")["records"]]

    people = (team.ann, team.boss, team.eve)
    assert [await asyncio.to_thread(look, user) for user in people] == [[account], [account], []]
    assert await asyncio.to_thread(log_in) == [account]


async def test_access_over_the_admin_api(team: Team, api: Api) -> None:
    org = team.org
    account = org.insert("Account", Name="A", OwnerId=team.ann)

    async def verb(name: str, **given: Any) -> Any:
        return (await api.post(f"/__org/setup/{name}", given, status=200))["result"]

    assert await verb("may_read", user=team.ann, record=account) == {"granted": True, "rule": "Owner", "through": None}
    assert await verb("may_read", user=team.eve, record=account) is None
    share = await verb("share", record=account, user_or_group=team.eve, access="Read")
    assert await verb("readable_ids", user=team.eve, object_name="Account") == [account]
    assert (await verb("explain_access", user=team.eve, record=account))["through"] == share
    assert "Phone" in await verb("readable_fields", user=team.eve, object_name="Account")
    user = await verb("create_user", username="zoe@x.example", profile=team.profile, role=team.top)
    zoe = Api(org, await verb("login_as", user=user))
    assert await names(zoe) == ["A"]
    await zoe.close()


async def test_a_group_of_permission_sets_grants_what_is_not_muted(team: Team, log_in: Someone) -> None:
    org = team.org
    org.insert("Account", Name="A", OwnerId=team.ann)
    one = org.create_permission_set("One", objects={"Account": "Read ViewAllRecords"})
    two = org.create_permission_set("Two", objects={"Lead": "Read ViewAllRecords", "Product2": "Read"})
    muted = org.create_permission_set("Muted", objects={"Lead": "ViewAllRecords"})
    user = org.create_user(
        "new@x.example", permission_sets=[org.create_permission_set_group("Both", [one, two], muted)]
    )
    org.set_object_permissions((org.row("User", user) or {})["ProfileId"], "Account", "")  # type: ignore[arg-type]
    org.insert("Lead", LastName="L", Company="X", OwnerId=team.ann)
    api = await log_in(user)
    assert (await names(api), await names(api, "Lead")) == (["A"], [])
    assert len(org.readable_ids(user, "Account")) == 1 and not org.readable_ids(user, "Lead")


async def test_what_is_part_of_a_record_is_added_by_who_may_change_it(team: Team, log_in: Someone) -> None:
    org = team.org
    deal = org.insert(
        "Opportunity", Name="O", OwnerId=team.ann, StageName="Prospecting", CloseDate=org.clock.now().date()
    )
    person = org.insert("Contact", LastName="C", OwnerId=team.bob)
    org.share(deal, team.bob)
    bob = await log_in(team.bob)
    body = {"OpportunityId": deal, "ContactId": person}
    code = "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY"
    assert (await bob.error("POST", "sobjects/OpportunityContactRole", body))[0] == code
    org.share(deal, team.bob, "Edit")
    await bob.create("OpportunityContactRole", **body)


async def test_what_is_deleted_or_found_by_its_key_is_no_more_visible(team: Team, log_in: Someone) -> None:
    org = team.org
    account = org.insert("Account", Name="A", OwnerId=team.ann, Customer_Number__c="C-1")
    eve = await log_in(team.eve)
    assert (await eve.error("GET", "sobjects/Account/Customer_Number__c/C-1", status=404))[0] == "NOT_FOUND"
    assert (await eve.error("DELETE", "sobjects/Account/Customer_Number__c/C-1", status=404))[0] == "NOT_FOUND"
    org.delete("Account", account)
    assert (await eve.error("GET", f"sobjects/Account/{account}", status=404))[0] == "NOT_FOUND"
    ann = await log_in(team.ann)
    assert (await ann.error("GET", f"sobjects/Account/{account}", status=404))[0] == "ENTITY_IS_DELETED"


async def test_a_role_is_not_above_itself(team: Team, api: Api) -> None:
    with pytest.raises(ApiError, match="CIRCULAR_DEPENDENCY"):
        team.org.move_role(team.top, team.low)
    body = {"ParentRoleId": team.low}
    assert (await api.error("PATCH", f"sobjects/UserRole/{team.top}", body))[0] == "CIRCULAR_DEPENDENCY"


async def test_merged_records_keep_the_shares_of_the_one_that_stays(team: Team, log_in: Someone) -> None:
    org = team.org
    kept, lost = (org.insert("Account", Name=name, OwnerId=team.ann) for name in ("A", "B"))
    org.share(lost, team.eve)
    org.insert(
        "Opportunity",
        Name="O",
        OwnerId=team.bob,
        AccountId=lost,
        StageName="Prospecting",
        CloseDate=org.clock.now().date(),
    )
    assert (await names(await log_in(team.eve)), await names(await log_in(team.bob))) == (["B"], ["B"])
    org.merge(kept, lost)
    assert (await names(await log_in(team.eve)), await names(await log_in(team.bob))) == ([], ["A"])
    assert org.recalculate_sharing() == []
