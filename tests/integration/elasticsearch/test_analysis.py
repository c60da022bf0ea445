from elasticsearch import AsyncElasticsearch

from forcedex.domain.money import Currencies
from forcedex.elasticsearch.analysis import components_used
from forcedex.elasticsearch.indices import ElasticsearchSink
from forcedex.elasticsearch.naming import Names
from localelastic.components import COMPONENTS
from tests.factories.schemas import ACCOUNT, selection


def test_the_embedded_node_has_the_analysis_components_that_the_mappings_use_and_no_more() -> None:
    assert {kind: set(names) for kind, names in COMPONENTS.items()} == components_used()


async def test_names_fold_to_the_terms_that_people_type(
    sink: ElasticsearchSink, client: AsyncElasticsearch, names: Names
) -> None:
    await sink.open(selection(ACCOUNT), known=None, currencies=Currencies())

    async def terms(analyzer: str, text: str) -> list[str]:
        answer = await client.indices.analyze(index=names.index("Account", 1), analyzer=analyzer, text=text)
        return [token["token"] for token in answer["tokens"]]

    assert await terms("folded", "Müller Mueller MULLER") == ["muller", "muller", "muller"]
    assert await terms("folded", "ＡＢＣ Café") == ["abc", "cafe"]
    assert await terms("beginnings", "Zoë") == ["z", "zo", "zoe"]
    assert await terms("beginnings_query", "internationalization") == ["internationa"]
    assert await terms("trigrams_query", "Acme") == ["acm", "cme"]
    assert await terms("parts", "j.smith@acme-tools.example") == ["j", "smith", "acme", "tools", "example"]
    assert await terms("stemmed_html", "<p>Hello <b>worlds</b></p>") == ["hello", "worlds", "world"]
    assert await terms("stemmed", "welding cells, cell") == ["welding", "weld", "cells", "cell", "cell"]
    assert await terms("pairs", "株式会社サクラ電機") == [
        "株式",
        "式会",
        "会社",
        "社サ",
        "サク",
        "クラ",
        "ラ電",
        "電機",
    ]
