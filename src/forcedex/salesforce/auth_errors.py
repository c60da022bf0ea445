"""What Salesforce says when it refuses a login, and what a person can do about it.

Sources: Salesforce Help, "OAuth 2.0 Authorization Errors"; SOAP API Developer Guide, "Core Data Types Used in
API Calls" (ExceptionCode, LoginFault). Texts are matched as fragments because Salesforce varies them.
"""

from dataclasses import dataclass
from typing import Literal

from forcedex.domain.errors import ConfigurationError, ForcedexError, SourceRefused, SourceUnavailable

#: Who can do something about it: the operator's settings, the org's administrator, or time.
Kind = Literal["setting", "org", "later"]


@dataclass(frozen=True, slots=True)
class LoginRefusal:
    """One row of the table; an empty `code` or `fragment` matches every one."""

    #: OAuth `error`, or the SOAP exception code.
    code: str
    #: Part of the description, in lower case.
    fragment: str
    message: str
    hint: str
    kind: Kind = "setting"


REFUSALS = (
    LoginRefusal(
        "",
        "user hasn't approved this consumer",
        "The user may not use this app yet.",
        "In Salesforce set the app's permitted users to “Admin approved users are pre-authorized” "
        "and add the user's profile or permission set to it.",
    ),
    LoginRefusal(
        "invalid_app_access",
        "",
        "The user may not use this app yet.",
        "Add the user's profile or permission set to the app's pre-authorized ones.",
    ),
    LoginRefusal(
        "",
        "audience",
        "Salesforce does not accept the audience of the signed assertion.",
        "Set jwt_audience to https://test.salesforce.com for a sandbox or scratch org, "
        "to https://login.salesforce.com otherwise.",
    ),
    LoginRefusal(
        "",
        "invalid assertion",
        "The private key does not belong to the certificate that was uploaded to the app.",
        "Upload the certificate of this key to the app, or point private_key_file to the right key.",
    ),
    LoginRefusal(
        "",
        "expired authorization code",
        "Salesforce says that the signed assertion has expired: this machine's clock is wrong.",
        "Set the clock (NTP) and try again.",
    ),
    LoginRefusal(
        "",
        "request not supported on this domain",
        "This login works on the org's own domain only.",
        "Set login_url to My Domain, such as https://acme.my.salesforce.com.",
    ),
    LoginRefusal(
        "",
        "no client credentials user enabled",
        "The app has no user to run as.",
        "Choose the “Run As” user in the app's client credentials flow settings.",
    ),
    LoginRefusal(
        "",
        "expired access/refresh token",
        "The refresh token has expired, was revoked, or was pushed out by a newer one (five per user and app).",
        "Authorize the app again and store the new refresh token.",
    ),
    LoginRefusal(
        "",
        "user is locked",
        "The user is locked after too many failed logins.",
        "Wait for the lockout to end or have an administrator unlock the user.",
        "org",
    ),
    LoginRefusal(
        "",
        "ip restricted",
        "Salesforce does not let this user log in from this network address.",
        "Add this machine's address to the profile's login IP ranges, or relax IP restrictions in the app.",
    ),
    LoginRefusal(
        "",
        "login rate exceeded",
        "Too many logins of this user within the hour.",
        "Wait an hour; check that no other program logs in with every request.",
        "later",
    ),
    LoginRefusal(
        "",
        "authentication failure",
        "The user name or password is wrong, the security token is missing, or this login is switched off.",
        "Check both; from an untrusted network set security_token; "
        'in the org allow “OAuth Username-Password Flows” or use auth = "jwt".',
    ),
    LoginRefusal(
        "invalid_client_id",
        "",
        "Salesforce does not know this client_id.",
        "Copy the app's consumer key; a new app needs up to ten minutes until every server knows it.",
    ),
    LoginRefusal(
        "",
        "client identifier invalid",
        "Salesforce does not know this client_id.",
        "Copy the app's consumer key; a new app needs up to ten minutes until every server knows it.",
    ),
    LoginRefusal(
        "invalid_client",
        "",
        "The client_id and client_secret do not belong together.",
        "Copy both again from the app.",
    ),
    LoginRefusal(
        "inactive_user",
        "",
        "The user is not active.",
        "Activate the user in Salesforce or use another one.",
    ),
    LoginRefusal("inactive_org", "", "The org is locked, closed or suspended.", "Ask the org's administrator.", "org"),
    LoginRefusal(
        "rate_limit_exceeded", "", "Too many logins within a short time.", "Wait before the next try.", "later"
    ),
    LoginRefusal(
        "unsupported_grant_type",
        "",
        "This kind of login is switched off for the app or the org, or login_url is not https.",
        "Enable the flow in the app's OAuth settings, or choose another auth.",
    ),
    LoginRefusal(
        "invalid_scope",
        "",
        "The app lacks an OAuth scope.",
        "Give the app the scope “Manage user data via APIs (api)”.",
    ),
    LoginRefusal("server_error", "", "Salesforce could not log in just now.", "Try again later.", "later"),
    LoginRefusal("temporarily_unavailable", "", "Salesforce could not log in just now.", "Try again later.", "later"),
    # SOAP login()
    LoginRefusal(
        "INVALID_LOGIN",
        "",
        "The user name, password or security token is wrong, or the user is locked out.",
        "Check username and password, and set security_token unless this network is trusted.",
    ),
    LoginRefusal(
        "LOGIN_MUST_USE_SECURITY_TOKEN",
        "",
        "Salesforce wants the security token from this network address.",
        "Set security_token (user settings, “Reset My Security Token”) or add this address to the trusted ranges.",
    ),
    LoginRefusal(
        "INVALID_OPERATION_WITH_EXPIRED_PASSWORD",
        "",
        "The password has expired.",
        "Set a new password in Salesforce and in the settings; "
        "give the sync user a profile whose passwords never expire.",
    ),
    LoginRefusal(
        "INVALID_NEW_PASSWORD", "", "Salesforce wants a new password.", "Set one in Salesforce and in the settings."
    ),
    LoginRefusal(
        "PASSWORD_LOCKOUT",
        "",
        "The user is locked after too many failed logins.",
        "Wait for the lockout to end or have an administrator unlock the user.",
        "org",
    ),
    LoginRefusal("ORG_LOCKED", "", "The org is locked.", "Ask the org's administrator.", "org"),
    LoginRefusal(
        "LOGIN_DURING_RESTRICTED_DOMAIN",
        "",
        "The user may not log in from this network address.",
        "Add this machine's address to the profile's login IP ranges.",
    ),
    LoginRefusal(
        "LOGIN_DURING_RESTRICTED_TIME",
        "",
        "The user may not log in at this time of day.",
        "Widen the profile's login hours.",
    ),
    LoginRefusal(
        "UNSUPPORTED_API_VERSION",
        "",
        "The org does not offer SOAP login any more.",
        'Use auth = "jwt", or set client_id and client_secret for the password login over OAuth.',
    ),
    LoginRefusal(
        "INVALID_OPERATION",
        "soap",
        "SOAP login is switched off in the org.",
        'Use auth = "jwt", or set client_id and client_secret for the password login over OAuth.',
    ),
    LoginRefusal("SERVER_UNAVAILABLE", "", "Salesforce could not log in just now.", "Try again later.", "later"),
)


