"""Rows of text become documents, a column at a time.

One converter per field type turns a whole column of a batch; the same code serves Bulk API and REST, so both give
the same document byte for byte. Null values are left out. A row that cannot be converted is rejected with its reason
and never takes its neighbours along.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import InvalidOperation
from itertools import repeat
from typing import Any

import orjson

from forcedex.domain.checkpoint import DeadLetter
from forcedex.domain.codes import code_terms
from forcedex.domain.folding import has_cjk
from forcedex.domain.legal import acronym
from forcedex.domain.money import Currencies
from forcedex.domain.phones import reversed_digits
from forcedex.domain.record import Page, Row
from forcedex.domain.selection import Column
from forcedex.domain.shares import RecordTokens
from forcedex.domain.version import version_from_seconds
from forcedex.elasticsearch.layout import Layout
from forcedex.elasticsearch.values import converter, coordinate, record_ids, seconds, whole_characters

Values = Sequence[Any]
_NOBODY = RecordTokens()


class BadValue(ValueError):
    """A value does not fit its field's type; the message names the field."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Documents ready for a bulk request, in the order of their records."""

    ids: list[str]
    #: Action and document of each record, both with their line ends.
    lines: list[bytes]
    rejected: list[DeadLetter]


def bulk_line(record_id: str, version: int, document: Mapping[str, Any]) -> bytes:
    """Action and document, both with their line ends."""
    return b'{"index":{"_id":"%b","version":%d,"version_type":"external_gte"}}\n%b\n' % (
        record_id.encode(),
        version,
        orjson.dumps(document),
    )


def tombstone(sobject: str, version: int) -> dict[str, Any]:
    """All that is kept of a deleted record."""
    return {"forcedex": {"object": sobject, "version": version, "deleted": True}}


def payload(columns: Sequence[str], row: Row) -> dict[str, str]:
    """What a dead letter keeps of a row: column to text, without nulls."""
    return {column: whole_characters(text) for column, text in zip(columns, row, strict=False) if text}


