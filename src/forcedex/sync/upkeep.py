"""What has to be done now and then: deletions, sweeps, comparisons, new describes, the org's midnight.

Everything here is found out again after a restart: when it was last done is in the state store, by the org's time.
"""

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from forcedex.domain.errors import ConfigurationError, Refused, SourceDataError, StateRefused, Unavailable
from forcedex.domain.record import parse_stamp, stamp_text
from forcedex.domain.upkeep import CheckKind, CheckReport, NoticeKind, Request
from forcedex.domain.zones import zone
from forcedex.sync.budget import Plan
from forcedex.sync.company import read_company
from forcedex.sync.comparison import joined
from forcedex.sync.dependencies import dated
from forcedex.sync.drift import Drift, described, drift
from forcedex.sync.events import Checked, SchemaChanged
from forcedex.sync.object_sync import COMPARISON_WANTED, Around, ObjectSync
from forcedex.sync.objects import SyncOptions, chosen

_TICK = 1.0  # seconds
_DAY = 86_400.0  # seconds
#: API calls of one sweep (a count, a Bulk job, its states and pages) and of one look at an object's describe.
_SWEEP_CALLS, _DESCRIBE_CALLS = 12, 2
_LONGEST_PAUSE = 60.0  # seconds
#: A sweep that something asked for waits this long after the last one.
_SWEEP_GAP = timedelta(seconds=60)
#: A describe that an error asked for waits this long after the last one.
_SCHEMA_GAP = 10.0  # seconds
_SWEPT, _COMPARED, _MIDNIGHT, _DEEPER, _PURGED = "sweep", "compare", "midnight", "deeper", "purge"


