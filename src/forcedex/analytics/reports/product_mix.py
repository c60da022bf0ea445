"""M5: what was sold."""

from forcedex.analytics.definition import Definition, Dimension, Function, Measure, Part, Ratio, Shows
from forcedex.analytics.reports.common import ABOUT_DEALS, CLOSING, LINES, WON

PRODUCT_MIX = Definition(
    name="product-mix",
    title="Product mix",
    formula="Total price of the lines of won deals; what of a deal's amount no line tells stands under no product. "
    "Price level = total price over list price times quantity.",
    parts=(Part(source=LINES, where=(WON,), day="CloseDate"),),
    measures=(
        Measure(name="amount", label="Total price", function=Function.SUM, field="x.line_amt", shows=Shows.MONEY),
        Measure(name="rest", label="Without line", function=Function.SUM, field="x.rest_amt", shows=Shows.MONEY),
        Measure(name="quantity", label="Quantity", function=Function.SUM, field="x.qty"),
        Measure(name="list", label="At list price", function=Function.SUM, field="x.list_amt", shows=Shows.MONEY),
    ),
    ratios=(Ratio(name="level", label="Price level", over="amount", under="list", why="no list price"),),
    dimensions=(
        Dimension(name="family", label="Product family", field="x.family", none="(no product)"),
        Dimension(name="product", label="Product", field="x.product_name", none="(no product)"),
        *CLOSING,
        *ABOUT_DEALS,
    ),
    by="family",
    order="amount",
)
