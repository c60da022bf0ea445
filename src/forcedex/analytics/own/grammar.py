"""What may stand in a report's file: tables and keys, nothing else.

    name = "emea-renewals"
    title = "Renewals in EMEA"
    by = "segment"
    period = "this-year"

    [[parts]]
    source = "Opportunity"
    day = "CloseDate"
    where = ["Type=Renewal", { any = ["Region__c=EMEA", "Region__c=UK"] }]

    [[measures]]
    name = "amount"
    function = "sum"
    field = "Amount"

    [[dimensions]]
    name = "size"
    field = "Amount"
    ranges = [10000, 50000]

A condition is a text as after `--where`, or a table such as `{ field = "Amount", at-least = 1000 }`; so are those of
`any`, of which one must hold, and of `all` within it. There are no scripts and no queries.
"""

from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PlainValidator
from pydantic_core import PydanticCustomError

from forcedex.analytics.definition import Condition, Function, Of, Scalar, Shows
from forcedex.analytics.own.conditions import as_condition, as_scalar
from forcedex.domain.comparing_periods import Basis
from forcedex.domain.days import Unit
from forcedex.domain.lag import PATTERN

#: Of one file.
PARTS, MEASURES, RATIOS, DIMENSIONS, BUCKETS, CONDITIONS = 5, 20, 20, 60, 50, 30
_TEXT, _LONG, _NOTES = 200, 2_000, 10


def _printable(text: str) -> str:
    if not text.isprintable():
        raise PydanticCustomError("printable", "holds characters that cannot be shown; write it on one line")
    return text


def _condition(value: Any) -> Condition:
    found = as_condition(value)
    if isinstance(found, str):
        raise PydanticCustomError("condition", "{problem}", {"problem": found})
    return found


def _scalar(value: Any) -> Scalar:
    found = as_scalar(value)
    if found is None:
        raise PydanticCustomError("scalar", "write a text, a whole number, a number such as 10.5, a day, true or false")
    return found


Name = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_-]{0,59}$")]
ReportName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,59}$")]
Text = Annotated[str, Field(min_length=1, max_length=_TEXT), AfterValidator(_printable)]
LongText = Annotated[str, Field(min_length=1, max_length=_LONG), AfterValidator(_printable)]
Path = Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_.]{0,199}$")]
BucketName = Annotated[str, Field(pattern=r"^[A-Za-z0-9][^,\x00-\x1f]{0,59}$")]
Conditions = Annotated[list[Annotated[Condition, PlainValidator(_condition)]], Field(max_length=CONDITIONS)]
Value = Annotated[Scalar, PlainValidator(_scalar)]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class PartTable(_Table):
    """`[[parts]]`: one kind of documents."""

    source: Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_-]{0,79}$")]
    name: Name | None = None
    where: Conditions = []
    day: Path | None = None
    #: So much earlier than the period and the rows: `90d`, `3m`.
    lag: Annotated[str, Field(pattern=PATTERN)] | None = None
    optional: bool = False


class MeasureTable(_Table):
    """`[[measures]]`: one figure of every row."""

    name: Name
    label: Text | None = None
    function: Annotated[Function, Field(strict=False)] = Function.COUNT
    field: Path | None = None
    where: Conditions = []
    shows: Annotated[Shows | None, Field(strict=False)] = None
    part: Name | None = None
    per: Annotated[int, Field(ge=1, le=10**9)] = 1
    optional: bool = False


class RatioTable(_Table):
    """`[[ratios]]`: one measure over another."""

    name: Name
    label: Text | None = None
    over: Name
    under: Name
    shows: Annotated[Shows, Field(strict=False)] = Shows.SHARE
    why: Text = "nothing to divide by"


class ShareTable(_Table):
    """`[[shares]]`: a row's part in all rows, or in those of its parent."""

    name: Name
    label: Text | None = None
    measure: Name
    of: Annotated[Of, Field(strict=False)] = Of.TOTAL


class BucketTable(_Table):
    """One of a dimension's `buckets`."""

    name: BucketName
    label: Text | None = None
    where: Conditions = []


class DimensionTable(_Table):
    """`[[dimensions]]`: what a row can stand for. One of `unit`, `ranges`, `groups`, `buckets`, or the values alone."""

    name: Name
    label: Text | None = None
    field: Path | None = None
    #: By part where it is another one; empty: the part has none.
    fields: dict[Name, Path | Literal[""]] = {}
    unit: Annotated[Unit | None, Field(strict=False)] = None
    #: Rows are the ends of these units; `field` is a span.
    points: Annotated[Unit | None, Field(strict=False)] = None
    #: Where a range ends and the next begins, the lowest first.
    ranges: Annotated[list[Value], Field(min_length=1, max_length=BUCKETS - 1)] | None = None
    #: Names, each for some values.
    groups: (
        Annotated[
            dict[BucketName, Annotated[list[Value], Field(min_length=1, max_length=200)]],
            Field(min_length=1, max_length=BUCKETS),
        ]
        | None
    ) = None
    buckets: Annotated[list[BucketTable], Field(min_length=1, max_length=BUCKETS)] | None = None
    #: Whether what is in no bucket is no row.
    partial: bool = False
    names: Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,79}$")] | None = None
    none: Text | None = None


class ReportTable(_Table):
    """The whole file."""

    name: ReportName
    title: Text
    formula: LongText | None = None
    notes: Annotated[list[LongText], Field(max_length=_NOTES)] = []
    by: Name | None = None
    period: Annotated[str, Field(min_length=1, max_length=60)] = "all"
    compare: Annotated[Basis | None, Field(strict=False)] = None
    top: Annotated[int, Field(ge=0, le=10_000)] = 0
    order: Name | None = None
    overlapping: bool = False
    #: The standard report whose further figures are wanted, or whose earlier questions.
    like: ReportName | None = None
    parts: Annotated[list[PartTable], Field(min_length=1, max_length=PARTS)]
    measures: Annotated[list[MeasureTable], Field(min_length=1, max_length=MEASURES)]
    ratios: Annotated[list[RatioTable], Field(max_length=RATIOS)] = []
    shares: Annotated[list[ShareTable], Field(max_length=RATIOS)] = []
    dimensions: Annotated[list[DimensionTable], Field(max_length=DIMENSIONS)] = []
