"""From a definition to what is asked: conditions, keys and checks; pure, and only what the gate lets through."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from itertools import product
from typing import Any

from forcedex.access.view import View
from forcedex.analytics.definition import (
    AllOf,
    AnyOf,
    Condition,
    Definition,
    Dimension,
    Measure,
    Op,
    Part,
    filters,
)
from forcedex.domain.days import Days, Unit, around, last_moment
from forcedex.domain.errors import Refused
from forcedex.domain.indexed import IndexedObject
from forcedex.domain.lag import Lag, lag_of
from forcedex.domain.zones import zone

JSON = dict[str, Any]

_BOUNDS = {Op.AT_LEAST: "gte", Op.MORE: "gt", Op.AT_MOST: "lte", Op.LESS: "lt"}
_DATES = frozenset({"date", "datetime"})
_MONEY = frozenset({"currency", "minor"})
_WHOLE = frozenset({"int", "long"})
_NUMBERS = _WHOLE | {"double", "percent"}
_DIGITS = 30  # before or after the point


@dataclass(frozen=True, slots=True)
class Place:
    """One bucket, or None for what is in no bucket, of each dimension that has some; and what their records fulfil."""

    names: tuple[str | None, ...]
    clauses: tuple[JSON, ...]


@dataclass(frozen=True, kw_only=True)
class Plan:
    """One part of a report over one kind of documents."""

    definition: Definition
    part: Part
    indexed: IndexedObject
    dimensions: Sequence[Dimension]
    #: None: every day.
    days: Days | None
    today: date
    time_zone: str
    week_start: int = 0
    #: Conditions beside those of the definition.
    more: Sequence[Condition] = ()
    #: What `@start` and `@end` stand for.
    named: Mapping[str, date] = field(default_factory=dict)

    @property
    def measures(self) -> list[Measure]:
        """The measures of this part."""
        first = self.part is self.definition.parts[0]
        return [each for each in self.definition.measures if each.part == self.part.name or (first and not each.part)]

    @property
    def fields(self) -> list[str]:
        """Every field that is asked about."""
        conditions = [*self.part.where, *self.more, *(one for each in self.measures for one in each.where)]
        named = [*([self.part.day] if self.part.day and self.days else []), *self._columns()]
        named += [each.of(self.part.name) for each in self.composed]
        conditions += [one for each in self.dimensions for bucket in each.buckets for one in bucket.where]
        return list(dict.fromkeys([*named, *fields_of(conditions)]))

    def _columns(self) -> list[str]:
        return [self.path(each.field) for each in self.measures if each.field]

    def is_whole(self, name: str) -> bool:
        """Whether the numbers of a field are whole ones."""
        return self._type(name) in _MONEY | _WHOLE

    def path(self, name: str) -> str:
        """Where the numbers of a field are: those of money in whole minor units."""
        return path_of(self.indexed, name)

    def query(self, extra: Sequence[JSON] = ()) -> JSON:
        """The records that the part is about."""
        clauses = [self.clause(each) for each in (*self.part.where, *self.more)]
        if self.part.day and self.days is not None:
            clauses.append({"range": {self.part.day: {**self._before(self.days), **self.zone_of(self.part.day)}}})
        return {"bool": {"filter": [*clauses, *extra]}}

    @property
    def composed(self) -> list[Dimension]:
        """The dimensions whose keys are values of fields of this part."""
        return [each for each in self.dimensions if not each.buckets and each.of(self.part.name)]

    @property
    def _lag(self) -> Lag | None:
        return lag_of(self.part.lag) if self.part.lag else None

    def places(self) -> list[Place]:
        """Each combination of buckets; one empty one if there are none."""
        bucketed = [each for each in self.dimensions if each.buckets]
        every = ([*(one.name for one in each.buckets), *([] if each.partial else [None])] for each in bucketed)
        names = product(*every)
        return [
            Place(each, tuple(self._key(one, name) for one, name in zip(bucketed, each, strict=True))) for each in names
        ]

    def key(self, place: Place, composite: Mapping[str, Any]) -> tuple[str | None, ...]:
        """The keys of a row by the order of the dimensions."""
        names = iter(place.names)
        return tuple(
            next(names) if each.buckets else self._later(each, key_of(each, composite.get(each.name)))
            for each in self.dimensions
        )

    def is_in(self, key: Sequence[str | None], place: Place) -> bool:
        """Whether a row belongs to a place."""
        return place.names == tuple(name for name, each in zip(key, self.dimensions, strict=True) if each.buckets)

    def _before(self, days: Days) -> JSON:
        """The bounds of the days that count for these: those that lie the part's lag before."""
        found = self._lag.shifted(days) if self._lag else days
        if found is None:
            raise Refused(f"{days} have no days of their own {self._lag} before.", "Choose a longer --period.")
        return {"gte": found.first.isoformat(), "lt": found.end.isoformat()}

    def _later(self, dimension: Dimension, key: str | None) -> str | None:
        """The row that what lies before it counts in."""
        if key is None or dimension.unit is None or self._lag is None:
            return key
        return unit_key(self._lag.after(days_of(key, dimension.unit, self.week_start).first), dimension.unit)

    def of_row(self, keys: Sequence[str | None]) -> list[JSON]:
        """The conditions that a row's records fulfil."""
        return [self._key(each, key) for each, key in zip(self.dimensions, keys, strict=True)]

    def clause(self, condition: Condition) -> JSON:
        """A condition as a query."""
        if isinstance(condition, AnyOf):
            return {"bool": {"should": [self.clause(each) for each in condition.filters], "minimum_should_match": 1}}
        if isinstance(condition, AllOf):
            return {"bool": {"filter": [self.clause(each) for each in condition.filters]}}
        path = self.path(condition.field)
        match condition.op:
            case Op.KNOWN:
                return {"exists": {"field": path}}
            case Op.UNKNOWN:
                return {"bool": {"must_not": [{"exists": {"field": path}}]}}
            case Op.IS | Op.NOT:
                where: JSON = {"terms": {path: [self._value(condition.field, each) for each in condition.values]}}
                return where if condition.op is Op.IS else {"bool": {"must_not": [where]}}
            case Op.AT | Op.NOT_AT:
                (value,) = condition.values
                day = self._day(str(value))
                moment = last_moment(day, zone(self.time_zone)).isoformat(timespec="milliseconds")
                held: JSON = {"term": {path: str(day) if self._type(path) == "date" else moment}}
                return held if condition.op is Op.AT else {"bool": {"must_not": [held]}}
            case _:
                (value,) = condition.values
                bound = {_BOUNDS[condition.op]: self._value(condition.field, value)}
                return {"range": {path: {**bound, **self.zone_of(condition.field)}}}

    def _value(self, name: str, value: Any) -> Any:
        """A value as the field holds it; Refused if it cannot be one of its."""
        if isinstance(value, str) and value.startswith("@"):
            return self._day(value).isoformat()
        kind = self._type(name)
        try:
            if kind in _MONEY:
                return int(_number(value).scaleb(self.indexed.decimal_places).to_integral_value())
            if kind in _NUMBERS:
                return str(_number(value))
            if kind in _DATES and isinstance(value, str):
                return date.fromisoformat(value).isoformat()
        except (ValueError, InvalidOperation, OverflowError) as exc:
            what = "a day such as 2026-03-31" if kind in _DATES else "a number"
            raise Refused(f"“{str(value)[:40]}” is no value of {name}.", f"Write {what}.") from exc
        if kind == "boolean" and str(value).casefold() not in ("true", "false"):
            raise Refused(f"“{str(value)[:40]}” is no value of {name}.", "Write true or false.")
        return str(value).casefold() if kind == "boolean" else value

    def _day(self, value: str) -> date:
        """A day as written, or one of the question's."""
        if not value.startswith("@"):
            return date.fromisoformat(value)
        word, _, days = value[1:].partition("-")
        day = {"today": self.today, **self.named}.get(word)
        if day is None:
            raise Refused(f"{value} is not known: the report has no period.", "Choose one with --period.")
        return day - timedelta(days=int(days or 0))

    def zone_of(self, path: str) -> JSON:
        """Whose days a field's are, as a part of a query."""
        return {"time_zone": self.time_zone} if self._type(path) == "datetime" else {}

    def _type(self, path: str) -> str:
        column = self.indexed.columns.get(path)
        return column.type if column else ""

    def _key(self, dimension: Dimension, key: str | None) -> JSON:
        if dimension.buckets:
            return self._bucket(dimension, key)
        path = dimension.of(self.part.name)
        if not path:
            return {"match_all": {}} if key is None else {"match_none": {}}
        if key is None:
            return {"bool": {"must_not": [{"exists": {"field": path}}]}}
        if dimension.unit is None:
            return {"term": {path: key}}
        days = days_of(key, dimension.unit, self.week_start)
        return {"range": {path: {**self._before(days), **self.zone_of(path)}}}

    def _bucket(self, dimension: Dimension, key: str | None) -> JSON:
        clauses = {each.name: {"bool": {"filter": list(map(self.clause, each.where))}} for each in dimension.buckets}
        if key is None:
            return {"bool": {"must_not": list(clauses.values())}}
        if key not in clauses:
            raise ValueError(key)
        return clauses[key]


