"""Those who work in the org: what they know of its records, and how they make new ones."""

from typing import Any

from localorg.door import Late
from localorg.errors import ApiError
from localorg.fixture import LocalOrg

OBJECTS = ("Account", "Contact", "Opportunity", "Case", "User", "Task", "Invoice__c", "OpportunityStage")
#: An object with so many records that it is read by Bulk jobs. It is compared when something happened to it.
LARGE = "Product2"
_MANY = 2_100
#: Objects whose records come and go.
WORKED_ON = ("Account", "Contact", "Case", "Opportunity", "Invoice__c")
#: Fewer records are not taken away.
_FEWEST = 4

#: What a transaction that others overtook is refused with.
_OVERTAKEN = frozenset({"UNABLE_TO_LOCK_ROW", "NOT_FOUND", "ENTITY_IS_DELETED"})


class NotNow(Exception):
    """There is nothing that this could be done to."""


class People:
    """They work as the administrator, straight in the org."""

    def __init__(self, org: LocalOrg) -> None:
        self.org = org
        self._ids: dict[str, list[str]] = {name: [] for name in WORKED_ON}
        self._binned: list[tuple[str, str]] = []
        #: Transactions that are open.
        self.late: list[Late] = []
        self.numbers = 0

    def settle_in(self) -> None:
        """The first records."""
        for name in WORKED_ON:
            for _ in range(6):
                self.new(name, f"First {self.number}", place=self.number)
        for number in range(_MANY):
            self.org.insert(LARGE, Name=f"Product {number}", ProductCode=f"P-{number:05d}")

    @property
    def number(self) -> int:
        """Another one each time."""
        self.numbers += 1
        return self.numbers

    def look(self) -> None:
        """See what there is now: cascades take records along."""
        self._binned = []
        for name in WORKED_ON:
            rows = self.org.rows(name)
            self._ids[name] = sorted(str(row["Id"]) for row in rows if not row["IsDeleted"])
            self._binned += sorted((name, str(row["Id"])) for row in rows if row["IsDeleted"])

    def some(self, name: str, place: int) -> str:
        """One of an object's records."""
        return self._ids[name][place % len(self._ids[name])]

    def ids(self, name: str) -> list[str]:
        """All of an object's records."""
        return list(self._ids[name])

    def new(self, name: str, word: str, place: int) -> str:
        """Create a record."""
        account = self.some("Account", place) if self._ids["Account"] else None
        record = self.org.insert(name, **self._values(name, word, account, place))
        self._ids[name].append(record)
        return record

    def _values(self, name: str, word: str, account: str | None, place: int) -> dict[str, Any]:
        day = self.org.clock.now().date()
        match name:
            case "Account":
                tier, region = self.picklist("Account", "Tier__c", place), self.picklist("Account", "Region__c", place)
                return {
                    "Name": word,
                    "Phone": "030 555",
                    "Description": "x" * 3000,
                    "Tier__c": tier,
                    "Region__c": region,
                }
            case "Contact":
                return {"LastName": word, "AccountId": account}
            case "Case":
                severity = self.picklist("Case", "Severity__c", place)
                contact = self.some("Contact", place)
                return {"Subject": word, "AccountId": account, "ContactId": contact, "Severity__c": severity}
            case "Invoice__c":
                return {"Account__c": account, "Due_Date__c": day, "Amount__c": place % 1000, "Notes__c": word}
            case _:
                return {"Name": word, "StageName": self.stage(place), "CloseDate": day, "AccountId": account}

    def picklist(self, name: str, field: str, place: int) -> str:
        """One of a picklist's values, as it is called now."""
        found = self.org.org.schema.objects[name].field(field)
        assert found is not None
        values = [each.value for each in found.picklist_values]
        return values[place % len(values)]

    def stage(self, place: int) -> str:
        """One of the stages, as it is called now."""
        stages = sorted(str(row["MasterLabel"]) for row in self.org.rows("OpportunityStage"))
        return stages[place % len(stages)]

    def take(self, name: str, place: int) -> str:
        """One of an object's records that is about to be deleted; NotNow if there are few."""
        if len(self._ids[name]) <= _FEWEST:
            raise NotNow(f"There are few of {name}.")
        return self._ids[name].pop(place % len(self._ids[name]))

    def from_bin(self, place: int) -> tuple[str, str]:
        """A record that was deleted; NotNow if there is none."""
        if not self._binned:
            raise NotNow("The bin is empty.")
        return self._binned.pop(place % len(self._binned))

    def to_bin(self, name: str, record: str) -> None:
        """It was deleted."""
        self._binned.append((name, record))

    def work_on_an_account(self) -> None:
        """Something whose event passes."""
        self.org.update("Account", self.some("Account", self.number), Name=f"Work {self.number}")

    def commit_all(self) -> int:
        """End what is open, in the order of its beginning: how many transactions were committed.

        One whose record somebody else changed or took away meanwhile is refused, as it should be.
        """
        count = 0
        while self.late:
            try:
                self.late.pop(0).commit()
            except ApiError as exc:
                if exc.code not in _OVERTAKEN:
                    raise
            else:
                count += 1
        return count
