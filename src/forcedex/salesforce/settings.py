"""What the client needs to know before it can read an org."""

import re
from dataclasses import dataclass

from forcedex.domain.errors import ConfigurationError
from forcedex.salesforce.auth import trusted_hosts
from forcedex.salesforce.credentials import Credentials

_VERSION = re.compile(r"\d{2,3}\.0")
#: A host name, an IPv4 address, or an IPv6 address in brackets; and a port.
_TARGET = re.compile(r"(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\]):[0-9]{1,5}")


@dataclass(frozen=True, kw_only=True)
class SalesforceSettings:
    """Where the org is, who we are there, and how patient we are. ConfigurationError for a wrong value."""

    #: `https://login.salesforce.com`, `https://test.salesforce.com` or the org's My Domain.
    login_url: str
    credentials: Credentials
    api_version: str = "67.0"
    #: Where the Pub/Sub API is, as `host:port`.
    pubsub_url: str = "api.pubsub.salesforce.com:7443"
    #: PEM file of CAs that are trusted besides the usual ones, for private endpoints.
    ca_file: str | None = None
    #: Seconds to reach a host.
    connect_timeout: float = 10.0
    #: Seconds of silence before an answer counts as lost; a query may run for two minutes.
    read_timeout: float = 150.0
    #: Seconds for one whole answer, however slowly it drips; Salesforce itself ends a call after ten minutes.
    answer_timeout: float = 660.0
    #: Tries of one request, the first included.
    attempts: int = 5
    #: Connections at a time.
    connections: int = 8
    #: Bytes of one JSON answer, unpacked. A page of 2,000 records rarely has a tenth of it.
    max_answer_bytes: int = 100 * 1024 * 1024
    #: Records in one page of a Bulk result: one request each, and read again as a whole after a cut.
    bulk_page_records: int = 50_000
    #: Seconds to wait for one Bulk job.
    bulk_wait: float = 6 * 3600.0

    def __post_init__(self) -> None:
        if not _VERSION.fullmatch(self.api_version):
            raise ConfigurationError(f"api_version {self.api_version!r} is not a version.", 'Write it like "67.0".')
        if not _TARGET.fullmatch(self.pubsub_url):
            raise ConfigurationError(
                f"[salesforce] pubsub_url {self.pubsub_url!r} is not an address.",
                "Write host and port, without https://, like api.pubsub.salesforce.com:7443.",
            )
        trusted_hosts(self.credentials, self.login_url)
