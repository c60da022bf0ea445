"""The oracle: whatever people do to the org, whatever fails, whenever the sync is killed, the index is the org.

A real local org, a real Elasticsearch, the real program as a process, behind proxies that misbehave. Each scenario is a
random sequence of changes, faults and kills; at its end the faults stop, and the index must equal the org, record by
record and field by field, as simple-salesforce reads it; nothing else may be in it; every fault must have fired; and
one fresh change must come through.

    pytest tests/acceptance/test_oracle.py --scenarios 100 --seed 7
"""

import asyncio
import contextlib
import random
import secrets
import signal
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from elasticsearch import AsyncElasticsearch, NotFoundError

from localorg.fixture import LocalOrg, running_org
from tests.acceptance.equality import assert_index_is_org
from tests.acceptance.product import Product
from tests.faults.proxy import HttpProxy, RawProxy, fault_proxy, raw_fault_proxy

OBJECTS = ("Account", "Contact", "Opportunity", "Case", "User", "Task")
WORDS = (
    "Nordlicht",
    "Quelle",
    "東京",
    "Zoë",
    "O'Hara",
    'A "quoted" name',
    "line\nbreak",
    "NA",
    "null",
    "\u2028x",
    "1e5",
)
#: Seconds until everything must be well again: the sweep, the log of deletions and the describes come within them.
DEADLINE = 90.0
#: Faults of the org that the sync meets by itself, for it asks all the time, and what they are matched with.
ASKED: tuple[tuple[str, str], ...] = (
    ("TOKEN_EXPIRED", "/query"),
    ("SERVER_UNAVAILABLE", "/query"),
    ("UNKNOWN_EXCEPTION", "/query"),
    ("QUERY_TIMEOUT", "FROM Task"),
    ("HTML_ERROR_PAGE", "/query"),
    ("TRUNCATED_BODY", "/query"),
    ("EMPTY_BODY", "/query"),
    ("MALFORMED_JSON", "/query"),
    ("CONNECTION_RESET", "/query"),
    ("RATE_429", "/query"),
    ("WRONG_TOTAL_SIZE", "FROM User"),
    ("DUPLICATE_ROW", "FROM User"),
    ("DELAY", "FROM User"),
)
#: Faults of the stream: what follows must make them fire.
STREAMED = (
    "GAP_UPDATE",
    "GAP_OVERFLOW",
    "WILDCARD_ID",
    "MERGED_IDS",
    "EVENT_LOST",
    "UNKNOWN_SCHEMA",
    "DUPLICATE_DELIVERY",
    "EVENT_BEFORE_READ",
)
#: Faults between the sync and Elasticsearch.
BULK: tuple[tuple[str, dict[str, object]], ...] = (
    ("reset_before", {"times": 2}),
    ("reset_after", {"times": 2}),
    ("cut", {}),
    ("duplicate", {}),
    ("replay", {"seconds": 1.0}),
    ("hold", {"seconds": 1.5}),
    ("delay", {"seconds": 0.5}),
    ("answer", {"status": 429, "headers": {"Retry-After": "1"}}),
    ("answer", {"status": 503, "body": b"<html>Service Unavailable</html>"}),
    ("items", {"error": "rejected"}),
    ("items", {"error": "blocked"}),
)


