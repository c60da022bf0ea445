"""From names in a query to columns in SQL: the object, its parents (joins), its fields.

Source: SOQL and SOSL Reference, "Understanding Relationship Names", "Polymorphic Keys and Relationships".
A parent is a LEFT JOIN, so that rows without one stay. A polymorphic parent shows only the fields of the
`Name` object.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from localorg.errors import ApiError
from localorg.query.context import QueryContext
from localorg.schema import FieldDef, SObjectDef
from localorg.soql.ast import Path
from localorg.soql.position import query_error
from localorg.store.derived import expression

#: Parents on one path, at most.
_DEEPEST = 5
_LONGEST_ENCRYPTED = 175
#: What a polymorphic parent shows, and the field of the target it comes from.
_NAME_FIELDS = "Id Name FirstName LastName Title Email Phone Type Username UserRoleId ProfileId IsActive Alias".split()
_NAME_TYPES = {"Id": ("id", 18), "UserRoleId": ("id", 18), "ProfileId": ("id", 18), "IsActive": ("boolean", 0)}


@dataclass(frozen=True, kw_only=True)
class Column:
    """A field of the row or of a parent, in SQL."""

    sql: str
    field: FieldDef
    #: The object that has the field; `Name` for a polymorphic parent's.
    entity: str
    #: SQL of the currency that a currency value is in.
    currency: str | None = None
    #: Behind a relationship that may be empty.
    of_parent: bool = False


@dataclass(frozen=True, kw_only=True)
class Parent:
    """A parent that a path goes through: SQL of its Id and, where it is known, its object."""

    #: The relationship's canonical name.
    name: str
    #: None: polymorphic.
    sobject: SObjectDef | None
    id_sql: str


@dataclass(frozen=True, kw_only=True)
class Resolved:
    """A path's meaning."""

    parents: tuple[Parent, ...]
    #: The last field, in its canonical spelling.
    field: FieldDef
    #: SQL of the last field's row: alias of its table; empty for a polymorphic parent.
    table: str
    sobject: SObjectDef | None
    column: Column


def name_field(name: str) -> FieldDef:
    """A field of the `Name` object."""
    kind, length = _NAME_TYPES.get(name, ("string", 255))
    return FieldDef(name=name, label=name, type=kind, length=length, nillable=True, filterable=True, sortable=True)


def _masked(sql: str) -> str:
    """Classic encrypted text for who may not see it: only the last four characters show."""
    return f"(substr('{'X' * _LONGEST_ENCRYPTED}', 1, max(length({sql}) - 4, 0)) || substr({sql}, -4))"


