"""Each analysis component by its tokens. Where Elastic's documentation shows an example, it is that example."""

import asyncio
from typing import Any

import pytest
from elasticsearch import AsyncElasticsearch, BadRequestError

from localelastic.components import COMPONENTS
from localelastic.installation import install

Definition = str | dict[str, Any]
Tokens = list[str]


async def tokens(client: AsyncElasticsearch, text: str, **analysis: Any) -> Tokens:
    answer = await client.indices.analyze(text=text, **analysis)
    return [token["token"] for token in answer["tokens"]]


WORDS = {"type": "pattern", "pattern": r"\s+"}  # stands in for the whitespace tokenizer, which is not here

FILTERS: list[tuple[Definition, str, Tokens]] = [
    ("asciifolding", "açaí à la carte Straße", ["acai", "a", "la", "carte", "Strasse"]),
    ({"type": "asciifolding", "preserve_original": True}, "açaí x", ["acai", "açaí", "x"]),
    ({"type": "asciifolding", "preserve_original": False}, "Łódź", ["Lodz"]),
    # Latin full width becomes half width, Katakana half width becomes full width; and nothing else changes
    ("cjk_width", "ｼｰｻｲﾄﾞﾗｲﾅｰ Ａｃｍｅ Café", ["シーサイドライナー", "Acme", "Café"]),
    ({"type": "cjk_width"}, "１２３", ["123"]),
    ("german_normalization", "Müller Mueller Straße quer", ["Muller", "Muller", "Strasse", "quer"]),
    ({"type": "german_normalization"}, "weiß", ["weiss"]),
    # only named: one character; configured: by default one and two
    ("edge_ngram", "the quick", ["t", "q"]),
    ({"type": "edge_ngram"}, "the quick", ["t", "th", "q", "qu"]),
    ({"type": "edge_ngram", "min_gram": 2, "max_gram": 15}, "q quick", ["qu", "qui", "quic", "quick"]),
    (
        {"type": "edge_ngram", "min_gram": 2, "max_gram": 3, "preserve_original": True},
        "q quick",
        ["q", "qu", "qui", "quick"],
    ),
    ({"type": "edge_ngram", "min_gram": 1, "max_gram": 2}, "𝒳yz", ["𝒳", "𝒳y"]),  # code points, not UTF-16 units
    ("ngram", "Quick", ["Q", "Qu", "u", "ui", "i", "ic", "c", "ck", "k"]),
    ({"type": "ngram"}, "fox", ["f", "fo", "o", "ox", "x"]),
    ({"type": "ngram", "min_gram": 2, "max_gram": 2}, "a fox", ["fo", "ox"]),
    ({"type": "ngram", "min_gram": 2, "max_gram": 2, "preserve_original": True}, "a fox", ["a", "fo", "ox", "fox"]),
    # pairs of one script; a character that stands alone stays; other words are left as they are
    ("cjk_bigram", "サクラ x", ["サクラ", "x"]),
    # the word and once more the word, for the next filter to leave or to change
    ("keyword_repeat", "welding", ["welding", "welding"]),
    ("porter_stem", "welding cells", ["weld", "cell"]),
    ("remove_duplicates", "a b", ["a", "b"]),
    ("truncate", "the internationalization", ["the", "internatio"]),
    ({"type": "truncate", "length": 5}, "the quickly", ["the", "quick"]),
]

TOKENIZERS: list[tuple[Definition, str, Tokens]] = [
    ("pattern", "The foo_bar_size's default is 5.", ["The", "foo_bar_size", "s", "default", "is", "5"]),
    ({"type": "pattern", "pattern": ","}, "comma,separated, values", ["comma", "separated", " values"]),
    (
        {"type": "pattern", "pattern": r'"((?:\\"|[^"]|\\")+)"', "group": 1},
        r'"value", "value with embedded \" quote"',
        ["value", r"value with embedded \" quote"],
    ),
    ({"type": "pattern", "pattern": "[0-9]+", "group": 0}, "+1 (415) 555", ["1", "415", "555"]),
    ({"type": "pattern", "pattern": "X", "flags": "CASE_INSENSITIVE"}, "aXbxc", ["a", "b", "c"]),
    ({"type": "pattern", "pattern": "a # nothing", "flags": "CASE_INSENSITIVE|COMMENTS"}, "1A2a3", ["1", "2", "3"]),
    ("ngram", "Fox", ["F", "Fo", "o", "ox", "x"]),
    (
        {"type": "ngram", "min_gram": 3, "max_gram": 3, "token_chars": ["letter", "digit"]},
        "2 Quick Foxes.",
        ["Qui", "uic", "ick", "Fox", "oxe", "xes"],
    ),
    ({"type": "ngram", "min_gram": 1, "max_gram": 1, "token_chars": ["punctuation"]}, "a-b_c!?«", list("-_!?«")),
    ({"type": "ngram", "min_gram": 1, "max_gram": 1, "token_chars": ["symbol"]}, "a+b€^©.", list("+€^©")),
    ({"type": "ngram", "min_gram": 1, "max_gram": 1, "token_chars": ["whitespace", "digit"]}, "a 1", [" ", "1"]),
]

