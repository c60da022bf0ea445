"""Storms: random updates, deletions and creations of what reports count, and of how the org is set up."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random

from localorg.errors import ApiError
from localorg.fixture import LocalOrg

_AMOUNTS = (
    None,
    Decimal(0),
    Decimal("-1250.55"),
    Decimal("0.01"),
    Decimal("0.5"),
    Decimal("99999999.99"),
    Decimal("333.335"),
)
_ZONES = ("America/New_York", "Asia/Kolkata", "Pacific/Auckland", "Europe/Berlin", "America/St_Johns")


def storm(org: LocalOrg, random: Random, count: int) -> int:
    """So many changes are tried; how many the org took."""
    return sum(_taken(lambda: random.choice(_CHANGES)(org, random)) for _ in range(count))


def touched(org: LocalOrg, random: Random, count: int) -> None:
    """Records in an order that is nobody's: each is saved by the system in a second of its own."""
    names = ("Opportunity", "OpportunityLineItem", "Case", "Lead", "Task", "Event", "Campaign")
    every = [(name, str(row["Id"])) for name in names for row in _live(org, name)]
    for name, record in random.sample(every, min(count, len(every))):
        org.system_touch(name, record)
        org.clock.advance(timedelta(seconds=1))


def set_up(org: LocalOrg, random: Random) -> str:
    """Other fiscal years, another zone, other rates and stages; what was chosen."""
    zone, month, by_start = random.choice(_ZONES), random.choice((1, 2, 4, 7, 10)), random.random() < 0.5
    org.set_time_zone(zone)
    custom = random.random() < 0.3
    if custom:
        starts = [
            date(year, 1, 29) + timedelta(days=(0 - date(year, 1, 29).weekday()) % 7) for year in range(2022, 2029)
        ]
        org.set_custom_fiscal_years(starts, pattern=random.choice(((4, 4, 5), (5, 4, 4))), named_by_start=by_start)
    else:
        org.set_fiscal_year(month, named_by_start=by_start)
    org.set_conversion_rate("EUR", str(round(random.uniform(0.7, 1.2), 4)), date(2026, random.randrange(1, 11), 9))
    org.set_conversion_rate("JPY", str(random.randrange(90, 190)))
    years = "custom years" if custom else f"years from month {month}"
    return f"{zone}, {years}, named by {'start' if by_start else 'end'}"


def _taken(change: Callable[[], object]) -> bool:
    try:
        change()
    except ApiError:
        return False
    return True


def _live(org: LocalOrg, name: str) -> list[dict[str, object]]:
    return [dict(row) for row in org.rows(name) if not row.get("IsDeleted")]


def _one(org: LocalOrg, random: Random, name: str) -> dict[str, object]:
    return random.choice(_live(org, name))


def _people(org: LocalOrg) -> list[str]:
    return [str(row["Id"]) for row in org.rows("User") if row["IsActive"]]


def _change_deal(org: LocalOrg, random: Random) -> None:
    deal = _one(org, random, "Opportunity")
    stages = [str(row["ApiName"]) for row in org.rows("OpportunityStage")]
    close = date.fromisoformat(str(deal["CloseDate"])[:10]) + timedelta(days=random.randrange(-120, 200))
    choices: list[dict[str, object]] = [
        {"Amount": random.choice(_AMOUNTS)},
        {"Amount": Decimal(random.randrange(1, 10**8)) / 100},
        {"StageName": random.choice(stages)},
        {"StageName": random.choice(stages), "CloseDate": close},
        {"CloseDate": close},
        {"OwnerId": random.choice(_people(org))},
        {"LeadSource": None, "NextStep": random.choice((None, "Call"))},
        {"CampaignId": random.choice((None, str(_one(org, random, "Campaign")["Id"])))},
        {"AccountId": str(_one(org, random, "Account")["Id"])},
        {"Probability": random.randrange(0, 101)},
    ]
    org.update("Opportunity", str(deal["Id"]), **random.choice(choices))  # type: ignore[arg-type]


def _new_deal(org: LocalOrg, random: Random) -> None:
    began = datetime.now(UTC) - timedelta(days=random.randrange(0, 900), seconds=random.randrange(86_400))
    org.insert(
        "Opportunity",
        Name=f"Storm {random.randrange(10**6)}",
        StageName=random.choice([str(row["ApiName"]) for row in org.rows("OpportunityStage")]),
        Amount=random.choice(_AMOUNTS),
        CloseDate=(began + timedelta(days=random.randrange(-30, 300))).date(),
        AccountId=random.choice((None, str(_one(org, random, "Account")["Id"]))),
        OwnerId=random.choice(_people(org)),
        CurrencyIsoCode=random.choice([str(row["IsoCode"]) for row in org.rows("CurrencyType")]),
        CreatedDate=began.replace(microsecond=0),
    )


def _delete(org: LocalOrg, random: Random) -> None:
    name = random.choice(("Opportunity", "OpportunityLineItem", "Case", "Lead", "Task", "Event"))
    row = _one(org, random, name)
    org.delete(name, str(row["Id"]))
    if random.random() < 0.3:
        org.undelete(name, str(row["Id"]))
    elif random.random() < 0.3:
        org.hard_delete(name, str(row["Id"]))


def _change_line(org: LocalOrg, random: Random) -> None:
    line = _one(org, random, "OpportunityLineItem")
    org.update("OpportunityLineItem", str(line["Id"]), Quantity=Decimal(random.randrange(1, 900)) / 10)


def _change_case(org: LocalOrg, random: Random) -> None:
    case = _one(org, random, "Case")
    record = str(case["Id"])
    statuses = [str(row["ApiName"]) for row in org.rows("CaseStatus")]
    match random.randrange(5):
        case 0 | 1:
            org.update("Case", record, Status=random.choice(statuses))
        case 2:
            org.update(
                "Case", record, Priority=random.choice(("High", "Medium", "Low")), IsEscalated=random.random() < 0.5
            )
        case 3:
            org.insert("CaseComment", ParentId=record, CommentBody="Done", IsPublished=random.random() < 0.5)
        case _:
            org.insert(
                "EmailMessage",
                ParentId=record,
                Subject="Hello",
                Status=random.choice("335"),
                Incoming=random.random() < 0.3,
            )


def _change_activity(org: LocalOrg, random: Random) -> None:
    if random.random() < 0.5:
        org.update("Task", str(_one(org, random, "Task")["Id"]), Status=random.choice(("Completed", "In Progress")))
    else:
        lead = _one(org, random, "Lead")
        org.insert("Task", Subject="Call", WhoId=str(lead["Id"]), Status="Completed", ActivityDate=date(2026, 11, 2))


def _change_lead(org: LocalOrg, random: Random) -> None:
    lead = _one(org, random, "Lead")
    org.update(
        "Lead", str(lead["Id"]), LeadSource=random.choice((None, "Web")), Industry=random.choice((None, "Energy"))
    )


_CHANGES: tuple[Callable[[LocalOrg, Random], None], ...] = (
    *[_change_deal] * 8,
    *[_new_deal] * 2,
    *[_delete] * 2,
    _change_line,
    *[_change_case] * 3,
    _change_activity,
    _change_lead,
)
