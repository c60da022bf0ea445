"""Which fields a search looks at.

Source: SOQL and SOSL Reference, "IN SearchGroup"; Salesforce Help, "Search Fields by Object". Lists of values,
formulas and encrypted text are not searched.
"""

from collections.abc import Sequence

from localorg.query.context import QueryContext
from localorg.schema import SObjectDef

#: What a contact is found by although it has no such field: the name of its account.
ACCOUNT_NAME = "AccountName"
_TEXT = frozenset({"string", "textarea", "phone", "email", "url", "combobox"})
_OF_GROUP = {"EMAIL": "email", "PHONE": "phone"}
#: Parts of a person's name.
_NAMES = frozenset({"FirstName", "LastName", "MiddleName"})
#: What counts as a name besides the name field.
_MORE_NAMES = {
    "Account": ("Website", "Site"),
    "Case": ("SuppliedName", "SuppliedCompany", "Subject"),
    "Contact": ("AssistantName",),
    "Lead": ("Company",),
    "User": ("CommunityNickname",),
}
#: Products are searched in all fields whatever the group, and only if they are asked for.
ALWAYS_ALL = frozenset({"Product2"})


def searched(sobject: SObjectDef, group: str, context: QueryContext) -> Sequence[str]:
    """The fields of a user's view of an object that a group stands for."""
    account = context.schema.objects["Account"]
    knows_accounts = "Account" in context.readable and account.has("Name") and sobject.has("AccountId")
    return of_group(sobject, group, account_name=knows_accounts)


def of_group(sobject: SObjectDef, group: str = "ALL", *, account_name: bool = True) -> Sequence[str]:
    """The fields that a group stands for."""
    texts = [each for each in sobject.fields if each.type in _TEXT and not each.calculated and each.stored]
    if group in _OF_GROUP and sobject.name not in ALWAYS_ALL:
        return [each.name for each in texts if each.type == _OF_GROUP[group]]
    parent = [ACCOUNT_NAME] if account_name and sobject.name == "Contact" else []
    if group == "ALL" or sobject.name in ALWAYS_ALL:
        return [*(each.name for each in texts), *parent]
    more = _MORE_NAMES.get(sobject.name, ())
    found = [*names(sobject), *(each.name for each in texts if each.name in more), *parent]
    if group == "SIDEBAR":
        found += [each.name for each in texts if each.type in ("phone", "email")]
    return found


def names(sobject: SObjectDef) -> Sequence[str]:
    """The name field, for people with its parts."""
    return [each.name for each in sobject.fields if each.stored and (each.name_field or each.name in _NAMES)]
