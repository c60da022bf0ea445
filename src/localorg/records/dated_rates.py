"""Rates of currencies: what is checked of them, and how a dated rate ends where the next one starts.

Source: Object Reference, CurrencyType, DatedConversionRate; Salesforce Help, "About Advanced Currency Management".
That the first rate starts and the last one ends at the first and the last date of the API is guessed (clients ask for
`NextStartDate > TODAY`, so it is not null). That a rate ends elsewhere because of another one does not move its stamp
(undocumented).
"""

from localorg.errors import ApiError
from localorg.records.change import Change, Saver

#: From when on the first rate holds ("for all time"), and where the last one ends.
FIRST_DAY, LAST_DAY = "1700-01-01", "4000-12-31"


def _wrong(field: str, text: str) -> ApiError:
    return ApiError("FIELD_INTEGRITY_EXCEPTION", f"field integrity exception: {field} ({text})", fields=[field])


def _check_rate(change: Change, *, corporate: bool) -> None:
    rate = int(str(change.new.get("ConversionRate") or 0))
    if rate <= 0:
        raise _wrong("ConversionRate", "the conversion rate must be greater than zero")
    scale = change.saver.schema.objects["CurrencyType"].by_name["conversionrate"].scale
    if corporate and rate != 10**scale:
        raise _wrong("ConversionRate", "the conversion rate of the corporate currency is 1")


def _check_alone(change: Change, object_name: str, *names: str) -> None:
    """No other row has these values."""
    where = " AND ".join(f'"{name}" = ?' for name in names)
    values = [change.new[name] for name in names]
    sobject = change.saver.schema.objects[object_name]
    same = change.saver.store.select(sobject, f'{where} AND "Id" <> ?', (*values, change.new["Id"]))
    if same:
        raise ApiError(
            "DUPLICATE_VALUE",
            f"duplicate value found: {names[0]} duplicates value on record with id: {str(same[0]['Id'])[:15]}",
            fields=[],
        )


def currency(change: Change) -> None:
    """One row per currency, with a rate; the corporate currency's is 1."""
    _check_alone(change, "CurrencyType", "IsoCode")
    _check_rate(change, corporate=bool(change.new["IsCorporate"]))


def dated_rate(change: Change) -> None:
    """Of a currency that the org has; one rate per start."""
    found = change.find("CurrencyType", "IsoCode", change.new["IsoCode"])
    if found is None or not found["IsActive"]:
        raise _wrong("IsoCode", f"{change.new['IsoCode']} is not an active currency")
    _check_alone(change, "DatedConversionRate", "IsoCode", "StartDate")
    _check_rate(change, corporate=bool(found["IsCorporate"]))


def saved(change: Change) -> None:
    """The rates around a new one end where they should."""
    if change.changed("StartDate"):
        chain(change.saver, str(change.new["IsoCode"]))


def chain(saver: Saver, iso: str) -> None:
    """Each of a currency's rates ends where the next one starts."""
    sobject = saver.schema.objects["DatedConversionRate"]
    rows = sorted(saver.store.select(sobject, '"IsoCode" = ?', (iso,)), key=lambda row: str(row["StartDate"]))
    ends = [row["StartDate"] for row in rows[1:]] + [LAST_DAY]
    for row, end in zip(rows, ends, strict=True):
        if row["NextStartDate"] != end:
            saver.store.update(sobject, str(row["Id"]), {"NextStartDate": end})
