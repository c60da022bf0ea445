"""What is hidden from the sync user: it stays in the index, and is the same again when it is shown."""

import asyncio

from elasticsearch import AsyncElasticsearch
from elasticsearch.helpers import async_scan

from localorg.fixture import LocalOrg
from tests.acceptance.oracle.people import NotNow


class Sight:
    """Fields, records and objects that are out of sight."""

    def __init__(self, org: LocalOrg, client: AsyncElasticsearch, prefix: str) -> None:
        self._org = org
        self._client = client
        self._prefix = prefix
        #: (object, field).
        self.fields: list[tuple[str, str]] = []
        #: Object to the records that were in the index when they, or it, went out of sight.
        self._records: dict[str, set[str]] = {}
        self._objects: dict[str, set[str]] = {}

    async def hide_field(self, name: str, field: str) -> None:
        """Field-level security takes it away."""
        if (name, field) not in self.fields:
            await asyncio.to_thread(self._org.hide_field, name, field)
            self.fields.append((name, field))

    async def show_field(self, place: int) -> None:
        """One that is hidden is shown again; NotNow if none is."""
        if not self.fields:
            raise NotNow("No field is hidden.")
        await asyncio.to_thread(self._org.show_field, *self.fields.pop(place % len(self.fields)))

    async def hide_records(self, name: str, records: list[str]) -> None:
        """As sharing does."""
        known = await self._indexed(name)
        await asyncio.to_thread(self._org.hide_records, name, records)
        self._records.setdefault(name, set()).update(known.intersection(records))

    async def hide_object(self, name: str) -> None:
        """The permission to read it is taken away."""
        self._objects[name] = await self._indexed(name)
        await asyncio.to_thread(self._org.hide_object, name)

    async def end(self) -> None:
        """What was out of sight must still be there; then records and objects are shown again."""
        try:
            for name, known in (*self._records.items(), *self._objects.items()):
                await self._still_there(name, known)
        finally:
            for name in self._records:
                await asyncio.to_thread(self._org.show_records, name)
            for name in self._records.keys() | self._objects.keys():
                # All of its records, too: who does not see them all gets no events of the object.
                await asyncio.to_thread(self._org.show_object, name)
            self._records, self._objects = {}, {}

    async def no_trace(self) -> None:
        """No document has a field that is hidden; AssertionError."""
        for name, field in self.fields:
            found = await self._client.count(index=self._alias(name), query={"exists": {"field": field}})
            assert not found["count"], f"{name}.{field} is hidden, and {found['count']} documents show it"

    async def _still_there(self, name: str, known: set[str]) -> None:
        alive = {str(row["Id"]) for row in await asyncio.to_thread(self._org.rows, name) if not row["IsDeleted"]}
        gone = (known & alive) - await self._indexed(name)
        assert not gone, f"{name}: hidden from the sync user, and no longer in the index: {sorted(gone)[:5]}"

    async def _indexed(self, name: str) -> set[str]:
        await self._client.indices.refresh(index=f"{self._alias(name)}*")
        scanned = async_scan(self._client, index=self._alias(name), _source=False)
        return {hit["_id"] async for hit in scanned}

    def _alias(self, name: str) -> str:
        return f"{self._prefix}-{self._org.org.id.lower()}-{name.lower()}"
