"""Which documents hold something of another record, and of which fields of it.

A parent's name stands in the documents of its children, and a formula may look several parents up. Neither moves the
child's replication key when the parent changes, so a change of the parent is a hint that its children have changed.

Source: Object Reference, "System Fields"; SOAP API Developer Guide, "Calculated Fields".
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from forcedex.domain.formulas import parse
from forcedex.domain.schema import Field, SObject
from forcedex.domain.selection import Selection

_PERSON = (
    "Name",
    "Salutation",
    "FirstName",
    "LastName",
    "Title",
    "Email",
    "Phone",
    "Fax",
    "MobilePhone",
    "Description",
    "LeadSource",
    "DoNotCall",
    "HasOptedOutOfEmail",
    "HasOptedOutOfFax",
)
_PLACE = ("Street", "City", "State", "PostalCode", "Country")
#: Standard fields whose value is the parent's, although describe gives no formula: object to field to parents' paths.
#: Source: Object Reference, Case and CampaignMember.
_BORROWED: Mapping[str, Mapping[str, tuple[tuple[str, ...], ...]]] = {
    "Case": {
        "ContactPhone": (("Contact", "Phone"),),
        "ContactMobile": (("Contact", "MobilePhone"),),
        "ContactEmail": (("Contact", "Email"),),
        "ContactFax": (("Contact", "Fax"),),
    },
    "CampaignMember": {
        **{name: (("Lead", name), ("Contact", name)) for name in _PERSON},
        **{name: (("Lead", name), ("Contact", f"Mailing{name}")) for name in _PLACE},
        "CompanyOrAccount": (("Lead", "Company"), ("Contact", "Account", "Name")),
    },
}
#: Values that Salesforce counts from other records: a change of these fields (left) of the object moves values of the
#: records that its reference fields (right) name.
#: Source: Object Reference, Account and Campaign ("LastActivityDate", "NumberOfOpportunities").
COUNTED: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "Task": (("ActivityDate", "IsClosed", "IsDeleted"), ("WhoId", "WhatId", "AccountId")),
    "Event": (("ActivityDate", "IsDeleted"), ("WhoId", "WhatId", "AccountId")),
    "CampaignMember": (("HasResponded", "IsDeleted", "LeadId", "ContactId"), ("CampaignId",)),
    "Opportunity": (("Amount", "IsWon", "IsClosed", "IsDeleted"), ("CampaignId",)),
}
#: Objects whose change moves stored values of another one without any stamp.
#: Source: Change Data Capture Developer Guide, "Change Event Considerations" (opportunity stages).
SETS_UP: Mapping[str, str] = {"OpportunityStage": "Opportunity"}


@dataclass(frozen=True, slots=True)
class Dependency:
    """Documents of `child` show fields of `parent` records."""

    parent: str
    #: Some may be hidden from the sync user: describe does not know those.
    fields: frozenset[str]
    child: str
    #: From the child to the parent: (object, its reference field) for each step.
    chain: tuple[tuple[str, str], ...]


def dependencies(selections: Sequence[Selection], described: Mapping[str, SObject]) -> list[Dependency]:
    """Everything that documents of these selections show of other records; `described` are the describes at hand."""
    found: dict[tuple[str, str, tuple[tuple[str, str], ...]], set[str]] = {}
    for selection in selections:
        for path in _shown_paths(selection):
            for parent, field, chain in _walk(selection.sobject, path, described):
                found.setdefault((parent, selection.sobject.name, chain), set()).add(field)
    return [
        Dependency(parent, frozenset(fields), child, chain) for (parent, child, chain), fields in sorted(found.items())
    ]


def dated(selection: Selection) -> bool:
    """Whether the object has formulas that change with the day."""
    return any(column.parent is None and parse(column.field.formula).today for column in selection.columns)


def _shown_paths(selection: Selection) -> Iterator[tuple[str, ...]]:
    """The paths of parents' fields that a document shows, by itself or in a formula."""
    borrowed = _BORROWED.get(selection.sobject.name, {})
    for column in selection.columns:
        yield from borrowed.get(column.path, ())
        if column.parent is not None:
            yield (column.parent, column.field.name)
        elif column.field.formula:
            yield from (path for path in parse(column.field.formula).paths if len(path) > 1)


def _walk(
    sobject: SObject, path: tuple[str, ...], described: Mapping[str, SObject]
) -> Iterator[tuple[str, str, tuple[tuple[str, str], ...]]]:
    """Every record on a path whose field matters: the references on the way, and the field at its end."""
    at: list[tuple[SObject, tuple[tuple[str, str], ...]]] = [(sobject, ())]
    for step, word in enumerate(path):
        following = []
        for here, chain in at:
            last = step == len(path) - 1
            field = _field(here, word) if last else _reference(here, word)
            if chain and (field is not None or last):
                # A formula shows a field, too, that is itself hidden from the sync user.
                yield here.name, field.name if field else word, chain
            if field is None:
                continue
            if not last:
                following += [
                    (described[name], (*chain, (here.name, field.name)))
                    for name in field.reference_to
                    if name in described
                ]
        at = following


def _field(sobject: SObject, name: str) -> Field | None:
    """A field; `Name` of a reference to several objects is whatever names a record of each, such as a case's number."""
    return sobject.by_name.get(name) or (sobject.name_field if name == "Name" else None)


def _reference(sobject: SObject, relationship: str) -> Field | None:
    wanted = relationship.lower()
    return next((each for each in sobject.fields if (each.relationship_name or "").lower() == wanted), None)
