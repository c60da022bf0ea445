"""SOAP `login()`: the envelope to send and the answer to read.

Source: SOAP API Developer Guide, "login()" and "LoginResult". Salesforce retires it in Summer '27 and offers it
up to API version 64.0 only; it is here for orgs where no app can be made.
"""

from xml.etree import ElementTree
from xml.sax.saxutils import escape

from forcedex.domain.errors import ForcedexError
from forcedex.domain.record_id import to_18
from forcedex.salesforce.auth_errors import login_refused, not_a_login
from forcedex.salesforce.credentials import Password
from forcedex.salesforce.hosts import Origin, TrustedHosts
from forcedex.salesforce.session import AuthAnswer, AuthFlow, AuthRequest, Session
from forcedex.salesforce.shape import broken

#: The last API version with `login()`.
API_VERSION = "64.0"

_WHAT = "SOAP login"
_PARTNER = "{urn:partner.soap.sforce.com}"
_ENVELOPE = (
    '<?xml version="1.0" encoding="utf-8"?>'
    '<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body>'
    '<login xmlns="urn:partner.soap.sforce.com"><username>{username}</username><password>{password}</password>'
    "</login></soapenv:Body></soapenv:Envelope>"
)


def soap_login(credentials: Password, login: Origin, hosts: TrustedHosts) -> AuthFlow:
    """Log in with user name, password and security token."""
    secret = credentials.password + credentials.security_token
    answer = yield AuthRequest(
        url=f"{login}/services/Soap/u/{API_VERSION}",
        body=_ENVELOPE.format(username=escape(credentials.username), password=escape(secret)),
        secrets=(secret, escape(secret)),
    )
    root = _parsed(answer)
    if (fault := root.find(".//{*}Fault")) is not None:
        raise _fault(fault)
    result = root.find(f".//{_PARTNER}result")
    if result is None:
        raise broken(_WHAT, "it holds no result")
    if _text(result, "passwordExpired") == "true":
        raise login_refused("INVALID_OPERATION_WITH_EXPIRED_PASSWORD", "passwordExpired is true")
    token = _text(result, "sessionId")
    if not token:
        raise broken(_WHAT, "it holds no sessionId")
    return Session(
        access_token=token,
        instance_url=str(hosts.origin_of(_text(result, "serverUrl"), "serverUrl")),
        org_id=_record_id(_text(result, "userInfo/organizationId")),
        user_id=_record_id(_text(result, "userId")),
    )


def _parsed(answer: AuthAnswer) -> ElementTree.Element:
    # No document type: nothing that could define entities.
    if b"<!DOCTYPE" in answer.body:
        raise not_a_login(answer.status)
    try:
        root = ElementTree.fromstring(answer.body)
    except ElementTree.ParseError as exc:
        raise not_a_login(answer.status) from exc
    if not root.tag.endswith("}Envelope"):
        raise not_a_login(answer.status)
    return root


def _fault(fault: ElementTree.Element) -> ForcedexError:
    code = fault.findtext(".//{*}exceptionCode") or fault.findtext("faultcode") or ""
    text = fault.findtext(".//{*}exceptionMessage") or fault.findtext("faultstring") or ""
    return login_refused(code.rpartition(":")[2].strip(), text)


def _text(result: ElementTree.Element, path: str) -> str:
    steps = "/".join(f"{{*}}{step}" for step in path.split("/"))
    return (result.findtext(steps) or "").strip()


def _record_id(text: str) -> str | None:
    try:
        return to_18(text)
    except ValueError:
        return None
