"""The grammar of SOQL, by recursive descent.

Source: SOQL and SOSL Reference, "SOQL SELECT Syntax", "Condition Expression Syntax (WHERE Clause)".
Clauses come in a fixed order; AND and OR do not mix without parentheses.
"""

import re
from decimal import Decimal, InvalidOperation

from localorg.errors import ApiError, NotImplementedByOrg
from localorg.soql.ast import (
    And,
    Call,
    Compare,
    Condition,
    Expression,
    Includes,
    InQuery,
    InValues,
    Literal,
    Not,
    Or,
    OrderBy,
    Path,
    Query,
    SelectChildren,
    SelectField,
    SelectFields,
    SelectItem,
)
from localorg.soql.cursor import RESERVED, TokenCursor
from localorg.soql.dates import LITERALS
from localorg.soql.position import query_error
from localorg.soql.tokens import Token

_LONGEST = 100_000
_CURRENCY = re.compile(r"([A-Za-z]{3})(\d+)", re.ASCII)
_OPERATORS = {"=": "=", "!=": "!=", "<>": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
#: Words after a FROM clause that cannot be an alias.
_CLAUSES = RESERVED | {"OFFSET", "FOR", "UPDATE", "ALL", "USING"}


def parse(soql: str) -> Query:
    """The query that the text says, or ApiError MALFORMED_QUERY."""
    if len(soql) > _LONGEST:
        raise ApiError("MALFORMED_QUERY", "SOQL statements can not be longer than 100000 characters")
    if not soql.strip():
        raise ApiError("MALFORMED_QUERY", "A query string has to be specified")
    parser = _Parser(soql)
    query = parser.query(subquery=False)
    parser.end()
    return query


class _Parser(TokenCursor):
    # -- clauses --

    def query(self, *, subquery: bool) -> Query:
        self.expect("SELECT")
        select = [self.select_item(subquery=subquery)]
        while self.accept_symbol(","):
            select.append(self.select_item(subquery=subquery))
        self.expect("FROM")
        source = self.path()
        alias = self.alias()
        joined = []
        while self.accept_symbol(","):
            path = self.path()
            name = self.alias()
            if name is None:
                raise self.unexpected()
            joined.append((path, name))
        scope = None
        if self.accept("USING"):
            self.expect("SCOPE")
            scope = self.name().text
        where = self.condition() if self.accept("WHERE") else None
        if self.token.word == "WITH":
            self.with_clause()
        group_by: list[Expression] = []
        having = None
        if self.token.word == "GROUP" and self.peek().word == "BY":
            self.at += 2
            if self.token.word in ("ROLLUP", "CUBE") and self.peek().text == "(":
                raise NotImplementedByOrg(f"GROUP BY {self.token.word}")
            group_by.append(self.expression())
            while self.accept_symbol(","):
                group_by.append(self.expression())
            if self.accept("HAVING"):
                having = self.condition()
        order_by: list[OrderBy] = []
        if self.token.word == "ORDER" and self.peek().word == "BY":
            self.at += 2
            order_by.append(self.order_key())
            while self.accept_symbol(","):
                order_by.append(self.order_key())
        limit = self.whole_number() if self.accept("LIMIT") else None
        offset_position = self.token.position
        offset = self.whole_number() if self.accept("OFFSET") else None
        self.tail()
        return Query(
            text=self.soql,
            select=tuple(select),
            source=source,
            alias=alias,
            joined=tuple(joined),
            scope=scope,
            where=where,
            group_by=tuple(group_by),
            having=having,
            order_by=tuple(order_by),
            limit=limit,
            offset=offset,
            offset_position=offset_position,
        )

    def with_clause(self) -> None:
        token = self.peek()
        if token.word in ("SECURITY_ENFORCED", "USER_MODE", "SYSTEM_MODE"):
            raise query_error(self.soql, token.position, f"{token.text} not allowed in this context")
        raise NotImplementedByOrg("WITH")

    def tail(self) -> None:
        while self.token.word == "FOR":
            kind = self.peek().word
            if kind not in ("VIEW", "REFERENCE"):
                raise self.unexpected(self.peek() if kind else self.token)
            self.at += 2
        if self.token.word == "ALL" and self.peek().word == "ROWS":
            raise query_error(self.soql, self.token.position, "ALL ROWS not allowed in this context")

    def alias(self) -> str | None:
        if self.token.word == "AS":
            self.at += 1
            return self.name().text
        if self.token.kind == "name" and self.token.word not in _CLAUSES:
            return self.take().text
        return None

    def whole_number(self) -> int:
        token = self.take()
        if token.kind != "number" or not token.text.isdigit():
            raise self.unexpected(token)
        return int(token.text)

    # -- select --

    def select_item(self, *, subquery: bool) -> SelectItem:
        if self.token.text == "(" and self.token.kind == "symbol":
            self.at += 1
            inner = self.query(subquery=True)
            self.expect_symbol(")")
            return SelectChildren(inner)
        if self.token.word == "TYPEOF" and self.peek().kind == "name":
            raise NotImplementedByOrg("TYPEOF")
        if self.token.word == "FIELDS" and self.peek().text == "(":
            position = self.token.position
            self.at += 2
            kind = self.take()
            if kind.word not in ("ALL", "STANDARD", "CUSTOM"):
                raise self.unexpected(kind)
            self.expect_symbol(")")
            return SelectFields(kind.word, position)
        expression = self.expression()
        token = self.token
        if token.kind == "name" and token.word not in RESERVED:
            follows = self.peek()
            if follows.text not in (",",) and follows.word != "FROM":
                raise self.unexpected()
            self.at += 1
            return SelectField(expression, token.text)
        return SelectField(expression)

    def path(self) -> Path:
        first = self.name()
        names = [first.text]
        while self.token.text == "." and self.token.kind == "symbol":
            self.at += 1
            if self.token.kind != "name":
                raise self.unexpected()
            names.append(self.take().text)
        return Path(tuple(names), first.position)

    def expression(self) -> Expression:
        if self.token.kind == "name" and self.peek().text == "(" and self.peek().kind == "symbol":
            function = self.take()
            self.at += 1
            if self.accept_symbol(")"):
                if function.word != "COUNT":
                    raise self.unexpected(self.tokens[self.at - 1])
                return Call("COUNT", None, function.position)
            argument = self.expression()
            if self.token.text == ",":
                raise NotImplementedByOrg(function.word)
            self.expect_symbol(")")
            return Call(function.word, argument, function.position)
        return self.path()

    def order_key(self) -> OrderBy:
        expression = self.expression()
        descending = False
        if self.accept("DESC"):
            descending = True
        else:
            self.accept("ASC")
        nulls_last = None
        if self.accept("NULLS"):
            if self.accept("LAST"):
                nulls_last = True
            else:
                self.expect("FIRST")
                nulls_last = False
        return OrderBy(expression, descending, nulls_last)

    # -- conditions --

    def condition(self) -> Condition:
        first = self.simple()
        for word, node in (("AND", And), ("OR", Or)):
            if self.token.word != word:
                continue
            conditions = [first]
            while self.accept(word):
                conditions.append(self.simple())
            if self.token.word in ("AND", "OR"):
                raise self.unexpected()
            return node(tuple(conditions))
        return first

    def simple(self) -> Condition:
        if self.accept("NOT"):
            return Not(self.simple())
        if self.accept_symbol("("):
            inner = self.condition()
            self.expect_symbol(")")
            return inner
        return self.comparison()

    def comparison(self) -> Condition:
        left = self.expression()
        token = self.take()
        if token.kind == "symbol" and token.text in _OPERATORS:
            return Compare(left, _OPERATORS[token.text], self.literal(), token.position)
        match token.word:
            case "LIKE":
                return Compare(left, "LIKE", self.literal(), token.position)
            case "IN":
                return self.membership(left, token.position, negated=False)
            case "NOT":
                self.expect("IN")
                return self.membership(left, token.position, negated=True)
            case "INCLUDES" | "EXCLUDES":
                return Includes(left, self.literals(), token.word == "EXCLUDES", token.position)
        raise self.unexpected(token)

    def membership(self, left: Expression, position: int, *, negated: bool) -> Condition:
        if self.token.text == "(" and self.peek().word == "SELECT":
            self.at += 1
            query = self.query(subquery=True)
            self.expect_symbol(")")
            return InQuery(left, query, negated, position)
        return InValues(left, self.literals(), negated, position)

    def literals(self) -> tuple[Literal, ...]:
        self.expect_symbol("(")
        values = [self.literal()]
        while self.accept_symbol(","):
            values.append(self.literal())
        self.expect_symbol(")")
        return tuple(values)

    def literal(self) -> Literal:
        token = self.take()
        at = token.position
        match token.kind:
            case "string":
                return Literal("string", token.text, at, pattern=token.pattern)
            case "number":
                return Literal("number", self.decimal(token.text, token), at)
            case "date" | "datetime" | "time":
                return Literal(token.kind, token.text, at)
            case "name":
                return self.word_literal(token)
        raise self.unexpected(token)

    def decimal(self, text: str, token: Token) -> Decimal:
        try:
            return Decimal(text)
        except InvalidOperation:
            raise self.unexpected(token) from None

    def word_literal(self, token: Token) -> Literal:
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
        currency = _CURRENCY.fullmatch(token.text)
        if currency is not None:
            amount = currency[2]
            if self.token.text == "." and self.peek().kind == "number":
                self.at += 1
                amount += "." + self.take().text
            elif self.token.kind == "number" and self.token.text.startswith("."):
                amount += self.take().text
            return Literal("currency", self.decimal(amount, token), at, detail=currency[1].upper())
        raise self.unexpected(token)
