"""The tables of the demo company, parents before children."""

from collections.abc import Iterator

from localorg.company.records import Records
from localorg.company.table import Sheet
from localorg.company.tables import (
    accounts,
    activities,
    campaigns,
    cases,
    catalogue,
    contacts,
    costs,
    invoices,
    leads,
    opportunities,
    permissions,
    setup,
    shares,
    users,
)

_PARTS = (
    setup.sheets,
    permissions.sheets,
    users.sheets,
    catalogue.sheets,
    campaigns.sheets,
    accounts.sheets,
    contacts.sheets,
    opportunities.sheets,
    leads.sheets,
    campaigns.member_sheets,
    cases.sheets,
    invoices.sheets,
    costs.sheets,
    activities.sheets,
    shares.sheets,
)


def sheets(records: Records) -> Iterator[Sheet]:
    """All sheets."""
    for part in _PARTS:
        yield from part(records)
