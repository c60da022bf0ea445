"""A Pub/Sub API server whose every answer a test decides: for what the local org never does.

Topics and schemas are tables; each subscription goes to the test's script.
"""

import asyncio
import io
import json
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, NoReturn

import grpc
from fastavro import parse_schema, schemaless_writer

from forcedex.salesforce.pubsub import pubsub_api_pb2 as messages
from tests.integration.salesforce.private_ca import PrivateCa

PREFIX = "sfdc.platform.eventbus.grpc."
FIRST_ID = "001000000000001AAA"
COMMITTED = 1_780_315_200_000  # 2026-06-01T12:00:00Z in milliseconds

Context = grpc.aio.ServicerContext[object, object]


def schema_text(name: str = "Account", *more: Mapping[str, object]) -> str:
    """The Avro schema of an object's change events, as Salesforce writes it, with some body fields."""
    texts = {"type": "array", "items": "string"}
    kinds = ["CREATE", "UPDATE", "DELETE", "UNDELETE"]
    kinds += [f"GAP_{kind}" for kind in kinds] + ["GAP_OVERFLOW", "SNAPSHOT"]
    header = [
        {"name": "entityName", "type": "string"},
        {"name": "recordIds", "type": texts},
        {"name": "changeType", "type": {"type": "enum", "name": "ChangeType", "symbols": kinds}},
        {"name": "changeOrigin", "type": "string"},
        {"name": "transactionKey", "type": "string"},
        {"name": "sequenceNumber", "type": "int"},
        {"name": "commitTimestamp", "type": "long"},
        {"name": "commitNumber", "type": "long"},
        {"name": "commitUser", "type": "string"},
        {"name": "nulledFields", "type": texts},
        {"name": "diffFields", "type": texts},
        {"name": "changedFields", "type": texts},
    ]
    fields = [
        {"name": "ChangeEventHeader", "type": {"type": "record", "name": "ChangeEventHeader", "fields": header}},
        {"name": "Name", "type": ["null", "string"], "default": None},
        {"name": "LastModifiedDate", "type": ["null", "long"], "default": None},
        *more,
    ]
    return json.dumps(
        {"type": "record", "name": f"{name}ChangeEvent", "namespace": "com.sforce.eventbus", "fields": fields}
    )


def payload(schema: str, header: Mapping[str, object], **body: object) -> bytes:
    """An encoded event; the header's usual parts are filled in."""
    whole = {
        "entityName": "Account",
        "recordIds": [FIRST_ID],
        "changeType": "UPDATE",
        "changeOrigin": "",
        "transactionKey": "t",
        "sequenceNumber": 1,
        "commitTimestamp": COMMITTED,
        "commitNumber": 1,
        "commitUser": "005000000000001AAA",
        "nulledFields": [],
        "diffFields": [],
        "changedFields": ["0x0800"],
        **header,
    }
    written = io.BytesIO()
    schemaless_writer(written, parse_schema(json.loads(schema)), {"ChangeEventHeader": whole, **body})
    return written.getvalue()


def place(number: int) -> bytes:
    """The replay id of the event with this number."""
    return number.to_bytes(8, "big") + b"\0\0"


def event(
    number: int, header: Mapping[str, object] = {}, *, schema_id: str = "first", schema: str = "", **body: object
) -> messages.ConsumerEvent:
    """An event as it is delivered."""
    produced = messages.ProducerEvent(
        id=f"e{number}", schema_id=schema_id, payload=payload(schema or schema_text(), header, **body)
    )
    return messages.ConsumerEvent(event=produced, replay_id=place(number))


@dataclass
class Listener:
    """One subscription as the server sees it."""

    context: Context
    metadata: dict[str, str]
    #: What was asked so far, the oldest first.
    asked: list[messages.FetchRequest] = field(default_factory=list)
    cancelled: asyncio.Event = field(default_factory=asyncio.Event)

    async def next(self) -> messages.FetchRequest:
        """Wait for one more request."""
        request = await self.context.read()
        assert isinstance(request, messages.FetchRequest), "the client closed its side"
        self.asked.append(request)
        return request

    async def send(self, *events: messages.ConsumerEvent, latest: bytes = b"", pending: int = 1) -> None:
        """Answer with these events; a keep-alive without."""
        latest = latest or (events[-1].replay_id if events else b"")
        answer = messages.FetchResponse(events=events, latest_replay_id=latest, pending_num_requested=pending)
        await self.context.write(answer)

    async def refuse(self, status: grpc.StatusCode, code: str = "", text: str = "no") -> NoReturn:
        """End the call with an error."""
        trailer = (("error-code", PREFIX + code),) if code else ()
        await self.context.abort(status, f"{text} rpcId: 0b6a2b0e", trailer)

    async def rest(self) -> None:
        """Do nothing until the client goes."""
        await asyncio.Event().wait()


