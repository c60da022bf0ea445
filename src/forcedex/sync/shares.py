"""Grants on records: read with the records that changed, listed whole now and then, kept, and turned into tokens.

What is taken from somebody holds from the moment it is known: first the records are hidden from the holders of the
token, then the grants are kept and a note tells what is to be written anew; when that is done they are shown again to
whoever may still see them.
"""

from collections import defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from itertools import count

from forcedex.access import tokens
from forcedex.access.catalogue import CHILDREN_OF_ACCOUNT
from forcedex.access.sharing import Shape, Sharing, references
from forcedex.domain.errors import SourceRefused
from forcedex.domain.ports import Clock, Source, StateStore
from forcedex.domain.record import Page
from forcedex.domain.shares import Denied, GrantQuery, RecordGrants, RecordTokens, grants_of, without_table
from forcedex.domain.upkeep import NoticeKind
from forcedex.sync.followers import Followers, Lost
from forcedex.sync.watchman import Watchman

#: The kind of note: the grants on these records changed.
SHARED = "shared"
#: Shares of a record may be worked out after the record changed: they are read once more then. Seconds.
LATER = 60.0
_MOST = 2_000  # Ids of one read
_MOST_DUE = 20_000
_STEPS = 4  # from a record to what decides about it


class Shares:
    """Grants and tokens of all synced objects."""

    def __init__(
        self,
        source: Source,
        store: StateStore,
        clock: Clock,
        watchman: Watchman,
        shapes: Mapping[str, Shape],
        prefixes: Mapping[str, str],
        queries: Mapping[str, GrantQuery],
        followers: Followers,
    ) -> None:
        """`queries` are those of the objects whose grants are kept."""
        self._source = source
        self._store = store
        self._clock = clock
        self._watchman = watchman
        self._shapes = shapes
        self._prefixes = prefixes
        self._queries = queries
        self.followers = followers
        self._later: deque[tuple[float, str, tuple[str, ...]]] = deque()
        self._batches = count(1)
        #: Denials under way: their root to the records that are to be settled first.
        self._roots: dict[str, tuple[str, set[str]]] = {}
        self._clean = False

    @property
    def kept(self) -> Sequence[str]:
        """The objects whose grants are kept."""
        return list(self._queries)

    # Tokens

    async def tokens(self, name: str, page: Page, ordinal: int, *, fresh: bool) -> list[RecordTokens]:
        """Who may read the records of a page, in the order of its rows.

        `fresh` reads the grants on these records from the org; otherwise what is kept counts (a listing is at hand).
        """
        shape = self._shapes.get(name)
        if shape is None:
            return []
        place = {column: index for index, column in enumerate(page.columns)}
        wanted = [each for each in ("OwnerId", *references(shape)) if each in place]
        key, gone = place["Id"], place.get("IsDeleted")
        live = [row[key] for row in page.rows if gone is None or row[gone] != "true"]
        await self.forget(name, [row[key] for row in page.rows if gone is not None and row[gone] == "true"])
        if fresh and name in self._queries:
            if shape.table is not None:
                await self._ask(name, live, ordinal)
            else:
                query = self._queries[name]
                rows = [row for row in page.rows if gone is None or row[gone] != "true"]
                told = {row[key]: without_table(query, dict(zip(page.columns, row, strict=True))) for row in rows}
                await self._learn(name, {record: grants.text for record, grants in told.items()}, ordinal)
        parents = {row[place[each]] for row in page.rows for each in wanted if each != "OwnerId" and row[place[each]]}
        known = await self._known(name, live, parents, ordinal, fresh=fresh)
        sharing = Sharing(self._shapes, self._prefixes, lambda sobject, record_id: known.get(record_id))
        return [sharing.tokens(shape, row[key], {each: row[place[each]] for each in wanted}) for row in page.rows]

    async def _known(
        self, name: str, own: Sequence[str], parents: Iterable[str], ordinal: int, *, fresh: bool
    ) -> dict[str, RecordGrants]:
        """The grants on these records and on all that decide about them."""
        known: dict[str, RecordGrants] = {}
        waiting = {*parents, *(own if name in self._queries else ())}
        for _ in range(_STEPS):
            by_object: dict[str, list[str]] = defaultdict(list)
            for record in sorted(waiting - known.keys()):
                sobject = self._prefixes.get(record[:3], "")
                if sobject in self._queries:
                    by_object[sobject].append(record)
            if not by_object:
                return known
            waiting = set()
            for sobject, records in by_object.items():
                found = dict(await self._store.grants(sobject, records))
                missing = [each for each in records if each not in found]
                if fresh and missing:
                    found |= await self._ask(sobject, missing, ordinal)
                for record in records:
                    known[record] = grants_of(found.get(record, ""))
                    waiting |= {each for each in (known[record].master, known[record].account) if each}
        return known

    # Reading

    async def _ask(self, name: str, ids: Sequence[str], ordinal: int, *, again: bool = True) -> dict[str, str]:
        """Read the grants on these records from the org and keep them; a lasting refusal is told to a person."""
        told: dict[str, str] = {}
        for start in range(0, len(ids), _MOST):
            some = ids[start : start + _MOST]
            try:
                found = await self._source.grants(self._queries[name], some)
            except SourceRefused as exc:
                await self._watchman.raised(name, NoticeKind.ACCESS, f"Who may see {name} cannot be read: {exc}")
                return {}
            await self._learn(name, {each: grants.text for each, grants in found.items()}, ordinal)
            told |= {each: grants.text for each, grants in found.items()}
        await self._watchman.over(name, NoticeKind.ACCESS)
        if again and ids and len(self._later) < _MOST_DUE:
            self._later.append((self._clock.monotonic() + LATER, name, tuple(ids)))
        return told

    async def reread(self, name: str, ids: Sequence[str]) -> bool:
        """Read the grants on these records, and on all that decides about them, from the org; False if it refuses.

        Ids of other objects than this one may be among them.
        """
        ordinal = await self._store.next_ordinal()
        done: set[str] = set()
        waiting = set(ids)
        for _ in range(_STEPS):
            by_object: dict[str, list[str]] = defaultdict(list)
            for record in sorted(waiting - done):
                sobject = self._prefixes.get(record[:3], name)
                if sobject in self._queries:
                    by_object[sobject].append(record)
            done |= waiting
            waiting = set()
            for sobject, records in by_object.items():
                told = await self._ask(sobject, records, ordinal)
                if told.keys() < set(records):
                    return False
                grants = [grants_of(text) for text in told.values()]
                waiting |= {each for one in grants for each in (one.master, one.account) if each}
        return True

    async def forget(self, name: str, ids: Sequence[str]) -> None:
        """These records are gone."""
        if name in self._queries:
            await self._store.forget_grants(name, ids)

    async def look_again(self) -> None:
        """Read the shares of records that changed a minute ago: the org works some out late."""
        due: dict[str, set[str]] = defaultdict(set)
        while self._later and self._later[0][0] <= self._clock.monotonic():
            _, name, ids = self._later.popleft()
            due[name] |= set(ids)
        for name, records in due.items():
            await self._ask(name, sorted(records), await self._store.next_ordinal(), again=False)

    async def first_listing(self, name: str) -> None:
        """Keep the grants on all records, where nothing is known yet."""
        ordinal = await self._store.next_ordinal()
        async for batch in self._source.all_grants(self._queries[name]):
            await self._store.keep_grants(name, {key: grants.text for key, grants in batch}, ordinal)

    async def listing(self, name: str) -> int:
        """Compare the grants on all records with what is kept; how many differed. Differences are read once more."""
        differing: list[str] = []
        kept = aiter(self._store.scan_grants(name))
        mine: deque[tuple[str, str]] = deque()
        ended = False
        async for batch in self._source.all_grants(self._queries[name]):
            for key, grants in batch:
                while not ended and (not mine or mine[-1][0] < key):
                    some = await anext(kept, None)
                    ended = some is None
                    mine.extend(some or ())
                while mine and mine[0][0] < key:
                    record, text = mine.popleft()
                    if text:
                        differing.append(record)
                known = mine.popleft()[1] if mine and mine[0][0] == key else None
                if known != grants.text:
                    differing.append(key)
        differing += [record for record, text in mine if text]
        if not ended:
            async for some in kept:
                differing += [record for record, text in some if text]
        await self._ask(name, differing, await self._store.next_ordinal(), again=False)
        return len(differing)

    # What changes

    async def _learn(self, name: str, told: Mapping[str, str], ordinal: int) -> None:
        """Keep what is new; what was taken back is hidden first."""
        before = await self._store.grants(name, list(told))
        new = {record: text for record, text in told.items() if before.get(record) != text}
        changed = [record for record in new if record in before]
        await self._deny(name, changed, before, new, ordinal)
        await self._store.keep_grants(name, new, ordinal)
        if changed:
            await self._store.note(SHARED, name, changed)

    async def _deny(
        self, name: str, changed: Sequence[str], before: Mapping[str, str], new: Mapping[str, str], ordinal: int
    ) -> None:
        old, now = await self._tokens_of(name, changed, before), await self._tokens_of(name, changed, new)
        alike: dict[tuple[frozenset[str], frozenset[tuple[str, frozenset[str]]]], list[str]] = defaultdict(list)
        for record in changed:
            # Whoever views all by a permission goes on doing so.
            gone = old[record].itself - now[record].itself
            itself = frozenset(each for each in gone if not each.startswith("v:"))
            children = {
                child: gone
                for child, opened in old[record].children.items()
                if (gone := opened - now[record].children.get(child, frozenset()))
            }
            if itself or children:
                alike[itself, frozenset(children.items())].append(record)
        for (itself, by_child), records in alike.items():
            lost = Lost(itself=itself, children=dict(by_child))
            root = f"{ordinal}.{next(self._batches)}"
            self._roots[root] = name, set(records)
            denied = [
                Denied(object=name, record_id=record, token=token, root=root) for record in records for token in itself
            ]
            await self._store.deny(denied)
            async for each in self.followers.of(name, records, lost):
                await self._store.deny(
                    [
                        Denied(object=each.object, record_id=record, token=token, root=root)
                        for record in each.record_ids
                        for token in each.lost
                    ]
                )

    async def _tokens_of(self, name: str, ids: Sequence[str], texts: Mapping[str, str]) -> dict[str, Lost]:
        """What these grants open: the records themselves, and their children."""
        made = {record: grants_of(texts[record]) for record in ids}
        deciding = {each for grants in made.values() for each in (grants.master, grants.account) if each}
        known = await self._known(name, (), deciding, 0, fresh=False) | made
        sharing = Sharing(self._shapes, self._prefixes, lambda sobject, record_id: known.get(record_id))
        found = {}
        for record, grants in made.items():
            children: dict[str, set[str]] = defaultdict(set)
            for each in grants.grants:
                for child in each.children:
                    children[child].add(tokens.principal(each.principal_id))
            if name == "Account" and self._shapes[name].table is None:
                for owner in (each.principal_id for each in grants.grants):
                    for child in CHILDREN_OF_ACCOUNT:
                        children[child].add(tokens.account_owner(child, owner))
            opened = {child: frozenset(held) for child, held in children.items()}
            found[record] = Lost(itself=sharing.effective(record), children=opened)
        return found

    async def settled(self, name: str, ids: Sequence[str], *, last: bool) -> None:
        """Everything that depends on the grants on these records was written; `last`: no such note is left."""
        done = []
        for root, (sobject, waiting) in list(self._roots.items()):
            if sobject == name:
                waiting -= set(ids)
                if not waiting:
                    done.append(root)
                    del self._roots[root]
        await self._store.lift(done)
        if last and not self._roots and not self._clean:
            await self._store.lift_all()  # what an earlier process denied: its notes are settled, too
            self._clean = True
