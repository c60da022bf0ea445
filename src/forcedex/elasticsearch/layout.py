"""Where the columns of an object are kept in its documents.

Each has a field of its own while the budget of mapped fields lasts; the rest stand as text in one flattened field,
`forcedex.more`, under their API names. A column whose name is taken goes there too: one that is called `forcedex`,
or a parent's whose relationship is called like a field.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from forcedex.domain.schema import STAMP_FIELDS
from forcedex.domain.selection import Column, Selection
from forcedex.elasticsearch.fields import (
    compounds,
    field_count,
    field_mapping,
    has_acronym,
    has_codes,
    has_pairs,
    is_money,
    is_phone,
)

#: What is mapped in every index: `forcedex`, its own fields, and the objects that hold derived ones.
_FIXED = len(
    (
        *("forcedex", "object", "version", "deleted", "synced_at", "minor", "phones", "more", "acl", "see"),
        *("pairs", "codes", "acronyms"),
    )
)
_NEEDED = frozenset({"Id", "IsDeleted", "CurrencyIsoCode", *STAMP_FIELDS})
#: Custom fields that are mapped before others: what records hang together by, sums, and what must not become a term.
_PREFERRED_TYPES = frozenset({"reference", "currency", "encryptedstring"})
#: What no column may be called at the top of a document.
_RESERVED = "forcedex"


@dataclass(frozen=True)
class Layout:
    """Which columns of a selection are kept, and where. Others are left out of the documents."""

    selection: Selection
    #: Paths with a mapping of their own.
    fields: frozenset[str]
    #: Paths in `forcedex.more`.
    overflow: frozenset[str] = frozenset()
    #: Names of derived fields that are left out although their sources are there.
    without: frozenset[str] = frozenset()

    @cached_property
    def mapped(self) -> tuple[Column, ...]:
        """The columns with a mapping of their own, in order."""
        return tuple(each for each in self.selection.columns if each.path in self.fields)

    @cached_property
    def rest(self) -> tuple[Column, ...]:
        """The columns in `forcedex.more`, in order."""
        return tuple(each for each in self.selection.columns if each.path in self.overflow)

    @cached_property
    def compounds(self) -> dict[str, tuple[str, tuple[Column, ...]]]:
        """The compounds that are composed: name to type and parts."""
        mapped = replace(self.selection, columns=self.mapped)
        return {
            name: (field.type, parts)
            for name, (field, parts) in compounds(mapped).items()
            if name not in self.without and name not in self.fields
        }

    @cached_property
    def money(self) -> tuple[Column, ...]:
        """The columns that are in `forcedex.minor`, too."""
        return tuple(each for each in self.mapped if is_money(each) and minor_name(each) not in self.without)

    @cached_property
    def phones(self) -> tuple[Column, ...]:
        """The columns that are in `forcedex.phones`, too."""
        return tuple(each for each in self.mapped if is_phone(each) and phone_name(each) not in self.without)

    @cached_property
    def pairs(self) -> tuple[Column, ...]:
        """The columns whose Chinese, Japanese and Korean texts are in `forcedex.pairs`, too."""
        return tuple(each for each in self.mapped if has_pairs(each) and pairs_name(each) not in self.without)

    @cached_property
    def codes(self) -> tuple[Column, ...]:
        """The columns whose numbers and codes are in `forcedex.codes`, too."""
        return tuple(each for each in self.mapped if has_codes(each) and codes_name(each) not in self.without)

    @cached_property
    def acronyms(self) -> tuple[Column, ...]:
        """The columns whose initials are in `forcedex.acronyms`, too."""
        return tuple(each for each in self.mapped if has_acronym(each) and acronym_name(each) not in self.without)

    @cached_property
    def derived(self) -> dict[str, list[str]]:
        """Every derived field and the columns that it is made of."""
        paths = {column.path for column in self.selection.columns}
        rate = ["CurrencyIsoCode"] if "CurrencyIsoCode" in paths else []
        return {
            **{name: [part.path for part in parts] for name, (_, parts) in self.compounds.items()},
            **{minor_name(column): [column.path, *rate] for column in self.money},
            **{phone_name(column): [column.path] for column in self.phones},
            **{pairs_name(column): [column.path] for column in self.pairs},
            **{codes_name(column): [column.path] for column in self.codes},
            **{acronym_name(column): [column.path] for column in self.acronyms},
            **{more_name(column.path): [column.path] for column in self.rest},
        }


def minor_name(column: Column) -> str:
    """Where a column's amount in minor units is."""
    return f"forcedex.minor.{column.path}"


