"""Change Data Capture: which changes become events, what an event says, and how long it is kept."""

from localorg.events.journal import Journal
from localorg.events.settings import CdcSettings

__all__ = ["CdcSettings", "Journal"]
