"""The records in a real index: described, turned into documents and written by the product's own parts."""

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any

from elasticsearch import AsyncElasticsearch

from bench.relevance.records import GROUPS, INDUSTRIES, OWNERS, STAGES, STATUSES, Entry
from forcedex.access.view import View, sorted_tokens
from forcedex.domain.money import Currencies
from forcedex.domain.principal import OrgUser
from forcedex.domain.record import Page
from forcedex.domain.record_id import to_18
from forcedex.domain.schema import Field, PicklistValue, SObject
from forcedex.domain.selection import Selection, select
from forcedex.domain.shares import RecordTokens
from forcedex.elasticsearch.document import DocumentBuilder
from forcedex.elasticsearch.layout import plan
from forcedex.elasticsearch.mapping import index_body
from forcedex.elasticsearch.naming import Names

ORG = "00D000000000001AAA"
_BATCH = 1_000
_BUDGET = 900  # mapped fields
_TOKENS = 200


def _field(name: str, type: str = "string", **more: object) -> Field:
    return Field(name=name, label=more.pop("label", name), type=type, **more)  # type: ignore[arg-type]


def _list(name: str, values: Iterable[str]) -> Field:
    return _field(name, "picklist", picklist_values=tuple(PicklistValue(value=each, label=each) for each in values))


_SYSTEM = (
    _field("Id", "id", length=18),
    _field("IsDeleted", "boolean"),
    _field("OwnerId", "reference", reference_to=("User",), relationship_name="Owner", permissionable=False),
    _field("CreatedDate", "datetime", label="Created Date", permissionable=False),
    _field("LastModifiedDate", "datetime", label="Last Modified Date", permissionable=False),
    _field("SystemModstamp", "datetime", permissionable=False),
)
_ACCOUNT = _field("AccountId", "reference", reference_to=("Account",), relationship_name="Account")
_DESCRIPTION = _field("Description", "textarea", length=32_000)


def _object(name: str, plural: str, prefix: str, *fields: Field) -> SObject:
    return SObject(
        name=name,
        label=name,
        label_plural=plural,
        key_prefix=prefix,
        queryable=True,
        searchable=True,
        replicateable=True,
        fields=(*_SYSTEM, *fields),
    )


OBJECTS = {
    each.name: each
    for each in (
        _object("User", "Users", "005", _field("Name", length=121, name_field=True)),
        _object(
            "Account",
            "Accounts",
            "001",
            _field("Name", length=255, name_field=True, label="Account Name"),
            _field("AccountNumber", length=40, label="Account Number"),
            _field("Phone", "phone", length=40),
            _field("Website", "url", length=255),
            _list("Industry", INDUSTRIES),
            _field("BillingCountry", length=80, label="Billing Country"),
            _field("AnnualRevenue", "currency", scale=0, label="Annual Revenue"),
        ),
        _object(
            "Contact",
            "Contacts",
            "003",
            _field("LastName", length=80, compound_name="Name"),
            _field("FirstName", length=40, compound_name="Name"),
            _field("Name", length=121, name_field=True, compound_name="Name"),
            _field("Email", "email", length=80),
            _field("Phone", "phone", length=40),
            _field("Title", length=128),
            _ACCOUNT,
            _DESCRIPTION,
        ),
        _object(
            "Opportunity",
            "Opportunities",
            "006",
            _field("Name", length=120, name_field=True),
            _ACCOUNT,
            _list("StageName", STAGES),
            _field("IsClosed", "boolean", label="Closed"),
            _field("IsWon", "boolean", label="Won"),
            _field("Amount", "currency", scale=2),
            _field("CloseDate", "date", label="Close Date"),
            _DESCRIPTION,
        ),
        _object(
            "Case",
            "Cases",
            "500",
            _field("CaseNumber", length=30, name_field=True, label="Case Number"),
            _field("Subject", length=255),
            _ACCOUNT,
            _field("ContactId", "reference", reference_to=("Contact",), relationship_name="Contact"),
            _list("Status", STATUSES),
            _list("Priority", ("High", "Medium", "Low")),
            _field("IsClosed", "boolean", label="Closed"),
            _DESCRIPTION,
        ),
    )
}
SELECTIONS = {name: select(each, OBJECTS) for name, each in OBJECTS.items() if name != "User"}


def reader() -> View:
    """A user with 200 tokens, who sees about half of all records and every user."""
    users = [f"u:{to_18(f'005000{each:09d}')}" for each in range(0, OWNERS, 3)]
    groups = [f"g:{to_18(f'00G000{each:09d}')}" for each in range(0, GROUPS, 6)]
    others = [f"g:{to_18(f'00G009{each:09d}')}" for each in range(_TOKENS)]
    tokens = ["o:User", *users, *groups, *others][:_TOKENS]
    return View(
        principal=OrgUser(to_18("005000000000003")),
        objects={name: None for name in OBJECTS},
        tokens=sorted_tokens(tokens),
    )


