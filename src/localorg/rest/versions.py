"""Versions and the resources of a version.

    GET /services/data            no session needed, not counted
    GET /services/data/vXX.X/

Source: REST API Developer Guide, "Versions", "Resources by Version".
"""

from typing import Any

from localorg.org import Org
from localorg.users import OrgUser

#: Oldest and newest version; 21.0 to 30.0 are retired.
_FIRST, _LAST = 31, 67
VERSIONS = frozenset(f"{number}.0" for number in range(_FIRST, _LAST + 1))
_SEASONS = ("Spring", "Summer", "Winter")


def _label(number: int) -> str:
    """Version 31 was Summer '14; three releases a year."""
    count = number - 31 + 1
    season = _SEASONS[count % 3]
    year = 14 + count // 3 + (season == "Winter")
    return f"{season} '{year:02d}"


def versions() -> list[dict[str, str]]:
    """All versions, oldest first."""
    return [
        {"label": _label(number), "url": f"/services/data/v{number}.0", "version": f"{number}.0"}
        for number in range(_FIRST, _LAST + 1)
    ]


def root_resources(org: Org, version: str, user: OrgUser) -> dict[str, Any]:
    """What a version has here."""
    base = f"/services/data/v{version}"
    names = (
        *("query", "queryAll", "limits", "sobjects", "composite", "jobs", "tooling", "search", "parameterizedSearch"),
        "named-credentials",
    )
    return {name: f"{base}/{name}" for name in names} | {"identity": f"{org.url}/id/{org.id}/{user.id}"}
