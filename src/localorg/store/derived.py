"""Fields that are computed when they are read, as SQL over the row `{t}`.

Formulas and roll-ups of custom fields, and standard fields whose value is another record's. A change of
their value does not move SystemModstamp (Source: Object Reference, "System Fields"; SOAP API, "Field Types").
"""

from localorg.schema import FieldDef, SObjectDef

_MEMBER = (
    "CASE WHEN {t}.LeadId IS NOT NULL THEN (SELECT p.%s FROM Lead p WHERE p.Id = {t}.LeadId)"
    " ELSE (SELECT p.%s FROM Contact p WHERE p.Id = {t}.ContactId) END"
)


def _member(lead: str, contact: str | None = None) -> str:
    return _MEMBER % (f'"{lead}"', f'"{contact or lead}"')


_PHOTO = "CASE WHEN {t}.Id IS NULL THEN NULL ELSE '/services/images/photo/' || {t}.Id END"
_OPPORTUNITIES = "FROM Opportunity o WHERE o.CampaignId = {t}.Id AND o.IsDeleted = 0"
_MEMBERS = "FROM CampaignMember m WHERE m.CampaignId = {t}.Id AND m.IsDeleted = 0"

#: A currency's rate on an opportunity's close date: dated where the org has such rates.
_RATE = (
    'coalesce((SELECT r."ConversionRate" FROM DatedConversionRate r WHERE r."IsoCode" = %s'
    ' AND r."StartDate" <= o."CloseDate" AND (r."NextStartDate" IS NULL OR r."NextStartDate" > o."CloseDate")'
    ' ORDER BY r."StartDate" DESC LIMIT 1),'
    ' (SELECT c."ConversionRate" FROM CurrencyType c WHERE c."IsoCode" = %s))'
)


def _rate(currency: str) -> str:
    return _RATE % (currency, currency)


#: An opportunity's amount in the campaign's currency. Source: Salesforce Help, "About Advanced Currency Management"
#: (dated rates are used for campaigns' opportunity fields).
_AMOUNT = (
    "CASE WHEN o.CurrencyIsoCode = {t}.CurrencyIsoCode THEN o.Amount ELSE CAST(round(o.Amount * 1.0"
    f" * {_rate('{t}.CurrencyIsoCode')} / {_rate('o.CurrencyIsoCode')}) AS INTEGER) END"
)

