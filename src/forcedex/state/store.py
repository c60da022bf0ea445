"""The state store: what must survive a crash. Every write is durable when its call returns."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncConnection

from forcedex.domain.checkpoint import Checkpoint, DeadLetter
from forcedex.domain.company import Company
from forcedex.domain.costs import CostTable
from forcedex.domain.daily import Held, Place, Total
from forcedex.domain.errors import Refused, StateRefused
from forcedex.domain.lease import LeaseHolder
from forcedex.domain.observed import Observed, Seen
from forcedex.domain.ports import Clock, OrgIdentity
from forcedex.domain.rights import Directory
from forcedex.domain.schedules import OwnReport, Schedule
from forcedex.domain.searches import Click, SearchEntry
from forcedex.domain.sessions import BrowserSession
from forcedex.domain.shares import Denied, Reported
from forcedex.domain.upkeep import Audited, CheckKind, CheckReport, Notice, NoticeKind, ObjectReport, Request
from forcedex.domain.version import MAX_ORDINAL
from forcedex.keys import Keys
from forcedex.state import (
    access,
    api_calls,
    backup,
    checkpoints,
    companies,
    costs,
    daily,
    dead_letters,
    notes,
    observed,
    opening,
    ordinals,
    orgs,
    own_reports,
    positions,
    reported,
    requests,
    schedules,
    searches,
    sessions,
    upkeep,
    vocabulary,
)
from forcedex.state import audit as audit_log
from forcedex.state.backup_file import Backup
from forcedex.state.database import Database, Result, Work
from forcedex.state.lease import TERMS, Lease, LeaseTerms, Told, check_fence, current_holder

#: Days that are summed up at once, for memory's sake.
_DAYS = 32
#: Ordinals taken from the store at once; what a crash leaves of a block is never used.
_BLOCK = 256


@asynccontextmanager
async def open_state(url: str, keys: Keys | None = None) -> AsyncIterator["State"]:
    """The state store at this URL, brought to the newest schema; `keys` seal what was read of refused records.

    ConfigurationError for a URL that cannot be used, StateRefused for a store that cannot be opened.
    """
    database = Database(url)
    try:
        await opening.prepare(database)
        yield State(database, keys)
    finally:
        await database.close()


@dataclass(frozen=True, slots=True)
class Restored:
    """A backup that was restored."""

    backup: Backup
    #: Whether the store goes on from its own place; otherwise every index is built anew.
    synced: bool


class State:
    """The whole store: the orgs in it, and each org's part."""

    def __init__(self, database: Database, keys: Keys | None = None) -> None:
        self._database = database
        self._keys = keys

    def of(self, org_id: str, *, fence: int | None = None) -> "SqlStateStore":
        """The part of one org; for who holds its lease, with its fence.

        With a fence everything may be written for as long as it is the current one, LeaseLost from then on;
        ConfigurationError at once if the key file cannot be used. Without one everything can be read, ordinals taken,
        API calls counted and requests made.
        """
        if fence is not None and self._keys is not None:
            self._keys.ready()
        return SqlStateStore(self._database, org_id, fence, self._keys or Keys(()))

    def lease(
        self, org_id: str, *, clock: Clock, wait: bool = False, told: Told | None = None, terms: LeaseTerms = TERMS
    ) -> Lease:
        """The right to sync this org, within `async with`; its `fence` is for `of`.

        Taken at once if nobody holds it, it has run out, or its holder is dead on this machine. Otherwise StateRefused
        naming the holder, or with `wait` it is waited for; `told` hears of each holder that is waited for. If it is
        lost the block is cancelled and LeaseLost raised. `clock` must be a real one: the lease is renewed by it.
        """
        return Lease(self._database, org_id, clock, wait=wait, told=told, terms=terms)

    async def holder(self, org_id: str) -> LeaseHolder | None:
        """Who syncs this org now."""
        return await self._database.read(lambda connection: current_holder(connection, org_id))

    async def remember(self, login_url: str, identity: OrgIdentity) -> None:
        """Note that this login led to this org."""
        await self._database.write(lambda connection: orgs.remember(connection, login_url, identity))

    async def known_org(self, login_url: str) -> orgs.KnownOrg | None:
        """The org that this login led to last."""
        return await self._database.read(lambda connection: orgs.known_org(connection, login_url))

    async def back_up(self, login_url: str, path: Path) -> Backup:
        """Write to a new file what the org that this login led to does not keep; Refused if that cannot be done."""
        org = await self.known_org(login_url)
        if org is None:
            raise Refused("Nothing was synced yet.", "Run `forcedex sync` first.")
        return await backup.back_up(self._database, org, login_url, path)

    async def restore(self, login_url: str, path: Path, *, who: str, replace: bool, clock: Clock) -> Restored:
        """Put a backup in place of what is kept of its org; see `backup.restore`.

        Refused, and nothing is changed: a file that is damaged, newer, or of another org than this login leads to; an
        org that is being synced; a store that keeps something of it already, without `replace`.
        """
        found = await asyncio.to_thread(backup.usable, path, login_url, await self.known_org(login_url))
        org = found.header.org_id
        if not replace and await backup.keeps(self._database, org):
            raise Refused(
                f"The state store keeps something of {found.header.org_name} already.",
                "With --replace the backup takes its place.",
            )
        async with self.lease(org, clock=clock):
            return Restored(found, await backup.restore(self._database, found, who))


