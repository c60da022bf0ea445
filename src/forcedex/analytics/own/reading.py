"""Reads a report's file."""

import tomllib
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from pydantic import ValidationError

from forcedex.analytics.definition import Definition
from forcedex.analytics.own.checking import Surroundings, problems_within
from forcedex.analytics.own.fields import problems_with_fields
from forcedex.analytics.own.grammar import (
    BucketTable,
    DimensionTable,
    MeasureTable,
    PartTable,
    RatioTable,
    ReportTable,
    ShareTable,
)
from forcedex.analytics.own.making import definition_of
from forcedex.analytics.own.problems import Problem, Way, WrongReport, wrong

LARGEST = 64 * 1024  # characters
_SECTIONS: Mapping[str, Any] = {
    "parts": PartTable,
    "measures": MeasureTable,
    "ratios": RatioTable,
    "shares": ShareTable,
    "dimensions": DimensionTable,
}
_ROUNDS = 4  # of leaving out what is wrong


def read(text: str, around: Surroundings) -> Definition:
    """The report of a text; WrongReport with every problem that it has. Fields are checked if `around` knows some."""
    data = _parsed(text)
    sound = _sound(data)
    problems = list(sound.problems)
    if sound.table is not None:
        further = list(problems_within(sound.table, _names(data), around))
        made = definition_of(sound.table, around.indexed, around.standard)
        if around.indexed:
            further += problems_with_fields(sound.table, made, around)
        problems += filter(sound.believed, map(sound.placed, further))
        if not problems:
            return made
    raise wrong(text, problems)


def _parsed(text: str) -> dict[str, Any]:
    if len(text) > LARGEST:
        raise WrongReport([f"It is longer than {LARGEST:,} characters; make it shorter."])
    try:
        return tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as exc:
        raise WrongReport([f"It is not valid TOML: {exc}."]) from None
    except RecursionError:
        raise WrongReport(["It is nested too deeply; a report has tables and lists, and no more."]) from None
    except ValueError:
        raise WrongReport(["It holds a number or a day that there is not."]) from None


@dataclass(frozen=True, kw_only=True)
class _Sound:
    """What of a file can be used, and what is wrong with the rest."""

    #: None: too little is left to go on.
    table: ReportTable | None
    problems: Sequence[Problem] = ()
    #: The number that each table that is left has in the file, by section.
    numbers: Mapping[str, Sequence[int]] = field(default_factory=dict)

    def placed(self, problem: Problem) -> Problem:
        """A problem of what is left, with its place in the file."""
        section, *rest = problem.way
        if section in self.numbers and rest:
            return replace(problem, way=(section, self.numbers[str(section)][int(rest[0])], *rest[1:]))
        return problem

    def believed(self, problem: Problem) -> bool:
        """Buckets from which conditions were left out overlap, perhaps, for that reason alone."""
        wrong_tables = {each.way[:2] for each in self.problems}
        doubtful = problem.way[0] == "dimensions" and problem.way[-1] in ("buckets", "groups", "field")
        return problem.way[:2] not in wrong_tables or not doubtful


def _sound(data: dict[str, Any]) -> _Sound:
    """The file's tables, without what is wrong in them."""
    left = deepcopy(data)
    numbers = {each: list(range(len(left[each]))) for each in _SECTIONS if isinstance(left.get(each), list)}
    problems: list[Problem] = []
    for _ in range(_ROUNDS):
        try:
            return _Sound(table=ReportTable.model_validate(left), problems=problems, numbers=numbers)
        except ValidationError as exc:
            faults = exc.errors(include_url=False, include_context=True)
        problems = problems or list(dict.fromkeys(Problem(_way(each["loc"]), _said(each)) for each in faults))
        _leave_out(left, numbers, faults)
    return _Sound(table=None, problems=problems)


def _leave_out(left: dict[str, Any], numbers: dict[str, list[int]], faults: Sequence[Any]) -> None:
    """Take the wrong keys away, and tables that lack some."""
    ways = {_way(each["loc"])[: -1 if each["type"] == "missing" else None] for each in faults}
    for way in sorted(ways, key=lambda way: [(isinstance(each, int), each) for each in way], reverse=True):
        if not way:
            left |= {key: "report" for key in ("name", "title") if key not in left}
            continue
        at: Any = left
        for each in way[:-1]:
            at = at[each]
        del at[way[-1]]
        if len(way) == 2 and way[0] in numbers:
            del numbers[str(way[0])][int(way[1])]


def _names(data: Mapping[str, Any]) -> dict[str, set[str]]:
    """The names that tables have, by section."""
    found: dict[str, set[str]] = {}
    for section in _SECTIONS:
        tables = data.get(section)
        names = (each.get("name") for each in tables if isinstance(each, dict)) if isinstance(tables, list) else ()
        found[section] = {each for each in names if isinstance(each, str)}
    return found


def _way(loc: Sequence[str | int]) -> Way:
    return tuple(each for each in loc if each != "[key]")


def _said(fault: Any) -> str:
    """What is wrong, and what to do."""
    match fault["type"]:
        case "extra_forbidden":
            model = _model(fault["loc"])
            return f"there is no such key; there are {', '.join(model.model_fields)}"
        case "missing":
            return "it is missing; add it"
        case "enum":
            return f"it is not known; write {fault['ctx']['expected']}"
        case "string_type":
            return "it is no text; put it between quotation marks"
        case "string_pattern_mismatch":
            return "it is no name; begin with a letter, go on with letters, digits, - and _"
        case "list_type":
            return "it is no list; write [ … ], or for tables a [[…]] above each"
        case "bool_type":
            return "it is neither true nor false; write one of them"
        case "int_type" | "int_from_float":
            return "it is no whole number; write one without quotation marks"
        case "greater_than_equal":
            return f"it is too small; write {fault['ctx']['ge']} or more"
        case "less_than_equal":
            return f"it is too large; write {fault['ctx']['le']:,} or less"
        case "too_short" | "string_too_short":
            return "it is empty; fill it, or leave it out"
        case "too_long" | "string_too_long":
            return f"it is longer than {fault['ctx']['max_length']:,}; make it shorter"
        case "model_type" | "dict_type":
            return f"it is no table; write it under [[{fault['loc'][0]}]]"
        case _:
            return str(fault["msg"])[:1].lower() + str(fault["msg"])[1:]


def _model(loc: Sequence[str | int]) -> Any:
    if len(loc) > 4 and loc[2] == "buckets":
        return BucketTable
    return _SECTIONS.get(str(loc[0]), ReportTable) if len(loc) > 1 else ReportTable
