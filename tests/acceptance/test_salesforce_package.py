"""`forcedex check --salesforce-package`: what is needed inside Salesforce is there, or what to click."""

import json
import shutil
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from forcedex.domain.org_side import OrgPackage
from forcedex.org_side import check_org_side, shipped_package
from forcedex.overview import Finding
from forcedex.salesforce.org_side import source_digest
from forcedex.settings import Settings
from localorg.fixture import LocalOrg, running_org
from tests.acceptance.product import Product
from tests.factories.sfdx_project import BODY, sfdx_project
from tests.service.service import make_certificate

URL = "https://search.example.com"
PACKAGE = OrgPackage(
    api_version="67.0",
    classes={
        "ForcedexController": source_digest(BODY),
        "ForcedexJwt": source_digest(BODY.replace("Controller", "Jwt")),
    },
    components=("forcedexSearch",),
    named_credential="Forcedex",
    setting="Forcedex_Setting__mdt",
    permission_set="Forcedex_User",
    data_source="Forcedex",
)
#: The certificate that the tests make is good for so long.
GOOD_FOR = timedelta(days=30)


@dataclass
class Office:
    """An org in which everything is as it should be, and a configuration that fits."""

    org: LocalOrg
    home: Path
    server: dict[str, Any]

    @property
    def user(self) -> str:
        """The sync user's Id."""
        found = self.org.org.store.scalar('SELECT "Id" FROM "User" WHERE "Username" = ?', ("sync@acme.example",))
        return str(found)

    async def check(self) -> dict[str, Finding]:
        """The findings by subject."""
        found = await check_org_side(
            Settings(
                salesforce={
                    "login_url": self.org.url,
                    "auth": "access_token",
                    "access_token": self.org.session("sync@acme.example"),
                    "instance_url": self.org.url,
                },
                server={"key_file": str(self.home / "key"), **self.server},
            ),
            PACKAGE,
        )
        return {each.subject: each for each in found}


@pytest_asyncio.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    make_certificate(tmp_path / "org.crt")
    async with running_org(empty=True) as org:
        org.deploy(sfdx_project(tmp_path / "project"))
        org.create_certificate("Forcedex", (datetime.now(UTC) + GOOD_FOR).date())
        org.create_profile("Sync", "ViewSetup", "ViewAllData")
        org.create_user("sync@acme.example", profile="Sync")
        org.assign_permission_set(org.create_user("ann@acme.example"), "Forcedex_User")
        yield Office(org, tmp_path, {"public_url": URL, "org_certificates": [str(tmp_path / "org.crt")]})


async def test_an_org_that_has_everything_is_fine(office: Office) -> None:
    found = await office.check()
    assert {subject: each.detail for subject, each in found.items() if not each.ok} == {}
    assert set(found) == {
        *("Apex", "Components", "Credential", "Setting", "Certificate", "Permission set", "Sync user", "Header search")
    }


def spoiled(kind: str, name: str, **values: Any) -> Callable[[Office], None]:
    return lambda office: office.org.change_deployed(kind, name, **values)


def removed(kind: str, name: str) -> Callable[[Office], None]:
    return lambda office: office.org.remove_deployed(kind, name)


def configured(**values: Any) -> Callable[[Office], None]:
    return lambda office: office.server.update(values)


def certified(days: int) -> Callable[[Office], None]:
    return lambda office: office.org.create_certificate("Forcedex", (datetime.now(UTC) + timedelta(days=days)).date())


def permitted(office: Office) -> None:
    office.org.set_object_permissions(str(office.org.rows("Profile")[-1]["Id"]), "Account", "Read Edit")


def too_mighty(office: Office) -> None:
    office.org.create_permission_set("Mighty", "ModifyAllData")
    office.org.assign_permission_set(office.user, "Mighty")


def dismissed(office: Office) -> None:
    for each in office.org.rows("User"):
        if each["Username"] == "ann@acme.example":
            office.org.deactivate_user(str(each["Id"]))


def header_search(**values: Any) -> Callable[[Office], None]:
    def spoil(office: Office) -> None:
        office.server["header_search_client_id"] = "x"
        office.org.change_deployed("data_source", "Forcedex", **values)

    return spoil


