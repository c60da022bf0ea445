"""The words between the braces: operators, phrases, wildcards.

Words without an operator between them are joined by AND; the pieces of a word with punctuation in it follow each
other like a phrase. AND and AND NOT are evaluated from right to left, then OR.
Source: SOQL and SOSL Reference, "FIND {SearchQuery}".
"""

import re
from collections.abc import Sequence

from localorg.errors import ApiError
from localorg.sosl.ast import Both, Either, Term, Terms, Without
from localorg.sosl.words import words

_PIECE = re.compile(r'"(?P<phrase>(?:\\.|[^"\\])*)"|(?P<paren>[()])|(?P<word>(?:\\.|[^\s"()\\])+)')
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
#: What must be escaped besides quotation marks, parentheses and wildcards, which mean something as they are.
_RESERVED = re.compile(r"[&|!{}\[\]^~:'+\-]")
_OPERATORS = ("AND", "OR", "NOT")
#: Letters that stand for wildcards until the words are split.
_STAR, _MARK = "\ua500", "\ua501"
_DEEPEST = 20
#: A search text of more characters finds nothing; one with so many loses its operators, and OR joins its words.
_LONGEST, _LONGEST_WITH_OPERATORS = 10_000, 4_000


def parse_terms(text: str, *, escaped: bool = True) -> Terms | None:
    """The terms of a search text, or ApiError MALFORMED_SEARCH; None: nothing can match.

    `escaped`: reserved characters have to be.
    """
    if len(text) > _LONGEST:
        return None
    if escaped:
        _check_reserved(text)
    pieces = [(str(each.lastgroup), str(each[str(each.lastgroup)])) for each in _PIECE.finditer(text)]
    if len(text) > _LONGEST_WITH_OPERATORS:
        words_alone = [each for each in pieces if each[0] != "paren" and each[1].upper() not in _OPERATORS]
        parts = [_term(word, wildcards=kind == "word") for kind, word in words_alone]
        return _one_of(parts)
    reader = _Terms(pieces)
    found = reader.either()
    if not reader.over:
        raise malformed("unexpected token in the search text")
    return found


def _check_reserved(text: str) -> None:
    plain = _ESCAPED.sub("", text)
    if found := _RESERVED.search(plain):
        raise malformed(f"The reserved character {found[0]} must be preceded by a backslash")
    if plain.count('"') % 2:
        raise malformed("A phrase has no closing quotation mark")


def _one_of(parts: Sequence[Terms | None]) -> Terms | None:
    found = [each for each in parts if each is not None]
    return found[0] if len(found) == 1 else Either(tuple(found)) if found else None


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
        if self.over:
            return False
        kind, text = self._pieces[self._at]
        return kind == "word" and text.upper() == word

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
            start = self._at
            parts.append(self.both())
            if self._at == start:
                raise malformed("OR needs something behind it")
        return _one_of(parts)

    def both(self) -> Terms | None:
        """A chain of ANDs and AND NOTs, from its end to its beginning."""
        chain: list[tuple[bool, Terms | None]] = []
        while not self.over and not self._is("OR") and self._pieces[self._at] != ("paren", ")"):
            unwanted = self._take("AND", "NOT")
            if unwanted and not chain:
                raise malformed("AND NOT needs something before it")
            if not unwanted and self._take("AND") and not chain:
                raise malformed("AND needs something before it")
            chain.append((unwanted, self.one()))
        found: Terms | None = None
        negated = False
        for unwanted, part in reversed(chain):
            found = _joined(part, found, negated=negated)
            negated = unwanted
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


def _joined(first: Terms | None, rest: Terms | None, *, negated: bool) -> Terms | None:
    """`first AND rest` or `first AND NOT rest`; long chains of ANDs stay flat."""
    if first is None or rest is None:
        return first if negated or rest is None else rest
    if negated:
        return Without(first, rest)
    return Both((first, *rest.parts)) if isinstance(rest, Both) else Both((first, rest))


def _term(text: str, *, wildcards: bool) -> Term | None:
    def unescaped(match: re.Match[str]) -> str:
        return {"*": " ", "?": " "}.get(match[1], match[1])

    plain = _ESCAPED.sub(unescaped, text)
    if not wildcards:
        plain = plain.replace("*", " ").replace("?", " ")
    plain = plain.lstrip("*?")  # a wildcard at the beginning counts for nothing
    spelled = words(plain.replace("*", _STAR).replace("?", _MARK))
    found = tuple(each.replace(_STAR, "*").replace(_MARK, "?") for each in spelled if each.strip(_STAR + _MARK))
    return Term(found) if found else None
