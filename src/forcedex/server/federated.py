"""Salesforce's header search, which asks other systems by OpenSearch 1.1 and reads Atom. Off unless configured.

Its connector can prove only that it is the org (one token for all), and names the user in a parameter. That is the one
place where who asks is believed: only with that token, only for users of the org who are active, at most 25 hits, and
each question is written down.

    /federated/opensearch.xml   the description, for everybody: it tells which objects there are to find, and no record
    /federated/authorize        an administrator who is logged in here gives the org a code
    /federated/token            the code, with the client's secret, becomes the token
    /federated/search           Atom

Source: Salesforce, "Federated Search Developer Guide" (OpenSearch URL template parameters, extensions, Atom elements);
RFC 6749 4.1 for the code; RFC 4287 for Atom.
"""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated
from urllib.parse import parse_qs, urlencode
from xml.etree import ElementTree as ET

import orjson
from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from forcedex.domain.indexed import IndexedObject
from forcedex.domain.principal import OrgUser
from forcedex.domain.record_id import is_record_id, to_18
from forcedex.search.answer import Hit
from forcedex.search.request import SearchRequest
from forcedex.server.identity import Administrator, On
from forcedex.server.limits import SEARCH
from forcedex.server.problems import forbidden, invalid, not_found, unauthorized
from forcedex.server.services import Services, told

router = APIRouter(prefix="/federated", tags=["header search"])

_MOST = 25  # hits of one answer
_MOST_TOTAL = 100  # hits that can be turned to
_CODE_LIFE = timedelta(minutes=2)
_TITLE, _SUMMARY, _TEXT = 255, 500, 255  # characters that Salesforce takes
_ATOM = "http://www.w3.org/2005/Atom"
_OPENSEARCH = "http://a9.com/-/spec/opensearch/1.1/"
_SALESFORCE = "http://salesforce.com/2016/federatedsearch/1.0"
#: Fields that are told beside the title, with Salesforce's type.
_FIELDS = {"Account": "Account.Name", "City": "BillingCity", "Email": "Email", "Stage": "StageName", "Status": "Status"}
#: What is syntax in a search of Salesforce (SOSL) and no word.
_SYNTAX = re.compile(r"\bAND NOT\b|\bAND\b|\bOR\b|[*?\"{}()]")
_CONTROL = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

for _prefix, _uri in (("", _ATOM), ("opensearch", _OPENSEARCH), ("sfdc", _SALESFORCE)):
    ET.register_namespace(_prefix, _uri)


def plain_text(sosl: str) -> str:
    """The words of a SOSL search."""
    return " ".join(_SYNTAX.sub(" ", sosl).split())


@router.get("/opensearch.xml", response_class=Response, summary="What the header search may ask")
async def description(on: On) -> Response:
    """An OpenSearch description."""
    _configured(on)
    root = ET.Element("OpenSearchDescription", {"xmlns": _OPENSEARCH, "xmlns:sfdc": _SALESFORCE})
    ET.SubElement(root, "ShortName").text = "Forcedex"
    ET.SubElement(root, "Description").text = "Search that forgives typos."
    asked = "q={searchTerms}&byId={sfdc:searchById?}&type={sfdc:recordType}&uid={sfdc:userId}&org={sfdc:orgId}"
    url = {
        "type": "application/atom+xml",
        "rel": "results",
        "indexOffset": "0",
        "sfdc:maxCount": str(_MOST),
        "sfdc:maxTotalResults": str(_MOST_TOTAL),
        "template": f"{on.public_url}/federated/search?{asked}&start={{startIndex?}}&n={{count?}}",
    }
    ET.SubElement(root, "Url", url)
    types = ET.SubElement(root, "sfdc:RecordTypes")
    for each in on.asking.objects:
        one = ET.SubElement(types, "sfdc:RecordType", {"name": each.name})
        for name in _told_of(each):
            kind = "email" if name == "Email" else "string"
            ET.SubElement(one, "sfdc:Field", {"name": name, "type": kind, "sortable": "false"})
    ET.SubElement(root, "InputEncoding").text = "UTF-8"
    ET.SubElement(root, "OutputEncoding").text = "UTF-8"
    ET.SubElement(root, "sfdc:Version").text = "1"
    return Response(
        ET.tostring(root, "utf-8", xml_declaration=True), media_type="application/opensearchdescription+xml"
    )


