"""REST queries: paging, ordered reads, statements too long for a URL, against an org made of answers."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import httpx2
import orjson
import pytest

from forcedex.domain.errors import SourceDataError, SourceRefused
from forcedex.domain.record import Mark, Page
from forcedex.domain.schema import Field, SObject
from forcedex.salesforce.query import OrderedRead, ordered_pages, total
from forcedex.salesforce.transport import Transport

if TYPE_CHECKING:
    from tests.unit.salesforce.conftest import ScriptedOrg

Connect = Callable[..., Transport]
NEXT = "/services/data/v67.0/query/01g000000000001-2000"


def record(number: int, stamp: str = "2026-05-01T00:00:00.000+0000") -> dict[str, object]:
    return {
        "attributes": {"type": "Contact"},
        "Name": f"N{number}",
        "SystemModstamp": stamp,
        "Id": f"00300000000000{number}AAA",
    }


def answer(*records: dict[str, object], next: str | None = None) -> dict[str, object]:
    body: dict[str, object] = {"totalSize": 9, "done": next is None, "records": list(records)}
    return body if next is None else {**body, "nextRecordsUrl": next}


def statement(request: httpx2.Request) -> str:
    return parse_qs(urlsplit(str(request.url)).query)["q"][0]


async def read(transport: Transport, plan: OrderedRead) -> list[Page]:
    return [page async for page in ordered_pages(transport, plan)]


async def test_pages_follow_the_locator_until_done(org: "ScriptedOrg", connect: Connect, contact: SObject) -> None:
    org.reply(200, answer(record(1), next=NEXT))
    org.reply(200, answer(next="https://acme.my.salesforce.com" + NEXT + "x"))  # an empty page in between
    org.reply(200, {**answer(record(2)), "nextRecordsUrl": NEXT})  # done tells the end, not the locator

    pages = await read(connect(), OrderedRead(sobject=contact, columns=("Id", "Name")))

    assert pages == [
        Page(columns=("Id", "Name"), rows=[["003000000000001AAA", "N1"]]),
        Page(columns=("Id", "Name"), rows=[["003000000000002AAA", "N2"]]),
    ]
    assert statement(org.requests[0]) == "SELECT Id, Name, SystemModstamp FROM Contact ORDER BY SystemModstamp, Id"
    assert [each.url.path for each in org.requests[1:]] == [NEXT, NEXT + "x"]


async def test_pages_that_go_round_in_circles_are_left(org: "ScriptedOrg", connect: Connect, contact: SObject) -> None:
    for _ in range(9):
        for path in (NEXT, NEXT + "b"):
            org.reply(200, answer(next=path))

    with pytest.raises(SourceDataError, match="circles"):
        await read(connect(), OrderedRead(sobject=contact, columns=("Id",)))
    assert len(org.requests) == 11


async def test_an_empty_page_that_names_its_own_place_is_asked_for_again(
    org: "ScriptedOrg", connect: Connect, contact: SObject
) -> None:
    org.reply(200, answer(next=NEXT))
    org.reply(200, answer(next=NEXT))
    org.reply(200, answer(record(1)))

    pages = await read(connect(), OrderedRead(sobject=contact, columns=("Name",)))

    assert [page.rows for page in pages] == [[["N1"]]]


async def test_a_record_that_comes_on_two_pages_comes_twice(
    org: "ScriptedOrg", connect: Connect, contact: SObject
) -> None:
    org.reply(200, answer(record(1), record(2), next=NEXT))
    org.reply(200, answer(record(2), record(3)))

    pages = await read(connect(), OrderedRead(sobject=contact, columns=("Name",)))

    assert [row for page in pages for row in page.rows] == [["N1"], ["N2"], ["N2"], ["N3"]]


async def test_a_session_that_ends_between_two_pages_costs_no_page(
    org: "ScriptedOrg", connect: Connect, contact: SObject
) -> None:
    org.reply(200, answer(record(1), next=NEXT))
    org.refuse(401, "INVALID_SESSION_ID", "Session expired or invalid")
    org.reply(200, answer(record(2)))

    pages = await read(connect(), OrderedRead(sobject=contact, columns=("Name",)))

    assert [page.rows for page in pages] == [[["N1"]], [["N2"]]]
    assert (org.logins, [each.url.path for each in org.requests[1:]]) == (2, [NEXT, NEXT])


async def test_deleted_records_come_from_query_all(org: "ScriptedOrg", connect: Connect, contact: SObject) -> None:
    org.reply(200, answer())

    await read(connect(), OrderedRead(sobject=contact, columns=("Id",), deleted_too=True))

    assert org.requests[0].url.path == "/services/data/v67.0/queryAll"


@pytest.mark.parametrize(
    "broken",
    [
        [],
        {"records": []},
        {"done": True},
        {"done": False, "records": []},
        {"done": False, "records": [], "nextRecordsUrl": "https://evil.example/services/data/v67.0/query/01g"},
        {"done": False, "records": [], "nextRecordsUrl": "/services/oauth2/revoke"},
        {"done": True, "records": [1]},
        {"done": True, "records": [{"Id": "003000000000001AAA"}]},
        {"done": True, "records": [{"Id": "003000000000001AAA", "SystemModstamp": "soon"}]},
    ],
)
async def test_an_answer_that_is_not_as_documented_is_not_used(
    org: "ScriptedOrg", connect: Connect, contact: SObject, broken: object
) -> None:
    org.reply(200, broken)

    with pytest.raises(SourceDataError):
        await read(connect(), OrderedRead(sobject=contact, columns=("Id",)))


async def test_an_expired_locator_is_replaced_by_a_query_after_the_last_record(
    org: "ScriptedOrg", connect: Connect, contact: SObject
) -> None:
    org.reply(200, answer(record(1), record(2), next=NEXT))
    org.refuse(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
    org.reply(200, answer(record(3)))

    pages = await read(connect(), OrderedRead(sobject=contact, columns=("Name",)))

    assert [page.rows for page in pages] == [[["N1"], ["N2"]], [["N3"]]]
    assert statement(org.requests[2]) == (
        "SELECT Name, SystemModstamp, Id FROM Contact WHERE SystemModstamp >= 2026-05-01T00:00:00.000Z"
        " AND (SystemModstamp > 2026-05-01T00:00:00.000Z OR Id > '003000000000002AAA')"
        " ORDER BY SystemModstamp, Id"
    )


async def test_a_record_that_changed_during_the_read_is_no_place_to_go_on_from(
    org: "ScriptedOrg", connect: Connect, contact: SObject
) -> None:
    # The query began at 12:00:00 (Date); record 2 was changed after that and shows its new stamp at its old place.
    org.reply(200, answer(record(1), record(2, "2026-06-01T12:00:05.000+0000"), next=NEXT))
    org.refuse(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
    org.reply(200, answer(record(3)))

    await read(connect(), OrderedRead(sobject=contact, columns=("Name",)))

    assert "Id > '003000000000001AAA'" in statement(org.requests[2])


async def test_a_locator_that_always_expires_is_given_up(
    org: "ScriptedOrg", connect: Connect, contact: SObject
) -> None:
    for number in (1, 2, 2, 2):
        org.reply(200, answer(record(number), next=NEXT))
        org.refuse(400, "INVALID_QUERY_LOCATOR", "invalid query locator")

    with pytest.raises(SourceRefused) as caught:
        await read(connect(), OrderedRead(sobject=contact, columns=("Name",)))

    assert caught.value.code == "INVALID_QUERY_LOCATOR"


async def test_an_object_without_stamp_is_read_by_id(org: "ScriptedOrg", connect: Connect) -> None:
    fields = (Field(name="Id", label="Id", type="id"), Field(name="Name", label="Name", type="string"))
    share = SObject(name="X", label="X", label_plural="Xs", key_prefix=None, queryable=True, fields=fields)
    org.reply(200, answer(record(1), next=NEXT))
    org.refuse(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
    org.reply(200, answer())

    before = datetime(2026, 1, 1, tzinfo=UTC)
    await read(connect(), OrderedRead(sobject=share, columns=("Name",), before=before))

    assert statement(org.requests[0]) == "SELECT Name, Id FROM X ORDER BY Id"
    assert statement(org.requests[2]) == "SELECT Name, Id FROM X WHERE Id > '003000000000001AAA' ORDER BY Id"


async def test_since_before_and_where_together(org: "ScriptedOrg", connect: Connect, contact: SObject) -> None:
    org.reply(200, answer())
    plan = OrderedRead(
        sobject=contact,
        columns=("Id", "SystemModstamp"),
        where="Name LIKE 'A%'",
        since=Mark(datetime(2026, 1, 1, tzinfo=UTC)),
        before=datetime(2026, 2, 1, tzinfo=UTC),
    )

    await read(connect(), plan)

    assert statement(org.requests[0]) == (
        "SELECT Id, SystemModstamp FROM Contact WHERE SystemModstamp >= 2026-01-01T00:00:00.000Z"
        " AND SystemModstamp < 2026-02-01T00:00:00.000Z AND (Name LIKE 'A%') ORDER BY SystemModstamp, Id"
    )


@pytest.fixture
def wide() -> SObject:
    """900 custom fields with names of 40 characters: 40,000 characters of SELECT."""
    fields = [
        Field(name="Id", label="Id", type="id"),
        Field(name="SystemModstamp", label="Modified", type="datetime"),
        *(Field(name=f"F{number:036}__c", label="F", type="string", custom=True) for number in range(900)),
    ]
    return SObject(
        name="Wide__c", label="Wide", label_plural="Wides", key_prefix="a00", queryable=True, fields=tuple(fields)
    )


async def test_a_statement_too_long_for_a_url_travels_in_a_body(
    org: "ScriptedOrg", connect: Connect, wide: SObject
) -> None:
    columns = tuple(each.name for each in wide.fields)
    row: dict[str, object] = {"Id": "a00000000000001AAA", "SystemModstamp": "2026-05-01T00:00:00.000+0000"}
    row.update({name: "v" for name in columns[2:]})
    org.reply(
        200, {"compositeResponse": [{"body": answer(row, next=NEXT), "httpStatusCode": 200, "referenceId": "query0"}]}
    )
    org.reply(200, answer())

    pages = await read(connect(max_answer_bytes=10**6), OrderedRead(sobject=wide, columns=columns))

    assert len(pages) == 1 and len(pages[0].rows[0]) == 902
    first, second = org.requests
    assert (first.method, first.url.path) == ("POST", "/services/data/v67.0/composite")
    [subrequest] = orjson.loads(first.content)["compositeRequest"]
    assert (subrequest["method"], subrequest["referenceId"]) == ("GET", "query0")
    assert subrequest["url"].startswith("/services/data/v67.0/query?q=SELECT%20Id%2C%20SystemModstamp%2C%20F000")
    assert (second.method, second.url.path) == ("GET", NEXT)


async def test_a_subrequest_that_is_refused_is_a_refusal(org: "ScriptedOrg", connect: Connect, wide: SObject) -> None:
    error = [{"errorCode": "INVALID_FIELD", "message": "No such column"}]
    org.reply(200, {"compositeResponse": [{"body": error, "httpStatusCode": 400, "referenceId": "query0"}]})

    with pytest.raises(SourceRefused) as caught:
        await read(connect(), OrderedRead(sobject=wide, columns=tuple(each.name for each in wide.fields)))

    assert caught.value.code == "INVALID_FIELD"


@pytest.mark.parametrize("broken", [{}, {"compositeResponse": []}, {"compositeResponse": [{"httpStatusCode": 200}]}])
async def test_a_composite_answer_that_is_none(
    org: "ScriptedOrg", connect: Connect, wide: SObject, broken: object
) -> None:
    org.reply(200, broken)

    with pytest.raises(SourceDataError):
        await read(connect(), OrderedRead(sobject=wide, columns=tuple(each.name for each in wide.fields)))


async def test_a_count_is_the_total_size(org: "ScriptedOrg", connect: Connect) -> None:
    org.reply(200, {"totalSize": 17, "done": True, "records": []})

    assert await total(connect(), "SELECT COUNT() FROM Contact", "count Contact") == 17
