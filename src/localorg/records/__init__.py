"""Creating, changing, deleting records: what is checked, what is derived, what follows."""

from localorg.records.writer import RecordWriter, Writing

__all__ = ["RecordWriter", "Writing"]
