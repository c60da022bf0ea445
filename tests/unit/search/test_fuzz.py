"""Nothing that can be typed makes understanding raise: `make fuzz` types a million texts."""

from datetime import date

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bench.relevance.index import SELECTIONS
from forcedex.domain.money import Currencies
from forcedex.domain.phones import digits, national_digits
from forcedex.elasticsearch.layout import plan
from forcedex.elasticsearch.mapping import meta
from forcedex.elasticsearch.query import indexed_object
from forcedex.search.asker import Asker
from forcedex.search.catalogue import Catalogue
from forcedex.search.fields import search_fields
from forcedex.search.filters import clause
from forcedex.search.ranking import Leaning, Question, excluded, highlighting
from forcedex.search.understanding import Knowledge, understand
from forcedex.search.vocabulary import shipped
from forcedex.search.words import MOST_WORDS

OBJECTS = [indexed_object(meta(plan(each, 900), Currencies())) for each in SELECTIONS.values()]
FIELDS = search_fields(OBJECTS)
ASKER = Asker(user_id="005000000000003AAA", team=frozenset({"005000000000004AAA"}), today=date(2026, 11, 23))
KNOWN = Knowledge(
    catalogue=Catalogue(OBJECTS), vocabulary=shipped(), asker=ASKER, may=lambda sobject, path: path != "Amount"
)
PIECES = (
    *("my", "our team's", "open", "won", "lost", "closed", "deals", "opportunities", "cases", "account", "contacts"),
    *("over", "between", "and", "50k", "€1,5m", "in", "Germany", "by", "Anna", "this month", "last 7 days", "since"),
    *("stage:", "amount>", "close:", "owner:me", "object:", "created<=", "2025-01-01", "..", "-", '"', ",", ":", "*"),
    *("株式会社", "サクラ", "GmbH", "+49 (0)30", "00001234", "INV-", "@", ".", "J.", "ceo", "bob", "\u200b", "\ud800"),
    *("9999-12-31", "next 9999 years", "q4", "0001", "１２３", "İ", "ß", "\x00", "()", "[", "{", "\\", "~", "^", "/"),
)
MIXED = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=8)), max_size=14).map(" ".join)
GLUED = st.lists(st.sampled_from(PIECES), max_size=10).map("".join)


def test_nothing_that_can_be_typed_raises(pytestconfig: pytest.Config) -> None:
    examples = pytestconfig.getoption("--inputs")

    @settings(max_examples=examples, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(st.one_of(MIXED, GLUED, st.text(max_size=600)))
    def check(text: str) -> None:
        query = understand(text, KNOWN)
        assert len(query.words) <= MOST_WORDS
        assert all(0 <= each.span[0] <= each.span[1] for each in query.filters)
        assert all(each.endswith(".") for each in query.notices)
        asked = Question(query=query, fields=FIELDS, leaning=Leaning(asker=ASKER))
        for body in (asked.strict(), asked.relaxed(), highlighting(query, FIELDS)):
            assert isinstance(body, dict)
        assert all(clause(each) for each in query.filters) and isinstance(excluded(query.without, FIELDS), list)
        off = understand(text, KNOWN, [each.key for each in query.filters])
        assert not {each.key for each in off.filters} & {each.key for each in query.filters}
        assert digits(text).isdecimal() or not digits(text)
        assert national_digits(text).isdecimal() or not national_digits(text)

    check()