class DocumentBuilder:
    """Turns the pages of one object into the documents of one index."""

    def __init__(self, layout: Layout, currencies: Currencies) -> None:
        """`layout` is that of the index; the pages have all columns of its selection."""
        selection = layout.selection
        self._object = selection.sobject.name
        self._currencies = currencies
        self._paths = selection.paths
        self._place = {path: index for index, path in enumerate(self._paths)}
        self._mapped = [(column.path, converter(column.field)) for column in layout.mapped]
        self._own = [column.path for column in layout.mapped if column.parent is None]
        self._parents = _by_parent(layout.mapped)
        self._compounds = [
            (name, kind, [(_part_name(part.field.name), part.path) for part in parts])
            for name, (kind, parts) in layout.compounds.items()
        ]
        self._money = [column.path for column in layout.money]
        self._phones = [column.path for column in layout.phones]
        self._pairs = [column.path for column in layout.pairs]
        self._codes = [column.path for column in layout.codes]
        self._acronyms = [column.path for column in layout.acronyms]
        #: The columns that stand in `forcedex.more`.
        self.more = [column.path for column in layout.rest]
        self._stamp = selection.sobject.stamp_field
        self._tells_deleted = "IsDeleted" in self._place

    def build(
        self,
        page: Page,
        ordinal: int,
        synced_at: str,
        at_least: Mapping[str, int] | None = None,
        tokens: Sequence[RecordTokens] = (),
    ) -> Batch:
        """The documents of a page; ValueError if it has other columns than the selection.

        `ordinal` is the number of the read, `synced_at` an ISO time, `at_least` the least stamp in seconds of
        single records; `tokens`, if there are some, are those of the page's rows in their order.
        """
        if page.columns != self._paths:
            raise ValueError(f"{self._object}: the page's columns are not those that were selected")
        least = at_least or {}
        tokens = tokens or [_NOBODY] * len(page.rows)
        try:
            return self._build(page.rows, ordinal, synced_at, least, tokens)
        except (BadValue, orjson.JSONEncodeError):
            return self._build_singly(page.rows, ordinal, synced_at, least, tokens)

    def _build_singly(
        self,
        rows: list[list[str]],
        ordinal: int,
        synced_at: str,
        at_least: Mapping[str, int],
        tokens: Sequence[RecordTokens],
    ) -> Batch:
        whole = Batch([], [], [])
        for row, may in zip(rows, tokens, strict=True):
            row = [text if text.isascii() else whole_characters(text) for text in row]
            try:
                single = self._build([row], ordinal, synced_at, at_least, [may])
            except BadValue as exc:
                whole.rejected.append(
                    DeadLetter(
                        object=self._object,
                        record_id=row[self._place["Id"]][:18],
                        reason=str(exc),
                        payload=payload(self._paths, row),
                    )
                )
                continue
            whole.ids.extend(single.ids)
            whole.lines.extend(single.lines)
        return whole

    def _build(
        self,
        rows: list[list[str]],
        ordinal: int,
        synced_at: str,
        at_least: Mapping[str, int],
        tokens: Sequence[RecordTokens],
    ) -> Batch:
        if not rows:
            return Batch([], [], [])
        texts: dict[str, Sequence[str]] = dict(zip(self._paths, zip(*rows, strict=True), strict=True))
        ids: list[str] = _convert("Id", record_ids, texts["Id"])
        versions = self._versions(texts, ids, ordinal, at_least)
        values = {path: _convert(path, convert, texts[path]) for path, convert in self._mapped}
        deleted = values["IsDeleted"] if self._tells_deleted else repeat(False)
        names, columns = self._filled(values, texts, len(rows))
        sparse = [name for name, column in zip(names, columns, strict=True) if None in column]
        extras = self._extras(texts, versions, synced_at, tokens)
        lines = []
        for record_id, version, gone, extra, row in zip(
            ids, versions, deleted, extras, zip(*columns, strict=True), strict=False
        ):
            if gone:
                document = tombstone(self._object, version)
            else:
                document = dict(zip(names, row, strict=True))
                for name in sparse:
                    if document[name] is None:
                        del document[name]
                document["forcedex"] = extra
            lines.append(bulk_line(record_id, version, document))
        return Batch(ids, lines, [])

    def _versions(
        self, texts: Mapping[str, Sequence[str]], ids: list[str], ordinal: int, at_least: Mapping[str, int]
    ) -> list[int]:
        if self._stamp is None:
            return [version_from_seconds(at_least.get(each, 0), ordinal) for each in ids]
        stamps = _convert(self._stamp, seconds, texts[self._stamp])
        return [
            version_from_seconds(max(second, at_least.get(each, 0)), ordinal)
            for each, second in zip(ids, stamps, strict=True)
        ]

    def _filled(
        self, values: Mapping[str, list[Any]], texts: Mapping[str, Sequence[str]], count: int
    ) -> tuple[list[str], list[list[Any]]]:
        """The top level of the documents: names and columns, but for those that hold nothing.

        Most columns of a batch are full or empty: only the others are looked at row by row.
        """
        tops = {path: values[path] for path in self._own}
        for parent, children in self._parents.items():
            tops[parent] = _nested(children, values)
        for name, kind, parts in self._compounds:
            tops[name] = _locations(parts, texts) if kind == "location" else _addresses(parts, values, count)
        filled = [(name, column) for name, column in tops.items() if column.count(None) < count]
        return [name for name, _ in filled], [column for _, column in filled]

    def _extras(
        self,
        texts: Mapping[str, Sequence[str]],
        versions: list[int],
        synced_at: str,
        tokens: Sequence[RecordTokens],
    ) -> list[dict[str, Any]]:
        """What stands under `forcedex` in each document."""
        extras: list[dict[str, Any]] = [
            {"object": self._object, "version": version, "deleted": False, "synced_at": synced_at}
            for version in versions
        ]
        for extra, may in zip(extras, tokens, strict=True):
            if may.acl:
                extra["acl"] = may.acl
            if see := {name: some for name, some in may.see.items() if name in self._parents}:
                extra["see"] = see
        if self._money:
            codes = texts.get("CurrencyIsoCode") or [""] * len(versions)
            _add(extras, "minor", self._money, lambda path: self._minor(texts[path], codes))
        if self._phones:
            _add(extras, "phones", self._phones, lambda path: _phones(texts[path]))
        if self._pairs:
            _add(extras, "pairs", self._pairs, lambda path: [each if has_cjk(each) else None for each in texts[path]])
        if self._codes:
            _add(extras, "codes", self._codes, lambda path: [code_terms(each) for each in texts[path]])
        if self._acronyms:
            _add(extras, "acronyms", self._acronyms, lambda path: [acronym(each) for each in texts[path]])
        if self.more:
            _add(extras, "more", self.more, lambda path: [text or None for text in texts[path]])
        return extras

    def _minor(self, amounts: Sequence[str], codes: Sequence[str]) -> list[int | None]:
        return [
            self._minor_units(amount, code) if amount else None for amount, code in zip(amounts, codes, strict=True)
        ]

    def _minor_units(self, amount: str, code: str) -> int | None:
        """None for more than 64 bits hold: the amount itself is kept, and reports say that some lack."""
        try:
            return self._currencies.minor_units(amount, code)
        except (ValueError, InvalidOperation):
            return None


