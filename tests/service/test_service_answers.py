"""What the service answers: the same as the command line in the same name, in shapes that programs can rely on."""

import asyncio
import csv
import io
import json
from decimal import Decimal
from typing import Any

import pytest

from tests.service.service import ADMIN, MARKETING, SALES, SERVICE, Service, running_service


async def told(service: Service, *command: str) -> Any:
    code, out, err = await service.product.run(*command, "--json")
    assert code == 0, err
    return json.loads(out)


@pytest.mark.parametrize("username", [ADMIN, MARKETING, SALES, SERVICE])
async def test_a_search_is_the_command_lines_in_the_same_name(service: Service, username: str) -> None:
    for text in ("gmbh", "open opportunities over 10k", "stage:won"):
        expected = await told(service, "search", text, "--as", username)
        async with service.logged_in(username) as visitor:
            found = await visitor.ask("/search", {"text": text})
        assert found["total"] == expected["total"]
        assert [each["id"] for each in found["hits"]] == [each["id"] for each in expected["hits"]]
        assert found["facets"] == expected["facets"] and found["filters"] == expected["filters"]


async def test_pages_follow_each_other_without_a_gap(service: Service) -> None:
    async with service.logged_in(ADMIN) as visitor:
        whole = await visitor.ask("/search", {"text": "gmbh", "size": 100})
        ids: list[str] = []
        body: dict[str, Any] = {"text": "gmbh", "size": 7}
        while len(ids) < 35:
            page = await visitor.ask("/search", body)
            ids += [each["id"] for each in page["hits"]]
            if page["cursor"] is None:
                break
            body["cursor"] = page["cursor"]
        assert ids == [each["id"] for each in whole["hits"]][: len(ids)] and len(ids) > 14


async def test_an_answer_that_did_not_change_is_not_told_again(service: Service) -> None:
    async with service.logged_in(SALES) as visitor:
        first = await visitor.ask("/search", {"text": "gmbh"})
        again = await visitor.ask("/search", {"text": "gmbh", "tag": first["tag"]})
        assert again == {"unchanged": True, "tag": first["tag"]}
        report = await visitor.ask("/reports/closed-won", {})
        assert (await visitor.ask("/reports/closed-won", {"tag": report["tag"]}))["unchanged"]
        hit = first["hits"][0]
        path = f"/api/v1/records/{hit['object']}/{hit['id']}"
        record = await visitor.http.get(path)
        known = await visitor.http.get(path, headers={"If-None-Match": record.headers["etag"]})
        assert (known.status_code, known.content) == (304, b"")


async def test_suggestions_come_while_one_types(service: Service) -> None:
    async with service.logged_in(ADMIN) as visitor:
        name = (await visitor.ask("/search", {"objects": ["Account"], "size": 1}))["hits"][0]["title"]
        found = (await visitor.ask("/suggest", {"text": name[:5]}))["suggestions"]
        assert 0 < len(found) <= 5 and all("".join(p["text"] for p in each["title"]) for each in found)
        assert (await visitor.ask("/suggest", {"text": name[:1]}))["suggestions"] == []


async def test_a_record_has_the_fields_that_the_person_may_see(service: Service) -> None:
    async with service.logged_in(ADMIN) as visitor:
        hit = (await visitor.ask("/search", {"text": "stage:won", "objects": ["Opportunity"], "size": 1}))["hits"][0]
        whole = await visitor.ask(f"/records/Opportunity/{hit['id']}")
        paths = {each["path"]: each for each in whole["fields"]}
        owner = paths["OwnerId"]
        assert "Amount" in paths and owner["text"] and owner["leads_to"] == ["User", "Group"][: len(owner["leads_to"])]
    async with service.logged_in(SERVICE) as visitor:
        deals = (await visitor.ask("/search", {"objects": ["Opportunity"], "size": 1}))["hits"]
        seen = {each["path"] for each in (await visitor.ask(f"/records/Opportunity/{deals[0]['id']}"))["fields"]}
        assert "StageName" in seen and not seen & {"Amount", "ExpectedRevenue"}