@router.get("/authorize", status_code=302, response_class=Response, summary="Give the org a code")
async def authorize(
    who: Administrator,
    on: On,
    response_type: Annotated[str, Query(max_length=20)],
    client_id: Annotated[str, Query(max_length=200)],
    redirect_uri: Annotated[str, Query(max_length=500)],
    state: Annotated[str, Query(max_length=2_000)] = "",
) -> Response:
    """For the authentication provider of the org's external data source, opened by an administrator."""
    _configured(on)
    section = on.settings.server
    if client_id != section.header_search_client_id or redirect_uri != section.header_search_redirect_uri:
        raise invalid("This is not the client that is configured.", "Compare [server] header_search_… with the org's.")
    if response_type != "code":
        raise invalid("Only response_type=code is served.")
    until = (on.now() + _CODE_LIFE).timestamp()
    code = on.keys.seal_text(orjson.dumps([redirect_uri, until]), _place(on, "code"))
    await on.store.audit(who.person.username, "allow header search", "", redirect_uri)
    return RedirectResponse(f"{redirect_uri}?{urlencode({'code': code, 'state': state})}", 302)


@router.post("/token", summary="A code becomes the token")
async def token(request: Request, on: On) -> Response:
    """RFC 6749 4.1.3, with the client's secret in the form or by Basic."""
    _configured(on)
    form = {name: values[0] for name, values in parse_qs((await request.body()).decode("utf-8", "replace")).items()}
    section = on.settings.server
    client_id, secret = _client(request, form)
    right = hmac.compare_digest(secret.encode(), on.header_search_secret.encode())
    if client_id != section.header_search_client_id or not right:
        return told({"error": "invalid_client"}, status=401)
    if form.get("grant_type") != "authorization_code":
        return told({"error": "unsupported_grant_type"}, status=400)
    try:
        redirect_uri, until = orjson.loads(on.keys.unseal_text(form.get("code", ""), _place(on, "code")))
    except ValueError:
        return told({"error": "invalid_grant"}, status=400)
    if on.now().timestamp() > until or redirect_uri != form.get("redirect_uri"):
        return told({"error": "invalid_grant"}, status=400)
    return told({"access_token": on.keys.seal_text(_client_mark(on), _place(on, "token")), "token_type": "Bearer"})


@router.get("/search", response_class=Response, summary="The header search's question")
async def search(
    request: Request,
    on: On,
    org: Annotated[str, Query(max_length=18)],
    uid: Annotated[str, Query(max_length=18)],
    record_type: Annotated[str, Query(alias="type", max_length=80)],
    q: Annotated[str, Query(max_length=1_000)] = "",
    by_id: Annotated[str, Query(alias="byId", max_length=10)] = "",
    start: Annotated[int, Query(ge=0, le=_MOST_TOTAL)] = 0,
    n: Annotated[int, Query(ge=1)] = _MOST,
) -> Response:
    """What the user whom the org names would find here."""
    _configured(on)
    _check_token(request, on)
    if not (is_record_id(org) and is_record_id(uid)) or to_18(org) != on.asking.org.org_id:
        raise forbidden("This is another org, or no user of it.")
    person, _ = await on.asking.holder(to_18(uid))
    on.spend(person.user_id, SEARCH)
    size = min(n, _MOST)
    if by_id.lower() == "true":
        found = await on.answered(on.asking.record(OrgUser(person.user_id), record_type, _id(q)))
        body = _atom(
            [] if found is None else [(found.id, found.title, {}, found.url)], record_type, 0, found is not None
        )
    else:
        asked = SearchRequest(
            text=plain_text(q), objects=(record_type,), size=min(start + size, _MOST_TOTAL), counts=False
        )
        answer = await on.answered(on.asking.search(OrgUser(person.user_id), asked))
        some = [(hit.id, hit.title, _values(hit), hit.url) for hit in answer.hits[start : start + size]]
        body = _atom(some, record_type, start, min(answer.total, _MOST_TOTAL))
    await on.store.audit("header search", "search", person.username, q[:500])
    return Response(body, headers={"Cache-Control": "no-store"}, media_type="application/atom+xml")


