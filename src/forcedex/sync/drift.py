"""What a new describe of an object means for its index."""

import hashlib
import json
from enum import StrEnum

from forcedex.domain.selection import Selection


class Drift(StrEnum):
    """What changed between two selections of an object."""

    NONE = "none"
    #: Something that documents do not hold, such as a label or a picklist's values.
    DETAILS = "details"
    #: There are more columns; the others are as before.
    ADDED = "added"
    #: A column is gone, or is of another kind.
    OTHER = "other"


def drift(before: Selection, now: Selection) -> Drift:
    """Compare two selections of one object."""
    old = {column.path: (column.field.type, column.role, column.field.html_formatted) for column in before.columns}
    new = {column.path: (column.field.type, column.role, column.field.html_formatted) for column in now.columns}
    if any(new.get(path) != kind for path, kind in old.items()):
        return Drift.OTHER
    if len(new) > len(old):
        return Drift.ADDED
    return Drift.NONE if before.sobject == now.sobject else Drift.DETAILS


def picklists(selection: Selection) -> str:
    """A mark of all picklists' values: stored values may have moved without any stamp when it is another one."""
    values = [
        (column.path, [each.value for each in column.field.picklist_values])
        for column in selection.columns
        if column.field.picklist_values
    ]
    return hashlib.sha256(json.dumps(values).encode()).hexdigest()


def described(before: Selection, now: Selection) -> str:
    """The difference in words."""
    old = {column.path: column.field.type for column in before.columns}
    new = {column.path: column.field.type for column in now.columns}
    parts = [f"{path} is new" for path in new if path not in old]
    parts += [f"{path} is gone or hidden from the sync user" for path in old if path not in new]
    parts += [f"{path} was {kind} and is {new[path]}" for path, kind in old.items() if new.get(path, kind) != kind]
    shown = "; ".join(parts[:5])
    return f"{shown}; and {len(parts) - 5} more" if len(parts) > 5 else shown
