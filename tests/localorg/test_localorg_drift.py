"""Objects and fields that come, go and change while the org runs: describe, SOQL, REST and Bulk see it at once."""

import asyncio
import shutil
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from localorg.fixture import running_org
from tests.localorg.api import Api

PROJECT = """Project__c a10 Project / Projects [create,update,delete,undelete,query,retrieve,replicate,search]
Id:id[FGSDIA] Record ID
OwnerId:ref>Group|User:Owner[CUFGSDA] Owner ID
IsDeleted:bool[FGSD] Deleted
Name:str80[CUFGNSIAH] Project Name
CreatedDate:dt[FSDA] Created Date
CreatedById:ref>User:CreatedBy[FGSDA] Created By ID
LastModifiedDate:dt[FSDA] Last Modified Date
LastModifiedById:ref>User:LastModifiedBy[FGSDA] Last Modified By ID
SystemModstamp:dt[FSDA] System Modstamp
Account__c:ref>Account:Account__r<Projects__r[CUFGNSAP] Account
Budget__c:cur16,2[CUFNSAP] Budget
"""


async def fields(reader: Api, name: str) -> dict[str, Any]:
    described = await reader.get(f"sobjects/{name}/describe")
    return {field["name"]: field for field in described["fields"]}


async def csv(reader: Api, soql: str) -> str:
    job = await reader.post("jobs/query", {"operation": "query", "query": soql}, status=200)
    for _ in range(2_000):
        if (await reader.get(f"jobs/query/{job['id']}"))["state"] == "JobComplete":
            return (await reader.send("GET", f"jobs/query/{job['id']}/results")).text
        await asyncio.sleep(0.01)
    raise AssertionError("the job does not end")


# -- fields --


async def test_a_new_field_is_there_at_once_and_empty(reader: Api) -> None:
    org = reader.org
    account = org.insert("Account", Name="A")
    before = await reader.get(f"sobjects/Account/{account}")
    org.add_field("Account", "Floor__c:int4[CUFGNSAP] Floor")
    org.add_field("Account", "Ground__c", type="boolean")
    org.add_field("Account", "Colour__c", type="picklist", values=["red*", "blue"], label="Favourite Colour")
    found = await fields(reader, "Account")
    assert (found["Floor__c"]["type"], found["Colour__c"]["label"]) == ("int", "Favourite Colour")
    assert [value["value"] for value in found["Colour__c"]["picklistValues"]] == ["red", "blue"]
    after = await reader.get(f"sobjects/Account/{account}")
    new = {key: after.pop(key) for key in ("Floor__c", "Ground__c", "Colour__c")}
    assert new == {"Floor__c": None, "Ground__c": False, "Colour__c": None}
    assert after == before
    await reader.patch(f"sobjects/Account/{account}", {"Floor__c": 7, "Ground__c": True})
    assert await reader.names("SELECT Floor__c FROM Account WHERE Ground__c = true") == [7]
    assert await csv(reader, "SELECT Floor__c, Colour__c FROM Account") == '"Floor__c","Colour__c"\n"7",""\n'
    other = await reader.create("Account", Name="B")
    assert await reader.names(f"SELECT Colour__c FROM Account WHERE Id = '{other}'") == ["red"]
    with pytest.raises(ValueError, match="already has"):
        org.add_field("Account", "floor__c", type="string")
    with pytest.raises(ValueError, match="ends in __c"):
        org.add_field("Account", "Floor", type="string")
    with pytest.raises(ValueError, match="there is no type"):
        org.add_field("Account", "X__c", type="colour")


