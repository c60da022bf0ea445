"""What follows changes in an org, against the local org: named records, deletions, change events."""

import asyncio
import random
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import aclosing, suppress
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING
from urllib.parse import urlencode

import httpx2
import pytest
import pytest_asyncio

from forcedex.domain.change import ChangeEvent, ChangeKind, EventBatch
from forcedex.domain.errors import BulkUnsupported, ReplayExpired, SourceRefused, StreamLost, StreamRefused
from forcedex.domain.schema import SObject
from forcedex.domain.selection import Selection, select
from forcedex.salesforce import AccessToken, ClientCredentials, SalesforceSource
from localorg.errors import ApiError
from localorg.fixture import LocalOrg, running_org

if TYPE_CHECKING:
    from tests.integration.salesforce.conftest import Asked, Connect, Serve

DEADLINE = 30.0  # seconds until a test gives up


@pytest_asyncio.fixture(scope="module")
async def company() -> AsyncIterator[LocalOrg]:
    """A small demo company in which some records and parents were deleted; the tests leave it as it is."""
    async with running_org(size=0.02) as org:
        for name in ("Case", "Opportunity", "Contact", "Lead", "Campaign", "Account"):
            for record in [str(row["Id"]) for row in org.rows(name)][:6]:
                # Some are kept by a child, some went with a parent.
                with suppress(ApiError):
                    org.delete(name, record)
        yield org


@pytest_asyncio.fixture
async def empty() -> AsyncIterator[LocalOrg]:
    """An org with nothing but its set-up, for one test."""
    async with running_org(empty=True) as org:
        yield org


def source_of(org: LocalOrg, connect: "Connect", url: str = "") -> SalesforceSource:
    """The source for an org; `url` is where another server passes requests on to it."""
    ready = AccessToken(access_token=org.session(), instance_url=url or org.url)
    return connect(url or org.url, ready, pubsub_url=org.pubsub, ca_file=str(org.ca_file))


async def described(source: SalesforceSource, names: Sequence[str] = ()) -> dict[str, SObject]:
    chosen = names or [each.name for each in await source.objects() if each.queryable]
    return {name: await source.describe(name) for name in chosen}


async def all_rows(source: SalesforceSource, selection: Selection, *, deleted_too: bool = True) -> dict[str, list[str]]:
    pages = source.read(selection.sobject, selection.paths, deleted_too=deleted_too)
    id_at = selection.paths.index("Id")
    return {row[id_at]: row async for page in pages for row in page.rows}


async def bulk_rows(source: SalesforceSource, selection: Selection) -> dict[str, list[str]]:
    job = await source.start_bulk(selection.sobject, selection.paths, deleted_too=True)
    query = await source.open_bulk(job, selection.paths)
    id_at = selection.paths.index("Id")
    return {row[id_at]: row async for page in query.pages() async for part in page.batches(999) for row in part.rows}


def valued(selection: Selection, row: list[str]) -> list[object]:
    """The row with numbers by their value: Bulk may say 1.0E7 where REST says 10000000.0."""
    numbers = [column.field.type in ("double", "currency", "percent") for column in selection.columns]
    return [Decimal(value) if number and value else value for number, value in zip(numbers, row, strict=True)]


# Named records


async def test_a_record_reads_the_same_by_its_id_in_order_and_in_bulk(company: LocalOrg, connect: "Connect") -> None:
    source = source_of(company, connect)
    sobjects = await described(source)
    compared, deleted, polymorphic = 0, 0, set()

    for name, sobject in sobjects.items():
        selection = select(sobject, sobjects)
        rows = await all_rows(source, selection)
        chosen = random.Random(name).sample(sorted(rows), min(len(rows), 150))
        before = source.calls

        page = await source.reread(selection, chosen)

        assert source.calls == before + (1 if chosen else 0), name
        assert page.columns == selection.paths
        found = {row[page.columns.index("Id")]: row for row in page.rows}
        assert found == {key: rows[key] for key in chosen}, name
        try:
            bulk = await bulk_rows(source, selection)
        except BulkUnsupported:
            continue
        assert {key: valued(selection, row) for key, row in bulk.items()} == {
            key: valued(selection, row) for key, row in rows.items()
        }, name
        compared += len(chosen)
        if "IsDeleted" in page.columns:
            deleted += [row[page.columns.index("IsDeleted")] for row in page.rows].count("true")
        for column in ("Owner.Name", "What.Name", "Who.Name"):
            if column in page.columns:
                ids_at = page.columns.index(f"{column.split('.')[0]}Id")
                polymorphic |= {row[ids_at][:3] for row in page.rows if row[page.columns.index(column)]}

    assert compared > 1_000 and deleted >= 10
    assert {"005", "00G", "500", "003", "00Q"} <= polymorphic, "users, queues, cases, contacts, leads"


