"""The org's objects and fields, as frozen values read from the compact notation in `objects/`."""

from localorg.schema.links import linked
from localorg.schema.model import ChildRelationship, FieldDef, PicklistValue, Schema, SObjectDef
from localorg.schema.notation import load_schema

__all__ = ["ChildRelationship", "FieldDef", "PicklistValue", "SObjectDef", "Schema", "linked", "load_schema"]
