from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forcedex.domain.money import Currencies, DatedRate
from forcedex.domain.rate_rows import currencies
from forcedex.domain.unknown import Unknown

ORG = Currencies(
    corporate="USD", decimal_places=2, rates={"USD": Decimal(1), "EUR": Decimal("0.92"), "JPY": Decimal("151.4")}
)


def reason(found: object) -> str:
    assert isinstance(found, Unknown), found
    return found.reason


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


@pytest.mark.parametrize("amount", ["five", "", "NaN", "sNaN", "-Infinity", "1e99", "1e999999", "1e99999999999"])
def test_what_is_no_amount_is_refused(amount: str) -> None:
    for code in ("USD", "EUR"):
        with pytest.raises(ValueError, match="amount of money"):
            ORG.minor_units(amount, code)
        assert reason(ORG.converted(amount, code)).endswith("amount of money.")
        assert reason(ORG.own_minor_units(amount, "USD")).endswith("amount of money.")


@given(st.integers(-(10**15), 10**15))
def test_minor_units_and_amounts_are_inverse(minor: int) -> None:
    assert ORG.minor_units(str(ORG.amount(minor)), "USD") == minor


AMOUNTS = st.decimals(Decimal("-1e12"), Decimal("1e12"), places=3)
RATES = st.decimals(Decimal("0.000001"), Decimal("100000"), places=6)


@given(AMOUNTS, RATES, st.sampled_from([0, 2, 3]))
def test_a_conversion_is_rounded_half_to_even_just_once(amount: Decimal, rate: Decimal, places: int) -> None:
    org = Currencies(corporate="USD", decimal_places=places, rates={"EUR": rate})
    exact = Fraction(amount) / Fraction(rate) * 10**places
    expected = round(exact)  # Python rounds fractions half to even
    found = org.converted(amount, "EUR")
    assert found == expected if -(2**63) <= expected < 2**63 else isinstance(found, Unknown)


TYPES = [
    {"IsoCode": "USD", "ConversionRate": "1.0", "DecimalPlaces": "2", "IsCorporate": "true", "IsActive": "true"},
    {"IsoCode": "EUR", "ConversionRate": "0.9", "DecimalPlaces": "2", "IsCorporate": "false", "IsActive": "true"},
    {"IsoCode": "JPY", "ConversionRate": "150", "DecimalPlaces": "0.0", "IsCorporate": "false", "IsActive": "true"},
    {"IsoCode": "KWD", "ConversionRate": "0.3", "DecimalPlaces": "3", "IsCorporate": "false", "IsActive": "true"},
    {"IsoCode": "DEM", "ConversionRate": "1.76", "DecimalPlaces": "2", "IsCorporate": "false", "IsActive": "false"},
]
DATED = [
    {"IsoCode": "EUR", "StartDate": "2026-04-01", "NextStartDate": "", "ConversionRate": "0.8"},
    {"IsoCode": "EUR", "StartDate": "2026-01-01", "NextStartDate": "2026-04-01", "ConversionRate": "0.5"},
    {"IsoCode": "JPY", "StartDate": "0001-01-01", "NextStartDate": "9999-12-31", "ConversionRate": "100"},
]
BY_DAY = currencies(TYPES, DATED)


def test_the_rows_of_the_org_are_its_currencies() -> None:
    assert (BY_DAY.corporate, BY_DAY.decimal_places) == ("USD", 2)
    assert BY_DAY.places == {"USD": 2, "EUR": 2, "JPY": 0, "KWD": 3, "DEM": 2}
    assert BY_DAY.inactive == {"DEM"}
    assert BY_DAY.dated["EUR"] == (
        DatedRate(date(2026, 1, 1), date(2026, 4, 1), Decimal("0.5")),
        DatedRate(date(2026, 4, 1), None, Decimal("0.8")),
    )
    assert not BY_DAY.unusable
    assert not BY_DAY.unusable_dated
    assert currencies([]) == Currencies()


@pytest.mark.parametrize(
    ("day", "minor"),
    [
        ("2026-01-01", 20_000),
        ("2026-03-31", 20_000),
        ("2026-04-01", 12_500),  # the rate changes on this very close day
        ("2099-01-01", 12_500),
    ],
)
def test_an_amount_has_the_rate_of_its_day(day: str, minor: int) -> None:
    assert BY_DAY.converted("100", "EUR", date.fromisoformat(day)) == minor
    assert BY_DAY.minor_units("100", "EUR", date.fromisoformat(day)) == minor


