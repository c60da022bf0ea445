"""What change events say: the header, the fields, and which changes make one."""

import contextlib
import hashlib
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from localorg.fixture import LocalOrg, running_org
from tests.localorg.api import Api
from tests.localorg.pubsub import EVERYTHING, PubSub

NOON = datetime(2026, 3, 18, 12, 0, 0, tzinfo=UTC)
CONTACTS = "/data/ContactChangeEvent"


async def test_a_new_record_is_told_with_all_its_fields(org: LocalOrg, bus: PubSub) -> None:
    org.clock.freeze(NOON)
    record = org.insert("Account", Name="Acme", BillingCity="Bonn", AnnualRevenue=Decimal(1000), NumberOfEmployees=7)
    (change,) = await bus.changes(1)
    millis = int(NOON.timestamp()) * 1000
    assert change.header["entityName"] == "Account"
    assert (change.kind, change.ids) == ("CREATE", [record])
    assert (change.header["sequenceNumber"], change.header["commitTimestamp"]) == (1, millis)
    assert [change.header[name] for name in ("changedFields", "nulledFields", "diffFields")] == [[], [], []]
    assert change.values["Name"] == "Acme"
    assert change.values["BillingAddress"] == {"City": "Bonn"}
    assert (change.values["AnnualRevenue"], change.values["NumberOfEmployees"]) == (1000.0, 7)
    assert change.values["Is_Strategic__c"] is False
    assert change.values["CreatedDate"] == change.values["LastModifiedDate"] == millis
    assert change.values["OwnerId"] == change.header["commitUser"]
    assert len(change.header["transactionKey"]) == 36


async def test_every_type_of_value_has_its_form(org: LocalOrg, bus: PubSub) -> None:
    org.insert(
        "Account",
        Name="A",
        Contract_Renewal__c="1970-01-03",
        Last_Review__c="1970-01-01T00:01:00Z",
        Support_Hours__c="08:30:00.000Z",
        Health_Score__c="12.5",
        Seats__c=3,
        Segments__c="Startup;Partner",
        HQ_Location__Latitude__s="50.5",
        HQ_Location__Longitude__s="-7",
    )
    (change,) = await bus.changes(1)
    assert change.values["Contract_Renewal__c"] == 2 * 86_400_000
    assert change.values["Last_Review__c"] == 60_000
    assert change.values["Support_Hours__c"] == (8 * 60 + 30) * 60_000
    assert (change.values["Health_Score__c"], change.values["Seats__c"]) == (12.5, 3.0)
    assert change.values["Segments__c"] == "Startup;Partner"
    assert change.values["HQ_Location__c"] == {"Latitude": 50.5, "Longitude": -7.0}


async def test_an_update_holds_only_what_changed(org: LocalOrg, bus: PubSub) -> None:
    record = org.insert("Account", Name="Acme", Phone="1", Industry="Banking", BillingCity="Bonn", BillingStreet="A 1")
    org.update("Account", record, Phone="2", Industry=None, BillingCity="Köln")
    _, change = await bus.changes(2)
    assert change.kind == "UPDATE"
    assert set(change.changed) == {"Phone", "Industry", "LastModifiedDate", "BillingAddress.City"}
    assert change.nulled == ["Industry"]
    assert set(change.values) == {"Phone", "LastModifiedDate", "BillingAddress"}
    assert change.values["BillingAddress"] == {"City": "Köln"}


async def test_an_update_by_another_user_names_him(org: LocalOrg, api: Api, bus: PubSub) -> None:
    record = org.insert("Account", Name="Acme")
    integration = Api(org, org.session())
    await integration.patch(f"sobjects/Account/{record}", {"Phone": "1"})
    await integration.patch(f"sobjects/Account/{record}", {"Phone": "2"})
    await integration.close()
    _, first, second = await bus.changes(3)
    assert set(first.changed) == {"Phone", "LastModifiedDate", "LastModifiedById"}
    assert first.values["LastModifiedById"] == first.header["commitUser"]
    assert set(second.changed) == {"Phone", "LastModifiedDate"}


