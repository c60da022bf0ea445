"""SOSL: what words find, in which fields, for whom, and what is refused."""

import asyncio
import shutil
import threading
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import pytest_asyncio
from simple_salesforce.exceptions import SalesforceMalformedRequest

from localorg.fixture import LocalOrg, running_org
from tests.localorg.api import Api
from tests.localorg.test_localorg_clients import client

#: What is searched for in all fields of accounts and contacts: the names found.
FOUND = [
    ("acme", {"Acme Robotics Inc", "Bo Acme"}, "case does not count"),
    ("Acme Robotics", {"Acme Robotics Inc"}, "words without an operator are joined by AND"),
    ("Robotics Acme", {"Acme Robotics Inc"}, "in any order"),
    ('"Robotics Acme"', set(), "a phrase keeps its order"),
    ('"Acme Robotics"', {"Acme Robotics Inc"}, "and is found in that"),
    ("Robot", set(), "a word is whole"),
    ("Robot*", {"Acme Robotics Inc"}, "a star stands for any end"),
    ("R*ics", {"Acme Robotics Inc"}, "and for any middle"),
    ("*botics", set(), "but not for a beginning"),
    ("Robotic?", {"Acme Robotics Inc"}, "a question mark is one character"),
    ("Acme AND NOT Robotics", {"Bo Acme"}, "AND NOT"),
    ("Robotics OR Ostlund", {"Acme Robotics Inc", "Östlund & Söner"}, "OR, and accents do not count"),
    ("(Robotics OR Bo) AND Acme", {"Acme Robotics Inc", "Bo Acme"}, "parentheses"),
    ("Acme Berlin", {"Acme Robotics Inc"}, "the words may stand in different fields"),
    ("bo@acme.example", {"Bo Acme"}, "an address is found by its pieces"),
    (r"555\-0100", {"Bo Acme"}, "a number too"),
    ("5550100", set(), "as it is written"),
    ("Acme AND NOT Bo AND Berlin", {"Acme Robotics Inc", "Bo Acme"}, "from right to left: not both Bo and Berlin"),
    ("Acme And Not Bo", {"Acme Robotics Inc"}, "operators are no matter of case"),
    ('Acme "and" Bo', set(), "in quotation marks they are words"),
    ("Acme R*", {"Acme Robotics Inc"}, "a star at the end of the last word"),
    (r"Acme \*", {"Acme Robotics Inc", "Bo Acme"}, "an escaped star is punctuation"),
    ("Holdings Bo", {"Bo Acme"}, "a contact has the name of its account"),
    ("PhotoUrl", set(), "a field's name is no text"),
    (r"S\&ner", set(), "what is escaped is a sign, not an operator"),
    ("Gold", set(), "values of lists are not searched"),
]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def searched(template: Path, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[LocalOrg]:
    folder = shutil.copytree(template, tmp_path_factory.mktemp("searched") / "org")
    async with running_org(folder) as org:
        org.insert("Account", Name="Acme Robotics Inc", BillingCity="Berlin", Tier__c="Gold")
        org.insert("Account", Name="Östlund & Söner", Description="x" * 5000 + " Walzwerk")
        parent = org.insert("Account", Name="Holdings")
        org.insert(
            "Contact", FirstName="Bo", LastName="Acme", AccountId=parent, Email="bo@acme.example", Phone="415 555-0100"
        )
        yield org


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def api(searched: LocalOrg) -> AsyncIterator[Api]:
    api = Api(searched, searched.session(searched.credentials.admin_username))
    yield api
    await api.close()


@pytest_asyncio.fixture(loop_scope="session")
async def session(org: LocalOrg) -> AsyncIterator[Callable[[str], Api]]:
    """The API of whoever has this token."""
    opened: list[Api] = []

    def open_session(token: str) -> Api:
        opened.append(Api(org, token))
        return opened[-1]

    yield open_session
    for each in opened:
        await each.close()


async def found(api: Api, sosl: str, status: int = 200) -> Any:
    answer = await api.get(f"search?q={quote(sosl)}", status)
    return answer["searchRecords"] if status == 200 else answer


@pytest.mark.parametrize(("text", "names", "why"), FOUND, ids=[each[0] for each in FOUND])
async def test_words_find_what_holds_them(api: Api, text: str, names: set[str], why: str) -> None:
    records = await found(api, f"FIND {{{text}}} RETURNING Account(Name), Contact(Name)")
    assert {each["Name"] for each in records} == names, why


async def test_a_group_of_fields_limits_where_is_looked(api: Api) -> None:
    for group, names in (
        ("NAME", {"Acme Robotics Inc", "Bo Acme"}),
        ("EMAIL", {"Bo Acme"}),
        ("PHONE", set()),
        ("SIDEBAR", {"Acme Robotics Inc", "Bo Acme"}),
    ):
        records = await found(api, f"FIND {{acme}} IN {group} FIELDS RETURNING Account(Name), Contact(Name)")
        assert {each["Name"] for each in records} == names, group
    assert await found(api, "FIND {walzwerk} RETURNING Account(Id)"), "the end of a long text"


async def test_soql_clauses_shape_what_is_shown(api: Api) -> None:
    records = await found(api, "FIND {acme OR ostlund} RETURNING Account(Name, BillingCity ORDER BY Name DESC LIMIT 1)")
    assert [each["Name"] for each in records] == ["Östlund & Söner"]
    records = await found(api, "find {acme OR ostlund} returning account(name where BillingCity = 'Berlin')")
    assert [each["Name"] for each in records] == ["Acme Robotics Inc"]
    assert records[0]["attributes"]["type"] == "Account"
    assert len(await found(api, "FIND {acme} RETURNING Account, Contact LIMIT 1")) == 1
    records = await found(api, "FIND {acme OR ostlund} RETURNING Account(Name ORDER BY Name LIMIT 5 OFFSET 1)")
    assert [each["Name"] for each in records] == ["Östlund & Söner"]
    everywhere = await found(api, "FIND {acme}")
    assert {each["attributes"]["type"] for each in everywhere} == {"Account", "Contact"}
    assert set(everywhere[0]) == {"attributes", "Id"}


async def test_parameters_say_the_same(api: Api) -> None:
    by_get = await api.get("parameterizedSearch?q=acme&sobject=Account&Account.fields=Id,Name&Account.limit=5")
    body = {"q": "acme", "sobjects": [{"name": "Account", "fields": ["Id", "Name"], "limit": 5}]}
    by_post = await api.post("parameterizedSearch", body, 200)
    assert [each["Name"] for each in by_get["searchRecords"]] == ["Acme Robotics Inc"]
    assert by_get == by_post
    both = await api.get("parameterizedSearch?q=acme&sobject=Account&sobject=Contact&fields=Name&in=NAME")
    assert [each["Name"] for each in both["searchRecords"]] == ["Acme Robotics Inc", "Bo Acme"]
    with_signs = await api.get("parameterizedSearch?q=555-0100&sobject=Contact&Contact.fields=Name")
    assert [each["Name"] for each in with_signs["searchRecords"]] == ["Bo Acme"]
    only = await api.post("parameterizedSearch", {"q": "acme", "in": "EMAIL", "fields": ["Id"]}, 200)
    assert [each["attributes"]["type"] for each in only["searchRecords"]] == ["Contact"]


@pytest.mark.parametrize(
    ("sosl", "code"),
    [
        ("SELECT Id FROM Account", "MALFORMED_SEARCH"),
        ("FIND {a}", "MALFORMED_SEARCH"),
        ("FIND {acme} IN SOME FIELDS", "MALFORMED_SEARCH"),
        ("FIND {acme} RETURNING Account(Name", "MALFORMED_SEARCH"),
        ("FIND {acme} and more", "MALFORMED_SEARCH"),
        ("FIND {(acme} RETURNING Account", "MALFORMED_SEARCH"),
        ("FIND {acme OR} RETURNING Account", "MALFORMED_SEARCH"),
        ("FIND {acme} RETURNING Account LIMIT x", "MALFORMED_SEARCH"),
        (f"FIND {{acme}} RETURNING Account(Id LIMIT {'9' * 5_000})", "MALFORMED_SEARCH"),
        ('FIND {"acme} RETURNING Account', "MALFORMED_SEARCH"),
        ("FIND {a-cme} RETURNING Account", "MALFORMED_SEARCH"),
        ('FIND {"R&D"} RETURNING Account', "MALFORMED_SEARCH"),
        ("FIND {acme AND} RETURNING Account", "MALFORMED_SEARCH"),
        ("FIND {AND NOT acme} RETURNING Account", "MALFORMED_SEARCH"),
        ("FIND {acme} RETURNING Account, account", "MALFORMED_SEARCH"),
        ("FIND {acme} RETURNING Account(WHERE Name = 'x')", "MALFORMED_SEARCH"),
        ("FIND {acme} RETURNING Account(COUNT(Id))", "MALFORMED_SEARCH"),
        ("FIND {acme} RETURNING Account(Id OFFSET 1), Contact", "MALFORMED_SEARCH"),
        ("FIND {acme} RETURNING Account(Id OFFSET 2001)", "NUMBER_OUTSIDE_VALID_RANGE"),
        ("FIND {acme} RETURNING Nothing(Id)", "INVALID_TYPE"),
        ("FIND {acme} RETURNING UserRole(Id)", "INVALID_TYPE"),
        ("FIND {acme} RETURNING Account(Nothing)", "INVALID_FIELD"),
        ("FIND {acme} RETURNING Account(Id WHERE Name = )", "MALFORMED_QUERY"),
    ],
)
async def test_what_cannot_be_read_is_refused_in_the_orgs_shape(api: Api, sosl: str, code: str) -> None:
    answer = await found(api, sosl, 400)
    assert [each["errorCode"] for each in answer] == [code]
    assert answer[0]["message"]


@pytest.mark.parametrize(
    ("parameters", "code"),
    [
        ({"q": ""}, "MALFORMED_SEARCH"),
        ({"q": "acme", "in": "SOME"}, "MALFORMED_SEARCH"),
        ({"q": "acme", "overallLimit": "²"}, "MALFORMED_SEARCH"),
        ({"q": "acme", "sobjects": "Account"}, "JSON_PARSER_ERROR"),
        ({"q": "acme", "sobjects": [{"name": "Account", "fields": "Id"}]}, "JSON_PARSER_ERROR"),
        ({"q": "acme", "sobjects": [{"name": "Account", "where": "Id != null) OR (Id != null"}]}, "MALFORMED_QUERY"),
    ],
)
async def test_parameters_that_say_nothing_are_refused(api: Api, parameters: dict[str, Any], code: str) -> None:
    assert [each["errorCode"] for each in await api.post("parameterizedSearch", parameters, 400)] == [code]


async def test_without_braces_the_answer_is_the_recorded_one(api: Api) -> None:
    message = "No search term found. The search term must be enclosed in braces."
    assert await found(api, "acme", 400) == [{"message": message, "errorCode": "MALFORMED_SEARCH"}]


@pytest.mark.parametrize(
    "clause", ["(Id USING ListView=Mine)", " WITH HIGHLIGHT", " WITH SNIPPET", " WITH SPELL_CORRECTION = true"]
)
async def test_clauses_that_are_not_there_say_so(api: Api, clause: str) -> None:
    answer = await found(api, f"FIND {{acme}} RETURNING Account{clause}", 501)
    assert answer[0]["errorCode"] == "LOCALORG_NOT_IMPLEMENTED"


async def test_words_as_they_are_spelled_may_be_asked_for(api: Api) -> None:
    assert len(await found(api, "FIND {acme} RETURNING Account WITH SPELL_CORRECTION = false LIMIT 5")) == 1


async def test_long_texts_lose_their_operators_and_then_everything(api: Api) -> None:
    just = "acme " * 798
    assert len(await found(api, f"FIND {{{just}}} RETURNING Account")) == 1
    assert await found(api, f"FIND {{{just}nobody}} RETURNING Account") == []
    assert len(await found(api, f"FIND {{{just}acme AND nobody}} RETURNING Account")) == 1, (
        "OR joins words beyond 4,000"
    )
    body = {"q": "acme " * 2_001, "fields": ["Id"]}
    assert (await api.post("parameterizedSearch", body, 200))["searchRecords"] == []


async def test_up_to_version_36_records_come_as_a_list(searched: LocalOrg, api: Api) -> None:
    answer = await api.get("/services/data/v36.0/search?q=FIND+{acme}+RETURNING+Account(Name)")
    assert [each["Name"] for each in answer] == ["Acme Robotics Inc"]


async def test_an_independent_client_searches(searched: LocalOrg, api: Api) -> None:
    def search() -> list[Any]:
        salesforce = client(searched)
        quick: Any = salesforce.quick_search("robotics")
        whole: Any = salesforce.search("FIND {robotics} RETURNING Account(Name)")
        with pytest.raises(SalesforceMalformedRequest):
            salesforce.search("FIND")
        salesforce.session.close()
        return [quick["searchRecords"][0]["attributes"]["type"], whole["searchRecords"][0]["Name"]]

    assert await asyncio.to_thread(search) == ["Account", "Acme Robotics Inc"]


async def test_each_user_finds_what_he_may_read_and_by_the_fields_that_he_may_read(
    org: LocalOrg, reader: Api, session: Callable[[str], Api]
) -> None:
    def fill() -> tuple[str, str]:
        profile = org.create_profile("Sales")
        org.set_object_permissions(profile, "Account", "Read Create Edit")
        org.set_field_permissions(profile, "Account.*", "Read")
        org.set_field_permissions(profile, "Account.Description", "")
        org.set_organization_wide_default("Account", "Private")
        ann = org.create_user("ann@x.example", profile=profile)
        mine = org.insert("Account", Name="Mine Unlimited", OwnerId=ann, Description="bluewhale")
        org.insert("Account", Name="Unlimited Others")
        return org.login_as(ann), mine

    token, mine = await asyncio.to_thread(fill)
    ann = session(token)
    assert [each["Id"] for each in await found(ann, "FIND {unlimited} RETURNING Account")] == [mine]
    assert await found(ann, "FIND {bluewhale} RETURNING Account") == []
    assert len(await found(reader, "FIND {bluewhale} RETURNING Account")) == 1
    assert (await found(ann, "FIND {unlimited} RETURNING Lead", 400))[0]["errorCode"] == "INVALID_TYPE"
    assert (await found(ann, "FIND {mine} RETURNING Account(Description)", 400))[0]["errorCode"] == "INVALID_FIELD"


async def test_an_accounts_name_finds_its_contacts_for_who_may_read_the_account(
    org: LocalOrg, reader: Api, session: Callable[[str], Api]
) -> None:
    def fill() -> tuple[str, str, str]:
        profile = org.create_profile("Service")
        org.set_object_permissions(profile, "Account", "Read")
        org.set_object_permissions(profile, "Contact", "Read ViewAllRecords")
        for name in ("Account.*", "Contact.*"):
            org.set_field_permissions(profile, name, "Read")
        org.set_organization_wide_default("Account", "Private")
        ann = org.create_user("ann@x.example", profile=profile)
        theirs = org.insert("Account", Name="Secretive Holdings")
        mine = org.insert("Account", Name="Secretive Works", OwnerId=ann)
        return (
            org.login_as(ann),
            org.insert("Contact", LastName="Bo", AccountId=theirs),
            org.insert("Contact", LastName="Bo", AccountId=mine),
        )

    token, theirs, mine = await asyncio.to_thread(fill)
    ann = session(token)

    async def ids(api: Api, words: str) -> set[str]:
        return {each["Id"] for each in await found(api, f"FIND {{{words}}} RETURNING Contact")}

    assert await ids(reader, "bo secretive") == {theirs, mine}
    assert await ids(ann, "bo") == {theirs, mine}
    assert await ids(ann, "bo secretive") == {mine}
    assert await ids(reader, "bo AND NOT holdings") == {mine}
    assert await ids(ann, "bo AND NOT holdings") == {theirs, mine}, "what is hidden excludes nothing either"


async def test_limits_come_before_the_rights(org: LocalOrg, reader: Api, session: Callable[[str], Api]) -> None:
    def fill() -> str:
        profile = org.create_profile("Sales")
        org.set_object_permissions(profile, "Account", "Read")
        org.set_field_permissions(profile, "Account.*", "Read")
        org.set_organization_wide_default("Account", "Private")
        ann = org.create_user("ann@x.example", profile=profile)
        org.insert("Account", Name="Smith first", OwnerId=ann)
        org.clock.advance(timedelta(seconds=5))
        for number in range(2_000):
            org.insert("Account", Name=f"Smith {number}")
        return org.login_as(ann)

    token = await asyncio.to_thread(fill)
    assert len(await found(reader, "FIND {smith} RETURNING Account")) == 250
    assert len(await found(reader, "FIND {smith} RETURNING Account(Id LIMIT 300)")) == 250, "LIMIT raises nothing"
    assert len(await found(reader, "FIND {smith} RETURNING Account(Id ORDER BY Name)")) == 2_000
    assert len(await found(reader, "FIND {smith} RETURNING Account(Id WHERE Name LIKE 'Smith 1%')")) == 1_111
    assert await found(session(token), "FIND {smith} RETURNING Account") == []
    assert await found(session(token), "FIND {smith} RETURNING Account(Id ORDER BY Name)") == []
    assert len(await found(session(token), "FIND {smith first} RETURNING Account")) == 1


async def test_the_limit_of_all_is_shared_evenly(org: LocalOrg, reader: Api) -> None:
    def fill() -> None:
        for number in range(19):
            org.insert("Account", Name=f"Test {number}")
        for number in range(35):
            org.insert("Contact", LastName=f"Test {number}")

    await asyncio.to_thread(fill)

    async def counts(returning: str) -> list[int]:
        records = await found(reader, f"FIND {{test}} RETURNING {returning}")
        return [sum(each["attributes"]["type"] == name for each in records) for name in ("Account", "Contact")]

    # The example of the documents.
    assert await counts("Account(Id), Contact LIMIT 20") == [10, 10]
    assert await counts("Account(Id LIMIT 4), Contact LIMIT 20") == [4, 16]
    assert await counts("Account, Contact LIMIT 50") == [19, 31]
    assert await counts("Account(Id LIMIT 0), Contact") == [0, 35]


async def test_products_are_found_only_if_asked_for_and_then_by_all_fields(org: LocalOrg, reader: Api) -> None:
    await asyncio.to_thread(org.insert, "Product2", Name="Pump", Description="stainless")
    assert await found(reader, "FIND {stainless}") == []
    assert len(await found(reader, "FIND {stainless} IN EMAIL FIELDS RETURNING Product2")) == 1


async def test_a_change_is_found_at_once(org: LocalOrg, reader: Api) -> None:
    record = await asyncio.to_thread(org.insert, "Account", Name="Before")
    assert len(await found(reader, "FIND {before} RETURNING Account")) == 1
    await asyncio.to_thread(org.update, "Account", record, Name="After")
    assert await found(reader, "FIND {before} RETURNING Account") == []
    await asyncio.to_thread(org.delete, "Account", record)
    assert await found(reader, "FIND {after} RETURNING Account") == []


async def test_a_search_during_a_transaction_does_not_hide_what_it_writes(org: LocalOrg, reader: Api) -> None:
    inside, go_on = threading.Event(), threading.Event()

    await asyncio.to_thread(org.insert, "Account", Name="Before")

    def write() -> None:
        with org.org.store.transaction() as connection:
            connection.execute("""UPDATE "Account" SET "Name" = 'Within'""")
            inside.set()
            go_on.wait(60)

    writing = asyncio.create_task(asyncio.to_thread(write))
    await asyncio.to_thread(inside.wait, 60)
    assert await found(reader, "FIND {within} RETURNING Account") == []
    go_on.set()
    await writing
    assert len(await found(reader, "FIND {within} RETURNING Account")) == 1
