"""The composition root: the only module that knows every adapter and wires them by the configuration."""

import asyncio
import gc
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from elasticsearch import AsyncElasticsearch
from pydantic import SecretStr

from forcedex.analytics.closed_won import By, closed_won
from forcedex.analytics.report import Report
from forcedex.domain.errors import ConfigurationError, Refused
from forcedex.domain.ports import OrgIdentity, Source
from forcedex.domain.principal import Principal
from forcedex.elasticsearch.bulk import BulkWriter
from forcedex.elasticsearch.client import ElasticsearchSettings, ServerInfo, connect, server_info
from forcedex.elasticsearch.indices import ElasticsearchSink
from forcedex.elasticsearch.naming import Names
from forcedex.elasticsearch.query import IndexedObject, QueryClient
from forcedex.processes import Told, already_running, local_process
from forcedex.salesforce.credentials import (
    AccessToken,
    ClientCredentials,
    Credentials,
    JwtBearer,
    Password,
    RefreshToken,
)
from forcedex.salesforce.settings import SalesforceSettings
from forcedex.salesforce.source import SalesforceSource
from forcedex.search.answer import Answer
from forcedex.search.search import Search
from forcedex.settings import ElasticsearchSection, SalesforceSection, Settings, secret
from forcedex.state.store import KnownOrg, SqlStateStore, State, open_state
from forcedex.sync.engine import Engine
from forcedex.sync.events import Listener
from forcedex.sync.objects import ObjectOptions, SyncOptions

EMBEDDED = "embedded"


class SystemClock:
    """`forcedex.domain.ports.Clock` on the machine's own time."""

    def monotonic(self) -> float:
        """Seconds from some moment on."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await asyncio.sleep(seconds)


def nobody(event: Mapping[str, Any]) -> None:
    """Hears the events of local processes and tells nobody."""


# Salesforce


def credentials(section: SalesforceSection) -> Credentials:
    """Who we are in Salesforce; ConfigurationError naming the setting that is missing."""
    client_secret = secret(section.client_secret, section.client_secret_file, "[salesforce] client_secret_file")
    match section.auth:
        case "jwt":
            return JwtBearer(
                client_id=_needed(section.client_id, "client_id", section.auth),
                username=_needed(section.username, "username", section.auth),
                private_key_pem=_needed(
                    secret(SecretStr(""), section.private_key_file, "[salesforce] private_key_file"),
                    "private_key_file",
                    section.auth,
                ),
                audience=section.jwt_audience,
            )
        case "client_credentials":
            return ClientCredentials(
                client_id=_needed(section.client_id, "client_id", section.auth),
                client_secret=_needed(client_secret, "client_secret_file", section.auth),
            )
        case "refresh_token":
            token = secret(section.refresh_token, section.refresh_token_file, "[salesforce] refresh_token_file")
            return RefreshToken(
                client_id=_needed(section.client_id, "client_id", section.auth),
                client_secret=client_secret or None,
                refresh_token=_needed(token, "refresh_token_file", section.auth),
            )
        case "password":
            password = secret(section.password, section.password_file, "[salesforce] password_file")
            return Password(
                username=_needed(section.username, "username", section.auth),
                password=_needed(password, "password_file", section.auth),
                security_token=secret(
                    section.security_token, section.security_token_file, "[salesforce] security_token_file"
                ),
                client_id=section.client_id,
                client_secret=client_secret,
            )
        case "access_token":
            token = secret(section.access_token, section.access_token_file, "[salesforce] access_token_file")
            return AccessToken(
                access_token=_needed(token, "access_token_file", section.auth),
                instance_url=section.instance_url or section.login_url,
            )


def _needed(value: str, setting: str, auth: str) -> str:
    if not value:
        raise ConfigurationError(
            f'[salesforce] {setting} is missing; auth = "{auth}" needs it.',
            "Set it in forcedex.toml, or run `forcedex init`.",
        )
    return value


@asynccontextmanager
async def opened_source(settings: Settings) -> AsyncIterator[SalesforceSource]:
    """Salesforce as the configuration says; nothing is sent yet."""
    section = settings.salesforce
    made = SalesforceSettings(
        login_url=section.login_url,
        credentials=credentials(section),
        api_version=section.api_version,
        ca_file=str(section.ca_file) if section.ca_file else None,
    )
    async with SalesforceSource(made, SystemClock()) as source:
        yield source


# Elasticsearch


@asynccontextmanager
async def elasticsearch_url(section: ElasticsearchSection, told: Told = nobody) -> AsyncIterator[str]:
    """The URL of Elasticsearch; the embedded node is started, or found running."""
    if section.url != EMBEDDED:
        yield section.url
        return
    found = already_running(section.data)
    if found is not None:
        yield found
        return
    arguments = ["run", "--data", str(section.data), "--port", str(section.port), "--heap", section.heap]
    async with local_process("localelastic", [*arguments, "--json", "--parent-stdin"], told) as ready:
        yield str(ready["url"])


@asynccontextmanager
async def opened_cluster(settings: Settings, told: Told = nobody) -> AsyncIterator["Cluster"]:
    """Elasticsearch as the configuration says; SinkRefused if it is too old."""
    section = settings.elasticsearch
    async with elasticsearch_url(section, told) as url:
        client = connect(
            ElasticsearchSettings(
                url=url,
                api_key=secret(section.api_key, section.api_key_file, "[elasticsearch] api_key_file"),
                username=section.username,
                password=secret(section.password, section.password_file, "[elasticsearch] password_file"),
                ca_file=section.ca_file,
            )
        )
        try:
            yield Cluster(client, await server_info(client), section.index_prefix, url)
        finally:
            await client.close()


class Cluster:
    """An Elasticsearch that answered."""

    def __init__(self, client: AsyncElasticsearch, info: ServerInfo, prefix: str, url: str) -> None:
        self._client = client
        self.info = info
        self.url = url
        self._prefix = prefix

    def sink(self, org_id: str) -> ElasticsearchSink:
        """Where the documents of this org go."""
        return ElasticsearchSink(self._client, Names(self._prefix, org_id), BulkWriter(self._client, SystemClock()))

    def queries(self, org_id: str) -> QueryClient:
        """Where questions about this org go."""
        return QueryClient(self._client, Names(self._prefix, org_id))


# State


@asynccontextmanager
async def opened_state(settings: Settings) -> AsyncIterator[State]:
    """The state store as the configuration says."""
    async with open_state(settings.state.url) as state:
        yield state


# The sync


def sync_options(settings: Settings) -> SyncOptions:
    """The sync's part of the configuration."""
    chosen = settings.sync.objects
    return SyncOptions(
        objects=None if chosen == "auto" else tuple(chosen),
        per_object={
            name: ObjectOptions(exclude=tuple(each.exclude), where=each.where)
            for name, each in settings.objects.items()
        },
        api_share=settings.sync.api_share,
    )


