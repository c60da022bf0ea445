"""Who may read the dashboard: a role, and a space that holds nothing else.

The role may read the aliases of the dashboard's data views and nothing more: each alias leaves out what was deleted,
and a privilege on an alias is none on the index behind it. Sources: Elasticsearch Guide, "Granting privileges for
data streams and aliases"; Kibana's API of roles (`PUT /api/security/role/{name}`) and of spaces.
"""

from collections.abc import Iterable
from typing import Any

JSON = dict[str, Any]

ROLE, SPACE = "forcedex-kibana", "forcedex"


def role(aliases: Iterable[str]) -> JSON:
    """The body of `PUT kbn:/api/security/role/forcedex-kibana`."""
    return {
        "elasticsearch": {
            "cluster": [],
            "indices": [{"names": sorted(set(aliases)), "privileges": ["read", "view_index_metadata"]}],
            "run_as": [],
        },
        "kibana": [{"base": [], "feature": {"dashboard": ["read"]}, "spaces": [SPACE]}],
    }


def space(org_name: str) -> JSON:
    """The body of `POST kbn:/api/spaces/space`."""
    return {
        "id": SPACE,
        "name": "Forcedex",
        "description": f"Salesforce of {org_name}. For people who may see every record and field of it.",
    }
