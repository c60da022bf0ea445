"""SOSL: the text search of Salesforce, as far as its matching is public."""

from localorg.sosl.ast import Find
from localorg.sosl.parser import parse
from localorg.sosl.run import Searcher

__all__ = ["Find", "Searcher", "parse"]
