"""The words of one object's records, by field."""

import re
from bisect import bisect_left
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from localorg.sosl.ast import Both, Either, Term, Terms
from localorg.sosl.words import words

#: An Id and the texts of the fields.
Row = tuple[Any, ...]
#: A record by its place in the index.
Found = set[int]


class ObjectIndex:
    """All records of one object; made once, never changed."""

    def __init__(self, fields: Sequence[str], rows: Sequence[Row]) -> None:
        #: What it was made of.
        self.rows = rows
        self.fields = fields
        self._fields = {name: place for place, name in enumerate(fields)}
        self.ids = [row[0] for row in rows]
        found: dict[str, dict[int, list[int]]] = {}
        for place, (_, *texts) in enumerate(rows):
            for field, text in enumerate(texts):
                for word in set(words(text)) if text else ():
                    by_field = found.get(word)
                    if by_field is None:
                        found[word] = {field: [place]}
                    elif (places := by_field.get(field)) is None:
                        by_field[field] = [place]
                    else:
                        places.append(place)
        self._places: Mapping[str, Mapping[int, Sequence[int]]] = found

    @cached_property
    def _sorted(self) -> list[str]:
        return sorted(self._places)

    def search(self, terms: Terms, fields: Collection[str]) -> Found:
        """The records in which the terms are met by these fields together."""
        if isinstance(terms, Term):
            return self._term(terms, [self._fields[each] for each in fields if each in self._fields])
        if isinstance(terms, Both):
            first, *rest = (self.search(each, fields) for each in terms.parts)
            return first.intersection(*rest)
        if isinstance(terms, Either):
            return set().union(*(self.search(each, fields) for each in terms.parts))
        return self.search(terms.wanted, fields) - self.search(terms.unwanted, fields)

    def _term(self, term: Term, fields: Sequence[int]) -> Found:
        found = [self._word(word, fields) for word in term.words]
        together = set.intersection(*found)
        if len(term.words) == 1:
            return together
        return {place for place in together if any(self._phrase(term.words, place, field) for field in fields)}

    def _word(self, word: str, fields: Sequence[int]) -> Found:
        found: Found = set()
        for each in self._matching(word):
            by_field = self._places[each]
            for field in fields:
                found.update(by_field.get(field, ()))
        return found

    def _matching(self, word: str) -> Iterator[str]:
        """The words of the index that a word with wildcards stands for."""
        literal = re.split(r"[*?]", word, maxsplit=1)[0]
        if literal == word:
            if word in self._places:
                yield word
            return
        pattern = _pattern(word)
        for each in self._sorted[bisect_left(self._sorted, literal) :]:
            if not each.startswith(literal):
                return
            if pattern.fullmatch(each):
                yield each

    def _phrase(self, wanted: Sequence[str], place: int, field: int) -> bool:
        there = words(self._text(place, field) or "")
        patterns = [_pattern(each) for each in wanted]
        starts = range(len(there) - len(wanted) + 1)
        return any(all(each.fullmatch(there[start + at]) for at, each in enumerate(patterns)) for start in starts)

    def hits(self, terms: Terms, place: int, fields: Collection[str]) -> int:
        """How many of the searched words stand in these fields of a record: more is better."""
        there = {word for name in fields if name in self._fields for word in self._of(place, name)}
        return sum(any(_pattern(word).fullmatch(each) for each in there) for word in _searched(terms))

    def _text(self, place: int, field: int) -> str | None:
        text: str | None = self.rows[place][1 + field]
        return text

    def _of(self, place: int, name: str) -> list[str]:
        return words(self._text(place, self._fields[name]) or "")


def _pattern(word: str) -> re.Pattern[str]:
    return re.compile("".join({"*": ".*", "?": "."}.get(each, re.escape(each)) for each in word))


def _searched(terms: Terms) -> Iterator[str]:
    if isinstance(terms, Term):
        yield from terms.words
    elif isinstance(terms, Both | Either):
        for each in terms.parts:
            yield from _searched(each)
    else:
        yield from _searched(terms.wanted)
