"""A store with something of everything in it, and all that can be read of a store."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from forcedex.domain.checkpoint import Checkpoint, DeadLetter, Phase
from forcedex.domain.ports import OrgIdentity
from forcedex.domain.record import Mark
from forcedex.domain.upkeep import CheckKind, CheckReport, Mode, NoticeKind, ObjectReport
from forcedex.keys import Keys
from forcedex.state.store import open_state
from tests.integration.state.conftest import ORG, opened

LOGIN = "https://login.salesforce.com"
NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
OBJECTS = ("Account", "Contact", "Straße__c")
IDENTITY = OrgIdentity(
    org_id=ORG, org_name="Acme", instance_url="https://acme.my.salesforce.com", user_id="005", username="a@b"
)
CHECK = CheckReport(
    object="Contact",
    kind=CheckKind.SWEEP,
    began_at=NOON,
    ended_at=NOON,
    records=5,
    missing=0,
    different=0,
    extra=0,
    unexplained=0,
    repaired=0,
)


def checkpoint(name: str = "Contact", ordinal: int = 17) -> Checkpoint:
    """With a value for everything."""
    return Checkpoint(
        object=name,
        generation=3,
        index_uuid="uuid",
        phase=Phase.SNAPSHOT,
        floor=NOON,
        job_id="750000000000001AAA",
        ordinal=ordinal,
        locator="abc" * 100,
        mark=Mark(NOON, "003000000000001AAA"),
        synced_at=NOON,
        backfill=("Name", "Account.Name"),
    )


async def fill(url: str, key: Path) -> None:
    """Make the store."""
    async with opened(url, Keys([key])) as store:
        for name in OBJECTS:
            await store.save_checkpoint(checkpoint(name))
            await store.note("deleted", name, [f"{number:018}" for number in range(40)])
            await store.save_replay_id(name, bytes(range(16)))
            await store.save_moment("sweep", name, NOON.isoformat())
        await store.bury([DeadLetter(object="Contact", record_id="1", reason="why", payload={"Id": "1"})])
        await store.report([ObjectReport(object=name, mode=Mode.POLL, synced_at=NOON) for name in OBJECTS])
        await store.raise_notice("", NoticeKind.LAG, "slow")
        await store.keep_check(CHECK)
        await store.reserve_calls(500_000, 3)
        await store.ask("rebuild", "Contact")
    async with open_state(url) as state:
        await state.remember(LOGIN, IDENTITY)


async def everything(url: str, key: Path) -> list[Any]:
    """All that can be read of it, and the next of each number; it is written to as well."""
    async with opened(url, Keys([key])) as store:
        found: list[Any] = [
            await store.checkpoints(),
            await store.noted("deleted"),
            await store.replay_ids(),
            await store.moments("sweep"),
            await store.dead_letters(),
            await store.reports(),
            await store.notices(),
            await store.checks(),
            await store.calls_since(0),
            await store.requests(),
            await store.next_ordinal(),
            await store.ask("verify"),
        ]
        await store.save_checkpoint(checkpoint("Contact", 18))
        await store.settle("deleted", "Account", [f"{number:018}" for number in range(40)])
        found += [await store.checkpoints(), await store.noted("deleted")]
    async with open_state(url) as state:
        return [*found, await state.known_org(LOGIN)]
