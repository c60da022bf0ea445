"""What is derived from deals, from the org's rows alone and by the plainest definition of each figure."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from localorg.fixture import LocalOrg

Row = Mapping[str, Any]


def live(org: LocalOrg, name: str) -> list[Row]:
    """The org's rows that are not in the bin."""
    return [row for row in org.rows(name) if not row.get("IsDeleted")]


class Deals:
    """Every figure of every deal."""

    def __init__(self, org: LocalOrg) -> None:
        self.opportunities = {str(row["Id"]): row for row in live(org, "Opportunity")}
        self.stages = {str(row["ApiName"]): row for row in org.rows("OpportunityStage")}
        self.rates = {str(row["IsoCode"]): Decimal(str(row["ConversionRate"])) for row in org.rows("CurrencyType")}
        self.history = live(org, "OpportunityHistory")
        self.roles = live(org, "OpportunityContactRole")
        self.lines = live(org, "OpportunityLineItem")
        self.products = {str(row["Id"]): row for row in live(org, "Product2")}

    def money(self, amount: Any, row: Row) -> int | None:
        """Cents of the corporate currency."""
        if amount is None:
            return None
        dollars = Decimal(str(amount)) / self.rates[str(row["CurrencyIsoCode"])]
        return int((dollars * 100).to_integral_value(ROUND_HALF_EVEN))

    def shown(self, amount: Any, row: Row) -> float | None:
        """The same as people read it."""
        cents = self.money(amount, row)
        return None if cents is None else cents / 100

    def states(self, row: Row) -> list[tuple[str, tuple[Any, ...]]]:
        """From when on it was what: stage, amount, close date, category; the last row of a second counts."""
        found: dict[str, tuple[Any, ...]] = {}
        of_it = [each for each in self.history if each["OpportunityId"] == row["Id"]]
        for each in sorted(of_it, key=lambda each: (each["CreatedDate"].isoformat(), str(each["Id"]))):
            state = (each["StageName"], each["Amount"], str(each["CloseDate"]), each["ForecastCategory"])
            found[each["CreatedDate"].isoformat()] = state
        return sorted(found.items())

    def deal(self, row: Row) -> dict[str, Any]:
        """What reports count."""
        states = self.states(row)
        closes = [date.fromisoformat(state[2]) for _, state in states]
        close = date.fromisoformat(str(row["CloseDate"]))
        wins = sorted(
            (str(each["CloseDate"]), str(each["Id"]))
            for each in self.opportunities.values()
            if each["IsWon"] and each["AccountId"] == row["AccountId"]
        )
        values = {
            "amt": self.money(row["Amount"], row),
            "amount": self.shown(row["Amount"], row),
            "open": int(not row["IsClosed"]),
            "won": int(bool(row["IsWon"])),
            "lost": int(bool(row["IsClosed"]) and not row["IsWon"]),
            "push_count": sum(later > sooner for sooner, later in zip(closes, closes[1:], strict=False)),
            "first_close_d": closes[0].isoformat(),
            "slip_days": (close - closes[0]).days,
            "stage_rank": int(Decimal(str(self.stages[str(row["StageName"])]["SortOrder"]))),
            "stage_since": self._stage_since(states),
            "account_first_won_d": wins[0][0] if wins and row["AccountId"] else None,
            "first_win": None,
            "win_seq": None,
            "no_contact": None if row["IsClosed"] else int(not self._contacts(row)),
            "cycle_days": None,
        }
        if row["IsWon"] and row["AccountId"]:
            values["win_seq"] = 1 + wins.index((str(row["CloseDate"]), str(row["Id"])))
            values["first_win"] = values["win_seq"] == 1
        if row["IsClosed"]:
            values["cycle_days"] = (close - date.fromisoformat(str(row["CreatedDate"])[:10])).days  # an org in UTC
        return values

    def lines_of(self, row: Row) -> dict[str, dict[str, Any]]:
        """What was sold, and what no line tells."""
        found = {
            str(line["Id"]): {
                "product": line["Product2Id"],
                "family": self.products[str(line["Product2Id"])]["Family"],
                "qty": float(str(line["Quantity"])),
                "line_amt": self.money(line["TotalPrice"], row),
                "line_amount": self.shown(line["TotalPrice"], row),
                "won": int(bool(row["IsWon"])),
            }
            for line in self.lines
            if line["OpportunityId"] == row["Id"]
        }
        amount = self.money(row["Amount"], row)
        rest = None if amount is None else amount - sum(each["line_amt"] for each in found.values())
        if rest or not found:
            found[f"{row['Id']}-rest"] = {"rest": 1, "rest_amt": rest, "product": None, "won": int(bool(row["IsWon"]))}
        return found

    def _contacts(self, row: Row) -> list[Row]:
        return [each for each in self.roles if each["OpportunityId"] == row["Id"]]

    @staticmethod
    def _stage_since(states: Sequence[tuple[str, tuple[Any, ...]]]) -> str:
        since = states[-1][0]
        for at, state in reversed(states):
            if state[0] != states[-1][1][0]:
                break
            since = at
        return since

    def versions(self, row: Row) -> Iterator[dict[str, Any]]:
        """One for each state."""
        states = self.states(row)
        for place, (at, (stage, amount, close, category)) in enumerate(states):
            before = states[place - 1][1] if place else None
            end = states[place + 1][0] if place + 1 < len(states) else None
            money = self.money(amount, row)
            yield {
                "valid": {"gte": at, **({"lt": end} if end else {})},
                "seq": place,
                "stage": stage,
                "amt": money,
                "close_d": close,
                "fc": category,
                "b_stage": before[0] if before else None,
                "b_amt": self.money(before[1], row) if before else None,
                "delta": (money or 0) - (self.money(before[1], row) or 0) if before else None,
                "stage_changed": int(bool(before and before[0] != stage)),
            }


def moment(text: str) -> datetime:
    """An instant of either spelling."""
    return datetime.fromisoformat(text.replace("Z", "+00:00").replace("+0000", "+00:00"))
