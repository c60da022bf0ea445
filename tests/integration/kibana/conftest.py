"""A demo company, synced, with what `forcedex kibana` makes of it."""

import shlex
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
import pytest_asyncio
from elasticsearch import AsyncElasticsearch

from forcedex.analytics.kibana.artefacts import Artefacts
from forcedex.analytics.question import Question
from forcedex.analytics.reports.catalogue import REPORTS
from forcedex.analytics.written import as_json
from forcedex.asking import Asking
from forcedex.domain.principal import Operator
from forcedex.elasticsearch.client import ElasticsearchSettings, connect
from localorg.fixture import LocalOrg, running_org
from tests.integration.access.conftest import World
from tests.integration.kibana.saved_file import JSON, objects_of

OBJECTS = (
    *("User", "Group", "Account", "Contact", "Lead", "Opportunity", "OpportunityHistory", "OpportunityStage"),
    *(
        "OpportunityLineItem",
        "OpportunityContactRole",
        "Pricebook2",
        "PricebookEntry",
        "Product2",
        "Case",
        "CaseComment",
        "Task",
    ),
)


@dataclass
class Board:
    """The files, the index that they are about, and the reports that they must agree with."""

    world: World
    asking: Asking
    client: AsyncElasticsearch
    made: Artefacts
    #: Alias to path to type of field.
    mappings: dict[str, dict[str, str]]
    #: Alias to the paths that hold minor units.
    minor: dict[str, set[str]]
    #: The concrete indices of the aliases.
    indices: dict[str, str]
    _reports: dict[tuple[str, str], JSON] = field(default_factory=dict)

    @property
    def org(self) -> LocalOrg:
        return self.world.org

    def objects(self) -> list[JSON]:
        """The saved objects, new ones each time."""
        return objects_of(self.made.files["dashboard.ndjson"])

    def commands(self) -> dict[str, list[str]]:
        """The report that the text beside the files names for each panel."""
        lines = [each.split("|") for each in self.made.files["README.md"].splitlines() if "`forcedex report" in each]
        return {title.strip(): shlex.split(command.strip(" `")) for _, title, command, _ in lines}

    async def report(self, title: str, period: str) -> JSON:
        """What our own report says that a panel must show; `period` goes before that of a panel with a time range."""
        command = self.commands()[title]
        if command[-1] == "all":
            period = "all"
        if (title, period) not in self._reports:
            by = (command[command.index("--by") + 1],) if "--by" in command else ()
            question = Question(by=by, period=period)
            answer = await self.asking.report(Operator(), REPORTS[command[2]], question)
            self._reports[title, period] = as_json(answer)
        return self._reports[title, period]


def _prepared(org: LocalOrg) -> None:
    """Days at which time zones part, another currency, a deal in no forecast, an open case that was answered."""
    org.set_time_zone("America/Los_Angeles")
    year = org.clock.now().year
    account = org.insert("Account", Name="New Year Ltd")
    for close in (date(year, 1, 1), date(year, 12, 31), date(year - 1, 12, 31), date(year + 1, 1, 1)):
        shared: dict[str, Any] = {"AccountId": account, "CloseDate": close, "CurrencyIsoCode": "EUR"}
        org.insert("Opportunity", Name="Won", StageName="Closed Won", Amount=Decimal("1000.01"), **shared)
        org.insert("Opportunity", Name="Lost", StageName="Closed Lost", Amount=None, **shared)
        org.insert("Opportunity", Name="Open", StageName="Prospecting", Amount=Decimal("0.07"), **shared)
    omitted: dict[str, Any] = {"ForecastCategoryName": "Omitted", "Amount": 77, "CloseDate": date(year, 6, 1)}
    org.insert("Opportunity", Name="Omitted", StageName="Prospecting", **omitted)
    answered = org.insert("Case", Subject="Answered and open", Priority="High", Status="New")
    org.insert("CaseComment", ParentId=answered, CommentBody="Soon", IsPublished=True)


def _deleted(org: LocalOrg) -> None:
    """One of each kind goes, so that tombstones are there."""
    for name, wanted in (("Opportunity", "IsWon"), ("Lead", "IsConverted"), ("Case", "IsClosed")):
        row = next(each for each in org.rows(name) if not each["IsDeleted"] and each[wanted] is (name != "Lead"))
        org.delete(name, str(row["Id"]))


def _flat(properties: Mapping[str, Any], prefix: str = "") -> dict[str, str]:
    found: dict[str, str] = {}
    for name, each in properties.items():
        if "properties" in each:
            found |= _flat(each["properties"], f"{prefix}{name}.")
        else:
            found[prefix + name] = str(each["type"])
    return found


@pytest_asyncio.fixture(scope="package", loop_scope="session")
async def board(elasticsearch_url: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Board]:
    home = tmp_path_factory.mktemp("kibana")
    client = connect(ElasticsearchSettings(url=elasticsearch_url))
    async with running_org(size=0.02) as org:
        _prepared(org)
        world = World(org, home, elasticsearch_url, OBJECTS)
        await world.sync()
        _deleted(org)
        await world.sync()
        async with world.asking() as asking:
            made = await asking.kibana()
            found = await client.indices.get(index=f"{world.settings.elasticsearch.index_prefix}-*")
            mappings, minor, indices = {}, {}, {}
            for index, body in found.items():
                fields = body["mappings"]["_meta"]["fields"]
                for alias in body["aliases"]:
                    if not alias.endswith("-write"):
                        mappings[alias] = _flat(body["mappings"]["properties"])
                        minor[alias] = {path for path, each in fields.items() if each["type"] == "minor"}
                        indices[alias] = index
            yield Board(world, asking, client, made, mappings, minor, indices)
    for index in await client.indices.get(index=f"{world.settings.elasticsearch.index_prefix}*"):
        await client.indices.delete(index=index)
    await client.close()