def test_what_has_no_day_has_the_static_rate() -> None:
    assert BY_DAY.converted("90", "EUR") == 10_000
    without = currencies(TYPES)
    assert without.converted("90", "EUR", date(2026, 1, 1)) == 10_000  # an org without dated rates


def test_a_day_without_a_rate_has_a_reason_and_no_amount() -> None:
    before = date(2025, 12, 31)
    assert "EUR has no conversion rate for 2025-12-31" in reason(BY_DAY.converted("100", "EUR", before))
    assert BY_DAY.minor_units("100", "EUR", before) is None
    # Where some rates are dated, the static one of another currency is no substitute.
    assert "KWD has no conversion rate for 2026-01-01" in reason(BY_DAY.rate("KWD", date(2026, 1, 1)))
    assert "XXX has no conversion rate." in reason(BY_DAY.rate("XXX"))
    assert BY_DAY.converted("5", "USD", before) == BY_DAY.converted("5", "", before) == 500


@given(st.dates(), st.lists(st.dates(date(2000, 1, 1), date(2030, 1, 1)), unique=True, min_size=1, max_size=6))
def test_one_rate_at_most_holds_on_a_day(day: date, starts: list[date]) -> None:
    starts.sort()
    ends = [each.isoformat() for each in starts[1:]] + [""]
    rows = [
        {"IsoCode": "EUR", "StartDate": first.isoformat(), "NextStartDate": end, "ConversionRate": str(number)}
        for number, (first, end) in enumerate(zip(starts, ends, strict=True), start=1)
    ]
    rate = currencies(TYPES, reversed(rows)).rate("EUR", day)
    assert rate == (Decimal(count) if (count := sum(each <= day for each in starts)) else rate)
    assert isinstance(rate, Unknown) == (day < starts[0])


def test_an_inactive_currency_still_converts() -> None:
    assert BY_DAY.converted("1.76", "DEM") == 100


@pytest.mark.parametrize(
    ("amount", "code", "own", "corporate"),
    [
        ("1500", "JPY", 1500, 1000),
        ("0.5", "JPY", 0, 0),  # half to even
        ("1.5", "JPY", 2, 1),
        ("0.3", "KWD", 300, 100),
        ("0.0015", "KWD", 2, 0),  # 1.5 fils; half a cent
        ("-0.0025", "KWD", -2, -1),
        ("12.345", "", 1234, 1234),
    ],
)
def test_currencies_have_minor_units_of_their_own(amount: str, code: str, own: int, corporate: int) -> None:
    assert BY_DAY.own_minor_units(amount, code) == own
    assert BY_DAY.converted(amount, code) == corporate


@pytest.mark.parametrize(("code", "places", "minor"), [("JPY", "0", 2), ("KWD", "3", 2500)])
def test_the_corporate_currency_may_have_other_than_cents(code: str, places: str, minor: int) -> None:
    org = currencies([{"IsoCode": code, "ConversionRate": "1", "DecimalPlaces": places, "IsCorporate": "true"}])
    assert org.converted("2.5", code) == minor
    assert org.amount(minor) in (Decimal(2), Decimal("2.5"))


@pytest.mark.parametrize("rate", ["0", "-1", "", "NaN", "Infinity", "one"])
def test_a_rate_that_is_none_is_named_and_never_one(rate: str) -> None:
    org = currencies([TYPES[0], {**TYPES[1], "ConversionRate": rate}])
    assert f"The conversion rate of EUR is {rate or 'empty'}" in reason(org.converted("100", "EUR"))
    by_day = currencies(TYPES, [{**DATED[0], "ConversionRate": rate}])
    assert by_day.converted("90", "EUR") == 10_000
    assert "EUR from 2026-04-01" in reason(by_day.converted("100", "EUR", date(2026, 5, 1)))
    assert org.minor_units("100", "EUR") is None
    bare = Currencies(corporate="USD", rates={"EUR": Decimal(rate)} if rate not in ("", "one") else {})
    assert bare.minor_units("100", "EUR") is None


def test_rates_that_overlap_are_refused_by_name() -> None:
    late = {**DATED[0], "StartDate": (date(2026, 4, 1) - timedelta(days=1)).isoformat()}
    org = currencies(TYPES, [DATED[1], late])
    told = reason(org.converted("100", "EUR", date(2026, 2, 1)))
    assert "0.5 from 2026-01-01 and 0.8 from 2026-03-31" in told
    assert org.converted("90", "EUR") == 10_000  # what has no day does not depend on them
    assert org.converted("150", "JPY") == 100
