"""Reports against plain sums over the org's own rows, by the command that people use."""

import json
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Callable, Iterable
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal
from statistics import median
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import pytest_asyncio

from localorg.fixture import LocalOrg, running_org
from tests.acceptance.product import Product

Row = dict[str, Any]


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


@pytest.fixture(scope="module")
def truth(org: LocalOrg) -> "Truth":
    return Truth(org)


class Truth:
    """The org's rows, and money as its corporate currency."""

    def __init__(self, org: LocalOrg) -> None:
        self.org = org
        self.deals = self.live("Opportunity")
        self.static = {row["IsoCode"]: Decimal(str(row["ConversionRate"])) for row in org.rows("CurrencyType")}
        self.dated: dict[str, list[Row]] = defaultdict(list)
        for row in org.rows("DatedConversionRate"):
            self.dated[str(row["IsoCode"])].append(row)
        self.zone = ZoneInfo(str(org.rows("Organization")[0]["TimeZoneSidKey"]))

    def live(self, name: str) -> list[Row]:
        return [dict(row) for row in self.org.rows(name) if not row.get("IsDeleted")]

    def amount(self, row: Row, value: Any = None) -> Decimal:
        """By the rate of the close date, to the cent."""
        value = row["Amount"] if value is None else value
        code, day = str(row["CurrencyIsoCode"]), as_date(row["CloseDate"])
        rate = next(
            (
                Decimal(str(each["ConversionRate"]))
                for each in self.dated[code]
                if as_date(each["StartDate"]) <= day < as_date(each["NextStartDate"])
            ),
            self.static[code],
        )
        return (Decimal(str(value)) / rate).quantize(Decimal("0.01"), ROUND_HALF_EVEN)

    def sum(self, rows: Iterable[Row]) -> Decimal:
        return sum((self.amount(row) for row in rows if row["Amount"] is not None), Decimal(0))

    @property
    def won(self) -> list[Row]:
        return [row for row in self.deals if row["IsWon"]]


def as_date(value: Any) -> date:
    return value if isinstance(value, date) else date.fromisoformat(str(value)[:10])


def groups(rows: Iterable[Row], key: Callable[[Row], Any]) -> dict[Any, list[Row]]:
    found: dict[Any, list[Row]] = defaultdict(list)
    for row in rows:
        found[key(row)].append(row)
    return found


async def report(product: Product, *command: str) -> Any:
    code, out, err = await product.run("report", *command, "--json")
    assert code == 0, (out, err)
    return json.loads(out)


@pytest.mark.parametrize(
    ("by", "key"),
    [
        ("month", lambda row: str(row["CloseDate"])[:7]),
        ("quarter", lambda row: f"{as_date(row['CloseDate']).year}-Q{(as_date(row['CloseDate']).month + 2) // 3}"),
        ("year", lambda row: str(row["CloseDate"])[:4]),
        ("owner", lambda row: row["OwnerId"]),
        ("account", lambda row: row["AccountId"]),
        ("Type", lambda row: row["Type"]),
    ],
)
async def test_what_was_won_adds_up_to_the_cent(
    synced: Product, truth: Truth, by: str, key: Callable[[Row], Any]
) -> None:
    found = await report(synced, "closed-won", "--by", by)
    expected = {each: (truth.sum(rows), len(rows)) for each, rows in groups(truth.won, key).items()}
    assert {row["key"][0]: (Decimal(row["amount"]), int(row["count"])) for row in found["rows"]} == expected
    assert Decimal(found["total"]) == truth.sum(truth.won)


async def test_the_rows_that_are_shown_and_the_others_add_up(synced: Product, truth: Truth) -> None:
    code, out, _ = await synced.run("report", "closed-won", "--by", "account", "--top", "3")
    assert code == 0
    assert "Other (" in out and f"{truth.sum(truth.won):,.2f}" in out


