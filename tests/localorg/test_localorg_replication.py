"""What changed and what was deleted: REST API Developer Guide, "sObject Get Updated", "sObject Get Deleted"; and all
that moves a record's stamp, or does not."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import quote

import pytest

from localorg.errors import ApiError
from localorg.fixture import LocalOrg
from tests.localorg.api import Api

NOW = datetime(2026, 3, 18, 12, 0, 30, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def frozen(org: LocalOrg) -> None:
    org.clock.freeze(NOW)


def span(start: datetime, end: datetime) -> str:
    return f"?start={quote(start.isoformat())}&end={quote(end.isoformat())}"


async def updated(reader: Api, name: str = "Account", start: datetime = NOW - HOUR, end: datetime | None = None) -> Any:
    until = end or reader.org.clock.now() + HOUR
    return await reader.get(f"sobjects/{name}/updated/{span(start, until)}")


async def deleted(reader: Api, name: str = "Account", start: datetime = NOW - HOUR, end: datetime | None = None) -> Any:
    until = end or reader.org.clock.now() + HOUR
    return await reader.get(f"sobjects/{name}/deleted/{span(start, until)}")


async def refused(reader: Api, path: str, start: datetime, end: datetime) -> tuple[str, str]:
    code, message, _ = await reader.error("GET", f"sobjects/Account/{path}/{span(start, end)}")
    return code, message


async def stamps(reader: Api, record: str, name: str = "Account") -> tuple[str, str]:
    found = await reader.get(f"sobjects/{name}/{record}?fields=SystemModstamp,LastModifiedDate")
    return found["SystemModstamp"], found["LastModifiedDate"]


def text(instant: datetime) -> str:
    return instant.strftime("%Y-%m-%dT%H:%M:%S.000+0000")


def later(reader: Api, by: timedelta) -> None:
    """Time passes; sessions end after two hours, so there is a new one."""
    reader.org.clock.advance(by)
    reader.token = reader.org.session()


# -- getUpdated --


async def test_changed_records_are_those_whose_stamp_is_in_the_span(reader: Api) -> None:
    org = reader.org
    before = org.insert("Account", Name="before")
    later(reader, HOUR)
    new, changed, gone = (org.insert("Account", Name=name) for name in ("new", "changed", "gone"))
    org.update("Account", before, Phone="1")
    org.delete("Account", gone)
    assert (await updated(reader, start=NOW + HOUR / 2))["ids"] == sorted([before, new, changed])
    assert (await updated(reader, end=NOW + HOUR / 2))["ids"] == []


async def test_seconds_do_not_count(reader: Api) -> None:
    one = reader.org.insert("Account", Name="A")
    # 12:00:59 is taken as 12:00:00, so that a record of 12:00:30 is inside; and outside of a span that ends there.
    assert (await updated(reader, start=NOW.replace(second=59)))["ids"] == [one]
    later(reader, HOUR)
    assert (await updated(reader, end=NOW.replace(second=59)))["ids"] == []


@pytest.mark.parametrize(
    ("path", "start", "end", "message"),
    [
        ("updated", NOW, NOW, "startDate must happen before endDate"),
        ("updated", NOW.replace(second=1), NOW.replace(second=50), "startDate must happen before endDate"),
        ("updated", NOW - timedelta(days=30, minutes=1), NOW, "startDate cannot be more than 30 days ago"),
        ("deleted", NOW - timedelta(days=15, minutes=1), NOW, "startDate cannot be more than 15 days ago"),
        ("deleted", NOW, NOW + timedelta(minutes=1), "endDate must be more than one minute after startDate"),
        ("deleted", NOW, NOW - HOUR, "startDate must happen before endDate"),
    ],
)
async def test_wrong_spans_are_refused(reader: Api, path: str, start: datetime, end: datetime, message: str) -> None:
    assert await refused(reader, path, start, end) == ("INVALID_REPLICATION_DATE", message)


async def test_spans_may_reach_to_their_limits_and_into_the_future(reader: Api) -> None:
    tomorrow = NOW + timedelta(days=1)
    far = await updated(reader, start=NOW - timedelta(days=30), end=tomorrow)
    assert far["latestDateCovered"] == text(NOW.replace(second=0))
    assert (await deleted(reader, start=NOW - timedelta(days=15), end=tomorrow))["deletedRecords"] == []
    past = await updated(reader, end=NOW - timedelta(minutes=10))
    assert past["latestDateCovered"] == text(NOW.replace(second=0) - timedelta(minutes=10))


async def test_parameters_that_are_missing_or_no_dates_are_refused(reader: Api) -> None:
    assert (await reader.error("GET", "sobjects/Account/updated/"))[0] == "MISSING_ARGUMENT"
    wrong = await reader.error("GET", "sobjects/Account/updated/?start=yesterday&end=today")
    assert wrong[0] == "INVALID_REPLICATION_DATE"
    # A plus that is not encoded arrives as a blank.
    assert (await reader.error("GET", "sobjects/Account/updated/?start=2026-03-18T00:00:00+00:00&end=x"))[0] == wrong[0]


async def test_only_replicateable_objects_have_it(reader: Api) -> None:
    describe = await reader.get("sobjects/OpportunityStage/describe")
    assert describe["replicateable"] is False
    path = f"sobjects/OpportunityStage/updated/{span(NOW - HOUR, NOW)}"
    assert (await reader.error("GET", path))[0] == "INVALID_TYPE_FOR_OPERATION"
    assert (await reader.error("GET", f"sobjects/Nope/deleted/{span(NOW - HOUR, NOW)}", status=404))[0] == "NOT_FOUND"


async def test_too_many_ids_are_refused(reader: Api) -> None:
    org = reader.org
    ids = [org.insert("Account", Name=str(number)) for number in range(3)]
    org.set_replication_limit(2)
    assert (await refused(reader, "updated", NOW - HOUR, NOW + HOUR))[0] == "EXCEEDED_ID_LIMIT"
    org.delete("Account", ids[0])
    assert (await updated(reader))["ids"] == ids[1:]
    for one in ids[1:]:
        org.delete("Account", one)
    assert (await refused(reader, "deleted", NOW - HOUR, NOW + HOUR))[0] == "EXCEEDED_ID_LIMIT"


async def test_objects_without_a_modstamp_go_by_what_they_have(reader: Api) -> None:
    reader.org.set_organization_wide_default("Account", "Private")
    account = reader.org.insert("Account", Name="A")
    (own,) = [row["Id"] for row in reader.org.rows("AccountShare")]
    user = reader.org.insert("Group", Name="G", Type="Regular")
    values = {"AccountId": account, "UserOrGroupId": user, "AccountAccessLevel": "Read", "RowCause": "Manual"}
    share = reader.org.insert("AccountShare", **values)
    assert (await updated(reader, "AccountShare"))["ids"] == [own, share]


# -- getDeleted --


async def test_deleted_records_and_what_went_with_them_are_reported(reader: Api) -> None:
    org = reader.org
    account = org.insert("Account", Name="A")
    contact = org.insert("Contact", LastName="C", AccountId=account)
    later(reader, HOUR)
    org.delete("Account", account)
    answer = await deleted(reader)
    at = text(NOW + HOUR)
    assert answer["deletedRecords"] == [{"id": account, "deletedDate": at}]
    assert answer["earliestDateAvailable"] == text(NOW + HOUR - timedelta(days=15))
    assert answer["latestDateCovered"] == text((NOW + HOUR).replace(second=0))
    assert (await deleted(reader, "Contact"))["deletedRecords"] == [{"id": contact, "deletedDate": at}]
    assert (await deleted(reader, end=NOW + HOUR / 2))["deletedRecords"] == []


async def test_an_emptied_bin_changes_nothing_in_the_log(reader: Api) -> None:
    org = reader.org
    soft, hard, kept = (org.insert("Account", Name=name) for name in ("soft", "hard", "kept"))
    org.insert("Contact", LastName="C", AccountId=soft)
    org.delete("Account", soft)
    later(reader, HOUR)
    org.hard_delete("Account", hard)
    assert org.empty_bin() == 1
    assert await reader.names("SELECT Id FROM Account", every=True) == [kept]
    assert await reader.names("SELECT Id FROM Contact", every=True) == []
    times = {one["id"]: one["deletedDate"] for one in (await deleted(reader))["deletedRecords"]}
    assert times == {soft: text(NOW), hard: text(NOW + HOUR)}


async def test_one_objects_bin_is_emptied_alone(reader: Api) -> None:
    org = reader.org
    account = org.insert("Account", Name="A")
    contact = org.insert("Contact", LastName="C")
    org.delete("Account", account)
    org.delete("Contact", contact)
    assert org.empty_bin("Account") == 1
    assert await reader.names("SELECT Id FROM Account", every=True) == []
    assert await reader.names("SELECT Id FROM Contact", every=True) == [contact]


async def test_after_fifteen_days_the_bin_purges_itself(reader: Api) -> None:
    org = reader.org
    old, young = org.insert("Account", Name="old"), org.insert("Account", Name="young")
    org.delete("Account", old)
    later(reader, timedelta(days=10))
    org.delete("Account", young)
    later(reader, timedelta(days=5, minutes=1))
    org.purge()
    assert await reader.names("SELECT Id FROM Account", every=True) == [young]
    reported = await deleted(reader, start=NOW + timedelta(days=1))
    assert [one["id"] for one in reported["deletedRecords"]] == [young]


async def test_a_log_that_was_cut_says_so(reader: Api) -> None:
    org = reader.org
    first, second = org.insert("Account", Name="first"), org.insert("Account", Name="second")
    org.delete("Account", first)
    later(reader, HOUR)
    org.hard_delete("Account", second)
    later(reader, HOUR * 3 / 2)
    org.purge(most_log_entries=0)
    code, message = await refused(reader, "deleted", NOW - HOUR, NOW + HOUR)
    assert (code, "2026-03-18T12:00:31" in message) == ("INVALID_REPLICATION_DATE", True)
    rest = await deleted(reader, start=NOW + HOUR / 2)
    # Younger than two hours: still there.
    assert [one["id"] for one in rest["deletedRecords"]] == [second]
    assert rest["earliestDateAvailable"] == text(NOW + timedelta(seconds=1))


async def test_an_undeleted_record_is_changed_and_not_deleted(reader: Api) -> None:
    org = reader.org
    one = org.insert("Account", Name="A")
    org.delete("Account", one)
    later(reader, HOUR)
    org.undelete("Account", one)
    assert (await deleted(reader))["deletedRecords"] == []
    assert (await updated(reader, start=NOW + HOUR / 2))["ids"] == [one]


async def test_one_history_object_tells_the_deletions_of_all_but_opportunity_history(reader: Api) -> None:
    org = reader.org
    deal = org.insert("Opportunity", Name="D", StageName="Prospecting", CloseDate="2026-06-01")
    (field_history,) = [row["Id"] for row in org.rows("OpportunityFieldHistory")]
    (history,) = [row["Id"] for row in org.rows("OpportunityHistory")]
    org.delete("Opportunity", deal)
    asked = await deleted(reader, "CaseHistory")
    assert [one["id"] for one in asked["deletedRecords"]] == [field_history]
    own = await deleted(reader, "OpportunityHistory")
    assert [one["id"] for one in own["deletedRecords"]] == [history]


async def test_records_loaded_as_deleted_are_reported_by_their_stamp(reader: Api) -> None:
    columns = ["Id", "Name", "IsDeleted", "SystemModstamp"]
    reader.org.load("Account", columns, [("001gK0000000001QAA", "A", True, NOW)])
    assert (await deleted(reader))["deletedRecords"] == [{"id": "001gK0000000001QAA", "deletedDate": text(NOW)}]


async def test_a_deactivated_currency_looks_deleted(reader: Api) -> None:
    (sek,) = [row["Id"] for row in reader.org.rows("CurrencyType") if row["IsoCode"] == "SEK"]
    reader.org.update("CurrencyType", str(sek), IsActive=False)
    assert [one["id"] for one in (await deleted(reader, "CurrencyType"))["deletedRecords"]] == [sek]


# -- the recycle bin --


async def test_undeleting_brings_back_exactly_what_went_along_even_in_the_same_second(reader: Api) -> None:
    org = reader.org
    account = org.insert("Account", Name="A")
    gone, along = (org.insert("Contact", LastName=name, AccountId=account) for name in ("gone", "along"))
    org.delete("Contact", gone)
    org.delete("Account", account)
    org.undelete("Account", account)
    assert await reader.names("SELECT Id FROM Contact") == [along]


async def test_cleared_lookups_come_back_without_a_stamp_unless_they_were_replaced(reader: Api) -> None:
    org = reader.org
    parent, other = org.insert("Account", Name="P"), org.insert("Account", Name="O")
    lost, replaced = (org.insert("Account", Name=name, ParentId=parent) for name in ("lost", "replaced"))
    later(reader, HOUR)
    org.delete("Account", parent)
    assert await reader.names("SELECT ParentId FROM Account WHERE ParentId != null") == []
    org.update("Account", replaced, ParentId=other)
    org.undelete("Account", parent)
    assert await reader.names("SELECT ParentId FROM Account WHERE Name IN ('lost', 'replaced') ORDER BY Name") == [
        parent,
        other,
    ]
    assert await stamps(reader, lost) == (text(NOW), text(NOW))


# -- late commits --


async def test_a_late_transaction_is_stamped_at_once_and_seen_at_its_commit(reader: Api) -> None:
    org = reader.org
    old, doomed = org.insert("Account", Name="old"), org.insert("Account", Name="doomed")
    late = org.begin_late()
    later(reader, HOUR)
    new = late.insert("Account", Name="new")
    late.update("Account", old, Phone="1")
    late.delete("Account", doomed)
    later(reader, HOUR)
    assert await reader.names("SELECT Name FROM Account ORDER BY Name") == ["doomed", "old"]
    assert (await deleted(reader))["deletedRecords"] == []
    late.commit()
    assert await reader.names("SELECT Name FROM Account ORDER BY Name") == ["new", "old"]
    assert await stamps(reader, new) == await stamps(reader, old) == (text(NOW + HOUR), text(NOW + HOUR))
    assert (await deleted(reader))["deletedRecords"] == [{"id": doomed, "deletedDate": text(NOW + HOUR)}]


async def test_open_transactions_hold_back_what_is_covered(reader: Api) -> None:
    org = reader.org
    first = org.begin_late()
    later(reader, HOUR)
    second = org.begin_late()
    later(reader, HOUR)
    for answer in (await updated(reader, end=NOW + 3 * HOUR), await deleted(reader, "Contact", end=NOW + 3 * HOUR)):
        assert answer["latestDateCovered"] == text(NOW.replace(second=0))
    first.commit()
    assert (await updated(reader))["latestDateCovered"] == text((NOW + HOUR).replace(second=0))
    second.rollback()
    assert (await updated(reader))["latestDateCovered"] == text((NOW + 2 * HOUR).replace(second=0))


async def test_a_late_commit_never_takes_a_stamp_back(reader: Api) -> None:
    org = reader.org
    account = org.insert("Account", Name="A")
    invoice = org.insert("Invoice__c", Account__c=account)
    clashing, following = org.begin_late(), org.begin_late()
    clashing.insert("Account", Name="with it")
    clashing.update("Account", account, Phone="late")
    following.insert("Invoice_Line__c", Name="L", Invoice__c=invoice, Amount__c=Decimal(5))
    later(reader, HOUR)
    org.update("Account", account, Phone="meanwhile")
    org.update("Invoice__c", invoice, Paid__c=True)
    with pytest.raises(ApiError, match="UNABLE_TO_LOCK_ROW"):
        clashing.commit()
    following.commit()
    assert await reader.names("SELECT Phone FROM Account") == ["meanwhile"]
    record = await reader.get(f"sobjects/Invoice__c/{invoice}")
    assert (record["Line_Total__c"], record["SystemModstamp"]) == (5.0, text(NOW + HOUR))


# -- stamps --


async def test_a_mass_update_has_one_stamp(reader: Api) -> None:
    org = reader.org
    ids = [org.insert("Account", Name=str(number)) for number in range(5)]
    org.delete("Account", ids[4])
    later(reader, HOUR)
    assert org.mass_update("Account", ids[:3], Rating="Hot") == 3
    assert await reader.names("SELECT Id FROM Account WHERE Rating = 'Hot'") == ids[:3]
    assert (await updated(reader, start=NOW + HOUR / 2))["ids"] == ids[:3]
    assert org.mass_update("Account", Phone="1") == 4
    assert await reader.names("SELECT Phone FROM Account WHERE Phone = '1'") == ["1"] * 4
    with pytest.raises(ApiError, match="INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"):
        org.mass_update("Account", Tier__c="Lead")


async def test_a_mass_update_that_concerns_rules_obeys_them(reader: Api) -> None:
    org = reader.org
    for name in ("A", "B"):
        org.insert("Opportunity", Name=name, StageName="Prospecting", CloseDate="2026-06-01", Amount=Decimal(100))
    later(reader, HOUR)
    org.mass_update("Opportunity", StageName="Closed Won")
    assert await reader.names("SELECT ExpectedRevenue FROM Opportunity WHERE IsWon = true") == [100.0, 100.0]
    contact = org.insert("Contact", LastName="Old", FirstName="A")
    org.mass_update("Contact", [contact], LastName="New")
    assert await reader.names("SELECT Name FROM Contact") == ["A New"]


async def test_system_processes_move_the_modstamp_alone(reader: Api) -> None:
    org = reader.org
    account = org.insert("Account", Name="A")
    later(reader, HOUR)
    org.system_touch("Account", account)
    assert await stamps(reader, account) == (text(NOW + HOUR), text(NOW))
    assert (await updated(reader, start=NOW + HOUR / 2))["ids"] == [account]


async def test_audit_fields_can_lie_in_the_past_and_the_modstamp_cannot(reader: Api) -> None:
    past = datetime(2015, 5, 5, 5, 5, 5, tzinfo=UTC)
    account = reader.org.insert("Account", Name="A", CreatedDate=past, LastModifiedDate=past)
    record = await reader.get(f"sobjects/Account/{account}")
    assert (record["CreatedDate"], record["LastModifiedDate"]) == (text(past), text(past))
    assert record["SystemModstamp"] == text(NOW)
    with pytest.raises(ApiError, match="INVALID_FIELD_FOR_INSERT_UPDATE"):
        reader.org.insert("Account", Name="B", SystemModstamp=past)
    # Over the API it takes a permission.
    body = {"Name": "C", "CreatedDate": "2015-05-05T05:05:05Z"}
    assert (await reader.error("POST", "sobjects/Account", body))[0] == "INVALID_FIELD_FOR_INSERT_UPDATE"
    (profile,) = [row["Id"] for row in reader.org.rows("PermissionSet") if row["Name"] == "X_Integration"]
    reader.org.update("PermissionSet", str(profile), PermissionsCreateAuditFields=True)
    created = await reader.post("sobjects/Account", body)
    assert (await reader.get(f"sobjects/Account/{created['id']}"))["CreatedDate"] == text(past)


async def test_answers_are_dated_by_the_orgs_clock(reader: Api) -> None:
    answer = await reader.send("GET", "limits")
    assert answer.headers.get_list("date") == ["Wed, 18 Mar 2026 12:00:30 GMT"]
    later(reader, HOUR)
    assert (await reader.send("GET", "limits")).headers["date"] == "Wed, 18 Mar 2026 13:00:30 GMT"


async def test_the_same_verbs_are_in_the_admin_api(reader: Api) -> None:
    org = reader.org
    first = (await reader.post("/__org/late", {}, status=200))["late"]
    created = (await reader.post(f"/__org/late/{first}/records/Account", {"Name": "late"}, status=200))["id"]
    assert await reader.names("SELECT Id FROM Account") == []
    await reader.post(f"/__org/late/{first}/commit", {}, status=200)
    assert await reader.names("SELECT Id FROM Account") == [created]
    second = (await reader.post("/__org/late", {}, status=200))["late"]
    await reader.patch(f"/__org/late/{second}/records/Account/{created}", {"Name": "never"}, status=200)
    await reader.delete(f"/__org/late/{second}/records/Account/{created}", status=200)
    await reader.post(f"/__org/late/{second}/rollback", {}, status=200)
    body = {"object_name": "Account", "fields": {"Phone": "7"}}
    assert await reader.post("/__org/setup/mass_update", body, status=200) == {"result": 1}
    assert await reader.names("SELECT Phone FROM Account") == ["7"]
    org.delete("Account", created)
    assert await reader.post("/__org/setup/empty_bin", {}, status=200) == {"result": 1}
    assert (await reader.error("POST", "/__org/setup/expire_everything", {}))[0] == "BAD_REQUEST"
    assert (await reader.error("POST", "/__org/late/99/commit", {}))[0] == "BAD_REQUEST"


async def test_faults_are_armed_and_cleared_over_the_admin_api(reader: Api) -> None:
    reader.org.org.faults.declare("A_TEST")
    await reader.post("/__org/faults", {"name": "A_TEST", "times": 2, "match": "Account"}, status=200)
    assert reader.org.org.faults.take("A_TEST", "of Account") == {}
    told = await reader.get("/__org/faults")
    assert ("A_TEST" in told["known"], told["waiting"], told["fired"]) == (True, ["A_TEST"], {"A_TEST": 1})
    await reader.delete("/__org/faults", status=200)
    assert (await reader.get("/__org/faults"))["waiting"] == []
    assert (await reader.error("POST", "/__org/faults", {"name": "NOPE"}))[0] == "BAD_REQUEST"