def _number(value: Any) -> Decimal:
    """A number of no more digits than any field has; ValueError for another, which would take ages to write out."""
    found = Decimal(str(value))
    if not found.is_finite() or abs(found.adjusted()) > _DIGITS:
        raise ValueError(value)
    return found


def key_of(dimension: Dimension, value: Any) -> str | None:
    """A bucket's key as rows have it."""
    if value is None:
        return None
    if dimension.unit is Unit.QUARTER:
        year, _, month = str(value).partition("-")
        return f"{year}-Q{(int(month) + 2) // 3}"
    return str(value).lower() if isinstance(value, bool) else str(value)


def unit_key(day: date, unit: Unit) -> str:
    """The key of the calendar's unit that begins on a day."""
    match unit:
        case Unit.MONTH:
            return f"{day:%Y-%m}"
        case Unit.QUARTER:
            return f"{day:%Y}-Q{(day.month + 2) // 3}"
        case Unit.YEAR:
            return f"{day:%Y}"
        case _:
            return day.isoformat()


def is_running(dimension: Dimension) -> bool:
    """Whether a dimension runs through time, so that its rows stand in order."""
    return dimension.unit is not None or dimension.points is not None or dimension.name.startswith("fiscal-")


def days_of(key: str, unit: Unit, week_start: int = 0) -> Days:
    """The days of a calendar unit by its key."""
    if unit is Unit.QUARTER:
        year, _, quarter = key.partition("-Q")
        day = date(int(year), int(quarter) * 3 - 2, 1)
    else:
        day = date.fromisoformat(f"{key}-01-01"[:10] if unit is Unit.YEAR else f"{key}-01"[:10])
    return around(day, unit, week_start)


