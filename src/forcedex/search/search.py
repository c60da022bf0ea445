"""The search: understand the text, ask strictly, ask again with typos allowed if nothing was found."""

import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

from forcedex.access.gate import gate
from forcedex.access.view import View, readable
from forcedex.domain.errors import Refused
from forcedex.domain.indexed import IndexedObject
from forcedex.elasticsearch.query import QueryClient
from forcedex.keys import Keys
from forcedex.search import facets, filters
from forcedex.search.answer import Answer, Facet, Hit, Related, ShownFilter, Suggestion
from forcedex.search.asker import Asker
from forcedex.search.bodies import Asked
from forcedex.search.catalogue import Catalogue
from forcedex.search.correction import correction
from forcedex.search.cursors import Cursors, Place
from forcedex.search.explaining import reasons
from forcedex.search.fields import SearchFields, search_fields
from forcedex.search.filters import Through
from forcedex.search.hits import STAMPS, hit, shown_paths
from forcedex.search.ranking import Leaning
from forcedex.search.record import WholeRecord, record
from forcedex.search.related import Kind, RelatedRecords
from forcedex.search.request import LARGEST_PAGE, SearchRequest, Sort
from forcedex.search.sorting import order
from forcedex.search.suggesting import Suggesting
from forcedex.search.understanding import Knowledge, Understood, understand
from forcedex.search.vocabulary import Vocabulary, shipped

JSON = dict[str, Any]

#: Parents that a filter through them follows at most.
_MOST_PARENTS = 5_000
_NO_HITS: JSON = {"took": 0, "hits": {"total": {"value": 0}, "hits": []}}


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class _Outcome:
    """The answer that counts, and how it was got."""

    response: JSON
    asked: Asked
    relaxed: bool
    took: int
    notices: tuple[str, ...] = ()
    #: Keys of guessed filters that it does without.
    off: tuple[str, ...] = ()


