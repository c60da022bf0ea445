import asyncio
import sqlite3
from datetime import UTC, datetime
from pathlib import Path

import pytest

from forcedex.domain.checkpoint import Checkpoint, DeadLetter, Phase
from forcedex.domain.errors import ConfigurationError, StateRefused
from forcedex.domain.ports import OrgIdentity
from forcedex.domain.record import Mark
from forcedex.state.store import open_state

ORG = "00D000000000001AAA"
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
CHECKPOINT = Checkpoint(
    object="Contact",
    generation=3,
    index_uuid="uuid",
    phase=Phase.SNAPSHOT,
    floor=NOON,
    job_id="750000000000001AAA",
    ordinal=17,
    locator="abc",
    mark=Mark(NOON, "003000000000001AAA"),
    synced_at=NOON,
)


@pytest.fixture
def url(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/deep/state.db"


async def test_a_checkpoint_comes_back_as_it_was_saved(url: str) -> None:
    async with open_state(url) as state:
        await state.of(ORG).save_checkpoint(CHECKPOINT)
    async with open_state(url) as state:
        assert await state.of(ORG).checkpoints() == {"Contact": CHECKPOINT}
        assert await state.of("00D000000000002AAA").checkpoints() == {}


async def test_ordinals_rise_and_are_never_given_twice_by_processes_that_share_a_store(url: str) -> None:
    given: list[int] = []

    async def process() -> None:
        async with open_state(url) as state:
            mine = [await state.of(ORG).next_ordinal() for _ in range(300)]
            assert mine == sorted(mine)
            given.extend(mine)

    async with open_state(url):
        await asyncio.gather(*[process() for _ in range(4)])
    assert len(set(given)) == 1_200


async def test_what_a_crash_leaves_of_a_block_is_not_used_again(url: str) -> None:
    async with open_state(url) as state:
        first = await state.of(ORG).next_ordinal()
    async with open_state(url) as state:
        assert await state.of(ORG).next_ordinal() > first


async def test_a_record_has_one_dead_letter_at_most_and_none_when_it_is_well(url: str) -> None:
    async with open_state(url) as state:
        store = state.of(ORG)
        await store.bury([DeadLetter(object="Contact", record_id="1", reason="old")])
        await store.bury([DeadLetter(object="Contact", record_id=each, reason="new") for each in ("1", "2", "2")])
        assert [(each.record_id, each.reason) for each in await store.dead_letters()] == [("1", "new"), ("2", "new")]
        await store.exhume("Contact", ["1"])
        assert [each.record_id for each in await store.dead_letters()] == ["2"]


async def test_the_org_of_a_login_is_remembered(url: str) -> None:
    identity = OrgIdentity(
        org_id=ORG, org_name="Acme", instance_url="https://acme.my.salesforce.com", user_id="005", username="a@b"
    )
    async with open_state(url) as state:
        assert await state.known_org("https://login.salesforce.com") is None
        await state.remember("https://login.salesforce.com", identity)
        await state.remember("https://login.salesforce.com", identity)
        known = await state.known_org("https://login.salesforce.com")
    assert known is not None and (known.org_id, known.org_name) == (ORG, "Acme")


async def test_a_damaged_store_is_refused_with_its_place_and_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "state.db").write_bytes(b"this is not a database, but it is long enough to look like one" * 40)
    with pytest.raises(StateRefused, match=r"state\.db cannot be used.*moving the file away"):
        async with open_state(f"sqlite:///{tmp_path}/state.db"):
            pass


async def test_a_store_of_a_newer_program_is_refused(url: str, tmp_path: Path) -> None:
    async with open_state(url):
        pass
    with sqlite3.connect(tmp_path / "deep" / "state.db") as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    with pytest.raises(StateRefused, match="newer version"):
        async with open_state(url):
            pass


@pytest.mark.parametrize("bad", ["nonsense", "oracle://x/y"])
async def test_a_url_that_cannot_be_used_is_a_configuration_error(bad: str) -> None:
    with pytest.raises(ConfigurationError, match=r"\[state\] url"):
        async with open_state(bad):
            pass
