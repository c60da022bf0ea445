"""Derived documents through the gate: seen by who reads the record they tell of, field by field as their sources."""

from dataclasses import replace
from typing import Any

import pytest

from forcedex.access.gate import GateRefused, gate
from forcedex.access.view import Denial, View
from forcedex.domain.indexed import IndexedField, IndexedObject
from forcedex.domain.principal import OrgUser
from forcedex.domain.roles import Role

JSON = dict[str, Any]


def column(name: str = "", *, permissionable: bool = True) -> IndexedField:
    return IndexedField(
        type="string", role=Role.NONE, label="Label", permissionable=permissionable, object=name or None
    )


DEALS = IndexedObject(
    name="x-deals",
    label="Deal",
    label_plural="Deals",
    name_field="Name",
    fields={"Name": column(permissionable=False), "Amount": column(), "IsWon": column(), "x.amt": column()},
    overflow={"Product2:Family": column("Product2"), "AccountId": column()},
    currency="USD",
    decimal_places=2,
    derived={"x.amt": ("Amount",), "x.family": ("Product2:Family",), "x.first_win": ("IsWon", "AccountId")},
    of="Opportunity",
    tells_of={"x.first_win": ("Opportunity",)},
)
SELLER = View(
    principal=OrgUser("005000000000001AAA"),
    objects={"Opportunity": frozenset({"Amount", "IsWon", "AccountId"}), "Product2": frozenset({"Family"})},
    tokens=("u:005000000000001AAA",),
)


def asked(view: View, path: str) -> JSON:
    (clause,) = gate(view, [DEALS], {"query": {"exists": {"field": path}}}).body["query"]["bool"]["must"]
    found: JSON = clause
    return found


def test_whoever_may_read_the_object_they_tell_of_asks_them_and_nobody_else() -> None:
    assert gate(SELLER, [DEALS], {}).objects == ["x-deals"]
    assert gate(replace(SELLER, objects={"x-deals": None, "Product2": None}), [DEALS], {}).objects == []


def test_a_derived_field_is_as_hidden_as_its_sources() -> None:
    assert asked(SELLER, "x.amt") == {"exists": {"field": "x.amt"}}
    blind = replace(SELLER, objects={**SELLER.objects, "Opportunity": frozenset()})
    assert asked(blind, "x.amt") == {"match_none": {}}
    with pytest.raises(GateRefused):
        gate(blind, [DEALS], {"sort": [{"x.amt": "asc"}]})


def test_a_field_of_another_object_is_judged_by_the_permissions_on_that_object() -> None:
    assert asked(SELLER, "x.family") == {"exists": {"field": "x.family"}}
    for objects in ({**SELLER.objects, "Product2": frozenset[str]()}, {"Opportunity": frozenset({"Amount"})}):
        assert asked(replace(SELLER, objects=objects), "x.family") == {"match_none": {}}


@pytest.mark.parametrize("path", ["x.first_win", "x.first_win.any"])
def test_what_tells_of_other_records_is_for_who_reads_them_all(path: str) -> None:
    assert asked(SELLER, path) == {"match_none": {}}
    everywhere = replace(SELLER, tokens=("o:Opportunity", "v:Opportunity", "u:005000000000001AAA"))
    assert asked(everywhere, path) == {"exists": {"field": path}}


def test_a_record_taken_back_takes_what_is_derived_from_it_along() -> None:
    taken = Denial(object="Opportunity", token="u:005000000000001AAA", ids=("006000000000001AAA",))
    body = gate(replace(SELLER, denials=(taken,)), [DEALS], {}).body
    assert "006000000000001AAA" in str(body["query"]["bool"]["must_not"])
    assert "forcedex.root" in str(body["query"]["bool"]["must_not"])
