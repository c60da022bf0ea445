"""What Apex does in USER_MODE before it shows a hit, as SOQL in the user's own session: what he may read of it.

Source: Apex Developer Guide, "Enforce User Mode for Database Operations": sharing rules, object permissions and
field-level security of the running user hold.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx2

from localorg.fixture import LocalOrg

_VERSION = "v67.0"
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

    async def holds(self, permission_set: str, user_id: str) -> bool:
        """Whether the user holds a permission set."""
        soql = (
            f"SELECT Id FROM PermissionSetAssignment WHERE AssigneeId = '{user_id}'"
            f" AND PermissionSet.Name = '{permission_set}'"
        )
        return bool((await self._query(soql) or {}).get("totalSize"))

    async def look(self, wanted: Sequence[Wanted]) -> Allowed:
        """What of these records may be shown."""
        by_object: dict[str, list[Wanted]] = defaultdict(list)
        for each in wanted:
            by_object[each.object].append(each)
        allowed: dict[str, frozenset[str]] = {}
        for name, some in by_object.items():
            fields = await self._fields(name)
            paths = frozenset(path for each in some for path in each.paths if self._readable(path, fields))
            found = await self._query(self._statement(name, sorted(paths), [each.id for each in some]))
            if found is None:  # a field of a parent cannot be read
                paths = frozenset(path for path in paths if "." not in path)
                found = await self._query(self._statement(name, sorted(paths), [each.id for each in some]))
            seen = {record["Id"] for record in (found or {}).get("records", ())}
            allowed |= {each.id: each.paths & paths for each in some if each.id in seen}
        return Allowed(records=allowed, refused=tuple(each.id for each in wanted if each.id not in allowed))

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
