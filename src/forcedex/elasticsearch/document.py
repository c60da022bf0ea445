"""Rows of text become documents, a column at a time.

One converter per field type turns a whole column of a batch; the same code serves Bulk API and REST, so both give
the same document byte for byte. Null values are left out. A row that cannot be converted is rejected with its reason
and never takes its neighbours along.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation
from itertools import repeat
from math import isfinite
from typing import Any

import orjson

from forcedex.domain.checkpoint import DeadLetter
from forcedex.domain.money import Currencies
from forcedex.domain.phones import reversed_digits
from forcedex.domain.record import Page
from forcedex.domain.record_id import to_18
from forcedex.domain.schema import Field
from forcedex.domain.selection import Selection
from forcedex.domain.version import version_from_seconds
from forcedex.elasticsearch.mapping import compounds, money_columns, phone_columns

#: Longer number texts may hold more digits than a double; their text is kept as it is.
_EXACT_DOUBLE_DIGITS = 15
_BOOLEANS = {"true": True, "false": False, "": None}

Values = Sequence[Any]
Converter = Callable[[Sequence[str]], list[Any]]


class BadValue(ValueError):
    """A value does not fit its field's type; the message names the field."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Documents ready for a bulk request, in the order of their records."""

    ids: list[str]
    #: Action and document of each record, both with their line ends.
    lines: list[bytes]
    rejected: list[DeadLetter]


class DocumentBuilder:
    """Turns the pages of one object into documents."""

    def __init__(self, selection: Selection, currencies: Currencies) -> None:
        self._object = selection.sobject.name
        self._currencies = currencies
        self._paths = selection.paths
        self._place = {path: index for index, path in enumerate(self._paths)}
        self._converters = [_converter(column.field) for column in selection.columns]
        self._top = [
            (column.parent or column.path, column.field.name if column.parent else None) for column in selection.columns
        ]
        self._compounds = [
            (name, field.type, tuple((_part_name(part.name), self._place[part.name]) for part in parts))
            for name, (field, parts) in compounds(selection).items()
        ]
        self._money = [column.path for column in money_columns(selection)]
        self._phones = [column.path for column in phone_columns(selection)]
        self._stamp = self._place.get(selection.sobject.stamp_field or "")
        self._deleted = self._place.get("IsDeleted")

    def build(self, page: Page, ordinal: int, synced_at: str, at_least: Mapping[str, int] | None = None) -> Batch:
        """The documents of a page; ValueError if it has other columns than the selection.

        `ordinal` is the number of the read, `synced_at` an ISO time, `at_least` the least stamp in seconds of
        single records.
        """
        if page.columns != self._paths:
            raise ValueError(f"{self._object}: the page's columns are not those that were selected")
        try:
            return self._build(page.rows, ordinal, synced_at, at_least or {})
        except BadValue:
            return self._build_singly(page.rows, ordinal, synced_at, at_least or {})

    def _build_singly(self, rows: list[list[str]], ordinal: int, synced_at: str, at_least: Mapping[str, int]) -> Batch:
        whole = Batch([], [], [])
        for row in rows:
            try:
                single = self._build([row], ordinal, synced_at, at_least)
            except BadValue as exc:
                record_id = row[self._place["Id"]][:18]
                whole.rejected.append(DeadLetter(object=self._object, record_id=record_id, reason=str(exc)))
                continue
            whole.ids.extend(single.ids)
            whole.lines.extend(single.lines)
        return whole

    def _build(self, rows: list[list[str]], ordinal: int, synced_at: str, at_least: Mapping[str, int]) -> Batch:
        if not rows:
            return Batch([], [], [])
        texts = list(zip(*rows, strict=True))
        columns = [
            _convert(path, convert, text)
            for path, convert, text in zip(self._paths, self._converters, texts, strict=True)
        ]
        ids: list[str] = _convert("Id", _record_ids, texts[self._place["Id"]])
        versions = self._versions(texts, ids, ordinal, at_least)
        extras = self._extras(texts, versions, synced_at, len(rows))
        names = [name for name, _ in self._top]
        columns = [
            column if child is None else [None if value is None else {child: value} for value in column]
            for (_, child), column in zip(self._top, columns, strict=True)
        ]
        for name, kind, parts in self._compounds:
            names.append(name)
            columns.append(_compose(kind, parts, columns, len(rows)))
        deleted = columns[self._deleted] if self._deleted is not None else repeat(False)
        # Most columns of a batch are full or empty: only the others are looked at row by row.
        filled = [place for place, column in enumerate(columns) if column.count(None) < len(rows)]
        names = [names[place] for place in filled]
        columns = [columns[place] for place in filled]
        sparse = [name for name, column in zip(names, columns, strict=True) if None in column]
        lines = []
        for record_id, version, gone, extra, values in zip(
            ids, versions, deleted, extras, zip(*columns, strict=True), strict=False
        ):
            if gone:
                document: dict[str, Any] = {"forcedex": {"object": self._object, "version": version, "deleted": True}}
            else:
                document = dict(zip(names, values, strict=True))
                for name in sparse:
                    if document[name] is None:
                        del document[name]
                document["forcedex"] = extra
            lines.append(
                b'{"index":{"_id":"%b","version":%d,"version_type":"external_gte"}}\n%b\n'
                % (record_id.encode(), version, orjson.dumps(document))
            )
        return Batch(ids, lines, [])

    def _versions(
        self, texts: list[tuple[str, ...]], ids: list[str], ordinal: int, at_least: Mapping[str, int]
    ) -> list[int]:
        if self._stamp is None:
            return [version_from_seconds(at_least.get(each, 0), ordinal) for each in ids]
        seconds = _convert(self._paths[self._stamp], _stamps, texts[self._stamp])
        return [
            version_from_seconds(max(second, at_least.get(each, 0)), ordinal)
            for each, second in zip(ids, seconds, strict=True)
        ]

    def _extras(
        self,
        texts: list[tuple[str, ...]],
        versions: list[int],
        synced_at: str,
        count: int,
    ) -> list[dict[str, Any]]:
        extras: list[dict[str, Any]] = [
            {"object": self._object, "version": version, "deleted": False, "synced_at": synced_at}
            for version in versions
        ]
        if self._money:
            place = self._place.get("CurrencyIsoCode")
            codes: Sequence[str] = texts[place] if place is not None else [""] * count
            self._add(extras, "minor", self._money, lambda path: self._minor(texts[self._place[path]], codes))
        if self._phones:
            self._add(
                extras,
                "phones",
                self._phones,
                lambda path: [reversed_digits(text) if text else None for text in texts[self._place[path]]],
            )
        return extras

    def _minor(self, amounts: Sequence[str], codes: Sequence[str]) -> list[int | None]:
        convert = self._currencies.minor_units
        return [convert(amount, code) if amount else None for amount, code in zip(amounts, codes, strict=True)]

    @staticmethod
    def _add(extras: list[dict[str, Any]], key: str, paths: list[str], derive: Callable[[str], Values]) -> None:
        for path in paths:
            for extra, value in zip(extras, _convert(path, derive, path), strict=True):
                if value is not None:
                    extra.setdefault(key, {})[path] = value


