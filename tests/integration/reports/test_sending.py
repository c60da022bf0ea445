"""Reports that are sent by themselves: to whom, with whose eyes, and what happens when they cannot be."""

import asyncio
import csv
import io
import json
import ssl
import stat
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest
import pytest_asyncio

from forcedex.analytics.definition import Shows
from forcedex.analytics.own.problems import WrongReport
from forcedex.app import available_reports, opened_asking, opened_store
from forcedex.domain.company import Company
from forcedex.domain.errors import ForcedexError, Refused
from forcedex.domain.schedules import Asked, Every, Form, OwnReport, Schedule, Target, Times
from forcedex.monitor import utc_now
from forcedex.operations.folders import folder_of
from forcedex.operations.post import Post, PostSettings
from forcedex.overview import sync_status
from forcedex.reporting import opened_reporting, rendered, save_report, saved_definitions, schedule_report
from forcedex.scheduling import ReportNotSent, ReportSent, Scheduler
from forcedex.settings import ReportsSection
from forcedex.shelf import Shelf
from forcedex.state.store import SqlStateStore
from localorg.fixture import running_org
from tests.integration.access.conftest import World
from tests.integration.derived.conftest import OBJECTS
from tests.integration.operations.certificates import self_signed
from tests.integration.reports.mailbox import PASSWORD, USER, Mailbox, running_mailbox

#: This machine, by a name that does not say so: it is treated like any other host.
ELSEWHERE = "127.1"


@dataclass
class Office:
    """Sellers who see only what is theirs, their mail server, and what sends them reports."""

    world: World
    store: SqlStateStore
    ca: Path
    tls: ssl.SSLContext
    folder: Path
    users: dict[str, str]
    box: Mailbox = field(default_factory=Mailbox)
    #: How far the sender's clock is ahead.
    ahead: timedelta = timedelta()

    def scheduler(self, *, port: int = 0, timeout: float = 60.0, password: str = PASSWORD) -> Scheduler:
        settings = PostSettings(
            url=f"smtps://{ELSEWHERE}:{port or self.box.port}",
            sender="reports@example.com",
            user=USER,
            password=password,
            ca_file=self.ca,
            timeout=timeout,
        )
        return Scheduler(
            self.store,
            Shelf(self.store, available_reports(self.world.settings)),
            lambda: opened_asking(self.world.settings),
            render=rendered,
            post=Post(settings),
            folder=self.folder,
            max_age=self.world.settings.access.max_age,
            wall=lambda: utc_now() + self.ahead,
        )

    async def scheduled(
        self, user: str, target: Target = Target.MAIL, report: str = "closed-won", by: tuple[str, ...] = ("owner",)
    ) -> Schedule:
        """A schedule that is due since an hour, and was missed for three days before that."""
        due = datetime.now(UTC) - timedelta(days=3, hours=1)
        return await self.store.add_schedule(
            Schedule(
                number=0,
                owner=self.users[user],
                report=report,
                asked=Asked(by=by),
                times=Times(every=Every.DAY, at=time(due.hour, due.minute)),
                target=target,
                form=Form.CSV,
                due=due,
            )
        )

    async def one(self) -> Schedule:
        (schedule,) = await self.store.schedules()
        return schedule

    async def again(self) -> None:
        """All are due once more, as they stand."""
        for each in await self.store.schedules():
            await self.store.remove_schedule(each.number)
            await self.store.add_schedule(replace(each, due=utc_now() - timedelta(minutes=1), retry=None))