async def test_a_period_and_a_condition_narrow_and_the_records_are_as_many_as_counted(
    synced: Product, truth: Truth
) -> None:
    asked = ("closed-won", "--period", "2026", "--where", "Amount>=20000", "--by", "month")
    found = await report(synced, *asked)
    for row in found["rows"][:2]:
        listed = await report(synced, *asked, "--records", row["key"][0])
        assert listed["total"] == row["count"] == len(listed["records"])
        ids = {each["Id"] for each in listed["records"]}
        assert ids <= {each["Id"] for each in truth.won}


async def test_the_win_rate_is_won_over_closed(synced: Product, truth: Truth) -> None:
    found = await report(synced, "win-rate", "--by", "owner")
    closed = groups((row for row in truth.deals if row["IsClosed"]), lambda row: row["OwnerId"])
    for row in found["rows"]:
        rows = closed[row["key"][0]]
        won = sum(bool(each["IsWon"]) for each in rows)
        assert (row["won"], row["closed"]) == (won, len(rows))
        assert Decimal(row["rate"]) == round(Decimal(won) / len(rows), 6)
    assert found["totals"]["closed"] == sum(map(len, closed.values()))


async def test_medians_are_exact(synced: Product, truth: Truth) -> None:
    found = await report(synced, "deal-size", "--by", "year")
    for year, rows in groups(truth.won, lambda row: str(row["CloseDate"])[:4]).items():
        amounts = [truth.amount(row) for row in rows if row["Amount"] is not None]
        row = next(each for each in found["rows"] if each["key"] == [year])
        middle = median(amounts).quantize(Decimal("0.01"), ROUND_HALF_EVEN)
        assert (Decimal(row["median"]), Decimal(row["largest"])) == (middle, max(amounts))


async def test_lines_and_what_no_line_tells_add_up_to_the_deals(synced: Product, truth: Truth) -> None:
    found = await report(synced, "product-mix")
    assert Decimal(found["totals"]["amount"]) + Decimal(found["totals"]["rest"]) == truth.sum(truth.won)
    families = {row["Id"]: row["Family"] for row in truth.live("Product2")}
    won = {row["Id"]: row for row in truth.won}
    expected: dict[Any, Decimal] = defaultdict(Decimal)
    for line in truth.live("OpportunityLineItem"):
        if line["OpportunityId"] in won:
            deal = won[line["OpportunityId"]]
            expected[families[line["Product2Id"]]] += truth.amount(deal, line["TotalPrice"])
    assert {row["key"][0]: Decimal(row["amount"]) for row in found["rows"] if row["key"][0]} == dict(expected)


async def test_the_cohorts_of_leads_and_cases_are_those_of_the_local_day(synced: Product, truth: Truth) -> None:
    leads = await report(synced, "lead-conversion", "--by", "source")
    expected = Counter(row["LeadSource"] for row in truth.live("Lead"))
    assert {row["key"][0]: row["count"] for row in leads["rows"]} == expected
    cases = await report(synced, "case-volume", "--by", "month")
    days = (row["CreatedDate"].astimezone(truth.zone) for row in truth.live("Case"))
    assert {row["key"][0]: row["count"] for row in cases["rows"]} == Counter(f"{day:%Y-%m}" for day in days)


async def test_open_and_closed_deals_are_all_deals(synced: Product, truth: Truth) -> None:
    pipeline = await report(synced, "open-pipeline", "--by", "stage")
    open_ones = [row for row in truth.deals if not row["IsClosed"] and row["ForecastCategory"] != "Omitted"]
    expected = {each: truth.sum(rows) for each, rows in groups(open_ones, lambda row: row["StageName"]).items()}
    assert {row["key"][0]: Decimal(row["amount"]) for row in pipeline["rows"]} == expected
    funnel = await report(synced, "funnel")
    counts = [row["count"] for row in funnel["rows"]]
    assert counts == sorted(counts, reverse=True) and counts[0] <= len(truth.deals)