async def test_records_around_a_record_are_found_and_counted(service: Service) -> None:
    async with service.logged_in(ADMIN) as visitor:
        deal = (await visitor.ask("/search", {"objects": ["Opportunity"], "size": 1}))["hits"][0]
        fields = (await visitor.ask(f"/records/Opportunity/{deal['id']}"))["fields"]
        account = next(each["value"] for each in fields if each["path"] == "AccountId")
        around = await visitor.ask(f"/records/Account/{account}/related?kind=children&size=50")
        assert deal["id"] in {each["id"] for each in around["hits"]} or around["total"] > 50
        assert sum(around["counts"].values()) == around["total"]
        for kind in ("similar", "duplicates"):
            assert (await visitor.ask(f"/records/Account/{account}/related?kind={kind}"))["kind"] == kind


@pytest.mark.parametrize(
    "path", ["Account/001000000000000AAA", "Account/001000000000000", "Nope__c/001000000000000AAA"]
)
async def test_what_is_not_there_is_not_found(service: Service, path: str) -> None:
    async with service.logged_in(ADMIN) as visitor:
        assert (await visitor.ask(f"/records/{path}", status=404))["error"]["code"] == "not_found"
        await visitor.ask(f"/records/{path}/related", status=404)


async def test_a_hidden_record_is_as_if_it_were_not_there(service: Service) -> None:
    async with service.logged_in(ADMIN) as admin, service.logged_in(MARKETING) as visitor:
        deal = (await admin.ask("/search", {"objects": ["Opportunity"], "size": 1}))["hits"][0]["id"]
        refused = await visitor.http.get(f"/api/v1/records/Opportunity/{deal}")
        nothing = await visitor.http.get("/api/v1/records/Opportunity/006000000000000AAA")
        assert refused.status_code == nothing.status_code == 404
        assert refused.text.replace(deal, "") == nothing.text.replace("006000000000000AAA", "")


async def test_opened_hits_and_searches_are_recent(service: Service) -> None:
    async with service.logged_in(SERVICE) as visitor:
        found = await visitor.ask("/search", {"text": "stage:won"})
        hit = found["hits"][1]
        await visitor.ask("/click", {"search": found["search"], "id": hit["id"], "rank": 2}, status=204)
        recent = await visitor.ask("/recent")
        assert recent["searches"][0] == "stage:won" and recent["records"][0]["id"] == hit["id"]
    async with service.logged_in(MARKETING) as visitor:
        await visitor.ask("/click", {"search": found["search"], "id": hit["id"], "rank": 2}, status=404)
        assert (await visitor.ask("/recent"))["records"] == []


@pytest.mark.parametrize("username", [ADMIN, SALES])
async def test_a_report_is_the_command_lines_in_the_same_name(service: Service, username: str) -> None:
    expected = await told(service, "report", "closed-won", "--by", "quarter", "--as", username)
    async with service.logged_in(username) as visitor:
        found = await visitor.ask("/reports/closed-won", {"by": ["quarter"], "chart": True})
    assert found["rows"] == expected["rows"] and found["total"] == expected["total"]
    assert (found["chart"] is None) == (not found["rows"])


async def test_the_records_behind_a_row_are_as_many_as_it_counts_and_add_up(service: Service) -> None:
    async with service.logged_in(ADMIN) as visitor:
        report = await visitor.ask("/reports/closed-won", {"by": ["quarter"]})
        for row in report["rows"][:3]:
            behind = await visitor.ask(
                "/reports/closed-won/records", {"by": ["quarter"], "keys": row["key"], "size": 1_000}
            )
            assert behind["total"] == row["count"] == len(behind["records"])
            assert sum(Decimal(str(each["x.amt"])) for each in behind["records"]) == Decimal(row["amount"])


@pytest.mark.parametrize("form", ["csv", "html", "json"])
async def test_an_export_is_a_file_of_the_same_numbers_and_is_noted(service: Service, form: str) -> None:
    async with service.logged_in(ADMIN) as visitor:
        report = await visitor.ask("/reports/closed-won", {"by": ["year"]})
        body = {"report": "closed-won", "question": {"by": ["year"]}, "form": form}
        answer = await visitor.http.post("/api/v1/export", json=body)
        assert answer.status_code == 200 and "attachment" in answer.headers["content-disposition"]
        if form == "csv":
            rows = list(csv.DictReader(io.StringIO(answer.text)))
            assert [row["amount"] for row in rows[:-1]] == [row["amount"] for row in report["rows"]]
        audit = (await visitor.ask("/admin/audit"))["audit"]
        assert (audit[0]["action"], audit[0]["what"]) == ("export", f"closed-won as {form}")