#: Each has won a deal of 100 and one of 7.
PEOPLE = ("ann", "bob", "cara", "dan", "eve", "fay")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def built(elasticsearch_url: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Office]:
    home = tmp_path_factory.mktemp("office")
    async with running_org(empty=True) as org:
        world = World(org, home, elasticsearch_url, OBJECTS)
        org.set_organization_wide_default("Account", "Private")
        org.set_organization_wide_default("Opportunity", "Private")
        seller = org.create_profile("Seller")
        for name in ("Account", "Opportunity"):
            org.set_object_permissions(seller, name, "Read Create Edit")
            org.set_field_permissions(seller, f"{name}.*", "Read")
        users = {}
        for name in PEOPLE:
            users[name] = org.create_user(f"{name}@acme.example", profile=seller)
            org.update("User", users[name], Email=f"{name}.real@acme.example")
            won = {"StageName": "Closed Won", "OwnerId": users[name], "CloseDate": "2026-03-03"}
            for amount in (100, 7):
                org.insert("Opportunity", Name=f"{name} {amount}", Amount=amount, **won)
        await world.sync()
        tls, ca = self_signed(home, ELSEWHERE)
        async with opened_store(world.settings) as store:
            yield Office(world, store, ca, tls, home / "reports", users)


@pytest_asyncio.fixture
async def office(built: Office, tmp_path: Path) -> AsyncIterator[Office]:
    """The office on a day without schedules."""
    for schedule in await built.store.schedules():
        await built.store.remove_schedule(schedule.number)
    for report in await built.store.own_reports():
        await built.store.remove_own_report(report.owner, report.name)
    async with running_mailbox(built.tls) as box:
        yield replace(built, box=box, folder=tmp_path / "reports")


def total(text: str) -> str:
    """The amount in the last line of a CSV."""
    rows = list(csv.reader(io.StringIO(text)))
    return rows[-1][rows[0].index("amount")]


def attached(box: Mailbox) -> str:
    (file,) = box.messages[-1].iter_attachments()
    return str(file.get_content())


async def test_a_report_is_mailed_to_its_user_alone_with_what_he_may_see_once_for_all_that_was_missed(
    office: Office,
) -> None:
    await office.scheduled("ann")
    events = await office.scheduler().run_due()
    assert [type(each) for each in events] == [ReportSent], events
    assert office.box.recipients == ["ann.real@acme.example"]
    (message,) = office.box.messages
    assert message["To"] == "ann.real@acme.example" and total(attached(office.box)) == "107.00"
    assert "closed-won-" in str(next(message.iter_attachments()).get_filename())
    settled = await office.one()
    assert settled.due > utc_now() and settled.sent_at is not None and not settled.problem
    assert await office.scheduler().run_due() == []
    asked = await office.store.audited(1)
    assert [(each.action, each.as_whom, each.what) for each in asked] == [
        ("scheduled report", "ann@acme.example", "closed-won")
    ]


async def test_two_processes_send_it_once(office: Office) -> None:
    await office.scheduled("ann")
    async with opened_store(office.world.settings) as other:
        second = replace(office, store=other).scheduler()
        events = [*await office.scheduler().run_due(), *await second.run_due()]
        await office.again()
        both = await asyncio.gather(office.scheduler().run_due(), second.run_due())
    assert len(events) == 1 and sum(map(len, both)) == 1
    assert len(office.box.messages) == 2


async def test_what_the_mail_server_may_take_later_is_tried_again_and_told_until_then(office: Office) -> None:
    await office.scheduled("ann")
    office.box.refusal = "451 later"
    (event,) = await office.scheduler().run_due()
    assert isinstance(event, ReportNotSent) and not event.stopped and "451" in event.problem
    waiting = await office.one()
    assert waiting.retry is not None and waiting.due < utc_now() and waiting.failures == 1
    status = await sync_status(office.world.settings)
    assert "451" in status.schedules[0].problem and "451" in await office.scheduler().problems()
    assert await office.scheduler().run_due() == [] and office.box.tries == 1
    office.box.refusal, office.ahead = "", timedelta(minutes=2)
    assert [type(each) for each in await office.scheduler().run_due()] == [ReportSent]
    assert (await office.one()).problem == "" and await office.scheduler().problems() == ""


async def test_what_the_mail_server_never_takes_is_not_tried_before_the_next_time(office: Office) -> None:
    await office.scheduled("ann")
    office.box.refusal = "550 no such user"
    (event,) = await office.scheduler().run_due()
    assert isinstance(event, ReportNotSent) and event.stopped
    stopped = await office.one()
    assert stopped.due > utc_now() and stopped.retry is None and "refused the address (550)" in stopped.problem


