"""Picklist values and stages. Stored values of records follow without their stamps moving; of renamed values there are
change events, of changed stages there are none.

Source: Change Data Capture Developer Guide, "General Considerations"; Salesforce Help, "Replace or Update Picklist
Values": changing a stage's type or forecast category updates the opportunities in that stage, changing its
probability does not.
"""

from dataclasses import replace
from datetime import datetime
from decimal import Decimal

from localorg.records import RecordWriter
from localorg.schema import FieldDef, SObjectDef, linked
from localorg.store.store import Row

#: Picklists whose values are records of their own.
_VALUE_OBJECTS = {
    ("Opportunity", "StageName"): "OpportunityStage",
    ("Case", "Status"): "CaseStatus",
    ("Lead", "Status"): "LeadStatus",
    ("Task", "Status"): "TaskStatus",
    ("Task", "Priority"): "TaskPriority",
}
#: A stage's type -> IsClosed, IsWon
_TYPES = {"Open": (0, 0), "Closed/Won": (1, 1), "Closed/Lost": (1, 0)}
#: How ForecastCategory says ForecastCategoryName.
_CATEGORIES = {"Best Case": "BestCase", "Commit": "Forecast", "Most Likely": "MostLikely"}


def rename_value(writer: RecordWriter, sobject: SObjectDef, name: str, old: str, new: str) -> int:
    """Give a picklist value another name, in describe and in all records, deleted ones too; how many had it."""
    field = sobject.field(name)
    if field is None or field.type not in ("picklist", "multipicklist", "combobox"):
        raise ValueError(f"{sobject.name}.{name} is no picklist.")
    if old not in {value.value for value in field.picklist_values}:
        raise ValueError(f"{sobject.name}.{field.name} has no value {old!r}.")
    renamed = replace(
        field,
        default_value=new if field.default_value == old else field.default_value,
        picklist_values=tuple(
            replace(value, value=new, label=new) if value.value == old else value for value in field.picklist_values
        ),
    )
    values = _VALUE_OBJECTS.get((sobject.name, field.name))
    with writer.store.transaction():
        moved = _rename_stored(writer, sobject, field, old, new)
        if values is not None:
            row = writer.store.find(writer.schema.objects[values], "MasterLabel", old)
            if row is not None:
                writer.change(values, str(row["Id"]), {"MasterLabel": new, "ApiName": new})
    _publish(writer, sobject, renamed, writer.now)
    return moved


def _publish(writer: RecordWriter, sobject: SObjectDef, field: FieldDef, now: datetime) -> None:
    fields = tuple(field if one.name == field.name else one for one in sobject.fields)
    objects = {**writer.schema.objects, sobject.name: replace(sobject, fields=fields)}
    writer.store.change_schema(linked(objects.values()), [sobject.name], now, lambda connection: None)


def _rename_stored(writer: RecordWriter, sobject: SObjectDef, field: FieldDef, old: str, new: str) -> int:
    table, column = f'"{sobject.name}"', f'"{field.name}"'
    with writer.store.transaction() as connection:
        given: tuple[str, ...]
        if field.type == "multipicklist":
            sql = f"UPDATE {table} SET {column} = trim(replace(';' || {column} || ';', ?, ?), ';')"
            where, given, value = f"instr(';' || {column} || ';', ?) > 0", (f";{old};", f";{new};"), f";{old};"
        else:
            sql, where, given, value = f"UPDATE {table} SET {column} = ?", f"{column} = ?", (new,), old
        if writer.notes_changes(sobject):
            alive = ' AND "IsDeleted" = 0' if sobject.has("IsDeleted") else ""
            for row in writer.store.select(sobject, where + alive, (value,)):
                writer.note("UPDATE", sobject, str(row["Id"]), row)
        return connection.execute(f"{sql} WHERE {where}", (*given, value)).rowcount


def change_stage(
    writer: RecordWriter,
    stage: str,
    *,
    type: str | None = None,
    forecast_category: str | None = None,
    probability: Decimal | int | None = None,
) -> int:
    """Change a stage: `type` is Open, Closed/Won or Closed/Lost; how many opportunities follow.

    The record of OpportunityStage is saved, with its stamps. Opportunities in the stage, closed ones too, take over
    type and forecast category silently; their probability stays.
    """
    row = writer.store.find(writer.schema.objects["OpportunityStage"], "MasterLabel", stage)
    if row is None:
        raise ValueError(f"There is no stage {stage!r}.")
    taken: Row = {}
    if type is not None:
        if type not in _TYPES:
            raise ValueError(f"There is no type {type!r}; choose from {', '.join(_TYPES)}.")
        taken["IsClosed"], taken["IsWon"] = _TYPES[type]
    if forecast_category is not None:
        taken["ForecastCategoryName"] = forecast_category
        taken["ForecastCategory"] = _CATEGORIES.get(forecast_category, forecast_category)
    own = taken | ({} if probability is None else {"DefaultProbability": int(probability)})
    with writer.store.transaction() as connection:
        writer.change("OpportunityStage", str(row["Id"]), own)
        if not taken:
            return 0
        sets = ", ".join(f'"{name}" = ?' for name in taken)
        sql = f'UPDATE "Opportunity" SET {sets} WHERE "StageName" = ?'
        return connection.execute(sql, (*taken.values(), stage)).rowcount
