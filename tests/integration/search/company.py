"""A small sales organization in an index of its own, with tokens of who may read what, for tests of the search."""

from collections.abc import Mapping, Sequence

from elasticsearch import AsyncElasticsearch

from bench.relevance.index import OBJECTS, SELECTIONS, bulk_body, make
from bench.relevance.records import PREFIXES
from forcedex.access.view import View, sorted_tokens
from forcedex.domain.principal import OrgUser
from forcedex.domain.record_id import to_18
from forcedex.domain.shares import RecordTokens
from forcedex.elasticsearch.naming import Names

ANNA = to_18("005000000000001")
BEN = to_18("005000000000002")
OPEN, SECRET = "g:open", "g:secret"

_AT_ONCE = 500

Row = Mapping[str, str]


def rid(sobject: str, number: int) -> str:
    """A well-formed Id."""
    return to_18(f"{PREFIXES[sobject]}000{number:09d}")


def reader(user: str = ANNA, *tokens: str, hidden: Mapping[str, Sequence[str]] | None = None) -> View:
    """A user who sees what is open to all; without the fields that are hidden, by object."""
    objects: dict[str, frozenset[str] | None] = {}
    for name, each in OBJECTS.items():
        gone = (hidden or {}).get(name)
        objects[name] = None if gone is None else frozenset(field.name for field in each.fields) - set(gone)
    return View(principal=OrgUser(user), objects=objects, tokens=sorted_tokens([OPEN, "o:User", *tokens]))


async def fill(client: AsyncElasticsearch, names: Names, rows: Mapping[str, Sequence[Row]]) -> None:
    """Write the rows, by object; `acl` in a row names its one token, `Id` is counted up where it lacks."""
    for name, selection in SELECTIONS.items():
        builder = await make(client, names, name)
        some = [_whole(name, number, row) for number, row in enumerate(rows.get(name, ()), 1)]
        if some:
            tokens = [
                RecordTokens(
                    acl=(row.get("acl", OPEN),), see={"Owner": ("o:User",), "Account": (row.get("acl", OPEN),)}
                )
                for row in some
            ]
            for start in range(0, len(some), _AT_ONCE):
                part = slice(start, start + _AT_ONCE)
                body = bulk_body(names.index(name, 1), builder, selection, some[part], tokens[part])
                answer = await client.bulk(operations=body, refresh=True)  # type: ignore[arg-type]
                assert not answer["errors"], answer["items"][0]


def _whole(name: str, number: int, row: Row) -> dict[str, str]:
    base = {
        "Id": rid(name, number),
        "IsDeleted": "false",
        "OwnerId": ANNA,
        "Owner.Name": "Anna Schmidt",
        "CreatedDate": "2026-11-10T10:00:00.000Z",
        "LastModifiedDate": "2026-11-20T10:00:00.000Z",
        "SystemModstamp": "2026-11-20T10:00:00.000Z",
    }
    return {**base, **row}
