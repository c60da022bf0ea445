"""The databases' errors as StateRefused, each with its next step. Passwords in the URL are never shown."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

import asyncpg
from alembic.util import CommandError
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from forcedex.domain.errors import StateRefused
from forcedex.state.rows import Damaged

REPLACE = (
    "Check the disk. Then restore the store from a backup, or move its file away together with those that end in -wal"
    " and -shm: everything is then read again."
)
_SERVER = "Check that the PostgreSQL server runs and has room, and [state] url."

#: How a SQLite error's name begins (https://www.sqlite.org/rescode.html) and what can be done about it.
_NEXT_STEPS = {
    "SQLITE_FULL": "Make room on its disk and start again: nothing that was saved is lost.",
    "SQLITE_IOERR": "Its disk failed to read or write: check the disk and its room, then start again.",
    "SQLITE_READONLY": "Make the file and its folder writable for this user.",
    "SQLITE_CANTOPEN": "Make the file and its folder readable and writable for this user, and its disk not full.",
    "SQLITE_PERM": "Make the file and its folder writable for this user.",
    "SQLITE_BUSY": "Another program holds it locked: end that, then start again.",
    "SQLITE_LOCKED": "Another program holds it locked: end that, then start again.",
}


class Busy(StateRefused):
    """Another process holds SQLite's lock for long: it may have been stopped in the middle of a transaction."""


@contextmanager
def refused(url: str) -> Iterator[None]:
    """What a database says no to, as StateRefused."""
    try:
        yield
    except Damaged as exc:
        raise StateRefused(f"The state store {shown(url)} is damaged: {exc}.", REPLACE) from exc
    except CommandError as exc:
        raise StateRefused(
            f"The state store {shown(url)} was made by a newer version of Forcedex.",
            "Upgrade Forcedex on this machine.",
        ) from exc
    except UnicodeDecodeError as exc:  # SQLite's own message held what the file holds
        raise StateRefused(f"The state store {shown(url)} is damaged: its schema is no text.", REPLACE) from exc
    except (SQLAlchemyError, sqlite3.Error, asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as exc:
        cause = getattr(exc, "orig", None) or exc
        # The first line tells enough; a value that is no text would follow after "with text".
        text = (str(cause).splitlines() or [type(cause).__name__])[0].partition(" with text ")[0].rstrip(".")
        kind = Busy if getattr(cause, "sqlite_errorname", "").startswith("SQLITE_BUSY") else StateRefused
        raise kind(f"The state store {shown(url)} cannot be used: {text}.", _next_step(url, cause)) from exc


def shown(url: str) -> str:
    """The URL as it may be printed."""
    return make_url(url).render_as_string(hide_password=True)


def _next_step(url: str, cause: object) -> str:
    if make_url(url).get_backend_name() != "sqlite":
        return _SERVER
    name = getattr(cause, "sqlite_errorname", "")
    return next((step for start, step in _NEXT_STEPS.items() if name.startswith(start)), REPLACE)
