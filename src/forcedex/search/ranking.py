"""The order of hits, in one place: what a match in which field is worth.

All are constant scores: how rare a word is among records that a person may not see has no part in the order. A
strict question wants every word somewhere; only when it finds nothing, a relaxed one allows typos, fragments and
missing words.
"""

from typing import Any

from forcedex.search.fields import SearchFields
from forcedex.search.understanding import Understood, Word

JSON = dict[str, Any]

# One word of the query:
NAME = 10.0  # is a word of the name
NAME_BEGINNING = 7.0  # begins a word of the name
TITLE = 7.0  # is a word of the company, job title, parent …
PHONE = 6.0  # ends a phone number
ADDRESS = 5.0  # is a part of an e-mail or web address
TITLE_BEGINNING = 4.0
TEXT = 3.0  # is a word of another short text
LABEL = 2.0  # is a word of a list value
LONG_TEXT = 1.5  # is a word of a description
# With a typo (relaxed):
NAME_TYPO = 5.0
NAME_FIRST_LETTER_TYPO = 4.0
NAME_BEGINNING_TYPO = 3.5
COMPANY_TYPO = 3.0
NAME_FRAGMENT = 3.0
FRAGMENTS = 0.12  # for each trigram of the whole query
# The whole query:
RECORD_ID = 100.0
WHOLE_PHONE = 40.0
WHOLE_NAME = 30.0
PHRASE_IN_NAME = 6.0
ALL_IN_NAME = 4.0
NAME_BEGINS = 3.0
PHRASE_IN_TITLE = 2.0
#: Between equals, what people mean more often.
OBJECTS = {"Account": 0.6, "Contact": 0.4, "Opportunity": 0.3, "Lead": 0.2}

_SHORTEST_TYPO = 4  # letters; shorter words match too much with a letter changed
_LONGEST_TYPO = 40  # letters; the automaton of a longer word costs the node too much memory
_TWO_TYPOS = 8  # letters from which two may be wrong
_MATCH_NOTHING: JSON = {"match_none": {}}


def strict(query: Understood, fields: SearchFields) -> JSON:
    """Every word must be found in some way."""
    wanted: list[JSON] = [_best([*_strict_ways(word, fields)]) for word in query.words]
    return _with_wholes(query, fields, {"bool": {"must": wanted, "should": _bonuses(query, fields)}})


def relaxed(query: Understood, fields: SearchFields) -> JSON:
    """Most words must be found, typos and fragments allowed."""
    ways = [_best([*_strict_ways(word, fields), *_relaxed_ways(word, fields)]) for word in query.words]
    most: JSON = {"bool": {"should": ways, "minimum_should_match": "2<-1 3<50%"}}
    fragments: JSON = {
        "multi_match": {
            "query": query.text,
            "fields": [f"{path}.tri" for path in fields.names],
            "minimum_should_match": "50%",
            "boost": FRAGMENTS,
        }
    }
    either: JSON = {"dis_max": {"tie_breaker": 1.0, "queries": [most, fragments]}}
    return _with_wholes(query, fields, {"bool": {"must": [either], "should": _bonuses(query, fields)}})


def highlighting(query: Understood, fields: SearchFields, *, typos: bool) -> JSON:
    """A small query for the highlighter alone: the search's own one would be run again for every hit."""
    text = " ".join(word.text for word in query.words)
    names = [*fields.names, *fields.titles]
    should: list[JSON] = [
        {"multi_match": {"query": text, "fields": [*names, *fields.texts, *fields.long_texts, *fields.addresses]}},
        {"multi_match": {"query": query.words[-1].text, "type": "phrase_prefix", "fields": names}},
    ]
    typed = " ".join(word.text for word in query.words if _may_hold_typo(word))
    if typos and typed:
        near = [*fields.names, *fields.companies]
        should.append({"multi_match": {"query": typed, "fields": near, "fuzziness": "AUTO:4,8"}})
    return {"bool": {"should": should}}


