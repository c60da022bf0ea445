"""The text of a cost table, CSV or JSON, as rows of texts: pure. Source of CSV: RFC 4180.

    period,scope,of,amount,currency,category
    2026-03,owner,ann@acme.example,4200.00,EUR,salary
    2026-01-15..2026-02-14,campaign,701000000000001AAA,900,,travel
    2026-Q1,company,,12000,USD,tools

JSON is a list of objects with the same keys. The columns are closed: `period`, `scope`, `of` and `amount` must be
there, `currency` and `category` may be.
"""

import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

NEEDED = ("period", "scope", "of", "amount")
COLUMNS = (*NEEDED, "currency", "category")
#: Of one file.
LARGEST, MOST_ROWS = 10 * 2**20, 20_000
_LONGEST = 255  # characters of a value


@dataclass(frozen=True, slots=True)
class Wrong:
    """What is wrong with a row, or with the whole file: 0."""

    number: int
    text: str

    def __str__(self) -> str:
        return f"Row {self.number}: {self.text}" if self.number else self.text


@dataclass(frozen=True, slots=True)
class RawRow:
    """One row as it is written: every column, empty where it is not there."""

    number: int
    values: Mapping[str, str]


def raw_rows(content: bytes) -> tuple[Sequence[RawRow], Sequence[Wrong]]:
    """The rows of a file, or what keeps it from being read: nothing of a file with problems may be used."""
    if len(content) > LARGEST:
        return (), [Wrong(0, f"The file is larger than {LARGEST // 2**20} MB. Split it by year, or sum it by month.")]
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as exc:
        line = content.count(b"\n", 0, exc.start) + 1
        return (), [Wrong(0, f"The file is not UTF-8 text: see line {line}. Save it as UTF-8.")]
    if not text.strip():
        return (), [Wrong(0, "The file is empty. To take the costs out, use `forcedex costs remove`.")]
    rows, problems = _of_json(text) if text.lstrip().startswith(("[", "{")) else _of_csv(text)
    if not rows and not problems:
        return (), [Wrong(0, "The file has no rows. To take the costs out, use `forcedex costs remove`.")]
    if len(rows) > MOST_ROWS:
        return (), [Wrong(0, f"There are {len(rows):,} rows; {MOST_ROWS:,} can be used. Sum them by month.")]
    return rows, problems


def _of_csv(text: str) -> tuple[list[RawRow], list[Wrong]]:
    head = text.lstrip().partition("\n")[0]
    delimiter = max(",;\t", key=head.count)
    reader = csv.reader(text.splitlines(keepends=True), delimiter=delimiter, strict=True)
    rows: list[RawRow] = []
    problems: list[Wrong] = []
    names: list[str] | None = None
    try:
        for cells in reader:
            if not any(each.strip() for each in cells):
                continue
            if names is None:
                names = [each.strip().lower() for each in cells]
                if problem := _columns(names):
                    return [], [Wrong(0, problem)]
            elif len(cells) != len(names):
                problems.append(Wrong(reader.line_num, f"it has {len(cells)} values for {len(names)} columns"))
            else:
                rows.append(_row(reader.line_num, dict(zip(names, cells, strict=True)), problems))
    except csv.Error as exc:
        problems.append(Wrong(reader.line_num, f"it is no CSV: {exc}"))
    return rows, problems


def _of_json(text: str) -> tuple[list[RawRow], list[Wrong]]:
    try:
        found = json.loads(text, parse_float=str, parse_int=str, parse_constant=str, object_pairs_hook=_Pairs)
    except (ValueError, RecursionError) as exc:
        return [], [Wrong(0, f"The file is no JSON: {str(exc)[:120]}.")]
    if not isinstance(found, list) or isinstance(found, _Pairs):
        return [], [Wrong(0, "The file is no JSON list of objects.")]
    rows: list[RawRow] = []
    problems: list[Wrong] = []
    for number, each in enumerate(found, 1):
        if not isinstance(each, _Pairs):
            problems.append(Wrong(number, "it is no object"))
        elif problem := _columns([name for name, _ in each]):
            problems.append(Wrong(number, _lower(problem)))
        elif odd := [name for name, value in each if value is not None and not isinstance(value, str)]:
            problems.append(Wrong(number, f"{', '.join(odd)}: write a text or a number"))
        else:
            rows.append(_row(number, {name: value or "" for name, value in each}, problems))
    return rows, problems


class _Pairs(list[tuple[str, Any]]):
    """An object of JSON as it is written: a key may stand twice."""


def _columns(names: Sequence[str]) -> str:
    """What is wrong with the columns; empty: nothing."""
    unknown = [each[:40] or "(empty)" for each in dict.fromkeys(names) if each not in COLUMNS]
    missing = [each for each in NEEDED if each not in names]
    twice = [each for each in dict.fromkeys(names) if names.count(each) > 1]
    parts = [
        f"{told} {', '.join(some)}"
        for told, some in (("unknown columns", unknown), ("missing columns", missing), ("columns given twice", twice))
        if some
    ]
    return f"There are {'; '.join(parts)}. The columns are {', '.join(COLUMNS)}." if parts else ""


def _lower(text: str) -> str:
    return (text[:1].lower() + text[1:]).removesuffix(".")


def _row(number: int, values: Mapping[str, str], problems: list[Wrong]) -> RawRow:
    found = {name: values.get(name, "").strip() for name in COLUMNS}
    odd = [name for name, value in found.items() if len(value) > _LONGEST or not value.isprintable()]
    if odd:
        problems.append(Wrong(number, f"{', '.join(odd)}: longer than {_LONGEST} characters, or not printable"))
    return RawRow(number, found)
