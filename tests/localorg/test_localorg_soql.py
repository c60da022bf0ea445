"""What SOQL means and how it fails: SOQL and SOSL Reference."""

from urllib.parse import quote

import pytest

from tests.localorg.api import Api

ALL = {"Acme", "acme beta", "Östlund", "Under_score%", 'O\'Brien "& Sons"\\'}

#: condition -> names found, with the reason
FILTERS = [
    ("Name = 'ACME'", {"Acme"}, "text compares without regard to case"),
    ("Name = 'östlund'", {"Östlund"}, "outside ASCII too"),
    ("Name != 'acme'", ALL - {"Acme"}, "also in !="),
    ("Name LIKE 'acme%'", {"Acme", "acme beta"}, "LIKE ignores case"),
    ("Name LIKE '%öst%'", {"Östlund"}, "outside ASCII too"),
    (r"Name LIKE 'Under\_%'", {"Under_score%"}, "an escaped wildcard is itself"),
    (r"Name LIKE '%\%'", {"Under_score%"}, "an escaped wildcard is itself"),
    (r"Name LIKE 'Acm_'", {"Acme"}, "an underscore is one character"),
    (r"Name = 'O\'Brien \"& Sons\"\\'", {'O\'Brien "& Sons"\\'}, "escapes"),
    ("Name = '\\u00D6stlund'", {"Östlund"}, "a unicode escape"),
    ("Legacy_Key__c = 'abc'", {"Acme"}, "a case-sensitive external id is exact"),
    ("Customer_Number__c = 'c-1'", {"Acme"}, "any other is not"),
    ("AnnualRevenue > 1000", {"acme beta", 'O\'Brien "& Sons"\\'}, "raw numbers, whatever the currency"),
    ("AnnualRevenue > USD1000", {'O\'Brien "& Sons"\\'}, "a currency literal converts: JPY 5000 is little"),
    ("AnnualRevenue = null", {"Under_score%"}, "null test"),
    ("AnnualRevenue != null", ALL - {"Under_score%"}, "null test"),
    ("AnnualRevenue != 1000", ALL - {"Acme"}, "!= keeps rows without a value"),
    ("AnnualRevenue NOT IN (1000, 5000)", ALL - {"Acme", "acme beta"}, "and so does NOT IN"),
    ("NOT AnnualRevenue > 0", {"Östlund", "Under_score%"}, "NOT turns unknown into true"),
    ("NOT (NOT AnnualRevenue > 0)", {"Acme", "acme beta", 'O\'Brien "& Sons"\\'}, "twice is once"),
    ("AnnualRevenue < 999.5", {"Östlund"}, "no row without a value is less"),
    ("AnnualRevenue = 1000.5", set(), "a fraction that the field cannot hold"),
    ("AnnualRevenue >= 999.5 AND AnnualRevenue <= 1000.5", {"Acme"}, "fractions between units"),
    ("Discount_Factor__c = 0.1234", {"Acme"}, "decimals are exact"),
    ("Discount_Factor__c > 0.12339", {"Acme"}, "and compare exactly"),
    ("Is_Strategic__c = null", ALL - {"Acme"}, "a boolean without a value is false"),
    ("Is_Strategic__c != null", {"Acme"}, "so != null is true"),
    ("Parent.Is_Strategic__c = false", ALL - {"Östlund"}, "booleans of a missing parent are false"),
    ("Parent.Name = null", ALL - {"Östlund"}, "a path keeps rows without the parent"),
    ("Parent.Name != 'x'", ALL, "and != too"),
    ("Is_Key_Account__c = true", {"Acme", "Östlund"}, "a formula can be filtered"),
    ("Tier__c IN ('gold', 'BRONZE')", {"Acme", "acme beta"}, "lists ignore case"),
    ("Tier__c IN ('Gold', null)", {"Acme", "Under_score%", 'O\'Brien "& Sons"\\'}, "null in a list"),
    ("Tier__c NOT IN ('Gold')", ALL - {"Acme"}, "NOT IN keeps rows without a value"),
    ("Segments__c INCLUDES ('Enterprise')", {"Acme", "acme beta"}, "one of the values"),
    ("Segments__c INCLUDES ('Enterprise;Startup')", {"Acme"}, "both"),
    ("Segments__c INCLUDES ('Startup', 'Partner')", {"Acme"}, "either"),
    ("Segments__c EXCLUDES ('Startup')", ALL - {"Acme"}, "rows without a value exclude everything"),
    ("Segments__c = 'Startup;Enterprise'", {"Acme"}, "= is the exact set, in any order"),
    ("Contract_Renewal__c = TODAY", {"Acme"}, "a day"),
    ("Contract_Renewal__c = LAST_MONTH", {"acme beta"}, "a month"),
    ("Contract_Renewal__c < THIS_YEAR", {"Under_score%"}, "< is before the range's start"),
    ("Contract_Renewal__c <= LAST_MONTH", {"acme beta", "Under_score%"}, "<= includes the range"),
    ("Contract_Renewal__c > LAST_MONTH", {"Acme"}, "> is after its end"),
    ("Contract_Renewal__c = LAST_N_DAYS:18", {"Acme", "acme beta"}, "n days back to today, both in it"),
    ("Contract_Renewal__c = LAST_N_DAYS:17", {"Acme"}, "one day less"),
    ("Contract_Renewal__c = N_DAYS_AGO:18", {"acme beta"}, "that one day"),
    ("Contract_Renewal__c = LAST_FISCAL_YEAR", {"Under_score%"}, "a fiscal year"),
    ("Contract_Renewal__c = LAST_N_QUARTERS:1", {"Under_score%"}, "the quarter before, not the current one"),
    ("Contract_Renewal__c = 2026-02-28", {"acme beta"}, "a date"),
    ("Last_Review__c = TODAY", {"acme beta"}, "midnight starts the day"),
    ("Last_Review__c = YESTERDAY", {"Acme"}, "and ends the one before"),
    ("Last_Review__c >= 2026-03-18T01:00:00+01:00", {"acme beta"}, "an instant in another zone"),
    ("Last_Review__c < 2026-03-17T23:30:00.001Z", {"Acme"}, "milliseconds count"),
    ("Support_Hours__c = 08:30:00.000Z", {"Acme"}, "a time"),
    ("Id IN (SELECT AccountId FROM Contact)", {"Acme"}, "a semi-join"),
    ("Id NOT IN (SELECT AccountId FROM Contact)", ALL - {"Acme"}, "an anti-join is not fooled by nulls"),
    ("Id IN (SELECT AccountId FROM Opportunity WHERE IsWon = true) AND Name LIKE 'a%'", {"Acme"}, "with a condition"),
    ("Account.Name = 'Acme'", {"Acme"}, "the object's own name may stand in front"),
    ("Owner.Name = 'Ada Admin' AND (Name = 'Acme' OR Name = 'x')", {"Acme"}, "parentheses"),
    ("CALENDAR_YEAR(Contract_Renewal__c) = 2025", {"Under_score%"}, "a date function"),
]


