"""Kinds of derived documents: what they are made of, and which fields they have.

A family is derived together from one root record and the records that refer to it. Each of its documents is seen by
whoever may read the root record, and each field by whoever may read the fields that it is made of.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from forcedex.domain.business_hours import BusinessHours
from forcedex.domain.company import Company
from forcedex.domain.daily import Held, Totals
from forcedex.domain.days import Unit, day_of
from forcedex.domain.fiscal import FiscalPeriod
from forcedex.domain.observed import Observed
from forcedex.domain.record import parse_stamp
from forcedex.domain.unknown import Unknown

#: A record as the index holds it: path to value, nulls left out.
Record = Mapping[str, Any]


class Holds(StrEnum):
    """What a derived field holds."""

    #: A text that is a key: an Id, a stage, a fiscal period.
    KEY = "key"
    #: Whole minor units of the corporate currency.
    MINOR = "minor"
    #: A whole number, flags of 0 and 1 among them.
    NUMBER = "number"
    #: A number with digits after the point, such as a quantity.
    DECIMAL = "decimal"
    FLAG = "flag"
    #: A day without zone.
    DAY = "day"
    MOMENT = "moment"
    #: From a moment to before another.
    SPAN = "span"


@dataclass(frozen=True, kw_only=True, slots=True)
class DerivedField:
    """One field of a kind."""

    path: str
    holds: Holds
    label: str
    #: The root's columns that it is made of, or `Object:Field` of another object.
    sources: tuple[str, ...]
    #: Further ones, of objects that not every org has or syncs: as many of them as are read.
    also: tuple[str, ...] = ()
    #: What must be read for it and tells nothing that the sources do not tell.
    needs: tuple[str, ...] = ()
    #: Objects of which it tells something beyond the root: it is shown to who may read every record of them.
    tells_of: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Kind:
    """One kind of derived documents: an index of its own."""

    #: Begins with `x-`.
    name: str
    label: str
    label_plural: str
    fields: tuple[DerivedField, ...]
    #: Columns of the root that its documents do not repeat.
    left_out: frozenset[str] = frozenset()
    #: The only ones that they repeat; None: all others.
    repeats: frozenset[str] | None = None
    #: Whether one root has several of them.
    many: bool = False
    #: Whether its documents tell of all roots together: they repeat no columns, and are for who may read every root.
    of_all: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class LookedUp:
    """Records that a root or a member refers to, such as the product of a line."""

    object: str
    #: The reference to it.
    reference: str
    columns: tuple[str, ...]


@dataclass(frozen=True, kw_only=True, slots=True)
class Member:
    """Records that refer to a root and have a part in what is derived from it."""

    object: str
    #: The reference to the root.
    reference: str
    columns: tuple[str, ...]
    looks_up: tuple[LookedUp, ...] = ()
    #: Whether they can be moved from one root to another.
    moves: bool = False


@dataclass(frozen=True, kw_only=True)
class Root:
    """A root record and everything that belongs to it."""

    record: Record
    #: By object, in no order.
    members: Mapping[str, Sequence[Record]] = field(default_factory=dict)
    #: What it and its members look up, by object and Id.
    looked_up: Mapping[str, Mapping[str, Record]] = field(default_factory=dict)
    #: All roots with the same value of the family's `together`, this one among them.
    peers: Sequence[Record] = ()
    #: What the sync saw change of it.
    observed: Sequence[Observed] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class DerivedDocument:
    """One derived document."""

    kind: str
    id: str
    #: Path to value, as JSON holds it.
    values: Mapping[str, object]
    #: Columns of the root that it does not repeat as they are now, and what it says instead; None: nothing.
    columns: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True, slots=True)
class Stage:
    """A stage of opportunities, inactive ones too: old histories name them.

    Source: Object Reference, OpportunityStage.
    """

    rank: int
    closed: bool
    won: bool
    forecast_category: str
    #: Per cent; None: it says none.
    probability: float | None = None


@dataclass(frozen=True, kw_only=True)
class Setting:
    """What the org is set up to: a change of it derives everything anew."""

    company: Company = field(default_factory=Company)
    #: By API name.
    stages: Mapping[str, Stage] = field(default_factory=dict)
    #: The statuses of a case that is closed.
    closed_statuses: frozenset[str] = frozenset()
    #: Id to business hours; the default ones under an empty Id.
    hours: Mapping[str, BusinessHours] = field(default_factory=dict)

    def local_day(self, stamp: object) -> date | None:
        """The day of an instant in the org's time zone."""
        return day_of(parse_stamp(str(stamp)), self.company.zone) if stamp else None

    def fiscal_key(self, day: date | None, unit: Unit) -> str | None:
        """The fiscal period of a day; None if there is none."""
        found = self.company.fiscal.around(day, unit) if day else None
        return found.key if isinstance(found, FiscalPeriod) else None

    def business_minutes(self, hours: object, begin: datetime, end: datetime) -> int | None:
        """Whole minutes of business time by these hours, else the org's default; None if there are none."""
        found = self.hours.get(str(hours or "")) or self.hours.get("")
        return found.minutes(begin, end) if found else None

    def minor(self, amount: object, currency: object, day: date | None) -> int | None:
        """An amount in corporate minor units by the rate of a day; None if it is null or no rate is known."""
        if amount is None:
            return None
        found = self.company.currencies.converted(str(amount), str(currency or ""), day)
        return None if isinstance(found, Unknown) else found


