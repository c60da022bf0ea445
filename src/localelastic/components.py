"""The analysis components that this node has beyond those of the Elasticsearch server itself.

The names are Elasticsearch's. `java/Components.java` implements exactly these; a test compares the two lists. The
server brings a few more: the tokenizer `standard`, the filters `lowercase` (without parameters), `stop`, `shingle`
and `hunspell`, the analyzers `standard`, `simple`, `whitespace`, `keyword`, `stop`.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

COMPONENTS: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "filter": frozenset(
            {
                *("asciifolding", "cjk_bigram", "cjk_width", "edge_ngram", "german_normalization", "keyword_repeat"),
                *("ngram", "porter_stem", "remove_duplicates", "truncate"),
            }
        ),
        "tokenizer": frozenset({"ngram", "pattern"}),
        "char_filter": frozenset({"html_strip"}),
    }
)
"""Component names by the key under which index settings and `_analyze` name them."""