async def test_buckets_of_age_hold_every_open_deal_once(synced: Product, truth: Truth) -> None:
    found = await report(synced, "open-pipeline", "--by", "age")
    open_ones = [row for row in truth.deals if not row["IsClosed"] and row["ForecastCategory"] != "Omitted"]
    today = datetime.now(truth.zone).date()

    def age(row: Row) -> str:
        days = (today - row["CreatedDate"].astimezone(truth.zone).date()).days
        return next(
            (name for most, name in ((30, "0-30"), (60, "31-60"), (90, "61-90"), (180, "91-180")) if days <= most),
            "over-180",
        )

    expected = {each: (len(rows), truth.sum(rows)) for each, rows in groups(open_ones, age).items()}
    assert {row["key"][0]: (row["count"], Decimal(row["amount"])) for row in found["rows"]} == expected
    order = ["0-30", "31-60", "61-90", "91-180", "over-180"]
    keys = [row["key"][0] for row in found["rows"]]
    assert keys == [each for each in order if each in keys]
    listed = await report(synced, "open-pipeline", "--by", "age", "--records", keys[0])
    assert listed["total"] == found["rows"][0]["count"]
    both = await report(synced, "open-pipeline", "--by", "stage,age")
    assert sum(row["count"] for row in both["rows"]) == len(open_ones)


async def test_shares_are_of_the_total_or_of_the_row_above(synced: Product, truth: Truth) -> None:
    found = await report(synced, "closed-won", "--by", "year,Type", "--share", "parent")
    years = {year: truth.sum(rows) for year, rows in groups(truth.won, lambda row: str(row["CloseDate"])[:4]).items()}
    for row in found["rows"]:
        share = Decimal(row["amount"]) / years[row["key"][0]]
        assert Decimal(row["amount_share"]) == round(share, 6)
    found = await report(synced, "closed-won", "--by", "Type", "--share", "total")
    assert abs(sum((Decimal(row["count_share"]) for row in found["rows"]), Decimal(-1))) < Decimal("0.0001")
    assert Decimal(found["totals"]["amount_share"]) == 1


async def test_why_deals_are_lost(synced: Product, truth: Truth) -> None:
    lost = [row for row in truth.deals if row["IsClosed"] and not row["IsWon"]]
    found = await report(synced, "loss-reasons")
    assert {row["key"][0]: row["count"] for row in found["rows"]} == Counter(row["Loss_Reason__c"] for row in lost)
    closed = [row for row in truth.deals if row["IsClosed"]]
    for row in (await report(synced, "loss-drivers", "--by", "source"))["rows"]:
        mine = [each for each in closed if each["LeadSource"] == row["key"][0]]
        others = [each for each in closed if each["LeadSource"] != row["key"][0]]
        rates = [Decimal(sum(not each["IsWon"] for each in some)) / len(some) for some in (mine, others)]
        assert abs(Decimal(row["lift"]) - rates[0] / rates[1]) < Decimal("0.00001")


async def test_what_service_promised(synced: Product, truth: Truth) -> None:
    found = (await report(synced, "service-quality"))["totals"]
    closed = {row["Id"] for row in truth.live("Case") if row["IsClosed"]}
    ended = groups((row for row in truth.live("CaseMilestone") if row["CaseId"] in closed), lambda row: row["CaseId"])
    broken = {each for each, rows in ended.items() if any(row["IsViolated"] for row in rows)}
    promised = broken | {each for each, rows in ended.items() if any(row["IsCompleted"] for row in rows)}
    assert (found["promised"], found["kept"]) == (len(promised), len(promised - broken))


def quotas_of(truth: Truth, first: date, last: date) -> dict[Any, Decimal]:
    found: dict[Any, Decimal] = defaultdict(Decimal)
    for row in truth.live("ForecastingQuota"):
        if row["QuotaAmount"] is not None and first <= as_date(row["StartDate"]) <= last:
            dollars = Decimal(str(row["QuotaAmount"])) / truth.static[str(row["CurrencyIsoCode"])]
            found[row["QuotaOwnerId"]] += dollars.quantize(Decimal("0.01"), ROUND_HALF_EVEN)
    return found


def within(row: Row, first: date, last: date) -> bool:
    return first <= as_date(row["CloseDate"]) <= last


