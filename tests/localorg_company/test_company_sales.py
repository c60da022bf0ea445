"""Opportunities, their history, products, roles and invoices agree with one another."""

from collections import defaultdict
from datetime import date, datetime, timedelta
from decimal import Decimal

from tests.localorg_company.conftest import TODAY, Demo, Record


def number(record: Record, name: str) -> Decimal:
    value = record[name]
    assert isinstance(value, Decimal)
    return value


def moment(record: Record, name: str) -> datetime:
    value = record[name]
    assert isinstance(value, datetime)
    return value


def day(record: Record, name: str) -> date:
    value = record[name]
    assert isinstance(value, date)
    return value


def stages(demo: Demo) -> dict[object, Record]:
    return {record["ApiName"]: record for record in demo.tables["OpportunityStage"]}


def test_the_last_history_row_is_the_opportunity_as_it_stands(demo: Demo) -> None:
    history = demo.children("OpportunityHistory", "OpportunityId")
    for deal in demo.tables["Opportunity"]:
        last = history[deal["Id"]][-1]
        for name in ("StageName", "Amount", "Probability", "CloseDate", "ForecastCategory", "ExpectedRevenue"):
            assert last[name] == deal[name], (name, deal["Id"])
        assert last["CurrencyIsoCode"] == deal["CurrencyIsoCode"]


def test_history_begins_with_the_deal_goes_forward_and_every_row_changes_something(demo: Demo) -> None:
    order = {name: number(stage, "DefaultProbability") for name, stage in stages(demo).items()}
    tracked = ("StageName", "Amount", "Probability", "CloseDate")
    for rows in demo.children("OpportunityHistory", "OpportunityId").values():
        deal = demo.record(rows[0]["OpportunityId"])
        assert rows[0]["CreatedDate"] == deal["CreatedDate"]
        assert len(rows) >= 2
        for before, after in zip(rows, rows[1:], strict=False):
            assert moment(before, "CreatedDate") < moment(after, "CreatedDate")
            assert [before[name] for name in tracked] != [after[name] for name in tracked]
            assert after["PrevAmount"] == before["Amount"] and after["PrevCloseDate"] == before["CloseDate"]
            assert before["StageName"] not in ("Closed Won", "Closed Lost")
            assert after["StageName"] == "Closed Lost" or order[before["StageName"]] <= order[after["StageName"]]
        assert moment(rows[-1], "CreatedDate") <= moment(deal, "LastModifiedDate")


def test_the_stage_decides_what_salesforce_derives_from_it(demo: Demo) -> None:
    known = stages(demo)
    for deal in demo.tables["Opportunity"]:
        stage = known[deal["StageName"]]
        for name in ("IsClosed", "IsWon", "ForecastCategory", "ForecastCategoryName"):
            assert deal[name] == stage[name]
        if deal["IsClosed"]:
            assert deal["Probability"] == stage["DefaultProbability"]
            assert day(deal, "CloseDate") < TODAY
        assert deal["ExpectedRevenue"] == (number(deal, "Amount") * number(deal, "Probability") / 100).quantize(
            Decimal("0.01")
        )
        close = day(deal, "CloseDate")
        quarter = (close.month - 1) // 3 + 1
        assert (deal["FiscalYear"], deal["FiscalQuarter"]) == (close.year, quarter)
        assert deal["Fiscal"] == f"{close.year} {quarter}"


def test_the_last_changes_point_to_the_history_rows_that_made_them(demo: Demo) -> None:
    history = demo.children("OpportunityHistory", "OpportunityId")
    found = 0
    for deal in demo.tables["Opportunity"]:
        rows = history[deal["Id"]]
        changes = [
            (pointer, [after for before, after in zip(rows, rows[1:], strict=False) if before[name] != after[name]])
            for pointer, name in (
                ("LastAmountChangedHistoryId", "Amount"),
                ("LastCloseDateChangedHistoryId", "CloseDate"),
            )
        ]
        for pointer, changed in changes:
            assert deal[pointer] == (changed[-1]["Id"] if changed else None)
            found += bool(changed)
        staged = [
            after for before, after in zip(rows, rows[1:], strict=False) if before["StageName"] != after["StageName"]
        ]
        assert deal["LastStageChangeDate"] == (staged[-1] if staged else rows[0])["CreatedDate"]
    assert found > 100


def test_the_amount_is_the_exact_sum_of_the_line_items(demo: Demo) -> None:
    lines = demo.children("OpportunityLineItem", "OpportunityId")
    assert len(lines) > 100
    for deal in demo.tables["Opportunity"]:
        own = lines.get(deal["Id"], [])
        assert deal["HasOpportunityLineItem"] == bool(own)
        if own:
            assert deal["Amount"] == sum(number(line, "TotalPrice") for line in own)
            assert deal["TotalOpportunityQuantity"] == sum(number(line, "Quantity") for line in own)


