"""An org, what the product synced of it, and questions to both."""

from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from forcedex.analytics.question import Question
from forcedex.analytics.written import as_json
from forcedex.app import available_reports, opened_asking
from forcedex.asking import Asking
from forcedex.domain.errors import Refused
from forcedex.domain.principal import Operator, OrgUser, Principal
from forcedex.settings import Settings
from localorg.fixture import LocalOrg, running_org
from tests.acceptance.product import Product
from tests.analytics_oracle.asked_questions import questions
from tests.analytics_oracle.comparing_figures import Score, compare
from tests.analytics_oracle.duckdb_oracle import Ask, Oracle
from tests.analytics_oracle.groupings import ENDS, REPORTS

_COSTS = {
    "FORCEDEX_COSTS__OBJECT": "Sales_Cost__c",
    "FORCEDEX_COSTS__DAY": "Month__c",
    "FORCEDEX_COSTS__OWNER": "User__c",
    "FORCEDEX_COSTS__CAMPAIGN": "Campaign__c",
    "FORCEDEX_COSTS__ALIKE": '{"Region__c": "Region__c"}',
}

_LATER = timedelta(minutes=5)


class World:
    """One org and its index."""

    def __init__(self, org: LocalOrg, product: Product) -> None:
        self.org = org
        self.product = product

    @property
    def today(self) -> date:
        """The org's day."""
        return datetime.now(ZoneInfo(str(self.org.rows("Organization")[0]["TimeZoneSidKey"]))).date()

    async def sync(self, *command: str) -> None:
        """As people do, minutes after the last change: getDeleted tells of whole minutes that are over."""
        self.org.clock.advance(_LATER)
        code, out, err = await self.product.run(*(command or ("sync",)))
        assert code == 0, (out, err)

    def asks(self, random: Random) -> list[Ask]:
        """Every question that can be asked of this org."""
        organization = self.org.rows("Organization")[0]
        custom = any(not row["IsStandardYear"] for row in self.org.rows("FiscalYearSettings"))
        month = int(str(organization["FiscalYearStartMonth"]))
        found = questions(random, self.today, month, custom_years=custom)
        return [each for each in found if not ("day" in each.by and each.period == "last-12-months")]

    async def score(self, asks: Iterable[Ask], username: str = "") -> Score:
        """Everything asked of both, as the operator or as this user."""
        oracle = await Oracle(self.today).load(self.org.url, self.org.session(username or None))
        return await scored(oracle, settings_of(self.product.settings), asks, username)


async def scored(oracle: Oracle, settings: Settings, asks: Iterable[Ask], username: str) -> Score:
    """Each question to the product with these settings, beside the oracle's figures."""
    score = Score()
    reports = available_reports(settings)
    async with opened_asking(settings) as asking:
        person = await asking.person(username) if username else None
        principal: Principal = OrgUser(person.user_id) if person else Operator()
        for name in sorted({name.partition("@")[0] for name in REPORTS} ^ reports.keys()):
            score.tell(f"only one has the report {name}")
        for name, asked in REPORTS.items():
            definition = reports[name.partition("@")[0]]
            there = definition.as_of or definition if "@" in name else definition
            for each in sorted(asked.by.keys() ^ {one.name for one in there.dimensions}):
                score.tell(f"only one can break {name} down by {each}")
        for ask in asks:
            await _one(score, asking, principal, reports, oracle, ask)
    return score


#: First wins are told to who sees every deal.
_OF_WHO_SEES_ALL = frozenset({"cac", "new-business"})


async def _one(
    score: Score, asking: Asking, principal: Principal, reports: Mapping[str, Any], oracle: Oracle, ask: Ask
) -> None:
    question = Question(by=ask.by, period=ask.period, as_of=ask.as_of, since=str(ask.since) if ask.since else "")
    if ask.report == "pipeline-trend" and ask.period == "last-12-months":
        question = replace(question, period="")
    score.questions += 1
    try:
        answer = as_json(await asking.report(principal, reports[ask.report], question))
    except Refused as exc:
        may_be_hidden = oracle.hidden or ask.report in _OF_WHO_SEES_ALL
        if isinstance(principal, OrgUser) and "hidden" in str(exc) and may_be_hidden:
            score.refused += 1
        else:
            score.tell(f"{ask}: refused: {exc}")
        return
    total = None if ask.report == "forecast-accuracy" else oracle.total(ask)
    if ask.report == "forecast-accuracy":
        answer = {**answer, "totals": dict.fromkeys(each["name"] for each in answer["columns"])}
    if ask.report == "pipeline-trend" and ask.by[0] in ENDS:
        total = _last(oracle, ask)
    compare(score, str(ask), answer, oracle.rows(ask), total)


def _last(oracle: Oracle, ask: Ask) -> Mapping[str, Any] | None:
    """The total of a trend is that of its last point."""
    rows = oracle.rows(replace(ask, by=ask.by[:1]))
    return rows[max(rows, key=str)] if rows else None


def settings_of(given: Mapping[str, str]) -> Settings:
    """The command's settings for this process."""
    found: dict[str, Any] = {}
    for name, value in given.items():
        section, _, key = name.removeprefix("FORCEDEX_").lower().partition("__")
        found.setdefault(section, {})[key] = {"Region__c": "Region__c"} if key == "alike" else value
    return Settings(**found)


@asynccontextmanager
async def world(url: str, home: Path, *, size: float, seed: int, shards: int = 1) -> AsyncIterator[World]:
    """An org that is not synced yet."""
    async with running_org(size=size, seed=seed) as org:
        product = Product(home, org, url)
        product.settings |= {
            **_COSTS,
            "FORCEDEX_STATE__URL": f"sqlite:///{home / 'state.db'}",
            "FORCEDEX_SERVER__KEY_FILE": str(home / "key"),
        }
        if shards > 1:
            product.settings["FORCEDEX_ELASTICSEARCH__SHARDS"] = str(shards)
        yield World(org, product)
