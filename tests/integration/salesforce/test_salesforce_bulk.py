"""Bulk API 2.0 query jobs against a server that decides every byte."""

import asyncio
import tracemalloc
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import pytest

from forcedex.domain.errors import BulkUnsupported, SourceDataError, SourceRefused, SourceUnavailable
from forcedex.domain.record import Page
from forcedex.domain.schema import Field, SObject
from forcedex.salesforce.source import SalesforceSource

if TYPE_CHECKING:
    from tests.integration.salesforce.conftest import Asked, Connect, HastyClock, Serve

JOBS = "/services/data/v67.0/jobs/query"
JOB = "750000000000001AAA"
COLUMNS = ("Id", "Name")
ACCOUNT = SObject(
    name="Account",
    label="Account",
    label_plural="Accounts",
    key_prefix="001",
    queryable=True,
    fields=(Field(name="Id", label="Id", type="id"), Field(name="Name", label="Name", type="string")),
)


def csv(rows: Sequence[Sequence[str]], header: Sequence[str] = COLUMNS) -> bytes:
    quoted = (",".join('"' + value.replace('"', '""') + '"' for value in row) for row in [header, *rows])
    return "".join(line + "\n" for line in quoted).encode()


def rows(start: int, stop: int) -> list[list[str]]:
    return [[f"001{number:015}", f'Name "{number}"\nand more, ümläut'] for number in range(start, stop)]


@dataclass
class Script:
    """A job: its states one after the other, and its pages by locator."""

    states: list[dict[str, object]] = field(default_factory=lambda: [{"state": "JobComplete"}])
    pages: dict[str | None, Callable[["Asked"], Awaitable[None]]] = field(default_factory=dict)
    started: list[object] = field(default_factory=list)

    async def __call__(self, asked: "Asked") -> None:
        match asked.method, asked.path:
            case "POST", path if path == JOBS:
                self.started.append(asked.json())
                asked.reply(200, {"id": JOB, "state": "UploadComplete"})
            case "GET", path if path == f"{JOBS}/{JOB}":
                asked.reply(200, {"id": JOB, **self.states.pop(0)})
            case "GET", path if path == f"{JOBS}/{JOB}/results":
                await self.pages[asked.query.get("locator")](asked)
            case _:
                asked.refuse(404, "NOT_FOUND", "The requested resource does not exist")


def page(data: bytes, number: int | str, next: str = "null", **more: object) -> Callable[["Asked"], Awaitable[None]]:
    async def answer(asked: "Asked") -> None:
        asked.reply(200, data, {"Sforce-NumberOfRecords": number, "Sforce-Locator": next, **more})

    return answer


async def all_rows(source: SalesforceSource, size: int = 1000, columns: Sequence[str] = COLUMNS) -> list[list[str]]:
    job = await source.open_bulk(JOB, columns)
    return [row async for page in job.pages() async for batch in page.batches(size) for row in batch.rows]


async def test_a_job_from_start_to_last_row(serve: "Serve", connect: "Connect", clock: "HastyClock") -> None:
    script = Script(
        states=[{"state": "UploadComplete"}, {"state": "InProgress"}, {"state": "JobComplete"}],
        pages={
            None: page(csv(rows(0, 5)), 5, "page/2"),
            "page/2": page(csv(rows(5, 7)), 2, "page3"),
            "page3": page(csv([]), 0),
        },
    )
    org = await serve(script)
    source = connect(org.url, bulk_page_records=5)

    job_id = await source.start_bulk(ACCOUNT, COLUMNS, "Name != 'x'", deleted_too=True)
    job = await source.open_bulk(job_id, COLUMNS)
    read = [(each.next_locator, [batch async for batch in each.batches(2)]) async for each in job.pages()]

    assert script.started == [
        {
            "operation": "queryAll",
            "query": "SELECT Id, Name FROM Account WHERE (Name != 'x')",
            "contentType": "CSV",
            "columnDelimiter": "COMMA",
            "lineEnding": "LF",
        }
    ]
    assert clock.sleeps == [0.25, 0.4]
    assert read == [
        (
            "page/2",
            [Page(COLUMNS, rows(0, 2)), Page(COLUMNS, rows(2, 4)), Page(COLUMNS, rows(4, 5))],
        ),
        ("page3", [Page(COLUMNS, rows(5, 7))]),
        (None, []),
    ]
    assert {each.query.get("maxRecords") for each in org.asked if each.path.endswith("/results")} == {"5"}


