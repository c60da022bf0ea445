from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
import pytest_asyncio

from forcedex.access.view import everything, nothing
from forcedex.domain.money import Currencies
from forcedex.domain.principal import OrgUser
from forcedex.elasticsearch.indices import ElasticsearchSink
from forcedex.elasticsearch.query import QueryClient
from forcedex.search.answer import Segment
from forcedex.search.search import Search
from tests.factories.pages import page, record_id
from tests.factories.schemas import ACCOUNT, CONTACT, selection
from tests.integration.elasticsearch.conftest import client, names, queries, sink

__all__ = ["client", "names", "queries", "sink"]

ACCOUNTS = (
    {"Name": "Müller Maschinenbau GmbH", "Phone": "+49 30 1234567", "BillingCity": "Köln"},
    {"Name": "Northwind Robotics Inc.", "Description": "Builds welding cells for bicycle frames."},
    {"Name": "株式会社さくら電機"},
    {"Name": "O'Neil & Sons"},
    {"Name": "Northgate Medical Ltd"},
)
CONTACTS = (
    {"Name": "Anna Schmidt", "Email": "anna.schmidt@mueller.example", "Account.Name": "Müller Maschinenbau GmbH"},
    {"Name": "Robert Schmidt", "Title": "Head of Welding", "Phone": "(415) 555-0100", "Account.Name": "O'Neil & Sons"},
    {"Name": "田中 太郎", "Account.Name": "株式会社さくら電機"},
)


@pytest_asyncio.fixture
async def search(sink: ElasticsearchSink, queries: QueryClient) -> AsyncIterator[Search]:
    accounts, contacts = selection(ACCOUNT), selection(CONTACT, ACCOUNT)
    target = await sink.open(accounts, known=None, currencies=Currencies())
    await (await target.put(page(accounts, *ACCOUNTS), 1))
    target = await sink.open(contacts, known=None, currencies=Currencies())
    rows = [{**row, "Id": record_id(number, "003")} for number, row in enumerate(CONTACTS, start=1)]
    await (await target.put(page(contacts, *rows), 2))
    await sink.refresh()
    yield Search(queries, await queries.objects(), "https://acme.my.salesforce.com")


async def titles(search: Search, text: str) -> list[str]:
    return [hit.title for hit in (await search.run(everything(), text)).hits]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("muller", "Müller Maschinenbau GmbH"),  # folding
        ("Mueller", "Müller Maschinenbau GmbH"),  # transliteration
        ("maschinenbau müller", "Müller Maschinenbau GmbH"),  # any order
        ("north rob", "Northwind Robotics Inc."),  # beginnings
        ("Nortwhind", "Northwind Robotics Inc."),  # letters swapped
        ("orthwind", "Northwind Robotics Inc."),  # first letter missing
        ("shcmidt anna", "Anna Schmidt"),
        ("schmidt müller", "Anna Schmidt"),  # surname and company
        ("anna.schmidt@mueller.example", "Anna Schmidt"),
        ("0301234567", "Müller Maschinenbau GmbH"),  # a national spelling finds the international one
        ("415 555 0100", "Robert Schmidt"),
        ("bicycle frames", "Northwind Robotics Inc."),  # long text
        ("さくら", "株式会社さくら電機"),
        ("電機", "株式会社さくら電機"),
        ("田中", "田中 太郎"),
        ("oneil", "O'Neil & Sons"),
        ("köln", "Müller Maschinenbau GmbH"),
        (record_id(4)[:15], "O'Neil & Sons"),
    ],
)
async def test_what_people_type_finds_what_they_mean(search: Search, text: str, first: str) -> None:
    assert (await titles(search, text))[:1] == [first]


async def test_exact_hits_keep_typos_out(search: Search) -> None:
    answer = await search.run(everything(), "Schmidt")
    assert {hit.title for hit in answer.hits} == {"Anna Schmidt", "Robert Schmidt"}
    assert not answer.relaxed


@pytest.mark.parametrize("text", ["", "   ", "?!", "zzzzqqqq", "*", '"unbalanced', "a" * 10_000, "💥", "\x00"])
async def test_senseless_queries_find_nothing_and_break_nothing(search: Search, text: str) -> None:
    assert (await search.run(everything(), text)).total == 0


async def test_a_stranger_finds_nothing(search: Search) -> None:
    assert (await search.run(nothing(OrgUser("005000000000001AAA"), "unknown"), "Schmidt")).total == 0


async def test_a_hit_tells_what_it_is_and_where_it_was_found(search: Search) -> None:
    (hit,) = (await search.run(everything(), "anna")).hits
    assert (hit.object, hit.title, hit.id) == ("Contact", "Anna Schmidt", record_id(1, "003"))
    assert hit.url == f"https://acme.my.salesforce.com/lightning/r/Contact/{hit.id}/view"
    assert hit.highlights["Name"] == (Segment("Anna", True), Segment(" Schmidt", False))
    assert hit.fields["Account.Name"] == "Müller Maschinenbau GmbH"


async def test_the_relevance_figure_is_results_times_terms_by_seconds(search: Search) -> None:
    answer = await search.run(everything(), "robert schmidt")
    assert (answer.total, answer.terms) == (1, 2)
    assert answer.relevance_figure == pytest.approx(2 / (answer.took_ms / 1000))
    assert replace(answer, total=0).relevance_figure == 0
