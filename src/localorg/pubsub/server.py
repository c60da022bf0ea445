"""The service `eventbus.v1.PubSub` on loopback, over TLS, in the running event loop.

Source: Pub/Sub API Developer Guide, "RPC Method Reference". Publishing and managed subscriptions are not there.
"""

import asyncio
import socket
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, TypeAlias, TypeVar

import grpc
from grpc.aio import ServicerContext

from localorg.org import Org
from localorg.pubsub.caller import Caller, caller_of
from localorg.pubsub.errors import PubSubError
from localorg.pubsub.eventbus_pb2 import FetchRequest, FetchResponse, SchemaInfo, SchemaRequest, TopicInfo, TopicRequest
from localorg.pubsub.subscription import FAULTS, Subscription
from localorg.pubsub.topics import single
from localorg.tls import ServerCertificate

SERVICE = "eventbus.v1.PubSub"
_GRACE = 0.5  # seconds that streams have to end when the org stops
_OPTIONS = (("grpc.so_reuseport", 0), ("grpc.max_receive_message_length", 4 * 1024 * 1024))

Context: TypeAlias = "ServicerContext[Any, Any]"
Request = TypeVar("Request")
Answer = TypeVar("Answer")


class PubSubServer:
    """Serves an org's change events."""

    def __init__(self, org: Org) -> None:
        self._org = org
        self._streams: set[Subscription] = set()
        self._server: grpc.aio.Server | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        org.faults.declare(*FAULTS)

    async def start(self, host: str, port: int, certificate: ServerCertificate) -> int:
        """Listen on this port, or on a free one if that is taken (or 0); the port."""
        for wanted in (port if _is_free(host, port) else 0, 0):
            self._server = grpc.aio.server(options=_OPTIONS)
            self._server.add_generic_rpc_handlers((self._handlers(),))
            pair = (certificate.private_key, certificate.chain)
            try:
                bound = self._server.add_secure_port(f"{host}:{wanted}", grpc.ssl_server_credentials([pair]))
            except RuntimeError:
                continue
            await self._server.start()
            self._loop = asyncio.get_running_loop()
            self._org.journal.listeners.append(self._tell)
            return bound
        raise OSError(f"No port on {host} can be listened on.")

    async def stop(self) -> None:
        """End all streams."""
        self._org.journal.listeners.clear()
        for stream in self._streams:
            stream.end(PubSubError("service.unavailable"))
        if self._server is not None:
            await self._server.stop(_GRACE)

    def _tell(self) -> None:
        """The journal has something new; in the thread that wrote it."""
        assert self._loop is not None
        self._loop.call_soon_threadsafe(self._wake)

    def _wake(self) -> None:
        for stream in self._streams:
            stream.wake()

    def _handlers(self) -> grpc.GenericRpcHandler:
        methods: dict[str, grpc.RpcMethodHandler[Any, Any]] = {
            "GetTopic": grpc.unary_unary_rpc_method_handler(
                self._unary("GetTopic", self._topic), TopicRequest.FromString, TopicInfo.SerializeToString
            ),
            "GetSchema": grpc.unary_unary_rpc_method_handler(
                self._unary("GetSchema", self._schema), SchemaRequest.FromString, SchemaInfo.SerializeToString
            ),
            "Subscribe": grpc.stream_stream_rpc_method_handler(
                self._subscribe, FetchRequest.FromString, FetchResponse.SerializeToString
            ),
            "Publish": grpc.unary_unary_rpc_method_handler(_missing("Publish")),
            "PublishStream": grpc.stream_stream_rpc_method_handler(_missing("PublishStream")),
            "ManagedSubscribe": grpc.stream_stream_rpc_method_handler(_missing("ManagedSubscribe")),
        }
        return grpc.method_handlers_generic_handler(SERVICE, methods)

    def _caller(self, method: str, subject: str, context: Context) -> Caller:
        if self._org.faults.take("PUBSUB_AUTH_ERROR", f"{method} {subject}") is not None:
            raise PubSubError("service.auth.error")
        metadata = context.invocation_metadata() or ()
        return caller_of(self._org, {key: str(value) for key, value in metadata})

    def _unary(
        self, method: str, work: Callable[[Caller, Request, str], Answer]
    ) -> Callable[[Request, Context], Awaitable[Answer]]:
        async def handle(request: Request, context: Context) -> Answer:
            rpc_id = str(uuid.uuid4())
            try:
                return work(self._caller(method, str(request), context), request, rpc_id)
            except PubSubError as error:
                await error.abort(context, rpc_id)

        return handle

    def _topic(self, caller: Caller, request: TopicRequest, rpc_id: str) -> TopicInfo:
        name = single(self._org, request.topic_name)
        return TopicInfo(
            topic_name=request.topic_name,
            tenant_guid=self._org.id,
            can_publish=False,
            can_subscribe=name is None or caller.may_subscribe(name),
            # The topic of all objects has no schema of its own.
            schema_id="" if name is None else self._org.journal.schemas.current(name).id,
            rpc_id=rpc_id,
        )

    def _schema(self, caller: Caller, request: SchemaRequest, rpc_id: str) -> SchemaInfo:
        schemas = self._org.journal.schemas
        if schemas.failures[request.schema_id] > 0:
            schemas.failures[request.schema_id] -= 1
            raise PubSubError("schema.api.unavailable")
        found = schemas.find(request.schema_id)
        if found is None:
            raise PubSubError("schema.validation.failed")
        return SchemaInfo(schema_json=found.text, schema_id=found.id, rpc_id=rpc_id)

    async def _subscribe(self, requests: AsyncIterator[FetchRequest], context: Context) -> AsyncIterator[FetchResponse]:
        rpc_id = str(uuid.uuid4())
        stream: Subscription | None = None
        following: asyncio.Task[None] | None = None
        try:
            first = await anext(requests, None)
            if first is None:
                return
            stream = Subscription(self._caller("Subscribe", first.topic_name, context), first)
            self._streams.add(stream)
            following = asyncio.create_task(stream.follow(requests))
            async for response in stream.responses():
                yield response
        except PubSubError as error:
            await error.abort(context, rpc_id)
        finally:
            if stream is not None:
                self._streams.discard(stream)
            if following is not None:
                following.cancel()


def _is_free(host: str, port: int) -> bool:
    """Whether the port can be had: gRPC would say on standard error that it cannot."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def _missing(method: str) -> Callable[[object, Context], Awaitable[object]]:
    async def handle(request: object, context: Context) -> object:
        await context.abort(grpc.StatusCode.UNIMPLEMENTED, f"The local org does not do this yet: {method}.")

    return handle
