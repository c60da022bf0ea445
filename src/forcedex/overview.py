"""How things stand: what `forcedex check` and `forcedex status` tell."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime

from forcedex.app import nobody, opened_cluster, opened_source, opened_state, sync_options
from forcedex.domain.checkpoint import DeadLetter
from forcedex.domain.errors import ForcedexError, Refused
from forcedex.processes import Told
from forcedex.settings import Settings
from forcedex.sync.objects import selections


@dataclass(frozen=True, kw_only=True, slots=True)
class Finding:
    """One line of `forcedex check`."""

    subject: str
    ok: bool
    #: What is fine, or what is wrong.
    detail: str
    #: What to do about it.
    hint: str = ""
    exit_code: int = 0


async def check(settings: Settings, told: Told = nobody) -> AsyncIterator[Finding]:
    """Salesforce, the sync user's permissions, Elasticsearch and the state store: fine, or what to do."""
    async with AsyncExitStack() as stack:
        org_id = "000000000000000AAA"
        try:
            source = await stack.enter_async_context(opened_source(settings))
            identity = await source.identity()
            org_id = identity.org_id
            usage = await source.usage()
            yield Finding(
                subject="Salesforce",
                ok=True,
                detail=f"{identity.org_name} ({identity.org_id}) as {identity.username}; "
                f"{usage.used:,} of {usage.allowed:,} API calls used today",
            )
        except ForcedexError as exc:
            yield _fault("Salesforce", exc)
            yield Finding(
                subject="Permissions", ok=False, detail="Not checked: Salesforce did not answer.", exit_code=1
            )
        else:
            try:
                chosen = await selections(source, sync_options(settings))
                fields = sum(len(each.columns) for each in chosen)
                yield Finding(
                    subject="Permissions", ok=True, detail=f"{len(chosen)} objects, {fields:,} fields readable"
                )
            except ForcedexError as exc:
                yield _fault("Permissions", exc)
        try:
            cluster = await stack.enter_async_context(opened_cluster(settings, told))
            found = await cluster.queries(org_id).objects()
            yield Finding(
                subject="Elasticsearch",
                ok=True,
                detail=f"{cluster.info.version}, cluster {cluster.info.cluster_name}; {len(found)} objects indexed",
            )
        except ForcedexError as exc:
            yield _fault("Elasticsearch", exc)
        try:
            state = await stack.enter_async_context(opened_state(settings))
            known = await state.of(org_id).checkpoints()
            await state.of(org_id).next_ordinal()
            yield Finding(subject="State store", ok=True, detail=f"writable; {len(known)} checkpoints")
        except ForcedexError as exc:
            yield _fault("State store", exc)


def _fault(subject: str, exc: ForcedexError) -> Finding:
    return Finding(subject=subject, ok=False, detail=exc.message, hint=exc.hint, exit_code=exc.exit_code)


@dataclass(frozen=True, kw_only=True, slots=True)
class ObjectStatus:
    """How far one object is."""

    object: str
    #: Live records in the index.
    records: int
    #: `snapshot`, `incremental`, or `unknown` where this state store knows nothing of the index.
    phase: str
    #: By the org's clock: everything up to then is in the index.
    synced_at: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class SyncStatus:
    """How far the sync of an org is."""

    org_id: str
    org_name: str
    elasticsearch: str
    objects: tuple[ObjectStatus, ...]
    dead_letters: tuple[DeadLetter, ...]


async def sync_status(settings: Settings, told: Told = nobody) -> SyncStatus:
    """What the state store and the index say; Refused if nothing was synced."""
    async with AsyncExitStack() as stack:
        state = await stack.enter_async_context(opened_state(settings))
        org = await state.known_org(settings.salesforce.login_url)
        if org is None:
            raise Refused("Nothing was synced yet.", "Run `forcedex sync` first, or try `forcedex demo`.")
        store = state.of(org.org_id)
        known = await store.checkpoints()
        cluster = await stack.enter_async_context(opened_cluster(settings, told))
        client = cluster.queries(org.org_id)
        counts = {each.name: await client.count(each.name) for each in await client.objects()}
        return SyncStatus(
            org_id=org.org_id,
            org_name=org.org_name,
            elasticsearch=cluster.info.version,
            objects=tuple(
                ObjectStatus(
                    object=name,
                    records=counts.get(name, 0),
                    phase=str(known[name].phase) if name in known else "unknown",
                    synced_at=known[name].synced_at if name in known else None,
                )
                for name in sorted(counts.keys() | known.keys())
            ),
            dead_letters=tuple(await store.dead_letters()),
        )
