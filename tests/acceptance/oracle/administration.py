"""What an administrator does to the org: fields, picklists, stages, permissions; and the org's day ends."""

import asyncio
from datetime import datetime, timedelta
from datetime import time as daytime

from hypothesis import strategies as st
from hypothesis.stateful import rule

from tests.acceptance.oracle.people import NotNow
from tests.acceptance.oracle.scenario import Scenario, kinds
from tests.acceptance.oracle.values import places, words

#: Whatever makes the sync wait or build an index anew comes once in so many scenarios.
_FIELD, _PICKLIST, _SIGHT, _MIDNIGHT = 5, 6, 25, 40
_PICKLISTS = (("Account", "Tier__c"), ("Account", "Region__c"), ("Case", "Severity__c"), ("Opportunity", "StageName"))
_HIDEABLE = (
    *(("Account", "Phone"), ("Account", "Region__c"), ("Account", "Background__c"), ("Contact", "Title")),
    *(("Opportunity", "NextStep"), ("Case", "Subject"), ("Case", "ContactId"), ("Invoice__c", "Due_Date__c")),
)
_shared = st.sampled_from(("Account", "Contact", "Case", "Opportunity", "Invoice__c"))

kinds("new_field", "gone_field", "rename_picklist", "change_stage", "hide_field", "show_field", "hide_records")
kinds("hide_object", "midnight")


class Administration(Scenario):
    """The rules."""

    @rule(word=words, place=places)
    def new_field(self, word: str, place: int) -> None:
        """A field, and a value in it."""
        if not self.due("new_field", _FIELD):
            return
        field = f"Extra{self.people.number}__c"

        def act() -> None:
            self.org.add_field("Account", field, type="string", label=field, length=40)
            self.org.update("Account", self.people.some("Account", place), **{field: word[:40]})

        self.do("new_field", act)

    @rule(place=places)
    def gone_field(self, place: int) -> None:
        """A field that was new once is removed."""
        extra = [each.name for each in self.org.org.schema.objects["Account"].fields if each.name.startswith("Extra")]
        if extra and self.due("gone_field", _FIELD):
            self.do("gone_field", lambda: self.org.remove_field("Account", extra[place % len(extra)]))

    @rule(where=st.sampled_from(_PICKLISTS), place=places)
    def rename_picklist(self, where: tuple[str, str], place: int) -> None:
        """A value of a picklist gets another name, in all records, without any stamp."""
        name, field = where
        old = self.people.picklist(name, field, place)
        new = f"{old.split(' #')[0]} #{self.people.number}"

        def act() -> None:
            if where in self.world.sight.fields:
                raise NotNow("No describe tells of a hidden field: formulas on it wait for the rotating comparison.")
            self.org.rename_picklist_value(name, field, old, new)

        if self.due("rename_picklist", _PICKLIST):
            self.do("rename_picklist", act, where)

    @rule(
        place=places,
        type=st.sampled_from(("Open", "Closed/Won", "Closed/Lost")),
        category=st.sampled_from(("Omitted", "Pipeline", "Best Case", "Commit", "Closed")),
    )
    def change_stage(self, place: int, type: str, category: str) -> None:
        """A stage means something else; its opportunities follow without any stamp."""
        stage = self.people.stage(place)
        if self.due("change_stage", _PICKLIST):
            self.do("change_stage", lambda: self.org.change_stage(stage, type=type, forecast_category=category), stage)

    @rule(where=st.sampled_from(_HIDEABLE))
    def hide_field(self, where: tuple[str, str]) -> None:
        """A field is hidden from the sync user; until another scenario shows it."""
        if self.due("hide_field", _SIGHT):
            self.do("hide_field", lambda: self.world.run(self.world.sight.hide_field(*where)), where)

    @rule(place=places)
    def show_field(self, place: int) -> None:
        """A hidden field is shown again."""
        if self.world.sight.fields:
            self.do("show_field", lambda: self.world.run(self.world.sight.show_field(place)))
        else:
            self.ordinary()

    @rule(name=_shared, chosen=st.lists(places, min_size=1, max_size=3), seconds=st.sampled_from((0.0, 0.0, 13.0)))
    def hide_records(self, name: str, chosen: list[int], seconds: float) -> None:
        """Records are hidden from the sync user until the scenario ends; a sweep may come in between."""
        if self.due("hide_records", _SIGHT):
            records = [self.people.some(name, place) for place in chosen]
            self.do("hide_records", lambda: self.world.run(self.world.sight.hide_records(name, records)), name)
            self.world.run(asyncio.sleep(seconds))

    @rule(name=_shared, seconds=st.sampled_from((0.0, 1.0, 4.0)))
    def hide_object(self, name: str, seconds: float) -> None:
        """The sync user loses an object until the scenario ends; a describe may come in between."""
        if self.due("hide_object", _SIGHT):
            self.do("hide_object", lambda: self.world.run(self.world.sight.hide_object(name)), name)
            self.world.run(asyncio.sleep(seconds))

    @rule(seconds=st.integers(1, 7200))
    def midnight(self, seconds: int) -> None:
        """The org's day ends, formulas with TODAY() have other values; the sync is killed in that night."""
        if not self.due("midnight", _MIDNIGHT):
            return

        def act() -> None:
            self.people.commit_all()  # no transaction lasts as long
            now = self.org.clock.now()
            tomorrow = datetime.combine(now.date() + timedelta(days=1), daytime(), now.tzinfo)
            self.org.clock.advance(tomorrow - now + timedelta(seconds=seconds))

        self.do("midnight", act)
        self.world.run(self.world.kill())
