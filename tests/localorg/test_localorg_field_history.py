"""Histories that the org writes itself: Object Reference, OpportunityFieldHistory and CaseHistory."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from localorg.fixture import LocalOrg
from tests.localorg.api import Api

Rows = list[tuple[str, str, Any, Any]]


async def rows(api: Api, name: str, parent: str) -> Rows:
    field = "OpportunityId" if name == "OpportunityFieldHistory" else "CaseId"
    soql = f"SELECT Field, DataType, OldValue, NewValue FROM {name} WHERE {field} = '{parent}' ORDER BY Id"
    found = (await api.query(soql))["records"]
    return [(row["Field"], row["DataType"], row["OldValue"], row["NewValue"]) for row in found]


def colleague(org: LocalOrg, name: str = "Colleague") -> str:
    return org.create_user(f"{name.lower()}@localorg.example", profile="Standard User", LastName=name)


async def test_a_new_owner_makes_two_rows_one_of_ids_and_one_of_names(api: Api) -> None:
    deal = api.org.insert("Opportunity", Name="D", StageName="Prospecting", CloseDate=date(2026, 5, 1))
    admin, other = (await api.get(f"sobjects/Opportunity/{deal}"))["OwnerId"], colleague(api.org)
    await api.patch(f"sobjects/Opportunity/{deal}", {"OwnerId": other, "Amount": 12.5})
    assert await rows(api, "OpportunityFieldHistory", deal) == [
        ("created", "Text", None, None),
        ("Amount", "Currency", None, "12.5"),
        ("Owner", "EntityId", admin, other),
        ("Owner", "Text", "Ada Admin", "Colleague"),
    ]
    # What changes nothing, or what is not tracked, writes nothing.
    await api.patch(f"sobjects/Opportunity/{deal}", {"OwnerId": other, "Description": "x"})
    assert len(await rows(api, "OpportunityFieldHistory", deal)) == 4


async def test_a_case_tells_of_its_assignment_its_closing_and_its_reopening(api: Api) -> None:
    queue = api.org.create_queue("Support", members=[], objects=["Case"])
    case = await api.create("Case", Subject="C", OwnerId=queue)
    admin = (await api.get(f"sobjects/Case/{case}"))["CreatedById"]
    other = colleague(api.org)
    for change in ({"OwnerId": admin}, {"OwnerId": other}, {"Status": "Closed"}, {"Status": "Working"}):
        await api.patch(f"sobjects/Case/{case}", change)
    assert [(field, before, after) for field, _, before, after in await rows(api, "CaseHistory", case)] == [
        ("created", None, None),
        ("Owner", queue, admin),
        ("Owner", "Support", "Ada Admin"),
        ("ownerAccepted", None, None),
        ("Owner", admin, other),
        ("Owner", "Ada Admin", "Colleague"),
        ("ownerAssignment", None, None),
        ("Status", "New", "Closed"),
        ("closed", None, None),
        ("Status", "Closed", "Working"),
    ]


@pytest.mark.parametrize("name", ["OpportunityFieldHistory", "CaseHistory"])
async def test_histories_are_read_only_and_hide_their_values_from_filters(api: Api, name: str) -> None:
    described = await api.get(f"sobjects/{name}/describe")
    assert [described[f"{verb}able"] for verb in ("create", "update", "delet", "replicate")] == [False] * 3 + [True]
    assert described["keyPrefix"] is None
    code, _ = await api.query_error(f"SELECT Id FROM {name} WHERE NewValue = 'x'")
    assert code == "INVALID_FIELD"


async def test_rows_about_a_field_are_seen_by_who_may_read_the_field(org: LocalOrg, api: Api) -> None:
    deal = org.insert("Opportunity", Name="D", StageName="Prospecting", CloseDate=date(2026, 5, 1), Amount=Decimal(1))
    org.update("Opportunity", deal, Amount=Decimal(2), Name="E")
    person = colleague(org)
    him = Api(org, org.login_as(person))
    assert [row[0] for row in await rows(him, "OpportunityFieldHistory", deal)] == ["created", "Amount", "Name"]
    (row,) = await api.names("SELECT Id FROM OpportunityFieldHistory WHERE Field = 'Amount'")
    org.hide_field("Opportunity", "Amount", person)
    assert [row[0] for row in await rows(him, "OpportunityFieldHistory", deal)] == ["created", "Name"]
    assert not org.may_read(person, row)
    await him.close()
