"""One's own reports and scheduled ones, wired by the configuration.

`who` is the username, name or Id of a user; empty: the operator, whose reports everybody may use.
"""

import asyncio
import getpass
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import orjson
import structlog

from forcedex.analytics.definition import Definition
from forcedex.analytics.own.problems import WrongReport
from forcedex.analytics.page import as_html
from forcedex.analytics.report import Report
from forcedex.analytics.written import as_csv, as_json
from forcedex.app import Syncing, available_reports, nobody, opened_asking, opened_state, opened_store
from forcedex.domain.days import day_of
from forcedex.domain.errors import ConfigurationError, ForcedexError, LeaseLost, Refused
from forcedex.domain.principal import Operator, OrgUser
from forcedex.domain.schedules import Asked, Form, OwnReport, Schedule, Target, Times
from forcedex.domain.upkeep import NoticeKind
from forcedex.monitor import utc_now
from forcedex.operations.logs import log_event
from forcedex.operations.post import Post, PostSettings
from forcedex.processes import Told
from forcedex.scheduling import Event, Scheduler, question_of
from forcedex.settings import Settings, secret
from forcedex.shelf import Shelf
from forcedex.state.store import SqlStateStore
from forcedex.viewing import Views

_EVERY = 20.0  # seconds between two looks at what is due
_MOST = 100  # schedules of one user


@dataclass(frozen=True, kw_only=True, slots=True)
class Saved:
    """A saved report as it is listed."""

    name: str
    #: The owner's username; empty: everybody may use it.
    owner: str
    title: str
    formula: str
    #: Why it cannot be used any more; empty: it can.
    problem: str


class Reporting:
    """The reports of the org that was synced last."""

    def __init__(self, settings: Settings, store: SqlStateStore) -> None:
        self._settings = settings
        self._store = store
        self._views = Views(
            store, max_age=settings.access.max_age, flat=settings.access.without_hierarchies, wall=utc_now
        )
        self.shelf = Shelf(store, available_reports(settings))

    async def owner(self, who: str) -> str:
        """The 18-character Id of a user."""
        return (await self._views.person(who)).user_id if who else ""

    async def definitions(self, who: str) -> Mapping[str, Definition]:
        """What somebody may use beside the standard reports, by name; without those that are wrong by now."""
        found: dict[str, Definition] = {}
        for each in await self.shelf.saved(await self.owner(who)):
            with suppress(WrongReport):
                found[each.name] = self.shelf.opened(each)
        return found

    async def listed(self, who: str) -> list[Saved]:
        """What somebody may use beside the standard reports; all that there is for the operator."""
        owner = await self.owner(who)
        reports = await (self.shelf.saved(owner) if owner else self.shelf.everybodys())
        names = await self._usernames() if reports else {}
        return [self._described(each, names) for each in reports]

    def _described(self, report: OwnReport, names: Mapping[str, str]) -> Saved:
        owner = names.get(report.owner, report.owner)
        try:
            made = self.shelf.opened(report)
        except WrongReport as exc:
            return Saved(name=report.name, owner=owner, title="", formula="", problem=exc.message)
        return Saved(name=report.name, owner=owner, title=made.title, formula=made.formula, problem="")

    async def _usernames(self) -> Mapping[str, str]:
        found = await self._store.directory()
        return {each.user_id: each.username for each in found[0].people} if found else {}

    async def remove(self, name: str, who: str) -> None:
        """Forget a saved report."""
        await self.shelf.remove(name, await self.owner(who))
        await self._note("remove report", who, name)

    async def exported(self, name: str, who: str) -> str:
        """A report as TOML, a standard one, too."""
        return self.shelf.exported(await self.shelf.find(name, await self.owner(who)))

    async def schedules(self, who: str) -> list[tuple[str, Schedule]]:
        """Each with the username of its owner; all for the operator."""
        owner = await self.owner(who)
        found = [each for each in await self._store.schedules() if not owner or each.owner == owner]
        names = await self._usernames() if found else {}
        return [(names.get(each.owner, each.owner), each) for each in found]

    async def unschedule(self, number: int) -> Schedule:
        """Send it no more; Refused if there is no such schedule."""
        found = next((each for each in await self._store.schedules() if each.number == number), None)
        if found is None:
            raise Refused(f"There is no schedule {number}.", "`forcedex reports schedules` lists them.")
        await self._store.remove_schedule(number)
        await self._note("unschedule report", found.owner, found.report)
        return found

    async def _note(self, action: str, who: str, what: str) -> None:
        await self._store.audit(getpass.getuser(), action, who or "operator", what)


@asynccontextmanager
async def opened_reporting(settings: Settings) -> AsyncIterator[Reporting]:
    """The reports as the state store keeps them; Refused if nothing was synced."""
    async with opened_store(settings) as store:
        yield Reporting(settings, store)


async def saved_definitions(settings: Settings, who: str) -> Mapping[str, Definition]:
    """What somebody may use beside the standard reports; nothing before the first sync."""
    place = settings.state.url.removeprefix("sqlite:///")
    if place != settings.state.url and not Path(place).exists():
        return {}
    async with opened_state(settings) as state:
        org = await state.known_org(settings.salesforce.login_url)
        return await Reporting(settings, state.of(org.org_id)).definitions(who) if org else {}


