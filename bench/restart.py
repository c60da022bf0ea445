"""The daemon is killed again and again while the org changes: `python -m bench.restart [--kills N …]`.

Measured for each kill: seconds from the start of the next process until a write of its is in the index, and how many
documents it wrote again although they were up to date.
"""

import argparse
import os
import platform
import random
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import psutil
from elasticsearch import Elasticsearch
from elasticsearch.helpers import scan

from bench.changes import at_work
from bench.org import STREAMED, administer, prepare_events
from bench.probes import quantile
from bench.processes import environment, product, running_node, running_org, wait_for_streams

_RESULT = Path("docs/evidence/restart.md")
_SECOND = 2**31  # of a document's version: the stamp's seconds above, the ordinal of the read below
_LOOK = 0.02  # seconds
_STILL = 0.5  # seconds without a write: nothing of a killed process is under way any more
_PATIENCE = 60.0  # seconds


@dataclass(frozen=True, kw_only=True)
class Restart:
    """What one restart came to."""

    #: Seconds from the start of the process until its first write.
    first_write: float
    #: Documents that were written with the stamp that they had already, and all that were written.
    again: int
    written: int
    #: Documents that had changed since the kill.
    changed: int


class Index:
    """What is in the index."""

    def __init__(self, client: Elasticsearch) -> None:
        self._client = client
        self._indices = "forcedex-*"

    def writes(self) -> int:
        """Documents that were ever written; refused ones (version conflicts) are not counted by Elasticsearch."""
        path = "_all.primaries.indexing.index_total"
        stats = self._client.indices.stats(index=self._indices, metric="indexing", filter_path=path)
        return int(stats["_all"]["primaries"]["indexing"]["index_total"])

    def still(self) -> int:
        """The same, when it grows no more."""
        count, since = self.writes(), time.monotonic()
        while time.monotonic() - since < _STILL:
            time.sleep(_LOOK)
            now = self.writes()
            if now != count:
                count, since = now, time.monotonic()
        return count

    def versions(self) -> dict[str, int]:
        """Of all documents."""
        self._client.indices.refresh(index=self._indices)
        hits = scan(self._client, index=self._indices, size=5_000, version=True, _source=False)
        return {hit["_id"]: hit["_version"] for hit in hits}


def restart(index: Index, env: Mapping[str, str], home: Path, live: float) -> Restart:
    """Start the daemon after a kill, let it live for so many seconds after its first write, and kill it."""
    count = index.still()
    before = index.versions()
    began = time.monotonic()
    with product(env, home) as daemon:
        while index.writes() == count:
            if time.monotonic() - began > _PATIENCE or daemon.poll() is not None:
                raise SystemExit(f"no write after {_PATIENCE:.0f} s: {(home / 'sync.log').read_text()[-2000:]}")
            time.sleep(_LOOK)
        first_write = time.monotonic() - began
        time.sleep(live)
        kill(daemon)
    written = index.still() - count
    again, changed = moved(before, index.versions())
    return Restart(first_write=first_write, again=again, written=written, changed=changed)


def moved(before: Mapping[str, int], after: Mapping[str, int]) -> tuple[int, int]:
    """Documents that got another version with the stamp that they had, and with another."""
    found = [record for record, version in after.items() if version != before.get(record)]
    again = sum(record in before and before[record] // _SECOND == after[record] // _SECOND for record in found)
    return again, len(found) - again


def undisturbed(index: Index, seconds: float) -> int:
    """What a daemon that lives on writes with the stamps that were there: what changes elsewhere moved, and checks."""
    before = index.versions()
    time.sleep(seconds)
    return moved(before, index.versions())[0]


def kill(daemon: psutil.Process) -> None:
    """SIGKILL, and wait until it is dead."""
    daemon.kill()
    daemon.wait()


def main() -> None:
    """Measure and write the evidence."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--rate", type=float, default=50, help="changes a second")
    parser.add_argument("--live", type=float, nargs=2, default=(2.0, 10.0), help="seconds from first write to kill")
    parser.add_argument("--size", type=float, default=0.2, help="of the demo company")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--heap", default="1g")
    parser.add_argument("--result", type=Path, default=_RESULT)
    chosen = parser.parse_args()
    chance = random.Random(chosen.seed)
    with tempfile.TemporaryDirectory(prefix="forcedex-bench-") as temporary:
        home = Path(temporary)
        with (
            running_node(home / "es", chosen.heap) as node,
            running_org(home / "org", "--size", str(chosen.size)) as org,
            Elasticsearch(node["url"], request_timeout=60) as client,
        ):
            prepare_events(org)
            env = environment(org, node["url"], home)
            found: list[Restart] = []
            index = Index(client)
            with product(env, home) as daemon:
                wait_for_streams(env, home, STREAMED)
                with at_work(org, rate=chosen.rate, seconds=86_400, probe_every=10**9) as writer:
                    time.sleep(5)  # seconds until the writer has begun
                    usual = undisturbed(index, sum(chosen.live) / 2)
                    kill(daemon)
                    for number in range(chosen.kills):
                        found.append(restart(index, env, home, chance.uniform(*chosen.live)))
                        print(number + 1, found[-1], flush=True)
                        assert writer.poll() is None, "the writer ended"
            documents = len(index.versions())
            events = administer(org)["cdc"]["delivered"]
    first = [each.first_write for each in found]
    again = [float(each.again) for each in found]
    text = [
        "# Restart after SIGKILL",
        "",
        f"`forcedex sync --watch`, all objects of the demo company ({documents:,} documents at the end), killed "
        f"{chosen.kills} times {chosen.live[0]:.0f} to {chosen.live[1]:.0f} s after its first write, while "
        f"{chosen.rate:.0f} changes/s go on ({events:,} change events in all), and started again on the same host.",
        f"{os.cpu_count()} cores shared by all processes, Python {platform.python_version()}.",
        "",
        "First write: from the start of the process until Elasticsearch counts a document more than when the killed",
        "one was dead and nothing of it was under way. Written again: documents that got a new version with the stamp",
        "that they had, from one kill to the next.",
        "",
        "| | median | p99 | max | aim |",
        "| --- | --- | --- | --- | --- |",
        f"| start to first write | {median(first):.2f} s | {quantile(first, 0.99):.2f} s | {max(first):.2f} s "
        "| p99 ≤ 5 s |",
        f"| written again after a restart | {median(again):,.0f} | {quantile(again, 0.99):,.0f} | {max(again):,.0f} "
        "| at most one batch |",
        f"| the same in {sum(chosen.live) / 2:.0f} s without a kill | {usual:,} | | | |",
        f"| changed, and written | {median(each.changed for each in found):,.0f} | | "
        f"{max(each.changed for each in found):,} | |",
        "",
        "Again: `make bench-restart`.",
        "",
    ]
    print("\n".join(text))
    chosen.result.parent.mkdir(parents=True, exist_ok=True)
    chosen.result.write_text("\n".join(text))
    print(f"written to {chosen.result}")


if __name__ == "__main__":
    main()
