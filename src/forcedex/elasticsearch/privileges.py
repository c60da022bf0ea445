"""The least that the processes of an org may do in Elasticsearch, as bodies of `POST /_security/api_key`.

Source: Elasticsearch Guide, "Elasticsearch privileges". `cluster:monitor/main` is `GET /` alone. Moving aliases takes
`manage`; the worker creates, fills, refreshes and deletes the org's indices and touches no others.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from forcedex.elasticsearch.naming import Names

_ANSWERS = ("cluster:monitor/main",)


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key that is to be made by somebody who may."""

    #: The setting that names its file.
    setting: str
    body: Mapping[str, Any]


def api_keys(names: Names) -> Sequence[ApiKey]:
    """The worker's, and the one for processes that only ask."""
    return (
        ApiKey("api_key_file", _body(names, "worker", ("manage", "read", "write"))),
        ApiKey("read_api_key_file", _body(names, "reader", ("read", "view_index_metadata"))),
    )


def _body(names: Names, who: str, privileges: Sequence[str]) -> Mapping[str, Any]:
    return {
        "name": f"{names.root}{who}",
        "role_descriptors": {
            f"forcedex-{who}": {
                "cluster": list(_ANSWERS),
                "indices": [{"names": [f"{names.root}*"], "privileges": list(privileges)}],
            }
        },
    }
