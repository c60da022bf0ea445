"""Totals of days kept up by differences are what a new sum gives."""

from collections import defaultdict
from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from forcedex.domain.daily import Held, Place, Total, added, differences, first_days, totals

FIRST = date(2026, 1, 1)
DAYS = [FIRST + timedelta(days=n) for n in (0, 1, 2, 5, 9, 10)]
places = st.builds(
    Place, st.sampled_from("AB"), st.sampled_from("xy"), st.just("Pipeline"), st.just(""), st.just("FY2026-Q1")
)
days = st.integers(-2, 12).map(lambda n: FIRST + timedelta(days=n))


@st.composite
def spans(draw: st.DrawFn) -> list[Held]:
    """What a record was: no two spans of it overlap."""
    bounds = sorted(draw(st.sets(days, min_size=1, max_size=5)))
    amounts = st.one_of(st.none(), st.integers(-(10**14), 10**14))
    ends = [*bounds[1:], draw(st.none() | st.just(bounds[-1] + timedelta(days=3)))]
    every = [
        Held(first, end, draw(places), draw(amounts), draw(amounts)) for first, end in zip(bounds, ends, strict=True)
    ]
    return [each for each in every if draw(st.booleans())]


def plain(records: dict[int, list[Held]], day: date) -> dict[Place, Total]:
    """A day by its definition."""
    found: dict[Place, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for each in (span for held in records.values() for span in held):
        if each.first <= day and (each.end is None or each.end > day):
            so_far = found[each.place]
            so_far[0] += 1
            so_far[1] += 1 if each.amount is None else 0
            so_far[2] += each.amount or 0
            so_far[3] += each.weighted or 0
    return {place: Total(*values) for place, values in found.items()}


@given(st.lists(st.tuples(st.integers(0, 3), spans()), max_size=12))
def test_differences_add_up_to_what_a_new_sum_gives(steps: list[tuple[int, list[Held]]]) -> None:
    records: dict[int, list[Held]] = {}
    kept: dict[date, dict[Place, Total]] = {day: {} for day in DAYS}
    for record, now in steps:
        for day, more in differences(records.get(record, []), now, DAYS).items():
            kept[day] = added(kept[day], more)
        records[record] = now
        assert kept == {day: plain(records, day) for day in DAYS}
    assert totals([each for held in records.values() for each in held], DAYS) == kept


def test_the_first_count_has_every_newer_day_then_ends_of_weeks_then_of_months() -> None:
    today = date(2026, 11, 24)
    found = first_days(today, week_start=0)
    assert found[-92:] == [today - timedelta(days=n) for n in reversed(range(92))]
    older = found[:-92]
    assert {day.weekday() for day in older if (day + timedelta(days=1)).day != 1} == {6}
    assert older == sorted(set(older)) and date(2018, 2, 28) in older and date(2023, 1, 1) not in older
    assert date(2026, 1, 4) in older and date(2026, 1, 3) in first_days(today, week_start=6)
