"""M23, M25: what became of the deals that were to close in a period, between two days; net and gross.

Net: one bar for each deal, from how it stood at both ends. Gross: every change by itself. A deal is in the window W
while it is open and its close date lies in W; all amounts are by the rate of the deal's close date now, so that no
rate looks like a change. Deals that were deleted since are in neither end.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

from forcedex.analytics.definition import (
    AllOf,
    AnyOf,
    Bucket,
    Condition,
    Definition,
    Dimension,
    Filter,
    Fold,
    Function,
    Measure,
    Op,
    Part,
    Shows,
)
from forcedex.analytics.groups import Stats
from forcedex.analytics.report import Column, Figure, Report, ReportRow
from forcedex.analytics.reports.common import ABOUT_DEALS, COUNT, DEALS, OPEN, VERSIONS, WON, amount, count

START, END = "start", "end"
#: Rows in the order of the report, and what they are called.
_CHANGES = {
    "created": "Created",
    "pulled_in": "Pulled in",
    "reopened": "Opened again",
    "transferred_in": "Transferred in",
    "increased": "Increased",
    "decreased": "Decreased",
    "won": "Won",
    "lost": "Lost",
    "pushed_out": "Pushed out",
    "pulled_earlier": "Pulled earlier",
    "transferred_out": "Transferred out",
}
_NET = {START: "Open at the start", **_CHANGES, END: "Open at the end"}
_THEN, _NOW = Filter("x.valid", Op.AT, ("@since-1",)), Filter("x.valid", Op.AT, ("@asof",))
_NOT_THEN, _NOT_NOW = replace(_THEN, op=Op.NOT_AT), replace(_NOW, op=Op.NOT_AT)
_IN = (OPEN, Filter("x.close_d", Op.AT_LEAST, ("@start",)), Filter("x.close_d", Op.LESS, ("@end",)))
_LATER, _EARLIER = Filter("x.close_d", Op.AT_LEAST, ("@end",)), Filter("x.close_d", Op.LESS, ("@start",))
_LOST = (Filter("x.open", Op.IS, (0,)), Filter("x.won", Op.IS, (0,)))
#: Of each deal, the version at either end; where one holds at both, only if it is in the window.
_ENDS = AnyOf((AllOf((_THEN, _NOW, *_IN)), AllOf((_THEN, _NOT_NOW)), AllOf((_NOT_THEN, _NOW))))


def _classes(stats: Mapping[str, Stats]) -> Iterator[tuple[str, Fraction]]:
    """In which rows a deal counts, and with how much."""

    def there(name: str) -> bool:
        return stats[name].documents > 0

    before, after = stats["then"].sum, stats["now"].sum
    if there("then"):
        yield START, before
    if there("now"):
        yield END, after
    if there("then") and there("now"):
        if after != before:
            yield ("increased" if after > before else "decreased"), after - before
    elif there("now"):
        if not there("known"):
            yield "created", after
        elif there("then_whoever"):
            yield "transferred_in", after
        else:
            yield ("pulled_in" if there("was_open") else "reopened"), after
    elif there("then"):
        ends = ("won", "lost", "now_whoever", "later", "earlier")
        rows = ("won", "lost", "transferred_out", "pushed_out", "pulled_earlier")
        yield next((row for name, row in zip(ends, rows, strict=True) if there(name)), "pushed_out"), -before


_FOLD = Fold(
    field="Id",
    measures=(
        amount("then", "", (_THEN, *_IN)),
        amount("now", "", (_NOW, *_IN)),
        count("then_whoever", "", (_THEN, *_IN)),
        count("now_whoever", "", (_NOW, *_IN)),
        count("known", "", (_THEN,)),
        count("was_open", "", (_THEN, OPEN)),
        count("won", "", (_NOW, WON)),
        count("lost", "", (_NOW, *_LOST)),
        count("later", "", (_NOW, OPEN, _LATER)),
        count("earlier", "", (_NOW, OPEN, _EARLIER)),
    ),
    into=_classes,
    then={"OwnerId": "x.owner", "x.owner": "x.owner"},
    members=frozenset({"then", "now"}),
    listing=Definition(name="", title="", formula="", parts=(Part(source=DEALS),), measures=(COUNT, amount())),
)


def _rows(names: Mapping[str, str]) -> Dimension:
    return Dimension(
        name="change",
        label="Change",
        buckets=tuple(Bucket(name=name, label=label, where=()) for name, label in names.items()),
    )


def _from_start_to_end(report: Report) -> Report:
    """Both ends are there even where they are empty; the total is what changed between them."""
    by_key = {row.keys[0]: row for row in report.rows}
    none = {"count": Figure(value=Decimal(0)), "amount": Figure(value=Decimal(0).scaleb(-report.decimal_places))}
    start, end = (
        by_key.get(name) or ReportRow(keys=(name,), labels=(_NET[name],), figures=none) for name in (START, END)
    )
    between = [row for row in report.rows if row.keys[0] not in (START, END)]
    change = {
        name: Figure(value=(end.value(name) or Decimal(0)) - (start.value(name) or Decimal(0)))
        for name in ("count", "amount")
    }
    total = replace(report.total, labels=("Change",), figures=change)
    return replace(report, rows=(start, *between, end), total=total, row_count=len(between) + 2)


WATERFALL = Definition(
    name="waterfall",
    title="Pipeline waterfall",
    formula="Open deals closing in the period, from the evening before --since (the period's first day unless said "
    "otherwise) to now or --as-of: each deal in one bar, by how it stood at both ends. Won, lost and moved ones leave "
    "with what they had at the start. Start and bars add up to the end.",
    parts=(Part(source=VERSIONS, where=(_ENDS,)),),
    measures=(amount(), COUNT),
    dimensions=(_rows(_NET),),
    by="change",
    period="this-quarter",
    finish=_from_start_to_end,
    fold=_FOLD,
    since=True,
)


def _of_expected(stats: Mapping[str, Stats]) -> Iterator[tuple[str, Fraction]]:
    """What became of the deals that were expected at the start."""
    if stats["then"].documents:
        changes = {name: value for name, value in _classes(stats) if name in _CHANGES}
        left = next((name for name in changes if name not in ("increased", "decreased")), "still_open")
        yield left, stats["then"].sum


def _pushed(report: Report) -> Report:
    count_of = {row.keys[0]: row for row in report.rows}
    whole = {
        name: sum((row.value(name) or Decimal(0) for row in report.rows), Decimal(0)) for name in ("count", "amount")
    }
    total = replace(
        report.total, labels=("Expected at the start",), figures={k: Figure(value=v) for k, v in whole.items()}
    )

    def shared(row: ReportRow) -> ReportRow:
        own, every = row.value("count"), whole["count"]
        if not every or own is None:
            return replace(row, figures={**row.figures, "share": Figure(value=None, why="no deals were expected")})
        share = Figure(value=round(own / every, 6), over=own, under=every)
        return replace(row, figures={**row.figures, "share": share})

    rows = tuple(shared(each) for each in count_of.values())
    column = Column(name="share", label="Of those expected", shows=Shows.SHARE)
    return replace(report, rows=rows, total=shared(total), columns=(*report.columns, column))


PUSH_RATE = Definition(
    name="push-rate",
    title="What became of expected deals",
    formula="Deals that were open at the start of the period with a close date in it, by what became of them up to now "
    "or --as-of. “Pushed out” over all is the push rate.",
    parts=(Part(source=VERSIONS, where=(_ENDS,)),),
    measures=(COUNT, amount()),
    dimensions=(
        _rows(
            {
                **{name: _CHANGES[name] for name in ("won", "lost", "pushed_out", "pulled_earlier", "transferred_out")},
                "still_open": "Still open",
            }
        ),
    ),
    by="change",
    period="this-quarter",
    finish=_pushed,
    fold=replace(_FOLD, into=_of_expected),
    since=True,
)

_WAS_IN = (
    Filter("x.b_open", Op.IS, (1,)),
    Filter("x.b_close_d", Op.AT_LEAST, ("@start",)),
    Filter("x.b_close_d", Op.LESS, ("@end",)),
)
_WAS_ELSEWHERE = AnyOf((Filter("x.b_close_d", Op.LESS, ("@start",)), Filter("x.b_close_d", Op.AT_LEAST, ("@end",))))
_LATER_VERSION = Filter("x.first", Op.IS, (0,))
_MOVES: Mapping[str, tuple[Condition, ...]] = {
    "created": (*_IN, Filter("x.first", Op.IS, (1,))),
    "pulled_in": (*_IN, _LATER_VERSION, Filter("x.b_open", Op.IS, (1,)), _WAS_ELSEWHERE),
    "reopened": (*_IN, _LATER_VERSION, Filter("x.b_open", Op.IS, (0,))),
    "increased": (*_IN, *_WAS_IN, Filter("x.delta", Op.MORE, (0,))),
    "decreased": (*_IN, *_WAS_IN, Filter("x.delta", Op.LESS, (0,))),
    "won": (*_WAS_IN, WON),
    "lost": (*_WAS_IN, *_LOST),
    "pushed_out": (*_WAS_IN, OPEN, _LATER),
    "pulled_earlier": (*_WAS_IN, OPEN, _EARLIER),
}
#: What comes into the window, what stays in it, what leaves it; no change is in two of them.
_CAME = (*_IN, AnyOf((Filter("x.first", Op.IS, (1,)), Filter("x.b_open", Op.IS, (0,)), *_WAS_ELSEWHERE.filters)))
_STAYED = (*_IN, *_WAS_IN, Filter("x.delta", Op.NOT, (0,)))
_LEFT = (*_WAS_IN, AnyOf((Filter("x.open", Op.IS, (0,)), _LATER, _EARLIER)))


def _signed(report: Report) -> Report:
    """What comes adds its amount, what leaves takes what it had, what stays adds the difference, whatever rows are."""

    def one(row: ReportRow) -> ReportRow:
        came, changed, left = (row.value(name) or Decimal(0) for name in ("came", "changed", "left"))
        counts = (row.value(f"{name}_count") or Decimal(0) for name in ("came", "changed", "left"))
        figures = {"count": Figure(value=sum(counts, Decimal(0))), "amount": Figure(value=came + changed - left)}
        return replace(row, figures=figures)

    rows = tuple(each for each in map(one, report.rows) if each.value("count"))
    columns = (
        Column(name="amount", label="Amount", shows=Shows.MONEY),
        Column(name="count", label="Changes", shows=Shows.NUMBER),
    )
    total = replace(one(report.total), labels=("Change",))
    return replace(report, rows=rows, row_count=len(rows), total=total, columns=columns, missing={})


def _moved(name: str, field: str, where: tuple[Condition, ...]) -> tuple[Measure, Measure]:
    amounts = Measure(name=name, label=name, function=Function.SUM, field=field, where=where, shows=Shows.MONEY)
    return amounts, count(f"{name}_count", name, where)


GROSS = Definition(
    name="waterfall-gross",
    title="Pipeline changes",
    formula="Every change of an open deal closing in the period, from --since (the period's first day unless said "
    "otherwise) to now or --as-of, by itself: a deal can be in several bars. The changes add up to those of waterfall.",
    parts=(
        Part(
            source=VERSIONS,
            where=(Filter("x.at", Op.AT_LEAST, ("@since",)), Filter("x.at", Op.LESS, ("@after",))),
        ),
    ),
    measures=(
        *_moved("came", "x.amt", _CAME),
        *_moved("changed", "x.delta", _STAYED),
        *_moved("left", "x.b_amt", _LEFT),
    ),
    dimensions=(
        Dimension(
            name="change",
            label="Change",
            buckets=tuple(Bucket(name=name, label=_CHANGES[name], where=where) for name, where in _MOVES.items()),
            partial=True,
        ),
        *(each for each in ABOUT_DEALS if each.name != "owner"),
    ),
    by="change",
    period="this-quarter",
    finish=_signed,
    since=True,
    notes=("A change counts where the deal stood after it: moves between types, sources or campaigns are no bars.",),
)