class Scope:
    """One FROM: its object, and the joins that its paths need."""

    def __init__(
        self,
        context: QueryContext,
        text: str,
        sobject: SObjectDef,
        *,
        table: str = "t",
        alias: str | None = None,
        joined: Sequence[tuple[Path, str]] = (),
    ) -> None:
        self.context = context
        self.text = text
        self.sobject = sobject
        self.table = table
        self._alias = alias.lower() if alias else None
        self._joined = {name.lower(): path for path, name in joined}
        self._joins: dict[tuple[str, str, str], str] = {}

    @property
    def from_sql(self) -> str:
        """The FROM clause with all joins asked for so far."""
        joins = [
            f' LEFT JOIN "{target}" {alias} ON {alias}."Id" = {key}' for (_, key, target), alias in self._joins.items()
        ]
        return f'"{self.sobject.name}" {self.table}{"".join(joins)}'

    def _join(self, key_sql: str, target: str) -> str:
        key = ("", key_sql, target)
        if key not in self._joins:
            self._joins[key] = f"{self.table}p{len(self._joins)}"
        return self._joins[key]

    def _no_column(self, path: Path, name: str, entity: str) -> ApiError:
        return query_error(
            self.text,
            path.position,
            f"No such column '{name}' on entity '{entity}'. If you are attempting to use a custom field, be sure "
            "to append the '__c' after the custom field name. Please reference your WSDL or the describe call for "
            "the appropriate names.",
            "INVALID_FIELD",
        )

    def _no_relationship(self, path: Path, name: str) -> ApiError:
        return query_error(
            self.text,
            path.position,
            f"Didn't understand relationship '{name}' in field path. If you are attempting to use a custom "
            "relationship, be sure to append the '__r' after the custom relationship name. Please reference your "
            "WSDL or the describe call for the appropriate names.",
            "INVALID_FIELD",
        )

    def _names(self, path: Path) -> tuple[str, ...]:
        """The path from this object, without an alias or the object's own name in front."""
        names = path.names
        first = names[0].lower()
        if len(names) > 1:
            if first == self._alias:
                return names[1:]
            if first in self._joined:
                inner = self._joined[first]
                return (*self._names(inner), *names[1:])
            if first not in self.sobject.by_relationship and first == self.sobject.name.lower():
                return names[1:]
        return names

    def resolve(self, path: Path) -> Resolved:
        """What a path means, or the error Salesforce gives."""
        names = self._names(path)
        if len(names) - 1 > _DEEPEST:
            raise query_error(
                self.text,
                path.position,
                "SELECT, WHERE, ORDER BY and GROUP BY clauses can include up to 5 levels of parent relationships",
            )
        sobject, table = self.sobject, self.table
        parents: list[Parent] = []
        for position, name in enumerate(names[:-1]):
            reference = sobject.by_relationship.get(name.lower())
            if reference is None:
                raise self._no_relationship(path, name)
            key = expression(sobject, reference, table)
            relationship = str(reference.relationship_name)
            if reference.polymorphic:
                if position != len(names) - 2:
                    raise self._no_relationship(path, names[position + 1])
                parents.append(Parent(name=relationship, sobject=None, id_sql=key))
                return self._of_name_object(path, names[-1], reference, key, tuple(parents))
            target = reference.reference_to[0]
            if target not in self.context.readable:
                raise self._no_relationship(path, name)
            sobject = self.context.schema.objects[target]
            table = self._join(key, target)
            parents.append(Parent(name=relationship, sobject=sobject, id_sql=f'{table}."Id"'))
        found = sobject.field(names[-1])
        if found is None:
            raise self._no_column(path, names[-1], sobject.name)
        sql = "NULL" if found.compound else expression(sobject, found, table)
        if found.type == "encryptedstring" and not self.context.sees_encrypted:
            sql = _masked(sql)
        column = Column(
            sql=sql,
            field=found,
            entity=sobject.name,
            currency=f'{table}."CurrencyIsoCode"' if sobject.has("CurrencyIsoCode") else None,
            of_parent=bool(parents),
        )
        return Resolved(parents=tuple(parents), field=found, table=table, sobject=sobject, column=column)

    def _of_name_object(
        self, path: Path, wanted: str, reference: FieldDef, key: str, parents: tuple[Parent, ...]
    ) -> Resolved:
        name = next((name for name in _NAME_FIELDS if name.lower() == wanted.lower()), None)
        if name is None:
            raise self._no_column(path, wanted, "Name")
        field = name_field(name)
        targets = [self.context.schema.objects[target] for target in reference.reference_to]
        if name == "Id":
            sql = key
        elif name == "Type":
            whens = " ".join(f"WHEN '{target.key_prefix}' THEN '{target.name}'" for target in targets)
            sql = f"(CASE substr({key}, 1, 3) {whens} END)"
        else:
            parts = []
            for target in targets:
                source = target.name_field if name == "Name" else target.field(name)
                if source is not None:
                    parts.append(expression(target, source, self._join(key, target.name)))
            sql = parts[0] if len(parts) == 1 else f"coalesce({', '.join(parts)})" if parts else "NULL"
        column = Column(sql=sql, field=field, entity="Name", of_parent=True)
        return Resolved(parents=parents, field=field, table="", sobject=None, column=column)
