"""What of Forcedex is in the org: what should be there, and what is."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, kw_only=True, slots=True)
class OrgPackage:
    """What the project in `salesforce/` deploys, by developer names."""

    api_version: str
    #: Apex class to the SHA-256 of its source (`source_digest`).
    classes: Mapping[str, str]
    components: tuple[str, ...]
    named_credential: str
    #: The custom metadata type whose record `Default` says what the service and the certificate are called.
    setting: str
    #: For the people who may search.
    permission_set: str
    data_source: str


@dataclass(frozen=True, kw_only=True, slots=True)
class DeployedClass:
    """An Apex class of the org."""

    api_version: str
    active: bool
    valid: bool
    #: None: Salesforce keeps the source to itself, as that of managed packages.
    digest: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class DeployedCredential:
    """A named credential."""

    url: str
    enabled: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class DeployedSetting:
    """What Apex is told: an administrator fills it in."""

    #: What the service calls itself (`aud` of each token).
    address: str
    #: The name of the certificate that the org signs requests with.
    certificate: str


@dataclass(frozen=True, kw_only=True, slots=True)
class DeployedSource:
    """An external data source."""

    kind: str
    endpoint: str
    #: `Anonymous`, `NamedUser` or `PerUser`.
    principal: str


@dataclass(frozen=True, kw_only=True, slots=True)
class SyncRights:
    """What the sync user may do beyond reading."""

    #: System permissions that the sync needs none of, as Setup calls them.
    needless: tuple[str, ...] = ()
    #: Objects that it may create, edit or delete.
    writes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class OrgSide:
    """What is in the org."""

    classes: Mapping[str, DeployedClass] = field(default_factory=dict)
    #: Component to API version.
    components: Mapping[str, str] = field(default_factory=dict)
    named_credential: DeployedCredential | None = None
    setting: DeployedSetting | None = None
    #: The day on which the certificate ends; None: there is no such certificate.
    certificate_ends: date | None = None
    #: Active users who hold the permission set; None: there is no such set.
    holders: int | None = None
    data_source: DeployedSource | None = None
    rights: SyncRights = SyncRights()