def _convert(path: str, convert: Callable[[Any], Any], values: Any) -> Any:
    try:
        return convert(values)
    except (ValueError, KeyError, InvalidOperation, OverflowError) as exc:
        raise BadValue(f"{path}: {exc}") from exc


def _compose(
    kind: str, parts: tuple[tuple[str, int], ...], columns: list[list[Any]], count: int
) -> list[dict[str, Any] | None]:
    """Addresses as Salesforce's JSON spells them, locations as a geo_point."""
    composed: list[dict[str, Any] | None] = []
    for index in range(count):
        value = {name: columns[place][index] for name, place in parts if columns[place][index] is not None}
        if kind == "location":
            whole = len(value) == 2
            composed.append({"lat": value["latitude"], "lon": value["longitude"]} if whole else None)
        else:
            composed.append(value or None)
    return composed


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


def _texts(values: Sequence[str]) -> list[Any]:
    return [value or None for value in values]


def _booleans(values: Sequence[str]) -> list[Any]:
    return [_BOOLEANS[value] for value in values]


def _integers(values: Sequence[str]) -> list[Any]:
    return [int(Decimal(value)) if value else None for value in values]


def _number(text: str) -> float | orjson.Fragment:
    if len(text) <= _EXACT_DOUBLE_DIGITS:
        value = float(text)
        if not isfinite(value):
            raise ValueError(f"{text!r} is not a number")
        return value
    exact = Decimal(text)
    if not exact.is_finite():
        raise ValueError(f"{text[:40]!r} is not a number")
    if Decimal(repr(float(exact))) == exact:
        return float(exact)
    return orjson.Fragment(format(exact.normalize(), "f"))


def _numbers(values: Sequence[str]) -> list[Any]:
    return [_number(value) if value else None for value in values]


def _lists(values: Sequence[str]) -> list[Any]:
    return [value.split(";") if value else None for value in values]


def _record_ids(values: Sequence[str]) -> list[str]:
    return [value if len(value) == 18 and value.isalnum() else to_18(value) for value in values]


def _stamps(values: Sequence[str]) -> list[int]:
    known: dict[str, int] = {}
    seconds = []
    for value in values:
        second = known.get(value)
        if second is None:
            second = known[value] = int(datetime.fromisoformat(value).timestamp())
        seconds.append(second)
    return seconds


_CONVERTERS: dict[str, Converter] = {
    "boolean": _booleans,
    "int": _integers,
    "long": _integers,
    "double": _numbers,
    "percent": _numbers,
    "currency": _numbers,
    "multipicklist": _lists,
}


def _converter(field: Field) -> Converter:
    return _CONVERTERS.get(field.type, _texts)
