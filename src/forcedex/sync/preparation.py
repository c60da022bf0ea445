"""From the configuration, the org's describes and what the store knows to objects that are ready to be synced."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from forcedex.domain.checkpoint import Checkpoint, Phase
from forcedex.domain.derived.families import FAMILIES
from forcedex.domain.money import Currencies
from forcedex.domain.selection import Selection
from forcedex.domain.upkeep import NoticeKind
from forcedex.sync.access_sync import AccessData, prepared_access
from forcedex.sync.company import read_company
from forcedex.sync.dependencies import Dependency, dependencies
from forcedex.sync.derive_notes import DeriveNotes
from forcedex.sync.object_sync import Around, ObjectSync
from forcedex.sync.objects import SyncOptions, chosen
from forcedex.sync.observing import Observing
from forcedex.sync.pipeline import Letters
from forcedex.sync.ripples import Ripples
from forcedex.sync.shared_target import SharedTarget
from forcedex.sync.shares import Shares


@dataclass(frozen=True, kw_only=True, slots=True)
class Prepared:
    """What is to be synced."""

    #: By API name.
    objects: Mapping[str, ObjectSync]
    #: Objects that were synced before and are out of sight now: nothing of them is touched.
    gone: Mapping[str, str]
    dependencies: Sequence[Dependency]
    access: AccessData


async def prepared_objects(
    around: Around, options: SyncOptions, *, full: bool, anew: Sequence[str], drop_hidden: Sequence[str]
) -> Prepared:
    """Find out what is to be synced and open its indices; the options are those of `Engine.prepare`."""
    last = await around.store.checkpoints()
    found = await chosen(around.source, options, synced=last.keys())
    company = await read_company(around.source, around.store, around.watchman)
    access = await prepared_access(
        around.source, around.sink, around.store, around.clock, around.watchman, found, options.flat
    )
    described = {**found.described, **{each.sobject.name: each.sobject for each in found.selections}}
    depending = dependencies(found.selections, described)
    synced = {*last, *(each.sobject.name for each in found.selections)}
    letters = await _letters(around)
    again = {name.lower() for name in anew}
    dropping = {name.lower() for name in drop_hidden}
    objects = {}
    for selection in found.selections:
        name = selection.sobject.name
        before = None if full or name.lower() in again else last.get(name)
        ripples = Ripples(
            selection,
            around.sink,
            around.store,
            [each for each in depending if each.parent == name],
            synced,
            all_matter=options.partial,
            derive=DeriveNotes(
                name,
                selection.paths,
                [each for each in FAMILIES if each.of in synced],
                around.sink,
                around.store,
            ),
            observing=Observing(selection, FAMILIES, around.store),
        )
        objects[name] = await _opened(
            around,
            selection,
            before,
            last.get(name),
            company.currencies,
            ripples,
            letters.get(name, set()),
            access.shares,
            drop_hidden=name.lower() in dropping,
        )
    if all(each.complete and each.checkpoint and each.checkpoint.synced_at for each in objects.values()):
        # Every index was filled and caught up with since: what it holds of a parent is what its children show.
        for each in objects.values():
            each.ripples.trusting = True
    for name, problem in found.gone.items():
        await around.watchman.raised(name, NoticeKind.FROZEN, problem)
    for name, each in objects.items():
        await each.look_at_picklists(each.selection)
        await around.watchman.over(name, NoticeKind.FROZEN)
    return Prepared(objects=objects, gone=found.gone, dependencies=depending, access=access)


async def _opened(
    around: Around,
    selection: Selection,
    before: Checkpoint | None,
    last: Checkpoint | None,
    currencies: Currencies,
    ripples: Ripples,
    buried: set[str],
    shares: Shares,
    *,
    drop_hidden: bool,
) -> ObjectSync:
    """One object with its index: the one that `before` speaks of, perhaps with more columns, or a new one."""
    name = selection.sobject.name
    target = SharedTarget(name, await around.sink.open(selection, known=before, currencies=currencies), shares)
    if before is None or (before.generation, before.index_uuid) != (target.generation, target.index_uuid):
        await around.store.forget_dead_letters(name)
        return ObjectSync(selection, target, around, ripples, Letters(), None, caught_up(last), drop_hidden=drop_hidden)
    if target.added:
        before = replace(before, backfill=tuple(dict.fromkeys((*before.backfill, *target.added))))
        await around.store.save_checkpoint(before)
        await target.adopt()
    return ObjectSync(selection, target, around, ripples, Letters(buried=buried), before, caught_up(last))


async def _letters(around: Around) -> dict[str, set[str]]:
    """Ids of refused records by object."""
    buried: dict[str, set[str]] = {}
    for letter in await around.store.dead_letters():
        buried.setdefault(letter.object, set()).add(letter.record_id)
    return buried


def caught_up(checkpoint: Checkpoint | None) -> datetime | None:
    """Until when everything that changed was seen, by an index that may be replaced now; None if there is none."""
    if checkpoint is None:
        return None
    if checkpoint.phase is Phase.SNAPSHOT or checkpoint.mark is None:
        return checkpoint.floor
    return checkpoint.mark.stamp