def _values(hit: Hit) -> dict[str, str]:
    found = {name: hit.fields.get(path) for name, path in _FIELDS.items()}
    return {name: str(value)[:_TEXT] for name, value in found.items() if value}


def _atom(entries: Sequence[tuple[str, str, dict[str, str], str]], record_type: str, start: int, total: int) -> bytes:
    feed = ET.Element(f"{{{_ATOM}}}feed")
    ET.SubElement(feed, f"{{{_OPENSEARCH}}}totalResults").text = str(total)
    ET.SubElement(feed, f"{{{_OPENSEARCH}}}startIndex").text = str(start)
    for record_id, title, values, url in entries:
        entry = ET.SubElement(feed, f"{{{_ATOM}}}entry")
        ET.SubElement(entry, f"{{{_ATOM}}}id").text = record_id
        ET.SubElement(entry, f"{{{_ATOM}}}title").text = _clean(title)[:_TITLE]
        ET.SubElement(entry, f"{{{_ATOM}}}link", {"href": url})
        ET.SubElement(entry, f"{{{_SALESFORCE}}}link").text = f"/lightning/r/{record_type}/{record_id}/view"
        ET.SubElement(entry, f"{{{_SALESFORCE}}}recordType").text = record_type
        if values:
            ET.SubElement(entry, f"{{{_ATOM}}}summary").text = _clean(" · ".join(values.values()))[:_SUMMARY]
        for name, value in values.items():
            ET.SubElement(entry, f"{{{_SALESFORCE}}}{name}").text = _clean(value)
    content: bytes = ET.tostring(feed, "utf-8", xml_declaration=True)
    return content


def _clean(text: str) -> str:
    """Without characters that XML cannot hold."""
    return _CONTROL.sub("", text)


def _told_of(indexed: IndexedObject) -> list[str]:
    return [name for name, path in _FIELDS.items() if path in indexed.columns]


def _id(text: str) -> str:
    try:
        return to_18(text.strip())
    except ValueError:
        raise invalid("That is no record Id.") from None


def _configured(on: Services) -> None:
    if not on.settings.server.header_search_client_id or not on.header_search_secret:
        raise not_found("The header search is not set up here.", "See docs/service.md.")


def _client(request: Request, form: dict[str, str]) -> tuple[str, str]:
    kind, _, given = request.headers.get("authorization", "").partition(" ")
    if kind.lower() == "basic":
        try:
            client_id, _, secret = base64.b64decode(given, validate=True).decode().partition(":")
        except (ValueError, binascii.Error):
            return "", ""
        return client_id, secret
    return form.get("client_id", ""), form.get("client_secret", "")


def _client_mark(on: Services) -> bytes:
    """A token holds for the secret under which it was given: another secret ends it."""
    return hashlib.sha256(f"{on.settings.server.header_search_client_id}\0{on.header_search_secret}".encode()).digest()


def _check_token(request: Request, on: Services) -> None:
    kind, _, given = request.headers.get("authorization", "").partition(" ")
    try:
        mark = on.keys.unseal_text(given.strip(), _place(on, "token")) if kind.lower() == "bearer" else b""
    except ValueError:
        mark = b""
    if not hmac.compare_digest(mark, _client_mark(on)):
        raise unauthorized("Only the org's external data source may ask here.", "See docs/service.md.")


def _place(on: Services, kind: str) -> tuple[str, ...]:
    return ("header search", kind, on.asking.org.org_id)
