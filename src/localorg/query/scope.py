"""From names in a query to columns in SQL: the object, its parents (joins), its fields.

Source: SOQL and SOSL Reference, "Understanding Relationship Names", "Polymorphic Keys and Relationships".
A parent is a LEFT JOIN, so that rows without one stay. A polymorphic parent shows only the fields of the
`Name` object.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from localorg.errors import ApiError, NotImplementedByOrg
from localorg.query.access_column import ACCESS_OBJECT, access_column
from localorg.query.context import QueryContext
from localorg.schema import FieldDef, SObjectDef
from localorg.soql.ast import Path
from localorg.soql.position import query_error
from localorg.store.derived import expression

#: Parents on one path, at most; relationships of one object in a query, at most.
_DEEPEST = 5
_MOST_RELATIONSHIPS = 55
#: Tables that SQLite joins, with room for the query's own.
_MOST_JOINS = 60
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

    def below(self, parents: int) -> "Resolved":
        """The same, seen from a parent on the path."""
        return replace(self, parents=self.parents[parents:])


@dataclass(frozen=True, kw_only=True, slots=True)
class Polymorphic:
    """A relationship whose parents are records of several objects."""

    #: The parents before it.
    parents: tuple[Parent, ...]
    parent: Parent
    reference: FieldDef


def name_field(name: str) -> FieldDef:
    """A field of the `Name` object."""
    kind, length = _NAME_TYPES.get(name, ("string", 255))
    return FieldDef(name=name, label=name, type=kind, length=length, nillable=True, filterable=True, sortable=True)


def _masked(sql: str) -> str:
    """Classic encrypted text for who may not see it: only the last four characters show."""
    return f"(substr('{'X' * _LONGEST_ENCRYPTED}', 1, max(length({sql}) - 4, 0)) || substr({sql}, -4))"


def no_children(text: str, position: int, name: str) -> ApiError:
    """The error for a FROM that names no relationship of the object."""
    return query_error(
        text,
        position,
        f"Didn't understand relationship '{name}' in FROM part of query call. If you are attempting to use "
        "a custom relationship, be sure to append the '__r' after the custom relationship name. Please "
        "reference your WSDL or the describe call for the appropriate names.",
        "INVALID_TYPE",
    )


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
        joined: Sequence[tuple[Path, str | None]] = (),
    ) -> None:
        self.context = context
        self.text = text
        self.sobject = sobject
        self.table = table
        self._alias = alias.lower() if alias else None
        self._joins: dict[tuple[str, str], str] = {}
        self._relationships: set[tuple[str, ...]] = set()
        #: SQL of groups that a subtotal row has not: they read as null.
        self.rolled_up: frozenset[str] = frozenset()
        self._parent_aliases: dict[str, Path] = {}
        #: Aliases of relationships to children, for FROM in subqueries: `a.Contacts c`.
        self.child_aliases: dict[str, str] = {}
        for path, name in joined:
            self._add_joined(path, name)

    def _add_joined(self, path: Path, alias: str | None) -> None:
        first = path.names[0]
        if len(path.names) < 2 or not (self.is_own(first) or first.lower() in self._parent_aliases):
            raise no_children(self.text, path.position, path.text)
        names = self._names(path)
        child = self.sobject.children_by_name.get(names[0].lower())
        if len(names) == 1 and names[0].lower() not in self.sobject.by_relationship:
            if child is None:
                raise no_children(self.text, path.position, names[0])
            if alias is not None:
                self.child_aliases[alias.lower()] = names[0]
            return
        self.resolve(Path((*names, "Id"), path.position))
        if alias is not None:
            self._parent_aliases[alias.lower()] = path

    @property
    def from_sql(self) -> str:
        """The FROM clause with all joins asked for so far."""
        records = self.context.records
        joins = [
            f' LEFT JOIN {records(target)} {alias} ON {alias}."Id" = {key}'
            for (key, target), alias in self._joins.items()
        ]
        return f"{records(self.sobject.name)} {self.table}{''.join(joins)}"

    def _join(self, key_sql: str, target: str) -> str:
        key = (key_sql, target)
        if key not in self._joins:
            if len(self._joins) >= _MOST_JOINS:
                raise NotImplementedByOrg(f"more than {_MOST_JOINS} parents in a query")
            self._joins[key] = f"{self.table}p{len(self._joins)}"
        return self._joins[key]

    def _count(self, path: Path, relationship: tuple[str, ...]) -> None:
        """A relationship counts once, however often it is used; one that TYPEOF splits counts for each object."""
        self._relationships.add(tuple(name.lower() for name in relationship))
        if len(self._relationships) > _MOST_RELATIONSHIPS:
            raise query_error(
                self.text,
                path.position,
                f"A query can include up to {_MOST_RELATIONSHIPS} child-to-parent relationships",
            )

    def no_column(self, path: Path, name: str, entity: str) -> ApiError:
        """The error for a field that is not there."""
        return query_error(
            self.text,
            path.position,
            f"No such column '{name}' on entity '{entity}'. If you are attempting to use a custom field, be sure "
            "to append the '__c' after the custom field name. Please reference your WSDL or the describe call for "
            "the appropriate names.",
            "INVALID_FIELD",
        )

    def no_relationship(self, path: Path, name: str) -> ApiError:
        """The error for a parent that is not there."""
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
            if first in self._parent_aliases:
                inner = self._parent_aliases[first]
                return (*self._names(inner), *names[1:])
            if first not in self.sobject.by_relationship and first == self.sobject.name.lower():
                return names[1:]
        return names

    def is_own(self, name: str) -> bool:
        """Whether a name in front of a path means this object."""
        return name.lower() in (self._alias, self.sobject.name.lower())

    def resolve(self, path: Path) -> Resolved:
        """What a path means, or the error Salesforce gives."""
        return self._descend(path, self._names(path), self.sobject, self.table, ())

    def _descend(
        self, path: Path, names: tuple[str, ...], sobject: SObjectDef, table: str, parents: tuple[Parent, ...]
    ) -> Resolved:
        if len(parents) + len(names) - 1 > _DEEPEST:
            raise query_error(
                self.text,
                path.position,
                "SELECT, WHERE, ORDER BY and GROUP BY clauses can include up to 5 levels of parent relationships",
            )
        for position, name in enumerate(names[:-1]):
            reference = sobject.by_relationship.get(name.lower())
            if reference is None and name.lower() == "userrecordaccess" and position == len(names) - 2:
                return self._of_access(path, names[-1], sobject, table, parents)
            if reference is None:
                raise self.no_relationship(path, name)
            self._count(path, (*(parent.name for parent in parents), name))
            key = expression(sobject, reference, table)
            relationship = str(reference.relationship_name)
            if reference.polymorphic:
                if position != len(names) - 2:
                    raise self.no_relationship(path, names[position + 1])
                parents = (*parents, Parent(name=relationship, sobject=None, id_sql=self._shown(reference, key)))
                return self._of_name_object(path, names[-1], reference, key, parents)
            target = reference.reference_to[0]
            if target not in self.context.readable:
                raise self.no_relationship(path, name)
            sobject = self.context.schema.objects[target]
            table = self._join(key, target)
            parents = (*parents, Parent(name=relationship, sobject=sobject, id_sql=f'{table}."Id"'))
        found = sobject.field(names[-1])
        if found is None:
            raise self.no_column(path, names[-1], sobject.name)
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
        return Resolved(parents=parents, field=found, table=table, sobject=sobject, column=column)

    def _of_access(
        self, path: Path, wanted: str, sobject: SObjectDef, table: str, parents: tuple[Parent, ...]
    ) -> Resolved:
        """What the caller may do with a record, as if that were its parent."""
        found = access_column(self.context, sobject, table, wanted)
        if found is None:
            raise self.no_column(path, wanted, "UserRecordAccess")
        field, sql = found
        parent = Parent(name="UserRecordAccess", sobject=ACCESS_OBJECT, id_sql=f'{table}."Id"')
        column = Column(sql=sql, field=field, entity="UserRecordAccess", of_parent=True)
        return Resolved(parents=(*parents, parent), field=field, table=table, sobject=ACCESS_OBJECT, column=column)

    # -- polymorphic parents --

    def _shown(self, reference: FieldDef, key: str) -> str:
        """SQL of the parent's Id, null if the user may not read that record."""
        whens = []
        for target in reference.reference_to:
            prefix = self.context.schema.objects[target].key_prefix
            if self.context.condition(target) is not None:
                whens.append(f"WHEN '{prefix}' THEN {self._join(key, target)}.\"Id\"")
        return f"(CASE substr({key}, 1, 3) {' '.join(whens)} ELSE {key} END)" if whens else key

    def polymorphic(self, path: Path) -> Polymorphic:
        """The relationship that a TYPEOF splits."""
        *before, last = self._names(path)
        parents: tuple[Parent, ...] = ()
        sobject, table = self.sobject, self.table
        if before:
            inner = self._descend(path, (*before, "Id"), sobject, table, ())
            if inner.sobject is None:
                raise self.no_relationship(path, last)
            parents, sobject, table = inner.parents, inner.sobject, inner.table
        reference = sobject.by_relationship.get(last.lower())
        if reference is None:
            raise self.no_relationship(path, last)
        if not reference.polymorphic:
            raise query_error(self.text, path.position, f"TYPEOF can not be used with the relationship '{path.text}'")
        key = expression(sobject, reference, table)
        parent = Parent(name=str(reference.relationship_name), sobject=None, id_sql=self._shown(reference, key))
        self._count(path, (*(one.name for one in parents), last))
        return Polymorphic(parents=parents, parent=parent, reference=reference)

    def of_target(self, path: Path, split: Polymorphic, target: SObjectDef) -> Resolved:
        """A field of one object behind a polymorphic relationship."""
        self._count(path, (*(one.name for one in split.parents), split.parent.name, target.name))
        table = self._join(split.parent.id_sql, target.name)
        parent = Parent(name=split.parent.name, sobject=target, id_sql=f'{table}."Id"')
        return self._descend(path, path.names, target, table, (*split.parents, parent))

    def of_name(self, path: Path, split: Polymorphic) -> Resolved:
        """A field of the `Name` object behind a polymorphic relationship."""
        if len(path.names) > 1:
            raise self.no_relationship(path, path.names[0])
        parents = (*split.parents, split.parent)
        return self._of_name_object(path, path.names[0], split.reference, split.parent.id_sql, parents)

    def _of_name_object(
        self, path: Path, wanted: str, reference: FieldDef, key: str, parents: tuple[Parent, ...]
    ) -> Resolved:
        name = next((name for name in _NAME_FIELDS if name.lower() == wanted.lower()), None)
        if name is None:
            raise self.no_column(path, wanted, "Name")
        field = name_field(name)
        targets = [self.context.schema.objects[target] for target in reference.reference_to]
        if name == "Id":
            sql = self._shown(reference, key)
        elif name == "Type":
            key = self._shown(reference, key)
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
