"""The query language, taken apart: words, "phrases", -not, and field:value. Never raises.

    acme "annual report" -lost stage:"Closed Won",Proposal amount>=100k close:2025-01-01..2025-03-31 -type:partner

What is no field, an unbalanced quote, a lonely sign, is words.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum


class Sign(StrEnum):
    """How a field is compared with its value."""

    IS = ":"
    OVER = ">"
    AT_LEAST = ">="
    UNDER = "<"
    AT_MOST = "<="


@dataclass(frozen=True, kw_only=True, slots=True)
class Term:
    """A piece of the query, where it stands, and whether it is denied."""

    text: str
    span: tuple[int, int]
    negated: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Plain(Term):
    """Words."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Phrase(Term):
    """Words in quotes."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Comparison(Term):
    """A field and the values that it is compared with; `text` is all of it as typed."""

    name: str
    sign: Sign
    values: tuple[str, ...]


_QUOTES = '"“”„«»'
_NAME = r"[^\W\d][\w.\-]{0,79}"
_QUOTED = rf"[{_QUOTES}][^{_QUOTES}]*[{_QUOTES}]"
_VALUE = rf"(?:{_QUOTED}|[^\s,{_QUOTES}]+)"
_TERM = re.compile(
    rf"""(?P<minus>(?<!\S)-(?=[\w{_QUOTES}]))?
    (?: (?P<name>(?<![^\s-]){_NAME}) (?P<sign>>=|<=|>|<|:>=|:<=|:>|:<|:|=) (?P<values>{_VALUE}(?:,{_VALUE})*)
      | (?P<phrase>{_QUOTED})
      | (?P<word>[^\s{_QUOTES}]+)
      | (?P<other>[{_QUOTES}])
    )""",
    re.VERBOSE,
)
#: `20,000` is one number, not two values.
_GROUPED = re.compile(r"[^\w,]?\d{1,3}(?:,\d{3})+(?:\.\d+)?\w{0,3}")
_ONE_VALUE = re.compile(_VALUE)


def parse(text: str) -> Iterator[Term]:
    """The terms in order."""
    for found in _TERM.finditer(text):
        span, negated = found.span(), found["minus"] is not None
        if found["name"] is not None:
            whole = [found["values"]] if _GROUPED.fullmatch(found["values"]) else _ONE_VALUE.findall(found["values"])
            values = tuple(each.strip(_QUOTES) for each in whole)
            sign = Sign(found["sign"].lstrip(":=") or ":")
            yield Comparison(text=found[0], span=span, negated=negated, name=found["name"], sign=sign, values=values)
        elif found["phrase"] is not None:
            yield Phrase(text=found["phrase"][1:-1], span=span, negated=negated)
        elif found["word"] is not None:
            yield Plain(text=found["word"], span=span, negated=negated)
