"""The company's own people, what they may see, and how many records there are."""

from datetime import timedelta

import pytest

from localorg.company import Value
from tests.localorg_company.conftest import TODAY, Demo, generate

#: what issue text and brief ask for at factor 1
AT_LEAST = {
    "Account": 2_000,
    "Contact": 6_000,
    "Lead": 1_500,
    "Opportunity": 5_000,
    "OpportunityLineItem": 5_000,
    "OpportunityHistory": 15_000,
    "Case": 4_000,
    "User": 40,
    "Campaign": 30,
    "CampaignMember": 3_000,
    "Invoice__c": 3_000,
    "Sales_Cost__c": 36 * 20,
}


@pytest.fixture(scope="module")
def whole() -> Demo:
    """The usual size."""
    return generate(factor=1.0)


def test_the_company_is_as_large_as_promised(whole: Demo) -> None:
    counts = {name: len(records) for name, records in whole.tables.items()}
    assert {name: counts[name] for name in AT_LEAST if counts[name] < AT_LEAST[name]} == {}
    assert counts["Task"] + counts["Event"] >= 8_000
    assert {name: counts[name] for name in counts if name not in whole.about} == {
        name: count for name, count in whole.counts.items() if name not in whole.about
    }
    assert all(0.9 < counts[name] / whole.counts[name] < 1.1 for name in whole.about)


def test_sales_have_seasons_and_reps_differ(whole: Demo) -> None:
    months: dict[object, int] = {}
    reps: dict[object, list[bool]] = {}
    for deal in whole.tables["Opportunity"]:
        if deal["IsClosed"]:
            close = str(deal["CloseDate"])[5:7]
            months[close] = months.get(close, 0) + 1
            reps.setdefault(deal["OwnerId"], []).append(bool(deal["IsWon"]))
    ends = sum(months[month] for month in ("03", "06", "09", "12"))
    assert ends / sum(months.values()) > 0.45
    rates = sorted(sum(won) / len(won) for won in reps.values() if len(won) > 60)
    assert rates[-1] - rates[0] > 0.15


def test_roles_are_one_tree_with_people_on_every_level(demo: Demo) -> None:
    roles = {role["Id"]: role for role in demo.tables["UserRole"]}
    roots = [role for role in roles.values() if role["ParentRoleId"] is None]
    assert [role["Name"] for role in roots] == ["Chief Executive Officer"]

    def depth(identifier: Value) -> int:
        parent = roles[identifier]["ParentRoleId"]
        return 1 if parent is None else 1 + depth(parent)

    assert {depth(user["UserRoleId"]) for user in demo.tables["User"] if user["UserRoleId"]} == {1, 2, 3, 4}


def test_managers_have_the_role_above(demo: Demo) -> None:
    for user in demo.tables["User"]:
        if user["ManagerId"]:
            above = demo.record(user["ManagerId"])["UserRoleId"]
            assert demo.record(user["UserRoleId"])["ParentRoleId"] == above


def test_user_names_are_unique_and_a_few_people_have_left(demo: Demo) -> None:
    users = demo.tables["User"]
    for name in ("Username", "CommunityNickname"):
        assert len({user[name] for user in users}) == len(users)
    gone = [user for user in users if not user["IsActive"]]
    assert 2 <= len(gone) <= 5


def test_some_accounts_still_belong_to_somebody_who_has_left_but_no_new_deals(whole: Demo) -> None:
    gone = {user["Id"] for user in whole.tables["User"] if not user["IsActive"]}
    assert gone & {account["OwnerId"] for account in whole.tables["Account"]}
    theirs = [str(deal["CreatedDate"]) for deal in whole.tables["Opportunity"] if deal["OwnerId"] in gone]
    assert theirs and max(theirs) < str(TODAY - timedelta(days=365))


