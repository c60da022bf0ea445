"""What an administrator does in Setup, as verbs of the direct door: objects, fields, picklists, permissions.

All of it holds at once, in describe, SOQL, REST and Bulk, and after a restart. No record's stamp moves.
"""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from zoneinfo import available_timezones

from localorg.ids import full_id
from localorg.metadata import access, fields, objects, picklists
from localorg.org import Org
from localorg.query import compile_query
from localorg.records import RecordWriter
from localorg.schema import SObjectDef
from localorg.setup import ADMIN_ID, INTEGRATION_ID
from localorg.soql import parse


class Administration:
    """Changing the org's metadata. A ValueError says why something cannot be; a KeyError names what is not there."""

    def __init__(self, org: Org) -> None:
        self._org = org

    def _sobject(self, name: str) -> SObjectDef:
        found = self._org.schema.object(name)
        if found is None:
            raise KeyError(name)
        return found

    def _writer(self, late: datetime | None = None) -> RecordWriter:
        """Saves as the administrator; audit fields may be given."""
        user = self._org.user(ADMIN_ID)
        assert user is not None, "the org has no administrator"
        return self._org.writer(user, late=late, audit_fields=True)

    def _user_id(self, user: str | None) -> str:
        """The Id of a user given by Id or username; None: the integration user."""
        if user is not None and full_id(user) is not None:
            return str(full_id(user))
        where, value = '"Username" = ?', user
        if user is None:
            where, value = '"ProfileId" IN (SELECT "Id" FROM "Profile" WHERE "Name" = ?)', "Integration"
        sql = f'SELECT "Id" FROM "User" WHERE {where} AND "IsActive" = 1 ORDER BY "Id"'
        found = self._org.store.scalar(sql, (value,))
        if found is None and user is not None:
            raise KeyError(user)
        return str(found or INTEGRATION_ID)

    # -- fields --

    def add_field(self, object_name: str, field: str, *, visible: bool = True, **definition: Any) -> None:
        """A new custom field, empty in all records.

        `field`: a line of the notation (`Size__c:str20[CUFGNSAP] Size`), or a name with `type`, `label`, `length`,
        `precision`, `scale`, `values` (of a picklist), `reference_to`, `formula`, `sql`. Formulas that name a field
        (`Account.Region__c`, `TEXT(Account.Region__c)`) are computed; others need `sql` over the row `{t}`.
        `visible`: in every profile; else only administrators see it, as a field that was deployed without permissions.
        """
        sobject = self._sobject(object_name)
        fields.add(self._writer(), sobject, [fields.definition(sobject, field, definition)], visible=visible)

    def add_fields(self, object_name: str, lines: Sequence[str], *, visible: bool = True) -> None:
        """Many new fields at once, lines of the notation."""
        sobject = self._sobject(object_name)
        fields.add(self._writer(), sobject, [fields.definition(sobject, line, {}) for line in lines], visible=visible)

    def remove_field(self, object_name: str, field: str) -> None:
        """Delete a custom field."""
        fields.remove(self._writer(), self._sobject(object_name), field)

    def rename_field(self, object_name: str, old: str, new: str) -> None:
        """Change a custom field's API name; values stay."""
        fields.rename(self._writer(), self._sobject(object_name), old, new)

    def retype_field(self, object_name: str, field: str, **definition: Any) -> int:
        """Change a custom field's type, given as for `add_field`; how many records lost their value."""
        sobject = self._sobject(object_name)
        return fields.retype(self._writer(), sobject, fields.definition(sobject, field, definition))

    def hide_field(self, object_name: str, field: str, user: str | None = None) -> None:
        """Field-level security: the user (the integration user: None) and all with his sets do not see a field."""
        access.hide_field(self._writer(), self._sobject(object_name), field, self._user_id(user))

    def show_field(self, object_name: str, field: str, user: str | None = None) -> None:
        """Field-level security: they see it again."""
        access.show_field(self._writer(), self._sobject(object_name), field, self._user_id(user))

    # -- objects --

    def add_object(self, notation: str, *, visible: bool = True) -> None:
        """A new custom object, in the notation of `schema/objects`."""
        objects.add(self._writer(), notation, visible=visible)

    def remove_object(self, object_name: str) -> None:
        """Delete a custom object, its records, and the fields that pointed to it alone."""
        objects.remove(self._writer(), self._sobject(object_name))

    def hide_object(self, object_name: str, user: str | None = None) -> None:
        """Take away the permission to read an object; View All Data becomes View All Records of the other objects."""
        access.hide_object(self._writer(), self._sobject(object_name), self._user_id(user))

    def show_object(self, object_name: str, user: str | None = None) -> None:
        """Give the permission to read an object and all its records."""
        access.show_object(self._writer(), self._sobject(object_name), self._user_id(user))

    def hide_records(
        self,
        object_name: str,
        records: Sequence[str] | None = None,
        *,
        where: str | None = None,
        user: str | None = None,
    ) -> list[str]:
        """Hide records, given by Ids or by a condition in SOQL, from a user, as sharing would; their Ids."""
        sobject = self._sobject(object_name)
        found = list(records) if records is not None else self._matching(sobject, where)
        access.hide_records(self._writer(), sobject, found, self._user_id(user))
        return found

    def show_records(self, object_name: str, user: str | None = None) -> None:
        """Show all records of an object again."""
        access.show_records(self._writer(), self._sobject(object_name), self._user_id(user))

    def _matching(self, sobject: SObjectDef, where: str | None) -> list[str]:
        admin = self._org.user(ADMIN_ID)
        assert admin is not None, "the org has no administrator"
        soql = f"SELECT Id FROM {sobject.name}" + (f" WHERE {where}" if where else "")
        plan = compile_query(parse(soql), self._org.query_context(admin, "66.0", all_rows=True))
        return [str(row[0]) for row in self._org.store.reader.execute(plan.ids_sql(), plan.params)]

    # -- picklists and stages --

    def rename_picklist_value(self, object_name: str, field: str, old: str, new: str) -> int:
        """Rename a value in describe and in all records, without stamps; how many records had it."""
        return picklists.rename_value(self._writer(), self._sobject(object_name), field, old, new)

    def change_stage(
        self,
        stage: str,
        *,
        type: str | None = None,
        forecast_category: str | None = None,
        probability: Decimal | int | None = None,
    ) -> int:
        """Change an OpportunityStage (`type`: Open, Closed/Won, Closed/Lost); how many opportunities follow.

        They follow silently in type and forecast category, not in probability; the stage's own stamp moves.
        """
        return picklists.change_stage(
            self._writer(), stage, type=type, forecast_category=forecast_category, probability=probability
        )

    def set_time_zone(self, zone: str) -> None:
        """The org's default time zone, such as Europe/Paris, in which TODAY() changes in formulas."""
        if zone not in available_timezones():
            raise ValueError(f"There is no time zone {zone}.")
        organization = self._sobject("Organization")
        self._org.store.update(organization, self._org.id, {"TimeZoneSidKey": zone})