@dataclass(frozen=True, kw_only=True, slots=True)
class Syncing:
    """A sync that is ready to run."""

    engine: Engine
    identity: OrgIdentity
    source: Source
    store: SqlStateStore
    queries: QueryClient
    elasticsearch_url: str


@asynccontextmanager
async def opened_sync(
    settings: Settings, listener: Listener, *, told: Told = nobody, objects: tuple[str, ...] | None = None
) -> AsyncIterator[Syncing]:
    """Salesforce, Elasticsearch and state, wired to an engine; `objects` goes before the configured ones."""
    _collect_garbage_rarely()
    options = sync_options(settings)
    if objects:
        options = SyncOptions(objects=objects, per_object=options.per_object, api_share=options.api_share)
    async with AsyncExitStack() as stack:
        source = await stack.enter_async_context(opened_source(settings))
        identity = await source.identity()
        state = await stack.enter_async_context(opened_state(settings))
        await state.remember(settings.salesforce.login_url, identity)
        store = state.of(identity.org_id)
        cluster = await stack.enter_async_context(opened_cluster(settings, told))
        sink = await stack.enter_async_context(cluster.sink(identity.org_id))
        engine = Engine(source, sink, store, SystemClock(), options, listener)
        yield Syncing(
            engine=engine,
            identity=identity,
            source=source,
            store=store,
            queries=cluster.queries(identity.org_id),
            elasticsearch_url=cluster.url,
        )


def _collect_garbage_rarely() -> None:
    """Rows and documents hold no cycles; looking for some after every 700 of them costs a tenth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 20)


# Asking


class Asking:
    """Questions to what was synced."""

    def __init__(self, client: QueryClient, objects: list[IndexedObject], org: KnownOrg) -> None:
        self._client = client
        self._objects = objects
        self.org = org
        self._search = Search(client, objects, org.instance_url)

    async def search(self, principal: Principal, text: str, size: int = 10) -> Answer:
        """As `Search.run`."""
        return await self._search.run(principal, text, size=size)

    async def closed_won(self, principal: Principal, by: By) -> Report:
        """As `analytics.closed_won`."""
        return await closed_won(self._client, self._objects, principal, by)


@asynccontextmanager
async def opened_asking(settings: Settings, told: Told = nobody) -> AsyncIterator[Asking]:
    """Search and reports over the org that was synced last with this login; Refused if there is none."""
    async with AsyncExitStack() as stack:
        state = await stack.enter_async_context(opened_state(settings))
        org = await state.known_org(settings.salesforce.login_url)
        if org is None:
            raise Refused("Nothing was synced yet.", "Run `forcedex sync` first, or try `forcedex demo`.")
        cluster = await stack.enter_async_context(opened_cluster(settings, told))
        client = cluster.queries(org.org_id)
        objects = await client.objects()
        if not objects:
            raise Refused("The index is empty.", "Run `forcedex sync` first.")
        yield Asking(client, objects, org)


# Local helpers


@asynccontextmanager
async def local_org(
    data: Path, *, port: int = 8000, seed: int = 7, size: float = 1.0, told: Told = nobody
) -> AsyncIterator[Mapping[str, Any]]:
    """A local Salesforce org with the demo company; its `ready` event."""
    arguments = ["run", "--data", str(data), "--port", str(port), "--seed", str(seed), "--size", str(size)]
    async with local_process("localorg", [*arguments, "--json", "--parent-stdin"], told) as ready:
        yield ready
