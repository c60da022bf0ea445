"""Time zones by the names that Salesforce has for them (`TimeZoneSidKey`), which are those of the tz database."""

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError


def zone(name: str) -> ZoneInfo:
    """The time zone; UTC for a name that nobody knows."""
    return known_zone(name) or ZoneInfo("UTC")


def known_zone(name: str) -> ZoneInfo | None:
    """The time zone; None for a name that nobody knows."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # no such zone, no name of a file in its folder, a folder
        return None
