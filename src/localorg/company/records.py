"""All records of a demo company, reached from one another."""

from dataclasses import dataclass
from datetime import date

from localorg.company.accounts import Accounts
from localorg.company.activities import Activities
from localorg.company.campaigns import Campaigns
from localorg.company.cases import Cases
from localorg.company.contacts import Contacts
from localorg.company.deals import Deals
from localorg.company.handling import Handlings
from localorg.company.leads import Leads
from localorg.company.plan import Plan
from localorg.company.world import World


@dataclass(frozen=True)
class Records:
    """Where the facts of every kind of record come from."""

    world: World
    accounts: Accounts
    contacts: Contacts
    deals: Deals
    cases: Cases
    handlings: Handlings
    activities: Activities
    leads: Leads
    campaigns: Campaigns

    @classmethod
    def of(cls, seed: int, factor: float, today: date) -> "Records":
        """The records for these settings."""
        world = World.of(seed, factor, today)
        accounts = Accounts(world)
        contacts = Contacts(world, accounts)
        deals = Deals(world, accounts)
        cases = Cases(world, accounts, contacts)
        activities = Activities(world, accounts, contacts, deals, cases)
        leads = Leads(world, accounts, contacts)
        return cls(world, accounts, contacts, deals, cases, Handlings(world), activities, leads, Campaigns(world))

    @property
    def plan(self) -> Plan:
        """How many records there are."""
        return self.world.plan