async def test_a_mail_server_that_is_down_or_slow_or_refuses_the_login_is_told_without_the_password(
    office: Office,
) -> None:
    await office.scheduled("ann")
    (down,) = await office.scheduler(port=9).run_due()
    await office.again()
    office.box.slowness = 3.0
    (slow,) = await office.scheduler(timeout=0.5).run_due()
    await office.again()
    (wrong,) = await office.scheduler(password="canary-of-another").run_due()
    assert isinstance(down, ReportNotSent) and isinstance(slow, ReportNotSent) and isinstance(wrong, ReportNotSent)
    assert (down.stopped, slow.stopped, wrong.stopped) == (False, False, True)
    assert "cannot be reached" in down.problem and "cannot be reached" in slow.problem and "535" in wrong.problem
    assert not any("canary" in each.problem for each in (down, slow, wrong))


async def test_nothing_is_sent_on_access_data_that_are_too_old(office: Office) -> None:
    await office.scheduled("ann")
    office.ahead = office.world.settings.access.max_age + timedelta(minutes=1)
    (event,) = await office.scheduler().run_due()
    assert isinstance(event, ReportNotSent) and not event.stopped and "last read at" in event.problem
    assert office.box.tries == 0


async def test_a_report_of_ones_own_is_found_by_who_may_use_it(office: Office) -> None:
    text = 'name = "mine"\ntitle = "Mine"\n[[parts]]\nsource = "x-deals"\n[[measures]]\nname = "amount"\n'
    await office.store.save_own_report(OwnReport("mine", office.users["bob"], text, utc_now()))
    await office.scheduled("ann", report="mine", by=())
    (event,) = await office.scheduler().run_due()
    assert isinstance(event, ReportNotSent) and "There is no report mine" in event.problem
    await office.store.save_own_report(OwnReport("mine", "", text, utc_now()))
    await office.again()
    assert [type(each) for each in await office.scheduler().run_due()] == [ReportSent]


async def test_a_folder_that_cannot_be_written_to_is_told_and_tried_again(office: Office) -> None:
    office.folder.write_text("in the way")
    await office.scheduled("ann", Target.FOLDER)
    (event,) = await office.scheduler().run_due()
    assert isinstance(event, ReportNotSent) and not event.stopped and "folder cannot be written to" in event.problem


async def test_a_run_that_was_cut_off_is_free_for_the_next_process(office: Office) -> None:
    await office.scheduled("ann")
    office.box.slowness = 120.0
    running = asyncio.create_task(office.scheduler().run_due())
    async with asyncio.timeout(60):
        while not office.box.tries:
            await asyncio.sleep(0.05)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    office.box.slowness = 0.0
    assert [type(each) for each in await office.scheduler().run_due()] == [ReportSent]


@dataclass
class Later:
    """Two runs, and what came of them; in between much was changed in Salesforce."""

    box: Mailbox
    folder: Path
    second: dict[str, ReportSent | ReportNotSent]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def later(built: Office, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Later]:
    org, users = built.world.org, built.users
    async with running_mailbox(built.tls) as box:
        office = replace(built, box=box, folder=tmp_path_factory.mktemp("later"))
        for schedule in await office.store.schedules():
            await office.store.remove_schedule(schedule.number)
        for name in ("cara", "dan"):
            await office.scheduled(name)
        for name in ("eve", "fay"):
            await office.scheduled(name, Target.FOLDER)
        assert all(isinstance(each, ReportSent) for each in await office.scheduler().run_due())
        org.update("User", users["cara"], IsActive=False)
        org.update("User", users["dan"], Email="dan.new@acme.example")
        (deal,) = (row["Id"] for row in org.rows("Opportunity") if row["Name"] == "eve 100")
        org.update("Opportunity", str(deal), OwnerId=users["bob"])
        blind = org.create_profile("Blind")
        for name in ("Account", "Opportunity"):
            org.set_object_permissions(blind, name, "Read")
            org.set_field_permissions(blind, f"{name}.*", "Read")
        org.set_field_permissions(blind, "Opportunity.Amount", "")
        org.update("User", users["fay"], ProfileId=blind)
        await office.world.sync()
        await office.again()
        events = await office.scheduler().run_due()
        names = {user: name for name, user in users.items()}
        yield Later(box, office.folder, {names[each.owner]: each for each in events})