async def test_two_thousand_records_cost_one_request(company: LocalOrg, connect: "Connect") -> None:
    source = source_of(company, connect)
    [sobject] = (await described(source, ["Sales_Cost__c"])).values()
    selection = select(sobject, {})
    rows = await all_rows(source, selection)
    chosen = random.Random(1).sample(sorted(rows), 2_000)
    used, before = company.requests_used, source.calls

    page = await source.reread(selection, chosen)

    assert {row[0]: row for row in page.rows} == {key: rows[key] for key in chosen}
    assert (source.calls - before, company.requests_used - used) == (1, 1)
    with pytest.raises(ValueError, match="2000"):
        await source.reread(selection, ["003000000000001"] * 2_001)


async def test_without_composite_requests_the_rows_are_the_same(
    company: LocalOrg, connect: "Connect", serve: "Serve"
) -> None:
    async with httpx2.AsyncClient() as client:

        async def pass_on(asked: "Asked") -> None:
            if asked.path.endswith("/composite"):
                asked.refuse(404, "NOT_FOUND", "The requested resource does not exist")
                return
            url = f"{company.url}{asked.path}" + (f"?{urlencode(asked.query)}" if asked.query else "")
            answer = await client.get(url, headers={"Authorization": asked.headers["authorization"]})
            asked.reply(answer.status_code, answer.content)

        source = source_of(company, connect, (await serve(pass_on)).url)
        [sobject] = (await described(source, ["OpportunityHistory"])).values()
        selection = select(sobject, {})
        rows = await all_rows(source, selection)

        page = await source.reread(selection, [*rows, *[f"008000000{number:06}" for number in range(700)]])

    assert {row[page.columns.index("Id")]: row for row in page.rows} == rows


async def test_records_that_nobody_can_read_are_left_out(company: LocalOrg, connect: "Connect") -> None:
    source = source_of(company, connect)
    [account] = (await described(source, ["Account"])).values()
    selection = select(account, {})
    known = sorted(await all_rows(source, selection))[:2]

    page = await source.reread(selection, [*known, "001000000000999AAA", known[0][:15]])

    assert sorted(row[page.columns.index("Id")] for row in page.rows) == known
    assert (await source.reread(selection, [])).rows == []


async def test_the_named_records_that_fulfil_the_condition(empty: LocalOrg, connect: "Connect") -> None:
    small, large, gone = [empty.insert("Account", Name=name, NumberOfEmployees=n) for name, n in ACCOUNTS]
    empty.delete("Account", gone)
    source = source_of(empty, connect)
    account = await source.describe("Account")
    ids = [small, large, gone, "001000000000999AAA"]

    assert sorted(await source.matching(select(account, {}), ids)) == sorted([small, large])
    some = select(account, {}, where="NumberOfEmployees > 10 OR Name = 'gone'")
    assert await source.matching(some, ids) == [large]


ACCOUNTS = (("small", 1), ("large", 100), ("gone", 100))


async def test_archived_activities_fulfil_conditions_too(empty: LocalOrg, connect: "Connect") -> None:
    archived, recent = empty.insert("Task", Subject="old"), empty.insert("Task", Subject="new")
    empty.poke("Task", archived, {"IsArchived": True})
    source = source_of(empty, connect)
    task = await source.describe("Task")

    assert await source.count(task) == 1, "a plain query does not show it"
    found = await source.matching(select(task, {}, where="Subject != 'x'"), [archived, recent])
    assert sorted(found) == sorted([archived, recent])


