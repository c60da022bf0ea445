"""Cursors: where a page ended, sealed: only the same person goes on with the same question, and not for long."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from forcedex.access.view import View
from forcedex.domain.errors import Refused
from forcedex.keys import Keys
from forcedex.search.request import SearchRequest

#: How long one may take to turn the page.
LIFETIME = timedelta(minutes=15)
_LONGEST = 4_000  # characters


class CursorRefused(Refused):
    """A cursor that is not for this question, this person, or not any more."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page ended, and how it was asked."""

    after: tuple[Any, ...]
    relaxed: bool
    #: Keys of guessed filters that the first page did without.
    off: tuple[str, ...]
    #: The day that recency counts from, ISO.
    today: str


class Cursors:
    """Seals and opens cursors."""

    def __init__(self, keys: Keys, now: Callable[[], datetime]) -> None:
        self._keys = keys
        self._now = now

    def seal(self, place: Place, view: View, request: SearchRequest) -> str:
        """The cursor of the next page."""
        until = (self._now() + LIFETIME).timestamp()
        text = json.dumps([place.after, place.relaxed, place.off, place.today, until]).encode()
        return self._keys.seal_text(text, _belongs_to(view, request))

    def open(self, cursor: str, view: View, request: SearchRequest) -> Place:
        """Where to go on. CursorRefused if it is not what was sealed for this person and question, or too old."""
        try:
            if len(cursor) > _LONGEST:
                raise ValueError
            opened = self._keys.unseal_text(cursor, _belongs_to(view, request))
            after, relaxed, off, today, until = json.loads(opened)
        except ValueError:
            raise CursorRefused("This page belongs to another search.", "Start again from the first page.") from None
        if self._now().timestamp() > until:
            raise CursorRefused("This search is too old to be continued.", "Start again from the first page.")
        return Place(tuple(after), relaxed, tuple(off), today)


def _belongs_to(view: View, request: SearchRequest) -> tuple[str, ...]:
    """The person, and everything of the question but the page itself."""
    asked = repr((replace(request, cursor="", size=1, counts=True, facets={}), sorted(request.facets.items())))
    return ("cursor", view.user_id or "operator", hashlib.sha256(asked.encode("utf-8", "replace")).hexdigest())
