"""Quotas: Object Reference, ForecastingQuota, ForecastingType."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
import pytest_asyncio

from localorg.fixture import LocalOrg
from tests.localorg.api import Api

OWNERS = "SELECT QuotaOwner.LastName FROM ForecastingQuota ORDER BY QuotaOwner.LastName"


@pytest_asyncio.fixture(loop_scope="session")
async def people(org: LocalOrg) -> dict[str, str]:
    """A boss, two reps below him who may forecast, and somebody who may not."""
    top = org.create_role("Head")
    below = org.create_role("Sales", parent=top)
    found = {}
    for name, role in (("Boss", top), ("Rep", below), ("Other", below), ("Clerk", below)):
        found[name] = org.create_user(
            f"{name.lower()}@localorg.example",
            profile="Standard User",
            role=role,
            LastName=name,
            ForecastEnabled=name != "Clerk",
        )
    return found


async def give(api: Api, owner: str, day: str = "2026-03-01", **fields: object) -> str:
    (kind,) = await api.names("SELECT Id FROM ForecastingType")
    body = {"QuotaOwnerId": owner, "StartDate": day, "ForecastingTypeId": kind, "QuotaAmount": 5000} | fields
    return await api.create("ForecastingQuota", **body)


async def test_a_quota_finds_its_period_and_is_of_an_amount(api: Api, people: dict[str, str]) -> None:
    api.org.set_fiscal_year(1)
    quota = await give(api, people["Rep"], CurrencyIsoCode="EUR")
    soql = f"SELECT Period.StartDate, Period.Type, QuotaAmount, IsAmount FROM ForecastingQuota WHERE Id = '{quota}'"
    (row,) = (await api.query(soql))["records"]
    assert (row["Period"]["StartDate"], row["Period"]["Type"]) == ("2026-03-01", "Month")
    assert (row["QuotaAmount"], row["IsAmount"]) == (5000.0, True)
    await api.patch(f"sobjects/ForecastingQuota/{quota}", {"QuotaAmount": 6000})
    await api.delete(f"sobjects/ForecastingQuota/{quota}")
    assert (await api.query("SELECT COUNT() FROM ForecastingQuota"))["totalSize"] == 0


@pytest.mark.parametrize(
    ("day", "fields", "code"),
    [
        ("2026-03-02", {}, "FIELD_INTEGRITY_EXCEPTION"),
        ("2026-03-01", {"QuotaQuantity": 3}, "FIELD_INTEGRITY_EXCEPTION"),
        ("2026-02-01", {}, "DUPLICATE_VALUE"),
    ],
    ids=["no period", "a quantity", "a second one"],
)
async def test_a_quota_that_cannot_be_is_refused(
    api: Api, people: dict[str, str], day: str, fields: dict[str, object], code: str
) -> None:
    api.org.clock.freeze(datetime(2026, 3, 18, tzinfo=UTC))
    await give(api, people["Rep"], "2026-02-01")
    (kind,) = await api.names("SELECT Id FROM ForecastingType")
    body = {"QuotaOwnerId": people["Rep"], "StartDate": day, "ForecastingTypeId": kind, "QuotaAmount": 1} | fields
    assert (await api.error("POST", "sobjects/ForecastingQuota", body))[0] == code


async def test_forecasts_are_seen_by_their_owner_forecast_managers_above_and_who_views_all(
    org: LocalOrg, api: Api, people: dict[str, str]
) -> None:
    rows = {name: await give(api, people[name]) for name in ("Boss", "Rep", "Other")}
    boss = Api(org, org.login_as(people["Boss"]))
    assert [one["LastName"] for one in await boss.names(OWNERS)] == ["Boss"]  # no forecast manager yet
    assert org.readable_ids(people["Boss"], "ForecastingQuota") == {rows["Boss"]}
    await boss.close()
    lead_by(org, people)
    for name, seen in (("Boss", ["Boss", "Other", "Rep"]), ("Rep", ["Rep"]), ("Other", ["Other"])):
        him = Api(org, org.login_as(people[name]))
        assert [one["LastName"] for one in await him.names(OWNERS)] == seen
        assert org.readable_ids(people[name], "ForecastingQuota") == {rows[one] for one in seen}
        await him.close()
    clerk = Api(org, org.login_as(people["Clerk"]))
    assert (await clerk.query_error(OWNERS))[0] == "INVALID_TYPE"
    org.create_permission_set("Forecasts", "ViewAllForecasts")
    org.assign_permission_set(people["Clerk"], "Forecasts")
    assert len(await clerk.names(OWNERS)) == 3
    reason = org.may_read(people["Clerk"], rows["Boss"])
    assert reason is not None and reason.rule == "ViewAllForecasts"
    await clerk.close()


async def test_quotas_are_given_by_who_manages_them_and_not_to_oneself(
    org: LocalOrg, api: Api, people: dict[str, str]
) -> None:
    lead_by(org, people)
    mine = await give(api, people["Boss"])
    boss = Api(org, org.login_as(people["Boss"]))
    (kind,) = await boss.names("SELECT Id FROM ForecastingType")
    body = {"QuotaOwnerId": people["Rep"], "StartDate": "2026-03-01", "ForecastingTypeId": kind, "QuotaAmount": 1}
    assert (await boss.error("POST", "sobjects/ForecastingQuota", body, status=403))[0].startswith("INSUFFICIENT")
    org.create_permission_set("Quotas", "ManageQuotas")
    org.assign_permission_set(people["Boss"], "Quotas")
    theirs = await give(boss, people["Rep"])
    await boss.patch(f"sobjects/ForecastingQuota/{theirs}", {"QuotaAmount": 2})
    own = body | {"QuotaOwnerId": people["Boss"], "StartDate": "2026-04-01"}
    assert (await boss.error("POST", "sobjects/ForecastingQuota", own, status=403))[0].startswith("INSUFFICIENT")
    change: dict[str, object] = {"QuotaOwnerId": people["Boss"], "StartDate": "2026-04-01"}
    code, _, _ = await boss.error("PATCH", f"sobjects/ForecastingQuota/{theirs}", change, status=403)
    assert code == "INSUFFICIENT_ACCESS_OR_READONLY"
    change = {"QuotaAmount": 2}
    assert (await boss.error("PATCH", f"sobjects/ForecastingQuota/{mine}", change, status=403))[0].startswith("INSUFF")
    await boss.close()


async def test_forecasting_objects_send_no_change_events(org: LocalOrg) -> None:
    for name in ("ForecastingQuota", "Period", "Holiday", "BusinessHours", "CaseMilestone", "CampaignInfluence"):
        with pytest.raises(ValueError):
            org.select_for_cdc([name])
    org.select_for_cdc(["EmailMessage"])


ITEMS = "SELECT Owner.LastName, ForecastingItemCategory, OwnerOnlyAmount, ForecastAmount FROM ForecastingItem"
Items = dict[tuple[str, str], tuple[float, float]]


async def items(api: Api, where: str = "") -> Items:
    """Own and whole amounts by owner and category, without those that came to nothing."""
    rows = (await api.query(ITEMS + where))["records"]
    found = {
        (row["Owner"]["LastName"], row["ForecastingItemCategory"]): (row["OwnerOnlyAmount"], row["ForecastAmount"])
        for row in rows
    }
    return {key: amounts for key, amounts in found.items() if any(amounts)}


def deal(org: LocalOrg, owner: str, stage: str, amount: int, **fields: object) -> str:
    values = {"Name": stage, "StageName": stage, "CloseDate": date(2026, 3, 31), "CurrencyIsoCode": "USD"} | fields
    return org.insert("Opportunity", OwnerId=owner, Amount=Decimal(amount), **values)  # type: ignore[arg-type]  # values


def lead_by(org: LocalOrg, people: dict[str, str]) -> None:
    """The boss forecasts for his role."""
    role = org.rows("User")
    head = next(row["UserRoleId"] for row in role if row["Id"] == people["Boss"])
    org.update("UserRole", str(head), ForecastUserId=people["Boss"])
    org.set_fiscal_year(1)


async def test_items_add_up_what_somebody_owns_and_those_below_him(
    org: LocalOrg, api: Api, people: dict[str, str]
) -> None:
    lead_by(org, people)
    deal(org, people["Rep"], "Closed Won", 100)
    deal(org, people["Rep"], "Prospecting", 46, CurrencyIsoCode="EUR")
    deal(org, people["Other"], "Negotiation/Review", 7, ForecastCategoryName="Commit")
    deal(org, people["Clerk"], "Closed Won", 1000)  # does not forecast
    deal(org, people["Rep"], "Closed Lost", 1000)  # is omitted
    assert await items(api) == {
        ("Rep", "OpenPipeline"): (50.0, 50.0),
        ("Rep", "BestCaseForecast"): (100.0, 100.0),
        ("Rep", "MostLikelyForecast"): (100.0, 100.0),
        ("Rep", "CommitForecast"): (100.0, 100.0),
        ("Rep", "ClosedOnly"): (100.0, 100.0),
        ("Other", "OpenPipeline"): (7.0, 7.0),
        ("Other", "BestCaseForecast"): (7.0, 7.0),
        ("Other", "MostLikelyForecast"): (7.0, 7.0),
        ("Other", "CommitForecast"): (7.0, 7.0),
        ("Boss", "OpenPipeline"): (0.0, 57.0),
        ("Boss", "BestCaseForecast"): (0.0, 107.0),
        ("Boss", "MostLikelyForecast"): (0.0, 107.0),
        ("Boss", "CommitForecast"): (0.0, 107.0),
        ("Boss", "ClosedOnly"): (0.0, 100.0),
    }
    parents = await api.names(
        "SELECT ParentForecastingItem.Owner.LastName FROM ForecastingItem WHERE Owner.Name = 'Rep'"
    )
    assert {parent["Owner"]["LastName"] for parent in parents} == {"Boss"}
    assert api.org.calculate_forecasts() == 0


async def test_items_follow_every_change_of_an_opportunity(org: LocalOrg, api: Api, people: dict[str, str]) -> None:
    lead_by(org, people)
    one = deal(org, people["Rep"], "Closed Won", 100)
    closed = " WHERE ForecastingItemCategory = 'ClosedOnly'"
    stamp = (await api.names(f"SELECT SystemModstamp FROM ForecastingItem{closed}"))[0]
    org.clock.advance(timedelta(seconds=5))
    org.update("Opportunity", one, Amount=Decimal(60), OwnerId=people["Other"])
    assert await items(api, closed) == {("Other", "ClosedOnly"): (60.0, 60.0), ("Boss", "ClosedOnly"): (0.0, 60.0)}
    assert (await api.names(f"SELECT max(SystemModstamp) FROM ForecastingItem{closed}"))[0] > stamp
    org.update("Opportunity", one, CloseDate=date(2026, 4, 1))
    april = f"{closed} AND Period.StartDate = 2026-04-01"
    assert await items(api, april) == await items(api, closed)
    org.delete("Opportunity", one)
    assert await items(api) == {}
    org.undelete("Opportunity", one)
    assert await items(api, april) == {("Other", "ClosedOnly"): (60.0, 60.0), ("Boss", "ClosedOnly"): (0.0, 60.0)}
    # Of people and rates the org takes notice when it adds up all.
    org.update("User", people["Other"], ForecastEnabled=False)
    assert org.calculate_forecasts() > 0
    assert await items(api) == {}


async def test_items_are_read_only_and_seen_like_quotas(org: LocalOrg, api: Api, people: dict[str, str]) -> None:
    lead_by(org, people)
    deal(org, people["Rep"], "Closed Won", 100)
    described = await api.get("sobjects/ForecastingItem/describe")
    assert not (described["createable"] or described["updateable"] or described["deletable"])
    for name, seen in (("Boss", {"Boss", "Rep"}), ("Rep", {"Rep"}), ("Other", set())):
        him = Api(org, org.login_as(people[name]))
        assert {owner for owner, _ in await items(him)} == seen
        await him.close()
