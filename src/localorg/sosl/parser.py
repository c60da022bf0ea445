"""The clauses of SOSL.

    FIND {words} IN NAME FIELDS RETURNING Account(Id, Name WHERE … ORDER BY … LIMIT n OFFSET n), Contact LIMIT n

Source: SOQL and SOSL Reference, "SOSL Syntax". What stands within an object's parentheses is SOQL's and is read there.
"""

import re
from collections.abc import Sequence

from localorg.errors import ApiError, NotImplementedByOrg
from localorg.sosl.ast import Find, Returning
from localorg.sosl.limits import LARGEST_OFFSET
from localorg.sosl.terms import malformed, parse_terms

GROUPS = frozenset({"ALL", "NAME", "EMAIL", "PHONE", "SIDEBAR"})
_FIND = re.compile(r"\s*FIND\s*\{((?:\\.|[^\\}])*)\}", re.IGNORECASE | re.DOTALL)
_IN = re.compile(r"\s*IN\s+(\w+)\s+FIELDS\b", re.IGNORECASE)
_RETURNING = re.compile(r"\s*RETURNING\b", re.IGNORECASE)
_OBJECT = re.compile(r"\s*(\w+)\s*(\(|(?=,|\s|$))")
_COMMA = re.compile(r"\s*,")
_WITH = re.compile(r"\s*WITH\s+(\w+)", re.IGNORECASE)
#: All that there is here: words as they are spelled.
_UNCORRECTED = re.compile(r"\s*WITH\s+SPELL_CORRECTION\s*=\s*false\b", re.IGNORECASE)
_LIMIT = re.compile(r"\s*LIMIT\s+(\d{1,9})\b", re.IGNORECASE)
_NUMBER = re.compile(r"\d{1,9}")
_CLAUSE = re.compile(r"\b(WHERE|ORDER\s+BY|LIMIT|OFFSET|USING)\b|'(?:\\.|[^'\\])*'", re.IGNORECASE)
_QUOTED = re.compile(r"'(?:\\.|[^'\\])*'|[()]")
_SHORTEST = 2


def parse(text: str) -> Find:
    """The search that the text says, or ApiError MALFORMED_SEARCH."""
    found = _FIND.match(text)
    if found is None:
        raise malformed("No search term found. The search term must be enclosed in braces.")
    words = found[1]
    _check_length(words)
    at = found.end()
    fields = "ALL"
    if scope := _IN.match(text, at):
        fields, at = scope[1].upper(), scope.end()
        if fields not in GROUPS:
            raise malformed(f"unexpected token: {scope[1]}")
    returning: list[Returning] = []
    if start := _RETURNING.match(text, at):
        at = start.end()
        while True:
            one, at = _returning(text, at)
            returning.append(one)
            comma = _COMMA.match(text, at)
            if comma is None:
                break
            at = comma.end()
    _check_returning(returning)
    if spelling := _UNCORRECTED.match(text, at):
        at = spelling.end()
    if clause := _WITH.match(text, at):
        raise NotImplementedByOrg(f"WITH {clause[1].upper()} in searches")
    limit = None
    if last := _LIMIT.match(text, at):
        limit, at = int(last[1]), last.end()
    if text[at:].strip():
        raise malformed(f"unexpected token: {text[at:].split()[0]}")
    return Find(terms=parse_terms(words), fields=fields, returning=tuple(returning), limit=limit)


def find(words: str, *, fields: str, returning: tuple[Returning, ...], limit: int | None) -> Find:
    """A search for words that come as they are, without braces and escapes."""
    _check_length(words)
    _check_returning(returning)
    return Find(terms=parse_terms(words, escaped=False), fields=fields, returning=returning, limit=limit)


def _check_returning(returning: Sequence[Returning]) -> None:
    names = [each.sobject.casefold() for each in returning]
    for each in returning:
        if names.count(each.sobject.casefold()) > 1:
            raise malformed(f"{each.sobject} is repeated in RETURNING")
        if each.offset and len(returning) > 1:
            raise malformed("OFFSET can only be used when a single object is searched")
        if each.offset > LARGEST_OFFSET:
            raise ApiError("NUMBER_OUTSIDE_VALID_RANGE", f"SOSL offset should be between 0 to {LARGEST_OFFSET}")


def _check_length(words: str) -> None:
    if len(re.sub(r"[\s*?\"\\]", "", words)) < _SHORTEST:
        raise malformed(f"search term must be longer than one character: {words.strip()}")


def _returning(text: str, at: int) -> tuple[Returning, int]:
    found = _OBJECT.match(text, at)
    if found is None:
        raise malformed("unexpected token after RETURNING")
    if found[2] != "(":
        return Returning(sobject=found[1]), found.end()
    depth, end = 1, found.end()
    for each in _QUOTED.finditer(text, end):
        depth += {"(": 1, ")": -1}.get(each.group(), 0)
        if not depth:
            return _shown(found[1], text[end : each.start()]), each.end()
    raise malformed("a ) is missing after RETURNING")


def _shown(sobject: str, inside: str) -> Returning:
    """`Id, Name WHERE … ORDER BY … LIMIT n OFFSET n`, all but the fields optional."""
    marks: list[tuple[str, int, int]] = []
    for each in _CLAUSE.finditer(inside):
        if each[1] and inside.count("(", 0, each.start()) == inside.count(")", 0, each.start()):
            marks.append((" ".join(each[1].upper().split()), each.start(), each.end()))
    parts: dict[str, str] = {}
    ends = [*(start for _, start, _ in marks[1:]), len(inside)]
    for (word, _, begin), following in zip(marks, ends, strict=False):
        if word in parts:
            raise malformed(f"unexpected token: {word}")
        parts[word] = inside[begin:following].strip()
    if "USING" in parts:
        raise NotImplementedByOrg("USING in searches")
    fields = inside[: marks[0][1]].strip() if marks else inside.strip()
    if not fields:
        raise malformed(f"RETURNING {sobject} needs a field within its parentheses")
    numbers = {word: parts.get(word, "0") for word in ("LIMIT", "OFFSET")}
    for word, number in numbers.items():
        if not _NUMBER.fullmatch(number):
            raise malformed(f"unexpected token after {word}: {number}")
    return Returning(
        sobject=sobject,
        fields=fields,
        where=parts.get("WHERE", ""),
        order_by=parts.get("ORDER BY", ""),
        limit=int(numbers["LIMIT"]) if "LIMIT" in parts else None,
        offset=int(numbers["OFFSET"]),
    )
