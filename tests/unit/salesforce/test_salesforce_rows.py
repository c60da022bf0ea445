"""REST records as rows: the same text as in a Bulk result."""

import json

import pytest

from forcedex.domain.errors import SourceDataError
from forcedex.domain.schema import SObject
from forcedex.salesforce.rows import maybe_datetimes, parse_exactly, row_from_json

LOOKS_LIKE_A_TIME = "2026-01-31T10:00:00.000+0000"


@pytest.mark.parametrize(
    ("sent", "text"),
    [
        ("null", ""),
        ("true", "true"),
        ("false", "false"),
        ("300.0", "300.0"),
        ("1.0E7", "1.0E7"),
        ("25", "25"),
        ("-0.10", "-0.10"),
        ("12345678901234567890.123456789", "12345678901234567890.123456789"),  # no digit is lost
        ("9007199254740993", "9007199254740993"),  # more than a double holds
        ("1e400", "1e400"),
        ('"1700-01-01"', "1700-01-01"),
        ('"4000-12-31"', "4000-12-31"),
        ('"a\\u0000b"', "a\x00b"),
        ('"' + "x" * 131_072 + '"', "x" * 131_072),
        ('"001000000000001"', "001000000000001"),
        ('"NA"', "NA"),
        ('"null"', "null"),
        ('"2026-01-31"', "2026-01-31"),
        ('"10:00:00.000Z"', "10:00:00.000Z"),
        ('"A;B"', "A;B"),
        ('"a\\nb\\"c\\u2028"', 'a\nb"c\u2028'),
        (f'"{LOOKS_LIKE_A_TIME}"', LOOKS_LIKE_A_TIME),  # a text field: as it is
    ],
)
def test_values_become_the_text_of_a_bulk_result(sent: str, text: str) -> None:
    record = parse_exactly(f'{{"attributes": {{"type": "X"}}, "F": {sent}}}'.encode())

    assert isinstance(record, dict)
    assert row_from_json(record, ["F"]) == [text]


def test_datetimes_end_in_z_where_a_datetime_may_be(contact: SObject) -> None:
    columns = ["Name", "SystemModstamp", "Account.CreatedDate", "Account.Name"]
    old: dict[str, object] = {"Name": "", "SystemModstamp": "1700-01-01T00:00:00.000+0000", "Account": None}
    far: dict[str, object] = {"Name": "", "SystemModstamp": "4000-12-31T23:59:59.000+0000", "Account": None}
    record = {
        "Name": LOOKS_LIKE_A_TIME,
        "SystemModstamp": LOOKS_LIKE_A_TIME,
        "Account": {"CreatedDate": LOOKS_LIKE_A_TIME, "Name": LOOKS_LIKE_A_TIME},
    }

    row = row_from_json(record, columns, maybe_datetimes(contact, columns))

    assert row == [LOOKS_LIKE_A_TIME, "2026-01-31T10:00:00.000Z", "2026-01-31T10:00:00.000Z", LOOKS_LIKE_A_TIME]
    for other, stamp in ((old, "1700-01-01T00:00:00.000Z"), (far, "4000-12-31T23:59:59.000Z")):
        assert row_from_json(other, columns, maybe_datetimes(contact, columns)) == ["", stamp, "", ""]


@pytest.mark.parametrize(
    ("account", "row"),
    [
        ({"Name": "Acme", "Owner": {"Name": "Ada"}}, ["Acme", "Ada"]),
        ({"Name": "Acme", "Owner": None}, ["Acme", ""]),
        ({"Name": None, "Owner": {"Name": None}}, ["", ""]),
        (None, ["", ""]),
    ],
)
def test_a_missing_parent_is_empty(account: object, row: list[str]) -> None:
    assert row_from_json({"Account": account}, ["Account.Name", "Account.Owner.Name"]) == row


@pytest.mark.parametrize(
    "record",
    [{}, {"Account": "text"}, {"Account": {}}, {"Account": {"Name": {"street": "x"}}}, {"Account": {"Name": []}}],
)
def test_a_record_without_what_was_asked_for_is_not_used(record: dict[str, object]) -> None:
    with pytest.raises(SourceDataError):
        row_from_json(record, ["Account.Name"])


@pytest.mark.parametrize("body", [b"", b"<html>", b'{"a": 1', b'"\xff"', b"{} trailing"])
def test_what_is_not_json_is_a_value_error(body: bytes) -> None:
    with pytest.raises(ValueError):
        parse_exactly(body)


def test_raw_control_characters_are_kept() -> None:
    assert parse_exactly(b'{"a": "x\x00\ty"}') == {"a": "x\x00\ty"}


def test_half_an_emoji_becomes_a_replacement_character_and_a_whole_one_stays() -> None:
    body = b'{"A": "cut \\ud83d", "B": ["\\ude00 x"], "C": "\\ud83d\\ude00", "D": "C:\\\\ud8"}'

    assert parse_exactly(body) == {"A": "cut \ufffd", "B": ["\ufffd x"], "C": "\U0001f600", "D": "C:\\ud8"}


def test_it_reads_what_json_writes() -> None:
    record: dict[str, object] = {"attributes": {}, "A": 'quote " and \\ and \n', "B": None, "C": False}

    parsed = parse_exactly(json.dumps(record).encode())

    assert isinstance(parsed, dict)
    assert row_from_json(parsed, ["A", "B", "C"]) == ['quote " and \\ and \n', "", "false"]
