"""What is compared: the product's search, and what a plain index offers. Each ranks records for a text."""

from collections.abc import Awaitable, Callable, Sequence

from forcedex.access.gate import gate
from forcedex.access.view import View
from forcedex.domain.indexed import IndexedObject
from forcedex.domain.roles import Role
from forcedex.elasticsearch.query import QueryClient
from forcedex.search.search import Search

#: From a text to the Ids of its hits, best first.
Engine = Callable[[str], Awaitable[Sequence[str]]]
DEPTH = 10
_PLAIN_ROLES = {Role.NAME, Role.TITLE, Role.TEXT, Role.LONG_TEXT, Role.EMAIL, Role.URL, Role.PHONE, Role.LABEL}


def ours(search: Search, view: View) -> Engine:
    """The product."""

    async def rank(text: str) -> Sequence[str]:
        return [hit.id for hit in (await search.run(view, text, size=DEPTH)).hits]

    return rank


def plain(client: QueryClient, view: View, objects: Sequence[IndexedObject]) -> Engine:
    """One `multi_match` over all texts of an index as Elasticsearch maps it by itself."""
    fields = sorted({path for each in objects for path, field in each.fields.items() if field.role in _PLAIN_ROLES})

    async def rank(text: str) -> Sequence[str]:
        body = {"query": {"multi_match": {"query": text, "fields": fields}}, "size": DEPTH}
        return [hit["_id"] for hit in (await client.search(gate(view, objects, body)))["hits"]["hits"]]

    return rank
