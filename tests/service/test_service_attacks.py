"""Abuse of the service: reliability.md T9, T10, T14, T16, T18, T20, T21; every refusal has one shape."""

import asyncio
import json
import time
from typing import Any

import pytest

from tests.service.service import ADMIN, MARKETING, SALES, Service, running_service

BAD: list[tuple[str, str, Any, int]] = [
    ("POST", "/search", {"text": "x", "query": {"match_all": {}}}, 400),
    ("POST", "/search", {"text": 5}, 400),
    ("POST", "/search", {"text": "x" * 2_000}, 400),
    ("POST", "/search", {"text": "x", "size": 101}, 400),
    ("POST", "/search", {"text": "x", "size": -1}, 400),
    ("POST", "/search", {"text": "x", "sort": "_script"}, 400),
    ("POST", "/search", {"text": "x", "objects": ["*"]}, 400),
    ("POST", "/search", {"text": "x", "objects": ["Nope__c"]}, 400),
    ("POST", "/search", {"text": "x", "objects": ["Account,Contact/_search"]}, 400),
    ("POST", "/search", {"text": "x", "cursor": "AAAA"}, 400),
    ("POST", "/search", {"text": "x", "cursor": "x" * 5_000}, 400),
    ("POST", "/search", {"text": "x", "facets": {"a": ["b"] * 51}}, 400),
    ("POST", "/search", [], 400),
    ("POST", "/search", None, 400),
    ("POST", "/suggest", {}, 400),
    ("POST", "/click", {"search": 1, "id": "001", "rank": 1}, 400),
    ("POST", "/click", {"search": 10**30, "id": "001000000000000AAA", "rank": 1}, 400),
    ("POST", "/click", {"search": 987654321, "id": "001000000000000AAA", "rank": 1}, 404),
    ("GET", "/records/Account/..%2F..%2Fetc", None, 404),
    ("GET", "/records/Account%00/001000000000000AAA", None, 400),
    ("GET", "/records/_all/001000000000000AAA", None, 400),
    ("GET", "/records/Account/001000000000000AAA/related?kind=parents", None, 400),
    ("GET", "/records/Account/001000000000000AAA/related?size=1000000", None, 400),
    ("POST", "/reports/nope", {}, 404),
    ("POST", "/reports/..%2Fclosed-won", {}, 404),
    ("POST", "/reports/closed-won", {"by": ["nope"]}, 400),
    ("POST", "/reports/closed-won", {"by": ["month", "owner", "stage"]}, 400),
    ("POST", "/reports/closed-won", {"period": "next-century"}, 400),
    ("POST", "/reports/closed-won", {"as_of": "2026-13-45"}, 400),
    ("POST", "/reports/closed-won", {"where": ["_source=1"]}, 400),
    ("POST", "/reports/closed-won", {"where": ["forcedex.acl=u"]}, 400),
    ("POST", "/reports/closed-won", {"top": 10**9}, 400),
    ("POST", "/reports/closed-won/records", {"keys": ["a", "b", "c"]}, 400),
    ("POST", "/export", {"report": "closed-won", "form": "../../x"}, 400),
    ("GET", "/nope", None, 404),
    ("DELETE", "/search", None, 405),
]


@pytest.mark.parametrize(("method", "path", "body", "status"), BAD, ids=[f"{i}-{b[1][:30]}" for i, b in enumerate(BAD)])
async def test_bad_input_is_refused_with_a_hint(
    service: Service, method: str, path: str, body: Any, status: int
) -> None:
    async with service.logged_in(SALES) as visitor:
        answer = await visitor.http.request(method, f"/api/v1{path}", json=body)
        assert answer.status_code == status, answer.text
        error = answer.json()["error"]
        assert set(error) == {"code", "message", "hint"} and error["message"]
        assert not any(word in answer.text for word in ("Traceback", "elasticsearch.", "sqlalchemy", "/site-packages/"))


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b'{"text": "\\ud800"}', b"[" * 50_000, b"null", b"1e999"])
async def test_a_body_that_is_no_json_object_is_refused(service: Service, content: bytes) -> None:
    async with service.logged_in(SALES) as visitor:
        answer = await visitor.http.post(
            "/api/v1/search", content=content, headers={"Content-Type": "application/json"}
        )
        assert answer.status_code in (400, 413) or (answer.status_code == 200 and b"ud800" in content), answer.text


