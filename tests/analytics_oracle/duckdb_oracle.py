"""The figures of every standard report by SQL over raw records."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb

from tests.analytics_oracle.groupings import ENDS, REPORTS, SCOPES
from tests.analytics_oracle.raw_records import Raw

_SQL = Path(__file__).parent / "sql"
Key = tuple[str | None, ...]
#: By column; None where there is no figure.
Row = Mapping[str, Fraction | None]


@dataclass(frozen=True)
class Ask:
    """One question; days are inclusive."""

    report: str
    by: tuple[str, ...]
    #: As the product is asked: a word or `2026-01-01..2026-03-31`.
    period: str
    first: date | None = None
    last: date | None = None
    as_of: date | None = None
    since: date | None = None

    def __str__(self) -> str:
        more = [f"--as-of {self.as_of}"] if self.as_of else []
        more += [f"--since {self.since}"] if self.since else []
        return " ".join([self.report, "--by", ",".join(self.by), "--period", self.period, *more])


class Oracle:
    """What somebody's records say."""

    def __init__(self, today: date) -> None:
        self._today = today
        self._duck = duckdb.connect()
        self.hidden: frozenset[str] = frozenset()

    async def load(self, url: str, token: str) -> "Oracle":
        """Read everything; `today` is the org's day."""
        raw = Raw(url, token)
        with TemporaryDirectory() as folder:
            await raw.load(self._duck, Path(folder))
        self.hidden = frozenset(raw.hidden)
        self._duck.execute("SET VARIABLE today = ?::DATE", [self._today])
        for name in ("_setting", "_deals", "_service"):
            self._duck.execute((_SQL / f"{name}.sql").read_text(encoding="utf-8"))
        return self

    def rows(self, ask: Ask) -> dict[Key, Row]:
        """The figures by key."""
        by = [REPORTS[_name(ask)].by[each] for each in ask.by]
        return self._asked(ask, by)

    def total(self, ask: Ask) -> Row | None:
        """The figures of all rows; None where nothing is in it."""
        if ask.report == "waterfall":
            found = self.rows(ask)
            return {name: _less(found[("end",)][name], found[("start",)][name]) for name in ("amount", "count")}
        return next(iter(self._asked(ask, ["'*'"], total=True).values()), None)

    def _asked(self, ask: Ask, by: list[str], *, total: bool = False) -> dict[Key, Row]:
        keys = [f"k{number}" for number in range(len(by))]
        variables = {
            "first": (ask.first, "DATE"),
            "last": (ask.last, "DATE"),
            "until": (ask.as_of or self._today, "DATE"),
            "since": (ask.since or ask.first, "DATE"),
            "by_stage": ("stage" in ask.by and not total, "BOOLEAN"),
            "steps": (ask.by == ("stage",) and not total, "BOOLEAN"),
            "total": (total, "BOOLEAN"),
        }
        for name, (value, kind) in variables.items():
            self._duck.execute(f"SET VARIABLE {name} = ?::{kind}", [value])
        sql = (_SQL / f"{_name(ask)}.sql").read_text(encoding="utf-8")
        unit = next((ENDS[each] for each in ask.by if each in ENDS), "false")
        sql = sql.replace("{unit}", unit).replace("{group}", ", ".join(keys))
        scopes = [f"{key} IS NULL" for key, each in zip(keys, ask.by, strict=False) if each in SCOPES]
        sql = sql.replace("{nobodys}", " OR ".join(scopes) or "false")
        sql = sql.replace("{by}", ", ".join(f"{each} AS {key}" for each, key in zip(by, keys, strict=True)))
        found = self._duck.execute(sql)
        names = [each[0] for each in found.description or ()]
        count = max(len(by), 1)
        wanted = [n for n, name in enumerate(names) if n >= count and (name != "step" or ask.by == ("stage",))]
        return {tuple(row[:count]): {names[n]: _figure(row[n]) for n in wanted} for row in found.fetchall()}


def _name(ask: Ask) -> str:
    then = ask.as_of is not None and f"{ask.report}@then" in REPORTS
    return f"{ask.report}@then" if then else ask.report


def _figure(value: Any) -> Fraction | None:
    if isinstance(value, dict):
        over, under = _figure(value["n"]), _figure(value["d"])
        return None if over is None or not under else over / under
    return None if value is None else Fraction(value)


def _less(one: Fraction | None, other: Fraction | None) -> Fraction:
    return (one or Fraction(0)) - (other or Fraction(0))


def months(day: date, count: int) -> date:
    """The first day of the month so many after."""
    place = day.year * 12 + day.month - 1 + count
    return date(place // 12, place % 12 + 1, 1)


def days_of(word: str, today: date, fiscal_month: int) -> tuple[date, date]:
    """The first and last day of a usual period."""
    quarter = months(today, -((today.month - 1) % 3))
    fiscal = months(today, -((today.month - fiscal_month) % 3))
    first, end = {
        "this-quarter": (quarter, months(quarter, 3)),
        "last-quarter": (months(quarter, -3), quarter),
        "last-2-quarters": (months(quarter, -6), quarter),
        "this-year": (date(today.year, 1, 1), date(today.year + 1, 1, 1)),
        "last-12-months": (months(today, -12), months(today, 0)),
        "this-fiscal-quarter": (fiscal, months(fiscal, 3)),
    }[word]
    return first, end - timedelta(days=1)
