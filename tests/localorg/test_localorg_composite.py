"""Several requests in one: Composite, Batch, Graph, Tree, Collections."""

import asyncio
import json
from typing import Any

import pytest

from localorg.fixture import LocalOrg
from tests.localorg.api import VERSION, Api
from tests.localorg.node import node

BASE = f"/services/data/v{VERSION}"
HALTED = {
    "errorCode": "PROCESSING_HALTED",
    "message": "The transaction was rolled back since another operation in the same transaction failed.",
}


def sub(reference: str, method: str, path: str, body: Any = None, **more: Any) -> dict[str, Any]:
    """A subrequest."""
    found = {"referenceId": reference, "method": method, "url": f"{BASE}/{path}", **more}
    return found if body is None else {**found, "body": body}


async def composite(api: Api, *requests: dict[str, Any], status: int = 200, **options: Any) -> Any:
    """The results of a composite request."""
    answer = await api.post("composite", {"compositeRequest": list(requests), **options}, status)
    return answer["compositeResponse"] if status == 200 else answer


def statuses(results: list[dict[str, Any]]) -> list[int]:
    return [result["httpStatusCode"] for result in results]


async def count(api: Api, name: str) -> int:
    return int((await api.query(f"SELECT COUNT() FROM {name}"))["totalSize"])


async def test_later_requests_use_earlier_answers(api: Api) -> None:
    used = api.org.requests_used
    results = await composite(
        api,
        sub("acme", "POST", "sobjects/Account", {"Name": "Acme", "Site": "x y"}),
        sub("ada", "POST", "sobjects/Contact", {"LastName": "Lovelace", "AccountId": "@{acme.id}"}),
        sub("read", "GET", "sobjects/Account/@{acme.id}?fields=Name,Site,Phone"),
        sub("found", "GET", "query?q=SELECT+Id,(SELECT+Id+FROM+Contacts)+FROM+Account+WHERE+Site='@{read.Site}'"),
        sub(
            "more",
            "POST",
            "sobjects/Contact",
            {
                "LastName": "of @{read.Name} and @{read.Site}",
                "Phone": "@{read.Phone}",
                "ReportsToId": "@{found.records[0].Contacts.records[0].Id}",
            },
        ),
        sub("change", "PATCH", "sobjects/Contact/@{ada.id}", {"Title": "Countess"}),
    )
    assert api.org.requests_used == used + 1
    assert statuses(results) == [201, 201, 200, 200, 201, 204]
    acme = results[0]["body"]["id"]
    assert results[0] == {
        "body": {"id": acme, "success": True, "errors": []},
        "httpHeaders": {"Location": f"{BASE}/sobjects/Account/{acme}"},
        "httpStatusCode": 201,
        "referenceId": "acme",
    }
    assert results[5]["body"] is None
    (contact,) = (await api.query("SELECT LastName, ReportsTo.Title FROM Contact WHERE ReportsToId != null"))["records"]
    assert contact["LastName"] == "of Acme and x y"
    assert contact["ReportsTo"]["Title"] == "Countess"


async def test_a_failure_stops_only_what_depends_on_it(api: Api) -> None:
    results = await composite(
        api,
        sub("bad", "POST", "sobjects/Account", {"Nope": 1}),
        sub("child", "POST", "sobjects/Contact", {"LastName": "L", "AccountId": "@{bad.id}"}),
        sub("good", "POST", "sobjects/Account", {"Name": "Good"}),
        sub("case", "POST", "sobjects/Contact", {"LastName": "L", "AccountId": "@{good.Id}"}),
        sub("unknown", "GET", "sobjects/Nothing"),
        sub("elsewhere", "GET", "limits"),
    )
    assert statuses(results) == [400, 400, 201, 400, 404, 404]
    assert results[0]["body"][0]["errorCode"] == "INVALID_FIELD"
    # References are case-sensitive: a new record's answer has an id, not an Id.
    for result, reference, name in ((results[1], "bad.id", "bad"), (results[3], "good.Id", "good")):
        text = f"Invalid reference specified. No value for {reference} found in {name}"
        assert result["body"] == [{"message": text, "errorCode": "PROCESSING_HALTED"}]