async def test_bulk_results_in_the_order_of_ids(company: LocalOrg, connect: "Connect") -> None:
    source = source_of(company, connect)
    contact = await source.describe("Contact")

    job = await source.open_bulk(await source.start_bulk(contact, ["Id"], by_id=True), ["Id"])
    ids = [row[0] async for page in job.pages() async for part in page.batches(50) for row in part.rows]

    assert ids == sorted(ids) and len(ids) > 50


async def test_the_orgs_time_zone_and_formulas_are_known(company: LocalOrg, connect: "Connect") -> None:
    source = source_of(company, connect)

    assert (await source.identity()).time_zone == "America/New_York"
    fields = [field for name in ("Opportunity", "Contact", "Case") for field in (await source.describe(name)).fields]
    assert any(field.calculated and field.formula for field in fields)
    assert not any(field.formula for field in fields if not field.calculated)


# Deletions


async def test_deletions_are_told_also_when_the_bin_was_emptied(empty: LocalOrg, connect: "Connect") -> None:
    kept, binned, erased = [empty.insert("Account", Name=name) for name in ("kept", "binned", "erased")]
    source = source_of(empty, connect)
    account = await source.describe("Account")
    before = empty.clock.now()
    empty.clock.advance(timedelta(minutes=5))
    for record in (binned, erased):
        empty.delete("Account", record)
    deleted_at = empty.clock.now()
    empty.hard_delete("Account", erased)
    empty.clock.advance(timedelta(minutes=5))
    now = empty.clock.now()

    found = await source.deleted(account, before, now)

    assert {key for key, _ in found.records} == {binned, erased}
    assert all(abs(time - deleted_at) < timedelta(seconds=5) for _, time in found.records)
    assert found.earliest <= before and before < found.covered <= now
    later = await source.deleted(account, found.covered, now)
    assert later.records == ()
    long_ago = await source.deleted(account, now - timedelta(days=40), now)
    assert {key for key, _ in long_ago.records} >= {binned, erased}
    assert long_ago.earliest > now - timedelta(days=15)


async def test_too_many_deletions_are_to_be_asked_for_in_shorter_spans(empty: LocalOrg, connect: "Connect") -> None:
    source = source_of(empty, connect)
    account = await source.describe("Account")
    start = empty.clock.now()
    for number in range(3):
        empty.clock.advance(timedelta(minutes=5))
        empty.delete("Account", empty.insert("Account", Name=str(number)))
    empty.clock.advance(timedelta(minutes=5))
    empty.set_replication_limit(2)

    with pytest.raises(SourceRefused) as caught:
        await source.deleted(account, start, empty.clock.now())
    assert caught.value.code == "EXCEEDED_ID_LIMIT"
    assert len((await source.deleted(account, start, start + timedelta(minutes=8))).records) == 1


# Change events


async def next_events(batches: AsyncGenerator[EventBatch, None], count: int) -> list[ChangeEvent]:
    """At least so many events, keep-alives passed over."""
    found: list[ChangeEvent] = []
    async with asyncio.timeout(DEADLINE):
        while len(found) < count:
            found += (await anext(batches)).events
    return found


@pytest_asyncio.fixture
async def streaming(empty: LocalOrg) -> LocalOrg:
    """An org whose keep-alives come soon."""
    empty.org.journal.settings.keepalive = 0.2
    return empty


async def test_changes_become_events(streaming: LocalOrg, connect: "Connect") -> None:
    source = source_of(streaming, connect)
    started = datetime.now(UTC) - timedelta(seconds=5)

    async with aclosing(source.subscribe("Account", None, silence=DEADLINE)) as batches:
        first = await anext(batches)
        assert first.events == () and first.replay_id
        record = streaming.insert("Account", Name="A")
        streaming.update("Account", record, Name="B")
        streaming.delete("Account", record)
        streaming.undelete("Account", record)
        events = await next_events(batches, 4)

    kinds = [ChangeKind.CREATE, ChangeKind.UPDATE, ChangeKind.DELETE, ChangeKind.UNDELETE]
    assert [(each.kind, each.record_ids, each.object) for each in events] == [
        (kind, (record,), "Account") for kind in kinds
    ]
    assert all(each.committed_at is not None and each.committed_at > started for each in events)
    assert events[1].modified_at is not None and events[1].modified_at > started
    async with aclosing(source.subscribe("Account", events[1].replay_id, silence=DEADLINE)) as batches:
        assert [each.kind for each in await next_events(batches, 2)] == kinds[2:]


