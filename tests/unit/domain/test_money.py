from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forcedex.domain.money import Currencies

ORG = Currencies(
    corporate="USD", decimal_places=2, rates={"USD": Decimal(1), "EUR": Decimal("0.92"), "JPY": Decimal("151.4")}
)


@pytest.mark.parametrize(
    ("amount", "code", "minor"),
    [
        ("1000.0", "USD", 100_000),
        ("1.0E7", "USD", 1_000_000_000),  # Salesforce writes large doubles like this
        ("0.005", "USD", 0),  # half to even
        ("0.015", "USD", 2),
        ("-3.10", "USD", -310),
        ("92", "EUR", 10_000),
        ("15140", "JPY", 10_000),
        ("123456789012345.67", "USD", 12_345_678_901_234_567),  # beyond what a double holds
        ("5", "", 500),  # an org with one currency
    ],
)
def test_an_amount_becomes_whole_minor_units_of_the_corporate_currency(amount: str, code: str, minor: int) -> None:
    assert ORG.minor_units(amount, code) == minor


def test_an_amount_in_a_currency_without_a_rate_has_no_minor_units() -> None:
    assert ORG.minor_units("5", "XXX") is None


@pytest.mark.parametrize("amount", ["five", "NaN", "1e99"])
def test_what_is_no_amount_is_refused(amount: str) -> None:
    with pytest.raises(ValueError, match="amount"):
        ORG.minor_units(amount, "USD")


@given(st.integers(-(10**15), 10**15))
def test_minor_units_and_amounts_are_inverse(minor: int) -> None:
    assert ORG.minor_units(str(ORG.amount(minor)), "USD") == minor
