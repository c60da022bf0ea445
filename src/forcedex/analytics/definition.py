"""What a report is: a closed grammar of measures, dimensions and filters, as values.

A report asks one or more parts, each a kind of documents under filters of its own; rows of several parts meet where
their dimensions have the same values. Nothing here is a query: `planning.py` makes those.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from dataclasses import field as made
from enum import StrEnum
from fractions import Fraction
from typing import TYPE_CHECKING

from forcedex.domain.comparing_periods import Basis
from forcedex.domain.days import Unit

if TYPE_CHECKING:
    from forcedex.analytics.groups import Group, Stats
    from forcedex.analytics.report import Report

Scalar = str | int | bool


class Shows(StrEnum):
    """How a figure is to be read."""

    MONEY = "money"
    NUMBER = "number"
    DAYS = "days"
    MINUTES = "minutes"
    #: A part of one, shown in per cent.
    SHARE = "share"


class Op(StrEnum):
    """What a filter asks of a field."""

    IS = "is"
    NOT = "not"
    AT_LEAST = "at-least"
    MORE = "more"
    AT_MOST = "at-most"
    LESS = "less"
    KNOWN = "known"
    UNKNOWN = "unknown"
    #: Of a span: held at the end of a day, or not; of a day: is it, or not.
    AT = "at"
    NOT_AT = "not-at"


@dataclass(frozen=True, slots=True)
class Filter:
    """A condition on one field.

    A value `@today`, `@today-30`, `@start`, `@end` (the day after the period), `@since` or `@asof` is a day of the
    question; `@after` is the day after `@asof`.
    """

    field: str
    op: Op = Op.IS
    values: tuple[Scalar, ...] = ()


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every one of several conditions."""

    filters: tuple[Filter, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one of several conditions."""

    filters: tuple[Filter | AllOf, ...]


Condition = Filter | AnyOf | AllOf


def filters(conditions: Iterable[Condition]) -> Iterator[Filter]:
    """Every condition on a field that some conditions are made of."""
    for each in conditions:
        if isinstance(each, Filter):
            yield each
        else:
            yield from filters(each.filters)


class Function(StrEnum):
    """How the values of a group become one."""

    COUNT = "count"
    SUM = "sum"
    MEAN = "mean"
    MEDIAN = "median"
    #: Between the two values around three quarters of the way, as DuckDB's quantile_cont and Excel's QUARTILE.
    UPPER_QUARTILE = "upper-quartile"
    SMALLEST = "smallest"
    LARGEST = "largest"


@dataclass(frozen=True, kw_only=True, slots=True)
class Measure:
    """One figure of a group."""

    name: str
    label: str
    function: Function = Function.COUNT
    #: What is counted where it is known; empty for documents.
    field: str = ""
    #: Only documents that fulfil all of these.
    where: tuple[Condition, ...] = ()
    shows: Shows = Shows.NUMBER
    #: The part that it is taken from; empty: the first.
    part: str = ""
    #: The value of the field is divided by this: seconds to days, say.
    per: int = 1
    #: Left out, with a note, where its fields are not in the index or hidden from who asks.
    optional: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Ratio:
    """One measure over another, never averaged from other ratios."""

    name: str
    label: str
    over: str
    under: str
    shows: Shows = Shows.SHARE
    #: Why there is no value where the lower one is zero.
    why: str = "nothing to divide by"


class Of(StrEnum):
    """What a share is taken of."""

    TOTAL = "total"
    #: All rows with the same first key.
    PARENT = "parent"


@dataclass(frozen=True, kw_only=True, slots=True)
class Share:
    """A row's part in a sum or count over all rows, or over those of its parent."""

    name: str
    label: str
    measure: str
    of: Of = Of.TOTAL


@dataclass(frozen=True, kw_only=True, slots=True)
class Bucket:
    """The records that fulfil all of some conditions, as one row. No record is in two buckets of a dimension."""

    name: str
    label: str
    where: tuple[Condition, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Dimension:
    """What each row, or column, stands for."""

    name: str
    label: str
    #: The field, by part where they differ; empty where there are buckets.
    field: str = ""
    #: Rows in this order, and one without key for what is in none of them.
    buckets: tuple[Bucket, ...] = ()
    fields: Mapping[str, str] = made(default_factory=dict)
    #: For a day or an instant: the unit of the calendar.
    unit: Unit | None = None
    #: Rows are the ends of these units within the period; `field` is the span that must hold there.
    points: Unit | None = None
    #: Whether what is in no bucket is no row.
    partial: bool = False
    #: The object whose records' names are shown instead of Ids.
    names: str = ""
    none: str = ""

    def of(self, part: str) -> str:
        """The field in a part; empty: the part has none, and all of it is in the row without key."""
        return self.fields.get(part, self.field)


@dataclass(frozen=True, kw_only=True, slots=True)
class Part:
    """One kind of documents."""

    #: An object such as `Case`, or a derived kind such as `x-deals`.
    source: str
    name: str = ""
    where: tuple[Condition, ...] = ()
    #: The day that the period is about; empty: the part knows none.
    day: str = ""
    #: So much earlier than the period, such as `90d` or `3m`: `domain.lag`.
    lag: str = ""
    #: Left out, with all its measures and a note, where its documents are not in the index or hidden from who asks.
    optional: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Fold:
    """Documents are taken together by a field, and each group's own figures tell in which rows it counts."""

    field: str
    #: Of one group.
    measures: tuple[Measure, ...]
    #: From the sums and counts of a group (by measure: documents, sum) to rows and the amounts that it adds to them.
    into: "Callable[[Mapping[str, Stats]], Iterable[tuple[str, Fraction]]]"
    #: Conditions are about what held at a time; on these fields, under the name that it has there.
    then: Mapping[str, str] = made(default_factory=dict)
    #: The measures that such conditions are added to.
    members: frozenset[str] = frozenset()
    #: What is listed as the groups of a row: one part, and the fields to show.
    listing: "Definition"


@dataclass(frozen=True, kw_only=True, slots=True)
class Quick:
    """The same figures from totals of days that are kept, which can be asked for less."""

    #: One part, with the dimensions and measures that it has, under the same names.
    definition: "Definition"
    #: The fields that conditions may be about, and what they are called there.
    fields: Mapping[str, str]
    #: What the reader is told.
    note: str
    #: And otherwise.
    otherwise: str


@dataclass(frozen=True, kw_only=True)
class Definition:
    """One report."""

    #: As on the command line.
    name: str
    title: str
    #: How the figures come about, in words.
    formula: str
    parts: tuple[Part, ...]
    measures: tuple[Measure, ...]
    ratios: tuple[Ratio, ...] = ()
    shares: tuple[Share, ...] = ()
    #: What it can be broken down by.
    dimensions: tuple[Dimension, ...] = ()
    #: The usual one; empty: one row.
    by: str = ""
    period: str = "all"
    #: What it is usually compared with.
    compare: Basis | None = None
    #: So many rows are usually shown, the rest as one; 0: as many as the form of the output holds.
    top: int = 0
    #: The measure or ratio that orders the rows; empty: by key, as days and stages are.
    order: str = ""
    #: Whether rows may overlap, so that they do not add up.
    overlapping: bool = False
    notes: tuple[str, ...] = ()
    #: What is reckoned from the rows alone when all are there.
    finish: "Callable[[Report], Report] | None" = None
    #: Whether that looks at one row at a time, so that it can be done for the rest as well.
    row_wise: bool = False
    #: The same report over what held at the end of another day.
    as_of: "Definition | None" = None
    #: What is asked before, and makes the definition.
    first: "Definition | None" = None
    prepare: "Callable[[Definition, Mapping[tuple[str | None, ...], Group]], Definition] | None" = None
    fold: Fold | None = None
    #: Whether it tells the changes between two days.
    since: bool = False
    quick: Quick | None = None

    def part(self, name: str) -> Part:
        """A part by name; the first one for an empty name."""
        return next(each for each in self.parts if each.name == name) if name else self.parts[0]

    def dimension(self, name: str) -> Dimension | None:
        """One of its dimensions."""
        return next((each for each in self.dimensions if each.name == name), None)
