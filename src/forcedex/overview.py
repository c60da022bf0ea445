"""How things stand: what `forcedex check` and `forcedex status` tell."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from datetime import datetime

from forcedex.app import nobody, opened_cluster, opened_source, opened_state, sync_options
from forcedex.domain.checkpoint import DeadLetter
from forcedex.domain.errors import ForcedexError, Refused
from forcedex.domain.ports import ApiUsage
from forcedex.domain.schedules import Schedule
from forcedex.domain.upkeep import CheckKind, CheckReport, Notice, ObjectReport
from forcedex.monitor import utc_now
from forcedex.processes import Told
from forcedex.settings import Settings
from forcedex.sync.access_sync import listed_at
from forcedex.sync.budget import Plan, first_read_calls, last_usage, plan
from forcedex.sync.objects import WITHOUT_EVENTS, chosen, selections


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
                people = await source.directory([each.sobject.name for each in chosen])
                yield Finding(
                    subject="Access data",
                    ok=True,
                    detail=f"{len(people.people):,} users, {len(people.roles):,} roles, {len(people.groups):,} groups",
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
            if settings.elasticsearch.read_api_key_file or settings.elasticsearch.read_api_key.get_secret_value():
                asking = await stack.enter_async_context(opened_cluster(settings, told, asking=True))
                readable = await asking.queries(org_id).objects()
                yield Finding(subject="Read key", ok=True, detail=f"{len(readable)} objects can be asked about")
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
    #: Records in the org, as it just said, or as the last comparison counted them; None: not known.
    records_in_org: int | None
    #: `snapshot`, `incremental`, or `unknown` where this state store knows nothing of the index.
    phase: str
    #: By the org's clock: everything up to then is in the index.
    synced_at: datetime | None
    #: Seconds behind the org; None before the first complete read.
    lag_seconds: float | None
    #: How the running sync does; None: it has not said anything yet.
    report: ObjectReport | None
    dead_letters: int
    #: The last comparison of Ids, and the last of either kind that found nothing.
    last_sweep: CheckReport | None
    last_clean: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class SyncStatus:
    """How far the sync of an org is."""

    org_id: str
    org_name: str
    elasticsearch: str
    #: Who syncs now, in words; empty: nobody.
    running: str
    #: API calls of ours in the last 24 hours.
    calls: int
    #: How many are ours to make (`[sync] api_share`), and what everybody used of what the org allows, as the sync heard
    #: last; None: it has not heard yet.
    calls_of_ours: int | None
    usage: ApiUsage | None
    objects: tuple[ObjectStatus, ...]
    dead_letters: tuple[DeadLetter, ...]
    notices: tuple[Notice, ...]
    #: When people and rights were read, and the shares of each object listed, last.
    people_read_at: datetime | None = None
    #: Reports that are sent by themselves.
    schedules: tuple[Schedule, ...] = ()
    shares_listed_at: Mapping[str, datetime] = field(default_factory=dict)


async def sync_status(settings: Settings, told: Told = nobody, *, counts: bool = False) -> SyncStatus:
    """What the state store and the index say; Refused if nothing was synced.

    `counts` asks Salesforce for the number of records of each object: a call each.
    """
    async with AsyncExitStack() as stack:
        state = await stack.enter_async_context(opened_state(settings))
        org = await state.known_org(settings.salesforce.login_url)
        if org is None:
            raise Refused("Nothing was synced yet.", "Run `forcedex sync` first, or try `forcedex demo`.")
        store = state.of(org.org_id)
        cluster = await stack.enter_async_context(opened_cluster(settings, told, asking=True))
        client = cluster.queries(org.org_id)
        here = {each.name: await client.count(each.name) for each in await client.objects()}
        there = await _org_counts(settings, tuple(here)) if counts else {}
        known, checks = await store.checkpoints(), await store.checks()
        reports = await store.reports()
        letters = tuple(await store.dead_letters())
        usage = await last_usage(store)
        now, holder = utc_now(), await state.holder(org.org_id)
        objects = []
        for name in sorted(here.keys() | known.keys()):
            checkpoint, report = known.get(name), reports.get(name)
            sweep = checks.get((name, CheckKind.SWEEP))
            compared = checks.get((name, CheckKind.COMPARE))
            clean = [each[1].ended_at for each in (sweep, compared) if each is not None and each[1] is not None]
            saved = checkpoint.synced_at if checkpoint else None
            told_at = report.synced_at if report else None
            synced = max((each for each in (saved, told_at) if each is not None), default=None)
            objects.append(
                ObjectStatus(
                    object=name,
                    records=here.get(name, 0),
                    records_in_org=there.get(name, sweep[0].records if sweep else None),
                    phase=str(checkpoint.phase) if checkpoint else "unknown",
                    synced_at=synced,
                    lag_seconds=max((now - synced).total_seconds(), 0.0) if synced else None,
                    report=report,
                    dead_letters=sum(letter.object == name for letter in letters),
                    last_sweep=sweep[0] if sweep else None,
                    last_clean=max(clean, default=None),
                )
            )
        return SyncStatus(
            org_id=org.org_id,
            org_name=org.org_name,
            elasticsearch=cluster.info.version,
            running=str(holder) if holder else "",
            calls=await store.calls_since(int(now.timestamp() // 3600) - 23),
            calls_of_ours=int(usage.allowed * settings.sync.api_share) if usage else None,
            usage=usage,
            objects=tuple(objects),
            dead_letters=letters,
            notices=tuple(await store.notices()),
            people_read_at=await store.directory_read_at(),
            schedules=tuple(await store.schedules()),
            shares_listed_at=await listed_at(store),
        )


async def _org_counts(settings: Settings, names: tuple[str, ...]) -> dict[str, int]:
    async with opened_source(settings) as source:
        found = await chosen(source, sync_options(settings), synced=names)
        return {
            each.sobject.name: await source.count(each.sobject, each.where)
            for each in found.selections
            if each.sobject.name in names
        }


@dataclass(frozen=True, kw_only=True, slots=True)
class PlannedObject:
    """What one object costs."""

    object: str
    records: int
    streamed: bool
    #: API calls for its first complete read.
    first_read: int


@dataclass(frozen=True, kw_only=True, slots=True)
class SyncPlan:
    """What the sync will cost before it runs."""

    plan: Plan
    objects: tuple[PlannedObject, ...]
    #: Calls of ours in the last 24 hours.
    calls: int


async def sync_plan(settings: Settings) -> SyncPlan:
    """Ask the org what it allows and how much there is; a call or two for each object."""
    async with AsyncExitStack() as stack:
        source = await stack.enter_async_context(opened_source(settings))
        identity = await source.identity()
        state = await stack.enter_async_context(opened_state(settings))
        options = sync_options(settings)
        found = await chosen(source, options)
        names = [each.sobject.name for each in found.selections]
        streamed = set(await source.streamable([name for name in names if options.streams(name)]))
        objects = []
        for each in found.selections:
            records = await source.count(each.sobject, each.where)
            objects.append(
                PlannedObject(
                    object=each.sobject.name,
                    records=records,
                    streamed=each.sobject.name in streamed,
                    first_read=first_read_calls(records),
                )
            )
        return SyncPlan(
            plan=plan(
                await source.usage(),
                options.api_share,
                polled=len(names) - len(streamed),
                streamed=len(streamed),
                cross_check=options.rhythm.cross_check,
            ),
            objects=tuple(objects),
            calls=await state.of(identity.org_id).calls_since(int(utc_now().timestamp() // 3600) - 23),
        )


@dataclass(frozen=True, kw_only=True, slots=True)
class Candidate:
    """An object whose change events could be selected in Setup."""

    object: str
    #: Records that changed in the last 30 days.
    changed: int
    #: Whether the org offers its events already.
    selected: bool


async def event_candidates(settings: Settings) -> list[Candidate]:
    """The objects that have change events, those that change most first; a call for each."""
    async with opened_source(settings) as source:
        await source.identity()
        options = sync_options(settings)
        found = await chosen(source, options)
        able = [each.sobject for each in found.selections if each.sobject.name not in WITHOUT_EVENTS]
        selected = set(await source.streamable([each.name for each in able]))
        counted = [
            Candidate(
                object=each.name,
                changed=await source.count(each, f"{each.stamp_field} = LAST_N_DAYS:30"),
                selected=each.name in selected,
            )
            for each in able
        ]
        return sorted(counted, key=lambda each: (-each.changed, each.object))
