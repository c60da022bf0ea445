"""Which objects are synced: the configured ones, or those that sales and service people work with."""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from forcedex.domain.errors import ConfigurationError, SourceRefused
from forcedex.domain.ports import Source
from forcedex.domain.schema import ObjectSummary, SObject
from forcedex.domain.selection import Selection, select
from forcedex.sync.rhythm import Rhythm

#: The standard objects of `objects = "auto"`, in the order in which they are synced: people look for these first.
STANDARD = (
    "User",
    "Account",
    "Contact",
    "Opportunity",
    "Lead",
    "Case",
    "Task",
    "Event",
    "Campaign",
    "Product2",
    "OpportunityLineItem",
    "OpportunityHistory",
    "OpportunityFieldHistory",
    "OpportunityContactRole",
    "OpportunityStage",
    "ForecastingQuota",
    "CampaignMember",
    "CampaignInfluence",
    "CaseComment",
    "CaseHistory",
    "CaseMilestone",
    "MilestoneType",
    "EmailMessage",
    "Pricebook2",
    "PricebookEntry",
    "UserRole",
    "Contract",
    "Order",
    "OrderItem",
    "Quote",
    "Asset",
)

#: Those of `STANDARD` that have no change events; custom objects have them.
#: Source: Object Reference, "StandardObjectNameChangeEvent".
WITHOUT_EVENTS = frozenset(
    {
        *("OpportunityHistory", "OpportunityFieldHistory", "OpportunityStage", "ForecastingQuota", "CampaignInfluence"),
        *("CaseComment", "CaseHistory", "CaseMilestone", "MilestoneType", "UserRole"),
    }
)


@dataclass(frozen=True, kw_only=True, slots=True)
class ObjectOptions:
    """The `[objects.X]` part of the configuration."""

    exclude: tuple[str, ...] = ()
    where: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class SyncOptions:
    """The `[sync]` part of the configuration."""

    #: API names; None is `auto`.
    objects: tuple[str, ...] | None = None
    #: By API name.
    per_object: Mapping[str, ObjectOptions] = field(default_factory=dict)
    #: Part of the daily API calls that the sync may use.
    api_share: float = 0.5
    #: Objects whose change events are followed; None: all whose events the org offers.
    events: tuple[str, ...] | None = None
    #: `objects` are only some of those that are synced.
    partial: bool = False
    rhythm: Rhythm = Rhythm()
    #: Objects without "grant access using hierarchies": Salesforce tells it nowhere.
    flat: tuple[str, ...] = ()
    #: How long tombstones are kept.
    tombstones: timedelta = timedelta(days=30)
    #: And searches, and the lines of the audit log.
    search_log: timedelta = timedelta(days=90)
    audit_log: timedelta = timedelta(days=400)

    def streams(self, name: str) -> bool:
        """Whether change events of this object are wanted."""
        if name in WITHOUT_EVENTS:
            return False
        return self.events is None or name.lower() in {each.lower() for each in self.events}


@dataclass(frozen=True, kw_only=True, slots=True)
class Chosen:
    """What is to be synced, as the org describes it now."""

    selections: tuple[Selection, ...]
    #: Every describe that was read for it, parents' too.
    described: Mapping[str, SObject]
    #: Everything that the sync user sees.
    there: tuple[ObjectSummary, ...]
    #: Objects that were synced before and that the sync user sees no more: name to what a person should know.
    gone: Mapping[str, str]


def choose(options: SyncOptions, there: Sequence[ObjectSummary]) -> list[str]:
    """The API names of the objects to sync, canonical; ConfigurationError for one that is not there."""
    by_lower = {each.name.lower(): each for each in there}
    if options.objects is None:
        custom = sorted(
            each.name
            for each in there
            if each.custom and each.queryable and each.searchable and each.associate_entity_type is None
        )
        standard = [name for name in STANDARD if name.lower() in by_lower and by_lower[name.lower()].queryable]
        return [*standard, *custom]
    chosen = []
    for name in dict.fromkeys(options.objects):
        found = by_lower.get(name.lower())
        if found is None:
            raise ConfigurationError(
                f"The sync user sees no object {name!r} in this org.",
                "Correct [sync] objects, or give the sync user read permission on it.",
            )
        if not found.queryable:
            raise ConfigurationError(f"{found.name} cannot be queried in Salesforce.", "Remove it from [sync] objects.")
        chosen.append(found.name)
    return chosen


