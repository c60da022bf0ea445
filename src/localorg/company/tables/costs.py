"""What selling costs: every month salary, commission and travel per rep, marketing and tools per region."""

from collections.abc import Iterator
from datetime import date

from localorg.company.clock import DAY, day_number, moment
from localorg.company.money import EUR, USD, amount, rounded
from localorg.company.numbering import ids
from localorg.company.records import Records
from localorg.company.staff import REGIONS, Employee
from localorg.company.table import Row, Sheet, Value, sheet
from localorg.company.world import Draw

_cost_id = ids("Sales_Cost__c")
#: dollars a month, and how much of it varies
_PER_REP = {"Salary": (7_400, 0.0), "Commission": (2_600, 1.6), "Travel": (1_300, 1.2)}
_PER_REGION = {"Marketing": (42_000, 0.6), "Tools": (9_500, 0.1)}
_QUARTER_PAY = {3: 1.5, 6: 1.4, 9: 1.2, 12: 1.9}  # commission follows the quarters


def sheets(records: Records) -> Iterator[Sheet]:
    """Sales costs."""
    world = records.world
    sellers = [one for team in world.staff.reps.values() for one in team]
    months = list(_months(world.clock.today, world.plan.cost_months))

    def rows() -> Iterator[Row]:
        number = 0
        for month in months:
            for one in sellers:
                for kind, (dollars, spread) in _PER_REP.items():
                    number += 1
                    pay = _QUARTER_PAY.get(month.month, 0.7) if kind == "Commission" else 1 + one.number % 7 / 10
                    yield _row(records, number, month, kind, dollars * pay, spread, one.region, one)
            for region in REGIONS:
                for kind, (dollars, spread) in _PER_REGION.items():
                    number += 1
                    yield _row(records, number, month, kind, dollars, spread, region, None)

    yield sheet(
        "Sales_Cost__c",
        "Id Name OwnerId CurrencyIsoCode Month__c Cost_Type__c Amount__c User__c Region__c Campaign__c AUDIT",
        rows,
        len(months) * (len(sellers) * len(_PER_REP) + len(REGIONS) * len(_PER_REGION)),
        IsDeleted=False,
    )


def _months(today: date, count: int) -> Iterator[date]:
    """The first days of the last whole months, oldest first."""
    last = today.year * 12 + today.month - 2
    for month in range(last - count + 1, last + 1):
        yield date(month // 12, month % 12 + 1, 1)


def _row(
    records: Records,
    number: int,
    month: date,
    kind: str,
    dollars: float,
    spread: float,
    region: str,
    one: Employee | None,
) -> Row:
    world = records.world
    varied = dollars * (1 - spread / 2 + spread * world.chance(Draw.COST, number))
    currency = one.team.currency if one else EUR if region == "EMEA" else USD
    cents = rounded(max(varied, 50), currency)
    booked = moment(min((day_number(month) + 33) * DAY + 5 * 3600 + number % 600, world.clock.now))
    by = world.staff.integration.id
    who = one.name if one else region
    return (
        _cost_id(number),
        f"{month:%Y-%m} {kind} {who}"[:80],
        by,
        currency.code,
        month,
        kind,
        amount(cents),
        one.id if one else None,
        region,
        _campaign(records, month, region) if kind == "Marketing" else None,
        booked,
        by,
        booked,
        by,
        booked,
    )


def _campaign(records: Records, month: date, region: str) -> Value:
    """The latest campaign that had begun in the region by the month's end."""
    end = day_number(month) + 30
    begun = [one for one in records.campaigns.all if one.parent and one.start < end and one.region in (region, None)]
    return begun[-1].id if begun else None
