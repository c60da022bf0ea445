"""Organization-wide defaults, sharing rules and manual shares, as verbs of the direct door; and why a user may read."""

from localorg.access_administration.people import PeopleAdministration
from localorg.ids import full_id
from localorg.query import criteria as soql_criteria
from localorg.records.deletion import delete
from localorg.sharing import defaults, rules, upkeep
from localorg.sharing.may_read import Reader, Reason
from localorg.sharing.objects import shared

_CHILDREN = ("Opportunity", "Case", "Contact")


class SharingAdministration(PeopleAdministration):
    """Who may see which records: each change holds at once."""

    # -- defaults, rules, shares --

    def set_organization_wide_default(self, object_name: str, internal: str, external: str | None = None) -> None:
        """Private, Read, ReadWrite, ReadWriteTransfer, FullAccess or ControlledByParent, as EntityDefinition says it.

        `external`: the same, unless given. Holds at once; share rows follow.
        """
        saver = self._saver()
        with self._org.store.transaction():
            upkeep.recalculate(saver, defaults.set_default(self._org.store, object_name, internal, external))
            self._org.store.touch_metadata(self._org.clock.now())

    def set_grant_access_using_hierarchies(self, object_name: str, granted: bool) -> None:
        """Whether people above a custom object's owners have access too."""
        defaults.set_hierarchies(self._org.store, self._sobject(object_name).name, granted=granted)

    def create_sharing_rule(
        self,
        object_name: str,
        *,
        shared_with: str,
        owned_by: str | None = None,
        where: str | None = None,
        access: str = "Read",
        name: str | None = None,
        **children: str,
    ) -> str:
        """Share an object's records that members of a group (or a queue) own, or that satisfy a condition in SOQL over
        their own fields, with a group; for accounts also Opportunity="Read", Case=…, Contact=…. The rule's name.
        """
        sobject = self._sobject(object_name)
        if shared(self._org.schema, sobject.name) is None or (owned_by is None) == (where is None):
            raise ValueError("A sharing rule is for an object with shares, and has either owned_by or where.")
        if access not in ("Read", "Edit") or not set(children) <= set(_CHILDREN):
            raise ValueError("Access is Read or Edit; of accounts also to Opportunity, Case and Contact.")
        if where is not None:
            if "." in "".join(where.split("'")[::2]):
                raise ValueError("A criterion looks at the record's own fields.")
            soql_criteria.check(self._org.store, sobject.name, where)
        rule = rules.SharingRule(
            name=name or f"{sobject.name}_{self._org.store.next_number('rule')}",
            object=sobject.name,
            owned_by=owned_by,
            criteria=where,
            shared_with=shared_with,
            access=access,
            children=children,
        )
        saver = self._saver()
        with self._org.store.transaction():
            rules.save(self._org.store, rule)
            upkeep.recalculate(saver, {sobject.name, "Account"})
        return rule.name

    def delete_sharing_rule(self, name: str) -> None:
        """Take a sharing rule away, and the shares that it made."""
        with self._org.store.transaction():
            upkeep.recalculate(self._saver(), {rules.remove(self._org.store, name), "Account"})

    @property
    def sharing_rules(self) -> list[rules.SharingRule]:
        """All sharing rules."""
        return rules.all_rules(self._org.store)

    def share(self, record: str, user_or_group: str, access: str = "Read", **children: str) -> str:
        """Share a record by hand; of an account also Opportunity="Read", Case=…. The share row's Id."""
        sobject = self._org.schema.of_id(record)
        one = shared(self._org.schema, sobject.name) if sobject is not None else None
        if one is None:
            raise ValueError(f"{record} is no record that can be shared.")
        levels = {level: children.get(level.removesuffix("AccessLevel"), "None") for level in one.levels[1:]}
        body = {one.parent: record, "UserOrGroupId": user_or_group, one.level: access, "RowCause": "Manual"}
        contact = levels.pop("ContactAccessLevel", None)
        share = self._writer().create(self._sobject(one.share), {**body, **levels})
        if one.object == "Account":
            # The field is not to be written; its value is.
            self._saver().change(one.share, share, {"ContactAccessLevel": contact or "None"})
        return share

    def unshare(self, record: str, user_or_group: str) -> int:
        """Take manual shares of a record away; how many."""
        sobject = self._org.schema.of_id(record)
        one = shared(self._org.schema, sobject.name) if sobject is not None else None
        if one is None:
            raise ValueError(f"{record} is no record that can be shared.")
        where = f'"{one.parent}" = ? AND "UserOrGroupId" = ? AND "RowCause" = \'Manual\' AND "IsDeleted" = 0'
        found = self._org.store.select(self._sobject(one.share), where, (record, user_or_group))
        for row in found:
            delete(self._writer(), self._sobject(one.share), str(row["Id"]))
        return len(found)

    def recalculate_sharing(self, object_name: str | None = None) -> list[str]:
        """Make the share rows of an object, or all, what they should be (after `load` or `poke`); where any changed."""
        names = None if object_name is None else {self._sobject(object_name).name, "Account"}
        return upkeep.recalculate(self._saver(), names)

    # -- who may read what --

    def _reader(self) -> Reader:
        return Reader(self._org.store, self._org.clock.now())

    def may_read(self, user: str, record: str) -> Reason | None:
        """Why a user may read a record, by the plain definition; None: he may not."""
        found = self.explain_access(user, record)
        return found if found else None

    def explain_access(self, user: str, record: str) -> Reason:
        """Which rule lets a user read a record, or what is missing."""
        return self._reader().may_read(user, str(full_id(record)))

    def readable_ids(self, user: str, object_name: str) -> set[str]:
        """Ids of all records of an object, but deleted ones, that a user may read, by the plain definition."""
        return self._reader().readable_ids(user, self._sobject(object_name).name)

    def readable_fields(self, user: str, object_name: str) -> set[str]:
        """The fields of an object that a user may read."""
        return self._reader().readable_fields(user, self._sobject(object_name).name)
