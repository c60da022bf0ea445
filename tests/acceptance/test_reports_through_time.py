"""Reports of other days against a plain walk through the org's own history rows, by the command that people use."""

import json
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import pytest_asyncio

from localorg.fixture import LocalOrg, running_org
from tests.acceptance.product import Product

Row = dict[str, Any]
CENT = Decimal("0.01")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def org() -> AsyncIterator[LocalOrg]:
    async with running_org(size=0.05) as org:
        yield org


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def synced(
    org: LocalOrg, elasticsearch_url: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Product]:
    product = Product(tmp_path_factory.mktemp("home"), org, elasticsearch_url)
    code, _, err = await product.run("sync")
    assert code == 0, err
    yield product


@dataclass(frozen=True)
class State:
    """How a deal stood."""

    stage: str
    close: date
    amount: Decimal
    category: str
    is_open: bool
    won: bool


class History:
    """The org's deals through time."""

    def __init__(self, org: LocalOrg) -> None:
        self.deals: dict[str, Row] = {
            str(row["Id"]): dict(row) for row in org.rows("Opportunity") if not row["IsDeleted"]
        }
        self.rows: dict[str, list[Row]] = defaultdict(list)
        for row in org.rows("OpportunityHistory"):
            if not row["IsDeleted"]:
                self.rows[str(row["OpportunityId"])].append(dict(row))
        for rows in self.rows.values():
            rows.sort(key=lambda row: (row["CreatedDate"], row["Id"]))
        self.stages: dict[str, Row] = {str(row["ApiName"]): dict(row) for row in org.rows("OpportunityStage")}
        self.static = {row["IsoCode"]: Decimal(str(row["ConversionRate"])) for row in org.rows("CurrencyType")}
        self.dated: dict[str, list[Row]] = defaultdict(list)
        for row in org.rows("DatedConversionRate"):
            self.dated[str(row["IsoCode"])].append(dict(row))
        self.zone = ZoneInfo(str(org.rows("Organization")[0]["TimeZoneSidKey"]))
        self.today = datetime.now(self.zone).date()

    def dollars(self, deal: Row, amount: Any) -> Decimal:
        """By the rate of the close date that the deal has now."""
        if amount is None:
            return Decimal(0)
        code, day = str(deal["CurrencyIsoCode"]), as_date(deal["CloseDate"])
        rate = next(
            (
                Decimal(str(each["ConversionRate"]))
                for each in self.dated[code]
                if as_date(each["StartDate"]) <= day < as_date(each["NextStartDate"])
            ),
            self.static[code],
        )
        return (Decimal(str(amount)) / rate).quantize(CENT, ROUND_HALF_EVEN)

    def state(self, deal: Row, row: Row) -> State:
        stage = self.stages[row["StageName"]]
        return State(
            stage=row["StageName"],
            close=as_date(row["CloseDate"]),
            amount=self.dollars(deal, row["Amount"]),
            category=row["ForecastCategory"],
            is_open=not stage["IsClosed"],
            won=bool(stage["IsWon"]),
        )

    def at(self, deal_id: str, day: date) -> State | None:
        """At the end of a local day; None before it was there."""
        until = datetime.combine(day + timedelta(days=1), time.min, self.zone)
        known = [row for row in self.rows[deal_id] if row["CreatedDate"] < until]
        return self.state(self.deals[deal_id], known[-1]) if known else None

    def all_at(self, day: date) -> Iterator[tuple[str, State]]:
        for each in self.deals:
            state = self.at(each, day)
            if state is not None:
                yield each, state

    def steps(self, deal_id: str, first: date, last: date) -> Iterator[tuple[State | None, State]]:
        """Every change in these days, the last of each second."""
        begin, end = (datetime.combine(day, time.min, self.zone) for day in (first, last + timedelta(days=1)))
        kept = list({row["CreatedDate"].replace(microsecond=0): row for row in self.rows[deal_id]}.values())
        deal = self.deals[deal_id]
        for before, row in zip([None, *kept], kept, strict=False):
            if begin <= row["CreatedDate"] < end:
                yield self.state(deal, before) if before else None, self.state(deal, row)


@pytest.fixture(scope="module")
def history(org: LocalOrg) -> History:
    return History(org)


