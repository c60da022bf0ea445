from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forcedex.elasticsearch.outcomes import Outcome, item_outcome, outcome_of


@pytest.mark.parametrize(
    ("status", "error", "outcome"),
    [
        (201, "", Outcome.OK),
        (200, "", Outcome.OK),
        (409, "version_conflict_engine_exception", Outcome.CONFLICT),
        (429, "es_rejected_execution_exception", Outcome.RETRY),
        (503, "unavailable_shards_exception", Outcome.RETRY),
        (429, "cluster_block_exception", Outcome.BLOCKED),  # flood stage: the same status as overload
        (403, "cluster_block_exception", Outcome.BLOCKED),  # index.blocks.read_only
        (404, "index_not_found_exception", Outcome.LOST_INDEX),
        (400, "index_closed_exception", Outcome.LOST_INDEX),
        (400, "document_parsing_exception", Outcome.POISON),
        (400, "strict_dynamic_mapping_exception", Outcome.POISON),
        (403, "security_exception", Outcome.FORBIDDEN),  # our rights, not the document
    ],
)
def test_every_answer_has_one_outcome(status: int, error: str, outcome: Outcome) -> None:
    assert outcome_of(status, error) is outcome


def test_the_reason_names_type_reason_and_cause() -> None:
    error = {"type": "document_parsing_exception", "reason": "bad", "caused_by": {"reason": "worse"}}
    item = {"index": {"status": 400, "error": error}}
    assert item_outcome(item) == (Outcome.POISON, "document_parsing_exception: bad: worse")


STATUSES = (200, 201, 400, 401, 403, 404, 408, 409, 413, 429, 500, 502, 503, 504)
TYPES = (
    "",
    "version_conflict_engine_exception",
    "es_rejected_execution_exception",
    "cluster_block_exception",
    "index_not_found_exception",
    "index_closed_exception",
    "security_exception",
    "document_parsing_exception",
    "strict_dynamic_mapping_exception",
    "unavailable_shards_exception",
    "illegal_argument_exception",
)


@given(st.sampled_from(STATUSES) | st.integers(100, 599), st.sampled_from(TYPES) | st.text())
def test_no_document_is_given_up_or_taken_for_written_unless_that_is_certain(status: int, error: str) -> None:
    outcome = outcome_of(status, error)
    assert (outcome is Outcome.OK) == (status in (200, 201))
    if outcome is Outcome.POISON:
        assert 400 <= status < 500 and status not in (401, 403, 404, 408, 409, 429)
        assert error not in ("cluster_block_exception", "index_not_found_exception", "index_closed_exception")
    if outcome is Outcome.CONFLICT:
        assert status == 409
    if status in (408, 429) or status >= 500:
        assert outcome in (Outcome.RETRY, Outcome.BLOCKED, Outcome.LOST_INDEX)


def test_an_alias_with_two_indices_is_no_fault_of_the_document() -> None:
    reason = "no write index is defined for alias [a]. The write index may be explicitly disabled"
    assert outcome_of(400, "illegal_argument_exception", reason) is Outcome.LOST_INDEX


@pytest.mark.parametrize("item", [{}, None, {"index": None}, {"index": {}}, {"index": {"status": "x"}}, []])
def test_what_is_no_item_is_refused_by_an_error_that_the_writer_expects(item: Any) -> None:
    with pytest.raises((KeyError, TypeError, ValueError, AttributeError, StopIteration)):
        item_outcome(item)