def sees(view: View, entry: Entry) -> bool:
    """Whether a view sees a record, told without Elasticsearch."""
    return not set(view.tokens).isdisjoint(entry.tokens)


async def fill(
    client: AsyncElasticsearch, names: Names, entries: Iterable[Entry], *, bare: bool = False, in_flight: int = 2
) -> None:
    """Make the indices and write the records, two requests at a time; refreshed at the end.

    `bare` maps texts as Elasticsearch does by itself: words without folding, and the value as a whole.
    """
    builders = {}
    for name in SELECTIONS:
        builders[name] = await make(client, names, name, bare=bare)
    busy: set[asyncio.Task[None]] = set()
    for body in _bodies(names, builders, entries):
        if len(busy) >= in_flight:
            done, busy = await asyncio.wait(busy, return_when=asyncio.FIRST_COMPLETED)
            for each in done:
                each.result()
        busy.add(asyncio.create_task(_send(client, body)))
        await asyncio.sleep(0)
    await asyncio.gather(*busy)
    await client.indices.refresh(index=f"{names.root}*")


_TEXT = {"type": "text", "fields": {"keyword": {"type": "keyword", "ignore_above": 256}}}
_SEARCHED = {"text", "keyword"}


def _bare(properties: dict[str, Any]) -> dict[str, Any]:
    """The properties without anything that is there for searching."""
    plain: dict[str, Any] = {}
    for path, each in properties.items():
        if path == "forcedex":
            ours = {key: {"type": "object", "enabled": False} for key in ("pairs", "codes", "acronyms", "phones")}
            plain[path] = {"properties": {**each["properties"], **ours}}
        elif "properties" in each:
            plain[path] = {**each, "properties": _bare(each["properties"])}
        else:
            plain[path] = _TEXT if each.get("type") in _SEARCHED and not path.endswith("Id") else each
    return plain


async def make(client: AsyncElasticsearch, names: Names, name: str, *, bare: bool = False) -> DocumentBuilder:
    """The index of an object; what turns its records into documents."""
    layout = plan(SELECTIONS[name], _BUDGET)
    body = index_body(layout, Currencies(), shards=1, replicas="false", refresh_interval="30s", budget=_BUDGET)
    body["settings"]["number_of_replicas"] = 0
    body["settings"].pop("auto_expand_replicas")
    if bare:
        body["mappings"]["properties"] = _bare(body["mappings"]["properties"])
    aliases = {names.read_alias(name): {"filter": {"term": {"forcedex.deleted": False}}}}
    await client.indices.create(index=names.index(name, 1), aliases=aliases, **body)
    return DocumentBuilder(layout, Currencies())


def _bodies(names: Names, builders: dict[str, DocumentBuilder], entries: Iterable[Entry]) -> Iterator[bytes]:
    rest = iter(entries)
    while batch := list(islice(rest, _BATCH)):
        lines: list[bytes] = []
        for name, builder in builders.items():
            some = [each for each in batch if each.object == name]
            lines.append(_lines(names.index(name, 1), builder, SELECTIONS[name], some))
        yield b"".join(lines)


def _lines(index: str, builder: DocumentBuilder, selection: Selection, some: list[Entry]) -> bytes:
    tokens = []
    for entry in some:
        see: dict[str, tuple[str, ...]] = {"Owner": ("o:User",)}
        if entry.object != "Account":
            see["Account"] = entry.tokens
        if entry.contact_tokens:
            see["Contact"] = entry.contact_tokens
        tokens.append(RecordTokens(acl=entry.tokens, see=see))
    return bulk_body(index, builder, selection, [entry.row for entry in some], tokens)


def bulk_body(
    index: str,
    builder: DocumentBuilder,
    selection: Selection,
    rows: Sequence[Mapping[str, str]],
    tokens: Sequence[RecordTokens],
) -> bytes:
    """The rows as a bulk request, each with who may read it."""
    page = Page(selection.paths, [[row.get(path, "") for path in selection.paths] for row in rows])
    batch = builder.build(page, 1, "2026-11-01T00:00:00Z", tokens=tokens)
    if batch.rejected:
        raise ValueError(f"{batch.rejected[0]}")
    place = b'{"index":{"_index":"%b",' % index.encode()
    return b"".join(line.replace(b'{"index":{', place, 1) for line in batch.lines)


async def _send(client: AsyncElasticsearch, body: bytes) -> None:
    answer = await client.options(request_timeout=120).bulk(
        operations=body,  # type: ignore[arg-type]
        filter_path="errors,items.*.error",
    )
    if answer["errors"]:
        raise SystemExit(str(answer["items"])[:500])