@pytest.mark.parametrize(("condition", "expected", "reason"), FILTERS, ids=[row[0] for row in FILTERS])
async def test_a_condition_finds_what_salesforce_finds(
    filled: Api, condition: str, expected: set[str], reason: str
) -> None:
    assert set(await filled.names(f"SELECT Name FROM Account WHERE {condition}")) == expected, reason


ORDERS = [
    ("Name", ["Acme", "acme beta", 'O\'Brien "& Sons"\\', "Under_score%", "Östlund"]),
    ("Name DESC", ["Östlund", "Under_score%", 'O\'Brien "& Sons"\\', "acme beta", "Acme"]),
    # Nulls come first in both directions, unless asked otherwise; money sorts by its corporate value.
    ("AnnualRevenue", ["Under_score%", "Östlund", "acme beta", "Acme", 'O\'Brien "& Sons"\\']),
    ("AnnualRevenue DESC", ["Under_score%", 'O\'Brien "& Sons"\\', "Acme", "acme beta", "Östlund"]),
    ("AnnualRevenue DESC NULLS LAST", ['O\'Brien "& Sons"\\', "Acme", "acme beta", "Östlund", "Under_score%"]),
    # Picklists sort as they are defined.
    ("Tier__c NULLS LAST, Name", ["Östlund", "Acme", "acme beta", 'O\'Brien "& Sons"\\', "Under_score%"]),
    ("Parent.Name DESC, Name LIMIT 2 OFFSET 1", ["acme beta", 'O\'Brien "& Sons"\\']),
]


@pytest.mark.parametrize(("order", "expected"), ORDERS, ids=[row[0] for row in ORDERS])
async def test_records_come_in_salesforces_order(filled: Api, order: str, expected: list[str]) -> None:
    assert await filled.names(f"SELECT Name FROM Account ORDER BY {order}") == expected


