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
    field_history,
    forecasts,
    influences,
    invoices,
    leads,
    opportunities,
    permissions,
    service,
    setup,
    shares,
    users,
)

_PARTS = (
    setup.sheets,
    permissions.sheets,
    users.sheets,
    service.calendar_sheets,
    catalogue.sheets,
    campaigns.sheets,
    accounts.sheets,
    contacts.sheets,
    opportunities.sheets,
    field_history.sheets,
    forecasts.sheets,
    influences.sheets,
    leads.sheets,
    campaigns.member_sheets,
    cases.sheets,
    service.sheets,
    invoices.sheets,
    costs.sheets,
    activities.sheets,
    shares.sheets,
)


def sheets(records: Records) -> Iterator[Sheet]:
    """All sheets."""
    for part in _PARTS:
        yield from part(records)
