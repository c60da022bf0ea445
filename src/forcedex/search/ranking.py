"""The order of hits, in one place; what a match is worth stands in `weights`.

A strict question wants every word somewhere; only when it finds nothing, a relaxed one allows typos, fragments and
missing words.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from forcedex.domain.folding import folded
from forcedex.search import ways, weights
from forcedex.search.asker import Asker
from forcedex.search.fields import SearchFields
from forcedex.search.understanding import Understood
from forcedex.search.ways import Way, constant
from forcedex.search.words import Expression, Word

JSON = dict[str, Any]

#: What a question of filters alone, or of nothing, matches.
_EVERYTHING: JSON = {"match_all": {}}
#: Of the needed words, so many must be found by a relaxed question.
_MOST = "2<-1 3<50%"
_SPECIAL = str.maketrans({"\\": "\\\\", "*": "\\*", "?": "\\?"})


@dataclass(frozen=True, kw_only=True, slots=True)
class Leaning:
    """What lifts a hit besides its words."""

    asker: Asker
    #: Objects by the field that tells when a record was changed.
    stamps: tuple[tuple[str, tuple[str, ...]], ...] = ()
    #: Whether any object has owners, and can be closed.
    owned: bool = False
    closable: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Question:
    """What is asked, apart from filters."""

    query: Understood
    fields: SearchFields
    leaning: Leaning
    #: Whether every clause tells by name if it matched: dearer, for explaining.
    named: bool = False
    #: Whether hits are put in order, or only counted: without what only lifts them.
    ordered: bool = True

    def strict(self) -> JSON:
        """Every needed word must be found in some way."""
        if not self.query.words:
            return self._with_wholes({"bool": {"must": [_EVERYTHING], "should": self._standing()}})
        needed, spare = self._groups([self._best(word, ways.strict(word, self.fields)) for word in self.query.words])
        return self._with_wholes({"bool": {"must": needed, "should": [*spare, *self._bonuses()]}})

    def relaxed(self) -> JSON:
        """Most needed words must be found, typos and fragments allowed."""
        found = [
            self._best(word, [*ways.strict(word, self.fields), *ways.relaxed(word, self.fields), *self._joined(place)])
            for place, word in enumerate(self.query.words)
        ]
        needed, spare = self._groups(found)
        phrases = [each for each, word in zip(found, self.query.words, strict=True) if word.phrase]
        most: JSON = {"bool": {"should": needed, "minimum_should_match": _MOST}}
        pieces = [f"{path}.tri" for path in self.fields.names]
        if pieces and not phrases:
            fragments = {
                "query": self.query.text,
                "fields": pieces,
                "minimum_should_match": "50%",
                "boost": weights.FRAGMENTS,
            }
            most = {"dis_max": {"tie_breaker": 1.0, "queries": [most, {"multi_match": fragments}]}}
        return self._with_wholes({"bool": {"must": [most, *phrases], "should": [*spare, *self._bonuses()]}})

    def _groups(self, found: Sequence[JSON]) -> tuple[list[JSON], list[JSON]]:
        """The clauses of the words, those of an expression together with its other words: needed and spare ones."""
        needed: list[JSON] = []
        spare: list[JSON] = []
        starts = {each.start: each for each in self.query.expressions}
        place = 0
        while place < len(found):
            expression = starts.get(place, Expression(start=place, count=1, others=()))
            clauses = list(found[place : place + expression.count])
            words = self.query.words[place : place + expression.count]
            whole = clauses[0] if len(clauses) == 1 else {"bool": {"must": clauses}}
            if expression.others:
                subject = " ".join(word.text for word in words)
                others = [way for each in expression.others for way in ways.other_words(each, self.fields)]
                whole = {"dis_max": {"queries": [whole, *self._clauses(subject, others)]}}
            (needed if any(word.needed for word in words) else spare).append(whole)
            place += expression.count
        return needed, spare

    def _joined(self, place: int) -> list[Way]:
        """A word together with the one before or after it."""
        words = self.query.words
        pairs = [(at, at + 1) for at in (place - 1, place) if 0 <= at and at + 1 < len(words)]
        plain = [(words[one], words[other]) for one, other in pairs]
        return [
            way
            for one, other in plain
            if not (one.cjk or other.cjk or one.phrase or other.phrase)
            for way in ways.joined(one, other, self.fields)
        ]

    def _best(self, word: Word, found: Sequence[Way]) -> JSON:
        return {"dis_max": {"queries": self._clauses(word.text, found) or [{"match_none": {}}]}}

    def _clauses(self, subject: str, found: Sequence[Way]) -> list[JSON]:
        if self.named:
            return [each for way in found for each in way.named(subject)]
        return ways.clauses(found)

    def _with_wholes(self, question: JSON) -> JSON:
        """The question, or the whole query being an Id, a code, an e-mail address or a phone number."""
        shape, fields = self.query.shape, self.fields
        wholes: list[Way] = []
        if self.query.promoted:
            wholes.append(Way(weights.PROMOTED, ("Id",), lambda _: {"terms": {"Id": list(self.query.promoted)}}))
        if shape.record_id:
            wholes.append(Way(weights.RECORD_ID, ("Id",), lambda _: {"term": {"Id": shape.record_id}}))
        if shape.phone and fields.phones:
            wholes.append(Way(weights.WHOLE_PHONE, fields.phones, ways.ends_phone(shape.phone)))
        if shape.code and fields.codes:
            wholes.append(Way(weights.WHOLE_CODE, fields.codes, _terms(shape.code)))
        if shape.email and fields.addresses:
            whole = [path.removesuffix(".parts") for path in fields.addresses]
            wholes.append(Way(weights.WHOLE_EMAIL, whole, _terms(shape.email)))
        if not wholes:
            return question
        return {"dis_max": {"queries": [question, *self._clauses(self.query.text, wholes)]}}

    def _bonuses(self) -> list[JSON]:
        if not self.ordered:
            return []
        text, fields = self.query.text, self.fields
        found: list[Way] = []
        if not text.strip():
            return self._standing()
        for path in fields.whole_names:
            found.append(Way(weights.WHOLE_NAME, [path], _terms(text)))
            found.append(Way(weights.NAME_BEGINS, [path], lambda paths: {"prefix": {paths[0]: text}}))
        words = self.query.words
        if len(words) > 1:
            found += [
                Way(weights.PHRASE_IN_NAME, fields.names, _multi(text, type="phrase")),
                Way(weights.PHRASE_IN_TITLE, fields.titles, _multi(text, type="phrase")),
                Way(weights.PHRASE_IN_LONG_TEXT, fields.long_texts, _multi(text, type="phrase", slop=2)),
                Way(weights.ALL_IN_NAME, fields.names, _multi(text, operator="and")),
                Way(weights.ALL_IN_LONG_TEXT, fields.long_texts, _multi(text, operator="and")),
            ]
        initial = _initial(words)
        if initial:
            found.append(Way(weights.INITIAL, fields.whole_names, _pattern(initial)))
        return [*self._clauses(text, [way for way in found if way.paths]), *self._standing()]

    def _standing(self) -> list[JSON]:
        """Whose it is, whether it is open, how recent, and what it is."""
        if not self.ordered:
            return []
        bonuses = [
            self._bonus(weights.Worth(points, weights.KIND), {"term": {"forcedex.object": name}})
            for name, points in weights.OBJECTS.items()
        ]
        asker = self.leaning.asker
        if self.leaning.owned and asker.user_id:
            bonuses.append(self._bonus(weights.MINE, {"term": {"OwnerId": asker.user_id}}))
        if self.leaning.owned and asker.team:
            bonuses.append(self._bonus(weights.TEAM, {"terms": {"OwnerId": sorted(asker.team)}}))
        if self.leaning.closable:
            bonuses.append(self._bonus(weights.OPEN, {"term": {"IsClosed": False}}))
        for path, objects in self.leaning.stamps:
            recent: JSON = {
                "distance_feature": {
                    "field": path,
                    "origin": asker.today.isoformat(),
                    "pivot": f"{weights.RECENT_DAYS}d",
                    "boost": weights.RECENT.points,
                }
            }
            if len(self.leaning.stamps) > 1:
                recent = {"bool": {"must": [recent], "filter": [{"terms": {"forcedex.object": list(objects)}}]}}
            bonuses.append(recent)
        return bonuses

    def _bonus(self, worth: weights.Worth, clause: JSON) -> JSON:
        bonus = constant(worth.points, clause)
        if self.named:
            bonus["constant_score"]["_name"] = "|".join(("", str(worth.points), worth.because, ""))
        return bonus


def recency(changed: date, today: date) -> float:
    """Points for a change on a day, as Elasticsearch's distance_feature gives them.

    Source: Elasticsearch Reference, "Distance feature query": boost * pivot / (pivot + distance).
    """
    days = abs((today - changed).days)
    return weights.RECENT.points * weights.RECENT_DAYS / (weights.RECENT_DAYS + days)


def highlighting(query: Understood, fields: SearchFields) -> dict[str, JSON]:
    """A small query for the marks in each field: the search's own one would be run again for every field of every hit.

    Typos are marked by `marking`.
    """
    names = {*fields.names, *fields.titles}
    single = [word for word in query.words if not word.phrase]
    also = [each for word in single for each in word.nicknames]
    text = " ".join([*[word.text for word in single], *also])
    together = [word.text for word in query.words if word.phrase or word.cjk]
    made: dict[str, JSON] = {}
    for path in (*fields.names, *fields.titles, *fields.texts, *fields.long_texts, *fields.addresses):
        should: list[JSON] = [{"match_phrase": {path: each}} for each in together]
        if text:
            should.append({"match": {path: text}})
        if single and path in names:
            should.append({"match_bool_prefix": {path: single[-1].text}})
        made[path] = should[0] if len(should) == 1 else {"bool": {"should": should}}
    return made


def excluded(words: Sequence[Word], fields: SearchFields) -> list[JSON]:
    """What must not be found: words after a minus sign."""
    paths = [*fields.names, *fields.titles, *fields.texts, *fields.labels, *fields.long_texts, *fields.addresses]
    return [{"multi_match": {"query": word.text, "type": "phrase", "fields": paths}} for word in words if paths]


def _initial(words: Sequence[Word]) -> str | None:
    """`J Smith` as a pattern of whole names."""
    if len(words) < 2 or len(words[0].text.rstrip(".")) != 1 or words[0].cjk:
        return None
    rest = " ".join(word.folded.translate(_SPECIAL) for word in words[1:])
    return f"{folded(words[0].text.rstrip('.')).translate(_SPECIAL)}* {rest}"


def _terms(value: str) -> Any:
    return lambda paths: _any([{"term": {path: value}} for path in paths])


def _pattern(value: str) -> Any:
    return lambda paths: _any([{"wildcard": {path: value}} for path in paths])


def _multi(text: str, **options: Any) -> Any:
    return lambda paths: {"multi_match": {"query": text, **options, "fields": list(paths)}}


def _any(clauses: list[JSON]) -> JSON:
    return clauses[0] if len(clauses) == 1 else {"bool": {"should": clauses}}
