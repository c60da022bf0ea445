"""Campaigns: one every month, whom they reached, and which deals they brought."""

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from math import gcd

from localorg.company.clock import DAY, day_of
from localorg.company.numbering import ids
from localorg.company.plan import PARENTS
from localorg.company.products import PRODUCT_LINES
from localorg.company.staff import REGIONS
from localorg.company.world import Draw, World

_SPAN_DAYS = 1130  # the last ones are still planned
_AHEAD_DAYS = 60
_CREDIT_DAYS = 150  # how long a campaign is credited with deals
_BROUGHT = 0.32  # share of deals with a campaign
_LEAD_TURN = 10  # members: seven contacts, then three leads

#: type, channel, base cost in dollars, days, share who respond
_KINDS = (
    ("Webinar", "Online", 3_500, 1, 0.34),
    ("Trade Show", "Events", 68_000, 4, 0.28),
    ("Email", "Online", 1_800, 14, 0.11),
    ("Conference", "Events", 42_000, 2, 0.31),
    ("Direct Mail", "Outbound", 9_500, 30, 0.06),
    ("Partners", "Partner", 15_000, 60, 0.22),
    ("Advertisement", "Online", 24_000, 45, 0.04),
    ("Telemarketing", "Outbound", 12_000, 30, 0.17),
)

_campaign_id = ids("Campaign")


@dataclass(frozen=True, slots=True)
class Campaign:
    """A campaign, counted from 1; amounts in dollars."""

    number: int
    id: str
    name: str
    kind: str
    channel: str
    region: str | None
    parent: int | None
    start: int
    end: int
    status: str
    budget: int
    actual: int | None
    response: float


@dataclass(frozen=True, slots=True)
class Member:
    """A campaign member, counted from 1: a contact or a lead, by number."""

    number: int
    campaign: int
    contact: int | None
    lead: int | None
    responded: bool


class Campaigns:
    """All campaigns; there are few, so they are kept."""

    def __init__(self, world: World) -> None:
        self._world = world
        plan, clock = world.plan, world.clock
        self._spacing = _SPAN_DAYS / (plan.campaigns - PARENTS)
        self._first_day = clock.day + _AHEAD_DAYS - _SPAN_DAYS
        programs = [self._program(number) for number in range(1, PARENTS + 1)]
        self.all = (*programs, *(self._campaign(number) for number in range(PARENTS + 1, plan.campaigns + 1)))
        self._starts = [campaign.start for campaign in self.all[PARENTS:]]
        #: those that have members
        self._run = tuple(item for item in self.all[PARENTS:] if item.start < clock.day - 1)

    def _program(self, number: int) -> Campaign:
        clock = self._world.clock
        year = clock.today.year - PARENTS + number
        start, end = self._year_bounds(year)
        status = "Completed" if end < clock.day else "In Progress"
        return Campaign(
            number, _campaign_id(number), f"{year} Demand Generation", "Other", "Online", None, None,
            start, end, status, 400_000 + number * 35_000, None, 0.0,
        )  # fmt: skip

    def _year_bounds(self, year: int) -> tuple[int, int]:
        clock = self._world.clock
        start = clock.years_ago(clock.today.year - year)
        end = clock.years_ago(clock.today.year - year - 1)
        return clock.day + (start - clock.today).days, clock.day + (end - clock.today).days - 1

    def _campaign(self, number: int) -> Campaign:
        clock = self._world.clock
        random = self._world.random(Draw.CAMPAIGN, number)
        pick = random.random
        start = self._first_day + int((number - PARENTS - 1) * self._spacing)
        kind, channel, cost, days, response = _KINDS[number % len(_KINDS)]
        region = (*REGIONS, None)[number % 4 if number % 3 else 3]
        end = start + days
        if start >= clock.day - 1:
            status = "Planned"
        elif end >= clock.day - 1:
            status = "In Progress"
        else:
            status = "Aborted" if number % 17 == 0 else "Completed"
        budget = round(cost * (0.7 + pick() * 0.9) / 100) * 100
        actual = None if status == "Planned" else round(budget * (0.75 + pick() * 0.45))
        begins = day_of(start)
        quarter = (begins.month + 2) // 3
        topic = PRODUCT_LINES[int(pick() * len(PRODUCT_LINES))]
        name = f"{begins.year} Q{quarter} {region or 'Global'} {kind}: {topic}"
        parent = begins.year - clock.today.year + PARENTS
        return Campaign(
            number, _campaign_id(number), name[:80], kind, channel, region, parent if 0 < parent <= PARENTS else None,
            start, end, status, budget, actual, response,
        )  # fmt: skip

    def of_deal(self, number: int, created: int) -> Campaign | None:
        """The campaign that brought a deal."""
        draw = self._world.chance(Draw.DEAL_CAMPAIGN, number)
        if draw >= _BROUGHT:
            return None
        day = created // DAY
        last = bisect_right(self._starts, day - 1)
        first = bisect_right(self._starts, day - _CREDIT_DAYS)
        if first >= last:
            return None
        return self.all[PARENTS + first + int(draw / _BROUGHT * (last - first))]

    def members(self) -> Iterator[Member]:
        """All members, campaign by campaign; within one campaign nobody comes twice."""
        plan = self._world.plan
        each, more = divmod(plan.members, len(self._run))
        contact_step, lead_step = _coprime(plan.contacts), _coprime(plan.leads)
        number = 0
        for turn, campaign in enumerate(self._run):
            contact, lead = campaign.number * 7919 % plan.contacts, campaign.number * 104_729 % plan.leads
            for place in range(each + (turn < more)):
                number += 1
                responded = self._world.chance(Draw.MEMBER, number) < campaign.response
                if place % _LEAD_TURN < 7:
                    contact = (contact + contact_step) % plan.contacts
                    yield Member(number, campaign.number, contact + 1, None, responded)
                else:
                    lead = (lead + lead_step) % plan.leads
                    yield Member(number, campaign.number, None, lead + 1, responded)


def _coprime(total: int) -> int:
    """A step that visits all of `total` places before it returns to one."""
    step = int(total * 0.618) | 1
    while gcd(step, total) != 1:
        step += 2
    return step
