"""What is wrong with the tables of a report's file against what is in the index."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches

from forcedex.analytics.definition import Condition, Definition, Filter, Function, Op, Part, Shows, filters
from forcedex.analytics.own.checking import Surroundings, offer
from forcedex.analytics.own.grammar import DimensionTable, MeasureTable, PartTable, ReportTable
from forcedex.analytics.own.making import MONEY, buckets_of
from forcedex.analytics.own.problems import Problem, Way
from forcedex.analytics.planning import Plan
from forcedex.domain.days import ONE_DAY, Days
from forcedex.domain.errors import Refused
from forcedex.domain.indexed import IndexedField, IndexedObject
from forcedex.domain.roles import Role

_NUMBERS = MONEY | {"int", "long", "double", "percent"}
_DATES = frozenset({"date", "datetime"})
#: Field types whose values can be rows.
_KEYS = frozenset({"picklist", "multipicklist", "combobox", "reference", "boolean", "string", "key"})
_WHOLE = frozenset({"int", "long"})
#: In the index of an object these are for searching by words.
_WORDS = frozenset({Role.NAME, Role.TITLE, Role.TEXT, Role.LONG_TEXT})
_SPAN = "span"


def problems_with_fields(table: ReportTable, definition: Definition, around: Surroundings) -> Iterator[Problem]:
    """What the index does not have, or cannot do."""
    for n, part in enumerate(table.parts):
        indexed = around.indexed.get(part.source)
        if indexed is None:
            close = get_close_matches(part.source, around.indexed, 3, 0.5)
            meant = f"did you mean {' or '.join(close)}?" if close else offer(around.indexed.keys())
            yield Problem(("parts", n, "source"), f"there are no {part.source} in the index; {meant}")
            continue
        yield from _Fields(("parts", n), indexed, definition, definition.parts[n], around).part(part)
        for m, measure in enumerate(table.measures):
            if (measure.part or (table.parts[0].name or "")) == (part.name or ""):
                own = _Fields(("measures", m), indexed, definition, definition.parts[n], around)
                yield from own.measure(measure, definition.measures[m].shows)
        for d, dimension in enumerate(table.dimensions):
            own = _Fields(("dimensions", d), indexed, definition, definition.parts[n], around)
            yield from own.dimension(dimension, dimension.fields.get(part.name or "", dimension.field))


@dataclass(frozen=True)
class _Fields:
    """Checks a table of the file against the fields of one kind of documents."""

    way: Way
    indexed: IndexedObject
    definition: Definition
    of: Part
    around: Surroundings

    def part(self, each: PartTable) -> Iterator[Problem]:
        """A part's day and conditions."""
        if each.day is not None:
            column = self.indexed.fields.get(each.day)
            if column is None:
                yield self._missing("day", each.day)
            elif column.type not in _DATES:
                yield self._problem("day", f"{each.day} holds no days; name a field of dates")
        yield from self._conditions("where", each.where)

    def measure(self, each: MeasureTable, shows: Shows) -> Iterator[Problem]:
        """A measure's field and conditions."""
        yield from self._conditions("where", each.where)
        if each.field is None:
            if shows is Shows.MONEY:
                yield self._problem("shows", "a number of records is no money; leave it out")
            return
        column = self.indexed.fields.get(each.field)
        if column is None:
            yield self._missing("field", each.field)
            return
        counted = each.function is Function.COUNT
        if not counted and column.type not in _NUMBERS:
            yield self._problem("field", f"{each.field} holds no numbers; name one that does, or count it")
        elif (shows is Shows.MONEY) is not (column.type in MONEY and not counted):
            wanted = "money" if column.type in MONEY and not counted else "another, or none"
            yield self._problem("shows", f"{each.function} of {each.field} is not to be read so; write {wanted}")
        elif counted and self._is_words(column):
            yield self._problem("field", f"{each.field} is a text to be searched; use a condition that it is known")

    def dimension(self, each: DimensionTable, path: str | None) -> Iterator[Problem]:
        """A dimension's field in this part, or the conditions of its buckets."""
        for bucket in buckets_of(each):
            yield from self._conditions("buckets" if each.buckets else "field", bucket.where)
            for one in bucket.where:
                if isinstance(one, Filter) and self._type(one.field) == "multipicklist":
                    yield self._problem("buckets", f"{one.field} may have several values at once; name another field")
        if not path or each.ranges or each.groups:
            return
        column = self.indexed.fields.get(path)
        if column is None:
            yield self._missing("field", path)
        elif each.points is not None:
            if column.type != _SPAN:
                yield self._problem("points", f"{path} is no span of time; give a unit, or name one such as x.valid")
        elif each.unit is not None and column.type not in _DATES:
            yield self._problem("unit", f"{path} holds no days; leave the unit out, or name a field of dates")
        elif each.unit is None and (column.type not in _KEYS | _WHOLE or self._is_words(column)):
            yield self._problem("field", f"the values of {path} cannot be rows; give a unit or ranges, or name a list")

    def _conditions(self, key: str, conditions: Sequence[Condition]) -> Iterator[Problem]:
        found: list[Problem] = []
        for each in filters(conditions):
            found += self._condition(key, each)
        yield from dict.fromkeys(found)

    def _condition(self, key: str, each: Filter) -> Iterator[Problem]:
        column = self.indexed.fields.get(each.field)
        if column is None:
            yield self._missing(key, each.field)
            return
        if each.op in (Op.KNOWN, Op.UNKNOWN):
            return
        if self._is_words(column):
            yield self._problem(key, f"{each.field} is a text to be searched; only known can be asked of it")
        elif (column.type == _SPAN) is not (each.op in (Op.AT, Op.NOT_AT)):
            yield self._problem(key, f"{each.op} cannot be asked of {each.field}; at and not-at are for spans of time")
        elif column.type == _SPAN:
            return
        elif column.type not in _KEYS | _NUMBERS | _DATES | {"email", "phone", "url", "id"}:
            yield self._problem(key, f"{each.field} cannot be compared; only known can be asked of it")
        elif each.op not in (Op.IS, Op.NOT) and column.type not in _NUMBERS | _DATES:
            yield self._problem(key, f"{each.field} has no order; use is or not")
        elif column.type not in _DATES and any(str(value).startswith("@") for value in each.values):
            yield self._problem(key, f"{each.field} holds no days, so @… means nothing; write a value")
        else:
            try:
                self._plan().clause(each)
            except Refused as exc:
                yield self._problem(key, f"{exc.message} {exc.hint}")

    def _plan(self) -> Plan:
        today = self.around.calendar.today if self.around.calendar else date.today()
        return Plan(
            definition=self.definition,
            part=self.of,
            indexed=self.indexed,
            dimensions=(),
            days=Days(today, today + ONE_DAY),
            today=today,
            time_zone="UTC",
            named=dict.fromkeys(("start", "end", "since", "asof", "after"), today),
        )

    def _type(self, path: str) -> str:
        column = self.indexed.fields.get(path)
        return column.type if column else ""

    def _is_words(self, column: IndexedField) -> bool:
        return not self.indexed.of and column.role in _WORDS and column.type not in _NUMBERS | _DATES

    def _missing(self, key: str, path: str) -> Problem:
        by_label = {column.label.casefold(): name for name, column in self.indexed.fields.items()}
        known = {**{name.casefold(): name for name in self.indexed.fields}, **by_label}
        close = list(dict.fromkeys(known[each] for each in get_close_matches(path.casefold(), known, 3, 0.6)))
        meant = f"did you mean {' or '.join(close)}?" if close else "check the spelling, or let the sync user read it"
        return self._problem(key, f"{self.indexed.label_plural} have no {path} in the index; {meant}")

    def _problem(self, key: str, text: str) -> Problem:
        return Problem((*self.way, key), text)
