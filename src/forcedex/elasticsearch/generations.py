"""Generations of an object's index, and the aliases that point to them.

The read alias shows the live records of the generation that is complete; the write alias of the object names the one
that is written; each generation has a write alias of its own besides. An alias that is not ours alone is refused.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from elasticsearch import AsyncElasticsearch

from forcedex.domain.errors import SinkRefused
from forcedex.elasticsearch.client import translated
from forcedex.elasticsearch.naming import LIVE, Names, generation_in, is_generation

JSON = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Generation:
    """One concrete index of an object."""

    number: int
    index: str
    uuid: str
    #: The mapping's `_meta`.
    meta: Mapping[str, Any]
    aliases: frozenset[str]
    #: Whether questions go to it.
    read: bool
    closed: bool = False


class Generations:
    """The concrete indices and aliases of one object."""

    def __init__(self, client: AsyncElasticsearch, names: Names, sobject: str) -> None:
        self._client = client
        self._names = names
        self._sobject = sobject
        self._read_alias = names.read_alias(sobject)
        self._write_alias = names.write_alias(sobject)

    async def there(self) -> list[Generation]:
        """All that are there, closed ones too; SinkRefused if other indices stand behind our aliases."""
        pattern = self._names.generations(self._sobject)
        with translated():
            matching = await self._client.indices.get(
                index=pattern, allow_no_indices=True, expand_wildcards=["open", "closed"]
            )
            found = {index: body for index, body in matching.items() if is_generation(index)}
            aliased = await self._client.options(ignore_status=404).indices.get_alias(
                name=[self._read_alias, self._write_alias, *map(self._own_alias, map(generation_in, found))]
            )
        for index, body in aliased.items():  # beside them, of a 404: `error` and `status`
            if index not in found and isinstance(body, dict) and body.get("aliases"):
                raise SinkRefused(
                    f"The alias {min(body['aliases'])} points to {index}, too, which is no index of Forcedex.",
                    "Remove the alias from that index.",
                )
        return [self._generation(index, body) for index, body in found.items()]

    async def create(self, number: int, body: JSON, *, read: bool) -> Generation:
        """A new one, with its own write alias; `read`: questions go to it at once."""
        index = self._names.index(self._sobject, number)
        aliases: JSON = {self._own_alias(number): {}}
        if read:
            aliases[self._read_alias] = {"filter": LIVE}
        with translated():
            await self._client.indices.create(index=index, aliases=aliases, **body)
            made = await self._client.indices.get(index=index)
        return self._generation(index, made[index])

    async def point(self, to: Generation, *, read: bool) -> None:
        """Let the aliases for writing, and with `read` the one for questions, lead to this one."""
        wanted: dict[str, JSON] = {self._own_alias(to.number): {}, self._write_alias: {}}
        if read:
            wanted[self._read_alias] = {"filter": LIVE}
        if wanted.keys() <= to.aliases:
            return
        add: list[JSON] = [{"add": {"index": to.index, "alias": alias, **more}} for alias, more in wanted.items()]
        with translated():
            await self._client.indices.update_aliases(actions=[self._taken_away(self._write_alias), *add])

    async def extend(self, generation: Generation, properties: JSON) -> bool:
        """Add fields to the mapping; whether it takes them."""
        try:
            with translated():
                await self._client.indices.put_mapping(index=generation.index, properties=properties)
        except SinkRefused:  # left over from an earlier addition that was given up, with another type
            return False
        return True

    async def describe(self, generation: Generation, meta: JSON) -> None:
        """Replace the mapping's `_meta`."""
        with translated():
            await self._client.indices.put_mapping(index=generation.index, meta=meta)

    async def publish(self, generation: Generation) -> None:
        """Let questions go to this one from now on, in one step, with everything acknowledged in sight."""
        with translated():
            if await self._client.indices.exists_alias(name=self._read_alias, index=generation.index):
                return
            await self._client.indices.refresh(index=generation.index)
            add = {"add": {"index": generation.index, "alias": self._read_alias, "filter": LIVE}}
            await self._client.indices.update_aliases(actions=[self._taken_away(self._read_alias), add])

    async def delete_others(self, generation: Generation) -> None:
        """What was replaced, and what interrupted builds left behind."""
        old = [each.index for each in await self.there() if each.index != generation.index]
        with translated():
            if old:
                await self._client.indices.delete(index=old, ignore_unavailable=True)

    def _own_alias(self, number: int) -> str:
        return self._names.generation_alias(self._sobject, number)

    def _taken_away(self, alias: str) -> JSON:
        return {"remove": {"index": self._names.generations(self._sobject), "alias": alias, "must_exist": False}}

    def _generation(self, index: str, body: Mapping[str, Any]) -> Generation:
        settings = body["settings"]["index"]
        return Generation(
            number=generation_in(index),
            index=index,
            uuid=settings["uuid"],
            meta=body["mappings"].get("_meta", {}),
            aliases=frozenset(body["aliases"]),
            read=self._read_alias in body["aliases"],
            closed=settings.get("verified_before_close") == "true",
        )
