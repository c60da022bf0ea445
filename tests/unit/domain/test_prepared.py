"""What is prepared of names, codes, numbers and amounts, alike when indexing and when asking."""

import pytest

from forcedex.domain.amounts import amount
from forcedex.domain.codes import code, code_terms
from forcedex.domain.folding import folded
from forcedex.domain.legal import acronym
from forcedex.domain.phones import national_digits, reversed_digits


@pytest.mark.parametrize("spelled", ["Müller", "Mueller", "MULLER", "muller", "ｍüller"])
def test_spellings_of_an_umlaut_are_one(spelled: str) -> None:
    assert folded(spelled) == "muller"


@pytest.mark.parametrize(
    ("text", "plain"),
    [("Straße", "strasse"), ("quer", "quer"), ("neue", "neue"), ("Łódź", "lodz")],
)
def test_folding_is_that_of_the_index(text: str, plain: str) -> None:
    assert folded(text) == plain


@pytest.mark.parametrize("spelled", ["INV-000123", "inv 123", "INV/123", "Inv#0123", "inv-123"])
def test_spellings_of_a_code_are_one(spelled: str) -> None:
    assert code(spelled) == "inv123"


@pytest.mark.parametrize("text", ["", "Anna Schmidt", "a very long sentence with 1 digit", "GmbH", "-", "株式会社 1"])
def test_a_text_is_no_code(text: str) -> None:
    assert code(text) is None and code_terms(text) is None


def test_a_code_is_found_by_its_digits_and_with_its_zeros() -> None:
    assert code_terms("INV-000123") == ["123", "inv000123", "inv123"]
    assert code_terms("00001234") == ["00001234", "1234"]
    assert code_terms("GC1060") == ["1060", "gc1060"]


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("Zanteco Medical Systems Ltd", "zms"),
        ("Bank of the West GmbH & Co. KG", "bw"),
        ("Acme Inc", None),
        ("Müller Über Öl AG", "muo"),
        ("", None),
    ],
)
def test_initials_leave_legal_forms_and_small_words_out(name: str, letters: str | None) -> None:
    assert acronym(name) == letters


@pytest.mark.parametrize("typed", ["+49 30 1234567", "0049 (0)30/1234567", "030 1234567", "+49 (0)30 1234567"])
def test_every_spelling_of_a_number_ends_alike(typed: str) -> None:
    assert national_digits(typed) == "301234567"
    assert str(reversed_digits("+49 (0)30 1234567")).startswith(national_digits(typed)[::-1])


@pytest.mark.parametrize(
    ("text", "number"),
    [
        *(("100k", 1e5), ("€1.5m", 1.5e6), ("2 bn", 2e9), ("50,000", 5e4), ("1.234,56", 1234.56), ("$3", 3.0)),
        *(("1,5 mio", 1.5e6), ("-20", -20.0), ("10 000", 1e4), ("1'000'000 CHF", 1e6), ("5 EUR", 5.0)),
        *(("tomorrow", None), ("", None), ("1.2.3", None), ("12x", None), ("k", None)),
    ],
)
def test_amounts_are_read_as_people_write_them(text: str, number: float | None) -> None:
    assert amount(text) == number
