"""Bulk API 2.0 query jobs: Bulk API 2.0 Developer Guide, "Query"."""

import asyncio
import csv
import io
from datetime import timedelta
from decimal import Decimal
from typing import Any

import httpx2
import pytest

from localorg.ids import record_id
from tests.localorg.api import Api


async def start(api: Api, soql: str, **options: Any) -> dict[str, Any]:
    body = {"operation": "query", "query": soql, **options}
    created: dict[str, Any] = await api.post("jobs/query", body, status=200)
    return created


async def finish(api: Api, job: str) -> dict[str, Any]:
    for _ in range(500):
        info: dict[str, Any] = await api.get(f"jobs/query/{job}")
        if info["state"] in ("JobComplete", "Failed", "Aborted"):
            return info
        await asyncio.sleep(0.01)
    raise AssertionError("the job does not end")


async def results(api: Api, job: str, query: str = "", **headers: str) -> httpx2.Response:
    answer = await api.send("GET", f"jobs/query/{job}/results{query}", headers=headers)
    assert answer.status_code == 200, answer.text
    return answer


async def run(api: Api, soql: str, **options: Any) -> httpx2.Response:
    job = (await start(api, soql, **options))["id"]
    info = await finish(api, job)
    assert info["state"] == "JobComplete", info
    return await results(api, job)


async def test_a_job_is_described_as_documented(api: Api) -> None:
    await api.create("Account", Name="A")
    created = await start(api, "SELECT Id FROM account")
    assert list(created) == [
        *("id", "operation", "object", "createdById", "createdDate", "systemModstamp", "state", "concurrencyMode"),
        *("contentType", "apiVersion", "lineEnding", "columnDelimiter"),
    ]
    assert created["id"].startswith("750")
    assert (created["object"], created["apiVersion"], created["contentType"]) == ("Account", 66.0, "CSV")
    assert created["state"] == "UploadComplete"
    assert created["createdDate"].endswith(".000+0000")
    info = await finish(api, created["id"])
    assert (info["state"], info["numberRecordsProcessed"], info["jobType"]) == ("JobComplete", 1, "V2Query")
    listed = await api.get("jobs/query")
    assert (listed["done"], [job["id"] for job in listed["records"]]) == (True, [created["id"]])


async def test_csv_is_quoted_and_keeps_every_character(api: Api) -> None:
    nasty = 'He said "no, NA",\r\nthen\nleft\u2028\U0001f600'
    await api.create("Account", Name="NA", Description=nasty, AnnualRevenue=None, Tier__c="Gold")
    answer = await run(
        api,
        "SELECT name, Description, AnnualRevenue, Tier__c, Is_Strategic__c, Owner.Name, ParentId, Parent.Name, "
        "Parent.Is_Strategic__c FROM Account",
    )
    assert answer.headers["content-type"] == "text/csv; charset=UTF-8"
    assert answer.text == (
        '"Name","Description","AnnualRevenue","Tier__c","Is_Strategic__c","Owner.Name","ParentId","Parent.Name",'
        '"Parent.Is_Strategic__c"\n'
        f'"NA","{nasty.replace(chr(34), chr(34) * 2)}","","Gold","false","Ada Admin","","",""\n'
    )
    rows = list(csv.reader(io.StringIO(answer.text, newline="")))
    assert rows[1][1] == nasty


#: field, JSON value -> text in CSV
TEXTS = [
    ("Credit_Limit__c", 1000, "1000.0"),
    ("Credit_Limit__c", "1234.56", "1234.56"),
    ("Credit_Limit__c", "0.01", "0.01"),
    ("Credit_Limit__c", "-0.5", "-0.5"),
    ("Credit_Limit__c", 0, "0.0"),
    ("Credit_Limit__c", "9999999.99", "9999999.99"),
    ("Credit_Limit__c", 10_000_000, "1.0E7"),
    ("Credit_Limit__c", "12345678901234.56", "1.234567890123456E13"),
    ("AnnualRevenue", 350_000_000, "3.5E8"),
    ("Discount_Factor__c", "0.0001", "1.0E-4"),
    ("Discount_Factor__c", "0.0012", "0.0012"),
    ("NumberOfEmployees", 12_000_000, "12000000"),
    ("HQ_Location__Latitude__s", "48.137154321098765", "48.13715432109877"),
    ("Health_Score__c", "12.5", "12.5"),
    ("Contract_Renewal__c", "1700-01-01", "1700-01-01"),
    ("Last_Review__c", "2026-01-01T00:00:00+01:00", "2025-12-31T23:00:00.000Z"),
    ("Support_Hours__c", "08:30:00.000Z", "08:30:00.000Z"),
    ("Segments__c", "Partner;Enterprise", "Enterprise;Partner"),
    ("Tax_Number__c", "DE123456789", "XXXXXXX6789"),
    ("Is_Strategic__c", True, "true"),
]


