"""Shelves: the indices of derived documents, `x-deals` and so on, one per kind.

A shelf repeats the columns of the root record as plain values, so that anything can be a filter or a group, and holds
the derived fields below `x`. Its mapping tells what the gate must know: whose records they tell of (`of`), and the
sources of every field. It is disposable like every index; a new generation is filled beside the old one.
"""

from collections.abc import Collection, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

from elasticsearch import AsyncElasticsearch

from forcedex.domain.derived.kinds import DerivedField, Holds, Kind
from forcedex.domain.errors import SinkRefused
from forcedex.domain.ports import ShelfDocument
from forcedex.domain.version import version_from_seconds
from forcedex.domain.writing import WriteResult
from forcedex.elasticsearch.bulk import BulkWriter
from forcedex.elasticsearch.client import translated
from forcedex.elasticsearch.document import bulk_line, tombstone
from forcedex.elasticsearch.fields import DATE, KEYWORD, TOKENS
from forcedex.elasticsearch.generations import Generation, Generations
from forcedex.elasticsearch.mapping import MAPPING_VERSION
from forcedex.elasticsearch.naming import Names
from forcedex.elasticsearch.stored import hits_of

JSON = dict[str, Any]

#: Counts up when shelves are made otherwise.
_SHAPE = 1
_ROOT = "forcedex.root"
#: Longer texts are no groups.
_LONGEST = 255
_REPEATED: Mapping[str, JSON] = {
    "id": KEYWORD,
    "reference": KEYWORD,
    "boolean": {"type": "boolean"},
    "int": {"type": "long"},
    "long": {"type": "long"},
    "double": {"type": "double"},
    "percent": {"type": "double"},
    "currency": {"type": "double"},
    "date": DATE,
    "datetime": DATE,
    **dict.fromkeys(
        ("picklist", "multipicklist", "combobox", "string", "email", "phone", "url", "anyType"),
        {"type": "keyword", "ignore_above": _LONGEST},
    ),
}
_HELD: Mapping[Holds, tuple[str, JSON]] = {
    Holds.KEY: ("string", KEYWORD),
    Holds.MINOR: ("minor", {"type": "long"}),
    Holds.NUMBER: ("int", {"type": "long"}),
    Holds.DECIMAL: ("double", {"type": "double"}),
    Holds.FLAG: ("boolean", {"type": "boolean"}),
    Holds.DAY: ("date", DATE),
    Holds.MOMENT: ("datetime", DATE),
    Holds.SPAN: ("span", {"type": "date_range", "format": "strict_date_optional_time"}),
}


@dataclass(frozen=True, slots=True)
class _Plan:
    """A kind over the root's index as it is."""

    #: Path to what the root's mapping says of the column.
    columns: Mapping[str, JSON]
    fields: Sequence[DerivedField]
    meta: JSON

    def body(self, shards: int, replicas: str, refresh_interval: str) -> JSON:
        """Settings and mapping of a new index."""
        properties: JSON = {
            "x": {"properties": {each.path.removeprefix("x."): _HELD[each.holds][1] for each in self.fields}}
        }
        for path, described in self.columns.items():
            parent, _, name = path.rpartition(".")
            place = properties.setdefault(parent, {"properties": {}})["properties"] if parent else properties
            place[name] = _REPEATED[described["type"]]
        money = [path for path, each in self.columns.items() if each["type"] == "currency"]
        properties["forcedex"] = {
            "properties": {
                "object": KEYWORD,
                "root": KEYWORD,
                "version": {"type": "long"},
                "deleted": {"type": "boolean"},
                "synced_at": DATE,
                "acl": TOKENS,
                "see": {"properties": dict.fromkeys(sorted(self.meta["relationships"]), TOKENS)},
                "minor": {"properties": {path: {"type": "long"} for path in money}},
            }
        }
        return {
            "settings": {
                "number_of_shards": shards,
                "auto_expand_replicas": replicas,
                "refresh_interval": refresh_interval,
                "mapping.total_fields.limit": 2_000,
            },
            "mappings": {"dynamic": "strict", "properties": properties, "_meta": self.meta},
        }


def planned(kind: Kind, roots: JSON, others: Mapping[str, JSON], signature: str) -> _Plan:
    """What a shelf repeats of the root's columns and which derived fields it has: those whose sources are all read.

    `roots` is the `_meta` of the root's index, `others` that of other objects, by name.
    """
    columns = {
        path: each
        for path, each in roots["fields"].items()
        if not kind.of_all and each["type"] in _REPEATED and path not in kind.left_out and path.count(".") < 2
        if kind.repeats is None or path in kind.repeats
    }
    known = {**roots["fields"], **roots["overflow"]}
    for name, meta in others.items():
        for path, each in {**meta["fields"], **meta["overflow"]}.items():
            known[f"{name}:{path}"] = {**each, "object": name}
    fields = [each for each in kind.fields if all(source in known for source in (*each.sources, *each.needs))]
    made_of = {each.path: [*each.sources, *(source for source in each.also if source in known)] for each in fields}
    sources = {source for each in made_of.values() for source in each} - columns.keys()
    relationships = {path.rpartition(".")[0] for path in columns if "." in path}
    money = [path for path, each in columns.items() if each["type"] == "currency"]
    rate = ["CurrencyIsoCode"] if "CurrencyIsoCode" in known else []
    meta = {
        "mapping_version": MAPPING_VERSION,
        "shape": _SHAPE,
        "signature": signature,
        "object": kind.name,
        "of": roots["object"],
        "label": kind.label,
        "label_plural": kind.label_plural,
        "key_prefix": None,
        "name_field": roots["name_field"] if roots["name_field"] in columns else None,
        "fields": {
            **columns,
            **{each.path: {"type": _HELD[each.holds][0], "role": "none", "label": each.label} for each in fields},
        },
        "overflow": {source: known[source] for source in sorted(sources | {*rate})},
        "derived": {
            **made_of,
            **{f"forcedex.minor.{path}": [path, *rate] for path in money},
        },
        "tells_of": {each.path: list(each.tells_of) for each in fields if each.tells_of},
        "relationships": {name: each for name, each in roots["relationships"].items() if name in relationships},
        "master": None,
        "currency": roots["currency"],
    }
    return _Plan(columns, fields, meta)


