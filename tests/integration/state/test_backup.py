"""Backup and restore of what the org does not keep, between the databases."""

import asyncio
import gzip
import hashlib
import json
import secrets
import stat
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from forcedex.domain.checkpoint import DeadLetter
from forcedex.domain.errors import Refused, StateRefused
from forcedex.domain.ports import OrgIdentity
from forcedex.domain.schedules import OwnReport
from forcedex.domain.sessions import BrowserSession
from forcedex.keys import Keys
from forcedex.state.backup import OF_THE_INDEX, kept
from forcedex.state.backup_file import checked, tables
from forcedex.state.store import Restored, open_state
from forcedex.state.tables import metadata
from tests.integration.state.clock import RealClock
from tests.integration.state.conftest import ORG, OTHER_ORG, leased, opened, underhand
from tests.integration.state.contents import IDENTITY, LOGIN, NOON, checkpoint
from tests.integration.state.test_migrations import make_first
from tests.integration.state.test_own_and_scheduled_reports import SCHEDULE

LETTER = DeadLetter(object="Contact", record_id="003000000000001AAA", reason="why", payload={"Id": "1", "Name": "☃"})
SINCE = datetime(2000, 1, 1, tzinfo=UTC)


async def fill(url: str, keys: Keys | None = None, *, login: str = LOGIN, identity: OrgIdentity = IDENTITY) -> None:
    """A store that was synced and used."""
    async with open_state(url, keys) as state:
        await state.remember(login, identity)
        async with leased(state, identity.org_id) as store:
            await store.save_checkpoint(checkpoint())
            if keys is not None:
                await store.bury([LETTER])
            await store.save_vocabulary("synonym", "car", ["car", "auto", "車"])
            await store.save_own_report(OwnReport("a", "005A", "x = 1\n☃", NOON))
            await store.add_schedule(SCHEDULE)
            await store.audit("root", "search", "a@b", "zebra")
            number = await store.log_search("005A", "zebra", results=3, terms=1, seconds=0.25)
            await store.log_click(number, "005A", LETTER.record_id, 1)
            await store.save_session(BrowserSession(digest="d", user_id="005A", began_at=NOON, used_at=NOON))


async def contents(url: str, keys: Keys | None = None, org: str = ORG) -> list[Any]:
    """All that a backup is to bring back."""
    async with open_state(url, keys) as state:
        store = state.of(org)
        return [
            await store.vocabulary("synonym"),
            await store.own_reports(),
            await store.schedules(),
            [line for line in await store.audited() if line.action != "restore"],
            await store.searches(SINCE),
            await state.known_org(LOGIN),
        ]


async def back_up(url: str, path: Path, login: str = LOGIN) -> None:
    async with open_state(url) as state:
        await state.back_up(login, path)


async def restore(url: str, path: Path, *, login: str = LOGIN, replace: bool = False) -> Restored:
    async with open_state(url) as state:
        return await state.restore(login, path, who="root", replace=replace, clock=RealClock())


@pytest.fixture(params=["sqlite", "postgresql"])
def other_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A second store that is not there yet."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/second.db"
    found: str = request.getfixturevalue("postgresql_url")
    schema = f"t{secrets.token_hex(6)}"
    asyncio.run(underhand(found, lambda connection: connection.execute(text(f"CREATE SCHEMA {schema}"))))
    return found.rpartition("=")[0] + f"={schema}"


async def test_a_backup_brings_everything_into_an_empty_store_of_either_database(
    url: str, other_url: str, keys: Keys, tmp_path: Path
) -> None:
    await fill(url, keys)
    await fill(url, login="https://else", identity=replace(IDENTITY, org_id=OTHER_ORG, org_name="Else"))
    await back_up(url, tmp_path / "b")
    assert stat.S_IMODE((tmp_path / "b").stat().st_mode) == 0o600
    done = await restore(other_url, tmp_path / "b")
    assert not done.synced and done.backup.rows["audit"] == 1
    assert await contents(other_url, keys) == await contents(url, keys)
    async with open_state(other_url, keys) as state:
        store = state.of(ORG)
        [letter] = await store.dead_letters()
        assert letter.payload == LETTER.payload and not letter.unreadable
        assert [(line.who, line.action) for line in await store.audited(1)] == [("root", "restore")]
        # A new store: nothing in it speaks of an index, nobody is logged in, nobody syncs.
        assert await store.checkpoints() == {} and await store.session("d") is None
        assert await state.holder(ORG) is None
        # The other org in the store is none of its business.
        assert await state.known_org("https://else") is None and not await state.of(OTHER_ORG).own_reports()


