"""Whether an index that is there still fits what is selected: pure comparison with its `_meta`."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from forcedex.domain.money import Currencies
from forcedex.domain.selection import Column, Selection
from forcedex.elasticsearch.layout import Layout
from forcedex.elasticsearch.mapping import described, fingerprint, meta

JSON = Mapping[str, Any]
#: A label is for people: another one changes no document.
_LABELS = ("label", "label_plural")
#: What of a column must be the same for its values to fit.
_SHAPE = ("type", "role", "html")


def fitting_layout(stored: JSON, selection: Selection, currencies: Currencies) -> Layout | None:
    """The layout of an index with this `_meta`, if it fits the selection but for columns that it lacks; else None.

    It fits if, with the columns that it has, it would be made in the same way today.
    """
    if stored.get("fingerprint") != fingerprint(selection.where):
        return None
    fields, overflow = frozenset(stored["fields"]), frozenset(stored["overflow"])
    columns = tuple(each for each in selection.columns if each.path in fields | overflow)
    layout = Layout(replace(selection, columns=columns), fields, overflow)
    if _comparable(meta(layout, currencies)) != _comparable(stored):
        return None
    added = set(selection.paths) - {each.path for each in columns}
    if layout.money and "CurrencyIsoCode" in added:  # until now every amount was in the corporate currency
        return None
    return layout


def restricted_layout(stored: JSON, selection: Selection) -> Layout:
    """What an index with this `_meta` still takes of the selection: columns that are now what they were then."""

    def same(column: Column, then: JSON) -> bool:
        now, before = described([column])[column.path], then.get(column.path, {})
        return all(before.get(key) == now.get(key) for key in _SHAPE)

    layout = Layout(
        selection,
        frozenset(each.path for each in selection.columns if same(each, stored.get("fields", {}))),
        frozenset(each.path for each in selection.columns if same(each, stored.get("overflow", {}))),
    )
    then = stored.get("derived", {})
    other = frozenset(name for name, sources in layout.derived.items() if then.get(name) != sources)
    return replace(layout, without=other)


def stored_currencies(stored: JSON) -> Currencies:
    """The currencies that the sums of an index with this `_meta` are made with."""
    currency = stored.get("currency", {})
    return Currencies(
        corporate=currency.get("code", ""),
        decimal_places=currency.get("decimal_places", 2),
        rates={code: Decimal(rate) for code, rate in currency.get("rates", {}).items()},
    )


def _comparable(whole: JSON) -> JSON:
    """A `_meta` without what changes no document."""
    fields = {
        part: {path: {key: each.get(key) for key in _SHAPE} for path, each in whole[part].items()}
        for part in ("fields", "overflow")
    }
    money = any(each["type"] == "currency" and "." not in path for path, each in whole["fields"].items())
    return {
        **whole,
        **dict.fromkeys(_LABELS),
        **fields,
        "relationships": sorted(whole["relationships"]),
        "currency": whole["currency"] if money else None,
    }
