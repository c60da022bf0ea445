"""What a node says about itself over HTTP: whether it answers, and whether its indices can be opened."""

from typing import Any, Final

import httpx2

REQUEST_TIMEOUT: Final = 30.0  # seconds
HEALTH_WAIT: Final = 2  # seconds that the node itself waits before it answers that it is still opening indices
IDLE_LIMIT: Final = 60  # seconds in which it opens nothing and has not given up either
_GIVEN_UP: Final = frozenset({"no", "no_valid_shard_copy"})
"""Values of `can_allocate` of the cluster allocation explain API after which nothing more happens by itself."""


def loopback_client() -> httpx2.AsyncClient:
    """A client for our own node: the proxies of the environment are not for it."""
    return httpx2.AsyncClient(timeout=REQUEST_TIMEOUT, trust_env=False)


async def answers(url: str) -> bool:
    """Whether an Elasticsearch node answers there."""
    async with loopback_client() as client:
        try:
            response = await client.get(url)
        except httpx2.TransportError:
            return False
    return response.is_success and "x-elastic-product" in response.headers


async def wait_for_indices(url: str) -> dict[str, str]:
    """Wait until every index was opened or given up; returns the given up ones with the reason."""
    idle = 0
    async with loopback_client() as client:
        while True:
            health = await _call(client, "GET", f"{url}/_cluster/health?wait_for_status=yellow&timeout={HEALTH_WAIT}s")
            if health["status"] != "red":
                return {}
            idle = 0 if health["initializing_shards"] else idle + HEALTH_WAIT
            if given_up := await _given_up(client, url, idle >= IDLE_LIMIT):
                return given_up


async def _given_up(client: httpx2.AsyncClient, url: str, waited_long: bool) -> dict[str, str]:
    reasons = {}
    for shard in await _call(client, "GET", f"{url}/_cat/shards?format=json&h=index,shard,prirep,state"):
        if shard["prirep"] == "p" and shard["state"] == "UNASSIGNED":
            asked = {"index": shard["index"], "shard": int(shard["shard"]), "primary": True}
            answer = await _call(client, "POST", f"{url}/_cluster/allocation/explain", asked)
            if waited_long or answer.get("can_allocate") in _GIVEN_UP:
                details = answer["unassigned_info"].get("details") or answer["allocate_explanation"]
                reasons[shard["index"]] = details.partition(". ")[0][:300]
    return reasons


async def _call(client: httpx2.AsyncClient, method: str, url: str, body: object = None) -> Any:
    response = await client.request(method, url, json=body)
    if response.status_code != httpx2.codes.REQUEST_TIMEOUT:  # a health request that waited in vain answers as well
        response.raise_for_status()
    return response.json()
