"""Filters, facets, orders, pages, suggestions, and what is around a record."""

import json
from dataclasses import asdict, replace
from datetime import timedelta

import pytest

from forcedex.access.view import everything
from forcedex.domain.errors import Refused
from forcedex.search.answer import Answer
from forcedex.search.asker import Asker
from forcedex.search.cursors import CursorRefused
from forcedex.search.related import Kind
from forcedex.search.request import SearchRequest, Sort
from forcedex.search.search import Search
from tests.integration.search.company import BEN, reader, rid
from tests.integration.search.conftest import Clock


def titles(answer: Answer) -> list[str]:
    return [hit.title for hit in answer.hits]


async def ask(search: Search, asker: Asker, text: str, **more: object) -> Answer:
    return await search.ask(reader(), asker, SearchRequest(text=text, **more))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('stage:"Closed Won"', {"Müller Expansion"}),
        ("stage:proposal amount>50k", {"Zanteco Upgrade"}),
        ("zanteco -pilot object:opportunity", {"Zanteco Renewal 2026", "Zanteco Upgrade"}),
        ("owner:me object:deals amount<=20,000", {"Zanteco Pilot"}),
        ("close:this-month amount:50k..70k", {"Zanteco Upgrade"}),
        ("status:New", {"00001234"}),
        ("priority:high", {"00001234"}),
        ("name:zanteco object:account -name:foods", {"Zanteco Medical Systems Ltd"}),
        ('"medical systems"', {"Zanteco Medical Systems Ltd", "Zanteco Renewal 2026"}),
        ("email:zanteco.example", {"Robert Norman"}),
        ("cases opened last week", {"00001234"}),
        ("won deals by Ben Weber last month", {"Müller Expansion"}),
        ("my team's won deals", {"Müller Expansion"}),
        ("my open opportunities over 50k closing this month in Germany", {"Zanteco Renewal 2026"}),
        ("deals in Deutschland", {"Zanteco Renewal 2026", "Zanteco Pilot", "Müller Expansion"}),
        ("accounts in France", {"Zanteco Foods Inc", "Cases Unlimited Inc"}),
        ("high priority cases", {"00001234"}),
    ],
)
async def test_the_language_and_plain_phrases_filter(
    company: Search, anna: Asker, text: str, expected: set[str]
) -> None:
    answer = await ask(company, anna, text)
    assert set(titles(answer)) == expected
    assert not answer.notices and answer.filters or text.startswith('"')


async def test_every_understood_filter_says_where_it_comes_from_and_can_be_removed(
    company: Search, anna: Asker
) -> None:
    text = "my open opportunities over 50k closing this month in Germany"
    answer = await ask(company, anna, text)
    assert {each.label: text[slice(*each.span)] for each in answer.filters} == {
        "Only Opportunities": "opportunities",
        "Amount > 50,000": "over 50k",
        "Open": "open",
        "Close Date: this month": "closing this month",
        "Owner: me": "my",
        "In: Germany": "in Germany",
    }
    anywhere = await ask(company, anna, text.replace(" in Germany", ""))
    assert set(titles(anywhere)) == {"Zanteco Renewal 2026", "Zanteco Upgrade"}
    (amount,) = [each.key for each in anywhere.filters if each.label.startswith("Amount")]
    written = "stage:proposal amount>50k"
    (amount,) = [each.key for each in (await ask(company, anna, written)).filters if "Amount" in each.label]
    assert set(titles(await ask(company, anna, written, off=(amount,)))) == {"Zanteco Upgrade", "Zanteco Pilot"}