def login_refused(code: str, description: str) -> ForcedexError:
    """The error for an OAuth error object or a SOAP fault, with cause and next step."""
    text = description.replace("’", "'").lower()
    for row in REFUSALS:
        if row.code in ("", code) and row.fragment in text:
            return _error(row, code, description)
    unknown = LoginRefusal(
        code, "", "Salesforce refused the login.", "Check the app's and the user's settings in Salesforce."
    )
    return _error(unknown, code, description)


def not_a_login(status: int) -> ConfigurationError:
    """The error for an answer that no Salesforce login host gives: most often login_url is wrong."""
    if 300 <= status < 400:
        cause = "login_url leads to a redirect"
    elif status == 404:
        cause = "There is no Salesforce login at login_url"
    else:
        cause = f"login_url does not answer like a Salesforce login (HTTP {status})"
    return ConfigurationError(
        f"Cannot log in to Salesforce. {cause}.",
        "Use https://login.salesforce.com, https://test.salesforce.com for a sandbox, or the org's My Domain.",
    )


def _error(row: LoginRefusal, code: str, description: str) -> ForcedexError:
    said = " ".join(description.split())[:200]
    message = f"Cannot log in to Salesforce. {row.message} (Salesforce said: {code}{': ' if said else ''}{said})"
    match row.kind:
        case "setting":
            return ConfigurationError(message, row.hint)
        case "org":
            return SourceRefused(message, row.hint, code=code, status=400)
        case "later":
            return SourceUnavailable(message, row.hint, code=code, status=400)
