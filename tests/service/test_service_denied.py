"""Hits that Salesforce does not show, reported by Apex: hidden from who reports them, and from nobody else."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from forcedex.domain.shares import MOST_REPORTED
from forcedex.state.store import open_state
from tests.service.service import ADMIN, SALES, VP, Service

BODY = {"text": "gmbh", "objects": ["Account"], "size": 20}


async def ask(service: Service, who: str, path: str, body: object, **claims: object) -> tuple[int, Any]:
    """As Apex asks."""
    target, content = f"/api/v1{path}", json.dumps(body).encode()
    token = service.signed(who, "POST", target, content, **claims)
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    async with service.visitor() as visitor:
        answer = await visitor.http.post(target, content=content, headers=headers)
        return answer.status_code, answer.json() if answer.content else None


async def found(service: Service, who: str) -> list[str]:
    status, told = await ask(service, who, "/search", BODY)
    assert status == 200, told
    return [hit["id"] for hit in told["hits"]]


async def test_a_reported_hit_is_hidden_at_once_from_who_reports_it_until_its_access_was_read_again(
    service: Service,
) -> None:
    before, others = await found(service, SALES), await found(service, VP)
    gone = before[0]
    assert gone in others
    assert await ask(service, SALES, "/denied", {"ids": [gone]}) == (204, None)
    assert gone not in await found(service, SALES)
    async with service.logged_in(SALES) as visitor:
        await visitor.ask(f"/records/Account/{gone}", status=404)
        told = await visitor.ask("/search", {"text": f"{gone}"})
        assert gone not in [hit["id"] for hit in told["hits"]]
    assert await found(service, VP) == others
    _, out, _ = await service.product.run("access", "explain", SALES, gone)
    assert "brought up to date" in out
    code, _, err = await service.product.run("sync")
    assert code == 0, err
    assert await found(service, SALES) == before


async def test_what_one_may_not_see_anyway_is_not_kept(service: Service) -> None:
    deals = {"objects": ["Opportunity"], "size": 50}
    _, all_of_them = await ask(service, ADMIN, "/search", deals)
    async with service.logged_in(SALES) as visitor:
        for each in all_of_them["hits"]:
            answer = await visitor.http.get(f"/api/v1/records/Opportunity/{each['id']}")
            if answer.status_code == 404:
                break
    hidden = each["id"]
    assert answer.status_code == 404
    assert (await ask(service, SALES, "/denied", {"ids": [hidden, "001000000000000AAA"]}))[0] == 204
    assert await reported(service) == []


@pytest.mark.parametrize(
    "body", [{}, {"ids": []}, {"ids": ["x"]}, {"ids": ["001000000000000AAA"] * 201}, {"ids": "001000000000000AAA"}]
)
async def test_a_report_that_names_no_records_or_too_many_is_refused(service: Service, body: object) -> None:
    status, told = await ask(service, SALES, "/denied", body)
    assert (status, told["error"]["code"]) == (400, "invalid_request")


async def test_a_browser_cannot_report_and_nobody_can_for_another(service: Service) -> None:
    gone = (await found(service, SALES))[0]
    async with service.logged_in(SALES) as visitor:
        await visitor.ask("/denied", {"ids": [gone]}, status=403)
        await visitor.ask("/denied", {"ids": [gone], "user": service.user_id(VP)}, status=400)
    assert (await ask(service, SALES, "/denied", {"ids": [gone]}, sub=None))[0] == 401
    assert await reported(service) == []


async def test_who_reports_very_many_sees_nothing_until_they_were_read_again(service: Service) -> None:
    before = await found(service, SALES)
    async with open_state(f"sqlite:///{service.product.home}/.forcedex/state.db") as state:
        store = state.of(service.org.credentials.org_id)
        ids = {f"001{number:012d}AAA": "Account" for number in range(MOST_REPORTED + 5)}
        await store.report_unseen(service.user_id(SALES), ids, datetime.now(UTC))
        assert len(await store.reported()) == MOST_REPORTED
    status, told = await ask(service, SALES, "/search", BODY)
    assert (status, told["error"]["code"]) == (403, "nothing_to_show")
    assert await found(service, VP)
    await service.product.run("sync")
    assert await found(service, SALES) == before


async def reported(service: Service) -> list[str]:
    async with open_state(f"sqlite:///{service.product.home}/.forcedex/state.db") as state:
        return [each.record_id for each in await state.of(service.org.credentials.org_id).reported()]
