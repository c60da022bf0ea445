"""UserRecordAccess: what a user may do with up to 200 records.

    SELECT RecordId, HasReadAccess, MaxAccessLevel FROM UserRecordAccess WHERE UserId = '005…' AND RecordId IN (…)
    SELECT RecordId FROM UserRecordAccess WHERE UserId = '005…' AND RecordId = '001…' AND HasReadAccess = true

Source: Object Reference, UserRecordAccess (usage and its restrictions; the texts of the errors are not documented).
Records that the caller may not read are left out.
"""

from collections.abc import Callable, Iterator

import orjson

from localorg.errors import ApiError
from localorg.ids import full_id
from localorg.query.context import QueryContext
from localorg.query.shape import Json
from localorg.sharing import levels
from localorg.sharing.conditions import RecordAccess
from localorg.soql.ast import And, Compare, Condition, InValues, Path, Query, SelectField
from localorg.soql.position import query_error
from localorg.store import Store

NAME = "UserRecordAccess"
_MOST = 200
_LEVEL = "MaxAccessLevel"
_KNOWN = {name.lower(): name for name in ("UserId", "RecordId", _LEVEL, *levels.FIELDS)}

#: The access of a user by his Id; None: he cannot log in.
AccessOf = Callable[[str], RecordAccess | None]


def is_asked(query: Query) -> bool:
    """Whether a query is for UserRecordAccess."""
    return query.source.text.lower() == NAME.lower()


def answer(query: Query, context: QueryContext, store: Store, access_of: AccessOf) -> Json:
    """The answer to a query."""
    selected = [_selected(query, item) for item in query.select]
    user, records, filters = _filters(query)
    if "RecordId" not in selected:
        raise _restricted(query, "RecordId must be selected")
    if filters and selected != ["RecordId"]:
        raise _restricted(query, "only RecordId can be selected in a query that filters by access")
    if query.group_by or query.having or query.offset or context.bulk:
        raise _restricted(query, "it can be filtered, ordered and limited, and nothing else")
    order = [(_field(query, one.expression), one.descending) for one in query.order_by]
    if any(name not in selected for name, _ in order):
        raise _restricted(query, "ORDER BY takes fields that are selected")
    rows = list(_rows(context, store, access_of(user), records))
    rows = [row for row in rows if all(row[name] is value for name, value in filters.items())]
    for name, descending in reversed(order):
        rows.sort(key=lambda row: str(row[name]), reverse=descending)
    url = f"{context.sobject_url(NAME)}000000000000000AAA"
    found = [
        {"attributes": {"type": NAME, "url": url}, **{name: row[name] for name in selected}}
        for row in rows[: query.limit]
    ]
    return {"totalSize": len(found), "done": True, "records": found}


def _rows(context: QueryContext, store: Store, access: RecordAccess | None, records: list[str]) -> Iterator[Json]:
    """What the user may do with each record that the caller may read, in the order asked."""
    found: dict[str, Json] = {}
    for sobject in {sobject.name: sobject for one in records if (sobject := context.schema.of_id(one))}.values():
        if sobject.name not in context.readable or not levels.asks_about(context.schema, sobject.name):
            continue
        tests = dict.fromkeys(levels.FIELDS, "0") if access is None else levels.tests(access, sobject.name)
        columns = ", ".join(('"Id"', *tests.values(), levels.most(tests)))
        asked = "SELECT value FROM json_each(?)"
        alive = ' AND "IsDeleted" = 0' if sobject.has("IsDeleted") else ""
        sql = f'SELECT {columns} FROM {context.records(sobject.name)} WHERE "Id" IN ({asked}){alive}'
        for record, *has, most in store.reader.execute(sql, (orjson.dumps(records).decode(),)):
            flags = dict(zip(levels.FIELDS, map(bool, has), strict=True))
            found[record] = {"RecordId": record, **flags, _LEVEL: most}
    return (found[one] for one in dict.fromkeys(records) if one in found)


def _filters(query: Query) -> tuple[str, list[str], dict[str, bool]]:
    """The user, the records, and the access that is filtered by."""
    user, records, filters = None, None, {}
    for part in _parts(query, query.where):
        name = _field(query, part.left)
        values = [part.right] if isinstance(part, Compare) else list(part.values)
        if name in levels.FIELDS and isinstance(part, Compare) and part.operator == "=":
            filters[name] = bool(part.right.value)
        elif name == "UserId" and user is None and len(values) == 1:
            user = str(values[0].value)
        elif name == "RecordId" and records is None:
            records = [str(value.value) for value in values]
        elif name == _LEVEL:
            text = f"field '{_LEVEL}' can not be filtered in a query call"
            raise query_error(query.text, part.position, text, "INVALID_FIELD")
        else:
            raise _restricted(query, "the filter is a single UserId, RecordId by = or IN, and maybe an access field")
    if user is None or not records or full_id(user) is None:
        raise _restricted(query, "it must be filtered by a single UserId and by RecordId")
    if len(records) > _MOST:
        raise _restricted(query, f"up to {_MOST} RecordIds can be queried")
    return str(full_id(user)), [full for one in records if (full := full_id(one)) is not None], filters


def _parts(query: Query, where: Condition | None) -> Iterator[Compare | InValues]:
    match where:
        case And(conditions=parts):
            for part in parts:
                yield from _parts(query, part)
        case Compare(operator="=") | InValues(negated=False):
            yield where
        case None:
            return
        case _:
            raise _restricted(query, "the filter is a single UserId, RecordId by = or IN, and maybe an access field")


def _selected(query: Query, item: object) -> str:
    expression = item.expression if isinstance(item, SelectField) else None
    name = _field(query, expression)
    if name == "UserId":
        raise _restricted(query, "only RecordId and access fields can be selected")
    return name


def _field(query: Query, expression: object) -> str:
    if not isinstance(expression, Path):
        raise _restricted(query, "only its fields can be selected")
    name = expression.names[-1]
    found = _KNOWN.get(name.lower())
    if found is None:
        text = f"No such column '{name}' on entity '{NAME}'."
        raise query_error(query.text, expression.position, text, "INVALID_FIELD")
    return found


def _restricted(query: Query, text: str) -> ApiError:
    return query_error(query.text, query.source.position, f"Implementation restriction: {NAME}: {text}.")
