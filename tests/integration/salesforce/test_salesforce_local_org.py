"""The client against the local org: every login, every object, both ways of reading."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from forcedex.domain.errors import BulkUnsupported, ConfigurationError, SourceRefused, SourceUnavailable
from forcedex.domain.ports import BulkQuery
from forcedex.domain.record import Mark, parse_stamp
from forcedex.domain.record_id import to_18
from forcedex.domain.schema import SObject
from forcedex.salesforce import (
    AccessToken,
    ClientCredentials,
    Credentials,
    JwtBearer,
    Password,
    RefreshToken,
    SalesforceSource,
)
from localorg.fixture import LocalOrg, running_org
from localorg.store.values import Value

if TYPE_CHECKING:
    from tests.integration.salesforce.conftest import Connect

NUMBERS = frozenset({"int", "long", "double", "currency", "percent"})


@pytest_asyncio.fixture(scope="module")
async def demo() -> AsyncIterator[LocalOrg]:
    """A small demo company; the tests of this module leave it as it is."""
    async with running_org(size=0.02) as org:
        yield org


@pytest_asyncio.fixture
async def empty() -> AsyncIterator[LocalOrg]:
    """An org with nothing but its set-up, for one test."""
    async with running_org(empty=True) as org:
        yield org


def jwt(org: LocalOrg) -> JwtBearer:
    found = org.credentials
    key = Path(found.private_key_file).read_text()
    return JwtBearer(client_id=found.client_id, username=found.username, private_key_pem=key)


def ready(org: LocalOrg) -> AccessToken:
    return AccessToken(access_token=org.session(), instance_url=org.url)


def every_login(org: LocalOrg) -> dict[str, Credentials]:
    found = org.credentials
    app = {"client_id": found.client_id, "client_secret": found.client_secret}
    admin = {
        "username": found.admin_username,
        "password": found.admin_password,
        "security_token": found.admin_security_token,
    }
    return {
        "jwt": jwt(org),
        "client credentials": ClientCredentials(**app),
        "refresh token": RefreshToken(**app, refresh_token=found.refresh_token),
        "password": Password(**app, **admin),
        "soap": Password(**admin),
        "access token": ready(org),
    }


@pytest.mark.parametrize("login", ["jwt", "client credentials", "refresh token", "password", "soap", "access token"])
async def test_every_login_leads_to_the_same_org(demo: LocalOrg, connect: "Connect", login: str) -> None:
    identity = await connect(demo.url, every_login(demo)[login]).identity()

    assert (identity.org_id, identity.instance_url) == (demo.credentials.org_id, demo.url)
    as_admin = login in ("password", "soap", "refresh token")
    assert identity.username == (demo.credentials.admin_username if as_admin else demo.credentials.username)
    assert len(identity.user_id) == 18 and identity.org_name


@pytest.mark.parametrize(
    ("login", "change", "words"),
    [
        ("jwt", {"client_id": "3MVG9nobody"}, "client_id"),
        ("jwt", {"username": "nobody@acme.example"}, "approved|pre-authorized|user"),
        ("jwt", {"audience": "https://elsewhere.example"}, "audience"),
        ("client credentials", {"client_secret": "wrong-secret"}, "client_secret"),
        ("refresh token", {"refresh_token": "5Aep-wrong"}, "refresh token"),
        ("password", {"password": "wrong-password"}, "password"),
        ("soap", {"password": "wrong-password"}, "password"),
    ],
)
async def test_a_wrong_setting_is_named(
    empty: LocalOrg, connect: "Connect", login: str, change: dict[str, str], words: str
) -> None:
    credentials = replace(every_login(empty)[login], **change)  # type: ignore[arg-type]  # a table of wrong values

    with pytest.raises(ConfigurationError, match=words) as caught:
        await connect(empty.url, credentials).identity()
    assert not any(value in str(caught.value) for key, value in change.items() if key.endswith(("secret", "word")))


async def test_a_key_of_another_certificate_is_told_apart(empty: LocalOrg, connect: "Connect", tmp_path: Path) -> None:
    async with running_org(tmp_path, empty=True) as other:
        wrong = replace(jwt(empty), private_key_pem=jwt(other).private_key_pem)

    with pytest.raises(ConfigurationError, match="does not belong to the certificate"):
        await connect(empty.url, wrong).identity()


async def rest_rows(source: SalesforceSource, sobject: SObject, columns: Sequence[str]) -> list[list[str]]:
    return [row async for page in source.read(sobject, columns) for row in page.rows]


async def bulk_rows(job: BulkQuery) -> list[list[str]]:
    return [row async for page in job.pages() async for batch in page.batches(100) for row in batch.rows]


def comparable(sobject: SObject, columns: Sequence[str], rows: list[list[str]]) -> dict[str, list[object]]:
    """By Id; numbers by value, since Bulk may write 1.0E7 for 10000000.0."""
    numeric = [sobject.by_name[column].type in NUMBERS if "." not in column else False for column in columns]
    return {
        row[columns.index("Id")]: [
            Decimal(value) if number and value else value for number, value in zip(numeric, row, strict=True)
        ]
        for row in rows
    }


async def test_every_object_reads_the_same_over_rest_and_bulk(demo: LocalOrg, connect: "Connect") -> None:
    source = connect(demo.url, jwt(demo))
    compared = only_rest = 0

    for summary in await source.objects():
        if not summary.queryable:
            continue
        sobject = await source.describe(summary.name)
        # Masking differs between the two APIs in this org.
        columns = [each.name for each in sobject.read_fields if each.type != "encryptedstring"]
        columns += [
            f"{each.relationship_name}.{'Name' if each.polymorphic else 'Id'}"
            for each in sobject.fields
            # Not stored, and the local org has no path over it yet.
            if each.relationship_name and not each.name.startswith("LeadOrContact")
        ]
        rest = await rest_rows(source, sobject, columns)
        assert len(rest) == await source.count(sobject), summary.name
        keys = [columns.index(key) for key in (sobject.stamp_field, "Id") if key]
        assert rest == sorted(rest, key=lambda row: [row[key] for key in keys]), summary.name
        try:
            job = await source.open_bulk(await source.start_bulk(sobject, columns), columns)
        except BulkUnsupported:
            only_rest += 1
            continue
        bulk = await bulk_rows(job)
        assert comparable(sobject, columns, bulk) == comparable(sobject, columns, rest), summary.name
        compared += 1

    assert compared > 20 and only_rest > 0


TRAPS = [
    "NA",
    "null",
    'say "hi", they said',
    "two\nlines",
    "a\u2028b\x85c\x0bd",
    "O'Brien \\ Söhne 🎉",
    "2026-01-31T10:00:00.000+0000",
    "true",
    "007",
    "1e3",
    "#N/A",
    "=1+1",
]


async def test_difficult_texts_arrive_unchanged_both_ways(empty: LocalOrg, connect: "Connect") -> None:
    for trap in TRAPS:
        empty.poke("Account", empty.insert("Account", Name="x"), {"Name": trap, "Description": trap * 2})
    source = connect(empty.url, ready(empty))
    account = await source.describe("Account")
    columns = ("Name", "Description", "Website")
    expected = sorted([trap, trap * 2, ""] for trap in TRAPS)

    job = await source.open_bulk(await source.start_bulk(account, columns), columns)

    assert sorted(await bulk_rows(job)) == expected
    assert sorted(await rest_rows(source, account, columns)) == expected


async def test_an_empty_object_has_no_rows_both_ways(empty: LocalOrg, connect: "Connect") -> None:
    source = connect(empty.url, ready(empty))
    lead = await source.describe("Lead")

    job = await source.open_bulk(await source.start_bulk(lead, ("Id",)), ("Id",))

    assert await bulk_rows(job) == await rest_rows(source, lead, ("Id",)) == []


async def test_pages_of_a_bulk_result(demo: LocalOrg, connect: "Connect") -> None:
    source = connect(demo.url, jwt(demo), bulk_page_records=7)
    contact = await source.describe("Contact")
    total = await source.count(contact)
    job = await source.open_bulk(await source.start_bulk(contact, ("Id", "Name")), ("Id", "Name"))

    pages = [
        (page.next_locator, [row async for batch in page.batches(3) for row in batch.rows])
        async for page in job.pages()
    ]

    assert sum(len(rows) for _, rows in pages) == total and max(len(rows) for _, rows in pages) <= 7
    locator = pages[0][0]
    assert locator and pages[-1][0] is None
    again = [row async for page in job.pages(locator) async for batch in page.batches(99) for row in batch.rows]
    assert again == [row for _, rows in pages[1:] for row in rows]


async def test_a_read_goes_on_strictly_after_its_mark(empty: LocalOrg, connect: "Connect") -> None:
    empty.clock.freeze(datetime(2026, 1, 1, tzinfo=UTC))
    ids = []
    for number in range(12):
        ids.append(empty.insert("Account", Name=f"A{number}"))
        if number % 3 == 2:
            empty.clock.advance(timedelta(seconds=1))
    source = connect(empty.url, ready(empty))
    account = await source.describe("Account")
    everything = await rest_rows(source, account, ("Id", "SystemModstamp"))
    assert [row[0] for row in everything] == ids

    for place, (record_id, stamp) in enumerate(everything):
        mark = Mark(parse_stamp(stamp), record_id)
        rest = [row async for page in source.read(account, ("Id",), since=mark) for row in page.rows]
        assert [row[0] for row in rest] == ids[place + 1 :]
    second = Mark(parse_stamp(everything[3][1]))
    before = parse_stamp(everything[6][1])
    part = [row async for page in source.read(account, ("Id",), since=second, before=before) for row in page.rows]
    assert [row[0] for row in part] == ids[3:6]


async def test_deleted_records_are_read_when_asked_for(empty: LocalOrg, connect: "Connect") -> None:
    kept, gone = empty.insert("Account", Name="kept"), empty.insert("Account", Name="gone")
    empty.delete("Account", gone)
    source = connect(empty.url, ready(empty))
    account = await source.describe("Account")
    columns = ("Id", "IsDeleted")

    assert await source.count(account) == 1
    assert await rest_rows(source, account, columns) == [[kept, "false"]]
    deleted_too = [row async for page in source.read(account, columns, deleted_too=True) for row in page.rows]
    assert sorted(deleted_too) == sorted([[kept, "false"], [gone, "true"]])
    job = await source.open_bulk(await source.start_bulk(account, columns, deleted_too=True), columns)
    assert sorted(await bulk_rows(job)) == sorted(deleted_too)
    by_ids = await source.read_by_ids(account, columns, [kept, gone])
    assert by_ids.rows == [[kept, "false"]]
    by_ids = await source.read_by_ids(account, columns, [kept, gone], deleted_too=True)
    assert sorted(by_ids.rows) == sorted(deleted_too)


async def test_a_condition_of_the_operator_counts_reads_and_loads(empty: LocalOrg, connect: "Connect") -> None:
    for name in ("O'Brien", "Smith", "Jones (Ltd.)"):
        empty.insert("Account", Name=name)
    source = connect(empty.url, ready(empty))
    account = await source.describe("Account")
    where = r"Name = 'O\'Brien' OR Name LIKE '%(Ltd.)'"

    assert await source.count(account, where) == 2
    rows = [row async for page in source.read(account, ("Name",), where=where) for row in page.rows]
    job = await source.open_bulk(await source.start_bulk(account, ("Name",), where), ("Name",))
    assert sorted(rows) == sorted(await bulk_rows(job)) == [["Jones (Ltd.)"], ["O'Brien"]]


def fill(org: LocalOrg, count: int) -> None:
    """Many accounts, a hundred to a second."""
    sample = org.insert("Account", Name="sample")
    row = org.row("Account", sample)
    assert row is not None
    columns = ["Id", "Name", "OwnerId", "CreatedDate", "LastModifiedDate", "SystemModstamp", "IsDeleted"]
    first = datetime(2026, 1, 1, tzinfo=UTC)
    rows: list[list[Value]] = []
    for number in range(count):
        stamp = first + timedelta(seconds=number // 100)
        rows.append([to_18(f"001000000{number:06}"), f"A{number}", row["OwnerId"], stamp, stamp, stamp, False])
    org.load("Account", columns, rows)
    org.hard_delete("Account", sample)


async def test_a_read_survives_a_session_and_a_locator_that_expire_between_two_pages(
    empty: LocalOrg, connect: "Connect"
) -> None:
    fill(empty, 7000)
    # Not JWT: three days later this machine's clock would be wrong.
    source = connect(empty.url, every_login(empty)["client credentials"])
    account = await source.describe("Account")
    seen: list[str] = []

    async for page in source.read(account, ("Id",)):
        seen += [row[0] for row in page.rows]
        if len(seen) == 2000:
            empty.expire_sessions()
        if len(seen) == 4000:
            empty.clock.advance(timedelta(days=3))

    assert len(seen) == len(set(seen)) == 7000


async def test_the_time_is_the_orgs_and_costs_nothing(empty: LocalOrg, connect: "Connect") -> None:
    source = connect(empty.url, ready(empty))
    used = empty.requests_used

    assert abs(await source.now() - empty.clock.now()) < timedelta(seconds=30)
    assert empty.requests_used == used


async def test_the_daily_limit_is_told_and_not_repeated(empty: LocalOrg, connect: "Connect") -> None:
    source = connect(empty.url, ready(empty))
    await source.objects()
    assert (await source.usage()).used == empty.requests_used
    empty.set_daily_limit(empty.requests_used)

    with pytest.raises(SourceUnavailable) as caught:
        await source.describe("Account")
    assert caught.value.code == "REQUEST_LIMIT_EXCEEDED"


async def test_what_is_not_there_is_refused_with_a_code(empty: LocalOrg, connect: "Connect") -> None:
    source = connect(empty.url, ready(empty))
    account = await source.describe("Account")

    with pytest.raises(SourceRefused) as caught:
        await source.describe("Nope__c")
    assert caught.value.code == "NOT_FOUND"
    with pytest.raises(SourceRefused) as caught:
        await source.count(account, "Nope__c = 1")
    assert caught.value.code == "INVALID_FIELD"
    with pytest.raises(SourceRefused) as caught:
        await source.open_bulk("750000000000001AAA")
    assert caught.value.code == "NOT_FOUND"
