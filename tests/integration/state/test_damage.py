"""What disks do to a SQLite store: it is refused with the next step, or it is as it was."""

import asyncio
import random
import shutil
import sqlite3
import stat
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from forcedex.domain.errors import StateRefused
from forcedex.state.store import open_state
from tests.integration.state.conftest import ORG, opened
from tests.integration.state.contents import checkpoint, everything, fill

_FLIPS = 120
_CUTS = 20
LETTERS = 4  # their place in `everything`


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of its own, of one MiB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", folder], capture_output=True)
    if made.returncode:
        pytest.skip("only root can mount a file system")
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)


async def test_a_file_that_is_no_database_is_refused_with_its_place_and_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "state.db").write_bytes(b"this is not a database, but it is long enough to look like one" * 40)
    with pytest.raises(StateRefused, match=r"state\.db cannot be used: file is not a database.*-wal and -shm"):
        async with open_state(f"sqlite:///{tmp_path}/state.db"):
            pass


@pytest.mark.parametrize("place", ["file/state.db", "file/deep/state.db", "folder"])
async def test_a_place_where_no_file_can_be_is_refused(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "folder").mkdir()
    with pytest.raises(StateRefused, match="state store .*writable"):
        async with open_state(f"sqlite:///{tmp_path}/{place}"):
            pass


async def test_a_new_store_is_for_this_users_eyes_only(sqlite_url: str) -> None:
    async with opened(sqlite_url):
        path = Path(sqlite_url.removeprefix("sqlite:///"))
        assert {stat.S_IMODE(each.stat().st_mode) for each in path.parent.iterdir()} == {0o600}


async def test_with_bits_turned_a_store_is_as_it_was_or_is_refused(tmp_path: Path) -> None:
    whole, key = tmp_path / "whole.db", tmp_path / "key"
    await fill(f"sqlite:///{whole}", key)
    content = whole.read_bytes()
    expected = await _looked_at(tmp_path, content, key)
    seed = random.randrange(2**32)
    chance = random.Random(seed)
    used = [position for position, byte in enumerate(content) if byte]
    refused = 0
    for position in chance.sample(used, _FLIPS):
        damaged = bytearray(content)
        damaged[position] ^= chance.randrange(1, 256)
        try:
            found = await _looked_at(tmp_path, bytes(damaged), key)
        except StateRefused:
            refused += 1
        else:
            assert found == expected, f"seed {seed}, byte {position}: {damaged[position]} for {content[position]}"
    assert refused > 0, f"seed {seed}"


async def test_a_store_that_was_cut_short_is_refused(tmp_path: Path) -> None:
    whole, key = tmp_path / "whole.db", tmp_path / "key"
    await fill(f"sqlite:///{whole}", key)
    content = whole.read_bytes()
    for length in [1, 99, 100, 4095, *random.sample(range(4096, len(content)), _CUTS), len(content) - 1]:
        with pytest.raises(StateRefused):
            await _looked_at(tmp_path, content[:length], key)
            pytest.fail(f"cut to {length} bytes of {len(content)}")


async def _looked_at(folder: Path, content: bytes, key: Path) -> list[Any]:
    for old in folder.glob("copy.db*"):
        old.unlink()
    (folder / "copy.db").write_bytes(content)
    found = await everything(f"sqlite:///{folder}/copy.db", key)
    for letter in found[LETTERS]:
        if letter.unreadable:  # it says so, which is a refusal too
            raise StateRefused(letter.unreadable)
    return found


async def test_a_full_disk_is_told_and_nothing_that_was_saved_is_lost(small_disk: Path) -> None:
    url = f"sqlite:///{small_disk}/state.db"
    saved = -1
    async with opened(url) as store:
        first = await store.next_ordinal()
        with pytest.raises(StateRefused, match="full.*Make room"):
            while True:
                await store.save_checkpoint(checkpoint(ordinal=saved + 1))
                saved += 1
                await store.note("deleted", "Contact", [f"{saved}-{number:010}" for number in range(500)])
        async with open_state(url) as state:
            found = (await state.of(ORG).checkpoints())["Contact"].ordinal
        assert found == saved >= 0
        subprocess.run(["mount", "-o", "remount,size=16m", small_disk], check=True)
        await store.save_checkpoint(checkpoint(ordinal=saved + 1))
    async with opened(url) as store:
        assert await store.next_ordinal() > first


async def test_a_disk_without_room_for_a_new_store_is_told(small_disk: Path) -> None:
    with (small_disk / "filler").open("wb", buffering=0) as file, pytest.raises(OSError):
        while True:
            file.write(bytes(4096))
    with pytest.raises(StateRefused, match="room|full"):
        async with open_state(f"sqlite:///{small_disk}/state.db"):
            pass


async def test_a_folder_that_cannot_be_written_to_is_told(small_disk: Path) -> None:
    url = f"sqlite:///{small_disk}/state.db"
    async with open_state(url):
        pass
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)
    for at in (url, f"sqlite:///{small_disk}/deep/state.db"):
        with pytest.raises(StateRefused, match="writable"):
            async with open_state(at):
                pass


