"""Share rows: who may see a record besides those above its owner in the role tree.

Every record is shared with its owner. All accounts of a region are readable by the sales group of the region, so
that whoever owns a deal there sees its account, and by its service group, with their cases. These are the rows of the
rules in `localorg.company.sharing`; the org adds what else follows (other rules, implicit sharing) when it is made.
"""

from collections.abc import Iterator

from localorg.company.clock import moment
from localorg.company.numbering import ids
from localorg.company.plan import BLOCK
from localorg.company.records import Records
from localorg.company.table import Row, Sheet, sheet
from localorg.company.tables.users import SALES_GROUPS, SERVICE_GROUPS

_group_id = ids("Group")
_ACCOUNT_SHARES = BLOCK * 3  # in a block


def sheets(records: Records) -> Iterator[Sheet]:
    """Shares of accounts, opportunities, leads and cases; contacts are controlled by their account."""
    plan = records.plan
    accounts = range(plan.accounts)
    admin = records.world.staff.admin.id

    def account_rows() -> Iterator[Row]:
        share_id, number = ids("AccountShare"), 0
        for place in accounts:
            account = records.accounts.of(place)
            region, at = account.country.region, moment(account.created)
            given = [
                (account.owner.id, "All", "Edit", "Read", "Edit", "Owner"),
                (_group_id(SALES_GROUPS[region]), "Read", "None", "None", "Read", "Rule"),
                (_group_id(SERVICE_GROUPS[region]), "Read", "Read", "Edit", "Read", "Rule"),
            ]
            for share in given:
                number += 1
                yield share_id(number), account.id, *share, at, admin

    def deal_rows() -> Iterator[Row]:
        share_id = ids("OpportunityShare")
        for place in accounts:
            for deal in records.deals.of(place):
                yield share_id(deal.number), deal.id, deal.owner.id, "All", "Owner", moment(deal.created), admin

    def lead_rows() -> Iterator[Row]:
        share_id = ids("LeadShare")
        for number in range(1, plan.leads + 1):
            lead = records.leads.of(number)
            yield share_id(number), lead.id, lead.owner_id, "All", "Owner", moment(lead.created), admin

    def case_rows() -> Iterator[Row]:
        share_id = ids("CaseShare")
        for place in accounts:
            for case in records.cases.of(place):
                yield share_id(case.number), case.id, case.owner_id, "All", "Owner", moment(case.created), admin

    tail = "UserOrGroupId {}AccessLevel RowCause LastModifiedDate LastModifiedById"
    yield sheet(
        "AccountShare",
        "Id AccountId UserOrGroupId AccountAccessLevel OpportunityAccessLevel CaseAccessLevel ContactAccessLevel"
        " RowCause LastModifiedDate LastModifiedById",
        account_rows,
        plan.blocks * _ACCOUNT_SHARES,
        IsDeleted=False,
    )
    for name, rows, count in (
        ("Opportunity", deal_rows, plan.deals),
        ("Lead", lead_rows, plan.leads),
        ("Case", case_rows, plan.cases),
    ):
        yield sheet(f"{name}Share", f"Id {name}Id {tail.format(name)}", rows, count, IsDeleted=False)
