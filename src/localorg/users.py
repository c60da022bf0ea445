"""Users as the org sees them: who he is, what he may read, how he sees time."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from localorg.setup import PERMISSION_OBJECTS
from localorg.store import Store
from localorg.store.store import Row
from localorg.store.values import unscaled

#: Objects that are read with the permission for another one.
_FOLLOWS = {
    "OpportunityLineItem": "Opportunity",
    "OpportunityHistory": "Opportunity",
    "OpportunityFieldHistory": "Opportunity",
    "OpportunityContactRole": "Opportunity",
    "OpportunityShare": "Opportunity",
    "AccountShare": "Account",
    "ContactShare": "Contact",
    "LeadShare": "Lead",
    "CaseShare": "Case",
    "CaseComment": "Case",
    "CaseHistory": "Case",
    "CampaignMember": "Campaign",
    "CampaignMemberStatus": "Campaign",
    "PricebookEntry": "Pricebook2",
    "Invoice_Line__c": "Invoice__c",
}
#: Locales whose week starts on Sunday.
_SUNDAY = ("en_US", "en_CA", "ja", "pt_BR", "es_MX", "zh", "ko", "en_IN")


@dataclass(frozen=True, kw_only=True)
class OrgUser:
    """One user, as of now."""

    id: str
    username: str
    row: Row
    readable: frozenset[str]
    api_enabled: bool
    views_all: bool
    modifies_all: bool
    sees_encrypted: bool

    @property
    def zone(self) -> ZoneInfo:
        """His time zone."""
        try:
            return ZoneInfo(str(self.row.get("TimeZoneSidKey") or "UTC"))
        except ZoneInfoNotFoundError:
            return ZoneInfo("UTC")

    @property
    def week_start(self) -> int:
        """His first day of the week: 0 Monday, 6 Sunday."""
        return 6 if str(self.row.get("LocaleSidKey") or "en_US").startswith(_SUNDAY) else 0

    @property
    def currency(self) -> str:
        """His currency."""
        return str(self.row.get("DefaultCurrencyIsoCode") or self.row.get("CurrencyIsoCode") or "USD")


def _flag(rows: list[Row], name: str) -> bool:
    return any(row.get(f"Permissions{name}") for row in rows)


def load_user(store: Store, user_id: str) -> OrgUser | None:
    """The user with his permissions; None: there is none, or he is inactive.

    Reading an object takes PermissionsRead in ObjectPermissions of his profile's permission set or an assigned
    one, or View All Data. Source: Object Reference, ObjectPermissions.
    """
    objects = store.schema.objects
    row = store.get(objects["User"], user_id)
    if row is None or not row["IsActive"]:
        return None
    profile = store.get(objects["Profile"], str(row["ProfileId"]))
    sets = store.select(
        objects["PermissionSet"],
        '"ProfileId" = ? OR "Id" IN (SELECT "PermissionSetId" FROM "PermissionSetAssignment" WHERE "AssigneeId" = ?)',
        (row["ProfileId"], user_id),
    )
    system = [one for one in (profile, *sets) if one is not None]
    views_all = _flag(system, "ViewAllData") or _flag(system, "ModifyAllData")
    allowed = set(PERMISSION_OBJECTS)
    if not views_all:
        parents = {one["Id"] for one in sets}
        rows = store.select(objects["ObjectPermissions"], '"PermissionsRead" = 1')
        allowed = {str(one["SobjectType"]) for one in rows if one["ParentId"] in parents}
    readable = frozenset(
        name
        for name in objects
        if (governed := _FOLLOWS.get(name, name)) not in PERMISSION_OBJECTS or governed in allowed
    )
    return OrgUser(
        id=user_id,
        username=str(row["Username"]),
        row=row,
        readable=readable,
        api_enabled=_flag(system, "ApiEnabled"),
        views_all=views_all,
        modifies_all=_flag(system, "ModifyAllData"),
        sees_encrypted=_flag(system, "ViewEncryptedData"),
    )


def currency_rates(store: Store) -> Mapping[str, Decimal]:
    """Units of each currency per unit of the corporate one."""
    sobject = store.schema.objects["CurrencyType"]
    scale = sobject.by_name["conversionrate"].scale
    return {
        str(row["IsoCode"]): unscaled(int(str(row["ConversionRate"])), scale)
        for row in store.select(sobject)
        if row["ConversionRate"]
    }
