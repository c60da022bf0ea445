"""How objects are shared, by their describes."""

from forcedex.domain.rights import Directory, Sharing
from forcedex.domain.schema import Field, ObjectSummary
from forcedex.domain.selection import Selection, select
from forcedex.sync.shapes import grant_queries, shapes, share_tables
from tests.factories.schemas import field, sobject


def reference(name: str, *targets: str, order: int | None = None) -> Field:
    return Field(
        name=name,
        label=name,
        type="reference",
        reference_to=targets,
        relationship_name=name.removesuffix("Id").replace("__c", "__r"),
        relationship_order=order,
    )


def selection(name: str, *fields: Field) -> Selection:
    return select(sobject(name, *fields), {})


def summary(name: str) -> ObjectSummary:
    return ObjectSummary(name=name, label=name, key_prefix=None, queryable=True)


def test_share_tables_are_found_by_their_names() -> None:
    there = [summary("AccountShare"), summary("Invoice__Share"), summary("Contact")]
    wanted = [selection("Account"), selection("Contact"), selection("Invoice__c")]
    assert share_tables(wanted, there) == {"Account": "AccountShare", "Invoice__c": "Invoice__Share"}


def test_a_master_that_the_sync_user_does_not_see_is_none() -> None:
    """Found by the oracle: the describe then names no object that the reference leads to."""
    found = shapes([selection("Contact", reference("AccountId"))], {}, None, ())
    assert found["Contact"].master is None


def test_a_detail_hangs_on_its_first_master() -> None:
    line = selection(
        "Line__c", reference("Other__c", "Other__c", order=1), reference("Invoice__c", "Invoice__c", order=0)
    )
    found = shapes([line], {}, None, ())
    assert (found["Line__c"].master_field, found["Line__c"].master) == ("Invoice__c", "Invoice__c")


def test_grants_are_read_from_the_table_and_with_the_account_that_may_open_the_record() -> None:
    columns = [field(each) for each in ("OpportunityId", "OpportunityAccessLevel")]
    table = sobject("OpportunityShare", *columns)
    deal = selection("Opportunity", reference("AccountId", "Account"), reference("OwnerId", "User"))
    found = shapes([deal], {"Opportunity": table}, Directory(sharing=[Sharing("Opportunity", "Private")]), ())
    (query,) = grant_queries(found).values()
    assert (query.table, query.record_field, query.level_field) == (
        *("OpportunityShare", "OpportunityId", "OpportunityAccessLevel"),
    )
    assert query.account_path == "Opportunity.AccountId"
