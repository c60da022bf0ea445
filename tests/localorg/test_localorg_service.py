"""Mails, comments, milestones, business hours and holidays of service, and the archive of activities."""

from datetime import UTC, date, datetime, time, timedelta

import pytest

from localorg.business_time import DAYS, after, read_hours, seconds_between
from localorg.fixture import LocalOrg
from tests.localorg.api import Api

FRIDAY = datetime(2026, 3, 20, 16, 0, tzinfo=UTC)
WORK = {"Name": "Work", "IsActive": True, "TimeZoneSidKey": "Europe/Berlin"} | {
    f"{day}{edge}Time": f"{hour:02}:00:00.000Z"
    for day in ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")
    for edge, hour in (("Start", 9), ("End", 18))
}


async def test_a_mail_belongs_to_its_case_and_only_drafts_change(api: Api) -> None:
    case = await api.create("Case", Subject="C")
    mail = await api.create("EmailMessage", ParentId=case, Subject="Help", Incoming=True, Status="0", TextBody="a\nb")
    row = await api.get(f"sobjects/EmailMessage/{mail}")
    assert (row["Name"], row["MessageDate"], row["TextBody"]) == ("Help", row["CreatedDate"], "a\nb")
    await api.patch(f"sobjects/EmailMessage/{mail}", {"Status": "1"})
    for change in ({"Subject": "Other"}, {"Status": "3"}):
        code, _, _ = await api.error("PATCH", f"sobjects/EmailMessage/{mail}", change)
        assert code == "INSUFFICIENT_ACCESS_OR_READONLY"
    draft = await api.create("EmailMessage", ParentId=case, Status="5")
    await api.patch(f"sobjects/EmailMessage/{draft}", {"Subject": "Later"})
    assert (await api.get(f"sobjects/EmailMessage/{draft}"))["Name"] == "Later"
    await api.delete(f"sobjects/Case/{case}")
    assert await api.names("SELECT Id FROM EmailMessage") == []


async def test_mails_and_milestones_are_seen_with_their_case_and_drafts_by_their_maker(org: LocalOrg, api: Api) -> None:
    org.set_organization_wide_default("Case", "Private")
    case = org.insert("Case", Subject="C")
    mail, draft = (org.insert("EmailMessage", ParentId=case, Status=status) for status in ("3", "5"))
    kind = org.insert("MilestoneType", Name="First Response")
    step = org.start_milestone(case, kind, 60)
    person = org.create_user("p@localorg.example", profile="Standard User")
    him = Api(org, org.login_as(person))
    assert await him.names("SELECT Id FROM EmailMessage") == await him.names("SELECT Id FROM CaseMilestone") == []
    org.share(case, person)
    assert await him.names("SELECT Id FROM EmailMessage") == [mail]
    assert await him.names("SELECT Id FROM CaseMilestone") == [step]
    reason = org.may_read(person, mail)
    assert reason is not None and reason.rule == "Controlled by Parent: Share row: Manual"
    assert not org.may_read(person, draft)
    await him.close()


async def test_a_milestone_counts_business_hours_and_knows_whether_it_was_kept(api: Api) -> None:
    api.org.clock.freeze(FRIDAY)
    hours = await api.create("BusinessHours", **WORK)
    await api.create("Holiday", Name="Founding Day", ActivityDate="2026-03-23", IsAllDay=True)
    case = await api.create("Case", Subject="C")
    kind = await api.create("MilestoneType", Name="First Response")
    # Friday 17:00 to 18:00 in Berlin, then Tuesday from 9:00.
    step = api.org.start_milestone(case, kind, 120, hours)
    row = await api.get(f"sobjects/CaseMilestone/{step}")
    assert (row["TargetDate"], row["IsViolated"]) == ("2026-03-24T09:00:00.000+0000", False)
    assert (row["TargetResponseInHrs"], row["IsCompleted"], row["ElapsedTimeInMins"]) == (2.0, False, None)
    await api.patch(f"sobjects/CaseMilestone/{step}", {"CompletionDate": "2026-03-24T09:30:00Z"})
    row = await api.get(f"sobjects/CaseMilestone/{step}")
    assert (row["IsCompleted"], row["IsViolated"], row["ElapsedTimeInMins"], row["ElapsedTimeInHrs"]) == (
        True,
        True,
        150,
        2.5,
    )


