"""What Elasticsearch says of one group, and how figures come of it: arithmetic on sums and counts alone."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction
from typing import Any

from forcedex.analytics.definition import Definition, Function, Measure, Ratio, Shows
from forcedex.analytics.report import Figure

_DIGITS = 6
_A = {Function.MEDIAN: "a median", Function.UPPER_QUARTILE: "an upper quartile"}


@dataclass(frozen=True, slots=True)
class Stats:
    """The values of one measure in one group."""

    documents: int = 0
    #: Documents that have a value.
    count: int = 0
    sum: Fraction = Fraction(0)
    smallest: Fraction | None = None
    largest: Fraction | None = None
    #: The median or another quantile, whichever the measure is.
    quantile: Fraction | None = None

    def __add__(self, other: "Stats") -> "Stats":
        lows = [each for each in (self.smallest, other.smallest) if each is not None]
        highs = [each for each in (self.largest, other.largest) if each is not None]
        return Stats(
            documents=self.documents + other.documents,
            count=self.count + other.count,
            sum=self.sum + other.sum,
            smallest=min(lows, default=None),
            largest=max(highs, default=None),
        )


@dataclass(slots=True)
class Group:
    """A group by its key, all parts together."""

    stats: dict[str, Stats] = field(default_factory=dict)


def together(groups: Iterable[Group]) -> Group:
    """Several groups as one: sums, counts and extremes; no medians."""
    found = Group()
    for group in groups:
        for name, stats in group.stats.items():
            found.stats[name] = found.stats.get(name, Stats()) + stats
    return found


def exact(value: Any) -> Fraction:
    """A number of JSON: whole ones below 2^53 are exact, others have the digits that are shown."""
    return Fraction(Decimal(repr(value) if isinstance(value, float) else str(value)))


def figures(definition: Definition, group: Group, places: int) -> dict[str, Figure]:
    """Measures first, then ratios of them; money as amounts with so many digits after the point."""
    found = {each.name: _figure(each, group.stats.get(each.name, Stats()), places) for each in definition.measures}
    for ratio in definition.ratios:
        found[ratio.name] = over(ratio, found, places)
    return found


def over(ratio: Ratio, found: Mapping[str, Figure], places: int) -> Figure:
    """A ratio of two figures; none where the lower one is not above zero."""
    upper, lower = found[ratio.over].value, found[ratio.under].value
    if upper is None or lower is None or lower == 0:
        return Figure(value=None, why=ratio.why, over=upper, under=lower)
    exact = Fraction(upper) / Fraction(lower)
    value = rounded(exact, places if ratio.shows is Shows.MONEY else _DIGITS)
    return Figure(value=value, over=upper, under=lower, exact=exact)


def rounded_share(part: Decimal, whole: Decimal) -> Decimal:
    """One number over another, rounded once."""
    return rounded(Fraction(part) / Fraction(whole), _DIGITS)


def _figure(measure: Measure, stats: Stats, places: int) -> Figure:
    match measure.function:
        case Function.COUNT:
            return Figure(value=Decimal(stats.count if measure.field else stats.documents))
        case Function.SUM:
            value: Fraction | None = stats.sum
        case Function.MEAN:
            value = stats.sum / stats.count if stats.count else None
        case Function.MEDIAN | Function.UPPER_QUARTILE:
            value = stats.quantile
        case Function.SMALLEST:
            value = stats.smallest
        case Function.LARGEST:
            value = stats.largest
    if value is None:
        many = measure.function in (Function.MEDIAN, Function.UPPER_QUARTILE) and stats.count
        return Figure(value=None, why=f"{_A[measure.function]} of several rows is not known" if many else "no values")
    value /= measure.per
    digits = _DIGITS
    if measure.shows is Shows.MONEY:
        value, digits = value / 10**places, places
    return Figure(value=rounded(value, digits), exact=value)


def rounded(value: Fraction, digits: int) -> Decimal:
    """Half-even, once; whole numbers without zeros."""
    scaled = value * 10**digits
    whole = scaled.numerator // scaled.denominator
    rest = scaled - whole
    if rest > Fraction(1, 2) or (rest == Fraction(1, 2) and whole % 2):
        whole += 1
    found = Decimal(whole).scaleb(-digits)
    if digits == _DIGITS:
        found = found.quantize(Decimal(1), ROUND_HALF_EVEN) if found == found.to_integral_value() else found.normalize()
    return found
