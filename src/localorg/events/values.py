"""Values of records as change events hold them.

Source: two recorded schemas. Datetimes are milliseconds since 1970, dates the midnight (UTC) of their day, times
milliseconds of the day (the last two are undocumented); decimal numbers are doubles; all else is text.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, time
from typing import Any

from localorg.schema import FieldDef

_KINDS = {
    "double": ("double", "Data:Double"),
    "currency": ("double", "Data:Currency"),
    "percent": ("double", "Data:Percent"),
    "int": ("int", "Data:Integer"),
    "long": ("long", "Data:Long"),
    "boolean": ("boolean", "Data:Boolean"),
    "datetime": ("long", "Data:DateTime"),
    "date": ("long", "Data:DateOnly"),
    "time": ("long", "Data:TimeOnly"),
    "reference": ("string", "ForeignKey:EntityId"),
    "email": ("string", "Data:Email"),
    "phone": ("string", "Data:Phone"),
    "url": ("string", "Data:Url"),
    "combobox": ("string", "Data:DynamicEnum"),
    "multipicklist": ("string", "Data:MultiEnum"),
}


def field_kind(field: FieldDef) -> tuple[str, str]:
    """Avro's type of a field, and what kind of data its `doc` says it is."""
    if field.name == "CreatedDate":
        return "long", "CreatedDate:DateTime"
    if field.type == "picklist":
        static = field.restricted_picklist and not field.custom
        return "string", "Data:StaticEnum" if static else "Data:DynamicEnum"
    if field.html_formatted:
        return "string", "Data:HtmlStringPlusClob"
    if field.long_text:
        return "string", "Data:StringPlusClob"
    return _KINDS.get(field.type, ("string", "Data:Text"))


def _milliseconds(stored: str) -> int:
    return int(datetime.fromisoformat(stored).replace(tzinfo=UTC).timestamp()) * 1000


def _midnight(stored: str) -> int:
    return (date.fromisoformat(stored) - date(1970, 1, 1)).days * 86_400_000


def _of_day(stored: str) -> int:
    moment = time.fromisoformat(stored)
    seconds = (moment.hour * 60 + moment.minute) * 60 + moment.second
    return seconds * 1000 + moment.microsecond // 1000


def converter(field: FieldDef) -> Callable[[Any], Any]:
    """Turns a field's stored values into an event's."""
    match field.type:
        case "double" | "currency" | "percent":
            unit = 10**field.scale
            return lambda stored: None if stored is None else stored / unit
        case "boolean":
            return lambda stored: None if stored is None else bool(stored)
        case "datetime":
            return lambda stored: None if stored is None else _milliseconds(stored)
        case "date":
            return lambda stored: None if stored is None else _midnight(stored)
        case "time":
            return lambda stored: None if stored is None else _of_day(stored)
    return lambda stored: stored
