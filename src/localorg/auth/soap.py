"""SOAP login.

    POST /services/Soap/u/{version}   partner
    POST /services/Soap/c/{version}   enterprise

Source: SOAP API Developer Guide, "login()", "LoginResult", "API Fault Element". Versions up to 64.0 have it;
every body but a login is refused.
"""

import asyncio
from typing import TYPE_CHECKING
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from localorg.auth import grants
from localorg.auth.credentials import Login
from localorg.errors import SoapFault
from localorg.misbehaviour.login import soap_refused

if TYPE_CHECKING:
    from localorg.org import Org

_FIRST, _LAST = 31.0, 64.0
_SECONDS_VALID = 7200
_INVALID_LOGIN = "Invalid username, password, security token; or user locked out."
_FAULTS = {
    Login.WRONG: ("INVALID_LOGIN", _INVALID_LOGIN),
    Login.LOCKED: ("PASSWORD_LOCKOUT", "User is locked out"),
    Login.NEEDS_TOKEN: (
        "LOGIN_MUST_USE_SECURITY_TOKEN",
        _INVALID_LOGIN
        + " Are you at a new location? When accessing Salesforce--either via a desktop client or the API--from outside "
        "of your company's trusted networks, you must add a security token to your password to log in.",
    ),
}
_ENVELOPE = (
    '<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope '
    'xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"{spaces}><soapenv:Body>{body}</soapenv:Body>'
    "</soapenv:Envelope>"
)


class SoapEndpoint:
    """Answers SOAP calls."""

    def __init__(self, org: "Org") -> None:
        self._org = org

    @property
    def routes(self) -> list[Route]:
        """For Starlette."""
        return [
            Route("/services/Soap/{kind}/{version}", self.handle, methods=["POST"]),
            Route("/services/Soap/{kind}/{version}/", self.handle, methods=["POST"]),
            Route("/services/Soap/{kind}/{version}/{org_id}", self.handle, methods=["POST"]),
        ]

    async def handle(self, request: Request) -> Response:
        """One call."""
        body = await request.body()
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._org.workers, self._answer, request.path_params, body)

    def _answer(self, path: dict[str, str], body: bytes) -> Response:
        namespace = {"c": "enterprise"}.get(path["kind"], "partner")
        try:
            status, text = 200, self._login(path["kind"], path["version"], namespace, body)
        except SoapFault as fault:
            status, text = 500, _fault(fault, namespace)
        return Response(text.encode(), status, media_type="text/xml; charset=utf-8")

    def _login(self, kind: str, version: str, namespace: str, body: bytes) -> str:
        try:
            number = float(version)
        except ValueError:
            number = 0.0
        if not _FIRST <= number <= _LAST or kind not in ("u", "c"):
            raise SoapFault("UNSUPPORTED_API_VERSION", f"Unsupported API version: {version}", login=False)
        given = _credentials(body)
        org = self._org
        found = grants.user_id_of(org, given.get("username", ""))
        outcome = org.credentials.check(found[0], given.get("password", "")) if found else Login.WRONG
        if found is None or not found[1] or outcome in _FAULTS or soap_refused(org):
            raise SoapFault(*_FAULTS[outcome if outcome in _FAULTS else Login.WRONG])
        return self._result(kind, version, namespace, found[0], expired=outcome is Login.EXPIRED)

    def _result(self, kind: str, version: str, namespace: str, user_id: str, *, expired: bool) -> str:
        org = self._org
        user = org.user(user_id)
        assert user is not None
        scope = "" if expired else "api web"
        session = org.sessions.open(org.id, user_id, None, scope)
        row = user.row
        name = org.store.scalar('SELECT "Name" FROM "Organization"')
        info: dict[str, object] = {
            "accessibilityMode": False,
            "chatterExternal": False,
            "currencySymbol": "",
            "orgAttachmentFileSizeLimit": 5242880,
            "orgDefaultCurrencyIsoCode": "USD",
            "orgDefaultCurrencyLocale": "en_US",
            "orgDisallowHtmlAttachments": False,
            "orgHasPersonAccounts": False,
            "organizationId": org.id,
            "organizationMultiCurrency": True,
            "organizationName": name,
            "profileId": row["ProfileId"],
            "roleId": row["UserRoleId"],
            "sessionSecondsValid": _SECONDS_VALID,
            "userDefaultCurrencyIsoCode": user.currency,
            "userEmail": row["Email"],
            "userFullName": row["Name"],
            "userId": user_id,
            "userLanguage": row["LanguageLocaleKey"],
            "userLocale": row["LocaleSidKey"],
            "userName": user.username,
            "userTimeZone": row["TimeZoneSidKey"],
            "userType": row.get("UserType") or "Standard",
            "userUiSkin": "Theme3",
        }
        result = {
            "metadataServerUrl": f"{org.url}/services/Soap/m/{version}/{org.id[:15]}",
            "passwordExpired": expired,
            "sandbox": False,
            "serverUrl": f"{org.url}/services/Soap/{kind}/{version}/{org.id[:15]}",
            "sessionId": session.token,
            "userId": user_id,
        }
        inner = _elements(result) + f"<userInfo>{_elements(info)}</userInfo>"
        body = f"<loginResponse><result>{inner}</result></loginResponse>"
        spaces = f' xmlns="urn:{namespace}.soap.sforce.com" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
        return _ENVELOPE.format(spaces=spaces, body=body)


def _elements(values: dict[str, object]) -> str:
    parts = []
    for name, value in values.items():
        if value is None:
            parts.append(f'<{name} xsi:nil="true"/>')
        else:
            text = str(value).lower() if isinstance(value, bool) else str(value)
            parts.append(f"<{name}>{escape(text)}</{name}>")
    return "".join(parts)


def _credentials(body: bytes) -> dict[str, str]:
    """What the login element says."""
    if b"<!DOCTYPE" in body or b"<!ENTITY" in body:
        raise SoapFault("soapenv:Client", "DOCTYPE is not allowed", login=False)
    try:
        root = ElementTree.fromstring(body)
    except ElementTree.ParseError as error:
        raise SoapFault("soapenv:Client", f"Failed to parse request: {error}", login=False) from None
    login = next((one for one in root.iter() if one.tag.rpartition("}")[2] == "login"), None)
    if login is None:
        raise SoapFault(
            "INVALID_SESSION_ID",
            "Invalid Session ID found in SessionHeader: Illegal Session. Session not found, missing session key",
            login=False,
        )
    return {child.tag.rpartition("}")[2]: child.text or "" for child in login}


def _fault(fault: SoapFault, namespace: str) -> str:
    code, message = escape(fault.code), escape(fault.message)
    if ":" in code:
        detail, faultcode, text = "", code, message
    else:
        kind = "LoginFault" if fault.login else "UnexpectedErrorFault"
        detail = (
            f'<detail><sf:{kind} xsi:type="sf:{kind}"><sf:exceptionCode>{code}</sf:exceptionCode>'
            f"<sf:exceptionMessage>{message}</sf:exceptionMessage></sf:{kind}></detail>"
        )
        faultcode = code if fault.login else f"sf:{code}"
        text = f"{code}: {message}"
    spaces = f' xmlns:sf="urn:fault.{namespace}.soap.sforce.com" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"'
    body = f"<soapenv:Fault><faultcode>{faultcode}</faultcode><faultstring>{text}</faultstring>{detail}</soapenv:Fault>"
    return _ENVELOPE.format(spaces=spaces, body=body)
