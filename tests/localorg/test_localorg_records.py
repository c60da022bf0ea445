"""Creating, reading, changing records over REST: what is accepted and every way to be refused."""

from datetime import timedelta
from typing import Any

import pytest

from localorg.ids import record_id
from tests.localorg.api import Api

NOWHERE = record_id("001", 999_999)


async def test_a_record_is_created_read_changed_and_deleted(api: Api) -> None:
    answer = await api.send("POST", "sobjects/account", {"Name": "  Acme  ", "Phone": "", "website": None})
    created = answer.json()
    assert answer.status_code == 201
    assert created == {"id": created["id"], "success": True, "errors": []}
    assert answer.headers["location"] == f"/services/data/v66.0/sobjects/Account/{created['id']}"
    path = f"sobjects/Account/{created['id']}"
    record = await api.get(path)
    assert (record["Name"], record["Phone"], record["OwnerId"][:3]) == ("Acme", None, "005")
    assert record["attributes"]["url"] == f"/services/data/v66.0/{path}"
    api.org.clock.advance(timedelta(hours=1))
    changed = await api.send("PATCH", path[:-3], {"name": "Acme 2"})
    assert (changed.status_code, changed.content) == (204, b"")
    after = await api.get(f"{path}?fields=Name,LastModifiedDate,CreatedDate")
    assert list(after) == ["attributes", "Name", "LastModifiedDate", "CreatedDate", "Id"]
    assert after["Name"] == "Acme 2"
    assert after["LastModifiedDate"] > after["CreatedDate"]
    await api.delete(path)
    assert (await api.error("GET", path, status=404))[0] == "ENTITY_IS_DELETED"
    assert (await api.error("PATCH", path, {"Name": "x"}, status=404))[0] == "ENTITY_IS_DELETED"
    assert (await api.error("DELETE", path, status=404))[0] == "ENTITY_IS_DELETED"


#: object, body, code, message, fields
REFUSED: list[tuple[str, Any, str, str, Any]] = [
    ("Contact", {"FirstName": "A"}, "REQUIRED_FIELD_MISSING", "Required fields are missing: [LastName]", ["LastName"]),
    (
        "Lead",
        {},
        "REQUIRED_FIELD_MISSING",
        "Required fields are missing: [LastName, Company]",
        ["LastName", "Company"],
    ),
    ("Account", {"Name": "  "}, "REQUIRED_FIELD_MISSING", "Required fields are missing: [Name]", ["Name"]),
    ("Account", {"Nome": "A"}, "INVALID_FIELD", "No such column 'Nome' on sobject of type Account", None),
    (
        "Account",
        {"Name": "A", "CreatedDate": "2026-01-01T00:00:00Z"},
        "INVALID_FIELD_FOR_INSERT_UPDATE",
        "Unable to create/update fields: CreatedDate. Please check the security settings of this field and verify that "
        "it is read/write for your profile or permission set.",
        ["CreatedDate"],
    ),
    (
        "Account",
        {"Name": "A", "Is_Key_Account__c": True, "BillingAddress": {}},
        "INVALID_FIELD_FOR_INSERT_UPDATE",
        "Unable to create/update fields: Is_Key_Account__c, BillingAddress. Please check the security settings of this "
        "field and verify that it is read/write for your profile or permission set.",
        ["Is_Key_Account__c", "BillingAddress"],
    ),
    (
        "Account",
        {"Name": "A" * 256},
        "STRING_TOO_LONG",
        f"Account Name: data value too large: {'A' * 256} (max length=255)",
        ["Name"],
    ),
    (
        "Account",
        {"Name": "A", "Tier__c": "Tin"},
        "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
        "Tier: bad value for restricted picklist field: Tin",
        ["Tier__c"],
    ),
    (
        "Account",
        {"Name": "A", "ParentId": "nonsense"},
        "MALFORMED_ID",
        "Parent Account ID: id value of incorrect type: nonsense",
        ["ParentId"],
    ),
    (
        "Account",
        {"Name": "A", "ParentId": record_id("003", 1)},
        "MALFORMED_ID",
        f"Parent Account ID: id value of incorrect type: {record_id('003', 1)}",
        ["ParentId"],
    ),
    ("Account", {"Name": "A", "ParentId": NOWHERE}, "INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", []),
    (
        "Contact",
        {"LastName": "A", "Email": "a@b"},
        "INVALID_EMAIL_ADDRESS",
        "Email: invalid email address: a@b",
        ["Email"],
    ),
    (
        "Account",
        {"Name": "A", "AnnualRevenue": "much"},
        "JSON_PARSER_ERROR",
        "Cannot deserialize instance of double from VALUE_STRING value much or request may be missing a required field "
        "at [line:1, column:1]",
        None,
    ),
    (
        "Account",
        {"Name": 7},
        "JSON_PARSER_ERROR",
        "Cannot deserialize instance of string from VALUE_NUMBER_INT value 7 or request may be missing a required "
        "field at [line:1, column:1]",
        None,
    ),
    (
        "Account",
        {"Name": "A", "Contract_Renewal__c": "2026-02-30"},
        "JSON_PARSER_ERROR",
        "Cannot deserialize instance of date from VALUE_STRING value 2026-02-30 or request may be missing a required "
        "field at [line:1, column:1]",
        None,
    ),
    (
        "Account",
        {"Name": "A", "Credit_Limit__c": 1e17},
        "NUMBER_OUTSIDE_VALID_RANGE",
        "Credit Limit: value outside of valid range on numeric field: 1e+17",
        ["Credit_Limit__c"],
    ),
    (
        "Account",
        {"Name": "A", "Id": NOWHERE},
        "INVALID_FIELD_FOR_INSERT_UPDATE",
        "cannot specify Id in an insert call",
        ["Id"],
    ),
    (
        "OpportunityHistory",
        {"StageName": "x"},
        "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
        "entity type Opportunity History does not support create",
        [],
    ),
    (
        "Contact",
        {"LastName": "A", "Account": {"Customer_Number__c": "none"}},
        "INVALID_FIELD",
        "Foreign key external ID: none not found for field Customer_Number__c in entity Account",
        None,
    ),
    (
        "CampaignMember",
        {"CampaignId": record_id("701", 1)},
        "INVALID_CROSS_REFERENCE_KEY",
        "invalid cross reference id",
        [],
    ),
]