class Upkeep:
    """The upkeep of all objects: `run` until cancelled; it sets `again` if the engine must prepare anew."""

    def __init__(
        self,
        objects: Mapping[str, ObjectSync],
        around: Around,
        options: SyncOptions,
        gone: Mapping[str, str],
        planned: Callable[[], Plan | None],
        again: asyncio.Event,
    ) -> None:
        self._objects = objects
        self._around = around
        self._options = options
        self._rhythm = options.rhythm
        self._gone = gone
        self._planned = planned
        self._again = again
        #: Objects whose index is to be built anew.
        self.anew: list[str] = []
        #: Those of them whose hidden records may go.
        self.drop_hidden: list[str] = []
        self._zone: ZoneInfo | None = None
        #: When something was last done in this process, monotonic seconds.
        self._done: dict[tuple[str, str], float] = {}
        self._began = around.clock.monotonic()

    async def run(self) -> None:
        """Look every second for what is due."""
        pause = _TICK
        while True:
            try:
                await self._tick()
                pause = _TICK
            except StateRefused:
                raise
            except (Unavailable, Refused, SourceDataError):
                # The rounds tell what is wrong; what is due stays due.
                pause = min(pause * 2, _LONGEST_PAUSE)
            await self._around.clock.sleep(pause)

    async def once(self, each: ObjectSync) -> None:
        """What a single pass over an object must not leave out."""
        if not each.complete or each.frozen:
            return
        try:
            await self._deletions(each)
            await self._midnight(each)
            if each.sweep_wanted:
                await self._sweep(each)
        except StateRefused:
            raise
        except (Refused, SourceDataError) as exc:
            each.heard(exc)

    async def _tick(self) -> None:
        for request in await self._around.store.requests():
            await self._answer(request)
        if self._due("logs", "", _DAY):
            await self._around.store.purge_logs(self._options.search_log, self._options.audit_log)
        if self._due("company", "", self._rhythm.company):
            await read_company(self._around.source, self._around.store, self._around.watchman)
        if self._schema_due():
            await self._schema()
        if self._again.is_set():
            return
        for each in list(self._objects.values()):
            if not each.complete or each.frozen:
                continue
            try:
                await self._look_after(each)
            except StateRefused:
                raise
            except (Refused, SourceDataError) as exc:
                each.heard(exc)

    @property
    def _stretch(self) -> float:
        """By how much everything is done less often, so that it costs no more calls than upkeep's part of our share."""
        planned = self._planned()
        if planned is None:
            return 1.0
        rhythm = self._rhythm
        each_day = (
            1 / rhythm.deletions
            + 1 / rhythm.deep
            + 1 / self._slice_every
            + _SWEEP_CALLS / rhythm.sweep
            + _DESCRIBE_CALLS / rhythm.schema
        ) * _DAY
        return max(len(self._objects) * each_day / max(planned.upkeep, 1), 1.0)

    @property
    def _slice_every(self) -> float:
        return min(3_600.0, self._rhythm.compare / 24)

    async def _look_after(self, each: ObjectSync) -> None:
        stretch = self._stretch
        if self._due("deletions", each.name, self._rhythm.deletions * stretch):
            await self._deletions(each)
        if self._due("deep", each.name, self._rhythm.deep * stretch):
            now = await self._around.source.now()
            await each.poll(now, since=now - timedelta(seconds=2 * self._rhythm.deep), patient=False)
            await self._deeper(each, now)
        if self._due("daily", each.name, min(self._slice_every, self._rhythm.sweep / 4) * stretch):
            await self._daily(each)
        if self._due("midnight", each.name, 60.0):
            await self._midnight(each)
        if each.sweep_wanted and self._due("sweep", each.name, _SWEEP_GAP.total_seconds()):
            await self._sweep(each)
        wish = (await self._around.store.moments(COMPARISON_WANTED)).get(each.name)
        if wish:
            await self._keep(await each.comparison.everything())
            if (await self._around.store.moments(COMPARISON_WANTED)).get(each.name) == wish:
                await self._around.store.save_moment(COMPARISON_WANTED, each.name, "")

    def _due(self, what: str, name: str, seconds: float) -> bool:
        """Whether this was not done for so long in this process; it counts as done then."""
        now = self._around.clock.monotonic()
        if now - self._done.get((what, name), self._began - (seconds if what in ("sweep", "logs") else 0.0)) < seconds:
            return False
        self._done[what, name] = now
        return True

    async def _moment(self, what: str, each: ObjectSync) -> datetime:
        """When this was last done by the org's time; the beginning of the snapshot if never."""
        assert each.checkpoint is not None
        text = (await self._around.store.moments(what)).get(each.name)
        return parse_stamp(text) if text else each.checkpoint.floor

    # Deletions and looking back

    async def _deletions(self, each: ObjectSync) -> None:
        assert each.checkpoint is not None
        now = await self._around.source.now()
        if not await each.deletions.look(now, each.checkpoint.floor):
            each.sweep_wanted = True

    async def _deeper(self, each: ObjectSync, now: datetime) -> None:
        if now - await self._moment(_DEEPER, each) >= timedelta(seconds=self._rhythm.deeper):
            await each.poll(now, since=now - timedelta(seconds=2 * self._rhythm.deeper), patient=False)
            await self._around.store.save_moment(_DEEPER, each.name, stamp_text(now))

    # Comparing

    async def _daily(self, each: ObjectSync) -> None:
        now = await self._around.source.now()
        if now - await self._moment(_SWEPT, each) >= timedelta(seconds=self._rhythm.sweep):
            await self._sweep(each)
        await self._slice(each, now)
        if now - await self._moment(_PURGED, each) >= timedelta(days=1):
            await self._around.sink.purge_tombstones(each.name, now - self._options.tombstones)
            await each.ripples.observing.tidy(self._around.sink, each.letters.buried, each.quiet)
            await self._around.store.save_moment(_PURGED, each.name, stamp_text(now))

    async def _sweep(self, each: ObjectSync) -> CheckReport:
        each.sweep_wanted = False
        report = await each.sweep.run()
        await self._around.store.save_moment(_SWEPT, each.name, stamp_text(report.began_at))
        await self._keep(report)
        await each.keep_hidden(report.unexplained)
        return report

    async def _slice(self, each: ObjectSync, now: datetime) -> None:
        """The next part of the rotating comparison."""
        store = self._around.store
        kept = (await store.moments(_COMPARED)).get(each.name)
        after, partial = "", None
        if kept:
            state = json.loads(kept)
            if now - parse_stamp(state["at"]) < timedelta(seconds=self._slice_every):
                return
            after = state["after"]
            partial = _report(state["partial"]) if state["partial"] else None
        slices = max(self._rhythm.compare / (self._slice_every * self._stretch), 1.0)
        most = max(int(await self._around.sink.count(each.name) / slices) + 1, 200)
        found, following = await each.comparison.slice(after, most)
        whole = joined(partial, found) if partial else found
        if not following:
            await self._keep(whole)
        state = {
            "at": stamp_text(now),
            "after": following,
            "partial": _plain(whole) if following else None,
        }
        await store.save_moment(_COMPARED, each.name, json.dumps(state))

    async def _keep(self, report: CheckReport) -> None:
        await self._around.store.keep_check(report)
        found = report.missing + report.different + report.extra + report.unexplained
        self._around.listener(Checked(report.object, str(report.kind), report.records, found, report.repaired))
        if report.clean:
            for kind in (NoticeKind.SWEEP, NoticeKind.REPLAY_EXPIRED):
                await self._around.watchman.over(report.object, kind)
        else:
            await self._around.watchman.raised(
                report.object,
                NoticeKind.SWEEP,
                f"{report.object}: {found:,} of {report.records:,} records differed from Salesforce; "
                f"{report.repaired:,} were put right.",
            )

    async def _midnight(self, each: ObjectSync) -> None:
        """Formulas on TODAY() have other values since the org's day changed."""
        if not dated(each.selection):
            return
        now = await self._around.source.now()
        zone = await self._org_zone()
        today = now.astimezone(zone).date().isoformat()
        assert each.checkpoint is not None
        known = (await self._around.store.moments(_MIDNIGHT)).get(each.name)
        if known is None:
            known = each.checkpoint.floor.astimezone(zone).date().isoformat()
        if known != today:
            await self._keep(await each.comparison.everything())
            known = today
        await self._around.store.save_moment(_MIDNIGHT, each.name, known)

    async def _org_zone(self) -> ZoneInfo:
        if self._zone is None:
            self._zone = zone((await self._around.source.identity()).time_zone)
        return self._zone

    # Describes

    def _schema_due(self) -> bool:
        if any(each.drifted for each in self._objects.values()):
            return self._due("schema", "drifted", _SCHEMA_GAP)
        return self._due("schema", "", self._rhythm.schema * self._stretch)

    async def _schema(self) -> None:
        """Ask the org how it describes its objects now."""
        found = await chosen(self._around.source, self._options, synced=(*self._objects, *self._gone))
        now = {selection.sobject.name: selection for selection in found.selections}
        again = now.keys() != self._objects.keys()
        for name, each in self._objects.items():
            each.drifted = False
            if name not in now:
                continue
            if each.frozen:
                await each.thaw()
            kind = drift(each.selection, now[name])
            await each.look_at_picklists(now[name])
            if kind in (Drift.ADDED, Drift.OTHER):
                difference = described(each.selection, now[name])
                self._around.listener(SchemaChanged(name, difference))
                await self._around.watchman.raised(name, NoticeKind.DRIFT, f"{name} has changed: {difference}.")
                again = True
                continue
            await self._around.watchman.over(name, NoticeKind.DRIFT)
        if again or await self._more_streams():
            self._again.set()

    async def _more_streams(self) -> bool:
        """Whether the org offers events of objects that are only polled so far."""
        polled = [name for name, each in self._objects.items() if each.stream is None and self._options.streams(name)]
        try:
            return bool(polled and await self._around.source.streamable(polled))
        except (Unavailable, Refused, ConfigurationError):
            return False  # the next look asks again

    # What commands ask for

    async def _answer(self, request: Request) -> None:
        try:
            answer = await self._do(request)
        except (Refused, SourceDataError) as exc:
            if isinstance(exc, StateRefused):
                raise
            answer = {"error": str(exc)}
        await self._around.store.answer(request.number, json.dumps(answer))

    async def _do(self, request: Request) -> dict[str, object]:
        match request.kind:
            case "rebuild" | "rebuild visible":
                name = next((each for each in self._objects if each.lower() == request.argument.lower()), None)
                if name is None:
                    return {"error": f"{request.argument} is not synced."}
                self.anew.append(name)
                if request.kind == "rebuild visible":
                    self.drop_hidden.append(name)
                self._again.set()
                return {"started": name}
            case "verify" | "repair":
                return {
                    "checks": [_plain(each) for each in await self.verify(request.argument, request.kind == "repair")]
                }
            case "replay":
                return {"replayed": await self.replay(request.argument.split())}
            case other:
                return {"error": f"The running sync does not know how to {other}."}

    async def verify(self, wanted: str, repair: bool) -> list[CheckReport]:
        """Compare all objects, or the wanted one, at once: Ids and all fields."""
        reports = []
        for name, each in self._objects.items():
            if (wanted and name.lower() != wanted.lower()) or not each.complete:
                continue
            reports.append(await self._sweep(each) if repair else await each.sweep.run(repair=False))
            reports.append(await each.comparison.everything(repair=repair))
            if repair:
                await self._keep(reports[-1])
        return reports

    async def replay(self, ids: list[str]) -> int:
        """Read refused records once more; how many are no longer refused. No Ids: all."""
        letters = await self._around.store.dead_letters()
        healed = 0
        for name, each in self._objects.items():
            some = [
                letter.record_id for letter in letters if letter.object == name and (not ids or letter.record_id in ids)
            ]
            if some:
                each.letters.buried |= set(some)
                await each.bring(some)
                healed += len(set(some) - each.letters.buried)
        return healed


def _plain(report: CheckReport) -> dict[str, object]:
    return {**asdict(report), "began_at": stamp_text(report.began_at), "ended_at": stamp_text(report.ended_at)}


def _report(state: Mapping[str, object]) -> CheckReport:
    values = {name: value for name, value in state.items() if name not in ("began_at", "ended_at", "kind")}
    return CheckReport(
        **values,  # type: ignore[arg-type]  # as `_plain` wrote them
        kind=CheckKind(str(state["kind"])),
        began_at=parse_stamp(str(state["began_at"])),
        ended_at=parse_stamp(str(state["ended_at"])),
    )
