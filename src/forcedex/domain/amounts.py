"""Numbers as people type them: `100k`, `€1.5m`, `2 bn`, `50,000`, `1.234,56`."""

import re

from forcedex.domain.folding import folded

_SCALES = {
    **{"": 1.0, "k": 1e3, "tsd": 1e3, "thousand": 1e3, "m": 1e6, "mio": 1e6, "mn": 1e6, "million": 1e6},
    **{"millions": 1e6, "b": 1e9, "bn": 1e9, "mrd": 1e9, "billion": 1e9, "t": 1e12, "tn": 1e12},
}
_MONEY = r"(?:[$€£¥₹]|usd|eur|gbp|jpy|chf|euros?|dollars?|pounds?|a\$|us\$)"
_AMOUNT = re.compile(rf"([-+]?){_MONEY}?\s?(\d[\d.,' ]{{0,24}}\d|\d)\s?([a-z]*?)\s?{_MONEY}?")
_BLANKS = re.compile(r"[ '\u00a0]")


def amount(text: str) -> float | None:
    """The number in a text that is nothing but one, with its scale and currency; None if there is none."""
    found = _AMOUNT.fullmatch(folded(text.strip())[:60])
    if found is None or found[3] not in _SCALES:
        return None
    plain = _plain(_BLANKS.sub("", found[2]))
    if plain is None:
        return None
    return float(plain) * _SCALES[found[3]] * (-1 if found[1] == "-" else 1)


def _plain(digits: str) -> str | None:
    """The digits with a point: groups of three are joined, whatever stands between them."""
    for group, point in ((",", "."), (".", ",")):
        if re.fullmatch(rf"\d{{1,3}}(?:\{group}\d{{3}})+(?:\{point}\d+)?", digits):
            return digits.replace(group, "").replace(point, ".")
    if re.fullmatch(r"\d+(?:[.,]\d+)?", digits):
        return digits.replace(",", ".")
    return None