async def test_an_emptied_part_of_an_address_and_a_moved_location(org: LocalOrg, bus: PubSub) -> None:
    record = org.insert(
        "Account", Name="A", BillingCity="Bonn", HQ_Location__Latitude__s=1, HQ_Location__Longitude__s=2
    )
    org.update("Account", record, BillingCity=None)
    org.update("Account", record, HQ_Location__Latitude__s=3)
    _, emptied, moved = await bus.changes(3)
    assert set(emptied.changed) == {"LastModifiedDate", "BillingAddress.City"}
    assert emptied.nulled == ["BillingAddress.City"]
    # Of a location both coordinates are sent.
    assert moved.values["HQ_Location__c"] == {"Latitude": 3.0, "Longitude": 2.0}
    assert set(moved.changed) == {"LastModifiedDate", "HQ_Location__c.Latitude", "HQ_Location__c.Longitude"}


async def test_a_person_s_name_is_a_compound(org: LocalOrg, bus: PubSub) -> None:
    record = org.insert("Contact", FirstName="Ada", LastName="Lovelace")
    org.update("Contact", record, LastName="King")
    created, changed = await bus.changes(2, CONTACTS)
    assert created.values["Name"] == {"FirstName": "Ada", "LastName": "Lovelace"}
    assert changed.values["Name"] == {"LastName": "King"}
    assert set(changed.changed) == {"LastModifiedDate", "Name.LastName"}


async def test_deleting_takes_children_along_and_clears_lookups_silently(org: LocalOrg, bus: PubSub) -> None:
    account = org.insert("Account", Name="A")
    deal = org.insert("Opportunity", Name="D", StageName="Prospecting", CloseDate="2026-05-01", AccountId=account)
    child = org.insert("Account", Name="Child", ParentId=account)
    start = org.org.journal.latest
    org.delete("Account", account)
    org.undelete("Account", account)
    found = org.org.journal.read(start, {"Account", "Opportunity"}, 100).events
    changes = await bus.changes(3 + len(found), EVERYTHING)
    told = [(one.kind, one.ids) for one in changes[3:]]
    assert ("DELETE", [account]) in told and ("DELETE", [deal]) in told
    assert ("UNDELETE", [account]) in told and ("UNDELETE", [deal]) in told
    assert all(child not in ids for _, ids in told)
    deletion = next(one for one in changes[3:] if one.kind == "DELETE")
    assert deletion.values == {}
    back = next(one for one in changes[3:] if one.ids == [account] and one.kind == "UNDELETE")
    assert back.values["Name"] == "A"
    keys = {one.header["transactionKey"] for one in changes[3:] if one.kind == "DELETE"}
    assert len(keys) == 1


async def test_emptying_the_recycle_bin_tells_nothing(org: LocalOrg, bus: PubSub) -> None:
    record = org.insert("Account", Name="A")
    org.delete("Account", record)
    org.hard_delete("Account", record)
    other = org.insert("Account", Name="B")
    org.hard_delete("Account", other)
    changes = await bus.changes(4)
    assert [one.kind for one in changes] == ["CREATE", "DELETE", "CREATE", "DELETE"]


async def test_one_transaction_is_numbered_and_has_one_key(org: LocalOrg, api: Api, bus: PubSub) -> None:
    body = {
        "records": [
            {"attributes": {"type": "Account"}, "Name": "One"},
            {"attributes": {"type": "Campaign"}, "Name": "not selected"},
            {"attributes": {"type": "Contact"}, "LastName": "Three"},
        ]
    }
    await api.post("composite/sobjects", body, 200)
    one, other = await bus.changes(2, EVERYTHING)
    assert one.header["transactionKey"] == other.header["transactionKey"]
    assert one.header["commitNumber"] == other.header["commitNumber"]
    assert (one.header["sequenceNumber"], one.header["entityName"]) == (1, "Account")
    # The campaign and its two member statuses have numbers too.
    assert other.header["sequenceNumber"] > 2
    assert int.from_bytes(other.replay_id[:8], "big") == int.from_bytes(one.replay_id[:8], "big") + 1


