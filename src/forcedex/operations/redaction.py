"""Keeping secrets out of everything that leaves the process for people: logs, alerts, health.

Two layers: secrets that are known (configured, or met at run time) are hidden wherever they turn up, in any encoding;
and whatever looks like a secret is hidden too (`patterns.py`).
"""

import dataclasses
from collections.abc import Callable, Iterable, Mapping, Set
from datetime import date, datetime
from enum import Enum

from forcedex.operations.forms import forms_of
from forcedex.operations.patterns import HIDDEN, names_a_secret, without_secrets

#: Secrets met at run time that are remembered: a session lasts two hours, so this is a week and more.
_REMEMBERED = 100
#: Characters of a text that are looked at; the rest is cut off.
_LONGEST_SEARCHED = 1_000_000
_LONGEST = 64 * 1024
#: Values within values that are looked at.
_DEEPEST = 8
_MOST_ITEMS = 200

Plain = str | int | float | bool | None | list["Plain"] | dict[str, "Plain"]


class Redactor:
    """Knows the secrets of this process. May be used by several threads."""

    def __init__(self, secrets: Iterable[str | bytes] = ()) -> None:
        """`secrets` are kept for ever; those that come by `add`, until many newer ones came."""
        self._kept: frozenset[str] = frozenset().union(*(forms_of(each) for each in secrets))
        self._met: dict[str | bytes, frozenset[str]] = {}
        self._forms: tuple[str, ...] = ()
        self._renew()

    def __repr__(self) -> str:
        return f"Redactor({len(self._forms)} forms)"

    def add(self, secret: str | bytes) -> None:
        """Know this secret from now on: a session, a new refresh token."""
        if not secret or secret in self._met:
            return
        self._met[secret] = forms_of(secret)
        while len(self._met) > _REMEMBERED:
            del self._met[next(iter(self._met))]
        self._renew()

    def _renew(self) -> None:
        # A new tuple, so that a thread in the middle of `text` is not disturbed. Longest first: a secret may hold
        # another one, and the rest of it would stay.
        self._forms = tuple(sorted(self._kept.union(*self._met.values()), key=len, reverse=True))

    def text(self, text: str) -> str:
        """The text without secrets; a very long one is cut."""
        text = text[:_LONGEST_SEARCHED]
        for form in self._forms:
            if form in text:
                text = text.replace(form, HIDDEN)
        if len(text) > _LONGEST:
            text = f"{text[:_LONGEST]} … (cut)"
        return without_secrets(text)

    def value(self, value: object) -> Plain:
        """Any value as plain JSON types without secrets; what cannot be shown is named by its type."""
        return self._plain(value, _DEEPEST)

    def _plain(self, value: object, depth: int) -> Plain:
        match value:
            case None | bool() | float():
                return value
            case Enum():
                return self._plain(value.value, depth)
            case int():
                # A number may be a secret as well, such as a PIN. One of more than 64 bits is no number in JSON.
                digits = _shown(str, value)
                return HIDDEN if digits in self._forms else value if abs(value) < 2**63 else digits
            case str():
                return self.text(value)
            case bytes() | bytearray() | memoryview():
                return self.text(bytes(value).decode("utf-8", "backslashreplace"))
            case datetime() | date():
                return value.isoformat()
            case BaseException():
                return self.text(f"{type(value).__name__}: {_shown(str, value)}")
        if depth == 0:
            return "…"
        if isinstance(value, Mapping):
            items = [(_shown(str, key), item) for key, item in list(value.items())[:_MOST_ITEMS]]
            return {self.text(key): self._field(key, item, depth) for key, item in items}
        if isinstance(value, list | tuple | Set):
            return [self._plain(item, depth - 1) for item in list(value)[:_MOST_ITEMS]]
        if dataclasses.is_dataclass(value) and not isinstance(value, type):
            shown = [each.name for each in dataclasses.fields(value) if each.repr]
            return {name: self._field(name, getattr(value, name), depth) for name in shown}
        return self.text(_shown(repr, value))

    def _field(self, name: str, value: object, depth: int) -> Plain:
        """A named value: hidden as a whole if the name says that it is a secret, unless it is only a number."""
        if names_a_secret(name) and not isinstance(value, int | float | None):
            return HIDDEN
        return self._plain(value, depth - 1)


def _shown(how: Callable[[object], str], value: object) -> str:
    """What `str` or `repr` make of the value; its type where they fail: showing something must not break anything."""
    try:
        return how(value)
    except Exception as exc:
        return f"<{type(value).__name__}: {type(exc).__name__} when shown>"


def visible(text: str) -> str:
    r"""The text on one line, with escapes such as `\n` in place of characters that a terminal or a log would obey."""
    if text.isprintable():
        return text
    return "".join(
        char if char.isprintable() else char.encode("unicode_escape", "surrogatepass").decode() for char in text
    )
