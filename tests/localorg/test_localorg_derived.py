"""What the org derives when records are saved: the Object Reference's pages."""

from datetime import timedelta
from typing import Any

import pytest

from tests.localorg.api import Api


async def deal(api: Api, **fields: Any) -> str:
    return await api.create(
        "Opportunity", **{"Name": "D", "StageName": "Prospecting", "CloseDate": "2026-05-15", "Amount": 1000, **fields}
    )


async def test_names_are_made_of_their_parts(api: Api) -> None:
    contact = await api.create("Contact", FirstName="Ada", LastName="Lovelace", Salutation="Ms.")
    assert (await api.get(f"sobjects/Contact/{contact}"))["Name"] == "Ada Lovelace"
    await api.patch(f"sobjects/Contact/{contact}", {"FirstName": None})
    assert (await api.get(f"sobjects/Contact/{contact}"))["Name"] == "Lovelace"
    code, _, _ = await api.error("POST", "sobjects/Contact", {"LastName": "x", "Name": "x"})
    assert code == "INVALID_FIELD_FOR_INSERT_UPDATE"


@pytest.mark.parametrize(
    ("stage", "closed", "won", "probability", "category", "expected"),
    [
        ("Prospecting", False, False, 10.0, "Pipeline", 100.05),
        ("Closed Won", True, True, 100.0, "Closed", 1000.5),
        ("Closed Lost", True, False, 0.0, "Omitted", 0.0),
    ],
)
async def test_the_stage_decides_about_an_opportunity(
    api: Api, stage: str, closed: bool, won: bool, probability: float, category: str, expected: float
) -> None:
    record = await api.get(f"sobjects/Opportunity/{await deal(api, StageName=stage, Amount=1000.5)}")
    assert (record["IsClosed"], record["IsWon"], record["Probability"]) == (closed, won, probability)
    assert (record["ForecastCategory"], record["ForecastCategoryName"]) == (category, category)
    assert record["ExpectedRevenue"] == expected
    assert (record["Fiscal"], record["FiscalYear"], record["FiscalQuarter"]) == ("2026 2", 2026, 2)
    assert record["Weighted_Amount__c"] == expected


async def test_probability_and_category_can_be_overridden(api: Api) -> None:
    record = await api.get(f"sobjects/Opportunity/{await deal(api, Probability=35, ForecastCategoryName='Best Case')}")
    assert (record["Probability"], record["ForecastCategory"], record["ExpectedRevenue"]) == (35.0, "BestCase", 350.0)


async def test_history_has_a_row_per_change_that_counts(api: Api) -> None:
    api.org.clock.freeze()
    one = await deal(api)
    for changes in ({"NextStep": "call"}, {"Amount": 1500}, {"CloseDate": "2026-06-01"}, {"StageName": "Closed Won"}):
        api.org.clock.advance(timedelta(minutes=1))
        await api.patch(f"sobjects/Opportunity/{one}", changes)
    answer = await api.query(
        "SELECT StageName, Amount, PrevAmount, CloseDate, PrevCloseDate, Probability, CreatedBy.Name, Id "
        f"FROM OpportunityHistory WHERE OpportunityId = '{one}' ORDER BY CreatedDate"
    )
    rows = [
        (row["StageName"], row["Amount"], row["PrevAmount"], row["CloseDate"], row["PrevCloseDate"])
        for row in answer["records"]
    ]
    assert rows == [
        ("Prospecting", 1000.0, None, "2026-05-15", None),
        ("Prospecting", 1500.0, 1000.0, "2026-05-15", "2026-05-15"),
        ("Prospecting", 1500.0, 1500.0, "2026-06-01", "2026-05-15"),
        ("Closed Won", 1500.0, 1500.0, "2026-06-01", "2026-06-01"),
    ]
    record = await api.get(f"sobjects/Opportunity/{one}")
    assert record["LastAmountChangedHistoryId"] == answer["records"][1]["Id"]
    assert record["LastCloseDateChangedHistoryId"] == answer["records"][2]["Id"]
    assert record["LastStageChangeDate"] == record["SystemModstamp"]
    fields = await api.names(f"SELECT Field FROM OpportunityFieldHistory WHERE OpportunityId = '{one}' ORDER BY Id")
    assert fields == ["created", "Amount", "CloseDate", "StageName", "Probability", "ForecastCategoryName"]


