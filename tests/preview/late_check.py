"""What Apex does in USER_MODE before it shows a hit, as SOQL in the user's own session: what he may read of it.

Source: Apex Developer Guide, "Enforce User Mode for Database Operations": sharing rules, object permissions and
field-level security of the running user hold.
"""

import asyncio
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx2

from localorg.fixture import LocalOrg

_VERSION = "v67.0"
_KEPT = 5.0  # seconds
#: A relationship in a path of Forcedex is one of Salesforce, too; what begins like this is none.
_OURS = "forcedex."


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """A record that is to be shown, with the paths of the fields that are."""

    id: str
    object: str
    paths: frozenset[str] = frozenset()


@dataclass(frozen=True, kw_only=True)
class Allowed:
    """What of it the user may read."""

    #: Record Id to the paths that may be shown.
    records: Mapping[str, frozenset[str]]
    #: Records that no query shows.
    refused: tuple[str, ...]


class UserMode:
    """One user's eyes in the org."""

    def __init__(self, org: LocalOrg, username: str, http: httpx2.AsyncClient) -> None:
        self._org = org
        self._http = http
        self._headers = {"Authorization": f"Bearer {org.session(username)}"}
        #: Fields by object, and when they were described: in Apex a describe costs nothing.
        self._described: dict[str, tuple[frozenset[str], float]] = {}

    async def look(self, wanted: Sequence[Wanted]) -> Allowed:
        """What of these records may be shown."""
        by_object: dict[str, list[Wanted]] = defaultdict(list)
        for each in wanted:
            by_object[each.object].append(each)
        allowed: dict[str, frozenset[str]] = {}
        looks = [self._look(name, some) for name, some in by_object.items()]
        for found in await asyncio.gather(*looks):
            allowed |= found
        return Allowed(records=allowed, refused=tuple(each.id for each in wanted if each.id not in allowed))

    async def _look(self, name: str, some: Sequence[Wanted]) -> dict[str, frozenset[str]]:
        """What of these records of one object may be shown."""
        fields = await self._fields(name)
        paths = frozenset(path for each in some for path in each.paths if self._readable(path, fields))
        found = await self._query(self._statement(name, sorted(paths), [each.id for each in some]))
        if found is None:  # a field of a parent cannot be read
            paths = frozenset(path for path in paths if "." not in path)
            found = await self._query(self._statement(name, sorted(paths), [each.id for each in some]))
        seen = {record["Id"] for record in (found or {}).get("records", ())}
        return {each.id: each.paths & paths for each in some if each.id in seen}

    @staticmethod
    def _statement(name: str, paths: Sequence[str], ids: Sequence[str]) -> str:
        listed = ", ".join(f"'{each}'" for each in ids)
        return (
            f"SELECT {', '.join(['Id', *(path for path in paths if path != 'Id')])} FROM {name} WHERE Id IN ({listed})"
        )

    @staticmethod
    def _readable(path: str, fields: frozenset[str]) -> bool:
        return not path.startswith(_OURS) and ("." in path or path.lower() in fields)

    async def _fields(self, name: str) -> frozenset[str]:
        known, at = self._described.get(name, (frozenset(), -_KEPT))
        if time.monotonic() - at < _KEPT:
            return known
        found = await self._describe(name)
        self._described[name] = found, time.monotonic()
        return found

    async def _describe(self, name: str) -> frozenset[str]:
        answer = await self._http.get(
            f"{self._org.url}/services/data/{_VERSION}/sobjects/{name}/describe", headers=self._headers
        )
        if answer.status_code != 200:
            return frozenset()
        return frozenset(field["name"].lower() for field in answer.json()["fields"])

    async def _query(self, soql: str) -> dict[str, Any] | None:
        """None: refused."""
        url = f"{self._org.url}/services/data/{_VERSION}/query?q={quote(soql)}"
        answer = await self._http.get(url, headers=self._headers)
        return dict(answer.json()) if answer.status_code == 200 else None
