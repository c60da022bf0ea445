"""What was sold (`x-lines`): the lines of a deal, and what of its amount no line tells.

The lines of a deal and its rest add up to its amount, to the minor unit.
"""

from decimal import Decimal
from typing import Any

from forcedex.domain.derived.deal_fields import AMOUNT, LINE, PRODUCT, STANDING, standing
from forcedex.domain.derived.fields import CREATED, created, made, shown
from forcedex.domain.derived.kinds import Holds, Kind, Record, Root, Setting, as_day

#: A line's currency is its deal's, and its rate that of the close date.
_OF_LINE = (f"{LINE}:TotalPrice", "CloseDate")
LINES = Kind(
    name="x-lines",
    label="Product of a deal",
    label_plural="Products of deals",
    many=True,
    fields=(
        *CREATED,
        *STANDING,
        made("line", Holds.KEY, "Line", f"{LINE}:Product2Id"),
        made("product", Holds.KEY, "Product", f"{LINE}:Product2Id"),
        made("product_name", Holds.KEY, "Product name", f"{LINE}:Product2Id", f"{PRODUCT}:Name"),
        made("product_code", Holds.KEY, "Product code", f"{LINE}:ProductCode"),
        made("family", Holds.KEY, "Product family", f"{LINE}:Product2Id", f"{PRODUCT}:Family"),
        made("qty", Holds.DECIMAL, "Quantity", f"{LINE}:Quantity"),
        made("line_amt", Holds.MINOR, "Total price", *_OF_LINE),
        made("line_amount", Holds.DECIMAL, "Total price in corporate currency", *_OF_LINE),
        made("list_amt", Holds.MINOR, "At list price", f"{LINE}:ListPrice", f"{LINE}:Quantity", "CloseDate"),
        made("rest_amt", Holds.MINOR, "Amount without product", *AMOUNT, f"{LINE}:TotalPrice"),
        made(
            "rest_amount", Holds.DECIMAL, "Amount in corporate currency without product", *AMOUNT, f"{LINE}:TotalPrice"
        ),
        made("rest", Holds.NUMBER, "Without product", *AMOUNT, f"{LINE}:TotalPrice"),
    ),
)


def deal_lines(root: Root, setting: Setting) -> list[tuple[str, dict[str, object]]]:
    """Id and values of each line, and of the rest if there is one."""
    record = root.record
    shared = {**created(record, setting), **standing(record, setting)}
    lines = [(str(each["Id"]), _line(each, root, setting)) for each in root.members.get(LINE, ())]
    found = [(key, {**shared, **values, "x.rest": 0}) for key, values in sorted(lines)]
    amount = setting.minor(record.get("Amount"), record.get("CurrencyIsoCode"), as_day(record.get("CloseDate")))
    told = [values["x.line_amt"] for _, values in lines]
    rest = None if amount is None else amount - sum(each for each in told if isinstance(each, int))
    if rest or not lines:
        found.append(
            (f"{record['Id']}-rest", {**shared, "x.rest": 1, "x.rest_amt": rest, "x.rest_amount": shown(rest, setting)})
        )
    return found


def _line(line: Record, root: Root, setting: Setting) -> dict[str, object]:
    record = root.record
    product = root.looked_up.get(PRODUCT, {}).get(str(line.get("Product2Id")), {})

    def minor(value: Any) -> int | None:
        return setting.minor(value, record.get("CurrencyIsoCode"), as_day(record.get("CloseDate")))

    price, quantity = line.get("ListPrice"), line.get("Quantity")
    total = minor(line.get("TotalPrice"))
    at_list = None if price is None or quantity is None else Decimal(str(price)) * Decimal(str(quantity))
    return {
        "x.line": line["Id"],
        "x.product": line.get("Product2Id"),
        "x.product_name": product.get("Name"),
        "x.product_code": line.get("ProductCode"),
        "x.family": product.get("Family"),
        "x.qty": quantity,
        "x.line_amt": total,
        "x.line_amount": shown(total, setting),
        "x.list_amt": minor(at_list),
    }
