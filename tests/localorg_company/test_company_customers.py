"""Accounts, contacts, leads, campaigns, cases and activities are believable and agree with one another."""

import unicodedata
from collections import Counter
from datetime import date, datetime, timedelta

from localorg.company.countries import COUNTRIES
from localorg.company.oddities import NAMES, TEXTS
from localorg.company.words import LANGUAGES
from tests.localorg_company.conftest import TODAY, Demo, Record, generate


def moment(record: Record, name: str) -> datetime:
    value = record[name]
    assert isinstance(value, datetime)
    return value


def script(text: object) -> set[str]:
    return {unicodedata.name(char, "?").split(" ")[0] for char in str(text) if char.isalpha()}


def test_customers_come_from_every_country_and_speak_six_languages(demo: Demo) -> None:
    countries = {country.name for country in COUNTRIES}
    assert len(countries) >= 15
    assert countries <= {account["BillingCountry"] for account in demo.tables["Account"]}
    assert [language.code for language in LANGUAGES] == ["en", "de", "fr", "es", "zh", "ja"]
    scripts = Counter(kind for contact in demo.tables["Contact"] for kind in script(contact["Name"]))
    assert scripts["CJK"] > 20
    assert any(script(account["Name"]) & {"KATAKANA"} for account in demo.tables["Account"])


def test_chinese_and_japanese_names_put_the_family_first_and_others_last(demo: Demo) -> None:
    odd = {last for _, last in NAMES}
    for name in ("Contact", "Lead"):
        for record in demo.tables[name]:
            if record["LastName"] in odd:
                continue
            parts = [record["FirstName"], record["LastName"]]
            if script(record["LastName"]) == {"CJK"}:
                parts.reverse()
            assert record["Name"] == " ".join(str(part) for part in parts if part)


def test_mail_and_web_addresses_lead_nowhere(demo: Demo) -> None:
    for name, field in (("Contact", "Email"), ("Lead", "Email"), ("User", "Email"), ("Account", "Website")):
        found = [str(record[field]) for record in demo.tables[name] if record[field]]
        assert found and all(one.endswith(".example") and one.isascii() for one in found)


def test_colleagues_share_the_domain_of_their_firm(demo: Demo) -> None:
    for account, contacts in demo.children("Contact", "AccountId").items():
        if account is None:
            continue
        domains = {str(contact["Email"]).lower().split("@")[1] for contact in contacts if contact["Email"]}
        assert len({domain.removeprefix("mail.") for domain in domains}) <= 1, account


def test_awkward_values_are_all_there(demo: Demo) -> None:
    names = {(contact["FirstName"], contact["LastName"]) for contact in demo.tables["Contact"]}
    assert set(NAMES) <= names
    assert set(TEXTS) <= {account["Description"] for account in demo.tables["Account"]}
    assert any(len(str(account["Name"])) > 200 for account in demo.tables["Account"])


def test_phone_numbers_are_spelled_in_many_ways(demo: Demo) -> None:
    def shape(text: object) -> str:
        return "".join("9" if char.isdigit() else char for char in str(text))

    shapes = Counter(shape(contact["Phone"]) for contact in demo.tables["Contact"] if contact["Phone"])
    assert len(shapes) > 30


def test_some_people_and_firms_were_entered_twice() -> None:
    demo = generate(factor=0.2)
    accounts = Counter(account["Website"] for account in demo.tables["Account"] if account["ParentId"] is None)
    assert max(accounts[site] for site in accounts if site) > 1
    doubles = [
        1
        for contacts in demo.children("Contact", "AccountId").values()
        if len({str(contact["Name"]).lower() for contact in contacts}) < len(contacts)
    ]
    assert doubles


def test_subsidiaries_are_younger_than_their_parents_and_never_their_own(demo: Demo) -> None:
    children = [account for account in demo.tables["Account"] if account["ParentId"]]
    assert children
    for account in children:
        parent = demo.record(account["ParentId"])
        assert parent["ParentId"] is None
        assert moment(parent, "CreatedDate") <= moment(account, "CreatedDate")


def test_contacts_report_to_colleagues_and_some_have_no_account() -> None:
    demo = generate(factor=0.1)
    private = [contact for contact in demo.tables["Contact"] if contact["AccountId"] is None]
    assert 0 < len(private) < 20
    for contact in demo.tables["Contact"]:
        if contact["ReportsToId"]:
            boss = demo.record(contact["ReportsToId"])
            assert boss["Id"] != contact["Id"]
            assert boss["AccountId"] in (contact["AccountId"], None)


def test_a_converted_lead_is_its_account_contact_and_opportunity(demo: Demo) -> None:
    converted = [lead for lead in demo.tables["Lead"] if lead["IsConverted"]]
    assert 0.05 < len(converted) / len(demo.tables["Lead"]) < 0.3
    for lead in demo.tables["Lead"]:
        links = [lead["ConvertedAccountId"], lead["ConvertedContactId"], lead["ConvertedOpportunityId"]]
        assert (lead["Status"] == "Closed - Converted") == lead["IsConverted"] == all(links) == any(links)
    for lead in converted:
        account, contact, deal = (
            demo.record(lead[f"Converted{name}Id"]) for name in ("Account", "Contact", "Opportunity")
        )
        assert lead["Company"] == account["Name"] and lead["Name"] == contact["Name"]
        assert contact["AccountId"] in (account["Id"], None) and deal["AccountId"] == account["Id"]
        for record in (account, contact, deal):
            assert moment(record, "CreatedDate").date() == lead["ConvertedDate"]
        assert moment(lead, "CreatedDate") < moment(deal, "CreatedDate") <= moment(lead, "LastModifiedDate")


