"""How values are kept in SQLite, exactly.

    text, picklists, Ids   text
    boolean                0 or 1, never null
    int                    integer
    currency, double, ...  integer scaled by the field's decimals: 12.34 with scale 2 is 1234
    date, time             text 2026-01-31, 08:30:00.000
    datetime               text 2026-01-31T08:30:00, UTC, to the second

Text of dates and datetimes sorts as time does. Precisions go up to 18 digits, which 64 bits hold.
"""

from collections.abc import Callable
from datetime import UTC, date, datetime, time
from decimal import ROUND_HALF_UP, Decimal

from localorg.schema import FieldDef

#: What a record holds, in Python.
Value = str | bool | int | Decimal | date | datetime | time | None
#: What SQLite holds.
Stored = str | int | None

_DECIMALS = frozenset({"double", "currency", "percent"})


def is_decimal(field: FieldDef) -> bool:
    """Whether the column is a scaled integer."""
    return field.type in _DECIMALS


def scaled(value: Decimal | int, scale: int) -> int:
    """A decimal as an integer of the smallest unit, halves away from zero."""
    number = Decimal(value).scaleb(scale)
    return int(number.to_integral_value(ROUND_HALF_UP))


def unscaled(stored: int, scale: int) -> Decimal:
    """The decimal behind a scaled integer."""
    return Decimal(stored).scaleb(-scale)


def format_datetime(value: datetime) -> str:
    """A datetime as it is kept."""
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S").rjust(19, "0")


def format_time(value: time) -> str:
    """A time as it is kept."""
    return value.isoformat(timespec="milliseconds")[:12]


def encoder(field: FieldDef) -> Callable[[Value], Stored] | None:
    """The function that turns a field's Python values (never None) into stored ones; None: as they are."""
    match field.type:
        case "double" | "currency" | "percent":
            scale = field.scale

            def decimal(value: Value) -> Stored:
                if not isinstance(value, Decimal):
                    value = Decimal(str(value))
                moved = value.scaleb(scale)
                whole = int(moved)
                return whole if whole == moved else scaled(value, scale)

            return decimal
        case "boolean":
            return lambda value: int(bool(value))
        case "date":

            def day(value: Value) -> Stored:
                assert isinstance(value, date)
                return value.isoformat()[:10]

            return day
        case "datetime":

            def instant(value: Value) -> Stored:
                assert isinstance(value, datetime)
                return format_datetime(value)

            return instant
        case "time":

            def clock(value: Value) -> Stored:
                assert isinstance(value, time)
                return format_time(value)

            return clock
    return None


def encode(field: FieldDef, value: Value) -> Stored:
    """One Python value as it is stored; empty text is no value."""
    if value is None or value == "":
        return 0 if field.type == "boolean" else None
    convert = encoder(field)
    if convert is not None:
        return convert(value)
    assert isinstance(value, str | int)
    return value


def decode(field: FieldDef, stored: Stored) -> Value:
    """One stored value in Python."""
    if field.type == "boolean":
        return bool(stored)
    if stored is None:
        return None
    if is_decimal(field):
        assert isinstance(stored, int)
        return unscaled(stored, field.scale)
    if field.type == "date":
        return date.fromisoformat(str(stored))
    if field.type == "datetime":
        return datetime.fromisoformat(str(stored)).replace(tzinfo=UTC)
    if field.type == "time":
        return time.fromisoformat(str(stored))
    return stored


def java_double(number: float) -> str:
    """A number as Salesforce prints doubles: `12.5`, and `1.25E8` from ten million up.

    Source: recorded answers; the rule is that of Java's Double.toString.
    """
    if number == 0:
        return "0.0"
    size = abs(number)
    if 1e-3 <= size < 1e7:
        return repr(number)
    digits, _, exponent = f"{Decimal(repr(number)).normalize():E}".partition("E")
    return f"{digits if '.' in digits else digits + '.0'}E{int(exponent)}"
