"""What passes the gate, in which form, and what of an answer is shown."""

from dataclasses import replace
from typing import Any

import pytest

from forcedex.access.gate import GatedBody, GateRefused, gate, restriction, unrestricted
from forcedex.access.view import Denial, View, everything, nothing
from forcedex.domain.indexed import IndexedField, IndexedObject, Relationship
from forcedex.domain.principal import OrgUser
from forcedex.domain.roles import Role

JSON = dict[str, Any]
ME = OrgUser("005000000000001AAA")


def column(role: Role = Role.TEXT, *, permissionable: bool = True) -> IndexedField:
    return IndexedField(type="string", role=role, label="Label", permissionable=permissionable)


def indexed(name: str, **more: Any) -> IndexedObject:
    fields = {"Name": column(Role.NAME, permissionable=False), "Phone": column(Role.PHONE), "Secret__c": column()}
    given: JSON = {
        "label": name,
        "label_plural": f"{name}s",
        "name_field": "Name",
        "fields": {**fields, **more.pop("fields", {})},
        "currency": "USD",
        "decimal_places": 2,
        "derived": {"forcedex.phones.Phone": ("Phone",)},
        **more,
    }
    return IndexedObject(name=name, **given)


ACCOUNT = indexed("Account")
CONTACT = indexed(
    "Contact",
    fields={
        "ReportsTo.Name": column(Role.TITLE, permissionable=False),
        "ReportsToId": column(Role.NONE),
        "Email": column(Role.EMAIL),
    },
    relationships={"ReportsTo": Relationship(field="ReportsToId", objects=("Contact",))},
)
BOTH = (ACCOUNT, CONTACT)
VIEW = View(
    principal=ME,
    objects={"Account": frozenset({"Phone"}), "Contact": frozenset({"Email", "Phone", "Secret__c", "ReportsToId"})},
    tokens=("o:Account", "u:005000000000001AAA"),
)
ALL: JSON = {"match_all": {}}


def question(view: View, query: JSON, objects: tuple[IndexedObject, ...] = BOTH) -> JSON:
    (clause,) = gate(view, objects, {"query": query}).body["query"]["bool"]["must"]
    found: JSON = clause
    return found


def test_a_question_carries_the_filter_of_who_asks() -> None:
    body = gate(VIEW, BOTH, {"query": {"term": {"Name": "x"}}, "size": 3}).body
    assert body["query"]["bool"]["must"] == [{"term": {"Name": "x"}}]
    assert {"term": {"forcedex.deleted": False}} in body["query"]["bool"]["filter"]
    assert {"terms": {"forcedex.acl": list(VIEW.tokens)}} in body["query"]["bool"]["filter"]
    assert body["size"] == 3


def test_the_operator_sees_everything() -> None:
    body = gate(everything(), BOTH, {"query": {"term": {"Secret__c": "x"}}}).body
    assert body["query"]["bool"]["must"] == [{"term": {"Secret__c": "x"}}]
    assert "terms" not in str(body)


@pytest.mark.parametrize(
    "view",
    [nothing(ME, "too old"), View(principal=ME), replace(VIEW, tokens=()), replace(VIEW, blind="too old")],
)
def test_without_access_data_or_tokens_nobody_sees_anything(view: View) -> None:
    gated = gate(view, BOTH, {"query": ALL})
    assert {"match_none": {}} in gated.body["query"]["bool"]["filter"] or not gated.objects


def test_objects_that_may_not_be_read_are_not_asked() -> None:
    assert gate(replace(VIEW, objects={"Account": None}), BOTH, {"query": ALL}).objects == ["Account"]


def test_nobody_but_the_gate_makes_a_gated_body() -> None:
    with pytest.raises(GateRefused):
        GatedBody(object(), {"query": {"match_all": {}}}, everything(), ())


def test_what_was_taken_back_is_hidden_from_who_held_the_token() -> None:
    denial = Denial(object="Account", token="u:005000000000001AAA", ids=("001A",))
    body = gate(replace(VIEW, denials=(denial,)), BOTH, {"query": ALL}).body
    (hidden,) = body["query"]["bool"]["must_not"]
    assert hidden["bool"]["filter"] == [{"term": {"forcedex.object": "Account"}}, {"terms": {"Id": ["001A"]}}]
    other = replace(denial, token="g:00G000000000001AAA")
    assert gate(replace(VIEW, denials=(other,)), BOTH, {"query": ALL}).body["query"]["bool"]["must_not"] == []


