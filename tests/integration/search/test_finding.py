"""What people complain about in the search of their CRM, and every way in which a record is found."""

import pytest
from elasticsearch import AsyncElasticsearch

from forcedex.access.view import everything
from forcedex.elasticsearch.naming import Names
from forcedex.elasticsearch.query import QueryClient
from forcedex.search.asker import Asker
from forcedex.search.request import SearchRequest
from forcedex.search.search import Search
from forcedex.search.vocabulary import Promotion, shipped
from tests.integration.search.company import BEN, SECRET, fill, reader, rid


async def found(search: Search, text: str) -> list[str]:
    return [hit.title for hit in (await search.run(reader(), text)).hits]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("bob norman", "Robert Norman"),  # nickname
        ("norman rob", "Robert Norman"),
        ("R. Norman", "Robert Norman"),  # initial
        ("ceo norman", "Robert Norman"),  # synonym of a title
        ("Chief Executive Officer", "Robert Norman"),
        ("ZMS", "Zanteco Medical Systems Ltd"),  # initials of a company
        ("zanteco medical systems gmbh", "Zanteco Medical Systems Ltd"),  # another legal form
        ("MUELLER maschinenbau ag", "Müller Maschinenbau GmbH"),
        ("zan teco foods", "Zanteco Foods Inc"),  # a word split
        ("zantecofoods", "Zanteco Foods Inc"),  # words joined
        ("anteco foo", "Zanteco Foods Inc"),  # inside of a word
        ("サクラミ", "株式会社サクラミライ電機"),  # a piece of katakana
        ("クラミラ", "株式会社サクラミライ電機"),
        ("電機有限公司", "株式会社サクラミライ電機"),  # another legal form
        ("ac 123", "Zanteco Medical Systems Ltd"),  # a code in any spelling
        ("AC000123", "Zanteco Medical Systems Ltd"),
        ("#00001234", "00001234"),
        ("1234", "00001234"),  # without its zeros
        ("0049 30 1234567", "Müller Maschinenbau GmbH"),
        ("+49 (0)30 / 123 4567", "Müller Maschinenbau GmbH"),
        ("4155550100", "Jerry Colby Gule"),
        ("gule 0100", "Jerry Colby Gule"),  # surname and the end of a number
        ("norman@zanteco", "Robert Norman"),  # parts of an address
        ("phone number of robert norman", "Robert Norman"),  # noise
        ("robert x. norman", "Robert Norman"),  # an initial that the record lacks
        ("weld cell", "00001234"),  # stems in long texts
        ("norrman", "Robert Norman"),  # typos
        ("orman robert", "Robert Norman"),
    ],
)
async def test_every_way_to_name_a_record_finds_it(company: Search, text: str, first: str) -> None:
    assert (await found(company, text))[:1] == [first]


async def test_an_initial_finds_everybody_with_it(company: Search) -> None:
    assert set(await found(company, "J Gule")) == {"Joe Gule", "Jerry Colby Gule"}


async def test_the_middle_and_the_end_of_a_word_are_found_when_nothing_fits_exactly(company: Search) -> None:
    answer = await company.run(reader(), "dical")
    assert [hit.title for hit in answer.hits] == ["Zanteco Medical Systems Ltd"]
    assert answer.relaxed


async def test_what_fits_exactly_keeps_typos_out(company: Search) -> None:
    answer = await company.run(everything(), "Norman")
    assert {hit.title for hit in answer.hits} == {"Robert Norman", "Hidden Normann"}  # the latter begins like that
    assert answer.hits[0].title == "Robert Norman"


async def test_every_hit_of_a_page_after_the_two_thousandth_can_be_reached(
    client: AsyncElasticsearch, names: Names, queries: QueryClient, company: Search, anna: Asker
) -> None:
    rows = [{"Name": f"Miller {number}"} for number in range(1, 2_301)]
    for index in await client.indices.get(index=f"{names.root}*"):
        await client.indices.delete(index=index)
    await fill(client, names, {"Contact": rows})
    seen: set[str] = set()
    request = SearchRequest(text="miller", size=100, counts=False)
    while True:
        answer = await company.ask(reader(), anna, request)
        seen |= {hit.id for hit in answer.hits}
        if answer.cursor is None:
            break
        request = SearchRequest(text="miller", size=100, counts=False, cursor=answer.cursor)
    assert len(seen) == answer.total == 2_300


async def test_a_thousand_hidden_words_cannot_crowd_a_visible_one_out(
    client: AsyncElasticsearch, names: Names, queries: QueryClient
) -> None:
    letters = "abcdefghijklmnopqrstuvwxyz"
    hidden = [{"Name": f"Schwarzkop{a}{b} Wagner", "acl": SECRET} for a in letters for b in letters]
    hidden += [{"Name": f"{a}chwarzkop{b}", "acl": SECRET} for a in letters for b in letters]
    await fill(client, names, {"Contact": [*hidden[:1_000], {"Name": "Schwarzkopf Zwick"}]})
    search = Search(queries, await queries.objects(), "https://acme.my.salesforce.com")
    for text in ("schwarzkpof", "xchwarzkopf", "schwarzk", "schwarzkopt zwi", "chwarzkop", "schwarzkpo"):
        answer = await search.run(reader(), text)
        assert [hit.title for hit in answer.hits] == ["Schwarzkopf Zwick"], text
        assert any(segment.hit for segment in answer.hits[0].highlights.get("Name", ())) or text == "chwarzkop"
        assert [each.id for each in await search.suggest(reader(), Asker(), text)] == [answer.hits[0].id], text