def as_date(value: Any) -> date:
    return value if isinstance(value, date) else date.fromisoformat(str(value)[:10])


async def report(product: Product, *command: str) -> Any:
    code, out, err = await product.run("report", *command, "--json")
    assert code == 0, (out, err)
    return json.loads(out)


def pipeline(history: History, day: date) -> dict[str, tuple[int, Decimal]]:
    found: dict[str, tuple[int, Decimal]] = {}
    for _, state in history.all_at(day):
        if state.is_open and state.category != "Omitted":
            many, amount = found.get(state.stage, (0, Decimal(0)))
            found[state.stage] = many + 1, amount + state.amount
    return found


@pytest.mark.parametrize("days", [0, 1, 45, 200, 365])
async def test_the_pipeline_of_another_day_is_what_was_open_then(synced: Product, history: History, days: int) -> None:
    day = history.today - timedelta(days=days)
    found = await report(synced, "open-pipeline", "--as-of", str(day))
    told = {row["key"][0]: (row["count"], Decimal(row["amount"])) for row in found["rows"]}
    assert told == pipeline(history, day) and found["as_of"] == str(day)


async def test_as_of_today_is_the_pipeline_of_now(synced: Product, history: History) -> None:
    now = await report(synced, "open-pipeline")
    then = await report(synced, "open-pipeline", "--as-of", str(history.today))
    assert now["total"] == then["total"] and now["count"] == then["count"]


async def test_the_trend_is_the_pipeline_at_the_end_of_each_month_and_of_today(
    synced: Product, history: History
) -> None:
    found = await report(synced, "pipeline-trend")
    days = [date.fromisoformat(row["key"][0]) for row in found["rows"]]
    assert days[-1] == history.today and len(days) >= 12
    assert all((day + timedelta(days=1)).day == 1 for day in days[:-1])
    for day, row in zip(days, found["rows"], strict=True):
        expected = pipeline(history, day).values()
        assert row["count"] == sum(many for many, _ in expected)
        assert Decimal(row["amount"]) == sum((amount for _, amount in expected), Decimal(0))
    assert found["total"] == (await report(synced, "open-pipeline"))["total"] == found["rows"][-1]["amount"]
    by_stage = await report(synced, "pipeline-trend", "--by", "quarter,stage")
    last = {row["key"][1]: row["count"] for row in by_stage["rows"] if row["key"][0] == str(history.today)}
    assert last == {stage: many for stage, (many, _) in pipeline(history, history.today).items()}


def net(history: History, window: tuple[date, date], since: date, until: date) -> dict[str, tuple[int, Decimal]]:
    """The classes by their definitions, deal by deal."""
    found: dict[str, tuple[int, Decimal]] = {}

    def add(name: str, amount: Decimal) -> None:
        many, so_far = found.get(name, (0, Decimal(0)))
        found[name] = many + 1, so_far + amount

    def within(state: State | None) -> bool:
        return state is not None and state.is_open and window[0] <= state.close <= window[1]

    for each in history.deals:
        before, after = history.at(each, since - timedelta(days=1)), history.at(each, until)
        if within(before):
            assert before is not None
            add("start", before.amount)
        if within(after):
            assert after is not None
            add("end", after.amount)
        if within(before) and within(after):
            assert before is not None and after is not None
            change = after.amount - before.amount
            if change:
                add("increased" if change > 0 else "decreased", change)
        elif within(after):
            assert after is not None
            add("created" if before is None else "pulled_in" if before.is_open else "reopened", after.amount)
        elif within(before):
            assert before is not None and after is not None
            name = "won" if after.won else "lost" if not after.is_open else ""
            add(name or ("pushed_out" if after.close > window[1] else "pulled_earlier"), -before.amount)
    return found


