"""The recycle bin: SOAP API Developer Guide, "delete()", "undelete()"."""

from datetime import timedelta

import pytest

from localorg.errors import ApiError
from tests.localorg.api import Api


async def test_deleting_is_soft_and_takes_children_along(api: Api) -> None:
    org = api.org
    org.clock.freeze()
    account = org.insert("Account", Name="A")
    other = org.insert("Account", Name="B", ParentId=account)
    contact = org.insert("Contact", LastName="C", AccountId=account)
    deal = org.insert("Opportunity", Name="D", StageName="Prospecting", CloseDate="2026-01-01", AccountId=account)
    task = org.insert("Task", Subject="T", WhatId=deal)
    org.clock.advance(timedelta(minutes=1))
    await api.delete(f"sobjects/Account/{account}")
    for name, record in (("Account", account), ("Contact", contact), ("Opportunity", deal), ("Task", task)):
        assert await api.names(f"SELECT Id FROM {name} WHERE Id = '{record}'") == []
        (found,) = (await api.query(f"SELECT IsDeleted, SystemModstamp FROM {name} WHERE Id = '{record}'", every=True))[
            "records"
        ]
        assert found["IsDeleted"] is True
        assert found["SystemModstamp"] == org.clock.now().strftime("%Y-%m-%dT%H:%M:%S.000+0000")
    assert await api.names("SELECT Id FROM OpportunityHistory") == []
    # Other lookups are cleared; that is no change of the referring record.
    remaining = await api.get(f"sobjects/Account/{other}")
    assert remaining["ParentId"] is None
    assert remaining["SystemModstamp"] == remaining["CreatedDate"]


async def test_a_record_that_others_need_stays(api: Api) -> None:
    account = await api.create("Account", Name="Acme")
    case = await api.create("Case", AccountId=account)
    number = (await api.get(f"sobjects/Case/{case}"))["CaseNumber"]
    assert await api.error("DELETE", f"sobjects/Account/{account}") == (
        "DELETE_FAILED",
        f"Your attempt to delete Acme could not be completed because it is associated with the following cases.: "
        f"{number}\n",
        [],
    )
    assert await api.names("SELECT Name FROM Account") == ["Acme"]


async def test_undeleting_brings_back_what_went_along(api: Api) -> None:
    org = api.org
    org.clock.freeze()
    account = org.insert("Account", Name="A")
    gone = org.insert("Contact", LastName="gone before", AccountId=account)
    org.insert("Contact", LastName="C", AccountId=account)
    org.delete("Contact", gone)
    org.clock.advance(timedelta(minutes=1))
    org.delete("Account", account)
    org.clock.advance(timedelta(minutes=1))
    org.undelete("Account", account)
    assert await api.names("SELECT LastName FROM Contact") == ["C"]
    assert await api.names("SELECT Name FROM Account WHERE SystemModstamp = TODAY") == ["A"]
    with pytest.raises(ApiError, match="UNDELETE_FAILED"):
        org.undelete("Account", account)


async def test_hard_deleting_leaves_nothing(api: Api) -> None:
    account = api.org.insert("Account", Name="A")
    api.org.insert("Contact", LastName="C", AccountId=account)
    api.org.hard_delete("Account", account)
    assert await api.names("SELECT Id FROM Account", every=True) == []
    assert await api.names("SELECT Id FROM Contact", every=True) == []
    assert (await api.error("GET", f"sobjects/Account/{account}", status=404))[0] == "NOT_FOUND"


async def test_references_to_deleted_records_are_refused(api: Api) -> None:
    account = await api.create("Account", Name="A")
    await api.delete(f"sobjects/Account/{account}")
    body = {"LastName": "C", "AccountId": account}
    assert (await api.error("POST", "sobjects/Contact", body))[:2] == ("ENTITY_IS_DELETED", "entity is deleted")


async def test_objects_without_a_recycle_bin_lose_their_row(api: Api) -> None:
    group = await api.create("Group", Name="G", Type="Regular")
    user = (await api.names("SELECT Id FROM User LIMIT 1"))[0]
    await api.create("GroupMember", GroupId=group, UserOrGroupId=user)
    await api.delete(f"sobjects/Group/{group}")
    assert await api.names("SELECT Type FROM Group", every=True) == ["Organization"]
    assert await api.names("SELECT Id FROM GroupMember", every=True) == []


async def test_archived_activities_are_only_in_query_all(api: Api) -> None:
    task = api.org.insert("Task", Subject="old")
    api.org.poke("Task", task, {"IsArchived": True})
    assert await api.names("SELECT Id FROM Task") == []
    assert await api.names("SELECT Id FROM Task", every=True) == [task]
