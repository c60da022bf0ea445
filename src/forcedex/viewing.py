"""Who is asking, and what may they see now: the gate's views, made of what the sync keeps in the state store."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from forcedex.access.explain import Explainer, Explanation
from forcedex.access.rights import Rights
from forcedex.access.tokens import user
from forcedex.access.view import Denial, View, everything, nothing
from forcedex.domain.company import Company
from forcedex.domain.days import day_of
from forcedex.domain.errors import Blind, Refused
from forcedex.domain.indexed import IndexedObject
from forcedex.domain.principal import Operator, OrgUser, Principal
from forcedex.domain.record_id import is_record_id, to_18
from forcedex.domain.rights import Person
from forcedex.domain.shares import MOST_REPORTED, Denied, Reported
from forcedex.domain.weeks import week_start
from forcedex.domain.zones import zone
from forcedex.search.asker import Asker
from forcedex.state.store import SqlStateStore

#: More hidden records than this of an object: all that carry the token are hidden from its holders.
_MOST_IDS = 1_000
#: What holds for the whole org may be so much behind: it hardly ever changes.
_COMPANY_AGE = timedelta(minutes=1)
_MUCH_REPORTED = (
    f"Salesforce did not show you {MOST_REPORTED:,} records that were found here: nothing is shown until "
    "who may see them was read again."
)
_NOT_READ = "Who may see what was not read from Salesforce yet: run `forcedex sync`."


@dataclass(frozen=True, slots=True)
class _Known:
    """The rights by one reading of the directory."""

    rights: Rights
    read_at: datetime


class Views:
    """Makes views of one org."""

    def __init__(
        self, store: SqlStateStore, *, max_age: timedelta, flat: Sequence[str], wall: Callable[[], datetime]
    ) -> None:
        """`max_age`: older access data shows nobody anything; `flat`: as `Rights`."""
        self._store = store
        self._max_age = max_age
        self._flat = flat
        self._wall = wall
        self._known: _Known | None = None
        #: And when it was asked for.
        self._company: tuple[Company | None, datetime] | None = None
        self._views: dict[str, View] = {}

    async def of(self, principal: Principal, objects: Sequence[IndexedObject]) -> View:
        """What the principal may see of these objects at this moment."""
        if isinstance(principal, Operator):
            return everything()
        known, why = await self._fresh()
        if known is None:
            return nothing(principal, why)
        now = self._wall()
        masters = {each.name: each.master for each in objects}
        reported = await self._store.reported_by(principal.user_id)
        if len(reported) >= MOST_REPORTED:
            return nothing(principal, _MUCH_REPORTED)
        denials = [*denials_of(await self._store.denied()), *unseen(principal.user_id, reported)]
        view = known.rights.view(principal.user_id, masters, now, known.read_at, denials)
        # The same rights as a moment ago: the gate need not find out again what it remembers of that view.
        before = self._views.get(principal.user_id)
        if before == view:
            return before
        self._views[principal.user_id] = view
        return view

    async def _fresh(self) -> tuple[_Known | None, str]:
        """The rights, if they are not too old; else why nobody sees anything."""
        known = await self._current()
        if known is None:
            return None, _NOT_READ
        if self._wall() - known.read_at > self._max_age:
            since = f"{known.read_at:%Y-%m-%d %H:%M} UTC"
            return None, (
                f"Who may see what was last read at {since}, longer ago than [access] max_age allows: nothing is shown "
                "until it is read again."
            )
        return known, ""

    async def holder(self, user_id: str) -> tuple[Person, frozenset[str]]:
        """Somebody who may use the org now, and the names of the permission sets that he holds; Blind if he may not."""
        known, why = await self._fresh()
        if known is None:
            raise Blind(why)
        person = known.rights.people.get(user_id)
        problem = known.rights.problem(person)
        if person is None or problem:
            raise Blind(problem)
        return person, frozenset(each.name for each in known.rights.permission_sets(person, self._wall()))

    async def person(self, who: str) -> Person:
        """The user with this Id, username or name; Refused if there is none, or more than one."""
        known = await self._current()
        if known is None:
            raise Refused(_NOT_READ)
        if is_record_id(who):
            found = [each for each in known.rights.people.values() if each.user_id == to_18(who)]
        else:
            wanted = who.strip().casefold()
            people = list(known.rights.people.values())
            found = [each for each in people if each.username.casefold() == wanted] or [
                each for each in people if each.name.casefold() == wanted
            ]
        if not found:
            raise Refused(f"No user of the org is called {who!r}.", "Use a username, a full name or a user Id.")
        if len(found) > 1:
            names = ", ".join(sorted(each.username for each in found)[:5])
            raise Refused(f"{len(found)} users are called {who!r}: {names}.", "Use the username.")
        return found[0]

    async def asker(self, principal: Principal) -> Asker:
        """What a search must know of who asks: his Id, his people, his day; the operator's day is the org's."""
        known, company = await self._current(), await self.company()
        person = known.rights.people.get(principal.user_id) if known and isinstance(principal, OrgUser) else None
        if known is None or person is None:
            of_org = company.calendar(self._wall())
            return Asker(
                time_zone=company.zone, today=of_org.today, week_start=of_org.week_start, fiscal=company.fiscal
            )
        his = zone(person.time_zone)
        return Asker(
            user_id=person.user_id,
            team=frozenset(known.rights.subordinates(person)),
            time_zone=his,
            today=day_of(self._wall(), his),
            week_start=week_start(person.locale or company.locale),
            fiscal=company.fiscal,
        )

    async def company(self) -> Company:
        """What holds for the whole org, as the sync read it last."""
        now = self._wall()
        if self._company is None or now - self._company[1] >= _COMPANY_AGE:
            self._company = await self._store.company(), now
        return self._company[0] or Company()

    async def explained(
        self,
        person: Person,
        objects: Sequence[IndexedObject],
        indexed: IndexedObject,
        record_id: str,
        acl: Sequence[str],
        see: dict[str, list[str]],
    ) -> Explanation:
        """Why the person may see the record with these tokens, or why not."""
        known = await self._current()
        assert known is not None
        view = await self.of(OrgUser(person.user_id), objects)
        denied = [each.token for each in await self._store.denied() if each.record_id == record_id]
        if any(each.record_id == record_id for each in await self._store.reported_by(person.user_id)):
            denied.append(user(person.user_id, hierarchy=False))
        return Explainer(known.rights, self._wall()).explain(view, person.user_id, indexed, acl, see, denied)

    async def read_at(self) -> datetime | None:
        """When people and rights were read last."""
        return await self._store.directory_read_at()

    async def _current(self) -> _Known | None:
        read_at = await self._store.directory_read_at()
        if read_at is None:
            return None
        if self._known is None or self._known.read_at != read_at:
            found = await self._store.directory()
            if found is None:
                return None
            directory, read_at = found
            self._known = _Known(Rights(directory, flat=self._flat), read_at)
        return self._known


def denials_of(denied: Sequence[Denied]) -> list[Denial]:
    """What is hidden, by object and token; above 1,000 records of an object all that carry the token."""
    ids: dict[tuple[str, str], set[str]] = defaultdict(set)
    for each in denied:
        ids[each.object, each.token].add(each.record_id)
    return [
        Denial(object=sobject, token=token, ids=tuple(sorted(records)) if len(records) <= _MOST_IDS else ())
        for (sobject, token), records in sorted(ids.items())
    ]


def unseen(user_id: str, reported: Sequence[Reported]) -> list[Denial]:
    """What is hidden from one person, because Salesforce did not show it to him: by the token that he alone holds."""
    ids: dict[str, list[str]] = defaultdict(list)
    for each in reported:
        ids[each.object].append(each.record_id)
    token = user(user_id, hierarchy=False)
    return [Denial(object=sobject, token=token, ids=tuple(sorted(records))) for sobject, records in sorted(ids.items())]
