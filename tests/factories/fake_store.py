"""A state store in memory that implements `forcedex.domain.ports.StateStore`."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from forcedex.domain.checkpoint import Checkpoint, DeadLetter
from forcedex.domain.company import Company
from forcedex.domain.costs import CostTable
from forcedex.domain.rights import Directory
from forcedex.domain.shares import Denied
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
    directory: tuple[Directory, datetime] | None = None
    known_company: tuple[Company, datetime] | None = None

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

    async def reserve_calls(self, hour: int, calls: int) -> None:
        self.calls[hour] = self.calls.get(hour, 0) + calls

    async def calls_since(self, hour: int) -> int:
        return sum(calls for at, calls in self.calls.items() if at >= hour)

    async def requests(self) -> Sequence[Request]:
        return [each for each in self.asked if each.answer is None]

    async def answer(self, number: int, answer: str) -> None:
        self.asked = [replace(each, answer=answer) if each.number == number else each for each in self.asked]