async def test_quotas_stand_beside_what_was_won_and_is_open(synced: Product, truth: Truth) -> None:
    today = datetime.now(truth.zone).date()
    first, last = date(today.year, 1, 1), date(today.year, 12, 31)
    quotas = quotas_of(truth, first, last)
    assert quotas
    won = {
        owner: truth.sum(rows)
        for owner, rows in groups(
            (row for row in truth.won if within(row, first, last)), lambda row: row["OwnerId"]
        ).items()
    }
    found = await report(synced, "quota")
    for row in found["rows"]:
        owner = row["key"][0]
        quota, sold = quotas.get(owner, Decimal(0)), won.get(owner, Decimal(0))
        assert (Decimal(row["quota"]), Decimal(row["won"])) == (quota, sold)
        if quota:
            assert Decimal(row["attainment"]) == round(sold / quota, 6)
            assert Decimal(row["gap"]) == max(quota - sold, Decimal(0))
        else:
            assert row["attainment"] is None and row["none"]["attainment"] == "no quota"
    assert Decimal(found["totals"]["quota"]) == sum(quotas.values(), Decimal(0))
    opened = [
        row
        for row in truth.deals
        if not row["IsClosed"] and row["ForecastCategory"] != "Omitted" and within(row, first, last)
    ]
    covered = (await report(synced, "coverage", "--period", "this-year"))["rows"]
    of_owner = groups(opened, lambda row: row["OwnerId"])
    for row in covered:
        assert Decimal(row["open"]) == truth.sum(of_owner[row["key"][0]])
        missing = quotas.get(row["key"][0], Decimal(0)) - won.get(row["key"][0], Decimal(0))
        if missing > 0:
            assert Decimal(row["coverage"]) == round(Decimal(row["open"]) / missing, 6)
        else:
            assert row["none"]["coverage"] in ("target met", "no quota")
    paced = await report(synced, "pacing", "--period", "this-year")
    days = [first + timedelta(days=each) for each in range((last - first).days + 1)]
    gone = sum(day.weekday() < 5 for day in days if day <= today)
    every = sum(day.weekday() < 5 for day in days)
    for row in paced["rows"]:
        due = round(quotas.get(row["key"][0], Decimal(0)) * gone / every, 2)
        assert abs(Decimal(row["due"]) - due) <= Decimal("0.01")


async def test_quotas_of_several_forecasting_types_are_not_added_up(synced: Product, truth: Truth) -> None:
    types = {row["ForecastingTypeId"] for row in truth.live("ForecastingQuota") if row["QuotaAmount"] is not None}
    code, _, err = await synced.run("report", "quota")
    assert (code == 0) is (len(types) == 1), err


async def test_campaigns_bring_what_their_deals_won_less_what_they_cost(synced: Product, truth: Truth) -> None:
    found = await report(synced, "campaign-return")
    campaigns = {row["Id"]: row for row in truth.live("Campaign")}
    deals = groups(truth.deals, lambda row: row["CampaignId"])
    for row in found["rows"]:
        campaign = campaigns.get(row["key"][0])
        won = truth.sum(each for each in deals[row["key"][0]] if each["IsWon"])
        cost = Decimal(0)
        if campaign and campaign["ActualCost"] is not None:
            rate = truth.static[str(campaign["CurrencyIsoCode"])]
            cost = (Decimal(str(campaign["ActualCost"])) / rate).quantize(Decimal("0.01"), ROUND_HALF_EVEN)
        assert (Decimal(row["won_amount"]), Decimal(row["cost"])) == (won, cost)
        assert row["return"] is None if cost <= 0 else Decimal(row["return"]) == round((won - cost) / cost, 6)


