"""A small Pub/Sub client for the local org's tests: plain gRPC and Avro, decoding what streams bring."""

import asyncio
import io
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import fastavro
import grpc
import orjson

from localorg.fixture import LocalOrg
from localorg.pubsub.eventbus_pb2 import (
    CUSTOM,
    EARLIEST,
    LATEST,
    ConsumerEvent,
    FetchRequest,
    FetchResponse,
    SchemaInfo,
    SchemaRequest,
    TopicInfo,
    TopicRequest,
)

ACCOUNTS = "/data/AccountChangeEvent"
EVERYTHING = "/data/ChangeEvents"
PATIENCE = 20.0  # seconds


@dataclass(frozen=True)
class Change:
    """One event, decoded."""

    header: dict[str, Any]
    #: Fields that are not null; compounds with their parts that are not null.
    values: dict[str, Any]
    schema: Any
    schema_id: str
    replay_id: bytes
    payload: bytes

    @property
    def kind(self) -> str:
        """CREATE, UPDATE, …"""
        return str(self.header["changeType"])

    @property
    def ids(self) -> list[str]:
        """The records."""
        return list(self.header["recordIds"])

    @property
    def changed(self) -> list[str]:
        """Names of changed fields; parts as `BillingAddress.City`."""
        return self.names("changedFields")

    @property
    def nulled(self) -> list[str]:
        """Names of fields that were emptied."""
        return self.names("nulledFields")

    def names(self, key: str) -> list[str]:
        """The fields that one of the header's lists of bitmaps names."""
        fields, records = self.schema["fields"], {}
        for field in fields:
            for kind in field["type"] if isinstance(field["type"], list) else []:
                if isinstance(kind, dict):
                    records[kind["name"]] = kind
        found = []
        for element in self.header[key]:
            parent, dash, bits = element.rpartition("-")
            digits = f"{int(bits, 16):b}"[::-1]
            places = [place for place, digit in enumerate(digits) if digit == "1"]
            if not dash:
                found += [fields[place]["name"] for place in places]
                continue
            field = fields[int(parent)]
            record = next(kind for kind in field["type"] if kind != "null")
            record = records[record] if isinstance(record, str) else record
            found += [f"{field['name']}.{record['fields'][place]['name']}" for place in places]
        return found


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_nulls(one) for key, one in value.items() if one is not None}
    return value


class PubSub:
    """Calls to one org as one user."""

    def __init__(self, org: LocalOrg, token: str | None = None, **metadata: str) -> None:
        credentials = grpc.ssl_channel_credentials(org.ca_file.read_bytes())
        self._channel = grpc.aio.secure_channel(org.pubsub, credentials)
        given = {"accesstoken": token or org.session(), "instanceurl": org.https_url, "tenantid": org.org.id}
        self._metadata = tuple((given | metadata).items())
        self._schemas: dict[str, Any] = {}

    async def _call(self, method: str, request: Any, answer: Any) -> Any:
        call = self._channel.unary_unary(
            f"/eventbus.v1.PubSub/{method}", type(request).SerializeToString, answer.FromString
        )
        return await call(request, metadata=self._metadata, timeout=PATIENCE)

    async def topic(self, name: str) -> TopicInfo:
        """GetTopic."""
        found: TopicInfo = await self._call("GetTopic", TopicRequest(topic_name=name), TopicInfo)
        return found

    async def schema(self, schema_id: str) -> SchemaInfo:
        """GetSchema."""
        found: SchemaInfo = await self._call("GetSchema", SchemaRequest(schema_id=schema_id), SchemaInfo)
        return found

    async def schema_json(self, schema_id: str) -> Any:
        """A schema, asked for once."""
        if schema_id not in self._schemas:
            self._schemas[schema_id] = orjson.loads((await self.schema(schema_id)).schema_json)
        return self._schemas[schema_id]

    async def subscribe(
        self, topic: str = ACCOUNTS, *, preset: int = EARLIEST, replay: bytes | None = None, count: int = 100
    ) -> "Stream":
        """A stream; with a replay id it resumes after that event."""
        call = self._channel.stream_stream(
            "/eventbus.v1.PubSub/Subscribe", FetchRequest.SerializeToString, FetchResponse.FromString
        )(metadata=self._metadata)
        stream = Stream(self, call, topic)
        request = FetchRequest(topic_name=topic, num_requested=count)
        request.replay_preset = CUSTOM if replay is not None else preset  # type: ignore[assignment]
        request.replay_id = replay or b""
        await stream.write(request)
        return stream

    async def changes(self, count: int, topic: str = ACCOUNTS) -> list[Change]:
        """The first events of a topic that are kept."""
        stream = await self.subscribe(topic)
        try:
            return await stream.changes(count)
        finally:
            stream.cancel()

    async def decode(self, event: ConsumerEvent) -> Change:
        """An event by the schema it names."""
        schema = await self.schema_json(event.event.schema_id)
        parsed = fastavro.parse_schema(schema)
        found = fastavro.schemaless_reader(io.BytesIO(event.event.payload), parsed, None)
        assert isinstance(found, dict)
        header = found.pop("ChangeEventHeader")
        values = _without_nulls(found)
        return Change(header, values, schema, event.event.schema_id, event.replay_id, event.event.payload)

    async def close(self) -> None:
        """Close the connection."""
        await self._channel.close()


class Stream:
    """One subscription."""

    def __init__(self, client: PubSub, call: Any, topic: str) -> None:
        self._client = client
        self._call = call
        self._topic = topic

    async def write(self, request: FetchRequest) -> None:
        """Send a request."""
        await self._call.write(request)

    async def request(self, count: int, topic: str | None = None) -> None:
        """Ask for more events."""
        await self.write(FetchRequest(topic_name=topic or self._topic, num_requested=count))

    async def response(self) -> FetchResponse:
        """The next response; EOFError if the stream ended well."""
        found = await asyncio.wait_for(self._call.read(), PATIENCE)
        if found is grpc.aio.EOF:
            raise EOFError
        assert isinstance(found, FetchResponse)
        return found

    async def keepalive(self) -> FetchResponse:
        """The next response, which has no events."""
        found = await self.response()
        assert not found.events
        return found

    async def changes(self, count: int) -> list[Change]:
        """The next events."""
        found: list[Change] = []
        while len(found) < count:
            found += [await self._client.decode(event) for event in (await self.response()).events]
        assert len(found) == count, [one.kind for one in found]
        return found

    async def error(self) -> tuple[grpc.StatusCode, str]:
        """How the stream fails: status and error code without its prefix."""
        try:
            while True:
                await self.response()
        except grpc.aio.AioRpcError as error:
            return refusal(error)

    def cancel(self) -> None:
        """Leave."""
        self._call.cancel()

    async def __aiter__(self) -> AsyncIterator[FetchResponse]:
        while True:
            yield await self.response()


def refusal(error: grpc.aio.AioRpcError) -> tuple[grpc.StatusCode, str]:
    """Status and error code of a failed call; the text ends with the call's id."""
    trailers = {key: str(value) for key, value in error.trailing_metadata() or ()}
    code = trailers["error-code"]
    assert code.startswith("sfdc.platform.eventbus.grpc.")
    assert " rpcId: " in str(error.details())
    return error.code(), code.removeprefix("sfdc.platform.eventbus.grpc.")


__all__ = ["ACCOUNTS", "CUSTOM", "EARLIEST", "EVERYTHING", "LATEST", "Change", "PubSub", "Stream", "refusal"]
