"""Where the records are: one SQLite table per object, exact values, indexes that queries use."""

from localorg.store.store import Store

__all__ = ["Store"]
