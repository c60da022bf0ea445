"""How counts become facets."""

import pytest

from forcedex.domain.indexed import IndexedField, IndexedObject
from forcedex.domain.roles import Role
from forcedex.search.facets import Counted, read

OWNER = "Owner.Name"


def _object(name: str) -> IndexedObject:
    owner = IndexedField(type="string", role=Role.TEXT, label="Owner")
    return IndexedObject(
        name=name,
        label=name,
        label_plural=f"{name}s",
        name_field="Name",
        fields={OWNER: owner},
        currency="USD",
        decimal_places=2,
    )


@pytest.mark.parametrize("names", [("Case", "Lead"), ("Lead", "Case")], ids="-".join)
def test_equals_stand_in_the_order_of_their_values_in_whatever_order_the_counts_came(names: tuple[str, ...]) -> None:
    counted = Counted(OWNER, "Owner", "value", (_object("Case"), _object("Lead")))
    buckets = {
        "Case": [{"key": "Berta", "doc_count": 1}, {"key": "Dora", "doc_count": 1}],
        "Lead": [{"key": "Emil", "doc_count": 2}, {"key": "Anton", "doc_count": 1}],
    }
    answers = {f"{OWNER}|{name}": {"doc_count": 3, "values": {"buckets": buckets[name]}} for name in names}
    (facet,) = read([counted], answers, {})
    found = [(each.value, each.count) for each in facet.buckets]
    assert found == [("Emil", 2), ("Anton", 1), ("Berta", 1), ("Dora", 1)]
