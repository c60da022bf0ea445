"""Prints what a stream of change events brings to aiosfpubsub, one JSON object on each line: {"event"} or {"error"}.

A process of its own: the package's stubs cannot live beside others of the same protocol. Its argument is
{"url", "port", "ca_file", "username", "password", "topic", "count", "replay_id"?} (the last one hexadecimal).
It logs in by SOAP, as it always does. The package names no requirements: those that are not installed are stood in
for by what is (`avro` by fastavro, `httpx` by httpx2, `defusedxml` by the standard library).
"""

import asyncio
import os
import sys
import warnings
from importlib.util import find_spec
from types import ModuleType
from typing import Any
from xml.etree import ElementTree

import certifi
import fastavro
import grpc
import httpx2
import orjson


class _Reader:
    """The part of avro's DatumReader and BinaryDecoder that the package uses."""

    def __init__(self, schema: Any) -> None:
        self._schema = schema

    def read(self, decoder: Any) -> Any:
        """The datum."""
        return fastavro.schemaless_reader(decoder, self._schema, None)


def _stand_in() -> None:
    """Make the package importable where its requirements are missing."""
    if find_spec("avro") is None:
        avro = sys.modules["avro"] = ModuleType("avro")
        sys.modules["avro.schema"] = ModuleType("avro.schema")
        sys.modules["avro.io"] = ModuleType("avro.io")
        schema, binary = {"parse": lambda text: fastavro.parse_schema(orjson.loads(text))}, {"DatumReader": _Reader}
        vars(sys.modules["avro.schema"]).update(schema)
        vars(sys.modules["avro.io"]).update(binary | {"BinaryDecoder": lambda buffer: buffer})
        vars(avro).update(schema=sys.modules["avro.schema"], io=sys.modules["avro.io"])
    if find_spec("httpx") is None:
        sys.modules["httpx"] = httpx2
    if find_spec("defusedxml") is None:
        defused = sys.modules["defusedxml"] = ModuleType("defusedxml")
        vars(defused)["ElementTree"] = ElementTree


def _print(line: dict[str, Any]) -> None:
    sys.stdout.buffer.write(orjson.dumps(line) + b"\n")
    sys.stdout.buffer.flush()


async def _main(given: dict[str, Any]) -> None:
    # Only now are its requirements there; it has no types.
    from aiosfpubsub import Client  # type: ignore[import-untyped]

    client = Client(given["url"], given["username"], given["password"], "localhost", given["port"])
    client.auth()
    done = asyncio.Event()
    seen = 0

    def take(answer: Any, client: Any) -> None:
        nonlocal seen
        for event in answer.events:
            schema = client.get_schema_json(event.event.schema_id)
            decoded = client.decode(schema, event.event.payload)
            _print({"event": decoded, "replay_id": event.replay_id.hex()})
            seen += 1
        if seen >= given["count"]:
            done.set()

    replay = bytes.fromhex(given.get("replay_id", ""))
    preset = "CUSTOM" if replay else "EARLIEST"
    subscribing = asyncio.create_task(client.subscribe(given["topic"], preset, replay, given["count"], take))
    waiting = asyncio.create_task(done.wait())
    await asyncio.wait({subscribing, waiting}, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    if subscribing.done():
        try:
            subscribing.result()
        except grpc.aio.AioRpcError as error:
            trailers = dict(error.trailing_metadata() or ())
            _print({"error": {"status": error.code().name, "code": trailers["error-code"], "message": error.details()}})
    subscribing.cancel()


if __name__ == "__main__":
    found = orjson.loads(sys.argv[1])
    # The package trusts what certifi names; its HTTP client what the environment names.
    certifi.where = lambda: found["ca_file"]
    os.environ["SSL_CERT_FILE"] = found["ca_file"]
    warnings.simplefilter("ignore")
    _stand_in()
    asyncio.run(_main(found))
