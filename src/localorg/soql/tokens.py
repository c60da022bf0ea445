"""SOQL text in tokens.

Source: SOQL and SOSL Reference, "Quoted String Escape Sequences", "Date Formats and Date Literals".
"""

import re
from dataclasses import dataclass

from localorg.soql.position import query_error

_TOKEN = re.compile(
    r"""(?P<space>\s+)
      | (?P<datetime>\d{4}-\d\d-\d\d[Tt]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:[Zz]|[+-]\d\d:?\d\d))
      | (?P<date>\d{4}-\d\d-\d\d(?![\w:]))
      | (?P<time>\d\d:\d\d:\d\d(?:\.\d+)?[Zz]?)
      | (?P<number>[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)
      | (?P<name>[A-Za-z_]\w*)
      | (?P<symbol><=|>=|!=|<>|[=<>(),.:])
      | (?P<quote>')""",
    re.VERBOSE | re.ASCII,
)
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f", '"': '"', "'": "'", "\\": "\\"}
#: Longest string literal, in characters.
_LONGEST_LITERAL = 4_000


@dataclass(frozen=True, slots=True)
class Token:
    """A piece of the query."""

    #: datetime, date, time, number, name, symbol, string or end.
    kind: str
    text: str
    position: int
    #: For a string in which `\\_` and `\\%` stand for themselves under LIKE: the text as a LIKE pattern.
    pattern: str = ""

    @property
    def word(self) -> str:
        """The text in upper case, for keywords; empty for what cannot be one."""
        return self.text.upper() if self.kind == "name" else ""


def _string(soql: str, start: int) -> tuple[Token, int]:
    """The string literal that opens at `start`, and the offset after it."""
    text: list[str] = []
    pattern: list[str] = []
    at = start + 1
    while at < len(soql):
        char = soql[at]
        if char == "'":
            value = "".join(text)
            if len(value) > _LONGEST_LITERAL:
                raise query_error(soql, start, "string literal is longer than 4000 characters")
            return Token("string", value, start, "".join(pattern)), at + 1
        if char == "\n":
            raise query_error(soql, start, "line breaks not allowed in string literals")
        if char != "\\":
            text.append(char)
            pattern.append(char)
            at += 1
            continue
        code = soql[at + 1 : at + 2]
        if code in ("_", "%"):
            text.append(code)
            pattern.append("\\" + code)
            at += 2
        elif code.lower() in _ESCAPES and code:
            text.append(_ESCAPES[code.lower()])
            pattern.append("\\\\" if code == "\\" else _ESCAPES[code.lower()])
            at += 2
        elif code in ("u", "U") and re.fullmatch(r"[0-9a-fA-F]{4}", soql[at + 2 : at + 6]):
            text.append(chr(int(soql[at + 2 : at + 6], 16)))
            pattern.append(text[-1])
            at += 6
        else:
            raise query_error(
                soql, start, f"Invalid string literal. Illegal character sequence '\\{code}' in string literal."
            )
    raise query_error(soql, start, "unexpected token: '<EOF>'")


def tokenize(soql: str) -> list[Token]:
    """All tokens of a query, an `end` token last."""
    tokens: list[Token] = []
    at = 0
    while at < len(soql):
        match = _TOKEN.match(soql, at)
        if match is None:
            raise query_error(soql, at, f"unexpected token: '{soql[at]}'")
        kind = str(match.lastgroup)
        if kind == "quote":
            token, at = _string(soql, at)
            tokens.append(token)
            continue
        if kind != "space":
            tokens.append(Token(kind, match.group(), at))
        at = match.end()
    tokens.append(Token("end", "<EOF>", len(soql)))
    return tokens
