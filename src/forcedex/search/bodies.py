"""The bodies of a search, before the gate: what is asked, under which filters, and what is counted beside it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from forcedex.access.view import View
from forcedex.domain.indexed import IndexedObject
from forcedex.search import facets as counted
from forcedex.search import filters
from forcedex.search.facets import Counted
from forcedex.search.fields import SearchFields
from forcedex.search.filters import Through
from forcedex.search.hits import highlight, shown_paths
from forcedex.search.ranking import Leaning, Question, excluded, highlighting
from forcedex.search.request import SearchRequest
from forcedex.search.sorting import by_score
from forcedex.search.understanding import Understood

JSON = dict[str, Any]

#: Elasticsearch gives up on a shard after this; nobody waits longer, and no question may cost more.
_PATIENCE = "5s"


@dataclass(frozen=True, kw_only=True, slots=True)
class Asked:
    """One search: everything that its bodies need."""

    request: SearchRequest
    query: Understood
    view: View
    #: All objects that the person may read, and those of the open tab.
    objects: Sequence[IndexedObject]
    tab: Sequence[IndexedObject]
    #: Those of the tab, and of all objects.
    fields: SearchFields
    all_fields: SearchFields
    leaning: Leaning
    sort: Sequence[JSON]
    followed: Mapping[Through, tuple[str, ...]]
    facets: Sequence[Counted] = ()
    named: bool = False

    def main(self, *, relaxed: bool, after: Sequence[Any] | None) -> JSON:
        """The page itself, with the counts of facets in which nothing is chosen."""
        body: JSON = {
            "query": self._query(relaxed),
            "size": self.request.size,
            "track_total_hits": True,
            "sort": list(self.sort),
            "timeout": _PATIENCE,
            "_source": shown_paths(self.tab),
        }
        if self.view.unlimited and not by_score(self.sort):
            body["track_scores"] = True  # shown to the operator, whatever the order
        if self.query.words:
            marks = highlighting(self.query, self.fields)
            body["highlight"] = highlight(marks, self.fields)
        if after:
            body["search_after"] = list(after)
        elif self.request.counts:
            aggs: JSON = {}
            for each in self.facets:
                if each.name not in self.request.facets:
                    aggs |= each.aggregations(self.view, self.tab)
            if not self.request.objects:
                aggs[counted.OBJECT] = counted.tabs()
            body["aggs"] = aggs
        return body

    def beside(self, *, relaxed: bool) -> dict[str, JSON]:
        """Counts as if a chosen facet, or the open tab, were not chosen: by facet."""
        bodies = {}
        for each in self.facets:
            if each.name in self.request.facets:
                counts = each.aggregations(self.view, self.tab)
                if counts:
                    bodies[each.name] = self._counts(relaxed, counts, without=each.name)
        if self.request.objects:
            every = replace(self, fields=self.all_fields)
            bodies[counted.OBJECT] = every._counts(relaxed, {counted.OBJECT: counted.tabs()})
        return bodies

    def _counts(self, relaxed: bool, aggs: JSON, without: str = "") -> JSON:
        return {"query": self._query(relaxed, without, ordered=False), "size": 0, "aggs": aggs, "timeout": _PATIENCE}

    def _query(self, relaxed: bool, without: str = "", *, ordered: bool = True) -> JSON:
        question = Question(
            query=self.query, fields=self.fields, leaning=self.leaning, named=self.named and ordered, ordered=ordered
        )
        narrowing: list[JSON] = []
        denied = excluded(self.query.without, self.fields)
        for each in self.query.filters:
            clause = filters.clause(each, dict(self.followed))
            (denied if each.negated else narrowing).append(clause)
        for each_facet in self.facets:
            values = self.request.facets.get(each_facet.name)
            if values and each_facet.name != without:
                narrowing.append(each_facet.clause(values))
        asked = question.relaxed() if relaxed else question.strict()
        if not narrowing and not denied:
            return asked
        return {"bool": {"must": [asked], "filter": narrowing, "must_not": denied}}
