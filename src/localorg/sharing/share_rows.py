"""Which share rows there are: what owners, rules, teams and children make of the records, and how it is brought about.

`ShareRows.refresh` compares what should be with what is, for some records or all, and writes only the difference, so
that rows keep their Ids. Manual rows are nobody's but who made them. Rows that are taken away leave no trace, and no
record's stamp moves.

Source: Object Reference, AccountShare, OpportunityShare (with "faster account sharing recalculation" rows of
ImplicitChild are not stored; a row of ImplicitParent is not stored beside the owner's).
"""

from collections.abc import Sequence

import orjson

from localorg.ids import record_id
from localorg.query.criteria import matching
from localorg.sharing.defaults import load_model
from localorg.sharing.objects import ACCOUNT_CHILDREN, Shared, shared
from localorg.sharing.rules import SharingRule, all_rules, owners
from localorg.store import Store
from localorg.store.values import Stored

#: Row causes that follow from something else.
_DERIVED = ("Owner", "Rule", "Team", "ImplicitParent")
_ORDER = ("None", "Read", "Edit", "All")
#: Record, user or group, row cause.
Key = tuple[str, str, str]
Levels = tuple[str, ...]
_TEAMS = {
    "Account": """SELECT "AccountId", "UserId", "AccountAccessLevel", "OpportunityAccessLevel", "CaseAccessLevel",
        "ContactAccessLevel" FROM "AccountTeamMember" WHERE "IsDeleted" = 0 AND "AccountId" {chosen}""",
    "Opportunity": """SELECT "OpportunityId", "UserId", "OpportunityAccessLevel" FROM "OpportunityTeamMember"
        WHERE "IsDeleted" = 0 AND "OpportunityId" {chosen}""",
    "Case": """SELECT m."ParentId", m."MemberId", r."AccessLevel" FROM "CaseTeamMember" m
        JOIN "CaseTeamRole" r ON r."Id" = m."TeamRoleId"
        WHERE r."AccessLevel" <> 'None' AND substr(m."MemberId", 1, 3) = '005' AND m."ParentId" {chosen}""",
}
_PARENTS = """SELECT DISTINCT c."AccountId", s."UserOrGroupId" FROM "{child}" c
    JOIN "{child}Share" s ON s."{child}Id" = c."Id" JOIN "Account" a ON a."Id" = c."AccountId"
    WHERE s."IsDeleted" = 0 AND c."IsDeleted" = 0 AND a."IsDeleted" = 0 AND s."UserOrGroupId" <> a."OwnerId"
    AND c."AccountId" {chosen}"""


