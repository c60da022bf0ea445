"""The sink: opens the index of an object, or makes a new generation of it, and reads back what is there.

Writes go to the newest generation, and to the one that people read as long as that is an older one; questions go to the
read alias, which moves when the newest is complete. An index is disposable: whenever it does not fit what is known of
it, a new generation is filled beside it.
"""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from elasticsearch import AsyncElasticsearch

from forcedex.domain.checkpoint import Checkpoint
from forcedex.domain.derived.kinds import Kind
from forcedex.domain.errors import SinkRefused
from forcedex.domain.money import Currencies
from forcedex.domain.ports import StoredRecord
from forcedex.domain.selection import Selection
from forcedex.elasticsearch.bulk import BulkWriter
from forcedex.elasticsearch.client import translated
from forcedex.elasticsearch.document import DocumentBuilder
from forcedex.elasticsearch.fit import fitting_layout, restricted_layout, stored_currencies
from forcedex.elasticsearch.generations import Generation, Generations
from forcedex.elasticsearch.layout import Layout, plan
from forcedex.elasticsearch.mapping import MAPPING_VERSION, index_body, meta, properties
from forcedex.elasticsearch.naming import Names
from forcedex.elasticsearch.shelves import ElasticsearchShelf, opened_shelf
from forcedex.elasticsearch.stored import StoredRecords
from forcedex.elasticsearch.target import IndexTarget, Workshop, Written
from forcedex.elasticsearch.tombstones import purge

JSON = dict[str, Any]


@dataclass(frozen=True, kw_only=True, slots=True)
class IndexSettings:
    """How new indices are made."""

    shards: int = 1
    #: Least and most copies: none on a single node, one where a second node can hold it.
    replicas: str = "0-1"
    refresh_interval: str = "1s"
    #: Mapped fields of an index, sub-fields and objects counted; what is beyond goes into one flattened field.
    field_budget: int = 900


@dataclass(frozen=True, slots=True)
class _Fit:
    """An index that can be written for a selection."""

    generation: Generation
    layout: Layout
    #: Columns that it has only just got.
    added: Sequence[str] = ()