def test_line_items_follow_their_price_book_entry(demo: Demo) -> None:
    for line in demo.tables["OpportunityLineItem"]:
        deal, price = demo.record(line["OpportunityId"]), demo.record(line["PricebookEntryId"])
        assert price["Pricebook2Id"] == deal["Pricebook2Id"]
        assert price["CurrencyIsoCode"] == deal["CurrencyIsoCode"] == line["CurrencyIsoCode"]
        assert price["Product2Id"] == line["Product2Id"]
        assert (line["ListPrice"], line["ProductCode"]) == (price["UnitPrice"], price["ProductCode"])
        subtotal = number(line, "Quantity") * number(line, "UnitPrice")
        discount = line["Discount"]
        assert isinstance(discount, Decimal | None)
        assert line["Subtotal"] == subtotal
        assert line["TotalPrice"] == subtotal * (100 - (discount or 0)) / 100


def test_every_price_has_a_standard_price_and_yen_have_no_decimals(demo: Demo) -> None:
    prices = demo.tables["PricebookEntry"]
    standard = {
        (price["Product2Id"], price["CurrencyIsoCode"])
        for price in prices
        if demo.record(price["Pricebook2Id"])["IsStandard"]
    }
    assert {(price["Product2Id"], price["CurrencyIsoCode"]) for price in prices} == standard
    yen = [
        number(record, "Amount")
        for name in ("Opportunity", "OpportunityHistory")
        for record in demo.tables[name]
        if record["CurrencyIsoCode"] == "JPY" and record["Amount"] is not None
    ]
    assert yen and all(value == value.to_integral_value() for value in yen)


def test_deals_begin_after_their_account_and_run_for_three_years_and_two_quarters_ahead(demo: Demo) -> None:
    deals = demo.tables["Opportunity"]
    for deal in deals:
        assert moment(deal, "CreatedDate") >= moment(demo.record(deal["AccountId"]), "CreatedDate")
        assert deal["CurrencyIsoCode"] == demo.record(deal["AccountId"])["CurrencyIsoCode"]
        assert moment(deal, "CreatedDate").date() < day(deal, "CloseDate") + timedelta(days=1)
    quarters = {deal["Fiscal"] for deal in deals}
    assert len(quarters) >= 13
    ahead = [deal for deal in deals if day(deal, "CloseDate") > TODAY]
    assert 0.05 < len(ahead) / len(deals) < 0.3
    assert any(not deal["IsClosed"] and day(deal, "CloseDate") < TODAY for deal in deals)


def test_some_deals_are_won_some_lost_and_regions_differ(demo: Demo) -> None:
    rates = defaultdict(list)
    for deal in demo.tables["Opportunity"]:
        if deal["IsClosed"]:
            rates[deal["Region__c"]].append(deal["IsWon"])
            assert (deal["Loss_Reason__c"] is None) == deal["IsWon"]
    assert set(rates) == {"EMEA", "AMER", "APAC"}
    assert all(0.2 < sum(map(bool, won)) / len(won) < 0.75 for won in rates.values())


def test_contact_roles_are_people_of_the_account_and_one_of_them_is_primary(demo: Demo) -> None:
    roles = demo.children("OpportunityContactRole", "OpportunityId")
    for deal in demo.tables["Opportunity"]:
        own = roles.get(deal["Id"], [])
        assert [role["ContactId"] for role in own if role["IsPrimary"]] == ([deal["ContactId"]] if own else [])
        assert len({role["ContactId"] for role in own}) == len(own)
        for role in own:
            assert demo.record(role["ContactId"])["AccountId"] in (deal["AccountId"], None)


def test_invoices_of_a_deal_add_up_to_its_amount_and_their_lines_to_theirs(demo: Demo) -> None:
    lines = demo.children("Invoice_Line__c", "Invoice__c")
    for identifier, invoices in demo.children("Invoice__c", "Opportunity__c").items():
        deal = demo.record(identifier)
        assert deal["IsWon"] and {invoice["Account__c"] for invoice in invoices} == {deal["AccountId"]}
        assert deal["Amount"] == sum(number(invoice, "Amount__c") for invoice in invoices)
        for invoice in invoices:
            assert invoice["Paid__c"] == (invoice["Status__c"] == "Paid")
            assert invoice["Status__c"] != "Overdue" or day(invoice, "Due_Date__c") < TODAY
            assert invoice["Amount__c"] == sum(number(line, "Amount__c") for line in lines[invoice["Id"]])


def test_sales_costs_are_booked_on_the_first_of_36_months(demo: Demo) -> None:
    months = {day(cost, "Month__c") for cost in demo.tables["Sales_Cost__c"]}
    assert len(months) == 36 and {month.day for month in months} == {1}
    assert max(months) == date(2026, 4, 1)
    assert {cost["Cost_Type__c"] for cost in demo.tables["Sales_Cost__c"]} == {
        "Salary", "Commission", "Travel", "Marketing", "Tools",
    }  # fmt: skip
