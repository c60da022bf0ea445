"""How matched clauses become reasons."""

from datetime import date

import pytest

from forcedex.domain.indexed import IndexedField, IndexedObject
from forcedex.domain.roles import Role
from forcedex.search import weights
from forcedex.search.explaining import reasons

CASE = IndexedObject(
    name="Case",
    label="Case",
    label_plural="Cases",
    name_field="CaseNumber",
    fields={"Subject": IndexedField(type="string", role=Role.TITLE, label="Subject")},
    currency="USD",
    decimal_places=2,
)


def _name(subject: str, worth: weights.Worth) -> str:
    return f"{subject}|{worth.points}|{worth.because}|Subject"


@pytest.mark.parametrize("order", [1, -1], ids=["as asked", "back to front"])
def test_what_a_field_is_worth_as_a_name_counts_although_it_is_a_title_too(order: int) -> None:
    matched = [
        _name("pump", weights.NAME),
        _name("pump", weights.TITLE),
        _name("old pump", weights.ALL_IN_NAME),
        _name("old pump", weights.PHRASE_IN_NAME),
        _name("old pump", weights.PHRASE_IN_TITLE),
    ]
    found = reasons(matched[::order], CASE, {}, date(2026, 1, 1), points=True)
    assert [(each.text, each.points) for each in found] == [
        ("“pump” is a word of Subject", 10.0),
        ("“old pump” stands in this order in Subject", 6.0),
        ("“old pump” is all in Subject", 4.0),
    ]