async def test_sales_efficiency_is_sales_over_costs_and_costs_of_nobody_stand_apart(
    synced: Product, truth: Truth
) -> None:
    code, _, err = await synced.run("report", "efficiency")
    assert code == 2 and "[costs]" in err
    synced.settings |= {
        "FORCEDEX_COSTS__OBJECT": "Sales_Cost__c",
        "FORCEDEX_COSTS__DAY": "Month__c",
        "FORCEDEX_COSTS__OWNER": "User__c",
    }
    costs: dict[Any, Decimal] = defaultdict(Decimal)
    for row in truth.live("Sales_Cost__c"):
        dollars = Decimal(str(row["Amount__c"])) / truth.static[str(row["CurrencyIsoCode"])]
        costs[row["User__c"]] += dollars.quantize(Decimal("0.01"), ROUND_HALF_EVEN)
    sales = {owner: truth.sum(rows) for owner, rows in groups(truth.won, lambda row: row["OwnerId"]).items()}
    found = await report(synced, "efficiency", "--by", "owner")
    assert {row["key"][0] for row in found["rows"]} == costs.keys() | sales.keys()
    for row in found["rows"]:
        mine, spent = sales.get(row["key"][0], Decimal(0)), costs.get(row["key"][0], Decimal(0))
        assert (Decimal(row["sales"]), Decimal(row["costs"])) == (mine, spent)
        assert Decimal(row["left"]) == mine - spent
        if row["key"] == [None]:
            assert row["efficiency"] is None and row["none"]["efficiency"] == "unallocated"
        elif spent:
            assert abs(Decimal(row["efficiency"]) - mine / spent) < Decimal("0.000001")
        else:
            assert row["efficiency"] is None and row["none"]["efficiency"] == "no cost recorded"
    nobodys = next(row for row in found["rows"] if row["key"] == [None])
    assert nobodys["label"] == "(unallocated)" and Decimal(nobodys["costs"]) == costs[None] > 0
    total = sum(sales.values(), Decimal(0)) / sum(costs.values(), Decimal(0))
    assert abs(Decimal(found["totals"]["efficiency"]) - total) < Decimal("0.000001")


async def test_the_leaderboard_has_the_quotas_that_somebody_may_see(
    synced: Product, truth: Truth, org: LocalOrg
) -> None:
    first, last = date(2026, 1, 1), date(2026, 6, 30)
    asked = ("leaderboard", "--period", f"{first}..{last}")
    quotas = quotas_of(truth, first, last)
    won = {
        owner: truth.sum(row for row in rows if within(row, first, last))
        for owner, rows in groups(truth.won, lambda row: row["OwnerId"]).items()
    }
    found = await report(synced, *asked)
    assert {row["key"][0]: Decimal(row["quota"]) for row in found["rows"] if Decimal(row["quota"])} == quotas
    for row in found["rows"]:
        quota, sold = quotas.get(row["key"][0], Decimal(0)), won.get(row["key"][0], Decimal(0))
        if quota:
            assert abs(Decimal(row["attainment"]) - sold / quota) < Decimal("0.000001")
        else:
            assert row["attainment"] is None and row["none"]["attainment"] == "no quota"
    people = {str(row["Username"]): str(row["Id"]) for row in org.rows("User") if row["IsActive"]}
    managers = {str(row["ForecastUserId"]) for row in org.rows("UserRole") if row["ForecastUserId"]}
    leading = {name: user for name, user in people.items() if user in managers}
    manager = min(name for name, user in leading.items() if len(org.readable_ids(user, "ForecastingQuota")) > 1)
    for name in (manager, "jonas.weidner@tarnholt.example"):
        mine = org.readable_ids(people[name], "ForecastingQuota")
        owners = {row["QuotaOwnerId"] for row in truth.live("ForecastingQuota") if row["Id"] in mine}
        told = (await report(synced, *asked, "--as", name))["rows"]
        assert {row["key"][0]: Decimal(row["quota"]) for row in told if Decimal(row["quota"])} == {
            owner: quota for owner, quota in quotas.items() if owner in owners
        }
        assert owners and (owners == {people[name]}) is (name != manager)
    org.update("User", people["jonas.weidner@tarnholt.example"], ForecastEnabled=False)
    assert (await synced.run("sync"))[0] == 0
    none = await report(synced, *asked, "--as", "jonas.weidner@tarnholt.example")
    assert none["rows"] and all("quota" not in row for row in none["rows"])
    assert any("Not shown" in each and "Quota" in each for each in none["notes"])