async def save_report(settings: Settings, text: str, who: str, told: Told = nobody) -> Definition:
    """Keep a report; WrongReport with all that is wrong with it."""
    async with opened_asking(settings, told) as asking, opened_reporting(settings) as reporting:
        owner = await reporting.owner(who)
        indexed = await asking.fields(OrgUser(owner) if owner else Operator())
        calendar = (await asking.company()).calendar(utc_now())
        made = await reporting.shelf.save(text, owner, indexed, calendar, utc_now())
        await asking.note("save report", who or "operator", made.name)
        return made


async def schedule_report(
    settings: Settings,
    name: str,
    who: str,
    *,
    asked: Asked,
    times: Times,
    target: Target,
    form: Form,
    told: Told = nobody,
) -> Schedule:
    """Have a report sent to its owner; Refused if he could not be given it now."""
    if target is Target.MAIL:
        if post(settings) is None:
            raise ConfigurationError("[mail] url is not set.", "Name a mail server there, or use --to folder.")
    elif settings.reports.folder is None:
        raise ConfigurationError("[reports] folder is not set.", "Name a folder there, or use --to mail.")
    async with opened_asking(settings, told) as asking, opened_store(settings) as store:
        person = await asking.person(who)
        if target is Target.MAIL and not person.email:
            raise Refused(f"{person.username} has no mail address in Salesforce.", "Use --to folder.")
        if sum(each.owner == person.user_id for each in await store.schedules()) >= _MOST:
            raise Refused(f"{person.username} has {_MOST} schedules already.", "Remove one first.")
        definition = await Shelf(store, available_reports(settings)).find(name, person.user_id)
        zone = (await asking.company()).zone
        question = question_of(asked, definition, day_of(utc_now(), zone))
        await asking.report(OrgUser(person.user_id), definition, question)
        await asking.note("schedule report", person.username, name)
        return await store.add_schedule(
            Schedule(
                number=0,
                owner=person.user_id,
                report=name,
                asked=asked,
                times=times,
                target=target,
                form=form,
                due=times.after(utc_now(), zone),
            )
        )


async def run_due(settings: Settings, told: Told = nobody) -> list[Event]:
    """Send what is due, once."""
    async with opened_store(settings) as store:
        return await scheduler(settings, store, told=told).run_due()


def post(settings: Settings) -> Post | None:
    """The mail server for reports; None if none is named."""
    section = settings.mail
    if not section.url:
        return None
    return Post(
        PostSettings(
            url=section.url,
            sender=section.sender,
            user=section.user,
            password=secret(section.password, section.password_file, "[mail] password_file"),
            ca_file=section.ca_file,
        )
    )


def scheduler(
    settings: Settings,
    store: SqlStateStore,
    *,
    told: Told = nobody,
    hear: Callable[[Event], None] = lambda event: None,
) -> Scheduler:
    """What sends the reports of an org."""
    return Scheduler(
        store,
        Shelf(store, available_reports(settings)),
        lambda: opened_asking(settings, told),
        render=rendered,
        post=post(settings),
        folder=settings.reports.folder,
        max_age=settings.access.max_age,
        wall=utc_now,
        hear=hear,
    )


def rendered(report: Report, form: Form) -> bytes:
    """The report as a file."""
    match form:
        case Form.CSV:
            return as_csv(report).encode("utf-8")
        case Form.JSON:
            return orjson.dumps(as_json(report), default=str, option=orjson.OPT_APPEND_NEWLINE)
        case Form.HTML:
            return as_html(report).encode("utf-8")


@asynccontextmanager
async def sending(settings: Settings, syncing: Syncing, every: float = _EVERY) -> AsyncIterator[None]:
    """Send reports as they become due, meanwhile; what fails is told, and never ends the sync."""

    def hear(event: Event) -> None:
        syncing.monitor.metrics.hear(event)
        if syncing.monitor.logging:
            log_event(event)

    running = scheduler(settings, syncing.store, hear=hear)
    task = asyncio.create_task(_send_for_ever(running, syncing, every))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _send_for_ever(running: Scheduler, syncing: Syncing, every: float) -> None:
    told: str | None = None
    while True:
        try:
            await running.run_due()
            problems = await running.problems()
            if problems != told:
                await _tell(syncing, problems)
                told = problems
        except LeaseLost:
            return
        except ForcedexError as exc:
            structlog.get_logger("forcedex.reporting").warning("reports_not_sent", error=str(exc))
        except Exception:  # a fault in a report must not end the sync that this process is for
            structlog.get_logger("forcedex.reporting").exception("reports_failed")
        await asyncio.sleep(every)


async def _tell(syncing: Syncing, problems: str) -> None:
    if problems:
        if await syncing.store.raise_notice("", NoticeKind.REPORTS, problems):
            await syncing.monitor.tell("", NoticeKind.REPORTS, problems)
    elif await syncing.store.clear_notice("", NoticeKind.REPORTS):
        await syncing.monitor.tell("", NoticeKind.REPORTS, "")
