"""A node of its own that stands still, and that is killed, in the middle of bulk requests."""

import asyncio
import os
import signal
from pathlib import Path

from forcedex.app import SystemClock
from forcedex.domain.writing import WriteResult
from forcedex.elasticsearch.bulk import BulkLimits, BulkWriter
from forcedex.elasticsearch.client import ElasticsearchSettings, connect
from forcedex.elasticsearch.indices import ElasticsearchSink
from forcedex.elasticsearch.naming import Names
from localelastic.installation import install
from localelastic.node import Node
from tests.factories.pages import page, record_id
from tests.integration.elasticsearch.writing import ACCOUNTS, opened

_HEAP = 256  # MiB
_PAGES, _ROWS = 10, 50


async def test_a_node_that_stands_still_or_is_killed_under_load_costs_no_document(tmp_path: Path) -> None:
    installation = await install(lambda event: None)
    node = await Node.start(installation, tmp_path, port=0, heap=_HEAP)
    client = connect(ElasticsearchSettings(url=node.url))
    hasty = client.options(request_timeout=2.0)
    names = Names("forcedex", "00D000000000001AAA")
    try:
        writer = BulkWriter(hasty, SystemClock(), BulkLimits(request_items=10, patience=120.0, longest_pause=0.5))
        async with ElasticsearchSink(client, names, writer) as sink:
            target = await opened(sink)
            outcomes: list[WriteResult] = []

            async def write(number: int) -> None:
                rows = [{"Id": record_id(number * _ROWS + index), "Name": str(index)} for index in range(_ROWS)]
                outcomes.append(await (await target.put(page(ACCOUNTS, *rows), number)))

            async def several(numbers: range, during: signal.Signals) -> None:
                writing = [asyncio.create_task(write(number)) for number in numbers]
                while not outcomes:
                    await asyncio.sleep(0.001)
                os.kill(node.pid, during)
                if during is signal.SIGKILL:
                    await restart()
                else:
                    await asyncio.sleep(2.5)  # longer than a request may take
                    assert not all(task.done() for task in writing)
                    os.kill(node.pid, signal.SIGCONT)
                await asyncio.gather(*writing)

            async def restart() -> None:
                nonlocal node
                await node.ended()
                node = await Node.start(installation, tmp_path, port=node.port, heap=_HEAP)

            await several(range(_PAGES), signal.SIGSTOP)
            outcomes.clear()
            await several(range(_PAGES, 2 * _PAGES), signal.SIGKILL)
            assert sum(each.written for each in outcomes) == _PAGES * _ROWS
            assert await sink.count("Account") == 2 * _PAGES * _ROWS
    finally:
        await client.close()
        await node.stop()