def phone_name(column: Column) -> str:
    """Where a column's reversed digits are."""
    return f"forcedex.phones.{column.path}"


def pairs_name(column: Column) -> str:
    """Where a column's pairs of characters are."""
    return f"forcedex.pairs.{column.path}"


def codes_name(column: Column) -> str:
    """Where a column's normalized codes are."""
    return f"forcedex.codes.{column.path}"


def acronym_name(column: Column) -> str:
    """Where the initials of a column's words are."""
    return f"forcedex.acronyms.{column.path}"


def more_name(path: str) -> str:
    """Where a column's text is if it has no field of its own."""
    return f"forcedex.more.{path}"


def plan(selection: Selection, budget: int, kept: Layout | None = None) -> Layout:
    """Where the columns go in an index with at most this many mapped fields.

    `kept` says what is decided already, in an index that gets more columns. Needed, standard and preferred custom
    columns come first, then the others in describe order. The parts of a compound stay together.
    """
    fields = set(kept.fields) if kept else set()
    overflow = set(kept.overflow) if kept else set()
    spent = _FIXED + (_mapped_count(kept) if kept else 0)
    own = {column.path for column in selection.columns if column.parent is None}
    parents = {column.parent for column in kept.mapped if column.parent} if kept else set[str]()
    taken = frozenset(parents)
    composed = set(compounds(selection))
    for unit in _units(selection):
        unit = [column for column in unit if column.path not in fields | overflow]
        if not unit:
            continue
        parent = unit[0].parent
        cost = sum(map(_cost, unit))
        if parent is not None:
            clash = parent in own - overflow or parent in composed or parent == _RESERVED
            cost += 2 * (parent not in parents)  # the object, and who may see the parent
        else:
            clash = any(column.path == _RESERVED or column.path in taken for column in unit)
            cost += unit[0].field.compound_name in composed
        if clash or spent + cost > budget:
            overflow |= {column.path for column in unit}
            continue
        spent += cost
        fields |= {column.path for column in unit}
        if parent is not None:
            parents.add(parent)
    return Layout(selection, frozenset(fields), frozenset(overflow))


def _units(selection: Selection) -> Iterator[list[Column]]:
    """The columns that are placed together, in the order in which they are placed."""
    together = compounds(selection)
    units: dict[str, list[Column]] = {}
    for column in selection.columns:
        compound = column.field.compound_name
        whole = compound if column.parent is None and compound in together else column.path
        units.setdefault(str(whole), []).append(column)
    yield from sorted(units.values(), key=lambda unit: min(map(_rank, unit)))


def _rank(column: Column) -> int:
    if column.path in _NEEDED or (column.field.name_field and column.parent is None):
        return 0
    custom = column.field.custom if column.parent is None else column.parent.endswith("__r")
    if not custom:
        return 1
    return 2 if column.parent is not None or column.field.type in _PREFERRED_TYPES else 3


def _cost(column: Column) -> int:
    derived = (is_money, is_phone, has_pairs, has_codes, has_acronym)
    return field_count({column.path: field_mapping(column)}) + sum(holds(column) for holds in derived)


def _mapped_count(layout: Layout) -> int:
    parents = {column.parent for column in layout.mapped if column.parent}
    return sum(map(_cost, layout.mapped)) + 2 * len(parents) + len(layout.compounds)