def test_where_very_much_was_taken_back_all_that_carries_the_token_is_hidden() -> None:
    token = "u:005000000000001AAA"
    view = replace(VIEW, denials=(Denial(object="Contact", token=token),))
    (hidden,) = gate(view, BOTH, {"query": ALL}).body["query"]["bool"]["must_not"]
    contacts, carrying = hidden["bool"]["filter"]
    assert contacts == {"term": {"forcedex.object": "Contact"}}
    carried = [{"term": {"forcedex.acl": token}}, {"term": {"forcedex.see.ReportsTo": token}}]
    assert carrying == {"bool": {"should": carried, "minimum_should_match": 1}}


def test_somebody_above_a_very_large_company_has_his_tokens_in_several_clauses() -> None:
    view = replace(VIEW, tokens=tuple(f"u:{number}" for number in range(130_000)))
    (_, visible) = gate(view, BOTH, {"query": ALL}).body["query"]["bool"]["filter"]
    parts = [each["terms"]["forcedex.acl"] for each in visible["bool"]["should"]]
    assert [len(part) for part in parts] == [60_000, 60_000, 10_000]
    assert visible["bool"]["minimum_should_match"] == 1


# Fields


def test_a_clause_on_a_hidden_field_asks_only_where_it_may_be_read() -> None:
    assert question(VIEW, {"term": {"Secret__c": "x"}}) == {
        "bool": {
            "must": [{"term": {"Secret__c": "x"}}],
            "filter": [{"bool": {"filter": [{"terms": {"forcedex.object": ["Contact"]}}]}}],
        }
    }


def test_a_clause_on_a_field_hidden_everywhere_matches_nothing() -> None:
    assert question(VIEW, {"exists": {"field": "Secret__c"}}, (ACCOUNT,)) == {"match_none": {}}
    assert question(VIEW, {"range": {"forcedex.version": {"gt": 1}}}) == {"match_none": {}}
    assert question(VIEW, {"term": {"forcedex.acl": "u:1"}}) == {"match_none": {}}


def test_a_derived_field_and_a_subfield_are_as_hidden_as_their_sources() -> None:
    hidden = replace(VIEW, objects={"Account": frozenset(), "Contact": frozenset()})
    assert question(hidden, {"prefix": {"forcedex.phones.Phone": "1"}}) == {"match_none": {}}
    assert question(hidden, {"match": {"Secret__c.edge": "x"}}) == {"match_none": {}}
    assert question(VIEW, {"prefix": {"forcedex.phones.Phone": "1"}}) == {"prefix": {"forcedex.phones.Phone": "1"}}


def test_fields_of_one_clause_are_asked_apart_where_their_rights_differ() -> None:
    asked = question(VIEW, {"multi_match": {"query": "x", "fields": ["Name^2", "Secret__c"], "boost": 3}})
    first, second = asked["dis_max"]["queries"]
    assert first == {"multi_match": {"query": "x", "fields": ["Name^2"]}}
    assert second["bool"]["must"] == [{"multi_match": {"query": "x", "fields": ["Secret__c"]}}]
    assert asked["dis_max"]["boost"] == 3
    with pytest.raises(GateRefused, match="cross_fields"):
        question(VIEW, {"multi_match": {"query": "x", "type": "cross_fields", "fields": ["Name", "Secret__c"]}})


def test_a_parents_name_is_asked_only_where_the_parent_may_be_seen() -> None:
    asked = question(VIEW, {"match": {"ReportsTo.Name": "x"}})
    assert {"terms": {"forcedex.see.ReportsTo": list(VIEW.tokens)}} in asked["bool"]["filter"][0]["bool"]["filter"]
    whole = replace(VIEW, tokens=("o:Contact", "v:Contact"))
    assert question(whole, {"match": {"ReportsTo.Name": "x"}}) == {"match": {"ReportsTo.Name": "x"}}


