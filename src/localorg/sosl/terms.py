"""The words between the braces: operators, phrases, wildcards.

Words without an operator between them are joined by AND, as are the pieces of a word with punctuation in it, which
follow each other like a phrase.
Source: SOQL and SOSL Reference, "FIND {SearchQuery}".
"""

import re

from localorg.errors import ApiError
from localorg.sosl.ast import Both, Either, Term, Terms, Without
from localorg.sosl.words import words

_PIECE = re.compile(r'"(?P<phrase>(?:\\.|[^"\\])*)"|(?P<paren>[()])|(?P<word>(?:\\.|[^\s"()\\])+)')
_ESCAPED = re.compile(r"\\(.)")
#: Letters that stand for wildcards until the words are split.
_STAR, _MARK = "\ua500", "\ua501"
_DEEPEST = 20
#: A search text of more characters finds nothing; of one with so many, operators are words.
_LONGEST, _LONGEST_WITH_OPERATORS = 10_000, 4_000


def parse_terms(text: str) -> Terms | None:
    """The terms of a search text, or ApiError MALFORMED_SEARCH; None: nothing can match."""
    if len(text) > _LONGEST:
        return None
    pieces = [(str(each.lastgroup), str(each[str(each.lastgroup)])) for each in _PIECE.finditer(text)]
    if len(text) > _LONGEST_WITH_OPERATORS:
        pieces = [each for each in pieces if each[0] != "paren" and each[1].upper() not in ("AND", "OR", "NOT")]
    reader = _Terms(pieces)
    found = reader.either()
    if not reader.over:
        raise malformed("unexpected token in the search text")
    return found


def malformed(message: str) -> ApiError:
    """The error for a search that cannot be read."""
    return ApiError("MALFORMED_SEARCH", message)


class _Terms:
    def __init__(self, pieces: list[tuple[str, str]]) -> None:
        self._pieces = pieces
        self._at = 0
        self._depth = 0

    @property
    def over(self) -> bool:
        return self._at >= len(self._pieces)

    def _is(self, word: str) -> bool:
        return not self.over and self._pieces[self._at] in (("word", word), ("word", word.lower()))

    def _take(self, *phrase: str) -> bool:
        start = self._at
        for word in phrase:
            if not self._is(word):
                self._at = start
                return False
            self._at += 1
        return True

    def either(self) -> Terms | None:
        parts = [self.both()]
        while self._take("OR"):
            parts.append(self.both())
        found = [each for each in parts if each is not None]
        return found[0] if len(found) == 1 else Either(tuple(found)) if found else None

    def both(self) -> Terms | None:
        found: Terms | None = None
        while not self.over and not self._is("OR") and self._pieces[self._at] != ("paren", ")"):
            if self._take("AND", "NOT"):
                unwanted = self.one()
                if found is None:
                    raise malformed("AND NOT needs something before it")
                found = Without(found, unwanted) if unwanted is not None else found
                continue
            self._take("AND")
            part = self.one()
            if part is not None:
                found = part if found is None else Both((found, part))
        return found

    def one(self) -> Terms | None:
        if self.over:
            raise malformed("the search text ends after an operator")
        kind, text = self._pieces[self._at]
        self._at += 1
        if kind == "paren":
            if text == ")":
                raise malformed("unexpected ) in the search text")
            self._depth += 1
            if self._depth > _DEEPEST:
                raise malformed("the search text is nested too deeply")
            found = self.either()
            if self.over or self._pieces[self._at] != ("paren", ")"):
                raise malformed("a ) is missing in the search text")
            self._at += 1
            self._depth -= 1
            return found
        return _term(text, wildcards=kind == "word")


def _term(text: str, *, wildcards: bool) -> Term | None:
    def unescaped(match: re.Match[str]) -> str:
        return {"*": " ", "?": " "}.get(match[1], match[1])

    plain = _ESCAPED.sub(unescaped, text)
    if not wildcards:
        plain = plain.replace("*", " ").replace("?", " ")
    plain = plain.lstrip("*?")  # a wildcard at the beginning counts for nothing
    found = tuple(
        word.replace(_STAR, "*").replace(_MARK, "?") for word in words(plain.replace("*", _STAR).replace("?", _MARK))
    )
    return Term(found) if found else None
