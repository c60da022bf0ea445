"""Products, price books and prices."""

from collections.abc import Iterator

from localorg.company.money import amount
from localorg.company.numbering import ids
from localorg.company.products import PARTNER_BOOK, PRODUCTS, STANDARD_BOOK, prices
from localorg.company.records import Records
from localorg.company.table import Row, Sheet, sheet

product_id, book_id, price_id = ids("Product2"), ids("Pricebook2"), ids("PricebookEntry")


def sheets(records: Records) -> Iterator[Sheet]:
    """The catalogue."""
    audit = records.world.setup_audit()

    def product_rows() -> Iterator[Row]:
        for one in PRODUCTS:
            yield (
                product_id(one.number), one.name, one.code, one.description, one.family, one.unit,
                f"ERP-{one.number:05}", f"00{one.number * 7919:08}", *audit,
            )  # fmt: skip

    def book_rows() -> Iterator[Row]:
        yield book_id(STANDARD_BOOK), "Standard Price Book", "List prices", True, *audit
        yield book_id(PARTNER_BOOK), "Partner Price Book", "Prices for resellers and integrators", False, *audit

    def price_rows() -> Iterator[Row]:
        for one in prices():
            yield (
                price_id(one.number), one.product.name, one.product.code, book_id(one.book),
                product_id(one.product.number), one.currency.code, amount(one.cents), *audit,
            )  # fmt: skip

    yield sheet(
        "Product2",
        "Id Name ProductCode Description Family QuantityUnitOfMeasure ExternalId StockKeepingUnit AUDIT",
        product_rows,
        len(PRODUCTS),
        IsActive=True,
        CurrencyIsoCode="USD",
        IsDeleted=False,
        IsArchived=False,
    )
    yield sheet(
        "Pricebook2",
        "Id Name Description IsStandard AUDIT",
        book_rows,
        2,
        IsActive=True,
        IsDeleted=False,
        IsArchived=False,
    )
    yield sheet(
        "PricebookEntry",
        "Id Name ProductCode Pricebook2Id Product2Id CurrencyIsoCode UnitPrice AUDIT",
        price_rows,
        len(prices()),
        IsActive=True,
        UseStandardPrice=False,
        IsDeleted=False,
        IsArchived=False,
    )
