"""How many records there are, and which belong together.

The company grows in blocks of 20 accounts. Every block has the same numbers of contacts, opportunities and so on,
spread over its accounts by the tables below: the first account of a block is a large customer, the last ones are
prospects. So the number of every record follows from the numbers of its account, and every count is known before
a row is made, whatever the size factor.
"""

from dataclasses import dataclass
from itertools import accumulate
from math import log2

BLOCK = 20  # accounts
_BLOCKS = 105  # at factor 1

_CONTACTS = (12, 7, 6, 5, 4, 4, 3, 3, 3, 2, 2, 2, 2, 2, 1, 1, 1, 1, 1, 1)
_DEALS = (11, 7, 6, 5, 4, 4, 3, 2, 2, 2, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0)
_CASES = (9, 6, 5, 4, 3, 3, 2, 2, 2, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0)
_TASKS = (14, 9, 7, 5, 4, 4, 3, 3, 2, 2, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0)
_EVENTS = (7, 4, 3, 3, 2, 2, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0)

_HISTORY = (4, 6, 3, 5, 7, 4, 2, 5, 8, 3, 6, 4)  # rows of an opportunity
_LINES = (2, 0, 3, 1, 0, 2, 4, 0, 1, 2)  # of an opportunity
_COMMENTS = (1, 0, 2, 1, 3, 0)  # of a case

LEADS = 15  # in a block
#: accounts of a block that were leads once; the leads are the first ones of the block
CONVERTED = (6, 12)
INVOICES = 32  # in a block
MEMBERS = 36  # campaign members in a block
PARENTS = 4  # campaigns that only hold others
_CAMPAIGNS = 36  # others
_COST_MONTHS = 36


@dataclass(frozen=True)
class Spread:
    """Records of one kind, spread over the accounts of a block."""

    #: per account of the block
    counts: tuple[int, ...]
    #: records of the block before each account's first
    before: tuple[int, ...]
    #: account of the block and number within it, for each record of the block
    places: tuple[tuple[int, int], ...]
    size: int

    @classmethod
    def of(cls, counts: tuple[int, ...]) -> "Spread":
        """The spread with these counts per account."""
        before = (0, *accumulate(counts))
        places = tuple((slot, index) for slot, count in enumerate(counts) for index in range(count))
        return cls(counts, before[:-1], places, before[-1])

    def count(self, account: int) -> int:
        """How many records an account has."""
        return self.counts[account % BLOCK]

    def number(self, account: int, index: int) -> int:
        """The number, from 1, of an account's record."""
        block, slot = divmod(account, BLOCK)
        return block * self.size + self.before[slot] + index + 1

    def place(self, number: int) -> tuple[int, int]:
        """The account, and which of its records this is."""
        block, rest = divmod(number - 1, self.size)
        slot, index = self.places[rest]
        return block * BLOCK + slot, index


CONTACTS, DEALS, CASES = Spread.of(_CONTACTS), Spread.of(_DEALS), Spread.of(_CASES)
TASKS, EVENTS = Spread.of(_TASKS), Spread.of(_EVENTS)


def history_of(slot: int, index: int) -> int:
    """How many history rows a deal has."""
    return _HISTORY[(slot * 3 + index * 5) % len(_HISTORY)]


def lines_of(slot: int, index: int) -> int:
    """How many line items a deal has."""
    return _LINES[(slot + index * 3) % len(_LINES)]


def roles_of(slot: int, index: int) -> int:
    """How many contact roles a deal has."""
    return min((slot + index) % 3, _CONTACTS[slot])


def comments_of(slot: int, index: int) -> int:
    """How many comments a case has."""
    return _COMMENTS[(slot + index * 5) % len(_COMMENTS)]


LINES = Spread.of(tuple(sum(lines_of(slot, k) for k in range(_DEALS[slot])) for slot in range(BLOCK)))
ROLES = Spread.of(tuple(sum(roles_of(slot, k) for k in range(_DEALS[slot])) for slot in range(BLOCK)))
COMMENTS = Spread.of(tuple(sum(comments_of(slot, k) for k in range(_CASES[slot])) for slot in range(BLOCK)))
HISTORY = sum(history_of(slot, index) for slot, index in DEALS.places)  # rows in a block


class Plan:
    """The numbers of records at a size factor."""

    def __init__(self, factor: float) -> None:
        if not factor > 0:
            raise ValueError(f"the size factor must be above 0, not {factor}")
        self.blocks = max(2, round(_BLOCKS * factor))
        #: doublings of the company; people and campaigns grow by these
        self.growth = log2(factor) if factor > 1 else 0.0
        self.accounts = self.blocks * BLOCK
        self.contacts = self.blocks * CONTACTS.size
        self.leads = self.blocks * LEADS
        self.deals = self.blocks * DEALS.size
        self.lines = self.blocks * LINES.size
        self.roles = self.blocks * ROLES.size
        self.history = self.blocks * HISTORY
        self.cases = self.blocks * CASES.size
        self.comments = self.blocks * COMMENTS.size
        self.account_tasks = self.blocks * TASKS.size
        self.lead_tasks = (self.leads + 1) // 2
        self.tasks = self.account_tasks + self.lead_tasks
        self.events = self.blocks * EVENTS.size
        self.invoices = self.blocks * INVOICES
        self.members = self.blocks * MEMBERS
        self.campaigns = PARENTS + _CAMPAIGNS + int(6 * self.growth)
        #: what follows from other facts, about
        self.field_history = int(self.deals * 8.4)
        self.case_history = int(self.cases * 5.1)
        self.emails = int(self.cases * 1.55)
        self.milestones = self.cases * 2
        self.influences = int(self.deals * 0.51)
        self.extra_reps = int(5 * self.growth)
        self.extra_engineers = int(3 * self.growth)
        self.cost_months = _COST_MONTHS