@pytest.mark.parametrize(("field", "value", "text"), TEXTS, ids=[f"{row[0]}={row[1]}" for row in TEXTS])
async def test_values_have_bulk_forms(api: Api, field: str, value: Any, text: str) -> None:
    await api.create("Account", Name="A", **{field: value})
    reader = Api(api.org)
    answer = await run(reader, f"SELECT {field} FROM Account")
    assert answer.text.splitlines() == [f'"{field}"', f'"{text}"']
    await reader.close()


async def test_json_and_csv_say_the_same_number(api: Api) -> None:
    numbers = [Decimal(n) / 100 for n in (-1, 0, 1, 9, 10, 11, 99999, 100000, 999999999, 1000000000, 123456789012345)]
    rows = [(record_id("001", n), "x", number) for n, number in enumerate(numbers, 1)]
    api.org.load("Account", ["Id", "Name", "Credit_Limit__c"], rows)
    found = await api.names("SELECT Credit_Limit__c FROM Account ORDER BY Id")
    text = (await run(api, "SELECT Credit_Limit__c FROM Account ORDER BY Id")).text
    assert [float(line.strip('"')) for line in text.splitlines()[1:]] == found == [float(one) for one in numbers]


async def test_no_rows_are_a_header(api: Api) -> None:
    answer = await run(api, "SELECT Id, Name FROM Account")
    assert answer.text == '"Id","Name"\n'
    assert (answer.headers["sforce-numberofrecords"], answer.headers["sforce-locator"]) == ("0", "null")


@pytest.mark.parametrize(
    ("delimiter", "char"),
    [("BACKQUOTE", "`"), ("CARET", "^"), ("PIPE", "|"), ("SEMICOLON", ";"), ("TAB", "\t"), ("COMMA", ",")],
)
async def test_delimiters_and_line_endings_are_honoured(api: Api, delimiter: str, char: str) -> None:
    await api.create("Account", Name="A")
    answer = await run(api, "SELECT Name, Phone FROM Account", columnDelimiter=delimiter, lineEnding="CRLF")
    assert answer.text == f'"Name"{char}"Phone"\r\n"A"{char}""\r\n'


