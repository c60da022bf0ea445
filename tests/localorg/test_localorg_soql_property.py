"""Random conditions find what a plain evaluation in Python finds."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from localorg.ids import record_id
from localorg.query import QueryContext, compile_query
from localorg.query.run import QueryRunner
from localorg.schema import load_schema
from localorg.soql import parse
from localorg.store import Store
from localorg.store.functions import fold

Row = dict[str, Any]
START = datetime(2026, 1, 1, tzinfo=UTC)
TEXTS = [None, "a", "A", "b_", "ä", "Ä", "O'x", "a\\b", "zz"]
NUMBERS = [None, Decimal("-1"), Decimal("0"), Decimal("1"), Decimal("1.25"), Decimal("99999999.99")]
DAYS = [None, *(date(2026, 1, 1) + timedelta(days=n) for n in range(4))]
TIMES = [None, *(START + timedelta(hours=n) for n in range(4))]
FLAGS = [False, True]
COLUMNS: dict[str, list[Any]] = {
    "Site": TEXTS,
    "Credit_Limit__c": NUMBERS,
    "Contract_Renewal__c": DAYS,
    "Last_Review__c": TIMES,
    "Is_Strategic__c": FLAGS,
}
FIELDS = list(COLUMNS)


def _rows() -> list[Row]:
    """Every value of every column with others, 240 rows."""
    rows = []
    for number in range(240):
        row: Row = {"Id": record_id("001", number + 1)}
        for place, (name, values) in enumerate(COLUMNS.items()):
            row[name] = values[(number * (place + 3) + number // 7) % len(values)]
        rows.append(row)
    return rows


ROWS = _rows()


@dataclass(frozen=True)
class Condition:
    """A condition in SOQL and in Python."""

    soql: str
    holds: Callable[[Row], bool]
    #: A single comparison, which needs no parentheses.
    simple: bool = True


def literal(value: Any) -> str:
    """A value in SOQL."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, str):
        escaped = value.replace("\\", "\\\\").replace("'", "\\'")
        return f"'{escaped}'"
    return str(value)


def key(value: Any) -> Any:
    """What comparisons see."""
    return fold(value) if isinstance(value, str) else value


ORDERINGS: dict[str, Callable[[Any, Any], bool]] = {
    "<": lambda left, right: bool(left < right),
    "<=": lambda left, right: bool(left <= right),
    ">": lambda left, right: bool(left > right),
    ">=": lambda left, right: bool(left >= right),
}


@st.composite
def comparisons(draw: st.DrawFn) -> Condition:
    """`field operator value`."""
    name = draw(st.sampled_from(FIELDS))
    value = draw(st.sampled_from(COLUMNS[name]))
    orders = [] if value is None or name == "Is_Strategic__c" else list(ORDERINGS)
    operator = draw(st.sampled_from(["=", "!=", *orders]))
    soql = f"{name} {operator} {literal(value)}"
    if operator in ORDERINGS:
        compare = ORDERINGS[operator]
        return Condition(soql, lambda row: row[name] is not None and compare(key(row[name]), key(value)))
    same = operator == "="
    if name == "Is_Strategic__c":
        return Condition(soql, lambda row: (row[name] == bool(value)) == same)
    return Condition(soql, lambda row: (key(row[name]) == key(value)) == same)


@st.composite
def memberships(draw: st.DrawFn) -> Condition:
    """`field [NOT] IN (values)`."""
    name = draw(st.sampled_from(FIELDS[:4]))
    values = draw(st.lists(st.sampled_from(COLUMNS[name]), min_size=1, max_size=4))
    negated = draw(st.booleans())
    soql = f"{name} {'NOT ' if negated else ''}IN ({', '.join(map(literal, values))})"
    wanted = {key(value) for value in values}
    return Condition(soql, lambda row: (key(row[name]) in wanted) != negated)


@st.composite
def likes(draw: st.DrawFn) -> Condition:
    """`Site LIKE` something, with a percent sign at either end."""
    text = draw(st.sampled_from([value for value in TEXTS if value]))
    before, after = draw(st.booleans()), draw(st.booleans())
    escaped = text.replace("\\", "\\\\").replace("'", "\\'").replace("_", "\\_")
    soql = f"Site LIKE '{'%' * before}{escaped}{'%' * after}'"

    def holds(row: Row) -> bool:
        value, part = fold(row["Site"]), str(fold(text))
        if value is None:
            return False
        if before and after:
            return part in value
        if before:
            return value.endswith(part)
        return value.startswith(part) if after else value == part

    return Condition(soql, holds)


def _grouped(one: Condition) -> str:
    return one.soql if one.simple else f"({one.soql})"


def combined(inner: st.SearchStrategy[Condition]) -> st.SearchStrategy[Condition]:
    """AND, OR, NOT over conditions."""

    def join(word: str, parts: list[Condition]) -> Condition:
        test = all if word == "AND" else any
        soql = f" {word} ".join(map(_grouped, parts))
        return Condition(soql, lambda row: test(part.holds(row) for part in parts), simple=False)

    several = st.lists(inner, min_size=2, max_size=3)
    return st.one_of(
        st.builds(join, st.sampled_from(["AND", "OR"]), several),
        inner.map(lambda one: Condition(f"NOT {_grouped(one)}", lambda row: not one.holds(row))),
    )


CONDITIONS = st.recursive(st.one_of(comparisons(), memberships(), likes()), combined, max_leaves=6)


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory) -> QueryRunner:
    store = Store(Path(tmp_path_factory.mktemp("org")) / "org.db", load_schema())
    store.load("Account", list(ROWS[0]), [list(row.values()) for row in ROWS])
    return QueryRunner(store)


CONTEXT = QueryContext(
    schema=load_schema(), readable=frozenset(load_schema().objects), user_id=record_id("005", 1), now=START
)


@settings(max_examples=300, deadline=None)
@given(condition=CONDITIONS)
def test_a_random_condition_finds_the_same_records_as_python(runner: QueryRunner, condition: Condition) -> None:
    plan = compile_query(parse(f"SELECT Id FROM Account WHERE {condition.soql} ORDER BY Id"), CONTEXT)
    found = [record["Id"] for record in runner.first(plan, CONTEXT)["records"]]
    assert found == [row["Id"] for row in ROWS if condition.holds(row)]


@settings(max_examples=40, deadline=None)
@given(name=st.sampled_from(FIELDS[:4]), descending=st.booleans(), last=st.sampled_from([None, True, False]))
def test_sorting_is_total_and_keeps_nulls_where_they_belong(
    runner: QueryRunner, name: str, descending: bool, last: bool | None
) -> None:
    direction = " DESC" if descending else ""
    nulls = "" if last is None else f" NULLS {'LAST' if last else 'FIRST'}"
    plan = compile_query(parse(f"SELECT Id FROM Account ORDER BY {name}{direction}{nulls}"), CONTEXT)
    found = [record["Id"] for record in runner.first(plan, CONTEXT)["records"]]
    without = [row["Id"] for row in ROWS if row[name] is None]
    valued = sorted((row for row in ROWS if row[name] is not None), key=lambda row: key(row[name]), reverse=descending)
    # Equal values are in the order of their Ids, whatever the direction.
    groups: dict[Any, list[str]] = {}
    for row in valued:
        groups.setdefault(key(row[name]), []).append(row["Id"])
    ordered = [identifier for group in groups.values() for identifier in sorted(group)]
    assert found == (ordered + without if last else without + ordered)


def test_the_oracle_has_every_value(runner: QueryRunner) -> None:
    for name, values in COLUMNS.items():
        assert {row[name] for row in ROWS} == set(values)