def _by_parent(columns: Sequence[Column]) -> dict[str, list[tuple[str, str]]]:
    """Relationship name to the names and paths of its columns."""
    parents: dict[str, list[tuple[str, str]]] = {}
    for column in columns:
        if column.parent is not None:
            parents.setdefault(column.parent, []).append((column.field.name, column.path))
    return parents


def _convert(path: str, convert: Callable[[Any], Any], texts: Sequence[str]) -> Any:
    try:
        return convert(texts)
    except (ValueError, KeyError, InvalidOperation, OverflowError) as exc:
        raise BadValue(f"{path}: {exc}") from exc


def _nested(children: Sequence[tuple[str, str]], values: Mapping[str, list[Any]]) -> list[Any]:
    """Values of a parent's fields under their names."""
    if len(children) == 1:
        ((name, path),) = children
        return [None if value is None else {name: value} for value in values[path]]
    names = [name for name, _ in children]
    return [
        {name: value for name, value in zip(names, row, strict=True) if value is not None} or None
        for row in zip(*[values[path] for _, path in children], strict=True)
    ]


def _addresses(parts: Sequence[tuple[str, str]], values: Mapping[str, list[Any]], count: int) -> list[Any]:
    """Addresses as Salesforce's JSON spells them."""
    filled = [(name, values[path]) for name, path in parts if values[path].count(None) < count]
    return [
        {name: column[index] for name, column in filled if column[index] is not None} or None for index in range(count)
    ]


def _locations(parts: Sequence[tuple[str, str]], texts: Mapping[str, Sequence[str]]) -> list[Any]:
    """A point where there is a whole one on Earth; its components are kept in any case."""
    paths = dict(parts)
    latitudes, longitudes = texts.get(paths.get("latitude", "")), texts.get(paths.get("longitude", ""))
    if latitudes is None or longitudes is None:
        return [None] * len(texts["Id"])
    points: list[Any] = []
    for latitude, longitude in zip(latitudes, longitudes, strict=True):
        lat, lon = coordinate(latitude, 90), coordinate(longitude, 180)
        points.append(None if lat is None or lon is None else {"lat": lat, "lon": lon})
    return points


def _phones(texts: Sequence[str]) -> list[str | None]:
    return [reversed_digits(text) if text else None for text in texts]


def _add(extras: list[dict[str, Any]], key: str, paths: list[str], derive: Callable[[str], Values]) -> None:
    for path in paths:
        for extra, value in zip(extras, derive(path), strict=True):
            if value is not None:
                extra.setdefault(key, {})[path] = value


_PARTS = (
    "street",
    "city",
    "stateCode",
    "state",
    "postalCode",
    "countryCode",
    "country",
    "latitude",
    "longitude",
    "geocodeAccuracy",
)


def _part_name(field_name: str) -> str:
    """The key of a component inside its compound: `BillingPostalCode` is `postalCode`, `X__Latitude__s` `latitude`."""
    lower = field_name.removesuffix("__s").lower()
    return next((part for part in _PARTS if lower.endswith(part.lower())), field_name)