async def test_large_bodies_and_addresses_are_refused_before_they_are_read(service: Service) -> None:
    async with service.logged_in(SALES) as visitor:
        large = json.dumps({"text": "x" * 70_000}).encode()

        async def dripping() -> Any:
            for start in range(0, len(large), 8_192):
                yield large[start : start + 8_192]

        for content in (large, dripping()):
            answer = await visitor.http.post("/api/v1/search", content=content)
            assert (answer.status_code, answer.json()["error"]["code"]) == (413, "too_large")
        assert (await visitor.http.get(f"/api/v1/records/Account/{'x' * 9_000}")).status_code == 414


async def test_another_sites_page_changes_and_asks_nothing(service: Service) -> None:
    async with service.logged_in(SALES) as visitor:
        body = {"text": "gmbh"}
        for headers in (
            {"Origin": "https://evil.example"},
            {"Origin": "null"},
            {"Sec-Fetch-Site": "cross-site"},
            {"X-CSRF-Token": ""},
            {"X-CSRF-Token": "0" * 64},
        ):
            answer = await visitor.http.post("/api/v1/search", json=body, headers=headers)
            assert (answer.status_code, answer.json()["error"]["code"]) == (403, "forbidden"), headers
        answer = await visitor.http.post("/api/v1/search", json=body, headers={"Origin": service.url})
        assert answer.status_code == 200
        assert not [name for name in answer.headers if name.startswith("access-control-")]


async def test_another_host_name_is_not_us(service: Service) -> None:
    async with service.visitor() as visitor:
        for host in ("evil.example", "169.254.169.254", "", "localhost.evil.example"):
            answer = await visitor.http.get("/api/v1/me", headers={"Host": host})
            assert answer.status_code == 421 or (host == "" and answer.status_code == 400), host


async def test_every_answer_forbids_framing_sniffing_scripts_and_keeping(service: Service) -> None:
    async with service.logged_in(SALES) as visitor:
        for path in ("/api/v1/me", "/api/v1/nope", "/", "/auth/callback"):
            headers = (await visitor.http.get(path)).headers
            policy = headers["content-security-policy"]
            assert "default-src 'none'" in policy and "unsafe" not in policy and "frame-ancestors 'none'" in policy
            assert headers["x-content-type-options"] == "nosniff" and headers["referrer-policy"] == "no-referrer"
            assert "server" not in headers
        assert (await visitor.http.get("/api/v1/me")).headers["cache-control"] == "no-store"


async def test_who_is_not_logged_in_gets_nothing(service: Service) -> None:
    async with service.visitor() as visitor:
        described = json.loads((await service.product.run("serve", "--openapi"))[1])
        for path, operations in described["paths"].items():
            if path.startswith("/federated/") or (path.startswith("/auth/") and path != "/auth/logout"):
                continue
            for method in operations:
                for headers in ({}, {"Cookie": f"forcedex={'a' * 43}"}, {"Authorization": "Basic YTpi"}):
                    url = path.replace("{sobject}", "Account").replace("{record_id}", "001000000000000AAA")
                    answer = await visitor.http.request(method, url.replace("{name}", "closed-won"), headers=headers)
                    assert answer.status_code == 401, (method, path, answer.status_code)
        for path in ("/docs", "/redoc", "/openapi.json", "/metrics", "/healthz", "/debug", "/actuator", "/.git/config"):
            assert (await visitor.http.get(path)).status_code in (401, 404)


async def test_a_cursor_is_for_one_person_and_one_question(service: Service) -> None:
    async with service.logged_in(ADMIN) as visitor, service.logged_in(SALES) as other:
        first = await visitor.ask("/search", {"text": "gmbh", "size": 5})
        cursor = first["cursor"]
        await visitor.ask("/search", {"text": "gmbh", "size": 5, "cursor": cursor})
        await visitor.ask("/search", {"text": "gmbx", "size": 5, "cursor": cursor}, status=400)
        await visitor.ask("/search", {"text": "gmbh", "objects": ["Account"], "cursor": cursor}, status=400)
        await other.ask("/search", {"text": "gmbh", "size": 5, "cursor": cursor}, status=400)
        for place in range(0, len(cursor), 7):
            altered = cursor[:place] + ("A" if cursor[place] != "A" else "B") + cursor[place + 1 :]
            await visitor.ask("/search", {"text": "gmbh", "size": 5, "cursor": altered}, status=400)


