"""The part of Kibana's query language that the dashboard uses, read into Elasticsearch queries.

Shares nothing with the product. Source: Kibana Guide, "Kibana Query Language".
"""

import re
from collections.abc import Iterator
from typing import Any

JSON = dict[str, Any]

_TOKEN = re.compile(r'\s*(?:("(?:[^"\\]|\\.)*")|(<=|>=|<|>|:|\(|\))|([^\s()<>:"]+))')
_RANGES = {"<": "lt", "<=": "lte", ">": "gt", ">=": "gte"}


class NotKql(ValueError):
    """What cannot be read."""


def tokens(text: str) -> list[str]:
    """The words and signs of a text."""
    found, place = [], 0
    text = text.rstrip()
    while place < len(text):
        match = _TOKEN.match(text, place)
        if match is None:
            raise NotKql(text)
        found.append(match.group().strip())
        place = match.end()
    return found


class _Reader:
    def __init__(self, text: str) -> None:
        self.text = text
        self.left = tokens(text)
        self.fields: list[str] = []

    def peek(self) -> str:
        return self.left[0] if self.left else ""

    def take(self, *expected: str) -> str:
        if not self.left or (expected and self.left[0] not in expected):
            raise NotKql(self.text)
        return self.left.pop(0)

    def either(self) -> JSON:
        parts = [self.both()]
        while self.peek() == "or":
            self.take()
            parts.append(self.both())
        return parts[0] if len(parts) == 1 else {"bool": {"should": parts, "minimum_should_match": 1}}

    def both(self) -> JSON:
        parts = [self.one()]
        while self.peek() == "and":
            self.take()
            parts.append(self.one())
        return parts[0] if len(parts) == 1 else {"bool": {"filter": parts}}

    def one(self) -> JSON:
        if self.peek() == "not":
            self.take()
            return {"bool": {"must_not": [self.one()]}}
        if self.peek() == "(":
            self.take()
            inner = self.either()
            self.take(")")
            return inner
        field = self.word()
        self.fields.append(field)
        sign = self.take(":", *_RANGES)
        if sign in _RANGES:
            return {"range": {field: {_RANGES[sign]: self.value()}}}
        if self.peek() == "(":
            self.take()
            values = [self.matching(field)]
            while self.take("or", ")") == "or":
                values.append(self.matching(field))
            return {"bool": {"should": values, "minimum_should_match": 1}}
        return self.matching(field)

    def matching(self, field: str) -> JSON:
        if self.peek() == "*":
            self.take()
            return {"exists": {"field": field}}
        quoted = self.peek().startswith('"')
        return {"match_phrase" if quoted else "match": {field: self.value()}}

    def word(self) -> str:
        word = self.take()
        if word.startswith('"') or word in ("and", "or", "not", ":", "(", ")", *_RANGES):
            raise NotKql(self.text)
        return word

    def value(self) -> str:
        if self.peek().startswith('"'):
            return re.sub(r"\\(.)", r"\1", self.take()[1:-1])
        return self.word()


def query_of(text: str) -> JSON:
    """The query; NotKql."""
    if not text.strip():
        return {"match_all": {}}
    reader = _Reader(text)
    found = reader.either()
    if reader.left:
        raise NotKql(text)
    return found


def fields_of(text: str) -> list[str]:
    """The fields that a text asks about; NotKql."""
    if not text.strip():
        return []
    reader = _Reader(text)
    reader.either()
    return reader.fields


def each_text(layer: JSON, state: JSON) -> Iterator[str]:
    """Every query of a panel."""
    yield state["query"]["query"]
    for column in layer["columns"].values():
        if "filter" in column:
            yield column["filter"]["query"]
