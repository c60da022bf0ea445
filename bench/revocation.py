"""How soon what is taken from somebody is shown to him no more: `python -m bench.revocation`.

An org with accounts of sellers below a manager, the real node, `forcedex sync --watch` with its usual intervals.
The manager is moved away in the role hierarchy and back above the sellers; then a seller's accounts are given to
somebody else, 200 a request. Meanwhile people ask, over and over, through the gate, as `forcedex search --as` does.
"""

import argparse
import asyncio
import os
import platform
import shlex
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from elasticsearch import AsyncElasticsearch

from bench.changes import Door, Work
from bench.org import administer, prepare_events
from bench.processes import environment, product, running_node, running_org, wait_for_streams, warnings
from forcedex.app import opened_asking, opened_store
from forcedex.asking import Asking
from forcedex.domain.principal import OrgUser
from forcedex.search.request import SearchRequest
from forcedex.settings import Settings
from forcedex.state.store import SqlStateStore
from localorg.ids import record_id

_RESULT = Path("docs/evidence/revocation.md")
_SELLERS = 10
_PER_CALL = 200  # records of one request
_LOAD = 10_000  # rows
_LOOK = 0.1  # seconds between two questions of one person
_AFTERWARDS = 5.0  # seconds that people ask on after the first right answer
_PATIENCE = 600.0  # seconds
_STAMPS = ("CreatedDate", "LastModifiedDate", "SystemModstamp")
_PEOPLE = ("CreatedById", "LastModifiedById")
_ACCOUNTS = SearchRequest(text="", objects=("Account",), size=1, counts=False)


@dataclass(frozen=True, kw_only=True)
class Company:
    """Whom and what the org holds."""

    manager: str
    #: The first one loses accounts, and somebody who is not below the manager gets them.
    sellers: list[str]
    outsider: str
    role: str
    elsewhere: str
    #: An access token of somebody who may change all accounts.
    session: str
    #: Of the first seller.
    accounts: list[str]


@dataclass(frozen=True, slots=True)
class Seen:
    """One answer: how many accounts a person saw, when he asked, and what was known then."""

    asked: float
    answered: float
    total: int
    #: Accounts hidden from holders of the first seller's token, before the question was sent.
    denied: int
    #: When people and rights had been read last, before the question was sent.
    read_at: datetime | None


@dataclass
class Watch:
    """Somebody who asks over and over."""

    ask: Callable[[], Awaitable[Seen]]
    seen: list[Seen] = field(default_factory=list)

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            self.seen.append(await self.ask())
            await asyncio.sleep(_LOOK)

    def first(self, since: float, fits: Callable[[Seen], bool]) -> Seen | None:
        """The first answer to a question asked after a moment from which on all answers fit."""
        found: Seen | None = None
        for each in reversed(self.seen):
            if each.asked < since or not fits(each):
                break
            found = each
        return found

    async def until(self, since: float, fits: Callable[[Seen], bool]) -> Seen:
        """Wait for it."""
        async with asyncio.timeout(_PATIENCE):
            while (found := self.first(since, fits)) is None:
                await asyncio.sleep(_LOOK)
        return found


