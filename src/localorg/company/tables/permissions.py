"""Profiles and permission sets, and which objects they open."""

from collections.abc import Iterator
from dataclasses import dataclass

from localorg.company.numbering import ids
from localorg.company.records import Records
from localorg.company.table import Row, Sheet, sheet

_profile_id, _set_id, _object_id = ids("Profile"), ids("PermissionSet"), ids("ObjectPermissions")

#: Objects that have object permissions; children of an opportunity or campaign follow their parent.
_SALES = ("Account", "Contact", "Lead", "Opportunity", "Campaign", "Invoice__c", "Invoice_Line__c")
_CATALOGUE = ("Product2", "Pricebook2")
_SERVICE = ("Account", "Contact", "Case")
_ALL = (*_SALES, *_CATALOGUE, "Case", "Sales_Cost__c")

#: The permissions of a row of ObjectPermissions, each implying those before it.
_READ, _EDIT, _DELETE = 1, 3, 4  # how many of Read, Create, Edit, Delete

_SYSTEM = (
    "PermissionsApiEnabled",
    "PermissionsViewAllData",
    "PermissionsModifyAllData",
    "PermissionsViewSetup",
    "PermissionsManageUsers",
    "PermissionsViewEncryptedData",
    "PermissionsViewAllUsers",
    "PermissionsQueryAllFiles",
    "PermissionsApiUserOnly",
    "PermissionsPasswordNeverExpires",
    "PermissionsBulkApiHardDelete",
    "PermissionsEditReadonlyFields",
    "PermissionsCreateAuditFields",
    "PermissionsViewAllForecasts",
    "PermissionsManageQuotas",
)
_ADMINISTRATOR = frozenset(_SYSTEM) - {"PermissionsApiUserOnly", "PermissionsBulkApiHardDelete"}
_API = frozenset({"PermissionsApiEnabled"})


@dataclass(frozen=True)
class Access:
    """A profile, with the permission set that Salesforce keeps for it, or a permission set of its own."""

    name: str
    description: str
    profile: bool
    system: frozenset[str]
    #: how many of Read, Create, Edit, Delete on which objects
    objects: tuple[tuple[tuple[str, ...], int], ...]
    #: whether those objects' records are all readable
    view_all: bool = False

    @property
    def levels(self) -> dict[str, int]:
        """The level on each object."""
        found: dict[str, int] = {}
        for names, level in self.objects:
            for name in names:
                found[name] = max(found.get(name, 0), level)
        return found


ACCESSES = (
    Access("System Administrator", "Runs the org.", True, _ADMINISTRATOR, ((_ALL, _DELETE),), True),
    Access("Standard User", "Marketing and operations.", True, _API, ((_ALL, _EDIT),)),
    Access("Sales User", "Sells.", True, _API, ((_SALES, _DELETE), (("Case", *_CATALOGUE), _READ))),
    Access("Service User", "Helps customers.", True, _API, ((_SERVICE, _EDIT), (("Product2", "Opportunity"), _READ))),
    Access("Minimum Access", "Can log in.", True, frozenset(), ()),
    Access(
        "Integration",
        "Reads everything for other systems.",
        True,
        frozenset({"PermissionsApiEnabled", "PermissionsApiUserOnly", "PermissionsPasswordNeverExpires"}),
        (),
    ),
    Access(
        "Search_Sync",
        "What the search index reads: all records and setup.",
        False,
        frozenset(
            {
                "PermissionsApiEnabled",
                "PermissionsViewAllData",
                "PermissionsViewSetup",
                "PermissionsViewAllUsers",
                "PermissionsViewEncryptedData",
                "PermissionsViewAllForecasts",
            }
        ),
        ((_ALL, _READ),),
        True,
    ),
    Access("Sales_Cost_Reader", "Sees what sales costs.", False, frozenset(), ((("Sales_Cost__c",), _READ),), True),
    Access("Campaign_Manager", "Plans campaigns.", False, frozenset(), ((("Campaign", "Lead"), _DELETE),)),
    Access("Forcedex_Admin", "Looks after the search: its page for administrators.", False, frozenset(), ()),
)
_PROFILES = tuple(access for access in ACCESSES if access.profile)
_NUMBERS = {access.name: number for number, access in enumerate(ACCESSES, start=1)}


def profile_id(name: str) -> str:
    """The Id of a profile."""
    return _profile_id(_NUMBERS[name])


def permission_set_id(name: str) -> str:
    """The Id of a permission set, or of the one behind a profile."""
    return _set_id(_NUMBERS[name])


def sheets(records: Records) -> Iterator[Sheet]:
    """Profiles, permission sets, object permissions."""
    audit = records.world.setup_audit()

    def profiles() -> Iterator[Row]:
        for access in _PROFILES:
            granted = (name in access.system for name in _SYSTEM)
            yield profile_id(access.name), access.name, access.description, *granted, *audit

    def permission_sets() -> Iterator[Row]:
        for number, access in enumerate(ACCESSES, start=1):
            granted = (name in access.system for name in _SYSTEM)
            yield (
                _set_id(number),
                f"X{profile_id(access.name)}" if access.profile else access.name,
                access.name.replace("_", " "),
                access.description,
                profile_id(access.name) if access.profile else None,
                access.profile,
                "Profile" if access.profile else "Regular",
                *granted,
                *audit,
            )

    def object_permissions() -> Iterator[Row]:
        number = 0
        for access in ACCESSES:
            for name, level in access.levels.items():
                number += 1
                modify_all = "PermissionsModifyAllData" in access.system
                granted = (level >= 1, level >= 2, level >= 3, level >= 4, access.view_all, modify_all)
                yield _object_id(number), permission_set_id(access.name), name, *granted, *audit

    system = " ".join(_SYSTEM)
    yield sheet("Profile", f"Id Name Description {system} AUDIT", profiles, len(_PROFILES), UserType="Standard")
    yield sheet(
        "PermissionSet",
        f"Id Name Label Description ProfileId IsOwnedByProfile Type {system} AUDIT",
        permission_sets,
        len(ACCESSES),
        IsCustom=True,
        HasActivationRequired=False,
    )
    yield sheet(
        "ObjectPermissions",
        "Id ParentId SobjectType PermissionsRead PermissionsCreate PermissionsEdit PermissionsDelete"
        " PermissionsViewAllRecords PermissionsModifyAllRecords AUDIT",
        object_permissions,
        sum(len(access.levels) for access in ACCESSES),
        PermissionsViewAllFields=False,
    )
