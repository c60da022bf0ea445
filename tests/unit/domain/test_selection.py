import pytest

from forcedex.domain.errors import ConfigurationError
from forcedex.domain.roles import Role
from forcedex.domain.selection import select
from tests.factories.schemas import ACCOUNT, CONTACT, field, sobject


def test_compounds_binaries_and_per_user_values_are_not_read() -> None:
    thing = sobject(
        "Thing__c", field("Where__c", "location"), field("Body__c", "base64"), field("LastViewedDate", "datetime")
    )
    assert select(thing, {}).paths == ("Id", "IsDeleted", "SystemModstamp")


def test_a_parents_name_comes_along() -> None:
    column = select(CONTACT, {"Account": ACCOUNT}).columns[-1]
    assert (column.path, column.parent, column.role) == ("Account.Name", "Account", Role.TITLE)


def test_a_polymorphic_parent_has_a_name_whatever_it_is() -> None:
    owner = field("OwnerId", "reference", reference_to=("Group", "User"), relationship_name="Owner")
    assert select(sobject("Lead", owner), {}).paths[-1] == "Owner.Name"


def test_a_parent_that_the_sync_user_may_not_see_is_left_out() -> None:
    assert "Account.Name" not in select(CONTACT, {}).paths


def test_excluded_fields_are_not_read_whatever_their_case() -> None:
    assert "Email" not in select(CONTACT, {}, exclude=["email"]).paths


@pytest.mark.parametrize("name", ["Nmae", "SystemModstamp", "Id", "isdeleted"])
def test_excluding_an_unknown_or_needed_field_is_a_configuration_error(name: str) -> None:
    with pytest.raises(ConfigurationError, match=r"exclude"):
        select(CONTACT, {}, exclude=[name])


def test_a_relationship_whose_name_begins_a_clause_of_soql_is_not_asked_for() -> None:
    sender = field("FromId", "reference", reference_to=("User",), relationship_name="From")
    user = sobject("User", field("Name", "string", name_field=True))
    assert select(sobject("EmailMessage", sender), {"User": user}).paths[-1] == "FromId"