@pytest.mark.parametrize("back", [0, 1, 3])
async def test_the_waterfall_adds_up_and_has_each_deal_in_one_bar(synced: Product, history: History, back: int) -> None:
    first = (history.today.replace(day=1) - timedelta(days=91 * back)).replace(day=1)
    last = first + timedelta(days=120)
    since = first - timedelta(days=20)
    until = min(last, history.today)
    command = ("waterfall", "--period", f"{first}..{last}", "--since", str(since), "--as-of", str(until))
    found = await report(synced, *command)
    told = {row["key"][0]: (row["count"], Decimal(row["amount"])) for row in found["rows"]}
    expected = net(history, (first, last), since, until)
    assert {name: value for name, value in told.items() if value[0]} == expected
    bars = sum((amount for name, (_, amount) in told.items() if name not in ("start", "end")), Decimal(0))
    assert told["start"][1] + bars == told["end"][1]
    assert Decimal(found["total"]) == told["end"][1] - told["start"][1]
    for row in found["rows"][:4]:
        listed = await report(synced, *command, "--records", row["key"][0])
        assert listed["total"] == row["count"] == len({each["Id"] for each in listed["records"]})


async def test_all_changes_by_themselves_add_up_to_those_of_the_waterfall(synced: Product, history: History) -> None:
    first, last = history.today - timedelta(days=60), history.today + timedelta(days=60)
    window = ("--period", f"{first}..{last}", "--since", str(first))
    found = await report(synced, "waterfall-gross", *window)
    told = {row["key"][0]: row["count"] for row in found["rows"]}
    expected: Counter[str] = Counter()
    for each in history.deals:
        for before, after in history.steps(each, first, history.today):
            was, now = (
                state is not None and state.is_open and first <= state.close <= last for state in (before, after)
            )
            if now and not was:
                expected["created" if before is None else "pulled_in" if before.is_open else "reopened"] += 1
            elif was and now:
                assert before is not None
                if after.amount != before.amount:
                    expected["increased" if after.amount > before.amount else "decreased"] += 1
            elif was:
                name = "won" if after.won else "lost" if not after.is_open else ""
                expected[name or ("pushed_out" if after.close > last else "pulled_earlier")] += 1
    assert told == dict(expected)
    for by in ("account", "account,change", "type"):
        otherwise = await report(synced, "waterfall-gross", *window, "--by", by)
        assert (otherwise["total"], otherwise["count"]) == (found["total"], found["count"])
        assert sum(Decimal(row["amount"]) for row in otherwise["rows"]) == Decimal(found["total"])
        assert sum(row["count"] for row in otherwise["rows"]) == found["count"]
    net_one = await report(synced, "waterfall", *window)
    assert Decimal(found["totals"]["amount"]) == Decimal(net_one["totals"]["amount"])


async def test_the_push_rate_is_of_the_deals_that_were_expected(synced: Product, history: History) -> None:
    first = (history.today.replace(day=1) - timedelta(days=100)).replace(day=1)
    last = first + timedelta(days=90)
    found = await report(synced, "push-rate", "--period", f"{first}..{last}", "--as-of", str(last))
    expected = net(history, (first, last), first, last)
    told = {row["key"][0]: row["count"] for row in found["rows"]}
    for name in ("won", "lost", "pushed_out", "pulled_earlier"):
        assert told.get(name, 0) == expected.get(name, (0, 0))[0]
    assert found["count"] == expected["start"][0]


async def test_forecast_accuracy_is_commit_and_closed_then_over_what_was_won(synced: Product, history: History) -> None:
    first = (history.today.replace(day=1) - timedelta(days=130)).replace(day=1)
    last = first + timedelta(days=91)
    found = await report(synced, "forecast-accuracy", "--period", f"{first}..{last}")
    won = sum(
        (
            history.dollars(deal, deal["Amount"])
            for deal in history.deals.values()
            if deal["IsWon"] and first <= as_date(deal["CloseDate"]) <= last
        ),
        Decimal(0),
    )
    for row in found["rows"]:
        day = last - timedelta(days=int(row["key"][0]))
        forecast = sum(
            (
                state.amount
                for _, state in history.all_at(day)
                if state.category in ("Forecast", "Closed")
                and (state.is_open or state.won)
                and first <= state.close <= last
            ),
            Decimal(0),
        )
        assert (Decimal(row["forecast"]), Decimal(row["actual"])) == (forecast, won)
        assert Decimal(row["accuracy"]) == round(1 - abs(forecast - won) / won, 6)


