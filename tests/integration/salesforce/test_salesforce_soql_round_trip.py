"""Our SOQL, read by the local org's parser, which shares no code with us."""

from datetime import UTC, date, datetime
from typing import TypeVar

from hypothesis import given
from hypothesis import strategies as st

from forcedex.domain.record import Mark
from forcedex.domain.record_id import to_18
from forcedex.domain.schema import Field, SObject
from forcedex.salesforce import soql
from localorg.soql import parse
from localorg.soql.ast import And, Compare, InValues, Or, Query

ACCOUNT = SObject(
    name="Account",
    label="Account",
    label_plural="Accounts",
    key_prefix="001",
    queryable=True,
    fields=(
        Field(name="Id", label="Id", type="id"),
        Field(name="SystemModstamp", label="Modified", type="datetime"),
        Field(name="ParentId", label="Parent", type="reference", relationship_name="Parent"),
    ),
)

T = TypeVar("T")
texts = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=200)
ids = st.from_regex(r"001[0-9A-Za-z]{12}", fullmatch=True).map(to_18)
stamps = st.datetimes(datetime(1970, 1, 1), datetime(3999, 12, 31), timezones=st.just(UTC)).map(
    lambda time: time.replace(microsecond=0)
)


def the(kind: type[T], value: object) -> T:
    assert isinstance(value, kind)
    return value


def where(query: Query) -> object:
    return query.where


@given(texts)
def test_a_quoted_text_means_itself(text: str) -> None:
    query = parse(f"SELECT Id FROM Account WHERE Name = {soql.quoted(text)} AND Id != null")

    first, _ = the(And, where(query)).conditions
    literal = the(Compare, first).right
    assert (literal.kind, literal.value) == ("string", text)


@given(stamps, st.dates(date(1700, 1, 1), date(4000, 12, 31)))
def test_times_and_days_mean_themselves(time: datetime, day: date) -> None:
    query = parse(f"SELECT Id FROM Account WHERE A = {soql.datetime_literal(time)} AND B = {soql.date_literal(day)}")

    left, right = (the(Compare, each).right for each in the(And, where(query)).conditions)
    assert (left.kind, right.kind) == ("datetime", "date")
    assert datetime.fromisoformat(str(left.value)) == time
    assert str(right.value) == day.isoformat()


@given(stamps, ids, stamps)
def test_a_keyset_read_means_what_it_should(stamp: datetime, record_id: str, before: datetime) -> None:
    statement = soql.select(
        ACCOUNT,
        ["Id", "Parent.Name"],
        [
            soql.after("SystemModstamp", Mark(stamp, record_id)),
            soql.earlier_than("SystemModstamp", before),
            soql.own_condition("Name LIKE 'a%' OR Name = null"),
        ],
        order=["SystemModstamp", "Id"],
    )

    query = parse(statement)

    bound, later, upper, own = the(And, where(query)).conditions
    assert [the(Compare, each).operator for each in (bound, upper)] == [">=", "<"]
    assert [the(Compare, each).operator for each in the(Or, later).conditions] == [">", ">"]
    assert the(Compare, the(Or, later).conditions[1]).right.value == record_id
    assert len(the(Or, own).conditions) == 2


@given(st.lists(ids, min_size=1, max_size=20))
def test_ids_mean_themselves(record_ids: list[str]) -> None:
    query = parse(soql.select(ACCOUNT, ["Id"], [soql.among(record_ids)]))

    assert [each.value for each in the(InValues, where(query)).values] == record_ids
