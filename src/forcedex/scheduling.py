"""Sends the reports that are due, each with the eyes that its owner has at that moment, to him alone.

Whoever runs one claims it, so that two processes do not send it twice. One that was interrupted is sent again: its file
has the same name, its mail the same Message-ID.
"""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, tzinfo
from pathlib import Path

from forcedex.analytics.conditions import condition
from forcedex.analytics.definition import Definition, Of
from forcedex.analytics.question import Question, usual_comparison
from forcedex.analytics.report import Report
from forcedex.asking import Asking
from forcedex.domain.comparing_periods import Basis
from forcedex.domain.days import day_of
from forcedex.domain.errors import ConfigurationError, Refused, StateRefused, Unavailable
from forcedex.domain.principal import OrgUser
from forcedex.domain.rights import Person
from forcedex.domain.schedules import Asked, Form, Schedule, Target, pause
from forcedex.operations.alert import Undeliverable
from forcedex.operations.folders import put
from forcedex.operations.post import Letter, Post
from forcedex.operations.redaction import visible
from forcedex.shelf import Shelf
from forcedex.state.store import SqlStateStore

_LONGEST = timedelta(minutes=5)  # of one run
_CLAIM = _LONGEST + timedelta(minutes=1)
_TOLD = 5  # schedules in a notice
#: The type of a file in a mail.
KINDS: Mapping[Form, str] = {Form.CSV: "text/csv", Form.JSON: "application/json", Form.HTML: "text/html"}

Render = Callable[[Report, Form], bytes]


@dataclass(frozen=True, kw_only=True, slots=True)
class ReportSent:
    """A scheduled report went to its owner."""

    number: int
    report: str
    owner: str
    target: str


@dataclass(frozen=True, kw_only=True, slots=True)
class ReportNotSent:
    """A scheduled report could not be sent. `stopped`: it is not tried again before its next time."""

    number: int
    report: str
    owner: str
    problem: str
    stopped: bool


Event = ReportSent | ReportNotSent


class _NotSent(Exception):
    """Why a report is not sent; `lasting`: trying it again soon would be of no use."""

    def __init__(self, problem: str, *, lasting: bool) -> None:
        super().__init__(problem)
        self.problem = problem
        self.lasting = lasting


def question_of(asked: Asked, definition: Definition, today: date) -> Question:
    """What a schedule asks of its report on this day of the org."""
    return Question(
        by=asked.by or None,
        period=asked.period,
        compare=Basis(asked.compare) if asked.compare else usual_comparison(definition, asked.period),
        more=tuple(map(condition, asked.where)),
        filters=asked.where,
        top=asked.top or definition.top,
        as_of=asked.as_of_day(today),
        since=asked.since,
        share=Of(asked.share) if asked.share else None,
    )


