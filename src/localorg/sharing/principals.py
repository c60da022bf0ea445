"""The users and groups that a user stands for: what is shared with one of them is shared with him.

He stands for himself, his groups and the groups that hold these, the groups of his role, and for everybody whose role
is below his, with their groups. Of a public group without "Grant Access Using Hierarchies" he is not a member
because somebody below him is.

Source: Salesforce Architects, "Record Access: Under the Hood" (group maintenance: managers are indirect members of a
role's group); Object Reference, Group (DoesIncludeBosses).
"""

from dataclasses import dataclass

from localorg.store import Store
from localorg.store.store import Row

_ROLE_GROUPS = "('Role', 'RoleAndSubordinates', 'RoleAndSubordinatesInternal')"
#: `?1` the user, `?2` his role. `mine`: his groups; `theirs`: those of the people and roles below him.
_SQL = f"""
WITH RECURSIVE
below(id) AS (
    SELECT "Id" FROM "UserRole" WHERE "ParentRoleId" = ?2
    UNION SELECT r."Id" FROM "UserRole" r JOIN below ON r."ParentRoleId" = below.id),
above(id) AS (
    SELECT ?2 WHERE ?2 IS NOT NULL
    UNION SELECT r."ParentRoleId" FROM "UserRole" r JOIN above ON r."Id" = above.id
        WHERE r."ParentRoleId" IS NOT NULL),
subordinates(id) AS (SELECT "Id" FROM "User" WHERE "UserRoleId" IN (SELECT id FROM below)),
mine(id) AS (
    SELECT "GroupId" FROM "GroupMember" WHERE "UserOrGroupId" = ?1
    UNION SELECT "Id" FROM "Group" WHERE "Type" = 'Role' AND "RelatedId" = ?2
    UNION SELECT "Id" FROM "Group" WHERE "Type" IN ('RoleAndSubordinates', 'RoleAndSubordinatesInternal')
        AND "RelatedId" IN (SELECT id FROM above)
    UNION SELECT "Id" FROM "Group" WHERE "Type" = 'Organization'
    UNION SELECT m."GroupId" FROM "GroupMember" m JOIN mine ON m."UserOrGroupId" = mine.id),
theirs(id) AS (
    SELECT "GroupId" FROM "GroupMember" WHERE "UserOrGroupId" IN (SELECT id FROM subordinates)
    UNION SELECT "Id" FROM "Group" WHERE "Type" IN {_ROLE_GROUPS} AND "RelatedId" IN (SELECT id FROM below)
    UNION SELECT m."GroupId" FROM "GroupMember" m JOIN theirs ON m."UserOrGroupId" = theirs.id),
lifted(id, type) AS (
    SELECT g."Id", g."Type" FROM "Group" g JOIN theirs ON g."Id" = theirs.id
        WHERE g."Type" IN {_ROLE_GROUPS} OR g."Type" = 'Queue' OR g."DoesIncludeBosses" = 1
    UNION SELECT g."Id", g."Type" FROM lifted JOIN "GroupMember" m ON m."UserOrGroupId" = lifted.id
        JOIN "Group" g ON g."Id" = m."GroupId" WHERE lifted.type NOT IN {_ROLE_GROUPS})
SELECT id, 1 FROM mine UNION ALL SELECT id, 0 FROM subordinates UNION ALL SELECT id, 0 FROM lifted"""


@dataclass(frozen=True, kw_only=True)
class Principals:
    """Ids of users and groups."""

    #: Himself and his groups: all that counts where the hierarchy grants nothing.
    direct: frozenset[str]
    #: These, those below him, and their groups.
    everyone: frozenset[str]


def principals(store: Store, user: Row) -> Principals:
    """Whom a user stands for, now."""
    identifier = str(user["Id"])
    rows = store.reader.execute(_SQL, (identifier, user["UserRoleId"])).fetchall()
    direct = frozenset({identifier, *(one for one, own in rows if own)})
    return Principals(direct=direct, everyone=direct | {one for one, _ in rows})
