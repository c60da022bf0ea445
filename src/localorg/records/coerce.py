"""JSON values of a request as stored values of fields, or the error for a bad one.

Source: SOAP API Developer Guide, "Core Data Types Used in API Calls" (StatusCode), "create()"; Object Reference,
"Field Types". Leading and trailing blanks are cut, an empty string is no value.
"""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Any

from localorg.errors import ApiError
from localorg.ids import full_id
from localorg.schema import FieldDef, Schema, SObjectDef
from localorg.store.values import Stored, format_datetime, format_time

_EMAIL = re.compile(r"[^\s@<>,;:\"()\[\]\\]+@[^\s@<>,;:\"()\[\]\\]+\.[^\s@<>,;:\"()\[\]\\.]{1,63}")
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_JSON_TYPES = {str: "VALUE_STRING", bool: "VALUE_TRUE", list: "START_ARRAY", dict: "START_OBJECT"}
#: How errors name a type.
_WORDS = {"currency": "double", "percent": "double", "reference": "reference", "datetime": "datetime"}


def _parser_error(field: FieldDef, value: Any) -> ApiError:
    kind = _JSON_TYPES.get(type(value))
    if kind is None:
        kind = "VALUE_NUMBER_INT" if isinstance(value, int) else "VALUE_NUMBER_FLOAT"
    elif value is False:
        kind = "VALUE_FALSE"
    word = _WORDS.get(field.type, field.type if field.type in _CONVERTERS else "string")
    shown = str(value).lower() if isinstance(value, bool) else str(value)
    return ApiError(
        "JSON_PARSER_ERROR",
        f"Cannot deserialize instance of {word} from {kind} value {shown} or request may be missing a required "
        "field at [line:1, column:1]",
    )


def _text(field: FieldDef, value: Any) -> Stored:
    if not isinstance(value, str):
        raise _parser_error(field, value)
    text = value.strip()
    if not text:
        return None
    if field.type == "email" and not _EMAIL.fullmatch(text):
        raise ApiError("INVALID_EMAIL_ADDRESS", f"{field.label}: invalid email address: {text}", fields=[field.name])
    if len(text) > field.length:
        raise ApiError(
            "STRING_TOO_LONG",
            f"{field.label}: data value too large: {text} (max length={field.length})",
            fields=[field.name],
        )
    return text


def _bad_picklist(field: FieldDef, value: str) -> ApiError:
    return ApiError(
        "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST",
        f"{field.label}: bad value for restricted picklist field: {value}",
        fields=[field.name],
    )


def _picklist(field: FieldDef, value: Any) -> Stored:
    text = _text(field, value)
    if text is not None and field.restricted_picklist and field.picklist_values:
        if text not in field.active_values:
            raise _bad_picklist(field, str(text))
    return text


def _multi(field: FieldDef, value: Any) -> Stored:
    text = _text(field, value)
    if text is None:
        return None
    order = {one.value: place for place, one in enumerate(field.picklist_values)}
    chosen = dict.fromkeys(item.strip() for item in str(text).split(";") if item.strip())
    if field.restricted_picklist:
        for item in chosen:
            if item not in field.active_values:
                raise _bad_picklist(field, item)
    return ";".join(sorted(chosen, key=lambda item: order.get(item, len(order)))) or None


def _boolean(field: FieldDef, value: Any) -> Stored:
    if isinstance(value, str) and value.strip().lower() in ("true", "false", "1", "0"):
        return int(value.strip().lower() in ("true", "1"))
    if not isinstance(value, bool):
        raise _parser_error(field, value)
    return int(value)


def _number(field: FieldDef, value: Any) -> Decimal | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        raise _parser_error(field, value)
    if isinstance(value, str) and not value.strip():
        return None
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation:
        raise _parser_error(field, value) from None
    if not number.is_finite():
        raise _parser_error(field, value)
    return number


def _out_of_range(field: FieldDef, value: Any) -> ApiError:
    return ApiError(
        "NUMBER_OUTSIDE_VALID_RANGE",
        f"{field.label}: value outside of valid range on numeric field: {value}",
        fields=[field.name],
    )


