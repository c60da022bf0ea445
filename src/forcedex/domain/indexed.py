"""What an index says of its object, in the mapping's `_meta`: enough to ask and to decide who may ask what."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from forcedex.domain.roles import Role


@dataclass(frozen=True, kw_only=True, slots=True)
class IndexedField:
    """A column as the index knows it."""

    #: Salesforce's field type.
    type: str
    role: Role
    label: str
    #: False: field-level security does not apply, whoever may read the record may read it.
    permissionable: bool = True
    #: The compound field that it is a part of.
    compound: str | None = None
    #: API name and label of the values that a list offers.
    values: Mapping[str, str] = field(default_factory=dict)
    #: The object whose field it is, where that is not the one that the documents tell of.
    object: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Relationship:
    """A way to a parent whose name is in the document."""

    #: The reference field, such as `AccountId`.
    field: str
    #: Objects that it may point to.
    objects: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class IndexedObject:
    """An object that can be asked about."""

    name: str
    label: str
    label_plural: str
    #: Field that people take for the record's name.
    name_field: str | None
    #: By path, such as `Name` or `Account.Name`.
    fields: dict[str, IndexedField]
    #: ISO code of the org's corporate currency (empty: the org has a single one) and its digits after the point.
    currency: str
    decimal_places: int
    #: Columns that have no field of their own: their texts are in `forcedex.more` under these paths.
    overflow: dict[str, IndexedField] = field(default_factory=dict)
    #: Every derived field and the columns that it is made of.
    derived: dict[str, tuple[str, ...]] = field(default_factory=dict)
    #: Relationship name to where it leads.
    relationships: dict[str, Relationship] = field(default_factory=dict)
    key_prefix: str | None = None
    #: The object whose records decide about these, if there is one.
    master: str | None = None
    #: The object of the records that derived documents tell of; empty: these are records themselves.
    of: str = ""
    #: Derived field to objects of which it tells more than the record: for who may read every record of them.
    tells_of: dict[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def told_of(self) -> str:
        """The object of the records that are seen: whoever may read one may read the documents about it."""
        return self.of or self.name

    @cached_property
    def columns(self) -> dict[str, IndexedField]:
        """All columns, wherever they are kept."""
        return {**self.overflow, **self.fields}

    def sources(self, path: str) -> tuple[str, ...] | None:
        """The columns that a field of the index is made of, sub-fields (`Name.edge`) too; None: nobody declared it."""
        declared = self._declared(path)
        return self.derived.get(declared, (declared,)) if declared else None

    def others(self, path: str) -> tuple[str, ...]:
        """The objects of which a field of the index tells something that who reads the record may not know."""
        return self.tells_of.get(self._declared(path), ())

    def _declared(self, path: str) -> str:
        while path and path not in self.derived and path not in self.columns:
            path, _, _ = path.rpartition(".")
        return path
