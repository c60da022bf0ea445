"""Runs reports: pages of groups through the gate, put together by exact arithmetic.

All questions of one report see one moment of the index, so that its figures and the records behind them agree.
"""

from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import replace
from datetime import date
from typing import Any

from forcedex.access.gate import gate
from forcedex.access.view import View
from forcedex.analytics.behind import listed
from forcedex.analytics.definition import Condition, Definition, Dimension, Fold
from forcedex.analytics.folding import within
from forcedex.analytics.offered import offered
from forcedex.analytics.pages import Answer, Pages
from forcedex.analytics.planning import Plan, checked
from forcedex.analytics.question import Question
from forcedex.analytics.quick import corrected, from_totals
from forcedex.analytics.report import Report
from forcedex.analytics.rows import Rows, aligned
from forcedex.analytics.since import points, since
from forcedex.domain.company import Company
from forcedex.domain.comparing_periods import compared
from forcedex.domain.days import ONE_DAY, Days
from forcedex.domain.errors import Refused
from forcedex.domain.indexed import IndexedObject
from forcedex.domain.pacing import pace
from forcedex.domain.periods import Calendar, Period, between, period
from forcedex.domain.unknown import Unknown
from forcedex.elasticsearch.query import QueryClient

#: Field types whose values can be rows.
_KEYS = frozenset({"picklist", "multipicklist", "combobox", "reference", "boolean", "string", "key"})
#: How to get what is made of no object of its own name.
_MADE_OF = {
    "x-costs": "Load a table with `forcedex costs load FILE` and run `forcedex sync`, or leave it out of [costs].",
    "x-campaign-costs": "Add Campaign to [sync] objects and run `forcedex sync`.",
}
_NAMES = 1_000  # names of one request