async def test_a_new_formula_is_computed(reader: Api) -> None:
    org = reader.org
    account = org.insert("Account", Name="A", Phone="1")
    org.insert("Contact", LastName="C", AccountId=account)
    org.add_field("Contact", "Account_Phone__c", formula="Account.Phone")
    org.add_field("Contact", "Boss__c", formula="Account.Owner.Name")
    org.add_field("Contact", "Shout__c", formula="UPPER(LastName)", sql="upper({t}.LastName)")
    (found,) = (await reader.query("SELECT Account_Phone__c, Boss__c, Shout__c FROM Contact"))["records"]
    assert (found["Account_Phone__c"], found["Boss__c"], found["Shout__c"]) == ("1", "Ada Admin", "C")
    described = (await fields(reader, "Contact"))["Shout__c"]
    assert (described["calculatedFormula"], described["createable"]) == ("UPPER(LastName)", False)
    with pytest.raises(ValueError, match="sql="):
        org.add_field("Contact", "Y__c", formula="LEFT(LastName, 1)")
    # What a formula names can be neither removed nor changed.
    with pytest.raises(ValueError, match=r"used by the formula Account.Display_Name__c"):
        org.remove_field("Account", "Region__c")
    with pytest.raises(ValueError, match="used by"):
        org.rename_field("Account", "Tier__c", "Level__c")


async def test_a_removed_field_is_unknown(reader: Api) -> None:
    org = reader.org
    account = org.insert("Account", Name="A", Seats__c=Decimal(5))
    org.remove_field("Account", "Seats__c")
    assert "Seats__c" not in await fields(reader, "Account")
    code, message = await reader.query_error("SELECT Seats__c FROM Account")
    assert (code, "No such column 'Seats__c' on entity 'Account'" in message) == ("INVALID_FIELD", True)
    assert (await reader.error("PATCH", f"sobjects/Account/{account}", {"Seats__c": 1}))[0] == "INVALID_FIELD"
    assert "Seats__c" not in await reader.get(f"sobjects/Account/{account}")
    # One of the same name is another field.
    org.add_field("Account", "Seats__c", type="string", length=10)
    assert await reader.names("SELECT Seats__c FROM Account") == [None]
    # Another object's field of a name that a formula uses is not that one.
    org.remove_field("Opportunity", "Region__c")
    with pytest.raises(ValueError, match="standard field"):
        org.remove_field("Account", "Phone")
    with pytest.raises(ValueError, match="has no field"):
        org.remove_field("Account", "Nope__c")


async def test_a_location_goes_with_its_parts(reader: Api) -> None:
    reader.org.remove_field("Account", "HQ_Location__c")
    assert not [name for name in await fields(reader, "Account") if name.startswith("HQ_Location")]


async def test_a_renamed_field_keeps_its_values(reader: Api) -> None:
    org = reader.org
    contact = org.insert("Contact", LastName="C")
    account = org.insert("Account", Name="A", Customer_Number__c="C-1", Primary_Contact__c=contact)
    before = await reader.get(f"sobjects/Account/{account}")
    org.rename_field("Account", "Customer_Number__c", "Debitor__c")
    org.rename_field("Account", "Primary_Contact__c", "Our_Contact__c")
    after = await reader.get(f"sobjects/Account/{account}")
    assert (after["Debitor__c"], after["SystemModstamp"]) == ("C-1", before["SystemModstamp"])
    assert "Customer_Number__c" not in after
    assert (await reader.get("sobjects/Account/Debitor__c/c-1"))["Id"] == account
    assert await reader.names("SELECT Our_Contact__r.LastName, Name FROM Account WHERE Our_Contact__c != null") == [
        {"attributes": {"type": "Contact", "url": f"/services/data/v66.0/sobjects/Contact/{contact}"}, "LastName": "C"}
    ]
    with pytest.raises(ValueError, match="taken"):
        org.rename_field("Account", "Debitor__c", "Tier__c")


