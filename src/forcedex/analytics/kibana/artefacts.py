"""Everything that Kibana needs of an org: the files, and which panels cannot be made of this index."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from forcedex.analytics.kibana.board import BOARD
from forcedex.analytics.kibana.guide import guide
from forcedex.analytics.kibana.layers import NotIndexedError, layer
from forcedex.analytics.kibana.panels import Panel
from forcedex.analytics.kibana.rights import role, space
from forcedex.analytics.kibana.saved_objects import DataView, Ids, Placed, dashboard, data_view, ndjson
from forcedex.domain.company import Company
from forcedex.domain.derived.families import FAMILIES
from forcedex.domain.errors import Refused
from forcedex.domain.indexed import IndexedObject
from forcedex.elasticsearch.naming import Names

_NEXT = "Run `forcedex sync`; if that does not help, the sync user may not read what it is made of."


@dataclass(frozen=True, kw_only=True, slots=True)
class Artefacts:
    """What is written for Kibana."""

    #: Name to content.
    files: Mapping[str, str]
    #: Titles of the panels, in their order.
    panels: tuple[str, ...]
    #: Sentences: which panel is left out, and why.
    left_out: tuple[str, ...]


def artefacts(names: Names, indexed: Sequence[IndexedObject], org_name: str, company: Company) -> Artefacts:
    """The files for an org as it is indexed now; Refused if not one panel can be made of it."""
    placed, left_out = _placed(names, {each.name: each for each in indexed})
    if not placed:
        raise Refused(
            "Nothing that the dashboard is made of is in the index: it needs Opportunity, Lead or Case.",
            "Add them to [sync] objects, and run `forcedex sync`.",
        )
    ids = Ids(names.root)
    views = {(each.view.alias, each.view.day): each.view for each in placed}
    aliases = sorted({each.alias for each in views.values()})
    title = f"Sales and service of {org_name}"
    description = (
        f"Made by Forcedex. Days are those of {company.time_zone}; keep Kibana's time zone at UTC. "
        "For people who may see everything."
    )
    objects = [
        *(data_view(ids, view, org_name) for _, view in sorted(views.items())),
        dashboard(ids, placed, title, description),
    ]
    files = {
        "dashboard.ndjson": ndjson(objects),
        "role.json": _pretty(role(aliases)),
        "space.json": _pretty(space(org_name)),
        "README.md": guide(org_name, company.time_zone, aliases, placed, left_out),
    }
    return Artefacts(files=files, panels=tuple(each.panel.title for each in placed), left_out=tuple(left_out))


def _placed(names: Names, indexed: Mapping[str, IndexedObject]) -> tuple[list[Placed], list[str]]:
    placed: list[Placed] = []
    left_out: list[str] = []
    for panel in BOARD:
        source = panel.part.source
        found = indexed.get(source)
        if found is None:
            left_out.append(f"{panel.title}: {_root(panel)} is not in the index. Is it in [sync] objects?")
            continue
        try:
            made = layer(panel, found)
        except NotIndexedError as exc:
            left_out.append(f"{panel.title}: {found.label_plural} have no {exc} in the index. {_NEXT}")
            continue
        view = DataView(alias=names.read_alias(source), indexed=found, day=panel.day)
        placed.append(Placed(panel=panel, layer=made, view=view))
    return placed, left_out


def _root(panel: Panel) -> str:
    """The object that a panel's documents are derived from."""
    source = panel.part.source
    return next((each.of for each in FAMILIES if source in {kind.name for kind in each.kinds}), source)


def _pretty(value: Any) -> str:
    return orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE).decode()
