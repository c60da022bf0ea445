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
Values = Mapping[str, object]


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """A record that is to be shown, with the paths of the fields that are."""

    id: str
    object: str
    paths: frozenset[str] = frozenset()


class UserMode:
    """One user's eyes in the org."""

    def __init__(self, org: LocalOrg, username: str, http: httpx2.AsyncClient) -> None:
        self._org = org
        self._http = http
        self._headers = {"Authorization": f"Bearer {org.session(username)}"}
        #: Fields by object, and when they were described: in Apex a describe costs nothing.
        self._described: dict[str, tuple[frozenset[str], float]] = {}

    async def look(self, wanted: Sequence[Wanted]) -> Mapping[str, Values]:
        """The records that the user sees, by Id: values by path, as far as there are any that he may read."""
        by_object: dict[str, list[Wanted]] = defaultdict(list)
        for each in wanted:
            by_object[each.object].append(each)
        seen: dict[str, Values] = {}
        for found in await asyncio.gather(*(self._look(name, some) for name, some in by_object.items())):
            seen |= found
        return seen

    async def _look(self, name: str, some: Sequence[Wanted]) -> dict[str, Values]:
        fields = await self._fields(name)
        asked = {path for each in some for path in each.paths}
        plain = sorted(path for path in asked if path.lower() in fields)
        of_parents = sorted(path for path in asked if "." in path)
        ids = [each.id for each in some]
        found = await self._query(name, [*plain, *of_parents], ids)
        if found is None and of_parents:  # one of a parent cannot be read, so none of them is
            found = await self._query(name, plain, ids)
        return {str(record["Id"]): _flat(record) for record in found or ()}

    async def _fields(self, name: str) -> frozenset[str]:
        known, at = self._described.get(name, (frozenset(), -_KEPT))
        if time.monotonic() - at < _KEPT:
            return known
        url = f"{self._org.url}/services/data/{_VERSION}/sobjects/{name}/describe"
        answer = await self._http.get(url, headers=self._headers)
        told = answer.json()["fields"] if answer.status_code == 200 else []
        found = frozenset(each["name"].lower() for each in told)
        self._described[name] = found, time.monotonic()
        return found

    async def _query(self, name: str, paths: Sequence[str], ids: Sequence[str]) -> list[dict[str, Any]] | None:
        """None: refused."""
        columns = ", ".join(["Id", *(path for path in paths if path != "Id")])
        soql = f"SELECT {columns} FROM {name} WHERE Id IN ({', '.join(map(repr, ids))})"
        url = f"{self._org.url}/services/data/{_VERSION}/query?q={quote(soql)}"
        answer = await self._http.get(url, headers=self._headers)
        return list(answer.json()["records"]) if answer.status_code == 200 else None


def _flat(record: Mapping[str, Any], above: str = "") -> dict[str, object]:
    """Values by path, without nulls."""
    found: dict[str, object] = {}
    for name, value in record.items():
        if name == "attributes" or value is None:
            continue
        if isinstance(value, Mapping):
            found |= _flat(value, f"{above}{name}.")
        found[f"{above}{name}"] = value
    return found
