"""Opportunities: three years of deals, each with its path through the stages and its products.

A deal is made from its end: how it stands today (won, lost, open at a stage), then the line items that give the
amount, then the history rows that led there. So the last history row always equals the opportunity.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from random import Random

from localorg.company.accounts import Account, Accounts
from localorg.company.clock import DAY, business_time, moment, quarter_end, working_day
from localorg.company.money import rounded
from localorg.company.numbering import ids
from localorg.company.plan import DEALS, LINES, history_of, lines_of
from localorg.company.products import BY_LINE, PARTNER_BOOK, PRODUCT_LINES, STANDARD_BOOK, Price, price
from localorg.company.staff import Employee
from localorg.company.world import Draw, World


@dataclass(frozen=True)
class Stage:
    """A stage of the sales process."""

    name: str
    probability: int
    #: ForecastCategory and ForecastCategoryName
    forecast: str
    forecast_name: str
    closed: bool = False
    won: bool = False


STAGES = (
    Stage("Prospecting", 10, "Pipeline", "Pipeline"),
    Stage("Qualification", 10, "Pipeline", "Pipeline"),
    Stage("Needs Analysis", 20, "Pipeline", "Pipeline"),
    Stage("Value Proposition", 50, "Pipeline", "Pipeline"),
    Stage("Id. Decision Makers", 60, "Pipeline", "Pipeline"),
    Stage("Perception Analysis", 70, "BestCase", "Best Case"),
    Stage("Proposal/Price Quote", 75, "BestCase", "Best Case"),
    Stage("Negotiation/Review", 90, "Forecast", "Commit"),
    Stage("Closed Won", 100, "Closed", "Closed", closed=True, won=True),
    Stage("Closed Lost", 0, "Omitted", "Omitted", closed=True),
)
_LAST_OPEN = 7
_WON, _LOST = STAGES[8], STAGES[9]

_HISTORY_DAYS = 3 * 365 + 60
#: those who have left sold until then
_LEFT_DAYS = 420
_AHEAD_DAYS = 185  # about two quarters
_SIZES = {"Platinum": 150_000, "Gold": 62_000, "Silver": 26_000, "Bronze": 11_000}  # dollars
_WIN_RATES = {"EMEA": 0.47, "AMER": 0.42, "APAC": 0.36}
_PRICE_LEVEL = {"EMEA": 1.0, "AMER": 1.15, "APAC": 0.85}

_deal_id, _history_id = ids("Opportunity"), ids("OpportunityHistory")
_MOST_HISTORY = 16  # Ids kept free per deal


@dataclass(frozen=True, slots=True)
class Line:
    """A line item, counted from 1; amounts in cents."""

    number: int
    price: Price
    quantity: int
    unit: int
    #: percent
    discount: int
    total: int


@dataclass(frozen=True, slots=True)
class Step:
    """A history row: how the deal stood from a moment on; amounts in cents."""

    id: str
    at: int
    stage: Stage
    probability: int
    amount: int | None
    close: int


@dataclass(frozen=True, slots=True)
class Deal:
    """What other records need to know of an opportunity, counted from 1."""

    number: int
    id: str
    index: int
    account: Account
    owner: Employee
    product_line: int
    lines: tuple[Line, ...]
    steps: tuple[Step, ...]
    #: price book, of the lines
    book: int

    @property
    def created(self) -> int:
        """When the deal was entered."""
        return self.steps[0].at

    @property
    def last(self) -> Step:
        """How the deal stands."""
        return self.steps[-1]

    @property
    def won(self) -> bool:
        """Whether the customer ordered."""
        return self.steps[-1].stage.won

    @property
    def name(self) -> str:
        """The opportunity's name, within its 120 characters."""
        tail = f" - {PRODUCT_LINES[self.product_line]} {moment(self.created).year}"
        return self.account.name[: 120 - len(tail)].rstrip() + tail


