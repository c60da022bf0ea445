"""Where an org's selling costs come from, and how reports over them are made: C by source, beside what it brought.

Each source is a part of its own, with a column of its own; what a source cannot tell of a dimension stands in the row
“(unallocated)” and is spread over nothing. The actual cost of a campaign does not count where the table, or the cost
object, has costs of that campaign: they would count twice.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from forcedex.analytics.definition import Definition, Dimension, Filter, Function, Measure, Op, Part, Shows
from forcedex.analytics.groups import Group, rounded_share
from forcedex.analytics.report import Column, Figure, Report, ReportRow
from forcedex.analytics.reports.common import calendar

OBJECT, TABLE, CAMPAIGNS = "object", "table", "campaigns"
NO_COST = "no cost recorded"
_BELOW = "costs below zero"
_NOBODYS = "(unallocated)"
_LABELS = {OBJECT: "C of cost records", TABLE: "C of the cost table", CAMPAIGNS: "C of campaigns"}
_DOCUMENTS = {TABLE: "x-costs", CAMPAIGNS: "x-campaign-costs"}


@dataclass(frozen=True, kw_only=True)
class Costs:
    """Which costs count, where the org records them, and what they are about."""

    #: Of `object`, `table` and `campaigns`; empty: the object alone.
    sources: Sequence[str] = ()
    #: Fields of deals that the table's teams and regions are values of.
    team: str = ""
    region: str = ""
    #: How much earlier costs are than what they bring.
    lag: str = "3m"
    #: An object, and its fields.
    object: str = ""
    amount: str = ""
    day: str = ""
    #: Empty: costs are nobody's.
    owner: str = ""
    campaign: str = ""
    #: Further fields of deals, and the cost's fields that mean the same.
    alike: Mapping[str, str] = field(default_factory=dict)

    @property
    def counted(self) -> Sequence[str]:
        """The sources in the order of their columns."""
        if not self.sources:
            return (OBJECT,) if self.object else ()
        return [each for each in (OBJECT, TABLE, CAMPAIGNS) if each in self.sources]

    def source(self, name: str) -> str:
        """The documents of a source."""
        return self.object if name == OBJECT else _DOCUMENTS[name]

    def day_of(self, name: str) -> str:
        """The field of its day."""
        return self.day if name == OBJECT else "x.day"

    def parts(self, *, lag: str = "") -> tuple[Part, ...]:
        """One for each source."""
        return tuple(Part(source=self.source(each), name=each, day=self.day_of(each), lag=lag) for each in self.counted)

    def measures(self) -> tuple[Measure, ...]:
        """What each source tells."""
        return tuple(
            Measure(
                name=f"costs_{each}",
                label=_LABELS[each],
                function=Function.SUM,
                field=self.amount if each == OBJECT else "x.amt",
                shows=Shows.MONEY,
                part=each,
            )
            for each in self.counted
        )

    def dimensions(self) -> tuple[Dimension, ...]:
        """The calendar, and every scope that a source tells of."""
        units = (
            replace(each, fields={name: self.day_of(name) for name in self.counted}) for each in calendar("CloseDate")
        )
        scopes = [
            ("owner", "Owner", "OwnerId", "User", {OBJECT: self.owner, TABLE: "x.owner"}),
            ("campaign", "Campaign", "CampaignId", "Campaign", {OBJECT: self.campaign, **_OF_CAMPAIGN}),
            ("team", "Team", self.team, "", {OBJECT: self.alike.get(self.team, ""), TABLE: "x.team"}),
            ("region", "Region", self.region, "", {OBJECT: self.alike.get(self.region, ""), TABLE: "x.region"}),
        ]
        named = {self.team, self.region}
        scopes += [(name, name, name, "", {OBJECT: other}) for name, other in self.alike.items() if name not in named]
        return (
            *units,
            *(
                Dimension(name=name, label=label, field=mine, fields=fields, names=names, none=_NOBODYS)
                for name, label, mine, names, theirs in scopes
                if mine and any(theirs.get(each) for each in self.counted)
                for fields in [{each: theirs.get(each, "") for each in self.counted}]
            ),
        )

    def first(self) -> Definition | None:
        """The campaigns whose costs the table or the object tells; None if that matters to nobody."""
        told = [each for each in self.counted if each == TABLE or (each == OBJECT and self.campaign)]
        if CAMPAIGNS not in self.counted or not told:
            return None
        fields = {each: self.campaign if each == OBJECT else "x.campaign" for each in told}
        where = {each: (Filter(fields[each], Op.KNOWN),) for each in told}
        return Definition(
            name="campaigns-with-costs",
            title="Campaigns with costs",
            formula="Campaigns of which the cost table or cost records tell costs.",
            parts=tuple(Part(source=self.source(each), name=each, where=where[each]) for each in told),
            measures=tuple(Measure(name=each, label="Costs", part=each) for each in told),
            dimensions=(Dimension(name="campaign", label="Campaign", fields=fields),),
            by="campaign",
        )


_OF_CAMPAIGN = {TABLE: "x.campaign", CAMPAIGNS: "x.campaign"}


def once(definition: Definition, groups: Mapping[tuple[str | None, ...], Group]) -> Definition:
    """No campaign counts twice."""
    told = sorted(key for (key,) in groups if key is not None)
    if not told:
        return definition
    without = Filter("x.campaign", Op.NOT, tuple(told))
    parts = (
        replace(each, where=(*each.where, without)) if each.name == CAMPAIGNS else each for each in definition.parts
    )
    which = "1 campaign does" if len(told) == 1 else f"{len(told):,} campaigns do"
    note = f"The actual cost of {which} not count: the cost table or cost records tell what they cost."
    return replace(definition, parts=tuple(parts), notes=(*definition.notes, note))


Figures = Mapping[str, Figure]


def costs_of(figures: Figures) -> Decimal:
    """C: all sources together."""
    return sum((each.value or Decimal(0) for name, each in figures.items() if name.startswith("costs_")), Decimal(0))


def finished(made: Callable[[Figures, bool], Figures], *columns: Column) -> Callable[[Report], Report]:
    """Adds C, and what `made` makes of a row's figures; it is told whether they can be set against each other.

    Sales and costs of nobody are not: what stands in that row is of different things.
    """

    def finish(report: Report) -> Report:
        scopes = [number for number, name in enumerate(report.by) if name not in _UNITS]

        def figures(row: ReportRow, found: Figures) -> Figures:
            if not found:
                return found
            together = {**found, "costs": Figure(value=costs_of(found))}
            nobodys = any(row.keys[number] is None for number in scopes if number < len(row.keys))
            return {**together, **made(together, not nobodys)}

        def one(row: ReportRow) -> ReportRow:
            return replace(row, figures=figures(row, row.figures), before=figures(row, row.before))

        several = sum(each.name.startswith("costs_") for each in report.columns) > 1
        shown = [each for each in report.columns if several or not each.name.startswith("costs_")]
        every = Column(name="costs", label="C", shows=Shows.MONEY)
        rows = tuple(map(one, report.rows))
        return replace(
            report,
            rows=rows,
            total=one(report.total),
            columns=(*shown, every, *columns),
            missing={
                name if several or not name.startswith("costs_") else "costs": number
                for name, number in report.missing.items()
            },
            notes=(*report.notes, *_unallocated(rows, scopes)),
        )

    return finish


_UNITS = frozenset(each.name for each in calendar("CloseDate"))


def _unallocated(rows: Sequence[ReportRow], scopes: Sequence[int]) -> list[str]:
    """How much of the costs is in no row of its own."""
    nobodys = [row for row in rows if not row.rest and any(row.keys[number] is None for number in scopes)]
    costs = sum((row.value("costs") or Decimal(0) for row in nobodys), Decimal(0))
    return [f"Unallocated costs, in the total and spread over nothing: {costs:,f}."] if costs else []


def over_costs(upper: Decimal, costs: Decimal, *, comparable: bool) -> Figure:
    """Something over C; none without costs, or with costs below zero."""
    why = "" if comparable else "unallocated"
    why = why or (_BELOW if costs < 0 else "" if costs else NO_COST)
    return Figure(value=None if why else rounded_share(upper, costs), why=why, over=upper, under=costs)
