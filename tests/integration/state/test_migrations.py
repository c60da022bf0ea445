"""Stores of older programs, and of newer ones."""

import asyncio
from datetime import datetime
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncConnection

import forcedex.state
from forcedex.domain.checkpoint import Checkpoint, DeadLetter, Phase
from forcedex.domain.errors import StateRefused
from forcedex.domain.record import Mark
from forcedex.keys import Keys
from forcedex.state.store import State, open_state
from tests.integration.state.conftest import ORG, leased, underhand

NOON = "2026-11-22T12:00:00+00:00"
TIME = datetime.fromisoformat(NOON)
#: What a store of version 0.1 held.
CONTENTS = [
    "UPDATE ordinals SET next = 513",
    f"INSERT INTO orgs VALUES ('{ORG}', 'https://login.salesforce.com', 'Acme', 'https://acme', 'a@b', '{NOON}')",
    "INSERT INTO checkpoints VALUES"
    f" ('{ORG}', 'Contact', 3, 'uuid', 'incremental', '{NOON}', NULL, NULL, NULL, '{NOON}', '003A', '{NOON}'),"
    f" ('{ORG}', 'Straße__c', 1, 'uuid', 'snapshot', '{NOON}', '750A', 17, 'abc', NULL, NULL, NULL)",
    "INSERT INTO deletions VALUES"
    f" ('{ORG}', 'Contact', '003B'), ('{ORG}', 'Contact', '003A'), ('{ORG}', 'Account', '001A')",
    f"INSERT INTO dead_letters VALUES ('{ORG}', 'Contact', '003C', 'mapper_parsing_exception')",
]


async def make_first(url: str) -> None:
    """A store as version 0.1 left it."""

    async def make(connection: AsyncConnection) -> None:
        await connection.run_sync(_upgrade, "0001")
        for statement in CONTENTS:
            await connection.execute(text(statement))

    await underhand(url, make)


def _upgrade(connection: Connection, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(next(iter(forcedex.state.__path__))) / "migrations"))
    config.attributes["connection"] = connection
    command.upgrade(config, revision)


async def test_a_store_of_the_first_version_keeps_what_it_holds(url: str, keys: Keys) -> None:
    await make_first(url)
    async with open_state(url, keys) as state:
        await _holds_everything(state)
        async with leased(state) as store:
            assert await store.next_ordinal() == 513
            await store.bury([DeadLetter(object="Contact", record_id="003C", reason="again", payload={"Id": "003C"})])
            await store.note("deleted", "Contact", ["003C", "003A"])
            assert (await store.noted("deleted"))["Contact"] == ["003B", "003C", "003A"]
            assert await store.ask("rebuild", "Contact") == 1


async def _holds_everything(state: State) -> None:
    store = state.of(ORG)
    assert await store.checkpoints() == {
        "Contact": Checkpoint(
            object="Contact",
            generation=3,
            index_uuid="uuid",
            phase=Phase.INCREMENTAL,
            floor=TIME,
            mark=Mark(TIME, "003A"),
            synced_at=TIME,
        ),
        "Straße__c": Checkpoint(
            object="Straße__c",
            generation=1,
            index_uuid="uuid",
            phase=Phase.SNAPSHOT,
            floor=TIME,
            job_id="750A",
            ordinal=17,
            locator="abc",
        ),
    }
    assert await store.noted("deleted") == {"Account": ["001A"], "Contact": ["003A", "003B"]}
    assert await store.dead_letters() == [
        DeadLetter(object="Contact", record_id="003C", reason="mapper_parsing_exception")
    ]
    known = await state.known_org("https://login.salesforce.com")
    assert known is not None and known.org_name == "Acme"


async def test_processes_that_open_an_old_store_at_once_migrate_it_once(url: str) -> None:
    await make_first(url)

    async def process() -> None:
        async with open_state(url) as state:
            await _holds_everything(state)

    await asyncio.gather(*[process() for _ in range(4)])


async def test_a_migration_that_fails_leaves_the_old_store_as_it_was(url: str) -> None:
    await make_first(url)
    await _change(url, "CREATE TABLE notes (x integer)")
    with pytest.raises(StateRefused, match="notes.*already exists"):
        async with open_state(url):
            pass
    await _change(url, "DROP TABLE notes")
    async with open_state(url) as state:
        await _holds_everything(state)


async def test_a_store_of_a_newer_program_is_refused(url: str) -> None:
    async with open_state(url):
        pass
    await _change(url, "UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(StateRefused, match="newer version"):
        async with open_state(url):
            pass


async def test_another_programs_tables_are_left_alone(url: str) -> None:
    await _change(url, "CREATE TABLE customers (name varchar(10))")
    with pytest.raises(StateRefused, match=r"another program's tables.*\[state\] url"):
        async with open_state(url):
            pass


async def _change(url: str, statement: str) -> None:
    await underhand(url, lambda connection: connection.execute(text(statement)))