async def test_a_guess_that_finds_nothing_gives_way_to_the_words(company: Search, anna: Asker) -> None:
    answer = await ask(company, anna, "cases unlimited")
    assert titles(answer) == ["Cases Unlimited Inc"]
    assert answer.notices == ("Nothing fits “Only Cases”: it was searched for the words instead.",)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("amount>tomorrow", "“tomorrow” does not fit Amount, which needs a number: “amount>tomorrow” was searched as"),
        ("close:soonish", "“soonish” does not fit Close Date, which needs a date, such as"),
        ("flavour:sweet", "There is no field “flavour”: “flavour:sweet” was searched as words."),
        ("object:unicorn", "There is no object “unicorn” to search: it was searched as words."),
    ],
)
async def test_what_is_not_understood_is_said_in_one_sentence(
    company: Search, anna: Asker, text: str, sentence: str
) -> None:
    (notice,) = (await ask(company, anna, text)).notices
    assert notice.startswith(sentence)


async def test_me_means_nobody_for_the_operator(company: Search) -> None:
    answer = await company.ask(everything(), Asker(), SearchRequest(text="owner:me zanteco"))
    assert answer.notices[0].startswith("“owner:me” means nobody here")


async def test_a_field_that_may_not_be_read_is_no_field(company: Search, anna: Asker) -> None:
    view = reader(hidden={"Opportunity": ("Amount",)})
    answer = await company.ask(view, anna, SearchRequest(text="amount>50k", objects=("Opportunity",)))
    assert answer.notices == ("There is no field “amount”: “amount>50k” was searched as words.",)
    sorted_ = await company.ask(view, anna, SearchRequest(text="zanteco", objects=("Opportunity",), sort=Sort.AMOUNT))
    assert "cannot be sorted by amount" in sorted_.notices[0]
    assert "Amount" not in {each.name for each in sorted_.facets}


async def test_tabs_count_every_kind_while_one_is_open(company: Search, anna: Asker) -> None:
    for objects in ((), ("Account",)):
        answer = await ask(company, anna, "zanteco", objects=objects)
        kinds = {each.value: each.count for each in answer.facets[0].buckets}
        assert kinds == {"Account": 2, "Opportunity": 3, "Contact": 2}
    assert answer.total == 2


async def test_a_facets_other_values_keep_their_counts_while_some_are_chosen(company: Search, anna: Asker) -> None:
    answer = await ask(
        company, anna, "zanteco", objects=("Opportunity",), facets={"StageName": ("Proposal",), "CloseDate": ("2026",)}
    )
    stages = next(each for each in answer.facets if each.name == "StageName")
    assert {each.value: (each.count, each.chosen) for each in stages.buckets} == {
        "Proposal": (2, True),
        "Negotiation": (1, False),
    }
    assert set(titles(answer)) == {"Zanteco Pilot", "Zanteco Upgrade"}
    both = await ask(
        company, anna, "zanteco", objects=("Opportunity",), facets={"StageName": ("Proposal", "Negotiation")}
    )
    assert both.total == 3
    amounts = next(each for each in both.facets if each.name == "Amount")
    assert {each.label: each.count for each in amounts.buckets} == {"10,000 to 100,000": 3}
    owners = next(each for each in both.facets if each.name == "Owner.Name")
    assert [(each.label, each.count) for each in owners.buckets] == [("Anna Schmidt", 3)]


@pytest.mark.parametrize(
    ("sort", "reverse", "first"),
    [
        (Sort.AMOUNT, False, "Müller Expansion"),
        (Sort.AMOUNT, True, "Zanteco Pilot"),
        (Sort.CLOSE_DATE, False, "Müller Expansion"),
        (Sort.NAME, False, "Müller Expansion"),
        (Sort.NAME, True, "Zanteco Upgrade"),
    ],
)
async def test_hits_come_in_the_order_that_was_asked_for(
    company: Search, anna: Asker, sort: Sort, reverse: bool, first: str
) -> None:
    answer = await ask(company, anna, "object:opportunity", sort=sort, reverse=reverse)
    assert titles(answer)[0] == first


@pytest.mark.parametrize("sort", list(Sort))
async def test_pages_hold_every_hit_once(company: Search, anna: Asker, sort: Sort) -> None:
    whole = await ask(company, anna, "zanteco", sort=sort, size=50)
    seen: list[str] = []
    cursor: str | None = ""
    while cursor is not None:
        page = await ask(company, anna, "zanteco", sort=sort, size=2, cursor=cursor)
        seen += [hit.id for hit in page.hits]
        cursor = page.cursor
    assert seen == [hit.id for hit in whole.hits]


