"""The Pub/Sub API: topics, flow control, replay, sessions, allocation, and how calls are refused."""

import asyncio
from datetime import timedelta
from typing import Any

import grpc
import pytest

from localorg.fixture import LocalOrg
from tests.localorg.api import Api
from tests.localorg.pubsub import ACCOUNTS, EVERYTHING, LATEST, PubSub, refusal

INVALID = grpc.StatusCode.INVALID_ARGUMENT
UNAUTHENTICATED = grpc.StatusCode.UNAUTHENTICATED


def accounts(org: LocalOrg, count: int) -> list[str]:
    """New accounts, each in a transaction of its own."""
    return [org.insert("Account", Name=f"Account {number}") for number in range(count)]


async def test_a_topic_names_its_schema(org: LocalOrg, bus: PubSub) -> None:
    topic = await bus.topic(ACCOUNTS)
    assert (topic.topic_name, topic.tenant_guid) == (ACCOUNTS, org.org.id)
    assert (topic.can_subscribe, topic.can_publish) == (True, False)
    schema = await bus.schema(topic.schema_id)
    assert schema.schema_id == topic.schema_id and len(topic.schema_id) == 22
    accounts(org, 1)
    (change,) = await bus.changes(1)
    assert change.schema_id == topic.schema_id
    assert (await bus.topic(EVERYTHING)).schema_id == ""


@pytest.mark.parametrize(
    ("topic", "code"),
    [
        ("", "topic.validation.empty"),
        ("/data/UserRoleChangeEvent", "topic.not.found"),
        # An object that can have events, but is not selected.
        ("/data/CampaignChangeEvent", "topic.not.found"),
        ("/data/Own__chn", "topic.not.found"),
        ("/event/Anything__e", "topic.not.found"),
        ("AccountChangeEvent", "topic.not.found"),
    ],
)
async def test_unknown_topics_are_refused(bus: PubSub, topic: str, code: str) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await bus.topic(topic)
    assert refusal(caught.value)[1] == code
    assert (await (await bus.subscribe(topic)).error())[1] == code


async def test_an_unknown_schema_is_refused(bus: PubSub) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await bus.schema("AAAAAAAAAAAAAAAAAAAAAA")
    assert refusal(caught.value) == (INVALID, "schema.validation.failed")


async def test_what_the_org_does_not_do_is_unimplemented(org: LocalOrg) -> None:
    credentials = grpc.ssl_channel_credentials(org.ca_file.read_bytes())
    async with grpc.aio.secure_channel(org.pubsub, credentials) as channel:
        calls: dict[str, Any] = {
            "Publish": channel.unary_unary("/eventbus.v1.PubSub/Publish", bytes)(b""),
            "PublishStream": channel.stream_stream("/eventbus.v1.PubSub/PublishStream")(),
            "ManagedSubscribe": channel.stream_stream("/eventbus.v1.PubSub/ManagedSubscribe")(),
        }
        for method, call in calls.items():
            assert await call.code() == grpc.StatusCode.UNIMPLEMENTED
            assert method in await call.details()


@pytest.mark.parametrize(
    "metadata",
    [{"accesstoken": ""}, {"instanceurl": ""}, {"tenantid": ""}, {"tenantid": "00DgK0000000001"}],
    ids=["no token", "no instance", "no tenant", "15 characters"],
)
async def test_incomplete_metadata_is_refused(org: LocalOrg, metadata: dict[str, str]) -> None:
    bus = PubSub(org, **metadata)
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await bus.topic(ACCOUNTS)
    assert refusal(caught.value) == (UNAUTHENTICATED, "service.auth.headers.invalid")
    assert await (await bus.subscribe()).error() == (UNAUTHENTICATED, "service.auth.headers.invalid")
    await bus.close()


