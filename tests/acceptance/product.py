"""The real program as a process, in a folder of its own, against a local org and an Elasticsearch."""

import asyncio
import os
import secrets
import shutil
import sys
from pathlib import Path

from localorg.fixture import LocalOrg


class Product:
    """Runs `forcedex …`."""

    def __init__(
        self, home: Path, org: LocalOrg | None, elasticsearch_url: str, *, objects: tuple[str, ...] | None = None
    ) -> None:
        self.home = home
        self.prefix = f"t{secrets.token_hex(4)}"
        self.settings: dict[str, str] = {
            "FORCEDEX_ELASTICSEARCH__URL": elasticsearch_url,
            "FORCEDEX_ELASTICSEARCH__INDEX_PREFIX": self.prefix,
        }
        if org is not None:
            key = home / "integration.key"
            shutil.copy(org.credentials.private_key_file, key)
            self.settings |= {
                "FORCEDEX_SALESFORCE__LOGIN_URL": org.url,
                "FORCEDEX_SALESFORCE__CLIENT_ID": org.credentials.client_id,
                "FORCEDEX_SALESFORCE__USERNAME": org.credentials.username,
                "FORCEDEX_SALESFORCE__PRIVATE_KEY_FILE": str(key),
                "FORCEDEX_SALESFORCE__PUBSUB_URL": org.pubsub,
                "FORCEDEX_SALESFORCE__CA_FILE": str(org.ca_file),
            }
        #: Ports are taken as they come: many tests run at once.
        self.settings["FORCEDEX_SERVER__OPERATIONS_PORT"] = "0"
        if objects is not None:
            quoted = ", ".join(f'"{each}"' for each in objects)
            self.settings["FORCEDEX_SYNC__OBJECTS"] = f"[{quoted}]"

    async def start(self, *arguments: str) -> asyncio.subprocess.Process:
        """The process, with its output in pipes."""
        return await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "forcedex",
            *arguments,
            cwd=self.home,
            env={
                **{key: value for key, value in os.environ.items() if not key.startswith("FORCEDEX_")},
                **self.settings,
            },
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            limit=2**24,
        )

    async def run(self, *arguments: str) -> tuple[int, str, str]:
        """Exit code, standard output, standard error."""
        process = await self.start(*arguments)
        out, err = await process.communicate()
        assert process.returncode is not None
        return process.returncode, out.decode(), err.decode()