class Scheduler:
    """Runs what is due of one org."""

    def __init__(
        self,
        store: SqlStateStore,
        shelf: Shelf,
        asking: Callable[[], AbstractAsyncContextManager[Asking]],
        *,
        render: Render,
        post: Post | None,
        folder: Path | None,
        max_age: timedelta,
        wall: Callable[[], datetime],
        hear: Callable[[Event], None] = lambda event: None,
    ) -> None:
        """`max_age`: nothing is sent on older access data; `post`, `folder`: None where none is configured."""
        self._store = store
        self._shelf = shelf
        self._asking = asking
        self._render = render
        self._post = post
        self._folder = folder
        self._max_age = max_age
        self._wall = wall
        self._hear = hear

    async def run_due(self) -> list[Event]:
        """Send everything that is due, one after the other; what became of each."""
        now = self._wall()
        due = [each for each in await self._store.schedules() if each.ready <= now]
        events: list[Event] = []
        if due:
            async with self._asking() as asking:
                for each in due:
                    event = await self._run(asking, each.number)
                    if event is not None:
                        self._hear(event)
                        events.append(event)
        return events

    async def _run(self, asking: Asking, number: int) -> Event | None:
        now = self._wall()
        until = now + _CLAIM
        schedule = await self._store.claim_schedule(number, now, until)
        if schedule is None:
            return None  # another process has it, or had it
        try:
            failure = await self._tried(asking, schedule)
        except asyncio.CancelledError:
            # Let go of as it was, so that the next process need not wait for the claim to run out.
            await asyncio.shield(self._store.settle_schedule(schedule, until))
            raise
        settled = _settled(schedule, failure, self._wall(), (await asking.company()).zone)
        await self._store.settle_schedule(settled, until)
        if failure is None:
            return ReportSent(number=number, report=schedule.report, owner=schedule.owner, target=str(schedule.target))
        return ReportNotSent(
            number=number,
            report=schedule.report,
            owner=schedule.owner,
            problem=failure.problem,
            stopped=settled.stopped,
        )

    async def _tried(self, asking: Asking, schedule: Schedule) -> _NotSent | None:
        """Why it could not be sent, if so."""
        try:
            async with asyncio.timeout(_LONGEST.total_seconds()):
                await self._send(asking, schedule)
        except _NotSent as exc:
            return exc
        except Undeliverable as exc:
            return _NotSent(exc.reason, lasting=exc.lasting)
        except Unavailable as exc:
            return _NotSent(str(exc), lasting=False)
        except StateRefused:
            raise
        except (Refused, ConfigurationError) as exc:
            return _NotSent(str(exc), lasting=True)
        except TimeoutError:
            return _NotSent("It took too long.", lasting=False)
        except OSError as exc:
            return _NotSent(f"[reports] folder cannot be written to: {exc.strerror or exc}.", lasting=False)
        return None

    async def _send(self, asking: Asking, schedule: Schedule) -> None:
        person = await self._person(asking, schedule.owner)
        definition = await self._shelf.find(schedule.report, schedule.owner)
        await asking.note("scheduled report", person.username, schedule.report)
        zone = (await asking.company()).zone
        question = question_of(schedule.asked, definition, day_of(self._wall(), zone))
        report = await asking.report(OrgUser(person.user_id), definition, question)
        content = self._render(report, schedule.form)
        day = schedule.due.astimezone(zone)
        file = f"{schedule.report}-{day:%Y-%m-%d}-{schedule.number}.{schedule.form}"
        if schedule.target is Target.FOLDER:
            if self._folder is None:
                raise _NotSent("[reports] folder is not set any more.", lasting=True)
            await put(self._folder, person.username, file, content)
            return
        if self._post is None:
            raise _NotSent("[mail] url is not set any more.", lasting=True)
        await self._post.send(
            Letter(
                to=person.email,
                subject=f"{report.title}, {day:%Y-%m-%d}",
                text=_text(report, asking.org.org_name),
                file=file,
                kind=KINDS[schedule.form],
                content=content,
                id=f"{asking.org.org_id}.{schedule.number}.{schedule.due:%Y%m%dT%H%M%S}",
            )
        )

    async def _person(self, asking: Asking, owner: str) -> Person:
        """Whose report it is, if he may see anything by what is known now."""
        read_at = await self._store.directory_read_at()
        if read_at is None or self._wall() - read_at > self._max_age:
            since = f"was last read at {read_at:%Y-%m-%d %H:%M} UTC" if read_at else "was not read yet"
            raise _NotSent(f"Who may see what {since}, too long ago to send anything.", lasting=False)
        person = await asking.person(owner)
        if not person.active or person.frozen:
            raise _NotSent(f"{person.username} is {'frozen' if person.active else 'inactive'}.", lasting=True)
        return person

    async def problems(self) -> str:
        """What a person must know of, in a sentence; empty: everything is sent."""
        wrong = [each for each in await self._store.schedules() if each.problem]
        if not wrong:
            return ""
        told = "; ".join(f"{each.number} ({each.report}): {each.problem}" for each in wrong[:_TOLD])
        more = f" And {len(wrong) - _TOLD} more." if len(wrong) > _TOLD else ""
        return f"Scheduled reports are not sent: {told}{more}"


def _settled(schedule: Schedule, failure: _NotSent | None, now: datetime, zone: tzinfo) -> Schedule:
    """The schedule after a run: what was missed meanwhile is not made up for once more."""
    following = schedule.times.after(max(now, schedule.due), zone)
    if failure is None:
        return replace(schedule, due=following, retry=None, failures=0, problem="", stopped=False, sent_at=now)
    failures = schedule.failures + 1
    retry = now + pause(failures)
    if failure.lasting or retry >= following:
        return replace(
            schedule, due=following, retry=None, failures=failures, problem=failure.problem, stopped=failure.lasting
        )
    return replace(schedule, retry=retry, failures=failures, problem=failure.problem, stopped=False)


def _text(report: Report, org: str) -> str:
    """What the mail says beside its file."""
    lines = [f"{report.title}, {org}", report.formula, ""]
    lines.append("Period: all days" if report.period == "all" else f"Period: {report.period.replace('..', ' to ')}")
    if report.as_of:
        lines.append(f"As things stood at the end of {report.as_of}")
    if report.since:
        lines.append(f"Changes since {report.since}")
    if report.filters:
        lines.append(f"Only: {', '.join(report.filters)}")
    lines += [f"Note: {each}" for each in report.notes]
    if report.synced_at:
        lines.append(f"As of {report.synced_at[:19].replace('T', ' ')} UTC; days in {report.time_zone}.")
    lines += ["", "The file holds what you may see in Salesforce, and is for you alone."]
    return "\n".join(map(visible, lines)) + "\n"