async def test_what_was_changed_since_is_replaced_and_the_place_of_the_index_stays(
    url: str, keys: Keys, tmp_path: Path
) -> None:
    await fill(url, keys)
    before = await contents(url)
    await back_up(url, tmp_path / "b")
    async with open_state(url, keys) as state:
        async with leased(state) as store:
            await store.save_checkpoint(checkpoint(ordinal=4_711))
            await store.exhume("Contact", [LETTER.record_id])
            highest = await store.next_ordinal()
        await store.remove_vocabulary("synonym", "car")
        await store.save_vocabulary("synonym", "bike", ["bike", "velo"])
        await store.remove_schedule(1)
        await state.of(ORG).audit("root", "search", "a@b", "yak")
    with pytest.raises(Refused, match="keeps something of Acme already. With --replace"):
        await restore(url, tmp_path / "b")
    assert (await restore(url, tmp_path / "b", replace=True)).synced
    after = await contents(url)
    # The audit log only grows: what was asked since is told after what the backup tells.
    assert [line.what for line in after[3]] == ["yak", "zebra"]
    assert [*after[:3], *after[4:]] == [*before[:3], *before[4:]]
    async with opened(url, keys) as store:
        assert (await store.checkpoints())["Contact"].ordinal == 4_711
        assert await store.next_ordinal() > highest
        assert await store.dead_letters() == []  # the index has it: it is refused no more


async def test_a_backup_shows_one_moment_while_others_write(url: str, tmp_path: Path) -> None:
    await fill(url)
    stop = asyncio.Event()

    async def others() -> None:
        """A report, then an entry of the same name: the second is never there without the first."""
        written = 0
        async with open_state(url) as state:
            while not stop.is_set():
                await state.of(ORG).save_own_report(OwnReport(f"{written:06}", "", "x", NOON))
                await state.of(ORG).save_vocabulary("synonym", f"{written:06}", ["x"])
                written += 1

    writing = asyncio.create_task(others())
    seen = []
    try:
        async with open_state(url) as state:
            for number in range(12):
                await asyncio.sleep(0.02)
                await state.back_up(LOGIN, tmp_path / str(number))
                held: dict[str, set[str]] = {"own_reports": set(), "vocabulary": set()}
                for table, some in tables(checked(tmp_path / str(number))):
                    held.setdefault(table, set()).update(row["name"] for row in some if "name" in row)
                first, second = held["own_reports"] - {"a"}, held["vocabulary"] - {"car"}
                assert second <= first and len(first - second) <= 1
                seen.append(len(first))
    finally:
        stop.set()
    await writing
    assert seen[0] < seen[-1]


async def test_a_store_that_is_being_synced_is_left_alone(url: str, tmp_path: Path) -> None:
    await fill(url)
    await back_up(url, tmp_path / "b")
    async with open_state(url) as state, leased(state) as store:
        await store.save_vocabulary("synonym", "late", ["late", "tardy"])
        with pytest.raises(StateRefused, match="Another process syncs this org"):
            await restore(url, tmp_path / "b", replace=True)
        assert "late" in await store.vocabulary("synonym")


async def test_a_backup_overwrites_nothing(sqlite_url: str, tmp_path: Path) -> None:
    await fill(sqlite_url)
    (tmp_path / "there").write_text("mine")
    (tmp_path / "link").symlink_to(tmp_path / "nowhere")
    for name in ("there", "link"):
        with pytest.raises(Refused, match="is there already"):
            await back_up(sqlite_url, tmp_path / name)
    with pytest.raises(Refused, match="cannot be written: No such file or directory"):
        await back_up(sqlite_url, tmp_path / "none" / "b")
    with pytest.raises(Refused, match="Nothing was synced yet"):
        await back_up(sqlite_url, tmp_path / "b", "https://else")
    assert (tmp_path / "there").read_text() == "mine"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["deep", "link", "there"]