#: (object, field) -> SQL in the stored form of the field's type.
DERIVED: dict[tuple[str, str], str] = {
    ("Account", "PhotoUrl"): _PHOTO,
    ("Contact", "PhotoUrl"): _PHOTO,
    ("Lead", "PhotoUrl"): _PHOTO,
    ("Account", "Is_Key_Account__c"): "coalesce({t}.Tier__c IN ('Platinum', 'Gold'), 0)",
    ("Account", "Display_Name__c"): "{t}.Name || ' (' || coalesce({t}.Region__c, '') || ')'",
    ("Account", "Revenue_per_Employee__c"): (
        "CASE WHEN {t}.NumberOfEmployees <> 0"
        " THEN CAST(round({t}.AnnualRevenue * 100.0 / {t}.NumberOfEmployees) AS INTEGER) END"
    ),
    ("Opportunity", "Account_Region__c"): "(SELECT p.Region__c FROM Account p WHERE p.Id = {t}.AccountId)",
    ("Contact", "Account_Owner__c"): (
        "(SELECT o.Name FROM Account p JOIN User o ON o.Id = p.OwnerId WHERE p.Id = {t}.AccountId)"
    ),
    ("Opportunity", "Weighted_Amount__c"): "CAST(round({t}.Amount * {t}.Probability / 100.0) AS INTEGER)",
    ("Invoice__c", "Days_Overdue__c"): (
        "CASE WHEN {t}.Paid__c THEN 0 ELSE CAST(julianday(org_today()) - julianday({t}.Due_Date__c) AS INTEGER) END"
    ),
    ("Invoice__c", "Line_Total__c"): (
        "(SELECT coalesce(sum(l.Amount__c), 0) FROM Invoice_Line__c l WHERE l.Invoice__c = {t}.Id AND l.IsDeleted = 0)"
    ),
    ("Case", "ContactPhone"): "(SELECT p.Phone FROM Contact p WHERE p.Id = {t}.ContactId)",
    ("Case", "ContactMobile"): "(SELECT p.MobilePhone FROM Contact p WHERE p.Id = {t}.ContactId)",
    ("Case", "ContactEmail"): "(SELECT p.Email FROM Contact p WHERE p.Id = {t}.ContactId)",
    ("Case", "ContactFax"): "(SELECT p.Fax FROM Contact p WHERE p.Id = {t}.ContactId)",
    # Write-only in effect: what is written here becomes a CaseComment.
    ("Case", "Comments"): "NULL",
    ("Task", "IsHighPriority"): "coalesce({t}.Priority = 'High', 0)",
    ("Campaign", "NumberOfLeads"): f"(SELECT count(m.LeadId) {_MEMBERS})",
    ("Campaign", "NumberOfContacts"): f"(SELECT count(m.ContactId) {_MEMBERS})",
    ("Campaign", "NumberOfResponses"): f"(SELECT count(*) {_MEMBERS} AND m.HasResponded = 1)",
    ("Campaign", "NumberOfConvertedLeads"): (
        f"(SELECT count(*) {_MEMBERS} AND EXISTS (SELECT 1 FROM Lead l WHERE l.Id = m.LeadId AND l.IsConverted = 1))"
    ),
    ("Campaign", "NumberOfOpportunities"): f"(SELECT count(*) {_OPPORTUNITIES})",
    ("Campaign", "NumberOfWonOpportunities"): f"(SELECT count(*) {_OPPORTUNITIES} AND o.IsWon = 1)",
    ("Campaign", "AmountAllOpportunities"): f"(SELECT coalesce(sum({_AMOUNT}), 0) {_OPPORTUNITIES})",
    ("Campaign", "AmountWonOpportunities"): f"(SELECT coalesce(sum({_AMOUNT}), 0) {_OPPORTUNITIES} AND o.IsWon = 1)",
    ("CampaignMember", "Name"): _member("Name"),
    ("CampaignMember", "FirstName"): _member("FirstName"),
    ("CampaignMember", "LastName"): _member("LastName"),
    ("CampaignMember", "Salutation"): _member("Salutation"),
    ("CampaignMember", "Title"): _member("Title"),
    ("CampaignMember", "Street"): _member("Street", "MailingStreet"),
    ("CampaignMember", "City"): _member("City", "MailingCity"),
    ("CampaignMember", "State"): _member("State", "MailingState"),
    ("CampaignMember", "PostalCode"): _member("PostalCode", "MailingPostalCode"),
    ("CampaignMember", "Country"): _member("Country", "MailingCountry"),
    ("CampaignMember", "Email"): _member("Email"),
    ("CampaignMember", "Phone"): _member("Phone"),
    ("CampaignMember", "Fax"): _member("Fax"),
    ("CampaignMember", "MobilePhone"): _member("MobilePhone"),
    ("CampaignMember", "Description"): _member("Description"),
    ("CampaignMember", "LeadSource"): _member("LeadSource"),
    ("CampaignMember", "DoNotCall"): f"coalesce({_member('DoNotCall')}, 0)",
    ("CampaignMember", "HasOptedOutOfEmail"): f"coalesce({_member('HasOptedOutOfEmail')}, 0)",
    ("CampaignMember", "HasOptedOutOfFax"): f"coalesce({_member('HasOptedOutOfFax')}, 0)",
    ("CampaignMember", "CompanyOrAccount"): (
        "CASE WHEN {t}.LeadId IS NOT NULL THEN (SELECT p.Company FROM Lead p WHERE p.Id = {t}.LeadId)"
        " ELSE (SELECT a.Name FROM Contact p JOIN Account a ON a.Id = p.AccountId"
        " WHERE p.Id = {t}.ContactId) END"
    ),
    ("CampaignMember", "Type"): "CASE WHEN {t}.LeadId IS NOT NULL THEN 'Lead' ELSE 'Contact' END",
    ("CampaignMember", "LeadOrContactId"): "coalesce({t}.LeadId, {t}.ContactId)",
    ("CampaignMember", "LeadOrContactOwnerId"): _member("OwnerId"),
}


def is_derived(sobject: SObjectDef, field: FieldDef) -> bool:
    """Whether the field is computed when read and so has no column."""
    return derived_sql(sobject, field) is not None


def derived_sql(sobject: SObjectDef, field: FieldDef) -> str | None:
    """The SQL of a field that is computed when read, over the row `{t}`."""
    return field.formula_sql or DERIVED.get((sobject.name, field.name))


def columns(sobject: SObjectDef) -> tuple[FieldDef, ...]:
    """The fields that the object's table has a column for."""
    return tuple(field for field in sobject.stored if not is_derived(sobject, field))


def expression(sobject: SObjectDef, field: FieldDef, table: str) -> str:
    """The SQL of one field of the row that `table` names."""
    derived = derived_sql(sobject, field)
    return f'{table}."{field.name}"' if derived is None else f"({derived.replace('{t}', table)})"
