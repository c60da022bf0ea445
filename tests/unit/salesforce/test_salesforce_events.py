"""Change events: what a decoded event says, and bytes that are none."""

import io
import json
from datetime import UTC, datetime

import grpc
import pytest
from fastavro import parse_schema, schemaless_writer
from hypothesis import given
from hypothesis import strategies as st

from forcedex.domain.change import ChangeKind
from forcedex.domain.errors import ForcedexError
from forcedex.salesforce.pubsub.events import Unreadable, change_event, decoded, parsed
from forcedex.salesforce.pubsub.refusal import TABLE, failure_of
from forcedex.salesforce.pubsub.topics import topic_name

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
MILLISECONDS = 1_780_315_200_000
ID = "001000000000001AAA"

SCHEMA = json.dumps(
    {
        "type": "record",
        "name": "AccountChangeEvent",
        "fields": [
            {
                "name": "ChangeEventHeader",
                "type": {
                    "type": "record",
                    "name": "ChangeEventHeader",
                    "fields": [
                        {"name": "entityName", "type": "string"},
                        {"name": "recordIds", "type": {"type": "array", "items": "string"}},
                        {"name": "changeType", "type": {"type": "enum", "name": "C", "symbols": ["CREATE", "UPDATE"]}},
                        {"name": "commitTimestamp", "type": "long"},
                    ],
                },
            },
            {"name": "Name", "type": ["null", "string"], "default": None},
            {"name": "AnnualRevenue", "type": ["null", "double"], "default": None},
            {"name": "LastModifiedDate", "type": ["null", "long"], "default": None},
        ],
    }
)


def body(**header: object) -> dict[str, object]:
    whole = {"entityName": "Account", "recordIds": [ID], "changeType": "UPDATE", "commitTimestamp": MILLISECONDS}
    return {"ChangeEventHeader": {**whole, **header}, "LastModifiedDate": MILLISECONDS + 1000}


@pytest.mark.parametrize(
    ("change_type", "kind", "gap"),
    [
        ("CREATE", ChangeKind.CREATE, False),
        ("UPDATE", ChangeKind.UPDATE, False),
        ("DELETE", ChangeKind.DELETE, False),
        ("UNDELETE", ChangeKind.UNDELETE, False),
        ("GAP_CREATE", ChangeKind.CREATE, True),
        ("GAP_UPDATE", ChangeKind.UPDATE, True),
        ("GAP_DELETE", ChangeKind.DELETE, True),
        ("GAP_UNDELETE", ChangeKind.UNDELETE, True),
        ("SNAPSHOT", ChangeKind.UPDATE, False),
    ],
)
def test_kinds_of_change(change_type: str, kind: ChangeKind, gap: bool) -> None:
    event = change_event("Account", body(changeType=change_type), b"\x01")

    assert (event.kind, event.gap, event.record_ids, event.reason) == (kind, gap, (ID,), "")
    assert (event.committed_at, event.modified_at) == (NOON, NOON.replace(second=1))
    assert (event.object, event.replay_id) == ("Account", b"\x01")


def test_all_records_of_a_merged_event_are_named_with_18_characters_and_once() -> None:
    event = change_event("Account", body(recordIds=["001000000000002", ID, "001000000000001"]), b"")

    assert event.record_ids == ("001000000000002AAA", ID)