@pytest.mark.parametrize(
    ("old", "values", "new", "kept"),
    [
        # Text keeps what fits.
        ({"type": "string", "length": 20}, ["7", "7.256", "seven", " "], {"type": "double", "scale": 2}, [7.0, 7.26]),
        ({"type": "string", "length": 20}, ["12345"], {"type": "string", "length": 3}, ["123"]),
        ({"type": "string", "length": 20}, ["x"], {"type": "textarea", "length": 1000}, ["x"]),
        # Numbers become text, or other numbers if they fit.
        ({"type": "double", "scale": 3}, ["1.500", "20"], {"type": "string", "length": 9}, ["1.5", "20"]),
        ({"type": "double"}, ["5", "500"], {"type": "percent", "precision": 2, "scale": 0}, [5.0]),
        # Picklists keep the values that they have.
        ({"type": "string"}, ["red", "mauve"], {"type": "picklist", "values": ["red", "blue"]}, ["red"]),
        ({"type": "picklist", "values": ["red"]}, ["red"], {"type": "string"}, ["red"]),
        ({"type": "picklist", "values": ["red"]}, ["red"], {"type": "multipicklist", "values": ["red", "x"]}, ["red"]),
        # Everything else is lost.
        ({"type": "multipicklist", "values": ["a", "b"]}, ["a;b"], {"type": "string"}, []),
        ({"type": "date"}, ["2026-01-02"], {"type": "datetime"}, []),
        ({"type": "date"}, ["2026-01-02"], {"type": "string"}, []),
        ({"type": "textarea", "length": 500}, ["5"], {"type": "double"}, []),
        ({"type": "textarea", "length": 500}, ["5"], {"type": "string"}, ["5"]),
        ({"type": "string"}, ["true"], {"type": "boolean"}, []),
        ({"type": "boolean"}, [True], {"type": "string"}, []),
    ],
)
async def test_another_type_converts_values_or_empties_them(
    reader: Api, old: dict[str, Any], values: list[Any], new: dict[str, Any], kept: list[Any]
) -> None:
    org = reader.org
    org.add_field("Account", "Drift__c", **old)
    for number, value in enumerate(values):
        org.insert("Account", Name=str(number), Drift__c=value)
    (stamp, *_) = await reader.names("SELECT SystemModstamp FROM Account")
    org.clock.advance(timedelta(minutes=5))
    given = len([value for value in values if str(value).strip()])
    assert org.retype_field("Account", "Drift__c", **new) == given - len(kept)
    assert (await fields(reader, "Account"))["Drift__c"]["type"] == new["type"]
    found = await reader.query("SELECT Drift__c, SystemModstamp FROM Account ORDER BY Name")
    assert [one["Drift__c"] for one in found["records"] if one["Drift__c"]] == kept
    assert found["records"][0]["SystemModstamp"] == stamp


async def test_what_no_type_change_can_do_is_refused(reader: Api) -> None:
    for field, kind in (("Primary_Contact__c", "string"), ("Tax_Number__c", "string"), ("Display_Name__c", "string")):
        with pytest.raises(ValueError, match="cannot change"):
            reader.org.retype_field("Account", field, type=kind)


async def test_an_object_can_have_hundreds_of_fields(reader: Api) -> None:
    org = reader.org
    org.add_fields("Account", [f"Wide_{number}__c:str20[CUFGNSAP] Wide {number}" for number in range(800)])
    account = org.insert("Account", Name="A", Wide_0__c="first", Wide_799__c="last")
    assert len(await fields(reader, "Account")) > 870
    record = await reader.get(f"sobjects/Account/{account}")
    assert (record["Wide_0__c"], record["Wide_799__c"]) == ("first", "last")
    names = ",".join(f"Wide_{number}__c" for number in range(800))
    assert (await csv(reader, f"SELECT {names} FROM Account")).count("\n") == 2


# -- objects --