async def test_every_report_that_is_listed_answers(service: Service) -> None:
    async with service.logged_in(SALES) as visitor:
        listed = (await visitor.ask("/reports"))["reports"]
        assert len(listed) > 30
        for each in listed:
            answer = await visitor.http.post(f"/api/v1/reports/{each['name']}", json={"chart": True, "top": 10})
            assert answer.status_code in (200, 400), (each["name"], answer.text)
            assert (await visitor.http.get(f"/api/v1/reports/{each['name']}")).status_code == 200
            if answer.status_code == 400:
                assert answer.json()["error"]["message"]


async def test_everybody_is_told_how_current_the_answers_are(service: Service) -> None:
    async with service.logged_in(SALES) as visitor:
        status = await visitor.ask("/status")
        assert status["elasticsearch"] and status["synced_at"] and status["people_read_at"]
        assert {"Account", "Opportunity"} <= {each["object"] for each in status["objects"]}


async def test_administrators_look_after_the_search_and_it_is_written_down(service: Service) -> None:
    async with service.logged_in(ADMIN) as visitor:
        name = (await visitor.ask("/search", {"objects": ["Account"], "size": 1}))["hits"][0]
        assert (await visitor.ask("/search", {"text": "quuxword", "verbatim": True}))["total"] == 0
        await visitor.ask("/admin/synonyms", {"words": ["quuxword", "gmbh"]}, status=204)
        assert (await visitor.ask("/search", {"text": "quuxword", "verbatim": True}))["total"] > 0
        assert (await visitor.http.delete("/api/v1/admin/synonyms?word=quuxword")).status_code == 204
        await visitor.ask("/admin/promoted", {"query": "gmbh", "records": [name["id"]]}, status=204)
        assert (await visitor.ask("/search", {"text": "gmbh"}))["hits"][0]["id"] == name["id"]
        assert (await visitor.http.delete("/api/v1/admin/promoted?query=gmbh")).status_code == 204
        actions = [each["action"] for each in (await visitor.ask("/admin/audit"))["audit"][:4]]
        assert actions == ["unpromote", "promote", "remove synonyms", "add synonyms"]
        why = await visitor.ask(f"/admin/access?user={SALES}&record={name['id']}")
        assert isinstance(why["seen"], bool) and why["reasons"]
        status = await visitor.ask("/admin/status")
        assert {each["object"] for each in status["objects"]} >= {"Account", "Case"}
        assert 0 < status["calls"] <= status["calls_of_ours"] == status["usage"]["allowed"] // 2
        assert 0 < status["usage"]["used"] < status["usage"]["allowed"]


async def test_a_change_in_the_org_is_in_the_answers_seconds_later(service: Service) -> None:
    watching = await service.product.start("sync", "--watch", "--json")
    drained = asyncio.create_task(watching.communicate())
    try:
        async with service.logged_in(ADMIN) as visitor:
            first = await visitor.ask("/search", {"text": "zebrafinch"})
            record = service.org.insert("Account", Name="Zebrafinch Testworks")
            async with asyncio.timeout(60):
                while (found := await visitor.ask("/search", {"text": "zebrafinch", "tag": first["tag"]})).get(
                    "unchanged"
                ):
                    await asyncio.sleep(0.3)
            assert [each["id"] for each in found["hits"]] == [record]
    finally:
        watching.terminate()
        await drained


async def test_the_service_ends_what_it_answers_before_it_leaves(service: Service) -> None:
    async with running_service(service.product, service.org) as other, other.logged_in(ADMIN) as visitor:
        whole = (await visitor.ask("/reports/sales-cycle", {}))["rows"]
        asked = [asyncio.create_task(visitor.ask("/reports/sales-cycle", {})) for _ in range(4)]
        await asyncio.sleep(0.05)
        assert not any(each.done() for each in asked)
        other.process.terminate()
        assert [(await each)["rows"] for each in asked] == [whole] * 4
        assert await asyncio.wait_for(other.process.wait(), 30) == 0
