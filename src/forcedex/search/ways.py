"""The ways in which one word can be found, as clauses of a query.

Prefixes and typos are expanded without a limit: with Elasticsearch's usual one of 50, words that stand in hidden
records alone could push out the word of a visible one. Of the rewrites without a limit, `constant_score` makes the
automata of a typo anew for every segment; `constant_score_boolean` would make them once, but the node accounts for all
of them at the same time, and a small one then refuses searches of two words.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from forcedex.search import weights
from forcedex.search.fields import SearchFields
from forcedex.search.weights import Worth
from forcedex.search.words import Word

JSON = dict[str, Any]

SHORTEST_TYPO = 4  # letters; shorter words match too much with a letter changed
LONGEST_TYPO = 40  # letters; the automaton of a longer word costs the node too much memory
_TWO_TYPOS = 8  # letters from which two may be wrong
_LONG_FRAGMENT = 5  # letters from which a piece inside a word is better than a typo
_SHORTEST_ACRONYM, _LONGEST_ACRONYM = 2, 7
UNLIMITED: JSON = {"fuzzy_rewrite": "constant_score", "max_expansions": 100_000}


@dataclass(frozen=True, slots=True)
class Way:
    """One way: where a word may be, and what that is worth."""

    worth: Worth
    paths: Sequence[str]
    #: The clause on some of the paths.
    on: Callable[[Sequence[str]], JSON]
    #: The word, where it is looked for as a single term of texts; else empty.
    term: str = ""

    def clause(self) -> JSON:
        """On all paths at once."""
        return constant(self.worth.points, self.on(self.paths))

    def named(self, subject: str) -> Iterator[JSON]:
        """One clause for each path, that tells by name whether it matched."""
        for path in self.paths:
            name = "|".join((subject, str(self.worth.points), self.worth.because, path))
            yield {"constant_score": {"filter": self.on([path]), "boost": self.worth.points, "_name": name}}


def clauses(ways: Sequence[Way]) -> list[JSON]:
    """The clauses of all ways, of which the best counts: as few as can be, since each costs every shard its time.

    A single term of a text scores exactly its boost (similarity `boolean`), so all fields with one can be one clause.
    """
    weighed: dict[str, list[str]] = {}
    for way in ways:
        if way.term:
            weighed.setdefault(way.term, []).extend(f"{path}^{way.worth.points}" for path in way.paths)
    plain: list[JSON] = [{"multi_match": {"query": term, "fields": paths}} for term, paths in weighed.items()]
    return [*plain, *(way.clause() for way in ways if not way.term)]


def strict(word: Word, fields: SearchFields) -> list[Way]:
    """Exactly, by beginnings, or by another name."""
    text = word.text
    ways = [
        _words(word, fields.names, weights.NAME),
        _words(word, fields.titles, weights.TITLE),
        Way(weights.ADDRESS, fields.addresses, _match(text), word.term),
        _words(word, fields.texts, weights.TEXT),
        _words(word, fields.labels, weights.LABEL),
        _words(word, fields.long_texts, weights.LONG_TEXT),
    ]
    if word.phrase:
        return _with_paths(ways)
    if word.cjk:
        ways += [
            Way(weights.NAME_PAIRS, fields.name_pairs, _match(text)),
            Way(weights.COMPANY_PAIRS, fields.company_pairs, _match(text)),
        ]
        return _with_paths(ways)
    ways += [
        Way(weights.NAME_BEGINNING, _below(fields.names, "edge"), _match(text), word.term),
        Way(weights.TITLE_BEGINNING, _below(fields.titles, "edge"), _match(text), word.term),
    ]
    if word.nicknames:
        ways.append(Way(weights.NICKNAME, fields.names, _match(" ".join(word.nicknames), operator="or")))
    found = word.code
    if found:
        ways.append(Way(weights.CODE, fields.codes, _each("term", found)))
    if word.digits:
        ways.append(Way(weights.PHONE, fields.phones, ends_phone(word.digits)))
    if text.isalpha() and _SHORTEST_ACRONYM <= len(text) <= _LONGEST_ACRONYM:
        ways += [
            Way(weights.NAME_ACRONYM, fields.name_acronyms, _each("term", word.folded)),
            Way(weights.COMPANY_ACRONYM, fields.company_acronyms, _each("term", word.folded)),
        ]
    return _with_paths(ways)


def relaxed(word: Word, fields: SearchFields) -> list[Way]:
    """With typos, and inside of words."""
    text = word.text
    if word.phrase:
        return []
    if word.cjk:
        pieces = (*fields.name_pairs, *fields.company_pairs)
        return _with_paths([Way(weights.PIECES, pieces, _match(text, operator="or", minimum_should_match="60%"))])
    if not may_hold_typo(word):
        return []
    letters = 2 if len(text) >= _TWO_TYPOS else 1
    fragment = weights.LONG_FRAGMENT if len(text) >= _LONG_FRAGMENT else weights.FRAGMENT
    near: JSON = {"fuzziness": letters, "prefix_length": 1, **UNLIMITED}
    first: JSON = {"fuzziness": 1, **UNLIMITED}
    return _with_paths(
        [
            Way(weights.NAME_TYPO, fields.names, _match(text, **near)),
            Way(weights.NAME_FIRST_LETTER_TYPO, fields.names, _match(text, **first)),
            Way(
                weights.NAME_BEGINNING_TYPO,
                _below(fields.names, "edge"),
                _match(text, **{**near, "fuzziness": 1}),
            ),
            Way(weights.COMPANY_TYPO, fields.companies, _match(text, **near)),
            Way(weights.ADDRESS_TYPO, fields.addresses, _match(text, **{**near, "fuzziness": 1})),
            Way(fragment, _below(fields.names, "tri"), _match(text)),
        ]
    )


def other_words(expression: str, fields: SearchFields) -> list[Way]:
    """By words that mean the same."""
    kind = "phrase" if " " in expression else "best_fields"
    paths = (*fields.names, *fields.titles, *fields.texts, *fields.labels)
    ways = [
        Way(weights.SYNONYM, paths, _match(expression, type=kind)),
        Way(weights.LONG_TEXT, fields.long_texts, _match(expression, type=kind)),
    ]
    return _with_paths(ways)


def joined(one: Word, other: Word, fields: SearchFields) -> list[Way]:
    """Two words as one."""
    return _with_paths([Way(weights.JOINED, (*fields.names, *fields.companies), _match(one.text + other.text))])


def may_hold_typo(word: Word) -> bool:
    """Whether typos are looked for."""
    return not word.cjk and not word.phrase and SHORTEST_TYPO <= len(word.text) <= LONGEST_TYPO


def ends_phone(found: str) -> Callable[[Sequence[str]], JSON]:
    """Numbers are kept back to front: a national number finds the international one."""
    return _each("prefix", (found.lstrip("0") or found)[::-1])


def constant(points: float, clause: JSON) -> JSON:
    """The clause for a fixed number of points."""
    return {"constant_score": {"filter": clause, "boost": points}}


def _words(word: Word, paths: Sequence[str], worth: Worth) -> Way:
    # Chinese and Japanese words are runs of one-character terms.
    as_phrase = word.cjk or word.phrase
    return Way(worth, paths, _match(word.text, type="phrase") if as_phrase else _match(word.text), word.term)


def _match(text: str, **options: Any) -> Callable[[Sequence[str]], JSON]:
    asked: JSON = {"query": text, "operator": "and", **options}
    if asked.get("type") == "phrase":
        del asked["operator"]
    return lambda paths: {"multi_match": {**asked, "fields": list(paths)}}


def _each(kind: str, value: str) -> Callable[[Sequence[str]], JSON]:
    def on(paths: Sequence[str]) -> JSON:
        clauses = [{kind: {path: value}} for path in paths]
        return clauses[0] if len(clauses) == 1 else {"bool": {"should": clauses}}

    return on


def _below(paths: Sequence[str], name: str) -> tuple[str, ...]:
    return tuple(f"{path}.{name}" for path in paths)


def _with_paths(ways: list[Way]) -> list[Way]:
    return [way for way in ways if way.paths]
