"""Sharing rules: records of some owners, or with some values, shared with a group.

They are metadata, in no API that the org has; made by the direct door, kept beside the records, seen as share rows
with the row cause Rule. Source: Salesforce Help, "Sharing Rules", "Sharing Rule Types".
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field

import orjson

from localorg.sharing.objects import Shared
from localorg.store import Store

#: Users and queues that are in a group (`?1`), directly or in a group inside it: what "owned by members of" means.
_OWNERS = """
WITH RECURSIVE
inside(id, type, related) AS (
    SELECT "Id", "Type", "RelatedId" FROM "Group" WHERE "Id" = ?1
    UNION SELECT g."Id", g."Type", g."RelatedId" FROM inside
        JOIN "GroupMember" m ON m."GroupId" = inside.id JOIN "Group" g ON g."Id" = m."UserOrGroupId"),
down(id) AS (
    SELECT related FROM inside WHERE type IN ('RoleAndSubordinates', 'RoleAndSubordinatesInternal')
    UNION SELECT r."Id" FROM "UserRole" r JOIN down ON r."ParentRoleId" = down.id)
SELECT m."UserOrGroupId" FROM "GroupMember" m JOIN inside ON m."GroupId" = inside.id WHERE inside.type <> 'Queue'
UNION SELECT "Id" FROM "User" WHERE "UserRoleId" IN (
    SELECT related FROM inside WHERE type = 'Role' UNION SELECT id FROM down)
UNION SELECT "Id" FROM "User" WHERE EXISTS (SELECT 1 FROM inside WHERE type = 'Organization')
UNION SELECT id FROM inside WHERE type = 'Queue'"""


@dataclass(frozen=True, kw_only=True)
class SharingRule:
    """One rule; either `owned_by` or `criteria` chooses the records."""

    name: str
    object: str
    #: Id of the group, role's group or queue whose members own the records.
    owned_by: str | None = None
    #: A condition in SOQL over the record's own fields.
    criteria: str | None = None
    #: Id of the group that gets access.
    shared_with: str
    #: Access to the record, Read or Edit.
    access: str = "Read"
    #: For accounts: access to their opportunities, cases, contacts.
    children: Mapping[str, str] = field(default_factory=dict)

    def levels(self, one: Shared) -> tuple[str, ...]:
        """The levels of a share row of this rule."""
        return (self.access, *(self.children.get(name.removesuffix("AccessLevel"), "None") for name in one.levels[1:]))


def all_rules(store: Store, name: str | None = None) -> list[SharingRule]:
    """The rules, of one object or all."""
    return list(_read(store.reader.execute('SELECT definition FROM "_sharing_rule" ORDER BY name'), name))


def _read(rows: Iterable[tuple[str]], name: str | None) -> Iterator[SharingRule]:
    for (text,) in rows:
        rule = SharingRule(**orjson.loads(text))
        if name in (None, rule.object):
            yield rule


def save(store: Store, rule: SharingRule) -> None:
    """Keep a rule; one of the same name is replaced."""
    with store.transaction() as connection:
        text = orjson.dumps(asdict(rule)).decode()
        connection.execute('INSERT OR REPLACE INTO "_sharing_rule" VALUES (?, ?, ?)', (rule.name, rule.object, text))


def remove(store: Store, name: str) -> str:
    """Forget a rule; the object that it was for. KeyError: there is none."""
    found = store.scalar('SELECT object FROM "_sharing_rule" WHERE name = ?', (name,))
    if found is None:
        raise KeyError(name)
    with store.transaction() as connection:
        connection.execute('DELETE FROM "_sharing_rule" WHERE name = ?', (name,))
    return str(found)


def owners(store: Store, group: str) -> list[str]:
    """Ids of the users and queues in a group."""
    return [one for (one,) in store.reader.execute(_OWNERS, (group,))]