async def test_the_forecast_of_another_day_counts_what_was_not_lost_then(synced: Product, history: History) -> None:
    day = history.today - timedelta(days=80)
    first, last = day - timedelta(days=30), day + timedelta(days=60)
    found = await report(synced, "forecast", "--period", f"{first}..{last}", "--as-of", str(day))
    expected: dict[str, Decimal] = defaultdict(Decimal)
    for _, state in history.all_at(day):
        if first <= state.close <= last and state.category != "Omitted" and (state.is_open or state.won):
            expected[state.category] += state.amount
    assert {row["key"][0]: Decimal(row["amount"]) for row in found["rows"]} == dict(expected)


async def test_velocity_is_its_four_factors(synced: Product, history: History) -> None:
    found = await report(synced, "velocity", "--by", "source", "--period", "last-6-months")
    row = found["totals"]
    value = (
        Fraction(row["open"]) * Fraction(str(row["rate"])) * Fraction(str(row["size"])) / Fraction(str(row["cycle"]))
    )
    assert abs(Fraction(str(row["velocity"])) - value) <= Fraction(1, 100)
    opened = [each for each in history.deals.values() if not each["IsClosed"] and each["ForecastCategory"] != "Omitted"]
    assert row["open"] == len(opened)
    assert {each["key"][0]: each["open"] for each in found["rows"] if each["open"]} == Counter(
        each["LeadSource"] for each in opened
    )


async def test_stalled_deals_are_longer_in_their_stage_than_three_quarters_of_stays(
    synced: Product, history: History
) -> None:
    stays: dict[str, list[int]] = defaultdict(list)
    for each in history.deals:
        entered: datetime | None = None
        rows = list({row["CreatedDate"].replace(microsecond=0): row for row in history.rows[each]}.values())
        for before, row in zip([None, *rows], rows, strict=False):
            entered = entered or row["CreatedDate"]
            if before and before["StageName"] != row["StageName"]:
                if not history.stages[before["StageName"]]["IsClosed"]:
                    stays[before["StageName"]].append(int((row["CreatedDate"] - entered).total_seconds()))
                entered = row["CreatedDate"]
    limits = {}
    for stage, seconds in stays.items():
        place = Fraction(3, 4) * (len(seconds) - 1)
        ordered = sorted(seconds)
        low = ordered[int(place)]
        high = ordered[min(int(place) + 1, len(ordered) - 1)]
        days = (low + (high - low) * (place - int(place))) / 86_400
        limits[stage] = int(days) + (days != int(days))
    found = await report(synced, "stalled")
    slow = Counter(
        deal["StageName"]
        for each, deal in history.deals.items()
        if not deal["IsClosed"]
        and deal["StageName"] in limits
        and last_entered(history.rows[each]).astimezone(history.zone).date()
        < history.today - timedelta(days=limits[deal["StageName"]])
    )
    assert {row["key"][0]: row["slow"] for row in found["rows"] if row["slow"]} == dict(slow)
    assert all(row["slow"] <= row["stalled"] <= row["count"] for row in found["rows"])


def last_entered(rows: list[Row]) -> datetime:
    """Since when a deal is in its stage."""
    entered = rows[-1]
    for row in reversed(rows):
        if row["StageName"] != rows[-1]["StageName"]:
            break
        entered = row
    found: datetime = entered["CreatedDate"]
    return found


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (("win-rate", "--as-of", "2026-01-01"), "told of now alone"),
        (("open-pipeline", "--as-of", "2999-01-01"), "not over yet"),
        (("open-pipeline", "--since", "yesterday"), "tells no changes"),
        (("waterfall", "--since", "long-ago"), "no beginning"),
        (("waterfall", "--by", "owner"), "no dimension owner"),
        (("waterfall", "--period", "all"), "no period"),
        (("pipeline-trend", "--by", "day", "--period", "2024-01-01..2025-12-31"), "more than 120"),
        (("pipeline-trend", "--period", "2999"), "lies in the future"),
        (("pipeline-trend", "--by", "stage"), "told of the ends of day, week, month, quarter"),
        (("pipeline-trend", "--by", "month,week"), "one row of time"),
    ],
)
async def test_what_cannot_be_told_is_refused(synced: Product, command: tuple[str, ...], said: str) -> None:
    code, out, err = await synced.run("report", *command)
    assert code == 1 and said in err, (out, err)


async def test_a_day_that_is_none_is_wrong_usage(synced: Product) -> None:
    code, _, err = await synced.run("report", "open-pipeline", "--as-of", "yesterday")
    assert code == 2 and "2026-03-31" in err
