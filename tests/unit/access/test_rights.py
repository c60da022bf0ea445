"""Who may see what, by people, roles, groups and permissions. Ids are short: their meaning is in their letters."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from forcedex.access.catalogue import is_history
from forcedex.access.rights import Rights
from forcedex.access.view import View
from forcedex.domain.rights import (
    Assignment,
    Directory,
    FieldPermission,
    Membership,
    ObjectPermission,
    PermissionSet,
    Person,
    Role,
    Sharing,
    UserGroup,
)

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
OBJECTS: dict[str, str | None] = {
    "Account": None,
    "Contact": "Account",
    "Opportunity": None,
    "OpportunityLineItem": "Opportunity",
    "Task": None,
    "User": None,
    "Invoice__c": "Account",
    "Robot__c": None,
}


def person(letter: str, role: str | None = None, **more: Any) -> Person:
    values: dict[str, Any] = {"user_type": "Standard", "active": True, "role_id": role, "profile_id": "sales"}
    return Person(f"005{letter}", letter, f"{letter}@acme", **(values | more))


#: ceo ← sales ← (emea, apac); service beside them.
ROLES = [Role("ceo", "CEO"), *(Role(each, each, "ceo") for each in ("sales", "service"))]
ROLES += [Role(each, each, "sales") for each in ("emea", "apac")]
PEOPLE = [
    *(
        person("boss", "ceo"),
        person("vp", "sales"),
        person("ann", "emea"),
        person("bob", "emea"),
        person("chi", "apac"),
    ),
    *(person("sue", "service"), person("lone"), person("gone", "emea", active=False), person("ice", frozen=True)),
    person("portal", user_type="PowerCustomerSuccess"),
]
SALES = PermissionSet("set-sales", "Sales", profile_id="sales")
READ = [ObjectPermission("set-sales", each, True) for each in ("Account", "Contact", "Opportunity", "Invoice__c")]
PRIVATE = [
    Sharing("Account", "Private"),
    Sharing("Contact", "ControlledByParent"),
    Sharing("Opportunity", "Private"),
    Sharing("OpportunityLineItem", "ControlledByParent"),
    Sharing("Invoice__c", "ControlledByParent"),
    Sharing("Task", "ControlledByParent"),
]


def directory(**more: Any) -> Directory:
    values: dict[str, Any] = {
        "people": PEOPLE,
        "roles": ROLES,
        "permission_sets": [SALES],
        "object_permissions": READ,
        "sharing": PRIVATE,
    }
    return Directory(**(values | more))


def view(letter: str, found: Directory | None = None, **more: Any) -> View:
    return Rights(found or directory(), **more).view(f"005{letter}", OBJECTS, NOW, NOW, ())


# People


@pytest.mark.parametrize(
    ("letter", "why"), [("gone", "inactive"), ("ice", "frozen"), ("portal", "inside"), ("x", "known")]
)
def test_who_cannot_log_in_sees_nothing_and_is_told_why(letter: str, why: str) -> None:
    blind = view(letter)
    assert why in blind.blind
    assert not any(blind.may_read(each) for each in OBJECTS)


def test_superiors_hold_the_tokens_of_those_below_them_and_peers_do_not() -> None:
    assert {"u:005ann", "u:005bob", "u:005chi", "u:005gone"} <= set(view("vp").tokens)
    assert "u:005vp" not in view("ann").tokens
    assert "u:005bob" not in view("ann").tokens
    assert "u:005sue" not in view("vp").tokens and "u:005sue" in view("boss").tokens


def test_without_hierarchies_only_the_user_himself_holds_the_token() -> None:
    assert "d:005ann" in view("ann").tokens
    assert "d:005ann" not in view("boss").tokens


def test_roles_in_a_circle_end() -> None:
    circle = [Role("a", "a", "b"), Role("b", "b", "a")]
    found = directory(roles=circle, people=[person("one", "a"), person("two", "b")])
    assert "u:005two" in view("one", found).tokens


# Groups


def groups(*found: UserGroup, members: dict[str, list[str]] | None = None) -> Directory:
    rows = [Membership(group, member) for group, some in (members or {}).items() for member in some]
    return directory(groups=list(found), memberships=rows)


def test_members_of_a_group_in_a_group_are_members() -> None:
    found = groups(
        UserGroup("00Gin", "in", "Regular"),
        UserGroup("00Gout", "out", "Regular"),
        members={"00Gout": ["00Gin"], "00Gin": ["005ann"]},
    )
    assert {"g:00Gin", "g:00Gout", "h:00Gout"} <= set(view("ann", found).tokens)
    assert not {"g:00Gin", "g:00Gout"} & set(view("sue", found).tokens)


def test_groups_in_a_circle_end() -> None:
    found = groups(
        UserGroup("00Ga", "a", "Regular"),
        UserGroup("00Gb", "b", "Regular"),
        members={"00Ga": ["00Gb", "005ann"], "00Gb": ["00Ga"]},
    )
    assert {"g:00Ga", "g:00Gb"} <= set(view("ann", found).tokens)


@pytest.mark.parametrize(("bosses", "seen"), [(True, True), (False, False)])
def test_superiors_of_members_belong_to_a_group_that_uses_hierarchies(bosses: bool, seen: bool) -> None:
    found = groups(UserGroup("00Ga", "a", "Regular", includes_bosses=bosses), members={"00Ga": ["005ann"]})
    assert ("g:00Ga" in view("vp", found).tokens) is seen
    assert "h:00Ga" not in view("vp", found).tokens


def test_superiors_of_the_members_of_a_queue_belong_to_it() -> None:
    found = groups(UserGroup("00Gq", "q", "Queue", includes_bosses=False), members={"00Gq": ["005ann"]})
    assert "g:00Gq" in view("vp", found).tokens


def test_a_role_group_holds_the_role_and_those_above_it() -> None:
    found = groups(UserGroup("00Gr", "r", "Role", "sales"))
    assert "g:00Gr" in view("vp", found).tokens and "g:00Gr" in view("boss", found).tokens
    assert "g:00Gr" not in view("ann", found).tokens


@pytest.mark.parametrize("kind", ["Role", "RoleAndSubordinates"])
def test_whoever_is_above_a_role_is_in_the_groups_that_hold_it_although_nobody_has_the_role(kind: str) -> None:
    found = replace(
        groups(
            UserGroup("00Gr", "r", kind, "emea"),
            UserGroup("00Gup", "with superiors", "Regular", includes_bosses=True),
            UserGroup("00Gno", "without", "Regular", includes_bosses=False),
            members={"00Gup": ["00Gr"], "00Gno": ["00Gr"]},
        ),
        people=[person("vp", "sales"), person("sue", "service")],
    )
    assert {"g:00Gr", "g:00Gup"} <= set(view("vp", found).tokens)
    assert "g:00Gno" not in view("vp", found).tokens
    assert not {"g:00Gr", "g:00Gup"} & set(view("sue", found).tokens)


def test_a_superior_who_is_in_a_group_is_in_the_group_that_holds_it() -> None:
    found = groups(
        UserGroup("00Gin", "in", "Regular", includes_bosses=True),
        UserGroup("00Gout", "out", "Regular", includes_bosses=False),
        members={"00Gout": ["00Gin"], "00Gin": ["005ann"]},
    )
    assert {"g:00Gin", "g:00Gout"} <= set(view("vp", found).tokens)
    assert not {"h:00Gin", "h:00Gout"} & set(view("vp", found).tokens)


def test_a_group_of_a_role_and_its_subordinates_holds_those_below_it() -> None:
    found = groups(UserGroup("00Gs", "s", "RoleAndSubordinates", "sales"))
    assert "g:00Gs" in view("ann", found).tokens and "g:00Gs" not in view("sue", found).tokens


def test_everybody_inside_the_company_is_in_the_group_of_the_organization() -> None:
    found = groups(UserGroup("00Go", "o", "Organization"))
    assert "g:00Go" in view("lone", found).tokens


# Objects


def test_an_object_needs_a_permission_to_read_it() -> None:
    assert view("ann").may_read("Account")
    assert not view("ann").may_read("Robot__c")
    assert view("ann").may_read("User") and view("ann").may_read("Task")


def test_a_detail_needs_its_master_too() -> None:
    only_detail = directory(object_permissions=[ObjectPermission("set-sales", "Invoice__c", True)])
    assert not view("ann", only_detail).may_read("Invoice__c")


def test_children_without_permissions_of_their_own_follow_their_parent() -> None:
    assert view("ann").may_read("OpportunityLineItem")
    without = directory(object_permissions=[ObjectPermission("set-sales", "Account", True)])
    assert not view("ann", without).may_read("OpportunityLineItem")


def test_a_public_object_is_seen_whole_by_who_may_read_it() -> None:
    public = directory(sharing=[Sharing("Account", "Read"), *PRIVATE[1:]])
    assert view("ann", public).sees_whole("Account")
    assert view("ann", public).sees_whole("Contact"), "controlled by a parent that is public"
    assert not view("ann", public).sees_whole("Opportunity")


def test_an_object_whose_sharing_is_not_known_is_not_public() -> None:
    assert not view("ann", directory(sharing=[])).sees_whole("Account")


def test_an_object_that_cannot_be_computed_is_hidden() -> None:
    found = directory(sharing=[Sharing("Account", "Read", incomputable="restriction rules")])
    assert not view("ann", found).may_read("Account")


def assigned(*sets: PermissionSet, permissions: list[ObjectPermission] | None = None, **more: Any) -> Directory:
    return directory(
        permission_sets=[SALES, *sets],
        assignments=[Assignment("005ann", each.permission_set_id, **more) for each in sets],
        object_permissions=[*READ, *(permissions or [])],
    )


def test_view_all_on_an_object_opens_it_and_nothing_else() -> None:
    found = assigned(PermissionSet("more", "More"), permissions=[ObjectPermission("more", "Account", True, True)])
    assert view("ann", found).sees_whole("Account") and view("ann", found).sees_whole("Contact")
    assert not view("ann", found).sees_whole("Opportunity") and not view("bob", found).sees_whole("Account")


@pytest.mark.parametrize(
    "more", [PermissionSet("more", "More", views_all=True), PermissionSet("more", "More", modifies_all=True)]
)
def test_view_all_data_opens_every_record_and_no_field(more: PermissionSet) -> None:
    found = assigned(more)
    assert all(view("ann", found).sees_whole(each) for each in OBJECTS)
    assert view("ann", found).objects["Account"] == frozenset()


def test_an_assignment_that_ran_out_or_was_revoked_grants_nothing() -> None:
    everything = PermissionSet("more", "More", views_all=True)
    assert view("ann", assigned(everything, expires=NOW + timedelta(seconds=1))).sees_whole("Account")
    assert not view("ann", assigned(everything, expires=NOW)).sees_whole("Account")
    assert not view("ann", assigned(everything, active=False)).sees_whole("Account")


def test_fields_are_open_by_any_permission_set() -> None:
    found = directory(field_permissions=[FieldPermission("set-sales", "Account", "Phone")])
    assert view("ann", found).objects["Account"] == frozenset({"Phone"})
    every = assigned(
        PermissionSet("more", "More"),
        permissions=[ObjectPermission("more", "Account", True, views_all_fields=True)],
    )
    assert view("ann", every).objects["Account"] is None


# Activities


def test_tokens_of_parents_count_for_activities_only_where_the_parent_may_be_read() -> None:
    assert "Account/u:005ann" in view("ann").tokens
    assert not any(each.startswith("Robot__c/") for each in view("ann").tokens)


def test_histories_are_shown_to_nobody_since_they_hold_old_values_of_hidden_fields() -> None:
    everything = PermissionSet("more", "More", views_all=True)
    names = ("OpportunityHistory", "OpportunityFieldHistory", "Invoice__History")
    assert all(map(is_history, names))
    objects = {name: None for name in (*names, "Account")}
    seen = Rights(assigned(everything)).view("005ann", objects, NOW, NOW, ())
    assert set(seen.objects) == {"Account"}


# Forecasts

QUOTAS: dict[str, str | None] = {"ForecastingQuota": None, "ForecastingType": None, "ForecastingItem": None}


def forecasting(letter: str, found: Directory) -> View:
    return Rights(found).view(f"005{letter}", {**OBJECTS, **QUOTAS}, NOW, NOW, ())


def test_quotas_are_for_who_may_forecast_and_those_below_for_forecast_managers_alone() -> None:
    people = [replace(each, forecasts=each.user_id != "005chi") for each in PEOPLE]
    roles = [replace(each, forecaster_id="005vp" if each.role_id == "sales" else None) for each in ROLES]
    found = directory(people=people, roles=roles)
    held = {
        each: {t for t in forecasting(each, found).tokens if t[:2] == "f:"} for each in ("boss", "vp", "ann", "chi")
    }
    below = {"f:005ann", "f:005bob", "f:005chi", "f:005gone"}
    assert held == {"boss": {"f:005boss"}, "vp": {"f:005vp", *below}, "ann": {"f:005ann"}, "chi": set()}
    assert forecasting("ann", found).may_read("ForecastingQuota")
    assert not forecasting("chi", found).may_read("ForecastingQuota")
    assert not any(forecasting("ann", found).sees_whole(each) for each in ("ForecastingQuota", "ForecastingItem"))


def test_view_all_data_opens_no_quota_and_view_all_forecasts_opens_each() -> None:
    auditor = directory(permission_sets=[replace(SALES, views_all=True, modifies_all=True)])
    assert forecasting("ann", auditor).sees_whole("Account")
    assert not any(forecasting("ann", auditor).may_read(each) for each in QUOTAS)
    analyst = directory(permission_sets=[replace(SALES, views_all_forecasts=True)])
    assert all(forecasting("ann", analyst).sees_whole(each) for each in QUOTAS)
    assert not forecasting("ann", analyst).sees_whole("Account")
