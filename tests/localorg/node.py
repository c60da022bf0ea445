"""Programs of other people in node, which the local org is checked with."""

import shutil
import sys
from pathlib import Path

NODE_FOLDER = Path(__file__).parents[1] / "node"


def node(script: str, *arguments: str) -> list[str]:
    """The command that runs a script of tests/node."""
    program = shutil.which("node", path=str(Path(sys.executable).parent))
    if program is None or not (NODE_FOLDER / "node_modules").is_dir():
        raise FileNotFoundError("node or its packages in tests/node/node_modules are missing: run `make setup`")
    return [program, str(NODE_FOLDER / script), *arguments]
