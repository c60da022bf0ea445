"""M2: how large won deals are."""

from forcedex.analytics.definition import Definition, Function, Measure, Part, Shows
from forcedex.analytics.reports.common import ABOUT_DEALS, CLOSING, COUNT, DEALS, WON, amount


def _size(name: str, label: str, function: Function) -> Measure:
    return Measure(name=name, label=label, function=function, field="x.amt", shows=Shows.MONEY)


DEAL_SIZE = Definition(
    name="deal-size",
    title="Deal size",
    formula="Mean, median and largest Amount of won deals that have one; deals without an amount count as deals only.",
    parts=(Part(source=DEALS, where=(WON,), day="CloseDate"),),
    measures=(
        COUNT,
        amount(),
        _size("mean", "Mean", Function.MEAN),
        _size("median", "Median", Function.MEDIAN),
        _size("largest", "Largest", Function.LARGEST),
    ),
    dimensions=(*CLOSING, *ABOUT_DEALS),
    by="quarter",
    order="amount",
)