async def test_pages_can_be_read_from_any_locator_and_again(serve: "Serve", connect: "Connect") -> None:
    script = Script(pages={None: page(csv(rows(0, 5)), 5, "p2"), "p2": page(csv(rows(5, 7)), 2)})
    org = await serve(script)
    job = await connect(org.url).open_bulk(JOB)

    async for each in job.pages("p2"):
        first = [batch async for batch in each.batches(10)]
        second = [batch async for batch in each.batches(10)]

    assert first == second == [Page(COLUMNS, rows(5, 7))]
    assert [each.next_locator async for each in job.pages()] == ["p2", None]


async def test_an_empty_result_has_no_rows(serve: "Serve", connect: "Connect") -> None:
    for body in (csv([]), b""):
        org = await serve(Script(pages={None: page(body, 0)}))
        assert await all_rows(connect(org.url)) == []


@pytest.mark.parametrize(
    ("data", "number", "words"),
    [
        pytest.param(csv(rows(0, 4)), 5, "4 rows, but 5 were announced", id="a row is missing"),
        pytest.param(csv(rows(0, 6)), 5, "6 rows, but 5 were announced", id="a row too many"),
        pytest.param(b"", 5, "0 rows", id="nothing came"),
        pytest.param(csv(rows(0, 5), ("Name", "Id")), 5, "columns", id="columns in another order"),
        pytest.param(csv(rows(0, 5), ("Id",)), 5, "columns", id="a column is missing"),
        pytest.param(csv([["1", "2"], ["3"]]), 2, "2 values", id="a value is missing"),
        pytest.param(csv([["1", "2", "3"]]), 1, "2 values", id="a value too many"),
        pytest.param(csv(rows(0, 5))[:-10], 5, "damaged", id="torn within a value"),
        pytest.param(csv(rows(0, 1)) + b"\n", 1, "2 values", id="an empty line"),
        pytest.param(csv([["1", "x"]]).replace(b"x", b"\xff"), 1, "UTF-8", id="not UTF-8"),
        pytest.param(b"<html>maintenance</html>", 1, "columns", id="a web page"),
        pytest.param(csv(rows(0, 1)), "many", "Sforce-NumberOfRecords", id="no number"),
    ],
)
async def test_a_page_that_is_not_as_announced_is_not_used(
    serve: "Serve", connect: "Connect", data: bytes, number: object, words: str
) -> None:
    org = await serve(Script(pages={None: page(data, str(number))}))

    with pytest.raises(SourceDataError, match=words):
        await all_rows(connect(org.url))


async def test_a_page_without_a_locator_is_not_taken_for_the_last(serve: "Serve", connect: "Connect") -> None:
    async def bare(asked: "Asked") -> None:
        asked.reply(200, csv(rows(0, 1)), {"Sforce-NumberOfRecords": 1})

    org = await serve(Script(pages={None: bare}))

    with pytest.raises(SourceDataError, match="Sforce-Locator"):
        await all_rows(connect(org.url))


async def test_locators_that_go_round_in_circles_are_left(serve: "Serve", connect: "Connect") -> None:
    circles: list[dict[str | None, str]] = [{None: "p", "p": "p"}, {None: "p", "p": "q", "q": "p"}]
    for circle in circles:
        org = await serve(Script(pages={place: page(csv(rows(0, 1)), 1, next) for place, next in circle.items()}))

        with pytest.raises(SourceDataError, match="circles"):
            await all_rows(connect(org.url))


async def test_an_empty_page_that_names_its_own_place_is_asked_for_again(serve: "Serve", connect: "Connect") -> None:
    empty = [page(csv([]), 0, "p"), page(csv([]), 0, "p")]

    async def second(asked: "Asked") -> None:
        await (empty.pop() if empty else page(csv(rows(1, 3)), 2))(asked)

    org = await serve(Script(pages={None: page(csv(rows(0, 1)), 1, "p"), "p": second}))

    assert await all_rows(connect(org.url)) == rows(0, 3)


