"""Fields, functions and constants in the text of a query.

Source: SOQL and SOSL Reference, "Alias Notation", "Date Formats and Date Literals", "Location-Based SOQL Queries".
"""

import re
from decimal import Decimal, InvalidOperation

from localorg.soql.ast import Argument, Call, Expression, Literal, Path
from localorg.soql.cursor import TokenCursor
from localorg.soql.dates import LITERALS
from localorg.soql.tokens import Token

#: GEOLOCATION stands inside DISTANCE only, FIELDS in the SELECT list only.
_FUNCTIONS = frozenset(
    "COUNT COUNT_DISTINCT SUM AVG MIN MAX GROUPING TOLABEL FORMAT CONVERTCURRENCY CONVERTTIMEZONE DISTANCE"
    " CALENDAR_MONTH CALENDAR_QUARTER CALENDAR_YEAR DAY_IN_MONTH DAY_IN_WEEK DAY_IN_YEAR DAY_ONLY FISCAL_MONTH"
    " FISCAL_QUARTER FISCAL_YEAR HOUR_IN_DAY WEEK_IN_MONTH WEEK_IN_YEAR".split()
)
_CURRENCY = re.compile(r"([A-Za-z]{3})(\d+)", re.ASCII)


class ExpressionParser(TokenCursor):
    """Reads what clauses are made of."""

    def path(self) -> Path:
        """A field, perhaps of a parent."""
        first = self.name()
        names = [first.text]
        while self.token.text == "." and self.token.kind == "symbol":
            self.at += 1
            if self.token.kind != "name":
                raise self.unexpected()
            names.append(self.take().text)
        return Path(tuple(names), first.position)

    def paths(self) -> tuple[Path, ...]:
        """Fields with commas between them."""
        found = [self.path()]
        while self.accept_symbol(","):
            found.append(self.path())
        return tuple(found)

    def expression(self) -> Expression:
        """A field or a function."""
        if not self.at_call():
            return self.path()
        function = self.token
        if function.word not in _FUNCTIONS:
            raise self.unexpected(self.peek())
        self.at += 2
        if function.word == "DISTANCE":
            arguments = self._distance()
        elif function.word == "COUNT" and self.token.text == ")":
            arguments = ()
        else:
            arguments = self._arguments()
        self.expect_symbol(")")
        return Call(function.word, arguments, function.position)

    def at_call(self) -> bool:
        """Whether a name with a parenthesis behind it is here."""
        follows = self.peek()
        return self.token.kind == "name" and follows.text == "(" and follows.kind == "symbol"

    def _arguments(self) -> tuple[Expression, ...]:
        found = [self.expression()]
        while self.accept_symbol(","):
            found.append(self.expression())
        return tuple(found)

    def _distance(self) -> tuple[Argument, ...]:
        """`Location__c, GEOLOCATION(37.7, -122.4), 'mi'`; a field may stand in place of the GEOLOCATION."""
        field = self.path()
        self.expect_symbol(",")
        other: Expression
        if self.token.word == "GEOLOCATION" and self.at_call():
            position = self.take().position
            self.at += 1
            latitude = self._constant("number")
            self.expect_symbol(",")
            other = Call("GEOLOCATION", (latitude, self._constant("number")), position)
            self.expect_symbol(")")
        else:
            other = self.path()
        self.expect_symbol(",")
        return field, other, self._constant("string")

    def _constant(self, kind: str) -> Literal:
        if self.token.kind != kind:
            raise self.unexpected()
        return self.literal()

    def whole_number(self) -> int:
        """A number without sign and fraction."""
        token = self.take()
        if token.kind != "number" or not token.text.isdigit():
            raise self.unexpected(token)
        return int(token.text)

    def literal(self) -> Literal:
        """A constant."""
        token = self.take()
        at = token.position
        match token.kind:
            case "string":
                return Literal("string", token.text, at, pattern=token.pattern)
            case "number":
                return Literal("number", self._decimal(token.text, token), at)
            case "date" | "datetime" | "time":
                return Literal(token.kind, token.text, at)
            case "name":
                return self._word_literal(token)
        raise self.unexpected(token)

    def _decimal(self, text: str, token: Token) -> Decimal:
        try:
            return Decimal(text)
        except InvalidOperation:
            raise self.unexpected(token) from None

    def _word_literal(self, token: Token) -> Literal:
        at = token.position
        if token.word == "NULL":
            return Literal("null", None, at)
        if token.word in ("TRUE", "FALSE"):
            return Literal("boolean", token.word == "TRUE", at)
        if token.word in LITERALS:
            count = ""
            if LITERALS[token.word].counted:
                self.expect_symbol(":")
                number = self.take()
                if number.kind != "number" or not number.text.isdigit():
                    raise self.unexpected(number)
                count = number.text
            return Literal("range", token.word, at, detail=count)
        following = self.token
        if len(token.text) == 3 and following.kind == "number" and following.position == at + 3:
            # A negative amount: `USD-500`.
            return Literal("currency", self._decimal(self.take().text, token), at, detail=token.word)
        currency = _CURRENCY.fullmatch(token.text)
        if currency is not None:
            amount = currency[2]
            if self.token.text == "." and self.peek().kind == "number":
                self.at += 1
                amount += "." + self.take().text
            elif self.token.kind == "number" and self.token.text.startswith("."):
                amount += self.take().text
            return Literal("currency", self._decimal(amount, token), at, detail=currency[1].upper())
        raise self.unexpected(token)
