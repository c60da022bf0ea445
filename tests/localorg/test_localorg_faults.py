"""The fault menu of login, REST and Bulk: each fault once, over HTTP, and the next call as if nothing had been."""

import asyncio
import csv
import io
import json
import time
from collections.abc import Awaitable, Callable
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx2
import pytest

from localorg.faults import Faults
from localorg.fixture import LocalOrg
from localorg.misbehaviour.menu import HTTP_FAULTS
from tests.localorg.api import Api

README = Path(__file__).parents[2] / "src" / "localorg" / "README.md"
NAMES = "query?q=" + quote("SELECT Id, Name FROM Account ORDER BY Name")
JOB = {"operation": "query", "query": "SELECT Id, Name FROM Account ORDER BY Name"}

Request = Callable[[], Awaitable[httpx2.Response]]


@pytest.fixture
def accounts(api: Api) -> list[str]:
    """Three accounts, A, B and C."""
    return [api.org.insert("Account", Name=name) for name in "ABC"]


async def faulty(api: Api, name: str, request: Request, **options: Any) -> httpx2.Response:
    """The answer under a fault; the same request is fine before and after."""
    faults = api.org.org.faults
    assert (await request()).is_success
    faults.arm(name, **options)
    answer = await request()
    assert (faults.fired, faults.waiting) == ({name: 1}, [])
    assert (await request()).is_success
    assert faults.fired == {name: 1}
    return answer


def error_of(answer: httpx2.Response) -> tuple[int, str, str]:
    """Status, code and message."""
    (problem,) = answer.json()
    return answer.status_code, problem["errorCode"], problem["message"]


def query(api: Api) -> Request:
    return lambda: api.send("GET", NAMES)


# -- the menu --


def test_the_readme_tells_of_every_fault() -> None:
    text = README.read_text()
    assert [name for name in HTTP_FAULTS if f"`{name}`" not in text] == []


def test_an_unknown_fault_is_refused_with_the_known_ones(org: LocalOrg) -> None:
    with pytest.raises(ValueError, match="There is no fault 'NOPE'. Known: .*API_DISABLED, "):
        org.org.faults.arm("NOPE")
    assert set(HTTP_FAULTS) <= set(org.org.faults.known)


def test_a_fault_skips_matches_repeats_and_is_cleared() -> None:
    faults = Faults()
    faults.declare("A", "B")
    assert (faults.armed, faults.take("A")) == (False, None)
    faults.arm("A", times=2, skip=2, match="/x", size=3)
    taken = [faults.take("A", subject) for subject in ("/y", "/x", "/x", "/x", "/y", "/x", "/x")]
    assert taken == [None, None, None, {"size": 3}, None, {"size": 3}, None]
    faults.arm("A", times=None)
    faults.arm("B")
    faults.clear("B")
    assert (faults.waiting, faults.take("A"), faults.take("A"), faults.take("B")) == (["A"], {}, {}, None)
    faults.clear()
    assert (faults.armed, faults.fired) == (False, {"A": 4})
    faults.arm("A", times=None, lasting=0)
    assert (faults.take("A"), faults.waiting) == (None, [])


# -- errors in Salesforce's shape --