class ElasticsearchSink:
    """`forcedex.domain.ports.Sink` on a cluster; an async context manager that ends the writer."""

    def __init__(
        self, client: AsyncElasticsearch, names: Names, writer: BulkWriter, settings: IndexSettings | None = None
    ) -> None:
        self._client = client
        self._names = names
        self._writer = writer
        self._settings = settings or IndexSettings()
        self._maker = ThreadPoolExecutor(1, thread_name_prefix="documents")
        self._stored = StoredRecords(client, names)

    async def __aenter__(self) -> "ElasticsearchSink":
        await self._writer.__aenter__()
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        await self._writer.__aexit__(*exc_info)
        self._maker.shutdown(wait=True, cancel_futures=True)

    async def open(self, selection: Selection, *, known: Checkpoint | None, currencies: Currencies) -> IndexTarget:
        """As `Sink.open`. SinkRefused if a newer program made the index, or somebody closed it or took its aliases."""
        name = selection.sobject.name
        generations = Generations(self._client, self._names, name)
        there = await generations.there()
        _refuse_newer(name, there)
        fit = await self._fitting(generations, there, selection, known, currencies)
        read = [each for each in there if each.read]
        if fit is None:
            numbers = [each.number for each in there] + ([known.generation] if known else [])
            layout = plan(selection, self._settings.field_budget)
            # The very first generation can be asked while it fills; later ones wait until they are complete.
            made = await generations.create(max(numbers, default=0) + 1, self._body(layout, currencies), read=not read)
            fit = _Fit(made, layout)
        await generations.point(fit.generation, read=not read)
        older = next((each for each in read if each.index != fit.generation.index and each.meta.get("fields")), None)
        return IndexTarget(
            Workshop(self._client, self._writer, self._maker),
            generations,
            name,
            self._written(name, fit.generation, fit.layout, currencies),
            self._older(name, older, selection) if older else None,
            added=fit.added,
            adopted_meta=meta(fit.layout, currencies) if fit.added else None,
        )

    async def referring(self, sobject: str, fields: Sequence[str], ids: Sequence[str]) -> list[str]:
        """As `Sink.referring`."""
        return await self._stored.referring(sobject, fields, ids)

    async def stored(
        self, sobject: str, ids: Sequence[str], paths: Sequence[str]
    ) -> Mapping[str, Mapping[str, object]]:
        """As `Sink.stored`; numbers with more digits than a double come rounded."""
        return await self._stored.stored(sobject, ids, paths)

    def scan(self, sobject: str, stamp: str, after: str = "") -> AsyncIterator[Sequence[StoredRecord]]:
        """As `Sink.scan`; 5,000 records at a time."""
        return self._stored.scan(sobject, stamp, after)

    async def count(self, sobject: str) -> int:
        """As `Sink.count`."""
        return await self._stored.count(sobject)

    async def shelf(self, kind: Kind, of: str, others: Sequence[str], signature: str) -> ElasticsearchShelf:
        """As `Sink.shelf`."""
        made = self._settings
        return await opened_shelf(
            self._client,
            self._names,
            self._writer,
            kind,
            of,
            others,
            signature,
            shards=made.shards,
            replicas=made.replicas,
            refresh_interval=made.refresh_interval,
        )

    async def purge_tombstones(self, sobject: str, before: datetime) -> int:
        """As `Sink.purge_tombstones`."""
        return await purge(self._client, self._names, sobject, before)

    async def refresh(self, sobjects: Collection[str] | None = None) -> None:
        """As `Sink.refresh`."""
        names = [f"{self._names.root}*"] if sobjects is None else [self._names.write_alias(each) for each in sobjects]
        if names:
            with translated():
                await self._client.indices.refresh(index=names, ignore_unavailable=True)

    async def _fitting(
        self,
        generations: Generations,
        there: Sequence[Generation],
        selection: Selection,
        known: Checkpoint | None,
        currencies: Currencies,
    ) -> _Fit | None:
        """The index that the checkpoint speaks of, with whatever columns it lacked, if it fits the selection."""
        mine = next(
            (each for each in there if known and (each.number, each.uuid) == (known.generation, known.index_uuid)), None
        )
        if mine is None:
            return None
        if mine.closed:
            raise SinkRefused(
                f"The index {mine.index} is closed.",
                f"Open it (POST /{mine.index}/_open), or delete it to build it anew.",
            )
        has = fitting_layout(mine.meta, selection, currencies)
        if has is None:
            return None
        layout = plan(selection, self._settings.field_budget, has)
        added = [path for path in selection.paths if path not in has.selection.paths]
        if added and not await generations.extend(mine, properties(layout)):
            return None
        if not added and meta(layout, currencies) != mine.meta:  # new labels
            await generations.describe(mine, meta(layout, currencies))
        return _Fit(mine, layout, added)

    def _body(self, layout: Layout, currencies: Currencies) -> JSON:
        return index_body(
            layout,
            currencies,
            shards=self._settings.shards,
            replicas=self._settings.replicas,
            refresh_interval=self._settings.refresh_interval,
            budget=self._settings.field_budget,
        )

    def _older(self, name: str, generation: Generation, selection: Selection) -> Written:
        layout = restricted_layout(generation.meta, selection)
        return self._written(name, generation, layout, stored_currencies(generation.meta))

    def _written(self, name: str, generation: Generation, layout: Layout, currencies: Currencies) -> Written:
        alias = self._names.generation_alias(name, generation.number)
        return Written(generation, alias, DocumentBuilder(layout, currencies))


def _refuse_newer(name: str, there: Sequence[Generation]) -> None:
    if any(int(each.meta.get("mapping_version", 0)) > MAPPING_VERSION for each in there):
        raise SinkRefused(
            f"The index of {name} was made by a newer version of Forcedex.", "Upgrade Forcedex on this machine."
        )
