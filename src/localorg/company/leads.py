"""Leads: who has asked, and who became a customer."""

from dataclasses import dataclass
from functools import lru_cache

from localorg.company.accounts import INDUSTRIES, Accounts
from localorg.company.cases import LEAD_QUEUES
from localorg.company.clock import DAY, business_time, working_day
from localorg.company.contacts import Contacts
from localorg.company.countries import country_of
from localorg.company.firms import firm
from localorg.company.money import Currency
from localorg.company.numbering import ids
from localorg.company.people import Person, email, person
from localorg.company.phones import mobile, phone
from localorg.company.places import Address, Country, address
from localorg.company.plan import BLOCK, CONVERTED, DEALS, LEADS
from localorg.company.words import Language
from localorg.company.world import Draw, World

OPEN, WORKING, CONVERTED_STATUS, LOST = (
    "Open - Not Contacted",
    "Working - Contacted",
    "Closed - Converted",
    "Closed - Not Converted",
)
STATUSES = (OPEN, WORKING, CONVERTED_STATUS, LOST)
_HISTORY_DAYS = 2 * 365

_lead_id, _deal_id = ids("Lead"), ids("Opportunity")
_group_id = ids("Group")


@dataclass(frozen=True, slots=True)
class Conversion:
    """What a converted lead has become."""

    account_id: str
    contact_id: str
    deal_id: str
    at: int


@dataclass(frozen=True, slots=True)
class Lead:
    """A lead, counted from 1."""

    number: int
    id: str
    person: Person
    company: str
    domain: str
    title: str
    country: Country
    language: Language
    address: Address
    industry: str
    email: str | None
    phone: str | None
    mobile: str | None
    status: str
    #: a user or a queue
    owner_id: str
    created: int
    conversion: Conversion | None

    @property
    def currency(self) -> Currency:
        """The currency of the lead's country."""
        return self.country.currency


def is_converted(number: int) -> bool:
    """Whether a lead has become a customer; known without making it."""
    return (number - 1) % LEADS < len(CONVERTED)


class Leads:
    """All leads, made when asked for."""

    def __init__(self, world: World, accounts: Accounts, contacts: Contacts) -> None:
        self._world = world
        self._accounts = accounts
        self._contacts = contacts
        self.of = lru_cache(maxsize=64)(self._of)

    def _of(self, number: int) -> Lead:
        return self._converted(number) if is_converted(number) else self._open(number)

    def _converted(self, number: int) -> Lead:
        block, place = divmod(number - 1, LEADS)
        account = self._accounts.of(block * BLOCK + CONVERTED[place])
        contact = self._contacts.of(account.number)[0]
        random = self._world.random(Draw.LEAD, number)
        return Lead(
            number,
            _lead_id(number),
            contact.person,
            account.name,
            account.domain,
            contact.title,
            account.country,
            account.language,
            account.billing,
            account.industry,
            contact.email,
            contact.phone,
            contact.mobile,
            CONVERTED_STATUS,
            account.owner.id,
            business_time(random, account.created // DAY - 3 - int(random.random() * 60)),
            Conversion(
                account.id,
                contact.id,
                _deal_id(DEALS.number(account.number, 0)),
                account.created,
            ),
        )

    def _open(self, number: int) -> Lead:
        world = self._world
        random = world.random(Draw.LEAD, number)
        pick = random.random
        country = country_of(number * 3 + 1, world.seed)
        language = country.languages[int(pick() * len(country.languages))]
        city = country.cities[int(pick() * len(country.cities))]
        found = firm(random, language, country, city)
        someone = person(random, language)
        age = int(pick() ** 1.6 * _HISTORY_DAYS) + 2
        created = business_time(random, working_day(world.clock.day - age))
        draw = pick()
        if age < 10:
            status = OPEN if draw < 0.7 else WORKING
        else:
            status = LOST if draw < 0.55 else WORKING if draw < 0.85 else OPEN
        title = language.titles[int(pick() * len(language.titles))]
        reps = world.staff.reps[country.team]
        owner = reps[int(pick() * len(reps))].id
        if status == OPEN and pick() < 0.6:
            owner = _group_id(LEAD_QUEUES[country.region])
        return Lead(
            number,
            _lead_id(number),
            someone,
            found.name,
            found.domain,
            title.woman if someone.woman else title.man,
            country,
            language,
            address(random, country, city),
            INDUSTRIES[int(pick() * len(INDUSTRIES))],
            email(random, someone, found.domain) if pick() < 0.93 else None,
            phone(random, country, city) if pick() < 0.75 else None,
            mobile(random, country) if pick() < 0.3 else None,
            status,
            owner,
            created,
            None,
        )