def test_alternatives_under_one_restriction_send_it_once() -> None:
    def words(points: float, *paths: str) -> JSON:
        return {"constant_score": {"filter": {"multi_match": {"query": "x", "fields": list(paths)}}, "boost": points}}

    either = [words(7, "Name", "ReportsTo.Name"), words(4, "Name.edge", "ReportsTo.Name.edge"), words(1, "Phone")]
    asked = question(VIEW, {"dis_max": {"queries": [{"dis_max": {"queries": either[:2]}}, either[2]]}})
    *free, restricted = asked["dis_max"]["queries"]
    assert free == [words(7, "Name"), words(4, "Name.edge"), words(1, "Phone")]
    assert str(restricted).count("forcedex.see.ReportsTo") == 1
    (best,) = restricted["bool"]["must"]
    assert best["dis_max"]["queries"] == [words(7, "ReportsTo.Name"), words(4, "ReportsTo.Name.edge")]


def test_a_named_clause_holds_its_restriction_inside() -> None:
    # Elasticsearch names it for every hit that it matches by itself: outside, it would tell what is in a hidden field.
    named = {"constant_score": {"filter": {"term": {"Secret__c": "x"}}, "boost": 2, "_name": "secret"}}
    asked = question(VIEW, {"dis_max": {"queries": [named]}})
    (only,) = asked["dis_max"]["queries"]
    assert only["constant_score"]["filter"] == question(VIEW, {"term": {"Secret__c": "x"}})


def test_alternatives_that_add_up_are_left_as_they_are() -> None:
    inner: JSON = {"dis_max": {"tie_breaker": 1.0, "queries": [{"term": {"Name": "x"}}, {"term": {"Phone": "x"}}]}}
    assert question(VIEW, {"dis_max": {"queries": [inner, ALL]}}) == {"dis_max": {"queries": [inner, ALL]}}


def test_a_field_is_marked_by_its_own_query_and_not_at_all_where_it_is_hidden() -> None:
    marked = {path: {"highlight_query": {"match": {path: "x"}}} for path in ("Name", "Secret__c", "ReportsTo.Name")}
    body = gate(VIEW, BOTH, {"highlight": {"fields": marked}, "_source": ["Name"]}).body
    assert body["highlight"] == {"fields": marked, "require_field_match": True}
    # Whether this hit's parent may be seen, and whether this object's field, is judged hit by hit.
    assert "forcedex.see.ReportsTo" in body["_source"]
    alone = gate(VIEW, (ACCOUNT,), {"highlight": {"fields": marked}, "_source": ["Name"]}).body
    assert alone["highlight"]["fields"].keys() == {"Name"}


def test_a_parents_name_is_as_hidden_as_the_reference_to_it() -> None:
    without = replace(VIEW, objects={**VIEW.objects, "Contact": frozenset({"Email"})})
    assert question(without, {"match": {"ReportsTo.Name": "x"}}) == {"match_none": {}}


def test_nobody_sorts_by_what_he_may_not_read() -> None:
    gate(VIEW, BOTH, {"sort": ["_score", {"Name.keyword": "asc"}, {"Id": "asc"}]})
    for path in ("Secret__c", "ReportsTo.Name", "forcedex.acl"):
        with pytest.raises(GateRefused, match="sorted"):
            gate(VIEW, BOTH, {"sort": [{path: "asc"}]})


def test_an_aggregation_stands_under_its_restriction() -> None:
    inner: JSON = {"names": {"terms": {"field": "ReportsTo.Name"}}}
    with pytest.raises(GateRefused, match="restriction"):
        gate(VIEW, BOTH, {"aggs": inner})
    with pytest.raises(GateRefused, match="restriction"):
        gate(VIEW, BOTH, {"aggs": {"a": {"terms": {"field": "Secret__c"}}}})
    where = restriction(VIEW, CONTACT, "ReportsTo.Name")
    assert where is not None
    gate(VIEW, BOTH, {"aggs": {"contacts": {"filter": where, "aggs": inner}}})
    assert restriction(VIEW, ACCOUNT, "Secret__c") is None


