"""The mapping of an object's index, made from its describe.

Values stand under their API names, a parent's under its path (`Account.Name`). What searching adds to a field hangs
below that field (`Name.edge`), so it can be hidden together with it. `_meta` says what the fields are for, so that
asking needs no describe, and tells whether the index still fits.
"""

import hashlib
from collections.abc import Iterable
from typing import Any

import orjson

from forcedex.access.catalogue import master_field
from forcedex.domain.money import Currencies
from forcedex.domain.schema import SObject
from forcedex.domain.selection import Column
from forcedex.elasticsearch.analysis import ANALYSIS
from forcedex.elasticsearch.fields import (
    COMPOUND,
    DATE,
    KEYWORD,
    LONGEST_KEYWORD,
    PAIRS,
    SIMILARITY,
    TABLES,
    TERMS,
    TOKENS,
    field_mapping,
)
from forcedex.elasticsearch.layout import Layout

JSON = dict[str, Any]

#: Raised when the meaning of a mapping changes: a newer program builds a new generation, an older one refuses.
MAPPING_VERSION = 3
#: Fields that Elasticsearch lets an index have beyond our own budget.
_SPARE_FIELDS = 100
#: Values of a list that `_meta` names at most.
_MOST_VALUES = 250


def properties(layout: Layout) -> JSON:
    """The properties of the object's documents."""
    result: JSON = {}
    for column in layout.mapped:
        if column.parent is None:
            result[column.path] = field_mapping(column)
        else:
            parent = result.setdefault(column.parent, {"type": "object", "dynamic": "strict", "properties": {}})
            parent["properties"][column.field.name] = field_mapping(column)
    for name, (kind, _) in layout.compounds.items():
        result[name] = COMPOUND[kind]
    result["forcedex"] = {
        "properties": {
            "object": {"type": "keyword"},
            "version": {"type": "long"},
            "deleted": {"type": "boolean"},
            "synced_at": DATE,
            # Tokens of who may read the record, and each parent whose name it holds (forcedex.access.tokens).
            "acl": TOKENS,
            "see": {"properties": dict.fromkeys(sorted(relationships(layout)), TOKENS)},
            "minor": {"properties": {column.path: {"type": "long"} for column in layout.money}},
            "phones": {"properties": {column.path: KEYWORD for column in layout.phones}},
            "pairs": {"properties": {column.path: PAIRS for column in layout.pairs}},
            "codes": {"properties": {column.path: TERMS for column in layout.codes}},
            "acronyms": {"properties": {column.path: TERMS for column in layout.acronyms}},
            "more": {"type": "flattened", "ignore_above": LONGEST_KEYWORD},
        }
    }
    return result


def meta(layout: Layout, currencies: Currencies) -> JSON:
    """What asking must know of the object, kept in the mapping itself."""
    sobject = layout.selection.sobject
    return {
        "mapping_version": MAPPING_VERSION,
        "object": sobject.name,
        "label": sobject.label,
        "label_plural": sobject.label_plural,
        "key_prefix": sobject.key_prefix,
        "name_field": sobject.name_field.name if sobject.name_field else None,
        "fields": described(layout.mapped),
        # Kept in `forcedex.more`: they can be shown, and found as a whole, but not be counted with.
        "overflow": described(layout.rest),
        # Every derived field names its sources: it may be used only by who may read all of them.
        "derived": layout.derived,
        # Whose names are in the documents: to be shown only to who may read the parent.
        "relationships": relationships(layout),
        "master": _master(sobject),
        "currency": {
            "code": currencies.corporate,
            "decimal_places": currencies.decimal_places,
            "rates": {code: str(rate) for code, rate in currencies.rates.items()} if layout.money else {},
        },
        "fingerprint": fingerprint(layout.selection.where),
    }


def _master(sobject: SObject) -> str | None:
    name = master_field(sobject)
    return sobject.by_name[name].reference_to[0] if name and sobject.by_name[name].reference_to else None


def relationships(layout: Layout) -> JSON:
    """The parents whose names have a field: relationship to reference field and objects.

    A parent's name that stands in `forcedex.more` is for the operator alone.
    """
    parents = {column.parent for column in layout.mapped if column.parent}
    return {
        str(field.relationship_name): {"field": field.name, "objects": sorted(field.reference_to)}
        for field in layout.selection.sobject.fields
        if field.relationship_name in parents
    }


def described(columns: Iterable[Column]) -> JSON:
    """What `_meta` says of columns, by path."""
    return {
        column.path: {"type": column.field.type, "role": column.role, "label": column.field.label}
        | ({"html": True} if column.field.html_formatted else {})
        | ({} if column.field.permissionable else {"permissionable": False})
        | ({"compound": compound} if (compound := _compound(column)) else {})
        | ({"values": values} if (values := _values(column)) else {})
        for column in columns
    }


def _compound(column: Column) -> str | None:
    """The compound that a column is a part of; the name of a person counts as part of itself."""
    compound = column.field.compound_name
    return compound if column.parent is None and compound != column.field.name else None


def _values(column: Column) -> JSON:
    """What a list offers, as people read it, for understanding questions. Long lists are left out."""
    values = column.field.picklist_values
    return {each.value: each.label for each in values} if len(values) <= _MOST_VALUES else {}


def index_body(
    layout: Layout, currencies: Currencies, *, shards: int, replicas: str, refresh_interval: str, budget: int
) -> JSON:
    """Settings and mapping of a new index."""
    return {
        "settings": {
            "number_of_shards": shards,
            "auto_expand_replicas": replicas,
            "refresh_interval": refresh_interval,
            "mapping.total_fields.limit": budget + _SPARE_FIELDS,
            "analysis": ANALYSIS,
            "similarity": SIMILARITY,
        },
        "mappings": {"dynamic": "strict", "properties": properties(layout), "_meta": meta(layout, currencies)},
    }


def fingerprint(where: str) -> str:
    """Changes whenever an index made today would differ for other reasons than its columns and currencies."""
    content = [MAPPING_VERSION, ANALYSIS, TABLES, where]
    return hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS)).hexdigest()[:16]
