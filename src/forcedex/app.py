"""The composition root: the only module that knows every adapter and wires them by the configuration."""

import asyncio
import ctypes
import gc
import getpass
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from elasticsearch import AsyncElasticsearch
from pydantic import SecretStr

from forcedex.analytics.definition import Definition
from forcedex.analytics.reports.catalogue import available
from forcedex.analytics.reports.costs import Costs
from forcedex.asking import Asking
from forcedex.curating import Curating
from forcedex.domain.errors import ConfigurationError, Refused
from forcedex.domain.lease import LeaseHolder
from forcedex.domain.ports import OrgIdentity, Source
from forcedex.elasticsearch.bulk import BulkWriter
from forcedex.elasticsearch.client import ElasticsearchSettings, ServerInfo, connect, server_info
from forcedex.elasticsearch.indices import ElasticsearchSink, IndexSettings
from forcedex.elasticsearch.naming import Names
from forcedex.elasticsearch.privileges import ApiKey, api_keys
from forcedex.elasticsearch.query import QueryClient
from forcedex.keys import Keys
from forcedex.monitor import Monitor, monitored, utc_now
from forcedex.operations.redaction import Redactor
from forcedex.operations.secrets import configured_secrets
from forcedex.processes import Told, already_running, local_process
from forcedex.salesforce.account import BeforeCall, unlimited
from forcedex.salesforce.credentials import (
    AccessToken,
    ClientCredentials,
    Credentials,
    JwtBearer,
    Password,
    RefreshToken,
)
from forcedex.salesforce.settings import SalesforceSettings
from forcedex.salesforce.sign_in import SignIn, SignInSettings
from forcedex.salesforce.source import SalesforceSource
from forcedex.settings import ElasticsearchSection, LoggingSection, SalesforceSection, Settings, secret
from forcedex.state.backup_file import Backup
from forcedex.state.orgs import KnownOrg
from forcedex.state.store import Restored, SqlStateStore, State, open_state
from forcedex.sync.budget import CallMeter
from forcedex.sync.engine import Engine
from forcedex.sync.events import Event, Listener
from forcedex.sync.objects import ObjectOptions, SyncOptions
from forcedex.sync.rhythm import Rhythm
from forcedex.viewing import Views

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
async def opened_source(
    settings: Settings, before_call: BeforeCall = unlimited, on_secret: Callable[[str], None] = lambda secret: None
) -> AsyncIterator[SalesforceSource]:
    """Salesforce as the configuration says; nothing is sent yet. The parameters are those of `SalesforceSource`."""
    section = settings.salesforce
    made = SalesforceSettings(
        login_url=section.login_url,
        credentials=credentials(section),
        api_version=section.api_version,
        pubsub_url=section.pubsub_url,
        ca_file=str(section.ca_file) if section.ca_file else None,
    )
    async with SalesforceSource(made, SystemClock(), before_call=before_call, on_secret=on_secret) as source:
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
async def opened_cluster(settings: Settings, told: Told = nobody, *, asking: bool = False) -> AsyncIterator["Cluster"]:
    """Elasticsearch as the configuration says; SinkRefused if it is too old.

    `asking`: with the key of least rights, if there is one; what writes is refused then.
    """
    section = settings.elasticsearch
    async with elasticsearch_url(section, told) as url:
        client = connect(_identified(section, url, asking))
        try:
            yield Cluster(client, await server_info(client), section.index_prefix, url, section.shards)
        finally:
            await client.close()


def _identified(section: ElasticsearchSection, url: str, asking: bool) -> ElasticsearchSettings:
    """Where Elasticsearch is, and as whom it is spoken to."""
    if asking:
        key = secret(section.read_api_key, section.read_api_key_file, "[elasticsearch] read_api_key_file")
        if key:
            return ElasticsearchSettings(url=url, api_key=key, ca_file=section.ca_file)
    return ElasticsearchSettings(
        url=url,
        api_key=secret(section.api_key, section.api_key_file, "[elasticsearch] api_key_file"),
        username=section.username,
        password=secret(section.password, section.password_file, "[elasticsearch] password_file"),
        ca_file=section.ca_file,
    )


async def needed_keys(settings: Settings) -> Sequence[ApiKey]:
    """The API keys with the least rights that this org's processes need: as it was synced last, or as it logs in."""
    async with opened_state(settings) as state:
        org = await state.known_org(settings.salesforce.login_url)
    if org is not None:
        return api_keys(Names(settings.elasticsearch.index_prefix, org.org_id))
    async with opened_source(settings) as source:
        return api_keys(Names(settings.elasticsearch.index_prefix, (await source.identity()).org_id))


class Cluster:
    """An Elasticsearch that answered."""

    def __init__(self, client: AsyncElasticsearch, info: ServerInfo, prefix: str, url: str, shards: int = 1) -> None:
        self._client = client
        self.info = info
        self._made = IndexSettings(shards=shards)
        self.url = url
        self._prefix = prefix

    async def ping(self) -> None:
        """Return when Elasticsearch has answered; SinkUnavailable if it cannot."""
        await server_info(self._client)

    def sink(self, org_id: str) -> ElasticsearchSink:
        """Where the documents of this org go."""
        names, writer = Names(self._prefix, org_id), BulkWriter(self._client, SystemClock())
        return ElasticsearchSink(self._client, names, writer, self._made)

    def queries(self, org_id: str) -> QueryClient:
        """Where questions about this org go."""
        return QueryClient(self._client, Names(self._prefix, org_id))


