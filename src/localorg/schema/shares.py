"""The share object of a custom object, which comes and goes with it.

Source: Object Reference, "StandardObjectNameShare" (custom objects: `MyObject__Share`): it has ParentId and
AccessLevel where those of standard objects have their object's name in front. A custom object has one if it has owners;
the detail of a master has not.
"""

from localorg.schema.model import SObjectDef
from localorg.schema.notation import parse_object

_NOTATION = """\
{name} 02c Share: {label} / Share: {label} [create,update,delete,query,retrieve,replicate,share-prefix]
Id:id[FGSDIA] Sharing ID
ParentId:ref>{parent}:Parent<Shares[CFGSAW] Record ID
AccessLevel:pick40[CUFGSRA] Access Level = Read~Read Only | Edit~Read/Write | All~Owner
UserOrGroupId:ref>Group|User:UserOrGroup[CFGSA] User/Group ID
RowCause:pick40[CFGNSA] Row Cause = Owner | Manual~Manual Sharing | Rule~Sharing Rule
LastModifiedDate:dt[FSDA] Last Modified Date
LastModifiedById:ref>User:LastModifiedBy[FGSDA] Last Modified By ID
IsDeleted:bool[FGSD] Deleted
"""


def share_name(name: str) -> str:
    """The name of an object's share object: `AccountShare`, `Invoice__Share`."""
    return f"{name.removesuffix('c')}Share" if name.endswith("__c") else f"{name}Share"


def share_object(sobject: SObjectDef) -> SObjectDef | None:
    """The share object of a custom object; None: it has no owners of its own."""
    if not sobject.custom or not sobject.has("OwnerId"):
        return None
    return parse_object(_NOTATION.format(name=share_name(sobject.name), label=sobject.label, parent=sobject.name))
