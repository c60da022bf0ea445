"""Which columns of an object are read: its own fields and the names of its parents."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from forcedex.domain.errors import ConfigurationError
from forcedex.domain.formulas import parse
from forcedex.domain.roles import Role, role_of, role_of_parent
from forcedex.domain.schema import Field, SObject

#: Parents whose names tell little and would cost a join each.
_PLAIN_PARENTS = frozenset({"CreatedBy", "LastModifiedBy", "MasterRecord"})
#: Words that begin a clause of SOQL: as the name of a relationship (the sender of a mail is `From`) they would be read
#: as that clause. Source: SOQL and SOSL Reference, "Reserved Keywords".
_CLAUSES = frozenset({"select", "from", "using", "where", "with", "having", "limit"})
#: Salesforce allows 55 relationships in a query; a page with 2,000 rows of that is slow.
_MOST_PARENTS = 20
#: Fields that every read needs.
_NEEDED = frozenset({"Id", "IsDeleted", "CurrencyIsoCode"})

#: The name of any record behind a polymorphic reference (Salesforce's `Name` pseudo-object).
_ANY_NAME = Field(name="Name", label="Name", type="string", length=255, name_field=True)


@dataclass(frozen=True, kw_only=True, slots=True)
class Column:
    """One column of a read."""

    #: As in SELECT: `Name` or `Account.Name`.
    path: str
    field: Field
    role: Role
    #: Relationship name when the field is a parent's.
    parent: str | None = None


@dataclass(frozen=True, kw_only=True)
class Selection:
    """An object and the columns that are read of it."""

    sobject: SObject
    columns: tuple[Column, ...]
    #: A SOQL condition from the configuration.
    where: str = ""

    @property
    def paths(self) -> tuple[str, ...]:
        """The columns as SELECT wants them."""
        return tuple(column.path for column in self.columns)


def select(
    sobject: SObject, parents: Mapping[str, SObject], *, exclude: Collection[str] = (), where: str = ""
) -> Selection:
    """The columns of an object; `parents` are the describes of objects that it refers to.

    ConfigurationError if `exclude` names a field that is not there or one that every read needs.
    """
    by_lower = {name.lower(): name for name in sobject.by_name}
    excluded = set()
    for name in exclude:
        known = by_lower.get(name.lower())
        if known is None:
            raise ConfigurationError(
                f"{sobject.name} has no field {name!r}.", f"Correct [objects.{sobject.name}] exclude."
            )
        if known in _NEEDED or known == sobject.stamp_field:
            raise ConfigurationError(
                f"{sobject.name}.{known} cannot be left out: the sync needs it.",
                f"Remove it from [objects.{sobject.name}] exclude.",
            )
        excluded.add(known)
    own = [
        Column(path=field.name, field=field, role=role_of(field))
        for field in sobject.read_fields
        if field.name not in excluded
        and field.compound_name not in excluded - {field.name}
        # A value that depends on the moment or on who looks is no property of the record.
        and not parse(field.formula).volatile
    ]
    joined = [
        column
        for field in sobject.read_fields
        if field.name not in excluded and (column := _parent_column(field, parents)) is not None
    ]
    return Selection(sobject=sobject, columns=(*own, *joined[:_MOST_PARENTS]), where=where)


def _parent_column(field: Field, parents: Mapping[str, SObject]) -> Column | None:
    """The name of the record that a reference points to, or None where there is no path or no name."""
    relationship = field.relationship_name
    if field.type != "reference" or not relationship or relationship in _PLAIN_PARENTS:
        return None
    if relationship.lower() in _CLAUSES:
        return None
    if field.polymorphic:
        name: Field | None = _ANY_NAME
    else:
        parent = parents.get(field.reference_to[0]) if field.reference_to else None
        name = parent.name_field if parent and parent.queryable else None
    if name is None:
        return None
    return Column(path=f"{relationship}.{name.name}", field=name, role=role_of_parent(name), parent=relationship)