#: query -> code, row, column, last line of the message
ERRORS = [
    ("SELECT Id FRM Account", "MALFORMED_QUERY", 1, 11, "unexpected token: 'FRM'"),
    ("SELECT Id FROM Account WHERE", "MALFORMED_QUERY", 1, 29, "unexpected token: '<EOF>'"),
    ("SELECT Id,\n FROM Account", "MALFORMED_QUERY", 2, 2, "unexpected token: 'FROM'"),
    (
        "SELECT Id FROM Account WHERE Name = 'a' AND Name = 'b' OR Name = 'c'",
        "MALFORMED_QUERY",
        1,
        56,
        "unexpected token: 'OR'",
    ),
    ("SELECT * FROM Account", "MALFORMED_QUERY", 1, 8, "unexpected token: '*'"),
    ("SELECT Id FROM Account LIMIT -1", "MALFORMED_QUERY", 1, 30, "unexpected token: '-1'"),
    ("SELECT Id FROM Account ALL ROWS", "MALFORMED_QUERY", 1, 24, "ALL ROWS not allowed in this context"),
    (
        "SELECT Id FROM Account WITH SECURITY_ENFORCED",
        "MALFORMED_QUERY",
        1,
        29,
        "SECURITY_ENFORCED not allowed in this context",
    ),
    ("SELECT Name n FROM Account", "MALFORMED_QUERY", 1, 8, "only aggregate expressions use field aliasing"),
    ("SELECT Id, id FROM Account", "INVALID_FIELD", 1, 12, "duplicate field selected: id"),
    (
        "SELECT Name, COUNT(Id) FROM Account",
        "MALFORMED_QUERY",
        1,
        8,
        "Field must be grouped or aggregated: Name",
    ),
    (
        "SELECT Id FROM Account WHERE Description = 'x'",
        "INVALID_FIELD",
        1,
        30,
        "field 'Description' can not be filtered in a query call",
    ),
    (
        "SELECT Id FROM Account WHERE BillingAddress = 'x'",
        "INVALID_FIELD",
        1,
        30,
        "field 'BillingAddress' can not be filtered in a query call",
    ),
    (
        "SELECT Id FROM Account ORDER BY Segments__c",
        "MALFORMED_QUERY",
        1,
        33,
        "field 'Segments__c' can not be sorted in a query call",
    ),
    (
        "SELECT CreatedDate FROM Account GROUP BY CreatedDate",
        "MALFORMED_QUERY",
        1,
        42,
        "field 'CreatedDate' can not be grouped in a query call",
    ),
    (
        "SELECT Id FROM Account WHERE Name = 1",
        "INVALID_FIELD",
        1,
        37,
        "value of filter criterion for field 'Name' must be of type string and should be enclosed in quotes",
    ),
    (
        "SELECT Id FROM Account WHERE CreatedDate = '2026-01-01'",
        "INVALID_FIELD",
        1,
        44,
        "value of filter criterion for field 'CreatedDate' must be of type dateTime and should not be enclosed in "
        "quotes",
    ),
    (
        "SELECT Id FROM Account WHERE CreatedDate > 2026-01-01",
        "INVALID_FIELD",
        1,
        44,
        "value of filter criterion for field 'CreatedDate' must be of type dateTime and should not be enclosed in "
        "quotes",
    ),
    ("SELECT Id FROM Account WHERE Id = 'abc'", "INVALID_QUERY_FILTER_OPERATOR", 1, 35, "invalid ID field: abc"),
    (
        "SELECT Id FROM Account WHERE AnnualRevenue LIKE '1%'",
        "INVALID_QUERY_FILTER_OPERATOR",
        1,
        44,
        "invalid operator",
    ),
    (
        r"SELECT Id FROM Account WHERE Name = 'a\d'",
        "MALFORMED_QUERY",
        1,
        37,
        r"Invalid string literal. Illegal character sequence '\d' in string literal.",
    ),
    (
        "SELECT Id FROM Account WHERE Id IN (SELECT OwnerId FROM Contact)",
        "MALFORMED_QUERY",
        1,
        57,
        "The selected field 'OwnerId' in the subquery and the left operand field in the where expression in the "
        "outer query 'Id' should point to the same object type",
    ),
]


@pytest.mark.parametrize(("soql", "code", "row", "column", "text"), ERRORS, ids=[row[0] for row in ERRORS])
async def test_a_wrong_query_says_what_and_where(
    filled: Api, soql: str, code: str, row: int, column: int, text: str
) -> None:
    found, message = await filled.query_error(soql)
    assert found == code
    empty, _, caret, place, last = message.split("\n")
    assert empty == ""
    assert place == f"ERROR at Row:{row}:Column:{column}"
    assert last == text
    assert caret.endswith("^")


