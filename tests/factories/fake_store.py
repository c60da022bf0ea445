"""A state store in memory that implements `forcedex.domain.ports.StateStore`."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

from forcedex.domain.checkpoint import Checkpoint, DeadLetter
from forcedex.domain.company import Company
from forcedex.domain.costs import CostTable
from forcedex.domain.daily import DAYS, Held, Place, Total, added, differences, totals
from forcedex.domain.observed import Observed, Seen, changes, joined, later, together
from forcedex.domain.rights import Directory
from forcedex.domain.shares import Denied, Reported
from forcedex.domain.upkeep import CheckKind, CheckReport, Notice, NoticeKind, ObjectReport, Request


@dataclass
class FakeStore:
    """Survives a `Crash`: only its values are kept."""

    ordinal: int = 0
    saved: dict[str, Checkpoint] = field(default_factory=dict)
    letters: dict[tuple[str, str], DeadLetter] = field(default_factory=dict)
    notes: dict[str, dict[str, dict[str, None]]] = field(default_factory=dict)
    noted_again: set[tuple[str, str, str]] = field(default_factory=set)
    replays: dict[str, bytes] = field(default_factory=dict)
    kept: dict[tuple[str, str], str] = field(default_factory=dict)
    reports: list[ObjectReport] = field(default_factory=list)
    told: dict[tuple[str, NoticeKind], Notice] = field(default_factory=dict)
    compared: list[CheckReport] = field(default_factory=list)
    calls: dict[int, int] = field(default_factory=dict)
    asked: list[Request] = field(default_factory=list)
    granted: dict[str, dict[str, tuple[str, int]]] = field(default_factory=dict)
    denials: set[Denied] = field(default_factory=set)
    unseen: list[Reported] = field(default_factory=list)
    directory: tuple[Directory, datetime] | None = None
    known_company: tuple[Company, datetime] | None = None
    seen: dict[tuple[str, str], Seen] = field(default_factory=dict)
    changes: dict[tuple[str, str, datetime, str], Observed] = field(default_factory=dict)
    held: dict[str, dict[str, tuple[list[Held], int]]] = field(default_factory=dict)
    totals: dict[str, dict[date, tuple[dict[Place, Total], int]]] = field(default_factory=dict)

    async def next_ordinal(self) -> int:
        self.ordinal += 1
        return self.ordinal

    async def checkpoints(self) -> Mapping[str, Checkpoint]:
        return dict(self.saved)

    async def save_checkpoint(self, checkpoint: Checkpoint) -> None:
        self.saved[checkpoint.object] = checkpoint

    async def bury(self, letters: Sequence[DeadLetter]) -> None:
        for letter in letters:
            self.letters[letter.object, letter.record_id] = letter

    async def exhume(self, sobject: str, record_ids: Sequence[str]) -> None:
        for record in record_ids:
            self.letters.pop((sobject, record), None)

    async def dead_letters(self) -> Sequence[DeadLetter]:
        return list(self.letters.values())

    async def forget_dead_letters(self, sobject: str) -> None:
        self.letters = {key: each for key, each in self.letters.items() if key[0] != sobject}

    async def note(self, kind: str, sobject: str, record_ids: Sequence[str]) -> None:
        self.notes.setdefault(kind, {}).setdefault(sobject, {}).update(dict.fromkeys(record_ids))
        self.noted_again |= {(kind, sobject, record) for record in record_ids}

    async def noted(self, kind: str) -> Mapping[str, Sequence[str]]:
        self.noted_again = {each for each in self.noted_again if each[0] != kind}
        return {name: list(ids) for name, ids in self.notes.get(kind, {}).items() if ids}

    async def settle(self, kind: str, sobject: str, record_ids: Sequence[str]) -> None:
        for record in record_ids:
            if (kind, sobject, record) not in self.noted_again:
                self.notes.get(kind, {}).get(sobject, {}).pop(record, None)

    async def replay_ids(self) -> Mapping[str, bytes]:
        return dict(self.replays)

    async def save_replay_id(self, sobject: str, replay_id: bytes | None) -> None:
        if replay_id is None:
            self.replays.pop(sobject, None)
        else:
            self.replays[sobject] = replay_id

    async def moments(self, name: str) -> Mapping[str, str]:
        return {sobject: text for (kind, sobject), text in self.kept.items() if kind == name}

    async def save_moment(self, name: str, sobject: str, text: str) -> None:
        self.kept[name, sobject] = text

    async def report(self, reports: Sequence[ObjectReport]) -> None:
        self.reports = list(reports)

    async def raise_notice(self, sobject: str, kind: NoticeKind, text: str) -> bool:
        before = self.told.get((sobject, kind))
        self.told[sobject, kind] = Notice(object=sobject, kind=kind, text=text, since=datetime.now(UTC))
        return before is None or before.cleared_at is not None

    async def clear_notice(self, sobject: str, kind: NoticeKind) -> bool:
        before = self.told.get((sobject, kind))
        if before is None or before.cleared_at is not None:
            return False
        self.told[sobject, kind] = replace(before, cleared_at=datetime.now(UTC))
        return True

    async def notices(self) -> Sequence[Notice]:
        return list(self.told.values())

    async def keep_check(self, report: CheckReport) -> None:
        self.compared.append(report)

    async def checks(self) -> Mapping[tuple[str, CheckKind], tuple[CheckReport, CheckReport | None]]:
        return {(each.object, each.kind): (each, each if each.clean else None) for each in self.compared}

    async def grants(self, sobject: str, record_ids: Sequence[str]) -> Mapping[str, str]:
        known = self.granted.get(sobject, {})
        return {record: known[record][0] for record in record_ids if record in known}

    async def scan_grants(self, sobject: str) -> AsyncIterator[Sequence[tuple[str, str]]]:
        yield [(record, text) for record, (text, _) in sorted(self.granted.get(sobject, {}).items())]

    async def keep_grants(self, sobject: str, grants: Mapping[str, str], ordinal: int) -> None:
        known = self.granted.setdefault(sobject, {})
        known |= {
            record: (text, ordinal) for record, text in grants.items() if known.get(record, ("", 0))[1] <= ordinal
        }

    async def forget_grants(self, sobject: str, record_ids: Sequence[str]) -> None:
        for record in record_ids:
            self.granted.get(sobject, {}).pop(record, None)

    async def deny(self, denied: Sequence[Denied]) -> None:
        self.denials |= set(denied)

    async def lift(self, roots: Sequence[str]) -> None:
        self.denials = {each for each in self.denials if each.root not in roots}

    async def lift_all(self) -> None:
        self.denials = set()

    async def reported(self) -> Sequence[Reported]:
        return list(self.unseen)

    async def forget_reported(self, some: Sequence[Reported]) -> None:
        self.unseen = [each for each in self.unseen if each not in some]

    async def purge_logs(self, searches: timedelta, audit: timedelta) -> None:
        pass

    async def save_directory(self, directory: Directory, read_at: datetime) -> None:
        self.directory = directory, read_at

    async def save_company(self, company: Company, read_at: datetime) -> None:
        self.known_company = company, read_at

    async def cost_digest(self) -> str | None:
        return None

    async def cost_table(self) -> CostTable | None:
        return None

    async def company(self) -> Company | None:
        return self.known_company[0] if self.known_company else None

    async def observe(self, sobject: str, shown: Sequence[Seen]) -> int:
        number = 0
        for each in shown:
            before = self.seen.get((sobject, each.record_id))
            if not later(before, each):
                continue
            for change in changes(before, each) if before else ():
                number += 1
                key = (sobject, change.record_id, change.at, change.field)
                kept = joined(self.changes.pop(key, None), change)
                if kept is not None:
                    self.changes[key] = kept
            self.seen[sobject, each.record_id] = together(before, each)
        return number

    async def observed(self, sobject: str, record_ids: Sequence[str]) -> Mapping[str, Sequence[Observed]]:
        found: dict[str, list[Observed]] = {}
        for (name, record, _, _), change in sorted(self.changes.items(), key=lambda each: each[0]):
            if name == sobject and record in record_ids:
                found.setdefault(record, []).append(change)
        return found

    async def forget_observed(self, sobject: str, record_ids: Sequence[str]) -> None:
        gone = {(sobject, record) for record in record_ids}
        self.seen = {key: each for key, each in self.seen.items() if key not in gone}
        self.changes = {key: each for key, each in self.changes.items() if key[:2] not in gone}

    async def seen_after(self, sobject: str, after: str) -> Sequence[str]:
        return sorted(record for name, record in self.seen if name == sobject and record > after)[:7]

    async def thin_observed(self, sobject: str, most: int) -> None:
        pass

    async def hold(self, name: str, held: Mapping[str, Sequence[Held]], ordinal: int, today: date | None) -> None:
        mine, days = self.held.setdefault(name, {}), self.totals.setdefault(name, {})
        for record, spans in held.items():
            before, _ = mine.pop(record, ([], 0))
            if spans:
                mine[record] = list(spans), ordinal
            if today is not None:
                for day, more in differences(before, spans, sorted(days)).items():
                    await self._keep(name, day, added(days[day][0], more), today)

    async def forget_held(self, name: str, ordinal: int) -> None:
        self.held[name] = {key: each for key, each in self.held.get(name, {}).items() if each[1] >= ordinal}

    async def sum_up(self, name: str, days: Sequence[date], today: date) -> None:
        every = [span for spans, _ in self.held.get(name, {}).values() for span in spans]
        for day, found in totals(every, days).items():
            await self._keep(name, day, found, today)

    async def _keep(self, name: str, day: date, found: dict[Place, Total], today: date) -> None:
        mine = self.totals.setdefault(name, {})
        before = mine.get(day)
        if before is None or before[0] != found:
            mine[day] = found, (before[1] + (day < today) if before else 0)
            await self.note(DAYS, name, [str(day)])

    async def days(self, name: str) -> Sequence[date]:
        return sorted(self.totals.get(name, {}))

    async def day(self, name: str, day: date) -> tuple[Mapping[Place, Total], int]:
        return self.totals.get(name, {}).get(day, ({}, 0))

    async def reserve_calls(self, hour: int, calls: int) -> None:
        self.calls[hour] = self.calls.get(hour, 0) + calls

    async def calls_since(self, hour: int) -> int:
        return sum(calls for at, calls in self.calls.items() if at >= hour)

    async def requests(self) -> Sequence[Request]:
        return [each for each in self.asked if each.answer is None]

    async def answer(self, number: int, answer: str) -> None:
        self.asked = [replace(each, answer=answer) if each.number == number else each for each in self.asked]
