"""A bench's own ways into the org: as its integration user, as its administrator, and through the admin API."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx2

from forcedex.app import SystemClock
from forcedex.salesforce import JwtBearer, Password, SalesforceSettings
from forcedex.salesforce.transport import Transport

#: Objects that an org without the add-on tells changes of.
STREAMED = ("Account", "Contact", "Opportunity", "Lead", "Case")
#: What the API's addresses begin with.
DATA = "/services/data/v67.0"


def session(org: Mapping[str, Any]) -> str:
    """An access token of the integration user, who reads everything and writes nothing."""
    key = Path(org["private_key_file"]).read_text()
    return _session(org, JwtBearer(client_id=org["client_id"], username=org["username"], private_key_pem=key))


def administrator(org: Mapping[str, Any]) -> str:
    """An access token of the administrator."""
    return _session(org, Password(**org["admin"]))


def _session(org: Mapping[str, Any], credentials: JwtBearer | Password) -> str:
    async def log_in() -> str:
        transport = Transport(SalesforceSettings(login_url=org["url"], credentials=credentials), SystemClock())
        try:
            return (await transport.session()).access_token
        finally:
            await transport.aclose()

    return asyncio.run(log_in())


def ask(org: Mapping[str, Any], path: str, body: object = None) -> Any:
    """What a GET answers, or a POST of this body."""
    headers = {"Authorization": f"Bearer {session(org)}"}
    return _answer("GET" if body is None else "POST", org["url"] + DATA + path, headers, body)


def administer(org: Mapping[str, Any], path: str = "", body: object = None) -> Any:
    """The same of the admin API, which costs the org no API calls."""
    return _answer("GET" if body is None else "POST", f"{org['url']}/__org{path}", {}, body)


def _answer(method: str, url: str, headers: dict[str, str], body: object) -> Any:
    answer = httpx2.request(method, url, headers=headers, json=body, trust_env=False, timeout=60)
    answer.raise_for_status()
    return answer.json()


def calls(org: Mapping[str, Any]) -> int:
    """API requests of the last 24 hours, by the org's own count."""
    return int(administer(org)["requests_used"])


def prepare_events(org: Mapping[str, Any]) -> None:
    """Signs of life every other second, so that streams stand at once, and no end of the day's events."""
    administer(org, "/cdc", {"keepalive": 2, "allocation": 10_000_000})
