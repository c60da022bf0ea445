"""What people do to records."""

from hypothesis import strategies as st
from hypothesis.stateful import rule

from tests.acceptance.oracle.people import WORKED_ON
from tests.acceptance.oracle.scenario import Scenario, kinds
from tests.acceptance.oracle.values import Hard, hard_values, places, words

_TITLES = {
    "Account": "Name",
    "Contact": "LastName",
    "Case": "Subject",
    "Opportunity": "NextStep",
    "Invoice__c": "Notes__c",
}
_objects = st.sampled_from(WORKED_ON)

kinds("insert", "update", "hard_value", "reparent", "formula_source", "owner_renamed", "delete", "undelete")
kinds("hard_delete", "empty_bin", "merge", "mass_update", "system_touch", "begin_late", "commit_late")


class Records(Scenario):
    """The rules."""

    @rule(name=_objects, word=words, place=places)
    def insert(self, name: str, word: str, place: int) -> None:
        """A new record."""
        self.do("insert", lambda: self.people.new(name, word, place))

    @rule(name=_objects, word=words, places=st.lists(places, min_size=1, max_size=3))
    def insert_more(self, name: str, word: str, places: list[int]) -> None:
        """Some, one after the other."""
        for place in places:
            self.do("insert", lambda place=place: self.people.new(name, word, place))  # type: ignore[misc]

    def _update(self, name: str, word: str, place: int) -> None:
        self.do("update", lambda: self.org.update(name, self.people.some(name, place), **{_TITLES[name]: word}))

    @rule(name=_objects, word=words, place=places)
    def update(self, name: str, word: str, place: int) -> None:
        """A new name."""
        self._update(name, word, place)

    @rule(name=_objects, words=st.lists(words, min_size=2, max_size=4), place=places)
    def update_often(self, name: str, words: list[str], place: int) -> None:
        """Several times the same record."""
        for word in words:
            self._update(name, word, place)

    @rule(word=words, place=places)
    def update_account(self, word: str, place: int) -> None:
        """The name of an account is shown by others."""
        self._update("Account", word, place)

    @rule(hard=hard_values, place=places)
    def hard_value(self, hard: Hard, place: int) -> None:
        """A value that is hard to carry."""
        name, field, value = hard
        self.do("hard_value", lambda: self.org.update(name, self.people.some(name, place), **{field: value}))

    @rule(place=places, to=places)
    def reparent(self, place: int, to: int) -> None:
        """A contact changes to another account."""
        people = self.people
        self.do(
            "reparent",
            lambda: self.org.update("Contact", people.some("Contact", place), AccountId=people.some("Account", to)),
        )

    @rule(place=places, value=places)
    def formula_source(self, place: int, value: int) -> None:
        """A field that formulas show."""
        region = self.people.picklist("Account", "Region__c", value)
        self.do(
            "formula_source", lambda: self.org.update("Account", self.people.some("Account", place), Region__c=region)
        )

    @rule(place=places, number=st.integers(0, 999))
    def owner_renamed(self, place: int, number: int) -> None:
        """A user's name, which all records show that he owns."""
        users = [str(row["Id"]) for row in self.org.rows("User") if row["IsActive"]]
        self.do("owner_renamed", lambda: self.org.update("User", users[place % len(users)], LastName=f"Owner {number}"))

    @rule(name=_objects, place=places)
    def delete(self, name: str, place: int) -> None:
        """Into the bin."""

        def act() -> None:
            record = self.people.take(name, place)
            self.org.delete(name, record)
            self.people.to_bin(name, record)

        self.do("delete", act)

    @rule(place=places)
    def undelete(self, place: int) -> None:
        """Out of the bin."""
        self.do("undelete", lambda: self.org.undelete(*self.people.from_bin(place)))

    @rule(name=st.sampled_from(("Case", "Contact", "Invoice__c")), place=places)
    def hard_delete(self, name: str, place: int) -> None:
        """For good."""
        self.do("hard_delete", lambda: self.org.hard_delete(name, self.people.take(name, place)))

    @rule()
    def empty_bin(self) -> None:
        """For good, all that were deleted."""
        self.do("empty_bin", self.org.empty_bin)

    @rule(place=places, other=places)
    def merge(self, place: int, other: int) -> None:
        """Two accounts become one."""

        def act() -> None:
            loser = self.people.take("Account", place)
            self.org.merge(self.people.some("Account", other), loser)

        self.do("merge", act)

    @rule(word=words)
    def mass_update(self, word: str) -> None:
        """All contacts, with one stamp."""
        self.do("mass_update", lambda: self.org.mass_update("Contact", None, Title=word[:40]))

    @rule(place=places)
    def system_touch(self, place: int) -> None:
        """A stamp alone."""
        self.do("system_touch", lambda: self.org.system_touch("Account", self.people.some("Account", place)))

    @rule(word=words, place=places)
    def begin_late(self, word: str, place: int) -> None:
        """A transaction that is stamped now and seen later."""

        def act() -> None:
            late = self.org.begin_late()
            late.update("Case", self.people.some("Case", place), Subject=f"late {word}")
            self.people.late.append(late)

        self.do("begin_late", act)

    @rule()
    def commit_late(self) -> None:
        """It is seen now."""
        if self.people.late:
            self.do("commit_late", self.people.late.pop(0).commit)
        else:
            self.ordinary()
