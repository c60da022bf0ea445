"""What the sync tells of its own state: reports, notices, checks."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta

from pydantic import TypeAdapter
from sqlalchemy import RowMapping, delete
from sqlalchemy.ext.asyncio import AsyncConnection

from forcedex.domain.upkeep import CheckKind, CheckReport, Notice, NoticeKind, ObjectReport
from forcedex.state import rows
from forcedex.state.tables import checks, notices, reports

_CLEARED_KEPT = timedelta(days=7)
_OBJECT_REPORT = TypeAdapter(ObjectReport)
_CHECK_REPORT = TypeAdapter(CheckReport)


async def save_reports(connection: AsyncConnection, org: str, told: Sequence[ObjectReport]) -> None:
    """Keep the newest report of each object."""
    newest = {report.object: report for report in told}
    await rows.put(
        connection,
        reports,
        [{"org_id": org, "object": name, "report": _json(report)} for name, report in newest.items()],
    )


async def load_reports(connection: AsyncConnection, org: str) -> Mapping[str, ObjectReport]:
    """By object."""
    found = await rows.read(connection, reports, reports.c.org_id == org)
    return {row["object"]: _OBJECT_REPORT.validate_json(row["report"]) for row in found}


async def raise_notice(connection: AsyncConnection, org: str, sobject: str, kind: NoticeKind, text: str) -> bool:
    """Open it, or give the open one this text; whether it was opened."""
    known = await _open_notice(connection, org, sobject, kind)
    if known is None or known["text"] != text:
        since = known["since"] if known else datetime.now(UTC).isoformat()
        row = {"org_id": org, "object": sobject, "kind": kind.value, "text": text, "since": since}
        await rows.put(connection, notices, [row])
    return known is None


async def clear_notice(connection: AsyncConnection, org: str, sobject: str, kind: NoticeKind) -> bool:
    """Close it; whether it was open. Those that were closed long ago are forgotten."""
    known = await _open_notice(connection, org, sobject, kind)
    if known is None:
        return False
    now = datetime.now(UTC)
    await rows.put(connection, notices, [{**known, "cleared_at": now.isoformat()}])
    old = (notices.c.org_id == org) & (notices.c.cleared_at < (now - _CLEARED_KEPT).isoformat())
    await connection.execute(delete(notices).where(old))
    return True


async def load_notices(connection: AsyncConnection, org: str) -> Sequence[Notice]:
    """Open ones, and those that were closed lately, oldest first."""
    kept = (datetime.now(UTC) - _CLEARED_KEPT).isoformat()
    lately = notices.c.cleared_at.is_(None) | (notices.c.cleared_at >= kept)
    order = [notices.c.since, notices.c.object, notices.c.kind]
    return [_notice(row) for row in await rows.read(connection, notices, notices.c.org_id == org, lately, order=order)]


async def keep_check(connection: AsyncConnection, org: str, report: CheckReport) -> None:
    """Keep it as the last one, and as the last clean one if it is."""
    row = {
        "org_id": org,
        "object": report.object,
        "kind": report.kind.value,
        "report": _json(report),
    }
    await rows.put(
        connection, checks, [{**row, "which": which} for which in ("last", "clean") if which == "last" or report.clean]
    )


async def load_checks(
    connection: AsyncConnection, org: str
) -> Mapping[tuple[str, CheckKind], tuple[CheckReport, CheckReport | None]]:
    """By object and kind: the last one, and the last clean one."""
    found: dict[str, dict[tuple[str, CheckKind], CheckReport]] = {"last": {}, "clean": {}}
    for row in await rows.read(connection, checks, checks.c.org_id == org):
        found[row["which"]][row["object"], CheckKind(row["kind"])] = _CHECK_REPORT.validate_json(row["report"])
    return {key: (last, found["clean"].get(key)) for key, last in found["last"].items()}


async def _open_notice(connection: AsyncConnection, org: str, sobject: str, kind: NoticeKind) -> RowMapping | None:
    own = (notices.c.org_id == org) & (notices.c.object == sobject) & (notices.c.kind == kind.value)
    found = await rows.read(connection, notices, own, notices.c.cleared_at.is_(None))
    return found[0] if found else None


def _json(report: ObjectReport | CheckReport) -> str:
    values = {name: rows.storable(value) for name, value in asdict(report).items()}
    return json.dumps(values, default=datetime.isoformat)


def _notice(row: RowMapping) -> Notice:
    return Notice(
        object=row["object"],
        kind=NoticeKind(row["kind"]),
        text=row["text"],
        since=datetime.fromisoformat(row["since"]),
        cleared_at=datetime.fromisoformat(row["cleared_at"]) if row["cleared_at"] else None,
    )
