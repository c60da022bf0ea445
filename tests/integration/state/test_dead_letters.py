from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Row, update
from sqlalchemy.ext.asyncio import AsyncConnection

from forcedex.domain.checkpoint import DeadLetter
from forcedex.domain.errors import ConfigurationError
from forcedex.keys import Keys, make_key
from forcedex.state.store import open_state
from forcedex.state.tables import dead_letters
from tests.integration.state.conftest import ORG, opened, underhand

CANARY = "Canary-Street-4711"
PAYLOAD = {"Id": "1", "MailingStreet": CANARY, "Odd": "\0\ud800\N{SNOWMAN}", "Long": "x" * 200_000}


def letter(record_id: str = "1", reason: str = "r", payload: Mapping[str, str] = PAYLOAD) -> DeadLetter:
    return DeadLetter(object="Contact", record_id=record_id, reason=reason, payload=payload)


async def test_a_record_has_one_dead_letter_at_most_and_none_when_it_is_well(url: str, keys: Keys) -> None:
    async with opened(url, keys) as store:
        await store.bury([letter("1", "old")])
        [old] = await store.dead_letters()
        await store.bury([letter(each, "new", {"Id": each}) for each in ("1", "2", "2")])
        first, second = await store.dead_letters()
        assert (first.record_id, first.reason, first.payload) == ("1", "new", {"Id": "1"})
        assert first.refused_at == old.refused_at is not None, "since when stays"
        assert (second.record_id, second.payload) == ("2", {"Id": "2"})
        await store.exhume("Contact", ["1"])
        assert [each.record_id for each in await store.dead_letters()] == ["2"]
        await store.forget_dead_letters("Account")
        assert len(await store.dead_letters()) == 1
        await store.forget_dead_letters("Contact")
        assert await store.dead_letters() == []


async def test_what_was_read_of_a_record_comes_back_whole_and_is_never_stored_nor_printed_openly(
    url: str, keys: Keys, tmp_path: Path
) -> None:
    async with opened(url, keys) as store:
        await store.bury([letter()])
        [found] = await store.dead_letters()
        assert (found.payload, found.unreadable) == (PAYLOAD, "")
        assert CANARY not in repr(found)
        files = [path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()]
        assert not any(CANARY.encode() in content for content in files)
    [stored] = await _stored(url)
    assert CANARY.encode() not in stored.payload and stored.key_id and len(stored.nonce) == 12


async def _stored(url: str) -> Sequence[Row[Any]]:
    async def read(connection: AsyncConnection) -> Sequence[Row[Any]]:
        return (await connection.execute(dead_letters.select())).all()

    return await underhand(url, read)


async def test_after_a_rotation_old_letters_open_and_new_ones_take_the_first_key(url: str, tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    async with opened(url, Keys([old])) as store:
        await store.bury([letter("1")])
    make_key(new)
    async with opened(url, Keys([new, old])) as store:
        await store.bury([letter("2")])
        assert [each.payload for each in await store.dead_letters()] == [PAYLOAD, PAYLOAD]
    async with open_state(url, Keys([new])) as state:
        first, second = await state.of(ORG).dead_letters()
        assert (first.payload, second.payload) == ({}, PAYLOAD)
        assert "is not in [server] key_file" in first.unreadable


@pytest.mark.parametrize("change", ["payload", "nonce", "key_id", "record_id"])
async def test_a_payload_that_cannot_be_decrypted_is_shown_as_such(url: str, keys: Keys, change: str) -> None:
    async with opened(url, keys) as store:
        await store.bury([letter("1"), letter("2", payload={"Id": "2"})])
    await _change(url, change)
    async with open_state(url, keys) as state:
        first, second = await state.of(ORG).dead_letters()
    assert (first.reason, first.payload) == ("r", {}) and first.unreadable
    assert (second.payload, second.unreadable) == ({"Id": "2"}, "")


async def _change(url: str, what: str) -> None:
    """Turn a bit of the first letter's sealed part, or put the second one's there."""
    first, second = await _stored(url)
    flipped = {
        "payload": {"payload": bytes([first.payload[0] ^ 1]) + first.payload[1:]},
        "nonce": {"nonce": b""},
        "key_id": {"key_id": "0" * 16},
        "record_id": {"payload": second.payload, "nonce": second.nonce},
    }[what]
    change = update(dead_letters).where(dead_letters.c.record_id == "1").values(**flipped)
    await underhand(url, lambda connection: connection.execute(change))


async def test_letters_are_listed_without_the_key_but_not_sealed_with_a_wrong_one(url: str, tmp_path: Path) -> None:
    path = tmp_path / "key"
    async with opened(url, Keys([path])) as store:
        await store.bury([letter()])
    path.chmod(0o640)
    async with open_state(url, Keys([path])) as state:
        [found] = await state.of(ORG).dead_letters()
        assert f"Run `chmod 600 {path}`" in found.unreadable
    with pytest.raises(ConfigurationError, match=f"Others may read .*{path}.*chmod 600"):
        async with opened(url, Keys([path])):
            pytest.fail("a sync that cannot keep what is refused has begun")
    async with open_state(url) as state:
        [found] = await state.of(ORG).dead_letters()
        assert "key_file" in found.unreadable
