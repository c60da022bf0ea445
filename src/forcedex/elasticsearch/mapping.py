"""The mapping of an object's index, made from its describe.

Values stand under their API names, a parent's under its path (`Account.Name`). What searching adds to a field hangs
below that field (`Name.edge`), so it can be hidden together with it. `_meta` says what the fields are for, so that
asking needs no describe.
"""

import hashlib
from typing import Any

import orjson

from forcedex.domain.money import Currencies
from forcedex.domain.roles import Role
from forcedex.domain.schema import Field
from forcedex.domain.selection import Column, Selection
from forcedex.elasticsearch.analysis import ANALYSIS

JSON = dict[str, Any]

#: Raised when the meaning of a mapping changes: a newer program builds a new generation, an older one refuses.
MAPPING_VERSION = 1
#: Longer values are found by words, not as a whole (a term of Lucene holds 32,766 bytes).
_LONGEST_KEYWORD = 8000
_KEYWORD: JSON = {"type": "keyword", "ignore_above": _LONGEST_KEYWORD}
_WHOLE: JSON = {"type": "keyword", "normalizer": "folded", "ignore_above": _LONGEST_KEYWORD}
_BEGINNINGS: JSON = {
    "type": "text",
    "analyzer": "beginnings",
    "similarity": "boolean",
    "search_analyzer": "beginnings_query",
    "index_options": "docs",
    "norms": False,
}
_TRIGRAMS: JSON = {
    "type": "text",
    "analyzer": "trigrams",
    "similarity": "boolean",
    "search_analyzer": "trigrams_query",
    "index_options": "docs",
    "norms": False,
}
_WORDS: JSON = {"type": "text", "analyzer": "folded", "similarity": "boolean", "norms": False}
_PARTS: JSON = {"type": "text", "analyzer": "parts", "similarity": "boolean", "norms": False}

_BY_ROLE: dict[Role, JSON] = {
    Role.NAME: {**_WORDS, "fields": {"keyword": _WHOLE, "edge": _BEGINNINGS, "tri": _TRIGRAMS}},
    Role.TITLE: {**_WORDS, "fields": {"keyword": _WHOLE, "edge": _BEGINNINGS}},
    Role.TEXT: {**_WORDS, "fields": {"keyword": _WHOLE}},
    Role.LONG_TEXT: {"type": "text", "analyzer": "folded"},
    Role.LABEL: {**_KEYWORD, "fields": {"words": _WORDS}},
    Role.EMAIL: {**_WHOLE, "fields": {"parts": _PARTS}},
    Role.URL: {**_WHOLE, "fields": {"parts": _PARTS}},
    Role.PHONE: _KEYWORD,
}
_DATE: JSON = {"type": "date", "format": "strict_date_optional_time"}
_BY_TYPE: dict[str, JSON] = {
    "id": {"type": "keyword"},
    "reference": {"type": "keyword"},
    "boolean": {"type": "boolean"},
    "int": {"type": "long"},
    "long": {"type": "long"},
    "double": {"type": "double"},
    "percent": {"type": "double"},
    "currency": {"type": "double"},
    "date": _DATE,
    "datetime": _DATE,
    "address": {"type": "object", "enabled": False},
    "location": {"type": "geo_point"},
}


def field_mapping(column: Column) -> JSON:
    """The mapping of one column. A type that Salesforce adds one day is kept as a keyword."""
    if column.field.html_formatted:
        return {"type": "text", "analyzer": "folded_html"}
    return _BY_TYPE.get(column.field.type) or _BY_ROLE.get(column.role) or _KEYWORD


def compounds(selection: Selection) -> dict[str, tuple[Field, tuple[Field, ...]]]:
    """The address and location fields that can be composed: name to the field and its parts that are read."""
    parts: dict[str, list[Field]] = {}
    for column in selection.columns:
        if column.parent is None and column.field.compound_name not in (None, column.field.name):
            parts.setdefault(str(column.field.compound_name), []).append(column.field)
    return {
        field.name: (field, tuple(parts[field.name]))
        for field in selection.sobject.fields
        if field.type in ("address", "location") and field.name in parts
    }