class Bench:
    """The org, the node and the daemon, all running, and people who ask."""

    def __init__(
        self, org: Mapping[str, Any], company: Company, asking: Asking, store: SqlStateStore, url: str
    ) -> None:
        self.org = org
        self.company = company
        self._asking = asking
        self._store = store
        self._client = AsyncElasticsearch(url)
        self._index = f"forcedex-{org['org_id'].lower()}-account"

    async def seen(self, user: str) -> Seen:
        """What the user sees now."""
        denied = await self._store.denied()
        token = f"u:{self.company.sellers[0]}"
        hidden = sum(each.object == "Account" and each.token == token for each in denied)
        read_at = await self._store.directory_read_at()
        asked = time.monotonic()
        answer = await self._asking.search(OrgUser(user), _ACCOUNTS)
        return Seen(asked, time.monotonic(), answer.total, hidden, read_at)

    @asynccontextmanager
    async def watching(self, *users: str) -> AsyncIterator[list[Watch]]:
        """These people ask, meanwhile."""

        def asking_as(user: str) -> Callable[[], Awaitable[Seen]]:
            return lambda: self.seen(user)

        watches = [Watch(asking_as(user)) for user in users]
        running = [asyncio.create_task(each.run()) for each in watches]
        try:
            yield watches
        finally:
            for each in running:
                each.cancel()
            await asyncio.gather(*running, return_exceptions=True)

    async def owned(self, user: str) -> int:
        """Documents in the index that carry the user as the owner."""
        found = await self._client.count(index=self._index, query={"term": {"OwnerId": user}})
        return int(found["count"])

    async def writes(self) -> int:
        """Documents that were ever written."""
        stats = await self._client.indices.stats(index=f"{self._index}-*", metric="indexing")
        return int(stats["_all"]["primaries"]["indexing"]["index_total"])

    async def still(self) -> int:
        """The same, when it grows no more: the polls after the first read look at its last minutes again."""
        before = -1
        while before != (before := await self.writes()):
            await asyncio.sleep(5)
        return before

    async def transferred(self) -> list[str]:
        """Give the first seller's accounts to the outsider."""
        company = self.company
        wanted = len(company.accounts)
        await self.still()
        async with self.watching(company.sellers[0], company.manager, company.outsider) as (loses, manager, gets):
            everything = (await self.seen(company.manager)).total
            began = time.monotonic()
            work = Work(url=self.org["url"], session=company.session, rate=1, seconds=1)
            committed = await asyncio.to_thread(_transfer, Door(work), company.accounts, company.outsider)
            known = await _first(lambda: loses.seen, lambda each: each.denied > 0)
            gone = await loses.until(began, lambda each: each.total == 0)
            right = await manager.until(began, lambda each: each.total == everything - wanted)
            shown = await gets.until(began, lambda each: each.total == wanted)
            while await self.owned(company.outsider) < wanted or await self._store.denied():
                await asyncio.sleep(_LOOK)
            lifted = time.monotonic()
        kept = [each for each in loses.seen if each.total + each.denied > wanted]
        least = min(each.total for each in manager.seen)
        most = max(each.denied for each in loses.seen)

        def row(title: str, moment: float) -> str:
            return f"| {title} | {moment - began:.1f} s | {moment - committed:+.1f} s |"

        return [
            f"## {wanted:,} accounts get another owner",
            "",
            f"{-(-wanted // _PER_CALL)} requests of {_PER_CALL} records, answered within {committed - began:.1f} s.",
            "",
            "| | from the first request | from the last answer |",
            "| --- | ---: | ---: |",
            row("the first is known to be taken back", known),
            row("the old owner is shown none of them", gone.answered),
            row("all documents are rewritten, the new owner sees all", shown.answered),
            row("the manager above the old owner sees all that he may", right.answered),
            row("nothing is held back any more", lifted),
            "",
            f"Answers to the old owner that showed an account which was known to be taken back when he asked: "
            f"{len(kept)} of {len(loses.seen)}. At most {most:,} accounts were denied at once. The manager saw "
            f"{everything:,} before, {everything - wanted:,} after, and {least:,} at the least in between.",
        ]

    async def moved(self) -> list[str]:
        """Move the manager away, and the sellers under where he is now."""
        company = self.company
        writes = await self.still()
        below = (await self.seen(company.manager)).total
        async with self.watching(company.manager) as (manager,):
            lost = await self._changed(manager, 0, "assign_role", user=company.manager, role=company.elsewhere)
            found = await self._changed(manager, below, "move_role", role=company.role, parent=company.elsewhere)
        return [
            f"## A manager with {below:,} accounts below him is moved",
            "",
            "| | answer is right, from the change | from the reading that saw it | right at once after that |",
            "| --- | ---: | ---: | ---: |",
            f"| he goes elsewhere in the hierarchy, and sees none | {lost} |",
            f"| the sellers' role is put under him again, and he sees all | {found} |",
            "",
            f"Documents written meanwhile: {await self.writes() - writes}. People and rights are read every 60 s "
            "(`[access] people_every`).",
        ]

    async def _changed(self, watch: Watch, right: int, verb: str, **arguments: str) -> str:
        before = datetime.fromisoformat(administer(self.org)["now"])
        await asyncio.to_thread(administer, self.org, f"/setup/{verb}", arguments)
        after = time.monotonic()
        found = await watch.until(after, lambda each: each.total == right)
        await asyncio.sleep(_AFTERWARDS)
        told = [
            each for each in watch.seen if each.read_at is not None and each.read_at > before and each.asked > after
        ]
        known = next((each for each in told), found)
        wrong = sum(each.total != right for each in told)
        return (
            f"{found.answered - after:.1f} s | {max(0.0, found.answered - known.asked):.2f} s | "
            f"{len(told) - wrong} of {len(told)} answers"
        )

    async def close(self) -> None:
        """Let go of the node."""
        await self._client.close()


async def _first(seen: Callable[[], list[Seen]], fits: Callable[[Seen], bool]) -> float:
    async with asyncio.timeout(_PATIENCE):
        while (found := next((each for each in seen() if fits(each)), None)) is None:
            await asyncio.sleep(_LOOK)
    return found.asked


def _transfer(door: Door, accounts: list[str], owner: str) -> float:
    """When the last request was answered; SystemExit if one was refused."""
    for start in range(0, len(accounts), _PER_CALL):
        some = accounts[start : start + _PER_CALL]
        records = [{"attributes": {"type": "Account"}, "Id": each, "OwnerId": owner} for each in some]
        status, results = door.send("PATCH", "/composite/sobjects", {"allOrNone": False, "records": records})
        if status != 200 or not all(each["success"] for each in results):
            raise SystemExit(f"the org refused: {status} {str(results)[:300]}")
    return time.monotonic()


