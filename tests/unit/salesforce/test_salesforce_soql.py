"""Statements: known names only, literals that cannot break out."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forcedex.domain.errors import ConfigurationError, SourceRefused
from forcedex.domain.record import Mark
from forcedex.domain.schema import SObject
from forcedex.salesforce import soql

STAMP = datetime(2026, 1, 31, 10, 0, 0, tzinfo=UTC)
ID = "003000000000001AAA"


def test_a_whole_statement(contact: SObject) -> None:
    statement = soql.select(
        contact,
        ["Id", "Name", "Account.Owner.Name"],
        [soql.after("SystemModstamp", Mark(STAMP, ID)), "", soql.own_condition("Name != 'x)'")],
        order=["SystemModstamp", "Id"],
    )

    assert statement == (
        "SELECT Id, Name, Account.Owner.Name FROM Contact"
        " WHERE SystemModstamp >= 2026-01-31T10:00:00.000Z"
        f" AND (SystemModstamp > 2026-01-31T10:00:00.000Z OR Id > '{ID}')"
        " AND (Name != 'x)')"
        " ORDER BY SystemModstamp, Id"
    )


@pytest.mark.parametrize(
    "column",
    [
        "Nope",
        "name",  # API names as describe spells them
        "MailingAddress",  # a compound: its components are read
        "Id, Name",
        "Id FROM Contact LIMIT 1 --",
        "Nope.Name",
        "AccountId.Name",  # the path has the relationship's name
        "Account.",
        "Account.Na me",
        "Account.Name'",
        ".Name",
        "",
        "COUNT()",
        "Account.A.B.C.D.E.F",
    ],
)
def test_a_column_that_describe_does_not_know_is_refused(contact: SObject, column: str) -> None:
    with pytest.raises(SourceRefused) as caught:
        soql.select(contact, ["Id", column])

    assert caught.value.code == "INVALID_FIELD"


@pytest.mark.parametrize(
    ("text", "literal"),
    [
        ("plain", "'plain'"),
        ("", "''"),
        ("O'Brien", r"'O\'Brien'"),
        ("\\", r"'\\'"),
        (r"\' OR Name != '", r"'\\\' OR Name != \''"),
        ("a\nb\tc", r"'a\nb\tc'"),
        ("ümläut 🎉", "'ümläut 🎉'"),
    ],
)
def test_a_text_becomes_a_literal(text: str, literal: str) -> None:
    assert soql.quoted(text) == literal


@given(st.text(max_size=300))
def test_a_literal_ends_where_it_should_and_means_the_text(text: str) -> None:
    literal = soql.quoted(text)

    assert literal[0] == literal[-1] == "'"
    read, rest = [], iter(literal[1:-1])
    for char in rest:
        assert char != "'", "an unescaped quote ends the literal"
        if char == "\\":
            char = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}.get(escaped := next(rest), escaped)
        read.append(char)
    assert "".join(read) == text


def test_a_literal_has_at_most_4000_characters() -> None:
    assert len(soql.quoted("x" * 4000)) == 4002
    with pytest.raises(ValueError):
        soql.quoted("'" * 2001)


def test_times_are_written_in_utc_and_days_with_four_digits() -> None:
    east = timezone(timedelta(hours=2))

    assert soql.datetime_literal(datetime(2026, 1, 31, 12, tzinfo=east)) == "2026-01-31T10:00:00.000Z"
    assert soql.date_literal(date(999, 1, 2)) == "0999-01-02"


def test_ids_are_checked_and_written_with_18_characters() -> None:
    assert soql.among(["003000000000001", ID]) == "Id IN ('003000000000001AAA','003000000000001AAA')"
    with pytest.raises(SourceRefused) as caught:
        soql.among(["' OR Id != '"])
    assert caught.value.code == "MALFORMED_ID"


@pytest.mark.parametrize(
    ("stamp_field", "mark", "condition"),
    [
        ("CreatedDate", Mark(STAMP), "CreatedDate >= 2026-01-31T10:00:00.000Z"),
        (None, Mark(STAMP, ID), f"Id > '{ID}'"),
        (None, Mark(STAMP), ""),
    ],
)
def test_where_a_read_goes_on(stamp_field: str | None, mark: Mark, condition: str) -> None:
    assert soql.after(stamp_field, mark) == condition


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(1, 4)), max_size=12),
    st.tuples(st.integers(0, 3), st.integers(0, 4)),
)
def test_the_condition_takes_exactly_the_records_after_the_mark(
    records: list[tuple[int, int]], mark: tuple[int, int]
) -> None:
    # The condition's shape, evaluated: stamp >= m AND (stamp > m OR Id > i); without Id stamp >= m.
    def taken(record: tuple[int, int]) -> bool:
        if mark[1] == 0:
            return record[0] >= mark[0]
        return record[0] >= mark[0] and (record[0] > mark[0] or record[1] > mark[1])

    assert [each for each in records if taken(each)] == [each for each in records if each > mark]


@pytest.mark.parametrize(
    ("time", "condition"),
    [
        (STAMP, "X < 2026-01-31T10:00:00.000Z"),
        (STAMP + timedelta(microseconds=1), "X < 2026-01-31T10:00:01.000Z"),  # stamps are whole seconds
    ],
)
def test_an_upper_bound_leaves_nothing_out(time: datetime, condition: str) -> None:
    assert soql.earlier_than("X", time) == condition
    assert soql.earlier_than(None, time) == ""


@pytest.mark.parametrize("where", ["Name = 'a'", "(A = 1 OR B = 2) AND C = '('", r"Name = 'it\'s)'", "A = 1"])
def test_a_condition_of_the_operator_is_put_in_brackets(where: str) -> None:
    assert soql.own_condition(where) == f"({where})"


@pytest.mark.parametrize("where", ["A = 1) OR (B = 2", "A = 'x", "(A = 1", "A = 1)", ")("])
def test_a_condition_that_breaks_out_of_its_brackets_is_a_wrong_setting(where: str) -> None:
    with pytest.raises(ConfigurationError, match="where"):
        soql.own_condition(where)


def test_a_blank_condition_is_none(contact: SObject) -> None:
    assert soql.count(contact, [soql.own_condition("  ")]) == "SELECT COUNT() FROM Contact"


def test_a_statement_longer_than_salesforce_takes_is_refused_here(contact: SObject) -> None:
    with pytest.raises(ConfigurationError, match="exclude"):
        soql.select(contact, ["Account." + "x" * 200] * 500)
