"""The whole API as its description says, called with whatever fits it and does not, as three people.

pytest tests/service/test_service_fuzz.py --calls 20000 --seed 7
"""

import asyncio
import secrets
from collections import Counter
from contextlib import suppress
from itertools import cycle
from typing import Any

import hypothesis
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase
from hypothesis.errors import Unsatisfiable
from schemathesis import Case
from schemathesis.core.result import Ok

from forcedex.server.application import description
from tests.service.service import ADMIN, MARKETING, SALES, Service

#: Nobody but administrators may see records with this name, and no other org's record is here at all.
CANARY = "Xanthippecanary"
#: Ends the sessions that the calls are made with, or leaves the service.
LEFT_OUT = frozenset({"/auth/login", "/auth/callback", "/auth/logout", "/federated/authorize"})


@pytest.fixture
def calls(pytestconfig: pytest.Config) -> int:
    return int(pytestconfig.getoption("--calls"))


@pytest.fixture
def seed(pytestconfig: pytest.Config) -> int:
    given = pytestconfig.getoption("--seed")
    return secrets.randbelow(2**31) if given is None else int(given)


async def test_no_call_breaks_the_service_or_tells_what_is_hidden(service: Service, calls: int, seed: int) -> None:
    service.org.insert("Opportunity", Name=CANARY, StageName="Closed Won", CloseDate="2026-02-03", Amount=1)
    code, _, err = await service.product.run("sync")
    assert code == 0, err
    headers: dict[str, dict[str, str]] = {}
    for username in (ADMIN, SALES, MARKETING):
        async with service.logged_in(username) as visitor:
            if username == ADMIN:
                assert (await visitor.ask("/search", {"text": CANARY}))["total"] == 1
            cookie = f"forcedex={visitor.http.cookies['forcedex']}"
            headers[username] = {"Cookie": cookie, "X-CSRF-Token": visitor.http.headers["X-CSRF-Token"]}
    print(f"--calls {calls} --seed {seed}")
    told = await asyncio.to_thread(_call, service, headers, calls, seed)
    print(f"{sum(told.values())} calls: {dict(sorted(told.items()))}")
    assert told[200] > calls // 50 and told[400]


def _call(service: Service, headers: dict[str, dict[str, str]], calls: int, seed: int) -> Counter[int]:
    described = description()
    del described["security"]  # who asks is given: made-up tokens have their own tests
    schema = schemathesis.openapi.from_dict(described)
    operations = [each.ok() for each in schema.get_all_operations() if isinstance(each, Ok)]
    operations = [each for each in operations if each.path not in LEFT_OUT]
    people = cycle(headers.items())
    told: Counter[int] = Counter()
    modes = [schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE]
    with requests.Session() as http:
        http.trust_env = False

        def check(case: Case[Any]) -> None:
            username, own = next(people)
            answer: Any = http.request(**case.as_transport_kwargs(base_url=service.url, headers=own), timeout=60)
            told[answer.status_code] += 1
            where = f"{case.method} {case.path} as {username}: {answer.status_code} {answer.text[:300]}"
            assert answer.status_code < 500, where
            assert username == ADMIN or CANARY.encode() not in answer.content, where
            if answer.status_code >= 400:
                assert set(answer.json()) == {"error"} or case.path.startswith("/federated/token"), where

        for mode in modes:
            for number, operation in enumerate(operations):
                strategy = operation.as_strategy(generation_mode=mode)
                settings = hypothesis.settings(
                    max_examples=max(2, calls // (len(operations) * len(modes))),
                    phases=[Phase.generate],
                    database=None,
                    deadline=None,
                    suppress_health_check=list(HealthCheck),
                )
                test = hypothesis.seed(seed + number)(settings(hypothesis.given(case=strategy)(check)))
                with suppress(Unsatisfiable):  # whatever is sent there fits: it takes nothing
                    test()
    return told
