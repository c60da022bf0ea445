"""What `forcedex check --salesforce-package` expects in the org, from the project itself.

`python -m tests.documentation.package_manifest` writes `src/forcedex/org_package.json` anew.
"""

import json
import re
from collections.abc import Iterable
from pathlib import Path

from forcedex.salesforce.org_side import source_digest
from localorg.deployed import read_project

ROOT = Path(__file__).parents[2]
MANIFEST = ROOT / "src" / "forcedex" / "org_package.json"


def manifest() -> str:
    """The file's content. ValueError: the project has two of what there is one of."""
    project = read_project(ROOT / "salesforce")
    found = project.deployed
    classes = {
        name: source_digest(str(each["Body"]))
        for name, each in sorted(found.classes.items())
        if not re.search(r"@istest\b", str(each["Body"]), re.IGNORECASE)
    }
    versions = {f"{each['ApiVersion']:.1f}" for each in (*found.classes.values(), *found.components.values())}
    told = {
        "api_version": _only(versions, "API version"),
        "classes": classes,
        "components": sorted(found.components),
        "named_credential": _only(found.named_credentials, "named credential"),
        "setting": _only({name.partition(".")[0] for name in found.custom_metadata}, "custom metadata type"),
        "permission_set": "Forcedex_User",
        "data_source": _only(found.data_sources, "external data source"),
    }
    assert told["permission_set"] in {each.name for each in project.permission_sets}
    return json.dumps(told, indent=2) + "\n"


def _only(names: Iterable[str], what: str) -> str:
    found = sorted(names)
    if len(found) != 1:
        raise ValueError(f"There must be one {what}, not {len(found)}: {', '.join(found)}.")
    return found[0]


if __name__ == "__main__":
    MANIFEST.write_text(manifest(), encoding="utf-8")
