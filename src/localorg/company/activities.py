"""Tasks and events: what employees do with the customers."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from random import Random

from localorg.company.accounts import Account, Accounts
from localorg.company.cases import Cases
from localorg.company.clock import DAY, business_time, working_day
from localorg.company.contacts import Contacts
from localorg.company.deals import Deals
from localorg.company.numbering import ids
from localorg.company.plan import CASES, CONTACTS, DEALS, EVENTS, TASKS
from localorg.company.world import Draw, World

_task_id, _event_id = ids("Task"), ids("Event")
_contact_id, _deal_id, _case_id = ids("Contact"), ids("Opportunity"), ids("Case")


@dataclass(frozen=True, slots=True)
class Activity:
    """A task or an event, with one of the account's contacts, about a deal, a case or the account itself."""

    #: from 1, among tasks or among events
    number: int
    event: bool
    account: Account
    #: which of the account's contacts, deals and cases
    contact: int | None
    deal: int | None
    case: int | None
    #: when it is due or takes place
    day: int
    created: int
    #: when a task was completed
    completed: int | None

    @property
    def id(self) -> str:
        """The Id of its record."""
        return _event_id(self.number) if self.event else _task_id(self.number)

    @property
    def who_id(self) -> str | None:
        """The contact's Id."""
        return None if self.contact is None else _contact_id(CONTACTS.number(self.account.number, self.contact))

    @property
    def what_id(self) -> str:
        """The Id of what it is about."""
        if self.deal is not None:
            return _deal_id(DEALS.number(self.account.number, self.deal))
        return self.account.id if self.case is None else _case_id(CASES.number(self.account.number, self.case))


@dataclass(slots=True)
class LastDays:
    """`LastActivityDate` of an account, its contacts and its deals: the last event or closed task."""

    account: int
    contacts: dict[int | None, int]
    deals: dict[int | None, int]


class Activities:
    """The activities of every account, made when asked for."""

    def __init__(self, world: World, accounts: Accounts, contacts: Contacts, deals: Deals, cases: Cases) -> None:
        self._world = world
        self._accounts = accounts
        self._contacts = contacts
        self._deals = deals
        self._cases = cases
        self.of = lru_cache(maxsize=64)(self._of)

    def last_days(self, account: int) -> LastDays:
        """When something last happened with the account."""
        found = LastDays(0, {}, {})
        contacts, deals = found.contacts, found.deals
        for activity in self.of(account):
            if activity.event or activity.completed is not None:
                day = activity.day
                found.account = max(found.account, day)
                contacts[activity.contact] = max(contacts.get(activity.contact, 0), day)
                deals[activity.deal] = max(deals.get(activity.deal, 0), day)
        return found

    def of_kind(self, account: int, event: bool) -> Iterator[Activity]:
        """The account's events, or its tasks."""
        return (activity for activity in self.of(account) if activity.event is event)

    def _of(self, number: int) -> tuple[Activity, ...]:
        tasks, events = TASKS.count(number), EVENTS.count(number)
        if not tasks + events:
            return ()
        random = self._world.random(Draw.ACTIVITIES, number)
        account = self._accounts.of(number)
        first_task, first_event = TASKS.number(number, 0), EVENTS.number(number, 0)
        return (
            *(self._activity(random, account, first_task + place, False) for place in range(tasks)),
            *(self._activity(random, account, first_event + place, True) for place in range(events)),
        )

    def _activity(self, random: Random, account: Account, number: int, event: bool) -> Activity:
        pick = random.random
        start = max(account.created, self._world.clock.now - 3 * 365 * DAY)
        deal: int | None = None
        case: int | None = None
        contact: int | None = None
        about = pick()
        if about < 0.55:
            starts = self._deals.starts(account.number)
            if starts:
                deal = int(pick() * len(starts))
                start = max(start, starts[deal])
        elif about < 0.75 and not event:
            starts = self._cases.starts(account.number)
            if starts:
                case = int(pick() * len(starts))
                start = max(start, starts[case])
        if pick() < 0.85:
            contacts = self._contacts.of(account.number)
            contact = int(pick() * len(contacts))
            start = max(start, contacts[contact].created)
        day, created, completed = self._schedule(random, start, event)
        return Activity(number, event, account, contact, deal, case, day, created, completed)

    def _schedule(self, random: Random, start: int, event: bool) -> tuple[int, int, int | None]:
        """Day due, moment entered and moment completed."""
        pick = random.random
        clock = self._world.clock
        first = start // DAY + 1
        day = max(working_day(first + int(pick() * min(240, clock.day + 30 - first))), first)
        created = min(max(start, business_time(random, day - 1 - int(pick() * 12))), clock.now)
        if event or day > clock.day - 2 or pick() < 0.09:
            return day, created, None
        completed = max(created, business_time(random, day) + int((pick() - 0.7) * 3 * DAY))
        return day, created, min(completed, clock.now)

    def lead_task(self, number: int, lead_created: int) -> tuple[int, int, int | None]:
        """Day due, moment entered and moment completed of a lead's task."""
        return self._schedule(self._world.random(Draw.LEAD_TASK, number), lead_created, event=False)
