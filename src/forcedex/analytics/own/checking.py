"""What is wrong with the tables of a report's file among themselves."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field

from forcedex.analytics.definition import Definition, Dimension, Function
from forcedex.analytics.own.disjoint import ascending, overlaps
from forcedex.analytics.own.grammar import DimensionTable, ReportTable
from forcedex.analytics.own.making import Indexed, alike, buckets_of, definition_of
from forcedex.analytics.own.problems import Problem, Way
from forcedex.domain.periods import Calendar, period
from forcedex.domain.unknown import Unknown

#: What rows and questions call things themselves.
_TAKEN = frozenset({"key", "label", "none", "ratios", "before", "synced_at", "groups", "value", "stats"})
#: What shares can be taken of.
_ADDING = frozenset({Function.COUNT, Function.SUM})
_OFFERED = 8  # names in a next step


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """What a report is checked against; the fields only where they are known."""

    #: By name: whose further figures a report may have.
    standard: Mapping[str, Definition] = field(default_factory=dict)
    #: Names that it may not have.
    taken: AbstractSet[str] = frozenset()
    indexed: Indexed = field(default_factory=dict)
    calendar: Calendar | None = None


def problems_within(
    table: ReportTable, known: Mapping[str, AbstractSet[str]], around: Surroundings
) -> Iterator[Problem]:
    """What does not fit together. `known`: all names that the file gives, by section, those of wrong tables as well."""
    if table.name in around.taken:
        yield Problem(("name",), f"{table.name} is a standard report; choose another name")
    figures: list[tuple[Way, str]] = [(("measures", n), each.name) for n, each in enumerate(table.measures)]
    figures += [(("ratios", n), each.name) for n, each in enumerate(table.ratios)]
    figures += [(("shares", n), each.name) for n, each in enumerate(table.shares)]
    yield from _doubled(figures)
    yield from _doubled([(("dimensions", n), each.name) for n, each in enumerate(table.dimensions)])
    yield from _parts(table)
    measures, parts = known["measures"], known["parts"]
    for n, measure in enumerate(table.measures):
        if measure.part is not None and measure.part not in parts:
            yield Problem(("measures", n, "part"), f"there is no part {measure.part}; {offer(parts)}")
        if measure.function is not Function.COUNT and measure.field is None:
            yield Problem(("measures", n, "function"), f"{measure.function} needs a field; name one")
    for n, ratio in enumerate(table.ratios):
        for key in ("over", "under"):
            if getattr(ratio, key) not in measures:
                yield Problem(("ratios", n, key), f"there is no measure {getattr(ratio, key)}; {offer(measures)}")
    for n, share in enumerate(table.shares):
        if share.measure not in measures:
            yield Problem(("shares", n, "measure"), f"there is no measure {share.measure}; {offer(measures)}")
        elif any(each.name == share.measure and each.function not in _ADDING for each in table.measures):
            yield Problem(("shares", n, "measure"), f"{share.measure} does not add up; take a sum or a count")
    like = around.standard.get(table.like or "")
    trusted = like.dimensions if like else ()
    for n, dimension in enumerate(table.dimensions):
        yield from _dimension(("dimensions", n), dimension, parts)
        if not any(_is(dimension, one) for one in trusted):
            yield from _overlapping(("dimensions", n), dimension)
    if table.by is not None and table.by not in known["dimensions"]:
        yield Problem(("by",), f"there is no dimension {table.by}; {offer(known['dimensions'])}")
    ordering = measures | known["ratios"]
    if table.order is not None and table.order not in ordering:
        yield Problem(("order",), f"there is no measure or ratio {table.order}; {offer(ordering)}")
    yield from _like(table, measures, around.standard)
    if table.compare is not None and table.period == "all":
        yield Problem(("compare",), "all days have nothing to be compared with; choose a period, or leave it out")
    yield from _period(table.period, around.calendar)


def _doubled(named: Sequence[tuple[Way, str]]) -> Iterator[Problem]:
    counts = Counter(name for _, name in named)
    for way, name in named:
        if counts[name] > 1:
            yield Problem((*way, "name"), f"{name} is there {counts[name]} times; give each its own name")
        elif name in _TAKEN:
            yield Problem((*way, "name"), f"{name} has a meaning of its own in reports; choose another name")


def _parts(table: ReportTable) -> Iterator[Problem]:
    names = Counter(each.name for each in table.parts)
    for n, each in enumerate(table.parts):
        if names[each.name] > 1:
            yield Problem(("parts", n, "name"), "every part but one needs a name of its own; give it one")


def _dimension(way: Way, each: DimensionTable, parts: AbstractSet[str]) -> Iterator[Problem]:
    kinds = [key for key in ("unit", "points", "ranges", "groups", "buckets") if getattr(each, key) is not None]
    if len(kinds) > 1:
        yield Problem((*way, kinds[1]), f"a dimension has one of {' and '.join(kinds)}; leave the others out")
    if each.field is None and each.buckets is None:
        yield Problem((*way, "field"), "it is missing; name the field whose values are the rows")
    if each.field is not None and each.buckets is not None:
        yield Problem((*way, "field"), "buckets name their own fields; leave it out")
    for name in each.fields:
        if name not in parts:
            yield Problem((*way, "fields"), f"there is no part {name}; {offer(parts)}")
    if each.ranges is not None and not ascending(each.ranges):
        yield Problem((*way, "ranges"), "ranges are numbers, or days, of one kind that rise; order them")


def _overlapping(way: Way, each: DimensionTable) -> Iterator[Problem]:
    if each.ranges is not None and not ascending(each.ranges):
        return  # that was told
    buckets = list(buckets_of(each))
    for name, number in Counter(bucket.name for bucket in buckets).items():
        if number > 1:
            yield Problem((*way, "buckets"), f"{name} is there {number} times; give each its own name")
    for one, other in overlaps(buckets)[:_OFFERED]:
        key = "groups" if each.groups is not None else "buckets"
        yield Problem(
            (*way, key), f"{one.name} and {other.name} may hold the same record; let a condition on one field part them"
        )


def _is(each: DimensionTable, standard: Dimension) -> bool:
    """Whether it has the buckets of a standard dimension, which are known to part the records."""
    return bool(standard.buckets) and tuple(buckets_of(each)) == standard.buckets


def _like(table: ReportTable, measures: AbstractSet[str], standard: Mapping[str, Definition]) -> Iterator[Problem]:
    if table.like is None:
        return
    like = standard.get(table.like)
    if like is None:
        yield Problem(("like",), f"there is no standard report {table.like}; {offer(standard.keys())}")
        return
    missing = {each.name for each in like.measures if not each.optional} - measures
    if missing:
        yield Problem(("like",), f"{table.like} reckons with {', '.join(sorted(missing))}; add these measures")
    elif (like.fold or like.prepare) and not alike(definition_of(table, {}, standard), like):
        yield Problem(
            ("like",),
            f"{table.like} needs its own parts, measures and dimensions; export it, and change the rest alone",
        )


def _period(text: str, calendar: Calendar | None) -> Iterator[Problem]:
    found = period(text, calendar) if calendar else None
    if isinstance(found, Unknown):
        yield Problem(("period",), found.reason)


def offer(names: AbstractSet[str]) -> str:
    """A next step that names some of what there is."""
    shown = sorted(each for each in names if each)[:_OFFERED]
    return f"there are {', '.join(shown)}" if shown else "there is none, so leave it out"
