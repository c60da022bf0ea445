"""Currencies as an administrator manages them: rates, and advanced currency management with rates by date.

Source: Salesforce Help, "Enable Advanced Currency Management", "Edit Conversion Rates", "Edit Dated Exchange Rates".
"""

from datetime import date
from decimal import Decimal

from localorg import features
from localorg.features import ADVANCED_CURRENCY
from localorg.records import RecordWriter
from localorg.records.dated_rates import FIRST_DAY


def enable_advanced(writer: RecordWriter) -> int:
    """Turn it on: the rates of now become dated ones that hold for all time; how many. Turned on already: 0."""
    if features.has(writer.store, ADVANCED_CURRENCY):
        return 0
    with writer.store.transaction():
        features.turn(writer.store, ADVANCED_CURRENCY, on=True)
        rates = writer.store.select(writer.schema.objects["CurrencyType"], '"IsActive" = 1')
        for row in rates:
            first = {"StartDate": FIRST_DAY, "ConversionRate": row["ConversionRate"], "IsoCode": row["IsoCode"]}
            writer.insert("DatedConversionRate", first)
        writer.store.touch_metadata(writer.now)
        return len(rates)


def disable_advanced(writer: RecordWriter) -> None:
    """Turn it off: dated rates are gone, amounts are converted at the rates of now."""
    sobject = writer.schema.objects["DatedConversionRate"]
    with writer.store.transaction():
        for row in writer.store.select(sobject):
            writer.store.remove(sobject, str(row["Id"]))
        features.turn(writer.store, ADVANCED_CURRENCY, on=False)
        writer.store.touch_metadata(writer.now)


def set_rate(writer: RecordWriter, iso: str, rate: Decimal, start: date | None) -> str:
    """Set a currency's rate: the one of now, or from a day on; the Id of its row. ValueError: there is none to set."""
    currencies = writer.schema.objects["CurrencyType"]
    found = writer.store.find(currencies, "IsoCode", iso)
    if found is None:
        raise ValueError(f"The org has no currency {iso}.")
    if start is None:
        writer.update(currencies, str(found["Id"]), {"ConversionRate": str(rate)})
        return str(found["Id"])
    if not features.has(writer.store, ADVANCED_CURRENCY):
        raise ValueError("Rates by date need advanced currency management: enable_advanced_currency_management().")
    dated = writer.schema.objects["DatedConversionRate"]
    same = writer.store.select(dated, '"IsoCode" = ? AND "StartDate" = ?', (iso, start.isoformat()))
    if same:
        writer.update(dated, str(same[0]["Id"]), {"ConversionRate": str(rate)})
        return str(same[0]["Id"])
    body = {"IsoCode": iso, "StartDate": start.isoformat(), "ConversionRate": str(rate)}
    return writer.create(dated, body)
