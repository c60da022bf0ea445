"""Running a plan: the first page, later pages by locator, children.

A query's Ids are fixed when it is opened; a later page shows the values that its records have when it is read,
and leaves out what has been deleted since (Salesforce documents neither). Locators live for two days.

Source: REST API Developer Guide, "Query More Results"; Salesforce Limits, "API Query Cursor Limits".
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import orjson

from localorg.errors import ApiError
from localorg.ids import full_id
from localorg.query.context import QueryContext
from localorg.query.plan import ChildPlan, QueryPlan, children_sql
from localorg.query.shape import Json
from localorg.store import Store
from localorg.store.values import format_datetime

#: A page, unless the client asks for less (or its fields are long).
DEFAULT_BATCH = 2_000
SMALL_BATCH = 200
#: Parents on a page of a query with subqueries: children count towards the batch.
_BATCH_WITH_CHILDREN = 500
#: Children of one parent on a page.
_CHILD_BATCH = 200
_LOCATOR_LIFE = timedelta(days=2)
_ID_LENGTH = 18
_MOST_GROUPS = 2_000
_FETCH = 10_000


@dataclass(frozen=True, kw_only=True)
class _Cursor:
    """An open query: the Ids it found."""

    plan: QueryPlan
    context: QueryContext
    #: All Ids, 18 characters each.
    ids: bytes
    batch: int
    expires: datetime

    def __len__(self) -> int:
        return len(self.ids) // _ID_LENGTH

    def page(self, start: int) -> list[str]:
        part = self.ids[start * _ID_LENGTH : (start + self.batch) * _ID_LENGTH].decode("ascii")
        return [part[at : at + _ID_LENGTH] for at in range(0, len(part), _ID_LENGTH)]


class QueryRunner:
    """Runs plans against the store and keeps the open cursors."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._cursors: dict[str, _Cursor] = {}
        self._lock = threading.Lock()

    def first(
        self, plan: QueryPlan, context: QueryContext, batch: int = DEFAULT_BATCH, most: int | None = None
    ) -> Json:
        """The answer to a query; `most`: records on this page alone, if that is less."""
        with self._store.snapshot() as connection:
            if plan.count_only:
                total = connection.execute(plan.count_sql(), plan.params).fetchone()[0]
                return {"totalSize": total, "done": True, "records": []}
            if plan.aggregate:
                return self._aggregate(plan)
            size = self._batch(plan, batch)
            shown = size if most is None else min(size, most)
            rows = connection.execute(plan.rows_sql(shown + 1), plan.params).fetchall()
            records = [plan.record(row) for row in rows[:shown]]
            self._add_children(plan, context, records, [row[0] for row in rows[:shown]])
            if len(rows) <= shown:
                return {"totalSize": len(rows), "done": True, "records": records}
            found = connection.execute(plan.ids_sql(), plan.params)
            ids = b"".join(
                "".join(identifier for (identifier,) in chunk).encode("ascii")
                for chunk in iter(lambda: found.fetchmany(_FETCH), [])
            )
            cursor = self._open(plan, context, ids, size)
            total = len(ids) // _ID_LENGTH
        return {
            "totalSize": total,
            "done": False,
            "nextRecordsUrl": _next_url(context, cursor, shown),
            "records": records,
        }

    def more(self, locator: str, user_id: str, now: datetime, version: str, most: int | None = None) -> Json:
        """The page at a locator, or INVALID_QUERY_LOCATOR; `most`: as for `first`."""
        identifier, _, text = locator.partition("-")
        cursor = self._cursors.get(full_id(identifier) or "")
        start = int(text) if text.isdigit() else -1
        if cursor is None or cursor.expires <= now or cursor.context.user_id != user_id:
            raise ApiError("INVALID_QUERY_LOCATOR", "invalid query locator")
        if not 0 <= start < len(cursor):
            raise ApiError("INVALID_QUERY_LOCATOR", "invalid query locator")
        context, plan = cursor.context, cursor.plan
        wanted = cursor.page(start)[:most]
        with self._store.snapshot() as connection:
            parameter = orjson.dumps(wanted).decode()
            sql = plan.page_sql(deleted_too=context.all_rows).replace('t."IsDeleted"', f'{_table_of(plan)}."IsDeleted"')
            rows = {row[0]: row for row in connection.execute(sql, (parameter,))}
            ids = [identifier for identifier in wanted if identifier in rows]
            records = [plan.record(rows[identifier]) for identifier in ids]
            self._add_children(plan, context, records, ids)
        end = start + len(wanted)
        answer: Json = {"totalSize": len(cursor), "done": end >= len(cursor)}
        if end < len(cursor):
            answer["nextRecordsUrl"] = f"/services/data/v{version}/query/{full_id(identifier)}-{end}"
        answer["records"] = records
        return answer

    def _batch(self, plan: QueryPlan, asked: int) -> int:
        size = max(SMALL_BATCH, min(DEFAULT_BATCH, asked))
        if plan.small_pages:
            return SMALL_BATCH
        return min(size, _BATCH_WITH_CHILDREN) if plan.children else size

    def _open(self, plan: QueryPlan, context: QueryContext, ids: bytes, batch: int) -> str:
        identifier = self._store.next_id("01g")
        with self._lock:
            for old in [key for key, one in self._cursors.items() if one.expires <= context.now]:
                del self._cursors[old]
            self._cursors[identifier] = _Cursor(
                plan=plan, context=context, ids=ids, batch=batch, expires=context.now + _LOCATOR_LIFE
            )
        return identifier

    def note_views(self, plan: QueryPlan, context: QueryContext, answer: Json) -> None:
        """FOR VIEW and FOR REFERENCE: the records on a page count as viewed now; SystemModstamp does not move."""
        names = ("LastViewedDate", "LastReferencedDate") if "VIEW" in plan.purposes else ("LastReferencedDate",)
        changes = {name: format_datetime(context.now) for name in names if plan.sobject.has(name)}
        with self._store.transaction():
            for record in answer["records"] if not plan.aggregate else ():
                self._store.update(plan.sobject, record["attributes"]["url"].rsplit("/", 1)[1], changes)

    def _aggregate(self, plan: QueryPlan) -> Json:
        rows = self._store.reader.execute(plan.rows_sql(_MOST_GROUPS + 1), plan.all_params).fetchall()
        if len(rows) > _MOST_GROUPS:
            raise ApiError(
                "EXCEEDED_ID_LIMIT",
                "Aggregate query does not support queryMore(), use LIMIT to restrict the results to a single batch",
            )
        return {"totalSize": len(rows), "done": True, "records": [plan.record(row) for row in rows]}

    # -- children --

    def _add_children(self, plan: QueryPlan, context: QueryContext, records: list[Json], ids: Sequence[str]) -> None:
        for child in plan.children:
            self._add_child(child, context, records, ids)

    def _add_child(self, child: ChildPlan, context: QueryContext, records: list[Json], ids: Sequence[str]) -> None:
        parameter = orjson.dumps(list(ids)).decode()
        rows = self._store.reader.execute(children_sql(child), (parameter, *child.plan.params))
        found: dict[str, list[Sequence[object]]] = {}
        for parent, *row in rows:
            found.setdefault(parent, []).append(row)
        below: list[Json] = []
        below_ids: list[str] = []
        for record, identifier in zip(records, ids, strict=True):
            mine = found.get(identifier)
            if mine is None:
                record[child.name] = None
                continue
            answer: Json = {"totalSize": len(mine), "done": len(mine) <= _CHILD_BATCH}
            if len(mine) > _CHILD_BATCH:
                all_ids = "".join(str(row[0]) for row in mine).encode("ascii")
                cursor = self._open(child.plan, context, all_ids, _CHILD_BATCH)
                answer["nextRecordsUrl"] = _next_url(context, cursor, _CHILD_BATCH)
            shown = mine[:_CHILD_BATCH]
            answer["records"] = [child.plan.record(row) for row in shown]
            record[child.name] = answer
            below.extend(answer["records"])
            below_ids.extend(str(row[0]) for row in shown)
        self._add_children(child.plan, context, below, below_ids)


def _table_of(plan: QueryPlan) -> str:
    return plan.columns[0].split(".", 1)[0]


def _next_url(context: QueryContext, cursor: str, at: int) -> str:
    return f"/services/data/v{context.version}/query/{cursor}-{at}"
