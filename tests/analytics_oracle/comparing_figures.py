"""Whether a report of the product has the oracle's figures: every row and column, to the last digit that it shows."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

from tests.analytics_oracle.duckdb_oracle import Key, Row

#: Digits after the point: money has the currency's, everything else six.
_DIGITS = 6
#: Differences of one report that are told.
_FEW = 4
_FEWER = {"z": 2}
#: Of the oracle's own doubles.
_DOUBLE = Fraction(1, 10**9)


@dataclass
class Score:
    """How many figures were equal, and the first ones that were not."""

    equal: int = 0
    different: int = 0
    #: Questions that were refused because the person may not read something.
    refused: int = 0
    questions: int = 0
    seen: list[str] = field(default_factory=list)

    def tell(self, what: str) -> None:
        """One that differs; of each report the first few are kept."""
        self.different += 1
        name = what.partition(" ")[0]
        if sum(each.startswith(name) for each in self.seen) < _FEW:
            self.seen.append(what)

    def add(self, other: "Score") -> None:
        """All of another."""
        self.equal += other.equal
        self.different += other.different
        self.refused += other.refused
        self.questions += other.questions
        self.seen += other.seen

    def __str__(self) -> str:
        return f"{self.equal:,} of {self.equal + self.different:,} figures equal, {self.questions:,} questions"


def compare(score: Score, what: str, answer: Mapping[str, Any], rows: Mapping[Key, Row], total: Row | None) -> None:
    """Score a report, as JSON has it, against the oracle's rows."""
    shows = {each["name"]: each["shows"] for each in answer["columns"]}
    places = answer["decimal_places"]
    found: dict[Key, Mapping[str, Any]] = {tuple(row["key"]): row for row in answer["rows"]}
    if len(found) != len(answer["rows"]):
        score.tell(f"{what}: a key comes twice")
    for key in sorted(found.keys() ^ rows.keys(), key=str):
        whose = "the report" if key in found else "the oracle"
        score.tell(f"{what}: only {whose} has {key}: {found.get(key) or rows.get(key)}")
    for key in found.keys() & rows.keys():
        _row(score, f"{what} {key}", found[key], rows[key], shows, places)
    if total is not None:
        _row(score, f"{what} total", answer["totals"], total, shows, places)
    elif rows == {} and any(answer["totals"][name] not in (None, 0) for name in shows):
        score.tell(f"{what}: the total of nothing is {answer['totals']}")


def _row(
    score: Score, what: str, found: Mapping[str, Any], expected: Row, shows: Mapping[str, str], places: int
) -> None:
    for name in sorted(shows.keys() ^ expected.keys()):
        score.tell(f"{what}: only one has a column {name}")
    for name, kind in shows.items():
        if name not in expected:
            continue
        told, wanted = found[name], expected[name]
        digits = places if kind == "money" else _FEWER.get(name, _DIGITS)
        if (told is None) != (wanted is None):
            score.tell(f"{what}: {name} is {told}, not {wanted}")
        elif wanted is not None and not _close(Fraction(told), wanted, digits):
            score.tell(f"{what}: {name} is {told}, not {float(wanted)!r}")
        else:
            score.equal += 1


def _close(told: Fraction, wanted: Fraction, digits: int) -> bool:
    return abs(told - wanted) <= Fraction(1, 2 * 10**digits) + abs(wanted) * _DOUBLE / 10**3