def path_of(indexed: IndexedObject, name: str) -> str:
    """Where the numbers of a field are: those of money in whole minor units."""
    column = indexed.columns.get(name)
    return f"forcedex.minor.{name}" if column is not None and column.type == "currency" else name


def fields_of(conditions: Iterable[Condition]) -> list[str]:
    """The fields that conditions are about."""
    return [each.field for each in filters(conditions)]


def checked(plan: Plan, view: View) -> None:
    """Refused if a field is not in the index, or not for who asks: never a smaller number."""
    if plan.part.lag:
        _fitting(plan)
    unknown = [each for each in plan.fields if plan.indexed.sources(each) is None]
    if unknown:
        names = ", ".join(unknown)
        raise Refused(
            f"{plan.indexed.label_plural} have no {names} in the index.",
            "Check the spelling. If it is a field of Salesforce, give the sync user read permission on it.",
        )
    hidden = [each for each in plan.fields if not view.may_use(plan.indexed, each)]
    if hidden:
        labels = ", ".join(dict.fromkeys(_label(plan.indexed, each) for each in hidden))
        raise Refused(
            view.blind or f"This report needs what is hidden from this person: {labels}.",
            "Ask the administrator, or choose a report without it.",
        )


def _fitting(plan: Plan) -> None:
    """Refused if what lies before does not fall into whole rows."""
    lag = lag_of(plan.part.lag)
    for each in plan.dimensions:
        if each.unit is not None and not lag.fits(each.unit):
            raise Refused(f"{lag} are no whole number of {each.unit}s.", "Choose another --by, or another lag.")


def _label(indexed: IndexedObject, path: str) -> str:
    column = indexed.columns.get(path) or indexed.columns.get(path.removeprefix("forcedex.minor."))
    return column.label if column else path


def order_of(dimension: Dimension, key: str | None) -> tuple[bool, str]:
    """What sorts rows by key: buckets as they stand, values by themselves, what has none last."""
    place = next((f"{n:04}" for n, each in enumerate(dimension.buckets) if each.name == key), key or "")
    return key is None, place
