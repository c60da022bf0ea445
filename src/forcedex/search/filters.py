"""Filters that were understood: shown to the person, and removable."""

from dataclasses import dataclass
from datetime import date, datetime, time, tzinfo
from typing import Any

JSON = dict[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class Condition:
    """What a field must be. `any_of` terms, words, or a range [least, below) or (over, most]."""

    path: str
    any_of: tuple[str | bool, ...] = ()
    #: All of these words, for texts.
    words: str = ""
    #: A comparison as Elasticsearch has it: gt, gte, lt, lte to a number, a day or a time.
    bounds: tuple[tuple[str, float | str], ...] = ()
    prefix: str = ""
    exists: bool = False

    def clause(self) -> JSON:
        """The clause on the field."""
        if self.any_of:
            return {"terms": {self.path: list(self.any_of)}}
        if self.words:
            return {"match": {self.path: {"query": self.words, "operator": "and"}}}
        if self.prefix:
            return {"prefix": {self.path: self.prefix}}
        if self.exists:
            return {"exists": {"field": self.path}}
        return {"range": {self.path: dict(self.bounds)}}


@dataclass(frozen=True, kw_only=True, slots=True)
class Through:
    """A condition on a parent whose values are not in the document: asked first, then followed."""

    #: Reference fields, such as `AccountId`.
    fields: tuple[str, ...]
    parent: str
    conditions: tuple[Condition, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Filter:
    """One filter, as it is shown."""

    #: Names it among those of a query: asked again without it, the filter is off.
    key: str
    #: `Stage: Closed Won`.
    label: str
    #: Where in the query it comes from, and what stands there.
    span: tuple[int, int]
    text: str
    #: False: understood from plain words, which are searched as words where the filter is off.
    written: bool = True
    negated: bool = False
    #: One of them holds.
    conditions: tuple[Condition, ...] = ()
    through: tuple[Through, ...] = ()
    #: Objects that it narrows the search to.
    objects: tuple[str, ...] = ()


def any_of(clauses: list[JSON]) -> JSON:
    """One of the clauses."""
    return clauses[0] if len(clauses) == 1 else {"bool": {"should": clauses, "minimum_should_match": 1}}


def clause(found: Filter, followed: dict[Through, tuple[str, ...]] | None = None) -> JSON:
    """The clause of a filter; `followed` are the Ids of the parents that were asked first."""
    ways = [each.clause() for each in found.conditions]
    for each in found.through:
        ids = (followed or {}).get(each, ())
        ways += [{"terms": {path: list(ids)}} for path in each.fields if ids]
    if found.objects:
        ways.append({"terms": {"forcedex.object": list(found.objects)}})
    return any_of(ways) if ways else {"match_none": {}}


def days(path: str, first: date | None, after: date | None, zone: tzinfo | None) -> Condition:
    """From one day to the day before another, either open; in times of a zone for fields that hold times."""

    def moment(day: date) -> str:
        if zone is None:
            return day.isoformat()
        return datetime.combine(day, time.min, zone).isoformat()

    bounds = [("gte", moment(first))] if first else []
    bounds += [("lt", moment(after))] if after else []
    return Condition(path=path, bounds=tuple(bounds))
