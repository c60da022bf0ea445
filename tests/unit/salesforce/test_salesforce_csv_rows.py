"""CSV in pieces: every value exactly as it was written."""

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forcedex.domain.errors import SourceDataError
from forcedex.salesforce import csv_rows
from forcedex.salesforce.csv_rows import BLOCK, CsvRows, end_of_last_record

TRAPS = [
    "NA",
    "null",
    "",
    "#N/A",
    'say "hi"',
    '","',
    '"\n"',
    "\n",
    "\r\n",
    "\r",
    "a\u2028b\u2029c\x85d\x0be\x0cf\x1cg",  # str.splitlines would split at each of these
    "  padded  ",
    "007",
    "=1+1",
    "\x00",
    "\ufeff",
    "ümläut 🎉 日本",
    "x" * 200_000,
    '"' * 999,
    "\n" * 999,
]


def written(rows: Iterable[Iterable[str]], end: str = "\n") -> bytes:
    """As Salesforce writes it: every value quoted, quotes doubled."""
    return "".join(",".join('"' + value.replace('"', '""') + '"' for value in row) + end for row in rows).encode()


def read(pieces: Iterable[bytes], block: int = BLOCK) -> list[list[str]]:
    csv = CsvRows(block)
    blocks = [block for piece in pieces for block in csv.feed(piece)]
    return [row for block in [*blocks, *csv.finish()] for row in block.rows]


def cut(data: bytes, positions: Iterable[int]) -> list[bytes]:
    places = sorted({0, len(data), *(position % (len(data) + 1) for position in positions)})
    return [data[start:stop] for start, stop in zip(places, places[1:], strict=False)]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 64 * 1024, 10**7])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_every_trap_survives_whatever_the_pieces(size: int, end: str) -> None:
    # The 200 kB value and one-byte pieces together would only be slow.
    rows = [["Id", "Value"]] + [[str(n), trap] for n, trap in enumerate(TRAPS) if size > 3 or len(trap) < 2000]
    data = written(rows, end)

    assert read(data[start : start + size] for start in range(0, len(data), size)) == rows


values = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=12) | st.sampled_from(TRAPS[:17])


@given(
    st.integers(1, 4).flatmap(lambda width: st.lists(st.lists(values, min_size=width, max_size=width), max_size=12)),
    st.lists(st.integers(0, 10_000), max_size=20),
    st.integers(1, 64),
    st.booleans(),
)
def test_random_tables_in_random_pieces(
    rows: list[list[str]], positions: list[int], block: int, last_line_ends: bool
) -> None:
    data = written(rows)
    if rows and not last_line_ends:
        data = data[:-1]

    assert read(cut(data, positions), block) == rows


@given(st.lists(st.lists(st.sampled_from(['a"b', "c", "\n", ""]), min_size=2, max_size=2), max_size=8), st.text("ab"))
def test_the_end_of_the_last_record_is_found(rows: list[list[str]], rest: str) -> None:
    text = written(rows).decode()

    assert end_of_last_record(text + '"' + rest + "\n" + rest) == len(text)


def test_no_block_is_much_larger_than_asked_for() -> None:
    row = ["x" * 1000] * 3
    csv = CsvRows()

    lengths = [block.length for block in csv.feed(written([row] * 5000))]

    assert len(lengths) > 40 and max(lengths) <= 2 * BLOCK


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b'"a","b\xff"\n', "UTF-8"),
        (b'"a","b\xe2\x82', "UTF-8"),  # cut within a character
        (b'"a","b"x\n', "damaged"),
        (b'"a","b\n', "damaged"),  # a quote is missing
    ],
)
def test_damaged_csv_is_not_used(data: bytes, words: str) -> None:
    with pytest.raises(SourceDataError, match=words):
        read([data])


def test_a_missing_quote_does_not_eat_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_rows, "MAX_RECORD", 1_000_000)
    csv = CsvRows()

    with pytest.raises(SourceDataError, match="quote missing"):
        list(csv.feed(b'"a","b"\n"'))
        for _ in range(1000):
            list(csv.feed(b"xxxxxxxxx\n" * 1000))