async def test_several_changes_of_a_record_in_one_transaction_are_one_event(org: LocalOrg, bus: PubSub) -> None:
    with org.org.store.transaction():
        record = org.insert("Account", Name="First")
        org.update("Account", record, Name="Last", Phone="1")
        gone = org.insert("Account", Name="Gone")
        org.delete("Account", gone)
    old = org.insert("Account", Name="Old")
    with org.org.store.transaction():
        org.update("Account", old, Name="New")
        org.delete("Account", old)
    first, _, last = await bus.changes(3)
    assert (first.kind, first.ids, first.values["Name"], first.values["Phone"]) == ("CREATE", [record], "Last", "1")
    assert (last.kind, last.ids) == ("DELETE", [old])


async def test_what_was_rolled_back_was_never_told(org: LocalOrg, api: Api, bus: PubSub) -> None:
    store = org.org.store
    kept = org.insert("Account", Name="Kept")

    def fail() -> None:
        with contextlib.suppress(ZeroDivisionError), store.transaction():
            org.update("Account", kept, Name="Never")
            raise ZeroDivisionError

    fail()
    with store.transaction():
        other = org.insert("Account", Name="Other")
        fail()
    records = [{"attributes": {"type": "Account"}, "Name": "Good"}, {"attributes": {"type": "Account"}, "Name": ""}]
    for all_or_none in (True, False):
        await api.post("composite/sobjects", {"records": records, "allOrNone": all_or_none}, 200)
    changes = await bus.changes(3)
    assert [one.kind for one in changes] == ["CREATE"] * 3
    assert [one.ids for one in changes[:2]] == [[kept], [other]]
    assert (changes[2].values["Name"], changes[2].header["sequenceNumber"]) == ("Good", 1)


async def test_the_same_change_of_many_records_is_one_event(org: LocalOrg, api: Api, bus: PubSub) -> None:
    ids = [org.insert("Account", Name=f"A{number}") for number in range(20)]
    records = [{"attributes": {"type": "Account"}, "id": one, "Rating": "Hot"} for one in ids]
    await api.patch("composite/sobjects", {"records": records}, 200)
    records[3]["Rating"] = "Cold"
    await api.patch("composite/sobjects", {"records": records}, 200)
    await api.delete(f"composite/sobjects?ids={','.join(ids)}", 200)
    changes = (await bus.changes(24))[20:]
    assert (changes[0].ids, changes[0].kind) == (ids, "UPDATE")
    assert changes[0].values["Rating"] == "Hot"
    # The second time only one rating changed; the others were saved without a change.
    told = {tuple(one.ids): one.values.get("Rating") for one in changes[1:3]}
    assert told == {(ids[3],): "Cold", tuple(one for one in ids if one != ids[3]): None}
    assert (changes[3].kind, changes[3].ids) == ("DELETE", ids)


async def test_a_transaction_with_too_many_changes_overflows(org: LocalOrg, bus: PubSub) -> None:
    org.org.journal.settings.overflow = 3
    with org.org.store.transaction():
        kept = [org.insert("Account", Name=f"A{number}") for number in range(3)]
        for number in range(3):
            org.insert("Account", Name=f"Over{number}")
            org.insert("Contact", LastName=f"Over{number}")
    changes = await bus.changes(5, EVERYTHING)
    assert [one.ids[0] for one in changes if one.kind == "CREATE"] == kept[: len(changes) - 2]
    over = [one for one in changes if one.kind == "GAP_OVERFLOW"]
    assert {one.header["entityName"] for one in over} == {"Account", "Contact"}
    assert all(one.ids == ["000000000000000AAA"] and not one.values for one in over)


async def test_every_changed_field_counts_towards_the_overflow(org: LocalOrg, bus: PubSub) -> None:
    record = org.insert("Account", Name="A")
    org.org.journal.settings.overflow = 3
    org.update("Account", record, Phone="1", Fax="2")
    org.update("Account", record, Phone="2", Fax="3", Site="4")
    _, fits, over = await bus.changes(3)
    assert (fits.kind, over.kind) == ("UPDATE", "GAP_OVERFLOW")