async def selections(source: Source, options: SyncOptions) -> list[Selection]:
    """The objects and columns to sync; ConfigurationError or SourceRefused if they cannot be."""
    return list((await chosen(source, options)).selections)


async def chosen(source: Source, options: SyncOptions, *, synced: Collection[str] = ()) -> Chosen:
    """As `selections`; an object of `synced` that is out of sight is reported instead of raising an error."""
    there = await source.objects()
    visible = {each.name for each in there}
    gone = {}
    wanted = options
    if options.objects is None:
        gone = {name: _out_of_sight(name) for name in synced if name not in visible}
    else:
        lost = {name.lower(): name for name in synced if name not in visible}
        gone = {
            lost[name.lower()]: _out_of_sight(lost[name.lower()]) for name in options.objects if name.lower() in lost
        }
        kept = tuple(name for name in options.objects if name.lower() not in lost)
        wanted = replace(options, objects=kept)
    described: dict[str, SObject] = {}
    names = choose(wanted, there)
    for name, sobject in zip(
        names, await asyncio.gather(*[_maybe(source, name, synced) for name in names]), strict=True
    ):
        if sobject is None:
            gone[name] = _out_of_sight(name)
        else:
            described[name] = sobject
    others = sorted((_parent_names(described.values()) - described.keys()) & visible)
    parents = described | dict(zip(others, await asyncio.gather(*map(source.describe, others)), strict=True))
    given = _given(options, visible | set(gone))
    result = []
    for name, sobject in described.items():
        if sobject.stamp_field is None:
            raise ConfigurationError(
                f"{name} tells no time of change, so it cannot be kept in sync.", "Remove it from [sync] objects."
            )
        one = given.get(name.lower(), ObjectOptions())
        result.append(select(sobject, parents, exclude=one.exclude, where=one.where))
    return Chosen(selections=tuple(result), described=parents, there=tuple(there), gone=gone)


def _out_of_sight(name: str) -> str:
    return (
        f"The sync user sees no {name} any more; its records stay in the index as they were. Give the user read "
        f"permission again, or take {name} out of [sync] objects and delete its index."
    )


async def _maybe(source: Source, name: str, synced: Collection[str]) -> SObject | None:
    """The describe; None for an object that was synced before and cannot be read any more."""
    try:
        return await _describe(source, name)
    except ConfigurationError:
        if name in synced:
            return None
        raise


def _given(options: SyncOptions, visible: Collection[str]) -> dict[str, ObjectOptions]:
    """The options by object in lower case; ConfigurationError for an object that is not there."""
    known = {name.lower() for name in visible}
    for name in options.per_object:
        if name.lower() not in known:
            raise ConfigurationError(
                f"[objects.{name}] speaks of an object that the sync user does not see in this org.",
                "Correct its name or remove that part.",
            )
    return {name.lower(): each for name, each in options.per_object.items()}


async def _describe(source: Source, name: str) -> SObject:
    try:
        sobject = await source.describe(name)
    except SourceRefused as exc:
        raise ConfigurationError(
            f"The sync user may not read {name}: {exc.message}",
            f"Give the sync user read permission on {name}, or remove it from [sync] objects.",
        ) from exc
    if not sobject.queryable:
        raise ConfigurationError(
            f"The sync user may not query {name}.", f"Give the sync user read permission on {name}."
        )
    return sobject


def _parent_names(described: Collection[SObject]) -> set[str]:
    return {
        field.reference_to[0]
        for sobject in described
        for field in sobject.read_fields
        if field.type == "reference" and len(field.reference_to) == 1 and field.relationship_name
    }
