"""The key in `[server] key_file`: what it seals means nothing to those who hold only the state store or its backup.

AES-256-GCM with a nonce of its own for each text, bound to what it belongs to: a sealed text that was altered, or moved
to another place, does not open. A key is known by the first half of a hash, so several can be tried in a rotation:
the first one seals, all of them open.
"""

import base64
import hashlib
import os
import secrets
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from forcedex.domain.errors import ConfigurationError

_KEY_BYTES = 32
_NONCE_BYTES = 12
_ID_LENGTH = 16
_LONGEST = 8_000  # characters of a sealed text in letters
_SETTING = "[server] key_file"


@dataclass(frozen=True, slots=True)
class Sealed:
    """A sealed text, and what is needed besides the key to open it."""

    key_id: str
    nonce: bytes
    text: bytes


class Keys:
    """The configured key files. They are read when they are first needed, so that most commands do without."""

    def __init__(self, files: Sequence[Path]) -> None:
        self._files = tuple(files)
        self._known: dict[str, AESGCM] | None = None

    def ready(self) -> None:
        """See to it that sealing will work: a single key file that is not there yet is made.

        ConfigurationError if a file cannot be used.
        """
        if self._known is None:
            if len(self._files) == 1:
                try:
                    make_key(self._files[0])
                except OSError as exc:
                    raise ConfigurationError(
                        f"{_SETTING} {self._files[0]} cannot be made: {exc.strerror}.",
                        "Name a file in a folder that can be written to.",
                    ) from exc
            self._known = self._read()

    def seal(self, text: bytes, belongs_to: Sequence[str]) -> Sealed:
        """Seal with the first key. ConfigurationError as `ready`."""
        self.ready()
        key_id, key = next(iter(self._all().items()))
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return Sealed(key_id, nonce, key.encrypt(nonce, text, _associated(belongs_to)))

    def unseal(self, sealed: Sealed, belongs_to: Sequence[str]) -> bytes:
        """The text. ConfigurationError if its key is not among ours, ValueError if it is not what was sealed."""
        key = self._all().get(sealed.key_id)
        if key is None:
            raise ConfigurationError(
                f"The key {sealed.key_id} is not in {_SETTING}.", "Add the key file that was in use then to its list."
            )
        try:
            return key.decrypt(sealed.nonce, sealed.text, _associated(belongs_to))
        except InvalidTag:
            raise ValueError("not what was sealed here") from None

    def seal_text(self, text: bytes, belongs_to: Sequence[str]) -> str:
        """As `seal`, in letters that may stand in a URL or a cookie."""
        sealed = self.seal(text, belongs_to)
        return base64.urlsafe_b64encode(sealed.key_id.encode() + sealed.nonce + sealed.text).decode().rstrip("=")

    def unseal_text(self, sealed: str, belongs_to: Sequence[str]) -> bytes:
        """What was sealed by `seal_text`; ValueError for anything else, from whoever it comes."""
        if not sealed or len(sealed) > _LONGEST:
            raise ValueError("not what was sealed here")
        try:
            whole = base64.b64decode(sealed + "=" * (-len(sealed) % 4), altchars=b"-_", validate=True)
            if base64.urlsafe_b64encode(whole).decode().rstrip("=") != sealed:
                raise ValueError  # unused bits of the last character
            nonce, text = whole[_ID_LENGTH : _ID_LENGTH + _NONCE_BYTES], whole[_ID_LENGTH + _NONCE_BYTES :]
            return self.unseal(Sealed(whole[:_ID_LENGTH].decode("ascii"), nonce, text), belongs_to)
        except (ValueError, ConfigurationError):
            raise ValueError("not what was sealed here") from None

    def _all(self) -> dict[str, AESGCM]:
        if self._known is None:
            self._known = self._read()
        return self._known

    def _read(self) -> dict[str, AESGCM]:
        keys = [_read_key(file) for file in self._files]
        if not keys:
            raise ConfigurationError(f"{_SETTING} names no file.", "Write one with `forcedex init`.")
        return {hashlib.sha256(key).hexdigest()[:_ID_LENGTH]: AESGCM(key) for key in keys}


def _associated(belongs_to: Sequence[str]) -> bytes:
    """No name can hold a NUL, so no two places share these bytes."""
    return "\0".join(belongs_to).encode()


def _read_key(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            key = file.read(_KEY_BYTES + 1)
    except FileNotFoundError:
        raise ConfigurationError(
            f"{_SETTING} {path} is not there.", "Bring it back from a backup, or correct the setting."
        ) from None
    except OSError as exc:
        raise ConfigurationError(
            f"{_SETTING} {path} cannot be read: {exc.strerror}.", "Check the path and its permissions."
        ) from exc
    if os.name == "posix" and stat.S_IMODE(mode) & 0o077:
        raise ConfigurationError(f"Others may read {_SETTING} {path}.", f"Run `chmod 600 {path}`.")
    if len(key) != _KEY_BYTES:
        raise ConfigurationError(
            f"{_SETTING} {path} does not hold {_KEY_BYTES} bytes.",
            "Bring it back from a backup, or move it away: the next sync makes another.",
        )
    return key


def make_key(path: Path) -> None:
    """32 random bytes, for this user's eyes only; kept if it is there. Raises OSError."""
    if path.exists():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    # Written apart and linked into place: nobody ever finds half a key, nor replaces the one of another process.
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(secrets.token_bytes(_KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
    finally:
        draft.unlink()
