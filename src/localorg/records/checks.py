"""What is checked of a record before it is saved, beside its values.

Source: SOAP API Developer Guide, "Core Data Types Used in API Calls" (StatusCode).
"""

from localorg.errors import ApiError
from localorg.schema import FieldDef, SObjectDef
from localorg.store import Store
from localorg.store.derived import is_derived
from localorg.store.store import Row


def check_references(store: Store, sobject: SObjectDef, given: Row) -> None:
    """What is referenced must be there, not deleted, and an owner active."""
    for name, value in given.items():
        field = sobject.by_name[name.lower()]
        if field.type != "reference" or value is None:
            continue
        found = [
            target
            for target in map(store.schema.objects.__getitem__, field.reference_to)
            if target.key_prefix == str(value)[:3]
        ]
        row = next(filter(None, (store.get(target, str(value)) for target in found)), None)
        if row is None:
            raise ApiError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", fields=[])
        if row.get("IsDeleted"):
            raise ApiError("ENTITY_IS_DELETED", "entity is deleted", fields=[])
        if name == "OwnerId" and found[0].name == "User" and not row["IsActive"]:
            raise ApiError(
                "INACTIVE_OWNER_OR_USER",
                f"operation performed with inactive user [{str(value)[:15]}] as owner of {sobject.name.lower()}",
                fields=[],
            )


def check_unique(store: Store, sobject: SObjectDef, row: Row) -> None:
    """No other record, deleted or not, may have the same value in a unique field."""
    for field in sobject.fields:
        username = sobject.name == "User" and field.name == "Username"
        value = row.get(field.name)
        if value is None or not (field.unique or username):
            continue
        collate = "" if field.case_sensitive else " COLLATE NOCASE"
        same = store.select(sobject, f'"{field.name}" = ?{collate} AND "Id" <> ?', (value, row["Id"]))
        if same and username:
            raise ApiError(
                "DUPLICATE_USERNAME",
                "Duplicate Username.The username already exists in this or another Salesforce organization. "
                "Usernames must be unique across all Salesforce organizations.",
                fields=["Username"],
            )
        if same:
            raise ApiError(
                "DUPLICATE_VALUE",
                f"duplicate value found: {field.name} duplicates value on record with id: {str(same[0]['Id'])[:15]}",
                fields=[],
            )


def required(sobject: SObjectDef, field: FieldDef) -> bool:
    """Whether a value must be given: not nullable, and nothing fills it."""
    if field.nillable or not field.createable or field.defaulted_on_create or field.type in ("boolean", "id"):
        return False
    if field.default_value is not None or field.calculated or field.auto_number:
        return False
    return not is_derived(sobject, field) and field.stored


def missing(names: list[str]) -> ApiError:
    """The error for required fields without a value."""
    return ApiError("REQUIRED_FIELD_MISSING", f"Required fields are missing: [{', '.join(names)}]", fields=names)


def id_given(*, creating: bool) -> ApiError:
    """The error for an Id among the fields."""
    if creating:
        return ApiError("INVALID_FIELD_FOR_INSERT_UPDATE", "cannot specify Id in an insert call", fields=["Id"])
    return ApiError("INVALID_FIELD", "The Id field should not be specified in the sobject data.")


def no_verb(sobject: SObjectDef, verb: str) -> ApiError:
    """The error for an object that cannot be written so."""
    return ApiError(
        "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY",
        f"entity type {sobject.label} does not support {verb}",
        fields=[],
    )