async def test_a_promoted_record_stands_on_top_for_its_query_and_only_for_who_may_see_it(
    queries: QueryClient, company: Search, anna: Asker
) -> None:
    promotion = Promotion(query="Best customer", record_ids=(rid("Account", 2), rid("Contact", 5)))
    search = Search(
        queries, await queries.objects(), "https://x", vocabulary=shipped().extended(promotions=[promotion])
    )
    assert [hit.title for hit in (await search.run(reader(), "best  CUSTOMER")).hits] == ["Müller Maschinenbau GmbH"]
    assert len((await search.run(everything(), "best customer")).hits) == 2


async def test_an_administrators_synonym_counts(queries: QueryClient, company: Search) -> None:
    vocabulary = shipped().extended(synonyms=[("big blue", "zanteco foods")])
    search = Search(queries, await queries.objects(), "https://x", vocabulary=vocabulary)
    assert "Zanteco Foods Inc" in await found(search, "big blue")
    assert await found(company, "big blue") == []


async def test_what_was_corrected_is_told_with_a_way_back(company: Search, anna: Asker) -> None:
    answer = await company.ask(reader(), anna, SearchRequest(text="robert nroman"))
    assert answer.correction is not None
    assert (answer.correction.text, answer.correction.instead_of) == ("robert norman", "robert nroman")
    back = await company.ask(reader(), anna, SearchRequest(text="robert nroman", verbatim=True))
    assert (back.total, back.correction) == (0, None)


async def test_a_correction_never_names_a_word_of_hidden_records(company: Search, anna: Asker) -> None:
    answer = await company.ask(reader(), anna, SearchRequest(text="hiden normann"))
    assert "hidden" not in str(answer).casefold()


async def test_mine_and_open_ones_come_first_among_equals(
    client: AsyncElasticsearch, names: Names, queries: QueryClient, anna: Asker
) -> None:
    deals = [
        {"Name": "Twin Deal", "StageName": "Of somebody else", "OwnerId": BEN, "IsClosed": "false"},
        {"Name": "Twin Deal", "StageName": "Closed and mine", "IsClosed": "true"},
        {"Name": "Twin Deal", "StageName": "Open and mine", "IsClosed": "false"},
    ]
    await fill(client, names, {"Opportunity": deals})
    search = Search(queries, await queries.objects(), "https://acme.my.salesforce.com")
    hits = (await search.ask(reader(), anna, SearchRequest(text="twin deal"))).hits
    assert len(hits) == 3
    assert hits[0].fields["StageName"] == "Open and mine"


async def test_an_explanation_names_words_and_fields_and_no_points_to_a_user(company: Search, anna: Asker) -> None:
    answer = await company.ask(reader(), anna, SearchRequest(text="bob norman"), explain=True)
    said = [reason.text for reason in answer.hits[0].reasons]
    assert "“norman” is a word of Name" in said
    assert "“bob” is another name for a word of Name" in said
    assert "It is yours" in said
    assert any(text.startswith("It was changed on 2026-11-20") for text in said)
    assert all(reason.points is None for reason in answer.hits[0].reasons)
    assert answer.hits[0].score is None
    operator = await company.ask(everything(), anna, SearchRequest(text="bob norman"), explain=True)
    assert operator.hits[0].score == pytest.approx(sum(r.points or 0 for r in operator.hits[0].reasons), rel=0.1)


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            " ",
            "x",
            "?!*",
            "the of and",
            "GmbH",
            "*" * 300,
            "a" * 10_000,
            "a* " * 3_000,
            '"unbalanced',
            "((((",
            "-",
        ),
        *(
            "foo:bar",
            "amount>tomorrow",
            "close:never",
            "owner:me",
            "stage:",
            ":",
            "name:*",
            '"',
            '-"',
            "\x00",
            "💥" * 50,
        ),
        *("\ud800", "object:nothing", "amount:..", "amount>1e999", "created:9999-99-99", "close:last-9999-years"),
        *(" ".join(f"w{n}" for n in range(500)), "wildcard~* OR (a AND b)^5 /.*/", "x:" * 2_000, "𝒳" * 400, "💥" * 50),
    ],
    ids=lambda text: ascii(text)[:20],
)
async def test_bad_input_gets_an_answer_or_a_sentence(company: Search, anna: Asker, text: str) -> None:
    """What it costs the node is measured in `bench/`."""
    answer = await company.ask(reader(), anna, SearchRequest(text=text))
    assert answer.total >= len(answer.hits) >= 0
    assert all(each.endswith(".") for each in answer.notices)