def _integer(field: FieldDef, value: Any) -> Stored:
    number = _number(field, value)
    if number is None:
        return None
    if number != number.to_integral_value():
        raise _parser_error(field, value)
    if abs(number) >= 2**31:
        raise _out_of_range(field, value)
    return int(number)


def _decimal(field: FieldDef, value: Any) -> Stored:
    number = _number(field, value)
    if number is None:
        return None
    if number.adjusted() > 30:
        raise _out_of_range(field, value)
    stored = int(number.scaleb(field.scale).to_integral_value(ROUND_HALF_UP))
    if abs(stored) >= 10 ** max(field.precision, field.scale + 1) or abs(stored) >= 2**63:
        raise _out_of_range(field, value)
    return stored


def _date(field: FieldDef, value: Any) -> Stored:
    if not isinstance(value, str):
        raise _parser_error(field, value)
    text = value.strip()
    if not text:
        return None
    try:
        day = date.fromisoformat(text[:10])
        if not _DATE.fullmatch(text[:10]) or (len(text) > 10 and text[10] != "T"):
            raise ValueError
    except ValueError:
        raise _parser_error(field, value) from None
    if not 1700 <= day.year <= 4000:
        raise ApiError("NUMBER_OUTSIDE_VALID_RANGE", f"{field.label}: invalid date: {text}", fields=[field.name])
    return day.isoformat()


def _datetime(field: FieldDef, value: Any) -> Stored:
    if not isinstance(value, str):
        raise _parser_error(field, value)
    text = value.strip()
    if not text:
        return None
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise _parser_error(field, value) from None
    instant = instant if instant.tzinfo else instant.replace(tzinfo=UTC)
    if not 1700 <= instant.year <= 4000:
        raise ApiError("NUMBER_OUTSIDE_VALID_RANGE", f"{field.label}: invalid date: {text}", fields=[field.name])
    return format_datetime(instant)


def _time(field: FieldDef, value: Any) -> Stored:
    if not isinstance(value, str):
        raise _parser_error(field, value)
    text = value.strip()
    if not text:
        return None
    try:
        return format_time(time.fromisoformat(text.rstrip("Z")))
    except ValueError:
        raise _parser_error(field, value) from None


def malformed_id(field: FieldDef, value: str) -> ApiError:
    """The error for an Id that is none, or one of another object."""
    return ApiError("MALFORMED_ID", f"{field.label}: id value of incorrect type: {value}", fields=[field.name])


_CONVERTERS: dict[str, Callable[[FieldDef, Any], Stored]] = {
    "boolean": _boolean,
    "int": _integer,
    "double": _decimal,
    "currency": _decimal,
    "percent": _decimal,
    "date": _date,
    "datetime": _datetime,
    "time": _time,
    "picklist": _picklist,
    "multipicklist": _multi,
}


def coerce(schema: Schema, field: FieldDef, value: Any) -> Stored:
    """The stored form of a JSON value, or the error for a bad one."""
    if value is None:
        return 0 if field.type == "boolean" else None
    if field.type in ("reference", "id"):
        if not isinstance(value, str):
            raise _parser_error(field, value)
        if not value.strip():
            return None
        found = full_id(value.strip())
        targets = [schema.objects[name].key_prefix for name in field.reference_to]
        if found is None or (targets and found[:3] not in targets):
            raise malformed_id(field, value.strip())
        return found
    return _CONVERTERS.get(field.type, _text)(field, value)


def not_writable(fields: list[str]) -> ApiError:
    """The error for fields that cannot be set."""
    return ApiError(
        "INVALID_FIELD_FOR_INSERT_UPDATE",
        f"Unable to create/update fields: {', '.join(fields)}. Please check the security settings of this field "
        "and verify that it is read/write for your profile or permission set.",
        fields=fields,
    )


def no_such_column(sobject: SObjectDef, name: str) -> ApiError:
    """The error for a name that is no field."""
    return ApiError("INVALID_FIELD", f"No such column '{name}' on sobject of type {sobject.name}")