async def test_an_event_that_is_too_large_is_a_gap_event(org: LocalOrg, bus: PubSub) -> None:
    org.org.journal.settings.largest = 2_000
    record = org.insert("Account", Name="A")
    org.update("Account", record, Background__c="x" * 3_000)
    _, gap = await bus.changes(2)
    assert (gap.kind, gap.ids, gap.values, gap.changed) == ("GAP_UPDATE", [record], {}, [])


async def test_a_small_change_of_a_long_text_comes_as_a_difference(org: LocalOrg, bus: PubSub) -> None:
    lines = [f"line {number} of a long description" for number in range(60)]
    record = org.insert("Account", Name="A", Description="\n".join(lines))
    lines[10] = "another line"
    text = "\n".join(lines)
    org.update("Account", record, Description=text)
    org.update("Account", record, Description="short")
    _, changed, whole = await bus.changes(3)
    assert changed.names("diffFields") == ["Description"] and "Description" in changed.changed
    head = f"--- \n+++ {hashlib.sha256(text.encode()).hexdigest()}\n"
    expected = head + "@@ -11,1 +11,1 @@\n-line 10 of a long description\n+another line\n"
    assert changed.values["Description"] == expected
    assert (whole.header["diffFields"], whole.values["Description"]) == ([], "short")


async def test_where_a_change_comes_from_is_told(org: LocalOrg, api: Api, bus: PubSub) -> None:
    await api.create("Account", Name="plain")
    await api.send("POST", "sobjects/Account", {"Name": "named"}, {"Sforce-Call-Options": "client=Echo/1, x=y"})
    org.insert("Account", Name="inside")
    changes = await bus.changes(3)
    origins = [one.header["changeOrigin"] for one in changes]
    assert origins == ["com/salesforce/api/rest/66.0", "com/salesforce/api/rest/66.0;client=Echo/1", ""]


async def test_only_selected_objects_have_events_and_loading_has_none(org: LocalOrg, bus: PubSub) -> None:
    org.insert("Campaign", Name="C")
    org.load("Account", ["Id", "Name", "OwnerId"], [("001gK000000ZZZZQA4", "loaded", None)])
    org.select_for_cdc(["Campaign", "Invoice__ChangeEvent"])
    org.insert("Account", Name="not any more")
    campaign = org.insert("Campaign", Name="D")
    (change,) = await bus.changes(1, EVERYTHING)
    assert (change.ids, change.header["entityName"]) == ([campaign], "Campaign")


def test_five_objects_can_be_selected_without_the_add_on(org: LocalOrg) -> None:
    six = ["Account", "Contact", "Lead", "Case", "Opportunity", "Campaign"]
    with pytest.raises(ValueError, match="add_on"):
        org.select_for_cdc(six)
    org.select_for_cdc(six, add_on=True)
    assert org.cdc["entities"] == sorted(six)
    for impossible in ("UserRole", "AccountShare", "OpportunityHistory", "Nothing"):
        with pytest.raises(ValueError, match=impossible):
            org.select_for_cdc([impossible])


async def test_selection_and_events_survive_a_restart(tmp_path: Path) -> None:
    async with running_org(tmp_path, empty=True) as first:
        first.select_for_cdc(["Account"])
        record = first.insert("Account", Name="before")
        bus = PubSub(first)
        (before,) = await bus.changes(1)
        await bus.close()
    async with running_org(tmp_path) as second:
        assert second.cdc["entities"] == ["Account"]
        second.update("Account", record, Name="after")
        bus = PubSub(second)
        stream = await bus.subscribe(replay=before.replay_id)
        (after,) = await stream.changes(1)
        stream.cancel()
        kept, again = await bus.changes(2)
        await bus.close()
    assert (kept.replay_id, kept.payload, kept.values["Name"]) == (before.replay_id, before.payload, "before")
    assert (after.ids, after.values["Name"], again.replay_id) == ([record], "after", after.replay_id)
    assert after.header["commitNumber"] > kept.header["commitNumber"]


