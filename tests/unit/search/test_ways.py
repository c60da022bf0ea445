"""How the ways of a word become clauses."""

import pytest

from forcedex.search.fields import SearchFields
from forcedex.search.ways import clauses, strict
from forcedex.search.words import Word

NONE: dict[str, tuple[str, ...]] = dict.fromkeys(SearchFields.__dataclass_fields__, ())
FIELDS = SearchFields(**{**NONE, "names": ("Name",), "titles": ("Account.Name",), "long_texts": ("Description",)})


def test_a_plain_word_is_one_clause_over_all_texts() -> None:
    weighed = ["Name^10.0", "Account.Name^7.0", "Description^1.5", "Name.edge^7.0", "Account.Name.edge^4.0"]
    assert clauses(strict(Word(text="Müller"), FIELDS)) == [{"multi_match": {"query": "Müller", "fields": weighed}}]


@pytest.mark.parametrize(
    "word",
    [
        Word(text="o'brien-smith"),  # several terms: their boosts would add up
        Word(text="サクラ", cjk=True),
        Word(text="annual report", phrase=True),
        Word(text="нева"),
    ],
    ids=lambda word: word.text,
)
def test_what_may_be_several_terms_has_the_points_of_one(word: Word) -> None:
    made = clauses(strict(word, FIELDS))
    assert made and all(each.keys() == {"constant_score"} for each in made)
    assert made[0]["constant_score"]["boost"] == 10.0