CHAR_FILTERS: list[tuple[Definition, str, Tokens]] = [
    ("html_strip", "<p>I&apos;m so <b>happy</b>!</p>", ["\nI'm so happy!\n"]),
    (
        {"type": "html_strip", "escaped_tags": ["b"]},
        "<p>I&apos;m so <b>happy</b>!</p>",
        ["\nI'm so <b>happy</b>!\n"],
    ),
    ({"type": "html_strip"}, "a<br/>b<script>c()</script>", ["a\nb\n"]),
]


@pytest.mark.parametrize(("definition", "text", "expected"), FILTERS, ids=str)
async def test_token_filter_makes_the_tokens_of_elasticsearch(
    client: AsyncElasticsearch, definition: Definition, text: str, expected: Tokens
) -> None:
    assert await tokens(client, text, tokenizer=WORDS, filter=[definition]) == expected


@pytest.mark.parametrize(("definition", "text", "expected"), TOKENIZERS, ids=str)
async def test_tokenizer_makes_the_tokens_of_elasticsearch(
    client: AsyncElasticsearch, definition: Definition, text: str, expected: Tokens
) -> None:
    assert await tokens(client, text, tokenizer=definition) == expected


@pytest.mark.parametrize(("definition", "text", "expected"), CHAR_FILTERS, ids=str)
async def test_char_filter_makes_the_text_of_elasticsearch(
    client: AsyncElasticsearch, definition: Definition, text: str, expected: Tokens
) -> None:
    whole = {"type": "pattern", "pattern": "(?s).+", "group": 0}
    assert await tokens(client, text, tokenizer=whole, char_filter=[definition]) == expected


@pytest.mark.parametrize(
    ("analysis", "text", "expected"),
    [
        (
            {"tokenizer": "standard", "filter": ["lowercase", "german_normalization", "asciifolding"]},
            "Größe MÜLLER Søren",
            ["grosse", "muller", "soren"],
        ),
        (
            {
                "char_filter": ["html_strip"],
                "tokenizer": "standard",
                "filter": ["lowercase", {"type": "edge_ngram", "min_gram": 2, "max_gram": 4}],
            },
            "<b>Acme</b> Corp",
            ["ac", "acm", "acme", "co", "cor", "corp"],
        ),
        (
            {
                "tokenizer": {"type": "pattern", "pattern": "[0-9]", "group": 0},
                "filter": [{"type": "truncate", "length": 1}],
            },
            "+49 30",
            ["4", "9", "3", "0"],
        ),
    ],
)
async def test_components_work_in_a_chain(
    client: AsyncElasticsearch, analysis: dict[str, Any], text: str, expected: Tokens
) -> None:
    assert await tokens(client, text, **analysis) == expected


async def create(client: AsyncElasticsearch, name: str, analysis: dict[str, Any], **settings: Any) -> None:
    """Create an index with this analysis, replacing one that an earlier run may have left."""
    await client.indices.delete(index=name, ignore_unavailable=True)
    await client.indices.create(index=name, settings={"number_of_replicas": 0, **settings, "analysis": analysis})


async def test_normalizer_takes_the_filters_that_keep_one_token(client: AsyncElasticsearch) -> None:
    fold = {"filter": ["lowercase", "folding", "german_normalization", "cjk_width"]}
    folding = {"type": "asciifolding"}
    await create(client, "localelastic-normal", {"filter": {"folding": folding}, "normalizer": {"fold": fold}})
    assert await tokens(client, "ＣＡＦÉ Größe", index="localelastic-normal", normalizer="fold") == ["cafe grosse"]


