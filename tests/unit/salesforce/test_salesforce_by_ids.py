"""Many records by their Ids in few requests, against an org made of answers."""

from collections.abc import Callable
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import httpx2
import orjson
import pytest

from forcedex.domain.errors import SourceDataError, SourceRefused
from forcedex.domain.record_id import to_18
from forcedex.domain.schema import Field, SObject
from forcedex.salesforce.by_ids import RecordsByIds
from forcedex.salesforce.query import MAX_TARGET
from forcedex.salesforce.transport import Transport

if TYPE_CHECKING:
    from tests.unit.salesforce.conftest import ScriptedOrg

Connect = Callable[..., Transport]
NEXT = "/services/data/v67.0/query/01g00000000000{}-200"


def ids(count: int) -> list[str]:
    return [to_18(f"003000000{number:06}") for number in range(count)]


def answer(*names: str, next: int | None = None) -> dict[str, object]:
    records = [{"attributes": {}, "Name": name} for name in names]
    body: dict[str, object] = {"totalSize": len(names), "done": next is None, "records": records}
    return body if next is None else {**body, "nextRecordsUrl": NEXT.format(next)}


def composite(*bodies: object, status: int = 200) -> dict[str, object]:
    results = [
        {"body": body, "httpStatusCode": status, "referenceId": f"query{number}"} for number, body in enumerate(bodies)
    ]
    return {"compositeResponse": results}


def asked_ids(url: str) -> list[str]:
    [statement] = parse_qs(urlsplit(url).query)["q"]
    return statement.partition("Id IN (")[2].partition(")")[0].replace("'", "").split(",")


def subrequests(request: httpx2.Request) -> list[str]:
    return [each["url"] for each in orjson.loads(request.content)["compositeRequest"]]


async def test_as_many_ids_as_a_url_takes_go_into_one_query(
    org: "ScriptedOrg", connect: Connect, contact: SObject
) -> None:
    org.reply(200, answer("A"))
    org.reply(200, answer("B"))
    by_ids = RecordsByIds(connect(max_answer_bytes=10**6))

    await by_ids.page(contact, ["Name"], ids(400), deleted_too=True)
    [request] = org.requests
    assert (request.method, request.url.path) == ("GET", "/services/data/v67.0/queryAll")
    assert len(request.url.raw_path) <= MAX_TARGET and asked_ids(str(request.url)) == ids(400)
    # The same record in two spellings is asked for once.
    await by_ids.page(contact, ["Name"], ["003000000000001", to_18("003000000000001")])
    assert asked_ids(str(org.requests[1].url)) == [to_18("003000000000001")]


async def test_more_ids_are_split_over_the_queries_of_one_request(
    org: "ScriptedOrg", connect: Connect, contact: SObject
) -> None:
    org.reply(200, composite(*[answer(f"N{number}") for number in range(5)]))

    page = await RecordsByIds(connect(max_answer_bytes=10**6)).page(contact, ["Name"], ids(2000), deleted_too=True)

    assert page.rows == [[f"N{number}"] for number in range(5)]
    [request] = org.requests
    assert request.url.path == "/services/data/v67.0/composite"
    split = [asked_ids(each) for each in subrequests(request)]
    assert [len(each) for each in split] == [400] * 5 and sum(split, []) == ids(2000)
    assert all("/queryAll?q=" in each for each in subrequests(request))


async def test_a_long_condition_leaves_less_room_in_a_url_but_not_in_a_request(
    org: "ScriptedOrg", connect: Connect, contact: SObject
) -> None:
    found = [{"totalSize": 1, "done": True, "records": [{"Id": each}]} for each in ids(5)]
    org.reply(200, composite(*found))

    by_ids = RecordsByIds(connect(max_answer_bytes=10**6))

    assert await by_ids.matching(contact, ids(2000), f"Name = '{'x' * 3000}'") == ids(5)
    assert len(org.requests) == 1