async def test_events_are_kept_for_72_hours_of_the_org_s_clock(org: LocalOrg, bus: PubSub) -> None:
    org.clock.freeze(NOON)
    org.insert("Account", Name="old")
    org.clock.advance(timedelta(hours=71))
    org.insert("Account", Name="young")
    assert [one.values["Name"] for one in await bus.changes(2)] == ["old", "young"]
    org.clock.advance(timedelta(hours=2))
    fresh = PubSub(org)
    assert [one.values["Name"] for one in await fresh.changes(1)] == ["young"]
    await fresh.close()


async def test_a_field_hidden_from_the_subscriber_is_null_and_not_listed(org: LocalOrg) -> None:
    store = org.org.store
    org.insert(
        "User",
        LastName="Limited",
        Username="limited@localorg.example",
        Email="limited@localorg.example",
        Alias="limited",
        CommunityNickname="limited",
        IsActive=True,
        ProfileId=store.scalar('SELECT "Id" FROM "Profile" WHERE "Name" = ?', ("Standard User",)),
        TimeZoneSidKey="GMT",
        LocaleSidKey="en_US",
        LanguageLocaleKey="en_US",
        EmailEncodingKey="UTF-8",
    )
    permissions = store.scalar('SELECT "Id" FROM "PermissionSet" WHERE "Name" = ?', ("X_Standard",))
    for row in org.rows("ObjectPermissions"):
        if (row["ParentId"], row["SobjectType"]) == (permissions, "Account"):
            org.poke("ObjectPermissions", str(row["Id"]), {"PermissionsViewAllRecords": True})
    for row in org.rows("FieldPermissions"):
        if row["ParentId"] == permissions and row["Field"] in ("Account.Fax", "Account.BillingAddress"):
            org.poke("FieldPermissions", str(row["Id"]), {"PermissionsRead": False})
    record = org.insert("Account", Name="A", Phone="1", Fax="1", BillingCity="Bonn")
    org.update("Account", record, Phone="2", Fax=None, BillingCity="Köln")
    org.insert("Contact", LastName="unseen")
    bus = PubSub(org, org.session("limited@localorg.example"))
    created, changed = await bus.changes(2, EVERYTHING)
    await bus.close()
    assert created.values["Phone"] == "1" and not {"Fax", "BillingAddress"} & set(created.values)
    assert set(changed.changed) == {"Phone", "LastModifiedDate"}
    assert changed.nulled == []


async def test_fields_that_come_and_go_change_the_schema(org: LocalOrg, bus: PubSub) -> None:
    record = org.insert("Account", Name="A")
    org.add_field("Account", "Size__c:str20[CUFGNSAP] Size")
    org.update("Account", record, Size__c="large")
    org.remove_field("Account", "Size__c")
    org.update("Account", record, Name="B")
    first, second, third = await bus.changes(3)
    assert first.schema_id == third.schema_id != second.schema_id
    assert (second.values["Size__c"], set(second.changed)) == ("large", {"Size__c", "LastModifiedDate"})
    assert third.values["Name"] == "B"


async def test_a_conversion_that_loses_values_is_told_once_for_all_records(org: LocalOrg, bus: PubSub) -> None:
    org.add_field("Account", "Size__c:str20[CUFGNSAP] Size")
    for number in range(3):
        org.insert("Account", Name=str(number), Size__c="large")
    org.retype_field("Account", "Size__c:dbl5,0[CUFNSAP] Size")
    told = (await bus.changes(4))[3]
    assert (told.kind, told.ids, told.values, told.changed) == ("UPDATE", ["001*"], {}, [])


async def test_a_renamed_picklist_value_is_told_in_merged_events(org: LocalOrg, bus: PubSub) -> None:
    org.clock.freeze(NOON)
    ids = [org.insert("Account", Name=str(number), Region__c="EMEA") for number in range(3)]
    org.clock.advance(timedelta(minutes=1))
    org.rename_picklist_value("Account", "Region__c", "EMEA", "Europe")
    told = (await bus.changes(4))[3]
    assert (told.kind, told.ids, told.values, told.changed) == ("UPDATE", ids, {"Region__c": "Europe"}, ["Region__c"])
