"""Random queries with subtotals, TYPEOF, distances, children of children and converted amounts find what a plain
evaluation in Python finds."""

import math
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from functools import partial
from itertools import combinations
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

Row = dict[str, Any]
RATES = {"USD": Decimal(1), "EUR": Decimal("0.8"), "JPY": Decimal("150")}
TIERS = [None, "Platinum", "Gold", "Silver"]
REGIONS = [None, "EMEA", "APAC"]
START = date(2026, 1, 1)


def _accounts() -> list[Row]:
    """A tree of accounts: the parent of n is n // 3."""
    return [
        {
            "Id": record_id("001", number),
            "Name": f"a{number:03}",
            "ParentId": record_id("001", number // 3) if number >= 3 else None,
            "Tier__c": TIERS[number % 4],
            "Region__c": REGIONS[(number // 2) % 3],
            "Is_Strategic__c": number % 5 == 0,
            "CurrencyIsoCode": list(RATES)[number % 3],
            "Credit_Limit__c": None if number % 7 == 0 else Decimal(number * 37 % 1000) / 4,
            "HQ_Location__Latitude__s": None if number % 6 == 0 else Decimal(number * 53 % 181 - 90),
            "HQ_Location__Longitude__s": None if number % 6 == 0 else Decimal(number * 97 % 361 - 180),
        }
        for number in range(1, 101)
    ]


def _deals() -> list[Row]:
    return [
        {
            "Id": record_id("006", number),
            "Name": f"o{number}",
            "Amount": Decimal(number) / 8,
            "CloseDate": START + timedelta(days=number),
            "CurrencyIsoCode": list(RATES)[number % 3],
        }
        for number in range(1, 41)
    ]


def _tasks() -> list[Row]:
    """Each about an account, an opportunity, a case that is not there any more, or nothing."""
    about = [None, lambda n: record_id("001", n), lambda n: record_id("006", n % 40 + 1), lambda n: record_id("500", n)]
    return [
        {"Id": record_id("00T", number), "WhatId": make(number) if (make := about[number % 4]) else None}
        for number in range(1, 81)
    ]


ACCOUNTS, DEALS, TASKS = _accounts(), _deals(), _tasks()
BY_ID: dict[str, Row] = {row["Id"]: row for row in (*ACCOUNTS, *DEALS)}
DATED = {
    # (currency, until) -> rate from the day before's end on
    "EUR": [(START, START + timedelta(days=20), Decimal("0.5")), (START + timedelta(days=20), None, Decimal("2"))],
}


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory) -> QueryRunner:
    store = Store(Path(tmp_path_factory.mktemp("org")) / "org.db", load_schema())
    for name, rows in (("Account", ACCOUNTS), ("Opportunity", DEALS), ("Task", TASKS)):
        store.load(name, list(rows[0]), [list(row.values()) for row in rows])
    rates = [
        (record_id("04w", place + 1), currency, *span)
        for currency, spans in DATED.items()
        for place, span in enumerate(spans)
    ]
    store.load("DatedConversionRate", ["Id", "IsoCode", "StartDate", "NextStartDate", "ConversionRate"], rates)
    return QueryRunner(store)


def context(currency: str = "USD") -> QueryContext:
    return QueryContext(
        schema=load_schema(),
        readable=frozenset(load_schema().objects),
        user_id=record_id("005", 1),
        now=datetime(2026, 1, 1, tzinfo=UTC),
        rates=RATES,
        currency=currency,
    )


def run(runner: QueryRunner, soql: str, currency: str = "USD") -> list[Row]:
    """The records of a query."""
    here = context(currency)
    records: list[Row] = runner.first(compile_query(parse(soql), here), here)["records"]
    return records


GROUPS = ["Tier__c", "Region__c", "Is_Strategic__c"]


def _aggregated(rows: list[Row], keys: tuple[str, ...], all_keys: list[str]) -> list[tuple[Any, ...]]:
    """One row for each group: keys, whether each is rolled up, number of rows, smallest name, largest limit."""
    found: dict[tuple[Any, ...], list[Row]] = {}
    for row in rows:
        found.setdefault(tuple(row[key] for key in keys), []).append(row)
    result = []
    for values, members in found.items():
        named = dict(zip(keys, values, strict=True))
        result.append(
            (
                *(_shown(key, named[key]) if key in named else None for key in all_keys),
                *(int(key not in named) for key in all_keys),
                len(members),
                min(row["Name"] for row in members),
            )
        )
    return result


def _shown(key: str, value: Any) -> Any:
    return bool(value) if key == "Is_Strategic__c" else value


@settings(max_examples=120, deadline=None)
@given(
    keys=st.lists(st.sampled_from(GROUPS), min_size=1, max_size=3, unique=True),
    kind=st.sampled_from(["ROLLUP", "CUBE"]),
    below=st.sampled_from(["a020", "a050", "a999", "a000"]),
    least=st.integers(0, 12),
    of_total=st.booleans(),
)
def test_subtotals_are_those_of_every_set_of_groups(
    runner: QueryRunner, keys: list[str], kind: str, below: str, least: int, of_total: bool
) -> None:
    grouping = ", ".join(f"GROUPING({key}) g{at}" for at, key in enumerate(keys))
    having = f"COUNT(Id) >= {least}" + (f" AND GROUPING({keys[0]}) = 1" if of_total else "")
    found = run(
        runner,
        f"SELECT {', '.join(keys)}, {grouping}, COUNT(Id) n, MIN(Name) low FROM Account WHERE Name < '{below}' "
        f"GROUP BY {kind}({', '.join(keys)}) HAVING {having}",
    )
    rows = [row for row in ACCOUNTS if row["Name"] < below]
    lengths = range(len(keys), -1, -1)
    kept = [tuple(keys[:length]) for length in lengths]
    if kind == "CUBE":
        kept = [one for length in lengths for one in combinations(keys, length)]
    expected = [
        row
        for one in kept
        for row in _aggregated(rows, one, keys)
        if row[2 * len(keys)] >= least and (row[len(keys)] == 1 or not of_total)
    ]
    values = [tuple(value for key, value in record.items() if key != "attributes") for record in found]
    # A boolean that is rolled up is null like any other.
    assert sorted(values, key=repr) == sorted(expected, key=repr)


@settings(max_examples=60, deadline=None)
@given(
    whens=st.lists(st.sampled_from(["Account", "Opportunity", "Case"]), min_size=1, max_size=3, unique=True),
    otherwise=st.booleans(),
)
def test_typeof_shows_what_each_object_has(runner: QueryRunner, whens: list[str], otherwise: bool) -> None:
    fields = {"Account": "Region__c", "Opportunity": "CloseDate", "Case": "Subject"}
    clauses = " ".join(f"WHEN {name} THEN {fields[name]}, Id" for name in whens)
    last = " ELSE Type" if otherwise else ""
    found = run(runner, f"SELECT Id, TYPEOF What {clauses}{last} END FROM Task ORDER BY Id")
    for record, task in zip(found, TASKS, strict=True):
        what = task["WhatId"]
        kind = {"001": "Account", "006": "Opportunity", "500": "Case"}.get(str(what)[:3])
        shown = record["What"]
        if what is not None and kind in whens and what in BY_ID:
            value = BY_ID[what][fields[kind]]
            assert shown["attributes"]["type"] == kind
            assert (shown["Id"], shown[fields[kind]]) == (what, value.isoformat() if kind == "Opportunity" else value)
        elif what is not None and kind not in whens and otherwise:
            assert (shown["attributes"]["type"], shown["Type"]) == ("Name", kind)
        else:
            assert shown is None


def _arc(row: Row, latitude: float, longitude: float, radius: float) -> float | None:
    """By the law of cosines in three dimensions: the angle between two vectors from the earth's centre."""

    def vector(lat: float, lon: float) -> tuple[float, float, float]:
        a, b = math.radians(lat), math.radians(lon)
        return math.cos(a) * math.cos(b), math.cos(a) * math.sin(b), math.sin(a)

    if row["HQ_Location__Latitude__s"] is None:
        return None
    one = vector(float(row["HQ_Location__Latitude__s"]), float(row["HQ_Location__Longitude__s"]))
    other = vector(latitude, longitude)
    return radius * 2 * math.asin(min(1.0, math.dist(one, other) / 2))


@settings(max_examples=60, deadline=None)
@given(
    latitude=st.integers(-90, 90),
    longitude=st.integers(-180, 180),
    limit=st.integers(1, 20_000),
    unit=st.sampled_from([("km", 6371.0088), ("mi", 3958.7613)]),
    closer=st.booleans(),
)
def test_distances_find_and_sort_as_vectors_do(
    runner: QueryRunner, latitude: int, longitude: int, limit: int, unit: tuple[str, float], closer: bool
) -> None:
    arc = f"DISTANCE(HQ_Location__c, GEOLOCATION({latitude}, {longitude}), '{unit[0]}')"
    soql = f"SELECT Id, {arc} d FROM Account WHERE {arc} {'<' if closer else '>'} {limit} ORDER BY {arc}"
    found = run(runner, soql)
    arcs = {row["Id"]: _arc(row, latitude, longitude, unit[1]) for row in ACCOUNTS}
    expected = {key for key, value in arcs.items() if value is not None and (value < limit) == closer}
    # A place exactly at the limit may fall on either side.
    near = {key for key, value in arcs.items() if value is not None and abs(value - limit) < 1e-6}
    assert {record["Id"] for record in found} - near == expected - near
    for record in found:
        assert record["d"] == pytest.approx(arcs[record["Id"]], abs=1e-6)
    distances = [record["d"] for record in found]
    assert distances == sorted(distances)


def _nested(names: list[tuple[str, int | None]], row: Row) -> Any:
    """What nested subqueries over ChildAccounts give for a record."""
    if not names:
        return row["Name"]
    (below, limit), *rest = names
    children = [child for child in ACCOUNTS if child["ParentId"] == row["Id"] and child["Name"] >= below][:limit]
    return (row["Name"], [_nested(rest, child) for child in children] or None)


def _read(depth: int, record: Row) -> Any:
    if not depth:
        return record["Name"]
    children = record["ChildAccounts"]
    return (record["Name"], children and [_read(depth - 1, child) for child in children["records"]])


@settings(max_examples=60, deadline=None)
@given(
    levels=st.lists(
        st.tuples(st.sampled_from(["a000", "a005", "a014", "a040"]), st.sampled_from([None, 1, 2])),
        min_size=1,
        max_size=4,
    )
)
def test_children_of_children_are_those_of_the_tree(runner: QueryRunner, levels: list[tuple[str, int | None]]) -> None:
    inner = ""
    for below, limit in reversed(levels):
        cut = f" LIMIT {limit}" if limit else ""
        inner = f", (SELECT Name{inner} FROM ChildAccounts WHERE Name >= '{below}' ORDER BY Name{cut})"
    found = run(runner, f"SELECT Name{inner} FROM Account WHERE ParentId = null ORDER BY Name")
    roots = [row for row in ACCOUNTS if row["ParentId"] is None]
    assert [_read(len(levels), record) for record in found] == [_nested(levels, row) for row in roots]


def _dated(currency: str, day: date) -> Decimal:
    for start, end, rate in DATED.get(currency, []):
        if start <= day and (end is None or day < end):
            return rate
    return RATES[currency]


@settings(max_examples=30, deadline=None)
@given(currency=st.sampled_from(list(RATES)))
def test_amounts_are_converted_by_the_rate_that_holds(runner: QueryRunner, currency: str) -> None:
    def converted(row: Row, field: str, rate: Callable[[str], Decimal]) -> float | None:
        amount, iso = row[field], row["CurrencyIsoCode"]
        return None if amount is None else float(amount / rate(iso) * rate(currency))

    found = run(runner, "SELECT convertCurrency(Credit_Limit__c) FROM Account ORDER BY Id", currency)
    for record, row in zip(found, ACCOUNTS, strict=True):
        expected = converted(row, "Credit_Limit__c", lambda iso: RATES[iso])
        assert record["Credit_Limit__c"] == (None if expected is None else pytest.approx(expected))
    found = run(runner, "SELECT convertCurrency(Amount) x FROM Opportunity ORDER BY Id", currency)
    for record, row in zip(found, DEALS, strict=True):
        day = row["CloseDate"]
        stored = Decimal(row["Amount"]).quantize(Decimal("0.01"), ROUND_HALF_UP)
        expected = converted({**row, "Amount": stored}, "Amount", partial(_dated, day=day))
        assert record["x"] == pytest.approx(expected)
