"""`make salesforce-preview`: the components to look at, until it is interrupted."""

import asyncio
import tempfile
from contextlib import suppress
from pathlib import Path

from localelastic.fixture import running_node
from tests.preview.running import built_components, running_preview

PORT = 8090


async def main() -> None:
    """Build, start everything, wait."""
    with tempfile.TemporaryDirectory(prefix="forcedex-preview-") as temporary:
        home = Path(temporary)
        print("Building the components …", flush=True)
        built_components()
        print("Starting Elasticsearch, a Salesforce org, the sync and the service …", flush=True)
        async with (
            running_node() as node,
            running_preview(home, node.url, size=0.1, port=PORT) as preview,
        ):
            print(f"{preview.url}   (Ctrl+C ends it)", flush=True)
            await asyncio.Event().wait()


with suppress(KeyboardInterrupt):
    asyncio.run(main())
