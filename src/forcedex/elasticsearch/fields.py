"""What one column is in Elasticsearch: its mapping, and what is derived from it.

Source of the limits: Elasticsearch Reference, "ignore_above" and "Limit the number of mapped fields"; a term of Lucene
holds 32,766 bytes.
"""

from collections.abc import Mapping
from typing import Any

from forcedex.domain.roles import Role
from forcedex.domain.schema import Field
from forcedex.domain.selection import Column, Selection

JSON = dict[str, Any]

#: Longer values are found by words, not as a whole: 8,000 characters of UTF-16 are at most 24,000 bytes.
LONGEST_KEYWORD = 8000
KEYWORD: JSON = {"type": "keyword", "ignore_above": LONGEST_KEYWORD}
_WHOLE: JSON = {"type": "keyword", "normalizer": "folded", "ignore_above": LONGEST_KEYWORD}
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
#: How rare a word is among records that somebody may not see has no part in the order: `boolean` everywhere.
_LONG: JSON = {"type": "text", "analyzer": "stemmed", "similarity": "boolean", "norms": False}
_HTML: JSON = {**_LONG, "analyzer": "stemmed_html"}

_BY_ROLE: dict[Role, JSON] = {
    Role.NAME: {**_WORDS, "fields": {"keyword": _WHOLE, "edge": _BEGINNINGS, "tri": _TRIGRAMS}},
    Role.TITLE: {**_WORDS, "fields": {"keyword": _WHOLE, "edge": _BEGINNINGS}},
    Role.TEXT: {**_WORDS, "fields": {"keyword": _WHOLE}},
    Role.LONG_TEXT: _LONG,
    Role.LABEL: {**KEYWORD, "fields": {"words": _WORDS}},
    Role.EMAIL: {**_WHOLE, "fields": {"parts": _PARTS}},
    Role.URL: {**_WHOLE, "fields": {"parts": _PARTS}},
    Role.PHONE: KEYWORD,
}
#: An owner's name as it is written, for counting by it.
_AS_SHOWN: JSON = {"raw": KEYWORD}
_COUNTED_PARENTS = frozenset({"Owner"})
DATE: JSON = {"type": "date", "format": "strict_date_optional_time"}
_BY_TYPE: dict[str, JSON] = {
    "id": KEYWORD,
    "reference": KEYWORD,
    "boolean": {"type": "boolean"},
    "int": {"type": "long"},
    "long": {"type": "long"},
    "double": {"type": "double"},
    "percent": {"type": "double"},
    "currency": {"type": "double"},
    "date": DATE,
    "datetime": DATE,
    # Classic encryption shows a mask (`****1234`): kept as it was read, found by nothing.
    "encryptedstring": {"type": "keyword", "index": False, "doc_values": False},
}
COMPOUND: dict[str, JSON] = {
    "address": {"type": "object", "enabled": False},
    "location": {"type": "geo_point"},
}
#: Derived from names, see `Layout`: pairs of Chinese, Japanese and Korean characters; normalized codes; initials.
PAIRS: JSON = {
    "type": "text",
    "analyzer": "pairs",
    "similarity": "boolean",
    "index_options": "docs",
    "norms": False,
}
TERMS: JSON = {"type": "keyword", "doc_values": False}
#: Who may read: asked for, never counted or sorted by.
TOKENS: JSON = {"type": "keyword", "doc_values": False}
#: Of whatever says nothing else above: keywords and booleans are scored by how rare they are if nobody forbids it.
SIMILARITY: JSON = {"default": {"type": "boolean"}}
#: Everything above, for the fingerprint of an index.
TABLES: list[Any] = [_BY_ROLE, _BY_TYPE, COMPOUND, _HTML, KEYWORD, PAIRS, TERMS, _AS_SHOWN, SIMILARITY]


def field_mapping(column: Column) -> JSON:
    """The mapping of one column. A type that Salesforce adds one day is kept as a keyword."""
    by_type = _BY_TYPE.get(column.field.type)
    if by_type is not None:
        return by_type
    if column.field.html_formatted:
        return _HTML
    by_role = _BY_ROLE.get(column.role, KEYWORD)
    if column.parent in _COUNTED_PARENTS and "fields" in by_role:
        return {**by_role, "fields": {**by_role["fields"], **_AS_SHOWN}}
    return by_role


def field_count(properties: Mapping[str, JSON]) -> int:
    """Fields as Elasticsearch counts them for `index.mapping.total_fields.limit`: objects and sub-fields, too."""
    return sum(
        1 + field_count(each.get("properties", {})) + field_count(each.get("fields", {}))
        for each in properties.values()
    )


def compounds(selection: Selection) -> dict[str, tuple[Field, tuple[Column, ...]]]:
    """The address and location fields that can be composed: name to the field and its parts that are read."""
    parts: dict[str, list[Column]] = {}
    for column in selection.columns:
        if column.parent is None and column.field.compound_name not in (None, column.field.name):
            parts.setdefault(str(column.field.compound_name), []).append(column)
    return {
        field.name: (field, tuple(parts[field.name]))
        for field in selection.sobject.fields
        if field.type in COMPOUND and field.name in parts
    }


#: Own columns that hold a company's name on records of people.
_COMPANIES = frozenset({"Company"})
#: Own columns that hold numbers and codes besides names, external ids and unique texts.
_CODES = frozenset({"ProductCode", "AccountNumber", "StockKeepingUnit", "SerialNumber", "OrderReferenceNumber"})
_TEXT_ROLES = frozenset({Role.NAME, Role.TITLE, Role.TEXT})


def has_pairs(column: Column) -> bool:
    """Whether pieces of its Chinese, Japanese and Korean texts are kept as well."""
    return column.role is Role.NAME or _names_company(column)


def has_codes(column: Column) -> bool:
    """Whether it may hold a record number or code, whose spellings are kept as one."""
    if column.parent is not None or column.role not in _TEXT_ROLES:
        return False
    field = column.field
    named = column.role is Role.NAME and not _is_person(column)
    return named or field.name in _CODES or field.external_id or field.unique


def has_acronym(column: Column) -> bool:
    """Whether the initials of its words are kept as well: companies and things, not people."""
    return (column.role is Role.NAME and not _is_person(column)) or _names_company(column)


def _names_company(column: Column) -> bool:
    return column.path == "Account.Name" or (column.parent is None and column.path in _COMPANIES)


def _is_person(column: Column) -> bool:
    """The name of a person is a compound of its parts."""
    return column.field.compound_name == column.field.name


def is_money(column: Column) -> bool:
    """Whether its amounts are kept in minor units of the corporate currency as well."""
    return column.field.type == "currency" and column.parent is None


def is_phone(column: Column) -> bool:
    """Whether its digits are kept back to front as well."""
    return column.role is Role.PHONE and column.parent is None