Script = Callable[[Listener], Awaitable[None]]


@dataclass
class ScriptedPubSub:
    """The server. Subscriptions use up the scripts; the last one stays."""

    scripts: list[Script] = field(default_factory=list)
    #: Topic to whether it may be subscribed to; a refusal instead: status and error code.
    topics: dict[str, bool | tuple[grpc.StatusCode, str]] = field(default_factory=dict)
    #: By id; a refusal instead: status and error code.
    schemas: dict[str, str | tuple[grpc.StatusCode, str]] = field(default_factory=lambda: {"first": schema_text()})
    listeners: list[Listener] = field(default_factory=list)
    #: Sessions that are over.
    dead_tokens: set[str] = field(default_factory=set)
    #: Calls by method and subject.
    calls: Counter[str] = field(default_factory=Counter)
    address: str = ""
    ca_file: str = ""

    async def _refuse(self, context: Context, status: grpc.StatusCode, code: str) -> NoReturn:
        await context.abort(status, "no rpcId: 0b6a2b0e", (("error-code", PREFIX + code),))

    async def _known(self, context: Context) -> dict[str, str]:
        metadata = {key: str(value) for key, value in context.invocation_metadata() or ()}
        if metadata["accesstoken"] in self.dead_tokens:
            await self._refuse(context, grpc.StatusCode.UNAUTHENTICATED, "service.auth.error")
        return metadata

    async def get_topic(self, request: messages.TopicRequest, context: Context) -> messages.TopicInfo:
        self.calls[f"GetTopic {request.topic_name}"] += 1
        await self._known(context)
        found = self.topics.get(request.topic_name, (grpc.StatusCode.NOT_FOUND, "topic.not.found"))
        if not isinstance(found, bool):
            await self._refuse(context, *found)
        return messages.TopicInfo(topic_name=request.topic_name, can_subscribe=found)

    async def get_schema(self, request: messages.SchemaRequest, context: Context) -> messages.SchemaInfo:
        self.calls[f"GetSchema {request.schema_id}"] += 1
        await self._known(context)
        found = self.schemas.get(request.schema_id, (grpc.StatusCode.INVALID_ARGUMENT, "schema.validation.failed"))
        if not isinstance(found, str):
            await self._refuse(context, *found)
        return messages.SchemaInfo(schema_id=request.schema_id, schema_json=found)

    async def subscribe(self, requests: object, context: Context) -> None:
        listener = Listener(context, await self._known(context))
        self.listeners.append(listener)
        script = self.scripts.pop(0) if len(self.scripts) > 1 else self.scripts[0]
        try:
            await script(listener)
        except asyncio.CancelledError:
            listener.cancelled.set()
            raise


@asynccontextmanager
async def scripted_pubsub(pubsub: ScriptedPubSub, ca: PrivateCa, host: str = "localhost") -> AsyncIterator[None]:
    """The server while it runs, on a free port of this machine, with a certificate for this host."""
    server = grpc.aio.server()
    handlers: dict[str, grpc.RpcMethodHandler[Any, Any]] = {
        "GetTopic": grpc.unary_unary_rpc_method_handler(
            pubsub.get_topic, messages.TopicRequest.FromString, messages.TopicInfo.SerializeToString
        ),
        "GetSchema": grpc.unary_unary_rpc_method_handler(
            pubsub.get_schema, messages.SchemaRequest.FromString, messages.SchemaInfo.SerializeToString
        ),
        "Subscribe": grpc.stream_stream_rpc_method_handler(
            pubsub.subscribe, messages.FetchRequest.FromString, messages.FetchResponse.SerializeToString
        ),
    }
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler("eventbus.v1.PubSub", handlers),))
    credentials = grpc.ssl_server_credentials([ca.key_and_certificate(host)])
    port = server.add_secure_port("127.0.0.1:0", credentials)
    await server.start()
    pubsub.address = f"localhost:{port}"
    pubsub.ca_file = str(ca.ca_file)
    try:
        yield
    finally:
        await server.stop(None)
