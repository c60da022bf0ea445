"""What many reports share: dimensions of deals, and filters on how they stand."""

from forcedex.analytics.definition import Bucket, Condition, Dimension, Filter, Function, Measure, Op, Shows
from forcedex.domain.days import Unit

DEALS, VERSIONS, LINES, LEADS, CASES = "x-deals", "x-versions", "x-lines", "x-leads", "x-cases"
OPEN, WON, LOST = Filter("x.open", Op.IS, (1,)), Filter("x.won", Op.IS, (1,)), Filter("x.lost", Op.IS, (1,))
CLOSED = Filter("x.open", Op.IS, (0,))
NOT_OMITTED = Filter("ForecastCategory", Op.NOT, ("Omitted",))

OWNER = Dimension(name="owner", label="Owner", field="OwnerId", names="User")
ACCOUNT = Dimension(name="account", label="Account", field="AccountId", names="Account")
ABOUT_DEALS = (
    OWNER,
    ACCOUNT,
    Dimension(name="type", label="Type", field="Type"),
    Dimension(name="source", label="Lead source", field="LeadSource"),
    Dimension(name="campaign", label="Campaign", field="CampaignId", names="Campaign"),
)
STAGE = Dimension(name="stage", label="Stage", field="StageName")
CATEGORY = Dimension(name="category", label="Forecast category", field="ForecastCategoryName")


def calendar(field: str, fiscal: str = "") -> tuple[Dimension, ...]:
    """Units of the calendar over a day; fiscal ones where `fiscal` is the path before `_fq`."""
    units = tuple(
        Dimension(name=str(unit), label=str(unit).capitalize(), field=field, unit=unit)
        for unit in (Unit.DAY, Unit.WEEK, Unit.MONTH, Unit.QUARTER, Unit.YEAR)
    )
    if not fiscal:
        return units
    return units + tuple(
        Dimension(name=f"fiscal-{name}", label=f"Fiscal {name}", field=f"{fiscal}_{key}")
        for name, key in (("month", "fm"), ("quarter", "fq"), ("year", "fy"))
    )


def _aged(name: str, youngest: int, oldest: int | None) -> Bucket:
    where = [Filter("x.created_d", Op.AT_MOST, (f"@today-{youngest}",))]
    if oldest is not None:
        where.append(Filter("x.created_d", Op.AT_LEAST, (f"@today-{oldest}",)))
    return Bucket(
        name=name, label=f"{name.replace('-', ' ' if oldest is None else '–')} days".capitalize(), where=tuple(where)
    )


AGE = Dimension(
    name="age",
    label="Age",
    buckets=(
        *(_aged("0-30", 0, 30), _aged("31-60", 31, 60), _aged("61-90", 61, 90), _aged("91-180", 91, 180)),
        _aged("over-180", 181, None),
    ),
    none="(created later)",
)
CLOSING = calendar("CloseDate", "x.close")
CREATION = calendar("x.created_d", "x.created")
COUNT = Measure(name="count", label="Deals")


def amount(name: str = "amount", label: str = "Amount", where: tuple[Condition, ...] = (), part: str = "") -> Measure:
    """The sum of amounts."""
    return Measure(
        name=name, label=label, function=Function.SUM, field="x.amt", where=where, shows=Shows.MONEY, part=part
    )


def count(name: str, label: str, where: tuple[Condition, ...] = (), part: str = "") -> Measure:
    """How many."""
    return Measure(name=name, label=label, where=where, part=part)