WRONG: dict[str, tuple[Callable[[Office], None], str, str, str]] = {
    "a class is missing": (removed("class", "ForcedexJwt"), "Apex", "Not in the org: ForcedexJwt", "Deploy"),
    "a class is of another version": (
        spoiled("class", "ForcedexController", Body="class ForcedexController {}"),
        "Apex",
        "ForcedexController is not that of this version",
        "Deploy",
    ),
    "a class has an older API version": (
        spoiled("class", "ForcedexController", ApiVersion=58.0),
        "Apex",
        "ForcedexController has API version 58.0, not 67.0",
        "Deploy",
    ),
    "a class is not active": (spoiled("class", "ForcedexJwt", Status="Inactive"), "Apex", "not active", "Deploy"),
    "a class is to be compiled": (spoiled("class", "ForcedexJwt", IsValid=False), "Apex", "ForcedexJwt", "Compile all"),
    "a component is missing": (removed("component", "forcedexSearch"), "Components", "forcedexSearch", "Deploy"),
    "a component is older": (spoiled("component", "forcedexSearch", ApiVersion=58.0), "Components", "67.0", "Deploy"),
    "the credential is missing": (removed("named_credential", "Forcedex"), "Credential", "no named", "Deploy"),
    "the credential calls elsewhere": (
        spoiled("named_credential", "Forcedex", url="https://other.example"),
        "Credential",
        "calls https://other.example, and [server] public_url is https://search.example.com",
        "Setup, Named Credentials, Forcedex, Edit",
    ),
    "the credential is off": (
        spoiled("named_credential", "Forcedex", enabled=False),
        "Credential",
        "not enabled",
        "Enabled for Callouts",
    ),
    "no public URL is configured": (
        configured(public_url=""),
        "Credential, Setting",
        "public_url is not set",
        "https://",
    ),
    "the setting is missing": (
        removed("custom_metadata", "Forcedex_Setting__mdt.Default"),
        "Setting, Certificate",
        "no record Default",
        "Deploy",
    ),
    "tokens are for another service": (
        spoiled("custom_metadata", "Forcedex_Setting__mdt.Default", Address__c="https://other.example"),
        "Setting",
        "Its address is https://other.example",
        "Manage Records",
    ),
    "the setting names no certificate": (
        spoiled("custom_metadata", "Forcedex_Setting__mdt.Default", Certificate__c=None),
        "Certificate",
        "names no certificate",
        "Manage Records",
    ),
    "there is no certificate": (removed("certificate", "Forcedex"), "Certificate", "no certificate", "Create Self-"),
    "the certificate has expired": (certified(-2), "Certificate", "has expired on", "Delete it"),
    "another certificate is configured": (certified(300), "Certificate", "end on", "Download Certificate"),
    "no certificate is configured": (configured(org_certificates=[]), "Certificate", "names none", "Download"),
    "nobody may search": (dismissed, "Permission set", "Nobody holds Forcedex_User", "Manage Assignments"),
    "the sync user is too mighty": (too_mighty, "Sync user", "Modify All Data", "Setup, Users"),
    "the sync user may write": (permitted, "Sync user", "change records of Account", "Read and View All"),
    "the header search asks elsewhere": (
        header_search(Endpoint="https://x"),
        "Header search",
        "asks https://x",
        f"{URL}/federated/opensearch.xml",
    ),
    "the header search is anonymous": (
        header_search(PrincipalType="Anonymous"),
        "Header search",
        "without saying who",
        "Named Principal",
    ),
}


@pytest.mark.parametrize("case", sorted(WRONG))
async def test_what_is_wrong_is_named_with_the_next_click(office: Office, case: str) -> None:
    spoil, wrong, detail, hint = WRONG[case]
    spoil(office)
    found = await office.check()
    assert [name for name, each in found.items() if not each.ok] == wrong.split(", ")
    subject = wrong.split(", ")[0]
    assert (found[subject].exit_code, detail in found[subject].detail, hint in found[subject].hint) == (
        1,
        True,
        True,
    ), found[subject]


async def test_a_certificate_that_ends_soon_is_told_in_time(office: Office) -> None:
    office.org.clock.freeze()
    office.org.create_certificate("Forcedex", (datetime.now(UTC) + GOOD_FOR - timedelta(days=1)).date())
    found = (await office.check())["Certificate"]
    assert not found.ok and "expires on" in found.detail


async def test_who_may_not_look_into_setup_is_told_what_is_missing(office: Office) -> None:
    office.org.create_profile("Blind", "ViewAllData")
    user = office.user
    office.org.update("User", user, ProfileId=str(office.org.rows("Profile")[-1]["Id"]))
    (found,) = (await office.check()).values()
    assert not found.ok and found.exit_code == 1 and "View Setup and Configuration" in found.hint


async def test_the_command_prints_each_and_ends_with_1(office: Office) -> None:
    product = Product(office.home, office.org, "http://127.0.0.1:9")
    product.settings |= {
        "FORCEDEX_SERVER__PUBLIC_URL": URL,
        "FORCEDEX_SERVER__ORG_CERTIFICATES": json.dumps([str(office.home / "nowhere.crt")]),
    }
    code, out, _ = await product.run("check", "--salesforce-package")
    assert code == 2 and "nowhere.crt cannot be read" in out and "Check the path" in out, (code, out)
    shutil.copy(office.home / "org.crt", office.home / "nowhere.crt")
    code, out, _ = await product.run("check", "--salesforce-package", "--json")
    found = {each["subject"]: each for each in json.loads(out)}
    assert code == 1 and not found["Components"]["ok"] and found["Certificate"]["ok"]


def test_what_is_shipped_names_classes_and_components() -> None:
    assert shipped_package().components