class ShareRows:
    """Keeps the share rows of one org."""

    def __init__(self, store: Store, now: str, user_id: str) -> None:
        self._store = store
        self._now = now
        self._user_id = user_id

    def refresh(self, name: str, records: Sequence[str] | None = None) -> bool:
        """Make the rows of some records of an object (all: None) what they should be; whether any changed."""
        one = shared(self._store.schema, name)
        if one is None:
            return False
        chosen = "IS NOT NULL"
        if records is not None:
            chosen = "IN (SELECT value FROM json_each(?1))"
        params = () if records is None else (orjson.dumps(list(records)).decode(),)
        with self._store.transaction():
            return self._write(one, self._wanted(one, chosen, params), self._stored(one, chosen, params))

    def forget_manual(self, name: str, record: str) -> None:
        """The owner changed: what the old one shared by hand is over."""
        one = shared(self._store.schema, name)
        if one is not None:
            with self._store.transaction() as connection:
                where = f'"{one.parent}" = ? AND "RowCause" = \'Manual\''
                connection.execute(f'DELETE FROM "{one.share}" WHERE {where}', (record,))

    # -- what should be --

    def _wanted(self, one: Shared, chosen: str, params: Sequence[Stored]) -> dict[Key, Levels]:
        model = load_model(self._store)
        wanted: dict[Key, Levels] = {}
        if model.controlled_by_parent(one.object):
            return wanted
        self._add_owners(wanted, one, chosen, params)
        closed = self._closed(one, chosen, params)
        for rule in all_rules(self._store, one.object):
            for record in self._ruled(rule, chosen, params) - closed:
                _raise(wanted, (record, rule.shared_with, "Rule"), rule.levels(one))
        for record, grantee, *levels in self._rows(_TEAMS.get(one.object), chosen, params):
            if record not in closed and (record, grantee, "Owner") not in wanted:
                _raise(wanted, (record, grantee, "Team"), tuple(level or "None" for level in levels))
        if one.object == "Account" and not model.at_least("Account", "Read"):
            for child in ACCOUNT_CHILDREN:
                if not model.controlled_by_parent(child):
                    for record, grantee in self._rows(_PARENTS.replace("{child}", child), chosen, params):
                        wanted[record, grantee, "ImplicitParent"] = ("Read", "None", "None", "None")
        return wanted

    def _rows(self, sql: str | None, chosen: str, params: Sequence[Stored]) -> list[tuple[str, ...]]:
        return [] if sql is None else self._store.reader.execute(sql.replace("{chosen}", chosen), params).fetchall()

    def _add_owners(self, wanted: dict[Key, Levels], one: Shared, chosen: str, params: Sequence[Stored]) -> None:
        alive = '"IsDeleted" = 0 AND "OwnerId" IS NOT NULL'
        if one.object != "Account":
            sql = f'SELECT "Id", "OwnerId" FROM "{one.object}" WHERE {alive} AND "Id" {chosen}'
            for record, owner in self._store.reader.execute(sql, params):
                wanted[record, owner, "Owner"] = ("All",)
            return
        access = ", ".join(f"coalesce(r.\"{child}AccessForAccountOwner\", 'None')" for child in ACCOUNT_CHILDREN)
        sql = (
            f'SELECT a."Id", a."OwnerId", {access} FROM "Account" a LEFT JOIN "User" u ON u."Id" = a."OwnerId"'
            f' LEFT JOIN "UserRole" r ON r."Id" = u."UserRoleId" WHERE a."IsDeleted" = 0 AND a."Id" {chosen}'
        )
        for record, owner, *levels in self._store.reader.execute(sql, params):
            wanted[record, owner, "Owner"] = ("All", *levels)

    def _closed(self, one: Shared, chosen: str, params: Sequence[Stored]) -> set[str]:
        """Records that nobody but owners and those above get: private opportunities, contacts without an account."""
        test = {"Opportunity": '"IsPrivate" = 1', "Contact": '"AccountId" IS NULL'}.get(one.object)
        if test is None:
            return set()
        rows = self._store.reader.execute(f'SELECT "Id" FROM "{one.object}" WHERE {test} AND "Id" {chosen}', params)
        return {record for (record,) in rows}

    def _ruled(self, rule: SharingRule, chosen: str, params: Sequence[Stored]) -> set[str]:
        """The records that a rule shares."""
        sql = f'SELECT "Id" FROM "{rule.object}" WHERE "IsDeleted" = 0 AND "Id" {chosen}'
        if rule.owned_by is not None:
            listed = ", ".join(f"'{owner}'" for owner in owners(self._store, rule.owned_by))
            sql += f' AND "OwnerId" IN ({listed})'
        found = {record for (record,) in self._store.reader.execute(sql, params)}
        if rule.criteria is not None and found:
            found &= matching(self._store, rule.object, rule.criteria, found)
        return found

    # -- what is --

    def _stored(self, one: Shared, chosen: str, params: Sequence[Stored]) -> dict[Key, tuple[str, Levels]]:
        columns = ", ".join(f'"{name}"' for name in ("Id", one.parent, "UserOrGroupId", "RowCause", *one.levels))
        causes = ", ".join(f"'{cause}'" for cause in _DERIVED)
        where = f'"IsDeleted" = 0 AND "RowCause" IN ({causes}) AND "{one.parent}" {chosen}'
        rows = self._store.reader.execute(f'SELECT {columns} FROM "{one.share}" WHERE {where}', params)
        return {(parent, grantee, cause): (row, tuple(levels)) for row, parent, grantee, cause, *levels in rows}

    def _write(self, one: Shared, wanted: dict[Key, Levels], stored: dict[Key, tuple[str, Levels]]) -> bool:
        gone = [row for key, (row, _) in stored.items() if key not in wanted]
        moved = [
            (*wanted[key], row) for key, (row, levels) in stored.items() if key in wanted and wanted[key] != levels
        ]
        new = [key for key in wanted if key not in stored]
        sobject = self._store.schema.objects[one.share]
        with self._store.transaction() as connection:
            connection.executemany(f'DELETE FROM "{one.share}" WHERE "Id" = ?', ((row,) for row in gone))
            sets = ", ".join(f'"{name}" = ?' for name in (*one.levels, "LastModifiedDate", "LastModifiedById"))
            stamp = (self._now, self._user_id)
            connection.executemany(
                f'UPDATE "{one.share}" SET {sets} WHERE "Id" = ?', ((*row[:-1], *stamp, row[-1]) for row in moved)
            )
            if new:
                counter = f"id:{sobject.key_prefix}"
                last = self._store.scalar('SELECT value FROM "_counter" WHERE name = ?', (counter,)) or 0
                self._store.reserve(counter, last + len(new))
                names = ("Id", one.parent, "UserOrGroupId", "RowCause", *one.levels)
                columns = ", ".join(f'"{name}"' for name in (*names, "LastModifiedDate", "LastModifiedById"))
                marks = ", ".join("?" * (len(names) + 2))
                rows = (
                    (record_id(sobject.key_prefix, number), *key, *wanted[key], *stamp)
                    for number, key in enumerate(new, start=last + 1)
                )
                connection.executemany(f'INSERT INTO "{one.share}" ({columns}) VALUES ({marks})', rows)
        return bool(gone or moved or new)


def _raise(wanted: dict[Key, Levels], key: Key, levels: Levels) -> None:
    """Of two grants with one key the higher levels count."""
    before = wanted.get(key, levels)
    wanted[key] = tuple(max(pair, key=_ORDER.index) for pair in zip(before, levels, strict=True))
