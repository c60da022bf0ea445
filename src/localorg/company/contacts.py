"""Contacts: the people who work for the customers."""

from dataclasses import dataclass
from functools import lru_cache
from random import Random

from localorg.company.accounts import Account, Accounts
from localorg.company.clock import DAY
from localorg.company.numbering import ids
from localorg.company.oddities import NAMES, once
from localorg.company.people import Person, email, full_name, person
from localorg.company.phones import mobile, phone
from localorg.company.plan import CONTACTS
from localorg.company.words import latin
from localorg.company.world import Draw, World

_contact_id = ids("Contact")


@dataclass(frozen=True, slots=True)
class Contact:
    """What other records need to know of a contact, counted from 1."""

    number: int
    id: str
    account: Account
    person: Person
    title: str
    department: str
    email: str | None
    phone: str | None
    mobile: str | None
    created: int


class Contacts:
    """The contacts of every account, made when asked for."""

    def __init__(self, world: World, accounts: Accounts) -> None:
        self._world = world
        self._accounts = accounts
        self.of = lru_cache(maxsize=64)(self._of)

    def numbered(self, number: int) -> Contact:
        """One contact."""
        account, index = CONTACTS.place(number)
        return self.of(account)[index]

    def _of(self, account_number: int) -> tuple[Contact, ...]:
        account = self._accounts.of(account_number)
        random = self._world.random(Draw.CONTACTS, account_number)
        first = CONTACTS.number(account_number, 0)
        found: list[Contact] = []
        for index in range(CONTACTS.count(account_number)):
            found.append(self._contact(random, account, first + index, found))
        return tuple(found)

    def _contact(self, random: Random, account: Account, number: int, colleagues: list[Contact]) -> Contact:
        pick = random.random
        someone = self._person(random, account, number, colleagues)
        titles = account.language.titles
        title = titles[int(pick() * len(titles))]
        domain = account.domain
        if pick() < 0.03:
            domain = "mail." + domain
        now, created = self._world.clock.now, account.created
        if colleagues or not account.converted:
            span = min(now - DAY - created, 730 * DAY)
            created += int(span * pick() ** 2)
        return Contact(
            number,
            _contact_id(number),
            account,
            someone,
            title.woman if someone.woman else title.man,
            title.department,
            email(random, someone, domain) if pick() < 0.96 else None,
            phone(random, account.country, account.city) if pick() < 0.9 else None,
            mobile(random, account.country) if pick() < 0.45 else None,
            created,
        )

    def _person(self, random: Random, account: Account, number: int, colleagues: list[Contact]) -> Person:
        odd = once(NAMES, number, self._world.plan.contacts)
        if odd is not None:
            first, last = odd
            name = full_name(first, last, family_first=False)[:121]
            return Person(first, last, name, None, latin(first or ""), latin(last)[:30], True)
        someone = person(random, account.language)
        if len(colleagues) < 2 or random.random() > 0.06:
            return someone
        # the same person once more, typed by somebody else
        other = colleagues[0].person
        kind = int(random.random() * 4)
        first, last = other.first or "", other.last
        if kind == 0:
            first, last = first.upper(), last.upper()
        elif kind == 1 and other.latin_last:
            first, last = other.latin_first.capitalize() or first, other.latin_last.capitalize()
        elif kind == 2 and len(first) > 1 and first.isascii():
            first = first[0] + "."
        name = full_name(first, last, account.language.family_first)
        return Person(first or None, last, name, other.salutation, other.latin_first, other.latin_last, other.woman)
