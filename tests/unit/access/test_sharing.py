"""From grants to the tokens of a document."""

from dataclasses import replace

from forcedex.access.sharing import Shape, Sharing
from forcedex.domain.shares import Grant, RecordGrants, RecordTokens, by_owner, grants_of, private_to

ACCOUNT = Shape(object="Account", model="Private", table="AccountShare")
CONTACT = Shape(
    object="Contact",
    model="ControlledByParent",
    master_field="AccountId",
    master="Account",
    relationships={"Account": "AccountId"},
)
OPPORTUNITY = Shape(
    object="Opportunity", model="Private", table="OpportunityShare", relationships={"Account": "AccountId"}
)
ITEM = Shape(object="OpportunityLineItem", master_field="OpportunityId", master="Opportunity", referred=False)
TASK = Shape(
    object="Task",
    model="ControlledByParent",
    relationships={"What": "WhatId", "Who": "WhoId"},
    polymorphic=frozenset({"What", "Who"}),
)
SHAPES = {each.object: each for each in (ACCOUNT, CONTACT, OPPORTUNITY, ITEM, TASK)}
PREFIXES = {"001": "Account", "003": "Contact", "006": "Opportunity", "00T": "Task", "a00": "Robot__c"}


def tokens(shape: Shape, record: str, grants: dict[str, RecordGrants], **values: str) -> RecordTokens:
    sharing = Sharing({**SHAPES, shape.object: shape}, PREFIXES, lambda sobject, key: grants.get(key))
    return sharing.tokens(shape, record, values)


def grant(who: str, *children: str, itself: bool = True) -> Grant:
    return Grant(who, itself, frozenset(children))


ANN = RecordGrants((grant("005ann", "Opportunity"), grant("00Gteam")))


def test_a_record_is_open_to_its_owner_and_to_whom_it_is_shared_with() -> None:
    assert tokens(ACCOUNT, "001a", {"001a": ANN}, OwnerId="005own").acl == (
        *("g:00Gteam", "o:Account", "u:005ann", "u:005own"),
    )


def test_a_record_whose_grants_are_not_known_is_open_to_its_owner_alone() -> None:
    assert tokens(ACCOUNT, "001a", {}, OwnerId="00Gqueue").acl == ("g:00Gqueue", "o:Account")


def test_without_hierarchies_nobody_above_is_named() -> None:
    flat = replace(ACCOUNT, flat=True)
    assert tokens(flat, "001a", {"001a": ANN}, OwnerId="005own").acl == (
        *("d:005ann", "d:005own", "h:00Gteam", "o:Account"),
    )


def test_a_record_that_its_master_controls_has_the_masters_tokens() -> None:
    found = tokens(CONTACT, "003c", {"001a": ANN}, OwnerId="005own", AccountId="001a")
    assert found.acl == ("g:00Gteam", "o:Contact", "u:005ann"), "who sees all accounts holds the token of all contacts"
    assert found.see["Account"] == ("g:00Gteam", "o:Account", "u:005ann")


def test_a_contact_without_account_is_its_owners_alone() -> None:
    assert tokens(CONTACT, "003c", {}, OwnerId="005own", AccountId="").acl == ("d:005own", "v:Contact")
    known = {"003c": private_to("005own")}
    assert "Contact/d:005own" in tokens(TASK, "00Tt", known, WhoId="003c").acl


def test_shares_of_the_account_open_those_children_that_they_extend_to() -> None:
    found = tokens(OPPORTUNITY, "006o", {"001a": ANN}, OwnerId="005own", AccountId="001a", IsPrivate="false")
    assert found.acl == ("o:Opportunity", "u:005ann", "u:005own"), "the team's share does not extend to deals"


def test_a_line_item_is_open_to_whom_its_deal_is_open_through_the_account_too() -> None:
    grants = {"001a": ANN, "006o": RecordGrants((grant("005own"),), account="001a")}
    assert tokens(ITEM, "00ki", grants, OpportunityId="006o").acl == (
        *("o:OpportunityLineItem", "u:005ann", "u:005own"),
    )


