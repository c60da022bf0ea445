"""Which words stand for each other: a shipped set for sales, and the administrator's own.

Applied to the question alone, never by an analyzer of the index: changing it needs no reindexing.
"""

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from importlib.resources import files

from forcedex.domain.folding import folded, words


@dataclass(frozen=True, kw_only=True, slots=True)
class Promotion:
    """Records that an administrator wants on top for a query; they are under the gate as all others."""

    query: str
    record_ids: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Vocabulary:
    """What stands for what. All words are folded; a group holds words or expressions of several words."""

    nicknames: tuple[tuple[str, ...], ...] = ()
    synonyms: tuple[tuple[str, ...], ...] = ()
    noise: frozenset[str] = frozenset()
    #: Folded query to records.
    promoted: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def extended(self, synonyms: Iterable[Sequence[str]] = (), promotions: Iterable[Promotion] = ()) -> "Vocabulary":
        """With the administrator's own groups and promotions."""
        own = tuple(tuple(each for word in group if (each := _plain(word))) for group in synonyms)
        tops = {_plain(each.query): each.record_ids for each in promotions}
        return replace(self, synonyms=(*self.synonyms, *own), promoted={**self.promoted, **tops})

    def called(self, word: str) -> tuple[str, ...]:
        """Other names of who is called like that."""
        return self._called.get(word, ())

    def meaning(self, expression: str) -> tuple[str, ...]:
        """Other words for a folded word or expression."""
        return self._meaning.get(expression, ())

    def on_top(self, text: str) -> tuple[str, ...]:
        """The records that are promoted for a query."""
        return self.promoted.get(_plain(text), ())

    @cached_property
    def longest(self) -> int:
        """Words of the longest expression."""
        return max((each.count(" ") + 1 for each in self._meaning), default=1)

    @cached_property
    def _called(self) -> dict[str, tuple[str, ...]]:
        return _by_word(self.nicknames)

    @cached_property
    def _meaning(self) -> dict[str, tuple[str, ...]]:
        return _by_word(self.synonyms)


def _by_word(groups: Iterable[Sequence[str]]) -> dict[str, tuple[str, ...]]:
    found: dict[str, dict[str, None]] = {}
    for group in groups:
        for word in group:
            found.setdefault(word, {}).update(dict.fromkeys(each for each in group if each != word))
    return {word: tuple(others) for word, others in found.items()}


def _plain(text: str) -> str:
    return " ".join(words(text)) or folded(text).strip()


@cache
def shipped() -> Vocabulary:
    """The set that comes with the program."""
    data = tomllib.loads(files("forcedex.search").joinpath("vocabulary.toml").read_text(encoding="utf-8"))
    return Vocabulary(
        nicknames=tuple(tuple(folded(group).split()) for group in data["nicknames"]),
        synonyms=tuple(tuple(_plain(each) for each in group) for group in data["synonyms"]),
        noise=frozenset(word for line in data["noise"] for word in folded(line).split()),
    )
