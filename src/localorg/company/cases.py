"""Cases: what goes wrong at the customers' plants."""

from dataclasses import dataclass
from functools import lru_cache

from localorg.company.accounts import Account, Accounts
from localorg.company.clock import DAY, business_time
from localorg.company.contacts import Contacts
from localorg.company.numbering import ids
from localorg.company.oddities import TEXTS, once
from localorg.company.places import fill
from localorg.company.plan import BLOCK, CASES, CONTACTS
from localorg.company.products import PRODUCTS, Product
from localorg.company.staff import REGIONS, Employee
from localorg.company.world import Draw, World

NEW, WORKING, ESCALATED, CLOSED = "New", "Working", "Escalated", "Closed"
STATUSES = (NEW, WORKING, ESCALATED, CLOSED)
_HISTORY_DAYS = 3 * 365
_FIRST_NUMBER = 1000
#: what can fail: not services, nor small parts
_MACHINES = tuple(one for one in PRODUCTS if one.family in ("Hardware", "Platform") and one.dollars > 700)

_case_id, _group_id = ids("Case"), ids("Group")
#: numbers of the queues among the groups
LEAD_QUEUES = {region: number for number, region in enumerate(REGIONS, start=1)}
CASE_QUEUES = {region: number for number, region in enumerate(REGIONS, start=1 + len(REGIONS))}


@dataclass(frozen=True, slots=True)
class Case:
    """A case, counted from 1."""

    number: int
    id: str
    index: int
    account: Account
    #: which of the account's contacts reported it
    contact: int | None
    product: Product
    engineer: Employee
    #: a user or a queue
    owner_id: str
    subject: str
    description: str
    status: str
    priority: str
    created: int
    closed: int | None

    @property
    def case_number(self) -> str:
        """The number that customers quote."""
        return f"{self.number + _FIRST_NUMBER:08}"


class Cases:
    """The cases of every account, made when asked for."""

    def __init__(self, world: World, accounts: Accounts, contacts: Contacts) -> None:
        self._world = world
        self._accounts = accounts
        self._contacts = contacts
        self.of = lru_cache(maxsize=64)(self._of)
        self.starts = lru_cache(maxsize=64)(self._starts)

    def _starts(self, account_number: int) -> tuple[int, ...]:
        """When each of the account's cases was opened."""
        clock = self._world.clock
        random = self._world.random(Draw.CASE_STARTS, account_number)
        earliest = max(self._accounts.of(account_number).created // DAY + 1, clock.day - _HISTORY_DAYS)
        span = clock.day - 2 - earliest
        found = [
            business_time(random, earliest + int(span * random.random() ** 0.85))
            for _ in range(CASES.count(account_number))
        ]
        if self._is_new(account_number, 0):
            found[0] = clock.now - int(random.random() * DAY)
        return tuple(found)

    @staticmethod
    def _is_new(account_number: int, index: int) -> bool:
        """Whether this is the case in each block that came in yesterday."""
        return account_number % BLOCK == 0 and index == 0

    def _of(self, account_number: int) -> tuple[Case, ...]:
        account = self._accounts.of(account_number)
        random = self._world.random(Draw.CASES, account_number)
        pick = random.random
        first = CASES.number(account_number, 0)
        now = self._world.clock.now
        engineers = self._world.staff.engineers[account.country.region]
        found = []
        for index, created in enumerate(self.starts(account_number)):
            number = first + index
            engineer = engineers[int(pick() * len(engineers))]
            priority = ("High", "Medium", "Medium", "Medium", "Low")[int(pick() * 5)]
            product = _MACHINES[int(pick() * len(_MACHINES))]
            status, closed = self._progress(pick(), pick(), created, priority, now)
            if self._is_new(account_number, index):
                status, closed = NEW, None
            problem = account.language.problems[int(pick() * len(account.language.problems))]
            words = {"product": product.name, "code": fill(random, "@##-####"), "city": account.city.name}
            odd = once(TEXTS, number, self._world.plan.cases)
            owner = engineer.id
            if status == NEW or (status == WORKING and pick() < 0.1):
                owner = _group_id(CASE_QUEUES[account.country.region])
            found.append(
                Case(
                    number,
                    _case_id(number),
                    index,
                    account,
                    int(pick() * CONTACTS.count(account_number)) if pick() < 0.94 else None,
                    product,
                    engineer,
                    owner,
                    problem.subject.format_map(words)[:255],
                    odd or problem.description.format_map(words),
                    status,
                    priority,
                    created,
                    closed,
                )
            )
        return tuple(found)

    def _progress(self, draw: float, speed: float, created: int, priority: str, now: int) -> tuple[str, int | None]:
        days = {"High": 6, "Medium": 16, "Low": 40}[priority]
        closed = created + 3600 + int(DAY * days * speed**2 * 2)
        if closed < now and draw < 0.96:
            return CLOSED, closed
        if now - created < 3 * DAY:
            return NEW, None
        return (ESCALATED if draw > 0.985 or (priority == "High" and draw > 0.7) else WORKING), None
