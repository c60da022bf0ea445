"""The deal as reports count it (`x-deals`): one for each opportunity.

State comes from flags and stages, never from names; money is whole minor units of the corporate currency by the rate
of the close date; days are local days of the org.
"""

from collections.abc import Sequence
from datetime import date

from forcedex.domain.derived.deal_fields import (
    AMOUNT,
    CLOSING,
    LINE,
    PRODUCT,
    ROLE,
    STAGES,
    STANDING,
    STATE,
    standing,
    weighted,
)
from forcedex.domain.derived.fields import CREATED, created, made, shown
from forcedex.domain.derived.history import State, Version, pushed
from forcedex.domain.derived.kinds import DerivedField, Holds, Kind, Root, Setting, as_day, day_text
from forcedex.domain.record import stamp_text


def _of_wins(path: str, holds: Holds, label: str) -> DerivedField:
    """What tells of other deals of the account, too."""
    return made(path, holds, label, *CLOSING, "AccountId", tells_of=("Opportunity",))


DEALS = Kind(
    name="x-deals",
    label="Deal",
    label_plural="Deals",
    fields=(
        *CREATED,
        *STANDING,
        made("amt", Holds.MINOR, "Amount", *AMOUNT),
        made("wamt", Holds.MINOR, "Weighted amount", *AMOUNT, "Probability"),
        made("amount", Holds.DECIMAL, "Amount in corporate currency", *AMOUNT),
        made("weighted", Holds.DECIMAL, "Weighted amount in corporate currency", *AMOUNT, "Probability"),
        made("won_flag", Holds.NUMBER, "Won of closed", *STATE),
        made("cycle_days", Holds.NUMBER, "Days from creation to close", *CLOSING, "CreatedDate"),
        made("months_to_close", Holds.NUMBER, "Months from creation to close", *CLOSING, "CreatedDate"),
        made("won_at", Holds.MOMENT, "Won at", *STAGES),
        made("stage_rank", Holds.NUMBER, "Place of the stage", "StageName"),
        made("furthest_rank", Holds.NUMBER, "Place of the furthest stage", *STAGES),
        made("stages_reached", Holds.KEY, "Stages reached", *STAGES),
        made("lost_from_stage", Holds.KEY, "Stage before it was lost", *STAGES),
        made("stage_since", Holds.MOMENT, "In its stage since", "StageName"),
        _of_wins("first_win", Holds.FLAG, "First deal won with the account"),
        _of_wins("win_seq", Holds.NUMBER, "Number of the win with the account"),
        _of_wins("account_first_won_d", Holds.DAY, "First win with the account"),
        made("push_count", Holds.NUMBER, "Times the close date moved out", *CLOSING),
        made("first_close_d", Holds.DAY, "First close date", "CloseDate"),
        made("slip_days", Holds.NUMBER, "Days that the close date moved", "CloseDate"),
        made("products", Holds.KEY, "Products", f"{LINE}:Product2Id"),
        made("families", Holds.KEY, "Product families", f"{LINE}:Product2Id", f"{PRODUCT}:Family"),
        made("no_amount", Holds.NUMBER, "Open without amount", "IsClosed", "Amount"),
        made("no_next_step", Holds.NUMBER, "Open without next step", "IsClosed", "NextStep"),
        made("no_contact", Holds.NUMBER, "Open without contact", "IsClosed", f"{ROLE}:ContactId"),
        made("odd_probability", Holds.NUMBER, "Probability unlike its stage's", "IsClosed", "StageName", "Probability"),
        made("negative_cycle", Holds.NUMBER, "Closed before it was created", *CLOSING, "CreatedDate"),
        made("unknown_stage", Holds.NUMBER, "In a stage that the org does not know", "StageName"),
        made("no_rate", Holds.NUMBER, "Amount in a currency without rate", *AMOUNT),
    ),
)


