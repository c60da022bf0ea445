"""From the texts of a cost table to its rows: every problem at once, each with its row. Pure."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise

from forcedex.domain.cost_file import RawRow, Wrong, raw_rows
from forcedex.domain.costs import LONGEST, CostRow, Scope
from forcedex.domain.days import Days, Unit, around
from forcedex.domain.errors import ConfigurationError
from forcedex.domain.money import Currencies
from forcedex.domain.record_id import to_18
from forcedex.domain.unknown import Unknown

FIRST, LAST = date(1990, 1, 1), date(2099, 12, 31)
#: Documents that a table becomes.
MOST_DAYS = 1_000_000
_CAMPAIGN = "701"
_AMOUNT = re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,6})?")
_QUARTER = re.compile(r"([0-9]{4})-Q([1-4])", re.IGNORECASE)
_UNITS = {4: Unit.YEAR, 7: Unit.MONTH, 10: Unit.DAY}
_PERIODS = "a day, 2026-03, 2026-Q1, 2026, or 2026-03-01..2026-03-14"


class WrongCosts(ConfigurationError):
    """A cost table cannot be used. `lines`: one for each problem."""

    def __init__(self, lines: Sequence[str]) -> None:
        number = "1 problem" if len(lines) == 1 else f"{len(lines):,} problems"
        super().__init__(f"The cost table cannot be used: {number}.", "Nothing of it was loaded.")
        self.lines = tuple(lines)


@dataclass(frozen=True, kw_only=True, slots=True)
class Known:
    """What a table is checked against."""

    currencies: Currencies
    #: User Id by what may stand for it in a table: its Id, user name, e-mail address, in lower case.
    users: Mapping[str, str] = field(default_factory=dict)
    #: E-mail addresses that several users have.
    ambiguous: frozenset[str] = frozenset()


def cost_rows(content: bytes, known: Known) -> tuple[CostRow, ...]:
    """The rows of a file; WrongCosts with every problem of it, in the order of rows."""
    raw, problems = raw_rows(content)
    wrong = list(problems)
    rows = [row for each in raw if (row := _Reading(each, known, wrong).row()) is not None]
    wrong += _overlaps(rows)
    if (days := sum(each.days.count for each in rows)) > MOST_DAYS:
        wrong.append(Wrong(0, f"The rows have {days:,} days in all; {MOST_DAYS:,} can be used. Leave old ones out."))
    if wrong:
        raise WrongCosts([str(each) for each in sorted(set(wrong), key=lambda each: (each.number, each.text))])
    return tuple(rows)


def _overlaps(rows: Sequence[CostRow]) -> Iterator[Wrong]:
    """The same costs told twice."""
    alike: dict[tuple[str, str, str], list[CostRow]] = defaultdict(list)
    for row in rows:
        alike[row.scope, row.of.casefold(), row.category.casefold()].append(row)
    for some in alike.values():
        some.sort(key=lambda each: (each.first, each.last, each.number))
        widest = some[0]
        for _, row in pairwise(some):
            if row.first <= widest.last:
                first, second = sorted((row, widest), key=lambda each: each.number)
                text = f"its days overlap those of row {first.number}, which is of the same scope and category"
                yield Wrong(second.number, text)
            widest = max(widest, row, key=lambda each: each.last)


class _Reading:
    """One row; what is wrong with it goes to `problems`."""

    def __init__(self, raw: RawRow, known: Known, problems: list[Wrong]) -> None:
        self._raw = raw
        self._known = known
        self._problems = problems

    def row(self) -> CostRow | None:
        """The row, None if something is wrong."""
        values, before = self._raw.values, len(self._problems)
        days = self._days(values["period"])
        scope = self._scope(values["scope"])
        of = self._of(scope, values["of"]) if scope else ""
        self._money(values["amount"], values["currency"].upper(), days)
        if len(self._problems) > before or days is None or scope is None:
            return None
        return CostRow(
            number=self._raw.number,
            scope=scope,
            of=of,
            first=days.first,
            last=days.last,
            amount=values["amount"],
            currency=values["currency"].upper(),
            category=values["category"],
        )

    def _wrong(self, text: str) -> None:
        self._problems.append(Wrong(self._raw.number, text))

    def _days(self, text: str) -> Days | None:
        days = _span(text)
        if days is None:
            self._wrong(f"{_shown(text)} is no period; write {_PERIODS}")
        elif days.first < FIRST or days.last > LAST:
            self._wrong(f"{_shown(text)} is out of range; days are from {FIRST} to {LAST}")
        elif days.count > LONGEST:
            self._wrong(f"{_shown(text)} is longer than ten years; write several rows")
        else:
            return days
        return None

    def _scope(self, text: str) -> Scope | None:
        try:
            return Scope(text.lower())
        except ValueError:
            self._wrong(f"{_shown(text)} is no scope; the scopes are {', '.join(Scope)}")
            return None

    def _of(self, scope: Scope, text: str) -> str:
        if (scope is Scope.COMPANY) == bool(text):
            self._wrong("costs of the company are of nobody: leave `of` empty" if text else f"`of` names no {scope}")
        elif scope is Scope.OWNER:
            return self._user(text)
        elif scope is Scope.CAMPAIGN:
            try:
                text = to_18(text)
            except ValueError as exc:
                self._wrong(f"{exc}")
            else:
                if not text.startswith(_CAMPAIGN):
                    self._wrong(f"{_shown(text)} is no Id of a campaign; those begin with {_CAMPAIGN}")
        return text

    def _user(self, text: str) -> str:
        key = text.casefold()
        try:
            key = to_18(text).casefold()
        except ValueError:
            pass
        if key in self._known.ambiguous:
            self._wrong(f"{_shown(text)} is the address of several users; write the user name or Id")
            return ""
        if key not in self._known.users:
            self._wrong(f"{_shown(text)} is no user of the org; write the user name, the e-mail address or the Id")
            return ""
        return self._known.users[key]

    def _money(self, amount: str, currency: str, days: Days | None) -> None:
        currencies = self._known.currencies
        if not _AMOUNT.fullmatch(amount):
            self._wrong(f"{_shown(amount)} is no amount; write digits and at most one point, such as 1250.50")
        elif amount.startswith("-"):
            self._wrong(f"{_shown(amount)} is below zero; costs are not")
        else:
            places = currencies.places.get(currency, currencies.decimal_places)
            if len(amount.partition(".")[2].rstrip("0")) > places:
                self._wrong(f"{_shown(amount)} has more than {places} digits after the point")
        if currency and currency != currencies.corporate and currency not in currencies.rates:
            reason = currencies.unusable.get(currency) or f"{_shown(currency)} is no currency of the org"
            self._wrong(reason.removesuffix("."))
        elif days is not None and isinstance(rate := currencies.rate(currency, days.first), Unknown):
            self._wrong(rate.reason.removesuffix("."))


def _span(text: str) -> Days | None:
    """The days of a period; None if it is none."""
    begin, dots, end = text.partition("..")
    try:
        if dots:
            return Days(date.fromisoformat(begin.strip()), around(date.fromisoformat(end.strip()), Unit.DAY).end)
        if found := _QUARTER.fullmatch(text):
            return around(date(int(found[1]), int(found[2]) * 3 - 2, 1), Unit.QUARTER)
        if not re.fullmatch(r"[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?", text):
            return None
        return around(date.fromisoformat(f"{text}-01-01"[:10]), _UNITS[len(text)])
    except (ValueError, OverflowError):
        return None


def _shown(text: str) -> str:
    return f"“{text[:40]}”" if text else "An empty text"