async def test_errors_have_the_recorded_texts(filled: Api) -> None:
    assert await filled.query_error("select count() from XYZZY") == (
        "INVALID_TYPE",
        "\nselect count() from XYZZY\n                    ^\nERROR at Row:1:Column:21\nsObject type 'XYZZY' is not "
        "supported. If you are attempting to use a custom object, be sure to append the '__c' after the entity name. "
        "Please reference your WSDL or the describe call for the appropriate names.",
    )
    code, message = await filled.query_error("SELECT Id, SF_date__c FROM Lead")
    assert code == "INVALID_FIELD"
    assert message.endswith(
        "ERROR at Row:1:Column:12\nNo such column 'SF_date__c' on entity 'Lead'. If you are attempting to use a custom "
        "field, be sure to append the '__c' after the custom field name. Please reference your WSDL or the describe "
        "call for the appropriate names."
    )
    code, message = await filled.query_error("SELECT Id, Boss.Name FROM Lead")
    assert (code, "Didn't understand relationship 'Boss' in field path." in message) == ("INVALID_FIELD", True)
    code, message = await filled.query_error("SELECT Id, (SELECT Id FROM Kids) FROM Account")
    assert (code, "Didn't understand relationship 'Kids' in FROM part of query call." in message) == (
        "INVALID_TYPE",
        True,
    )
    assert await filled.query_error("SELECT Id FROM Account OFFSET 2001") == (
        "NUMBER_OUTSIDE_VALID_RANGE",
        "Maximum SOQL offset allowed is 2000",
    )
    assert await filled.query_error("SELECT FIELDS(ALL) FROM Account") == (
        "MALFORMED_QUERY",
        "The SOQL FIELDS function must have a LIMIT of at most 200",
    )


async def test_the_window_of_a_long_query_is_around_the_error(filled: Api) -> None:
    soql = "SELECT Id FROM Account WHERE " + " OR ".join(f"Name = 'n{n}'" for n in range(50)) + " FOO"
    _, message = await filled.query_error(soql)
    window, caret = message.split("\n")[1:3]
    assert len(window) <= 60
    assert window[caret.index("^") :].startswith("FOO")


async def test_too_long_queries_are_refused_by_their_uri(filled: Api) -> None:
    answer = await filled.send("GET", "query?q=" + "x" * 17_000)
    assert answer.status_code == 414


async def test_records_have_selected_fields_in_order_and_canonical_case(filled: Api) -> None:
    answer = await filled.query(
        "SELECT name, id, PARENT.name, owner.username, annualrevenue, numberofemployees, Is_Strategic__c "
        "FROM account WHERE Name = 'Acme'"
    )
    (record,) = answer["records"]
    base = "/services/data/v66.0/sobjects"
    owner = record["Owner"]
    assert list(record) == [
        "attributes",
        "Name",
        "Id",
        "Parent",
        "Owner",
        "AnnualRevenue",
        "NumberOfEmployees",
        "Is_Strategic__c",
    ]
    assert record["attributes"] == {"type": "Account", "url": f"{base}/Account/{record['Id']}"}
    assert record["Parent"] is None
    assert owner["attributes"]["type"] == "User"
    assert owner["Username"] == "admin@localorg.example"
    assert (answer["totalSize"], answer["done"], "nextRecordsUrl" in answer) == (1, True, False)


async def test_values_have_salesforces_json_forms(filled: Api) -> None:
    answer = await filled.send(
        "GET",
        "query?q=SELECT+AnnualRevenue,NumberOfEmployees,Contract_Renewal__c,Last_Review__c,Support_Hours__c,Segments__c,"
        "Discount_Factor__c,BillingAddress,HQ_Location__c,Name+FROM+Account+WHERE+Name='Acme'",
    )
    assert (
        '"AnnualRevenue":1000.0,"NumberOfEmployees":10,"Contract_Renewal__c":"2026-03-18",'
        '"Last_Review__c":"2026-03-17T23:30:00.000+0000","Support_Hours__c":"08:30:00.000Z",'
        '"Segments__c":"Enterprise;Startup","Discount_Factor__c":0.1234,"BillingAddress":null,"HQ_Location__c":null'
    ) in answer.text


async def test_an_address_is_an_object_in_lower_camel_case(filled: Api) -> None:
    (address,) = await filled.names("SELECT BillingAddress FROM Account WHERE BillingCity = 'Cork'")
    assert address == {
        "city": "Cork",
        "country": None,
        "geocodeAccuracy": None,
        "latitude": None,
        "longitude": None,
        "postalCode": None,
        "state": None,
        "street": None,
    }