async def product_entry(api: Api, price: float, currency: str = "USD") -> str:
    product = await api.create("Product2", Name="Robot", ProductCode="R-1", IsActive=True)
    book = (await api.names("SELECT Id FROM Pricebook2 WHERE IsStandard = true"))[0]
    return await api.create(
        "PricebookEntry",
        Product2Id=product,
        Pricebook2Id=book,
        UnitPrice=price,
        IsActive=True,
        CurrencyIsoCode=currency,
    )


async def test_products_roll_up_to_the_opportunity(api: Api) -> None:
    api.org.clock.freeze()
    entry = await product_entry(api, 99.99)
    one = await deal(api, Name="Plant")
    before = (await api.get(f"sobjects/Opportunity/{one}"))["SystemModstamp"]
    api.org.clock.advance(timedelta(minutes=5))
    line = await api.create("OpportunityLineItem", OpportunityId=one, PricebookEntryId=entry, Quantity=3, Discount=12.5)
    item = await api.get(f"sobjects/OpportunityLineItem/{line}")
    assert (item["Name"], item["ProductCode"], item["ListPrice"], item["UnitPrice"]) == (
        "Plant Robot",
        "R-1",
        99.99,
        99.99,
    )
    assert (item["Subtotal"], item["TotalPrice"]) == (299.97, 262.47)
    record = await api.get(f"sobjects/Opportunity/{one}")
    assert (record["Amount"], record["HasOpportunityLineItem"], record["TotalOpportunityQuantity"]) == (
        262.47,
        True,
        3.0,
    )
    assert record["ExpectedRevenue"] == 26.25
    assert record["SystemModstamp"] > before
    # The amount of an opportunity with products is ignored, not refused.
    await api.patch(f"sobjects/Opportunity/{one}", {"Amount": 5})
    assert (await api.get(f"sobjects/Opportunity/{one}"))["Amount"] == 262.47
    await api.patch(f"sobjects/OpportunityLineItem/{line}", {"Quantity": 1, "Discount": None})
    assert (await api.get(f"sobjects/Opportunity/{one}"))["Amount"] == 99.99
    await api.delete(f"sobjects/OpportunityLineItem/{line}")
    record = await api.get(f"sobjects/Opportunity/{one}")
    assert (record["Amount"], record["HasOpportunityLineItem"]) == (99.99, False)
    assert (await api.query(f"SELECT COUNT() FROM OpportunityHistory WHERE OpportunityId = '{one}'"))["totalSize"] == 3


async def test_a_line_item_needs_a_price_in_the_deals_currency(api: Api) -> None:
    entry = await product_entry(api, 10)
    one = await deal(api, CurrencyIsoCode="EUR")
    body = {"OpportunityId": one, "PricebookEntryId": entry, "Quantity": 1}
    assert (await api.error("POST", "sobjects/OpportunityLineItem", body))[0] == "FIELD_INTEGRITY_EXCEPTION"
    del body["PricebookEntryId"]
    assert (await api.error("POST", "sobjects/OpportunityLineItem", body))[0] == "REQUIRED_FIELD_MISSING"


async def test_a_custom_price_needs_a_standard_price(api: Api) -> None:
    book = await api.create("Pricebook2", Name="Partners", IsActive=True)
    product = await api.create("Product2", Name="P")
    body = {"Product2Id": product, "Pricebook2Id": book, "UnitPrice": 1}
    assert (await api.error("POST", "sobjects/PricebookEntry", body))[0] == "STANDARD_PRICE_NOT_DEFINED"


async def test_a_case_is_numbered_and_closed_by_its_status(api: Api) -> None:
    account = await api.create("Account", Name="A")
    contact = await api.create("Contact", LastName="C", AccountId=account, Email="c@x.example", Phone="1")
    first = await api.create("Case", Subject="s", ContactId=contact, Comments="it is broken")
    second = await api.create("Case", Subject="t")
    record = await api.get(f"sobjects/Case/{first}")
    assert (record["CaseNumber"], record["Status"], record["Priority"]) == ("00001001", "New", "Medium")
    assert (record["AccountId"], record["ContactEmail"], record["IsClosed"]) == (account, "c@x.example", False)
    assert (await api.get(f"sobjects/Case/{second}"))["CaseNumber"] == "00001002"
    assert await api.names("SELECT CommentBody FROM CaseComment") == ["it is broken"]
    await api.patch(f"sobjects/Case/{first}", {"Status": "Closed"})
    record = await api.get(f"sobjects/Case/{first}")
    assert (record["IsClosed"], record["ClosedDate"]) == (True, record["LastModifiedDate"])
    await api.patch(f"sobjects/Case/{first}", {"Status": "Working"})
    assert (await api.get(f"sobjects/Case/{first}"))["ClosedDate"] is None


