"""Quotas are seen by those who see them in the org: their owner, forecast managers above him, View All Forecasts."""

from datetime import date

from localorg.fixture import LocalOrg
from tests.integration.access.conftest import World, seen

OBJECTS = ("User", "UserRole", "Opportunity", "ForecastingQuota")


async def test_quotas_are_seen_as_in_the_org_and_by_nobody_who_views_all_data_alone(world: World) -> None:
    org = world.org
    world.settings = world.settings.model_copy(
        update={"sync": world.settings.sync.model_copy(update={"objects": list(OBJECTS)})}
    )
    org.set_fiscal_year(1)
    head = org.create_role("Head")
    sales = org.create_role("Sales", parent=head)
    team = org.create_role("Team", parent=sales)
    people = {}
    for name, role in (
        *(("chief", head), ("assistant", head), ("lead", sales), ("deputy", sales), ("rep", team), ("peer", team)),
        *(("clerk", team), ("auditor", None), ("analyst", None), ("former", sales)),
    ):
        people[name] = org.create_user(
            f"{name}@acme.example",
            profile="Standard User",
            role=role,
            LastName=name,
            ForecastEnabled=name not in ("clerk", "auditor", "analyst"),
        )
    org.update("UserRole", head, ForecastUserId=people["chief"])
    org.update("UserRole", sales, ForecastUserId=people["lead"])
    org.update("UserRole", team, ForecastUserId=people["lead"])  # of another role: that opens nothing more
    org.assign_permission_set(people["auditor"], org.create_permission_set("Auditor", "ViewAllData"))
    org.assign_permission_set(people["analyst"], org.create_permission_set("Forecasts", "ViewAllForecasts"))
    kind = str(org.rows("ForecastingType")[0]["Id"])
    months = _months(org)
    quotas = {
        name: org.insert(
            *("ForecastingQuota",),
            QuotaOwnerId=people[name],
            StartDate=months[0],
            ForecastingTypeId=kind,
            QuotaAmount=1_000,
        )
        for name in ("chief", "assistant", "lead", "deputy", "rep", "peer", "former")
    }
    await world.sync()

    async def compared() -> dict[str, set[str]]:
        """What each sees: as the org's own definition has it."""
        found = {}
        async with world.asking() as asking:
            (indexed,) = (each for each in asking._objects if each.name == "ForecastingQuota")
            for name, user in people.items():
                ours = await seen(asking, user, indexed)
                assert ours == org.readable_ids(user, "ForecastingQuota"), name
                found[name] = {each for each, quota in quotas.items() if quota in ours}
        return found

    everybody = set(quotas)
    assert await compared() == {
        "chief": everybody - {"assistant"},
        "lead": {"lead", "rep", "peer"},
        **{name: {name} for name in ("assistant", "deputy", "rep", "peer", "former")},
        "clerk": set(),
        "auditor": set(),
        "analyst": everybody,
    }

    org.update("UserRole", sales, ForecastUserId=people["deputy"])
    org.update("User", people["chief"], ForecastEnabled=False)
    org.update("ForecastingQuota", quotas["former"], QuotaOwnerId=people["rep"], StartDate=months[1])
    await world.sync()
    changed = await compared()
    assert changed["chief"] == set()
    assert changed["lead"] == {"lead"} and changed["former"] == set()
    assert changed["deputy"] == {"deputy", "rep", "peer", "former"}
    assert changed["rep"] == {"rep", "former"}


def _months(org: LocalOrg) -> list[date]:
    """The first days of the org's fiscal months."""
    found = {row["StartDate"] for row in org.rows("Period") if row["Type"] == "Month"}
    return sorted(day for day in found if isinstance(day, date))
