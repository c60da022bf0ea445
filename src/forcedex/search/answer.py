"""What a search gives back."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of a text; `hit` marks what was searched for."""

    text: str
    hit: bool


@dataclass(frozen=True, kw_only=True, slots=True)
class Hit:
    """One record that was found."""

    id: str
    object: str
    title: str
    #: A few telling values under their paths.
    fields: dict[str, Any]
    #: Field path to its marked pieces.
    highlights: dict[str, tuple[Segment, ...]]
    #: The record in Salesforce.
    url: str
    synced_at: str
    score: float


@dataclass(frozen=True, kw_only=True, slots=True)
class Answer:
    """Hits, best first, and what the search cost."""

    total: int
    hits: tuple[Hit, ...]
    #: Milliseconds from question to answer, Elasticsearch's part in `elasticsearch_ms`.
    took_ms: float
    elasticsearch_ms: int
    #: Number of query terms.
    terms: int
    #: Whether typos and missing words were allowed because nothing fits exactly.
    relaxed: bool

    @property
    def relevance_figure(self) -> float:
        """R = N × Q / T: results times query terms by seconds."""
        return self.total * self.terms / (self.took_ms / 1000) if self.took_ms else 0.0
