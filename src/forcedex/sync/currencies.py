"""The org's currencies and their rates, read once before documents are made."""

from decimal import Decimal

from forcedex.domain.errors import SourceRefused
from forcedex.domain.money import Currencies
from forcedex.domain.ports import Source

_COLUMNS = ("Id", "IsoCode", "ConversionRate", "DecimalPlaces", "IsCorporate", "SystemModstamp")
#: An org with one currency has no such object.
_NOT_THERE = frozenset({"NOT_FOUND", "INVALID_TYPE"})


async def read_currencies(source: Source) -> Currencies:
    """The org's currencies; none in an org with a single one."""
    try:
        sobject = await source.describe("CurrencyType")
    except SourceRefused as exc:
        if exc.code in _NOT_THERE:
            return Currencies()
        raise
    rates: dict[str, Decimal] = {}
    corporate, places = "", 2
    async for page in source.read(sobject, _COLUMNS):
        for row in page.rows:
            value = dict(zip(page.columns, row, strict=True))
            rates[value["IsoCode"]] = Decimal(value["ConversionRate"])
            if value["IsCorporate"] == "true":
                corporate, places = value["IsoCode"], int(Decimal(value["DecimalPlaces"]))
    return Currencies(corporate=corporate, decimal_places=places, rates=rates)