@pytest.mark.parametrize("metadata", [{"accesstoken": "00D!wrong"}, {"tenantid": "00DgK0000000002AAA"}])
async def test_a_session_of_nobody_is_refused(org: LocalOrg, metadata: dict[str, str]) -> None:
    bus = PubSub(org, **metadata)
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await bus.schema("any")
    assert refusal(caught.value) == (UNAUTHENTICATED, "service.auth.error")
    await bus.close()


async def test_a_stream_ends_with_its_session(org: LocalOrg, bus: PubSub) -> None:
    stream = await bus.subscribe()
    accounts(org, 1)
    await stream.changes(1)
    org.clock.advance(timedelta(hours=2))
    assert await stream.error() == (UNAUTHENTICATED, "service.auth.error")


async def test_new_events_reach_a_stream_that_waits_for_them(org: LocalOrg, api: Api, bus: PubSub) -> None:
    org.org.journal.settings.keepalive = 0.1
    accounts(org, 1)
    stream = await bus.subscribe(preset=LATEST)
    await stream.keepalive()
    # From its next sleep on nothing but an event wakes the stream.
    org.org.journal.settings.keepalive = org.org.journal.settings.look_again = 270
    for name in ("first", "second"):
        record = await api.create("Account", Name=name)
        assert (await stream.changes(1))[0].ids == [record]


async def test_no_more_comes_than_was_asked_for(org: LocalOrg, bus: PubSub) -> None:
    ids = accounts(org, 5)
    stream = await bus.subscribe(count=2)
    first = await stream.response()
    assert (len(first.events), first.pending_num_requested) == (2, 0)
    await stream.request(1)
    second = await stream.response()
    assert (len(second.events), second.pending_num_requested) == (1, 0)
    await stream.request(10)
    third = await stream.response()
    assert (len(third.events), third.pending_num_requested) == (2, 8)
    assert third.latest_replay_id == third.events[-1].replay_id
    events = [await bus.decode(event) for answer in (first, second, third) for event in answer.events]
    assert [one.ids for one in events] == [[one] for one in ids]


async def test_what_is_outstanding_is_clamped_at_a_hundred(org: LocalOrg, bus: PubSub) -> None:
    accounts(org, 120)
    stream = await bus.subscribe(count=100)
    assert (await stream.response()).pending_num_requested == 0
    await stream.request(500)
    answer = await stream.response()
    assert (len(answer.events), answer.pending_num_requested) == (20, 80)


async def test_a_stream_without_requests_ends_after_a_minute(org: LocalOrg, bus: PubSub) -> None:
    org.org.journal.settings.fetch_timeout = 0.2
    accounts(org, 2)
    stream = await bus.subscribe(count=1)
    await stream.changes(1)
    with pytest.raises(EOFError):
        await stream.response()


async def test_a_quiet_stream_gets_keepalives_to_resume_after(org: LocalOrg, bus: PubSub) -> None:
    org.org.journal.settings.keepalive = 0.1
    accounts(org, 1)
    contacts = await bus.subscribe("/data/ContactChangeEvent", count=3)
    answer = await contacts.keepalive()
    # Newer than anything the stream delivered: another topic's event.
    assert answer.latest_replay_id == (await bus.changes(1))[0].replay_id
    assert answer.pending_num_requested == 3
    org.clock.advance(timedelta(hours=71))
    fresh = PubSub(org)
    stream = await fresh.subscribe("/data/ContactChangeEvent", replay=answer.latest_replay_id)
    renewed = await stream.keepalive()
    # A quiet org's place moves on, so that it is still known when the event is not kept any more.
    assert renewed.latest_replay_id > answer.latest_replay_id
    org.clock.advance(timedelta(hours=71))
    later = PubSub(org)
    contact = org.insert("Contact", LastName="At last")
    resumed = await later.subscribe("/data/ContactChangeEvent", replay=renewed.latest_replay_id)
    assert (await resumed.changes(1))[0].ids == [contact]
    await fresh.close()
    await later.close()


