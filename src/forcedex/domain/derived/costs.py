"""Costs by day: of campaigns (`x-campaign-costs`), and of the administrator's table (`x-costs`).

Both hold whole minor units of the corporate currency, so that a sum over any days needs no script. A campaign's actual
cost is spread evenly over its days, at the static rate as Salesforce has it; with one of the two days known it counts
there, with none on no day. A row of the table is converted once, by the rate of its first day where the org has rates
by day, and then spread.

The table is shown to who may see every opportunity by a permission, and its amounts to who may read theirs: it is not
in Salesforce, so nobody else was given a right to it.
"""

import hashlib
from collections.abc import Iterator
from datetime import date

from forcedex.domain.costs import CostRow, CostTable, Scope, spread
from forcedex.domain.days import ONE_DAY, Days
from forcedex.domain.derived.fields import made
from forcedex.domain.derived.kinds import (
    DerivedDocument,
    DerivedField,
    Family,
    Holds,
    Kind,
    Root,
    Setting,
    as_day,
    without_nulls,
)

#: Whose right to read decides about the table.
DECIDES = "Opportunity"
_SPAN = ("StartDate", "EndDate")
_ID = frozenset({"Id"})


def _of_table(path: str, holds: Holds, label: str, source: str = "Id") -> DerivedField:
    return made(path, holds, label, source, tells_of=(DECIDES,))


CAMPAIGN_COSTS = Kind(
    name="x-campaign-costs",
    label="Cost of a campaign by day",
    label_plural="Costs of campaigns by day",
    many=True,
    repeats=_ID,
    fields=(
        made("key", Holds.KEY, "Key", "Id"),
        made("campaign", Holds.KEY, "Campaign", "Id"),
        made("day", Holds.DAY, "Day", "StartDate", also=("EndDate",)),
        made("amt", Holds.MINOR, "Actual cost", "ActualCost", also=_SPAN),
    ),
)
TABLE_COSTS = Kind(
    name="x-costs",
    label="Cost by day",
    label_plural="Costs of the cost table by day",
    many=True,
    repeats=_ID,
    fields=(
        _of_table("key", Holds.KEY, "Key"),
        _of_table("day", Holds.DAY, "Day"),
        _of_table("amt", Holds.MINOR, "Cost", "Amount"),
        _of_table("scope", Holds.KEY, "Scope"),
        *(_of_table(str(each), Holds.KEY, str(each).capitalize()) for each in Scope if each is not Scope.COMPANY),
        _of_table("category", Holds.KEY, "Category"),
        _of_table("row", Holds.NUMBER, "Row of the table"),
    ),
)


def campaign_costs(root: Root, setting: Setting) -> list[DerivedDocument]:
    """One document for each day of a campaign that has an actual cost."""
    record = root.record
    if record.get("ActualCost") is None:
        return []
    campaign = str(record["Id"])
    amount = setting.minor(record["ActualCost"], record.get("CurrencyIsoCode"), None)
    first, last = as_day(record.get("StartDate")), as_day(record.get("EndDate"))
    return [
        DerivedDocument(
            kind=CAMPAIGN_COSTS.name,
            id=key,
            values=without_nulls(
                {"x.key": key, "x.campaign": campaign, "x.day": day.isoformat() if day else None, "x.amt": part}
            ),
        )
        for key, day, part in _by_day(campaign, amount, first or last, last or first)
    ]


def _by_day(
    root: str, amount: int | None, first: date | None, last: date | None
) -> Iterator[tuple[str, date | None, int | None]]:
    """Key, day and amount; an amount that is not known, or without days, stands once."""
    if first is None or last is None:
        yield f"{root}-none", None, amount
    elif amount is None:
        yield f"{root}-{first:%Y%m%d}", first, None
    else:
        for day, part in spread(amount, Days(first, max(last, first) + ONE_DAY)):
            yield f"{root}-{day:%Y%m%d}", day, part


def row_key(row: CostRow) -> str:
    """The same for the same scope, category and days, whatever the amount."""
    told = (row.scope, row.of, row.category, row.first.isoformat(), row.last.isoformat())
    return hashlib.sha256("\x1f".join(told).encode()).hexdigest()[:24]


def table_costs(table: CostTable, setting: Setting) -> Iterator[DerivedDocument]:
    """One document for each day of each row."""
    for row in table.rows:
        amount = setting.minor(row.amount, row.currency, row.first)
        for key, day, part in _by_day(row_key(row), amount, row.first, row.last):
            values: dict[str, object] = {
                "Id": key,
                "x.key": key,
                "x.day": day.isoformat() if day else None,
                "x.amt": part,
                "x.scope": str(row.scope),
                "x.category": row.category or None,
                "x.row": row.number,
            }
            if row.scope is not Scope.COMPANY:
                values[f"x.{row.scope}"] = row.of
            yield DerivedDocument(kind=TABLE_COSTS.name, id=key, values=without_nulls(values))


FAMILY = Family(of="Campaign", members=(), kinds=(CAMPAIGN_COSTS,), derive=campaign_costs)
