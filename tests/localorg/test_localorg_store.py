"""The store keeps values exactly, loads fast, and undoes what fails."""

from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path

import pytest

from localorg.ids import full_id, number_of, record_id
from localorg.schema import load_schema
from localorg.store import Store
from localorg.store.functions import fold
from localorg.store.values import Value, java_double


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path / "org.db", load_schema())


def test_loaded_values_come_back_as_they_were(store: Store) -> None:
    row: dict[str, Value] = {
        "Id": record_id("001", 5),
        "Name": "Ä\U0001f600\n",
        "AnnualRevenue": Decimal("999999999999999999"),
        "Credit_Limit__c": Decimal("-0.01"),
        "BillingLatitude": Decimal("48.137154321098765"),
        "NumberOfEmployees": 0,
        "IsDeleted": True,
        "Contract_Renewal__c": date(1700, 1, 1),
        "Last_Review__c": datetime(4000, 12, 31, 23, 59, 59, tzinfo=UTC),
        "Support_Hours__c": time(8, 30, 15, 123000),
        "Segments__c": "Startup;Partner",
    }
    assert store.load("Account", list(row), [list(row.values())]) == 1
    (found,) = store.rows(store.schema.objects["Account"])
    assert {name: found[name] for name in row} == row
    assert found["Phone"] is None
    assert found["Is_Strategic__c"] is False
    assert store.next_id("001") == record_id("001", 6)
    store.close()


def test_unknown_columns_are_refused_and_computed_ones_dropped(store: Store) -> None:
    with pytest.raises(ValueError, match="no column Nope"):
        store.load("Account", ["Id", "Nope"], [])
    store.load("Account", ["Id", "Is_Key_Account__c"], [(record_id("001", 1), True)])
    assert "Is_Key_Account__c" not in store.rows(store.schema.objects["Account"])[0]
    store.close()


def test_a_failed_transaction_leaves_nothing(store: Store) -> None:
    account = store.schema.objects["Account"]
    with pytest.raises(RuntimeError), store.transaction():
        store.insert(account, {"Id": record_id("001", 1), "Name": "outer"})
        with pytest.raises(ValueError), store.transaction():
            store.insert(account, {"Id": record_id("001", 2), "Name": "inner"})
            raise ValueError
        assert len(store.rows(account)) == 1
        raise RuntimeError
    assert store.rows(account) == []
    store.close()


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0.0, "0.0"),
        (-0.0, "0.0"),
        (1.0, "1.0"),
        (0.001, "0.001"),
        (0.0001, "1.0E-4"),
        (9999999.99, "9999999.99"),
        (10000000.0, "1.0E7"),
        (-123456789.5, "-1.234567895E8"),
        (1e16, "1.0E16"),
    ],
)
def test_doubles_print_as_java_prints_them(number: float, text: str) -> None:
    assert java_double(number) == text


@pytest.mark.parametrize(
    ("text", "folded"), [("aß", "Aß"), ("é", "É"), ("ı", "ı"), ("ſ", "ſ"), ("ÿ", "Ÿ"), (None, None)]
)
def test_folding_is_character_by_character(text: str | None, folded: str | None) -> None:
    assert fold(text) == folded


def test_ids_prove_their_case() -> None:
    assert full_id("001A0000006Vm9r") == "001A0000006Vm9rIAC"
    assert full_id("001A0000006Vm9rIAC") == "001A0000006Vm9rIAC"
    for wrong in ("001A0000006Vm9rIAD", "001a0000006Vm9rIAC", "", "001A0000006Vm9", "001A0000006Vm9é"):
        assert full_id(wrong) is None
    assert number_of(record_id("001", 123_456_789)) == 123_456_789
