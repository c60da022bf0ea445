"""SOQL beyond fields and filters: TYPEOF, subtotals, functions that shape, distances, deep subqueries, scopes."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import quote

import pytest

from localorg.fixture import LocalOrg
from tests.localorg.api import Api

GROUPED = "SELECT Type, Industry, COUNT(Id) n FROM Account GROUP BY"


def names(node: Any, *path: str) -> Any:
    """The values of a tree of children: `{"A": ["B"]}` becomes nested lists."""
    head, *rest = path
    below = (node or {}).get("records", [])
    return [(one["Name"], names(one.get(rest[0]), *rest)) if rest else one["Name"] for one in below]


async def test_typeof_shows_other_fields_for_each_object(api: Api) -> None:
    account = await api.create("Account", Name="Acme", Phone="1", NumberOfEmployees=7)
    deal = await api.create("Opportunity", Name="Big", StageName="Prospecting", CloseDate="2026-05-01", Amount=5)
    case = await api.create("Case", Subject="Broken")
    for number, what in enumerate((account, deal, case, None)):
        await api.create("Task", Subject=f"Task {number}", WhatId=what)
    answer = await api.query(
        "SELECT TYPEOF What WHEN Account THEN Phone, Owner.Username WHEN Opportunity THEN Amount, CloseDate "
        "ELSE Name, Type END, Subject FROM Task ORDER BY Subject"
    )
    first, second, third, fourth = [record["What"] for record in answer["records"]]
    assert list(answer["records"][0]) == ["attributes", "What", "Subject"]
    base = "/services/data/v66.0/sobjects"
    assert first["attributes"] == {"type": "Account", "url": f"{base}/Account/{account}"}
    assert (first["Phone"], first["Owner"]["Username"]) == ("1", "admin@localorg.example")
    assert second == {
        "attributes": {"type": "Opportunity", "url": f"{base}/Opportunity/{deal}"},
        "Amount": 5.0,
        "CloseDate": "2026-05-01",
    }
    assert third["attributes"] == {"type": "Name", "url": f"{base}/Case/{case}"}
    assert third["Type"] == "Case"
    assert fourth is None
    answer = await api.query("SELECT TYPEOF What WHEN Account THEN Name END FROM Task ORDER BY Subject")
    assert [record["What"] and record["What"]["Name"] for record in answer["records"]] == ["Acme", None, None, None]


TYPEOF = "TYPEOF What WHEN Account THEN Phone END"
#: query -> code and the last line of the message
REFUSED = [
    (f"SELECT FORMAT(CreatedDate), {TYPEOF} FROM Task", "MALFORMED_QUERY", "TYPEOF is not allowed in queries with"),
    (f"SELECT {TYPEOF}, COUNT(Id) FROM Task GROUP BY WhatId", "MALFORMED_QUERY", "TYPEOF is not allowed in queries"),
    ("SELECT TYPEOF Account WHEN Account THEN Name END FROM Contact", "MALFORMED_QUERY", "TYPEOF can not be used with"),
    ("SELECT TYPEOF What WHEN Contact THEN Name END FROM Task", "MALFORMED_QUERY", "Contact is not an object that"),
    (f"SELECT What.Name, {TYPEOF} FROM Task", "INVALID_FIELD", "duplicate field selected: What"),
    ("SELECT TYPEOF What WHEN Account THEN TYPEOF Owner WHEN User THEN Id END END FROM Task", "MALFORMED_QUERY", ""),
    ("SELECT TYPEOF What WHEN Account THEN FORMAT(Name) END FROM Task", "MALFORMED_QUERY", "unexpected token: '('"),
    (
        f"SELECT Id FROM Account WHERE Id IN (SELECT {TYPEOF} FROM Case)",
        "MALFORMED_QUERY",
        "TYPEOF is not allowed in a",
    ),
    (f"{GROUPED} ROLLUP(Type, Industry, Rating, Site)", "MALFORMED_QUERY", "GROUP BY ROLLUP takes up to 3 fields"),
    (f"{GROUPED} ROLLUP(Type), Industry", "MALFORMED_QUERY", "unexpected token: ','"),
    ("SELECT GROUPING(Type) FROM Account GROUP BY Type", "MALFORMED_QUERY", "GROUPING can only be used with"),
    ("SELECT Id FROM Account WHERE convertCurrency(AnnualRevenue) > 5", "MALFORMED_QUERY", "convertCurrency can not"),
    ("SELECT Id FROM Account ORDER BY convertCurrency(AnnualRevenue)", "MALFORMED_QUERY", "convertCurrency can not be"),
    ("SELECT SUM(convertCurrency(AnnualRevenue)) FROM Account", "MALFORMED_QUERY", "convertCurrency can not be used"),
    ("SELECT convertCurrency(NumberOfEmployees) FROM Account", "MALFORMED_QUERY", "field NumberOfEmployees does not"),
    ("SELECT Id FROM Account ORDER BY toLabel(Tier__c)", "MALFORMED_QUERY", "toLabel can not be used in ORDER BY"),
    ("SELECT toLabel(Name) FROM Account", "MALFORMED_QUERY", "field Name does not support the function toLabel"),
    ("SELECT Tier__c, toLabel(Tier__c) FROM Account", "INVALID_FIELD", "duplicate field selected: Tier__c"),
    ("SELECT FORMAT(Name) FROM Account", "INVALID_FIELD", "field Name does not support the function FORMAT"),
    ("SELECT convertTimezone(CreatedDate) FROM Account", "MALFORMED_QUERY", "Invalid function: CONVERTTIMEZONE"),
    (
        "SELECT Id FROM Account WHERE DISTANCE(BillingAddress, GEOLOCATION(1, 2), 'km') <= 5",
        "INVALID_QUERY_FILTER_OPERATOR",
        "invalid operator",
    ),
    (
        "SELECT Id FROM Account WHERE DISTANCE(GEOLOCATION(1, 2), BillingAddress, 'km') < 5",
        "MALFORMED_QUERY",
        "unexpected token: '('",
    ),
    ("SELECT DISTANCE(Name, GEOLOCATION(1, 2), 'km') FROM Account", "MALFORMED_QUERY", "field Name does not support"),
    (
        "SELECT DISTANCE(BillingAddress, GEOLOCATION(1, 2), 'm') FROM Account",
        "MALFORMED_QUERY",
        "Invalid distance unit",
    ),
    (
        "SELECT COUNT(Id) FROM Account GROUP BY DISTANCE(BillingAddress, GEOLOCATION(1, 2), 'km')",
        "MALFORMED_QUERY",
        "DISTANCE can not be used in GROUP BY",
    ),
    ("SELECT Id FROM Account WITH USER_MODE", "MALFORMED_QUERY", "USER_MODE not allowed in this context"),
    ("SELECT Id FROM Account WITH DATA CATEGORY A__c AT b__c", "MALFORMED_QUERY", "Account has no data categories"),
    ("SELECT Id FROM Account FOR UPDATE", "MALFORMED_QUERY", "FOR UPDATE not allowed in this context"),
    ("SELECT Id, (SELECT Id FROM Contacts ALL ROWS) FROM Account", "MALFORMED_QUERY", "ALL ROWS not allowed in this"),
    ("SELECT Id FROM Account USING SCOPE team", "MALFORMED_QUERY", "Account does not support the scope TEAM"),
    ("SELECT Id FROM Account USING SCOPE sideways", "MALFORMED_QUERY", "unexpected token: 'sideways'"),
    ("SELECT Id FROM Account WHERE Id = '1' OR Id IN (SELECT AccountId FROM Contact)", "MALFORMED_QUERY", "Semi join"),
    ("SELECT Id FROM Account WHERE NOT Id IN (SELECT AccountId FROM Contact)", "MALFORMED_QUERY", "Semi join"),
    ("SELECT Id FROM Contact WHERE Account.Id IN (SELECT AccountId FROM Case)", "MALFORMED_QUERY", "The left operand"),
    ("SELECT Id FROM Account WHERE Id IN (SELECT ParentId FROM Account)", "MALFORMED_QUERY", "The inner and outer"),
    (
        "SELECT Id FROM Account WHERE Id IN (SELECT WhatId FROM Task)",
        "MALFORMED_QUERY",
        "Entity 'Task' is not supported",
    ),
    (
        "SELECT Id FROM Account WHERE Id IN (SELECT AccountId FROM Contact WHERE Id IN (SELECT ContactId FROM Case))",
        "MALFORMED_QUERY",
        "Nesting of semi join",
    ),
    (
        "SELECT Id FROM Account WHERE AnnualRevenue IN (USD5, 6)",
        "MALFORMED_QUERY",
        "Values with and without a currency",
    ),
    (
        "SELECT Id, (SELECT Id FROM Contacts LIMIT 3 OFFSET 1) FROM Account",
        "MALFORMED_QUERY",
        "OFFSET is not allowed in",
    ),
    ("SELECT Id, (SELECT Id FROM Owner.Contacts) FROM Account", "INVALID_TYPE", "Didn't understand relationship"),
    ("SELECT Id FROM Account a, a.Nothing n", "INVALID_TYPE", "Didn't understand relationship 'Nothing'"),
    ("SELECT Id FROM Account, Contact", "INVALID_TYPE", "Didn't understand relationship"),
    ("SELECT Id FROM Account WHERE FOO(Name) = 'a'", "MALFORMED_QUERY", "unexpected token: '('"),
    (f"SELECT Id{', (SELECT Id FROM Contacts)' * 21} FROM Account", "MALFORMED_QUERY", "A query can include up to 20"),
    (f"SELECT Id FROM Account WHERE {'(' * 200}Id = null{')' * 200}", "QUERY_TOO_COMPLICATED", "The query's condition"),
]


@pytest.mark.parametrize(("soql", "code", "text"), REFUSED, ids=[row[0][:90] for row in REFUSED])
async def test_what_salesforce_refuses_is_refused(filled: Api, soql: str, code: str, text: str) -> None:
    found, message = await filled.query_error(soql)
    assert (found, message.split("\n")[-1][: len(text)]) == (code, text)


async def test_typeof_needs_its_version_and_never_bulk(org: LocalOrg) -> None:
    old = Api(org, version="45.0")
    code, message = await old.query_error(f"SELECT {TYPEOF} FROM Task")
    assert (code, message.endswith("Column:15\nunexpected token: 'What'")) == ("MALFORMED_QUERY", True)
    job = {"operation": "query", "query": f"SELECT {TYPEOF} FROM Task"}
    assert (await old.error("POST", "jobs/query", job))[0] == "API_ERROR"
    await old.close()


async def test_subtotals_stand_behind_what_they_sum_up(api: Api) -> None:
    for kind, industry in (("Prospect", "Energy"), ("Prospect", "Energy"), ("Prospect", "Retail"), (None, "Retail")):
        await api.create("Account", Name="A", Type=kind, Industry=industry)

    async def rows(soql: str) -> list[tuple[Any, ...]]:
        records = (await api.query(soql))["records"]
        return [tuple(value for key, value in record.items() if key != "attributes") for record in records]

    assert await rows(f"{GROUPED} ROLLUP(Type, Industry)") == [
        (None, "Retail", 1),
        (None, None, 1),
        ("Prospect", "Energy", 2),
        ("Prospect", "Retail", 1),
        ("Prospect", None, 3),
        (None, None, 4),
    ]
    assert set(await rows(f"{GROUPED} CUBE(Type, Industry)")) == {
        *await rows(f"{GROUPED} ROLLUP(Type, Industry)"),
        (None, "Energy", 2),
        (None, "Retail", 2),
    }
    # GROUPING tells the total of all from the group without a value.
    assert await rows(
        "SELECT GROUPING(Type) g, Type, COUNT(Id) FROM Account WHERE Type = null OR Industry = 'Energy' "
        "GROUP BY ROLLUP(Type) HAVING COUNT(Id) < 3 OR GROUPING(Type) = 1 ORDER BY GROUPING(Type) DESC, COUNT(Id)"
    ) == [(1, None, 3), (0, None, 1), (0, "Prospect", 2)]
    assert await rows(f"{GROUPED} ROLLUP(Type, Industry) ORDER BY COUNT(Id) DESC LIMIT 2") == [
        (None, None, 4),
        ("Prospect", None, 3),
    ]
    assert await rows("SELECT Type, COUNT(Id) FROM Account WHERE Name = 'x' GROUP BY ROLLUP(Type)") == []


async def test_labels_amounts_and_dates_are_shaped_for_the_user(org: LocalOrg) -> None:
    org.insert(
        "Opportunity",
        Name="Big",
        StageName="Prospecting",
        CloseDate=date(2026, 3, 31),
        Amount=Decimal("1234567.5"),
        CurrencyIsoCode="EUR",
    )
    late = datetime(2026, 7, 1, 22, 5, tzinfo=UTC)
    org.insert("Task", Subject="Call", ReminderDateTime=late, RecurrenceType="RecursEveryWeekday")
    user = str(next(row["Id"] for row in org.rows("User") if row["Username"] == org.credentials.username))
    org.update("User", user, TimeZoneSidKey="Europe/Berlin", LocaleSidKey="en_US", DefaultCurrencyIsoCode="USD")
    api = Api(org)
    rate = next(row["ConversionRate"] for row in org.rows("CurrencyType") if row["IsoCode"] == "EUR")
    assert isinstance(rate, Decimal)
    dollars = float(Decimal("1234567.5") / rate)
    (record,) = (
        await api.query(
            "SELECT Amount, convertCurrency(Amount) usd, FORMAT(Amount) shown, FORMAT(convertCurrency(Amount)) own, "
            "FORMAT(CloseDate) FROM Opportunity"
        )
    )["records"]
    assert record["Amount"] == 1234567.5
    assert record["usd"] == pytest.approx(dollars)
    assert record["shown"] == f"EUR 1,234,567.50 (USD {dollars:,.2f})"
    assert record["own"] == f"USD {dollars:,.2f}"
    assert record["CloseDate"] == "3/31/2026"
    soql = "SELECT FORMAT(ReminderDateTime) at, toLabel(RecurrenceType) FROM Task"
    (task_record,) = (await api.query(f"{soql} WHERE toLabel(RecurrenceType) = 'recurs every weekday'"))["records"]
    assert task_record["RecurrenceType"] == "Recurs Every Weekday"
    assert task_record["at"] == "7/2/2026, 12:05 AM"
    # Grouped by the hour of the user's clocks, and of UTC.
    hours = "SELECT HOUR_IN_DAY({0}) h, DAY_ONLY({0}) d FROM Task GROUP BY HOUR_IN_DAY({0}), DAY_ONLY({0})"
    (local,) = (await api.query(hours.format("convertTimezone(ReminderDateTime)")))["records"]
    (utc,) = (await api.query(hours.format("ReminderDateTime")))["records"]
    assert ((local["h"], local["d"]), (utc["h"], utc["d"])) == ((0, "2026-07-02"), (22, "2026-07-01"))
    (grouped,) = (await api.query("SELECT FORMAT(MIN(CloseDate)) earliest FROM Opportunity"))["records"]
    assert grouped["earliest"] == "3/31/2026"
    org.update("User", user, LocaleSidKey="de_DE")
    assert (await api.names("SELECT FORMAT(CloseDate) FROM Opportunity")) == ["31.03.2026"]
    org.update("User", user, LocaleSidKey="en_IN")
    code, _, _ = await api.error("GET", "query?q=SELECT+FORMAT(CloseDate)+FROM+Opportunity", status=501)
    assert code == "LOCALORG_NOT_IMPLEMENTED"
    await api.close()


async def test_dated_rates_convert_opportunities_at_their_close_date(org: LocalOrg) -> None:
    org.load(
        "DatedConversionRate",
        ["Id", "IsoCode", "StartDate", "NextStartDate", "ConversionRate"],
        [
            ("04wgK0000000001QAA", "EUR", date(2025, 1, 1), date(2026, 1, 1), Decimal(2)),
            ("04wgK0000000002QAA", "EUR", date(2026, 1, 1), None, Decimal(4)),
        ],
    )
    for day in (date(2025, 12, 31), date(2026, 1, 1)):
        org.insert(
            "Opportunity", Name="O", StageName="Prospecting", CloseDate=day, Amount=Decimal(8), CurrencyIsoCode="EUR"
        )
    api = Api(org)
    soql = "SELECT convertCurrency(Amount) FROM Opportunity ORDER BY CloseDate"
    assert await api.names(soql) == [4.0, 2.0]
    await api.close()


async def test_distances_are_great_circles_in_miles_or_kilometres(api: Api) -> None:
    places = {"Berlin": (52.52, 13.405), "Paris": (48.8566, 2.3522), "Sydney": (-33.8688, 151.2093)}
    for name, (latitude, longitude) in places.items():
        await api.create("Account", Name=name, HQ_Location__Latitude__s=latitude, HQ_Location__Longitude__s=longitude)
    await api.create("Account", Name="Nowhere")
    far = "DISTANCE(HQ_Location__c, GEOLOCATION(51.5074, -0.1278), '{}')"
    km, mi = far.format("km"), far.format("mi")
    assert await api.names(f"SELECT Name FROM Account WHERE {km} < 1000 ORDER BY {km} DESC") == ["Berlin", "Paris"]
    assert await api.names(f"SELECT Name FROM Account WHERE {mi} > 1000") == ["Sydney"]
    answer = await api.query(f"SELECT Name, {km} d, {mi} FROM Account WHERE Name = 'Paris'")
    (paris,) = answer["records"]
    # Between the two cities' centres, within the shape of the earth.
    assert paris["d"] == pytest.approx(343.5, abs=1.5)
    assert paris["expr0"] == pytest.approx(paris["d"] / 1.609344)
    assert await api.names(f"SELECT {km} FROM Account WHERE Name = 'Nowhere'") == [None]


async def test_subqueries_go_four_levels_down_from_version_58_on(org: LocalOrg) -> None:
    top = org.insert("Account", Name="top")
    parent = top
    for level in range(1, 5):
        parent = org.insert("Account", Name=f"level {level}", ParentId=parent)
    org.insert("Contact", LastName="Low", AccountId=parent)
    new, old = Api(org, version="58.0"), Api(org, version="57.0")

    def nested(levels: int) -> str:
        inner = "SELECT Name FROM ChildAccounts"
        for _ in range(levels - 1):
            inner = f"SELECT Name, ({inner}) FROM ChildAccounts"
        return f"SELECT Name, ({inner}) FROM Account WHERE ParentId = null"

    answer = await new.query(nested(4))
    children = ("ChildAccounts",) * 4
    assert names(answer["records"][0]["ChildAccounts"], *children) == [
        ("level 1", [("level 2", [("level 3", ["level 4"])])])
    ]
    code, message = await new.query_error(nested(5))
    assert (code, "more than 4 levels away" in message) == ("MALFORMED_QUERY", True)
    assert (await old.query(nested(1)))["totalSize"] == 1
    code, message = await old.query_error(nested(2))
    assert (code, "more than 1 level away" in message) == ("MALFORMED_QUERY", True)
    job = {"operation": "query", "query": "SELECT Name, (SELECT Name FROM Contacts) FROM Account"}
    assert "Aggregate Relationships not supported" in (await new.error("POST", "jobs/query", job))[1]
    await new.close()
    await old.close()


async def test_children_of_children_have_pages_of_their_own(org: LocalOrg) -> None:
    top = org.insert("Account", Name="top")
    middle = org.insert("Account", Name="middle", ParentId=top)
    for number in range(201):
        org.insert("Account", Name=f"{number:03}", ParentId=middle)
    api = Api(org)
    soql = "SELECT Name, (SELECT Name, (SELECT Name FROM ChildAccounts ORDER BY Name) FROM ChildAccounts) FROM Account"
    answer = await api.query(f"{soql} WHERE Name = 'top'")
    (below,) = answer["records"][0]["ChildAccounts"]["records"]
    page = below["ChildAccounts"]
    assert (page["totalSize"], page["done"], len(page["records"])) == (201, False, 200)
    rest = await api.get(page["nextRecordsUrl"])
    assert ([one["Name"] for one in rest["records"]], rest["done"]) == (["200"], True)
    await api.close()


async def test_an_alias_of_children_serves_in_a_subquery(filled: Api) -> None:
    answer = await filled.query(
        "SELECT a.Name, (SELECT LastName FROM c) FROM Account a, a.Contacts c WHERE Name = 'Acme'"
    )
    assert answer["records"][0]["Contacts"]["records"][0]["LastName"] == "Lovelace"
    # A relationship without an alias, and an alias behind another.
    soql = "SELECT c.LastName FROM Contact c, c.Account, c.Account a, a.Owner o WHERE o.Alias != null"
    assert await filled.names(soql) == ["Lovelace"]


async def test_fields_of_few_ids_need_no_limit(filled: Api) -> None:
    (identifier,) = await filled.names("SELECT Id FROM Account WHERE Name = 'Acme'")
    answer = await filled.query(f"SELECT FIELDS(ALL) FROM Account WHERE Id IN ('{identifier}') AND Name != null")
    assert answer["records"][0]["Name"] == "Acme"
    code, _ = await filled.query_error("SELECT FIELDS(ALL) FROM Account WHERE Name = 'Acme' LIMIT 201")
    assert code == "MALFORMED_QUERY"


async def test_scopes_are_those_that_describe_lists(filled: Api) -> None:
    for name in ("Account", "Contact", "Product2", "OpportunityLineItem", "User", "Invoice__c"):
        described = await filled.get(f"sobjects/{name}/describe")
        for scope in ("everything", "mine", "delegated"):
            answer = await filled.send("GET", f"query?q=SELECT+Id+FROM+{name}+USING+SCOPE+{scope}")
            listed = scope in [one["name"] for one in described["supportedScopes"]]
            assert (answer.status_code == 200) == listed, (name, scope)
    assert await filled.names("SELECT Name FROM Account USING SCOPE Mine") == []


async def test_for_view_notes_when_and_leaves_the_stamp(org: LocalOrg) -> None:
    org.insert("Account", Name="A")
    before = org.rows("Account")[0]
    org.clock.freeze(datetime(2031, 1, 1, tzinfo=UTC))
    api = Api(org)
    await api.query("SELECT Name FROM Account FOR REFERENCE")
    row = org.rows("Account")[0]
    assert (row["LastViewedDate"], row["LastReferencedDate"]) == (None, datetime(2031, 1, 1, tzinfo=UTC))
    await api.query("SELECT Name FROM Account FOR VIEW UPDATE TRACKING")
    row = org.rows("Account")[0]
    assert (row["LastViewedDate"], row["SystemModstamp"]) == (
        datetime(2031, 1, 1, tzinfo=UTC),
        before["SystemModstamp"],
    )
    await api.close()


async def test_columns_are_told_without_records(filled: Api) -> None:
    soql = "SELECT Id, Name, AnnualRevenue, Owner.Name, (SELECT LastName FROM Contacts) FROM Account"
    answer = await filled.get(f"query?columns=true&q={quote(soql)}")
    assert (answer["entityName"], answer["keyPrefix"], answer["groupBy"], answer["idSelected"]) == (
        "Account",
        "001",
        False,
        True,
    )
    columns = {column["columnName"]: column for column in answer["columnMetadata"]}
    assert list(columns) == ["Id", "Name", "AnnualRevenue", "Owner", "Contacts"]
    assert columns["Name"] == {
        "aggregate": False,
        "apexType": "String",
        "booleanType": False,
        "columnName": "Name",
        "custom": False,
        "displayName": "Name",
        "foreignKeyName": None,
        "insertable": True,
        "joinColumns": [],
        "numberType": False,
        "textType": True,
        "updatable": True,
    }
    assert (columns["AnnualRevenue"]["numberType"], columns["Contacts"]["aggregate"]) == (True, True)
    assert [one["columnName"] for one in columns["Owner"]["joinColumns"]] == ["Name"]
    grouped = await filled.get(f"query?columns=true&q={quote('SELECT Type, COUNT(Id) FROM Account GROUP BY Type')}")
    assert [one["columnName"] for one in grouped["columnMetadata"]] == ["Type", "expr0"]
    assert grouped["groupBy"] is True


async def test_a_query_goes_through_55_relationships(filled: Api) -> None:
    paths = ["CreatedBy", "LastModifiedBy", "Owner"]
    for length in range(4):
        deepest = [path for path in paths if path.count(".") == length]
        paths += [f"{path}.{name}" for path in deepest for name in ("CreatedBy", "Manager")]
    # Shorter paths come first, so each one adds a single relationship.
    for count, status in ((55, 200), (56, 400)):
        soql = f"SELECT {', '.join(f'{path}.Alias' for path in paths[:count])} FROM Account"
        assert (await filled.send("GET", f"query?q={quote(soql)}")).status_code == status


async def test_a_condition_of_a_thousand_parts_is_answered(filled: Api) -> None:
    # A URL holds fewer; a composite request does not.
    many = " OR ".join(f"Name = 'n{number}'" for number in range(3_000))
    soql = quote(f"SELECT Name FROM Account WHERE {many} OR Name = 'Acme'")
    request = {"method": "GET", "url": f"/services/data/v66.0/query?q={soql}", "referenceId": "q"}
    body = {"compositeRequest": [request]}
    answer = await filled.post("composite", body, 200)
    assert answer["compositeResponse"][0]["body"]["totalSize"] == 1
