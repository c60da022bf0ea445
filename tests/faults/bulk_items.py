"""Single items of an Elasticsearch `_bulk` request that fail.

Source: Elasticsearch API, "Bulk index or delete documents": one answer item per action, in order; an action's
line is followed by its source, except for delete.
"""

import json
from collections.abc import Callable
from typing import Any

#: Shorthand -> status, type and reason of an item's error; the reason names the item's index.
ERRORS: dict[str, tuple[int, str, str]] = {
    "rejected": (429, "es_rejected_execution_exception", "rejected execution of coordinating operation"),
    "blocked": (403, "cluster_block_exception", "index [{index}] blocked by: [FORBIDDEN/8/index write (api)];"),
    "flood_stage": (
        429,
        "cluster_block_exception",
        "index [{index}] blocked by: [TOO_MANY_REQUESTS/12/disk usage exceeded flood-stage watermark, "
        "index has read-only-allow-delete block];",
    ),
    "mapping": (400, "mapper_parsing_exception", "failed to parse field [x] of type [date]"),
    "conflict": (409, "version_conflict_engine_exception", "version conflict, current version is higher or equal"),
}

#: Whether an item is meant, by its place in the request and its `_id`.
Which = Callable[[int, str], bool]


class BulkRequest:
    """A `_bulk` request in two parts: the items that shall fail, and the others."""

    def __init__(self, content: bytes, which: Which) -> None:
        self._kept: list[bytes] = []
        #: Per item: its operation and its `_index` and `_id`, and whether it fails.
        self._items: list[tuple[str, dict[str, Any], bool]] = []
        lines = iter(content.splitlines(keepends=True))
        for line in lines:
            if not line.strip():
                continue
            ((operation, meta),) = json.loads(line).items()
            source = b"" if operation == "delete" else next(lines)
            fails = which(len(self._items), str(meta.get("_id", "")))
            self._items.append((operation, meta, fails))
            if not fails:
                self._kept.append(line + source)

    @property
    def failing(self) -> int:
        """How many items shall fail."""
        return sum(fails for _, _, fails in self._items)

    @property
    def rest(self) -> bytes:
        """The request without the items that fail; empty: all of them do."""
        return b"".join(self._kept)

    def answer(self, applied: list[dict[str, Any]], error: str) -> dict[str, Any]:
        """The answer to the whole request; `applied`: the answer's items for all, or for the rest alone."""
        status, kind, reason = ERRORS[error]
        complete = len(applied) == len(self._items)
        others = iter(applied)
        items = []
        for operation, meta, fails in self._items:
            found = next(others, {}) if complete or not fails else {}
            if fails:
                told = reason.replace("{index}", str(meta.get("_index")))
                problem = {"status": status, "error": {"type": kind, "reason": told}}
                items.append({operation: {"_index": meta.get("_index"), "_id": meta.get("_id"), **problem}})
            else:
                items.append(found)
        errors = any("error" in item for one in items for item in one.values())
        return {"took": 1, "errors": errors, "items": items}