@dataclass(frozen=True, kw_only=True, slots=True)
class Tally:
    """Totals of days over all roots of a family, as documents of a kind of their own."""

    kind: Kind
    #: In which combinations a root was when, from its documents.
    held: Callable[[Record, Sequence[DerivedDocument], Setting], Sequence[Held]]
    #: The documents of a day: id to values; how often it was corrected since it ended.
    documents: Callable[[date, Totals, int], Mapping[str, Mapping[str, object]]]


@dataclass(frozen=True, kw_only=True)
class Family:
    """What is derived from one root."""

    #: The root's object.
    of: str
    members: tuple[Member, ...]
    kinds: tuple[Kind, ...]
    derive: Callable[[Root, Setting], Sequence[DerivedDocument]]
    #: What the root looks up.
    looks_up: tuple[LookedUp, ...] = ()
    #: A reference of the root: roots that share it are looked at together, by these columns of theirs.
    together: str = ""
    peer_columns: tuple[str, ...] = ()
    #: Objects whose every change derives everything anew.
    set_up_by: frozenset[str] = frozenset()
    #: Whether changes of a column of the root are kept; None: of none.
    watched: Callable[[str], bool] | None = None
    tally: Tally | None = None

    @property
    def objects(self) -> frozenset[str]:
        """Whose changes matter."""
        return frozenset({self.of, *(each.object for each in self.members)}) | self.looked_up | self.set_up_by

    @property
    def looked_up(self) -> frozenset[str]:
        """Objects in which something is looked up."""
        return frozenset(
            each.object for each in (*self.looks_up, *(each for one in self.members for each in one.looks_up))
        )

    def about(self, name: str) -> str:
        """Under which name changes of another object are noted for this family."""
        return f"{self.of}:{name}"


def day_text(day: date | None) -> str | None:
    """A day as JSON holds it."""
    return day.isoformat() if day else None


def as_day(text: object) -> date | None:
    """A day of a record."""
    return date.fromisoformat(str(text)[:10]) if text else None


def as_moment(text: object) -> datetime | None:
    """An instant of a record."""
    return parse_stamp(str(text)) if text else None


def without_nulls(values: Mapping[str, object]) -> dict[str, object]:
    """Nulls are left out; so are empty lists."""
    return {path: value for path, value in values.items() if value is not None and value != []}
