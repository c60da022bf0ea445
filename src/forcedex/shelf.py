"""The reports of an org by name: the standard ones, those that everybody may use, and one's own."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from forcedex.analytics.definition import Definition
from forcedex.analytics.own.checking import Surroundings
from forcedex.analytics.own.reading import read
from forcedex.analytics.own.writing import written
from forcedex.domain.errors import Refused
from forcedex.domain.indexed import IndexedObject
from forcedex.domain.periods import Calendar
from forcedex.domain.schedules import OwnReport
from forcedex.state.store import SqlStateStore

#: Nobody's report may be called so, whether the org has the standard one or not.
_TAKEN = frozenset({"efficiency", "loss-reasons", "dashboard", "list"})
_MOST = 200  # of one owner


class Shelf:
    """Finds, keeps and forgets reports. An owner is a user's 18-character Id; the empty one is the operator."""

    def __init__(self, store: SqlStateStore, standard: Mapping[str, Definition]) -> None:
        self._store = store
        self._standard = standard

    async def saved(self, owner: str) -> Sequence[OwnReport]:
        """What the owner may use beside the standard ones, by name; his own goes before everybody's."""
        reports = await self._store.own_reports()
        found = {each.name: each for each in reports if not each.owner}
        found |= {each.name: each for each in reports if each.owner == owner}
        return [found[name] for name in sorted(found) if name not in self._standard]

    async def everybodys(self) -> Sequence[OwnReport]:
        """All that were saved, for the operator."""
        return await self._store.own_reports()

    async def find(self, name: str, owner: str) -> Definition:
        """A report that the owner may use; Refused if there is none."""
        if name in self._standard:
            return self._standard[name]
        found = next((each for each in await self.saved(owner) if each.name == name), None)
        if found is None:
            raise Refused(f"There is no report {name}.", "`forcedex report --list` names them all.")
        return self.opened(found)

    def opened(self, report: OwnReport) -> Definition:
        """What a saved report is."""
        return read(report.text, Surroundings(standard=self._standard))

    async def save(
        self, text: str, owner: str, indexed: Mapping[str, IndexedObject], calendar: Calendar, now: datetime
    ) -> Definition:
        """Keep a report, in place of the owner's of the same name; WrongReport with all that is wrong with it."""
        around = Surroundings(
            standard=self._standard, taken=self._standard.keys() | _TAKEN, indexed=indexed, calendar=calendar
        )
        made = read(text, around)
        others = [each for each in await self._store.own_reports() if each.owner == owner and each.name != made.name]
        if len(others) >= _MOST:
            raise Refused(f"There are {_MOST} reports already.", "Remove one with `forcedex reports remove`.")
        await self._store.save_own_report(OwnReport(made.name, owner, self.exported(made), now))
        return made

    def exported(self, definition: Definition) -> str:
        """A report as TOML."""
        return written(definition, self._standard)

    async def remove(self, name: str, owner: str) -> None:
        """Forget a report; Refused if there is none, or if it is sent by itself."""
        reports = await self._store.own_reports()
        if not any(each.owner == owner and each.name == name for each in reports):
            raise Refused(f"There is no saved report {name}.", "`forcedex reports list` names them all.")
        own = {each.owner for each in reports if each.name == name and each.owner}
        users = [
            each
            for each in await self._store.schedules()
            if each.report == name and (each.owner == owner or (not owner and each.owner not in own))
        ]
        if users:
            numbers = ", ".join(str(each.number) for each in users)
            raise Refused(f"{name} is sent by itself: schedule {numbers}.", "First `forcedex reports unschedule` that.")
        await self._store.remove_own_report(owner, name)
