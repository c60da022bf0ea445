"""What describe tells about an sObject, reduced to what the product uses.

Source: Salesforce REST API, "sObject Describe"; names are those of the describe result in snake case.
"""

from dataclasses import dataclass, field
from functools import cached_property

#: Types whose value is composed from other fields of the record, never read itself.
COMPOUND_TYPES = frozenset({"address", "location"})

#: Per-user or binary values that are not a property of the record, and so not of its document.
UNREAD_FIELDS = frozenset({"LastViewedDate", "LastReferencedDate"})
UNREAD_TYPES = frozenset({"base64"})

#: Characters that a record may hold to count as large.
_LARGE = 100_000

#: The replication keys, best first (an object lacks some of them).
STAMP_FIELDS = ("SystemModstamp", "LastModifiedDate", "CreatedDate")


@dataclass(frozen=True, kw_only=True, slots=True)
class PicklistValue:
    """One value of a picklist."""

    value: str
    label: str
    active: bool = True


@dataclass(frozen=True, kw_only=True, slots=True)
class Field:
    """One field of an sObject as the sync user sees it."""

    #: API name, such as `AnnualRevenue` or `Tier__c`.
    name: str
    label: str
    #: Salesforce's field type in lower case, such as `currency` or `multipicklist`.
    type: str
    #: Characters; 0 for types without a length.
    length: int = 0
    #: Digits right of the decimal point.
    scale: int = 0
    #: The field that people take for the record's name.
    name_field: bool = False
    #: API names of the objects that a reference may point to.
    reference_to: tuple[str, ...] = ()
    #: Name of the path to the parent, such as `Account`; None: no path.
    relationship_name: str | None = None
    #: Name of the compound field that this one is a part of.
    compound_name: str | None = None
    calculated: bool = False
    #: What a formula field computes, as its author wrote it; empty: none, or hidden from the sync user.
    formula: str = ""
    custom: bool = False
    #: Rich text: the value is HTML.
    html_formatted: bool = False
    nillable: bool = True
    filterable: bool = True
    external_id: bool = False
    unique: bool = False
    #: 0 or 1 for a master-detail reference: the first or second master.
    relationship_order: int | None = None
    #: Whether field-level security applies to it.
    permissionable: bool = True
    picklist_values: tuple[PicklistValue, ...] = ()

    @property
    def polymorphic(self) -> bool:
        """Whether the reference may point to more than one kind of object."""
        return len(self.reference_to) > 1


@dataclass(frozen=True, kw_only=True)
class SObject:
    """One object of the org as the sync user sees it."""

    name: str
    label: str
    label_plural: str
    key_prefix: str | None
    queryable: bool
    custom: bool = False
    searchable: bool = False
    #: Whether getUpdated and getDeleted work on it.
    replicateable: bool = False
    fields: tuple[Field, ...] = field(repr=False)

    @cached_property
    def by_name(self) -> dict[str, Field]:
        """The fields by API name."""
        return {each.name: each for each in self.fields}

    @cached_property
    def name_field(self) -> Field | None:
        """The field that people take for the record's name, if there is one."""
        return next((each for each in self.fields if each.name_field), None)

    @cached_property
    def stamp_field(self) -> str | None:
        """The replication key: the best of `STAMP_FIELDS` that the object has."""
        return next((name for name in STAMP_FIELDS if name in self.by_name), None)

    @cached_property
    def soft_deletes(self) -> bool:
        """Whether queryAll shows deleted records of this object."""
        return "IsDeleted" in self.by_name

    @cached_property
    def rows_at_once(self) -> int:
        """Records that one answer should hold at most: fewer where a single one may be large, for memory's sake.

        Salesforce gives 200 to 2,000. Source: REST API Developer Guide, "Query Options Header".
        """
        longest = sum(each.length for each in self.read_fields if each.type in ("textarea", "string"))
        return 200 if longest >= _LARGE else 2_000

    @cached_property
    def read_fields(self) -> tuple[Field, ...]:
        """The fields that a read asks for: no compounds (they are composed), no binaries, no per-user values."""
        return tuple(
            each
            for each in self.fields
            if each.type not in COMPOUND_TYPES | UNREAD_TYPES and each.name not in UNREAD_FIELDS
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class ObjectSummary:
    """One row of the global describe."""

    name: str
    label: str
    key_prefix: str | None
    queryable: bool
    custom: bool = False
    searchable: bool = False
    layoutable: bool = False
    #: `Share`, `History`, `Feed`, `ChangeEvent` … for tables that hang on another object.
    associate_entity_type: str | None = None
