"""Salesforce's Pub/Sub API over one gRPC connection, with the session that REST uses.

Source: Pub/Sub API Developer Guide, "Pub/Sub API as a gRPC API", "Authentication"; package `eventbus.v1`.
"""

import asyncio
from typing import TypeVar

import grpc
from google.protobuf.message import Message

from forcedex.domain.errors import StreamLost
from forcedex.salesforce.hosts import Origin
from forcedex.salesforce.identity import organization_id
from forcedex.salesforce.pubsub import pubsub_api_pb2 as messages
from forcedex.salesforce.pubsub.refusal import failure_of
from forcedex.salesforce.retry import Failure
from forcedex.salesforce.session import Session
from forcedex.salesforce.transport import Transport
from forcedex.salesforce.trust import root_certificates

#: Seconds for an answer to a call that is no stream.
ANSWER_TIMEOUT = 30.0
#: Bytes of one message: 100 events of at most 1 MB each, unpacked.
MAX_MESSAGE = 128 * 1024 * 1024

_SERVICE = "/eventbus.v1.PubSub/"

Reply = TypeVar("Reply", bound=Message)
FetchCall = grpc.aio.StreamStreamCall[messages.FetchRequest, messages.FetchResponse]


class PubSub:
    """The Pub/Sub API as something that can be asked. It connects when first asked."""

    def __init__(self, transport: Transport) -> None:
        self.address = transport.settings.pubsub_url
        self.transport = transport
        self._channel: grpc.aio.Channel | None = None
        self._org_id: str | None = None
        self._org_id_lock = asyncio.Lock()

    async def aclose(self) -> None:
        """Close the connection; calls that are under way end."""
        if self._channel is not None:
            channel, self._channel = self._channel, None
            await channel.close()

    async def topic(self, name: str) -> messages.TopicInfo:
        """What the org tells of a topic; StreamRefused if it offers none of this name."""
        request = messages.TopicRequest(topic_name=name)
        return await self._ask("GetTopic", request, messages.TopicInfo, f"look up {name}")

    async def schema(self, schema_id: str) -> messages.SchemaInfo:
        """The Avro schema with this id; StreamRefused if the org does not give it away."""
        request = messages.SchemaRequest(schema_id=schema_id)
        return await self._ask("GetSchema", request, messages.SchemaInfo, f"give the schema {schema_id}")

    async def session(self) -> Session:
        """The session that calls are made with."""
        return await self.transport.session()

    async def subscription(self, session: Session) -> FetchCall:
        """A new call of Subscribe; cancel it."""
        subscribe: grpc.aio.StreamStreamMultiCallable[messages.FetchRequest, messages.FetchResponse]
        subscribe = self._connected().stream_stream(
            f"{_SERVICE}Subscribe",
            request_serializer=messages.FetchRequest.SerializeToString,
            response_deserializer=messages.FetchResponse.FromString,
        )
        return subscribe(metadata=await self._metadata(session))

    def stream_failure(self, error: grpc.aio.AioRpcError, purpose: str) -> Failure:
        """What the end of a stream means; its error's texts hold no secrets."""
        failure = failure_of(error, purpose, self.address, StreamLost)
        self.transport.redacted(failure.error)
        return failure

    async def _ask(self, method: str, request: Message, reply: type[Reply], purpose: str) -> Reply:
        """One call: repeated when trouble passes, and once with a new session."""
        attempt = 1
        renewed = False
        while True:
            session = await self.session()
            call = self._connected().unary_unary(
                f"{_SERVICE}{method}",
                request_serializer=type(request).SerializeToString,
                response_deserializer=reply.FromString,
            )
            try:
                return await call(request, metadata=await self._metadata(session), timeout=ANSWER_TIMEOUT)
            except grpc.aio.AioRpcError as exc:
                failure = failure_of(exc, purpose, self.address)
            if failure.session_over and not renewed:
                renewed = True
                await self.transport.session_after(session)
                continue
            await self.transport.pause(failure, attempt)
            attempt += 1

    async def _metadata(self, session: Session) -> grpc.aio.Metadata:
        async with self._org_id_lock:
            if self._org_id is None:
                self._org_id = session.org_id or await organization_id(self.transport)
        return grpc.aio.Metadata(
            ("accesstoken", session.access_token), ("instanceurl", session.instance_url), ("tenantid", self._org_id)
        )

    def _connected(self) -> grpc.aio.Channel:
        if self._channel is None:
            self._channel = grpc.aio.secure_channel(
                self.address,
                grpc.ssl_channel_credentials(root_certificates(self.transport.settings.ca_file)),
                options=(
                    ("grpc.max_receive_message_length", MAX_MESSAGE),
                    ("grpc.max_reconnect_backoff_ms", 30_000),
                    # A proxy cannot reach this machine's own loopback.
                    ("grpc.enable_http_proxy", 0 if _loopback(self.address) else 1),
                ),
            )
        return self._channel


def _loopback(address: str) -> bool:
    host, _, port = address.rpartition(":")
    return Origin("https", host.strip("[]").lower(), int(port)).loopback