async def test_activities_know_their_account_and_whether_they_are_done(api: Api) -> None:
    account = await api.create("Account", Name="A")
    one = await deal(api, AccountId=account)
    task = await api.create("Task", Subject="s", WhatId=one, Status="Completed", Priority="High")
    record = await api.get(f"sobjects/Task/{task}")
    assert (record["AccountId"], record["IsClosed"], record["IsHighPriority"]) == (account, True, True)
    event = await api.create("Event", StartDateTime="2026-03-01T10:00:00Z", EndDateTime="2026-03-01T11:30:00Z")
    record = await api.get(f"sobjects/Event/{event}")
    assert (record["DurationInMinutes"], record["ActivityDate"]) == (90, "2026-03-01")
    assert (await api.error("POST", "sobjects/Event", {"Subject": "s"}))[0] == "REQUIRED_FIELD_MISSING"


async def test_the_last_activity_is_the_latest_done(api: Api) -> None:
    account = await api.create("Account", Name="A")
    task = await api.create("Task", Subject="s", WhatId=account, ActivityDate="2026-03-05")
    assert (await api.get(f"sobjects/Account/{account}"))["LastActivityDate"] is None
    await api.patch(f"sobjects/Task/{task}", {"Status": "Completed"})
    assert (await api.get(f"sobjects/Account/{account}"))["LastActivityDate"] == "2026-03-05"


async def test_autonumbers_and_formulas_of_custom_objects(api: Api) -> None:
    invoice = await api.create("Invoice__c", Amount__c=10)
    record = await api.get(f"sobjects/Invoice__c/{invoice}")
    assert (record["Name"], record["Status__c"], record["Line_Total__c"]) == ("INV-00001", "Draft", 0.0)
    api.org.clock.advance(timedelta(minutes=1))
    await api.create("Invoice_Line__c", Name="l", Invoice__c=invoice, Amount__c=7.25)
    after = await api.get(f"sobjects/Invoice__c/{invoice}")
    assert after["Line_Total__c"] == 7.25
    assert after["SystemModstamp"] > record["SystemModstamp"]
    account = await api.create("Account", Name="A", Tier__c="Gold", AnnualRevenue=100, NumberOfEmployees=3)
    record = await api.get(f"sobjects/Account/{account}")
    assert (record["Is_Key_Account__c"], record["Revenue_per_Employee__c"]) == (True, 33.33)
    assert record["Display_Name__c"] == "A ()"


async def test_campaigns_count_their_members(api: Api) -> None:
    campaign = await api.create("Campaign", Name="Fair", IsActive=True)
    lead = await api.create("Lead", LastName="L", Company="Comp", Email="l@x.example")
    contact = await api.create("Contact", LastName="C")
    member = await api.create("CampaignMember", CampaignId=campaign, LeadId=lead)
    await api.create("CampaignMember", CampaignId=campaign, ContactId=contact, Status="Responded")
    await deal(api, CampaignId=campaign, StageName="Closed Won", Amount=50)
    record = await api.get(f"sobjects/Campaign/{campaign}")
    assert (record["NumberOfLeads"], record["NumberOfContacts"], record["NumberOfResponses"]) == (1, 1, 1)
    assert (record["NumberOfWonOpportunities"], record["AmountWonOpportunities"]) == (1, 50.0)
    found = await api.get(f"sobjects/CampaignMember/{member}")
    assert (found["Status"], found["HasResponded"], found["CompanyOrAccount"]) == ("Sent", False, "Comp")
    assert found["Email"] == "l@x.example"


async def test_stamps_are_whole_seconds_of_the_orgs_clock(api: Api) -> None:
    account = await api.create("Account", Name="A")
    record = await api.get(f"sobjects/Account/{account}")
    assert record["CreatedDate"] == record["SystemModstamp"] == record["LastModifiedDate"]
    assert record["CreatedDate"].endswith(".000+0000")
    assert record["CreatedById"] == record["OwnerId"]
