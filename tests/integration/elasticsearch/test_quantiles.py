"""Medians and quartiles of thousands of values, asked of a real index, beside a plain sort of the same values."""

import random
import statistics
from collections import defaultdict
from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from typing import Any

import pytest
from elasticsearch import AsyncElasticsearch

from forcedex.analytics.bodies import STEPS
from forcedex.analytics.definition import Bucket, Definition, Dimension, Filter, Function, Measure, Op, Part
from forcedex.analytics.groups import Group, Stats
from forcedex.analytics.planning import Plan
from forcedex.analytics.quantiles import Quantiles, Step, narrower
from forcedex.domain.indexed import IndexedField, IndexedObject
from forcedex.domain.roles import Role
from forcedex.elasticsearch.naming import Names

KINDS = {"owner": ("key", "keyword"), "secs": ("int", "long"), "share": ("double", "double"), "size": ("minor", "long")}
INDEXED = IndexedObject(
    name="x-deals",
    label="Deal",
    label_plural="Deals",
    name_field=None,
    fields={name: IndexedField(type=kind, role=Role.NONE, label=name) for name, (kind, _) in KINDS.items()},
    currency="EUR",
    decimal_places=2,
)
OWNER = Dimension(name="owner", label="Owner", field="owner")
BIG = Filter("size", Op.AT_LEAST, (1_000,))
SIZED = Dimension(
    name="sized",
    label="Size",
    buckets=(
        Bucket(name="big", label="Big", where=(BIG,)),
        Bucket(name="small", label="Small", where=(Filter("size", Op.LESS, (1_000,)),)),
    ),
)
EACH = [
    Measure(name=f"{function}-{field}", label=field, function=function, field=field)
    for function in (Function.MEDIAN, Function.UPPER_QUARTILE)
    for field in ("secs", "share", "size")
]
Rows = list[dict[str, Any]]


def made(count: int, owners: int, seed: int) -> Rows:
    """Deals of unlike people: some have one, some thousands; many values are equal, negative, missing or very large."""
    pick = random.Random(seed)
    rows = []
    for _ in range(count):
        row: dict[str, Any] = {"owner": f"o{int(owners * pick.random() ** 3)}"} if pick.random() < 0.97 else {}
        if pick.random() < 0.9:
            row["secs"] = pick.choice((0, -1, 86_400, pick.randrange(-5_000, 90_000_000)))
        if pick.random() < 0.9:
            row["size"] = pick.choice((int(pick.lognormvariate(12, 3)), 2**52 - 1, -(2**40), 1))
        row["share"] = round(pick.random(), 3)
        rows.append(row)
    return rows


def quantile(values: list[Any], function: Function) -> Fraction:
    exact = sorted(Fraction(str(each)) for each in values)
    if len(exact) == 1:
        return exact[0]
    if function is Function.MEDIAN:
        return Fraction(statistics.median(exact))
    place = Fraction(3 * (len(exact) - 1), 4)
    low = exact[int(place)]
    return low + (exact[min(int(place) + 1, len(exact) - 1)] - low) * (place - int(place))


def grouped(rows: Rows, dimensions: tuple[Dimension, ...]) -> Mapping[tuple[str | None, ...], Rows]:
    found: dict[tuple[str | None, ...], Rows] = defaultdict(list)
    for row in rows:
        size = row.get("size")
        of = {"owner": row.get("owner"), "sized": None if size is None else "big" if size >= 100_000 else "small"}
        found[tuple(of[each.name] for each in dimensions)].append(row)
    return found


@pytest.mark.parametrize(("count", "owners"), [(400, 5), (12_000, 40), (12_000, 400)])
async def test_each_quantile_is_the_value_that_a_plain_sort_finds(
    client: AsyncElasticsearch, names: Names, count: int, owners: int
) -> None:
    index, rows = f"{names.root}-values", made(count, owners, seed=count + owners)
    properties = {name: {"type": kind} for name, (_, kind) in KINDS.items()}
    await client.indices.create(index=index, mappings={"properties": properties}, settings={"number_of_shards": 3})
    for start in range(0, count, 4_000):
        lines: list[Mapping[str, Any]] = []
        for row in rows[start : start + 4_000]:
            lines += ({"create": {}}, row)
        await client.bulk(operations=lines, index=index)
    await client.indices.refresh(index=index)

    async def ask(body: dict[str, Any]) -> Mapping[str, Any]:
        return dict((await client.search(index=index, **body)).body)

    compared = 0
    for dimensions in ((), (OWNER,), (SIZED,), (SIZED, OWNER)):
        plan = Plan(
            definition=Definition(name="", title="", formula="", parts=(Part(source="x-deals"),), measures=tuple(EACH)),
            part=Part(source="x-deals"),
            indexed=INDEXED,
            dimensions=dimensions,
            days=None,
            today=date(2026, 1, 1),
            time_zone="UTC",
        )
        parts = grouped(rows, dimensions)
        for measure in EACH:
            values = {key: [row[measure.field] for row in part if measure.field in row] for key, part in parts.items()}
            groups = {key: Group({measure.name: _stats(some)}) for key, some in values.items()}
            for place in plan.places() if dimensions else (None,):
                await Quantiles(plan, ask).find(measure, groups, place)
            for key, some in values.items():
                expected = quantile(some, measure.function) if some else None
                assert groups[key].stats[measure.name].quantile == expected, (measure.name, key)
                compared += 1
    assert compared > 8 * 6


def _stats(values: list[Any]) -> Stats:
    exact = [Fraction(str(each)) for each in values]
    return Stats(
        documents=len(exact), count=len(exact), smallest=min(exact, default=None), largest=max(exact, default=None)
    )


def test_a_place_lies_in_the_step_up_to_which_so_many_values_are_counted() -> None:
    counts = [(-8, 2), (0, 1), (8, 4), (16, 1)]
    whole = Step(-8, 24)
    assert [narrower(each, whole, counts, 8).first for each in range(8)] == [-8, -8, 0, 8, 8, 8, 8, 16]
    assert narrower(6, Step(8, 16, below=3), [(0, 9), (8, 1), (12, 3), (16, 5)], 4) == Step(12, 16, below=4)
    assert STEPS.bit_count() == 1
