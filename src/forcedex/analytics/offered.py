"""What of a report this org and this person have: what is optional goes, and a note says so."""

from collections.abc import Mapping
from dataclasses import replace

from forcedex.access.view import View
from forcedex.analytics.definition import Definition, Measure, Part
from forcedex.analytics.planning import fields_of, path_of
from forcedex.domain.indexed import IndexedObject


def offered(definition: Definition, indexed: Mapping[str, IndexedObject], view: View) -> Definition:
    """The definition without the optional parts and measures that cannot be answered."""
    parts = tuple(each for each in definition.parts if not each.optional or _there(each, indexed, view))
    left = {each.name for each in parts}
    measures = tuple(
        each
        for each in definition.measures
        if not _of(definition, each).optional or _of(definition, each).name in left
        if not each.optional or _readable(_of(definition, each), each, indexed, view)
    )
    gone = [each for each in definition.measures if each not in measures]
    if not gone and len(parts) == len(definition.parts):
        return definition
    names = {each.name for each in measures}
    ratios = tuple(each for each in definition.ratios if {each.over, each.under} <= names)
    names |= {each.name for each in ratios}
    labels = ", ".join(each.label for each in gone)
    return replace(
        definition,
        parts=parts,
        measures=measures,
        ratios=ratios,
        shares=tuple(each for each in definition.shares if each.measure in names),
        order=definition.order if definition.order in names else "",
        notes=(*definition.notes, f"Not shown, for it is not in the index or hidden from who asks: {labels}."),
    )


def _of(definition: Definition, measure: Measure) -> Part:
    return definition.part(measure.part)


def _there(part: Part, indexed: Mapping[str, IndexedObject], view: View) -> bool:
    found = indexed.get(part.source)
    return found is not None and view.may_read(found.told_of) and _usable(found, view, *fields_of(part.where), part.day)


def _readable(part: Part, measure: Measure, indexed: Mapping[str, IndexedObject], view: View) -> bool:
    found = indexed.get(part.source)
    if found is None:
        return False
    return _usable(found, view, *fields_of(measure.where), path_of(found, measure.field) if measure.field else "")


def _usable(indexed: IndexedObject, view: View, *paths: str) -> bool:
    return all(indexed.sources(each) is not None and view.may_use(indexed, each) for each in paths if each)
