"""The analysis settings of every index: how text becomes terms.

Folding makes Müller, Mueller and MULLER one term. Beginnings (edge n-grams) and trigrams keep neither positions nor
norms: they are for filters with constant scores. Everything here runs on a plain Elasticsearch without plugins.
"""

from typing import Any

JSON = dict[str, Any]

_FOLD = ["cjk_width", "lowercase", "german_normalization", "asciifolding"]
#: Long texts are found by the stem of a word, too: `welding` finds `welds`. Names and short texts never are.
_STEM = [*_FOLD, "keyword_repeat", "porter_stem", "remove_duplicates"]
#: Longest beginning that is indexed; longer words are cut when asked for.
LONGEST_BEGINNING = 12

ANALYSIS: JSON = {
    "tokenizer": {
        "parts": {"type": "pattern", "pattern": r"[^\p{L}\p{Nd}]+"},
        "trigrams": {"type": "ngram", "min_gram": 3, "max_gram": 3, "token_chars": ["letter", "digit"]},
    },
    "char_filter": {"no_html": {"type": "html_strip"}},
    "filter": {
        "beginnings": {"type": "edge_ngram", "min_gram": 1, "max_gram": LONGEST_BEGINNING},
        "cut": {"type": "truncate", "length": LONGEST_BEGINNING},
        "trigrams": {"type": "ngram", "min_gram": 3, "max_gram": 3},
        # A term of Lucene holds 32,766 bytes; this tokenizer cuts nothing by itself.
        "bounded": {"type": "truncate", "length": 255},
    },
    "normalizer": {"folded": {"type": "custom", "filter": _FOLD}},
    "analyzer": {
        "folded": {"type": "custom", "tokenizer": "standard", "filter": _FOLD},
        "stemmed": {"type": "custom", "tokenizer": "standard", "filter": _STEM},
        "stemmed_html": {
            "type": "custom",
            "char_filter": ["no_html"],
            "tokenizer": "standard",
            "filter": _STEM,
        },
        # Chinese, Japanese and Korean by pairs of characters: finds pieces of katakana and hangul, too.
        "pairs": {"type": "custom", "tokenizer": "standard", "filter": ["cjk_width", "lowercase", "cjk_bigram"]},
        "beginnings": {"type": "custom", "tokenizer": "standard", "filter": [*_FOLD, "beginnings"]},
        "beginnings_query": {"type": "custom", "tokenizer": "standard", "filter": [*_FOLD, "cut"]},
        "trigrams": {"type": "custom", "tokenizer": "standard", "filter": [*_FOLD, "trigrams"]},
        "trigrams_query": {"type": "custom", "tokenizer": "trigrams", "filter": _FOLD},
        "parts": {"type": "custom", "tokenizer": "parts", "filter": [*_FOLD, "bounded"]},
    },
}

#: What Elasticsearch's own server has without its modules.
_IN_SERVER = {"filter": {"lowercase"}, "tokenizer": {"standard"}, "char_filter": set[str]()}


def components_used() -> dict[str, set[str]]:
    """The analysis components that the settings name and that are not part of the bare server, by kind."""
    used: dict[str, set[str]] = {"filter": set(), "tokenizer": set(), "char_filter": set()}
    for section in ("filter", "tokenizer", "char_filter"):
        used[section] |= {each["type"] for each in ANALYSIS[section].values()}
    for analyzer in [*ANALYSIS["analyzer"].values(), *ANALYSIS["normalizer"].values()]:
        used["filter"] |= set(analyzer["filter"]) - ANALYSIS["filter"].keys()
        used["tokenizer"] |= {analyzer.get("tokenizer", "standard")} - ANALYSIS["tokenizer"].keys()
    return {kind: names - _IN_SERVER[kind] for kind, names in used.items()}
