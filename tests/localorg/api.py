"""A small REST client for the local org's tests, made of nothing but HTTP."""

from typing import Any
from urllib.parse import quote

import httpx2

from localorg.fixture import LocalOrg

VERSION = "66.0"


class Api:
    """Calls to one org as one user."""

    def __init__(self, org: LocalOrg, token: str | None = None, version: str = VERSION) -> None:
        self.org = org
        self.version = version
        self.token = token or org.session()
        self.http = httpx2.AsyncClient(base_url=org.url, timeout=30)

    async def send(
        self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None
    ) -> httpx2.Response:
        """One request; a path without a leading slash is below the version's root."""
        full = path if path.startswith("/") else f"/services/data/v{self.version}/{path}"
        given = {"Authorization": f"Bearer {self.token}", **(headers or {})}
        return await self.http.request(method, full, json=body, headers=given)

    async def get(self, path: str, status: int = 200, **headers: str) -> Any:
        """The JSON at a path."""
        answer = await self.send("GET", path, headers={k.replace("_", "-"): v for k, v in headers.items()})
        assert answer.status_code == status, answer.text
        return answer.json()

    async def post(self, path: str, body: Any, status: int = 201) -> Any:
        """The JSON that a POST answers."""
        answer = await self.send("POST", path, body)
        assert answer.status_code == status, answer.text
        return answer.json()

    async def patch(self, path: str, body: Any, status: int = 204) -> Any:
        """The JSON that a PATCH answers, if any."""
        answer = await self.send("PATCH", path, body)
        assert answer.status_code == status, answer.text
        return answer.json() if answer.content else None

    async def delete(self, path: str, status: int = 204) -> Any:
        """The JSON that a DELETE answers, if any."""
        answer = await self.send("DELETE", path)
        assert answer.status_code == status, answer.text
        return answer.json() if answer.content else None

    async def query(self, soql: str, status: int = 200, *, every: bool = False, **headers: str) -> Any:
        """The answer to a query."""
        return await self.get(f"{'queryAll' if every else 'query'}?q={quote(soql)}", status, **headers)

    async def names(self, soql: str, *, every: bool = False) -> list[Any]:
        """The first selected field of every record of a short query."""
        answer = await self.query(soql, every=every)
        return [next(value for key, value in record.items() if key != "attributes") for record in answer["records"]]

    async def create(self, name: str, **fields: Any) -> str:
        """Create a record; its Id."""
        return str((await self.post(f"sobjects/{name}", fields))["id"])

    async def error(self, method: str, path: str, body: Any = None, status: int = 400) -> tuple[str, str, Any]:
        """Code, message and fields of the error that a request gets."""
        answer = await self.send(method, path, body)
        assert answer.status_code == status, answer.text
        (problem,) = answer.json()
        return problem["errorCode"], problem["message"], problem.get("fields")

    async def query_error(self, soql: str) -> tuple[str, str]:
        """Code and message of the error that a query gets."""
        code, message, _ = await self.error("GET", f"query?q={quote(soql)}")
        return code, message

    async def close(self) -> None:
        """Close the connections."""
        await self.http.aclose()