class SqlStateStore:
    """`forcedex.domain.ports.StateStore` for one org. What a method means is told there."""

    def __init__(self, database: Database, org_id: str, fence: int | None, keys: Keys) -> None:
        self._database = database
        self._org = org_id
        self._fence = fence
        self._keys = keys
        self._next = 0
        self._block_end = 0
        self._taking = asyncio.Lock()
        #: Number of the last note that was told, by kind and object.
        self._last_noted: dict[tuple[str, str], int] = {}

    async def _write(self, work: Work[Result]) -> Result:
        """A transaction of the lease's holder: it is committed only if the fence is still the current one."""
        fence = self._fence
        if fence is None:
            raise StateRefused("Only the process that holds the org's lease may write this.", "Take the lease first.")

        async def fenced(connection: AsyncConnection) -> Result:
            await check_fence(connection, self._org, fence)
            return await work(connection)

        return await self._database.write(fenced)

    async def _count(self, work: Work[Result]) -> Result:
        """A transaction that harms nobody without a lease; with one, it is the holder's."""
        return await (self._database.write(work) if self._fence is None else self._write(work))

    async def next_ordinal(self) -> int:
        """Numbers come from blocks, so most calls touch no disk."""
        async with self._taking:
            if self._next >= self._block_end:
                self._next = await self._count(lambda connection: ordinals.take(connection, ordinals.READS, _BLOCK))
                self._block_end = self._next + _BLOCK
            if self._next > MAX_ORDINAL:
                raise StateRefused(
                    "All ordinals are used.", "Move the state store away: everything is then read again."
                )
            self._next += 1
            return self._next - 1

    async def checkpoints(self) -> Mapping[str, Checkpoint]:
        return await self._database.read(lambda connection: checkpoints.load(connection, self._org))

    async def save_checkpoint(self, checkpoint: Checkpoint) -> None:
        await self._write(lambda connection: checkpoints.save(connection, self._org, checkpoint, self._fence or 0))

    async def bury(self, letters: Sequence[DeadLetter]) -> None:
        if letters:
            await self._write(lambda connection: dead_letters.bury(connection, self._org, letters, self._keys))

    async def exhume(self, sobject: str, record_ids: Sequence[str]) -> None:
        if record_ids:
            await self._write(lambda connection: dead_letters.exhume(connection, self._org, sobject, record_ids))

    async def dead_letters(self) -> Sequence[DeadLetter]:
        return await self._database.read(lambda connection: dead_letters.load(connection, self._org, self._keys))

    async def forget_dead_letters(self, sobject: str) -> None:
        await self._write(lambda connection: dead_letters.forget(connection, self._org, sobject))

    async def note(self, kind: str, sobject: str, record_ids: Sequence[str]) -> None:
        if record_ids:
            await self._write(lambda connection: notes.note(connection, self._org, kind, sobject, record_ids))

    async def noted(self, kind: str) -> Mapping[str, Sequence[str]]:
        found = await self._database.read(lambda connection: notes.noted(connection, self._org, kind))
        for sobject, numbers in found.items():
            self._last_noted[kind, sobject] = max(numbers.values())
        return {sobject: list(numbers) for sobject, numbers in found.items()}

    async def settle(self, kind: str, sobject: str, record_ids: Sequence[str]) -> None:
        if record_ids:
            last = self._last_noted.get((kind, sobject), 0)
            await self._write(lambda connection: notes.settle(connection, self._org, kind, sobject, record_ids, last))

    async def replay_ids(self) -> Mapping[str, bytes]:
        return await self._database.read(lambda connection: positions.load_replay_ids(connection, self._org))

    async def save_replay_id(self, sobject: str, replay_id: bytes | None) -> None:
        await self._write(lambda connection: positions.save_replay_id(connection, self._org, sobject, replay_id))

    async def moments(self, name: str) -> Mapping[str, str]:
        return await self._database.read(lambda connection: positions.load_moments(connection, self._org, name))

    async def save_moment(self, name: str, sobject: str, text: str) -> None:
        await self._write(lambda connection: positions.save_moment(connection, self._org, name, sobject, text))

    async def report(self, reports: Sequence[ObjectReport]) -> None:
        if reports:
            await self._write(lambda connection: upkeep.save_reports(connection, self._org, reports))

    async def reports(self) -> Mapping[str, ObjectReport]:
        """What the running sync said last, by object; for `status`."""
        return await self._database.read(lambda connection: upkeep.load_reports(connection, self._org))

    async def raise_notice(self, sobject: str, kind: NoticeKind, text: str) -> bool:
        return await self._write(lambda connection: upkeep.raise_notice(connection, self._org, sobject, kind, text))

    async def clear_notice(self, sobject: str, kind: NoticeKind) -> bool:
        return await self._write(lambda connection: upkeep.clear_notice(connection, self._org, sobject, kind))

    async def notices(self) -> Sequence[Notice]:
        return await self._database.read(lambda connection: upkeep.load_notices(connection, self._org))

    async def keep_check(self, report: CheckReport) -> None:
        await self._write(lambda connection: upkeep.keep_check(connection, self._org, report))

    async def checks(self) -> Mapping[tuple[str, CheckKind], tuple[CheckReport, CheckReport | None]]:
        return await self._database.read(lambda connection: upkeep.load_checks(connection, self._org))

    async def grants(self, sobject: str, record_ids: Sequence[str]) -> Mapping[str, str]:
        return await self._database.read(
            lambda connection: access.load_grants(connection, self._org, sobject, record_ids)
        )

    async def scan_grants(self, sobject: str) -> AsyncIterator[Sequence[tuple[str, str]]]:
        some = await self._grants_after(sobject, "")
        while some:
            yield some
            some = await self._grants_after(sobject, some[-1][0])

    async def _grants_after(self, sobject: str, after: str) -> list[tuple[str, str]]:
        return await self._database.read(lambda connection: access.next_grants(connection, self._org, sobject, after))

    async def keep_grants(self, sobject: str, grants: Mapping[str, str], ordinal: int) -> None:
        if grants:
            await self._write(lambda connection: access.keep_grants(connection, self._org, sobject, grants, ordinal))

    async def forget_grants(self, sobject: str, record_ids: Sequence[str]) -> None:
        if record_ids:
            await self._write(lambda connection: access.forget_grants(connection, self._org, sobject, record_ids))

    async def deny(self, denied: Sequence[Denied]) -> None:
        if denied:
            await self._write(lambda connection: access.deny(connection, self._org, denied))

    async def lift(self, roots: Sequence[str]) -> None:
        if roots:
            await self._write(lambda connection: access.lift(connection, self._org, roots))

    async def lift_all(self) -> None:
        await self._write(lambda connection: access.lift(connection, self._org, None))

    async def denied(self) -> Sequence[Denied]:
        """What is hidden from whom until it has been written anew."""
        return await self._database.read(lambda connection: access.load_denied(connection, self._org))

    async def report_unseen(self, user_id: str, records: Mapping[str, str], now: datetime) -> None:
        """Hide records (Id to object) from a person to whom Salesforce did not show them, until they are read again."""
        await self._database.write(lambda connection: reported.add(connection, self._org, user_id, records, now))

    async def reported_by(self, user_id: str) -> Sequence[Reported]:
        """What is hidden from a person because Salesforce did not show it to him."""
        return await self._database.read(lambda connection: reported.load(connection, self._org, user_id))

    async def reported(self) -> Sequence[Reported]:
        return await self._database.read(lambda connection: reported.load(connection, self._org))

    async def forget_reported(self, some: Sequence[Reported]) -> None:
        if some:
            await self._write(lambda connection: reported.forget(connection, self._org, some))

    async def save_directory(self, directory: Directory, read_at: datetime) -> None:
        await self._write(lambda connection: access.save_directory(connection, self._org, directory, read_at))

    async def directory(self) -> tuple[Directory, datetime] | None:
        """People and rights, and when they were read; None before they were."""
        return await self._database.read(lambda connection: access.load_directory(connection, self._org))

    async def directory_read_at(self) -> datetime | None:
        """When people and rights were read last."""
        return await self._database.read(lambda connection: access.read_at(connection, self._org))

    async def save_company(self, company: Company, read_at: datetime) -> None:
        await self._write(lambda connection: companies.save(connection, self._org, company, read_at))

    async def company(self) -> Company | None:
        """What holds for the whole org, as it was read last; None before it was."""
        return await self._database.read(lambda connection: companies.load(connection, self._org))

    async def cost_digest(self) -> str | None:
        return await self._database.read(lambda connection: costs.digest(connection, self._org))

    async def cost_table(self) -> CostTable | None:
        return await self._database.read(lambda connection: costs.load(connection, self._org, self._keys))

    async def save_cost_table(self, table: CostTable) -> None:
        """Keep what an administrator loaded; the sync writes it into the index."""
        await self._database.write(lambda connection: costs.save(connection, self._org, table, self._keys))

    async def observe(self, sobject: str, shown: Sequence[Seen]) -> int:
        if not shown:
            return 0
        return await self._write(lambda connection: observed.observe(connection, self._org, sobject, shown))

    async def observed(self, sobject: str, record_ids: Sequence[str]) -> Mapping[str, Sequence[Observed]]:
        return await self._database.read(lambda connection: observed.load(connection, self._org, sobject, record_ids))

    async def forget_observed(self, sobject: str, record_ids: Sequence[str]) -> None:
        if record_ids:
            await self._write(lambda connection: observed.forget(connection, self._org, sobject, record_ids))

    async def seen_after(self, sobject: str, after: str) -> Sequence[str]:
        return await self._database.read(lambda connection: observed.next_seen(connection, self._org, sobject, after))

    async def thin_observed(self, sobject: str, most: int) -> None:
        await self._write(lambda connection: observed.thin(connection, self._org, sobject, most))

    async def hold(self, name: str, held: Mapping[str, Sequence[Held]], ordinal: int, today: date | None) -> None:
        if held:
            await self._write(lambda connection: daily.hold(connection, self._org, name, held, ordinal, today))

    async def forget_held(self, name: str, ordinal: int) -> None:
        await self._write(lambda connection: daily.forget_older(connection, self._org, name, ordinal))

    async def sum_up(self, name: str, days: Sequence[date], today: date) -> None:
        """What takes long is read before the transaction that writes: only who holds the lease changes it."""
        for start in range(0, len(days), _DAYS):
            await self._sum_up(name, days[start : start + _DAYS], today)

    async def _sum_up(self, name: str, some: Sequence[date], today: date) -> None:
        found = await self._database.read(lambda connection: daily.summed_up(connection, self._org, name, some))
        await self._write(lambda connection: daily.keep(connection, self._org, name, found, today))

    async def days(self, name: str) -> Sequence[date]:
        return await self._database.read(lambda connection: daily.all_days(connection, self._org, name))

    async def day(self, name: str, day: date) -> tuple[Mapping[Place, Total], int]:
        return await self._database.read(lambda connection: daily.read_day(connection, self._org, name, day))

    async def audit(self, who: str, action: str, as_whom: str, what: str) -> None:
        """Keep in the audit log that this was asked."""
        await self._count(lambda connection: audit_log.add(connection, self._org, who, action, as_whom, what))

    async def audited(self, limit: int = 1_000) -> Sequence[Audited]:
        """The newest lines of the audit log, newest first."""
        return await self._database.read(lambda connection: audit_log.load(connection, self._org, limit))

    async def purge_logs(self, searches: timedelta, audit: timedelta) -> None:
        await self.purge_searches(searches)
        await self._count(lambda connection: audit_log.purge(connection, self._org, audit))

    async def log_search(
        self, person: str, text: str, *, results: int, terms: int, seconds: float, relaxed: bool = False
    ) -> int:
        """Keep what was searched for; the number by which clicks refer to it. `person` is empty for the operator."""
        return await self._database.write(
            lambda connection: searches.add(
                connection,
                self._org,
                person=person,
                text=text,
                results=results,
                terms=terms,
                seconds=seconds,
                relaxed=relaxed,
            )
        )

    async def log_click(self, number: int, person: str, record_id: str, rank: int) -> bool:
        """Keep that somebody opened a hit of his own search; False if there is no such search of his."""
        return await self._database.write(
            lambda connection: searches.click(connection, self._org, number, person, record_id, rank)
        )

    async def recent_of(self, person: str, most: int) -> tuple[Sequence[str], Sequence[str]]:
        """The texts that somebody searched for last, and the Ids of records that he opened last, newest first."""
        return await self._database.read(lambda connection: searches.recent(connection, self._org, person, most))

    async def searches(self, since: datetime) -> tuple[Sequence[SearchEntry], Sequence[Click]]:
        """The search log since a time, oldest first."""
        return await self._database.read(lambda connection: searches.load(connection, self._org, since))

    async def purge_searches(self, kept: timedelta) -> None:
        """Forget older searches and their clicks."""
        await self._count(lambda connection: searches.purge(connection, self._org, kept))

    async def vocabulary(self, kind: str) -> Mapping[str, Sequence[str]]:
        """The administrator's entries of a kind (`synonym`, `promotion`), by name."""
        return await self._database.read(lambda connection: vocabulary.load(connection, self._org, kind))

    async def save_vocabulary(self, kind: str, name: str, content: Sequence[str]) -> None:
        """Keep an entry, in place of one with the same name."""
        await self._database.write(lambda connection: vocabulary.save(connection, self._org, kind, name, content))

    async def remove_vocabulary(self, kind: str, name: str) -> bool:
        """Whether there was such an entry."""
        return await self._database.write(lambda connection: vocabulary.remove(connection, self._org, kind, name))

    async def own_reports(self) -> Sequence[OwnReport]:
        """Reports that were saved, everybody's."""
        return await self._database.read(lambda connection: own_reports.load(connection, self._org))

    async def save_own_report(self, report: OwnReport) -> None:
        """Keep a report, in place of its owner's of the same name."""
        await self._database.write(lambda connection: own_reports.save(connection, self._org, report))

    async def remove_own_report(self, owner: str, name: str) -> None:
        """Forget a report."""
        await self._database.write(lambda connection: own_reports.remove(connection, self._org, owner, name))

    async def schedules(self) -> Sequence[Schedule]:
        """Reports that are sent by themselves, everybody's."""
        return await self._database.read(lambda connection: schedules.load(connection, self._org))

    async def add_schedule(self, schedule: Schedule) -> Schedule:
        """Keep a new schedule; it, with its number."""
        return await self._database.write(lambda connection: schedules.add(connection, self._org, schedule))

    async def claim_schedule(self, number: int, now: datetime, until: datetime) -> Schedule | None:
        """The schedule if it is due and nobody runs it: nobody else gets it until then."""
        return await self._database.write(lambda connection: schedules.claim(connection, self._org, number, now, until))

    async def settle_schedule(self, schedule: Schedule, until: datetime) -> None:
        """Keep how the run of a schedule that was claimed until then went."""
        await self._database.write(lambda connection: schedules.settle(connection, self._org, schedule, until))

    async def remove_schedule(self, number: int) -> None:
        """Forget a schedule."""
        await self._database.write(lambda connection: schedules.remove(connection, self._org, number))

    async def save_session(self, session: BrowserSession) -> None:
        """Keep who is logged in."""
        await self._database.write(lambda connection: sessions.save(connection, self._org, session))

    async def session(self, digest: str) -> BrowserSession | None:
        """The session with this digest, over or not."""
        return await self._database.read(lambda connection: sessions.load(connection, self._org, digest))

    async def end_session(self, digest: str) -> None:
        """Forget it."""
        await self._database.write(lambda connection: sessions.remove(connection, self._org, digest))

    async def purge_sessions(self, now: datetime) -> None:
        """Forget those that are over."""
        await self._database.write(lambda connection: sessions.purge(connection, self._org, now))

    async def reserve_calls(self, hour: int, calls: int) -> None:
        await self._count(lambda connection: api_calls.reserve(connection, self._org, hour, calls))

    async def calls_since(self, hour: int) -> int:
        return await self._database.read(lambda connection: api_calls.since(connection, self._org, hour))

    async def requests(self) -> Sequence[Request]:
        return await self._database.read(lambda connection: requests.unanswered(connection, self._org))

    async def answer(self, number: int, answer: str) -> None:
        await self._write(lambda connection: requests.answer(connection, self._org, number, answer))

    async def ask(self, kind: str, argument: str = "") -> int:
        """Ask the running sync to do something (see `Request`); the number by which its answer is found."""
        return await self._database.write(lambda connection: requests.ask(connection, self._org, kind, argument))

    async def answer_of(self, number: int) -> str | None:
        """The answer to a request, JSON; None before there is one."""
        return await self._database.read(lambda connection: requests.answer_of(connection, self._org, number))
