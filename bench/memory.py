"""The most memory that the sync ever holds: `python -m bench.memory`.

A full sync of very many records; an outage of Elasticsearch while changes go on; records of 100 kB, read and followed
by events. Each in a process of its own, by the kernel's own count (VmHWM).
"""

import argparse
import os
import platform
import random
import tempfile
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from elasticsearch import Elasticsearch

from bench.changes import at_work
from bench.full_sync import fill, only_contacts, sync
from bench.org import STREAMED, administer, ask, prepare_events
from bench.probes import Probes
from bench.processes import environment, held_mib, java, peak_mib, product, running_node, running_org, wait_for_streams
from localorg.creation import database
from localorg.ids import record_id
from localorg.org import Org

_RESULT = Path("docs/evidence/memory.md")
_LIMIT = 256  # MiB
_PATIENCE = 300.0  # seconds
_MARK = "massmark"
_LETTERS = "abcdefghijklmnoprstuvw"


def full(home: Path, records: int) -> str:
    """One cold sync."""
    fill(home / "org", records)
    with running_node(home / "es") as node, running_org(home / "org") as org:
        done = sync(org, environment(org, node["url"], home, **only_contacts(org)), home)
    return _line(f"full sync of {records:,} contacts of 900 bytes, {done.seconds:.0f} s", done.peak_mib)


def outage(home: Path, seconds: float, rate: float, size: float) -> str:
    """Elasticsearch stands still while changes go on, and goes on again."""
    with running_node(home / "es") as node, running_org(home / "org", "--size", str(size)) as org:
        prepare_events(org)
        env = environment(org, node["url"], home)
        with product(env, home) as daemon:
            wait_for_streams(env, home, STREAMED)
            before = held_mib(daemon.pid) or 0
            with at_work(org, rate=rate, seconds=seconds) as writer:
                probes = Probes(writer, node["url"], _aliases(org))
                time.sleep(min(5.0, seconds / 4))
                stopped = java(node)
                stopped.suspend()
                try:
                    writer.wait()
                    while_stopped = peak_mib(daemon.pid) or 0
                finally:
                    stopped.resume()
                resumed = time.monotonic()
                probes.wait(seconds + 120)
            took = max((each.found or 0 for each in probes.found), default=0) - resumed
            peak = peak_mib(daemon.pid) or 0
    return _line(
        f"Elasticsearch stopped (SIGSTOP) for {seconds:.0f} s with {rate:.0f} changes/s "
        f"({probes.told['changes']:,} in all); {before:.0f} MiB before, {while_stopped:.0f} when it went on; "
        f"all searchable {took:.0f} s later, {len(probes.lost)} probes lost",
        peak,
    )


def large(home: Path, records: int, text: int, seconds: float, rate: float) -> Iterator[str]:
    """Records with a long text: their full sync, and then their changes by events."""
    _fill_large(home / "org", records, text)
    with running_node(home / "es") as node, running_org(home / "org") as org:
        prepare_events(org)
        env = environment(org, node["url"], home, SYNC__OBJECTS='["Account"]')
        with product(env, home) as daemon:
            wait_for_streams(env, home, ("Account",))
            peak = peak_mib(daemon.pid) or 0
            yield _line(f"full sync of {records:,} accounts of {text // 1000} kB", peak)
            work = {"rate": rate, "seconds": seconds, "text": text, "objects": ("Account",)}
            with at_work(org, **work) as writer:
                probes = Probes(writer, node["url"], _aliases(org, "Account"))
                probes.wait(seconds + 60)
            peak = peak_mib(daemon.pid) or 0
            yield _line(
                f"then {probes.told['changes']:,} of them changed or new, {rate:.0f}/s; "
                f"{len(probes.lost)} of {len(probes.lost) + len(probes.found)} probes lost",
                peak,
            )
            administer(org, "/setup/mass_update", {"object_name": "Account", "fields": {"Description": _MARK}})
            accounts = ask(org, "/query?q=SELECT+COUNT()+FROM+Account")["totalSize"]
            seen = _wait_for_all(node["url"], _aliases(org, "Account")[0], accounts)
            peak = peak_mib(daemon.pid) or 0
    yield _line(f"then all {accounts:,} changed in one transaction; {seen:,} of them searchable", peak)