def _strict_ways(word: Word, fields: SearchFields) -> list[JSON]:
    ways = [
        _match(word, fields.names, NAME),
        _match(word, [f"{path}.edge" for path in fields.names], NAME_BEGINNING),
        _match(word, fields.titles, TITLE),
        _match(word, [f"{path}.edge" for path in fields.titles], TITLE_BEGINNING),
        _match(word, fields.addresses, ADDRESS),
        _match(word, fields.texts, TEXT),
        _match(word, fields.labels, LABEL),
        _match(word, fields.long_texts, LONG_TEXT),
    ]
    if word.digits:
        ways.append(_ends_phone(word.digits, fields, PHONE))
    return ways


def _relaxed_ways(word: Word, fields: SearchFields) -> list[JSON]:
    if not _may_hold_typo(word):
        return []
    beginnings = [f"{path}.edge" for path in fields.names]
    letters = 2 if len(word.text) >= _TWO_TYPOS else 1
    return [
        _match(word, fields.names, NAME_TYPO, fuzziness=letters, prefix_length=1),
        _match(word, fields.names, NAME_FIRST_LETTER_TYPO, fuzziness=1),
        _match(word, beginnings, NAME_BEGINNING_TYPO, fuzziness=1, prefix_length=1, max_expansions=100),
        _match(word, fields.companies, COMPANY_TYPO, fuzziness=letters, prefix_length=1),
        _match(word, [f"{path}.tri" for path in fields.names], NAME_FRAGMENT),
    ]


def _may_hold_typo(word: Word) -> bool:
    return not word.cjk and _SHORTEST_TYPO <= len(word.text) <= _LONGEST_TYPO


def _match(word: Word, paths: list[str] | tuple[str, ...], worth: float, **typos: int) -> JSON:
    if not paths:
        return _MATCH_NOTHING
    match: JSON = {"query": word.text, "fields": list(paths), "operator": "and", **typos}
    if word.cjk and not any(path.endswith((".edge", ".tri")) for path in paths):
        match["type"] = "phrase"  # Chinese and Japanese words are runs of one-character terms
    return _worth(worth, {"multi_match": match})


def _ends_phone(found: str, fields: SearchFields, worth: float) -> JSON:
    """Numbers are kept back to front: a national number finds the international one."""
    national = found.lstrip("0") or found
    return _worth(worth, {"bool": {"should": [{"prefix": {path: national[::-1]}} for path in fields.phones]}})


def _with_wholes(query: Understood, fields: SearchFields, question: JSON) -> JSON:
    """The question, or the whole query being an Id or a phone number."""
    wholes = []
    if query.record_id:
        wholes.append(_worth(RECORD_ID, {"term": {"Id": query.record_id}}))
    if query.phone and fields.phones:
        wholes.append(_ends_phone(query.phone, fields, WHOLE_PHONE))
    return {"dis_max": {"queries": [question, *wholes]}} if wholes else question


def _bonuses(query: Understood, fields: SearchFields) -> list[JSON]:
    text = query.text
    bonuses = [_worth(worth, {"term": {"forcedex.object": name}}) for name, worth in OBJECTS.items()]
    for path in fields.whole_names:
        bonuses.append(_worth(WHOLE_NAME, {"term": {path: text}}))
        bonuses.append(_worth(NAME_BEGINS, {"prefix": {path: text}}))
    phrase: JSON = {"query": text, "type": "phrase"}
    if len(query.words) > 1:
        bonuses.append(_worth(PHRASE_IN_NAME, {"multi_match": {**phrase, "fields": list(fields.names)}}))
        if fields.titles:
            bonuses.append(_worth(PHRASE_IN_TITLE, {"multi_match": {**phrase, "fields": list(fields.titles)}}))
        all_in: JSON = {"query": text, "operator": "and", "fields": list(fields.names)}
        bonuses.append(_worth(ALL_IN_NAME, {"multi_match": all_in}))
    return bonuses


def _worth(boost: float, clause: JSON) -> JSON:
    return {"constant_score": {"filter": clause, "boost": boost}}


def _best(ways: list[JSON]) -> JSON:
    return {"dis_max": {"queries": [way for way in ways if way is not _MATCH_NOTHING]}}
