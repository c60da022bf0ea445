"""Which secrets the configuration holds."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

from pydantic import BaseModel, SecretStr

from forcedex.settings import Settings

#: Files that are named in the configuration and hold no secrets.
_PUBLIC_FILES = frozenset({"ca_file"})
#: A key file is small; nothing larger is read here.
_LARGEST = 1024 * 1024  # bytes
#: Shorter lines and paths are not telling.
_TELLING = 12


def configured_secrets(settings: Settings) -> Iterator[str | bytes]:
    """Every secret in the configuration and in the files that it names, with the pieces that give it away.

    Any field is looked at, so that one that is added later is hidden too: secret texts, the content of every
    `*_file` but those of certificates, and passwords in URLs. A file that cannot be read is left out: whoever needs
    it says so.
    """
    for name in type(settings).model_fields:
        section = getattr(settings, name)
        for each in section.values() if isinstance(section, dict) else (section,):
            if isinstance(each, BaseModel):
                yield from _of_section(each)


def _of_section(section: BaseModel) -> Iterator[str | bytes]:
    for name in type(section).model_fields:
        value = getattr(section, name)
        match value:
            case SecretStr():
                yield from _pieces(value.get_secret_value())
            case str() if "://" in value:
                yield from _of_url(value)
        if name.endswith("_file") and name not in _PUBLIC_FILES:
            for path in value if isinstance(value, list | tuple) else (value,):
                if isinstance(path, str | Path) and str(path):
                    yield from _of_file(Path(path))


def _of_file(path: Path) -> Iterator[str | bytes]:
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST)
    except OSError:
        return
    yield content
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError:
        return
    yield from _pieces(text)


def _pieces(text: str) -> Iterator[str]:
    """The text, its lines (a private key is often shown without its frame), and the secret part of a URL."""
    text = text.strip()
    yield text
    lines = [line.strip() for line in text.splitlines()]
    if len(lines) > 1:
        body = [line for line in lines if not line.startswith("-----")]
        yield "".join(body)
        yield from (line for line in body if len(line) >= _TELLING)
    elif text.startswith(("https://", "http://")):
        # The address of a webhook is a secret in its path; its host is not.
        parts = urlsplit(text)
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        if len(path) >= _TELLING:
            yield path
        yield from _of_url(text)


def _of_url(url: str) -> Iterator[str]:
    """The password in a URL such as `postgresql://user:password@host/name`."""
    try:
        password = urlsplit(url).password
    except ValueError:
        return
    if password:
        yield password
        yield unquote(password)