class World:
    """The org, the proxies and the running program."""

    def __init__(
        self,
        org: LocalOrg,
        product: Product,
        client: AsyncElasticsearch,
        elasticsearch: HttpProxy,
        events: RawProxy,
        chance: random.Random,
    ) -> None:
        self.org = org
        self.product = product
        self.client = client
        self.elasticsearch = elasticsearch
        self.events = events
        self.chance = chance
        self.process: asyncio.subprocess.Process | None = None
        self._draining: list[asyncio.Task[bytes]] = []
        self.ids: dict[str, list[str]] = {name: [] for name in OBJECTS}
        self.binned: list[tuple[str, str]] = []
        self.late: list[object] = []
        self.done: list[str] = []
        self.kills = self.changes = self.faults = 0
        self.fresh = 0
        self._extra = 0

    # The program

    async def start(self) -> None:
        self.process = await self.product.start("sync", "--watch", "--json")
        assert self.process.stdout is not None and self.process.stderr is not None
        self._draining = [asyncio.create_task(each.read()) for each in (self.process.stdout, self.process.stderr)]

    async def end(self, number: signal.Signals) -> bytes:
        assert self.process is not None
        if self.process.returncode is None:
            self.process.send_signal(number)
        await self.process.wait()
        _, said = await asyncio.gather(*self._draining)
        return said

    async def kill(self) -> None:
        await self.end(signal.SIGKILL)
        self.kills += 1
        await self.start()

    async def check_alive(self) -> None:
        assert self.process is not None
        if self.process.returncode is not None:
            raise AssertionError(f"the sync ended by itself: {(await self.end(signal.SIGKILL)).decode()[-3000:]}")

    # What people do

    def word(self) -> str:
        return f"{self.chance.choice(WORDS)} {self.chance.randrange(10**6)}"

    def some(self, name: str) -> str:
        return self.chance.choice(self.ids[name])

    def insert(self) -> None:
        name = self.chance.choice(("Account", "Contact", "Case", "Opportunity"))
        self.ids[name].append(self._new(name))

    def _new(self, name: str) -> str:
        account = self.some("Account") if self.ids["Account"] else None
        match name:
            case "Account":
                return self.org.insert("Account", Name=self.word(), Phone="030 555", Description="x" * 3000)
            case "Contact":
                return self.org.insert("Contact", LastName=self.word(), AccountId=account)
            case "Case":
                return self.org.insert("Case", Subject=self.word(), AccountId=account, ContactId=self.some("Contact"))
            case _:
                day = self.org.clock.now().date()
                stage = self.chance.choice(("Prospecting", "Closed Won"))
                return self.org.insert(
                    "Opportunity", Name=self.word(), StageName=stage, CloseDate=day, AccountId=account
                )

    def update(self) -> None:
        name = self.chance.choice(("Account", "Contact", "Case", "Opportunity"))
        field = {"Account": "Name", "Contact": "LastName", "Case": "Subject", "Opportunity": "NextStep"}[name]
        self.org.update(name, self.some(name), **{field: self.word()})

    def reparent(self) -> None:
        self.org.update("Contact", self.some("Contact"), AccountId=self.some("Account"))

    def formula_source(self) -> None:
        self.org.update("Account", self.some("Account"), Region__c=self.chance.choice(("EMEA", "APAC", "AMER")))

    def owner_renamed(self) -> None:
        users = [row for row in self.org.rows("User") if row["IsActive"]]
        self.org.update("User", str(self.chance.choice(users)["Id"]), LastName=f"Owner {self.chance.randrange(1000)}")

    def delete(self) -> None:
        name = self.chance.choice(("Account", "Contact", "Case", "Opportunity"))
        record = self.some(name)
        if len(self.ids[name]) > 4:
            self.org.delete(name, record)
            self.ids[name].remove(record)
            self.binned.append((name, record))

    def undelete(self) -> None:
        if self.binned:
            name, record = self.binned.pop(self.chance.randrange(len(self.binned)))
            self.org.undelete(name, record)
            self.ids[name].append(record)

    def hard_delete(self) -> None:
        name = self.chance.choice(("Case", "Contact"))
        record = self.some(name)
        if len(self.ids[name]) > 4:
            self.org.hard_delete(name, record)
            self.ids[name].remove(record)

    def empty_bin(self) -> None:
        self.org.empty_bin()
        self.binned.clear()

    def merge(self) -> None:
        if len(self.ids["Account"]) > 5:
            master, loser = self.chance.sample(self.ids["Account"], 2)
            self.org.merge(master, loser)
            self.ids["Account"].remove(loser)

    def mass_update(self) -> None:
        self.org.mass_update("Contact", None, Title=self.word()[:40])

    def system_touch(self) -> None:
        self.org.system_touch("Account", self.some("Account"))

    def begin_late(self) -> None:
        late = self.org.begin_late()
        late.update("Case", self.some("Case"), Subject=f"late {self.word()}")
        self.late.append(late)

    def commit_late(self) -> None:
        if self.late:
            self.late.pop().commit()  # type: ignore[attr-defined]  # a transaction of the local org

    def new_field(self) -> None:
        self._extra += 1
        self.org.add_field("Account", f"Extra{self._extra}__c", type="text", label=f"Extra {self._extra}", length=40)
        self.org.update("Account", self.some("Account"), **{f"Extra{self._extra}__c": self.word()[:40]})

    def gone_field(self) -> None:
        if self._extra:
            with contextlib.suppress(Exception):  # it may be gone already
                self.org.remove_field("Account", f"Extra{self.chance.randrange(self._extra) + 1}__c")

    async def change(self, name: str) -> None:
        self.done.append(name)
        with contextlib.suppress(Exception):  # a record may be gone by a cascade: the org refuses, as it should
            await asyncio.to_thread(getattr(self, name))
        self.changes += 1

    # A scenario

    async def scenario(self) -> None:
        self.done = []
        faults = self.org.org.faults
        before = {
            "org": dict(faults.fired),
            "event": dict(faults.fired),
            "bulk": dict(self.elasticsearch.fired),
            "stream": dict(self.events.fired),
        }
        armed = self._arm()
        for name in self.chance.choices(CHANGES, k=self.chance.randrange(2, 9)):
            await self.change(name)
            await asyncio.sleep(self.chance.choice((0.0, 0.0, 0.05, 0.3)))
            if self.chance.random() < _KILL:
                self.done.append("SIGKILL")
                await self.kill()
        await self._let_fire(armed, before)
        while self.late:
            await self.change("commit_late")
        faults.clear()
        self.events.clear()
        self.elasticsearch.clear()
        await self.elasticsearch.release()
        await self._well()

    def _arm(self) -> list[tuple[str, str]]:
        """Some faults: (where, name)."""
        armed = []
        kind = self.chance.random()
        if kind < 0.35:
            name, match = self.chance.choice(ASKED)
            self.org.org.faults.arm(name, match=match, times=self.chance.choice((1, 2)))
            armed.append(("org", name))
        elif kind < 0.6:
            name = self.chance.choice(STREAMED)
            self.org.org.faults.arm(name, match="Account")
            armed.append(("event", name))
        elif kind < 0.9:
            name, options = self.chance.choice(BULK)
            self.elasticsearch.arm(name, match="_bulk", **options)  # type: ignore[arg-type]  # as the table says
            armed.append(("bulk", name))
        else:
            self.events.arm("cut")
            armed.append(("stream", "cut"))
        self.done += [f"{where}:{name}" for where, name in armed]
        self.faults += len(armed)
        return armed

    async def _let_fire(self, armed: list[tuple[str, str]], before: dict[str, dict[str, int]]) -> None:
        """Work until every fault has fired."""
        faults = self.org.org.faults.fired
        counters = {"org": faults, "event": faults, "bulk": self.elasticsearch.fired, "stream": self.events.fired}
        for where, name in armed:
            end = time.monotonic() + DEADLINE
            while counters[where][name] <= before[where].get(name, 0):
                await self.check_alive()
                assert time.monotonic() < end, f"{name} never fired: {self.done}"
                if where in ("event", "bulk"):
                    await asyncio.to_thread(self._work_on_an_account)
                await asyncio.sleep(0.3)

    def _work_on_an_account(self) -> None:
        with contextlib.suppress(Exception):
            self.org.update("Account", self.some("Account"), Name=self.word())

    async def _well(self) -> None:
        """Everything equal, and one fresh change passes."""
        self.fresh += 1
        record = await asyncio.to_thread(self.org.insert, "Account", Name=f"Fresh {self.fresh}")
        self.ids["Account"].append(record)
        end = time.monotonic() + DEADLINE
        while True:
            await self.check_alive()
            try:
                await assert_index_is_org(self.org, self.client, self.product.prefix, OBJECTS)
                return
            except (AssertionError, NotFoundError) as difference:
                if time.monotonic() > end:
                    raise AssertionError(f"{difference}\nafter {self.done}") from None
            await asyncio.sleep(0.3)


