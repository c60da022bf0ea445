"""What the org knows about an object and its fields: the facts that describe, SOQL and writes are derived from.

Source: SOAP API Developer Guide, "DescribeSObjectResult"; Object Reference, "Field Types".
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

#: Types with a whole or decimal number in them.
NUMBER_TYPES = frozenset({"int", "long", "double", "currency", "percent"})
#: Types whose value is composed from other fields and has no column of its own.
COMPOUND_TYPES = frozenset({"address", "location"})
#: Types that hold text a person or program typed.
TEXT_TYPES = frozenset(
    {"string", "textarea", "phone", "email", "url", "combobox", "picklist", "multipicklist", "encryptedstring"}
    | {"anyType"}
)


@dataclass(frozen=True, kw_only=True, slots=True)
class PicklistValue:
    """One value of a picklist."""

    #: The API value, which records hold.
    value: str
    label: str
    active: bool = True
    #: Chosen when a new record leaves the field out.
    default: bool = False


@dataclass(frozen=True, kw_only=True)
class FieldDef:
    """One field."""

    name: str
    label: str
    #: Salesforce's type, such as `currency`.
    type: str
    #: Characters, for text and Ids.
    length: int = 0
    #: All digits of a decimal number.
    precision: int = 0
    #: Digits right of the decimal point.
    scale: int = 0
    #: Digits of an `int`.
    digits: int = 0
    nillable: bool = False
    createable: bool = False
    updateable: bool = False
    filterable: bool = False
    groupable: bool = False
    sortable: bool = False
    aggregatable: bool = False
    defaulted_on_create: bool = False
    id_lookup: bool = False
    permissionable: bool = False
    name_field: bool = False
    unique: bool = False
    external_id: bool = False
    case_sensitive: bool = False
    #: A formula or a roll-up summary.
    calculated: bool = False
    auto_number: bool = False
    restricted_picklist: bool = False
    picklist_values: tuple[PicklistValue, ...] = ()
    #: A picklist of the names of all objects.
    lists_objects: bool = False
    #: Objects that a reference may point to.
    reference_to: tuple[str, ...] = ()
    #: How SOQL walks to the parent, such as `Owner` or `Account__r`.
    relationship_name: str | None = None
    #: How SOQL walks from the parent to these children, such as `Contacts`.
    child_relationship_name: str | None = None
    #: Deleting the parent deletes this record.
    child_cascade_delete: bool = False
    #: The parent cannot be deleted while this record points to it.
    child_restricted_delete: bool = False
    #: A master-detail field: required, fixed, deletes with its master.
    master_detail: bool = False
    #: The compound field this one is a part of.
    compound_name: str | None = None
    #: A formula in Salesforce's formula language.
    formula: str | None = None
    #: SQL of a formula that was added while the org runs; those that every org has are in store/derived.py.
    formula_sql: str | None = None
    #: A roll-up summary, such as `SUM(Invoice_Line__c.Amount__c)`.
    rollup: str | None = None
    default_value: str | None = None
    #: How an autonumber prints, such as `INV-{00000}`.
    display_format: str | None = None
    html_formatted: bool = False
    extra_type_info: str | None = None
    #: For encrypted text: how it is masked.
    mask: str | None = None

    @property
    def custom(self) -> bool:
        """Whether an administrator made this field."""
        return self.name.endswith(("__c", "__s"))

    @property
    def compound(self) -> bool:
        """Whether the value is composed from other fields."""
        return self.type in COMPOUND_TYPES

    @property
    def polymorphic(self) -> bool:
        """Whether records of several objects can be referenced."""
        return len(self.reference_to) > 1

    @property
    def stored(self) -> bool:
        """Whether the record has a column for it."""
        return not self.compound

    @property
    def long_text(self) -> bool:
        """A text area of more than 255 characters: cannot be filtered, sorted or grouped."""
        return self.type == "textarea" and self.length > 255

    @cached_property
    def active_values(self) -> frozenset[str]:
        """The picklist's active API values."""
        return frozenset(value.value for value in self.picklist_values if value.active)


@dataclass(frozen=True, kw_only=True, slots=True)
class ChildRelationship:
    """Records of another object that point to this one."""

    child: str
    field: str
    #: None: not to be used in SOQL.
    name: str | None
    cascade_delete: bool
    restricted_delete: bool


@dataclass(frozen=True, kw_only=True, eq=False)
class SObjectDef:
    """One object."""

    name: str
    #: First three characters of its records' Ids.
    key_prefix: str
    label: str
    label_plural: str
    fields: tuple[FieldDef, ...]
    #: What can be done with it: create, update, delete, undelete, query, retrieve, replicate, search,
    #: layout, trigger, mru, feed, merge, share-prefix (describe shows no key prefix).
    abilities: frozenset[str] = field(default_factory=frozenset)
    children: tuple[ChildRelationship, ...] = ()

    @property
    def custom(self) -> bool:
        """Whether an administrator made this object."""
        return self.name.endswith("__c")

    @cached_property
    def by_name(self) -> Mapping[str, FieldDef]:
        """Fields by their name in lower case."""
        return {field.name.lower(): field for field in self.fields}

    @cached_property
    def by_relationship(self) -> Mapping[str, FieldDef]:
        """Reference fields by their relationship name in lower case."""
        return {field.relationship_name.lower(): field for field in self.fields if field.relationship_name is not None}

    @cached_property
    def children_by_name(self) -> Mapping[str, ChildRelationship]:
        """Child relationships by name in lower case."""
        return {child.name.lower(): child for child in self.children if child.name is not None}

    @cached_property
    def stored(self) -> tuple[FieldDef, ...]:
        """Fields that have a column."""
        return tuple(field for field in self.fields if field.stored)

    @cached_property
    def name_field(self) -> FieldDef | None:
        """The field that a person reads as the record's name."""
        return next((field for field in self.fields if field.name_field), None)

    def field(self, name: str) -> FieldDef | None:
        """The field of this name, whatever the case."""
        return self.by_name.get(name.lower())

    def has(self, name: str) -> bool:
        """Whether there is a field of this exact name."""
        found = self.by_name.get(name.lower())
        return found is not None and found.name == name

    def components(self, compound: str) -> Iterator[FieldDef]:
        """The fields that a compound field is composed from."""
        return (field for field in self.fields if field.compound_name == compound and field.name != compound)


@dataclass(frozen=True, kw_only=True, eq=False)
class Schema:
    """All objects of the org."""

    #: By canonical name.
    objects: Mapping[str, SObjectDef]

    @cached_property
    def by_name(self) -> Mapping[str, SObjectDef]:
        """Objects by name in lower case."""
        return {name.lower(): sobject for name, sobject in self.objects.items()}

    @cached_property
    def by_prefix(self) -> Mapping[str, tuple[SObjectDef, ...]]:
        """Objects by key prefix; some prefixes are shared (history, status values)."""
        found: dict[str, tuple[SObjectDef, ...]] = {}
        for sobject in self.objects.values():
            found[sobject.key_prefix] = (*found.get(sobject.key_prefix, ()), sobject)
        return found

    def object(self, name: str) -> SObjectDef | None:
        """The object of this name, whatever the case."""
        return self.by_name.get(name.lower())

    def of_id(self, record_id: str) -> SObjectDef | None:
        """The object whose records have Ids like this one."""
        found = self.by_prefix.get(record_id[:3], ())
        return found[0] if found else None
