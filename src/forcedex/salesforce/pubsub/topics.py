"""Topics of change events: their names, and which of them the org offers.

Source: Change Data Capture Developer Guide, "Subscription Channels".
"""

import asyncio
from collections.abc import Sequence

from forcedex.domain.errors import StreamRefused
from forcedex.salesforce.pubsub.api import PubSub

#: Questions at a time.
_AT_ONCE = 8


def topic_name(sobject: str) -> str:
    """The topic of an object's change events: `/data/AccountChangeEvent`, `/data/Invoice__ChangeEvent`."""
    return f"/data/{sobject[:-1]}ChangeEvent" if sobject.endswith("__c") else f"/data/{sobject}ChangeEvent"


async def streamable(pubsub: PubSub, names: Sequence[str]) -> list[str]:
    """Those of the objects whose topic is there and may be subscribed to.

    SourceUnavailable if the Pub/Sub API cannot be reached.
    """
    free = asyncio.Semaphore(_AT_ONCE)

    async def offered(name: str) -> bool:
        async with free:
            try:
                return (await pubsub.topic(topic_name(name))).can_subscribe
            except StreamRefused:
                return False

    questions = [asyncio.ensure_future(offered(name)) for name in names]
    try:
        answers = await asyncio.gather(*questions)
    finally:
        for question in questions:
            question.cancel()
        await asyncio.gather(*questions, return_exceptions=True)
    return [name for name, answer in zip(names, answers, strict=True) if answer]
