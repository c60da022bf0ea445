"""What reads show of watched records is kept, as far as a save can have changed it."""

from datetime import UTC, datetime

from forcedex.domain.derived.families import FAMILIES
from forcedex.domain.observed import Observed
from forcedex.domain.record import Page
from forcedex.domain.schema import SObject
from forcedex.sync.observing import Observing
from tests.factories.fake_sink import FakeSink, Generation, Stored
from tests.factories.fake_store import FakeStore
from tests.factories.schemas import ACCOUNT, field, selection, sobject

DEAL = sobject(
    "Opportunity",
    field("Name", length=120, name_field=True),
    field("OwnerId", "reference"),
    field("Region__c", "picklist"),
    field("Budget__c", "currency"),
    field("Parts__c", "multipicklist"),
    field("Hot__c", "boolean"),
    field("Guess__c", "currency", calculated=True, formula="Budget__c * 2"),
    field("Notes__c", "textarea", length=32000),
    field("AccountId", "reference", reference_to=("Account",), relationship_name="Account"),
)
PLAIN = {
    "Name": "Deal",
    "OwnerId": "005A",
    "Region__c": "EMEA",
    "Budget__c": "10.50",
    "Parts__c": "",
    "Hot__c": "false",
}


def page(of: SObject, second: int, record: str = "006A", **values: str) -> Page:
    """One record as it was read."""
    columns = selection(of, ACCOUNT).paths
    stamp = f"2026-11-22T12:00:{second:02}.000Z"
    row = {"Id": record, "IsDeleted": "false", "SystemModstamp": stamp, **PLAIN, **values}
    return Page(columns, [[row.get(name, "") for name in columns]])


def observing(store: FakeStore, of: SObject = DEAL) -> Observing:
    return Observing(selection(of, ACCOUNT), FAMILIES, store)


async def test_changes_by_a_save_are_kept_with_the_values_of_documents() -> None:
    store = FakeStore()
    first = page(DEAL, 0, Guess__c="21", Notes__c="a")
    second = page(DEAL, 7, Name="New name", Region__c="", Budget__c="11", Parts__c="x;y", Hot__c="true", Guess__c="22")
    await observing(store).note(first, 1)
    await observing(store).note(second, 2)
    at = datetime(2026, 11, 22, 12, 0, 7, tzinfo=UTC)
    assert (await store.observed("Opportunity", ["006A"]))["006A"] == [
        Observed("006A", "Budget__c", at, 10.5, 11),
        Observed("006A", "Hot__c", at, False, True),
        Observed("006A", "Parts__c", at, None, ["x", "y"]),
        Observed("006A", "Region__c", at, "EMEA", None),
    ]


async def test_a_deleted_record_is_forgotten_and_an_object_that_nothing_watches_is_not_kept() -> None:
    store = FakeStore()
    await observing(store).note(page(DEAL, 0), 1)
    await observing(store).note(page(DEAL, 3, OwnerId="005B"), 2)
    await observing(store).note(page(DEAL, 5, IsDeleted="true"), 3)
    assert not store.seen and not store.changes
    await observing(store).note(page(DEAL, 0), 4)
    await observing(store).gone(["006A"])
    await observing(store, ACCOUNT).note(page(ACCOUNT, 0), 5)
    assert not store.seen


async def test_what_the_index_does_not_hold_is_forgotten_but_for_what_it_refused() -> None:
    store = FakeStore()
    for record in ("006A", "006B", "006C"):
        await observing(store).note(page(DEAL, 0, record), 1)
    held = Generation(1, ("Id",), {"006B": Stored(1, {"Id": "006B"})})

    async def quiet() -> None:
        pass

    await observing(store).tidy(FakeSink({"Opportunity": [held]}), {"006C"}, quiet)
    assert [record for _, record in store.seen] == ["006B", "006C"]