async def test_the_org_notices_an_overdue_milestone_later(api: Api) -> None:
    api.org.clock.freeze(FRIDAY)
    case, kind = await api.create("Case", Subject="C"), await api.create("MilestoneType", Name="Resolution")
    step = api.org.start_milestone(case, kind, 60)
    assert api.org.check_milestones() == 0
    api.org.clock.advance(timedelta(minutes=90))
    assert (await api.get(f"sobjects/CaseMilestone/{step}"))["IsViolated"] is False
    assert (api.org.check_milestones(), api.org.check_milestones()) == (1, 0)
    row = await api.get(f"sobjects/CaseMilestone/{step}")
    assert (row["IsViolated"], row["SystemModstamp"]) == (True, "2026-03-20T17:30:00.000+0000")
    code, _, _ = await api.error("POST", "sobjects/CaseMilestone", {"CaseId": case})
    assert code == "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY"


def test_recurring_holidays_and_parts_of_days_close_what_is_not_around_the_clock() -> None:
    thanksgiving = {
        "IsAllDay": 1, "IsRecurrence": 1, "RecurrenceType": "RecursYearlyNth", "RecurrenceInstance": "Fourth",
        "RecurrenceDayOfWeekMask": 16, "RecurrenceMonthOfYear": "November",
    }  # fmt: skip
    eve = {
        "IsAllDay": 0, "StartTimeInMinutes": 720, "EndTimeInMinutes": 1440, "IsRecurrence": 1,
        "RecurrenceType": "RecursYearly", "RecurrenceMonthOfYear": "December", "RecurrenceDayOfMonth": 24,
    }  # fmt: skip
    work = read_hours(WORK | {"TimeZoneSidKey": "GMT"}, [thanksgiving, eve])
    assert [work.open(day) for day in (date(2026, 11, 26), date(2026, 11, 19), date(2026, 12, 24))] == [
        (),
        ((540, 1080),),
        ((540, 720),),
    ]
    start = int(datetime(2026, 12, 24, 11, tzinfo=UTC).timestamp())
    end = after(work, start, 2 * 3600)
    assert datetime.fromtimestamp(end, UTC) == datetime(2026, 12, 25, 10, tzinfo=UTC)
    assert seconds_between(work, start, end) == 2 * 3600
    always = {f"{day}{edge}Time": time(0) for day in DAYS for edge in ("Start", "End")}
    assert after(read_hours(always, [thanksgiving, eve]), start, 7200) == start + 7200


async def test_there_is_one_default_of_business_hours_and_a_holiday_says_when_it_is(api: Api) -> None:
    first = await api.names("SELECT Name FROM BusinessHours WHERE IsDefault = true")
    await api.create("BusinessHours", **WORK, IsDefault=True)
    assert (first, await api.names("SELECT Name FROM BusinessHours WHERE IsDefault = true")) == (["Default"], ["Work"])
    lacking = [{"Name": "H", "IsAllDay": True}, {"Name": "H", "ActivityDate": "2026-05-01"}]
    for body in lacking:
        assert (await api.error("POST", "sobjects/Holiday", body))[0] == "REQUIRED_FIELD_MISSING"


async def test_old_activities_are_archived_and_shown_by_query_all_alone(api: Api) -> None:
    api.org.clock.freeze(FRIDAY)
    old, new = "2025-03-20", "2025-03-21"
    tasks = [
        await api.create("Task", Subject=name, ActivityDate=day, Status=status)
        for name, day, status in (("old", old, "Completed"), ("open", old, "In Progress"), ("new", new, "Completed"))
    ]
    event = await api.create("Event", Subject="E", ActivityDate=old, IsAllDayEvent=True)
    stamp = (await api.get(f"sobjects/Task/{tasks[0]}"))["SystemModstamp"]
    api.org.clock.advance(timedelta(minutes=1))
    assert (api.org.archive_activities(), api.org.archive_activities()) == (2, 0)
    assert await api.names("SELECT Id FROM Task ORDER BY Id") == tasks[1:]
    assert await api.names("SELECT Id FROM Event") == []
    assert await api.names("SELECT Id FROM Task WHERE IsArchived = true", every=True) == [tasks[0]]
    assert await api.names("SELECT Id FROM Event WHERE IsArchived = true", every=True) == [event]
    assert (await api.get(f"sobjects/Task/{tasks[0]}"))["SystemModstamp"] == stamp
    code, _, fields = await api.error("PATCH", f"sobjects/Task/{tasks[0]}", {"IsArchived": False})
    assert (code, fields) == ("INVALID_FIELD_FOR_INSERT_UPDATE", ["IsArchived"])


@pytest.mark.parametrize("name", ["EmailMessage", "Holiday", "BusinessHours", "CampaignInfluence", "ForecastingQuota"])
async def test_what_is_replicated_says_so(api: Api, name: str) -> None:
    described = await api.get(f"sobjects/{name}/describe")
    assert described["replicateable"] and described["queryable"]