@pytest.mark.parametrize(
    ("header", "words"),
    [
        ({"changeType": "GAP_OVERFLOW", "recordIds": ["000000000000000AAA"]}, "more records"),
        ({"recordIds": ["000000000000000AAA"]}, "more records"),
        ({"recordIds": ["000000000000000"]}, "more records"),
        ({"recordIds": ["001*"]}, "all records"),
        ({"recordIds": [ID, "001*"]}, "all records"),
        ({"recordIds": []}, "no record"),
        ({"recordIds": None}, "no record"),
        ({"recordIds": [ID, "not an id"]}, "no valid Id"),
        ({"recordIds": [ID, 7]}, "no valid Id"),
        ({"changeType": "EVAPORATE"}, "EVAPORATE"),
        ({"changeType": "UNKNOWN"}, "UNKNOWN"),
        ({"changeType": None}, "unknown"),
        ({"entityName": "Contact"}, "Contact"),
        ({"commitTimestamp": None}, "committed"),
        ({"commitTimestamp": 2**63}, "committed"),
    ],
)
def test_an_event_that_does_not_name_its_records_says_why(header: dict[str, object], words: str) -> None:
    event = change_event("Account", body(**header), b"\x01")

    assert (event.kind, event.record_ids, event.gap) == (ChangeKind.UNKNOWN, (), False)
    assert words in event.reason and event.replay_id == b"\x01"
    assert event.committed_at == (None if "commitTimestamp" in header else NOON)


def test_an_event_without_a_header_or_a_time_of_change() -> None:
    assert change_event("Account", {}, b"").kind is ChangeKind.UNKNOWN
    deleted = {**body(changeType="DELETE"), "LastModifiedDate": None}
    assert change_event("Account", deleted, b"").modified_at is None
    assert change_event("Account", {**body(), "LastModifiedDate": NOON}, b"").modified_at == NOON


def test_an_encoded_event_comes_back() -> None:
    written = io.BytesIO()
    whole = {**body(), "Name": "Ümläut 🎉", "AnnualRevenue": 0.1}
    schemaless_writer(written, parse_schema(json.loads(SCHEMA)), whole)

    assert decoded(written.getvalue(), parsed(SCHEMA)) == whole


@given(st.binary(max_size=200))
def test_any_bytes_are_an_event_or_unreadable(payload: bytes) -> None:
    try:
        event = change_event("Account", decoded(payload, parsed(SCHEMA)), b"")
    except Unreadable as why:
        assert str(why)
    else:
        assert event.kind is not ChangeKind.UNKNOWN or event.reason


@pytest.mark.parametrize(
    "text",
    ["", "{", "null", "[]", "7", '{"type": "nonsense"}', '{"type": "record", "name": "A"}', '{"type": "record"}'],
)
def test_a_schema_that_is_none_is_unreadable(text: str) -> None:
    with pytest.raises(Unreadable):
        decoded(b"\x02", parsed(text))


@pytest.mark.parametrize(
    ("name", "topic"),
    [
        ("Account", "/data/AccountChangeEvent"),
        ("Invoice__c", "/data/Invoice__ChangeEvent"),
        ("acme__Invoice__c", "/data/acme__Invoice__ChangeEvent"),
        ("OpportunityContactRole", "/data/OpportunityContactRoleChangeEvent"),
    ],
)
def test_the_topic_of_an_object(name: str, topic: str) -> None:
    assert topic_name(name) == topic


def failed(status: grpc.StatusCode, code: str, details: str = "no rpcId: 1") -> grpc.aio.AioRpcError:
    trailer = grpc.aio.Metadata(("error-code", f"sfdc.platform.eventbus.grpc.{code}"))
    return grpc.aio.AioRpcError(status, grpc.aio.Metadata(), trailer, details)


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.code)
def test_every_error_code_has_a_next_step_whatever_its_status(row: object) -> None:
    code = getattr(row, "code", "")
    for status in (grpc.StatusCode.UNKNOWN, grpc.StatusCode.INVALID_ARGUMENT):
        error: ForcedexError = failure_of(failed(status, code), "stream changes of X", "host:1").error

        assert error.hint.endswith(".") and code in error.message and "rpcId" not in error.message


def test_an_error_code_in_bytes_is_read_too() -> None:
    trailer = grpc.aio.Metadata(("error-code", b"sfdc.platform.eventbus.grpc.topic.not.found"))
    error = grpc.aio.AioRpcError(grpc.StatusCode.INTERNAL, grpc.aio.Metadata(), trailer, None)

    assert "topic.not.found" in failure_of(error, "look up X", "host:1").error.message