def cut_page(data: bytes, number: int, at: list[int], chunked: bool) -> Callable[["Asked"], Awaitable[None]]:
    """A page whose connection breaks off after so many bytes, once for each number."""

    async def answer(asked: "Asked") -> None:
        body = data[: at.pop(0)] if at else data
        head = {"Sforce-NumberOfRecords": number, "Sforce-Locator": "null"}
        if chunked:
            asked.start(200, {**head, "Transfer-Encoding": "chunked"})
            asked.writer.write(f"{len(body):x}\r\n".encode() + body + b"\r\n")
            asked.writer.write(b"0\r\n\r\n" if body == data else b"")
        else:
            asked.start(200, {**head, "Content-Length": len(data)})
            asked.writer.write(body)
        await asked.writer.drain()
        if body != data:
            asked.writer.close()

    return answer


@pytest.mark.parametrize("chunked", [True, False])
async def test_a_page_that_breaks_off_is_read_again_and_every_row_comes_once(
    serve: "Serve", connect: "Connect", chunked: bool
) -> None:
    expected = rows(0, 20_000)
    data = csv(expected)
    cuts = [1, 3, len(data) // 3, len(data) // 3, len(data) // 2, len(data) - 1]
    script = Script(pages={None: cut_page(data, 20_000, cuts, chunked)})
    org = await serve(script)

    assert await all_rows(connect(org.url)) == expected
    assert len([each for each in org.asked if each.path.endswith("/results")]) == 7


async def test_a_page_that_always_breaks_off_at_the_same_place_is_given_up(serve: "Serve", connect: "Connect") -> None:
    data = csv(rows(0, 20_000))
    org = await serve(Script(pages={None: cut_page(data, 20_000, [len(data) // 2] * 99, False)}))

    with pytest.raises(SourceUnavailable, match="broke off"):
        await all_rows(connect(org.url, attempts=3))
    assert len([each for each in org.asked if each.path.endswith("/results")]) == 3


async def test_a_page_that_is_announced_differently_the_second_time_is_not_used(
    serve: "Serve", connect: "Connect"
) -> None:
    data = csv(rows(0, 20_000))
    broken = cut_page(data, 20_000, [len(data) // 2], False)
    other = page(csv(rows(0, 5)), 5)

    async def changing(asked: "Asked") -> None:
        await (broken if len(org.asked) == 2 else other)(asked)

    org = await serve(Script(pages={None: changing}))

    with pytest.raises(SourceDataError, match="second time"):
        await all_rows(connect(org.url))


@pytest.mark.parametrize(
    ("job", "kind", "code", "words"),
    [
        ({"state": "Failed", "errorMessage": "QUERY_TIMEOUT: too long"}, SourceRefused, "QUERY_TIMEOUT", "too long"),
        ({"state": "Failed"}, SourceRefused, "JOB_FAILED", "refused"),
        ({"state": "Aborted"}, SourceRefused, "ABORTED", "aborted"),
        (
            {"state": "Failed", "errorMessage": "INVALIDENTITY: Entity 'X' is not supported by the Bulk API."},
            BulkUnsupported,
            "INVALIDENTITY",
            "not supported",
        ),
    ],
)
async def test_a_job_that_did_not_complete(
    serve: "Serve", connect: "Connect", job: dict[str, object], kind: type[SourceRefused], code: str, words: str
) -> None:
    org = await serve(Script(states=[{"state": "InProgress"}, job]))

    with pytest.raises(kind, match=words) as caught:
        await connect(org.url).open_bulk(JOB)

    assert type(caught.value) is kind and caught.value.code == code


async def test_a_job_that_is_gone(serve: "Serve", connect: "Connect") -> None:
    source = connect((await serve(Script())).url)

    for job_id in ("750000000000009AAA", "../../sobjects"):
        with pytest.raises(SourceRefused) as caught:
            await source.open_bulk(job_id)
        assert caught.value.code == "NOT_FOUND"


async def test_a_job_that_never_ends_is_left_alone_after_the_wait(serve: "Serve", connect: "Connect") -> None:
    org = await serve(Script(states=[{"state": "InProgress"}] * 9))

    with pytest.raises(SourceUnavailable, match="still waiting"):
        await connect(org.url, bulk_wait=0.0).open_bulk(JOB)


async def test_an_object_that_bulk_does_not_read_is_told_apart(serve: "Serve", connect: "Connect") -> None:
    async def refuse(asked: "Asked") -> None:
        asked.refuse(400, "INVALIDENTITY", "Entity 'Account' is not supported by the Bulk API.")

    source = connect((await serve(refuse)).url)

    with pytest.raises(BulkUnsupported):
        await source.start_bulk(ACCOUNT, COLUMNS)


async def test_a_start_whose_answer_is_lost_is_repeated(serve: "Serve", connect: "Connect") -> None:
    script = Script()

    async def lossy(asked: "Asked") -> None:
        if script.started:
            await script(asked)
        else:
            script.started.append(asked.json())
            asked.cut()

    org = await serve(lossy)

    assert await connect(org.url).start_bulk(ACCOUNT, COLUMNS) == JOB
    assert len(script.started) == 2 and script.started[0] == script.started[1]


def long_records(count: int, length: int) -> Callable[["Asked"], Awaitable[None]]:
    """A page of long records that is made while it is sent."""

    async def answer(asked: "Asked") -> None:
        head = {"Sforce-NumberOfRecords": count, "Sforce-Locator": "null", "Connection": "close"}
        asked.start(200, head)
        asked.writer.write(csv([]))
        for number in range(count):
            asked.writer.write(f'"{number}","'.encode() + b'a ""quoted"" line\n' * (length // 18) + b'"\n')
            await asked.writer.drain()
        asked.writer.close()

    return answer


async def test_long_records_are_read_in_little_memory_and_small_batches(serve: "Serve", connect: "Connect") -> None:
    org = await serve(Script(pages={None: long_records(300, 100_000)}))
    job = await connect(org.url).open_bulk(JOB)
    sizes: list[int] = []

    tracemalloc.start()
    try:
        async for each in job.pages():
            async for batch in each.batches(1000):
                sizes.append(len(batch.rows))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert sum(sizes) == 300 and max(sizes) < 60
    assert peak < 32 * 1024 * 1024


async def test_other_tasks_run_while_a_page_is_parsed(serve: "Serve", connect: "Connect") -> None:
    expected = rows(0, 60_000)
    org = await serve(Script(pages={None: page(csv(expected), len(expected))}))
    job = await connect(org.url).open_bulk(JOB)
    ticks = 0

    async def tick() -> None:
        nonlocal ticks
        while True:
            ticks += 1
            await asyncio.sleep(0)

    async for each in job.pages():
        ticker = asyncio.create_task(tick())
        async for _ in each.batches(10_000):
            pass
        ticker.cancel()

    assert ticks > 10


def stripped(data: bytes, **headers: object) -> Callable[["Asked"], Awaitable[None]]:
    """A page whose `Sforce-` headers a proxy took away, except these."""

    async def answer(asked: "Asked") -> None:
        asked.reply(200, data, {"Content-Type": "text/csv", **headers})

    return answer


async def test_rows_are_counted_where_a_proxy_took_the_headers_away(serve: "Serve", connect: "Connect") -> None:
    complete: dict[str, object] = {"state": "JobComplete", "numberRecordsProcessed": 3}
    script = Script([complete], {None: stripped(csv(rows(0, 3)))})
    assert await all_rows(connect((await serve(script)).url)) == rows(0, 3)

    next_page = stripped(csv(rows(0, 2)), **{"Sforce-Locator": "p"})
    script = Script(pages={None: next_page, "p": page(csv(rows(2, 3)), 1)})
    assert await all_rows(connect((await serve(script)).url)) == rows(0, 3)


@pytest.mark.parametrize(
    "job",
    [
        pytest.param({"state": "JobComplete", "numberRecordsProcessed": 4}, id="more records than rows"),
        pytest.param({"state": "JobComplete"}, id="a job that tells no number"),
    ],
)
async def test_a_page_without_headers_that_may_not_be_the_last_is_not_taken_for_it(
    serve: "Serve", connect: "Connect", job: dict[str, object]
) -> None:
    org = await serve(Script([job], {None: stripped(csv(rows(0, 3)))}))

    with pytest.raises(SourceDataError, match="Sforce-Locator"):
        await all_rows(connect(org.url))


def spoiled(first: bytes, then: bytes, number: int) -> Callable[["Asked"], Awaitable[None]]:
    """A page that ends where it likes the first time, as nothing tells its length."""
    bodies = [first]

    async def answer(asked: "Asked") -> None:
        head = {"Sforce-NumberOfRecords": number, "Sforce-Locator": "null", "Connection": "close"}
        asked.start(200, head)
        asked.writer.write(bodies.pop() if bodies else then)
        await asked.writer.drain()
        asked.writer.close()

    return answer


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda data: data[: len(data) // 2], id="cut within a row"),
        pytest.param(lambda data: data[: data.rfind(b'"001', 0, len(data) // 2)], id="cut between two rows"),
        pytest.param(lambda data: data[:-2], id="the last quote is missing"),
        pytest.param(lambda data: data + b'"one","too many"\n', id="a row too many"),
        pytest.param(lambda data: data[: -len(data) // 4] + b"\xff", id="not UTF-8"),
        pytest.param(lambda data: b"", id="nothing"),
    ],
)
async def test_a_page_that_was_damaged_on_the_way_is_read_again_and_every_row_comes_once(
    serve: "Serve", connect: "Connect", spoil: Callable[[bytes], bytes]
) -> None:
    expected = rows(0, 20_000)
    data = csv(expected)
    org = await serve(Script(pages={None: spoiled(spoil(data), data, 20_000)}))

    assert await all_rows(connect(org.url)) == expected
    assert len([each for each in org.asked if each.path.endswith("/results")]) == 2


async def test_a_session_that_ends_within_a_page_is_renewed(serve: "Serve", connect: "Connect") -> None:
    expected = rows(0, 20_000)
    data = csv(expected)
    cut = cut_page(data, 20_000, [len(data) // 2], False)

    async def ending(asked: "Asked") -> None:
        if org.logins == 1 and len([each for each in org.asked if each.path.endswith("/results")]) == 2:
            asked.refuse(401, "INVALID_SESSION_ID", "Session expired or invalid")
        else:
            await cut(asked)

    org = await serve(Script(pages={None: ending}))

    assert await all_rows(connect(org.url)) == expected
    assert org.logins == 2


MAINTENANCE = b"<html><body>Down for Maintenance</body></html>"


def gateway(status: int, healthy: Callable[["Asked"], Awaitable[None]]) -> Callable[["Asked"], Awaitable[None]]:
    """A gateway that answers every other request itself, with a web page."""
    turn = [True]

    async def answer(asked: "Asked") -> None:
        turn[0] = not turn[0]
        if turn[0]:
            await healthy(asked)
        else:
            asked.reply(status, MAINTENANCE, {"Content-Type": "text/html; charset=UTF-8"})

    return answer


@pytest.mark.parametrize("status", [200, 406, 420, 429, 502, 503])
async def test_web_pages_in_place_of_answers_are_waited_out(serve: "Serve", connect: "Connect", status: int) -> None:
    states: list[dict[str, object]] = [{"state": "InProgress"}, {"state": "JobComplete"}]
    script = Script(states, {None: page(csv(rows(0, 3)), 3)})
    source = connect((await serve(gateway(status, script))).url)

    job_id = await source.start_bulk(ACCOUNT, COLUMNS)

    assert job_id == JOB
    assert await all_rows(source) == rows(0, 3)


async def test_a_web_page_that_stays_is_not_taken_for_a_result(serve: "Serve", connect: "Connect") -> None:
    async def maintenance(asked: "Asked") -> None:
        asked.reply(200, MAINTENANCE, {"Content-Type": "text/html"})

    org = await serve(Script(pages={None: maintenance}))

    with pytest.raises(SourceDataError, match="web page"):
        await all_rows(connect(org.url, attempts=3))


async def test_bulk_results_in_the_order_of_ids_are_asked_for(serve: "Serve", connect: "Connect") -> None:
    script = Script()

    await connect((await serve(script)).url).start_bulk(ACCOUNT, COLUMNS, by_id=True)

    [started] = script.started
    assert isinstance(started, dict) and started["query"] == "SELECT Id, Name FROM Account ORDER BY Id"
