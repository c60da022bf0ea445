"""Each user sees the records and fields that the org's own slow definition lets him read: no more, no fewer."""

import random

import pytest

from tests.integration.access.conftest import World, found, seen, view_of
from tests.integration.access.orgs import OBJECTS, OrgMaker


@pytest.mark.parametrize("number", range(6))
async def test_everybody_sees_what_the_org_lets_him_read(
    world: World, number: int, pytestconfig: pytest.Config
) -> None:
    given = pytestconfig.getoption("--seed")
    seed = (random.randrange(2**31) if given is None else int(given)) + number
    print(f"--seed {seed}")
    drawn = OrgMaker(world.org, seed).make()
    await world.sync()
    async with world.asking() as asking:
        for user in drawn.users:
            view = await view_of(asking, user)
            for indexed in asking._objects:
                name = indexed.name
                right = world.org.readable_ids(user, name)
                ours = await seen(asking, user, indexed)
                why = [
                    (
                        each,
                        world.org.explain_access(user, each).rule,
                        (await asking.explain_access(await asking.person(user), each))[1].reasons,
                    )
                    for each in sorted(ours ^ right)[:2]
                ]
                assert ours == right, f"seed {seed}: {name} for {user}: {why}"
                fields = world.org.readable_fields(user, name)
                mine = {path for path in indexed.columns if "." not in path and view.may_use(indexed, path)}
                assert mine == fields & indexed.columns.keys(), f"seed {seed}: fields of {name} for {user}"
                for relationship, known in indexed.relationships.items():
                    if f"{relationship}.Name" in indexed.columns:
                        named = await found(asking, view, indexed, {"exists": {"field": f"{relationship}.Name"}})
                        for record in named:
                            parent = str((world.org.row(name, record) or {})[known.field])
                            if not parent.startswith("00G"):  # groups and queues are open to all
                                assert world.org.may_read(user, parent), f"seed {seed}: {name}.{relationship}.Name"


def test_all_objects_of_the_comparison_are_named() -> None:
    assert {"Account", "Contact", "Opportunity", "Case", "Lead", "Task"} <= set(OBJECTS)
