"""Puts a report together from groups: labels, order, shares, what is compared, and the rest as one row."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from forcedex.analytics.definition import Definition, Dimension, Function, Of, Share, Shows
from forcedex.analytics.groups import Group, figures, rounded_share, together
from forcedex.analytics.pages import Answer, Key
from forcedex.analytics.planning import is_running, order_of
from forcedex.analytics.report import Column, Figure, Report, ReportRow
from forcedex.domain.indexed import IndexedObject


@dataclass(frozen=True, kw_only=True, slots=True)
class Rows:
    """How a report's rows are made."""

    definition: Definition
    dimensions: Sequence[Dimension]
    #: By dimension, what its keys are called.
    labels: Sequence[Mapping[str, str]]
    #: The documents of the first part.
    indexed: IndexedObject
    #: So many rows, the rest as one; 0: all.
    top: int = 0
    #: Whether each sum and count has its share beside it.
    share: Of | None = None

    def report(self, answer: Answer, before: Answer | None) -> Report:
        """The answer, whose groups `before` has under the same keys."""
        definition, running = self.definition, any(map(is_running, self.dimensions))
        rows = self._rows(answer, before)
        if definition.order and not running and not any(each.buckets for each in self.dimensions):
            rows.sort(key=lambda each: (-(each.value(definition.order) or Decimal(0)), each.labels))
        total = self._row((), answer.whole, before.whole if before else None)
        missing = {
            each.name: answer.whole.stats[each.name].documents - answer.whole.stats[each.name].count
            for each in definition.measures
            if each.field and each.function is not Function.COUNT and each.name in answer.whole.stats
        }
        shares = tuple(self._shares())
        return Report(
            name=definition.name,
            title=definition.title,
            formula=definition.formula,
            by=tuple(each.name for each in self.dimensions),
            by_labels=tuple(each.label for each in self.dimensions),
            columns=(
                *(Column(name=each.name, label=each.label, shows=each.shows) for each in definition.measures),
                *(Column(name=each.name, label=each.label, shows=each.shows) for each in definition.ratios),
                *(Column(name=each.name, label=each.label, shows=Shows.SHARE) for each in shares),
            ),
            rows=tuple(rows),
            total=self._shared(replace(total, labels=("Total",)), _Wholes(self, answer), shares),
            currency=self.indexed.currency,
            decimal_places=self.indexed.decimal_places,
            period="all",
            missing={name: number for name, number in missing.items() if number},
            row_count=len(rows),
            running=running,
            overlapping=definition.overlapping,
            notes=definition.notes,
        )

    def cut(self, report: Report, answer: Answer) -> Report:
        """The largest rows, or the newest ones, and the others as one, so that rows add up to the total."""
        if not self.top or len(report.rows) <= self.top or self.definition.overlapping:
            return report
        kept = report.rows[-self.top :] if report.running else report.rows[: self.top]
        shown = {row.keys for row in kept}
        others = together(group for key, group in answer.groups.items() if key not in shown)
        label = f"Other ({len(report.rows) - len(kept):,})"
        rest = replace(self._row((), others, None), labels=(label,), rest=True)
        rest = self._shared(rest, _Wholes(self, answer), tuple(self._shares()))
        if self.definition.finish is not None and self.definition.row_wise:
            (rest,) = self.definition.finish(replace(report, rows=(rest,))).rows
        return replace(report, rows=(rest, *kept) if report.running else (*kept, rest))

    def _rows(self, answer: Answer, before: Answer | None) -> list[ReportRow]:
        earlier = before.groups if before else {}
        keys = sorted(
            {*answer.groups, *earlier},
            key=lambda key: tuple(order_of(each, part) for each, part in zip(self.dimensions, key, strict=True)),
        )
        shares, wholes = tuple(self._shares()), _Wholes(self, answer)
        empty = Group() if before else None
        rows = (self._row(key, answer.groups.get(key, Group()), earlier.get(key, empty)) for key in keys)
        return [self._shared(each, wholes, shares) for each in rows]

    def _row(self, key: Key, group: Group, earlier: Group | None) -> ReportRow:
        places = self.indexed.decimal_places
        return ReportRow(
            keys=key,
            labels=tuple(_label(part, self.labels[n], self.dimensions[n]) for n, part in enumerate(key)),
            figures=figures(self.definition, group, places),
            before=figures(self.definition, earlier, places) if earlier is not None else {},
        )

    def _shares(self) -> Iterator[Share]:
        yield from self.definition.shares
        if self.share is None:
            return
        for each in self.definition.measures:
            if each.function in (Function.COUNT, Function.SUM):
                yield Share(
                    name=f"{each.name}_share",
                    label=f"{each.label}, of {self.share}",
                    measure=each.name,
                    of=self.share,
                )

    def _shared(self, row: ReportRow, wholes: "_Wholes", shares: Sequence[Share]) -> ReportRow:
        parts = {each.name: _share(row.figures[each.measure], wholes.of(each, row)) for each in shares}
        return replace(row, figures={**row.figures, **parts})


class _Wholes:
    """What rows have shares of."""

    def __init__(self, rows: Rows, answer: Answer) -> None:
        self._rows = rows
        self._total = self._figures(answer.whole)
        self._groups: dict[str | None, list[Group]] = defaultdict(list)
        for key, group in answer.groups.items():
            self._groups[key[0]].append(group)
        self._parents: dict[str | None, Mapping[str, Figure]] = {}

    def of(self, share: Share, row: ReportRow) -> Figure:
        """The figure that the row's is a part of."""
        if share.of is Of.TOTAL or len(row.keys) < 2:
            return self._total[share.measure]
        parent = row.keys[0]
        if parent not in self._parents:
            self._parents[parent] = self._figures(together(self._groups[parent]))
        return self._parents[parent][share.measure]

    def _figures(self, group: Group) -> Mapping[str, Figure]:
        return figures(self._rows.definition, group, self._rows.indexed.decimal_places)


def _share(part: Figure, whole: Figure) -> Figure:
    if part.value is None or not whole.value:
        return Figure(value=None, why="nothing to be a part of", over=part.value, under=whole.value)
    return Figure(value=rounded_share(part.value, whole.value), over=part.value, under=whole.value)


def aligned(dimensions: Sequence[Dimension], answer: Answer, earlier: Answer) -> Answer:
    """The groups before under the keys of those now: the third month beside the third month."""
    if not any(map(is_running, dimensions)):
        return earlier
    places = []
    for number, dimension in enumerate(dimensions):
        now, then = (sorted({key[number] or "" for key in each.groups}) for each in (answer, earlier))
        places.append(dict(zip(then, now, strict=False)) if is_running(dimension) else {})
    groups = {
        tuple(place.get(part or "", part) for place, part in zip(places, key, strict=True)): group
        for key, group in earlier.groups.items()
    }
    return replace(earlier, groups=groups)


def _label(key: str | None, names: Mapping[str, str], dimension: Dimension) -> str:
    if key is None:
        return dimension.none or ("(other)" if dimension.buckets else f"(no {dimension.label.lower()})")
    bucket = next((each.label for each in dimension.buckets if each.name == key), None)
    return bucket or names.get(key) or {"true": "Yes", "false": "No"}.get(key, key)
