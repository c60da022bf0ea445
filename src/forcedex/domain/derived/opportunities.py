"""What is derived from an opportunity: the deal as reports count it, its versions, and what was sold."""

from forcedex.domain.derived.deal_fields import LINE, PRODUCT, ROLE
from forcedex.domain.derived.deal_lines import LINES, deal_lines
from forcedex.domain.derived.deal_versions import VERSIONS, deal_versions
from forcedex.domain.derived.deals import DEALS, deal
from forcedex.domain.derived.history import FIELD_HISTORY, HISTORY, versions
from forcedex.domain.derived.kinds import DerivedDocument, Family, LookedUp, Member, Root, Setting, without_nulls


def derived(root: Root, setting: Setting) -> list[DerivedDocument]:
    """The deal, its versions and its lines."""
    record_id = str(root.record["Id"])
    history = versions(root.record, root.members)
    made = [(DEALS.name, record_id, deal(root, history, setting))]
    for number, values in enumerate(deal_versions(root.record, history, setting)):
        made.append((VERSIONS.name, f"{record_id}-{number}", values))
    made += [(LINES.name, key, values) for key, values in deal_lines(root, setting)]
    return [DerivedDocument(kind=kind, id=key, values=without_nulls(values)) for kind, key, values in made]


FAMILY = Family(
    of="Opportunity",
    members=(
        Member(
            object=HISTORY,
            reference="OpportunityId",
            columns=(
                *("Id", "CreatedDate", "StageName", "Amount", "CloseDate", "ForecastCategory"),
                *("PrevAmount", "PrevCloseDate"),
            ),
        ),
        Member(
            object=FIELD_HISTORY,
            reference="OpportunityId",
            columns=("Id", "CreatedDate", "Field", "OldValue", "NewValue"),
        ),
        Member(object=ROLE, reference="OpportunityId", columns=("ContactId",)),
        Member(
            object=LINE,
            reference="OpportunityId",
            columns=("Product2Id", "ProductCode", "Quantity", "TotalPrice", "ListPrice"),
            looks_up=(LookedUp(object=PRODUCT, reference="Product2Id", columns=("Name", "Family")),),
        ),
    ),
    kinds=(DEALS, VERSIONS, LINES),
    derive=derived,
    together="AccountId",
    peer_columns=("Id", "AccountId", "IsWon", "CloseDate"),
    set_up_by=frozenset({"OpportunityStage"}),
)