def money_columns(selection: Selection) -> tuple[Column, ...]:
    """The currency fields, which are kept in minor units of the corporate currency as well."""
    return tuple(column for column in selection.columns if column.field.type == "currency" and not column.parent)


def phone_columns(selection: Selection) -> tuple[Column, ...]:
    """The phone fields, whose digits are kept back to front as well."""
    return tuple(column for column in selection.columns if column.role is Role.PHONE and not column.parent)


def properties(selection: Selection) -> JSON:
    """The properties of the object's documents."""
    result: JSON = {}
    for column in selection.columns:
        if column.parent is None:
            result[column.path] = field_mapping(column)
        else:
            parent = result.setdefault(column.parent, {"type": "object", "dynamic": "strict", "properties": {}})
            parent["properties"][column.field.name] = field_mapping(column)
    for name, (field, _) in compounds(selection).items():
        result[name] = _BY_TYPE[field.type]
    result["forcedex"] = {
        "properties": {
            "object": {"type": "keyword"},
            "version": {"type": "long"},
            "deleted": {"type": "boolean"},
            "synced_at": _DATE,
            "minor": {"properties": {column.path: {"type": "long"} for column in money_columns(selection)}},
            "phones": {"properties": {column.path: {"type": "keyword"} for column in phone_columns(selection)}},
        }
    }
    return result


def meta(selection: Selection) -> JSON:
    """What asking must know of the object, kept in the mapping itself."""
    sobject = selection.sobject
    return {
        "mapping_version": MAPPING_VERSION,
        "object": sobject.name,
        "label": sobject.label,
        "label_plural": sobject.label_plural,
        "key_prefix": sobject.key_prefix,
        "name_field": sobject.name_field.name if sobject.name_field else None,
        "fields": {
            column.path: {"type": column.field.type, "role": column.role, "label": column.field.label}
            for column in selection.columns
        },
        # Every derived field names its sources: it may be used only by who may read all of them.
        "derived": {
            **{name: [part.name for part in parts] for name, (_, parts) in compounds(selection).items()},
            **{
                f"forcedex.minor.{column.path}": _money_sources(selection, column.path)
                for column in money_columns(selection)
            },
            **{f"forcedex.phones.{column.path}": [column.path] for column in phone_columns(selection)},
        },
    }


def _money_sources(selection: Selection, path: str) -> list[str]:
    return [path, "CurrencyIsoCode"] if "CurrencyIsoCode" in selection.paths else [path]


def index_body(
    selection: Selection, currencies: Currencies, *, shards: int, replicas: str, refresh_interval: str
) -> JSON:
    """Settings and mapping of a new index; `_meta.fingerprint` tells whether an index still fits."""
    mapping = {"dynamic": "strict", "properties": properties(selection)}
    described = meta(selection)
    described["currency"] = {"code": currencies.corporate, "decimal_places": currencies.decimal_places}
    described["fingerprint"] = fingerprint(selection, currencies)
    return {
        "settings": {
            "number_of_shards": shards,
            "auto_expand_replicas": replicas,
            "refresh_interval": refresh_interval,
            "mapping.total_fields.limit": 5000,
            "analysis": ANALYSIS,
        },
        "mappings": {**mapping, "_meta": described},
    }


def fingerprint(selection: Selection, currencies: Currencies) -> str:
    """Changes whenever documents made today would not fit an index made before."""
    content: list[Any] = [MAPPING_VERSION, ANALYSIS, properties(selection), meta(selection), selection.where]
    if money_columns(selection):
        rates = {code: str(rate) for code, rate in currencies.rates.items()}
        content += [currencies.corporate, currencies.decimal_places, rates]
    return hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()[:16]