async def test_nothing_goes_to_who_is_inactive(later: Later) -> None:
    event = later.second["cara"]
    assert isinstance(event, ReportNotSent) and event.stopped and event.problem == "cara@acme.example is inactive."
    assert later.box.recipients.count("cara.real@acme.example") == 1


async def test_the_address_is_the_one_that_salesforce_has_when_it_is_sent(later: Later) -> None:
    assert isinstance(later.second["dan"], ReportSent)
    assert [each for each in later.box.recipients if each.startswith("dan")] == [
        "dan.real@acme.example",
        "dan.new@acme.example",
    ]


async def test_what_was_taken_from_somebody_is_not_in_his_next_file(later: Later) -> None:
    files = sorted((later.folder / "eve@acme.example").iterdir())
    assert [total(each.read_text()) for each in files] == ["107.00", "7.00"]
    assert {stat.S_IMODE(each.stat().st_mode) for each in files} == {0o600}
    assert stat.S_IMODE(files[0].parent.stat().st_mode) == 0o700


async def test_without_a_field_that_it_needs_a_report_is_not_sent(later: Later) -> None:
    event = later.second["fay"]
    assert isinstance(event, ReportNotSent) and event.stopped and "hidden from this person: Amount" in event.problem
    assert len(list((later.folder / "fay@acme.example").iterdir())) == 1


TEXT = """name = "mine"
title = "Mine"
by = "who"
[[parts]]
source = "x-deals"
[[measures]]
name = "sum"
function = "sum"
field = "x.amt"
[[dimensions]]
name = "who"
field = "OwnerId"
"""


async def test_a_report_is_saved_for_all_or_for_one_and_given_back_as_it_is(office: Office) -> None:
    settings = office.world.settings
    everybodys = await save_report(settings, TEXT, "")
    assert everybodys.dimensions[0].names == "User" and everybodys.measures[0].shows is Shows.MONEY
    await save_report(settings, TEXT.replace("Mine", "Anns"), "ann@acme.example")
    await save_report(settings, TEXT.replace("mine", "hers"), "ann@acme.example")
    assert {name: each.title for name, each in (await saved_definitions(settings, "ann@acme.example")).items()} == {
        "mine": "Anns",
        "hers": "Mine",
    }
    assert list(await saved_definitions(settings, "bob@acme.example")) == ["mine"]
    assert list(await saved_definitions(settings, "")) == ["mine"]
    async with opened_reporting(settings) as reporting:
        assert len(await reporting.listed("")) == 3
        exported = await reporting.exported("mine", "")
        assert await save_report(settings, exported, "") == everybodys
        with pytest.raises(Refused, match="no saved report"):
            await reporting.remove("hers", "")
        await reporting.remove("mine", "ann@acme.example")
    assert (await saved_definitions(settings, "ann@acme.example"))["mine"].title == "Mine"
    kept = [(each.action, each.as_whom, each.what) for each in await office.store.audited(2)]
    assert kept == [("remove report", "ann@acme.example", "mine"), ("save report", "operator", "mine")]


async def test_a_field_that_somebody_may_not_see_is_none_that_he_can_report_on(office: Office) -> None:
    # It tells of other people's deals with the account.
    text = TEXT.replace("x.amt", "x.win_seq")
    await save_report(office.world.settings, text, "")
    for each in (text, text.replace("x.win_seq", "x.win_sek")):
        with pytest.raises(WrongReport) as caught:
            await save_report(office.world.settings, each, "bob@acme.example")
        (line,) = caught.value.lines
        assert line.startswith("Line 9, measures 1, field: Deals have no x.win_se")
        assert "x.win_seq" not in line.partition(";")[2]


