from collections.abc import AsyncIterator
from decimal import Decimal

import pytest_asyncio

from forcedex.access.view import everything
from forcedex.analytics.closed_won import closed_won
from forcedex.analytics.report import Report
from forcedex.domain.money import Currencies
from forcedex.elasticsearch.indices import ElasticsearchSink
from forcedex.elasticsearch.query import QueryClient
from tests.factories.pages import page, record_id
from tests.factories.schemas import field, selection, sobject
from tests.integration.elasticsearch.conftest import client, names, queries, sink

__all__ = ["client", "names", "queries", "sink"]

OPPORTUNITY = sobject(
    "Opportunity",
    field("Name", length=120, name_field=True),
    field("Amount", "currency", scale=2),
    field("CurrencyIsoCode", "picklist", length=3),
    field("IsWon", "boolean"),
    field("CloseDate", "date"),
    field("OwnerId", "reference", reference_to=("User",)),
    field("AccountId", "reference", reference_to=("Account",)),
)
USER = sobject("User", field("Name", length=121, name_field=True))
RATES = Currencies(corporate="USD", rates={"USD": Decimal(1), "EUR": Decimal("0.8"), "JPY": Decimal(150)})
ANNA, BEN = record_id(1, "005"), record_id(2, "005")


def won(
    amount: str, code: str = "USD", day: str = "2026-01-15", owner: str = ANNA, account: str = ""
) -> dict[str, str]:
    return {
        "Amount": amount,
        "CurrencyIsoCode": code,
        "IsWon": "true",
        "CloseDate": day,
        "OwnerId": owner,
        "AccountId": account,
    }


@pytest_asyncio.fixture
async def fill(sink: ElasticsearchSink) -> AsyncIterator[None]:
    deals = selection(OPPORTUNITY)
    target = await sink.open(deals, known=None, currencies=RATES)
    rows = (
        won("100.10"),
        won("80", "EUR", "2026-01-31", BEN),  # 100.00 USD
        won("1000", "JPY", "2026-02-01"),  # 6.67 USD
        won("0.10", day="2026-02-28", account=record_id(9)),
        won("", day="2026-02-03"),  # no amount
        won("5", "XXX", "2026-02-03"),  # no rate
        {**won("999999"), "IsWon": "false"},
    )
    await (await target.put(page(deals, *rows), 1))
    users = selection(USER)
    target = await sink.open(users, known=None, currencies=RATES)
    await (await target.put(page(users, {"Id": ANNA, "Name": "Anna"}, {"Id": BEN, "Name": "Ben"}), 2))
    await sink.refresh()
    yield


async def rows(queries: QueryClient, by: str) -> tuple[Report, list[tuple[str, str, int]]]:
    report = await closed_won(queries, await queries.objects(), everything(), by)  # type: ignore[arg-type]  # a literal
    return report, [(row.label, str(row.amount), row.count) for row in report.rows]


async def test_won_amounts_by_month_are_exact_in_the_corporate_currency(fill: None, queries: QueryClient) -> None:
    report, found = await rows(queries, "month")
    assert found == [("2026-01", "200.10", 2), ("2026-02", "6.77", 4)]
    assert (report.total, report.count, report.currency) == (Decimal("206.87"), 6, "USD")


async def test_won_amounts_by_owner_come_largest_first_with_names(fill: None, queries: QueryClient) -> None:
    _, found = await rows(queries, "owner")
    assert found == [("Anna", "106.87", 5), ("Ben", "100.00", 1)]


async def test_deals_without_an_account_are_a_row_of_their_own(fill: None, queries: QueryClient) -> None:
    _, found = await rows(queries, "account")
    assert found == [("(no account)", "206.77", 5), (record_id(9), "0.10", 1)]


async def test_what_could_not_be_counted_is_said(fill: None, queries: QueryClient) -> None:
    report, _ = await rows(queries, "month")
    assert report.notes == (
        "2 won opportunities have no amount, or one in a currency without a rate, and add nothing.",
    )