@pytest.mark.parametrize("length", [8, 10])
async def test_a_stream_resumes_after_a_replay_id(org: LocalOrg, bus: PubSub, length: int) -> None:
    ids = accounts(org, 3)
    first = (await bus.changes(3))[0]
    assert len(first.replay_id) == 10 and first.replay_id[8:] == b"\0\0"
    stream = await bus.subscribe(replay=first.replay_id[:length])
    assert [one.ids for one in await stream.changes(2)] == [[ids[1]], [ids[2]]]


@pytest.mark.parametrize(
    ("replay", "code"),
    [
        (b"", "subscription.fetch.replayid.validation.failed"),
        (b"12907414", "subscription.fetch.replayid.corrupted"),
        (b"\0\0\0\0\0\0\0\1", "subscription.fetch.replayid.corrupted"),
        (b"\xff" * 10, "subscription.fetch.replayid.corrupted"),
        (b"short", "subscription.fetch.replayid.corrupted"),
    ],
)
async def test_a_bad_replay_id_is_refused(bus: PubSub, replay: bytes, code: str) -> None:
    assert await (await bus.subscribe(replay=replay)).error() == (INVALID, code)


async def test_a_replay_id_older_than_72_hours_is_refused(org: LocalOrg, bus: PubSub) -> None:
    accounts(org, 1)
    (change,) = await bus.changes(1)
    org.clock.advance(timedelta(hours=73))
    fresh = PubSub(org)
    stream = await fresh.subscribe(replay=change.replay_id)
    assert await stream.error() == (INVALID, "subscription.fetch.replayid.corrupted")
    await fresh.close()


async def test_bad_requests_end_a_stream(org: LocalOrg, bus: PubSub) -> None:
    none = await bus.subscribe(count=0)
    assert await none.error() == (INVALID, "subscription.fetch.requested.events.invalid")
    other = await bus.subscribe()
    await other.request(1, "/data/ContactChangeEvent")
    assert await other.error() == (INVALID, "subscription.fetch.topic.mismatch")


async def test_deliveries_are_counted_per_subscriber_and_limited(org: LocalOrg, api: Api, bus: PubSub) -> None:
    org.org.deliveries.most = 5
    accounts(org, 3)
    await bus.changes(3)
    limits = await api.get("limits")
    assert limits["DailyDeliveredPlatformEvents"] == {"Max": 5, "Remaining": 2}
    assert "HourlyPublishedPlatformEvents" in limits
    stream = await bus.subscribe()
    assert len((await stream.response()).events) == 2
    assert await stream.error() == (grpc.StatusCode.RESOURCE_EXHAUSTED, "subscription.limit.exceeded")
    org.clock.advance(timedelta(hours=25))
    fresh = PubSub(org)
    assert len(await fresh.changes(3)) == 3
    await fresh.close()


async def test_two_streams_get_the_same_events(org: LocalOrg, bus: PubSub) -> None:
    one, other = await bus.subscribe(), await bus.subscribe(EVERYTHING)
    ids = accounts(org, 10)
    for stream in (one, other):
        assert [change.ids[0] for change in await stream.changes(10)] == ids


async def test_who_may_not_see_all_records_cannot_subscribe(org: LocalOrg) -> None:
    profile = org.org.store.scalar('SELECT "Id" FROM "Profile" WHERE "Name" = ?', ("Standard User",))
    name = "standard@localorg.example"
    people = {"LastName": "S", "Username": name, "Email": name, "Alias": "s", "CommunityNickname": "s"}
    zone = {"TimeZoneSidKey": "GMT", "LocaleSidKey": "en_US", "LanguageLocaleKey": "en_US"}
    org.insert("User", ProfileId=profile, IsActive=True, EmailEncodingKey="UTF-8", **people, **zone)
    bus = PubSub(org, org.session(name))
    accounts(org, 1)
    assert not (await bus.topic(ACCOUNTS)).can_subscribe
    refused = await (await bus.subscribe()).error()
    assert refused == (grpc.StatusCode.PERMISSION_DENIED, "subscription.topic.cannot.subscribe")
    org.org.journal.settings.keepalive = 0.1
    # The channel of all objects leaves out what he may not see.
    await (await bus.subscribe(EVERYTHING)).keepalive()
    await bus.close()


