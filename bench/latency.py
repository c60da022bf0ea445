"""How long a change takes from its commit in the org until a search finds it: `python -m bench.latency`.

The daemon follows change events of five objects (and polls the others) while people work in the org at a steady rate,
and then at ten times that rate by mass changes. Every tenth change is searched for.
"""

import argparse
import os
import platform
import shlex
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

import psutil

from bench.changes import at_work
from bench.org import STREAMED, administer, ask, prepare_events
from bench.probes import Probe, Probes, quantile
from bench.processes import (
    cpu_seconds,
    environment,
    java,
    product,
    running_node,
    running_org,
    wait_for_streams,
    warnings,
)

_RESULT = Path("docs/evidence/latency.md")
_BAR = 40  # characters of the longest bar
_ENOUGH = 20  # seconds that searching goes on for what was not found, at least


@dataclass(frozen=True, kw_only=True)
class Figures:
    """What one rate came to."""

    title: str
    rate: float
    seconds: float
    #: Seconds of one bar.
    span: float
    found: list[Probe]
    lost: int
    #: Changes written, and by how many seconds the latest was sent too late.
    told: Mapping[str, Any]
    #: Seconds from the last commit until the last probe was found.
    after: float
    #: Cores used by the org, the sync and the node.
    cores: Mapping[str, float]
    searches: int
    slowest: float

    @property
    def bars(self) -> list[tuple[float, float, int]]:
        """Lag over time: seconds since the beginning, median lag of the span, and how many probes."""
        began = min(each.sent for each in self.found)
        spans: dict[int, list[float]] = {}
        for each in self.found:
            spans.setdefault(int((each.sent - began) / self.span), []).append(each.lag)
        return [(span * self.span, median(lags), len(lags)) for span, lags in sorted(spans.items())]

    @property
    def text(self) -> list[str]:
        """For the evidence."""
        lags = [each.lag for each in self.found]
        writes = [each.returned - each.sent for each in self.found]
        lines = [
            f"## {self.title}",
            "",
            f"{self.told['changes']:,} changes in {self.seconds:.0f} s, the latest sent {self.told['latest']:.1f} s "
            f"late; {len(lags)} probes found, {self.lost} not found.",
            "",
            "| from | p50 | p90 | p99 | max |",
            "| --- | --- | --- | --- | --- |",
            _row("the org's answer to the write", lags),
            _row("sending the write", [each.lag + each.returned - each.sent for each in self.found]),
            _row("(sending to the org's answer)", writes),
            "",
            f"The last change was searchable {self.after:.1f} s after its commit. Cores used: "
            + ", ".join(f"{name} {cores:.2f}" for name, cores in self.cores.items())
            + f". {self.searches:,} searches looked, the slowest for {self.slowest:.2f} s.",
            "",
            f"Median lag of the changes of every {self.span:.0f} s:",
            "",
            "```",
        ]
        longest = max(lag for _, lag, _ in self.bars)
        for at, lag, count in self.bars:
            lines.append(f"{at:4.0f} s  {lag:6.2f} s  {'█' * max(1, round(lag / longest * _BAR))}  ({count})")
        first, last = _thirds([lag for _, lag, _ in self.bars])
        return [*lines, "```", "", f"Median of the first third {first:.2f} s, of the last third {last:.2f} s."]


def _row(title: str, values: list[float]) -> str:
    return f"| {title} | " + " | ".join(f"{quantile(values, share):.2f} s" for share in (0.5, 0.9, 0.99, 1)) + " |"


