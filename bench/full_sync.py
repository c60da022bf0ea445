"""A full sync of Contact-like records against its limit, in one run: `python -m bench.full_sync [--records N …]`.

For each size: the product syncs and the limit is measured in turn, three times, after a warm-up. Printed: documents
per second of both and their ratio, CPU seconds and peak memory of the sync process, API calls by the org's count.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from elasticsearch import Elasticsearch
from elasticsearch.helpers import scan

from bench import contacts
from bench.org import ask, calls, session
from bench.processes import environment, peak_mib, running_node, running_org
from localorg.creation import database
from localorg.org import Org

_RESULT = Path("docs/evidence/full-sync.md")
_BODY = 1_000  # documents of one ready request


@dataclass(frozen=True)
class Sync:
    """One run of the product."""

    seconds: float
    cpu: float
    peak_mib: float
    #: API requests, as the org counts them.
    calls: int


def fill(folder: Path, records: int) -> None:
    """An org with nothing but these contacts."""
    folder.mkdir()
    database(folder, None, lambda done, total: None)
    org = Org(folder)
    with org.store.bulk_load():
        org.store.load("Contact", contacts.COLUMNS, contacts.rows(records))  # type: ignore[arg-type]  # plain values
    org.close()


def only_contacts(org: dict[str, Any]) -> dict[str, str]:
    """The settings that sync these fields of contacts and nothing else."""
    described = ask(org, "/sobjects/Contact/describe")
    excluded = [
        field["name"]
        for field in described["fields"]
        if field["name"] not in contacts.FIELDS
        and field["type"] not in ("address", "location")
        and field["name"] not in ("LastViewedDate", "LastReferencedDate")
    ]
    return {"SYNC__OBJECTS": '["Contact"]', "OBJECTS": json.dumps({"Contact": {"exclude": excluded}})}


def sync(org: dict[str, Any], env: dict[str, str], home: Path) -> Sync:
    """`forcedex sync --full`: from the moment when the Bulk job's result is there until the last acknowledgement."""
    before = calls(org)
    command = [sys.executable, "-m", "forcedex", "sync", "--full", "--json"]
    process = subprocess.Popen(command, cwd=home, env=env, stdout=subprocess.PIPE)
    assert process.stdout is not None
    times: dict[str, float] = {}
    peak = 0.0
    for line in process.stdout:
        times[json.loads(line)["event"]] = time.perf_counter()
        peak = peak_mib(process.pid) or peak
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"forcedex sync ended with {process.returncode}")
    seconds = times["SnapshotCompleted"] - times["JobCompleted"]
    return Sync(seconds, usage.ru_utime + usage.ru_stime, peak, calls(org) - before)


def prepare_limit(client: Elasticsearch, folder: Path, records: int) -> str:
    """The same documents as ready bodies, and an empty index like the product's; its alias."""
    (index,) = client.indices.get(index="forcedex-*-contact-0*")
    made = client.indices.get(index=index)[index]
    settings = made["settings"]["index"]
    kept = {key: settings[key] for key in ("analysis", "refresh_interval", "number_of_shards")}
    client.options(ignore_status=404).indices.delete(index="limit")
    client.indices.create(index="limit", settings=kept | {"number_of_replicas": 0}, mappings=made["mappings"])
    if not any(folder.glob("*.ndjson")):
        lines: list[str] = []
        for number, hit in enumerate(scan(client, index=index, size=2_000), start=1):
            lines.append(json.dumps({"index": {"_id": hit["_id"]}}))
            lines.append(json.dumps(hit["_source"], ensure_ascii=False))
            if number % _BODY == 0 or number == records:
                (folder / f"{number:09d}.ndjson").write_text("\n".join(lines) + "\n")
                lines.clear()
    return "limit"


