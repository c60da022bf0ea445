"""What a search gives back; everything can be written as JSON."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Segment:
    """A piece of a text; `hit` marks what was searched for."""

    text: str
    hit: bool


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a hit is where it is, as a sentence; points for the operator alone."""

    text: str
    points: float | None = None


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
    #: For the operator alone.
    score: float | None = None
    #: Only where they were asked for.
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Bucket:
    """A value of a facet."""

    value: str
    label: str
    count: int
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class Facet:
    """Values that hits have, most frequent first, each counted as if the others of its facet were not chosen."""

    name: str
    label: str
    buckets: tuple[Bucket, ...]


@dataclass(frozen=True, slots=True)
class ShownFilter:
    """A filter that was understood. Asked again with its key in `off`, it is gone."""

    key: str
    label: str
    #: Begin and end in the query as typed.
    span: tuple[int, int]
    text: str
    #: Whether it was written as `field:value`.
    written: bool


@dataclass(frozen=True, slots=True)
class Correction:
    """What was searched for instead; `verbatim` asks for what was typed."""

    text: str
    instead_of: str


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
    filters: tuple[ShownFilter, ...] = ()
    #: Sentences for the person.
    notices: tuple[str, ...] = ()
    facets: tuple[Facet, ...] = ()
    correction: Correction | None = None
    #: For the next page; None: there is none.
    cursor: str | None = None
    #: When the hits were synced, from oldest to newest; None without hits.
    synced: tuple[str, str] | None = None
    #: How current the index is, as far as the caller knows: an ISO time.
    as_of: str | None = None
    #: By which an opened hit refers to this search; None: it was not kept.
    number: int | None = None

    @property
    def relevance_figure(self) -> float:
        """R = N × Q / T: results times query terms by seconds."""
        return self.total * self.terms / (self.took_ms / 1000) if self.took_ms else 0.0


@dataclass(frozen=True, kw_only=True, slots=True)
class Suggestion:
    """A record that begins with what is typed."""

    id: str
    object: str
    title: tuple[Segment, ...]
    #: A company or another telling value.
    detail: str
    url: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Related:
    """Records around a record: by the object's plural label for children, else one group."""

    kind: str
    total: int
    hits: tuple[Hit, ...]
    counts: dict[str, int] = field(default_factory=dict)
    took_ms: float = 0.0