async def test_after_a_failed_sync_of_the_disk_nothing_counts_as_saved_that_is_not(tmp_path: Path) -> None:
    told = await _written_with(tmp_path, "error=EIO:when=30+")
    assert told[-1].startswith("refused") and "disk I/O error" in told[-1] and "check the disk" in told[-1]
    await _holds_what_was_told(tmp_path, told)


@pytest.mark.parametrize("number", [1, 2, 3, 5, 8, 13])
async def test_a_kill_while_the_disk_syncs_loses_nothing_that_was_saved(tmp_path: Path, number: int) -> None:
    await _holds_what_was_told(tmp_path, await _written_with(tmp_path, f"signal=SIGKILL:when={number}"))


async def _written_with(folder: Path, fault: str) -> list[str]:
    """What the writer told until this fault of fsync ended it."""
    if (strace := shutil.which("strace")) is None:
        pytest.skip("there is no strace")
    syncs = "fsync,fdatasync"
    strace_command = [strace, "-f", "-qq", "-o", "/dev/null", "-e", f"trace={syncs}", "-e", f"inject={syncs}:{fault}"]
    process = await asyncio.create_subprocess_exec(
        *strace_command,
        *[sys.executable, "-m", "tests.integration.state.writer", f"sqlite:///{folder}/state.db", "100"],
        stdout=asyncio.subprocess.PIPE,
    )
    output, _ = await process.communicate()
    return output.decode().splitlines()


async def _holds_what_was_told(folder: Path, told: list[str]) -> None:
    saved = [int(number) for word, _, number in (each.partition(" ") for each in told) if word == "saved"]
    taken = [int(number) for word, _, number in (each.partition(" ") for each in told) if word == "taken"]
    async with opened(f"sqlite:///{folder}/state.db") as store:
        found = (await store.checkpoints()).get("Contact")
        if saved:
            assert found is not None and found.ordinal is not None
            assert found.ordinal in (saved[-1], saved[-1] + 1), "one may have been saved and not told"
        assert await store.next_ordinal() > max(taken, default=0)


async def test_after_a_kill_bits_turned_in_the_log_take_nothing_back(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/state.db"
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.integration.state.writer", url, "100000", stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    for _ in range(5):
        last = (await process.stdout.readline()).split()
    process.kill()
    await process.wait()
    whole = (tmp_path / "state.db").read_bytes()
    log = (tmp_path / "state.db-wal").read_bytes()
    assert log, "it was killed, not closed"
    for position in random.sample(range(len(log)), _CUTS):
        damaged = bytearray(log)
        damaged[position] ^= 1
        for old in tmp_path.glob("copy.db*"):
            old.unlink()
        (tmp_path / "copy.db").write_bytes(whole)
        (tmp_path / "copy.db-wal").write_bytes(damaged)
        async with open_state(f"sqlite:///{tmp_path}/copy.db") as state:
            found = (await state.of(ORG).checkpoints())["Contact"].ordinal
            assert found is not None and found >= int(last[1])
            assert await state.of(ORG).next_ordinal() > 256


async def test_whoever_reads_never_waits_for_whoever_writes(sqlite_url: str) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.integration.state.writer", sqlite_url, "100000", stdout=asyncio.subprocess.PIPE
    )
    try:
        assert process.stdout is not None
        while not (await process.stdout.readline()).startswith(b"saved"):
            pass
        seen = []
        for _ in range(20):
            # A command: it opens the store, looks, and ends; the last one to close it would clear the log away.
            async with open_state(sqlite_url) as state:
                seen.append((await state.of(ORG).checkpoints())["Contact"].ordinal or 0)
                await state.of(ORG).noted("deleted")
        assert seen == sorted(seen) and seen[0] < seen[-1]
    finally:
        process.kill()
        await process.wait()


async def test_a_reader_is_not_stopped_by_a_transaction_that_lasts(sqlite_url: str) -> None:
    async with opened(sqlite_url) as store:
        await store.save_checkpoint(checkpoint())
        path = sqlite_url.removeprefix("sqlite:///")
        writer = sqlite3.connect(path, isolation_level=None)
        writer.execute("PRAGMA cache_size=5")  # so that it goes to the disk before it is committed
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("UPDATE checkpoints SET locator = hex(randomblob(1000000))")
        async with open_state(sqlite_url) as state:
            assert list(await state.of(ORG).checkpoints()) == ["Contact"]
        writer.execute("ROLLBACK")
        writer.close()


async def test_a_cancelled_write_leaves_no_lock_behind_and_is_done_as_a_whole_or_not_at_all(url: str) -> None:
    async with opened(url) as store:
        for number in range(100):
            ids = [f"{number}-{each}" for each in range(50)]
            task = asyncio.create_task(store.note("deleted", "Contact", ids))
            await asyncio.sleep(number / 5_000)
            task.cancel()
            await asyncio.wait([task])
        await store.note("deleted", "Contact", [f"last-{each}" for each in range(50)])
        found = Counter(each.partition("-")[0] for each in (await store.noted("deleted"))["Contact"])
        assert set(found.values()) == {50} and "last" in found


async def test_a_database_server_that_is_not_there_is_told_without_the_password() -> None:
    with pytest.raises(StateRefused, match="127.0.0.1.*PostgreSQL server runs") as caught:
        async with open_state("postgresql://me:canary-secret@127.0.0.1:1/nowhere?sslmode=disable"):
            pass
    assert "canary-secret" not in str(caught.value)
