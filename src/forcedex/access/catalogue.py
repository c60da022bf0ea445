"""Which objects follow another one, and which are open to every user: what no permission row says.

Source: Object Reference (each object's "Special Access Rules"), and "Sharing Considerations".
"""

from collections.abc import Mapping
from dataclasses import dataclass

from forcedex.domain.schema import SObject

#: Read with the permission for another object.
FOLLOWS = {
    "OpportunityLineItem": "Opportunity",
    "OpportunityContactRole": "Opportunity",
    "OpportunityTeamMember": "Opportunity",
    "OpportunitySplit": "Opportunity",
    "AccountTeamMember": "Account",
    "AccountContactRelation": "Account",
    "CaseComment": "Case",
    "CaseMilestone": "Case",
    "EmailMessage": "Case",
    "CaseTeamMember": "Case",
    "CampaignMember": "Campaign",
    "CampaignMemberStatus": "Campaign",
    "OrderItem": "Order",
    "QuoteLineItem": "Quote",
    "ContractContactRole": "Contract",
    "PricebookEntry": "Pricebook2",
}
#: Details of standard objects: their master's reference field. A custom master-detail names its own.
MASTERS = {
    "OpportunityLineItem": "OpportunityId",
    "OpportunityHistory": "OpportunityId",
    "OpportunityFieldHistory": "OpportunityId",
    "OpportunityContactRole": "OpportunityId",
    "OpportunityTeamMember": "OpportunityId",
    "OpportunitySplit": "OpportunityId",
    "AccountHistory": "AccountId",
    "AccountTeamMember": "AccountId",
    "AccountContactRelation": "AccountId",
    "ContactHistory": "ContactId",
    "LeadHistory": "LeadId",
    "CaseComment": "ParentId",
    "CaseMilestone": "CaseId",
    "EmailMessage": "ParentId",
    "CaseHistory": "CaseId",
    "CaseTeamMember": "ParentId",
    "CampaignMember": "CampaignId",
    "CampaignMemberStatus": "CampaignId",
    "OrderItem": "OrderId",
    "QuoteLineItem": "QuoteId",
    "Quote": "OpportunityId",
    "ContractContactRole": "ContractId",
    "PricebookEntry": "Pricebook2Id",
    "Contact": "AccountId",
    "Order": "AccountId",
    "Asset": "AccountId",
}
#: Visible to every user inside the company, whole: set-up that labels and lists come from.
OPEN = frozenset(
    {
        *("User", "UserRole", "Group", "Profile", "RecordType", "Organization", "BusinessHours", "Holiday"),
        *("OpportunityStage", "CaseStatus", "LeadStatus", "TaskStatus", "TaskPriority", "CurrencyType"),
        *("DatedConversionRate", "FiscalYearSettings", "Period", "PartnerRole", "SolutionStatus", "ContractStatus"),
        *("OrderStatus", "ProcessDefinition", "Name", "MilestoneType"),
    }
)
#: Whose they are, a user, by field: read with the forecasting permissions, which View All Data does not replace.
#: Source: Object Reference, ForecastingQuota ("Special Access Rules": View All Forecasts or Allow Forecasting; forecast
#: managers view those below them) and ForecastingItem.
FORECASTS = {"ForecastingQuota": "QuotaOwnerId", "ForecastingItem": "OwnerId"}
#: These, and what they are about, which everybody with those permissions sees whole.
FORECASTING = frozenset({*FORECASTS, "ForecastingType"})
#: Activities: no object permission; seen by the owner, those above him, and whoever may read what they are about.
ACTIVITIES = frozenset({"Task", "Event"})
#: The references by which an activity hangs on other records.
ABOUT = ("WhatId", "WhoId")
#: Children of an account that its shares and its owner's role can open: implicit sharing.
CHILDREN_OF_ACCOUNT = {"Contact": "AccountId", "Opportunity": "AccountId", "Case": "AccountId"}


def is_history(sobject: str) -> bool:
    """Whether an object keeps old values of another one's fields, which field-level security may hide."""
    return sobject.endswith("History")


def master_field(sobject: SObject) -> str | None:
    """The reference to the record that a detail hangs on; None: it hangs on none."""
    known = MASTERS.get(sobject.name)
    if known is not None:
        return known if known in sobject.by_name else None
    return next((each.name for each in sobject.fields if each.relationship_order == 0), None)


@dataclass(frozen=True, slots=True)
class Privacy:
    """What makes a single record its owner's, whatever defaults, shares and parents say."""

    #: The field that tells, and its value then.
    field: str
    value: str
    #: Whether those above the owner may read it, too.
    above: bool

    def holds(self, values: Mapping[str, str]) -> bool:
        """Whether a record with these values is private: also if the field is not among them."""
        return values.get(self.field, self.value) == self.value


#: Source: Salesforce Help, "Organization-Wide Default Access Settings" (contacts without an account), "Opportunity
#: Fields" and "Event Fields" (Private); those with View All see them all the same.
PRIVATE = {
    "Contact": Privacy("AccountId", "", above=False),
    "Opportunity": Privacy("IsPrivate", "true", above=True),
    "Event": Privacy("IsPrivate", "true", above=False),
}


def may_be_private(sobject: str) -> bool:
    """Whether some records of an object that is open to all may be private, or hang on a private one.

    A custom object may be a detail of any other.
    """
    return sobject in PRIVATE or FOLLOWS.get(sobject) in PRIVATE or sobject.endswith("__c")


#: Sharing models under which everybody who may read the object reads every record.
PUBLIC = frozenset({"Read", "ReadWrite", "ReadWriteTransfer", "FullAccess", "ReadSelect"})
BY_PARENT = frozenset({"ControlledByParent", "ControlledByCampaign"})