async def test_all_or_none_undoes_everything(api: Api) -> None:
    results = await composite(
        api,
        sub("first", "POST", "sobjects/Account", {"Name": "A"}),
        sub("bad", "POST", "sobjects/Contact", {"FirstName": "No last name"}),
        sub("last", "POST", "sobjects/Account", {"Name": "B"}),
        allOrNone=True,
    )
    assert statuses(results) == [400, 400, 400]
    assert (results[0]["body"], results[2]["body"]) == ([HALTED], [HALTED])
    assert results[1]["body"][0]["errorCode"] == "REQUIRED_FIELD_MISSING"
    assert await count(api, "Account") == 0


@pytest.mark.parametrize(
    ("outer", "inner", "left"), [(False, False, 2), (False, True, 1), (True, False, 0), (True, True, 0)]
)
async def test_collections_inside_follow_the_outer_all_or_none(api: Api, outer: bool, inner: bool, left: int) -> None:
    records = [{"attributes": {"type": "Account"}, "Name": "A"}, {"attributes": {"type": "Account"}}]
    results = await composite(
        api,
        sub("some", "POST", "composite/sobjects", {"allOrNone": inner, "records": records}),
        sub("one", "POST", "sobjects/Account", {"Name": "B"}),
        allOrNone=outer,
    )
    assert statuses(results) == [200, 400 if outer else 201]
    assert [one["success"] for one in results[0]["body"]] == [not inner, False]
    assert await count(api, "Account") == left


async def test_null_can_be_referred_to_from_version_52_on(org: LocalOrg) -> None:
    contact = org.insert("Contact", LastName="Wong")
    requests = [
        sub("old", "GET", f"sobjects/Contact/{contact}?fields=FirstName,LastName"),
        sub("new", "POST", "sobjects/Contact", {"FirstName": "@{old.FirstName}", "LastName": "@{old.LastName}"}),
    ]
    for version, status in (("52.0", 201), ("51.0", 400)):
        api = Api(org, org.session(org.credentials.admin_username), version)
        assert statuses(await composite(api, *requests)) == [200, status]
        await api.close()


async def test_reference_ids_have_letters_digits_and_underscores(org: LocalOrg) -> None:
    requests = [
        sub("a[1]", "POST", "sobjects/Account", {"Name": "A"}),
        sub("b", "POST", "sobjects/Contact", {"LastName": "B", "AccountId": "@{a[1].id}"}),
    ]
    new, old = (Api(org, org.session(org.credentials.admin_username), version) for version in ("52.0", "51.0"))
    (error,) = await composite(new, *requests, status=400)
    assert error["errorCode"] == "JSON_PARSER_ERROR"
    assert error["message"].startswith("Provided referenceId ('a[1]') must start with a letter or a number, and")
    assert statuses(await composite(old, *requests)) == [201, 400]
    await new.close()
    await old.close()


#: body -> code
MALFORMED: list[tuple[Any, str]] = [
    ({}, "JSON_PARSER_ERROR"),
    ({"compositeRequest": []}, "JSON_PARSER_ERROR"),
    ({"compositeRequest": [sub("a", "get", "sobjects/Account")]}, "JSON_PARSER_ERROR"),
    ({"compositeRequest": [{"method": "GET", "referenceId": "a"}]}, "JSON_PARSER_ERROR"),
    ({"compositeRequest": [sub("a", "GET", "sobjects", httpHeaders={"Accept": "x"})]}, "JSON_PARSER_ERROR"),
    ({"compositeRequest": [sub("a", "GET", "sobjects", httpHeaders=["x"])]}, "JSON_PARSER_ERROR"),
    ({"compositeRequest": [sub("a", "GET", "sobjects"), sub("a", "GET", "sobjects")]}, "INVALID_INPUT"),
    ({"compositeRequest": [sub("a", "GET", "sobjects")], "allOrNone": "yes"}, "JSON_PARSER_ERROR"),
]


@pytest.mark.parametrize(("body", "code"), MALFORMED)
async def test_a_malformed_composite_request_fails_as_a_whole(api: Api, body: Any, code: str) -> None:
    assert (await api.error("POST", "composite", body))[0] == code


