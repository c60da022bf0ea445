"""What SQL lets a user read is what the plain definition says, in random orgs; and share rows are always up to date."""

import shutil
import tempfile
from pathlib import Path
from random import Random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from localorg.door import Door
from localorg.org import Org
from tests.localorg.random_sharing import COMPARED, RandomOrg, Step


def steps_of(seed: int, count: int) -> list[Step]:
    """Steps at random: evenly, which is what brings groups, rules and shares together."""
    random = Random(seed)
    return [tuple(random.randint(0, 1_000) for _ in range(4)) for _ in range(count)]  # type: ignore[misc]


def readable(org: Org, user_id: str, name: str) -> set[str]:
    """Ids of an object's records that the org shows to a user."""
    user = org.user(user_id)
    if user is None or name not in user.readable:
        return set()
    alive = ' WHERE "IsDeleted" = 0' if org.schema.objects[name].has("IsDeleted") else ""
    records = org.query_context(user, "66.0").records(name)
    return {record for (record,) in org.store.reader.execute(f'SELECT "Id" FROM {records}{alive}')}


def hidden_share(door: Door, name: str) -> bool:
    """Whether nobody sees an object because it has no shares: the definition speaks of rows, not of that."""
    if not name.endswith("Share"):
        return False
    parent = "Invoice__c" if name == "Invoice__Share" else name.removesuffix("Share")
    (row,) = [one for one in door.rows("EntityDefinition") if one["QualifiedApiName"] == parent]
    public = ("ReadWrite", "ReadWriteTransfer", "FullAccess")
    both = row["InternalSharingModel"] in public and row["ExternalSharingModel"] in public
    return both or row["InternalSharingModel"] == "ControlledByParent"


@settings(
    max_examples=50,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(seed=st.integers(0, 2**32), count=st.integers(15, 90))
def test_a_user_is_shown_what_the_definition_lets_him_read(template: Path, seed: int, count: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        org = Org(shutil.copytree(template, Path(folder) / "org"))
        try:
            made = RandomOrg(org)
            for step in steps_of(seed, count):
                made.take(step)
            assert made.door.recalculate_sharing() == []
            for user in made.users:
                for name in COMPARED:
                    if not hidden_share(made.door, name):
                        assert readable(org, user, name) == made.door.readable_ids(user, name), (user, name)
        finally:
            org.close()
