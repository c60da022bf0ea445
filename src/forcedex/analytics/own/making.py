"""From the tables of a file to a `Definition`: pure. What the file leaves out is taken from the fields, if known."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal, InvalidOperation

from forcedex.analytics.definition import (
    Bucket,
    Definition,
    Dimension,
    Filter,
    Function,
    Measure,
    Op,
    Part,
    Ratio,
    Scalar,
    Share,
    Shows,
)
from forcedex.analytics.own.conditions import DIGITS
from forcedex.analytics.own.grammar import DimensionTable, MeasureTable, ReportTable
from forcedex.domain.indexed import IndexedField, IndexedObject

#: Kinds of documents by name; empty where they are not known.
Indexed = Mapping[str, IndexedObject]

MONEY = frozenset({"currency", "minor"})


def definition_of(table: ReportTable, indexed: Indexed, standard: Mapping[str, Definition]) -> Definition:
    """The report. `standard`: the standard reports by name, for what cannot be said and one of them does."""
    made = _plain(table, indexed)
    like = standard.get(table.like or "")
    if like is None:
        return made
    made = replace(made, finish=like.finish, row_wise=like.row_wise)
    if not alike(made, like):
        return made
    as_of = like.as_of and (like.as_of if made.name == like.name else replace(like.as_of, name=made.name))
    quick = like.quick if (made.name, made.title) == (like.name, like.title) else None  # its answers say their name
    return replace(
        made, as_of=as_of, first=like.first, prepare=like.prepare, fold=like.fold, since=like.since, quick=quick
    )


def alike(one: Definition, other: Definition) -> bool:
    """Whether two reports ask the same, so that what is told of another day, or asked before, fits both."""
    return all(
        getattr(one, each) == getattr(other, each) for each in ("parts", "measures", "ratios", "shares", "dimensions")
    )


def _plain(table: ReportTable, indexed: Indexed) -> Definition:
    return Definition(
        name=table.name,
        title=table.title,
        formula=table.formula or table.title,
        parts=tuple(
            Part(
                source=each.source,
                name=each.name or "",
                where=tuple(each.where),
                day=each.day or "",
                lag=each.lag or "",
                optional=each.optional,
            )
            for each in table.parts
        ),
        measures=tuple(_measure(each, table, indexed) for each in table.measures),
        ratios=tuple(
            Ratio(
                name=each.name,
                label=each.label or _words(each.name),
                over=each.over,
                under=each.under,
                shows=each.shows,
                why=each.why,
            )
            for each in table.ratios
        ),
        shares=tuple(
            Share(name=each.name, label=each.label or _words(each.name), measure=each.measure, of=each.of)
            for each in table.shares
        ),
        dimensions=tuple(_dimension(each, table, indexed) for each in table.dimensions),
        by=table.by or "",
        period=table.period,
        compare=table.compare,
        top=table.top,
        order=table.order or "",
        overlapping=table.overlapping,
        notes=tuple(table.notes),
    )


def column_of(table: ReportTable, indexed: Indexed, part: str | None, path: str | None) -> IndexedField | None:
    """What the index says of a field of a part (None: the first)."""
    found = next((each for each in table.parts if each.name == part), None) if part else table.parts[0]
    known = indexed.get(found.source) if found else None
    return known.fields.get(path) if known and path else None


def _measure(each: MeasureTable, table: ReportTable, indexed: Indexed) -> Measure:
    shows = each.shows
    if shows is None:
        column = column_of(table, indexed, each.part, each.field)
        money = column is not None and column.type in MONEY and each.function is not Function.COUNT
        shows = Shows.MONEY if money else Shows.NUMBER
    return Measure(
        name=each.name,
        label=each.label or _words(each.name),
        function=each.function,
        field=each.field or "",
        where=tuple(each.where),
        shows=shows,
        part=each.part or "",
        per=each.per,
        optional=each.optional,
    )


def _dimension(each: DimensionTable, table: ReportTable, indexed: Indexed) -> Dimension:
    column = column_of(table, indexed, None, each.field)
    buckets = tuple(buckets_of(each))
    return Dimension(
        name=each.name,
        label=each.label or (column.label if column and not each.unit else _words(each.name)),
        field="" if buckets else each.field or "",
        fields=dict(each.fields),
        unit=each.unit,
        points=each.points,
        partial=each.partial,
        buckets=buckets,
        names=each.names or ("" if buckets or each.unit or each.points else _led_to(each, table, indexed)),
        none=each.none or "",
    )


def _led_to(each: DimensionTable, table: ReportTable, indexed: Indexed) -> str:
    """The object whose names a reference shows, if it can only be one."""
    known = indexed.get(table.parts[0].source)
    ways = known.relationships.values() if known else ()
    return next((way.objects[0] for way in ways if way.field == each.field and len(way.objects) == 1), "")


def buckets_of(each: DimensionTable) -> Iterator[Bucket]:
    """The buckets of a dimension, as written or by its ranges or groups."""
    field = each.field or ""
    if each.buckets is not None:
        for one in each.buckets:
            yield Bucket(name=one.name, label=one.label or one.name, where=tuple(one.where))
    elif each.groups is not None:
        for name, values in each.groups.items():
            yield Bucket(name=name, label=name, where=(Filter(field, Op.IS, tuple(values)),))
    elif each.ranges is not None:
        yield from _ranges(field, each.ranges)


def _ranges(field: str, ends: Sequence[Scalar]) -> Iterator[Bucket]:
    yield Bucket(name="1", label=f"Below {_shown(ends[0])}", where=(Filter(field, Op.LESS, (ends[0],)),))
    for number, (low, high) in enumerate(zip(ends, ends[1:], strict=False), 2):
        where = (Filter(field, Op.AT_LEAST, (low,)), Filter(field, Op.LESS, (high,)))
        yield Bucket(name=str(number), label=f"{_shown(low)} to below {_shown(high)}", where=where)
    last = (Filter(field, Op.AT_LEAST, (ends[-1],)),)
    yield Bucket(name=str(len(ends) + 1), label=f"{_shown(ends[-1])} and more", where=last)


def _shown(end: Scalar) -> str:
    try:
        number = Decimal(str(end))
    except InvalidOperation:
        return str(end)
    return f"{number:,f}" if number.is_finite() and abs(number.adjusted()) < DIGITS else str(end)


def _words(name: str) -> str:
    text = name.replace("_", " ").replace("-", " ")
    return text[:1].upper() + text[1:]
