"""What the org's administrator decides about Change Data Capture, and what tests may tighten."""

from collections.abc import Sequence

import orjson

from localorg.events.entities import event_name, has_events, of_event_name
from localorg.store import Store

#: An org without the add-on may select five. Source: Change Data Capture Developer Guide, "Allocations".
_MOST_SELECTED = 5
_DEFAULT = ("Account", "Contact", "Opportunity", "Lead", "Case")
_SETTING = "change_data_capture"


class CdcSettings:
    """The selected objects (kept over a restart) and limits (as Salesforce has them, unless set otherwise)."""

    def __init__(self, store: Store) -> None:
        self._store = store
        kept = store.setting(_SETTING)
        #: Objects whose changes become events.
        self.selected: frozenset[str] = frozenset(orjson.loads(kept)["selected"] if kept else _DEFAULT)
        #: Whether the org bought the add-on, which lifts the cap of five.
        self.add_on: bool = bool(kept and orjson.loads(kept)["add_on"])
        #: Seconds after which a stream without events gets a keep-alive.
        self.keepalive = 270.0
        #: Seconds that a stream stays open when everything requested was delivered.
        self.fetch_timeout = 60.0
        #: Seconds between a waiting stream's looks at its session and at faults; events wake it at once.
        self.look_again = 0.25
        #: Changes of one transaction that become events of their own.
        self.overflow = 100_000
        #: Bytes of the largest event; a larger one becomes a gap event.
        self.largest = 1_048_576

    def select(self, names: Sequence[str], *, add_on: bool | None = None) -> None:
        """Select these objects and no others, `Account` or `AccountChangeEvent`; ValueError if that cannot be."""
        bought = self.add_on if add_on is None else add_on
        chosen = frozenset(self._canonical(name) for name in names)
        if len(chosen) > _MOST_SELECTED and not bought:
            raise ValueError(
                f"Without the add-on an org can select {_MOST_SELECTED} objects for Change Data Capture, "
                f"not {len(chosen)}. Select fewer, or set add_on."
            )
        kept = orjson.dumps({"selected": sorted(chosen), "add_on": bought}).decode()
        self._store.set_setting(_SETTING, kept)
        self.selected, self.add_on = chosen, bought

    def _canonical(self, name: str) -> str:
        schema = self._store.schema
        found = of_event_name(schema, name) or schema.object(name)
        if found is None or not has_events(found):
            raise ValueError(f"{name} has no change events. Name objects such as Account or Invoice__c.")
        return found.name

    @property
    def event_names(self) -> list[str]:
        """Such as `AccountChangeEvent`."""
        return sorted(event_name(name) for name in self.selected)
