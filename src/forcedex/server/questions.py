"""What may be asked over HTTP: closed models; anything else in a request is refused.

The limits keep one request from costing more than a person could want.
"""

from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from forcedex.analytics.definition import Of
from forcedex.domain.comparing_periods import Basis
from forcedex.domain.record_id import to_18
from forcedex.search.request import LARGEST_PAGE, SearchRequest, Sort

_Query = Annotated[str, StringConstraints(max_length=1_000)]
_Name = Annotated[str, StringConstraints(min_length=1, max_length=120)]
_Value = Annotated[str, StringConstraints(max_length=300)]
_Tag = Annotated[str, StringConstraints(max_length=64, pattern=r"^[0-9a-f]*$")]


def _record_id(value: str) -> str:
    try:
        return to_18(value)
    except ValueError:
        raise ValueError("a record Id has 15 or 18 letters and digits") from None


RecordId = Annotated[str, StringConstraints(min_length=15, max_length=18), AfterValidator(_record_id)]
ObjectName = Annotated[str, StringConstraints(min_length=1, max_length=80, pattern=r"^[A-Za-z][A-Za-z0-9_]*$")]


class _Closed(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=False)


class SearchBody(_Closed):
    """`POST /search`."""

    text: Annotated[_Query, Field(description="As typed, in the query language.")] = ""
    objects: Annotated[list[ObjectName], Field(max_length=50, description="API names; none: all of them.")] = []
    filters: Annotated[list[_Query], Field(max_length=20, description="More filters, such as `stage:won`.")] = []
    facets: Annotated[
        dict[_Name, Annotated[list[_Value], Field(max_length=50)]],
        Field(max_length=10, description="Chosen values by facet."),
    ] = {}
    off: Annotated[list[_Value], Field(max_length=50, description="Keys of understood filters that are off.")] = []
    sort: Sort = Sort.RELEVANCE
    reverse: bool = False
    size: Annotated[int, Field(ge=0, le=LARGEST_PAGE)] = 10
    cursor: Annotated[str, StringConstraints(max_length=4_000)] = ""
    verbatim: Annotated[bool, Field(description="Exactly what was typed: no typos forgiven.")] = False
    counts: Annotated[bool, Field(description="Whether facets are counted.")] = True
    tag: Annotated[_Tag, Field(description="Of the answer that is known: unchanged, it is not told again.")] = ""

    def request(self) -> SearchRequest:
        """As the search knows it."""
        return SearchRequest(
            text=self.text,
            objects=tuple(self.objects),
            filters=tuple(self.filters),
            facets={name: tuple(values) for name, values in self.facets.items() if values},
            off=tuple(self.off),
            sort=self.sort,
            reverse=self.reverse,
            size=self.size,
            cursor=self.cursor,
            verbatim=self.verbatim,
            counts=self.counts,
        )


class SuggestBody(_Closed):
    """`POST /suggest`."""

    text: _Query


class ClickBody(_Closed):
    """`POST /click`."""

    search: Annotated[int, Field(ge=1, le=2**53, description="`search` of the answer.")]
    id: RecordId
    rank: Annotated[int, Field(ge=1, le=1_000_000, description="1 for the first hit.")]


class DeniedBody(_Closed):
    """`POST /denied`."""

    ids: Annotated[list[RecordId], Field(min_length=1, max_length=200, description="Of hits that were not shown.")]


class ReportBody(_Closed):
    """`POST /reports/{name}`."""

    by: Annotated[list[_Name] | None, Field(max_length=2, description="Dimensions; none: the usual one.")] = None
    period: Annotated[str, StringConstraints(max_length=60)] = ""
    compare: Basis | None = None
    as_of: date | None = None
    since: Annotated[str, StringConstraints(max_length=60)] = ""
    where: Annotated[
        list[Annotated[str, StringConstraints(min_length=1, max_length=400)]],
        Field(max_length=20, description="`FIELD=VALUE`, `FIELD>=VALUE` …"),
    ] = []
    share: Of | None = None
    top: Annotated[int, Field(ge=0, le=1_000, description="Rows, the others as one; 0: all.")] = 0
    chart: Annotated[bool, Field(description="Whether the options of its chart are told, too.")] = False
    tag: _Tag = ""


class RecordsBody(ReportBody):
    """`POST /reports/{name}/records`."""

    keys: Annotated[list[_Value | None], Field(max_length=2, description="The keys of the row.")] = []
    size: Annotated[int, Field(ge=1, le=1_000)] = 100


class ExportBody(_Closed):
    """`POST /export`."""

    report: _Name
    question: ReportBody = ReportBody()
    form: Literal["csv", "json", "html"] = "csv"


class SynonymBody(_Closed):
    """A group of words that stand for each other."""

    words: Annotated[
        list[Annotated[str, StringConstraints(min_length=1, max_length=100)]], Field(min_length=2, max_length=20)
    ]


class PromotedBody(_Closed):
    """Records that stand on top for a query."""

    query: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    records: Annotated[list[RecordId], Field(min_length=1, max_length=5)]


class ReplayBody(_Closed):
    """Refused records that are to be read once more; none: all."""

    records: Annotated[list[RecordId], Field(max_length=1_000)] = []
