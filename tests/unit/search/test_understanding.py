import pytest
from hypothesis import given
from hypothesis import strategies as st

from forcedex.search.understanding import understand
from forcedex.search.words import MOST_WORDS


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("  Mary   Jones ", ["Mary", "Jones"]),
        ("東京 tower", ["東京", "tower"]),
        ("東京tower", ["東京", "tower"]),
        ("ＡＢＣ", ["ABC"]),  # full width
        ("?! -", []),
        ("", []),
        (" ".join("abcdefghij"), list("abcdefgh")),
    ],
)
def test_a_query_is_taken_apart_into_words(text: str, words: list[str]) -> None:
    assert [word.text for word in understand(text).words] == words


def test_an_id_of_15_characters_is_recognised() -> None:
    assert understand(" 001A0000006Vm9r ").shape.record_id == "001A0000006Vm9rIAC"


@pytest.mark.parametrize("text", ["+49 30 1234567", "(030) 1234-567", "0301234567"])
def test_a_phone_number_is_recognised_in_any_spelling(text: str) -> None:
    phone = understand(text).shape.phone
    assert phone is not None and phone.endswith("301234567")


@given(st.text(max_size=2000))
def test_nothing_that_can_be_typed_raises(text: str) -> None:
    assert understand(text).terms <= MOST_WORDS
