"""What changes share rows: every write that access follows from, and what follows at once.

No record's stamp moves and no change event is sent: not for shares, groups, roles or permissions.
Source: Object Reference, AccountShare (manual shares end with the owner); Group (system groups of a role), UserLogin.
"""

from collections.abc import Iterable

from localorg.records.change import Saver
from localorg.sharing.objects import ACCOUNT_CHILDREN, all_shared, shared, shared_by
from localorg.sharing.rules import all_rules
from localorg.sharing.share_rows import ShareRows
from localorg.store.store import Row
from localorg.store.values import format_datetime

#: Team members: the object that they belong to, and the field that names its record.
_TEAMS = {
    "AccountTeamMember": ("Account", "AccountId"),
    "OpportunityTeamMember": ("Opportunity", "OpportunityId"),
    "CaseTeamMember": ("Case", "ParentId"),
}
#: What decides about rows beside the values that rules look at.
_DECISIVE = ("OwnerId", "AccountId", "IsPrivate", "IsDeleted")
_ROLE_GROUPS = ("Role", "RoleAndSubordinates")
_SHARE_GRANTEE = "UserOrGroupId"


def rows_of(saver: Saver) -> ShareRows:
    """The share rows, written by whoever saves."""
    return ShareRows(saver.store, format_datetime(saver.now), saver.user_id)


def recalculate(saver: Saver, names: Iterable[str] | None = None) -> list[str]:
    """Make all share rows of some objects (all: None) what they should be; the objects where any changed."""
    rows = rows_of(saver)
    wanted = None if names is None else {*names}
    with saver.store.transaction():
        # Accounts come last: their rows follow from those of their children.
        return [
            one.object
            for one in all_shared(saver.schema)
            if (wanted is None or one.object in wanted) and rows.refresh(one.object)
        ]


def saved(saver: Saver, name: str, old: Row | None, new: Row) -> None:
    """A record was created, changed, or brought back (None: as if it were new)."""
    if shared(saver.schema, name) is not None:
        _record(saver, name, old, new)
    elif name in _TEAMS:
        _refresh(saver, _TEAMS[name][0], [str(new[_TEAMS[name][1]])])
    elif (parent := shared_by(saver.schema, name)) is not None:
        _account_of(saver, parent.object, [str(new[parent.parent])])
    elif name == "User":
        _user(saver, old, new)
    elif name == "UserRole":
        _role(saver, old, new)
    elif name in ("Group", "GroupMember"):
        _groups(saver)


def gone(saver: Saver, name: str, row: Row) -> None:
    """A record is in the recycle bin, or was taken away."""
    if shared(saver.schema, name) is not None:
        # What went with it may have led to new rows just before.
        rows_of(saver).refresh(name, [str(row["Id"])])
        if name in ACCOUNT_CHILDREN and row["AccountId"] is not None:
            rows_of(saver).refresh("Account", [str(row["AccountId"])])
    elif name == "UserRole":
        recalculate(saver)
    elif name in _TEAMS or shared_by(saver.schema, name) is not None or name == "GroupMember":
        saved(saver, name, row, row)


def going(saver: Saver, name: str, row: Row) -> None:
    """Before a group or role goes: what was shared with it, and its membership in others."""
    if name == "UserRole":
        groups = saver.store.select(saver.schema.objects["Group"], '"RelatedId" = ?', (row["Id"],))
    else:
        groups = [row] if name == "Group" else []
    if not groups:
        return
    ids = [str(one["Id"]) for one in groups]
    with saver.store.transaction() as connection:
        for group in ids:
            for one in all_shared(saver.schema):
                connection.execute(f'DELETE FROM "{one.share}" WHERE "{_SHARE_GRANTEE}" = ?', (group,))
            connection.execute('DELETE FROM "GroupMember" WHERE "UserOrGroupId" = ? OR "GroupId" = ?', (group, group))
        for rule in all_rules(saver.store):
            if rule.shared_with in ids or rule.owned_by in ids:
                connection.execute('DELETE FROM "_sharing_rule" WHERE name = ?', (rule.name,))
        if name == "UserRole":
            connection.execute('DELETE FROM "Group" WHERE "RelatedId" = ?', (row["Id"],))


# -- records --


def _record(saver: Saver, name: str, old: Row | None, new: Row) -> None:
    record = str(new["Id"])
    rows = rows_of(saver)
    if old is not None:
        by_criteria = any(rule.criteria is not None for rule in all_rules(saver.store, name))
        if not by_criteria and all(old.get(field) == new.get(field) for field in _DECISIVE):
            return
        if old["OwnerId"] != new["OwnerId"] or (new.get("IsPrivate") and not old.get("IsPrivate")):
            rows.forget_manual(name, record)
    rows.refresh(name, [record])
    if name in ACCOUNT_CHILDREN:
        accounts = {row["AccountId"] for row in (old, new) if row is not None} - {None}
        if accounts:
            rows.refresh("Account", [str(one) for one in accounts])


def _refresh(saver: Saver, name: str, records: list[str]) -> None:
    rows_of(saver).refresh(name, records)
    _account_of(saver, name, records)


def _account_of(saver: Saver, name: str, records: list[str]) -> None:
    """The accounts of opportunities, cases or contacts whose shares changed."""
    if name in ACCOUNT_CHILDREN:
        sobject = saver.schema.objects[name]
        found = [saver.store.get(sobject, record) for record in records]
        accounts = [str(row["AccountId"]) for row in found if row is not None and row["AccountId"] is not None]
        if accounts:
            rows_of(saver).refresh("Account", accounts)


# -- people --


def _user(saver: Saver, old: Row | None, new: Row) -> None:
    if old is None:
        login = {"UserId": new["Id"], "IsFrozen": 0, "IsPasswordLocked": 0}
        saver.insert("UserLogin", login)
    elif old["UserRoleId"] != new["UserRoleId"]:
        _owned_accounts(saver, '"OwnerId" = ?', str(new["Id"]))
        _groups(saver)


def _role(saver: Saver, old: Row | None, new: Row) -> None:
    if old is None:
        for kind in _ROLE_GROUPS:
            name = str(new.get("DeveloperName") or new["Name"])[:40]
            saver.insert("Group", {"Name": name, "Type": kind, "RelatedId": new["Id"], "OwnerId": saver.user_id})
        return
    levels = [f"{child}AccessForAccountOwner" for child in ACCOUNT_CHILDREN]
    if any(old[level] != new[level] for level in levels):
        of_role = '"OwnerId" IN (SELECT "Id" FROM "User" WHERE "UserRoleId" = ?)'
        _owned_accounts(saver, of_role, str(new["Id"]))
    if old["ParentRoleId"] != new["ParentRoleId"]:
        _groups(saver)


def _owned_accounts(saver: Saver, where: str, value: str) -> None:
    accounts = saver.store.reader.execute(f'SELECT "Id" FROM "Account" WHERE {where}', (value,)).fetchall()
    rows_of(saver).refresh("Account", [account for (account,) in accounts])


def _groups(saver: Saver) -> None:
    """Somebody came into a group or left it: rules by owner look at that."""
    names = {rule.object for rule in all_rules(saver.store) if rule.owned_by is not None}
    if names:
        recalculate(saver, {*names, "Account"})


def has_criteria(saver: Saver, name: str) -> bool:
    """Whether a change of any field may change an object's share rows."""
    return any(rule.criteria is not None for rule in all_rules(saver.store, name))