def test_the_sync_user_may_read_everything_and_change_nothing(demo: Demo) -> None:
    sync = next(user for user in demo.tables["User"] if str(user["Username"]).startswith("integration@"))
    given = [
        demo.record(one["PermissionSetId"])
        for one in demo.tables["PermissionSetAssignment"]
        if one["AssigneeId"] == sync["Id"]
    ]
    assert any(one["PermissionsViewAllData"] and one["PermissionsApiEnabled"] for one in given)
    assert not any(one["PermissionsModifyAllData"] for one in given)
    rows = [row for row in demo.tables["ObjectPermissions"] if row["ParentId"] in {one["Id"] for one in given}]
    assert {"Account", "Contact", "Lead", "Opportunity", "Case", "Invoice__c", "Sales_Cost__c"} <= {
        row["SobjectType"] for row in rows
    }
    assert all(row["PermissionsRead"] and not row["PermissionsEdit"] for row in rows)


def test_every_profile_has_its_permission_set_and_every_user_the_assignment(demo: Demo) -> None:
    own = {one["ProfileId"]: one["Id"] for one in demo.tables["PermissionSet"] if one["IsOwnedByProfile"]}
    assert set(own) == {profile["Id"] for profile in demo.tables["Profile"]}
    given = {(one["AssigneeId"], one["PermissionSetId"]) for one in demo.tables["PermissionSetAssignment"]}
    assert all((user["Id"], own[user["ProfileId"]]) in given for user in demo.tables["User"])


def test_groups_hold_people_other_groups_and_roles(demo: Demo) -> None:
    types = {group["Type"] for group in demo.tables["Group"]}
    assert types == {"Queue", "Regular", "Organization", "Role", "RoleAndSubordinates"}
    kinds = {demo.by_id[member["UserOrGroupId"]][0] for member in demo.tables["GroupMember"]}
    assert kinds == {"User", "Group"}
    related = {group["RelatedId"] for group in demo.tables["Group"] if group["Type"] == "Role"}
    assert related == {role["Id"] for role in demo.tables["UserRole"]}


@pytest.mark.parametrize(
    ("share", "parent"),
    [("AccountShare", "Account"), ("OpportunityShare", "Opportunity"), ("LeadShare", "Lead"), ("CaseShare", "Case")],
)
def test_every_record_is_shared_with_its_owner_once(demo: Demo, share: str, parent: str) -> None:
    owners = {row[f"{parent}Id"]: row["UserOrGroupId"] for row in demo.tables[share] if row["RowCause"] == "Owner"}
    assert owners == {record["Id"]: record["OwnerId"] for record in demo.tables[parent]}


def test_the_owner_of_a_deal_or_case_can_read_its_account(demo: Demo) -> None:
    members = demo.children("GroupMember", "GroupId")
    readers: dict[object, set[object]] = {}
    for row in demo.tables["AccountShare"]:
        group = members.get(row["UserOrGroupId"], [])
        readers.setdefault(row["AccountId"], {row["UserOrGroupId"]}).update(one["UserOrGroupId"] for one in group)
        readers[row["AccountId"]].add(row["UserOrGroupId"])
    for name in ("Opportunity", "Case"):
        for record in demo.tables[name]:
            kind, owner = demo.by_id[record["OwnerId"]]
            if kind == "User" and owner["IsActive"]:
                assert owner["Id"] in readers[record["AccountId"]], (name, record["Id"])


def test_fiscal_years_have_months_quarters_and_a_year_without_gaps(demo: Demo) -> None:
    for year in demo.tables["FiscalYearSettings"]:
        periods = demo.children("Period", "FiscalYearSettingsId")[year["Id"]]
        for kind, count in (("Month", 12), ("Quarter", 4), ("Year", 1)):
            own = [period for period in periods if period["Type"] == kind]
            assert len(own) == count
            assert (own[0]["StartDate"], own[-1]["EndDate"]) == (year["StartDate"], year["EndDate"])
        assert demo.record(year["PeriodId"])["Type"] == "Year"
