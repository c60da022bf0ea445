"""From describes and sharing models to how each object is shared, and how its grants are read: pure."""

from collections.abc import Collection, Mapping, Sequence

from forcedex.access.catalogue import ABOUT, CHILDREN_OF_ACCOUNT, PRIVATE, master_field
from forcedex.access.sharing import Shape
from forcedex.domain.rights import Directory
from forcedex.domain.schema import ObjectSummary, SObject
from forcedex.domain.selection import Selection
from forcedex.domain.shares import GrantQuery


def share_tables(selections: Sequence[Selection], there: Sequence[ObjectSummary]) -> dict[str, str]:
    """Object to its table of shares, as far as there is one that the sync user sees.

    Source: Object Reference, "StandardObjectNameShare"; a custom one is called `Invoice__Share`.
    """
    shares = {each.name for each in there if each.queryable}
    names = [each.sobject.name for each in selections]
    wanted = {name: f"{name[:-1]}Share" if name.endswith("__c") else f"{name}Share" for name in names}
    return {name: table for name, table in wanted.items() if table in shares}


def shapes(
    selections: Sequence[Selection],
    tables: Mapping[str, SObject],
    directory: Directory | None,
    flat: Collection[str],
) -> dict[str, Shape]:
    """How each object is shared; `tables` are the describes of the share tables, by the object that is shared."""
    models = {each.object: each.model for each in directory.sharing} if directory else {}
    referred = {target for selection in selections for target in _shown(selection)}
    return {
        each.sobject.name: _shape(each, tables.get(each.sobject.name), models, flat, each.sobject.name in referred)
        for each in selections
    }


def _shown(selection: Selection) -> set[str]:
    """The objects whose records decide about records of this one, or whose names they show."""
    parents = {column.parent for column in selection.columns if column.parent}
    master = master_field(selection.sobject)
    fields = {each for each in (master, *ABOUT, CHILDREN_OF_ACCOUNT.get(selection.sobject.name)) if each}
    return {
        target
        for each in selection.sobject.fields
        if each.name in fields or each.relationship_name in parents
        for target in each.reference_to
    }


def _shape(
    selection: Selection, table: SObject | None, models: Mapping[str, str], flat: Collection[str], referred: bool
) -> Shape:
    sobject = selection.sobject
    name = sobject.name
    read = {column.path for column in selection.columns}
    master = master_field(sobject)
    # The describe leaves out objects that the sync user does not see.
    masters = sobject.by_name[master].reference_to if master in read and master else ()
    parents = {column.parent for column in selection.columns if column.parent}
    return Shape(
        object=name,
        model=models.get(name, ""),
        flat=name in flat,
        table=table.name if table else None,
        record_field=_one_of(table, f"{name}Id", "ParentId"),
        level_field=_one_of(table, f"{name}AccessLevel", "AccessLevel"),
        master_field=master if master in read else None,
        master=masters[0] if masters else None,
        relationships={
            str(field.relationship_name): field.name
            for field in sobject.fields
            if field.relationship_name in parents and field.name in read
        },
        polymorphic=frozenset(
            str(field.relationship_name)
            for field in sobject.fields
            if field.relationship_name in parents and field.polymorphic
        ),
        referred=referred,
    )


def _one_of(table: SObject | None, *names: str) -> str:
    return next((name for name in names if table and name in table.by_name), "")


def grant_queries(found: Mapping[str, Shape]) -> dict[str, GrantQuery]:
    """How the grants of those objects are read whose grants are kept."""
    return {
        name: GrantQuery(
            object=name,
            table=shape.table,
            record_field=shape.record_field,
            level_field=shape.level_field,
            account_path=f"{name}.{shape.account_field}" if shape.table and shape.account_field else None,
            master_field=shape.master_field if shape.by_parent else None,
            owner_field=_path(shape, "OwnerId") if shape.object in PRIVATE or shape.object == "Account" else None,
            private_field=_path(shape, PRIVATE[name].field) if name in PRIVATE else None,
            private_value=PRIVATE[name].value if name in PRIVATE else "",
        )
        for name, shape in found.items()
        if shape.kept and (shape.table is None or (shape.record_field and shape.level_field))
    }


def _path(shape: Shape, field: str) -> str:
    """From the table of shares, if there is one, to a field of the record itself."""
    return f"{shape.object}.{field}" if shape.table else field


def targets(selections: Sequence[Selection]) -> dict[str, dict[str, tuple[str, ...]]]:
    """By object and reference field: the objects that it may point to."""
    return {
        each.sobject.name: {
            column.path: column.field.reference_to
            for column in each.columns
            if column.parent is None and column.field.type == "reference"
        }
        for each in selections
    }