async def test_a_damaged_backup_changes_nothing(sqlite_url: str, tmp_path: Path) -> None:
    await fill(sqlite_url)
    await back_up(sqlite_url, tmp_path / "b")
    whole = (tmp_path / "b").read_bytes()
    lines = gzip.decompress(whole).splitlines(keepends=True)
    broken = {
        "empty": b"",
        "cut": whole[: len(whole) // 2],
        "turned": bytes([*whole[:200], whole[200] ^ 1, *whole[201:]]),
        "last line missing": gzip.compress(b"".join(lines[:-1])),
        "row missing": gzip.compress(b"".join(line for line in lines if b"zebra" not in line)),
        "value changed": gzip.compress(b"".join(lines).replace(b"zebra", b"okapi")),
        "no json": gzip.compress(b"hello\n"),
        "not packed": b"hello",
    }
    before = await contents(sqlite_url)
    for name, content in broken.items():
        (tmp_path / "broken").write_bytes(content)
        with pytest.raises(Refused, match="is damaged: nothing of it was used|is no backup of Forcedex"):
            await restore(sqlite_url, tmp_path / "broken", replace=True)
        assert await contents(sqlite_url) == before, name
    with pytest.raises(Refused, match="cannot be read: No such file"):
        await restore(sqlite_url, tmp_path / "none", replace=True)


def remade(path: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """The backup with another header, and the checksum that belongs to it."""
    first, *others, _ = gzip.decompress(path.read_bytes()).splitlines(keepends=True)
    last = json.loads(gzip.decompress(path.read_bytes()).splitlines()[-1])
    header = json.loads(first)
    change(header)
    body = json.dumps(header).encode() + b"\n" + b"".join(others)
    last["sha256"] = hashlib.sha256(body).hexdigest()
    path.write_bytes(gzip.compress(body + json.dumps(last).encode() + b"\n"))


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("forcedex_backup", 2, "made by a newer version of Forcedex. Upgrade"),
        ("login_url", "https://else", "is of another org: Acme"),
        ("org_id", None, "is no backup|is damaged"),
        ("revision", "9999", "made by a newer version of Forcedex. Upgrade"),
    ],
)
async def test_a_backup_that_does_not_fit_is_refused(
    sqlite_url: str, tmp_path: Path, name: str, value: object, told: str
) -> None:
    await fill(sqlite_url)
    await back_up(sqlite_url, tmp_path / "b")
    remade(tmp_path / "b", lambda header: header.pop(name) if value is None else header.update({name: value}))
    with pytest.raises(Refused, match=told):
        await restore(f"sqlite:///{tmp_path}/second.db", tmp_path / "b")


async def test_the_backup_of_another_org_is_refused_whatever_its_login(sqlite_url: str, tmp_path: Path) -> None:
    second = f"sqlite:///{tmp_path}/second.db"
    await fill(sqlite_url)
    await fill(second, identity=replace(IDENTITY, org_id=OTHER_ORG))
    await back_up(sqlite_url, tmp_path / "b")
    with pytest.raises(Refused, match="is of another org"):
        await restore(second, tmp_path / "b", replace=True)


async def test_a_backup_of_an_older_schema_goes_through_its_migrations(tmp_path: Path, url: str) -> None:
    old = f"sqlite:///{tmp_path}/old.db"
    await make_first(old)  # brought up by the backup itself
    async with open_state(old) as state:
        await state.remember(LOGIN, IDENTITY)
        await state.of(ORG).audit("root", "search", "a@b", "zebra")
    await back_up(old, tmp_path / "b")
    lines = [json.loads(line) for line in gzip.decompress((tmp_path / "b").read_bytes()).splitlines()]
    # As it was before there were reports of one's own: without their tables.
    header, last = lines[0], lines[-1]
    header["revision"] = "0005"
    gone = ("own_reports", "schedules")
    body = [header, *(line for line in lines[1:-1] if not (isinstance(line, dict) and line["table"] in gone))]
    told = b"".join(json.dumps(line).encode() + b"\n" for line in body)
    last = {
        "rows": {name: count for name, count in last["rows"].items() if name not in gone},
        "sha256": hashlib.sha256(told).hexdigest(),
    }
    (tmp_path / "older").write_bytes(gzip.compress(told + json.dumps(last).encode() + b"\n"))
    await restore(url, tmp_path / "older")
    async with open_state(url) as state:
        assert [line.what for line in await state.of(ORG).audited()][1:] == ["zebra"]
        await state.of(ORG).save_own_report(OwnReport("a", "", "x", NOON + timedelta(days=1)))


def test_a_new_table_is_in_the_backup_unless_it_belongs_to_the_index() -> None:
    assert {each.name for each in kept()} | {each.name for each in OF_THE_INDEX} == set(metadata.tables)
    assert {"vocabulary", "own_reports", "schedules", "audit", "searches", "clicks"} <= {each.name for each in kept()}
    assert all("org_id" in each.columns for each in kept())