async def test_wildcard_is_folded_to_one_term_even_where_the_original_is_preserved(client: AsyncElasticsearch) -> None:
    original = {"type": "asciifolding", "preserve_original": True}
    analyzer = {"type": "custom", "tokenizer": "standard", "filter": ["lowercase", "original"]}
    await create(client, "localelastic-wild", {"filter": {"original": original}, "analyzer": {"default": analyzer}})
    await client.index(index="localelastic-wild", id="1", document={"Name": "Cafeteria"}, refresh=True)
    answer = await client.search(index="localelastic-wild", query={"query_string": {"query": "Name:CAFÉ*"}})
    assert [hit["_id"] for hit in answer["hits"]["hits"]] == ["1"]


@pytest.mark.parametrize("name", ["edge_ngram", "ngram", "truncate"])
async def test_normalizer_refuses_the_filters_that_split_or_cut(client: AsyncElasticsearch, name: str) -> None:
    with pytest.raises(BadRequestError, match=f"may not use filter .{name}"):
        await create(client, "localelastic-refused", {"normalizer": {"wrong": {"type": "custom", "filter": [name]}}})


async def test_normalizer_refuses_html_strip(client: AsyncElasticsearch) -> None:
    with pytest.raises(BadRequestError, match="may not use char filter .html_strip"):
        await create(
            client, "localelastic-refused", {"normalizer": {"wrong": {"type": "custom", "char_filter": ["html_strip"]}}}
        )


@pytest.mark.parametrize("kind", ["filter", "tokenizer"])
async def test_a_wide_ngram_is_refused_until_the_index_allows_it(client: AsyncElasticsearch, kind: str) -> None:
    wide = {kind: {"wide": {"type": "ngram", "min_gram": 1, "max_gram": 4}}}
    with pytest.raises(BadRequestError, match="max_ngram_diff"):
        await create(client, "localelastic-wide", wide)
    await create(client, "localelastic-wide", wide, max_ngram_diff=3)


@pytest.mark.parametrize(
    ("definition", "reason"),
    [
        ({"type": "truncate"}, "length parameter must be provided"),
        ({"type": "edge_ngram", "min_gram": 3, "max_gram": 2}, "minGram must not be greater than maxGram"),
        # real Elasticsearch knows or ignores these: here they are refused, since without effect they would deceive
        ({"type": "edge_ngram", "side": "back"}, r"does not know the parameter \[side\]"),
        ({"type": "asciifolding", "preserve_orginal": True}, r"does not know the parameter \[preserve_orginal\]"),
    ],
    ids=str,
)
async def test_wrong_parameters_are_refused(client: AsyncElasticsearch, definition: Definition, reason: str) -> None:
    with pytest.raises(BadRequestError, match=reason):
        await tokens(client, "text", tokenizer="standard", filter=[definition])


async def test_unknown_token_chars_are_refused(client: AsyncElasticsearch) -> None:
    with pytest.raises(BadRequestError, match="Unknown token type: 'letters'"):
        await tokens(client, "text", tokenizer={"type": "ngram", "token_chars": ["letters"]})


@pytest.mark.parametrize(
    ("kind", "name"), [(kind, name) for kind, names in COMPONENTS.items() for name in sorted(names)]
)
async def test_listed_component_is_there(client: AsyncElasticsearch, kind: str, name: str) -> None:
    analysis: dict[str, Any] = {"tokenizer": name} if kind == "tokenizer" else {"tokenizer": "standard", kind: [name]}
    assert set(await tokens(client, "a", **analysis)) == {"a"}


@pytest.mark.parametrize(
    ("analysis", "reason"),
    [
        ({"tokenizer": "standard", "filter": ["stemmer"]}, "filter .* .stemmer"),
        ({"tokenizer": "standard", "filter": [{"type": "synonym_graph", "synonyms": ["a, b"]}]}, "synonym_graph"),
        ({"tokenizer": "edge_ngram"}, "tokenizer .* .edge_ngram"),
        ({"tokenizer": "standard", "char_filter": ["mapping"]}, "char_filter .* .mapping"),
    ],
    ids=str,
)
async def test_unlisted_component_is_refused(client: AsyncElasticsearch, analysis: dict[str, Any], reason: str) -> None:
    with pytest.raises(BadRequestError, match=reason):
        await tokens(client, "a", **analysis)


async def test_the_java_part_has_exactly_the_listed_components() -> None:
    installation = await install(lambda event: None)
    process = await asyncio.create_subprocess_exec(
        installation.java, "-cp", installation.class_path, "localelastic.Components", stdout=asyncio.subprocess.PIPE
    )
    output, _ = await process.communicate()
    assert sorted(output.decode().split("\n")[:-1]) == sorted(
        f"{kind} {name}" for kind, names in COMPONENTS.items() for name in names
    )