class Engine:
    """Reports over the kinds of documents that there are."""

    def __init__(
        self, client: QueryClient, indexed: Sequence[IndexedObject], view: View, company: Company, calendar: Calendar
    ) -> None:
        self._client = client
        self._indexed = {each.name: each for each in indexed}
        self._view = view
        self._company = company
        self._calendar = calendar

    async def report(self, definition: Definition, question: Question) -> Report:
        """The answer; Refused if something is unknown, hidden from who asks, or too much."""
        definition = await self._prepared(self._meant(definition, question), question)
        span = self._period(definition, question)
        dimensions = self._dimensions(definition, question, span)
        other: Period | None = None
        if question.compare is not None:
            found = compared(span, question.compare, self._calendar)
            if isinstance(found, Unknown):
                raise Refused(found.reason)
            span, other = found.period, found.other
        definition, dimensions, question = await self._quickest(definition, dimensions, question, span)
        async with AsyncExitStack() as stack:
            plans = self._plans(definition, dimensions, span, question)
            moments = {
                name: await stack.enter_async_context(self._client.moment(self._indexed[name]))
                for name in sorted({each.indexed.name for each in plans})
            }
            answer, before = await self._answer(definition, plans, moments), None
            if other is not None:
                earlier = self._plans(definition, dimensions, other, question)
                before = aligned(dimensions, answer, await self._answer(definition, earlier, moments))
            labels = await self._labels(plans, dimensions, answer)
        rows = Rows(
            definition=definition,
            dimensions=dimensions,
            labels=labels,
            indexed=plans[0].indexed,
            top=question.top,
            share=question.share,
        )
        made = replace(
            rows.report(answer, before),
            period="all" if span.is_all else f"{span.days.first}..{span.days.last}",
            compared_with=f"{other.days.first}..{other.days.last}" if other else "",
            as_of=str(question.as_of or ""),
            since=str(plans[0].named["since"]) if definition.since else "",
            time_zone=self._company.time_zone,
            pace=None if span.is_all else pace(span.days, self._calendar.today),
            filters=question.filters,
            synced_at=answer.synced_at,
        )
        if definition.finish is not None:
            made = definition.finish(made)
        return rows.cut(made, answer)

    async def records(
        self, definition: Definition, question: Question, keys: Sequence[str | None], *, part: str = ""
    ) -> tuple[IndexedObject, list[Mapping[str, Any]]]:
        """The records behind a row, each by its fields; as many as the row counts."""
        definition = await self._prepared(self._meant(definition, question), question)
        span = self._period(definition, question)
        dimensions = self._dimensions(definition, question, span)
        if len(keys) != len(dimensions):
            raise Refused(
                f"A row of this report has {len(dimensions)} keys, not {len(keys)}.", "Copy them from --json."
            )
        plans = self._plans(definition, dimensions, span, question)
        plan = next((each for each in plans if each.part.name == part), plans[0])
        if definition.fold is not None:
            return await self._members(definition.fold, plan, str(keys[0]))
        try:
            conditions = plan.of_row(keys)
        except ValueError as exc:
            raise Refused(f"There is no row {' '.join(map(str, keys))}.", "Copy its keys from --json.") from exc
        return plan.indexed, [each async for each in listed(self._client, self._view, plan, conditions)]

    async def _answer(self, definition: Definition, plans: Sequence[Plan], moments: Mapping[str, str]) -> Answer:
        pages = Pages(self._client, self._view)
        if definition.fold is None:
            return await pages.answer(plans, moments)
        (plan,) = plans
        return await pages.folded(plan, definition.fold, moments[plan.indexed.name])

    async def _members(self, fold: Fold, plan: Plan, row: str) -> tuple[IndexedObject, list[Mapping[str, Any]]]:
        async with self._client.moment(plan.indexed) as moment:
            ids = await Pages(self._client, self._view).members(plan, fold, moment, row)
        indexed = self._indexed[fold.listing.parts[0].source]
        (part,) = fold.listing.parts
        whole = replace(plan, definition=fold.listing, part=part, indexed=indexed, dimensions=(), days=None, more=())
        checked(whole, self._view)
        found: list[Mapping[str, Any]] = []
        for start in range(0, len(ids), _NAMES):
            clause = {"terms": {"Id": ids[start : start + _NAMES]}}
            found += [each async for each in listed(self._client, self._view, whole, [clause])]
        return indexed, found

    async def _quickest(
        self, definition: Definition, dimensions: list[Dimension], question: Question, span: Period
    ) -> tuple[Definition, list[Dimension], Question]:
        """The report from totals that are kept, if they have it."""
        kept = definition.quick
        if kept is None:
            return definition, dimensions, question
        found = from_totals(definition, question, self._indexed, self._view)
        if found is not None:
            quick, asked = found
            rows = self._dimensions(quick, asked, span)
            number = await corrected(self._client, self._view, self._indexed[quick.parts[0].source], rows)
            if number is not None:
                were = "day was" if number == 1 else "days were"
                told = (f"{number:,} {were} corrected since: the org now tells otherwise.",) if number else ()
                return replace(quick, notes=(*quick.notes, *told)), rows, asked
        return replace(definition, notes=(*definition.notes, kept.otherwise)), dimensions, question

    # What is asked

    def _meant(self, definition: Definition, question: Question) -> Definition:
        """What of it there is, over the past if a day was named."""
        if question.as_of is not None and question.as_of > self._calendar.today:
            raise Refused(f"{question.as_of} is not over yet.", "Choose a day up to today.")
        if question.as_of is not None and not definition.since:
            if definition.as_of is None:
                raise Refused(
                    f"{definition.title} is told of now alone.",
                    "Leave --as-of out, or ask open-pipeline, forecast or waterfall.",
                )
            definition = definition.as_of
        if question.since and not definition.since:
            raise Refused(f"{definition.title} tells no changes.", "Leave --since out, or ask waterfall.")
        return offered(definition, self._indexed, self._view)

    async def _prepared(self, definition: Definition, question: Question) -> Definition:
        """With what an earlier question found."""
        if definition.first is None or definition.prepare is None:
            return definition
        first = offered(definition.first, self._indexed, self._view)
        if not first.parts:
            return definition  # what is asked for is optional, and not there for this person
        span = self._period(first, replace(question, period=""))
        dimensions = self._dimensions(first, replace(question, by=None), span)
        plans = self._plans(first, dimensions, span, replace(question, more=()))
        async with self._client.moment(plans[0].indexed) as moment:
            answer = await Pages(self._client, self._view).answer(plans, {plans[0].indexed.name: moment})
        return definition.prepare(definition, answer.groups)

    def _period(self, definition: Definition, question: Question) -> Period:
        found = period(question.period or definition.period, self._calendar)
        if isinstance(found, Unknown):
            raise Refused(found.reason)
        running = any(each.points for each in definition.dimensions)
        if running and not question.period and found.days.end <= self._calendar.today:
            return between(Days(found.days.first, self._calendar.today + ONE_DAY))  # a trend comes up to now
        return found

    def _dimensions(self, definition: Definition, question: Question, span: Period) -> list[Dimension]:
        names = question.by if question.by is not None else ((definition.by,) if definition.by else ())
        if len(names) > 2 or len(set(names)) < len(names):
            raise Refused("A report has at most two different dimensions.", "Use --by ONE or --by ONE,OTHER.")
        found: list[Dimension] = []
        for name in names:
            one = definition.dimension(name) or (None if definition.fold else self._field(definition, name))
            if one is None:
                offered = ", ".join(each.name for each in definition.dimensions)
                raise Refused(
                    f"{definition.title} has no dimension {name}.",
                    f"Choose from {offered}, or name a field." if offered else "Name a field.",
                )
            if one.points is not None and any(each.points for each in found):
                raise Refused("A trend has one row of time.", f"Leave {found[0].name} or {name} out.")
            if one.points is not None:
                one = points(one, span.days, self._calendar.today, self._company.week_start)
            found.append(one)
        running = [each.name for each in definition.dimensions if each.points]
        if running and not any(each.points for each in found):
            # What was open at any time at all is no pipeline of any day.
            raise Refused(
                f"{definition.title} is told of the ends of {', '.join(running)}.", f"Write --by {running[-1]},…"
            )
        return found

    def _field(self, definition: Definition, name: str) -> Dimension | None:
        """A field of the documents as a dimension, by API name or label: `Region__c`, `region`."""
        indexed = self._indexed.get(definition.parts[0].source)
        wanted = name.casefold()
        for path, column in (indexed.fields if indexed else {}).items():
            if wanted in (path.casefold(), column.label.casefold()) and column.type in _KEYS:
                leads = indexed.relationships.values() if indexed else ()
                names = next((each.objects[0] for each in leads if each.field == path and len(each.objects) == 1), "")
                return Dimension(name=name, label=column.label, field=path, names=names)
        return None

    def _plans(
        self, definition: Definition, dimensions: Sequence[Dimension], span: Period, question: Question
    ) -> list[Plan]:
        plans = []
        more: Sequence[Condition] = question.more
        if definition.fold is not None:
            definition, dimensions, more = within(definition, definition.fold, more)
        today = question.as_of or self._calendar.today
        named: dict[str, date] = {"asof": today, "after": today + ONE_DAY}
        if not span.is_all:
            named |= {"start": span.days.first, "end": span.days.end}
        if definition.since:
            named["since"] = since(question.since, today, None if span.is_all else span.days, self._company.week_start)
        for part in definition.parts:
            indexed = self._indexed.get(part.source)
            if indexed is None:
                raise Refused(
                    f"There are no {part.source.removeprefix('x-')} in the index.",
                    _MADE_OF.get(part.source, "Add the object to [sync] objects and run `forcedex sync`."),
                )
            if not self._view.may_read(indexed.told_of):
                raise Refused(self._view.blind or f"{indexed.label_plural} are hidden from this person.")
            plan = Plan(
                definition=definition,
                part=part,
                indexed=indexed,
                dimensions=dimensions,
                days=None if span.is_all else span.days,
                today=today,
                time_zone=self._company.time_zone,
                week_start=self._company.week_start,
                more=more,
                named=named,
            )
            checked(plan, self._view)
            plans.append(plan)
        return plans

    # What rows are called

    async def _labels(
        self, plans: Sequence[Plan], dimensions: Sequence[Dimension], answer: Answer
    ) -> list[dict[str, str]]:
        """For each dimension, what its keys are called."""
        found = []
        for number, dimension in enumerate(dimensions):
            keys = sorted({part for key in answer.groups if (part := key[number]) is not None})
            found.append(await self._names(dimension.names, keys) if dimension.names else {})
            column = plans[0].indexed.columns.get(dimension.of(plans[0].part.name))
            if column is not None:
                found[-1] = {**column.values, **found[-1]}
        return found

    async def _names(self, name: str, ids: Sequence[str]) -> dict[str, str]:
        indexed = self._indexed.get(name)
        names: dict[str, str] = {}
        if indexed is None or indexed.name_field is None or not self._view.may_read(indexed.told_of):
            return names
        for start in range(0, len(ids), _NAMES):
            some = list(ids[start : start + _NAMES])
            body = {"query": {"terms": {"Id": some}}, "size": len(some), "_source": [indexed.name_field]}
            answer = await self._client.search(gate(self._view, [indexed], body))
            hits = answer["hits"]["hits"]
            names |= {hit["_id"]: str(hit["_source"].get(indexed.name_field, hit["_id"])) for hit in hits}
        return names
