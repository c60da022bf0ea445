"""Forecasting items: what the org adds up of opportunities per person, period and category.

Cumulative rollups of the forecasting type Opportunity Revenue, by close date, in the corporate currency at the rates of
now, over the role hierarchy: what somebody owns counts for him and for the forecast user of each role above his.
Adjustments, quantities, other types and territories are not modelled, so all amounts with and without adjustments are
the same. Salesforce adds up some time later; here an opportunity's save does it at once. What else changes items
(people, roles, rates, years, stages, loading past the rules) they follow when all are added up again.

Source: Object Reference, ForecastingItem, ForecastingType, UserRole (ForecastUserId); Salesforce Help, "How Do Forecast
Rollups Work".
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from localorg.store import Store
from localorg.store.store import Row
from localorg.store.values import unscaled

_BEST, _LIKELY, _COMMIT = "BestCaseForecast", "MostLikelyForecast", "CommitForecast"
_OPEN, _CLOSED = "OpenPipeline", "ClosedOnly"
#: The items that an opportunity of a category counts in.
_ITEMS: Mapping[str, tuple[str, ...]] = {
    "Pipeline": (_OPEN,),
    "BestCase": (_OPEN, _BEST),
    "MostLikely": (_OPEN, _BEST, _LIKELY),
    "Forecast": (_OPEN, _BEST, _LIKELY, _COMMIT),
    "Closed": (_BEST, _LIKELY, _COMMIT, _CLOSED),
}
_WHOLE = (
    *("AmountWithoutAdjustments", "AmountWithoutManagerAdjustment", "AmountWithoutOwnerAdjustment", "ForecastAmount"),
)
#: Whose item, Id of its period, its category.
Key = tuple[str, str, str]


@dataclass(slots=True)
class _Sums:
    """Hundredths of the corporate currency: what the person owns, and with those below."""

    own: int = 0
    all: int = 0


@dataclass
class Forecasts:
    """The items of an org, as of one instant (stored form)."""

    store: Store
    now: str
    _chains: dict[str, tuple[str, ...]] = field(default_factory=dict)
    _periods: dict[str, str | None] = field(default_factory=dict)
    _rates: dict[str, Decimal] = field(default_factory=dict)

    def recalculate(self) -> int:
        """Add everything up again; how many items changed or came."""
        sums: dict[Key, _Sums] = defaultdict(_Sums)
        rows = self.store.reader.execute(
            'SELECT "OwnerId", "CloseDate", "ForecastCategory", "CurrencyIsoCode", "Amount" FROM "Opportunity"'
            ' WHERE "IsDeleted" = 0 AND "Amount" IS NOT NULL'
        )
        names = ("OwnerId", "CloseDate", "ForecastCategory", "CurrencyIsoCode", "Amount")
        for row in rows:
            self._count(sums, dict(zip(names, row, strict=True)), 1)
        stored = self.store.select(self.store.schema.objects["ForecastingItem"])
        before = {_key(row): row for row in stored}
        with self.store.transaction():
            # Items are never taken away: they come to nothing.
            keys = self._top_down({*sums, *before})
            return sum([self._set(key, sums[key], before.get(key)) for key in keys])

    def moved(self, old: Row | None, new: Row | None) -> None:
        """An opportunity changed, came or went: what it counted and counts."""
        if old is not None and new is not None and all(old[name] == new[name] for name in _COUNTED):
            return
        sums: dict[Key, _Sums] = defaultdict(_Sums)
        for row, sign in ((old, -1), (new, 1)):
            if row is not None and not row["IsDeleted"]:
                self._count(sums, row, sign)
        for key in self._top_down(key for key, one in sums.items() if one.all or one.own):
            before = self._find(key)
            had = (0, 0) if before is None else (_cents(before["OwnerOnlyAmount"]), _cents(before["ForecastAmount"]))
            self._set(key, _Sums(had[0] + sums[key].own, had[1] + sums[key].all), before)

    # -- adding --

    def _count(self, sums: dict[Key, _Sums], row: Mapping[str, object], sign: int) -> None:
        owner, items = str(row["OwnerId"]), _ITEMS.get(str(row["ForecastCategory"]), ())
        period = self._period(str(row["CloseDate"])) if items and row["Amount"] is not None else None
        if period is None:
            return
        cents = sign * self._corporate(_cents(row["Amount"]), str(row["CurrencyIsoCode"]))
        for person in self._chain(owner):
            for item in items:
                found = sums[person, period, item]
                found.all += cents
                found.own += cents if person == owner else 0

    def _corporate(self, cents: int, currency: str) -> int:
        if currency not in self._rates:
            sobject = self.store.schema.objects["CurrencyType"]
            row = self.store.find(sobject, "IsoCode", currency) or {}
            self._rates[currency] = unscaled(_cents(row.get("ConversionRate")) or 10**6, 6)
        return int((Decimal(cents) / self._rates[currency]).to_integral_value(ROUND_HALF_UP))

    def _period(self, day: str) -> str | None:
        """The Id of the month that a day is in."""
        month = 'SELECT "Id" FROM "Period" WHERE "IsForecastPeriod" = 1 AND "StartDate" <= ?1 AND "EndDate" >= ?1'
        if day not in self._periods:
            self._periods[day] = self.store.scalar(month, (date.fromisoformat(day).isoformat(),))
        return self._periods[day]

    def _chain(self, owner: str) -> tuple[str, ...]:
        """Who forecasts what somebody owns: himself, then upwards; nobody if he does not forecast."""
        if owner not in self._chains:
            self._chains[owner] = self._upwards(owner)
        return self._chains[owner]

    def _upwards(self, owner: str) -> tuple[str, ...]:
        users, roles = self.store.schema.objects["User"], self.store.schema.objects["UserRole"]
        user = self.store.get(users, owner)
        if user is None or not user["ForecastEnabled"]:
            return ()
        found = [owner]
        role = self.store.get(roles, str(user["UserRoleId"])) or {}
        if role.get("ForecastUserId") not in (None, *found):
            found.append(str(role["ForecastUserId"]))
        while role.get("ParentRoleId"):
            role = self.store.get(roles, str(role["ParentRoleId"])) or {}
            if role.get("ForecastUserId") not in (None, *found):
                found.append(str(role["ForecastUserId"]))
        return tuple(found)

    # -- rows --

    def _top_down(self, keys: Iterable[Key]) -> list[Key]:
        """Parents first."""
        return sorted(keys, key=lambda key: (len(self._chain(key[0])), key))

    def _find(self, key: Key) -> Row | None:
        where = '"OwnerId" = ? AND "PeriodId" = ? AND "ForecastingItemCategory" = ?'
        found = self.store.select(self.store.schema.objects["ForecastingItem"], where, key)
        return found[0] if found else None

    def _set(self, key: Key, sums: _Sums, before: Row | None) -> bool:
        """Store an item; says whether that changed anything."""
        sobject = self.store.schema.objects["ForecastingItem"]
        person, period, item = key
        chain = self._chain(person)
        above = self._find((chain[1], period, item)) if len(chain) > 1 else None
        values: Row = {"OwnerOnlyAmount": sums.own, "ParentForecastingItemId": above["Id"] if above else None}
        values |= {name: sums.all for name in _WHOLE}
        if before is not None:
            same = all(before[name] == value for name, value in values.items())
            if not same:
                self.store.update(sobject, str(before["Id"]), values | {"SystemModstamp": self.now})
            return not same
        kind = self.store.scalar('SELECT "Id" FROM "ForecastingType" WHERE "IsAmount" = 1 AND "IsActive" = 1')
        if kind is None:
            return False
        corporate = self.store.scalar('SELECT "IsoCode" FROM "CurrencyType" WHERE "IsCorporate" = 1')
        row: Row = {"Id": self.store.next_id(sobject.key_prefix), "OwnerId": person, "PeriodId": period}
        row |= {"ForecastingItemCategory": item, "ForecastingTypeId": kind, "CurrencyIsoCode": corporate}
        row |= {"ForecastCategoryName": "Closed" if item == _CLOSED else None, "SubordinateOverrides": 0}
        row |= {"IsAmount": 1, "IsUpToDate": 1, "SystemModstamp": self.now}
        self.store.insert(sobject, row | values)
        return True


_COUNTED = ("OwnerId", "CloseDate", "ForecastCategory", "CurrencyIsoCode", "Amount", "IsDeleted")


def _key(row: Row) -> Key:
    return str(row["OwnerId"]), str(row["PeriodId"]), str(row["ForecastingItemCategory"])


def _cents(value: object) -> int:
    return int(str(value or 0))
