"""What is answered, for the description of the API; the answers themselves are written from the same values."""

from decimal import Decimal
from typing import Any

from pydantic import BaseModel, Field

from forcedex.search.answer import Correction, Facet, Hit, Related, ShownFilter, Suggestion
from forcedex.search.record import WholeRecord


class ErrorDetail(BaseModel):
    """What went wrong."""

    code: str
    message: str
    hint: str


class ErrorAnswer(BaseModel):
    """Every answer that is no success."""

    error: ErrorDetail


class SearchAnswer(BaseModel):
    """Hits, best first; with a known `tag`, only `unchanged` and `tag`."""

    total: int = 0
    hits: list[Hit] = []
    took_ms: float = 0
    elasticsearch_ms: int = 0
    relaxed: bool = False
    filters: list[ShownFilter] = []
    notices: list[str] = []
    facets: list[Facet] = []
    correction: Correction | None = None
    cursor: str | None = None
    synced: list[str] | None = None
    search: int | None = Field(default=None, description="By which a click refers to this search.")
    unchanged: bool = False
    tag: str


class SuggestAnswer(BaseModel):
    """Records that begin with what is typed."""

    suggestions: list[Suggestion]


class RecentAnswer(BaseModel):
    """What was searched for and opened last."""

    searches: list[str]
    records: list[Hit]


class MeAnswer(BaseModel):
    """Who is logged in."""

    user_id: str
    name: str
    username: str
    locale: str
    time_zone: str
    admin: bool
    csrf: str
    org: str
    instance_url: str
    currency: str


class FreshnessAnswer(BaseModel):
    """How current the answers are."""

    org: str
    elasticsearch: bool
    synced_at: str | None = Field(description="Everything up to then is in the index, for the object furthest behind.")
    lag_seconds: float | None
    people_read_at: str | None
    objects: list[dict[str, Any]]


class ReportEntry(BaseModel):
    """A report that can be asked for."""

    name: str
    title: str
    formula: str
    by: str
    period: str
    dimensions: list[dict[str, str]]
    own: bool
    as_of: bool
    since: bool


class ReportsAnswer(BaseModel):
    """All reports."""

    reports: list[ReportEntry]


class ReportAnswer(BaseModel):
    """A report; with a known `tag`, only `unchanged` and `tag`."""

    model_config = {"extra": "allow"}

    name: str = ""
    title: str = ""
    rows: list[dict[str, Any]] = []
    total: Decimal | int | None = None
    unchanged: bool = False
    tag: str


class RecordsAnswer(BaseModel):
    """The records behind a row."""

    total: int
    object: str
    columns: list[dict[str, str]]
    records: list[dict[str, Any]]


__all__ = [
    "ErrorAnswer",
    "FreshnessAnswer",
    "MeAnswer",
    "RecentAnswer",
    "RecordsAnswer",
    "Related",
    "ReportAnswer",
    "ReportsAnswer",
    "SearchAnswer",
    "SuggestAnswer",
    "WholeRecord",
]
