"""Random questions of every kind, of words that the org's records hold, hidden ones too."""

import random
from copy import copy
from typing import Any

from forcedex.domain.indexed import IndexedObject
from forcedex.search.request import SearchRequest, Sort
from localorg.fixture import LocalOrg
from tests.integration.access.orgs import DESCRIBED, OBJECTS

_FACETS = ("object", "owner", "stage", "status", "region")
_FIELDS = ("name", "phone", "email", "amount", "stage", "owner", "subject", "id", "description", "company")


class Questions:
    """Draws them."""

    def __init__(self, org: LocalOrg, objects: list[IndexedObject]) -> None:
        self.chance = random.Random(0)
        self._objects = objects
        words: set[str] = set()
        descriptions: set[str] = set()
        for name in OBJECTS:
            for row in org.rows(name):
                for value in row.values():
                    if isinstance(value, str) and 2 < len(value) < 60:
                        words |= {value, *value.split()}
            if name in DESCRIBED:
                descriptions |= {str(row["Description"]) for row in org.rows(name) if row.get("Description")}
        self._words = sorted(words)
        self._descriptions = sorted(descriptions)

    def drawn(self, seed: str) -> "Questions":
        """The same words, drawn from this seed."""
        found = copy(self)
        found.chance = random.Random(seed)
        return found

    def text(self) -> str:
        """What somebody types."""
        parts = [self._part() for _ in range(self.chance.choice((1, 1, 1, 2, 2, 3)))]
        return " ".join(parts)

    def _part(self) -> str:
        chance = self.chance
        word = chance.choice(self._words)
        match chance.randrange(10):
            case 0:
                return self._typo(word)
            case 1:
                return word[: chance.randrange(2, 6)]
            case 2:
                return f'"{word}"'
            case 3:
                return f"-{word.split()[0]}"
            case 4:
                return f'{chance.choice(_FIELDS)}:"{word}"'
            case 5:
                return chance.choice(("amount>200", "my", "open deals", "owner:me", "won", "created:today", "a"))
            case _:
                return word

    def _typo(self, word: str) -> str:
        place = self.chance.randrange(len(word))
        return word[:place] + self.chance.choice("aeixy") + word[place + 1 :]

    def request(self) -> SearchRequest:
        """A page of a search."""
        chance = self.chance
        objects = tuple(each.name for each in chance.sample(self._objects, 2)) if chance.random() < 0.2 else ()
        facets: dict[str, tuple[str, ...]] = {}
        if chance.random() < 0.15:
            facets["object"] = tuple(each.name for each in chance.sample(self._objects, 2))
        more: dict[str, Any] = {"filters": ("amount>100",)} if chance.random() < 0.1 else {}
        return SearchRequest(
            text=self.text() if chance.random() < 0.95 else "",
            objects=objects,
            facets=facets,
            sort=chance.choice((*(Sort.RELEVANCE,) * 4, *Sort)),
            reverse=chance.random() < 0.1,
            size=chance.choice((1, 3, 10, 50)),
            verbatim=chance.random() < 0.1,
            counts=chance.random() < 0.4,
            **more,
        )

    def described(self) -> SearchRequest:
        """Words that stand together in a `Description` and in names: readable in some objects, hidden in others."""
        words = self.chance.choice(self._descriptions).split()
        start = self.chance.randrange(len(words) - 1)
        return SearchRequest(text=" ".join(words[start : start + self.chance.choice((2, 2, 3))]), size=50, counts=False)
