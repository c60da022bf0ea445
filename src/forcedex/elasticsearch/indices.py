"""Generations of an object's index, and the aliases that point to them.

Writes go to the newest generation; questions go to the read alias, which moves when that generation is complete.
An index is disposable: whenever it does not fit what is known of it, a new generation is filled beside it.
"""

import asyncio
from collections.abc import Awaitable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from elasticsearch import AsyncElasticsearch

from forcedex.domain.checkpoint import Checkpoint
from forcedex.domain.errors import SinkRefused
from forcedex.domain.money import Currencies
from forcedex.domain.record import Page
from forcedex.domain.selection import Selection
from forcedex.domain.writing import WriteResult
from forcedex.elasticsearch.bulk import BulkWriter
from forcedex.elasticsearch.client import translated
from forcedex.elasticsearch.document import DocumentBuilder
from forcedex.elasticsearch.mapping import MAPPING_VERSION, fingerprint, index_body
from forcedex.elasticsearch.naming import Names, generation_in

JSON = dict[str, Any]
_PAGE = 5_000  # Ids of one answer
#: The read alias shows live records only.
_LIVE: JSON = {"term": {"forcedex.deleted": False}}


@dataclass(frozen=True, kw_only=True, slots=True)
class IndexSettings:
    """How new indices are made."""

    shards: int = 1
    #: Least and most copies: none on a single node, one where a second node can hold it.
    replicas: str = "0-1"
    refresh_interval: str = "1s"


@dataclass(frozen=True, slots=True)
class _Generation:
    """What is there of an object."""

    number: int
    uuid: str
    meta: Mapping[str, Any]
    read: bool


class ElasticsearchSink:
    """`forcedex.domain.ports.Sink` on a cluster; an async context manager that ends the writer."""

    def __init__(
        self, client: AsyncElasticsearch, names: Names, writer: BulkWriter, settings: IndexSettings | None = None
    ) -> None:
        self._client = client
        self._names = names
        self._writer = writer
        self._settings = settings or IndexSettings()
        # One thread: documents are made under the interpreter's lock, and each thread more keeps memory of its own.
        self._maker = ThreadPoolExecutor(1, thread_name_prefix="documents")

    async def __aenter__(self) -> "ElasticsearchSink":
        await self._writer.__aenter__()
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        await self._writer.__aexit__(*exc_info)
        self._maker.shutdown(wait=True, cancel_futures=True)

    async def open(self, selection: Selection, *, known: Checkpoint | None, currencies: Currencies) -> "IndexTarget":
        """As `Sink.open`. SinkRefused if a newer program made the index."""
        name = selection.sobject.name
        there = await self._generations(name)
        newer = [each for each in there if int(each.meta.get("mapping_version", 0)) > MAPPING_VERSION]
        if newer:
            raise SinkRefused(
                f"The index of {name} was made by a newer version of Forcedex.", "Upgrade Forcedex on this machine."
            )
        fits = next(
            (
                each
                for each in there
                if known is not None
                and (each.number, each.uuid) == (known.generation, known.index_uuid)
                and each.meta.get("fingerprint") == fingerprint(selection, currencies)
            ),
            None,
        )
        if fits is None:
            numbers = [each.number for each in there] + ([known.generation] if known else [])
            fits = await self._create(
                selection, currencies, max(numbers, default=0) + 1, any(each.read for each in there)
            )
        await self._point_writes(name, fits.number)
        builder = DocumentBuilder(selection, currencies)
        return IndexTarget(self._client, self._names, self._writer, self._maker, builder, name, fits.number, fits.uuid)

    async def referring(self, sobject: str, fields: Sequence[str], ids: Sequence[str]) -> list[str]:
        """As `Sink.referring`, over the generation that is written. Upkeep of the index: no person sees the answer."""
        found: list[str] = []
        if not fields or not ids:
            return found
        query = {"bool": {"should": [{"terms": {field: list(ids)}} for field in fields]}}
        after: list[Any] | None = None
        while True:
            with translated():
                answer = await self._client.search(
                    index=self._names.write_alias(sobject),
                    query=query,
                    size=_PAGE,
                    sort=[{"Id": "asc"}],
                    source=False,
                    search_after=after,
                    allow_partial_search_results=False,
                )
            hits = answer["hits"]["hits"]
            found += [hit["_id"] for hit in hits]
            if len(hits) < _PAGE:
                return found
            after = hits[-1]["sort"]

    async def refresh(self) -> None:
        """As `Sink.refresh`."""
        with translated():
            await self._client.indices.refresh(index=f"{self._names.root}*", ignore_unavailable=True)

    async def _generations(self, name: str) -> list[_Generation]:
        with translated():
            found = await self._client.indices.get(index=self._names.generations(name), allow_no_indices=True)
        return [
            _Generation(
                number=generation_in(index),
                uuid=body["settings"]["index"]["uuid"],
                meta=body["mappings"].get("_meta", {}),
                read=self._names.read_alias(name) in body["aliases"],
            )
            for index, body in found.items()
        ]

    async def _create(
        self, selection: Selection, currencies: Currencies, number: int, readable_elsewhere: bool
    ) -> _Generation:
        name = selection.sobject.name
        index = self._names.index(name, number)
        body = index_body(
            selection,
            currencies,
            shards=self._settings.shards,
            replicas=self._settings.replicas,
            refresh_interval=self._settings.refresh_interval,
        )
        # The very first generation can be asked while it fills; later ones wait until they are complete.
        aliases: JSON = {self._names.generation_alias(name, number): {}}
        if not readable_elsewhere:
            aliases[self._names.read_alias(name)] = {"filter": _LIVE}
        with translated():
            await self._client.indices.create(index=index, aliases=aliases, **body)
            settings = await self._client.indices.get_settings(index=index, name="index.uuid")
        uuid = str(settings[index]["settings"]["index"]["uuid"])
        return _Generation(number, uuid, body["mappings"]["_meta"], not readable_elsewhere)

    async def _point_writes(self, name: str, number: int) -> None:
        alias = self._names.write_alias(name)
        index = self._names.index(name, number)
        with translated():
            held = await self._client.indices.exists_alias(name=alias, index=index)
            if not held:
                await self._client.indices.update_aliases(
                    actions=[
                        {"remove": {"index": self._names.generations(name), "alias": alias, "must_exist": False}},
                        {"add": {"index": index, "alias": alias}},
                    ]
                )


