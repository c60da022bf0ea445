"""What the org does of itself or by processes that are not modelled, as verbs of the direct door."""

from datetime import timedelta

from localorg.ids import full_id
from localorg.sales_administration import SalesAdministration
from localorg.store.values import format_datetime

_ARCHIVED_AFTER = timedelta(days=365)
_OLD = {
    "Task": '"IsClosed" = 1 AND coalesce("ActivityDate", substr("CreatedDate", 1, 10)) <= ?',
    "Event": '"ActivityDate" <= ?',
}


class ServiceAdministration(SalesAdministration):
    """Milestones of cases, and the archive of activities."""

    def start_milestone(self, case: str, milestone_type: str, minutes: int, business_hours: str | None = None) -> str:
        """Have a case meet a milestone within so many minutes of business hours, as an entitlement process does."""
        writer = self._writer()
        row: dict[str, object] = {"CaseId": full_id(case), "MilestoneTypeId": full_id(milestone_type)}
        row |= {"StartDate": format_datetime(writer.now), "TargetResponseInMins": minutes}
        return writer.insert("CaseMilestone", row | {"BusinessHoursId": business_hours and full_id(business_hours)})

    def check_milestones(self) -> int:
        """Have the org see which milestones are overdue by now; how many became so. Their stamps move."""
        writer = self._writer()
        late = '"IsCompleted" = 0 AND "IsViolated" = 0 AND "TargetDate" < ? AND "IsDeleted" = 0'
        sobject = self._sobject("CaseMilestone")
        found = writer.store.select(sobject, late, (format_datetime(writer.now),))
        for row in found:
            writer.change("CaseMilestone", str(row["Id"]), {})
        return len(found)

    def archive_activities(self) -> int:
        """Run the archival: events of a year ago, and tasks of then that are closed; how many.

        No stamp moves and no change event is sent (undocumented; Salesforce may send gap events). Source: SOAP API
        Developer Guide, "Archived Activities".
        """
        store, count = self._org.store, 0
        before = (self._org.clock.now() - _ARCHIVED_AFTER).date().isoformat()
        with store.transaction() as connection:
            for name, old in _OLD.items():
                sql = f'UPDATE "{name}" SET "IsArchived" = 1 WHERE "IsArchived" = 0 AND "IsDeleted" = 0 AND {old}'
                count += connection.execute(sql, (before,)).rowcount
        return count
