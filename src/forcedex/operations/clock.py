"""What time it is here; the org's time comes from the org."""

from datetime import UTC, datetime


def utc_now() -> datetime:
    """This machine's time."""
    return datetime.now(UTC)