class ElasticsearchShelf:
    """`forcedex.domain.ports.Shelf`."""

    def __init__(
        self,
        client: AsyncElasticsearch,
        names: Names,
        writer: BulkWriter,
        kind: Kind,
        generations: Generations,
        generation: Generation,
        plan: _Plan,
    ) -> None:
        self._client = client
        self._writer = writer
        self._kind = kind
        self._generations = generations
        self._generation = generation
        self._alias = names.generation_alias(kind.name, generation.number)
        self._fields = frozenset(each.path for each in plan.fields)
        self._related = frozenset(plan.meta["relationships"])
        self.columns: Sequence[str] = tuple(plan.columns)
        self.money: Sequence[str] = tuple(path for path, each in plan.columns.items() if each["type"] == "currency")
        self.complete = generation.read

    async def put(self, documents: Sequence[ShelfDocument], ordinal: int) -> None:
        """As `Shelf.put`."""
        version = version_from_seconds(0, ordinal)
        lines = [bulk_line(each.id, version, self._document(each, version)) for each in documents]
        await self._write([each.id for each in documents], lines, ordinal)

    async def leave_only(self, roots: Sequence[str], ids: Collection[str], ordinal: int) -> None:
        """As `Shelf.leave_only`."""
        query = {"bool": {"filter": [{"terms": {_ROOT: list(roots)}}, {"term": {"forcedex.deleted": False}}]}}
        sort = {"sort": "_shard_doc"}
        async with aclosing(hits_of(self._client, self._alias, query, **sort)) as slices:
            gone = [hit["_id"] async for hits in slices for hit in hits if hit["_id"] not in ids]
        version = version_from_seconds(0, ordinal)
        await self._write(
            gone, [bulk_line(each, version, tombstone(self._kind.name, version)) for each in gone], ordinal
        )

    async def publish(self) -> None:
        """As `Shelf.publish`."""
        await self._generations.publish(self._generation)
        await self._generations.delete_others(self._generation)
        self.complete = True

    async def _write(self, ids: Sequence[str], lines: Sequence[bytes], ordinal: int) -> None:
        futures = await self._writer.put(self._kind.name, self._alias, list(ids), list(lines), ordinal)
        result = sum([await each for each in futures], WriteResult())
        if result.rejected:
            raise SinkRefused(f"A document of {self._kind.name} does not fit: {result.rejected[0].reason}.")

    def _document(self, given: ShelfDocument, version: int) -> JSON:
        document: JSON = {}
        for path, value in given.values.items():
            if path.startswith("x.") and path not in self._fields:
                continue
            parent, _, name = path.rpartition(".")
            place = document.setdefault(parent, {}) if parent else document
            place[name] = value
        document["forcedex"] = {
            "object": self._kind.name,
            "root": given.root,
            "version": version,
            "deleted": False,
            **given.about,
            "see": self._of(given.about.get("see"), self._related),
            "minor": self._of(given.about.get("minor"), frozenset(self.columns)),
        }
        return document

    @staticmethod
    def _of(values: object, paths: Collection[str]) -> JSON:
        """What is known of those relationships or amounts that it repeats."""
        return {path: each for path, each in values.items() if path in paths} if isinstance(values, dict) else {}


async def opened_shelf(
    client: AsyncElasticsearch,
    names: Names,
    writer: BulkWriter,
    kind: Kind,
    of: str,
    others: Sequence[str],
    signature: str,
    *,
    shards: int,
    replicas: str,
    refresh_interval: str,
) -> ElasticsearchShelf:
    """As `Sink.shelf`."""
    with translated():
        found = await client.indices.get(
            index=[names.write_alias(each) for each in (of, *others)], features=["mappings"], ignore_unavailable=True
        )
    metas = {body["mappings"]["_meta"]["object"]: body["mappings"]["_meta"] for body in found.values()}
    if of not in metas:
        raise SinkRefused(f"There is no index of {of}.", "Run `forcedex sync`.")
    plan = planned(kind, metas.pop(of), metas, signature)
    generations = Generations(client, names, kind.name)
    there = await generations.there()
    fitting = next((each for each in there if each.read and dict(each.meta) == plan.meta and not each.closed), None)
    if fitting is None:
        number = max((each.number for each in there), default=0) + 1
        fitting = await generations.create(number, plan.body(shards, replicas, refresh_interval), read=False)
    await generations.point(fitting, read=fitting.read)
    return ElasticsearchShelf(client, names, writer, kind, generations, fitting, plan)
