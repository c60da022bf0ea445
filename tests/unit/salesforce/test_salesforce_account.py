"""The account of API requests: what counts, who is asked before, and silence when the org's allowance is used up."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import httpx2
import pytest

from forcedex.domain.errors import BudgetExhausted, SourceRefused, SourceUnavailable
from forcedex.salesforce.account import LIMIT_PAUSE
from forcedex.salesforce.transport import Call, Transport

if TYPE_CHECKING:
    from tests.unit.salesforce.conftest import FakeClock, ScriptedOrg

READ = Call(purpose="read Contact", path="/services/data/v67.0/query?q=SELECT%20Id")
VERSIONS = Call(purpose="ask for the time", path="/services/data/")
USER_INFO = Call(purpose="ask who we are", path="/services/oauth2/userinfo")
Connect = Callable[..., Transport]


class Budget:
    """So many requests and no more."""

    def __init__(self, left: int) -> None:
        self.left = left

    async def __call__(self) -> None:
        if self.left == 0:
            raise BudgetExhausted("The budget is used up.")
        self.left -= 1


async def test_every_request_to_the_data_apis_counts_and_nothing_else(org: "ScriptedOrg", connect: Connect) -> None:
    transport = connect()
    org.refuse(401, "INVALID_SESSION_ID", "Session expired or invalid")
    org.answers += [httpx2.ReadTimeout("slow"), httpx2.ConnectError("refused")]
    for _ in range(3):
        org.reply(200, 1)

    await transport.json(READ)
    assert transport.account.calls == 4, "the ended session, two failures, the answer"
    await transport.json(VERSIONS)
    await transport.json(USER_INFO)
    assert (transport.account.calls, org.logins) == (4, 2)


async def test_whoever_keeps_the_budget_is_asked_before_each_request(org: "ScriptedOrg", connect: Connect) -> None:
    budget = Budget(2)
    transport = connect(before_call=budget)
    org.reply(503, text="busy")
    for _ in range(3):
        org.reply(200, 1)

    await transport.json(READ)
    with pytest.raises(BudgetExhausted):
        await transport.json(READ)
    assert (len(org.requests), transport.account.calls) == (2, 2)
    await transport.json(VERSIONS)  # costs nothing, so it is not asked about
    budget.left = 1
    await transport.json(READ)


async def test_a_budget_that_ends_between_two_tries_ends_the_tries(org: "ScriptedOrg", connect: Connect) -> None:
    org.reply(503, text="busy")

    with pytest.raises(BudgetExhausted):
        await connect(before_call=Budget(1)).json(READ)
    assert len(org.requests) == 1


async def test_nothing_is_sent_for_a_while_after_the_daily_limit_was_reached(
    org: "ScriptedOrg", connect: Connect, clock: "FakeClock"
) -> None:
    transport = connect()
    org.refuse(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
    org.reply(200, "now")
    org.reply(200, "again")

    for _ in range(3):
        with pytest.raises(SourceUnavailable) as caught:
            await transport.json(READ)
        assert caught.value.code == "REQUEST_LIMIT_EXCEEDED" and caught.value.hint
    assert (len(org.requests), transport.account.calls) == (1, 1)
    assert (await transport.json(VERSIONS)).value == "now"
    clock.time += LIMIT_PAUSE
    assert (await transport.json(READ)).value == "again"


@pytest.mark.parametrize(
    ("status", "code", "message"),
    [
        (403, "REQUEST_LIMIT_EXCEEDED", "ConcurrentRequests (Concurrent API Requests) Limit exceeded."),
        (400, "QUERY_TIMEOUT", "Your query request was running for too long."),
        (400, "INVALID_FIELD", "No such column"),
    ],
)
async def test_other_refusals_silence_nobody(
    org: "ScriptedOrg", connect: Connect, status: int, code: str, message: str
) -> None:
    transport = connect(attempts=1)
    org.refuse(status, code, message)
    org.reply(200, 1)

    with pytest.raises((SourceRefused, SourceUnavailable)):
        await transport.json(READ)
    assert (await transport.json(READ)).value == 1
