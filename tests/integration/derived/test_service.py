"""What is derived from cases, leads, tasks and events follows every change of them and of what refers to them."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest_asyncio

from forcedex.elasticsearch.client import ElasticsearchSettings, connect
from localorg.fixture import running_org
from tests.integration.access.conftest import World, until
from tests.integration.derived.conftest import documents

OBJECTS = (
    *("User", "Account", "Contact", "Lead", "Case", "CaseComment", "CaseHistory", "Task", "Event"),
    *("Opportunity", "OpportunityStage"),
)


@pytest_asyncio.fixture
async def office(elasticsearch_url: str, tmp_path: Path) -> AsyncIterator[World]:
    async with AsyncExitStack() as stack:
        org = await stack.enter_async_context(running_org(empty=True))
        made = World(org, tmp_path, elasticsearch_url, OBJECTS)
        async with made.watching():
            yield made
    client = connect(ElasticsearchSettings(url=elasticsearch_url))
    for index in await client.indices.get(index=f"{made.settings.elasticsearch.index_prefix}*"):
        await client.indices.delete(index=index)
    await client.close()


async def becomes(world: World, kind: str, record: str, expected: Mapping[str, Any]) -> None:
    """The document says this soon."""
    held: dict[str, Any] = {}

    async def so() -> bool:
        found = (await documents(world, kind)).get(record)
        held.clear()
        held.update(found["x"] if found else {})
        return bool(found) and all(held.get(name) == value for name, value in expected.items())

    try:
        await until(so, 40)
    except TimeoutError:
        raise AssertionError(f"{held} is not {dict(expected)}") from None


async def test_a_case_tells_when_it_was_answered_closed_and_opened_again(office: World) -> None:
    org = office.org
    began = org.clock.now()
    case = org.insert("Case", Subject="It hums", Status="New", Origin="Web")
    await becomes(office, "x-cases", case, {"closed": 0, "waiting": 1, "touches": 0, "ttc_min": None})

    org.clock.advance(timedelta(minutes=25))
    org.insert("CaseComment", ParentId=case, CommentBody="A note among us", IsPublished=False)
    org.clock.advance(timedelta(minutes=5))
    org.insert("CaseComment", ParentId=case, CommentBody="We look at it", IsPublished=True)
    await becomes(office, "x-cases", case, {"frt_min": 30, "waiting": 0, "touches": 1})
    org.insert("EmailMessage", ParentId=case, Subject="Not sent yet", Status="5", Incoming=False)

    org.clock.advance(timedelta(minutes=60))
    org.update("Case", case, Status="Closed")
    day = org.clock.now().date().isoformat()
    await becomes(office, "x-cases", case, {"closed": 1, "ttc_min": 90, "one_touch": 1, "closed_d": day, "reopened": 0})
    held = (await documents(office, "x-cases"))[case]["x"]["held"]
    assert datetime.fromisoformat(held["gte"]).replace(tzinfo=UTC) == began.replace(tzinfo=UTC)


async def test_a_lead_tells_when_it_was_first_touched_and_loses_a_task_that_goes_elsewhere(office: World) -> None:
    org = office.org
    first, second = (org.insert("Lead", LastName=name, Company="Acme") for name in ("Ames", "Bell"))
    await becomes(office, "x-leads", first, {"converted": 0, "untouched": 1, "first_touch_min": None})
    org.clock.advance(timedelta(minutes=12))
    task = org.insert("Task", Subject="Call", WhoId=first)
    await becomes(office, "x-leads", first, {"untouched": 0, "first_touch_min": 12})
    org.update("Task", task, WhoId=second)
    await becomes(office, "x-leads", first, {"untouched": 1, "first_touch_min": None})
    await becomes(office, "x-leads", second, {"untouched": 0, "first_touch_min": 12})
    org.delete("Task", task)
    await becomes(office, "x-leads", second, {"untouched": 1, "first_touch_min": None})


async def test_a_task_counts_on_the_day_it_was_completed_else_on_the_day_it_is_due(office: World) -> None:
    org = office.org
    due = org.clock.now().date() + timedelta(days=9)
    deal = org.insert("Opportunity", Name="Deal", StageName="Prospecting", CloseDate=due)
    task = org.insert("Task", Subject="Call", WhatId=deal, ActivityDate=due, TaskSubtype="Call")
    await becomes(office, "x-tasks", task, {"d": due.isoformat(), "done": 0, "kind": "Call", "deal": deal})
    org.update("Task", task, Status="Completed")
    await becomes(office, "x-tasks", task, {"d": org.clock.now().date().isoformat(), "done": 1})
    event = org.insert("Event", Subject="Visit", ActivityDate=due, DurationInMinutes=45, IsAllDayEvent=True)
    await becomes(office, "x-events", event, {"d": due.isoformat(), "kind": "Event"})