class Search:
    """Answers searches over the objects of one org."""

    def __init__(
        self,
        client: QueryClient,
        objects: Sequence[IndexedObject],
        instance_url: str,
        *,
        vocabulary: Vocabulary | None = None,
        keys: Keys | None = None,
        now: Callable[[], datetime] = _utc_now,
    ) -> None:
        """Without `keys` there are no cursors, and so no second pages."""
        self._client = client
        self._objects = {each.name: each for each in objects}
        self._instance_url = instance_url
        self._vocabulary = vocabulary or shipped()
        self._catalogue = Catalogue(objects)
        self._cursors = Cursors(keys, now) if keys else None
        self._known_fields: dict[tuple[str, ...], SearchFields] = {}
        self._suggesting = Suggesting(client, self._objects, instance_url, self._vocabulary)
        self._related = RelatedRecords(client, self._objects, instance_url)

    async def run(self, view: View, text: str, *, size: int = 10) -> Answer:
        """The best `size` hits for a text, nothing counted beside them; no words and no filters, no hits."""
        return await self.ask(view, Asker(user_id=view.user_id), SearchRequest(text=text, size=size, counts=False))

    async def ask(
        self,
        view: View,
        asker: Asker,
        request: SearchRequest,
        *,
        explain: bool = False,
        as_of: str | None = None,
    ) -> Answer:
        """One page. CursorRefused for a cursor of another search; Refused for objects that are not there."""
        began = time.perf_counter()
        place = self._open(view, request)
        if place is not None:
            asker = replace(asker, today=date.fromisoformat(place.today))
        known = self._knowledge(view, asker)
        text = " ".join((request.text, *request.filters))
        query = understand(text, known, (*request.off, *(place.off if place else ())))
        if view.blind:
            return _nothing(query, began, as_of, (view.blind,))
        if not (query.words or query.filters or request.facets or request.objects):
            return _nothing(query, began, as_of, query.notices)
        outcome = await self._found(view, asker, request, query, place, known, text, explain)
        hits = self._hits(view, asker, outcome, explain=explain)
        query = outcome.asked.query
        return Answer(
            total=outcome.response["hits"]["total"]["value"],
            hits=hits,
            took_ms=(time.perf_counter() - began) * 1000,
            elasticsearch_ms=outcome.took,
            terms=query.terms,
            relaxed=outcome.relaxed and bool(hits),
            filters=tuple(ShownFilter(f.key, f.label, f.span, f.text, f.written) for f in query.filters),
            notices=(*query.notices, *outcome.notices),
            facets=outcome.response["facets"],
            correction=correction(query, hits) if outcome.relaxed and place is None else None,
            cursor=self._next(view, asker, request, outcome),
            synced=(min(each.synced_at for each in hits), max(each.synced_at for each in hits)) if hits else None,
            as_of=as_of,
        )

    async def suggest(
        self, view: View, asker: Asker, text: str, *, objects: Collection[str] = (), size: int = 5
    ) -> tuple[Suggestion, ...]:
        """Records that begin with what is typed so far, from two letters on."""
        return await self._suggesting.suggest(view, asker, text, objects=objects, size=size)

    async def related(self, view: View, sobject: str, record_id: str, kind: Kind, *, size: int = 10) -> Related:
        """Records around one that the person sees: its children, similar ones, likely duplicates."""
        return await self._related.related(view, sobject, record_id, kind, size=size)

    async def record(self, view: View, sobject: str, record_id: str) -> WholeRecord | None:
        """A record with all that the person may see of it; None if there is none for him."""
        indexed = self._objects.get(sobject)
        if indexed is None or not view.may_read(sobject):
            return None
        return await record(self._client, view, indexed, record_id, self._instance_url)

    async def known(self, view: View, ids: Sequence[str], *, size: int = LARGEST_PAGE) -> tuple[Hit, ...]:
        """Those of some records that the person may see, in the order of their Ids."""
        objects = readable(view, list(self._objects.values()))
        body = {
            "query": {"terms": {"Id": list(ids)}},
            "size": size,
            "_source": shown_paths(objects),
            "sort": [{"Id": "asc"}],
            "track_scores": True,
        }
        found = (await self._client.search(gate(view, objects, body)))["hits"]["hits"]
        return tuple(hit(each, self._objects, self._instance_url, score=False) for each in found)

    def _open(self, view: View, request: SearchRequest) -> Place | None:
        unknown = [name for name in request.objects if name not in self._objects]
        if unknown:
            raise Refused(f"There is no object {unknown[0][:80]!r} to search.", "See the kinds of an answer's facets.")
        if not request.cursor:
            return None
        if self._cursors is None:
            raise Refused("There are no further pages here.", "Start again from the first page.")
        return self._cursors.open(request.cursor, view, request)

    def _knowledge(self, view: View, asker: Asker) -> Knowledge:
        def may(sobject: str, path: str) -> bool:
            return view.terms(self._objects[sobject], path) is not None

        return Knowledge(catalogue=self._catalogue, vocabulary=self._vocabulary, asker=asker, may=may)

    async def _found(
        self,
        view: View,
        asker: Asker,
        request: SearchRequest,
        query: Understood,
        place: Place | None,
        known: Knowledge,
        text: str,
        explain: bool,
    ) -> _Outcome:
        """Strictly; then without what was only guessed to be filters; then with typos."""
        asked, notices = await self._asked(view, asker, request, query, explain)
        took = 0
        if place is not None:
            response = await self._ask(asked, place.relaxed, place.after)
            return _Outcome(response, asked, place.relaxed, response["took"], notices, place.off)
        tries: list[tuple[Asked, bool, tuple[str, ...], tuple[str, ...]]] = [(asked, False, notices, ())]
        if query.guessed and query.words:
            plain = understand(text, known, (*request.off, *query.guessed))
            unguessed, more = await self._asked(view, asker, request, plain, explain)
            labels = ", ".join(f"“{each.label}”" for each in query.filters if not each.written)
            said = (*more, f"Nothing fits {labels}: it was searched for the words instead.")
            tries.append((unguessed, False, said, tuple(sorted(query.guessed))))
        if not request.verbatim:
            tries += [(each, True, said, off) for each, _, said, off in tries if each.query.words]
        for one, relaxed, said, off in tries:
            response = await self._ask(one, relaxed, None)
            took += response["took"]
            if response["hits"]["total"]["value"]:
                return _Outcome(response, one, relaxed, took, said, off)
        return _Outcome(response, asked, False, took, notices)

    async def _asked(
        self, view: View, asker: Asker, request: SearchRequest, query: Understood, explain: bool
    ) -> tuple[Asked, tuple[str, ...]]:
        objects = readable(view, list(self._objects.values()))
        only = self._narrowed(objects, request, query)
        sort, notice = self._sort(view, request, query, only)
        followed, more = await self._follow(view, query)
        asked = Asked(
            request=request,
            query=query,
            view=view,
            objects=objects,
            tab=only,
            fields=self._fields(only),
            all_fields=self._fields(objects),
            leaning=_leaning(asker, only),
            sort=sort,
            followed=followed,
            facets=facets.facets(only) if request.counts or request.facets else (),
            named=explain,
        )
        return asked, (*((notice,) if notice else ()), *more)

    @staticmethod
    def _narrowed(
        objects: Sequence[IndexedObject], request: SearchRequest, query: Understood
    ) -> Sequence[IndexedObject]:
        """The objects of the open tab; of a filter by object, those that it leaves."""
        named = [set(each.objects) for each in query.filters if each.objects and not each.negated]
        return [
            each
            for each in objects
            if (not request.objects or each.name in request.objects) and all(each.name in some for some in named)
        ]

    @staticmethod
    def _sort(
        view: View, request: SearchRequest, query: Understood, only: Sequence[IndexedObject]
    ) -> tuple[list[JSON], str | None]:
        wanted = request.sort
        if wanted is Sort.RELEVANCE and not query.words:
            clauses, notice = order(Sort.MODIFIED, request.reverse, view, only)
            return clauses, None if notice else notice
        return order(wanted, request.reverse, view, only)

    def _fields(self, objects: Sequence[IndexedObject]) -> SearchFields:
        names = tuple(each.name for each in objects)
        if names not in self._known_fields:
            self._known_fields[names] = search_fields(objects)
        return self._known_fields[names]

    async def _follow(self, view: View, query: Understood) -> tuple[dict[Through, tuple[str, ...]], tuple[str, ...]]:
        """The parents that filters go through, as the person sees them, and a notice where they are too many."""
        followed: dict[Through, tuple[str, ...]] = {}
        notices: list[str] = []
        for each in dict.fromkeys(through for one in query.filters for through in one.through):
            parent = self._objects[each.parent]
            where = filters.any_of([condition.clause() for condition in each.conditions])
            body = {"query": {"bool": {"filter": [where]}}, "size": _MOST_PARENTS, "sort": [{"Id": "asc"}]}
            response = await self._client.search(gate(view, [parent], {**body, "track_total_hits": True}))
            followed[each] = tuple(found["_id"] for found in response["hits"]["hits"])
            if response["hits"]["total"]["value"] > _MOST_PARENTS:
                notices.append(f"More than {_MOST_PARENTS:,} {parent.label_plural} fit: not all were looked at.")
        return followed, tuple(notices)

    async def _ask(self, asked: Asked, relaxed: bool, after: Sequence[Any] | None) -> JSON:
        """The answer with `facets` beside the hits."""
        main = gate(asked.view, asked.tab, asked.main(relaxed=relaxed, after=after))
        beside = asked.beside(relaxed=relaxed) if asked.request.counts and not after else {}
        if not beside:
            response = await self._client.search(main)
            return {**response, "facets": self._facets(asked, response.get("aggregations", {}), {})}
        gated = [
            gate(asked.view, asked.objects if name == facets.OBJECT else asked.tab, body)
            for name, body in beside.items()
        ]
        response, *others = await self._client.search_all([main, *gated])
        counts = {name: each.get("aggregations", {}) for name, each in zip(beside, others, strict=True)}
        return {**response, "facets": self._facets(asked, response.get("aggregations", {}), counts)}

    def _facets(self, asked: Asked, main: JSON, beside: dict[str, JSON]) -> tuple[Facet, ...]:
        every = dict(main)
        for each in beside.values():
            every |= each
        tabs = every.pop(facets.OBJECT, None)
        labels = {name: each.label_plural for name, each in self._objects.items()}
        found = facets.read(asked.facets, every, asked.request.facets) if every else ()
        return (facets.object_facet(tabs, labels, asked.request.objects), *found) if tabs else found

    def _hits(self, view: View, asker: Asker, outcome: _Outcome, *, explain: bool) -> tuple[Hit, ...]:
        result = []
        typed = [word.folded for word in outcome.asked.query.words] if outcome.relaxed else []
        for found in outcome.response["hits"]["hits"]:
            one = hit(found, self._objects, self._instance_url, score=view.unlimited, typed=typed)
            if explain:
                matched = found.get("matched_queries", ())
                why = reasons(matched, self._objects[one.object], found["_source"], asker.today, points=view.unlimited)
                one = replace(one, reasons=why)
            result.append(one)
        return tuple(result)

    def _next(self, view: View, asker: Asker, request: SearchRequest, outcome: _Outcome) -> str | None:
        hits = outcome.response["hits"]["hits"]
        if self._cursors is None or len(hits) < request.size or not hits:
            return None
        place = Place(tuple(hits[-1]["sort"]), outcome.relaxed, outcome.off, asker.today.isoformat())
        return self._cursors.seal(place, view, request)


def _leaning(asker: Asker, objects: Sequence[IndexedObject]) -> Leaning:
    stamps: dict[str, list[str]] = {}
    for each in objects:
        path = next((path for path in STAMPS if path in each.fields), None)
        if path is not None:
            stamps.setdefault(path, []).append(each.name)
    return Leaning(
        asker=asker,
        stamps=tuple((path, tuple(names)) for path, names in stamps.items()),
        owned=any("OwnerId" in each.fields for each in objects),
        closable=any("IsClosed" in each.fields for each in objects),
    )


def _nothing(query: Understood, began: float, as_of: str | None, notices: tuple[str, ...]) -> Answer:
    return Answer(
        total=0,
        hits=(),
        took_ms=(time.perf_counter() - began) * 1000,
        elasticsearch_ms=0,
        terms=query.terms,
        relaxed=False,
        filters=tuple(ShownFilter(f.key, f.label, f.span, f.text, f.written) for f in query.filters),
        notices=notices,
        as_of=as_of,
    )
