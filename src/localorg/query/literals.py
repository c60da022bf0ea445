"""Constants of conditions as stored values, or the errors for those of a wrong type.

Source: SOQL and SOSL Reference, "Date Formats and Date Literals", "Comparison Operators".
"""

from datetime import date, datetime

from localorg.errors import ApiError
from localorg.ids import full_id
from localorg.query.scope import Column, Scope
from localorg.soql.ast import Literal
from localorg.soql.position import query_error
from localorg.store.values import format_datetime

TEXT = frozenset({"string", "textarea", "phone", "email", "url", "combobox", "picklist", "multipicklist", "anyType"})
IDS = frozenset({"id", "reference"})
#: How Salesforce names a field's type in errors.
_TYPE_WORDS = {"currency": "double", "percent": "double", "datetime": "dateTime", "reference": "ID", "id": "ID"}


class LiteralReader:
    """Reads the constants of one query's conditions."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope

    def error(self, position: int, message: str, code: str = "INVALID_FIELD") -> ApiError:
        """An error at a place of the query."""
        return query_error(self.scope.text, position, message, code)

    def wrong_type(self, column: Column, literal: Literal) -> ApiError:
        """The error for a constant that does not fit the field."""
        field = column.field
        quotes = "should be enclosed" if field.type in TEXT | IDS else "should not be enclosed"
        word = _TYPE_WORDS.get(field.type, "string" if field.type in TEXT else field.type)
        return self.error(
            literal.position,
            f"value of filter criterion for field '{field.name}' must be of type {word} and {quotes} in quotes",
        )

    def identifier(self, column: Column, literal: Literal) -> str:
        """An Id of 15 or 18 characters in 18."""
        if literal.kind != "string":
            raise self.wrong_type(column, literal)
        found = full_id(str(literal.value))
        if found is None:
            raise self.error(literal.position, f"invalid ID field: {literal.value}", "INVALID_QUERY_FILTER_OPERATOR")
        return found

    def day(self, literal: Literal) -> str:
        """A date."""
        try:
            day = date.fromisoformat(str(literal.value))
        except ValueError:
            raise self.error(literal.position, f"Invalid date: {literal.value}") from None
        if not 1700 <= day.year <= 4000:
            raise self.error(literal.position, f"Invalid date: {literal.value}")
        return day.isoformat()

    def instant(self, literal: Literal) -> str:
        """A datetime in any zone, in UTC."""
        try:
            instant = datetime.fromisoformat(str(literal.value).upper().replace("Z", "+00:00"))
            if not 1700 <= instant.year <= 4000:
                raise ValueError
            text = format_datetime(instant)
        except (ValueError, OverflowError):
            raise self.error(literal.position, f"Invalid datetime: {literal.value}") from None
        # Stored to the second: an instant between two seconds is after the first.
        return f"{text}.{instant.microsecond // 1000:03d}" if instant.microsecond else text


def time_of(text: str) -> str:
    """A time in stored form."""
    clock, _, fraction = text.rstrip("Zz").partition(".")
    return f"{clock}.{(fraction + '000')[:3]}"
