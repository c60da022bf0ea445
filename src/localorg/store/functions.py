"""The SQL functions that the org adds to SQLite."""

import sqlite3
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

from localorg.store.values import java_double


@lru_cache(maxsize=512)
def _upper(char: str) -> str:
    upper = char.upper()
    return upper if len(upper) == 1 and ord(upper) > 127 else char


def fold(text: str | None) -> str | None:
    """Text for comparing and sorting without regard to case: upper case, character by character.

    Source: SOQL and SOSL Reference, "ORDER BY" (English locales sort by upper case UTF-8). A character
    outside ASCII never becomes one of ASCII, so ASCII text can be compared with SQLite's NOCASE.
    """
    if text is None or text.isascii():
        return None if text is None else text.upper()
    return "".join(char.upper() if char.isascii() else _upper(char) for char in text)


def double_text(stored: int | None, unit: float) -> str | None:
    """A scaled integer as CSV prints it."""
    return None if stored is None else java_double(stored / unit)


def local_time(text: str | None, zone: str) -> str | None:
    """A stored datetime as the clocks of a time zone show it."""
    if text is None:
        return None
    instant = datetime.fromisoformat(text).replace(tzinfo=UTC)
    return instant.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%dT%H:%M:%S").rjust(19, "0")


def register(connection: sqlite3.Connection, today: Callable[[], str]) -> None:
    """Make the functions known to a connection."""
    connection.create_function("fold", 1, fold, deterministic=True)
    connection.create_function("double_text", 2, double_text, deterministic=True)
    connection.create_function("local_time", 2, local_time, deterministic=True)
    connection.create_function("org_today", 0, today)