@pytest.mark.parametrize(
    ("name", "body", "code", "message", "fields"),
    REFUSED,
    ids=[f"{row[0]}-{row[2]}-{n}" for n, row in enumerate(REFUSED)],
)
async def test_a_bad_record_is_refused_with_salesforces_error(
    filled: Api, name: str, body: Any, code: str, message: str, fields: Any
) -> None:
    assert await filled.error("POST", f"sobjects/{name}", body) == (code, message, fields)


async def test_bad_json_is_refused(api: Api) -> None:
    headers = {"Authorization": f"Bearer {api.token}", "Content-Type": "application/json"}
    for content in (b"{", b"[]", b"", b"\xff"):
        answer = await api.http.post("/services/data/v66.0/sobjects/Account", content=content, headers=headers)
        assert (answer.status_code, answer.json()[0]["errorCode"]) == (400, "JSON_PARSER_ERROR")


async def test_updates_are_checked_too(api: Api) -> None:
    account = await api.create("Account", Name="A")
    path = f"sobjects/Account/{account}"
    assert (await api.error("PATCH", path, {"Name": None}))[0] == "REQUIRED_FIELD_MISSING"
    assert (await api.error("PATCH", path, {"Id": account}))[0] == "INVALID_FIELD"
    assert (await api.error("PATCH", path, {"SystemModstamp": None}))[0] == "INVALID_FIELD_FOR_INSERT_UPDATE"
    assert (await api.error("PATCH", f"sobjects/Account/{NOWHERE}", {"Name": "x"}, status=404))[0] == "NOT_FOUND"
    contact = await api.create("Contact", LastName="C")
    code, message, _ = await api.error("PATCH", f"sobjects/Account/{contact}", {"Name": "x"})
    assert (code, message) == ("MALFORMED_ID", f"Account ID: id value of incorrect type: {contact}")
    line = await api.create("Invoice__c", Amount__c=1)
    detail = await api.create("Invoice_Line__c", Name="l", Invoice__c=line)
    assert (await api.error("PATCH", f"sobjects/Invoice_Line__c/{detail}", {"Invoice__c": line}))[
        0
    ] == "INVALID_FIELD_FOR_INSERT_UPDATE"


