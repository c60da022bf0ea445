"""Reading an org that misbehaves, fault by fault: all rows come, or an error says why not."""

from collections import Counter
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
import pytest_asyncio

from forcedex.domain.errors import ForcedexError, SourceDataError, SourceRefused, SourceUnavailable
from forcedex.domain.record_id import to_18
from forcedex.domain.schema import SObject
from forcedex.domain.selection import select
from forcedex.salesforce import ClientCredentials, SalesforceSource
from localorg.fixture import LocalOrg, running_org

if TYPE_CHECKING:
    from tests.integration.salesforce.conftest import Connect

COLUMNS = ("Id", "Name", "SystemModstamp")
COUNT = 4_500


@pytest_asyncio.fixture(scope="module")
async def org() -> AsyncIterator[LocalOrg]:
    """An org with some pages of accounts."""
    async with running_org(empty=True) as org:
        sample = org.insert("Account", Name="sample")
        owner = (org.row("Account", sample) or {})["OwnerId"]
        first = datetime(2026, 1, 1, tzinfo=UTC)
        rows = [
            [
                to_18(f"001000000{number:06}"),
                f"A{number}",
                owner,
                *[first + timedelta(seconds=number // 100)] * 3,
                False,
            ]
            for number in range(COUNT)
        ]
        columns = ["Id", "Name", "OwnerId", "CreatedDate", "LastModifiedDate", "SystemModstamp", "IsDeleted"]
        org.load("Account", columns, rows)
        org.hard_delete("Account", sample)
        yield org


@pytest_asyncio.fixture
async def source(org: LocalOrg, connect: "Connect") -> AsyncIterator[SalesforceSource]:
    """A source that has logged in already and is not patient."""
    found = org.credentials
    app = ClientCredentials(client_id=found.client_id, client_secret=found.client_secret)
    source = connect(org.url, app, read_timeout=1.0, bulk_page_records=2_000)
    await source.identity()
    yield source
    org.org.faults.clear()


@pytest_asyncio.fixture
async def account(source: SalesforceSource) -> SObject:
    return await source.describe("Account")


async def rest(source: SalesforceSource, account: SObject) -> list[str]:
    return [row[0] async for page in source.read(account, COLUMNS) for row in page.rows]


async def bulk(source: SalesforceSource, account: SObject) -> list[str]:
    job = await source.open_bulk(await source.start_bulk(account, COLUMNS), COLUMNS)
    return [row[0] async for page in job.pages() async for part in page.batches(500) for row in part.rows]


#: Faults of any request, and how often each strikes in a row.
PASSING = {
    "CONNECTION_RESET": 2,
    "EMPTY_BODY": 2,
    "HANG": 1,
    "HTML_ERROR_PAGE": 2,
    "RATE_429": 2,
    "SERVER_UNAVAILABLE": 2,
    "TOKEN_EXPIRED": 1,
    "TRUNCATED_BODY": 2,
    "UNKNOWN_EXCEPTION": 2,
}


@pytest.mark.parametrize(
    "fault",
    [
        *PASSING,
        "EMPTY_PAGE",
        "INVALID_QUERY_LOCATOR",
        "LIMIT_HEADER_MISSING",
        "MALFORMED_JSON",
        "MISSING_DATE_HEADER",
        "SHORT_PAGE",
        "WRONG_TOTAL_SIZE",
    ],
)
@pytest.mark.parametrize("skip", [0, 1], ids=["first page", "second page"])
async def test_an_ordered_read_survives(
    org: LocalOrg, source: SalesforceSource, account: SObject, fault: str, skip: int
) -> None:
    if fault == "INVALID_QUERY_LOCATOR":
        skip = 0
    org.org.faults.arm(fault, times=PASSING.get(fault, 1), skip=skip, match="/query")
    fired = org.org.faults.fired[fault]

    ids = await rest(source, account)

    assert org.org.faults.fired[fault] > fired
    assert sorted(set(ids)) == [to_18(f"001000000{number:06}") for number in range(COUNT)]
    # Going on after an expired locator may repeat what the last second held.
    assert len(ids) == COUNT or fault == "INVALID_QUERY_LOCATOR"


@pytest.mark.parametrize(
    "fault",
    [
        *PASSING,
        "BULK_EMPTY_PAGE",
        "BULK_HEADER_ONLY",
        "BULK_HTML",
        "BULK_MALFORMED_ROW",
        "BULK_TRUNCATED",
        "RESULTS_NOT_READY",
    ],
)
@pytest.mark.parametrize("skip", [0, 1], ids=["first page", "second page"])
async def test_a_bulk_read_survives(
    org: LocalOrg, source: SalesforceSource, account: SObject, fault: str, skip: int
) -> None:
    org.org.faults.arm(fault, times=PASSING.get(fault, 1), skip=skip, match="/results")
    fired = org.org.faults.fired[fault]

    ids = await bulk(source, account)

    assert org.org.faults.fired[fault] > fired
    assert Counter(ids) == Counter(to_18(f"001000000{number:06}") for number in range(COUNT))


async def test_a_locator_that_repeats_itself_once_costs_a_page_read_twice(
    org: LocalOrg, source: SalesforceSource, account: SObject
) -> None:
    org.org.faults.arm("BULK_LOCATOR_REPEATED")

    ids = await bulk(source, account)

    assert len(set(ids)) == COUNT and len(ids) == COUNT + 2_000


async def test_a_result_of_one_page_is_read_without_headers(
    org: LocalOrg, connect: "Connect", source: SalesforceSource, account: SObject
) -> None:
    org.org.faults.arm("BULK_HEADERS_STRIPPED", times=None)
    with pytest.raises(SourceDataError, match="Sforce-Locator"):
        await bulk(source, account)

    found = org.credentials
    app = ClientCredentials(client_id=found.client_id, client_secret=found.client_secret)
    assert len(await bulk(connect(org.url, app), account)) == COUNT


@pytest.mark.parametrize(
    ("fault", "kind", "code"),
    [
        ("BULK_DAILY_LIMIT", SourceUnavailable, "LIMIT_EXCEEDED"),
        ("BULK_LOCATOR_EXPIRED", SourceRefused, "INVALID_LOCATOR"),
        ("JOB_ABORTED", SourceRefused, "ABORTED"),
        ("JOB_FAILED", SourceRefused, None),
        ("JOB_GONE", SourceRefused, "NOT_FOUND"),
        ("JOB_STUCK", SourceUnavailable, "JOB_NOT_FINISHED"),
        ("BULK_DUPLICATE_COLUMN", SourceDataError, None),
        ("BULK_WRONG_COUNT", SourceDataError, None),
        ("INVALID_FIELD", SourceRefused, "INVALID_FIELD"),
        ("REQUEST_LIMIT_EXCEEDED", SourceUnavailable, "REQUEST_LIMIT_EXCEEDED"),
    ],
)
async def test_what_cannot_be_survived_is_named(
    org: LocalOrg, connect: "Connect", account: SObject, fault: str, kind: type[ForcedexError], code: str | None
) -> None:
    found = org.credentials
    app = ClientCredentials(client_id=found.client_id, client_secret=found.client_secret)
    source = connect(org.url, app, bulk_wait=0.05, bulk_page_records=2_000, attempts=3)
    org.org.faults.arm(fault, times=None)

    with pytest.raises(kind) as caught:
        await bulk(source, account)

    assert code is None or getattr(caught.value, "code", None) == code
    assert caught.value.hint


async def test_a_nul_in_a_text_is_a_character_like_others(
    org: LocalOrg, source: SalesforceSource, account: SObject
) -> None:
    org.org.faults.arm("NUL_IN_TEXT")

    names = [row[1] async for page in source.read(account, COLUMNS) for row in page.rows]

    assert len(names) == COUNT and [each for each in names if "\0" in each] == [names[0]]


async def test_a_read_by_ids_survives_a_session_that_ends_and_a_gateway(
    org: LocalOrg, source: SalesforceSource, account: SObject
) -> None:
    ids = [to_18(f"001000000{number:06}") for number in range(2_000)]
    for fault in ("TOKEN_EXPIRED", "SERVER_UNAVAILABLE", "TRUNCATED_BODY", "MALFORMED_JSON"):
        org.org.faults.arm(fault, match="/composite")

    page = await source.reread(select(account, {}), ids)

    assert sorted(row[page.columns.index("Id")] for row in page.rows) == ids