async def test_thousands_of_events_come_in_order(streaming: LocalOrg, connect: "Connect") -> None:
    source = source_of(streaming, connect)

    async with aclosing(source.subscribe("Account", None, silence=DEADLINE)) as batches:
        await anext(batches)
        records = [streaming.insert("Account", Name=str(number)) for number in range(1_000)]
        events = await next_events(batches, 1_000)

    assert [each.record_ids[0] for each in events] == records
    assert len({each.replay_id for each in events}) == 1_000


async def test_a_session_that_ends_does_not_end_the_stream(streaming: LocalOrg, connect: "Connect") -> None:
    found = streaming.credentials
    app = ClientCredentials(client_id=found.client_id, client_secret=found.client_secret)
    source = connect(streaming.url, app, pubsub_url=streaming.pubsub, ca_file=str(streaming.ca_file))

    async with aclosing(source.subscribe("Account", None, silence=DEADLINE)) as batches:
        await anext(batches)
        streaming.expire_sessions()
        record = streaming.insert("Account", Name="A")
        assert [each.record_ids for each in await next_events(batches, 1)] == [(record,)]


@pytest.mark.parametrize("fault", ["GAP_OVERFLOW", "WILDCARD_ID"])
async def test_events_that_name_no_records_are_told(streaming: LocalOrg, connect: "Connect", fault: str) -> None:
    source = source_of(streaming, connect)

    async with aclosing(source.subscribe("Account", None, silence=DEADLINE)) as batches:
        await anext(batches)
        streaming.org.faults.arm(fault)
        streaming.insert("Account", Name="A")
        [event] = await next_events(batches, 1)

    assert (event.kind, event.record_ids) == (ChangeKind.UNKNOWN, ()) and event.reason and event.committed_at


async def test_a_merged_event_names_all_its_records(streaming: LocalOrg, connect: "Connect") -> None:
    others = [streaming.insert("Account", Name=str(number)) for number in range(5)]
    source = source_of(streaming, connect)

    async with aclosing(source.subscribe("Account", None, silence=DEADLINE)) as batches:
        await anext(batches)
        streaming.org.faults.arm("MERGED_IDS", count=4)
        streaming.update("Account", others[0], Name="B")
        [event] = await next_events(batches, 1)

    assert others[0] in event.record_ids and len(event.record_ids) == 4
    assert set(event.record_ids) <= set(others)


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ("STREAM_UNAVAILABLE", StreamLost),
        ("ALLOCATION_EXCEEDED", StreamRefused),
        ("SILENT_STREAM", StreamLost),
    ],
)
async def test_the_ends_of_a_stream(streaming: LocalOrg, connect: "Connect", fault: str, kind: type[Exception]) -> None:
    source = source_of(streaming, connect)

    async with aclosing(source.subscribe("Account", None, silence=1.5)) as batches:
        await anext(batches)
        streaming.org.faults.arm(fault)
        with pytest.raises(kind):
            async with asyncio.timeout(DEADLINE):
                async for _ in batches:
                    pass


async def test_a_place_that_the_org_does_not_know_is_expired(streaming: LocalOrg, connect: "Connect") -> None:
    source = source_of(streaming, connect)

    with pytest.raises(ReplayExpired) as caught:
        async with aclosing(source.subscribe("Account", b"nonsense", silence=DEADLINE)) as batches:
            await anext(batches)
    assert caught.value.code == "subscription.fetch.replayid.corrupted"


async def test_the_objects_that_are_selected_in_the_org(streaming: LocalOrg, connect: "Connect") -> None:
    source = source_of(streaming, connect)
    streaming.select_for_cdc(["Account", "Invoice__c"])

    assert await source.streamable(["Contact", "Invoice__c", "UserRole", "Nope__c", "Account"]) == [
        "Invoice__c",
        "Account",
    ]
    with pytest.raises(StreamRefused) as caught:
        async with aclosing(source.subscribe("Contact", None, silence=DEADLINE)) as batches:
            await anext(batches)
    assert caught.value.code == "topic.not.found" and source.calls == 1, "only the org's Id cost a request"