def test_a_private_deal_is_open_to_its_owner_and_those_above_alone() -> None:
    shares = {"006o": RecordGrants((grant("005bob"),)), "001a": ANN}
    values = {"OwnerId": "005own", "AccountId": "001a"}
    private = ("u:005own", "v:Opportunity")
    assert tokens(OPPORTUNITY, "006o", shares, **values, IsPrivate="true").acl == private
    assert tokens(OPPORTUNITY, "006o", shares, **values).acl == private, "whether it is private is not known"
    flat = replace(OPPORTUNITY, flat=True)
    assert tokens(flat, "006o", shares, **values, IsPrivate="true").acl == ("d:005own", "v:Opportunity")


def test_what_hangs_on_a_private_deal_is_not_open_to_all_who_see_deals() -> None:
    grants = {"006o": private_to("005own"), "006p": by_owner("005own")}
    public = {"Opportunity": replace(OPPORTUNITY, model="ReadWrite", table=None)}
    sharing = Sharing({**SHAPES, **public}, PREFIXES, lambda sobject, key: grants.get(key))
    assert sharing.tokens(ITEM, "00ki", {"OpportunityId": "006o"}).acl == ("u:005own", "v:OpportunityLineItem")
    assert sharing.tokens(ITEM, "00ki", {"OpportunityId": "006q"}).acl == ("v:OpportunityLineItem",), "not known"
    assert sharing.tokens(ITEM, "00ki", {"OpportunityId": "006p"}).acl == ("o:OpportunityLineItem",)
    assert "o:Opportunity" not in sharing.tokens(TASK, "00Tt", {"WhatId": "006o"}).see["What"]


def test_a_private_event_is_its_owners_alone() -> None:
    event = replace(TASK, object="Event")
    found = tokens(event, "00Ue", {"001a": ANN}, OwnerId="005own", WhatId="001a", IsPrivate="true")
    assert found.acl == ("d:005own", "v:Event")


def test_an_activity_is_open_to_whom_its_subjects_are_open_if_they_may_read_such_objects() -> None:
    found = tokens(TASK, "00Tt", {"001a": ANN}, OwnerId="005own", WhatId="001a")
    assert found.acl == ("Account/g:00Gteam", "Account/u:005ann", "o:Account", "o:Task", "u:005own")
    private = replace(TASK, model="Private")
    assert tokens(private, "00Tt", {"001a": ANN}, OwnerId="005own", WhatId="001a").acl == ("o:Task", "u:005own")


def test_a_subject_that_nothing_is_known_of_opens_nothing() -> None:
    assert tokens(TASK, "00Tt", {}, OwnerId="005own", WhatId="xyz1").acl == ("o:Task", "u:005own")


def test_masters_in_a_circle_end() -> None:
    node = Shape(object="Robot__c", model="ControlledByParent", master_field="Parent__c", master="Robot__c")
    circle = {"a001": RecordGrants(master="a002"), "a002": RecordGrants(master="a001")}
    assert tokens(node, "a003", circle, Parent__c="a001").acl == ("o:Robot__c",)


def test_grants_are_kept_as_text_and_read_back() -> None:
    for grants in (
        RecordGrants(),
        RecordGrants(master="001a"),
        private_to("005ann"),
        RecordGrants((grant("005ann", "Case", "Contact"), grant("00Gteam", "Case", itself=False)), account="001a"),
    ):
        assert grants_of(grants.text).text == grants.text
    assert grants_of("005a- 005a+Case").grants[0] == grant("005a", itself=False)


def test_the_owner_of_a_public_account_opens_its_children_by_his_role() -> None:
    public = {**SHAPES, "Account": replace(ACCOUNT, model="ReadWrite", table=None)}
    sharing = Sharing(public, PREFIXES, lambda sobject, key: {"001a": by_owner("005ann")}.get(key))
    found = sharing.tokens(OPPORTUNITY, "006o", {"OwnerId": "005own", "AccountId": "001a", "IsPrivate": "false"})
    assert found.acl == ("k:Opportunity:005ann", "o:Opportunity", "u:005own")
