"""Organization-wide defaults: how far everybody sees and changes the records of an object.

They are rows of EntityDefinition (InternalSharingModel, ExternalSharingModel); those of some standard objects also show
in Organization. "Grant access using hierarchies", which custom objects can do without, shows nowhere in the API.

Source: Object Reference, EntityDefinition, Organization; Salesforce Help, "Organization-Wide Sharing Defaults".
A change holds at once, in both directions (Salesforce recalculates some time after a default was lowered).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from localorg.ids import record_id
from localorg.schema import SObjectDef
from localorg.sharing.objects import ACTIVITIES, all_shared, masters, shared, shared_by
from localorg.store import Store
from localorg.store.values import format_datetime

#: Columns of Organization that repeat a default, and the two ways to say it.
ORGANIZATION = {
    "Account": "DefaultAccountAccess",
    "Contact": "DefaultContactAccess",
    "Opportunity": "DefaultOpportunityAccess",
    "Lead": "DefaultLeadAccess",
    "Case": "DefaultCaseAccess",
    "Campaign": "DefaultCampaignAccess",
}
_SPELLED = {
    "None": "Private",
    "Read": "Read",
    "Edit": "ReadWrite",
    "ReadEditTransfer": "ReadWriteTransfer",
    "All": "FullAccess",
    "ControlledByParent": "ControlledByParent",
}
_USUAL = ("Private", "Read", "ReadWrite")
_POSSIBLE = {
    "Contact": ("ControlledByParent", *_USUAL),
    "Lead": (*_USUAL, "ReadWriteTransfer"),
    "Case": (*_USUAL, "ReadWriteTransfer"),
    "Campaign": (*_USUAL, "FullAccess"),
    "Task": ("Private", "ControlledByParent"),
    "Event": ("Private", "ControlledByParent"),
}
#: From closed to open.
ORDER = ("Private", "ControlledByParent", "Read", "ReadWrite", "ReadWriteTransfer", "FullAccess")
_FIXED = {"User": "Read", "Pricebook2": "Read", "CampaignMember": "ControlledByCampaign"}
_FLAT = "no_hierarchies"


@dataclass(frozen=True, kw_only=True)
class SharingModel:
    """The defaults of all objects."""

    internal: Mapping[str, str]
    external: Mapping[str, str]
    #: Custom objects without "grant access using hierarchies".
    flat: frozenset[str]

    def at_least(self, name: str, model: str) -> bool:
        """Whether everybody inside has at least this access."""
        return ORDER.index(self.internal.get(name, "FullAccess")) >= ORDER.index(model)

    def controlled_by_parent(self, name: str) -> bool:
        """Whether the parent decides, and there are no shares."""
        return self.internal.get(name) == "ControlledByParent"

    def has_share_object(self, name: str) -> bool:
        """Whether the object's shares can be seen: not if all may write anyway, nor if its parent decides."""
        if self.controlled_by_parent(name):
            return False
        public = ORDER.index("ReadWrite")
        return any(ORDER.index(one.get(name, "FullAccess")) < public for one in (self.internal, self.external))


def load_model(store: Store) -> SharingModel:
    """The defaults as they are now."""
    sql = 'SELECT "QualifiedApiName", "InternalSharingModel", "ExternalSharingModel" FROM "EntityDefinition"'
    rows = [row for row in store.reader.execute(sql) if row[1] in ORDER]
    return SharingModel(
        internal={name: internal for name, internal, _ in rows},
        external={name: external if external in ORDER else internal for name, internal, external in rows},
        flat=frozenset(filter(None, (store.setting(_FLAT) or "").split())),
    )


def set_hierarchies(store: Store, name: str, *, granted: bool) -> None:
    """Whether people above the owner of a custom object's record have access to it too."""
    if not name.endswith("__c"):
        raise ValueError(f"{name}: only custom objects can do without access by the role hierarchy.")
    flat = set(filter(None, (store.setting(_FLAT) or "").split())) - {name}
    store.set_setting(_FLAT, " ".join(sorted(flat if granted else flat | {name})))


# -- rows --