class IndexTarget:
    """`forcedex.domain.ports.Target`: one generation of one object's index."""

    def __init__(
        self,
        client: AsyncElasticsearch,
        names: Names,
        writer: BulkWriter,
        maker: ThreadPoolExecutor,
        builder: DocumentBuilder,
        name: str,
        generation: int,
        index_uuid: str,
    ) -> None:
        self._client = client
        self._names = names
        self._writer = writer
        self._maker = maker
        self._builder = builder
        self._name = name
        self.generation = generation
        self.index_uuid = index_uuid

    async def put(
        self, page: Page, ordinal: int, *, at_least: Mapping[str, int] | None = None
    ) -> Awaitable[WriteResult]:
        """As `Target.put`. Documents are made in a thread, so that the loop stays free for tokens and signals."""
        synced_at = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        loop = asyncio.get_running_loop()
        batch = await loop.run_in_executor(self._maker, self._builder.build, page, ordinal, synced_at, at_least)
        alias = self._names.generation_alias(self._name, self.generation)
        futures = await self._writer.put(self._name, alias, batch.ids, batch.lines, ordinal)
        return asyncio.ensure_future(_sum(futures, WriteResult(rejected=tuple(batch.rejected))))

    async def publish(self) -> None:
        """As `Target.publish`; what an interrupted build left behind goes too."""
        alias = self._names.read_alias(self._name)
        index = self._names.index(self._name, self.generation)
        with translated():
            if not await self._client.indices.exists_alias(name=alias, index=index):
                pattern = self._names.generations(self._name)
                await self._client.indices.refresh(index=index)
                await self._client.indices.update_aliases(
                    actions=[
                        {"remove": {"index": pattern, "alias": alias, "must_exist": False}},
                        {"add": {"index": index, "alias": alias, "filter": _LIVE}},
                    ]
                )
            found = await self._client.indices.get(index=self._names.generations(self._name))
            old = [each for each in found if each != index]
            if old:
                await self._client.indices.delete(index=old)


async def _sum(futures: list[asyncio.Future[WriteResult]], start: WriteResult) -> WriteResult:
    results = await asyncio.gather(*futures)
    return sum(results, start)
