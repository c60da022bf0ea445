"""The grammar of conditions, in WHERE and HAVING.

Source: SOQL and SOSL Reference, "Condition Expression Syntax (WHERE Clause)". AND and OR do not mix without
parentheses.
"""

from localorg.errors import ApiError
from localorg.soql.ast import (
    And,
    Compare,
    Condition,
    Expression,
    Includes,
    InQuery,
    InValues,
    Literal,
    Not,
    Or,
    Query,
)
from localorg.soql.expressions import ExpressionParser

_OPERATORS = {"=": "=", "!=": "!=", "<>": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
#: Parentheses and NOTs inside one another.
_DEEPEST = 100


class ConditionParser(ExpressionParser):
    """Reads conditions."""

    _depth = 0

    def subquery(self) -> Query:
        """A query in parentheses; the first one is behind."""
        raise NotImplementedError

    def condition(self) -> Condition:
        """Comparisons joined by AND or by OR."""
        first = self._simple()
        for word, node in (("AND", And), ("OR", Or)):
            if self.token.word != word:
                continue
            conditions = [first]
            while self.accept(word):
                conditions.append(self._simple())
            if self.token.word in ("AND", "OR"):
                raise self.unexpected()
            return node(tuple(conditions))
        return first

    def _simple(self) -> Condition:
        negated = self.accept("NOT")
        if not negated and not self.accept_symbol("("):
            return self._comparison()
        self._depth += 1
        if self._depth > _DEEPEST:
            raise ApiError("QUERY_TOO_COMPLICATED", "The query's condition is nested too deeply")
        if negated:
            inner: Condition = Not(self._simple())
        else:
            inner = self.condition()
            self.expect_symbol(")")
        self._depth -= 1
        return inner

    def _comparison(self) -> Condition:
        left = self.expression()
        token = self.take()
        if token.kind == "symbol" and token.text in _OPERATORS:
            return Compare(left, _OPERATORS[token.text], self.literal(), token.position)
        match token.word:
            case "LIKE":
                return Compare(left, "LIKE", self.literal(), token.position)
            case "IN":
                return self._membership(left, token.position, negated=False)
            case "NOT":
                self.expect("IN")
                return self._membership(left, token.position, negated=True)
            case "INCLUDES" | "EXCLUDES":
                return Includes(left, self._literals(), token.word == "EXCLUDES", token.position)
        raise self.unexpected(token)

    def _membership(self, left: Expression, position: int, *, negated: bool) -> Condition:
        if self.token.text == "(" and self.peek().word == "SELECT":
            self.at += 1
            return InQuery(left, self.subquery(), negated, position)
        return InValues(left, self._literals(), negated, position)

    def _literals(self) -> tuple[Literal, ...]:
        self.expect_symbol("(")
        values = [self.literal()]
        while self.accept_symbol(","):
            values.append(self.literal())
        self.expect_symbol(")")
        return tuple(values)
