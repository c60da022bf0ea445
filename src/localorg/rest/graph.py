"""Graphs of requests about records: each graph is done as a whole or not at all.

    POST  composite/graph    up to 75 graphs with 500 nodes in all, each up to 15 deep

Source: REST API Developer Guide, "Composite Graph", "Composite Graph Limits". After 14 graphs that failed the rest
is not tried. The request counts as one.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from localorg.errors import ApiError, not_found
from localorg.rest.call import Answer, Call, Router
from localorg.rest.composite_references import names_in
from localorg.rest.composite_subrequest import (
    Subrequest,
    halted,
    malformed,
    perform_all,
    read_subrequests,
    target_of,
)

_FIRST_VERSION = 50
_MOST_GRAPHS = 75
_MOST_NODES = 500
_MOST_KINDS = 15
_DEEPEST = 15
_MOST_FAILURES = 14
_GRAPH_ID = re.compile(r"[A-Za-z0-9][^.]{0,38}", re.ASCII)
#: By the number of pieces of the path.
_METHODS = {2: {"POST"}, 3: {"DELETE", "GET", "PATCH"}, 4: {"DELETE", "GET", "PATCH", "POST"}}


@dataclass(frozen=True, slots=True)
class _Graph:
    id: str
    requests: list[Subrequest]


def graph(call: Call, router: Router) -> Answer:
    """The results of all graphs."""
    if call.number < _FIRST_VERSION:
        raise not_found()
    graphs = _read(call)
    outcome: list[dict[str, Any]] = []
    failures = 0
    for one in graphs:
        if failures > _MOST_FAILURES:
            results, done = halted(one.requests), False
        else:
            results, done = perform_all(call, router, one.requests, all_or_none=True)
        failures += not done
        outcome.append({"graphId": one.id, "graphResponse": {"compositeResponse": results}, "isSuccessful": done})
    return Answer(json={"graphs": outcome})


def _read(call: Call) -> list[_Graph]:
    items = call.json.get("graphs")
    if not isinstance(items, list) or not items:
        raise malformed("graphs is required and must be an array")
    found = []
    for item in items:
        identifier = item.get("graphId") if isinstance(item, dict) else None
        if not isinstance(identifier, str) or not _GRAPH_ID.fullmatch(identifier):
            raise malformed(
                "A graphId must start with a letter or a number, have less than 40 characters and no period"
            )
        found.append(_Graph(identifier, read_subrequests(call, item.get("compositeRequest"))))
    if len({one.id for one in found}) < len(found):
        raise ApiError("INVALID_INPUT", "Duplicate graphId provided in the request.")
    _check_size(found)
    return found


def _check_size(graphs: Sequence[_Graph]) -> None:
    nodes = [request for one in graphs for request in one.requests]
    for count, most, what in (
        (len(graphs), _MOST_GRAPHS, "graphs"),
        (len(nodes), _MOST_NODES, "nodes"),
        (len({_kind(node) for node in nodes}), _MOST_KINDS, "different nodes"),
        (max(_depth(one.requests) for one in graphs), _DEEPEST, "levels"),
    ):
        if count > most:
            raise ApiError("LIMIT_EXCEEDED", f"The request can’t contain more than {most} {what}.")


def _kind(node: Subrequest) -> tuple[str, str, str]:
    """Version, method and object; only records can be asked for."""
    target = target_of(node.url)
    segments = target.segments
    if segments[0] != "sobjects" or node.method not in _METHODS.get(len(segments), ()):
        raise malformed(f"A graph can not contain {node.method} {node.url}")
    if float(target.version) < _FIRST_VERSION:
        raise malformed(f"Version {target.version} can not be used in a graph")
    return target.version, node.method, segments[1]


def _depth(requests: Sequence[Subrequest]) -> int:
    """The longest chain of references."""
    depths: dict[str, int] = {}
    for request in requests:
        before = [depths.get(name, 0) for name in names_in([request.url, request.body])]
        depths[request.reference] = 1 + max(before, default=0)
    return max(depths.values())
