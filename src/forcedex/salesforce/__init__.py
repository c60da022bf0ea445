"""Salesforce as a source: how to log in, what to ask, how to read the answers.

Entry points: `SalesforceSource` (fulfils `forcedex.domain.ports.Source`), `SalesforceSettings`, and one credentials
value per way to log in.
"""

from forcedex.salesforce.credentials import (
    AccessToken,
    ClientCredentials,
    Credentials,
    JwtBearer,
    Password,
    RefreshToken,
)
from forcedex.salesforce.settings import SalesforceSettings
from forcedex.salesforce.source import SalesforceSource

__all__ = [
    "AccessToken",
    "ClientCredentials",
    "Credentials",
    "JwtBearer",
    "Password",
    "RefreshToken",
    "SalesforceSettings",
    "SalesforceSource",
]