def _thirds(values: list[float]) -> tuple[float, float]:
    third = max(1, len(values) // 3)
    return median(values[:third]), median(values[-third:])


class Bench:
    """An org, a node and the daemon, all running."""

    def __init__(self, org: Mapping[str, Any], node: Mapping[str, Any], daemon: psutil.Process) -> None:
        self._org = org
        self._url = str(node["url"])
        self._processes = {"org": psutil.Process(org["pid"]), "sync": daemon, "Elasticsearch": java(node)}
        self._aliases = [f"forcedex-{org['org_id'].lower()}-{name.lower()}" for name in STREAMED]

    def measure(self, title: str, *, rate: float, seconds: float, span: float, token: str, **work: Any) -> Figures:
        """Work at this rate and look."""
        with at_work(self._org, rate=rate, seconds=seconds, token=token, **work) as writer:
            probes = Probes(writer, self._url, self._aliases)
            before = {name: cpu_seconds(each) for name, each in self._processes.items()}
            began = time.monotonic()
            probes.wait(max(_ENOUGH, seconds))
            took = time.monotonic() - began
        cores = {name: (cpu_seconds(each) - before[name]) / took for name, each in self._processes.items()}
        if not probes.found:
            raise SystemExit(f"{title}: no change was found")
        figures = Figures(
            title=title,
            rate=rate,
            seconds=seconds,
            span=span,
            found=probes.found,
            lost=len(probes.lost),
            told=probes.told,
            after=max(each.found or 0 for each in probes.found) - max(each.returned for each in probes.found),
            cores=cores,
            searches=probes.searches,
            slowest=probes.slowest,
        )
        print("\n".join(figures.text), flush=True)
        return figures


def main() -> None:
    """Measure and write the evidence."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rate", type=float, default=50, help="changes a second, one request each")
    parser.add_argument("--seconds", type=float, default=180)
    parser.add_argument("--warm-up", type=float, default=30, help="seconds before, at the same rate; they do not count")
    parser.add_argument("--burst-rate", type=float, default=500, help="changes a second, 200 a request; 0: none")
    parser.add_argument("--burst-seconds", type=float, default=60)
    parser.add_argument("--size", type=float, default=0.2, help="of the demo company")
    parser.add_argument("--objects", choices=("auto", "streamed"), default="auto", help="what is synced")
    parser.add_argument("--heap", default="1g")
    parser.add_argument("--python", default="", help="options of the daemon's interpreter, such as '-m cProfile -o F'")
    parser.add_argument("--result", type=Path, default=_RESULT)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="forcedex-bench-") as temporary:
        home = Path(temporary)
        with (
            running_node(home / "es", chosen.heap) as node,
            running_org(home / "org", "--size", str(chosen.size)) as org,
        ):
            prepare_events(org)
            names = "auto" if chosen.objects == "auto" else '["' + '", "'.join(STREAMED) + '"]'
            env = environment(org, node["url"], home, SYNC__OBJECTS=names)
            with product(env, home, *shlex.split(chosen.python)) as daemon:
                wait_for_streams(env, home, STREAMED)
                bench = Bench(org, node, daemon)
                bench.measure("Warm-up", rate=chosen.rate, seconds=chosen.warm_up, span=10, token="warm")
                before = administer(org)
                title = f"{chosen.rate:.0f} changes/s, one request each"
                figures = [bench.measure(title, rate=chosen.rate, seconds=chosen.seconds, span=10, token="steady")]
                if chosen.burst_rate:
                    title = f"{chosen.burst_rate:.0f} changes/s, 200 a request"
                    burst = {"per_call": 200, "probe_every": 40}
                    figures.append(
                        bench.measure(
                            title,
                            rate=chosen.burst_rate,
                            seconds=chosen.burst_seconds,
                            span=5,
                            token="burst",
                            **burst,
                        )
                    )
                after = administer(org)
            log = warnings(home)
            records = {name: ask(org, f"/query?q=SELECT+COUNT()+FROM+{name}")["totalSize"] for name in STREAMED}
    events = after["cdc"]["delivered"] - before["cdc"]["delivered"]
    text = [
        "# From commit to searchable",
        "",
        "`forcedex sync --watch` with " + ("all objects" if chosen.objects == "auto" else "five objects") + " of the "
        f"demo company ({sum(records.values()):,} records of the five objects at the end), embedded node with "
        f"{chosen.heap} heap, refresh 1 s. Four updates and one insert, over {', '.join(STREAMED)}, through REST.",
        "A probe is searched for through the read alias, 25 times a second; it is committed when the org has answered.",
        f"After {chosen.warm_up:.0f} s of warm-up. {os.cpu_count()} cores shared by all processes, "
        f"Python {platform.python_version()}.",
        "",
        "Aim: at 50 changes/s p50 ≤ 1.0 s and p99 ≤ 2.5 s; at 500 changes/s no growing lag.",
        "",
        *[line for each in figures for line in [*each.text, ""]],
        f"{events:,} change events were delivered; API calls of all, the writers' included: "
        f"{after['requests_used'] - before['requests_used']:,}. "
        + (f"The sync logged {len(log)} warnings." if log else "The sync warned of nothing."),
        "",
        "Again: `make bench-latency`.",
        "",
    ]
    print("\n".join(log[-20:]))
    chosen.result.parent.mkdir(parents=True, exist_ok=True)
    chosen.result.write_text("\n".join(text))
    print(f"written to {chosen.result}")


if __name__ == "__main__":
    main()