class Deals:
    """The deals of every account, made when asked for."""

    def __init__(self, world: World, accounts: Accounts) -> None:
        self._world = world
        self._accounts = accounts
        self.of = lru_cache(maxsize=64)(self._of)
        self.starts = lru_cache(maxsize=64)(self._starts)

    def _starts(self, account_number: int) -> tuple[int, ...]:
        """When each of the account's deals was entered."""
        account = self._accounts.of(account_number)
        clock = self._world.clock
        random = self._world.random(Draw.DEAL_STARTS, account_number)
        earliest = max(account.created // DAY + 1, clock.day - _HISTORY_DAYS)
        span = clock.day - 3 - earliest
        found = []
        for index in range(DEALS.count(account_number)):
            if index == 0 and account.converted:
                found.append(account.created)
            elif index == 0 and account.slot == 0:
                found.append(business_time(random, working_day(clock.day - 1000 + int(random.random() * 200))))
            else:
                day = earliest + int(span * random.random() ** 0.8)
                found.append(business_time(random, max(working_day(day), earliest)))
        return tuple(found)

    def _of(self, account_number: int) -> tuple[Deal, ...]:
        starts = self.starts(account_number)
        if not starts:
            return ()
        return tuple(self._deals(self._accounts.of(account_number), starts))

    def _deals(self, account: Account, starts: tuple[int, ...]) -> Iterator[Deal]:
        random = self._world.random(Draw.DEALS, account.number)
        pick = random.random
        first, first_line = DEALS.number(account.number, 0), LINES.number(account.number, 0)
        team = self._world.staff.reps[account.owner.team.name]
        left = self._world.clock.now - _LEFT_DAYS * DAY
        for index, created in enumerate(starts):
            owner = account.owner
            if pick() > 0.88 or not (owner.active or created < left):
                owner = team[int(pick() * len(team))]
            product_line = int(pick() * len(PRODUCT_LINES))
            book = PARTNER_BOOK if pick() < 0.2 else STANDARD_BOOK
            dollars = _SIZES[account.tier] * _PRICE_LEVEL[account.country.region] * random.lognormvariate(0, 0.55)
            count = lines_of(account.slot, index)
            lines = self._lines(random, account, product_line, book, dollars, first_line, count)
            first_line += count
            amount = sum(line.total for line in lines) if lines else rounded(dollars, account.currency)
            number = first + index
            steps = self._steps(random, account, owner, index, number, created, amount, history_of(account.slot, index))
            yield Deal(number, _deal_id(number), index, account, owner, product_line, lines, steps, book)

    def _lines(
        self, random: Random, account: Account, line: int, book: int, dollars: float, first: int, count: int
    ) -> tuple[Line, ...]:
        found = []
        pick = random.random
        offered = BY_LINE[line]
        for index in range(count):
            if index == 1 and pick() < 0.3:
                offered = BY_LINE[6]  # a service with the goods
            product = offered[int(pick() * len(offered))]
            entry = price(book, product, account.currency)
            quantity = max(1, round(dollars / count / product.dollars * (0.6 + pick() * 0.8)))
            discount = (0, 0, 0, 5, 5, 10, 10, 15, 20, 25)[int(pick() * 10)]
            unit = entry.cents if pick() < 0.85 else entry.cents * 9 // 10
            total = quantity * unit * (100 - discount) // 100
            found.append(Line(first + index, entry, quantity, unit, discount, total))
        return tuple(found)

    def _closing_day(self, random: Random, created: int, dollars_rank: int) -> int:
        """When the deal ends, or is expected to: often at the end of a month or quarter."""
        pick = random.random
        day = created // DAY + 14 + int(pick() * (70 + 35 * dollars_rank)) + int(-40 * (1 - pick()) ** 3 + 40)
        rush = pick()
        if rush < 0.6:
            end = quarter_end(day)
            if end - day < 60:
                day = end - int(pick() * 8)
        day = min(day, self._world.clock.day + _AHEAD_DAYS)
        return max(working_day(day), created // DAY + 5)

    def _steps(
        self,
        random: Random,
        account: Account,
        owner: Employee,
        index: int,
        number: int,
        created: int,
        amount: int,
        count: int,
    ) -> tuple[Step, ...]:
        pick = random.random
        clock = self._world.clock
        close = self._closing_day(random, created, account.slot < 4 and 3 or 1)
        reference = account.slot == 0 and index == 0  # every block has a deal that was won
        over = close <= clock.day - 2 and (reference or pick() < 0.965)
        if over:
            chance = _WIN_RATES[account.country.region] + owner.skill + 0.08 * (index > 0)
            final = _WON if reference or pick() < chance else _LOST
            end = business_time(random, close)
            top = _LAST_OPEN if final.won else 1 + int(pick() * _LAST_OPEN)
            path = [round(step * top / max(count - 2, 1)) for step in range(count - 1)]
            stages = [STAGES[step] for step in path] + [final]
        else:
            end = created + int((clock.now - created) * (0.3 + 0.7 * pick()))
            share = min((clock.day - created // DAY) / max(close - created // DAY, 1), 1.0)
            top = min(int(share * (_LAST_OPEN + 1) * (0.6 + 0.5 * pick())), _LAST_OPEN)
            stages = [STAGES[round(step * top / max(count - 1, 1))] for step in range(count)]
        moments = [
            created + int((end - created) * (step + (pick() - 0.5) * 0.7) / (count - 1)) if step else created
            for step in range(count - 1)
        ] + [end]
        amounts = self._amounts(random, account, amount, count)
        closes = self._closes(random, moments, stages, amounts, close)
        probability = stages[-1].probability
        if not over and pick() < 0.06:
            probability += 5 if pick() < 0.5 else -5
        first = (number - 1) * _MOST_HISTORY + 1
        found = [
            Step(_history_id(first + step), moments[step], stage, stage.probability, amounts[step], closes[step])
            for step, stage in enumerate(stages[:-1])
        ]
        last = count - 1
        found.append(Step(_history_id(first + last), end, stages[last], probability, amount, close))
        return tuple(found)

    def _amounts(self, random: Random, account: Account, amount: int, count: int) -> list[int | None]:
        """The amount at each step: a first guess, or none, until it is known."""
        pick = random.random
        known = int(pick() * count)
        guess: int | None = None
        if pick() < 0.6:
            guess = rounded(amount / 100 / float(account.currency.rate) * (0.6 + 0.9 * pick()), account.currency)
        return [guess if step < known else amount for step in range(count)]

    def _closes(
        self, random: Random, moments: list[int], stages: list[Stage], amounts: list[int | None], close: int
    ) -> list[int]:
        """The close date at each step, which slips; a step that changes nothing else changes it."""
        pick = random.random
        found = [close] * len(moments)
        for step in range(len(moments) - 2, -1, -1):
            following = found[step + 1]
            same = stages[step] is stages[step + 1] and amounts[step] == amounts[step + 1]
            if same or pick() < 0.25:
                slip = 7 + int(pick() * 35)
                earlier = following - slip
                found[step] = earlier if earlier > moments[step] // DAY else following + slip
            else:
                found[step] = following
        return found
