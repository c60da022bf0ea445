"""The file of a backup: lines of JSON, compressed; the first says what it is, the last holds a checksum of all others.

    {"forcedex_backup": 1, "org_id": …, "login_url": …, "made_at": …, "revision": …, …}
    {"table": "audit", "columns": ["org_id", "number", …]}
    ["00D…", 1, …]                       a row; bytes are a list with one text, base64
    {"rows": {"audit": 1}, "sha256": …}

It is written beside its place and linked there when it is whole, so there is never half a backup, nor one overwritten.
"""

import base64
import gzip
import hashlib
import json
import os
import secrets
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

from forcedex.domain.errors import Refused

FORMAT = 1
_MARK = "forcedex_backup"
_ANOTHER = "Restore another backup."
_AT_ONCE = 1_000  # rows


@dataclass(frozen=True, kw_only=True, slots=True)
class Header:
    """What a backup is of."""

    org_id: str
    org_name: str
    #: Where the org was logged in to.
    login_url: str
    #: ISO, UTC.
    made_at: str
    #: The newest migration of the store that it was taken from.
    revision: str
    #: Version of the program that made it.
    program: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Backup:
    """A backup that is whole."""

    path: Path
    header: Header
    #: By table.
    rows: Mapping[str, int]


class Writing:
    """A backup that is being written."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._digest = hashlib.sha256()
        self._rows: dict[str, int] = {}
        self._table = ""

    def begin(self, header: Header) -> None:
        """The first line."""
        self._line({_MARK: FORMAT, **asdict(header)})

    def table(self, name: str, columns: Sequence[str]) -> None:
        """The rows of this table follow."""
        self._line({"table": name, "columns": list(columns)})
        self._rows[name] = 0
        self._table = name

    def rows(self, rows: Sequence[Sequence[Any]]) -> None:
        """Rows of the table that was named last."""
        for row in rows:
            self._line([_packed(value) for value in row])
        self._rows[self._table] += len(rows)

    def end(self) -> Mapping[str, int]:
        """The last line; the number of rows by table."""
        self._file.write(_json({"rows": self._rows, "sha256": self._digest.hexdigest()}))
        return self._rows

    def _line(self, value: object) -> None:
        line = _json(value)
        self._digest.update(line)
        self._file.write(line)


@contextmanager
def written(path: Path) -> Iterator[Writing]:
    """Write a backup, for this user's eyes only; it is there when the block has ended well.

    Refused if something has its name already, or it cannot be written.
    """
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        if path.exists() or path.is_symlink():
            raise _exists(path)
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(handle, "wb") as file:
                with gzip.GzipFile(filename="", fileobj=file, mode="wb", compresslevel=6) as packed:
                    yield Writing(packed)  # type: ignore[arg-type]  # GzipFile is an IO in all but name
                file.flush()
                os.fsync(file.fileno())
            os.link(draft, path)
        finally:
            draft.unlink()
        _settle(path.parent)
    except FileExistsError:
        raise _exists(path) from None
    except OSError as exc:
        raise Refused(
            f"The backup {path} cannot be written: {exc.strerror or exc}.",
            "Name a file in a folder that can be written to, on a disk with room.",
        ) from exc


def checked(path: Path) -> Backup:
    """Read the whole file; Refused unless it is a backup that is whole and not newer than this program."""
    digest = hashlib.sha256()
    counted: dict[str, int] = {}
    table, header, before = "", None, b""
    with _readable(path) as file:
        for line in file:
            if header is None:
                header = _header(path, line)
            if before:
                digest.update(before)
                table = _counted(before, table, counted)
            before = line
        last = _object(before)
    if header is None or last.get("sha256") != digest.hexdigest() or last.get("rows") != counted:
        raise damaged(path)
    return Backup(path=path, header=header, rows=counted)


def tables(backup: Backup) -> Iterator[tuple[str, Sequence[Mapping[str, Any]]]]:
    """The rows of each table, up to 1,000 at a time, column to value."""
    table = ""
    columns: list[str] = []
    some: list[Mapping[str, Any]] = []
    with _readable(backup.path) as file:
        next(file)
        for line in file:
            value = json.loads(line)
            if isinstance(value, list):
                some.append(dict(zip(columns, map(_unpacked, value), strict=True)))
            if some and (len(some) >= _AT_ONCE or isinstance(value, dict)):
                yield table, some
                some = []
            if isinstance(value, dict) and "table" in value:
                table, columns = value["table"], value["columns"]


@contextmanager
def _readable(path: Path) -> Iterator[IO[bytes]]:
    try:
        with gzip.open(path, "rb") as file:
            yield file  # type: ignore[misc]  # GzipFile is an IO in all but name
    except (gzip.BadGzipFile, EOFError, zlib.error, ValueError) as exc:
        raise damaged(path) from exc
    except OSError as exc:
        raise Refused(f"The backup {path} cannot be read: {exc.strerror or exc}.", "Check the file's name.") from exc


def _header(path: Path, line: bytes) -> Header:
    told = _object(line)
    made = told.pop(_MARK, None)
    if not isinstance(made, int):
        raise Refused(f"{path} is no backup of Forcedex.", "Name a file that `forcedex backup` has written.")
    if made > FORMAT:
        raise Refused(f"The backup {path} was made by a newer version of Forcedex.", "Upgrade Forcedex.")
    try:
        return Header(**told)
    except TypeError as exc:
        raise damaged(path) from exc


def _counted(line: bytes, table: str, counted: dict[str, int]) -> str:
    """Count this line; the table to which the next ones belong."""
    if line.startswith(b"["):
        counted[table] = counted.get(table, 0) + 1
        return table
    name = _object(line).get("table")
    if name:
        counted[name] = 0
    return name or table


def _object(line: bytes) -> dict[str, Any]:
    value = json.loads(line or b"{}")
    if not isinstance(value, dict):
        raise ValueError("no object")
    return value


def _packed(value: Any) -> Any:
    return [base64.b64encode(value).decode()] if isinstance(value, bytes) else value


def _unpacked(value: Any) -> Any:
    return base64.b64decode(value[0]) if isinstance(value, list) else value


def _json(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":")).encode() + b"\n"


def _settle(folder: Path) -> None:
    """A name outlives a power cut when its folder was written, too."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _exists(path: Path) -> Refused:
    return Refused(f"{path} is there already; a backup overwrites nothing.", "Give another name.")


def damaged(path: Path) -> Refused:
    """What is said of a backup that is not what was written."""
    return Refused(f"The backup {path} is damaged: nothing of it was used.", _ANOTHER)
