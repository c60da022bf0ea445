"""The grammar of SOQL, by recursive descent.

Source: SOQL and SOSL Reference, "SOQL SELECT Syntax". Clauses come in a fixed order. What only Apex may say (FOR
UPDATE, ALL ROWS, WITH USER_MODE) is read here and refused where a query meets the org.
"""

from localorg.errors import ApiError
from localorg.soql.ast import (
    Expression,
    OrderBy,
    Path,
    Query,
    SelectChildren,
    SelectField,
    SelectFields,
    SelectItem,
    SelectTypeof,
    When,
    Word,
)
from localorg.soql.conditions import ConditionParser
from localorg.soql.cursor import RESERVED
from localorg.soql.tokens import Token

_LONGEST = 100_000
#: Words after a FROM clause that cannot be an alias.
_CLAUSES = RESERVED | {"OFFSET", "FOR", "UPDATE", "ALL", "USING"}
#: Subqueries inside one another that are read; the org allows fewer.
_DEEPEST = 20
_SELECTORS = ("AT", "ABOVE", "BELOW", "ABOVE_OR_BELOW")


def parse(soql: str) -> Query:
    """The query that the text says, or ApiError MALFORMED_QUERY."""
    if len(soql) > _LONGEST:
        raise ApiError("MALFORMED_QUERY", "SOQL statements can not be longer than 100000 characters")
    if not soql.strip():
        raise ApiError("MALFORMED_QUERY", "A query string has to be specified")
    parser = _Parser(soql)
    query = parser.query()
    parser.end()
    return query


class _Parser(ConditionParser):
    _queries = 0

    # -- clauses --

    def query(self) -> Query:
        self.expect("SELECT")
        select = [self.select_item()]
        while self.accept_symbol(","):
            select.append(self.select_item())
        self.expect("FROM")
        source = self.path()
        alias = self.alias()
        joined = self.joined()
        scope = None
        if self.accept("USING"):
            self.expect("SCOPE")
            scope = _word(self.name())
        where = self.condition() if self.accept("WHERE") else None
        condition = self.filter() if self.accept("WITH") else None
        group_by: list[Expression] = []
        subtotals = having = None
        if self.accept_two("GROUP", "BY"):
            subtotals, group_by = self.groups()
            if self.accept("HAVING"):
                having = self.condition()
        order_by: list[OrderBy] = []
        if self.accept_two("ORDER", "BY"):
            order_by.append(self.order_key())
            while self.accept_symbol(","):
                order_by.append(self.order_key())
        limit = self.whole_number() if self.accept("LIMIT") else None
        offset_position = self.token.position
        offset = self.whole_number() if self.accept("OFFSET") else None
        return Query(
            text=self.soql,
            select=tuple(select),
            source=source,
            alias=alias,
            joined=joined,
            scope=scope,
            where=where,
            filter=condition,
            group_by=tuple(group_by),
            subtotals=subtotals,
            having=having,
            order_by=tuple(order_by),
            limit=limit,
            offset=offset,
            offset_position=offset_position,
            purposes=self.words("FOR", ("VIEW", "REFERENCE", "UPDATE")),
            statistics=self.words("UPDATE", ("TRACKING", "VIEWSTAT")),
            all_rows=self.last_words(),
        )

    def subquery(self) -> Query:
        self._queries += 1
        if self._queries > _DEEPEST:
            raise ApiError("QUERY_TOO_COMPLICATED", "The query's subqueries are nested too deeply")
        inner = self.query()
        self.expect_symbol(")")
        self._queries -= 1
        return inner

    def accept_two(self, first: str, second: str) -> bool:
        if self.token.word == first and self.peek().word == second:
            self.at += 2
            return True
        return False

    def alias(self) -> str | None:
        if self.accept("AS"):
            return self.name().text
        if self.token.kind == "name" and self.token.word not in _CLAUSES:
            return self.take().text
        return None

    def joined(self) -> tuple[tuple[Path, str | None], ...]:
        found = []
        while self.accept_symbol(","):
            found.append((self.path(), self.alias()))
        return tuple(found)

    def filter(self) -> Word:
        """What follows WITH; positions are those of its first word."""
        first = self.name()
        if first.word in ("SECURITY_ENFORCED", "USER_MODE", "SYSTEM_MODE"):
            return _word(first)
        if first.word == "DATA":
            self.expect("CATEGORY")
            self.category()
            while self.accept("AND"):
                self.category()
            return Word("DATA CATEGORY", first.position)
        self.expect_symbol("=")
        self.literal()
        return _word(first)

    def category(self) -> None:
        """`Geography__c ABOVE usa__c` or `Geography__c AT (usa__c, uk__c)`."""
        self.name()
        if self.token.word not in _SELECTORS:
            raise self.unexpected()
        self.at += 1
        if self.accept_symbol("("):
            self.paths()
            self.expect_symbol(")")
        else:
            self.name()

    def groups(self) -> tuple[Word | None, list[Expression]]:
        if self.token.word in ("ROLLUP", "CUBE") and self.at_call():
            subtotals = _word(self.take())
            self.at += 1
            found = self.expressions()
            self.expect_symbol(")")
            return subtotals, found
        return None, self.expressions()

    def expressions(self) -> list[Expression]:
        found = [self.expression()]
        while self.accept_symbol(","):
            found.append(self.expression())
        return found

    def words(self, clause: str, allowed: tuple[str, ...]) -> tuple[Word, ...]:
        """`FOR VIEW, REFERENCE` or `UPDATE TRACKING, VIEWSTAT`."""
        found: list[Word] = []
        if self.accept(clause):
            while not found or self.accept_symbol(","):
                if self.token.word not in allowed:
                    raise self.unexpected()
                found.append(_word(self.take()))
        return tuple(found)

    def last_words(self) -> Word | None:
        position = self.token.position
        return Word("ALL ROWS", position) if self.accept_two("ALL", "ROWS") else None

    # -- select --

    def select_item(self) -> SelectItem:
        if self.accept_symbol("("):
            return SelectChildren(self.subquery())
        if self.token.word == "TYPEOF" and self.peek().kind == "name" and self.peek().word != "FROM":
            return self.typeof()
        if self.token.word == "FIELDS" and self.at_call():
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
            if follows.text != "," and follows.word != "FROM":
                raise self.unexpected()
            self.at += 1
            return SelectField(expression, token.text)
        return SelectField(expression)

    def typeof(self) -> SelectTypeof:
        position = self.take().position
        relationship = self.path()
        whens: list[When] = []
        while self.token.word == "WHEN" or not whens:
            self.expect("WHEN")
            name = self.name()
            self.expect("THEN")
            whens.append(When(name.text, self.paths(), name.position))
        otherwise = self.paths() if self.accept("ELSE") else ()
        self.expect("END")
        return SelectTypeof(relationship, tuple(whens), otherwise, position)

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


def _word(token: Token) -> Word:
    return Word(token.word, token.position)