async def test_pages_follow_their_locators(api: Api) -> None:
    api.org.org.bulk.page_rows = 10
    rows = [(record_id("001", n), f'line "{n}"\nof many') for n in range(1, 26)]
    api.org.load("Account", ["Id", "Name"], rows)
    job = (await start(api, "SELECT Name FROM Account ORDER BY Id"))["id"]
    await finish(api, job)
    expected = [row[1] for row in rows]
    for size in (3, 10, 25, 1000):
        found, locator, pages = [], "", 0
        while locator != "null":
            query = f"?maxRecords={size}" + (f"&locator={locator}" if locator else "")
            answer = await results(api, job, query)
            again = await results(api, job, query)
            assert again.content == answer.content
            page = [row[0] for row in csv.reader(io.StringIO(answer.text, newline=""))]
            assert page[0] == "Name"
            assert len(page) - 1 == int(answer.headers["sforce-numberofrecords"]) <= min(size, 10)
            found += page[1:]
            locator = answer.headers["sforce-locator"]
            pages += 1
        assert found == expected
        assert pages == sum(-(-rows_of_file // min(size, 10)) for rows_of_file in (10, 10, 5))


async def test_parallel_pages_are_listed(api: Api) -> None:
    api.org.load("Account", ["Id", "Name"], [(record_id("001", n), "x") for n in range(1, 120_001)])
    job = (await start(api, "SELECT Id FROM Account"))["id"]
    info = await finish(api, job)
    assert info["numberRecordsProcessed"] == 120_000
    listed = await api.get(f"jobs/query/{job}/resultPages")
    assert (len(listed["resultPages"]), listed["done"]) == (3, True)
    found = []
    for page in listed["resultPages"]:
        text = (await api.send("GET", page["resultUrl"])).text
        found += text.splitlines()[1:]
    assert found == [f'"{record_id("001", n)}"' for n in range(1, 120_001)]


async def test_a_result_is_the_snapshot_of_its_moment(api: Api) -> None:
    account = await api.create("Account", Name="before")
    job = (await start(api, "SELECT Name FROM Account"))["id"]
    await finish(api, job)
    await api.patch(f"sobjects/Account/{account}", {"Name": "after"})
    assert (await results(api, job)).text == '"Name"\n"before"\n'


async def test_query_all_has_deleted_rows(api: Api) -> None:
    account = await api.create("Account", Name="A")
    await api.delete(f"sobjects/Account/{account}")
    assert (await run(api, "SELECT IsDeleted FROM Account")).text == '"IsDeleted"\n'
    assert (await run(api, "SELECT IsDeleted FROM Account", operation="queryAll")).text == '"IsDeleted"\n"true"\n'


async def test_another_version_conflicts(api: Api) -> None:
    job = (await start(api, "SELECT Id FROM Account"))["id"]
    await finish(api, job)
    assert (await api.send("GET", f"/services/data/v65.0/jobs/query/{job}/results")).status_code == 409


async def test_results_are_compressed_only_if_asked(api: Api) -> None:
    await api.create("Account", Name="A")
    job = (await start(api, "SELECT Id FROM Account"))["id"]
    await finish(api, job)
    plain = await results(api, job, "", **{"Accept-Encoding": "identity"})
    packed = await results(api, job, "", **{"Accept-Encoding": "gzip"})
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.content == plain.content


#: query -> code, part of the message
REJECTED = [
    ("SELECT COUNT(Id) FROM Account", "API_ERROR", "not supported in Bulk Query"),
    ("SELECT COUNT() FROM Account", "API_ERROR", "not supported in Bulk Query"),
    ("SELECT Name FROM Account GROUP BY Name", "API_ERROR", "not supported in Bulk Query"),
    ("SELECT Id FROM Account LIMIT 1 OFFSET 1", "MALFORMED_QUERY", "OFFSET"),
    ("SELECT Id, (SELECT Id FROM Contacts) FROM Account", "API_ERROR", "not supported in Bulk Query"),
    (
        "SELECT BillingAddress FROM Account",
        "FUNCTIONALITY_NOT_ENABLED",
        "Selecting compound data not supported in Bulk Query",
    ),
    ("SELECT HQ_Location__c FROM Account", "FUNCTIONALITY_NOT_ENABLED", "compound data"),
    ("SELECT FIELDS(ALL) FROM Account LIMIT 200", "MALFORMED_QUERY", "FIELDS(ALL)"),
    ("SELECT Id FROM OpportunityStage", "INVALIDENTITY", "Entity 'OpportunityStage' is not supported by the Bulk API."),
    ("SELECT Id FRM Account", "MALFORMED_QUERY", "unexpected token: 'FRM'"),
    ("SELECT Nope FROM Account", "INVALID_FIELD", "No such column 'Nope'"),
    ("SELECT Id FROM Nope", "INVALID_TYPE", "is not supported"),
]


@pytest.mark.parametrize(("soql", "code", "text"), REJECTED, ids=[row[0] for row in REJECTED])
async def test_what_bulk_rejects_is_rejected(filled: Api, soql: str, code: str, text: str) -> None:
    found, message, _ = await filled.error("POST", "jobs/query", {"operation": "query", "query": soql})
    assert found == code
    assert text in message


async def test_wrong_jobs_are_refused(filled: Api) -> None:
    for body in (
        {"operation": "insert", "query": "SELECT Id FROM Account"},
        {"operation": "query"},
        {"operation": "query", "query": "SELECT Id FROM Account", "columnDelimiter": "DOT"},
        {"operation": "query", "query": "SELECT Id FROM Account", "contentType": "JSON"},
    ):
        assert (await filled.error("POST", "jobs/query", body))[0] == "INVALIDJOB"
    assert (await filled.error("GET", "jobs/query/750000000000000AAA", status=404))[0] == "NOT_FOUND"


async def test_states_can_be_seen_and_a_job_aborted(api: Api) -> None:
    api.org.org.bulk.delay = 0.2
    job = (await start(api, "SELECT Id FROM Account"))["id"]
    assert (await api.get(f"jobs/query/{job}"))["state"] in ("UploadComplete", "InProgress")
    assert (await api.error("GET", f"jobs/query/{job}/results"))[0] == "INVALIDJOBSTATE"
    assert await api.error("DELETE", f"jobs/query/{job}") == (
        "API_ERROR",
        "Error encountered when deleting the job because the job is not terminated",
        None,
    )
    aborted = await api.patch(f"jobs/query/{job}", {"state": "Aborted"}, status=200)
    assert aborted["state"] == "Aborted"
    await asyncio.sleep(0.3)
    assert (await api.get(f"jobs/query/{job}"))["state"] == "Aborted"
    await api.delete(f"jobs/query/{job}")
    assert (await api.error("GET", f"jobs/query/{job}", status=404))[0] == "NOT_FOUND"


async def test_a_finished_job_cannot_be_aborted(api: Api) -> None:
    job = (await start(api, "SELECT Id FROM Account"))["id"]
    await finish(api, job)
    assert await api.error("PATCH", f"jobs/query/{job}", {"state": "Aborted"}) == (
        "INVALIDJOBSTATE",
        "Aborting already Completed Job not allowed",
        None,
    )


async def test_a_job_that_breaks_says_why(api: Api) -> None:
    api.org.org.bulk.delay = 0.1
    job = (await start(api, "SELECT Id FROM Account"))["id"]
    with api.org.org.store.transaction() as connection:
        connection.execute('ALTER TABLE "Account" RENAME TO "Moved"')
    info = await finish(api, job)
    assert (info["state"], "Account" in info["errorMessage"]) == ("Failed", True)


async def test_results_are_kept_for_seven_days(api: Api) -> None:
    job = (await start(api, "SELECT Id FROM Account"))["id"]
    await finish(api, job)
    api.org.clock.advance(timedelta(days=7, minutes=1))
    api.token = api.org.session(api.org.credentials.admin_username)
    assert (await api.error("GET", f"jobs/query/{job}", status=404))[0] == "NOT_FOUND"
