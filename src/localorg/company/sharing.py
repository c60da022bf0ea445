"""Who sees what in the demo company beside owners and their managers: defaults, sharing rules, hidden fields, logins.

Accounts, deals, cases, invoices and costs are private; leads and campaigns everybody reads. The salespeople of a region
read all its accounts, service reads them with their deals (not what they are worth) and works on all their cases.
"""

from dataclasses import dataclass, field

from localorg.company.numbering import ids
from localorg.company.staff import REGIONS
from localorg.company.tables.users import DEAL_DESK, SALES_GROUPS, SERVICE_GROUPS

_group_id = ids("Group")

#: Custom objects whose records only their owners see, and those above them.
PRIVATE = frozenset({"Invoice__c", "Sales_Cost__c"})
#: Of these not even those above.
WITHOUT_HIERARCHIES = ("Sales_Cost__c",)
_WORTH = (
    *("Opportunity.Amount", "Opportunity.ExpectedRevenue", "Opportunity.Weighted_Amount__c"),
    *("OpportunityLineItem.TotalPrice", "OpportunityLineItem.UnitPrice", "OpportunityLineItem.ListPrice"),
    *("OpportunityLineItem.Subtotal", "OpportunityLineItem.Discount", "Campaign.AmountAllOpportunities"),
)
#: Fields that a profile does not open.
CLOSED_FIELDS = {
    "Service User": frozenset({*_WORTH, "Account.AnnualRevenue", "Account.Revenue_per_Employee__c"}),
    "Standard User": frozenset({"Contact.MobilePhone", "Sales_Cost__c.Amount__c"}),
}


@dataclass(frozen=True, kw_only=True)
class Rule:
    """A sharing rule."""

    name: str
    object: str
    criteria: str
    #: Id of a group.
    shared_with: str
    access: str = "Read"
    children: dict[str, str] = field(default_factory=dict)


def rules() -> tuple[Rule, ...]:
    """The sharing rules."""
    found = []
    for region in REGIONS:
        sales, service = _group_id(SALES_GROUPS[region]), _group_id(SERVICE_GROUPS[region])
        where = f"Region__c = '{region}'"
        read = {"Contact": "Read"}
        helped = {"Opportunity": "Read", "Case": "Edit", "Contact": "Read"}
        found += [
            Rule(name=f"Accounts_{region}", object="Account", criteria=where, shared_with=sales, children=read),
            Rule(name=f"Service_{region}", object="Account", criteria=where, shared_with=service, children=helped),
            Rule(name=f"Leads_{region}", object="Lead", criteria=where, shared_with=sales, access="Edit"),
        ]
    large = Rule(name="Large_Deals", object="Opportunity", criteria="Amount > 250000", shared_with=_group_id(DEAL_DESK))
    return (*found, large)


@dataclass(frozen=True, kw_only=True)
class Persona:
    """Somebody to log in as."""

    key: str
    username: str
    #: What he sees, in one sentence.
    sees: str
    frozen: bool = False


def _person(key: str, latin: str, sees: str, *, frozen: bool = False) -> Persona:
    return Persona(key=key, username=f"{latin}@tarnholt.example", sees=sees, frozen=frozen)


PERSONAS = (
    _person("administrator", "admin", "Everything, and Setup."),
    _person("sales_vp", "henrik.falkner", "All of sales in EMEA, below him in the roles; costs by a permission set."),
    _person(
        "sales_manager", "joerg.suessmann", "What sales in Germany, Austria and Switzerland owns, and EMEA's accounts."
    ),
    _person("sales_rep", "jonas.weidner", "His own deals and accounts, and EMEA's accounts to read."),
    _person("service_agent", "nele.vollmer", "EMEA's accounts, cases and deals, without revenues, amounts and prices."),
    _person("marketing", "clara.ortega", "Leads and campaigns; no private accounts, deals or costs, no mobile phones."),
    _person("inactive", "detlef.grossmann", "Nothing: he has left."),
    _person("frozen", "dario.montenegro", "Nothing while he is frozen; what he owns stays.", frozen=True),
)
