"""Quotas of everybody who sells, month by month of this year and the last one.

A month's quota is a third of what would be reached in its quarter: what was won there, over an attainment from 60 to
130 % that is the person's own in each quarter. Where nothing was won yet, it is the average of the others.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import date

from localorg.company.clock import day_of
from localorg.company.money import CURRENCIES, amount, rounded
from localorg.company.numbering import ids
from localorg.company.records import Records
from localorg.company.staff import Employee
from localorg.company.table import Row, Sheet, sheet
from localorg.company.tables.setup import periods
from localorg.company.world import Draw

_quota_id, _type_id = ids("ForecastingQuota"), ids("ForecastingType")
_LEAST, _MOST = 0.6, 1.3  # attainments
_BEGINNER = 40_000  # dollars a month, of who has won nothing
_MONTHS = 24
_RATES = {one.code: float(one.rate) for one in CURRENCIES}

#: dollars won, by seller and quarter (counted from the year 0)
Won = dict[tuple[str, int], float]


def sheets(records: Records) -> Iterator[Sheet]:
    """The forecasting type, and the quotas."""
    world = records.world
    audit = world.setup_audit()
    sellers = [one for team in world.staff.reps.values() for one in team]
    months = {one.first: number for number, _, one in periods(records) if one.kind == "Month"}
    first = date(world.clock.today.year - 1, 1, 1)
    wanted = [start for start in sorted(months) if start >= first][:_MONTHS]

    def types() -> Iterator[Row]:
        yield _type_id(1), "OpportunityRevenue", "Opportunity Revenue", *audit

    def quotas() -> Iterator[Row]:
        won, number = _won(records), 0
        for one in sellers:
            for start in wanted:
                number += 1
                cents = rounded(_quota(records, won, one, start), one.team.currency)
                code = one.team.currency.code
                yield _quota_id(number), one.id, start, months[start], amount(cents), code, *audit

    yield sheet(
        "ForecastingType",
        "Id DeveloperName MasterLabel AUDIT",
        types,
        1,
        DateType="OpportunityCloseDate",
        RoleType="R",
        Language="en_US",
        IsActive=True,
        IsAmount=True,
        IsQuantity=False,
        IsPlatformType=True,
        CanDisplayQuotas=True,
        HasAdjustments=False,
        HasOwnerAdjustments=False,
        HasProductFamily=False,
        IsDeleted=False,
    )
    yield sheet(
        "ForecastingQuota",
        "Id QuotaOwnerId StartDate PeriodId QuotaAmount CurrencyIsoCode AUDIT",
        quotas,
        len(sellers) * _MONTHS,
        ForecastingTypeId=_type_id(1),
        IsAmount=True,
        IsQuantity=False,
    )


def _won(records: Records) -> Won:
    found: Won = defaultdict(float)
    for account in range(records.plan.accounts):
        for deal in records.deals.of(account):
            if deal.won and deal.last.amount:
                dollars = deal.last.amount / 100 / _RATES[deal.account.currency.code]
                found[deal.owner.id, _quarter(day_of(deal.last.close))] += dollars
    return found


def _quarter(day: date) -> int:
    return day.year * 4 + (day.month - 1) // 3


def _quota(records: Records, won: Won, one: Employee, start: date) -> float:
    """Dollars."""
    quarter, current = _quarter(start), _quarter(records.world.clock.today)
    past = [won[one.id, each] / 3 for each in range(current - 8, current) if won.get((one.id, each))]
    usual = sum(past) / len(past) if past else _BEGINNER
    reached = won.get((one.id, quarter), 0.0) / 3
    draw = records.world.chance(Draw.QUOTA, one.number * 100_000 + quarter)
    attainment = _LEAST + (_MOST - _LEAST) * draw
    return (reached if reached and quarter < current else usual) / attainment
