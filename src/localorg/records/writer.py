"""Saving records, step by step as Salesforce does: names, values, requiredness, references, rules, uniqueness,
the row itself, and what follows from it. One transaction per request.

Source: SOAP API Developer Guide, "create()", "update()", "upsert()"; REST API Developer Guide, "sObject Rows".
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from localorg.errors import ApiError, not_found
from localorg.events import Journal
from localorg.events.changes import Kind, Touch
from localorg.ids import full_id
from localorg.records.change import Change
from localorg.records.checks import check_references, check_unique, id_given, missing, no_verb, required
from localorg.records.coerce import coerce, malformed_id, no_such_column, not_writable
from localorg.records.effects import AFTER
from localorg.records.rules import BEFORE
from localorg.schema import FieldDef, Schema, SObjectDef
from localorg.sharing import upkeep
from localorg.sharing.objects import shared_by
from localorg.sharing.rights import Rights
from localorg.store import Store
from localorg.store.derived import is_derived
from localorg.store.store import Row
from localorg.store.values import Stored, format_datetime

#: Source: Object Reference, "System Fields"; SystemModstamp can never be set.
_AUDIT_FIELDS = frozenset({"CreatedDate", "CreatedById", "LastModifiedDate", "LastModifiedById"})


@dataclass(frozen=True, kw_only=True)
class Writing:
    """Who writes, and when."""

    user_id: str
    now: datetime
    currency: str = "USD"
    #: Through what, as change events say it; empty: the org itself.
    origin: str = ""
    #: New records may say when and by whom they were created and last changed (Set Audit Fields upon Record Creation).
    audit_fields: bool = False
    #: What is written became visible late: no record's stamp goes back because of it.
    late: bool = False


class RecordWriter:
    """Saves records for one user at one instant."""

    def __init__(self, store: Store, writing: Writing, journal: Journal, rights: Rights | None = None) -> None:
        self._store = store
        self._writing = writing
        self._journal = journal
        #: What requests may write; None: everything.
        self.rights = rights

    # -- what rules and effects ask --

    @property
    def store(self) -> Store:
        """The records."""
        return self._store

    @property
    def schema(self) -> Schema:
        """The objects."""
        return self._store.schema

    @property
    def now(self) -> datetime:
        """The org's clock."""
        return self._writing.now

    @property
    def user_id(self) -> str:
        """Who saves."""
        return self._writing.user_id

    def note(self, kind: Kind, sobject: SObjectDef, record: str, old: Row | None = None) -> None:
        """Tell the journal of changes what happened to a record."""
        if not self._journal.settings.selected:
            return
        writing = self._writing
        touch = Touch(
            kind=kind,
            object=sobject.name,
            record=record,
            old=old,
            at=format_datetime(writing.now),
            user_id=writing.user_id,
            origin=writing.origin,
        )
        self._journal.note(touch)

    def notes_changes(self, sobject: SObjectDef) -> bool:
        """Whether the journal wants to know of changes of an object."""
        return sobject.name in self._journal.settings.selected

    def insert(self, object_name: str, values: Mapping[str, object]) -> str:
        """Add a record that follows from another one; values in stored form."""
        sobject = self.schema.objects[object_name]
        return self._save_new(sobject, {name: _stored(value) for name, value in values.items()}, frozenset())

    def change(self, object_name: str, record: str, values: Mapping[str, object]) -> None:
        """Change a record because of another one; values in stored form."""
        sobject = self.schema.objects[object_name]
        old = self._store.get(sobject, record)
        if old is not None and not old.get("IsDeleted"):
            changes = {name: _stored(value) for name, value in values.items()}
            self._save_changed(sobject, old, changes, frozenset())

    # -- requests --

    def create(self, sobject: SObjectDef, body: Mapping[str, Any], record: str | None = None) -> str:
        """Create a record, with an Id that was reserved for it or a new one; its Id."""
        if "create" not in sobject.abilities:
            raise no_verb(sobject, "create")
        with self._store.transaction():
            given = self._given(sobject, body, creating=True)
            sobject = self.schema.objects[sobject.name]
            self._require(sobject, given)
            check_references(self._store, sobject, given)
            if self.rights is not None:
                self.rights.check_create(sobject, given)
            if (again := self._shared_already(sobject, given)) is not None:
                return again
            comments = given.pop("Comments", None) if sobject.name == "Case" else None
            record = self._save_new(sobject, given, frozenset(given), record)
            if comments is not None:
                self.insert("CaseComment", {"ParentId": record, "CommentBody": comments})
            return record

    def update(self, sobject: SObjectDef, record: str, body: Mapping[str, Any]) -> None:
        """Change a record."""
        if "update" not in sobject.abilities:
            raise no_verb(sobject, "update")
        with self._store.transaction():
            old = self.existing(sobject, record)
            given = self.checked_changes(sobject, body)
            sobject = self.schema.objects[sobject.name]
            if self.rights is not None:
                self.rights.check_update(sobject, old, given)
            comments = given.pop("Comments", None) if sobject.name == "Case" else None
            self._save_changed(sobject, old, given, frozenset(given))
            if comments is not None:
                self.insert("CaseComment", {"ParentId": record, "CommentBody": comments})

    def checked_changes(self, sobject: SObjectDef, body: Mapping[str, Any]) -> Row:
        """What a request to update changes, in stored form, or the error for it."""
        if "update" not in sobject.abilities:
            raise no_verb(sobject, "update")
        given = self._given(sobject, body, creating=False)
        emptied = [
            name for name, value in given.items() if value is None and required(sobject, sobject.by_name[name.lower()])
        ]
        if emptied:
            raise missing(emptied)
        check_references(self._store, sobject, given)
        return given

    def existing(self, sobject: SObjectDef, record: str) -> Row:
        """The record, or the error that it is not there, or not any more."""
        identifier = full_id(record)
        if identifier is None or not identifier.startswith(sobject.key_prefix):
            if identifier is None:
                raise not_found("Provided external ID field does not exist or is not accessible: " + record)
            raise malformed_id(sobject.by_name["id"], record)
        row = self._store.get(sobject, identifier)
        if row is None:
            raise not_found()
        if row.get("IsDeleted"):
            if self.rights is not None and not self.rights.has(sobject.name, identifier, "Read"):
                raise not_found()
            raise ApiError("ENTITY_IS_DELETED", "entity is deleted", status=404, fields=[])
        return row

    def matches(self, sobject: SObjectDef, field: FieldDef, text: str) -> list[Row]:
        """Records with this external id."""
        collate = "" if field.case_sensitive or field.type == "id" else " COLLATE NOCASE"
        deleted = ' AND "IsDeleted" = 0' if sobject.has("IsDeleted") else ""
        value = coerce(self.schema, field, text)
        return self._store.select(sobject, f'"{field.name}" = ?{collate}{deleted}', (value,))

    def _shared_already(self, sobject: SObjectDef, given: Row) -> str | None:
        """A record is shared with somebody once: to share it again changes the level of the row that is there.

        Source: Object Reference, AccountShare.
        """
        parent = shared_by(self.schema, sobject.name)
        if parent is None:
            return None
        where = f'"{parent.parent}" = ? AND "UserOrGroupId" = ? AND "RowCause" = ? AND "IsDeleted" = 0'
        row = (given.get(parent.parent), given.get("UserOrGroupId"), given.setdefault("RowCause", "Manual"))
        found = self._store.select(sobject, where, row)
        if not found:
            return None
        levels = {name: value for name, value in given.items() if name.endswith("AccessLevel")}
        self._save_changed(sobject, found[0], levels, frozenset(levels))
        return str(found[0]["Id"])

    # -- steps --

    def _given(self, sobject: SObjectDef, body: Mapping[str, Any], *, creating: bool) -> Row:
        """The request's values in stored form, by canonical name."""
        given: Row = {}
        refused: list[str] = []
        for key, value in body.items():
            if key == "attributes":
                continue
            field = sobject.field(key)
            if field is None:
                reference = sobject.by_relationship.get(key.lower())
                if reference is None:
                    raise no_such_column(sobject, key)
                given[reference.name] = self._by_external_id(reference, value)
                continue
            if field.name == "Id":
                raise id_given(creating=creating)
            allowed = field.createable if creating else field.updateable
            if creating and self._writing.audit_fields and field.name in _AUDIT_FIELDS:
                allowed = True
            if not allowed or field.compound or (is_derived(sobject, field) and field.name != "Comments"):
                refused.append(field.name)
                continue
            given[field.name] = coerce(self.schema, field, value)
        if refused:
            raise not_writable(refused)
        return given

    def _by_external_id(self, reference: FieldDef, value: Any) -> Stored:
        """`"Account": {"Customer_Number__c": "C-7"}`: the Id of the record with that external id."""
        if value is None:
            return None
        keys = [key for key in value if key != "attributes"] if isinstance(value, dict) else []
        target = self.schema.objects[reference.reference_to[0]]
        if isinstance(value, dict) and isinstance(value.get("attributes"), dict):
            named = self.schema.object(str(value["attributes"].get("type", "")))
            target = named if named is not None and named.name in reference.reference_to else target
        if len(keys) != 1:
            raise ApiError(
                "INVALID_FIELD",
                f"The value provided for foreign key reference {reference.relationship_name} is not a nested SObject",
            )
        field = target.field(keys[0])
        if field is None or not (field.external_id or field.id_lookup):
            raise ApiError("INVALID_FIELD", f"{keys[0]} is not an External ID or indexed field for {target.name}")
        found = self.matches(target, field, str(value[keys[0]]))
        if not found:
            raise ApiError(
                "INVALID_FIELD",
                f"Foreign key external ID: {value[keys[0]]} not found for field {field.name} in entity {target.name}",
            )
        return found[0]["Id"]

    def _require(self, sobject: SObjectDef, given: Row) -> None:
        lacking = [field.name for field in sobject.fields if required(sobject, field) and given.get(field.name) is None]
        if lacking:
            raise missing(lacking)

    # -- saving --

    def _defaults(self, sobject: SObjectDef) -> Row:
        row: Row = {}
        for field in self._store.columns(sobject):
            if field.type == "boolean":
                row[field.name] = int(field.default_value == "true")
            elif field.default_value is not None:
                row[field.name] = field.default_value
            else:
                row[field.name] = None
        if "OwnerId" in row:
            row["OwnerId"] = self.user_id
        if "CurrencyIsoCode" in row:
            row["CurrencyIsoCode"] = self._writing.currency
        if sobject.name == "PermissionSetAssignment":
            row["IsActive"] = 1
        return row

    def stamps(self, sobject: SObjectDef, *, created: bool) -> Row:
        """The system fields that saving moves."""
        now = format_datetime(self.now)
        stamps: Row = {
            "LastModifiedDate": now,
            "LastModifiedById": self.user_id,
            "SystemModstamp": now,
        }
        if created:
            stamps |= {"CreatedDate": now, "CreatedById": self.user_id}
        return {name: value for name, value in stamps.items() if sobject.has(name)}

    def _save_new(self, sobject: SObjectDef, given: Row, named: frozenset[str], record: str | None = None) -> str:
        with self._store.transaction():
            row = self._defaults(sobject) | self.stamps(sobject, created=True) | given
            row["Id"] = record or self._store.next_id(sobject.key_prefix)
            for field in sobject.fields:
                if field.auto_number:
                    row[field.name] = self._auto_number(sobject, field)
            if row.get("CurrencyIsoCode") is None and "CurrencyIsoCode" in row:
                row["CurrencyIsoCode"] = self._writing.currency
            if row.get("OwnerId") is None and "OwnerId" in row:
                row["OwnerId"] = self.user_id
            change = Change(self, None, row, named)
            self._apply(sobject, change)
            self._store.insert(sobject, change.new)
            self.note("CREATE", sobject, str(row["Id"]))
            self._after(sobject, change)
            return str(row["Id"])

    def _save_changed(self, sobject: SObjectDef, old: Row, given: Row, named: frozenset[str]) -> None:
        with self._store.transaction():
            stamps = self.stamps(sobject, created=False)
            if self._writing.late and str(old.get("SystemModstamp") or "") > format_datetime(self.now):
                stamps = {}
            row = {**old, **given, **stamps}
            change = Change(self, old, row, named)
            self._apply(sobject, change)
            changes = {name: value for name, value in change.new.items() if old.get(name) != value}
            self._store.update(sobject, str(old["Id"]), changes)
            self.note("UPDATE", sobject, str(old["Id"]), old)
            self._after(sobject, change)

    def _apply(self, sobject: SObjectDef, change: Change) -> None:
        rule = BEFORE.get(sobject.name)
        if rule is not None:
            rule(change)
        check_unique(self._store, sobject, change.new)

    def _after(self, sobject: SObjectDef, change: Change) -> None:
        effect = AFTER.get(sobject.name)
        if effect is not None:
            effect(change)
        upkeep.saved(self, sobject.name, change.old, change.new)

    def _auto_number(self, sobject: SObjectDef, field: FieldDef) -> str:
        counter = f"auto:{sobject.name}"
        if self._store.scalar('SELECT 1 FROM "_counter" WHERE name = ?', (counter,)) is None:
            # Loaded records have numbers already: go on after the highest.
            last = self._store.scalar(f'SELECT max("{field.name}") FROM "{sobject.name}"') or ""
            digits = "".join(char for char in str(last) if char.isdigit())
            self._store.reserve(counter, int(digits or (1000 if sobject.name == "Case" else 0)))
        number = self._store.next_number(counter)
        pattern = field.display_format or "{00000000}"
        head, _, rest = pattern.partition("{")
        zeros, _, tail = rest.partition("}")
        return f"{head}{number:0{len(zeros)}d}{tail}"


def _stored(value: object) -> Stored:
    assert value is None or isinstance(value, str | int)
    return value