# State


@asynccontextmanager
async def opened_state(settings: Settings) -> AsyncIterator[State]:
    """The state store as the configuration says."""
    async with open_state(settings.state.url, Keys(settings.server.key_files)) as state:
        yield state


async def backed_up(settings: Settings, file: Path) -> Backup:
    """Write a backup of what the org that was synced last with this login does not keep; see `State.back_up`."""
    async with opened_state(settings) as state:
        return await state.back_up(settings.salesforce.login_url, file)


async def restored(settings: Settings, file: Path, *, replace: bool) -> Restored:
    """Put a backup into the state store, in the name of the person at the command line; see `State.restore`."""
    async with opened_state(settings) as state:
        return await state.restore(
            settings.salesforce.login_url, file, who=getpass.getuser(), replace=replace, clock=SystemClock()
        )


# The sync


def sync_options(settings: Settings, objects: tuple[str, ...] | None = None) -> SyncOptions:
    """The sync's part of the configuration; `objects` are only some of those that are synced."""
    section = settings.sync
    configured = None if section.objects == "auto" else tuple(section.objects)
    return SyncOptions(
        objects=objects or configured,
        per_object={
            name: ObjectOptions(exclude=tuple(each.exclude), where=each.where)
            for name, each in settings.objects.items()
        },
        api_share=section.api_share,
        events=None if section.events == "auto" else tuple(section.events),
        partial=objects is not None,
        rhythm=Rhythm(
            sweep=section.sweep_every.total_seconds(),
            compare=section.compare_every.total_seconds(),
            deletions=section.deletions_every.total_seconds(),
            schema=section.describe_every.total_seconds(),
            people=settings.access.people_every.total_seconds(),
            shares=settings.access.shares_every.total_seconds(),
        ),
        flat=tuple(settings.access.without_hierarchies),
        tombstones=settings.retention.tombstones,
        search_log=settings.retention.search_log,
        audit_log=settings.retention.audit_log,
    )


class _Counted:
    """Counts API calls from the first on, although the account is known only after some."""

    def __init__(self) -> None:
        self.before = 0
        self.meter: CallMeter | None = None

    async def before_call(self) -> None:
        """As `CallMeter.before_call`."""
        if self.meter is None:
            self.before += 1
        else:
            await self.meter.before_call()


@dataclass(frozen=True, kw_only=True, slots=True)
class Syncing:
    """A sync that is ready to run, by the one process that holds the lease."""

    engine: Engine
    identity: OrgIdentity
    source: Source
    store: SqlStateStore
    queries: QueryClient
    elasticsearch_url: str
    monitor: Monitor
    logging: LoggingSection
    redactor: Redactor


@asynccontextmanager
async def opened_sync(
    settings: Settings,
    listener: Listener,
    *,
    told: Told = nobody,
    objects: tuple[str, ...] | None = None,
    wait: Callable[[LeaseHolder], None] | None = None,
    leased: bool = True,
) -> AsyncIterator[Syncing]:
    """Salesforce, Elasticsearch and state, wired to an engine; `objects` goes before the configured ones.

    The lease is taken: StateRefused if another process holds it, unless `wait` is given (it hears whom we wait for).
    Without `leased` nothing may be saved or written: for looking only.
    """
    _be_sparing()
    redactor = Redactor()
    for secret_ in configured_secrets(settings):
        redactor.add(secret_)
    async with AsyncExitStack() as stack:
        counted = _Counted()
        source = await stack.enter_async_context(opened_source(settings, counted.before_call, redactor.add))
        identity = await source.identity()
        state = await stack.enter_async_context(opened_state(settings))
        await state.remember(settings.salesforce.login_url, identity)
        fence = None
        if leased:
            lease = state.lease(identity.org_id, clock=SystemClock(), wait=wait is not None, told=wait)
            fence = (await stack.enter_async_context(lease)).fence
        store = state.of(identity.org_id, fence=fence)
        counted.meter = CallMeter(store, settings.sync.api_share, utc_now)
        await counted.meter.count(counted.before)
        cluster = await stack.enter_async_context(opened_cluster(settings, told))
        sink = await stack.enter_async_context(cluster.sink(identity.org_id))
        monitor = await stack.enter_async_context(monitored(settings, identity, store, redactor, SystemClock()))

        def both(event: Event) -> None:
            listener(event)
            monitor.hear(event)

        engine = Engine(
            source,
            sink,
            store,
            SystemClock(),
            sync_options(settings, objects),
            both,
            tell=monitor.tell,
            meter=counted.meter,
        )
        monitor.watch(engine)
        yield Syncing(
            engine=engine,
            identity=identity,
            source=source,
            store=store,
            queries=cluster.queries(identity.org_id),
            elasticsearch_url=cluster.url,
            monitor=monitor,
            logging=settings.logging,
            redactor=redactor,
        )