def define(store: Store, objects: Iterable[SObjectDef], now: datetime, private: frozenset[str] = frozenset()) -> None:
    """Rows of EntityDefinition for objects that have none; `private`: custom objects that start closed."""
    entity = store.schema.objects["EntityDefinition"]
    given = _of_organization(store)
    known = {str(name) for (name,) in store.reader.execute('SELECT "QualifiedApiName" FROM "EntityDefinition"')}
    with store.transaction():
        number = int(store.scalar('SELECT count(*) FROM "EntityDefinition"'))
        for sobject in objects:
            if sobject.name in known:
                continue
            number += 1
            internal = "Private" if sobject.name in private else _first(store, sobject, given)
            store.insert(
                entity,
                {
                    "Id": record_id(entity.key_prefix, _number(store, number)),
                    "DurableId": sobject.name,
                    "QualifiedApiName": sobject.name,
                    "DeveloperName": sobject.name.removesuffix("__c"),
                    "MasterLabel": sobject.label,
                    "Label": sobject.label,
                    "PluralLabel": sobject.label_plural,
                    "KeyPrefix": None if "share-prefix" in sobject.abilities else sobject.key_prefix,
                    "IsCustomizable": int("layout" in sobject.abilities),
                    "IsQueryable": int("query" in sobject.abilities),
                    "IsReplicateable": int("replicate" in sobject.abilities),
                    "IsSearchable": int("search" in sobject.abilities),
                    "InternalSharingModel": internal,
                    "ExternalSharingModel": "Private" if internal in ORDER[2:] else internal,
                    "LastModifiedDate": format_datetime(now),
                },
            )


def _number(store: Store, at_least: int) -> int:
    store.reserve("id:4ie", at_least - 1)
    return store.next_number("id:4ie")


def _of_organization(store: Store) -> Mapping[str, str]:
    columns = ", ".join(f'"{column}"' for column in ORGANIZATION.values())
    row = store.reader.execute(f'SELECT {columns} FROM "Organization"').fetchone() or ()
    return {name: _SPELLED[one] for name, one in zip(ORGANIZATION, row, strict=False) if one in _SPELLED}


def _first(store: Store, sobject: SObjectDef, given: Mapping[str, str]) -> str:
    """The default that an object starts with."""
    name = sobject.name
    if name in given or name in _FIXED:
        return given.get(name) or _FIXED[name]
    by_parent = name in ACTIVITIES or masters(store.schema, sobject) or shared_by(store.schema, name)
    return "ControlledByParent" if by_parent else "ReadWrite"


def forget(store: Store, names: Iterable[str]) -> None:
    """Objects that are gone."""
    with store.transaction() as connection:
        connection.executemany('DELETE FROM "EntityDefinition" WHERE "QualifiedApiName" = ?', ((one,) for one in names))


# -- changing them --


def set_default(store: Store, name: str, internal: str, external: str | None) -> list[str]:
    """Change an object's default; the objects concerned. ValueError: Salesforce has no such default."""
    possible = _POSSIBLE.get(name, _USUAL)
    external = external or internal
    if name not in ACTIVITIES and shared(store.schema, name) is None:
        raise ValueError(f"{name} has no organization-wide default of its own.")
    if internal not in possible or external not in possible:
        raise ValueError(f"{name} can be {', '.join(possible)}.")
    if ORDER.index(external) > ORDER.index(internal):
        raise ValueError("The external default cannot be more open than the internal one.")
    model = load_model(store)
    if name in ("Opportunity", "Case", "Contact") and not model.at_least("Account", "Read"):
        allowed = ("Private", "ControlledByParent") if name == "Contact" else ("Private",)
        if internal not in allowed:
            raise ValueError(f"Accounts are private, so {name} can be {' or '.join(allowed)}.")
    changed = list(ACTIVITIES) if name in ACTIVITIES else [name]
    with store.transaction():
        for one in changed:
            _save(store, one, internal, external)
        if name == "Account" and internal == "Private":
            for child in ("Opportunity", "Case", "Contact"):
                if model.at_least(child, "Read"):
                    _save(store, child, "Private", "Private")
                    changed.append(child)
    return [one.object for one in all_shared(store.schema) if one.object in {*changed, "Account"}]


def _save(store: Store, name: str, internal: str, external: str) -> None:
    with store.transaction() as connection:
        sets = '"InternalSharingModel" = ?, "ExternalSharingModel" = ?'
        connection.execute(
            f'UPDATE "EntityDefinition" SET {sets} WHERE "QualifiedApiName" = ?', (internal, external, name)
        )
        if name in ORGANIZATION:
            word = next(short for short, long in _SPELLED.items() if long == internal)
            connection.execute(f'UPDATE "Organization" SET "{ORGANIZATION[name]}" = ?', (word,))