@pytest.mark.parametrize(
    ("name", "options", "expected"),
    [
        ("REQUEST_LIMIT_EXCEEDED", {}, (403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")),
        ("REQUEST_LIMIT_EXCEEDED", {"message": "Another limit."}, (403, "REQUEST_LIMIT_EXCEEDED", "Another limit.")),
        (
            "UNKNOWN_EXCEPTION",
            {},
            (
                500,
                "UNKNOWN_EXCEPTION",
                "An unexpected error occurred. Please include this ErrorId if you contact support: "
                "1234567890-12345 (-123456789)",
            ),
        ),
        ("QUERY_TIMEOUT", {}, (400, "QUERY_TIMEOUT", "Your query request was running for too long.")),
        ("API_DISABLED", {}, (403, "API_DISABLED_FOR_ORG", "API is not enabled for this Organization or Partner")),
        (
            "SERVER_UNAVAILABLE",
            {},
            (503, "SERVER_UNAVAILABLE", "The service is unavailable. Try again later."),
        ),
    ],
)
async def test_a_query_is_refused_once(
    api: Api, name: str, options: dict[str, str], expected: tuple[int, str, str]
) -> None:
    assert error_of(await faulty(api, name, query(api), match="FROM Account", **options)) == expected


async def test_a_field_is_gone_between_describe_and_query(api: Api) -> None:
    status, code, message = error_of(await faulty(api, "INVALID_FIELD", query(api)))
    assert (status, code) == (400, "INVALID_FIELD")
    assert "ERROR at Row:1:Column:12\nNo such column 'Name' on entity 'Account'. If you are attempting" in message
    api.org.org.faults.arm("INVALID_FIELD", field="Id")
    code, message, _ = await api.error("POST", "jobs/query", JOB)
    assert (code, "Column:8\nNo such column 'Id' on entity 'Account'." in message) == ("INVALID_FIELD", True)


async def test_a_locator_is_forgotten(api: Api, accounts: list[str]) -> None:
    api.org.org.faults.arm("SHORT_PAGE", records=1)
    following = (await api.get(NAMES))["nextRecordsUrl"]
    api.org.org.faults.fired.clear()
    answer = await faulty(api, "INVALID_QUERY_LOCATOR", lambda: api.send("GET", following))
    assert error_of(answer) == (400, "INVALID_QUERY_LOCATOR", "invalid query locator")


async def test_a_locked_record_is_not_written(api: Api, accounts: list[str]) -> None:
    first, second, _ = accounts
    path = f"sobjects/Account/{first}"
    answer = await faulty(api, "UNABLE_TO_LOCK_ROW", lambda: api.send("PATCH", path, {"Name": "A2"}))
    text = f"unable to obtain exclusive access to this record or 1 records: {first}"
    assert error_of(answer) == (400, "UNABLE_TO_LOCK_ROW", text)
    api.org.org.faults.arm("UNABLE_TO_LOCK_ROW", match=second)
    records = [{"attributes": {"type": "Account"}, "Id": one, "Name": "new"} for one in (first, second)]
    written, refused = await api.patch("composite/sobjects", {"records": records}, 200)
    error = {"statusCode": "UNABLE_TO_LOCK_ROW", "message": text.replace(first, second), "fields": []}
    assert (written["success"], refused) == (True, {"success": False, "errors": [error]})
    assert await api.names("SELECT Name FROM Account ORDER BY Name") == ["B", "C", "new"]


# -- login --


async def login(org: LocalOrg, **form: str) -> httpx2.Response:
    given = {"client_id": org.credentials.client_id, "client_secret": org.credentials.client_secret, **form}
    async with httpx2.AsyncClient() as client:
        return await client.post(f"{org.url}/services/oauth2/token", data=given)


async def test_a_session_ends_between_two_pages(api: Api, accounts: list[str]) -> None:
    faults = api.org.org.faults
    faults.arm("SHORT_PAGE", records=1)
    faults.arm("TOKEN_EXPIRED", match="/query/01g")
    following = (await api.get(NAMES))["nextRecordsUrl"]
    answer = await api.send("GET", following)
    assert error_of(answer) == (401, "INVALID_SESSION_ID", "Session expired or invalid")
    assert (await api.send("GET", following)).status_code == 401
    assert faults.fired["TOKEN_EXPIRED"] == 1
    api.token = api.org.session(api.org.credentials.admin_username)
    assert [record["Name"] for record in (await api.get(following))["records"]] == ["B", "C"]


async def test_a_login_is_refused_once(api: Api) -> None:
    def client_credentials() -> Awaitable[httpx2.Response]:
        return login(api.org, grant_type="client_credentials")

    answer = await faulty(api, "LOGIN_REFUSED", client_credentials)
    assert (answer.status_code, answer.json()) == (
        400,
        {"error": "invalid_grant", "error_description": "no client credentials user enabled"},
    )
    api.org.org.faults.arm("LOGIN_REFUSED", match="client_credentials", error="invalid_client", description="no")
    assert (await client_credentials()).json() == {"error": "invalid_client", "error_description": "no"}


async def test_a_soap_login_is_refused_once(org: LocalOrg) -> None:
    username = org.credentials.admin_username
    password = org.credentials.admin_password + org.credentials.admin_security_token
    body = (
        '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Body><login xmlns="urn:partner.soap.'
        f'sforce.com"><username>{username}</username><password>{password}</password></login></e:Body></e:Envelope>'
    )
    org.org.faults.arm("LOGIN_REFUSED", match="soap")
    async with httpx2.AsyncClient() as client:
        answers = [await client.post(f"{org.url}/services/Soap/u/64.0", content=body) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [500, 200]
    assert "<faultcode>INVALID_LOGIN</faultcode>" in answers[0].text


async def test_the_login_page_is_down(api: Api) -> None:
    answer = await faulty(
        api, "LOGIN_UNAVAILABLE", lambda: login(api.org, grant_type="client_credentials"), retry_after=7
    )
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "7")
    assert (answer.headers["content-type"], answer.text[:6]) == ("text/html;charset=UTF-8", "<html>")


async def test_the_clock_that_judges_an_assertion_is_ahead(api: Api) -> None:
    from joserfc import jwt
    from joserfc.jwk import RSAKey

    found = api.org.credentials
    claims = {"iss": found.client_id, "sub": found.username, "aud": "https://login.salesforce.com"}
    key = RSAKey.import_key((api.org.org.data / "integration.key").read_text())
    assertion = jwt.encode({"alg": "RS256"}, {**claims, "exp": int(time.time()) + 120}, key)
    grant = "urn:ietf:params:oauth:grant-type:jwt-bearer"
    answer = await faulty(api, "JWT_CLOCK_SKEW", lambda: login(api.org, grant_type=grant, assertion=assertion))
    assert answer.json() == {"error": "invalid_grant", "error_description": "expired authorization code"}


async def test_a_refresh_token_that_someone_used_ends_all_that_came_from_it(org: LocalOrg) -> None:
    token = org.credentials.refresh_token
    session = (await login(org, grant_type="refresh_token", refresh_token=token)).json()["access_token"]
    org.org.faults.arm("REFRESH_TOKEN_REUSED")
    refused = {"error": "invalid_grant", "error_description": "expired access/refresh token"}
    for _ in range(2):
        assert (await login(org, grant_type="refresh_token", refresh_token=token)).json() == refused
    assert org.org.faults.fired == {"REFRESH_TOKEN_REUSED": 1}
    api = Api(org, session)
    assert (await api.send("GET", "limits")).status_code == 401
    await api.close()


# -- gateways and connections --


async def test_html_comes_in_place_of_an_answer(api: Api) -> None:
    for options, status in (({}, 502), ({"status": 200}, 200)):
        api.org.org.faults.fired.clear()
        answer = await faulty(api, "HTML_ERROR_PAGE", query(api), **options)
        assert (answer.status_code, answer.headers["content-type"]) == (status, "text/html;charset=UTF-8")
        assert answer.text.startswith("<html>") and "sforce-limit-info" not in answer.headers
    api.org.org.faults.fired.clear()
    answer = await faulty(api, "SERVER_UNAVAILABLE", query(api), html=True, retry_after=30)
    assert (answer.status_code, answer.headers["retry-after"], answer.text[:6]) == (503, "30", "<html>")


async def test_a_gateway_has_too_many_requests(api: Api) -> None:
    answer = await faulty(api, "RATE_429", query(api), retry_after=2)
    assert (answer.status_code, answer.headers["retry-after"], answer.json()) == (
        429,
        "2",
        {"message": "Too Many Requests"},
    )


@pytest.mark.parametrize("encoding", ["identity", "gzip"])
async def test_a_body_ends_before_its_length(api: Api, accounts: list[str], encoding: str) -> None:
    headers = {"Accept-Encoding": encoding}
    whole = await api.send("GET", NAMES, headers=headers)
    api.org.org.faults.arm("TRUNCATED_BODY", match="query")
    url = f"{api.org.url}/services/data/v66.0/{NAMES}"
    got = bytearray()
    async with api.http.stream("GET", url, headers={"Authorization": f"Bearer {api.token}", **headers}) as answer:
        length = int(answer.headers["content-length"])
        with pytest.raises(httpx2.RemoteProtocolError, match="without sending complete message body"):
            async for part in answer.aiter_raw():
                got += part
    assert (length, len(got)) == (int(whole.headers["content-length"]), length // 2)
    assert api.org.org.faults.fired == {"TRUNCATED_BODY": 1}
    assert (await api.get(NAMES))["totalSize"] == 3


async def test_a_body_is_empty(api: Api) -> None:
    answer = await faulty(api, "EMPTY_BODY", query(api))
    assert (answer.status_code, answer.content, answer.headers["content-length"]) == (200, b"", "0")


async def test_json_is_cut_though_the_body_is_whole(api: Api) -> None:
    answer = await faulty(api, "MALFORMED_JSON", query(api))
    assert (answer.status_code, answer.headers["content-encoding"]) == (200, "gzip")
    with pytest.raises(json.JSONDecodeError):
        answer.json()
    json.loads(answer.text + "}")


@pytest.mark.parametrize(("when", "made"), [("before", 0), ("after", 1)])
async def test_a_connection_is_reset_before_or_after_the_request_was_applied(api: Api, when: str, made: int) -> None:
    faults = api.org.org.faults
    faults.arm("CONNECTION_RESET", match="POST", when=when)
    with pytest.raises(httpx2.ReadError):
        await api.create("Account", Name="A")
    assert faults.fired == {"CONNECTION_RESET": 1}
    assert len(api.org.rows("Account")) == made
    await api.create("Account", Name="B")


async def test_a_body_drips(api: Api, accounts: list[str]) -> None:
    headers = {"Authorization": f"Bearer {api.token}", "Accept-Encoding": "identity"}
    api.org.org.faults.arm("SLOW_BODY", bytes=100, seconds=0.01)
    url = f"{api.org.url}/services/data/v66.0/{NAMES}"
    async with api.http.stream("GET", url, headers=headers) as answer:
        parts = [part async for part in answer.aiter_raw()]
    assert len(parts) > 1
    assert json.loads(b"".join(parts))["totalSize"] == 3
    assert (await api.get(NAMES))["totalSize"] == 3


async def test_an_answer_is_late(api: Api) -> None:
    loop = asyncio.get_running_loop()
    api.org.org.faults.arm("DELAY", seconds=0.3)
    started = loop.time()
    await api.get(NAMES)
    assert loop.time() - started >= 0.3
    assert api.org.org.faults.fired == {"DELAY": 1}


async def test_a_request_hangs_until_it_is_let_go(api: Api) -> None:
    faults = api.org.org.faults
    faults.arm("HANG", match="Account")
    hanging = asyncio.create_task(api.create("Account", Name="late"))
    while not faults.fired["HANG"]:
        await asyncio.sleep(0.005)
    assert (await api.get("query?q=SELECT+COUNT()+FROM+Contact"))["totalSize"] == 0
    assert (hanging.done(), api.org.rows("Account")) == (False, [])
    faults.clear("HANG")
    assert await hanging == api.org.rows("Account")[0]["Id"]


async def test_a_client_that_stops_waiting_leaves_nothing_behind(api: Api) -> None:
    faults = api.org.org.faults
    faults.arm("HANG")
    with pytest.raises(httpx2.ReadTimeout):
        await api.http.post(
            "/services/data/v66.0/sobjects/Account",
            json={"Name": "given up"},
            headers={"Authorization": f"Bearer {api.token}"},
            timeout=httpx2.Timeout(30, read=0.2),
        )
    # Time enough for the server to read the end of that connection, and to do what it should not.
    for _ in range(10):
        await api.create("Contact", LastName="X")
    faults.clear()
    assert (await api.get(NAMES))["totalSize"] == 0


async def test_headers_are_missing(api: Api) -> None:
    answer = await faulty(api, "LIMIT_HEADER_MISSING", query(api))
    assert ("sforce-limit-info" in answer.headers, "date" in answer.headers) == (False, True)
    api.org.org.faults.fired.clear()
    answer = await faulty(api, "MISSING_DATE_HEADER", query(api))
    assert ("sforce-limit-info" in answer.headers, "date" in answer.headers) == (True, False)


async def test_the_date_of_an_answer_is_the_orgs(api: Api) -> None:
    api.org.clock.freeze()
    answer = await api.send("GET", NAMES)
    assert parsedate_to_datetime(answer.headers["date"]) == api.org.clock.now()
    assert len(answer.headers.get_list("date")) == 1


# -- pages --


async def walk(api: Api, first: str = NAMES) -> list[dict[str, Any]]:
    """All pages of a query."""
    pages = [await api.get(first)]
    while not pages[-1]["done"]:
        pages.append(await api.get(pages[-1]["nextRecordsUrl"]))
    return pages


def names(pages: list[dict[str, Any]]) -> list[list[str]]:
    return [[record["Name"] for record in page["records"]] for page in pages]


async def test_pages_are_shorter_than_the_batch_size(api: Api, accounts: list[str]) -> None:
    api.org.org.faults.arm("SHORT_PAGE", times=2, records=1)
    pages = await walk(api)
    assert names(pages) == [["A"], ["B"], ["C"]]
    assert [(page["totalSize"], page["done"]) for page in pages] == [(3, False), (3, False), (3, True)]
    assert names(await walk(api)) == [["A", "B", "C"]]


async def test_a_page_is_empty_though_more_follow(api: Api, accounts: list[str]) -> None:
    faults = api.org.org.faults
    faults.arm("EMPTY_PAGE")
    assert names(await walk(api)) == [[], ["A", "B", "C"]]
    faults.arm("SHORT_PAGE", records=2)
    faults.arm("EMPTY_PAGE", skip=1)
    pages = await walk(api)
    assert names(pages) == [["A", "B"], [], ["C"]]
    assert pages[1]["nextRecordsUrl"] == pages[0]["nextRecordsUrl"]
    assert faults.fired == {"EMPTY_PAGE": 2, "SHORT_PAGE": 1}


async def test_a_record_appears_twice(api: Api, accounts: list[str]) -> None:
    faults = api.org.org.faults
    faults.arm("DUPLICATE_ROW")
    assert names(await walk(api)) == [["A", "B", "C", "C"]]
    faults.arm("SHORT_PAGE", records=2)
    faults.arm("DUPLICATE_ROW")
    assert names(await walk(api)) == [["A", "B"], ["B", "C"]]
    assert names(await walk(api)) == [["A", "B", "C"]]


async def test_the_total_is_wrong(api: Api, accounts: list[str]) -> None:
    answer = (await faulty(api, "WRONG_TOTAL_SIZE", query(api), by=-2)).json()
    assert (answer["totalSize"], answer["done"], len(answer["records"])) == (1, True, 3)


async def test_a_text_holds_a_nul(api: Api, accounts: list[str]) -> None:
    api.org.update("Account", accounts[0], Name="AA")
    answer = await faulty(api, "NUL_IN_TEXT", query(api), match="Account")
    assert names([answer.json()]) == [["A\0A", "B", "C"]]


# -- reads that lag behind --


async def test_a_read_shows_what_was_before_the_last_change(api: Api, accounts: list[str]) -> None:
    first, second, third = accounts
    faults = api.org.org.faults
    faults.arm("STALE_READ", times=3)
    api.org.update("Account", first, Name="A2")
    created = api.org.insert("Account", Name="D")
    api.org.delete("Account", third)
    assert names([await api.get(NAMES)]) == [["A", "B", "C"]]
    assert (await api.get(f"sobjects/Account/{first}?fields=Name"))["Name"] == "A"
    body = {"ids": [first, second, third, created], "fields": ["Name"]}
    stale = await api.post("composite/sobjects/Account", body, 200)
    assert [one and one["Name"] for one in stale] == ["A", "B", "C", None]
    assert (faults.fired, faults.waiting) == ({"STALE_READ": 3}, [])
    assert names([await api.get(NAMES)]) == [["A2", "B", "D"]]
    fresh = await api.post("composite/sobjects/Account", body, 200)
    assert [one and one["Name"] for one in fresh] == ["A2", "B", None, "D"]


async def test_stale_reads_last_some_time_and_reach_only_what_they_match(api: Api, accounts: list[str]) -> None:
    faults = api.org.org.faults
    faults.arm("STALE_READ", times=None, lasting=600, match="FROM Account")
    api.org.update("Account", accounts[0], Name="A2")
    contact = await api.create("Contact", LastName="X")
    for _ in range(3):
        assert names([await api.get(NAMES)]) == [["A", "B", "C"]]
    assert (await api.get(f"sobjects/Contact/{contact}"))["LastName"] == "X"
    await api.patch(f"sobjects/Account/{accounts[1]}", {"Name": "B2"})
    faults.clear()
    assert names([await api.get(NAMES)]) == [["A2", "B2", "C"]]


# -- Bulk --


async def start(api: Api) -> str:
    return str((await api.post("jobs/query", JOB, 200))["id"])


async def state(api: Api, job: str, *wanted: str) -> dict[str, Any]:
    """What is told of a job once it is in one of these states."""
    for _ in range(1_000):
        info: dict[str, Any] = await api.get(f"jobs/query/{job}")
        if info["state"] in wanted:
            return info
        await asyncio.sleep(0.01)
    raise AssertionError(f"the job stays {info['state']}")


async def finished(api: Api) -> str:
    """A job that is done."""
    job = await start(api)
    await state(api, job, "JobComplete")
    return job


def results(api: Api, job: str, **parameters: str) -> Request:
    text = "&".join(f"{name}={value}" for name, value in parameters.items())
    return lambda: api.send("GET", f"jobs/query/{job}/results?{text}")


def column(answer: httpx2.Response, at: int = 1) -> list[str]:
    return [row[at] for row in csv.reader(io.StringIO(answer.text, newline=""), strict=True)]


def of_page(answer: httpx2.Response) -> tuple[str, str]:
    return answer.headers["sforce-numberofrecords"], answer.headers["sforce-locator"]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("JOB_FAILED", {"state": "Failed", "errorMessage": "out of luck", "retries": 15}),
        ("JOB_ABORTED", {"state": "Aborted", "retries": 0}),
    ],
)
async def test_a_job_ends_without_results(api: Api, accounts: list[str], name: str, told: dict[str, Any]) -> None:
    options: dict[str, Any] = {"message": "out of luck"} if name == "JOB_FAILED" else {}
    api.org.org.faults.arm(name, match="Account", **options)
    info = await state(api, await start(api), "Failed", "Aborted", "JobComplete")
    assert {key: info[key] for key in told} == told
    assert (await api.send("GET", f"jobs/query/{info['id']}/results")).status_code == 400
    await finished(api)
    assert api.org.org.faults.fired == {name: 1}


async def test_a_job_is_stuck_until_it_is_let_go(api: Api, accounts: list[str]) -> None:
    faults = api.org.org.faults
    faults.arm("JOB_STUCK", times=2)
    stuck, given_up = await start(api), await start(api)
    while faults.fired["JOB_STUCK"] < 2:
        await asyncio.sleep(0.005)
    await finished(api)
    assert (await state(api, stuck, "InProgress"))["numberRecordsProcessed"] == 0
    await api.patch(f"jobs/query/{given_up}", {"state": "Aborted"}, 200)
    faults.clear()
    await state(api, stuck, "JobComplete")
    assert column(await results(api, stuck)()) == ["Name", "A", "B", "C"]
    assert (await state(api, given_up, "Aborted", "JobComplete"))["state"] == "Aborted"


async def test_a_job_is_gone(api: Api, accounts: list[str]) -> None:
    job = await finished(api)
    not_there = (404, "NOT_FOUND", "The requested resource does not exist")
    assert error_of(await faulty(api, "JOB_GONE", lambda: api.send("GET", f"jobs/query/{job}"))) == not_there
    api.org.org.faults.fired.clear()
    assert error_of(await faulty(api, "JOB_GONE", results(api, job), match="/results")) == not_there


async def test_results_are_not_ready(api: Api, accounts: list[str]) -> None:
    answer = await faulty(api, "RESULTS_NOT_READY", results(api, await finished(api)))
    assert error_of(answer)[:2] == (409, "INVALIDJOBSTATE")


async def test_a_job_is_not_taken_on(api: Api) -> None:
    def create() -> Awaitable[httpx2.Response]:
        return api.send("POST", "jobs/query", JOB)

    answer = await faulty(api, "BULK_UNSUPPORTED", create, match="FROM Account")
    assert error_of(answer) == (400, "INVALIDENTITY", "Entity 'Account' is not supported by the Bulk API.")
    api.org.org.faults.fired.clear()
    answer = await faulty(api, "BULK_DAILY_LIMIT", create)
    assert error_of(answer)[:2] == (400, "LIMIT_EXCEEDED")


async def test_results_are_a_page_of_html(api: Api, accounts: list[str]) -> None:
    answer = await faulty(api, "BULK_HTML", results(api, await finished(api)))
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html;charset=UTF-8")
    assert (answer.text[:6], "sforce-locator" in answer.headers) == ("<html>", False)


async def test_a_locator_expires(api: Api, accounts: list[str]) -> None:
    job = await finished(api)
    first = await results(api, job, maxRecords="2")()
    locator = first.headers["sforce-locator"]
    api.org.org.faults.arm("BULK_LOCATOR_EXPIRED")
    assert (await results(api, job, maxRecords="2")()).is_success
    assert error_of(await results(api, job, locator=locator)()) == (
        400,
        "INVALID_LOCATOR",
        f"Invalid locator value: {locator}",
    )
    assert column(await results(api, job, locator=locator)()) == ["Name", "C"]


async def test_a_locator_is_repeated(api: Api, accounts: list[str]) -> None:
    job = await finished(api)
    api.org.org.faults.arm("BULK_LOCATOR_REPEATED")
    first = await results(api, job, maxRecords="1")()
    locator = first.headers["sforce-locator"]
    again = await results(api, job, maxRecords="1", locator=locator)()
    assert (column(again), of_page(again)) == (["Name", "B"], ("1", locator))
    after = await results(api, job, maxRecords="1", locator=locator)()
    assert (column(after), of_page(after)[1] not in (locator, "null")) == (["Name", "B"], True)


async def test_a_page_of_results_is_empty_though_more_follow(api: Api, accounts: list[str]) -> None:
    job = await finished(api)
    api.org.org.faults.arm("BULK_EMPTY_PAGE", times=2)
    first = await results(api, job)()
    assert (column(first), of_page(first)[0]) == (["Name"], "0")
    second = await results(api, job, locator=of_page(first)[1])()
    assert (column(second), of_page(second)) == (["Name"], of_page(first))
    third = await results(api, job, locator=of_page(second)[1])()
    assert (column(third), of_page(third)) == (["Name", "A", "B", "C"], ("3", "null"))


async def test_the_count_of_a_page_is_wrong(api: Api, accounts: list[str]) -> None:
    answer = await faulty(api, "BULK_WRONG_COUNT", results(api, await finished(api)), by=2, match="Account")
    assert (column(answer), of_page(answer)) == (["Name", "A", "B", "C"], ("5", "null"))


async def test_the_rows_of_a_page_are_missing(api: Api, accounts: list[str]) -> None:
    answer = await faulty(api, "BULK_HEADER_ONLY", results(api, await finished(api)))
    assert (answer.text, of_page(answer)) == ('"Id","Name"\n', ("3", "null"))


async def test_a_page_is_cut_in_its_last_row(api: Api, accounts: list[str]) -> None:
    answer = await faulty(api, "BULK_TRUNCATED", results(api, await finished(api)))
    assert (answer.text.endswith(f'"{accounts[2]}","C'), of_page(answer)) == (True, ("3", "null"))


@pytest.mark.parametrize(
    ("kind", "end"), [("short", '"{}"\n'), ("long", '"{}","C","surplus"\n'), ("quote", '"{}","a"b"\n')]
)
async def test_a_row_is_malformed(api: Api, accounts: list[str], kind: str, end: str) -> None:
    answer = await faulty(api, "BULK_MALFORMED_ROW", results(api, await finished(api)), kind=kind)
    assert answer.text.endswith(f'"{accounts[1]}","B"\n' + end.format(accounts[2]))


async def test_a_column_appears_twice(api: Api, accounts: list[str]) -> None:
    answer = await faulty(api, "BULK_DUPLICATE_COLUMN", results(api, await finished(api)))
    assert answer.text.splitlines()[:2] == ['"Id","Name","Id"', f'"{accounts[0]}","A","{accounts[0]}"']


async def test_a_proxy_strips_the_headers_of_a_page(api: Api, accounts: list[str]) -> None:
    answer = await faulty(api, "BULK_HEADERS_STRIPPED", results(api, await finished(api)))
    assert [name for name in answer.headers if name.startswith("sforce-")] == []
    assert column(answer) == ["Name", "A", "B", "C"]


# -- composite --


async def test_a_fault_falls_on_one_subrequest(api: Api, accounts: list[str]) -> None:
    faults = api.org.org.faults
    base = "/services/data/v66.0/"
    requests = [
        {"method": "GET", "url": base + NAMES, "referenceId": "accounts"},
        {"method": "GET", "url": base + "query?q=SELECT+Id+FROM+Contact", "referenceId": "contacts"},
    ]
    faults.arm("QUERY_TIMEOUT", match="FROM Contact")
    faults.arm("STALE_READ", match="FROM Account")
    api.org.update("Account", accounts[0], Name="A2")
    answer = await api.post("composite", {"compositeRequest": requests}, 200)
    first, second = answer["compositeResponse"]
    assert names([first["body"]]) == [["A", "B", "C"]]
    assert (second["httpStatusCode"], second["body"][0]["errorCode"]) == (400, "QUERY_TIMEOUT")
    assert faults.fired == {"QUERY_TIMEOUT": 1, "STALE_READ": 1}