async def test_a_composite_request_has_25_subrequests_and_5_queries(api: Api) -> None:
    accounts = [sub(f"r{n}", "POST", "sobjects/Account", {"Name": "A"}) for n in range(26)]
    (refused,) = await composite(api, *accounts)
    assert (refused["httpStatusCode"], refused["referenceId"]) == (400, None)
    assert refused["body"][0]["errorCode"] == "LIMIT_EXCEEDED"
    queries = [sub(f"q{n}", "GET", "query?q=SELECT+Id+FROM+Account") for n in range(5)]
    collection = sub("c", "DELETE", "composite/sobjects?ids=001gK0000000001QAA")
    (refused,) = await composite(api, *queries, collection)
    assert refused["body"][0]["errorCode"] == "LIMIT_EXCEEDED"
    assert await count(api, "Account") == 0
    assert statuses(await composite(api, *accounts[:20], *queries)) == [201] * 20 + [200] * 5


async def test_headers_of_a_subrequest_reach_its_handler(api: Api) -> None:
    since = {"If-Modified-Since": "Tue, 31 May 2050 18:00:00 GMT"}
    (result,) = await composite(api, sub("a", "GET", "sobjects/Account/describe", httpHeaders=since))
    assert (result["httpStatusCode"], result["body"]) == (304, None)


async def test_the_family_is_listed(api: Api) -> None:
    assert await api.get("composite") == {
        name: f"{BASE}/composite/{name}" for name in ("tree", "batch", "sobjects", "graph")
    }


# -- batch --


async def batch(api: Api, *requests: tuple[str, str, Any], **options: Any) -> Any:
    items = [{"method": method, "url": url, "richInput": body} for method, url, body in requests]
    return await api.post("composite/batch", {"batchRequests": items, **options}, 200)


async def test_a_batch_answers_each_and_counts_each(api: Api) -> None:
    account = await api.create("Account", Name="Old")
    used = api.org.requests_used
    answer = await batch(
        api,
        ("PATCH", f"v{VERSION}/sobjects/Account/{account}", {"Name": "New"}),
        ("GET", f"v{VERSION}/sobjects/Account/{account}?fields=Name", None),
        ("GET", "v34.0/query?q=SELECT+COUNT()+FROM+Account", None),
    )
    assert api.org.requests_used == used + 3
    assert answer["hasErrors"] is False
    assert [one["statusCode"] for one in answer["results"]] == [204, 200, 200]
    assert (answer["results"][0]["result"], answer["results"][1]["result"]["Name"]) == (None, "New")


@pytest.mark.parametrize(("halts", "expected"), [(False, [201, 404, 201]), (True, [201, 404, 412])])
async def test_a_batch_goes_on_after_a_failure_unless_it_shall_halt(api: Api, halts: bool, expected: list[int]) -> None:
    url = f"v{VERSION}/sobjects"
    answer = await batch(
        api,
        ("POST", f"{url}/Account", {"Name": "A"}),
        ("GET", f"{url}/Account/001000000000000AAA", None),
        ("POST", f"{url}/Account", {"Name": "B"}),
        haltOnError=halts,
    )
    assert answer["hasErrors"] is True
    assert [one["statusCode"] for one in answer["results"]] == expected
    if halts:
        assert answer["results"][2]["result"][0]["errorCode"] == "BATCH_PROCESSING_HALTED"
    assert await count(api, "Account") == expected.count(201)


async def test_a_batch_has_limits(org: LocalOrg) -> None:
    api = Api(org, version="40.0")
    too_new, outside = (await batch(api, ("GET", "v66.0/limits", None), ("GET", "v40.0/composite", None)))["results"]
    assert (too_new["statusCode"], outside["statusCode"]) == (400, 404)
    many = [{"method": "GET", "url": "v40.0/limits"}] * 26
    assert (await api.error("POST", "composite/batch", {"batchRequests": many}))[0] == "LIMIT_EXCEEDED"
    absolute = [{"method": "GET", "url": "/services/data/v40.0/limits"}]
    assert (await api.error("POST", "composite/batch", {"batchRequests": absolute}))[0] == "JSON_PARSER_ERROR"
    org.set_daily_limit(org.requests_used + 2)
    answer = await batch(api, *[("GET", "v40.0/limits", None)] * 3)
    assert [one["statusCode"] for one in answer["results"]] == [200, 200, 403]
    await api.close()


# -- graph --


