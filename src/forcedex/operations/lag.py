"""Which objects are too far behind: a pure decision."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from forcedex.domain.upkeep import Notice, NoticeKind, ObjectReport


def lag(report: ObjectReport, now: datetime) -> timedelta | None:
    """How far the index is behind the org, whose time is `now`; None until the first complete read has ended."""
    return None if report.synced_at is None else max(now - report.synced_at, timedelta(0))


def lagging(reports: Iterable[ObjectReport], now: datetime, limit: timedelta) -> Sequence[Notice]:
    """A notice for every object whose lag is above the limit; `since` is when it came above."""
    found = []
    for report in reports:
        behind = lag(report, now)
        if report.synced_at is not None and behind is not None and behind > limit:
            found.append(
                Notice(
                    object=report.object,
                    kind=NoticeKind.LAG,
                    text=f"{report.object} is {_in_words(behind)} behind the org.{_reason(report, limit)}",
                    since=report.synced_at + limit,
                )
            )
    return found


def _reason(report: ObjectReport, limit: timedelta) -> str:
    if report.problem:
        return f" {report.problem}"
    if report.poll_seconds > limit.total_seconds():
        every = _in_words(timedelta(seconds=report.poll_seconds))
        return f" It is asked for changes every {every} only ({report.poll_limit or 'as configured'})."
    return ""


def _in_words(span: timedelta) -> str:
    minutes = round(span.total_seconds() / 60)
    if minutes < 1:
        return f"{span.total_seconds():.0f} s"
    if minutes < 120:
        return f"{minutes} min"
    return f"{minutes // 60} h {minutes % 60} min" if minutes % 60 else f"{minutes // 60} h"
