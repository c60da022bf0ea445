"""Every standard report answers, for the operator and for somebody who sees only what is his."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest_asyncio

from forcedex.analytics.question import Question
from forcedex.analytics.reports.catalogue import REPORTS
from forcedex.domain.comparing_periods import Basis
from forcedex.domain.principal import Operator, OrgUser
from forcedex.elasticsearch.client import ElasticsearchSettings, connect
from localorg.fixture import running_org
from tests.integration.access.conftest import World
from tests.integration.derived.conftest import OBJECTS

ALL = (*OBJECTS, "Lead", "Case", "CaseComment", "Task", "Event", "Campaign")


@pytest_asyncio.fixture
async def office(elasticsearch_url: str, tmp_path: Path) -> AsyncIterator[World]:
    async with AsyncExitStack() as stack:
        org = await stack.enter_async_context(running_org(empty=True))
        made = World(org, tmp_path, elasticsearch_url, ALL)
        yield made
    client = connect(ElasticsearchSettings(url=elasticsearch_url))
    for index in await client.indices.get(index=f"{made.settings.elasticsearch.index_prefix}*"):
        await client.indices.delete(index=index)
    await client.close()


async def test_every_report_answers_with_and_without_records(office: World) -> None:
    org = office.org
    await office.sync()
    async with office.asking() as asking:
        for definition in REPORTS.values():
            empty = await asking.report(Operator(), definition, Question())
            figures = [each.value for row in empty.rows for each in row.figures.values()]
            assert empty.columns and not any(figures), definition.name  # steps of a waterfall stand there, at zero
    account = org.insert("Account", Name="Acme")
    today = org.clock.now().date()
    for number, stage in enumerate(("Closed Won", "Closed Lost", "Prospecting", "Closed Won")):
        day = today - timedelta(days=100 * number)
        deal: dict[str, Any] = {"Name": "Deal", "StageName": stage, "CloseDate": day, "AccountId": account}
        org.insert("Opportunity", Amount=100 * number, **deal)
    org.insert("Lead", LastName="Ames", Company="Acme")
    org.insert("Case", Subject="It hums", Status="Closed", AccountId=account)
    org.insert("Task", Subject="Call", Status="Completed", ActivityDate=today)
    await office.sync()
    async with office.asking() as asking:
        answered = 0
        for definition in REPORTS.values():
            found = await asking.report(Operator(), definition, Question(top=2))
            answered += bool(found.rows)
            if definition.parts[0].day and definition.name != "slipped":
                question = Question(period="this-year", compare=Basis.YEAR_BEFORE)
                compared = await asking.report(Operator(), definition, question)
                assert compared.compared_with, definition.name
        assert answered > 18


async def test_somebody_without_records_has_empty_reports(office: World) -> None:
    org = office.org
    org.set_organization_wide_default("Opportunity", "Private")
    org.insert("Opportunity", Name="Deal", StageName="Closed Won", CloseDate="2026-05-05", Amount=5)
    profile = org.create_profile("Seller")
    org.set_object_permissions(profile, "Opportunity", "Read")
    org.set_field_permissions(profile, "Opportunity.*", "Read")
    ann = org.create_user("ann@acme.example", profile=profile)
    await office.sync()
    async with office.asking() as asking:
        mine = await asking.report(OrgUser(ann), REPORTS["closed-won"], Question())
        assert not mine.rows and mine.total.value("count") == 0
        everything = await asking.report(Operator(), REPORTS["closed-won"], Question())
        assert everything.total.value("count") == 1
