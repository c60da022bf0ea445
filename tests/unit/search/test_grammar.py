import pytest

from forcedex.search.correction import steps
from forcedex.search.grammar import Comparison, Phrase, Plain, Sign, Term, parse
from forcedex.search.marking import begun, nearly
from forcedex.search.vocabulary import shipped


def told(term: Term) -> object:
    if isinstance(term, Comparison):
        return (term.negated, term.name, term.sign, term.values)
    return (term.negated, type(term), term.text)


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ('stage:"Closed Won",Proposal', [(False, "stage", Sign.IS, ("Closed Won", "Proposal"))]),
        ("amount>=100k", [(False, "amount", Sign.AT_LEAST, ("100k",))]),
        ("amount:>20,000", [(False, "amount", Sign.OVER, ("20,000",))]),
        ("-type:partner", [(True, "type", Sign.IS, ("partner",))]),
        ('a "b c" -d', [(False, Plain, "a"), (False, Phrase, "b c"), (True, Plain, "d")]),
        ("well-known", [(False, Plain, "well-known")]),
        ('"open', [(False, Plain, "open")]),
        ("10:30", [(False, Plain, "10:30")]),
        ("„deutsch“", [(False, Phrase, "deutsch")]),
        ("- : > ", [(False, Plain, "-"), (False, Plain, ":"), (False, Plain, ">")]),
    ],
)
def test_the_language_is_taken_apart(text: str, terms: list[object]) -> None:
    assert [told(each) for each in parse(text)] == terms


@pytest.mark.parametrize(
    ("one", "other", "distance"),
    [
        ("norman", "norman", 0),
        ("nroman", "norman", 1),
        ("orman", "norman", 1),
        ("mornan", "norman", 2),
        ("a", "bcd", 3),
    ],
)
def test_letters_that_differ_are_counted_as_lucene_does(one: str, other: str, distance: int) -> None:
    assert steps(one, other, 2) == distance


def test_beginnings_and_near_words_are_marked() -> None:
    assert [(each.text, each.hit) for each in begun("Müller Bau", ["mu"])] == [
        ("Mü", True),
        ("ller Bau", False),
    ]
    assert nearly("Robert Norman", ["nroman"]) and nearly("Robert Norman", ["xyz"]) is None


def test_the_shipped_vocabulary_knows_nicknames_both_ways() -> None:
    assert "robert" in shipped().called("bob") and "bob" in shipped().called("robert")
    assert "chief executive officer" in shipped().meaning("ceo")
    assert "ceo" in shipped().meaning("chief executive officer")
