"""Field histories, which the org writes itself: a row for each tracked field that a save changes.

A reference that changes makes two rows, one with Ids and one with names. Source: Object Reference,
OpportunityFieldHistory, CaseHistory; Salesforce Help, "Field History Tracking". Which fields are tracked an
administrator chooses; here they are fixed. That special entries (`ownerAssignment`, `ownerAccepted`, `closed`) stand
beside the rows of the fields, without values, is guessed; so is the order of rows of one save.
"""

from collections.abc import Mapping

from localorg.records.change import Change

_OPPORTUNITY = {
    "StageName": "DynamicEnum",
    "Amount": "Currency",
    "CloseDate": "DateOnly",
    "Probability": "Percent",
    "ForecastCategoryName": "DynamicEnum",
    "OwnerId": "EntityId",
    "AccountId": "EntityId",
    "CampaignId": "EntityId",
    "Name": "Text",
}
_CASE = {
    "Status": "DynamicEnum",
    "Priority": "DynamicEnum",
    "Type": "DynamicEnum",
    "Reason": "DynamicEnum",
    "Origin": "DynamicEnum",
    "OwnerId": "EntityId",
    "AccountId": "EntityId",
    "ContactId": "EntityId",
    "IsEscalated": "Boolean",
}
_LONGEST = 255


def opportunity(change: Change) -> None:
    """Rows of OpportunityFieldHistory."""
    _Writer(change, "OpportunityFieldHistory", "OpportunityId").write(_OPPORTUNITY)


def case(change: Change) -> None:
    """Rows of CaseHistory: also that it was closed, assigned, or taken from a queue."""
    writer = _Writer(change, "CaseHistory", "CaseId")
    writer.write(_CASE)
    old, new = change.old, change.new
    if old is not None and old["OwnerId"] != new["OwnerId"]:
        taken = str(old["OwnerId"]).startswith("00G") and new["OwnerId"] == change.saver.user_id
        writer.add("ownerAccepted" if taken else "ownerAssignment", "Text")
    if new["IsClosed"] and not (old is not None and old["IsClosed"]):
        writer.add("closed", "Text")


class _Writer:
    """Adds rows about one save."""

    def __init__(self, change: Change, history: str, parent: str) -> None:
        self._change = change
        self._history = history
        self._parent = parent

    def write(self, tracked: Mapping[str, str]) -> None:
        """`created` for a new record, else what changed."""
        old, new = self._change.old, self._change.new
        if old is None:
            self.add("created", "Text")
            return
        for name, kind in tracked.items():
            before, after = old[name], new[name]
            if before == after:
                continue
            field = name.removesuffix("Id") if kind == "EntityId" else name
            if kind == "EntityId":
                self.add(field, kind, before, after)
                self.add(field, "Text", self._name(before), self._name(after))
            else:
                self.add(field, kind, _shown(kind, before), _shown(kind, after))

    def add(self, field: str, kind: str, before: object = None, after: object = None) -> None:
        """One row."""
        row = {self._parent: self._change.new["Id"], "Field": field, "DataType": kind}
        self._change.saver.insert(self._history, row | {"OldValue": before, "NewValue": after})

    def _name(self, record: object) -> str | None:
        """What a person reads for a referenced record."""
        sobject = self._change.saver.schema.of_id(str(record)) if record else None
        row = self._change.row(sobject.name, record) if sobject is not None else None
        if sobject is None or row is None or sobject.name_field is None:
            return None
        return str(row.get(sobject.name_field.name) or "")[:_LONGEST] or None


def _shown(kind: str, value: object) -> str | None:
    if value is None:
        return None
    if kind == "Currency":
        return str(int(str(value)) / 100)
    if kind == "Boolean":
        return "true" if value else "false"
    return str(value)[:_LONGEST]
