"""A cursor over the tokens of a query, for the parser."""

from localorg.errors import ApiError
from localorg.soql.position import query_error
from localorg.soql.tokens import Token, tokenize

#: Words that cannot be names.
RESERVED = frozenset(
    "AND ASC DESC EXCLUDES FIRST FROM GROUP HAVING IN INCLUDES LAST LIKE LIMIT NOT NULL NULLS OR SELECT USING"
    " WHERE WITH ORDER".split()
)
#: Reserved words that objects and fields are called by all the same.
_NAMES = frozenset({"GROUP", "ORDER", "FIRST", "LAST"})


class TokenCursor:
    """Walks over a query's tokens."""

    def __init__(self, soql: str) -> None:
        self.soql = soql
        self.tokens = tokenize(soql)
        self.at = 0

    @property
    def token(self) -> Token:
        """This token."""
        return self.tokens[self.at]

    def peek(self, ahead: int = 1) -> Token:
        """A token further on."""
        return self.tokens[min(self.at + ahead, len(self.tokens) - 1)]

    def unexpected(self, token: Token | None = None) -> ApiError:
        """The error that a token cannot stand here."""
        token = token or self.token
        text = f"'{token.text}'" if token.kind == "string" else token.text
        return query_error(self.soql, token.position, f"unexpected token: '{text}'")

    def take(self) -> Token:
        """This token; goes on to the next."""
        token = self.token
        self.at += 1
        return token

    def accept(self, word: str) -> bool:
        """Pass a keyword, if it is here."""
        if self.token.word == word:
            self.at += 1
            return True
        return False

    def accept_symbol(self, symbol: str) -> bool:
        """Pass a symbol, if it is here."""
        if self.token.kind == "symbol" and self.token.text == symbol:
            self.at += 1
            return True
        return False

    def expect(self, word: str) -> None:
        """Pass a keyword, which must be here."""
        if not self.accept(word):
            raise self.unexpected()

    def expect_symbol(self, symbol: str) -> None:
        """Pass a symbol, which must be here."""
        if not self.accept_symbol(symbol):
            raise self.unexpected()

    def end(self) -> None:
        """Nothing may follow."""
        if self.token.kind != "end":
            raise self.unexpected()

    def name(self) -> Token:
        """A name that is no keyword."""
        if self.token.kind != "name" or self.token.word in RESERVED - _NAMES:
            raise self.unexpected()
        return self.take()
