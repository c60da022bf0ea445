"""What a user may read: Object Reference, ObjectPermissions, FieldPermissions; and what a sync user can lose."""

from datetime import timedelta
from typing import Any

import pytest

from localorg.errors import ApiError
from tests.localorg.api import Api


async def describes(reader: Api, name: str) -> set[str]:
    return {field["name"] for field in (await reader.get(f"sobjects/{name}/describe"))["fields"]}


async def test_every_profile_sees_the_fields_it_was_given(reader: Api) -> None:
    rows = {(row["ParentId"], row["Field"]) for row in reader.org.rows("FieldPermissions") if row["PermissionsRead"]}
    sets = {row["Name"]: row["Id"] for row in reader.org.rows("PermissionSet")}
    assert (sets["X_Integration"], "Account.Phone") in rows
    # What cannot be hidden has no permissions.
    assert (sets["X_Integration"], "Account.Name") not in rows
    assert "Phone" in await describes(reader, "Account")


async def test_a_hidden_field_does_not_exist(reader: Api) -> None:
    org = reader.org
    account = org.insert("Account", Name="A", Phone="1", Fax="2")
    contact = org.insert("Contact", LastName="C", AccountId=account)
    org.hide_field("Account", "phone")
    assert "Phone" not in await describes(reader, "Account")
    for soql in ("SELECT Phone FROM Account", "SELECT Id FROM Account WHERE Phone = '1'"):
        code, message = await reader.query_error(soql)
        assert (code, "No such column 'Phone' on entity 'Account'" in message) == ("INVALID_FIELD", True)
    assert (await reader.query_error("SELECT Account.Phone FROM Contact"))[0] == "INVALID_FIELD"
    assert "Phone" not in await reader.get(f"sobjects/Account/{account}")
    assert (await reader.error("PATCH", f"sobjects/Account/{account}", {"Phone": "3"}))[:2] == (
        "INVALID_FIELD",
        "No such column 'Phone' on sobject of type Account",
    )
    path = f"composite/sobjects/Account?ids={account}&fields=Phone"
    assert (await reader.error("GET", path))[0] == "INVALID_FIELD"
    bulk = {"operation": "query", "query": "SELECT Phone FROM Account"}
    code, message, _ = await reader.error("POST", "jobs/query", bulk)
    assert (code, "No such column 'Phone'" in message) == ("INVALID_FIELD", True)
    # Others see it, and so does a formula.
    admin = Api(org, org.session(org.credentials.admin_username))
    assert await admin.names("SELECT Phone FROM Account") == ["1"]
    await admin.close()
    org.hide_field("Account", "Region__c")
    org.update("Account", account, Region__c="EMEA")
    org.insert("Opportunity", Name="D", StageName="Prospecting", CloseDate="2026-06-01", AccountId=account)
    assert await reader.names("SELECT Account_Region__c FROM Opportunity") == ["EMEA"]
    org.show_field("Account", "Phone")
    assert await reader.names("SELECT Phone FROM Account") == ["1"]
    assert contact in await reader.names("SELECT Id FROM Contact")


async def test_relationships_and_parts_go_with_a_hidden_field(reader: Api) -> None:
    org = reader.org
    mine = next(row["Id"] for row in org.rows("User") if row["Username"] == org.credentials.username)
    account = org.insert("Account", Name="A", BillingCity="Cork", OwnerId=mine)
    org.insert("Case", Subject="S", AccountId=account)
    org.hide_field("Case", "AccountId")
    assert (await reader.query_error("SELECT Account.Name FROM Case"))[0] == "INVALID_FIELD"
    assert (await reader.query_error("SELECT (SELECT Id FROM Cases) FROM Account"))[0] == "INVALID_TYPE"
    children = (await reader.get("sobjects/Account/describe"))["childRelationships"]
    assert "Cases" not in {child["relationshipName"] for child in children}
    org.hide_field("Account", "BillingAddress")
    assert not {"BillingAddress", "BillingCity"} & await describes(reader, "Account")
    # The org's own rules still see everything.
    with pytest.raises(ApiError, match="DELETE_FAILED"):
        org.delete("Account", account)
    assert (await reader.error("DELETE", f"sobjects/Account/{account}"))[0] == "DELETE_FAILED"