async def test_a_report_that_is_sent_by_itself_is_not_removed(office: Office) -> None:
    await save_report(office.world.settings, TEXT, "")
    await office.scheduled("ann", report="mine", by=())
    async with opened_reporting(office.world.settings) as reporting:
        with pytest.raises(Refused, match="sent by itself"):
            await reporting.remove("mine", "")
        await reporting.unschedule((await office.one()).number)
        await reporting.remove("mine", "")


async def test_another_day_changes_since_and_shares_are_sent_as_they_are_asked(office: Office) -> None:
    today = datetime.now((await _company(office)).zone).date()
    for report, asked in (
        ("open-pipeline", Asked(as_of="yesterday", share="total")),
        ("waterfall", Asked(as_of=str(today), since="yesterday", period="this-year")),
    ):
        made = await office.scheduled("ann", Target.FOLDER, report, by=())
        await office.store.remove_schedule(made.number)
        await office.store.add_schedule(replace(made, asked=asked, form=Form.JSON))
        assert [type(each) for each in await office.scheduler().run_due()] == [ReportSent]
    found = [json.loads(each.read_text()) for each in sorted(office.folder.glob("ann@acme.example/*.json"))]
    pipeline, waterfall = sorted(found, key=lambda each: str(each["name"]))
    assert pipeline["as_of"] == str(today - timedelta(days=1)) and "amount_share" in str(pipeline)
    assert (waterfall["as_of"], waterfall["since"]) == (str(today), str(today - timedelta(days=1)))


async def _company(office: Office) -> Company:
    async with office.world.asking() as asking:
        return await asking.company()


async def test_what_could_not_be_sent_now_is_not_scheduled(office: Office) -> None:
    settings = office.world.settings.model_copy(update={"reports": ReportsSection(folder=office.folder)})
    weekly = Times(every=Every.WEEK, at=time(7))

    async def asked(name: str, who: str, target: Target = Target.FOLDER, by: tuple[str, ...] = ()) -> Schedule:
        asked = Asked(by=by)
        return await schedule_report(settings, name, who, asked=asked, times=weekly, target=target, form=Form.CSV)

    for name, who, target, by, said in (
        ("closed-won", "ann@acme.example", Target.MAIL, (), r"\[mail\] url is not set"),
        ("closed-won", "nobody@acme.example", Target.FOLDER, (), "No user of the org"),
        ("no-such", "ann@acme.example", Target.FOLDER, (), "There is no report no-such"),
        ("closed-won", "ann@acme.example", Target.FOLDER, ("nothing",), "no dimension nothing"),
    ):
        with pytest.raises(ForcedexError, match=said):
            await asked(name, who, target, by)
    for wrong, said in (
        (Asked(as_of="yesterday"), "is told of now alone"),
        (Asked(as_of="9999-01-01"), "is not over yet"),
        (Asked(since="yesterday"), "tells no changes"),
    ):
        with pytest.raises(Refused, match=said):
            await schedule_report(
                settings,
                "closed-won",
                "ann@acme.example",
                asked=wrong,
                times=weekly,
                target=Target.FOLDER,
                form=Form.CSV,
            )
    assert await office.store.schedules() == []
    made = await asked("closed-won", "ann@acme.example")
    assert made.due > utc_now() and await office.store.schedules() == [made]


def test_folders_of_users_lead_nowhere_else_and_are_never_shared() -> None:
    wild = ["../x", "..", ".", "a/b", "a%2Fb", "a b@c", "ann@acme.example", "ａ@c", "\0", ".hidden"]
    made = [folder_of(each) for each in wild]
    assert len(set(made)) == len(wild)
    assert not any("/" in each or "\0" in each or each.startswith(".") for each in made)
    assert folder_of("ann@acme.example") == "ann@acme.example"