def _wait_for_all(elasticsearch: str, alias: str, records: int) -> int:
    """Records that show the mark, once all do or patience ended."""
    until = time.monotonic() + _PATIENCE
    seen = 0
    with Elasticsearch(elasticsearch, request_timeout=60) as client:
        while seen < records and time.monotonic() < until:
            time.sleep(0.5)
            seen = client.count(index=alias, query={"term": {"Description": _MARK}})["count"]
    return seen


def _aliases(org: Mapping[str, Any], *names: str) -> list[str]:
    return [f"forcedex-{org['org_id'].lower()}-{name.lower()}" for name in names or STREAMED]


def _fill_large(folder: Path, records: int, text: int) -> None:
    folder.mkdir()
    database(folder, None, lambda done, total: None)
    chance = random.Random(7)
    words = ["".join(chance.choices(_LETTERS, k=7)) for _ in range(8_000)]
    owner = record_id("005", 1)
    columns = ["Id", "IsDeleted", "Name", "Background__c", "OwnerId", "CurrencyIsoCode", "SystemModstamp"]
    columns += ["CreatedDate", "CreatedById", "LastModifiedDate", "LastModifiedById"]

    def rows() -> Iterator[tuple[object, ...]]:
        for number in range(1, records + 1):
            stamp = datetime(2024, 1, 1, tzinfo=UTC) + timedelta(seconds=number * 20)
            long = " ".join(chance.choices(words, k=text // 8))
            record = (record_id("001", number), False, f"Account {number}", long, owner, "USD", stamp)
            yield (*record, stamp, owner, stamp, owner)

    org = Org(folder)
    with org.store.bulk_load():
        org.store.load("Account", columns, rows())  # type: ignore[arg-type]  # plain values
    org.close()


def _line(title: str, peak: float) -> str:
    line = f"| {title} | {peak:.0f} | {'yes' if peak <= _LIMIT else 'no'} |"
    print(line, flush=True)
    return line


def main() -> None:
    """Measure and write the evidence."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--records", type=int, default=1_000_000, help="of the full sync; 0: none")
    parser.add_argument("--outage", type=float, default=300, help="seconds; 0: none")
    parser.add_argument("--rate", type=float, default=50, help="changes a second during the outage")
    parser.add_argument("--size", type=float, default=0.2, help="of the demo company during the outage")
    parser.add_argument("--large", type=int, default=2_000, help="large records; 0: none")
    parser.add_argument("--text", type=int, default=100_000, help="characters of a large record")
    parser.add_argument("--large-rate", type=float, default=20, help="changes a second of large records")
    parser.add_argument("--seconds", type=float, default=60, help="of changes of large records")
    parser.add_argument("--result", type=Path, default=_RESULT)
    chosen = parser.parse_args()
    lines: list[str] = []
    if chosen.records:
        with tempfile.TemporaryDirectory(prefix="forcedex-bench-") as home:
            lines.append(full(Path(home), chosen.records))
    if chosen.outage:
        with tempfile.TemporaryDirectory(prefix="forcedex-bench-") as home:
            lines.append(outage(Path(home), chosen.outage, chosen.rate, chosen.size))
    if chosen.large:
        with tempfile.TemporaryDirectory(prefix="forcedex-bench-") as home:
            lines += large(Path(home), chosen.large, chosen.text, chosen.seconds, chosen.large_rate)
    text = [
        "# The most memory that the sync holds",
        "",
        f"Aim: at most {_LIMIT} MiB. VmHWM of the process from its start to the end of what stands in the line;",
        f"embedded node, local org. {os.cpu_count()} cores, Python {platform.python_version()}.",
        "",
        f"| what | peak MiB | at most {_LIMIT} |",
        "| --- | --- | --- |",
        *lines,
        "",
        "Again: `make bench-memory`.",
        "",
    ]
    chosen.result.parent.mkdir(parents=True, exist_ok=True)
    chosen.result.write_text("\n".join(text))
    print(f"written to {chosen.result}")


if __name__ == "__main__":
    main()
