"""The pure decisions of the engine."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forcedex.domain.change import ChangeEvent, ChangeKind
from forcedex.domain.formulas import parse
from forcedex.sync.dependencies import Dependency, dependencies
from forcedex.sync.drift import Drift, described, drift, picklists
from forcedex.sync.expectation import expected
from forcedex.sync.reread import Shown
from forcedex.sync.ripples import same
from forcedex.sync.sweep import Finding, compare
from forcedex.sync.window import SHORTEST, Allowance
from tests.factories.fake_source import START
from tests.factories.pages import record_id
from tests.factories.schemas import ACCOUNT, CONTACT, field, selection, sobject

KEY = record_id(1)


# Formulas


def test_a_formula_names_its_fields_and_whether_it_changes_with_the_day() -> None:
    formula = parse('IF(Account.Owner:User.Name = "Amount.NOW()", Amount /* $User.Id */ , TODAY () - Close__c)')
    assert {("Account", "Owner", "Name"), ("Amount",), ("Close__c",)} <= formula.paths
    assert formula.today and not formula.volatile


@pytest.mark.parametrize("text", ["NOW() - CreatedDate", "$User.Id", "$UserRole.Name & Name"])
def test_a_formula_on_the_moment_or_the_viewer_is_volatile(text: str) -> None:
    assert parse(text).volatile


def test_a_volatile_formula_is_not_read() -> None:
    fields = (
        field("Age__c", "double", formula="NOW() - CreatedDate"),
        field("Left__c", "double", formula="TODAY() - 1"),
    )
    paths = selection(sobject("Case", *fields)).paths
    assert "Left__c" in paths and "Age__c" not in paths


def test_settings_of_the_org_do_not_make_a_formula_volatile() -> None:
    assert not parse("$Setup.Rates__c.Rate__c * Amount").volatile


# Dependencies


def test_a_document_depends_on_every_record_on_the_path_of_its_formulas_and_parents() -> None:
    user = sobject("User", field("Name", name_field=True))
    account = sobject(
        "Account",
        field("Name", name_field=True),
        field("OwnerId", "reference", reference_to=("User",), relationship_name="Owner"),
        field("Region__c"),
    )
    deal = sobject(
        "Opportunity",
        field("Name", name_field=True),
        field("AccountId", "reference", reference_to=("Account",), relationship_name="Account"),
        field("Owner_Name__c", calculated=True, formula="Account.Owner.Name"),
        field("Region__c", calculated=True, formula="TEXT(Account.Region__c)"),
        field("Score__c", calculated=True, formula="Account.Hidden__c * 2"),
    )
    described_ = {each.name: each for each in (user, account, deal)}
    found = dependencies([selection(deal, account), selection(account, user)], described_)
    to_account = ("Opportunity", "AccountId")
    to_owner = ("Account", "OwnerId")
    assert found == [
        Dependency("Account", frozenset({"Name", "OwnerId", "Region__c", "Hidden__c"}), "Opportunity", (to_account,)),
        Dependency("User", frozenset({"Name"}), "Account", (to_owner,)),
        Dependency("User", frozenset({"Name"}), "Opportunity", (to_account, to_owner)),
    ]


def test_a_reference_to_several_objects_shows_what_names_a_record_of_each() -> None:
    case = sobject("Case", field("CaseNumber", name_field=True), field("Subject"))
    account = sobject("Account", field("Name", name_field=True))
    task = sobject(
        "Task",
        field("WhatId", "reference", reference_to=("Account", "Case"), relationship_name="What"),
    )
    found = dependencies([selection(task)], {each.name: each for each in (case, account, task)})
    assert {each.parent: each.fields for each in found} == {
        "Account": frozenset({"Name"}),
        "Case": frozenset({"CaseNumber"}),
    }


def test_a_borrowed_value_matters_only_where_the_document_has_it() -> None:
    contact = sobject("Contact", field("Name", name_field=True), field("Email"), field("Fax"))
    person = field("ContactId", "reference", reference_to=("Contact",), relationship_name="Contact")
    described_ = {"Contact": contact}
    (found,) = dependencies([selection(sobject("Case", person, field("ContactEmail")), contact)], described_)
    assert found.fields == {"Name", "Email"}


@pytest.mark.parametrize(
    ("stored", "text", "equal"),
    [
        (None, "", True),
        (None, "false", True),
        (True, "true", True),
        (12.5, "12.50", True),
        (12.5, "12.51", False),
        (["a", "b"], "a;b", True),
        ("Müller", "Muller", False),
        (3, "x", False),
    ],
)
def test_a_stored_value_is_known_again_as_text(stored: object, text: str, equal: bool) -> None:
    assert same(stored, text) is equal


# Drift


def test_more_columns_are_added_and_anything_else_is_another_index() -> None:
    before = selection(CONTACT)
    own = [each for each in CONTACT.fields if each.name not in ("Id", "IsDeleted", "SystemModstamp")]
    more = selection(sobject("Contact", *own, field("Tier__c")))
    assert drift(before, before) is Drift.NONE
    assert drift(before, more) is Drift.ADDED
    assert drift(more, before) is Drift.OTHER
    retyped = [field("Title", "textarea", length=4000) if each.name == "Title" else each for each in own]
    assert drift(before, selection(sobject("Contact", *retyped))) is Drift.OTHER
    assert "Title was string and is textarea" in described(before, selection(sobject("Contact", *retyped)))
    assert picklists(before) == picklists(more)


# Sweeps


@given(st.dictionaries(st.integers(0, 60), st.integers(0, 2)), st.dictionaries(st.integers(0, 60), st.integers(0, 2)))
def test_a_sweep_finds_exactly_what_differs(org: dict[int, int], index: dict[int, int]) -> None:
    there = [(record_id(key), stamp) for key, stamp in sorted(org.items())]
    here = [(record_id(key), stamp) for key, stamp in sorted(index.items())]
    wanted = {record_id(key): Finding.MISSING for key in org.keys() - index.keys()}
    wanted |= {record_id(key): Finding.EXTRA for key in index.keys() - org.keys()}
    wanted |= {record_id(key): Finding.DIFFERENT for key in org.keys() & index.keys() if index[key] < org[key]}
    assert dict(compare(there, here)) == wanted


# Expectations


def event(kind: ChangeKind, *, gap: bool = False) -> ChangeEvent:
    return ChangeEvent(
        object=ACCOUNT.name,
        kind=kind,
        record_ids=(KEY,),
        committed_at=START,
        modified_at=None if gap or kind is ChangeKind.DELETE else START,
        gap=gap,
        replay_id=b"1",
    )


def shown(live: int | None = None, *, deleted: bool = False) -> Shown:
    """What a read showed: a LastModifiedDate in seconds after START, a record in the bin, or nothing."""
    found = {} if live is None else {KEY: START + timedelta(seconds=live)}
    return Shown(found, frozenset({KEY} if deleted else ()), () if found or deleted else (KEY,), 1)


@pytest.mark.parametrize(
    ("kind", "read", "seen"),
    [
        (ChangeKind.CREATE, shown(), False),
        (ChangeKind.CREATE, shown(0), True),
        (ChangeKind.CREATE, shown(deleted=True), True),
        (ChangeKind.UPDATE, shown(-1), False),
        (ChangeKind.UPDATE, shown(0), True),
        (ChangeKind.UPDATE, shown(5), True),
        (ChangeKind.UPDATE, shown(), False),
        (ChangeKind.DELETE, shown(0), False),
        (ChangeKind.DELETE, shown(5), True),
        (ChangeKind.DELETE, shown(deleted=True), True),
        (ChangeKind.DELETE, shown(), True),
        (ChangeKind.UNDELETE, shown(deleted=True), False),
        (ChangeKind.UNDELETE, shown(0), True),
    ],
)
def test_a_read_shows_an_event_only_if_it_is_no_older(kind: ChangeKind, read: Shown, seen: bool) -> None:
    assert expected(event(kind), 1, 0.0).shown(KEY, read) is seen


def test_an_event_without_values_is_seen_by_a_read_of_about_its_commit() -> None:
    expectation = expected(event(ChangeKind.UPDATE, gap=True), 1, 0.0)
    assert expectation.shown(KEY, shown(-1))
    assert not expectation.shown(KEY, shown(-3))


def test_a_record_that_changes_again_waits_since_its_first_event() -> None:
    first = expected(event(ChangeKind.UPDATE), 3, 10.0).again(11.0, 120.0)
    then = first.then(event(ChangeKind.DELETE), 20.0)
    assert (then.kind, then.first, then.arrived, then.tries) == (ChangeKind.DELETE, 3, 10.0, 0)


@given(st.integers(0, 30), st.floats(1, 600))
def test_a_record_is_read_a_last_time_when_patience_ends(tries: int, patience: float) -> None:
    expectation = expected(event(ChangeKind.UPDATE), 1, 0.0)
    now = 0.0
    for _ in range(tries):
        expectation = expectation.again(now, patience)
        assert now < expectation.due <= max(patience, now + 0.5)
        now = expectation.due


# The window


def test_the_window_is_short_until_the_calls_run_low_and_then_pays_for_itself() -> None:
    allowance = Allowance(86_400 / 60, now=0.0)  # a call a minute
    assert allowance.window(0.0).seconds == SHORTEST
    now = 0.0
    for _ in range(200):
        now += allowance.window(now).seconds
        allowance.spend(1, now)
    assert allowance.window(now).limit == "budget"
    began, spent = now, 0
    while now < began + 3_600:
        now += allowance.window(now).seconds
        allowance.spend(1, now)
        spent += 1
    assert spent <= 61
