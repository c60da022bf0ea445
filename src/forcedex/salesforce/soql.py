"""Writing SOQL. Names come from describe values only, and literals are quoted in one place: here.

Source: SOQL and SOSL Reference, "Quoted String Escape Sequences", "Date Formats and Date Literals", "WHERE".
"""

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta

from forcedex.domain.errors import ConfigurationError, SourceRefused
from forcedex.domain.record import Mark, stamp_text
from forcedex.domain.record_id import to_18
from forcedex.domain.schema import COMPOUND_TYPES, SObject
from forcedex.salesforce.describe import API_NAME

#: Characters of one statement (SOQL and SOSL Limits).
MAX_STATEMENT = 100_000
#: Characters of one quoted literal (SOQL and SOSL Limits).
MAX_LITERAL = 4_000
#: Relationships in one path (SOQL, "Understanding Relationship Query Limitations").
MAX_PATH_STEPS = 5

_ESCAPES = str.maketrans({"\\": "\\\\", "'": "\\'", "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f"})


def quoted(text: str) -> str:
    """The text as a SOQL string literal; ValueError above 4,000 characters."""
    escaped = text.translate(_ESCAPES)
    if len(escaped) > MAX_LITERAL:
        raise ValueError(f"a SOQL literal has at most {MAX_LITERAL} characters")
    return f"'{escaped}'"


def datetime_literal(time: datetime) -> str:
    """The time as a SOQL datetime literal, in UTC and whole seconds (Salesforce stores no fractions)."""
    return stamp_text(time)


def date_literal(day: date) -> str:
    """The day as a SOQL date literal."""
    return f"{day.year:04}-{day.month:02}-{day.day:02}"


def id_literal(record_id: str) -> str:
    """The Id as a SOQL literal, 18 characters; SourceRefused with code MALFORMED_ID if it is none."""
    return quoted(checked_id(record_id))


def checked_id(record_id: str) -> str:
    """The Id with 18 characters; SourceRefused with code MALFORMED_ID if it is none."""
    try:
        return to_18(record_id)
    except ValueError as exc:
        raise SourceRefused(f"{exc}.", "Use the Id as Salesforce shows it.", code="MALFORMED_ID") from exc


def select(
    sobject: SObject, columns: Sequence[str], conditions: Iterable[str] = (), *, order: Sequence[str] = ()
) -> str:
    """`SELECT columns FROM sobject WHERE all conditions ORDER BY order`.

    Columns are names and paths (`Name`, `Account.Name`) that the object's describe knows; for any other
    SourceRefused with code INVALID_FIELD, as Salesforce itself would say. Empty conditions are left out.
    """
    for column in (*columns, *order):
        check_column(sobject, column)
    return _statement(sobject, ", ".join(columns), conditions, order)


def count(sobject: SObject, conditions: Iterable[str] = ()) -> str:
    """`SELECT COUNT() FROM sobject WHERE all conditions`."""
    return _statement(sobject, "COUNT()", conditions, ())


def check_column(sobject: SObject, column: str) -> None:
    """SourceRefused with code INVALID_FIELD unless the object's describe knows the column, or its path's first step."""
    *steps, name = column.split(".")
    if not steps:
        field = sobject.by_name.get(column)
        if field is not None and field.type not in COMPOUND_TYPES:
            return
    elif (
        len(steps) <= MAX_PATH_STEPS
        and any(each.relationship_name == steps[0] for each in sobject.fields)
        and all(API_NAME.fullmatch(each) for each in (*steps, name))
    ):
        return
    raise SourceRefused(
        f"{sobject.name} has no readable field {column[:80]!r}.",
        "The field is gone or hidden from the sync user: describe the object again.",
        code="INVALID_FIELD",
    )


def after(stamp_field: str | None, mark: Mark) -> str:
    """The condition for records strictly after the mark in the order (stamp field, Id).

    The stamp's lower bound stands alone, outside the OR, so that Salesforce can use its index.
    An object without stamp field is ordered by Id alone.
    """
    if stamp_field is None:
        return f"Id > {id_literal(mark.record_id)}" if mark.record_id else ""
    stamp = datetime_literal(mark.stamp)
    if not mark.record_id:
        return f"{stamp_field} >= {stamp}"
    return f"{stamp_field} >= {stamp} AND ({stamp_field} > {stamp} OR Id > {id_literal(mark.record_id)})"


def earlier_than(stamp_field: str | None, time: datetime) -> str:
    """The condition for records whose stamp is earlier; none for an object without stamp field."""
    if stamp_field is None:
        return ""
    whole = time.astimezone(UTC).replace(microsecond=0)
    # Stamps are whole seconds: earlier than 10:00:00.5 is earlier than 10:00:01.
    return f"{stamp_field} < {datetime_literal(whole if whole == time else whole + timedelta(seconds=1))}"


def among(ids: Iterable[str]) -> str:
    """The condition for records with one of these Ids."""
    return f"Id IN ({','.join(id_literal(each) for each in ids)})"


def own_condition(where: str) -> str:
    """A condition that the operator wrote, in brackets; ConfigurationError if it would break out of them."""
    if not where.strip():
        return ""
    depth = 0
    for char in _LITERAL.sub("", where):
        depth += (char == "(") - (char == ")")
        if depth < 0 or char == "'":
            break
    else:
        if depth == 0:
            return f"({where.strip()})"
    raise ConfigurationError(
        f"The where condition {where[:80]!r} has brackets or quotes that do not match.",
        "Write it as it would stand after WHERE in SOQL.",
    )


_LITERAL = re.compile(r"'(?:[^'\\]|\\.)*'", re.DOTALL)


def _statement(sobject: SObject, what: str, conditions: Iterable[str], order: Sequence[str]) -> str:
    if not API_NAME.fullmatch(sobject.name):
        raise SourceRefused(f"{sobject.name[:40]!r} is not an API name.", code="INVALID_TYPE")
    condition = " AND ".join(each for each in conditions if each)
    statement = (
        f"SELECT {what} FROM {sobject.name}"
        + (f" WHERE {condition}" if condition else "")
        + (f" ORDER BY {', '.join(order)}" if order else "")
    )
    if len(statement) > MAX_STATEMENT:
        raise ConfigurationError(
            f"Reading {sobject.name} takes a query of more than {MAX_STATEMENT} characters.",
            f"Exclude some of its fields: [objects.{sobject.name}] exclude.",
        )
    return statement