#: glibc's M_MMAP_THRESHOLD, and the size from which memory goes back to the system when it is freed.
_MMAP_THRESHOLD, _LARGE = -3, 65_536


def _be_sparing() -> None:
    """Rows and documents hold no cycles; looking for some after every 700 of them costs a tenth of the time.

    Answers with long texts come and go: where they leave the heap in pieces it keeps a fifth more than it needs.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 20)
    with suppress(OSError, AttributeError):  # another C library than glibc
        ctypes.CDLL(None).mallopt(_MMAP_THRESHOLD, _LARGE)


# Asking


@asynccontextmanager
async def opened_store(settings: Settings) -> AsyncIterator[SqlStateStore]:
    """What the state store keeps of the org that was synced last with this login; Refused if there is none."""
    async with opened_state(settings) as state:
        org = await state.known_org(settings.salesforce.login_url)
        if org is None:
            raise Refused("Nothing was synced yet.", "Run `forcedex sync` first, or try `forcedex demo`.")
        yield state.of(org.org_id)


@asynccontextmanager
async def opened_curating(settings: Settings) -> AsyncIterator[Curating]:
    """The search's vocabulary, changed by the person at the command line; Refused if nothing was synced."""
    async with opened_store(settings) as store:
        yield Curating(store, getpass.getuser())


@asynccontextmanager
async def opened_asking(settings: Settings, told: Told = nobody) -> AsyncIterator[Asking]:
    """Search and reports over the org that was synced last with this login; Refused if there is none."""
    async with opened_answering(settings, told) as answering:
        yield answering.asking


@dataclass(frozen=True, kw_only=True, slots=True)
class Answering:
    """What a service answers with."""

    asking: Asking
    store: SqlStateStore
    #: Returns when Elasticsearch has answered; ForcedexError if it does not.
    ping: Callable[[], Awaitable[None]]
    elasticsearch_url: str


@asynccontextmanager
async def opened_answering(settings: Settings, told: Told = nobody) -> AsyncIterator[Answering]:
    """Search, reports and state of the org that was synced last with this login; Refused if there is none."""
    async with AsyncExitStack() as stack:
        state = await stack.enter_async_context(opened_state(settings))
        org = await state.known_org(settings.salesforce.login_url)
        if org is None:
            raise Refused("Nothing was synced yet.", "Run `forcedex sync` first, or try `forcedex demo`.")
        cluster = await stack.enter_async_context(opened_cluster(settings, told, asking=True))
        client = cluster.queries(org.org_id)
        objects = await client.objects()
        if not objects:
            raise Refused("The index is empty.", "Run `forcedex sync` first.")
        store = state.of(org.org_id)
        views = Views(store, max_age=settings.access.max_age, flat=settings.access.without_hierarchies, wall=utc_now)
        yield Answering(
            asking=Asking(client, objects, org, store, views, Keys(settings.server.key_files)),
            store=store,
            ping=cluster.ping,
            elasticsearch_url=cluster.url,
        )


@asynccontextmanager
async def opened_sign_in(settings: Settings, org: KnownOrg, public_url: str) -> AsyncIterator[SignIn | None]:
    """Logging in with Salesforce; None where no app is configured for it."""
    section = settings.server
    if not section.login_client_id:
        yield None
        return
    made = SignInSettings(
        instance_url=org.instance_url,
        org_id=org.org_id,
        client_id=section.login_client_id,
        client_secret=secret(
            section.login_client_secret, section.login_client_secret_file, "[server] login_client_secret_file"
        ),
        redirect_uri=f"{public_url}/auth/callback",
        ca_file=settings.salesforce.ca_file,
    )
    async with SignIn(made) as sign_in:
        yield sign_in


def available_reports(settings: Settings) -> Mapping[str, Definition]:
    """Every report that this configuration offers, by name."""
    if "object" in settings.costs.sources and not settings.costs.object:
        raise ConfigurationError(
            "[costs] sources names the object, and [costs] object names none.", "Name it, or leave it out of sources."
        )
    costs = Costs(**settings.costs.model_dump())
    return available(costs, settings.reports.loss_reason, settings.reports.forecasting_type)


# Local helpers


@asynccontextmanager
async def local_org(
    data: Path, *, port: int = 8000, seed: int = 7, size: float = 1.0, told: Told = nobody
) -> AsyncIterator[Mapping[str, Any]]:
    """A local Salesforce org with the demo company; its `ready` event."""
    arguments = ["run", "--data", str(data), "--port", str(port), "--seed", str(seed), "--size", str(size)]
    async with local_process("localorg", [*arguments, "--json", "--parent-stdin"], told) as ready:
        yield ready


@asynccontextmanager
async def local_service(config: Path) -> AsyncIterator[str]:
    """`forcedex serve` in a process of its own, where no sync keeps its answers waiting; its URL."""
    arguments = ["serve", "--config", str(config), "--json", "--parent-stdin"]
    async with local_process("forcedex", arguments, nobody) as ready:
        yield str(ready["url"])
