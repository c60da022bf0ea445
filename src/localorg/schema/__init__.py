"""The org's objects and fields, as frozen values read from the compact notation in `objects/`."""

from localorg.schema.links import linked
from localorg.schema.load import load_schema
from localorg.schema.model import ChildRelationship, FieldDef, PicklistValue, Schema, SObjectDef

__all__ = ["ChildRelationship", "FieldDef", "PicklistValue", "SObjectDef", "Schema", "linked", "load_schema"]
