"""Answers of the search as programs read them."""

from forcedex.search.answer import Answer


def as_json(answer: Answer, *, explain: bool = False) -> dict[str, object]:
    """The answer as scripts and the page read it."""
    result: dict[str, object] = {
        "total": answer.total,
        "hits": answer.hits,
        "took_ms": round(answer.took_ms, 2),
        "elasticsearch_ms": answer.elasticsearch_ms,
        "relaxed": answer.relaxed,
        "filters": answer.filters,
        "notices": answer.notices,
        "facets": answer.facets,
        "correction": answer.correction,
        "cursor": answer.cursor,
        "synced": answer.synced,
    }
    if explain:
        result |= {"terms": answer.terms, "relevance_figure": round(answer.relevance_figure, 1)}
    return result
