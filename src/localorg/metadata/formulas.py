"""Formulas that name nothing but a field, of the record itself or of a parent, as SQL.

    Industry        TEXT(Account.Region__c)        Account.Owner.Name

All other formulas of the org are written as SQL where they are defined.
"""

import re

from localorg.schema import Schema, SObjectDef
from localorg.store.derived import expression

_PATH = re.compile(r"(?:TEXT\(\s*)?([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)\s*\)?")


def path_sql(schema: Schema, sobject: SObjectDef, formula: str) -> str | None:
    """The SQL of a formula over the row `{t}`; None: the formula is more than a path."""
    match = _PATH.fullmatch(formula.strip())
    if match is None or formula.count("(") != formula.count(")"):
        return None
    return _walk(schema, sobject, match[1].split("."), "{t}", 0)


def _walk(schema: Schema, sobject: SObjectDef, names: list[str], table: str, depth: int) -> str | None:
    first, *rest = names
    if not rest:
        field = sobject.field(first)
        return None if field is None or field.compound else expression(sobject, field, table)
    reference = sobject.by_relationship.get(first.lower())
    if reference is None or reference.polymorphic:
        return None
    parent = schema.objects[reference.reference_to[0]]
    alias = f"f{depth}"
    inner = _walk(schema, parent, rest, alias, depth + 1)
    if inner is None:
        return None
    return f'(SELECT {inner} FROM "{parent.name}" {alias} WHERE {alias}."Id" = {expression(sobject, reference, table)})'