_KILL = 0.04
CHANGES = (
    *("update",) * 5,
    *("insert",) * 3,
    *("delete", "undelete", "hard_delete", "reparent", "formula_source", "owner_renamed") * 2,
    *("empty_bin", "merge", "mass_update", "system_touch", "begin_late", "commit_late", "new_field", "gone_field"),
)


@pytest_asyncio.fixture
async def world(elasticsearch_url: str, tmp_path: Path, pytestconfig: pytest.Config) -> AsyncIterator[World]:
    given = pytestconfig.getoption("--seed")
    seed = secrets.randbelow(2**31) if given is None else int(given)
    print(f"oracle: --scenarios {pytestconfig.getoption('--scenarios')} --seed {seed}")
    async with AsyncExitStack() as stack:
        org = await stack.enter_async_context(running_org(empty=True))
        org.org.journal.settings.keepalive = 1
        elasticsearch = await stack.enter_async_context(fault_proxy(elasticsearch_url, seed=seed))
        events = await stack.enter_async_context(raw_fault_proxy(org.pubsub, seed=seed))
        product = Product(tmp_path, org, elasticsearch.url, objects=OBJECTS)
        product.settings |= {
            "FORCEDEX_SALESFORCE__PUBSUB_URL": events.address.replace("127.0.0.1", "localhost"),
            "FORCEDEX_SYNC__DELETIONS_EVERY": "3s",
            "FORCEDEX_SYNC__DESCRIBE_EVERY": "3s",
            "FORCEDEX_SYNC__SWEEP_EVERY": "12s",
        }
        client = AsyncElasticsearch(elasticsearch_url)
        stack.push_async_callback(client.close)
        world = World(org, product, client, elasticsearch, events, random.Random(seed))
        for name in ("Account", "Contact", "Case", "Opportunity"):
            for _ in range(6):
                world.ids[name].append(world._new(name))
        org.clock.advance(timedelta(minutes=30))
        await world.start()
        yield world
        await world.end(signal.SIGKILL)


async def test_whatever_happens_the_index_becomes_the_org(world: World, pytestconfig: pytest.Config) -> None:
    scenarios = int(pytestconfig.getoption("--scenarios"))
    await world._well()
    began = time.monotonic()
    for number in range(scenarios):
        try:
            await world.scenario()
        except AssertionError as exc:
            raise AssertionError(f"scenario {number}: {exc}") from None
    seconds = time.monotonic() - began
    print(
        f"{scenarios} scenarios equal in {seconds:.0f} s: {world.changes} changes, {world.faults} faults fired, "
        f"{world.kills} SIGKILLs"
    )
    assert world.process is not None
    world.process.send_signal(signal.SIGTERM)
    await asyncio.wait_for(world.process.wait(), 15)
    assert world.process.returncode == 0
