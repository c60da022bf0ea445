"""A record that Salesforce did not show somebody: hidden from him at once, and its access is read again by the sync."""

from forcedex.domain.principal import OrgUser
from localorg.fixture import LocalOrg
from tests.integration.access.conftest import World, until, view_of


def people(org: LocalOrg) -> tuple[str, str]:
    """Who owns records, and whom they are shared with."""
    org.set_organization_wide_default("Account", "Private")
    org.set_organization_wide_default("Contact", "ControlledByParent")
    profile = org.create_profile("Seller")
    for name in ("Account", "Contact"):
        org.set_object_permissions(profile, name, "Read")
        org.set_field_permissions(profile, f"{name}.*", "Read")
    ann, bob = (org.create_user(f"{each}@acme.example", profile=profile) for each in ("ann", "bob"))
    return ann, bob


async def test_a_share_taken_back_that_no_listing_found_yet_is_found_by_the_report_of_a_child(world: World) -> None:
    world.settings = world.settings.model_copy(
        update={"access": world.settings.access.model_copy(update={"shares_every": world.settings.access.max_age})}
    )
    org = world.org
    ann, bob = people(org)
    account = org.insert("Account", Name="Acme", OwnerId=ann)
    contact = org.insert("Contact", LastName="Person", OwnerId=ann, AccountId=account)
    org.share(account, bob, "Read")
    async with world.watching(), world.asking() as asking:

        async def finds(user: str) -> set[str]:
            view = await view_of(asking, user)
            return {each.id for each in await (await asking._searching()).known(view, [account, contact])}

        assert await finds(bob) == {account, contact}
        org.unshare(account, bob)
        assert await finds(bob) == {account, contact}, "no event tells of shares: the listing comes later"
        await asking.unseen(OrgUser(bob), [contact], org.clock.now())
        assert contact not in await finds(bob)
        assert await finds(ann) == {account, contact}

        async def read_again() -> bool:
            return not await asking._store.reported() and not await asking._store.denied()

        await until(read_again, 20)
        assert await finds(bob) == set()
        assert await finds(ann) == {account, contact}
