"""Describes of small objects."""

from forcedex.domain.schema import Field, SObject
from forcedex.domain.selection import Selection, select


def field(name: str, type: str = "string", **more: object) -> Field:
    """A field; its label is its name."""
    return Field(name=name, label=name, type=type, **more)  # type: ignore[arg-type]  # checked by the dataclass's users


SYSTEM = (
    field("Id", "id", length=18),
    field("IsDeleted", "boolean"),
    field("SystemModstamp", "datetime"),
)


def sobject(name: str, *fields: Field, system: tuple[Field, ...] = SYSTEM) -> SObject:
    """An object with the system fields and these."""
    return SObject(
        name=name,
        label=name,
        label_plural=f"{name}s",
        key_prefix="001",
        queryable=True,
        searchable=True,
        replicateable=True,
        fields=(*system, *fields),
    )


ACCOUNT = sobject(
    "Account",
    field("Name", length=255, name_field=True),
    field("Phone", "phone", length=40),
    field("AnnualRevenue", "currency", scale=2),
    field("CurrencyIsoCode", "picklist", length=3),
    field("BillingStreet", "textarea", length=255, compound_name="BillingAddress"),
    field("BillingCity", length=40, compound_name="BillingAddress"),
    field("BillingAddress", "address"),
    field("Description", "textarea", length=32000),
)
CONTACT = sobject(
    "Contact",
    field("Name", length=121, name_field=True),
    field("Email", "email", length=80),
    field("Phone", "phone", length=40),
    field("Title", length=128),
    field("AccountId", "reference", reference_to=("Account",), relationship_name="Account"),
)


def selection(of: SObject, *parents: SObject) -> Selection:
    """Everything that is read of an object."""
    return select(of, {each.name: each for each in parents})
