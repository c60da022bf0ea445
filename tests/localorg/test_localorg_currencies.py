"""Currencies and their rates: Object Reference, CurrencyType and DatedConversionRate; Help, advanced currencies."""

import asyncio
from datetime import date, timedelta
from decimal import Decimal

import pytest

from localorg.fixture import LocalOrg
from tests.localorg.api import Api
from tests.localorg.test_localorg_clients import client

EUR = "SELECT Id, StartDate, NextStartDate, ConversionRate FROM DatedConversionRate WHERE IsoCode = 'EUR'"
BY_START = f"{EUR} ORDER BY StartDate"


async def spans(api: Api) -> list[tuple[str, str, float]]:
    records = (await api.query(BY_START))["records"]
    return [(row["StartDate"], row["NextStartDate"], row["ConversionRate"]) for row in records]


async def test_an_org_without_advanced_currencies_has_no_dated_rates(api: Api) -> None:
    code, message = await api.query_error("SELECT Id FROM DatedConversionRate")
    assert (code, "sObject type 'DatedConversionRate' is not supported" in message) == ("INVALID_TYPE", True)
    await api.get("sobjects/DatedConversionRate/describe", status=404)
    with pytest.raises(ValueError, match="enable_advanced_currency_management"):
        api.org.set_conversion_rate("EUR", 2, "2026-01-01")
    assert api.org.enable_advanced_currency_management() == 6
    assert api.org.enable_advanced_currency_management() == 0
    assert (await spans(api)) == [("1700-01-01", "4000-12-31", 0.92)]
    api.org.disable_advanced_currency_management()
    assert (await api.query_error("SELECT Id FROM DatedConversionRate"))[0] == "INVALID_TYPE"


async def test_a_dated_rate_ends_where_the_next_one_starts(api: Api) -> None:
    api.org.enable_advanced_currency_management()
    late = await api.create("DatedConversionRate", IsoCode="EUR", StartDate="2026-04-01", ConversionRate=0.5)
    stamp = (await api.get(f"sobjects/DatedConversionRate/{late}"))["SystemModstamp"]
    api.org.clock.advance(timedelta(hours=1))
    early = await api.create("DatedConversionRate", IsoCode="EUR", StartDate="2026-01-01", ConversionRate=0.25)
    assert await spans(api) == [
        ("1700-01-01", "2026-01-01", 0.92),
        ("2026-01-01", "2026-04-01", 0.25),
        ("2026-04-01", "4000-12-31", 0.5),
    ]
    await api.patch(f"sobjects/DatedConversionRate/{early}", {"ConversionRate": 0.125})
    await api.delete(f"sobjects/DatedConversionRate/{late}")
    assert (await spans(api))[1:] == [("2026-01-01", "4000-12-31", 0.125)]
    assert stamp < (await api.get(f"sobjects/DatedConversionRate/{early}"))["SystemModstamp"]
    again = {"IsoCode": "EUR", "StartDate": "2026-01-01", "ConversionRate": 3}
    assert (await api.error("POST", "sobjects/DatedConversionRate", again))[0] == "DUPLICATE_VALUE"
    change = {"StartDate": "2026-01-02"}
    code, _, _ = await api.error("PATCH", f"sobjects/DatedConversionRate/{early}", change)
    assert code == "INVALID_FIELD_FOR_INSERT_UPDATE"


@pytest.mark.parametrize(("iso", "rate"), [("EUR", 0), ("EUR", -1), ("USD", 2)])
async def test_a_rate_that_cannot_be_is_refused(api: Api, iso: str, rate: float) -> None:
    api.org.enable_advanced_currency_management()
    body = {"IsoCode": iso, "StartDate": "2026-01-01", "ConversionRate": rate}
    assert (await api.error("POST", "sobjects/DatedConversionRate", body))[0] == "FIELD_INTEGRITY_EXCEPTION"
    (currency,) = await api.names(f"SELECT Id FROM CurrencyType WHERE IsoCode = '{iso}'")
    code, _, _ = await api.error("PATCH", f"sobjects/CurrencyType/{currency}", {"ConversionRate": rate})
    assert code == "FIELD_INTEGRITY_EXCEPTION"


async def test_opportunities_their_lines_and_histories_are_converted_at_their_close_dates_rate(org: LocalOrg) -> None:
    org.enable_advanced_currency_management()
    org.set_conversion_rate("EUR", "0.5", "2026-01-01")
    org.set_conversion_rate("EUR", "0.25", date(2026, 4, 1))
    org.set_conversion_rate("EUR", "0.8")  # what holds now, for everything else
    account = org.insert("Account", Name="A", AnnualRevenue=Decimal(80), CurrencyIsoCode="EUR")
    deals = [
        org.insert(
            "Opportunity",
            Name=str(day),
            StageName="Closed Won",
            CloseDate=day,
            Amount=Decimal(10),
            CurrencyIsoCode="EUR",
            AccountId=account,
        )
        for day in (date(2026, 3, 31), date(2026, 4, 1))
    ]
    api = Api(org, org.session(org.credentials.admin_username))
    assert await api.names("SELECT convertCurrency(Amount) FROM Opportunity ORDER BY CloseDate") == [20.0, 40.0]
    assert await api.names("SELECT convertCurrency(ExpectedRevenue) FROM OpportunityHistory ORDER BY CloseDate") == [
        20.0,
        40.0,
    ]
    assert await api.names("SELECT convertCurrency(AnnualRevenue) FROM Account") == [100.0]
    # The close date decides, not the day of the change.
    org.update("Opportunity", deals[0], CloseDate=date(2026, 5, 1))
    assert await api.names("SELECT convertCurrency(Amount) FROM Opportunity ORDER BY Id") == [40.0, 40.0]
    await api.close()


async def test_a_campaigns_amounts_are_in_its_currency_at_the_deals_rates(org: LocalOrg) -> None:
    campaign = org.insert("Campaign", Name="Fair", CurrencyIsoCode="GBP")
    for stage, iso, amount in (("Closed Won", "EUR", 92), ("Closed Won", "GBP", 10), ("Prospecting", "USD", 100)):
        org.insert(
            "Opportunity",
            Name=iso,
            StageName=stage,
            CloseDate=date(2026, 2, 1),
            Amount=Decimal(amount),
            CurrencyIsoCode=iso,
            CampaignId=campaign,
        )
    api = Api(org, org.session(org.credentials.admin_username))
    shown = await api.get(f"sobjects/Campaign/{campaign}")
    assert (shown["AmountWonOpportunities"], shown["AmountAllOpportunities"]) == (89.0, 168.0)
    org.enable_advanced_currency_management()
    org.set_conversion_rate("EUR", "0.46", "2026-01-01")
    assert (await api.get(f"sobjects/Campaign/{campaign}"))["AmountWonOpportunities"] == 168.0
    await api.close()


async def test_an_independent_client_manages_rates(org: LocalOrg) -> None:
    org.enable_advanced_currency_management()

    def work() -> list[tuple[str, str]]:
        sf = client(org)
        sf.DatedConversionRate.create({"IsoCode": "GBP", "StartDate": "2026-02-01", "ConversionRate": 0.75})
        found = sf.query("SELECT IsoCode, NextStartDate FROM DatedConversionRate WHERE StartDate = 2026-02-01")
        return [(row["IsoCode"], row["NextStartDate"]) for row in found["records"]]

    assert await asyncio.to_thread(work) == [("GBP", "4000-12-31")]