def test_an_aggregation_needs_no_restriction_on_what_everybody_may_use() -> None:
    assert unrestricted(VIEW, BOTH, "Phone")
    assert unrestricted(VIEW, BOTH, "Email")  # accounts have none
    gate(VIEW, BOTH, {"aggs": {"a": {"terms": {"field": "Email"}}}})
    assert not unrestricted(VIEW, BOTH, "Secret__c")
    assert not unrestricted(VIEW, BOTH, "ReportsTo.Name")
    assert unrestricted(everything(), BOTH, "Secret__c")


def test_a_hit_shows_what_may_be_read_and_nothing_of_who_may_see_it() -> None:
    gated = gate(VIEW, BOTH, {"query": ALL, "_source": ["Name", "Secret__c", "ReportsTo.Name"]})
    assert "forcedex.see.ReportsTo" in gated.body["_source"]

    def hit(name: str, see: list[str]) -> JSON:
        about: JSON = {"object": name, "synced_at": "now", "see": {"ReportsTo": see}, "acl": ["o:Account"]}
        return {
            "_id": "1",
            "_source": {"Name": "A", "Secret__c": "s", "ReportsTo": {"Name": "B"}, "forcedex": about},
            "highlight": {"Secret__c": ["s"], "Name": ["A"]},
        }

    shown = gated.cleaned({"hits": {"hits": [hit("Account", []), hit("Contact", ["u:other"]), hit("Lead", [])]}})
    account, contact = shown["hits"]["hits"]
    about = {"object": "Account", "synced_at": "now"}
    assert account == {"_id": "1", "_source": {"Name": "A", "forcedex": about}, "highlight": {"Name": ["A"]}}
    assert contact["_source"]["Secret__c"] == "s" and "ReportsTo" not in contact["_source"]
    (mine,) = gated.cleaned({"hits": {"hits": [hit("Contact", [VIEW.tokens[1]])]}})["hits"]["hits"]
    assert mine["_source"]["ReportsTo"] == {"Name": "B"}


# What leaks


@pytest.mark.parametrize(
    "part",
    ["suggest", "knn", "post_filter", "runtime_mappings", "script_fields", "profile", "fields", "retriever", "pit"],
)
def test_what_answers_past_the_query_is_refused(part: str) -> None:
    with pytest.raises(GateRefused, match=part):
        gate(everything(), BOTH, {"query": {"match_all": {}}, part: {}})


@pytest.mark.parametrize(
    "aggregation",
    [
        {"global": {}},
        {"significant_terms": {"field": "Name"}},
        {"terms": {"field": "Name", "min_doc_count": 0}},
        {"terms": {"field": "Phone"}, "aggs": {"inner": {"global": {}}}},
        {"filter": {"script": {}}},
        {"top_hits": {}},
        {"terms": {"script": "1"}},
    ],
)
def test_an_aggregation_that_sees_hidden_records_is_refused(aggregation: JSON) -> None:
    with pytest.raises(GateRefused):
        gate(everything(), BOTH, {"aggs": {"a": aggregation}})


@pytest.mark.parametrize(
    "clause",
    ["script", "more_like_this", "wrapper", "percolate", "query_string", "regexp", "knn", "pinned", "function_score"],
)
def test_a_query_that_is_not_listed_is_refused(clause: str) -> None:
    with pytest.raises(GateRefused, match=clause):
        gate(everything(), BOTH, {"query": {"bool": {"should": [{clause: {}}]}}})


@pytest.mark.parametrize(
    "body",
    [
        {"query": {"terms": {"Name": {"index": "x", "id": "1", "path": "y"}}}},
        {"highlight": {"fields": {"*": {"highlight_query": ALL}}}},
        {"highlight": {"fields": {}, "require_field_match": False}},
        {"highlight": {"fields": {"Name": {}}}},
        {"highlight": {"fields": {"Name": {"highlight_query": {"script": {}}}}}},
        {"highlight": {"fields": {"Name": {"highlight_query": ALL, "matched_fields": ["Secret__c"]}}}},
        {"_source": ["forcedex.acl"]},
        {"_source": True},
        {"_source": ["*"]},
        {"sort": [{"_script": {}}]},
    ],
)
def test_forms_that_fetch_or_show_more_are_refused(body: JSON) -> None:
    with pytest.raises(GateRefused):
        gate(everything(), BOTH, body)
