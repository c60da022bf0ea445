"""Seed, size factor and day decide everything."""

import itertools
import subprocess
import sys
from datetime import date, datetime, timedelta
from hashlib import sha256

import pytest

from localorg.company import company, total_rows
from localorg.company.numbering import ids
from localorg.ids import record_id
from tests.localorg_company.conftest import TODAY, Demo, generate

_DIGEST = """
import hashlib, datetime
from localorg.company import company
digest = hashlib.sha256()
for table in company(seed=7, factor=0.02, today=datetime.date(2026, 5, 18)):
    digest.update(repr((table.object, table.columns)).encode())
    for row in table.rows:
        digest.update(repr(row).encode())
print(digest.hexdigest())
"""


def test_the_same_settings_give_the_same_rows_in_another_process_with_another_hash_seed() -> None:
    digest = sha256()
    for table in company(seed=7, factor=0.02, today=TODAY):
        digest.update(repr((table.object, table.columns)).encode())
        for row in table.rows:
            digest.update(repr(row).encode())
    run = subprocess.run(
        [sys.executable, "-c", _DIGEST],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONHASHSEED": "12345", "TZ": "Asia/Tokyo"},
    )
    assert run.stdout.strip() == digest.hexdigest()


def test_another_seed_gives_other_people_and_the_same_counts(demo: Demo) -> None:
    other = generate(seed=8, factor=0.05)
    assert other.counts == demo.counts
    same = {record["Name"] for record in demo.tables["Contact"]} & {
        record["Name"] for record in other.tables["Contact"]
    }
    assert len(same) < len(demo.tables["Contact"]) / 2
    assert {record["Name"] for record in demo.tables["User"]} == {record["Name"] for record in other.tables["User"]}


def test_tables_can_be_read_in_any_order_without_changing_their_rows(demo: Demo) -> None:
    tables = list(company(seed=7, factor=0.05, today=TODAY))
    for table in reversed(tables):
        if table.object in ("Contact", "Task", "Invoice__c", "CampaignMember"):
            rows = [dict(zip(table.columns, row, strict=True)) for row in table.rows]
            assert rows == demo.tables[table.object]


def test_another_day_moves_everything_with_it() -> None:
    today = date(2031, 2, 28)
    demo = generate(factor=0.02, today=today)
    closes = [record["CloseDate"] for record in demo.tables["Opportunity"]]
    dates = [close for close in closes if isinstance(close, date)]
    assert timedelta(days=60) < max(dates) - today < timedelta(days=200)
    assert today - min(dates) > timedelta(days=900)


@pytest.mark.parametrize("today", [date(2024, 2, 29), date(2026, 1, 1), date(2026, 12, 31)])
def test_any_day_will_do(today: date) -> None:
    found = sum(1 for table in company(factor=0.02, today=today) for _ in table.rows)
    assert 0.9 < found / total_rows(0.02) < 1.1


@pytest.mark.parametrize("factor", [0.02, 1.0, 160.0])
def test_the_total_is_known_without_generating(factor: float) -> None:
    assert total_rows(factor) == sum(table.count for table in company(factor=factor, today=TODAY))


def test_a_company_of_millions_streams_from_its_first_row() -> None:
    tables = {table.object: table for table in company(factor=160, today=TODAY)}
    assert tables["Contact"].count > 1_000_000
    first = list(itertools.islice(tables["Contact"].rows, 100))
    assert len({row[0] for row in first}) == 100


@pytest.mark.parametrize(("seed", "factor"), [(-1, 1.0), (2**32, 1.0), (7, 0.0), (7, -2.0)])
def test_settings_that_make_no_sense_are_refused(seed: int, factor: float) -> None:
    with pytest.raises(ValueError, match="must be"):
        next(company(seed=seed, factor=factor, today=TODAY))


@pytest.mark.parametrize("number", [0, 1, 61, 62, 3843, 3844, 238_328, 1_000_000, 62**5 - 1, 62**5, 62**5 + 1])
def test_fast_ids_equal_the_orgs(number: int) -> None:
    assert ids("Contact")(number) == record_id("003", number)


def test_nothing_has_happened_in_the_future(demo: Demo, midnight: datetime) -> None:
    for records in demo.tables.values():
        for record in records:
            made, changed, stamp = (
                record.get(name, midnight) for name in ("CreatedDate", "LastModifiedDate", "SystemModstamp")
            )
            assert isinstance(made, datetime) and isinstance(changed, datetime) and isinstance(stamp, datetime)
            if "CreatedDate" in record and "LastModifiedDate" in record:
                assert made <= changed <= stamp < midnight


def test_modification_stamps_are_spread_and_some_come_in_crowds(demo: Demo) -> None:
    stamps = [record["SystemModstamp"] for record in demo.tables["Contact"]]
    moments = [stamp for stamp in stamps if isinstance(stamp, datetime)]
    assert max(moments) - min(moments) > timedelta(days=700)
    assert 0.8 < len(set(moments)) / len(moments) < 1
