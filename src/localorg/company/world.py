"""What all parts of the demo company share: the seed, the clock, the plan, the staff.

Nothing is remembered between records: whatever is needed of another record is made again from the seed, the kind
of record and its number. So the company streams in little memory at any size.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import IntEnum, auto
from random import Random

from localorg.company.clock import DAY, Clock, moment
from localorg.company.plan import Plan
from localorg.company.staff import Employee, Staff

_MASK = (1 << 64) - 1
_LOAD_DAYS = 91  # between two loads


class Draw(IntEnum):
    """What a random generator is for; each kind has its own sequence per number."""

    ACCOUNT = auto()
    ACCOUNT_ROW = auto()
    CONTACTS = auto()
    CONTACT_ROWS = auto()
    DEAL_STARTS = auto()
    DEALS = auto()
    DEAL_ROW = auto()
    DEAL_CAMPAIGN = auto()
    LINES = auto()
    ROLES = auto()
    CASE_STARTS = auto()
    CASES = auto()
    CASE_ROW = auto()
    COMMENT = auto()
    ACTIVITIES = auto()
    ACTIVITY_ROW = auto()
    LEAD = auto()
    LEAD_ROW = auto()
    LEAD_TASK = auto()
    LEAD_TASK_ROW = auto()
    CAMPAIGN = auto()
    CAMPAIGN_ROW = auto()
    MEMBER = auto()
    MEMBER_ROW = auto()
    INVOICE = auto()
    INVOICE_ROW = auto()
    COST = auto()
    STAFF = auto()
    DEAL_OWNER = auto()
    HANDLING = auto()
    QUOTA = auto()
    INFLUENCE = auto()


Audit = tuple[datetime, str, datetime, str, datetime]


@dataclass(frozen=True)
class World:
    """The settings of one demo company."""

    seed: int
    plan: Plan
    clock: Clock
    staff: Staff

    @classmethod
    def of(cls, seed: int, factor: float, today: date) -> "World":
        """The world for these settings."""
        plan = Plan(factor)
        return cls(seed, plan, Clock(today), Staff(plan, seed))

    def random(self, draw: Draw, number: int) -> Random:
        """The random generator for one record."""
        return Random(((self.seed << 8 | draw) << 48) + number)

    def chance(self, draw: Draw, number: int) -> float:
        """One random number from 0 to 1 for a record, without the price of a generator (SplitMix64)."""
        mixed = ((self.seed << 8 | draw) * 0xD1342543DE82EF95 + number * 0x9E3779B97F4A7C15) & _MASK
        mixed = ((mixed ^ mixed >> 30) * 0xBF58476D1CE4E5B9) & _MASK
        mixed = ((mixed ^ mixed >> 27) * 0x94D049BB133111EB) & _MASK
        return (mixed ^ mixed >> 31) / 2**64

    def audit(self, random: Random, created: int, owner: Employee | str, latest: int = 0) -> Audit:
        """The audit columns of a record made at `created`, whose newest fact is of `latest`.

        One record in fourteen was last touched by a quarterly load of the integration user, so that many records
        share a SystemModstamp, as they do in real orgs.
        """
        made_by = owner if isinstance(owner, str) else owner.id
        now = self.clock.now
        modified = max(created, latest)
        by = made_by
        draw = random.random()
        if draw < 0.93:
            if draw > 0.12:
                modified += int((now - modified) * random.random() ** 2)
                if draw > 0.8:
                    by = self.staff.admin.id
        else:
            night = modified // DAY + 1 + int((now - modified) // DAY * random.random())
            night -= night % _LOAD_DAYS
            load = night * DAY + 3600
            if modified < load <= now:
                modified, by = load, self.staff.integration.id
        stamp = modified
        if 0.3 < draw < 0.34:
            stamp += int((now - modified) * random.random())
        changed = moment(modified)
        return moment(created), made_by, changed, by, changed if stamp == modified else moment(stamp)

    def setup_audit(self) -> Audit:
        """The audit columns of what the administrator set up on the first day."""
        start = moment(self.clock.start)
        return start, self.staff.admin.id, start, self.staff.admin.id, start