def test_open_leads_and_new_cases_wait_in_queues_that_may_own_them(demo: Demo) -> None:
    allowed = {(record["QueueId"], record["SobjectType"]) for record in demo.tables["QueueSobject"]}
    for name in ("Lead", "Case"):
        queued = [record for record in demo.tables[name] if demo.by_id[record["OwnerId"]][0] == "Group"]
        assert queued
        assert all((record["OwnerId"], name) in allowed and not record.get("IsClosed") for record in queued)


def test_campaign_members_are_in_a_campaign_once_and_responses_match_the_status(demo: Demo) -> None:
    keys = [(member["CampaignId"], member["ContactId"] or member["LeadId"]) for member in demo.tables["CampaignMember"]]
    assert len(set(keys)) == len(keys)
    labels = {
        (status["CampaignId"], status["Label"]): status["HasResponded"]
        for status in demo.tables["CampaignMemberStatus"]
    }
    for member in demo.tables["CampaignMember"]:
        assert (member["ContactId"] is None) != (member["LeadId"] is None)
        assert labels[member["CampaignId"], member["Status"]] == member["HasResponded"]
        assert (member["FirstRespondedDate"] is not None) == member["HasResponded"]


def test_campaigns_cost_something_and_bring_deals_that_begin_after_them(demo: Demo) -> None:
    campaigns = demo.tables["Campaign"]
    assert len(campaigns) >= 30
    for campaign in campaigns:
        assert campaign["BudgetedCost"]
        assert (campaign["ActualCost"] is None) == (campaign["Status"] == "Planned" or campaign["ParentId"] is None)
    brought = [deal for deal in demo.tables["Opportunity"] if deal["CampaignId"]]
    assert 0.15 < len(brought) / len(demo.tables["Opportunity"]) < 0.45
    for deal in brought:
        start = demo.record(deal["CampaignId"])["StartDate"]
        assert isinstance(start, date) and start <= moment(deal, "CreatedDate").date()


def test_cases_are_closed_when_their_status_says_so(demo: Demo) -> None:
    closing = {status["ApiName"]: status["IsClosed"] for status in demo.tables["CaseStatus"]}
    for case in demo.tables["Case"]:
        assert closing[case["Status"]] == case["IsClosed"] == (case["ClosedDate"] is not None)
        if case["IsClosed"]:
            assert moment(case, "CreatedDate") < moment(case, "ClosedDate") <= moment(case, "LastModifiedDate")
        if case["ContactId"]:
            assert demo.record(case["ContactId"])["AccountId"] in (case["AccountId"], None)


def test_comments_come_while_the_case_is_open(demo: Demo) -> None:
    for comment in demo.tables["CaseComment"]:
        case = demo.record(comment["ParentId"])
        assert moment(case, "CreatedDate") <= moment(comment, "CreatedDate")
        if case["IsClosed"]:
            assert moment(comment, "CreatedDate") <= moment(case, "ClosedDate")


def test_tasks_are_closed_when_completed_and_some_are_overdue(demo: Demo) -> None:
    closing = {status["ApiName"]: status["IsClosed"] for status in demo.tables["TaskStatus"]}
    tasks = demo.tables["Task"]
    for task in tasks:
        assert closing[task["Status"]] == task["IsClosed"] == (task["CompletedDateTime"] is not None)
    due = [task["ActivityDate"] for task in tasks if not task["IsClosed"]]
    assert any(isinstance(one, date) and one < TODAY for one in due)
    assert any(isinstance(one, date) and one > TODAY for one in due)


def test_activities_belong_to_the_account_of_what_they_are_about(demo: Demo) -> None:
    kinds: Counter[str] = Counter()
    for name in ("Task", "Event"):
        for activity in demo.tables[name]:
            if activity["WhatId"] is None:
                assert demo.by_id[activity["WhoId"]][0] == "Lead" and activity["AccountId"] is None
                kinds["Lead"] += 1
                continue
            kind, what = demo.by_id[activity["WhatId"]]
            kinds[kind] += 1
            assert activity["AccountId"] == (what["Id"] if kind == "Account" else what["AccountId"])
            if activity["WhoId"]:
                assert demo.record(activity["WhoId"])["AccountId"] in (activity["AccountId"], None)
    assert set(kinds) == {"Account", "Opportunity", "Case", "Lead"}


def test_the_last_activity_is_the_latest_event_or_closed_task(demo: Demo) -> None:
    latest: dict[object, date] = {}
    for activity in (*demo.tables["Task"], *demo.tables["Event"]):
        when = activity["ActivityDate"]
        assert isinstance(when, date)
        if activity.get("IsClosed", True):
            for key in {activity["AccountId"], activity["WhoId"], activity["WhatId"]}:
                latest[key] = max(latest.get(key, when), when)
    for name in ("Account", "Contact", "Opportunity", "Lead"):
        assert {record["Id"]: record["LastActivityDate"] for record in demo.tables[name]} == {
            record["Id"]: latest.get(record["Id"]) for record in demo.tables[name]
        }


def test_events_end_after_they_begin(demo: Demo) -> None:
    for event in demo.tables["Event"]:
        begin, end, minutes = moment(event, "StartDateTime"), moment(event, "EndDateTime"), event["DurationInMinutes"]
        assert isinstance(minutes, int)
        assert event["ActivityDateTime"] == begin and event["ActivityDate"] == begin.date()
        assert end - begin == (timedelta(0) if event["IsAllDayEvent"] else timedelta(minutes=minutes))
