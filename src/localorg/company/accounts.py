"""Accounts: who the customers are."""

from dataclasses import dataclass
from functools import lru_cache

from localorg.company.clock import DAY, business_time, working_day
from localorg.company.countries import country_of
from localorg.company.firms import DOMAIN, Firm, firm, respelled
from localorg.company.money import Currency
from localorg.company.numbering import ids
from localorg.company.oddities import FIRMS, once
from localorg.company.places import Address, City, Country, address
from localorg.company.plan import BLOCK, CONVERTED
from localorg.company.staff import Employee
from localorg.company.words import Language
from localorg.company.world import Draw, World

TIERS = ("Platinum",) + ("Gold",) * 3 + ("Silver",) * 6 + ("Bronze",) * 10
#: accounts of a block that belong to the block's first account
_SUBSIDIARIES = (5, 11)
#: in every seventh block this account is a second record of the same firm as the other
_COPY, _ORIGINAL, _COPIED_BLOCKS = 13, 3, 7

INDUSTRIES = (
    ("Manufacturing",) * 6
    + ("Machinery", "Food & Beverage", "Electronics", "Chemicals") * 3
    + ("Engineering", "Energy", "Utilities", "Biotechnology", "Transportation", "Technology") * 2
    + ("Construction", "Healthcare", "Apparel", "Shipping", "Agriculture", "Environmental", "Government", "Retail")
)

#: the other accounts of a team still belong to somebody who has left
_LEFT_BEHIND = 0.92

_account_id = ids("Account")


@dataclass(frozen=True, slots=True)
class Account:
    """What other records need to know of an account, counted from 0."""

    number: int
    id: str
    slot: int
    name: str
    stem: str
    domain: str
    country: Country
    city: City
    language: Language
    billing: Address
    owner: Employee
    tier: str
    industry: str
    created: int
    parent: int | None

    @property
    def currency(self) -> Currency:
        """What the customer pays in."""
        return self.country.currency

    @property
    def converted(self) -> bool:
        """Whether the account came from a lead."""
        return self.slot in CONVERTED


class Accounts:
    """All accounts, made when asked for."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.of = lru_cache(maxsize=256)(self._of)

    def original(self, number: int) -> int | None:
        """The account of which this one is an unwanted second record."""
        block, slot = divmod(number, BLOCK)
        return number - _COPY + _ORIGINAL if slot == _COPY and block % _COPIED_BLOCKS == 3 else None

    def _of(self, number: int) -> Account:
        world = self._world
        random = world.random(Draw.ACCOUNT, number)
        pick = random.random
        slot = number % BLOCK
        country = country_of(number, world.seed)
        language = country.languages[int(pick() * len(country.languages))]
        city = country.cities[int(pick() * len(country.cities))]
        found = firm(random, language, country, city)
        billing = address(random, country, city)
        parent: int | None = None
        earliest = world.clock.start // DAY + 30
        original = self.original(number)
        if original is not None:
            other = self.of(original)
            country, language, city, billing = other.country, other.language, other.city, other.billing
            form = next((form for form in country.forms if form in other.name), country.forms[0])
            found = Firm(respelled(random, other.name, form), other.stem, other.domain)
            earliest = other.created // DAY
        elif slot in _SUBSIDIARIES:
            parent = number - slot
            other = self.of(parent)
            earliest = other.created // DAY
            if not (language.family_first or other.language.family_first):
                form = country.forms[int(pick() * len(country.forms))]
                found = Firm(f"{other.stem} {country.name} {form}", other.stem, other.domain)
        if (odd := once(FIRMS, number, world.plan.accounts)) is not None:
            found = Firm(odd[:255], odd[:40], f"odd-{number}{DOMAIN}")
        return Account(
            number,
            _account_id(number + 1),
            slot,
            found.name,
            found.stem,
            found.domain,
            country,
            city,
            language,
            billing,
            self._owner(pick(), country, city),
            TIERS[slot],
            INDUSTRIES[int(pick() * len(INDUSTRIES))],
            business_time(random, self._first_day(slot, earliest, pick())),
            parent,
        )

    def _owner(self, draw: float, country: Country, city: City) -> Employee:
        team = "US West" if country.team == "US East" and city.longitude < -100 else country.team
        reps, former = self._world.staff.reps[team], self._world.staff.former[team]
        if former and draw > _LEFT_BEHIND:
            return former[0]
        # the last of a team have fewer accounts: they are new
        return reps[int(draw**1.15 * len(reps))]

    def _first_day(self, slot: int, earliest: int, draw: float) -> int:
        today = self._world.clock.day
        latest = today - 12
        if slot == 0:
            latest = today - 1150  # large customers are old ones
        elif slot in CONVERTED:
            earliest = max(earliest, today - 1000)
        return working_day(earliest + int(draw * max(latest - earliest, 0)))