async def test_a_selection_takes_effect_in_open_streams(org: LocalOrg, bus: PubSub) -> None:
    org.select_for_cdc(["Contact"])
    stream = await bus.subscribe(EVERYTHING)
    org.insert("Contact", LastName="before")
    await stream.changes(1)
    org.select_for_cdc(["Account"])
    record = org.insert("Account", Name="after")
    assert (await stream.changes(1))[0].ids == [record]


async def test_the_web_stays_alive_while_events_stream(org: LocalOrg, api: Api, bus: PubSub) -> None:
    stream = await bus.subscribe()

    async def take() -> int:
        taken = 0
        while taken < 400:
            answer = await stream.response()
            taken += len(answer.events)
            await stream.request(100)
        return taken

    taking = asyncio.create_task(take())
    created = await asyncio.gather(*(api.create("Account", Name=f"A{number}") for number in range(400)))
    assert (len(set(created)), await taking) == (400, 400)


async def test_the_tooling_api_shows_what_is_selected(org: LocalOrg, api: Api) -> None:
    soql = "SELECT SelectedEntity, EventChannel FROM PlatformEventChannelMember"
    answer = await api.get(f"tooling/query?q={soql}")
    assert [one["SelectedEntity"] for one in answer["records"]] == [
        *("AccountChangeEvent", "CaseChangeEvent", "ContactChangeEvent", "LeadChangeEvent", "OpportunityChangeEvent"),
    ]
    assert {one["EventChannel"] for one in answer["records"]} == {"ChangeEvents"}
    assert (answer["size"], answer["done"], answer["entityTypeName"]) == (5, True, "PlatformEventChannelMember")
    one = await api.get(f"tooling/query?q={soql} WHERE SelectedEntity = 'LeadChangeEvent'")
    assert one["size"] == 1
    for path in ("tooling", "tooling/query?q=SELECT Id FROM ApexTrigger", "tooling/sobjects/ApexTrigger/describe"):
        assert (await api.error("GET", path, status=501))[0] == "LOCALORG_NOT_IMPLEMENTED"


async def test_the_admin_api_sets_what_is_selected_and_how_streams_behave(org: LocalOrg, api: Api) -> None:
    given = {"entities": ["Account", "Invoice__c"], "keepalive": 5, "allocation": 7, "overflow": 9, "fetch_timeout": 3}
    answer = await api.http.post("/__org/cdc", json=given)
    about = (await api.http.get("/__org")).json()
    assert answer.json() == about["cdc"] == given | {"add_on": False, "delivered": 0}
    assert (about["pubsub"], about["https_url"]) == (org.pubsub, org.https_url)
    refused = await api.http.post("/__org/cdc", json={"entities": ["UserRole"]})
    assert refused.status_code == 400 and "UserRole" in refused.text


async def test_schemas_can_be_read_over_rest(org: LocalOrg, api: Api, bus: PubSub) -> None:
    schema_id = (await bus.topic(ACCOUNTS)).schema_id
    compact = await api.get("sobjects/AccountChangeEvent/eventSchema?payloadFormat=COMPACT")
    assert compact.pop("uuid") == schema_id and compact == await bus.schema_json(schema_id)
    expanded = await api.get(f"event/eventSchema/{schema_id}")
    assert (expanded["type"], expanded["uuid"]) == ("expanded-record", schema_id)
    payload = expanded["fields"][0]["type"]["fields"][1]["type"]
    assert payload["fields"] == compact["fields"]
    assert (await api.error("GET", "event/eventSchema/nothing", status=404))[0] == "NOT_FOUND"
    assert (await api.error("GET", "sobjects/UserRoleChangeEvent/eventSchema", status=404))[0] == "NOT_FOUND"
