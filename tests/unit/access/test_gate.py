from typing import Any

import pytest

from forcedex.access.gate import GatedBody, GateRefused, gate
from forcedex.domain.principal import Operator


def test_a_question_carries_the_filter_of_who_asks() -> None:
    body = gate(Operator(), {"query": {"term": {"Name": "x"}}, "size": 3}).body
    assert body["query"]["bool"]["must"] == [{"term": {"Name": "x"}}]
    assert {"term": {"forcedex.deleted": False}} in body["query"]["bool"]["filter"]
    assert body["size"] == 3


def test_somebody_the_gate_does_not_know_sees_nothing() -> None:
    stranger: Any = object()
    assert {"match_none": {}} in gate(stranger, {"query": {"match_all": {}}}).body["query"]["bool"]["filter"]


def test_nobody_but_the_gate_makes_a_gated_body() -> None:
    with pytest.raises(GateRefused):
        GatedBody(object(), {"query": {"match_all": {}}})


@pytest.mark.parametrize(
    "part",
    ["suggest", "knn", "post_filter", "rescore", "runtime_mappings", "script_fields", "profile", "fields", "retriever"],
)
def test_what_answers_past_the_query_is_refused(part: str) -> None:
    with pytest.raises(GateRefused, match=part):
        gate(Operator(), {"query": {"match_all": {}}, part: {}})


@pytest.mark.parametrize(
    "aggregation",
    [
        {"global": {}},
        {"significant_terms": {"field": "Name"}},
        {"terms": {"field": "Name", "min_doc_count": 0}},
        {"terms": {"field": "OwnerId"}, "aggs": {"inner": {"global": {}}}},
        {"filter": {"script": {}}},
    ],
)
def test_an_aggregation_that_sees_hidden_records_is_refused(aggregation: dict[str, Any]) -> None:
    with pytest.raises(GateRefused):
        gate(Operator(), {"aggs": {"a": aggregation}})


@pytest.mark.parametrize("clause", ["script", "more_like_this", "wrapper", "percolate"])
def test_a_query_that_runs_code_or_fetches_other_documents_is_refused(clause: str) -> None:
    with pytest.raises(GateRefused, match=clause):
        gate(Operator(), {"query": {"bool": {"should": [{clause: {}}]}}})
