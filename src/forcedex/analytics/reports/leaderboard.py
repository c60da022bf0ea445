"""M31: who sells how, and against which quota, for who may see quotas."""

from collections.abc import Mapping
from dataclasses import replace

from forcedex.analytics.definition import Definition, Filter, Function, Measure, Op, Part, Ratio, Shows
from forcedex.analytics.groups import Group
from forcedex.analytics.reports.common import DEALS, OPEN, OWNER, WON, amount, count
from forcedex.analytics.reports.quota import NO_QUOTA, QUOTA, TYPES, of_several_types, quota_part

_CLOSED = (Filter("x.open", Op.IS, (0,)),)


def leaderboard(forecasting_type: str) -> Definition:
    """The report with the quotas of a forecasting type; empty: of the only one, none where there are several."""
    return Definition(
        name="leaderboard",
        title="Leaderboard",
        formula="Per owner: amount and number won, win rate, mean size and cycle of won deals in the period; open now. "
        "Beside it the quota of the months that begin in the period, and what was won of it.",
        parts=(
            Part(source=DEALS, where=_CLOSED, day="CloseDate"),
            Part(source=DEALS, name="open", where=(OPEN,)),
            replace(quota_part(forecasting_type), optional=True),
        ),
        measures=(
            amount("amount", "Amount won", (WON,)),
            count("won", "Won", (WON,)),
            count("closed", "Closed"),
            Measure(
                name="size", label="Mean size", function=Function.MEAN, field="x.amt", where=(WON,), shows=Shows.MONEY
            ),
            Measure(
                name="cycle",
                label="Mean cycle",
                function=Function.MEAN,
                field="x.cycle_days",
                where=(WON,),
                shows=Shows.DAYS,
            ),
            amount("open", "Open now", part="open"),
            QUOTA,
        ),
        ratios=(
            Ratio(name="rate", label="Win rate", over="won", under="closed", why="no closed deals"),
            Ratio(name="attainment", label="Attainment", over="amount", under="quota", why=NO_QUOTA),
        ),
        dimensions=(replace(OWNER, fields={"quota": "QuotaOwnerId"}),),
        by="owner",
        period="this-year",
        order="amount",
        first=replace(TYPES, parts=tuple(replace(each, optional=True) for each in TYPES.parts)),
        prepare=_with_one_type,
    )


def _with_one_type(definition: Definition, types: Mapping[tuple[str | None, ...], Group]) -> Definition:
    """Quotas of several types are not added up: they are left out."""
    if not of_several_types(definition, types):
        return definition
    return replace(
        definition,
        parts=tuple(each for each in definition.parts if each.name != "quota"),
        measures=tuple(each for each in definition.measures if each.part != "quota"),
        ratios=tuple(each for each in definition.ratios if each.under != "quota"),
        notes=(
            *definition.notes,
            f"No quotas: there are {len(types)} forecasting types. Choose one with forecasting_type in [reports].",
        ),
    )


LEADERBOARD = leaderboard("")