async def test_field_permissions_are_records_that_decide_at_once(reader: Api, api: Api) -> None:
    (profile,) = await api.names("SELECT Id FROM PermissionSet WHERE Name = 'X_Integration'")
    (row,) = await api.names(f"SELECT Id FROM FieldPermissions WHERE ParentId = '{profile}' AND Field = 'Lead.Phone'")
    await api.patch(f"sobjects/FieldPermissions/{row}", {"PermissionsRead": False})
    assert "Phone" not in await describes(reader, "Lead")
    await api.delete(f"sobjects/FieldPermissions/{row}")
    # An assigned permission set opens it again, for as long as it is assigned.
    opening = await api.create("PermissionSet", Name="Opening", Label="Opening")
    field = {"ParentId": opening, "SobjectType": "Lead", "Field": "Lead.Phone", "PermissionsRead": True}
    await api.create("FieldPermissions", **field)
    assert "Phone" not in await describes(reader, "Lead")
    user = reader.org.org.store.scalar(
        'SELECT "Id" FROM "User" WHERE "Username" = ?', (reader.org.credentials.username,)
    )
    assigned = await api.create("PermissionSetAssignment", PermissionSetId=opening, AssigneeId=user)
    assert "Phone" in await describes(reader, "Lead")
    # An assignment that has expired stays, and grants nothing.
    reader.org.poke("PermissionSetAssignment", assigned, {"IsActive": False})
    assert "Phone" not in await describes(reader, "Lead")
    reader.org.poke("PermissionSetAssignment", assigned, {"IsActive": True})
    assert "Phone" in await describes(reader, "Lead")
    await api.delete(f"sobjects/PermissionSetAssignment/{assigned}")
    assert "Phone" not in await describes(reader, "Lead")
    # View All Fields does not ask for each.
    rights = {"ParentId": profile, "SobjectType": "Lead", "PermissionsRead": True, "PermissionsViewAllFields": True}
    await api.create("ObjectPermissions", **rights)
    assert "Phone" in await describes(reader, "Lead")


async def test_a_describe_that_permissions_changed_is_sent_again(reader: Api, api: Api) -> None:
    org = reader.org
    org.clock.freeze()
    (row,) = await api.names(
        "SELECT Id FROM FieldPermissions WHERE Parent.Name = 'X_Integration' AND Field = 'Lead.Phone'"
    )
    for change in ({"PermissionsRead": False}, {"PermissionsRead": True}):
        org.clock.advance(timedelta(seconds=2))
        since = (await reader.send("GET", "sobjects/Lead/describe")).headers["last-modified"]
        unchanged = await reader.send("GET", "sobjects/Lead/describe", headers={"If-Modified-Since": since})
        await api.patch(f"sobjects/FieldPermissions/{row}", change)
        again = await reader.send("GET", "sobjects/Lead/describe", headers={"If-Modified-Since": since})
        assert (unchanged.status_code, again.status_code) == (304, 200)


async def test_a_field_deployed_without_permissions_is_seen_by_administrators_alone(reader: Api, api: Api) -> None:
    reader.org.add_field("Account", "Secret__c", type="string", visible=False)
    assert "Secret__c" not in await describes(reader, "Account")
    assert "Secret__c" in await describes(api, "Account")
    reader.org.show_field("Account", "Secret__c")
    assert "Secret__c" in await describes(reader, "Account")


async def test_a_hidden_object_is_not_supported(reader: Api) -> None:
    org = reader.org
    account = org.insert("Account", Name="A")
    org.insert("Opportunity", Name="D", StageName="Prospecting", CloseDate="2026-06-01", AccountId=account)
    org.insert("Contact", LastName="C", AccountId=account)
    org.hide_object("Opportunity")
    code, message = await reader.query_error("SELECT Id FROM Opportunity")
    assert (code, "sObject type 'Opportunity' is not supported." in message) == ("INVALID_TYPE", True)
    listed = {one["name"] for one in (await reader.get("sobjects"))["sobjects"]}
    assert not {"Opportunity", "OpportunityHistory", "OpportunityLineItem"} & listed
    assert {"Account", "Contact", "Invoice__c", "Task"} <= listed
    for path in ("Opportunity/describe", "Opportunity", "Opportunity/updated/?start=x&end=y"):
        assert (await reader.error("GET", f"sobjects/{path}", status=404))[0] == "NOT_FOUND"
    children = (await reader.get("sobjects/Account/describe"))["childRelationships"]
    assert "Opportunities" not in {child["relationshipName"] for child in children}
    # All other records are still there.
    assert await reader.names("SELECT LastName FROM Contact") == ["C"]
    org.show_object("Opportunity")
    assert await reader.names("SELECT Name FROM Opportunity") == ["D"]
    with pytest.raises(ValueError, match="follows Opportunity"):
        org.hide_object("OpportunityLineItem")
    with pytest.raises(ValueError, match="open to all"):
        org.hide_object("Task")