async def test_a_cursor_is_for_the_same_person_and_question_and_not_for_long(
    company: Search, anna: Asker, clock: Clock
) -> None:
    request = SearchRequest(text="zanteco", size=2)
    cursor = (await company.ask(reader(), anna, request)).cursor
    assert cursor
    good = replace(request, cursor=cursor)
    assert (await company.ask(reader(), anna, good)).hits
    for place in range(0, len(cursor), 7):
        other = "A" if cursor[place] != "A" else "B"
        with pytest.raises(CursorRefused):
            await company.ask(reader(), anna, replace(good, cursor=cursor[:place] + other + cursor[place + 1 :]))
    for view, wrong in (
        (reader(BEN), good),
        (everything(), good),
        (reader(), replace(good, text="zantec")),
        (reader(), replace(good, sort=Sort.NAME)),
        (reader(), replace(good, cursor="nonsense")),
        (reader(), replace(good, cursor="é" * 9_000)),
    ):
        with pytest.raises(CursorRefused, match="Start again"):
            await company.ask(view, anna, wrong)
    clock.forward(timedelta(minutes=16))
    with pytest.raises(CursorRefused, match="too old"):
        await company.ask(reader(), anna, good)


async def test_suggestions_come_from_two_letters_on_and_mark_what_was_typed(company: Search, anna: Asker) -> None:
    assert await company.suggest(reader(), anna, "z") == ()
    found = await company.suggest(reader(), anna, "zan me")
    assert [("".join(s.text for s in each.title), each.object) for each in found][0] == (
        "Zanteco Medical Systems Ltd",
        "Account",
    )
    assert [s.text for s in found[0].title if s.hit] == ["Zan", "Me"]
    assert len(await company.suggest(reader(), anna, "za", size=3)) == 3
    assert [each.id for each in await company.suggest(reader(), anna, "ac-000123")] == [rid("Account", 1)]
    assert [each.object for each in await company.suggest(reader(), anna, "za", objects=("Account",))] == [
        "Account"
    ] * 2
    assert await company.suggest(reader(), anna, "hidd") == ()


async def test_what_is_around_a_record_is_what_its_reader_sees(company: Search) -> None:
    children = await company.related(reader(), "Account", rid("Account", 1), Kind.CHILDREN)
    assert children.counts == {"Opportunities": 2, "Cases": 1}
    twins = await company.related(reader(), "Contact", rid("Contact", 1), Kind.DUPLICATES)
    assert [hit.id for hit in twins.hits] == [rid("Contact", 4)]
    similar = await company.related(reader(), "Account", rid("Account", 4), Kind.SIMILAR)
    assert "Zanteco Medical Systems Ltd" in [hit.title for hit in similar.hits]
    for sobject, record_id in (("Contact", rid("Contact", 5)), ("Nothing", rid("Contact", 1)), ("Contact", "x")):
        with pytest.raises(Refused):
            await company.related(reader(), sobject, record_id, Kind.CHILDREN)


async def test_an_answer_can_be_written_as_json_and_tells_how_fresh_it_is(company: Search, anna: Asker) -> None:
    answer = await company.ask(reader(), anna, SearchRequest(text="zanteco"), as_of="2026-11-23T11:59:00Z")
    assert answer.synced == ("2026-11-01T00:00:00Z", "2026-11-01T00:00:00Z")
    assert json.loads(json.dumps(asdict(answer)))["as_of"] == "2026-11-23T11:59:00Z"


async def test_too_much_at_once_is_refused(company: Search, anna: Asker) -> None:
    with pytest.raises(Refused, match="at most 100"):
        SearchRequest(text="x", size=101)
    with pytest.raises(Refused, match="no object"):
        await ask(company, anna, "x", objects=("Nothing",))
