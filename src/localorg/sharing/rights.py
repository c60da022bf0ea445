"""What a request may write: object permissions, access to the record and to what it points to.

Source: SOAP API Developer Guide, "Core Data Types Used in API Calls" (StatusCode); Object Reference, the share objects
(only manual rows are written, by who has full access to the record), "Special Access Rules" of set-up objects.
"""

from localorg.errors import ApiError
from localorg.schema import SObjectDef
from localorg.sharing.conditions import RecordAccess
from localorg.sharing.objects import Shared, masters, shared, shared_by
from localorg.store import Store
from localorg.store.store import Row
from localorg.users import OrgUser

#: Objects that only who manages users writes.
_SETUP = frozenset(
    "Group GroupMember UserRole Profile PermissionSet PermissionSetAssignment PermissionSetGroup ObjectPermissions"
    " FieldPermissions QueueSobject User UserLogin CaseTeamRole Organization CurrencyType DatedConversionRate"
    " BusinessHours Holiday MilestoneType".split()
)
#: Parts that who reads the record may add. Of share objects see `_check_share`.
_OPEN_TO_READERS = frozenset({"CaseComment"})
#: A user may change himself.
_OWN = "User"
_MODELS = {"Read": "Read", "Edit": "ReadWrite"}


def readonly() -> ApiError:
    """The record may be read, not changed so."""
    return ApiError("INSUFFICIENT_ACCESS_OR_READONLY", "insufficient access rights on object id", status=403, fields=[])


def no_reference(record: object) -> ApiError:
    """The record may not even be read."""
    return ApiError(
        "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY",
        f"insufficient access rights on cross-reference id: {str(record)[:15]}",
        fields=[],
    )


class Rights:
    """What one user may write."""

    def __init__(self, store: Store, user: OrgUser) -> None:
        self._store = store
        self._user = user
        self._access: RecordAccess = user.access

    def has(self, name: str, record: object, need: str) -> bool:
        """Whether the user may Read, Edit, or do everything with (All) a record."""
        condition = self._access.condition(name, need)
        if condition is None:
            return True
        return (
            self._store.scalar(f'SELECT 1 FROM "{name}" WHERE "Id" = ? AND ({condition})', (str(record),)) is not None
        )

    def check_create(self, sobject: SObjectDef, given: Row) -> None:
        """Raise what forbids a new record with these values."""
        self._check_object(sobject, "Create", None)
        self._check_share(sobject, given, None)
        self._check_quota(sobject, given)
        self._check_references(sobject, given)

    def check_update(self, sobject: SObjectDef, old: Row, given: Row) -> None:
        """Raise what forbids these changes of a record."""
        self._check_readable(sobject, old)
        self._check_object(sobject, "Edit", old)
        self._check_share(sobject, given, old)
        if not self._is_own(sobject, old) and not self.has(sobject.name, old["Id"], "Edit"):
            raise readonly()
        if given.get("QuotaOwnerId", old.get("QuotaOwnerId")) != old.get("QuotaOwnerId"):
            self._check_quota(sobject, given)
        owner = given.get("OwnerId", old.get("OwnerId"))
        if owner != old.get("OwnerId") and not self.may_transfer(sobject.name, old["Id"]):
            raise readonly()
        changed = {name: value for name, value in given.items() if old.get(name) != value}
        self._check_references(sobject, changed)

    def check_delete(self, sobject: SObjectDef, row: Row) -> None:
        """Raise what forbids deleting a record."""
        self._check_readable(sobject, row)
        self._check_object(sobject, "Delete", row)
        self._check_share(sobject, {}, row)
        if not self.has(sobject.name, row["Id"], "All"):
            raise readonly()

    def may_transfer(self, name: str, record: object) -> bool:
        """Whether the user may give a record to another owner."""
        if self._access.model.at_least(name, "ReadWriteTransfer") and self._access.permitted(name, "Edit"):
            return self.has(name, record, "Edit")
        return self.has(name, record, "All")

    def _check_quota(self, sobject: SObjectDef, given: Row) -> None:
        """Who manages quotas sets those of people below him; with View All Forecasts everybody's."""
        if sobject.name == "ForecastingQuota" and not self._access.may_set_quota(given.get("QuotaOwnerId")):
            raise readonly()

    def _is_own(self, sobject: SObjectDef, row: Row) -> bool:
        return sobject.name == _OWN and row["Id"] == self._user.id

    def _check_readable(self, sobject: SObjectDef, row: Row) -> None:
        if not self.has(sobject.name, row["Id"], "Read"):
            raise no_reference(row["Id"])

    def _check_object(self, sobject: SObjectDef, right: str, row: Row | None) -> None:
        name = sobject.name
        if name in _SETUP:
            if not self._user.manages_users and not (row is not None and self._is_own(sobject, row)):
                raise readonly()
        elif shared_by(self._store.schema, name) is None and not self._access.permitted(name, right):
            raise readonly()

    def _check_references(self, sobject: SObjectDef, given: Row) -> None:
        """What a record points to must be readable; what it is part of, to be changed too."""
        parts = {} if sobject.name in _OPEN_TO_READERS else dict(masters(self._store.schema, sobject))
        for name, value in given.items():
            field = sobject.by_name[name.lower()]
            if field.type != "reference" or value is None:
                continue
            target = self._store.schema.of_id(str(value))
            if target is None:
                continue
            if not self.has(target.name, value, "Edit" if name in parts else "Read"):
                raise no_reference(value)

    # -- share rows --

    def _check_share(self, sobject: SObjectDef, given: Row, old: Row | None) -> None:
        parent = shared_by(self._store.schema, sobject.name)
        if parent is None:
            return
        row = {**(old or {}), **given}
        if (row.get("RowCause") or "Manual") != "Manual" or not self.has(parent.object, row[parent.parent], "All"):
            raise readonly()
        if given:
            self._check_levels(parent, row)
            private = 'SELECT 1 FROM "Opportunity" WHERE "Id" = ? AND "IsPrivate" = 1'
            if parent.object == "Opportunity" and self._store.scalar(private, (str(row[parent.parent]),)) is not None:
                raise _bad_level(parent.parent, "a private opportunity is not shared")

    def _check_levels(self, parent: Shared, row: Row) -> None:
        """A share must open more than the default does."""
        for column in parent.levels:
            name, level = column.removesuffix("AccessLevel") or parent.object, row.get(column)
            if column == parent.level and level not in _MODELS:
                raise _bad_level(column, f"invalid share level {level}")
            if level not in _MODELS or shared(self._store.schema, name) is None:
                continue
            model = self._access.model
            if column == parent.level and model.at_least(name, _MODELS[str(level)]):
                default = {"Read": "Read", "ReadWrite": "Edit"}.get(model.internal[name], model.internal[name])
                raise _bad_level(column, f"trivial share level {level}, for organization with default level {default}")


def _bad_level(column: str, text: str) -> ApiError:
    message = f"field integrity exception: {column} ({text})"
    return ApiError("FIELD_INTEGRITY_EXCEPTION", message, fields=[column])