async def test_hidden_records_are_seen_by_no_read_and_are_not_deleted(reader: Api) -> None:
    org = reader.org
    shown, lost = org.insert("Account", Name="shown"), org.insert("Account", Name="lost")
    contact = org.insert("Contact", LastName="C", AccountId=lost)
    start = org.clock.now().strftime("%Y-%m-%dT%H:%M:00Z")
    window = f"?start={start}&end=2099-01-01T00:00:00Z"
    assert org.hide_records("Account", where="Name = 'lost'") == [lost]
    assert await reader.names("SELECT Name FROM Account") == ["shown"]
    assert await reader.names("SELECT Name FROM Account", every=True) == ["shown"]
    assert (await reader.query("SELECT COUNT() FROM Account"))["totalSize"] == 1
    assert await reader.names("SELECT Id FROM Contact WHERE AccountId IN (SELECT Id FROM Account)") == []
    (found,) = (await reader.query("SELECT AccountId, Account.Name FROM Contact"))["records"]
    assert (found["AccountId"], found["Account"]) == (lost, None)
    assert (await reader.error("GET", f"sobjects/Account/{lost}", status=404))[0] == "NOT_FOUND"
    path = f"composite/sobjects/Account?ids={shown},{lost}&fields=Name"
    assert [one and one["Name"] for one in await reader.get(path)] == ["shown", None]
    assert (await reader.get(f"sobjects/Account/updated/{window}"))["ids"] == [shown]
    assert (await reader.get(f"sobjects/Account/deleted/{window}"))["deletedRecords"] == []
    # Not even its deletion is told.
    org.delete("Account", lost)
    assert (await reader.get(f"sobjects/Account/deleted/{window}"))["deletedRecords"] == []
    deleted = (await reader.get(f"sobjects/Contact/deleted/{window}"))["deletedRecords"]
    assert [one["id"] for one in deleted] == [contact]
    org.undelete("Account", lost)
    org.show_records("Account")
    assert await reader.names("SELECT Name FROM Account ORDER BY Name") == ["lost", "shown"]


async def test_view_all_shows_hidden_records(reader: Api, api: Api) -> None:
    org = reader.org
    lost = org.insert("Account", Name="lost")
    org.hide_records("Account", [lost])
    (profile,) = await api.names("SELECT Id FROM PermissionSet WHERE Name = 'X_Integration'")
    await api.patch(f"sobjects/PermissionSet/{profile}", {"PermissionsViewAllData": True})
    assert await reader.names("SELECT Name FROM Account") == ["lost"]


async def test_administrators_lose_nothing(reader: Api) -> None:
    admin = reader.org.credentials.admin_username
    for take in (reader.org.hide_object, lambda name, user: reader.org.hide_field(name, "Phone", user)):
        with pytest.raises(ValueError, match="administrator"):
            take("Account", admin)
    with pytest.raises(ValueError, match="cannot be hidden"):
        reader.org.hide_field("Account", "Name")
    with pytest.raises(KeyError):
        reader.org.hide_object("Account", "nobody@x.example")


async def test_access_over_the_admin_api(reader: Api) -> None:
    body: dict[str, Any] = {"object_name": "Account", "field": "Phone"}
    await reader.post("/__org/setup/hide_field", body, status=200)
    assert "Phone" not in await describes(reader, "Account")
    await reader.post("/__org/setup/show_field", body, status=200)
    assert "Phone" in await describes(reader, "Account")
    lost = reader.org.insert("Account", Name="lost")
    body = {"object_name": "Account", "where": "Name = 'lost'"}
    assert await reader.post("/__org/setup/hide_records", body, status=200) == {"result": [lost]}
    await reader.post("/__org/setup/hide_object", {"object_name": "Account"}, status=200)
    assert (await reader.query_error("SELECT Id FROM Account"))[0] == "INVALID_TYPE"