async def test_an_object_comes_and_goes(reader: Api) -> None:
    org = reader.org
    account = org.insert("Account", Name="A")
    org.add_object(PROJECT)
    assert "Project__c" in {one["name"] for one in (await reader.get("sobjects"))["sobjects"]}
    project = await reader.create("Project__c", Name="P", Account__c=account, Budget__c=10.5)
    assert await reader.names("SELECT Account__r.Name, Name FROM Project__c WHERE Budget__c > 10") != []
    (found,) = (await reader.query("SELECT Name, (SELECT Name FROM Projects__r) FROM Account"))["records"]
    assert found["Projects__r"]["totalSize"] == 1
    assert await csv(reader, "SELECT Id FROM Project__c") == f'"Id"\n"{project}"\n'
    children = (await reader.get("sobjects/Account/describe"))["childRelationships"]
    assert "Projects__r" in {child["relationshipName"] for child in children}
    org.add_field("Project__c", "Customer__c", type="string")
    org.add_field("Account", "Main_Project__c", type="reference", reference_to="Project__c")
    org.remove_object("Project__c")
    assert "Main_Project__c" not in await fields(reader, "Account")
    assert (await reader.query_error("SELECT Id FROM Project__c"))[0] == "INVALID_TYPE"
    assert (await reader.error("GET", "sobjects/Project__c/describe", status=404))[0] == "NOT_FOUND"
    org.add_object(PROJECT)
    assert await reader.names("SELECT Id FROM Project__c") == []
    with pytest.raises(ValueError, match="taken"):
        org.add_object(PROJECT)
    with pytest.raises(ValueError, match="standard object"):
        org.remove_object("Account")
    with pytest.raises(ValueError, match="details"):
        org.remove_object("Invoice__c")


async def test_a_client_with_an_old_describe_is_told_of_every_change(reader: Api) -> None:
    org = reader.org
    org.clock.freeze()

    async def changed(since: str) -> tuple[int, str]:
        answer = await reader.send("GET", "sobjects/Account/describe", headers={"If-Modified-Since": since})
        return answer.status_code, answer.headers.get("last-modified", since)

    _, since = await changed("Mon, 01 Jan 2001 00:00:00 GMT")
    # Twice in one second.
    for name in ("One__c", "Two__c"):
        org.add_field("Account", name, type="string")
        status, since = await changed(since)
        assert status == 200
    org.clock.advance(timedelta(seconds=2))
    _, since = await changed(since)
    assert (await changed(since))[0] == 304
    org.hide_field("Account", "One__c")
    assert (await changed(since))[0] == 200


async def test_what_was_changed_is_so_after_a_restart(template: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(template, tmp_path / "org")
    async with running_org(folder) as org:
        org.add_object(PROJECT)
        org.add_field("Account", "New__c", type="string")
        org.add_field("Contact", "Phone_Of_It__c", formula="Account.Phone")
        org.rename_field("Account", "Seats__c", "Chairs__c")
        org.remove_field("Account", "Portal__c")
        org.rename_picklist_value("Account", "Industry", "Energy", "Power")
        account = org.insert("Account", Name="A", New__c="n", Chairs__c=Decimal(4), Phone="1")
        org.insert("Project__c", Name="P", Account__c=account)
        org.insert("Contact", LastName="C", AccountId=account)
    async with running_org(folder) as org:
        api = Api(org)
        found = await api.get(f"sobjects/Account/{account}")
        assert (found["New__c"], found["Chairs__c"], "Portal__c" in found) == ("n", 4.0, False)
        assert await api.names("SELECT Phone_Of_It__c FROM Contact") == ["1"]
        assert await api.names("SELECT Name FROM Project__c") == ["P"]
        values = {value["value"] for value in (await fields(api, "Account"))["Industry"]["picklistValues"]}
        assert ("Power" in values, "Energy" in values) == (True, False)
        await api.close()


async def test_drift_over_the_admin_api(reader: Api) -> None:
    body: dict[str, Any] = {"object_name": "Account", "field": "Size__c", "type": "double", "scale": 0}
    await reader.post("/__org/setup/add_field", body, status=200)
    reader.org.insert("Account", Name="A", Size__c=Decimal(3))
    body = {"object_name": "Account", "field": "Size__c", "type": "string"}
    assert await reader.post("/__org/setup/retype_field", body, status=200) == {"result": 0}
    assert await reader.names("SELECT Size__c FROM Account") == ["3"]
    await reader.post("/__org/setup/add_object", {"notation": PROJECT}, status=200)
    await reader.get("sobjects/Project__c/describe")
