"""Which columns are mapped, which go into the flattened field, and whether an index still fits."""

from dataclasses import replace

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forcedex.domain.money import Currencies
from forcedex.domain.schema import Field
from forcedex.elasticsearch.fields import field_count
from forcedex.elasticsearch.fit import fitting_layout, restricted_layout
from forcedex.elasticsearch.layout import plan
from forcedex.elasticsearch.mapping import meta, properties
from tests.factories.schemas import ACCOUNT, CONTACT, field, selection, sobject

TYPES = ("string", "picklist", "textarea", "currency", "phone", "reference", "double", "encryptedstring", "email")


@st.composite
def fields(draw: st.DrawFn) -> list[Field]:
    """Fields of many types, some of them custom, some parts of a place."""
    number = draw(st.integers(0, 60))
    result = []
    for index in range(number):
        type = draw(st.sampled_from((*TYPES, "place")))
        custom = draw(st.booleans())
        if type == "place":
            result += [
                field(f"P{index}__Latitude__s", "double", custom=custom, compound_name=f"P{index}__c"),
                field(f"P{index}__Longitude__s", "double", custom=custom, compound_name=f"P{index}__c"),
                field(f"P{index}__c", "location", custom=custom),
            ]
        else:
            more = {"reference_to": ("Account",), "relationship_name": f"R{index}__r"} if type == "reference" else {}
            result.append(field(f"F{index}__c", type, length=80, custom=custom, **more))
    return result


@given(fields(), st.integers(40, 200))
def test_no_column_is_dropped_and_the_budget_is_kept(some: list[Field], budget: int) -> None:
    of = selection(sobject("Thing__c", field("Name", length=80, name_field=True), *some), ACCOUNT)
    layout = plan(of, budget)
    assert layout.fields | layout.overflow == set(of.paths)
    assert not layout.fields & layout.overflow
    assert field_count(properties(layout)) <= budget
    assert {"Id", "IsDeleted", "SystemModstamp", "Name"} <= layout.fields
    assert plan(of, budget) == layout
    assert {f"forcedex.more.{path}" for path in layout.overflow} <= layout.derived.keys()


@given(fields(), fields(), st.integers(40, 200))
def test_an_index_that_gets_columns_keeps_those_it_has_where_they_are(
    some: list[Field], others: list[Field], budget: int
) -> None:
    renamed = [
        replace(each, name=f"Z{each.name}") for each in others if each.compound_name is None and each.type != "location"
    ]
    before = selection(sobject("Thing__c", *some), ACCOUNT)
    after = selection(sobject("Thing__c", *some, *[replace(each, relationship_name=None) for each in renamed]), ACCOUNT)
    layout = plan(before, budget)
    stored = orjson.loads(orjson.dumps(meta(layout, Currencies())))
    has = fitting_layout(stored, after, Currencies())
    assert has is not None
    assert (has.fields, has.overflow) == (layout.fields, layout.overflow)
    wider = plan(after, budget, has)
    assert layout.fields <= wider.fields and layout.overflow <= wider.overflow
    assert field_count(properties(wider)) <= max(budget, field_count(properties(layout)))
    again = fitting_layout(orjson.loads(orjson.dumps(meta(wider, Currencies()))), after, Currencies())
    assert again is not None and (again.fields, again.overflow) == (wider.fields, wider.overflow)


def test_standard_fields_come_first_then_references_and_money_then_the_others_in_their_order() -> None:
    custom = [field(f"T{index}__c", length=80, custom=True) for index in range(5)]
    last = [
        field("Owner__c", "reference", custom=True, reference_to=("User",), relationship_name="Owner__r"),
        field("Worth__c", "currency", custom=True),
        field("Website", "url"),
    ]
    of = selection(sobject("Account", *custom, *last, field("Name", length=80, name_field=True)))
    needed = field_count(
        properties(plan(selection(sobject("Account", *last, field("Name", length=80, name_field=True))), 900))
    )
    layout = plan(of, needed + 5)  # a short text counts two: with its keyword
    assert layout.overflow == {"T2__c", "T3__c", "T4__c"}


@pytest.mark.parametrize(
    ("own", "overflow"),
    [
        ([field("forcedex")], {"forcedex"}),
        ([field("Account")], {"Account.Name"}),  # called like the relationship: the field keeps the name
        ([field("account")], set()),
    ],
)
def test_a_column_whose_name_is_taken_goes_into_the_flattened_field(own: list[Field], overflow: set[str]) -> None:
    of = selection(replace(CONTACT, fields=(*CONTACT.fields, *own)), ACCOUNT)
    assert plan(of, 900).overflow == overflow


def test_an_older_index_takes_the_columns_that_are_what_they_were() -> None:
    then = plan(selection(sobject("Thing__c", field("Same"), field("Retyped", "double"), field("Gone"))), 900)
    stored = orjson.loads(orjson.dumps(meta(then, Currencies())))
    now = selection(sobject("Thing__c", field("Same"), field("Retyped"), field("New"), field("Money", "currency")))
    layout = restricted_layout(stored, now)
    assert layout.fields == {"Id", "IsDeleted", "SystemModstamp", "Same"}
    assert layout.overflow == set()


def test_an_index_of_an_older_program_does_not_fit() -> None:
    stored = orjson.loads(orjson.dumps(meta(plan(selection(ACCOUNT), 900), Currencies())))
    assert fitting_layout(stored, selection(ACCOUNT), Currencies()) is not None
    assert fitting_layout({**stored, "fingerprint": "other"}, selection(ACCOUNT), Currencies()) is None
    assert fitting_layout({}, selection(ACCOUNT), Currencies()) is None