def limit(org: dict[str, Any], elasticsearch: str, index: str, folder: Path) -> float:
    """Seconds of the limit."""
    query = f"SELECT {', '.join(contacts.FIELDS)}, Owner.Name FROM Contact"
    job = ask(org, "/jobs/query", {"operation": "query", "query": query})["id"]
    while ask(org, f"/jobs/query/{job}")["state"] != "JobComplete":
        time.sleep(0.2)
    arguments = [org["url"], session(org), job, elasticsearch, index, str(folder)]
    done = subprocess.run([sys.executable, "-m", "bench.limit", *arguments], check=True, capture_output=True)
    return float(json.loads(done.stdout)["seconds"])


def measure(records: int, rounds: int) -> str:
    """One line of the table."""
    with tempfile.TemporaryDirectory(prefix="forcedex-bench-") as temporary:
        home = Path(temporary)
        bodies = home / "bodies"
        bodies.mkdir()
        fill(home / "org", records)
        with (
            running_node(home / "es") as node,
            running_org(home / "org") as org,
        ):
            env = environment(org, node["url"], home, **only_contacts(org))
            client = Elasticsearch(node["url"], request_timeout=120)
            warm_up = sync(org, env, home)  # the node compiles its code meanwhile
            if rounds:
                limit(org, node["url"], prepare_limit(client, bodies, records), bodies)
            syncs: list[Sync] = []
            limits: list[float] = []
            for turn in range(rounds):
                # The node still gets faster with every turn, so first and second take turns as well.
                if turn % 2:
                    syncs.append(sync(org, env, home))
                limits.append(limit(org, node["url"], prepare_limit(client, bodies, records), bodies))
                if not turn % 2:
                    syncs.append(sync(org, env, home))
            found = client.count(index="forcedex-*-contact")["count"]
            assert found == records, f"{found} of {records} documents"
            client.close()
    measured = syncs or [warm_up]
    seconds = median(each.seconds for each in measured)
    beside = "| – | – "
    if limits:
        best = median(limits)
        beside = f"| {records / best:,.0f} | **{best / seconds:.2f}** "
    return (
        f"| {records:,} | {records / seconds:,.0f} {beside}"
        f"| {median(each.cpu for each in measured):.1f} | {max(each.peak_mib for each in measured):.0f} "
        f"| {median(each.calls for each in measured) / records * 100_000:,.0f} |"
    )


def main() -> None:
    """Measure and write the evidence."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--records", type=int, nargs="*", default=[20_000, 200_000])
    parser.add_argument("--memory", type=int, nargs="*", default=[1_000_000], help="one cold sync, without its limit")
    parser.add_argument("--rounds", type=int, default=4)
    parser.add_argument("--result", type=Path, default=_RESULT)
    chosen = parser.parse_args()
    head = [
        "# Full sync against its limit",
        "",
        "Contact-like records, 20 fields, some 900 bytes of CSV each, from the local org into the embedded node,",
        "one shard, refresh 1 s. The limit: the same documents as ready NDJSON, sent by two raw bulk requests, while",
        "the same Bulk pages are downloaded and dropped. Both from the moment when the Bulk job's result is there.",
        f"Median of {chosen.rounds} turns, in changing order, after a warm-up. "
        f"{os.cpu_count()} cores shared by all processes, Python {platform.python_version()}.",
        "",
        "The last line is one sync of a cold node, for its memory.",
        "",
        "| records | sync docs/s | limit docs/s | ratio | CPU s of the sync | peak MiB of the sync "
        "| API calls per 100,000 records |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    lines = []
    for records in chosen.records:
        lines.append(measure(records, chosen.rounds))
        print(lines[-1], flush=True)
    for records in chosen.memory:
        lines.append(measure(records, rounds=0))
        print(lines[-1], flush=True)
    chosen.result.parent.mkdir(parents=True, exist_ok=True)
    chosen.result.write_text("\n".join([*head, *lines, "", "Again: `make bench`.", ""]))
    print(f"written to {chosen.result}")


if __name__ == "__main__":
    main()
