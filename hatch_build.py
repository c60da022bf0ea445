"""Makes Python modules of the `.proto` files under `src`, whenever the project is built or installed from source.

What charts are drawn with, and the page, come along if `make setup` has put them there.
"""

import sys
from importlib import resources
from pathlib import Path
from typing import Any

from grpc_tools import protoc  # type: ignore[import-untyped]
from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class ProtocolBuffers(BuildHookInterface[Any]):
    """hatchling's custom build hook."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Before each build."""
        source = Path(self.root) / "src"
        for path in sorted(source.rglob("*.proto")):
            include = resources.files("grpc_tools") / "_proto"
            arguments = ["protoc", f"-I{source}", f"-I{include}", f"--python_out={source}", f"--pyi_out={source}"]
            if protoc.main([*arguments, str(path)]) != 0:
                sys.exit(f"{path} cannot be compiled")
            build_data["artifacts"].append(f"/{path.relative_to(self.root).with_suffix('')}_pb2.py*")
        build_data["artifacts"] += ["/src/forcedex/analytics/charts/echarts.*", "/src/forcedex/server/built/**"]
