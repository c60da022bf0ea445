"""Faults of the journal: what happens to the next events of an object, or to the next transaction.

The README's table says what each does and its options. EVENT_BEFORE_READ sleeps in the thread that writes: a test that
writes through the direct door does so in a thread of its own.
"""

from localorg.events.draft import Draft, overflow
from localorg.events.schemas import Schemas
from localorg.faults import Faults
from localorg.store import Store

NAMES = ("GAP_CREATE", "GAP_UPDATE", "GAP_DELETE", "GAP_UNDELETE", "GAP_OVERFLOW", "WILDCARD_ID", "MERGED_IDS") + (
    *("UNKNOWN_SCHEMA", "SEQUENCE_GAP", "EVENT_LOST", "DIFF_TEXT", "EVENT_BEFORE_READ"),
)


def disturbed(drafts: list[Draft], faults: Faults, store: Store, schemas: Schemas) -> list[Draft]:
    """A transaction's events with the faults that are armed."""
    if not faults.armed:
        return drafts
    overflowing = {
        entity for entity in {one.entity for one in drafts} if faults.take("GAP_OVERFLOW", entity) is not None
    }
    told: set[str] = set()
    kept = []
    for one in drafts:
        if one.entity in overflowing:
            if one.entity not in told:
                kept.append(overflow(one))
            told.add(one.entity)
            continue
        _disturb(one, faults, store, schemas)
        kept.append(one)
    return kept


def _disturb(one: Draft, faults: Faults, store: Store, schemas: Schemas) -> None:
    entity = one.entity
    if faults.take(f"GAP_{one.change_type}", entity) is not None:
        one.become_gap()
    if faults.take("WILDCARD_ID", entity) is not None:
        one.become_gap()
        one.change_type = "UPDATE"
        one.record_ids = [store.schema.objects[entity].key_prefix + "*"]
    if (options := faults.take("MERGED_IDS", entity)) is not None:
        missing = int(options.get("count", 20)) - len(one.record_ids)
        sobject = store.schema.objects[entity]
        alive = '"IsDeleted" = 0' if sobject.has("IsDeleted") else "1"
        others = [str(row["Id"]) for row in store.select(sobject, alive) if row["Id"] not in one.record_ids]
        one.record_ids += others[: max(0, missing)]
    if (options := faults.take("UNKNOWN_SCHEMA", entity)) is not None:
        one.schema = schemas.vary(one.schema, failures=int(options.get("failures", 1)))
    if faults.take("EVENT_LOST", entity) is not None:
        one.lost = True