async def test_each_graph_is_done_or_undone_as_a_whole(api: Api) -> None:
    used = api.org.requests_used
    graphs = [
        {
            "graphId": name,
            "compositeRequest": [
                sub("a", "POST", "sobjects/Account", {"Name": name}),
                sub("c", "POST", "sobjects/Contact", {"AccountId": "@{a.id}", **contact}),
            ],
        }
        for name, contact in (("one", {"LastName": "L"}), ("two", {"FirstName": "F"}), ("three", {"LastName": "L"}))
    ]
    answer = (await api.post("composite/graph", {"graphs": graphs}, 200))["graphs"]
    assert api.org.requests_used == used + 1
    assert [(one["graphId"], one["isSuccessful"]) for one in answer] == [("one", True), ("two", False), ("three", True)]
    failed = answer[1]["graphResponse"]["compositeResponse"]
    assert (failed[0]["body"], failed[1]["body"][0]["errorCode"]) == ([HALTED], "REQUIRED_FIELD_MISSING")
    assert await count(api, "Contact") == 2
    assert await api.names("SELECT Name FROM Account ORDER BY Name") == ["one", "three"]


async def test_graphs_after_fourteen_failures_are_not_tried(api: Api) -> None:
    def one(number: int, body: Any) -> dict[str, Any]:
        return {"graphId": f"g{number}", "compositeRequest": [sub("a", "POST", "sobjects/Account", body)]}

    graphs = [one(number, {}) for number in range(15)] + [one(15, {"Name": "never"})]
    answer = (await api.post("composite/graph", {"graphs": graphs}, 200))["graphs"]
    assert answer[14]["graphResponse"]["compositeResponse"][0]["body"][0]["errorCode"] == "REQUIRED_FIELD_MISSING"
    assert answer[15]["graphResponse"]["compositeResponse"][0]["body"] == [HALTED]
    assert await count(api, "Account") == 0


async def test_graphs_have_limits(api: Api) -> None:
    def node(number: int, **body: Any) -> dict[str, Any]:
        return sub(f"n{number}", "POST", "sobjects/Account", {"Name": "A", **body})

    def graph(identifier: str, *nodes: dict[str, Any]) -> dict[str, Any]:
        return {"graphId": identifier, "compositeRequest": list(nodes)}

    chain = [node(0)] + [node(number, ParentId=f"@{{n{number - 1}.id}}") for number in range(1, 16)]
    kinds = [sub(f"k{n}", "GET", f"sobjects/O{n}/001") for n in range(16)]
    for graphs, code in (
        ([graph(f"g{n}", node(0)) for n in range(76)], "LIMIT_EXCEEDED"),
        ([graph("g", *[node(n) for n in range(501)])], "LIMIT_EXCEEDED"),
        ([graph("g", *chain)], "LIMIT_EXCEEDED"),
        ([graph("g", *kinds)], "LIMIT_EXCEEDED"),
        ([graph("g", node(0)), graph("g", node(0))], "INVALID_INPUT"),
        ([graph("a.b", node(0))], "JSON_PARSER_ERROR"),
        ([graph("g", sub("q", "GET", "query?q=SELECT+Id+FROM+Account"))], "JSON_PARSER_ERROR"),
    ):
        assert (await api.error("POST", "composite/graph", {"graphs": graphs}))[0] == code
    answer = await api.post("composite/graph", {"graphs": [graph("g", *chain[:15])]}, 200)
    assert answer["graphs"][0]["isSuccessful"] is True


# -- tree --


def record(kind: str, reference: str, **fields: Any) -> dict[str, Any]:
    return {"attributes": {"type": kind, "referenceId": reference}, **fields}


def nested(reference: str, below: int) -> dict[str, Any]:
    """An account with accounts under it."""
    child = {"ChildAccounts": {"records": [nested(f"{reference}x", below - 1)]}} if below else {}
    return record("Account", reference, Name=reference, **child)


