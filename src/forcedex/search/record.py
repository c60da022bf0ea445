"""One record with every field that the person may see."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from forcedex.access.gate import gate
from forcedex.access.view import View
from forcedex.domain.indexed import IndexedObject
from forcedex.elasticsearch.query import QueryClient
from forcedex.search.hits import at

JSON = dict[str, Any]

_MORE = "forcedex.more"


@dataclass(frozen=True, kw_only=True, slots=True)
class RecordField:
    """One value of a record."""

    path: str
    label: str
    #: Salesforce's field type.
    type: str
    value: Any
    #: What people call the value: the label of a picklist's value, the name of a record that is referred to.
    text: str = ""
    #: Objects that a reference may lead to.
    leads_to: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class WholeRecord:
    """A record as far as the person may see it, its fields by label."""

    id: str
    object: str
    label: str
    title: str
    fields: tuple[RecordField, ...]
    #: The record in Salesforce.
    url: str
    synced_at: str


async def record(
    client: QueryClient, view: View, indexed: IndexedObject, record_id: str, instance_url: str
) -> WholeRecord | None:
    """The record; None if there is none that may be shown."""
    names = {each.field: f"{way}.Name" for way, each in indexed.relationships.items()}
    own = [path for path in indexed.fields if not path.startswith("forcedex.")]
    body = {
        "query": {"term": {"Id": record_id}},
        "size": 1,
        "_source": [*own, *(f"{_MORE}.{path}" for path in indexed.overflow)],
    }
    hits = (await client.search(gate(view, [indexed], body)))["hits"]["hits"]
    if not hits:
        return None
    source: JSON = hits[0]["_source"]
    fields = []
    for path, column in indexed.columns.items():
        value = at(source, path) if path in indexed.fields else at(source, f"{_MORE}.{path}")
        if value is None or value == "" or "." in path or isinstance(value, Mapping):
            continue
        name = at(source, names[path]) if path in names else None
        leads_to = next((each.objects for each in indexed.relationships.values() if each.field == path), ())
        told = str(name) if name is not None else column.values.get(str(value), "")
        fields.append(
            RecordField(path=path, label=column.label, type=column.type, value=value, text=told, leads_to=leads_to)
        )
    title = at(source, indexed.name_field or "") or at(source, "Subject")
    return WholeRecord(
        id=record_id,
        object=indexed.name,
        label=indexed.label,
        title=str(title or f"{indexed.label} {record_id}"),
        fields=tuple(sorted(fields, key=lambda each: (each.label.casefold(), each.path))),
        url=f"{instance_url}/lightning/r/{indexed.name}/{record_id}/view",
        synced_at=source["forcedex"]["synced_at"],
    )
