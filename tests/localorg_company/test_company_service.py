"""What is written down of deals and cases agrees with them: histories, mails, milestones, quotas, influence."""

from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from localorg.business_time import after, read_hours
from tests.localorg_company.conftest import TODAY, Demo, Record

KEPT = timedelta(days=730)


def moment(record: Record, name: str) -> datetime:
    value = record[name]
    assert isinstance(value, datetime)
    return value


def decimal(value: object) -> Decimal:
    assert isinstance(value, Decimal)
    return value


def text(name: str, value: object) -> str | None:
    """A value as a field history prints it."""
    if value is None:
        return None
    return str(float(str(value))) if name == "Amount" else str(value)


def test_field_histories_of_deals_tell_what_their_history_tells(demo: Demo) -> None:
    told = demo.children("OpportunityFieldHistory", "OpportunityId")
    checked = 0
    for deal, steps in demo.children("OpportunityHistory", "OpportunityId").items():
        rows = {(row["CreatedDate"], row["Field"]): row for row in told.get(deal, []) if row["Field"] != "Owner"}
        for before, after_it in zip(steps, steps[1:], strict=False):
            for name in ("StageName", "Amount", "CloseDate", "Probability"):
                if name == "Probability" and after_it is steps[-1]:
                    continue  # of an open deal it may be somebody's own
                row = rows.get((after_it["CreatedDate"], name))
                old, new = text(name, before[name]), text(name, after_it[name])
                assert row is None or (row["OldValue"], row["NewValue"]) == (old, new)
                assert row is not None or old == new or moment(after_it, "CreatedDate") < kept(demo)
                checked += row is not None
    assert checked > 500


def kept(demo: Demo) -> datetime:
    """What happened since then is still told."""
    return datetime(TODAY.year, TODAY.month, TODAY.day, tzinfo=UTC) - KEPT


def test_field_histories_end_at_what_the_deal_is_and_begin_within_24_months(demo: Demo) -> None:
    last: dict[object, Record] = {}
    rows = sorted(demo.tables["OpportunityFieldHistory"], key=lambda row: moment(row, "CreatedDate"))
    for row in rows:
        if row["Field"] == "Owner" and row["DataType"] == "EntityId":
            assert row["NewValue"] == demo.record(row["OpportunityId"])["OwnerId"] != row["OldValue"]
        last[row["OpportunityId"], row["Field"]] = row
    for row in last.values():
        name = str(row["Field"])
        if name in ("StageName", "Amount", "CloseDate", "ForecastCategoryName"):
            assert row["NewValue"] == text(name, demo.record(row["OpportunityId"])[name])
    assert moment(rows[0], "CreatedDate") > kept(demo) - timedelta(days=2)
    owners = Counter(row["DataType"] for row in rows if row["Field"] == "Owner")
    assert owners["EntityId"] == owners["Text"] > 5


def test_case_histories_lead_from_new_to_the_status_of_now(demo: Demo) -> None:
    fields = Counter(row["Field"] for row in demo.tables["CaseHistory"])
    assert set(fields) == {"created", "Owner", "ownerAccepted", "Status", "closed"}
    reopened = 0
    for case, rows in demo.children("CaseHistory", "CaseId").items():
        steps = [row for row in rows if row["Field"] == "Status"]
        assert all(before["NewValue"] == step["OldValue"] for before, step in zip(steps, steps[1:], strict=False))
        record = demo.record(case)
        if steps:
            assert steps[-1]["NewValue"] == record["Status"]
        closed = [row for row in rows if row["Field"] == "closed"]
        assert not closed or closed[-1]["CreatedDate"] == record["ClosedDate"] or not record["IsClosed"]
        reopened += len(closed) > 1
    assert reopened


def test_the_first_response_is_the_first_mail_or_comment_that_customers_see(demo: Demo) -> None:
    kinds = {record["Id"]: record["Name"] for record in demo.tables["MilestoneType"]}
    comments = demo.children("CaseComment", "ParentId")
    mails = demo.children("EmailMessage", "ParentId")
    answered = 0
    for row in demo.tables["CaseMilestone"]:
        if kinds[row["MilestoneTypeId"]] == "Resolution":
            assert row["CompletionDate"] == demo.record(row["CaseId"])["ClosedDate"]
            continue
        case = row["CaseId"]
        seen = [moment(one, "CreatedDate") for one in comments.get(case, []) if one["IsPublished"]]
        seen += [moment(one, "MessageDate") for one in mails.get(case, []) if not one["Incoming"]]
        if row["CompletionDate"] is None:
            assert not seen
        elif seen:
            answered += 1
            assert min(seen) >= moment(row, "CompletionDate")
    assert answered > 50


