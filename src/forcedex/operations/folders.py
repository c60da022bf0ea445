"""Files for one person each, in a folder of his own: whole or not at all, and for nobody else's eyes."""

import asyncio
import os
import secrets
from pathlib import Path
from urllib.parse import quote


def folder_of(username: str) -> str:
    """The name of a user's folder: two users never share one, and none leads anywhere else."""
    name = quote(username, safe="@+'")
    return f"%2E{name[1:]}" if name.startswith(".") else name


async def put(root: Path, username: str, file: str, content: bytes) -> Path:
    """Where the file is now; in place of one of the same name. OSError if it cannot be written."""
    return await asyncio.to_thread(_put, root / folder_of(username), file, content)


def _put(folder: Path, file: str, content: bytes) -> Path:
    if "/" in file or file.startswith("."):
        raise OSError(f"{file!r} is no name of a file")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Opened once, so that nobody can put another folder in its place meanwhile.
    place = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        _replace(place, file, content)
    finally:
        os.close(place)
    return folder / file


def _replace(place: int, file: str, content: bytes) -> None:
    temporary = f".{file}.{secrets.token_hex(6)}"
    made = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600, dir_fd=place)
    try:
        with os.fdopen(made, "wb") as target:
            target.write(content)
            target.flush()
            os.fsync(target.fileno())
        os.replace(temporary, file, src_dir_fd=place, dst_dir_fd=place)
    except BaseException:
        os.unlink(temporary, dir_fd=place)
        raise
    os.fsync(place)