def filled(org: Mapping[str, Any], accounts: int) -> Company:
    """Fill an empty org: accounts of ten sellers below a manager, private."""

    def set_up(verb: str, **arguments: object) -> str:
        return str(administer(org, f"/setup/{verb}", arguments)["result"])

    set_up("set_organization_wide_default", object_name="Account", internal="Private")
    profile = set_up("create_profile", name="Seller")
    set_up("set_object_permissions", permission_set=profile, object_name="Account", rights="Read Create Edit")
    set_up("set_field_permissions", permission_set=profile, field="Account.*", rights="Read")
    top, elsewhere = set_up("create_role", name="Top"), set_up("create_role", name="Elsewhere")
    below = set_up("create_role", name="Below", parent=top)

    def person(name: str, role: str) -> str:
        return set_up("create_user", username=f"{name}@acme.example", profile=profile, role=role)

    manager, outsider = person("manager", top), person("outsider", set_up("create_role", name="Apart"))
    sellers = [person(f"seller{number}", below) for number in range(_SELLERS)]
    ids = [record_id("001", number) for number in range(1, accounts + 1)]
    stamp = "2024-01-01T00:00:00.000+0000"
    columns = ("Id", "Name", "OwnerId", "IsDeleted", "CurrencyIsoCode", "BillingCity", "Industry", *_STAMPS, *_PEOPLE)
    for start in range(0, accounts, _LOAD):
        rows = []
        for number in range(start, min(start + _LOAD, accounts)):
            owner = sellers[number % _SELLERS]
            told = (ids[number], f"Account {number}", owner, False, "USD", "Berlin", "Energy")
            rows.append([*told, *[stamp] * len(_STAMPS), *[owner] * len(_PEOPLE)])
        administer(org, "/load/Account", {"columns": columns, "rows": rows})
    set_up("recalculate_sharing", object_name="Account")
    everything = {"Account": "Read Create Edit Delete ViewAllRecords ModifyAllRecords"}
    mover = set_up("create_permission_set", name="Mover", objects=everything)
    boss = person("boss", top)
    set_up("assign_permission_set", user=boss, permission_set=mover)
    return Company(
        manager=manager,
        sellers=sellers,
        outsider=outsider,
        role=below,
        elsewhere=elsewhere,
        session=set_up("login_as", user=boss),
        accounts=ids[::_SELLERS],
    )


async def _measured(org: Mapping[str, Any], company: Company, env: Mapping[str, str], url: str) -> list[str]:
    for key, value in env.items():
        if key.startswith("FORCEDEX_"):
            os.environ[key] = value
    settings = Settings()
    async with opened_store(settings) as store, opened_asking(settings) as asking:
        bench = Bench(org, company, asking, store, url)
        try:
            return [*await bench.moved(), "", *await bench.transferred()]
        finally:
            await bench.close()


def main() -> None:
    """Measure and write the evidence."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--accounts", type=int, default=100_000, help="a tenth of them gets another owner")
    parser.add_argument("--heap", default="1g")
    parser.add_argument("--python", default="", help="options of the daemon's interpreter, such as '-m cProfile -o F'")
    parser.add_argument("--result", type=Path, default=_RESULT)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="forcedex-bench-") as temporary:
        home = Path(temporary)
        with running_node(home / "es", chosen.heap) as node, running_org(home / "org", "--empty") as org:
            began = time.monotonic()
            company = filled(org, chosen.accounts)
            print(f"{chosen.accounts:,} accounts and their shares made in {time.monotonic() - began:.0f} s", flush=True)
            prepare_events(org)
            key = str(home / "search.key")
            env = environment(org, node["url"], home, SYNC__OBJECTS='["User", "Account"]', SERVER__KEY_FILE=key)
            began = time.monotonic()
            with product(env, home, *shlex.split(chosen.python)):
                wait_for_streams(env, home, ("Account",), patience=_PATIENCE)
                print(f"synced after {time.monotonic() - began:.0f} s", flush=True)
                found = asyncio.run(_measured(org, company, env, node["url"]))
            warned = warnings(home)
    text = [
        "# Taking back",
        "",
        f"`forcedex sync --watch` with {chosen.accounts:,} private accounts of ten sellers below a manager, embedded "
        f"node with {chosen.heap} heap. The people concerned ask over and over, through the gate. "
        f"{os.cpu_count()} cores shared by all processes, Python {platform.python_version()}.",
        "",
        "Aim: from the moment it is known to be taken back, no answer shows it; 10,000 documents are rewritten within "
        "60 s; for a move in the hierarchy no document is written, and the next answer is right.",
        "",
        *found,
        "",
        "The sync warned of " + (f"{len(warned)} things, first {warned[0]}" if warned else "nothing") + ".",
        "",
        "Again: `make bench-revocation`.",
        "",
    ]
    print("\n".join(text))
    chosen.result.parent.mkdir(parents=True, exist_ok=True)
    chosen.result.write_text("\n".join(text))
    print(f"written to {chosen.result}")


if __name__ == "__main__":
    main()