async def test_values_are_kept_exactly(api: Api) -> None:
    account = await api.create(
        "Account",
        Name="x",
        Credit_Limit__c="12345678901234.56",
        Discount_Factor__c=-0.0001,
        Health_Score__c=99.995,
        HQ_Location__Latitude__s=48.137154321098765,
        HQ_Location__Longitude__s=-11.5,
        Support_Hours__c="08:30:15.123Z",
        Last_Review__c="2026-01-01T01:00:00.999+0100",
        Segments__c="Partner;Enterprise;Partner",
        Background__c='line 1\r\n"line 2"\u2028\U0001f600',
    )
    record = await api.get(f"sobjects/Account/{account}")
    assert record["Credit_Limit__c"] == 12345678901234.56
    assert record["Discount_Factor__c"] == -0.0001
    assert record["Health_Score__c"] == 100.0
    assert record["HQ_Location__c"] == {"latitude": 48.137154321098765, "longitude": -11.5}
    assert record["Support_Hours__c"] == "08:30:15.123Z"
    assert record["Last_Review__c"] == "2026-01-01T00:00:00.000+0000"
    assert record["Segments__c"] == "Enterprise;Partner"
    assert record["Background__c"] == 'line 1\r\n"line 2"\u2028\U0001f600'
    (row,) = api.org.rows("Account")
    assert str(row["Credit_Limit__c"]) == "12345678901234.56"


async def test_unique_fields_are_unique(api: Api) -> None:
    first = await api.create("Account", Name="A", Customer_Number__c="C-1", Legacy_Key__c="a")
    code, message, fields = await api.error("POST", "sobjects/Account", {"Name": "B", "Customer_Number__c": "c-1"})
    assert (code, fields) == ("DUPLICATE_VALUE", [])
    assert message == f"duplicate value found: Customer_Number__c duplicates value on record with id: {first[:15]}"
    await api.create("Account", Name="B", Legacy_Key__c="A")
    assert (await api.error("POST", "sobjects/Account", {"Name": "C", "Legacy_Key__c": "a"}))[0] == "DUPLICATE_VALUE"


async def test_upsert_creates_then_updates(api: Api) -> None:
    path = "sobjects/Account/Customer_Number__c/C%2F1"
    created = await api.patch(path, {"Name": "A"}, status=201)
    assert created == {"id": created["id"], "success": True, "errors": [], "created": True}
    updated = await api.patch(path, {"Name": "B"}, status=200)
    assert updated == {"id": created["id"], "success": True, "errors": [], "created": False}
    assert (await api.get(path))["Name"] == "B"
    assert await api.error("PATCH", path, {"Customer_Number__c": "x"}) == (
        "INVALID_FIELD",
        "The Customer_Number__c field should not be specified in the sobject data.",
        None,
    )
    missing = "sobjects/Account/Customer_Number__c/none?updateOnly=true"
    assert (await api.error("PATCH", missing, {"Name": "x"}, status=404))[0] == "NOT_FOUND"
    code, message, _ = await api.error("PATCH", "sobjects/Account/Namez/x", {"Name": "x"}, status=404)
    assert message == "Provided external ID field does not exist or is not accessible: Namez"


async def test_upsert_of_old_versions_answers_nothing(api: Api) -> None:
    old = Api(api.org, api.token, "45.0")
    created = await old.patch("sobjects/Account/Customer_Number__c/1", {"Name": "A"}, status=201)
    assert "created" not in created
    await old.patch("sobjects/Account/Customer_Number__c/1", {"Name": "B"}, status=204)
    await old.close()


async def test_an_external_id_of_several_records_is_ambiguous(api: Api) -> None:
    deals = [
        await api.create(
            "Opportunity", Name=f"D{n}", StageName="Prospecting", CloseDate="2026-01-01", Order_Number__c="7"
        )
        for n in range(2)
    ]
    answer = await api.send("PATCH", "sobjects/Opportunity/Order_Number__c/7", {"Name": "x"})
    assert answer.status_code == 300
    assert answer.json() == [f"/services/data/v66.0/sobjects/Opportunity/{deal}" for deal in deals]


async def test_upsert_by_id_updates(api: Api) -> None:
    account = await api.create("Account", Name="A")
    assert (await api.patch(f"sobjects/Account/Id/{account}", {"Name": "B"}, status=200))["created"] is False
    created = await api.post("sobjects/Account/Id", {"Name": "C"})
    assert created["success"] is True


async def test_a_parent_can_be_named_by_its_external_id(api: Api) -> None:
    account = await api.create("Account", Name="A", Customer_Number__c="C-1")
    contact = await api.create("Contact", LastName="L", Account={"Customer_Number__c": "c-1"})
    assert (await api.get(f"sobjects/Contact/{contact}"))["AccountId"] == account


