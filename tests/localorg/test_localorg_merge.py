"""Merging: SOAP API Developer Guide, "merge()"."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from localorg.errors import ApiError
from tests.localorg.api import Api

NOW = datetime(2026, 3, 18, 12, 0, 0, tzinfo=UTC)
BEFORE, AFTER = "2026-03-18T12:00:00.000+0000", "2026-03-18T12:30:00.000+0000"


async def record(reader: Api, name: str, identifier: str) -> Any:
    return (await reader.query(f"SELECT FIELDS(STANDARD) FROM {name} WHERE Id = '{identifier}'", every=True))[
        "records"
    ][0]


async def test_losers_are_deleted_and_name_their_master(reader: Api) -> None:
    org = reader.org
    org.clock.freeze(NOW)
    master, first, second = (org.insert("Account", Name=name) for name in ("M", "A", "B"))
    org.clock.advance(timedelta(minutes=30))
    org.merge(master, first, second, Phone="the other's")
    assert await reader.names("SELECT Id FROM Account") == [master]
    for loser in (first, second):
        found = await record(reader, "Account", loser)
        assert (found["IsDeleted"], found["MasterRecordId"], found["SystemModstamp"]) == (True, master, AFTER)
        assert (await reader.error("GET", f"sobjects/Account/{loser}", status=404))[0] == "ENTITY_IS_DELETED"
    kept = await record(reader, "Account", master)
    assert (kept["Phone"], kept["SystemModstamp"], kept["MasterRecordId"]) == ("the other's", AFTER, None)
    path = "sobjects/Account/deleted/?start=2026-03-18T12:00:00Z&end=2026-03-18T13:00:00Z"
    assert {one["id"] for one in (await reader.get(path))["deletedRecords"]} == {first, second}


async def test_children_move_to_the_master_with_their_stamps(reader: Api) -> None:
    org = reader.org
    org.clock.freeze(NOW)
    master, loser = org.insert("Account", Name="M"), org.insert("Account", Name="L")
    contact = org.insert("Contact", LastName="C", AccountId=loser)
    deal = org.insert("Opportunity", Name="D", StageName="Prospecting", CloseDate="2026-06-01", AccountId=loser)
    case = org.insert("Case", Subject="S", AccountId=loser)
    task = org.insert("Task", Subject="T", WhatId=deal)
    child = org.insert("Account", Name="child", ParentId=loser)
    own = org.insert("Contact", LastName="own", AccountId=master)
    invoice = org.insert("Invoice__c", Account__c=loser)
    binned = org.insert("Contact", LastName="binned", AccountId=loser)
    org.delete("Contact", binned)
    org.clock.advance(timedelta(minutes=30))
    org.merge(master, loser)
    for name, one, field in (
        ("Contact", contact, "AccountId"),
        ("Opportunity", deal, "AccountId"),
        ("Case", case, "AccountId"),
        ("Task", task, "AccountId"),
        ("Account", child, "ParentId"),
    ):
        found = await record(reader, name, one)
        assert (found[field], found["SystemModstamp"]) == (master, AFTER), name
    found = await reader.get(f"sobjects/Invoice__c/{invoice}")
    assert (found["Account__c"], found["SystemModstamp"]) == (master, AFTER)
    assert (await record(reader, "Contact", own))["SystemModstamp"] == BEFORE
    still = await record(reader, "Contact", binned)
    assert (still["IsDeleted"], still["AccountId"], still["SystemModstamp"]) == (True, master, BEFORE)


async def test_contacts_leads_and_cases_are_merged_too(reader: Api) -> None:
    org = reader.org
    campaign, other = (org.insert("Campaign", Name=name, IsActive=True) for name in ("Both", "One"))
    for name, values in (
        ("Contact", {"LastName": "L"}),
        ("Lead", {"LastName": "L", "Company": "C"}),
        ("Case", {"Subject": "S"}),
    ):
        master, loser = org.insert(name, **values), org.insert(name, **values)
        if name != "Case":
            org.insert("CampaignMember", CampaignId=campaign, **{f"{name}Id": master})
            org.insert("CampaignMember", CampaignId=campaign, **{f"{name}Id": loser})
            org.insert("CampaignMember", CampaignId=other, **{f"{name}Id": loser})
        org.merge(master, loser)
        assert await reader.names(f"SELECT Id FROM {name}") == [master]
        if name != "Case":
            # Nobody is a member of a campaign twice.
            members = f"SELECT CampaignId FROM CampaignMember WHERE {name}Id = '{master}' ORDER BY Campaign.Name"
            assert await reader.names(members) == [campaign, other]


async def test_a_restored_loser_comes_back_alone(reader: Api) -> None:
    org = reader.org
    master, loser = org.insert("Account", Name="M"), org.insert("Account", Name="L")
    org.insert("Contact", LastName="C", AccountId=loser)
    org.merge(master, loser)
    org.undelete("Account", loser)
    assert (await reader.get(f"sobjects/Account/{loser}"))["MasterRecordId"] is None
    assert await reader.names("SELECT AccountId FROM Contact") == [master]


async def test_what_cannot_be_merged_is_refused_and_changes_nothing(reader: Api) -> None:
    org = reader.org
    top = org.insert("Account", Name="top")
    middle = org.insert("Account", Name="middle", ParentId=top)
    bottom = org.insert("Account", Name="bottom", ParentId=middle)
    deal = org.insert("Opportunity", Name="D", StageName="Prospecting", CloseDate="2026-06-01")
    spare = [org.insert("Account", Name=f"spare {number}") for number in range(3)]
    for code, arguments in (
        ("CIRCULAR_DEPENDENCY", (bottom, top)),
        ("EXCEEDED_ID_LIMIT", (top, *spare)),
        ("EXCEEDED_ID_LIMIT", (top,)),
        ("INVALID_CROSS_REFERENCE_KEY", (top, top)),
        ("MALFORMED_ID", (top, deal)),
        ("INVALID_TYPE_FOR_OPERATION", (deal, deal)),
    ):
        with pytest.raises(ApiError, match=code):
            org.merge(*arguments)
    assert await reader.names("SELECT Name FROM Account WHERE ParentId != null ORDER BY Name") == ["bottom", "middle"]
    org.merge(bottom, middle)
    assert await reader.names("SELECT ParentId FROM Account WHERE Name = 'bottom'") == [None]


async def test_merging_over_the_admin_api(reader: Api) -> None:
    master, loser = (reader.org.insert("Account", Name=name) for name in ("M", "L"))
    body = {"master": master, "losers": [loser], "fields": {"Phone": "1"}}
    await reader.post("/__org/setup/merge", body, status=200)
    assert await reader.names("SELECT Phone FROM Account") == ["1"]
