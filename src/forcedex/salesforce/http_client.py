"""How requests travel: the connection pool and what every request carries."""

from http.cookiejar import CookieJar, DefaultCookiePolicy

import httpx2

from forcedex import __version__
from forcedex.salesforce.settings import SalesforceSettings
from forcedex.salesforce.trust import tls_context


def http_client(
    settings: SalesforceSettings, http: httpx2.AsyncBaseTransport | None, *, loopback: bool
) -> httpx2.AsyncClient:
    """A client for one org; `http` replaces the network, `loopback` says that the org runs on this machine."""
    return httpx2.AsyncClient(
        verify=tls_context(settings.ca_file),
        transport=http,
        follow_redirects=False,
        timeout=httpx2.Timeout(settings.read_timeout, connect=settings.connect_timeout),
        limits=httpx2.Limits(
            max_connections=settings.connections,
            max_keepalive_connections=settings.connections,
            keepalive_expiry=30.0,
        ),
        # A proxy cannot reach this machine's own loopback.
        trust_env=not loopback,
        # Sessions travel in a header; a cookie would be a second session that nobody renews.
        cookies=CookieJar(policy=DefaultCookiePolicy(allowed_domains=[])),
        headers={
            "User-Agent": f"forcedex/{__version__}",
            "Accept-Encoding": "gzip",
            "Sforce-Call-Options": "client=forcedex",
        },
    )
