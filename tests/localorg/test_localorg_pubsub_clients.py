"""Two clients of other people get the org's change events: one in node, one in Python."""

import asyncio
import os
import signal
import sys
from pathlib import Path
from typing import Any

import orjson
import pytest

from localorg.fixture import LocalOrg
from tests.localorg.node import node
from tests.localorg.pubsub import ACCOUNTS, PATIENCE, PubSub

CORRUPTED = "sfdc.platform.eventbus.grpc.subscription.fetch.replayid.corrupted"


async def lines(*command: str) -> list[dict[str, Any]]:
    """What a program prints."""
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE, start_new_session=True
    )
    try:
        out, err = await asyncio.wait_for(process.communicate(), PATIENCE)
    finally:
        if process.returncode is None:
            # With its children: `node` may be a program that starts node.
            os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
    assert process.returncode == 0, err.decode()
    return [orjson.loads(line) for line in out.splitlines()]


async def in_node(org: LocalOrg, count: int, replay_id: int | None = None) -> list[dict[str, Any]]:
    """What salesforce-pubsub-api-client gets of accounts."""
    given: dict[str, Any] = {
        "endpoint": org.pubsub,
        "instanceUrl": org.https_url,
        "organizationId": org.org.id,
        "accessToken": org.session(),
        "topic": ACCOUNTS,
        "count": count,
    }
    if replay_id is not None:
        given["replayId"] = replay_id
    return await lines(*node("changes.mjs", orjson.dumps(given).decode()))


async def in_python(org: LocalOrg, count: int, replay_id: bytes = b"") -> list[dict[str, Any]]:
    """What aiosfpubsub gets of accounts."""
    given = {
        "url": org.https_url,
        "port": int(org.pubsub.rpartition(":")[2]),
        "ca_file": str(org.ca_file),
        "username": org.credentials.admin_username,
        "password": org.credentials.admin_password + org.credentials.admin_security_token,
        "topic": ACCOUNTS,
        "count": count,
        "replay_id": replay_id.hex(),
    }
    script = Path(__file__).with_name("aiosfpubsub_changes.py")
    return await lines(sys.executable, str(script), orjson.dumps(given).decode())


def live(org: LocalOrg) -> str:
    """An account that is created, updated, deleted and undeleted, and a gap; its Id."""
    record = org.insert("Account", Name="Acme", Phone="1", BillingCity="Bonn", BillingStreet="A 1")
    org.update("Account", record, Industry="Banking", Phone=None, BillingCity="Köln")
    org.delete("Account", record)
    org.undelete("Account", record)
    org.org.faults.arm("GAP_UPDATE")
    org.update("Account", record, Name="Gap")
    return record


KINDS = ["CREATE", "UPDATE", "DELETE", "UNDELETE", "GAP_UPDATE"]


async def test_the_node_client_gets_every_kind_of_change(org: LocalOrg) -> None:
    record = live(org)
    events = [line["event"]["payload"] for line in await in_node(org, 5)]
    assert [event["ChangeEventHeader"]["changeType"] for event in events] == KINDS
    assert all(event["ChangeEventHeader"]["recordIds"] == [record] for event in events)
    assert (events[0]["Name"], events[0]["BillingAddress"]["City"]) == ("Acme", "Bonn")
    header = events[1]["ChangeEventHeader"]
    assert set(header["changedFields"]) == {"Industry", "Phone", "LastModifiedDate", "BillingAddress.City"}
    assert header["nulledFields"] == ["Phone"]
    assert (events[1]["Industry"], events[1]["Phone"], events[1]["Name"]) == ("Banking", None, None)


async def test_the_node_client_resumes_with_the_eight_bytes_it_keeps(org: LocalOrg) -> None:
    live(org)
    first = (await in_node(org, 1))[0]["replayId"]
    again = [line["event"]["payload"]["ChangeEventHeader"]["changeType"] for line in await in_node(org, 4, first)]
    assert again == KINDS[1:]


async def test_the_node_client_hears_that_a_replay_id_is_bad(org: LocalOrg) -> None:
    (line,) = await in_node(org, 1, 12907414)
    assert (line["error"]["status"], line["error"]["code"]) == (3, CORRUPTED)
    assert "The Replay ID validation failed." in line["error"]["message"]


async def test_the_python_client_gets_every_kind_of_change(org: LocalOrg, bus: PubSub) -> None:
    record = live(org)
    events = [line["event"] for line in await in_python(org, 5)]
    assert [event["ChangeEventHeader"]["changeType"] for event in events] == KINDS
    assert all(event["ChangeEventHeader"]["recordIds"] == [record] for event in events)
    assert events[1]["Industry"] == "Banking" and events[1]["Name"] is None
    # It leaves bitmaps as they are: they name what our own reading of the schema says.
    ours = await bus.changes(5)
    assert [event["ChangeEventHeader"] for event in events] == [one.header for one in ours]


async def test_the_python_client_resumes_after_a_replay_id(org: LocalOrg) -> None:
    live(org)
    first = (await in_python(org, 1))[0]["replay_id"]
    again = await in_python(org, 4, bytes.fromhex(first))
    assert [line["event"]["ChangeEventHeader"]["changeType"] for line in again] == KINDS[1:]


@pytest.mark.parametrize("replay_id", [b"\0" * 7 + b"\1\0\0", b"12907414"])
async def test_the_python_client_hears_that_a_replay_id_is_bad(org: LocalOrg, replay_id: bytes) -> None:
    (line,) = await in_python(org, 1, replay_id)
    assert (line["error"]["status"], line["error"]["code"]) == ("INVALID_ARGUMENT", CORRUPTED)
    assert line["error"]["message"].startswith("The Replay ID validation failed. ")