def deal(root: Root, history: Sequence[Version], setting: Setting) -> dict[str, object]:
    """The values of one deal."""
    record = root.record
    closed, won = bool(record.get("IsClosed")), bool(record.get("IsWon"))
    close, began = as_day(record.get("CloseDate")), setting.local_day(record.get("CreatedDate"))
    amount = setting.minor(record.get("Amount"), record.get("CurrencyIsoCode"), close)
    expected = weighted(setting, record.get("Amount"), record.get("Probability"), record.get("CurrencyIsoCode"), close)
    stage = setting.stages.get(str(record.get("StageName")))
    values: dict[str, object] = {
        **created(record, setting),
        **standing(record, setting),
        "x.amt": amount,
        "x.wamt": expected,
        "x.amount": shown(amount, setting),
        "x.weighted": shown(expected, setting),
        "x.won_flag": int(won) if closed else None,
        "x.stage_rank": stage.rank if stage else None,
        "x.unknown_stage": int(stage is None),
        "x.no_rate": int(record.get("Amount") is not None and amount is None),
        **_products(root),
        **_dates(history, close),
        **_stages(history, setting, closed=closed, won=won),
        **_wins(root, won=won),
    }
    if closed and close and began:
        days = (close - began).days
        values["x.cycle_days"] = days
        values["x.months_to_close"] = (close.year - began.year) * 12 + close.month - began.month
        values["x.negative_cycle"] = int(days < 0)
    if not closed:
        values["x.no_amount"] = int(record.get("Amount") is None)
        values["x.no_next_step"] = int(not record.get("NextStep"))
        values["x.no_contact"] = int(not root.members.get(ROLE))
        if stage is not None and stage.probability is not None:
            values["x.odd_probability"] = int(record.get("Probability") != stage.probability)
    return values


def _products(root: Root) -> dict[str, object]:
    products = {str(each["Product2Id"]) for each in root.members.get(LINE, ()) if each.get("Product2Id")}
    known = root.looked_up.get(PRODUCT, {})
    families = {str(known[each]["Family"]) for each in products if known.get(each, {}).get("Family")}
    return {"x.products": sorted(products), "x.families": sorted(families)}


def _dates(history: Sequence[Version], close: date | None) -> dict[str, object]:
    first = history[0].state.close
    return {
        "x.first_close_d": day_text(first),
        "x.slip_days": (close - first).days if close and first else None,
        "x.push_count": sum(map(pushed, history)),
    }


def _stages(history: Sequence[Version], setting: Setting, *, closed: bool, won: bool) -> dict[str, object]:
    """How far it came, through which stages, and since when it is where it is."""
    current = history[-1].state.stage
    entered = history[-1]
    for version in reversed(history):
        if version.state.stage != current:
            break
        entered = version
    known = {name: stage for name, stage in setting.stages.items() if not stage.closed}
    open_stages = [str(each.state.stage) for each in history if each.state.stage in known]
    ranks = [known[each].rank for each in open_stages]
    furthest = max(ranks, default=None)
    reached = [
        (stage.rank, name) for name, stage in known.items() if won or (furthest is not None and stage.rank <= furthest)
    ]
    values: dict[str, object] = {
        "x.stage_since": stamp_text(entered.at),
        "x.furthest_rank": furthest,
        "x.stages_reached": [name for _, name in sorted(reached)],
    }
    if won:
        values["x.won_at"] = stamp_text(next((each.at for each in history if _is_won(each.state, setting)), entered.at))
    elif closed and open_stages:
        values["x.lost_from_stage"] = open_stages[-1]
    return values


def _is_won(state: State, setting: Setting) -> bool:
    stage = setting.stages.get(str(state.stage))
    return stage is not None and stage.won


def _wins(root: Root, *, won: bool) -> dict[str, object]:
    """Which of the account's wins it is, by close date and then Id; of a deal without account nothing is known."""
    won_ones = sorted((str(each.get("CloseDate")), str(each["Id"])) for each in root.peers if each.get("IsWon"))
    values: dict[str, object] = {}
    if root.record.get("AccountId") and won_ones:
        values["x.account_first_won_d"] = won_ones[0][0][:10]
        if won:
            place = next((n for n, (_, key) in enumerate(won_ones, 1) if key == root.record["Id"]), None)
            values["x.win_seq"] = place
            values["x.first_win"] = place == 1
    return values
