"""What a command does itself if no sync is running, or asks the running sync to do."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from typing import Any

from forcedex.app import Syncing, opened_state, opened_sync
from forcedex.cli.console import say
from forcedex.cli.local import LocalNews
from forcedex.cli.progress import SyncProgress
from forcedex.domain.errors import Refused
from forcedex.settings import Settings

_LOOK_EVERY = 0.5  # seconds
_PATIENCE = 6 * 3600.0  # seconds


async def here_or_there(
    settings: Settings,
    kind: str,
    argument: str,
    here: Callable[[Syncing], Awaitable[dict[str, Any]]],
) -> dict[str, Any]:
    """The answer: by `here` with the lease in our hands, or of the sync that holds it."""
    async with opened_state(settings) as state:
        org = await state.known_org(settings.salesforce.login_url)
        if org is None:
            raise Refused("Nothing was synced yet.", "Run `forcedex sync` first, or try `forcedex demo`.")
        holder = await state.holder(org.org_id)
        if holder is not None:
            store = state.of(org.org_id)
            number = await store.ask(kind, argument)
            say(f"Asked the running sync ({holder}).")
            loop = asyncio.get_running_loop()
            end = loop.time() + _PATIENCE
            while loop.time() < end:
                answer = await store.answer_of(number)
                if answer is not None:
                    return _checked(json.loads(answer))
                if await state.holder(org.org_id) is None:
                    raise Refused("The running sync ended before it answered.", "Run this command again.")
                await asyncio.sleep(_LOOK_EVERY)
            raise Refused("The running sync does not answer.", "See `forcedex status`.")
    with LocalNews() as news:
        async with opened_sync(settings, SyncProgress(), told=news) as syncing:
            news.done()
            return _checked(await here(syncing))


def _checked(answer: dict[str, Any]) -> dict[str, Any]:
    if "error" in answer:
        raise Refused(str(answer["error"]))
    return answer
