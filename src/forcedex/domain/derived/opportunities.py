"""What is derived from an opportunity: the deal as reports count it, its versions, and what was sold; and, of all of
them together, the pipeline of each day.
"""

from collections.abc import Mapping
from types import MappingProxyType

from forcedex.domain.derived.deal_days import TALLY
from forcedex.domain.derived.deal_fields import LINE, PRODUCT, ROLE
from forcedex.domain.derived.deal_lines import LINES, deal_lines
from forcedex.domain.derived.deal_versions import VERSIONS, deal_versions, watched
from forcedex.domain.derived.deals import DEALS, deal
from forcedex.domain.derived.history import FIELD_HISTORY, HISTORY, versions
from forcedex.domain.derived.kinds import DerivedDocument, Family, LookedUp, Member, Root, Setting, without_nulls


def derived(root: Root, setting: Setting) -> list[DerivedDocument]:
    """The deal, its versions and its lines."""
    record_id = str(root.record["Id"])
    history = versions(root.record, root.members, root.observed)
    found = [_made(DEALS.name, record_id, deal(root, history, setting))]
    for number, version in enumerate(deal_versions(root.record, history, setting)):
        found.append(_made(VERSIONS.name, f"{record_id}-{number}", version.values, version.columns))
    return [*found, *(_made(LINES.name, key, values) for key, values in deal_lines(root, setting))]


def _made(
    kind: str, key: str, values: Mapping[str, object], columns: Mapping[str, object] = MappingProxyType({})
) -> DerivedDocument:
    return DerivedDocument(kind=kind, id=key, values=without_nulls(values), columns=columns)


FAMILY = Family(
    of="Opportunity",
    members=(
        Member(
            object=HISTORY,
            reference="OpportunityId",
            columns=(
                *("Id", "CreatedDate", "StageName", "Amount", "CloseDate", "ForecastCategory"),
                *("PrevAmount", "PrevCloseDate", "Probability"),
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
    watched=watched,
    tally=TALLY,
)