async def test_a_polymorphic_parent_is_a_name(filled: Api) -> None:
    (task,) = (await filled.query("SELECT Who.Name, What.Type, What.Name, Owner.Name FROM Task"))["records"]
    assert task["Who"]["attributes"]["type"] == "Name"
    assert task["Who"]["attributes"]["url"].startswith("/services/data/v66.0/sobjects/Contact/003")
    assert (task["Who"]["Name"], task["What"]["Type"], task["What"]["Name"]) == ("Ada Lovelace", "Account", "Acme")
    assert await filled.names("SELECT Subject FROM Task WHERE What.Type IN ('Account', 'Case')") == ["Call"]
    assert (await filled.query_error("SELECT What.Industry FROM Task"))[0] == "INVALID_FIELD"


async def test_children_come_inside_and_null_without_any(filled: Api) -> None:
    answer = await filled.query(
        "SELECT Name, (SELECT Name, Email FROM Contacts ORDER BY Name) FROM Account WHERE Name LIKE 'acme%' "
        "ORDER BY Name"
    )
    acme, beta = answer["records"]
    assert acme["Contacts"]["totalSize"] == 1
    assert acme["Contacts"]["done"] is True
    assert acme["Contacts"]["records"][0]["Email"] == "ada@acme.example"
    assert beta["Contacts"] is None


async def test_aggregates_are_named_and_grouped(filled: Api) -> None:
    answer = await filled.query(
        "SELECT Tier__c, COUNT(Id) n, MAX(Name), SUM(NumberOfEmployees) FROM Account GROUP BY Tier__c "
        "HAVING COUNT(Id) >= 1 ORDER BY COUNT(Id) DESC, Tier__c"
    )
    assert answer["totalSize"] == 4
    assert answer["records"][0] == {
        "attributes": {"type": "AggregateResult"},
        "Tier__c": None,
        "n": 2,
        "expr0": "Under_score%",
        "expr1": None,
    }
    assert [record["Tier__c"] for record in answer["records"]] == [None, "Platinum", "Gold", "Bronze"]


async def test_money_is_summed_in_the_corporate_currency(filled: Api) -> None:
    answer = await filled.query("SELECT SUM(AnnualRevenue) FROM Account")
    assert answer["records"][0]["expr0"] == pytest.approx(1000 - 5 + 2000 + 5000 / 149.5)


async def test_counting_answers_no_records(filled: Api) -> None:
    assert await filled.query("SELECT COUNT() FROM Account") == {"totalSize": 5, "done": True, "records": []}
    answer = await filled.query("SELECT COUNT_DISTINCT(Tier__c) c, COUNT(AnnualRevenue) FROM Account")
    assert answer["records"] == [{"attributes": {"type": "AggregateResult"}, "c": 3, "expr0": 4}]


async def test_fields_functions_select_what_their_name_says(filled: Api) -> None:
    (everything,) = (await filled.query("SELECT FIELDS(ALL) FROM Account WHERE Name = 'Acme' LIMIT 200"))["records"]
    (custom,) = (await filled.query("SELECT FIELDS(CUSTOM) FROM Account WHERE Name = 'Acme' LIMIT 1"))["records"]
    (standard,) = (await filled.query("SELECT FIELDS(STANDARD) FROM Account WHERE Name = 'Acme'"))["records"]
    assert all(name.endswith(("__c", "__s")) for name in custom if name != "attributes")
    assert set(everything) == set(custom) | set(standard)


async def test_encrypted_text_is_masked_for_who_may_not_see_it(api: Api) -> None:
    await api.create("Account", Name="A", Tax_Number__c="DE123456789")
    assert await api.names("SELECT Tax_Number__c FROM Account") == ["DE123456789"]
    other = Api(api.org)
    assert await other.names("SELECT Tax_Number__c FROM Account") == ["XXXXXXX6789"]
    await other.close()


async def test_legacy_aliases_work(filled: Api) -> None:
    assert await filled.names("SELECT c.LastName FROM Contact c, c.Account a WHERE a.Name = 'Acme'") == ["Lovelace"]


async def test_what_the_org_cannot_do_is_not_called_an_error_of_salesforce(filled: Api) -> None:
    for soql in (
        "SELECT toLabel(Tier__c), COUNT(Id) FROM Account GROUP BY Tier__c",
        "SELECT toLabel(Tier__c), toLabel(Industry), COUNT(Id) FROM Account GROUP BY Tier__c, Industry",
    ):
        code, _, _ = await filled.error("GET", f"query?q={quote(soql)}", status=501)
        assert code == "LOCALORG_NOT_IMPLEMENTED"
