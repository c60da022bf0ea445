"""The org's schema: the objects of `objects/`, and the share objects of custom ones."""

from functools import cache
from importlib.resources import files

from localorg.schema.links import linked
from localorg.schema.model import Schema
from localorg.schema.notation import parse_object
from localorg.schema.shares import share_object


@cache
def load_schema() -> Schema:
    """The org's schema, read once."""
    folder = files("localorg.schema").joinpath("objects")
    parsed = [
        parse_object(entry.read_text("utf-8"))
        for entry in sorted(folder.iterdir(), key=lambda entry: entry.name)
        if entry.name.endswith(".sobject")
    ]
    return linked((*parsed, *filter(None, map(share_object, parsed))))