async def test_somebodys_report_is_of_what_he_may_see(synced: Product, org: LocalOrg) -> None:
    everything = await report(synced, "closed-won", "--by", "owner")
    own = await report(synced, "closed-won", "--by", "owner", "--as", "jonas.weidner@tarnholt.example")
    whole = {row["key"][0]: Decimal(row["amount"]) for row in everything["rows"]}
    assert 0 < len(own["rows"]) < len(whole)
    assert all(Decimal(row["amount"]) <= whole[row["key"][0]] for row in own["rows"])
    code, _, err = await synced.run("report", "closed-won", "--as", "nele.vollmer@tarnholt.example")
    assert code == 1 and "hidden from this person: Amount" in err


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (("closed-won", "--by", "nothing"), "has no dimension nothing"),
        (("closed-won", "--period", "soon"), "is no period"),
        (("closed-won", "--where", "Amnt=3"), "have no Amnt"),
        (("closed-won", "--where", "Amount>=x"), "is no value of Amount"),
        (("closed-won", "--by", "month,owner,type"), "at most two"),
        (("closed-won", "--records", "a,b"), "has 1 keys"),
        (("slipped", "--period", "all"), "@end is not known"),
    ],
)
async def test_what_cannot_be_answered_is_refused_in_a_sentence(
    synced: Product, command: tuple[str, ...], said: str
) -> None:
    code, out, err = await synced.run("report", *command)
    assert (code, out) == (1, "")
    assert said in err and "Traceback" not in err


async def test_the_reports_are_listed_and_explained(synced: Product) -> None:
    code, out, _ = await synced.run("report", "--list", "--json")
    assert code == 0 and {"closed-won", "win-rate", "funnel"} <= {each["name"] for each in json.loads(out)}
    code, out, _ = await synced.run("report", "win-rate", "--definition")
    assert code == 0 and json.loads(out)["formula"]
    code, _, err = await synced.run("report", "no-such")
    assert code == 2 and "--list" in err


async def test_the_dashboard_is_the_reports_side_by_side(synced: Product) -> None:
    tiles = json.loads((await synced.run("report", "dashboard", "--period", "this-year", "--json"))[1])
    assert len(tiles) == 15
    told = {each["tile"]: each["report"] for each in tiles}
    for name, by in (("closed-won", "month"), ("open-pipeline", "stage"), ("leaderboard", "owner")):
        days = () if name == "open-pipeline" else ("--period", "this-year", "--compare", "previous-year")
        alone = json.loads((await synced.run("report", name, "--by", by, *days, "--json"))[1])
        assert told[name]["total"] == alone["total"] and told[name]["totals"] == alone["totals"]


async def test_a_tile_that_cannot_be_told_says_why_and_the_others_are_there(synced: Product) -> None:
    out = (await synced.run("report", "dashboard", "--where", "StageName=Closed Won", "--json"))[1]
    tiles = {each["tile"]: each for each in json.loads(out)}
    assert tiles["case-volume"]["report"] is None and "StageName" in tiles["case-volume"]["why"]
    assert tiles["closed-won"]["report"] is not None


async def test_the_dashboard_is_one_file_without_scripts(synced: Product) -> None:
    target = synced.home / "board.html"
    code, out, err = await synced.run("report", "dashboard", "--format", "html", "--output", str(target))
    assert (code, out) == (0, ""), err
    text = target.read_text(encoding="utf-8")
    assert (
        text.count("<article") == 15 and "<script" not in text and "https://" not in text.replace("http://www.w3", "")
    )
    assert (await synced.run("report", "dashboard", "--output", str(target)))[0] != 0
    assert (await synced.run("report", "dashboard", "--format", "csv"))[0] != 0
    nowhere = str(synced.home / "no such folder" / "x.html")
    code, _, err = await synced.run("report", "closed-won", "--format", "html", "--output", nowhere)
    assert code == 1 and "cannot be written" in err
