"""What the org wrote down of changes of opportunities, as far as it keeps it."""

from collections.abc import Iterator
from decimal import Decimal

from localorg.company.clock import DAY, day_of, moment
from localorg.company.deals import Deal, Step
from localorg.company.numbering import ids
from localorg.company.records import Records
from localorg.company.staff import Employee
from localorg.company.table import Row, Sheet, sheet
from localorg.company.tables.service import KEPT_DAYS
from localorg.company.world import Draw

_history_id = ids("OpportunityFieldHistory")
_MOST = 60  # Ids kept free per deal
_CHANGED_HANDS = 0.09  # share of deals that somebody else began

Entry = tuple[int, str, str, str, str | None, str | None]


def sheets(records: Records) -> Iterator[Sheet]:
    """Rows of OpportunityFieldHistory."""
    plan = records.plan
    kept = records.world.clock.now - KEPT_DAYS * DAY

    def rows() -> Iterator[Row]:
        for account in range(plan.accounts):
            for deal in records.deals.of(account):
                first = (deal.number - 1) * _MOST + 1
                for place, (at, *rest) in enumerate(_entries(records, deal)):
                    if at >= kept:
                        yield _history_id(first + place), deal.id, moment(at), *rest

    yield sheet(
        "OpportunityFieldHistory",
        "Id OpportunityId CreatedDate CreatedById Field DataType OldValue NewValue",
        rows,
        plan.field_history,
        about=True,
        IsDeleted=False,
    )


def _entries(records: Records, deal: Deal) -> Iterator[Entry]:
    """The deal's creation, then what each step changed, in the order of time."""
    before = _predecessor(records, deal)
    handed = deal.steps[1].at - 1 if before is not None and len(deal.steps) > 1 else 0
    by = before.id if before is not None and handed else deal.owner.id
    yield deal.created, by, "created", "Text", None, None
    if before is not None and handed > deal.created:
        yield handed, by, "Owner", "EntityId", before.id, deal.owner.id
        yield handed, by, "Owner", "Text", before.name, deal.owner.name
    for old, new in zip(deal.steps, deal.steps[1:], strict=False):
        for field, kind, was, now in _changes(old, new):
            yield new.at, deal.owner.id, field, kind, was, now


def _predecessor(records: Records, deal: Deal) -> Employee | None:
    """Who began a deal that changed hands."""
    world = records.world
    draw = world.chance(Draw.DEAL_OWNER, deal.number)
    if draw >= _CHANGED_HANDS:
        return None
    team = deal.account.owner.team.name
    others = [one for one in (*world.staff.former[team], *world.staff.reps[team]) if one.id != deal.owner.id]
    return others[int(draw / _CHANGED_HANDS * len(others))] if others else None


def _changes(old: Step, new: Step) -> Iterator[tuple[str, str, str | None, str | None]]:
    for field, kind, was, now in (
        ("StageName", "DynamicEnum", old.stage.name, new.stage.name),
        ("Amount", "Currency", _money(old.amount), _money(new.amount)),
        ("CloseDate", "DateOnly", day_of(old.close).isoformat(), day_of(new.close).isoformat()),
        ("Probability", "Percent", str(old.probability), str(new.probability)),
        ("ForecastCategoryName", "DynamicEnum", old.stage.forecast_name, new.stage.forecast_name),
    ):
        if was != now:
            yield field, kind, was, now


def _money(cents: int | None) -> str | None:
    return None if cents is None else str(float(Decimal(cents) / 100))
