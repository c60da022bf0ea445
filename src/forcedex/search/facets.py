"""Facets: which ones an object has, how they are counted, and what choosing a value means."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from forcedex.access.gate import restriction, unrestricted
from forcedex.access.view import View
from forcedex.domain.indexed import IndexedObject
from forcedex.domain.roles import Role
from forcedex.search.answer import Bucket, Facet

JSON = dict[str, Any]

OBJECT = "object"
_MOST_VALUES = 10
_MOST_LABELS = 3
#: Lists that tell most, best first; others follow in the order of the describe.
_LABELS = ("StageName", "Status", "Priority", "Type", "Industry", "Rating", "LeadSource", "Origin", "Family")
_DATES = ("CloseDate", "LastModifiedDate")
_OWNER = "Owner.Name"
_AMOUNTS = ("Amount", "AnnualRevenue")
_STEPS = (0, 1_000, 10_000, 100_000, 1_000_000)
_YEAR = re.compile(r"\d{4}")


@dataclass(frozen=True, slots=True)
class Counted:
    """A facet of the objects in a search."""

    name: str
    label: str
    kind: str  # value, year, amount
    objects: tuple[IndexedObject, ...]

    @property
    def path(self) -> str:
        """The field of the index that is counted."""
        return f"{self.name}.raw" if self.name == _OWNER else self.name

    def clause(self, values: Sequence[str]) -> JSON:
        """The filter that choosing these values means."""
        if self.kind == "value":
            return {"terms": {self.path: list(values)}}
        ranges = [_range(self.path, self.kind, each) for each in values]
        found = [each for each in ranges if each is not None]
        return {"bool": {"should": found, "minimum_should_match": 1}} if found else {"match_none": {}}

    def aggregations(self, view: View, asked: Sequence[IndexedObject]) -> dict[str, JSON]:
        """One aggregation, if nothing restricts the field in the objects that are asked; else one for each of them."""
        if unrestricted(view, asked, self.path):
            return {f"{self.name}|": self._count()}
        made = {}
        for each in self.objects:
            where = restriction(view, each, self.path)
            if where is not None:
                made[f"{self.name}|{each.name}"] = {"filter": where, "aggs": {"values": self._count()}}
        return made

    def _count(self) -> JSON:
        match self.kind:
            case "year":
                return {"date_histogram": {"field": self.path, "calendar_interval": "year", "min_doc_count": 1}}
            case "amount":
                ends = [*_STEPS, None]
                ranges = [_ends(least, below) for least, below in zip(ends, ends[1:], strict=False)]
                return {"range": {"field": self.path, "ranges": ranges}}
            case _:
                return {"terms": {"field": self.path, "size": _MOST_VALUES}}


def facets(objects: Sequence[IndexedObject]) -> tuple[Counted, ...]:
    """The facets of a tab; of a mixed list, those that all kinds of records have."""
    if len(objects) != 1:
        return tuple(
            each for each in (_one(_OWNER, "value", objects), _one("LastModifiedDate", "year", objects)) if each
        )
    (only,) = objects
    lists = [path for path, each in only.fields.items() if each.role is Role.LABEL and path != "CurrencyIsoCode"]
    lists.sort(key=lambda path: _LABELS.index(path) if path in _LABELS else len(_LABELS))
    labels = [_one(path, "value", objects) for path in lists[:_MOST_LABELS]]
    date = next((path for path in _DATES if path in only.fields), "")
    money = next((path for path in _AMOUNTS if path in only.fields), "")
    found = [*labels, _one(_OWNER, "value", objects), _one(date, "year", objects), _one(money, "amount", objects)]
    return tuple(each for each in found if each is not None)


def read(
    counted: Iterable[Counted], aggregations: Mapping[str, JSON], chosen: Mapping[str, Sequence[str]]
) -> tuple[Facet, ...]:
    """The counts of several objects as one, equals in the order of values; a chosen value is always shown."""
    result = []
    for each in counted:
        counts: Counter[str] = Counter()
        for name, answer in aggregations.items():
            if name.partition("|")[0] == each.name:
                for bucket in answer.get("values", answer)["buckets"]:
                    if bucket["doc_count"]:
                        counts[_value(each.kind, bucket)] += bucket["doc_count"]
        wanted = chosen.get(each.name, ())
        values = sorted(counts.items(), key=lambda one: (-one[1], one[0]))[:_MOST_VALUES]
        values += [(value, counts[value]) for value in wanted if value not in dict(values)]
        buckets = tuple(Bucket(value, _label(each, value), count, value in wanted) for value, count in values)
        if buckets:
            result.append(Facet(each.name, each.label, buckets))
    return tuple(result)


def object_facet(answer: Mapping[str, Any], labels: Mapping[str, str], chosen: Sequence[str]) -> Facet:
    """The tabs: hits of every object."""
    counts = {each["key"]: each["doc_count"] for each in answer["buckets"]}
    counts |= {name: 0 for name in chosen if name not in counts}
    buckets = tuple(Bucket(name, labels.get(name, name), count, name in chosen) for name, count in counts.items())
    return Facet(OBJECT, "Kind", buckets)


def tabs() -> JSON:
    """The aggregation of `object_facet`."""
    return {"terms": {"field": "forcedex.object", "size": 100}}


def _one(path: str, kind: str, objects: Sequence[IndexedObject]) -> Counted | None:
    having = tuple(each for each in objects if path in each.fields)
    if not having:
        return None
    label = "Owner" if path == _OWNER else having[0].fields[path].label
    return Counted(path, label, kind, having)


def _value(kind: str, bucket: JSON) -> str:
    if kind == "year":
        return str(bucket["key_as_string"])[:4]
    if kind == "amount":
        least, below = bucket.get("from"), bucket.get("to")
        return f"{least:.0f}-{'' if below is None else format(below, '.0f')}"
    return str(bucket.get("key_as_string", bucket["key"]))


def _label(each: Counted, value: str) -> str:
    if each.kind == "amount":
        least, _, below = value.partition("-")
        return f"{int(least):,} to {int(below):,}" if below else f"{int(least):,} and more"
    if each.kind == "value":
        for indexed in each.objects:
            found = indexed.fields[each.name].values.get(value)
            if found:
                return found
    return value


def _range(path: str, kind: str, value: str) -> JSON | None:
    if kind == "year":
        if not _YEAR.fullmatch(value):
            return None
        return {"range": {path: {"gte": f"{value}-01-01", "lt": f"{int(value) + 1:04}-01-01"}}}
    least, _, below = value.partition("-")
    if not least.isdecimal() or not (below.isdecimal() or not below):
        return None
    return {"range": {path: {"gte": int(least), **({"lt": int(below)} if below else {})}}}


def _ends(least: int | None, below: int | None) -> JSON:
    return {"from": least, **({} if below is None else {"to": below})}