async def test_further_pages_travel_together_too(org: "ScriptedOrg", connect: Connect, contact: SObject) -> None:
    org.reply(200, composite(answer("A", next=1), answer("B", next=2)))
    org.reply(200, composite(answer(next=3), answer("D")))
    org.reply(200, composite(answer("C")))

    page = await RecordsByIds(connect(max_answer_bytes=10**6)).page(contact, ["Name"], ids(500))

    assert sorted(page.rows) == [["A"], ["B"], ["C"], ["D"]]
    assert [subrequests(each) for each in org.requests[1:]] == [[NEXT.format(1), NEXT.format(2)], [NEXT.format(3)]]


async def test_where_composite_requests_are_not_offered_queries_follow_each_other(
    org: "ScriptedOrg", connect: Connect, contact: SObject
) -> None:
    org.refuse(404, "NOT_FOUND", "The requested resource does not exist")
    for name in "ABCDEFGHIJ":
        org.reply(200, answer(name))
    by_ids = RecordsByIds(connect(max_answer_bytes=10**6))

    page = await by_ids.page(contact, ["Name"], ids(2000))

    direct = org.requests[1:]
    assert sum((asked_ids(str(each.url)) for each in direct), []) == ids(2000)
    assert len(page.rows) == len(direct) <= 5
    assert all(len(each.url.raw_path) <= MAX_TARGET for each in direct)
    await by_ids.page(contact, ["Name"], ids(800))
    assert [each.method for each in org.requests].count("POST") == 1, "the org was asked once"


async def test_a_refusal_inside_is_told_by_the_query_itself(
    org: "ScriptedOrg", connect: Connect, contact: SObject
) -> None:
    error = [{"errorCode": "INVALID_FIELD", "message": "No such column"}]
    org.reply(200, composite(error, error, status=400))
    org.refuse(400, "INVALID_FIELD", "No such column")

    with pytest.raises(SourceRefused) as caught:
        await RecordsByIds(connect(max_answer_bytes=10**6)).page(contact, ["Name"], ids(500))
    assert (caught.value.code, len(org.requests)) == ("INVALID_FIELD", 2)


async def test_an_object_too_wide_for_a_url_is_read_by_composite_requests(org: "ScriptedOrg", connect: Connect) -> None:
    names = [f"Field_With_A_Rather_Long_Name_{number:04}__c" for number in range(800)]
    fields = (Field(name="Id", label="Id", type="id"), *(Field(name=n, label=n, type="string") for n in names))
    wide = SObject(name="Wide__c", label="W", label_plural="W", key_prefix="a00", queryable=True, fields=fields)
    row: dict[str, object] = {"attributes": {}, "Id": "a00000000000001AAA", **dict.fromkeys(names)}
    body = {"totalSize": 1, "done": True, "records": [row]}
    org.reply(200, composite(*[body] * 5))
    org.refuse(404, "NOT_FOUND", "The requested resource does not exist")
    by_ids = RecordsByIds(connect(max_answer_bytes=10**7))

    page = await by_ids.page(wide, ["Id", *names], ids(2000))

    assert len(page.rows) == 5 and len(subrequests(org.requests[0])) == 5
    with pytest.raises(SourceRefused):
        await by_ids.page(wide, ["Id", *names], ids(10))
    assert len(subrequests(org.requests[1])) == 1


@pytest.mark.parametrize(
    "broken", [{}, {"compositeResponse": []}, composite(answer("A")), composite(answer("A"), {"done": True}), []]
)
async def test_a_composite_answer_that_lacks_something_is_not_used(
    org: "ScriptedOrg", connect: Connect, contact: SObject, broken: object
) -> None:
    org.reply(200, broken)
    org.reply(200, {"records": "many"})

    with pytest.raises(SourceDataError):
        await RecordsByIds(connect(max_answer_bytes=10**6)).page(contact, ["Name"], ids(500))


async def test_no_ids_ask_for_nothing(org: "ScriptedOrg", connect: Connect, contact: SObject) -> None:
    by_ids = RecordsByIds(connect())

    assert (await by_ids.page(contact, ["Name"], [])).rows == []
    assert await by_ids.matching(contact, [], "Name = 'x'") == []
    with pytest.raises(SourceRefused) as caught:
        await by_ids.page(contact, ["Name"], ["no id"])
    assert (caught.value.code, org.requests) == ("MALFORMED_ID", [])
