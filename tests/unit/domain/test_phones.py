import pytest

from forcedex.domain.phones import digits, reversed_digits


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("+49 30 1234-567", "49301234567"),
        ("(415) 555-0100 ext. 12", "4155550100"),
        ("(415) 555-0100 x12", "4155550100"),
        ("０３-１２３４", "031234"),  # full-width digits
        ("call me", ""),
    ],
)
def test_only_the_digits_of_a_phone_number_count(text: str, expected: str) -> None:
    assert digits(text) == expected


def test_digits_are_kept_back_to_front_so_that_the_last_ones_come_first() -> None:
    assert reversed_digits("+49 30 12") == "210394"
    assert reversed_digits("none") is None