async def test_a_tree_is_created_level_by_level(api: Api) -> None:
    contacts = [record("Contact", "ref2", LastName="Smith"), record("Contact", "ref3", LastName="Evans")]
    children = [record("Account", "ref5", Name="Child")]
    body = {
        "records": [
            record("Account", "ref1", Name="One", Contacts={"records": contacts}),
            record("Account", "ref4", Name="Two", ChildAccounts={"records": children}),
        ]
    }
    answer = await api.post("composite/tree/Account", body, 201)
    assert answer["hasErrors"] is False
    assert [one["referenceId"] for one in answer["results"]] == ["ref1", "ref4", "ref2", "ref3", "ref5"]
    assert await api.names("SELECT LastName FROM Contact WHERE Account.Name = 'One' ORDER BY LastName") == [
        "Evans",
        "Smith",
    ]
    assert await api.names("SELECT Name FROM Account WHERE Parent.Name = 'Two'") == ["Child"]


async def test_a_tree_with_an_error_is_not_created(api: Api) -> None:
    contacts = [record("Contact", "bad", FirstName="F"), record("Contact", "good", LastName="L")]
    body = {"records": [record("Account", "top", Name="One", Contacts={"records": contacts})]}
    answer = await api.post("composite/tree/Account", body, 400)
    error = {"statusCode": "REQUIRED_FIELD_MISSING", "message": "Required fields are missing: [LastName]"}
    assert answer == {
        "hasErrors": True,
        "results": [{"referenceId": "bad", "errors": [{**error, "fields": ["LastName"]}]}],
    }
    assert await count(api, "Account") == 0


async def test_a_tree_has_limits(api: Api) -> None:
    many = [record("Account", f"r{n}", Name="A") for n in range(201)]
    doubled = [record("Account", "r", Name="A"), record("Account", "r", Name="B")]
    for records in (many, doubled, [nested("r", 5)], [record("Contact", "r", LastName="L")]):
        answer = await api.post("composite/tree/Account", {"records": records}, 400)
        assert answer["results"][0]["errors"][0]["statusCode"] == "INVALID_INPUT"
    assert (await api.post("composite/tree/Account", {"records": [nested("r", 4)]}, 201))["hasErrors"] is False
    assert (await api.error("POST", "composite/tree/Account", {}))[0] == "JSON_PARSER_ERROR"
    assert (await api.error("POST", "composite/tree/Nope", {"records": []}, 404))[0] == "NOT_FOUND"


# -- collections --


async def test_collections_have_limits(api: Api) -> None:
    def records(*types: str) -> list[dict[str, Any]]:
        return [{"attributes": {"type": kind}, "Name": "A", "LastName": "L"} for kind in types]

    alternating = records(*["Account", "Contact"] * 6)
    assert (await api.error("POST", "composite/sobjects", {"records": alternating}))[0] == "LIMIT_EXCEEDED"
    many = records(*["Account"] * 201)
    assert (await api.error("POST", "composite/sobjects", {"records": many}))[0] == "EXCEEDED_ID_LIMIT"
    ids = ",".join(["001000000000001AAA"] * 201)
    assert (await api.error("DELETE", f"composite/sobjects?ids={ids}"))[0] == "EXCEEDED_ID_LIMIT"
    wanted = {"ids": ["001000000000001AAA"] * 2_001, "fields": ["Name"]}
    assert (await api.error("POST", "composite/sobjects/Account", wanted))[0] == "EXCEEDED_ID_LIMIT"


async def test_records_that_are_not_there_are_null_in_a_collection(api: Api) -> None:
    account = await api.create("Account", Name="A")
    ids = ["001000000000001AAA", account, account[:15], "nonsense"]
    answer = await api.post("composite/sobjects/Account", {"ids": ids, "fields": ["Name"]}, 200)
    assert [one and one["Name"] for one in answer] == [None, "A", "A", None]


async def test_jsforce_reads_and_writes_many(org: LocalOrg) -> None:
    token = org.session(org.credentials.admin_username)
    process = await asyncio.create_subprocess_exec(
        *node("rest.mjs", org.url, token), stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    output, errors = await process.communicate()
    assert process.returncode == 0, errors.decode()
    assert json.loads(output) == {
        "created": 201,
        "mixed": ["created", "REQUIRED_FIELD_MISSING"],
        "none": ["ALL_OR_NONE_OPERATION_ROLLED_BACK", "REQUIRED_FIELD_MISSING"],
        "read": ["1", None, "1"],
        "upserted": [True, True],
        "nested": [["A001", None], ["A000", ["Noether", "Lovelace"]]],
        "composite": [201, 201],
        "error": ["MALFORMED_QUERY", True],
        "destroyed": 201,
        "left": 4,
    }