async def test_polymorphic_references_take_their_objects_only(api: Api) -> None:
    account = await api.create("Account", Name="A")
    lead = await api.create("Lead", LastName="L", Company="C")
    await api.create("Task", Subject="s", WhoId=lead, WhatId=account)
    assert (await api.error("POST", "sobjects/Task", {"WhoId": account}))[0] == "MALFORMED_ID"


async def test_inactive_owners_are_refused(api: Api) -> None:
    profile = (await api.names("SELECT Id FROM Profile WHERE Name = 'Standard User'"))[0]
    fields = {
        "LastName": "Gone",
        "Username": "gone@x.example",
        "Email": "gone@x.example",
        "Alias": "gone",
        "CommunityNickname": "gone",
        "ProfileId": profile,
        "TimeZoneSidKey": "GMT",
        "LocaleSidKey": "en_US",
        "LanguageLocaleKey": "en_US",
        "EmailEncodingKey": "UTF-8",
    }
    user = await api.create("User", **fields, IsActive=False)
    assert (await api.error("POST", "sobjects/User", fields))[0] == "DUPLICATE_USERNAME"
    code, message, _ = await api.error("POST", "sobjects/Account", {"Name": "A", "OwnerId": user})
    assert (code, message) == (
        "INACTIVE_OWNER_OR_USER",
        f"operation performed with inactive user [{user[:15]}] as owner of account",
    )
    assert (await api.error("DELETE", f"sobjects/User/{user}"))[0] == "INSUFFICIENT_ACCESS_OR_READONLY"


async def test_a_patch_can_be_sent_as_a_post(api: Api) -> None:
    account = await api.create("Account", Name="A")
    answer = await api.send("POST", f"sobjects/Account/{account}?_HttpMethod=PATCH", {"Name": "B"})
    assert answer.status_code == 204
    assert (await api.get(f"sobjects/Account/{account}"))["Name"] == "B"


async def test_verbs_that_a_resource_has_not_are_refused(filled: Api) -> None:
    answer = await filled.send("PUT", "query")
    assert answer.status_code == 405
    assert answer.json() == [
        {"message": "HTTP Method 'PUT' not allowed. Allowed are HEAD,GET", "errorCode": "METHOD_NOT_ALLOWED"}
    ]


async def test_collections_write_many_records_at_once(api: Api) -> None:
    records = [
        {"attributes": {"type": "Account"}, "Name": "A"},
        {"attributes": {"type": "Contact"}, "FirstName": "no last name"},
        {"attributes": {"type": "Account"}, "Name": "B"},
    ]
    results = await api.post("composite/sobjects", {"records": records}, status=200)
    assert [result["success"] for result in results] == [True, False, True]
    assert results[1]["errors"] == [
        {
            "statusCode": "REQUIRED_FIELD_MISSING",
            "message": "Required fields are missing: [LastName]",
            "fields": ["LastName"],
        }
    ]
    ids = [results[0]["id"], results[2]["id"]]
    halted = await api.post("composite/sobjects", {"allOrNone": True, "records": records}, status=200)
    assert [result["errors"][0]["statusCode"] for result in halted] == [
        "ALL_OR_NONE_OPERATION_ROLLED_BACK",
        "REQUIRED_FIELD_MISSING",
        "ALL_OR_NONE_OPERATION_ROLLED_BACK",
    ]
    assert (await api.query("SELECT COUNT() FROM Account"))["totalSize"] == 2
    changes = [{"attributes": {"type": "Account"}, "id": one, "Phone": "1"} for one in ids]
    assert all(one["success"] for one in await api.patch("composite/sobjects", {"records": changes}, status=200))
    read = await api.post("composite/sobjects/Account", {"ids": [*ids, NOWHERE], "fields": ["Phone"]}, status=200)
    assert [one and one["Phone"] for one in read] == ["1", "1", None]
    assert await api.get(f"composite/sobjects/Account?ids={NOWHERE},{ids[0]}&fields=Id") == [
        None,
        {"attributes": {"type": "Account", "url": f"/services/data/v66.0/sobjects/Account/{ids[0]}"}, "Id": ids[0]},
    ]
    upserted = await api.patch(
        "composite/sobjects/Account/Customer_Number__c",
        {"records": [{"attributes": {"type": "Account"}, "Customer_Number__c": "9", "Name": "N"}]},
        status=200,
    )
    assert upserted[0]["created"] is True
    deleted = await api.delete(f"composite/sobjects?ids={','.join(ids)}&allOrNone=true", status=200)
    assert [one["success"] for one in deleted] == [True, True]
