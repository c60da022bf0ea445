"""The service under people: `python -m bench.service`.

The demo's company in a local org, synced, and `forcedex serve` in a process of its own. First one person asks one thing
after another: what the service adds to Elasticsearch's own time. Then a hundred people at once, each with pauses, as
people do: words typed letter by letter (suggestions), searches, a record, now and then a report.
"""

import argparse
import asyncio
import hashlib
import json
import os
import platform
import random
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import quantiles
from typing import Any

import httpx2
from joserfc import jwt
from joserfc.jwk import RSAKey

from bench.processes import environment, running_node, running_org
from tests.service.service import make_certificate

_RESULT = Path("docs/evidence/service.md")
_WORDS = ("gmbh", "weber", "pump", "erlolher", "open deals over 50k", "stage:won", "müller", "acme valves")
_REPORTS = ("closed-won", "open-pipeline", "win-rate", "leaderboard")
_ALONE = 200  # questions of one person
_PAUSE = (0.5, 2.5)  # seconds between two doings of one person
_KEY = 0.12  # seconds between two letters


@dataclass
class Told:
    """Milliseconds by what was asked, and what went wrong."""

    took: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    errors: list[str] = field(default_factory=list)


class Asker:
    """Signs questions as Apex does, for some person."""

    def __init__(self, url: str, org_id: str, key: RSAKey, told: Told) -> None:
        self.http = httpx2.AsyncClient(base_url=url, trust_env=False, timeout=60, limits=httpx2.Limits())
        self._url, self._org, self._key, self._told = url, org_id, key, told

    async def ask(self, kind: str, user: str, path: str, body: object) -> Any:
        """One question; its answer, or None if it went wrong."""
        content = json.dumps(body).encode()
        target = f"/api/v1{path}"
        digest = hashlib.sha256(b"\n".join((b"POST", target.encode(), content))).hexdigest()
        claims = {"iss": self._org, "sub": user, "aud": self._url, "exp": int(time.time()) + 100, "q": digest}
        token = jwt.encode({"alg": "RS256"}, claims, self._key)
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        began = time.perf_counter()
        answer = await self.http.post(target, content=content, headers=headers)
        self._told.took[kind].append((time.perf_counter() - began) * 1000)
        if answer.status_code != 200:
            self._told.errors.append(f"{answer.status_code} {path} {answer.text[:120]}")
            return None
        return answer.json()


async def _alone(asker: Asker, user: str) -> list[tuple[float, float, float]]:
    """Of each search: over HTTP, as the search says, as Elasticsearch says (milliseconds)."""
    found = []
    for number in range(_ALONE):
        began = time.perf_counter()
        answer = await asker.ask("alone", user, "/search", {"text": _WORDS[number % len(_WORDS)]})
        whole = (time.perf_counter() - began) * 1000
        if answer is not None and number >= _ALONE // 10:
            found.append((whole, answer["took_ms"], float(answer["elasticsearch_ms"])))
    return found


async def _person(asker: Asker, user: str, until: float, dice: random.Random) -> None:
    while time.monotonic() < until:
        text = dice.choice(_WORDS)
        for length in range(3, len(text), 2):
            await asker.ask("suggest", user, "/suggest", {"text": text[:length]})
            await asyncio.sleep(_KEY)
        await asker.ask("search", user, "/search", {"text": text})
        if dice.random() < 0.1:
            await asker.ask("report", user, f"/reports/{dice.choice(_REPORTS)}", {})
        await asyncio.sleep(dice.uniform(*_PAUSE))


async def _measure(url: str, org: dict[str, Any], key: RSAKey, people: int, seconds: float) -> list[str]:
    users = [each["user_id"] for name, each in org["personas"].items() if name not in ("inactive", "frozen")]
    told = Told()
    asker = Asker(url, org["org_id"], key, told)
    alone = await _alone(asker, users[1])
    dice = random.Random(7)
    until = time.monotonic() + seconds
    crowd = [
        _person(asker, users[number % len(users)], until, random.Random(dice.random())) for number in range(people)
    ]
    await asyncio.gather(*crowd)
    await asker.http.aclose()
    over = [whole - search for whole, search, _ in alone]
    ours = [whole - node for whole, _, node in alone]
    lines = [
        f"One person, {len(alone)} searches one after another:",
        "",
        "| | p50 | p95 |",
        "| --- | ---: | ---: |",
        _line("over HTTP", [whole for whole, _, _ in alone]),
        _line("Elasticsearch's own `took`", [node for _, _, node in alone]),
        _line("what HTTP, login and JSON add to the search", over),
        _line("all that is not Elasticsearch", ours),
        "",
        f"{people} people at once for {seconds:.0f} s: {sum(map(len, told.took.values())) - _ALONE:,} requests, "
        f"{len(told.errors)} errors.",
        "",
        "| | requests | p50 | p95 |",
        "| --- | ---: | ---: | ---: |",
        *(
            _line(kind, took).replace(f"| {kind} |", f"| {kind} | {len(took):,} |")
            for kind, took in sorted(told.took.items())
            if kind != "alone"
        ),
    ]
    return [*lines, *(f"- {each}" for each in told.errors[:10])]


def _line(name: str, values: Sequence[float]) -> str:
    cuts = quantiles(values, n=100)
    return f"| {name} | {cuts[49]:.1f} ms | {cuts[94]:.1f} ms |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--write", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        key = RSAKey.import_key(make_certificate(home / "org.crt"))
        with running_org(home / "org", "--seed", "7") as org, running_node(home / "es", "2g") as node:
            settings = environment(
                org,
                node["url"],
                home,
                SERVER__PORT="0",
                SERVER__ORG_CERTIFICATES=json.dumps([str(home / "org.crt")]),
                SERVER__KEY_FILE=str(home / "key"),
                SERVER__POINTS_PER_SECOND="10000",
                SERVER__POINTS_AT_ONCE="100000",
            )
            forcedex = [sys.executable, "-m", "forcedex"]
            subprocess.run([*forcedex, "sync", "--json"], env=settings, check=True, stdout=subprocess.DEVNULL)
            serve = subprocess.Popen([*forcedex, "serve", "--json"], env=settings, stdout=subprocess.PIPE)
            try:
                assert serve.stdout is not None
                url = json.loads(serve.stdout.readline())["url"]
                lines = asyncio.run(_measure(url, org, key, given.people, given.seconds))
            finally:
                serve.terminate()
                serve.wait(30)
    load = os.getloadavg()[0]
    head = [
        "# The service under people",
        "",
        f"`python -m bench.service --people {given.people} --seconds {given.seconds:.0f}`; {os.cpu_count()} cores, "
        f"{platform.platform()}; org, node, service and askers on this machine; load {load:.1f} at the end.",
        "",
    ]
    print("\n".join([*head, *lines]))
    if given.write:
        _RESULT.write_text("\n".join([*head, *lines, ""]))


if __name__ == "__main__":
    main()