async def test_who_asks_too_much_waits_and_nobody_else_does(service: Service) -> None:
    tight = {"FORCEDEX_SERVER__POINTS_PER_SECOND": "1", "FORCEDEX_SERVER__POINTS_AT_ONCE": "20"}
    before = dict(service.product.settings)
    service.product.settings |= tight
    try:
        async with running_service(service.product, service.org) as other:
            async with other.logged_in(SALES) as greedy, other.logged_in(MARKETING) as modest:
                answers = [await greedy.http.post("/api/v1/search", json={"text": "gmbh"}) for _ in range(40)]
                refused = [each for each in answers if each.status_code == 429]
                assert refused and refused[0].json()["error"]["code"] == "too_many_requests"
                assert int(refused[0].headers["retry-after"]) >= 1
                assert (await modest.http.post("/api/v1/search", json={"text": "gmbh"})).status_code == 200
    finally:
        service.product.settings.clear()
        service.product.settings |= before


async def test_what_people_search_for_and_their_secrets_are_not_in_the_log(service: Service) -> None:
    async with running_service(service.product, service.org) as other, other.logged_in(SALES) as visitor:
        await visitor.ask("/search", {"text": "canaryword"})
        await visitor.http.get("/auth/callback?code=canarycode&state=canarystate")
        secrets = ["canaryword", "canarycode", "canarystate", visitor.http.cookies["forcedex"]]
        secrets += [visitor.http.headers["X-CSRF-Token"], other.org.credentials.login_client_secret]
    log = (service.product.home / "serve.log").read_text()
    assert '"path":"/api/v1/search"' in log.replace(" ", "")
    assert not [each for each in secrets if each in log]


class Hanging:
    """A relay before Elasticsearch that can be told to hold everything back, or to cut."""

    def __init__(self, target: str) -> None:
        self.host, _, port = target.removeprefix("http://").partition(":")
        self.port = int(port)
        self.free = asyncio.Event()
        self.free.set()
        self.server: asyncio.Server | None = None

    async def start(self) -> str:
        self.server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        return f"http://127.0.0.1:{self.server.sockets[0].getsockname()[1]}"

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, out = await asyncio.open_connection(self.host, self.port)
        await asyncio.gather(self._copy(reader, out), self._copy(there, writer), return_exceptions=True)

    async def _copy(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        while content := await source.read(65_536):
            await self.free.wait()
            target.write(content)
            await target.drain()
        target.close()


async def test_while_elasticsearch_does_not_answer_it_is_503_within_two_seconds(
    service: Service, elasticsearch_url: str
) -> None:
    relay = Hanging(elasticsearch_url)
    before = dict(service.product.settings)
    service.product.settings["FORCEDEX_ELASTICSEARCH__URL"] = await relay.start()
    try:
        async with running_service(service.product, service.org) as other, other.logged_in(SALES) as visitor:
            await visitor.ask("/search", {"text": "gmbh"})
            relay.free.clear()
            slowest = 0.0
            for _ in range(4):
                began = time.monotonic()
                answer = await visitor.http.post("/api/v1/search", json={"text": "gmbh"})
                slowest = max(slowest, time.monotonic() - began)
                assert (answer.status_code, answer.json()["error"]["code"]) == (503, "unavailable")
                assert answer.headers["retry-after"] == "5"
            print(f"slowest 503: {slowest:.2f} s")
            assert (await visitor.ask("/status"))["elasticsearch"] is False
            relay.free.set()
            async with asyncio.timeout(30):
                while (await visitor.http.post("/api/v1/search", json={"text": "gmbh"})).status_code != 200:
                    await asyncio.sleep(0.2)
    finally:
        service.product.settings.clear()
        service.product.settings |= before


async def test_the_search_goes_on_while_salesforce_is_away(service: Service) -> None:
    async with service.logged_in(SALES) as visitor, service.visitor() as late:
        back = await late.at_salesforce(SALES)
        service.org.org.faults.arm("LOGIN_UNAVAILABLE")
        assert (await visitor.ask("/search", {"text": "gmbh"}))["total"] > 0
        refused = await late.http.get(back)
        assert refused.status_code == 503 and refused.json()["error"]["code"] == "unavailable"
