"""Quotas: of a user, for a fiscal period that starts on a day. Source: Object Reference, ForecastingQuota."""

from localorg.errors import ApiError
from localorg.records.change import Change


def quota(change: Change) -> None:
    """Its period, and whether it is of an amount or a quantity, as the forecasting type says."""
    new = change.new
    periods = change.saver.store.select(
        change.saver.schema.objects["Period"],
        '"StartDate" = ? AND "IsForecastPeriod" = 1',
        (new["StartDate"],),
    )
    if not periods:
        raise _wrong("StartDate", "no forecasting period starts on this day")
    new["PeriodId"] = periods[0]["Id"]
    kind = change.row("ForecastingType", new["ForecastingTypeId"]) or {}
    new["IsAmount"], new["IsQuantity"] = kind.get("IsAmount", 0), kind.get("IsQuantity", 0)
    if new["IsAmount"] and new.get("QuotaQuantity") is not None:
        raise _wrong("QuotaQuantity", "the forecasting type is of amounts")
    if new["IsQuantity"] and new.get("QuotaAmount") is not None:
        raise _wrong("QuotaAmount", "the forecasting type is of quantities")
    same = change.saver.store.select(
        change.saver.schema.objects["ForecastingQuota"],
        '"QuotaOwnerId" = ? AND "PeriodId" = ? AND "ForecastingTypeId" = ? AND "ProductFamily" IS ? AND "Id" <> ?',
        (new["QuotaOwnerId"], new["PeriodId"], new["ForecastingTypeId"], new.get("ProductFamily"), new["Id"]),
    )
    if same:
        raise ApiError(
            "DUPLICATE_VALUE",
            f"duplicate value found: QuotaOwnerId duplicates value on record with id: {str(same[0]['Id'])[:15]}",
            fields=[],
        )


def _wrong(field: str, text: str) -> ApiError:
    return ApiError("FIELD_INTEGRITY_EXCEPTION", f"field integrity exception: {field} ({text})", fields=[field])
