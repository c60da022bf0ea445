"""How access to an object's records is decided: by its own shares, its parents, owner and parent, or not at all.

Source: Object Reference, the pages of the share objects ("StandardObjectNameShare"); Salesforce Help,
"Organization-Wide Sharing Defaults", "Control Who Can View Records: Master-Detail".
"""

from dataclasses import dataclass

from localorg.schema import Schema, SObjectDef
from localorg.schema.shares import share_name

#: Standard objects with owners and shares.
_SHARED = ("Account", "Contact", "Opportunity", "Case", "Lead", "Campaign")
#: Objects whose access follows their account's owner and shares.
ACCOUNT_CHILDREN = ("Opportunity", "Case", "Contact")
#: Objects that belong to a record and have no access of their own: the fields that name it.
_PART_OF = {
    "OpportunityLineItem": ("OpportunityId",),
    "OpportunityHistory": ("OpportunityId",),
    "OpportunityFieldHistory": ("OpportunityId",),
    "OpportunityContactRole": ("OpportunityId",),
    "OpportunityTeamMember": ("OpportunityId",),
    "AccountTeamMember": ("AccountId",),
    "CaseComment": ("ParentId",),
    "CaseHistory": ("CaseId",),
    "CaseMilestone": ("CaseId",),
    "CaseTeamMember": ("ParentId",),
    "CampaignMember": ("CampaignId",),
    "CampaignMemberStatus": ("CampaignId",),
    "CampaignInfluence": ("OpportunityId", "CampaignId"),
}
ACTIVITIES = ("Task", "Event")
#: Forecasting objects: the field that names the user whose they are. Who he is decides, and forecasting permissions.
FORECASTS = {"ForecastingQuota": "QuotaOwnerId", "ForecastingItem": "OwnerId"}
#: Histories of fields: the object whose field-level security hides rows.
FIELD_HISTORIES = {"OpportunityFieldHistory": "Opportunity", "CaseHistory": "Case"}


@dataclass(frozen=True, kw_only=True)
class Shared:
    """An object whose records are shared one by one."""

    #: Such as Account.
    object: str
    #: Its share object, such as AccountShare.
    share: str
    #: In a share row: the field that names the record.
    parent: str
    #: In a share row: the field with the access level.
    level: str

    @property
    def levels(self) -> tuple[str, ...]:
        """The fields with access levels; shares of accounts also open their children."""
        return (self.level, *(f"{child}AccessLevel" for child in ACCOUNT_CHILDREN if self.object == "Account"))


def shared(schema: Schema, name: str) -> Shared | None:
    """An object with shares; None: it has none of its own."""
    share = share_name(name)
    if name in _SHARED:
        return Shared(object=name, share=share, parent=f"{name}Id", level=f"{name}AccessLevel")
    if name.endswith("__c") and share in schema.objects and name in schema.objects:
        return Shared(object=name, share=share, parent="ParentId", level="AccessLevel")
    return None


def all_shared(schema: Schema) -> tuple[Shared, ...]:
    """All objects with shares, children of accounts before accounts."""
    found = [one for name in schema.objects if (one := shared(schema, name)) is not None]
    return tuple(sorted(found, key=lambda one: (one.object == "Account", one.object)))


def shared_by(schema: Schema, share: str) -> Shared | None:
    """The object that a share object belongs to."""
    name = share.removesuffix("Share")
    return shared(schema, f"{name}c" if name.endswith("__") else name) if name != share else None


def masters(schema: Schema, sobject: SObjectDef) -> tuple[tuple[str, str], ...]:
    """Field and object of the records that a record is part of; all of them decide about it."""
    owner = shared_by(schema, sobject.name)
    if owner is not None:
        return ((owner.parent, owner.object),)
    if sobject.name in _PART_OF:
        fields = filter(None, map(sobject.field, _PART_OF[sobject.name]))
        return tuple((field.name, field.reference_to[0]) for field in fields)
    return tuple((field.name, field.reference_to[0]) for field in sobject.fields if field.master_detail)
