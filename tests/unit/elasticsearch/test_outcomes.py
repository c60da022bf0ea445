import pytest

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
    ],
)
def test_every_answer_has_one_outcome(status: int, error: str, outcome: Outcome) -> None:
    assert outcome_of(status, error) is outcome


def test_the_reason_names_type_reason_and_cause() -> None:
    error = {"type": "document_parsing_exception", "reason": "bad", "caused_by": {"reason": "worse"}}
    item = {"index": {"status": 400, "error": error}}
    assert item_outcome(item) == (Outcome.POISON, "document_parsing_exception: bad: worse")