def test_some_milestones_are_missed_and_all_know_it(demo: Demo) -> None:
    hours = {one["Id"]: read_hours(one, demo.tables["Holiday"]) for one in demo.tables["BusinessHours"]}
    now = datetime(TODAY.year, TODAY.month, TODAY.day, tzinfo=UTC) - timedelta(hours=14)
    missed = Counter[object]()
    for row in demo.tables["CaseMilestone"]:
        start, minutes = int(moment(row, "StartDate").timestamp()), row["TargetResponseInMins"]
        assert isinstance(minutes, int)
        target = after(hours[row["BusinessHoursId"]], start, minutes * 60)
        assert moment(row, "TargetDate").timestamp() == target
        done = moment(row, "CompletionDate") if row["CompletionDate"] else now
        assert row["IsViolated"] == (done > moment(row, "TargetDate"))
        missed[row["MilestoneTypeId"], row["IsViolated"]] += 1
    for kind in {row["Id"] for row in demo.tables["MilestoneType"]}:
        assert 0.05 < missed[kind, True] / (missed[kind, True] + missed[kind, False]) < 0.4


def test_mails_are_answered_in_their_threads(demo: Demo) -> None:
    mails = demo.tables["EmailMessage"]
    assert {bool(mail["Incoming"]) for mail in mails} == {True, False}
    for mail in mails:
        if mail["ReplyToEmailMessageId"]:
            asked = demo.record(mail["ReplyToEmailMessageId"])
            assert asked["ParentId"] == mail["ParentId"] and asked["Incoming"] and not mail["Incoming"]
            assert moment(asked, "MessageDate") <= moment(mail, "MessageDate")
        assert (mail["Status"] == "3") == (not mail["Incoming"])
    assert len({mail["MessageIdentifier"] for mail in mails}) == len(mails)


def test_every_seller_has_a_quota_for_each_month_of_two_years_and_reaches_60_to_130_percent(demo: Demo) -> None:
    rates = {row["IsoCode"]: decimal(row["ConversionRate"]) for row in demo.tables["CurrencyType"]}
    won: dict[tuple[object, tuple[int, int]], Decimal] = defaultdict(Decimal)
    for deal in demo.tables["Opportunity"]:
        close = deal["CloseDate"]
        assert isinstance(close, date)
        if deal["IsWon"]:
            quarter = (close.year, (close.month - 1) // 3)
            won[deal["OwnerId"], quarter] += decimal(deal["Amount"]) / rates[deal["CurrencyIsoCode"]]
    quotas: dict[tuple[object, tuple[int, int]], list[Record]] = defaultdict(list)
    for row in demo.tables["ForecastingQuota"]:
        start = row["StartDate"]
        assert isinstance(start, date)
        assert demo.record(row["PeriodId"])["StartDate"] == start
        quotas[row["QuotaOwnerId"], (start.year, (start.month - 1) // 3)].append(row)
    owners = Counter(row["QuotaOwnerId"] for row in demo.tables["ForecastingQuota"])
    assert set(owners.values()) == {24} and len(owners) > 15
    current = (TODAY.year, (TODAY.month - 1) // 3)
    shares = []
    for key, rows in quotas.items():
        if key in won and key[1] < current:
            total = sum(decimal(row["QuotaAmount"]) / rates[row["CurrencyIsoCode"]] for row in rows)
            shares.append(won[key] / total)
    assert len(shares) > 20
    assert all(Decimal("0.57") < share < Decimal("1.36") for share in shares)
    assert max(shares) - min(shares) > Decimal("0.4")


def test_influence_of_each_model_adds_up_to_the_deal(demo: Demo) -> None:
    models = {row["Id"]: row for row in demo.tables["CampaignInfluenceModel"]}
    parts: dict[object, list[Record]] = defaultdict(list)
    for row in demo.tables["CampaignInfluence"]:
        deal = demo.record(row["OpportunityId"])
        assert row["CurrencyIsoCode"] == deal["CurrencyIsoCode"]
        if models[row["ModelId"]]["ModelType"] == "1":
            assert (row["CampaignId"], row["RevenueShare"]) == (deal["CampaignId"], deal["Amount"])
        else:
            assert deal["IsWon"]
        parts[row["OpportunityId"], row["ModelId"]].append(row)
    for rows in parts.values():
        assert 99 < sum(decimal(row["Influence"]) for row in rows) <= 100
        assert len({row["CampaignId"] for row in rows}) == len(rows)
    assert max(map(len, parts.values())) > 1


def test_dated_rates_follow_one_another_up_to_the_rate_of_now(demo: Demo) -> None:
    now = {row["IsoCode"]: row["ConversionRate"] for row in demo.tables["CurrencyType"]}
    for iso, rows in demo.children("DatedConversionRate", "IsoCode").items():
        assert rows[0]["StartDate"] == date(1700, 1, 1) and rows[-1]["NextStartDate"] == date(4000, 12, 31)
        assert all(one["NextStartDate"] == two["StartDate"] for one, two in zip(rows, rows[1:], strict=False))
        assert rows[-1]["ConversionRate"] == now[iso]
        assert all(abs(decimal(row["ConversionRate"]) / decimal(now[iso]) - 1) < Decimal("0.07") for row in rows)


def test_old_activities_that_are_over_are_in_the_archive(demo: Demo) -> None:
    limit = TODAY - timedelta(days=365)
    for name in ("Task", "Event"):
        archived = 0
        for row in demo.tables[name]:
            day = row["ActivityDate"]
            assert isinstance(day, date)
            assert row["IsArchived"] == (day <= limit and row.get("IsClosed", True))
            archived += bool(row["IsArchived"])
        assert 0.2 < archived / len(demo.tables[name]) < 0.8
