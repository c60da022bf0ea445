"""What Elasticsearch answers past a correct filter, each construct by its name.

An index with what somebody may not see, and one of only what she may: asked raw, with the right filter of who is asking
in the query, Elasticsearch answers differently, which is the leak. Asked through the gate the question is refused or
answered the same; so are searches. What our indices have no fields for is shown on an index made for it. `_terms_enum`
is not in the bare server; nothing here could send it.
"""

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import asdict, dataclass, replace
from typing import Any

import pytest
import pytest_asyncio
from elasticsearch import AsyncElasticsearch, BadRequestError

from forcedex.access.gate import GateRefused, gate, visible_to
from forcedex.access.tokens import whole
from forcedex.access.view import View, sorted_tokens
from forcedex.domain.indexed import IndexedObject
from forcedex.elasticsearch.naming import Names
from forcedex.elasticsearch.query import QueryClient
from forcedex.search.answer import Suggestion
from forcedex.search.asker import Asker
from forcedex.search.related import Kind
from forcedex.search.request import SearchRequest
from forcedex.search.search import Search
from localorg.fixture import LocalOrg, running_org
from tests.integration.access.conftest import World, view_of
from tests.integration.access.shadow import Shadow, seeing_all

JSON = dict[str, Any]

_EVERYTHING: JSON = {"match_all": {}}
_JSON = {"accept": "application/json", "content-type": "application/json"}
_HIDDEN = "Zebra"
_SECRET = "Zoology"


@dataclass
class Side:
    """One of the two indices, and the view of the person who asks."""

    client: QueryClient
    view: View
    names: Names
    scratch: str

    @property
    def alias(self) -> str:
        """Of its accounts."""
        return self.names.read_alias("Account")


@dataclass
class Company:
    """A seller with two accounts, and what is hidden from her: other people's records, and a field of her own."""

    raw: AsyncElasticsearch
    objects: list[IndexedObject]
    seller: str
    #: Hers, with a contact and a deal.
    account: str
    #: Everything, and only what she may see.
    whole: Side
    alone: Side

    @property
    def accounts(self) -> IndexedObject:
        """The object."""
        return next(each for each in self.objects if each.name == "Account")

    async def past_the_gate(self, side: Side, body: JSON, index: str = "") -> JSON:
        """What Elasticsearch answers with the filter of who is asking in the query, or where the body has it."""
        if "post_filter" in body:
            asked = {**body, "post_filter": visible_to(side.view)}
        else:
            query = {"bool": {"must": [body.get("query", _EVERYTHING)], "filter": [visible_to(side.view)]}}
            asked = {**body, "query": query}
        asked.setdefault("_source", False)
        path = f"/{index or side.alias}/_search"
        return told((await self.raw.perform_request("POST", path, headers=_JSON, body=asked)).body)

    async def through_the_gate(self, side: Side, body: JSON) -> JSON:
        """What is answered to the same question as our code can ask it."""
        return told(await side.client.search(gate(side.view, [self.accounts], body)))

    def search(self, side: Side) -> Search:
        """Hers."""
        return Search(side.client, self.objects, "https://acme.example")


def told(answer: JSON) -> JSON:
    """An answer without what tells any two indices apart."""

    def plain(value: JSON) -> JSON:
        return {key: each for key, each in value.items() if key not in ("_index", "_node", "_shard")}

    text = json.dumps({key: value for key, value in answer.items() if key not in ("took", "_shards", "timed_out")})
    return dict(json.loads(text, object_hook=plain))


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def company(elasticsearch_url: str, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Company]:
    async with AsyncExitStack() as stack:
        org = await stack.enter_async_context(running_org(empty=True))
        seller, account = _filled(org)
        world = World(org, tmp_path_factory.mktemp("company"), elasticsearch_url)
        await world.sync()
        asking = await stack.enter_async_context(world.asking())
        objects, client = asking._objects, asking._client
        raw = client._client
        view = await view_of(asking, seller)
        names = Names(world.settings.elasticsearch.index_prefix, asking.org.org_id)
        shown = await Shadow(org, raw, names, objects).of(seller, 0)
        scratches = [await _scratch(raw, f"{names.prefix}-scratch-{each}", view, hidden=each) for each in (True, False)]
        yield Company(
            raw=raw,
            objects=objects,
            seller=seller,
            account=account,
            whole=Side(client, view, names, scratches[0]),
            alone=Side(shown, seeing_all(view), shown._names, scratches[1]),
        )


def _filled(org: LocalOrg) -> tuple[str, str]:
    """The seller, and her account with a contact and a deal."""
    for name in ("Account", "Opportunity"):
        org.set_organization_wide_default(name, "Private")
    org.set_organization_wide_default("Contact", "ControlledByParent")
    profile = org.create_profile("Seller")
    for name in ("Account", "Contact", "Opportunity"):
        org.set_object_permissions(profile, name, "Read Create Edit")
        org.set_field_permissions(profile, f"{name}.*", "Read")
    org.set_field_permissions(profile, "Account.Phone", "")
    seller = org.create_user("seller@acme.example", profile=profile)
    other = org.create_user("other@acme.example", profile=profile)
    account = org.insert("Account", Name="Aston Works", OwnerId=seller, Industry="Energy", Phone="030 2222222")
    org.insert("Account", Name="Aston Mills", OwnerId=seller, Industry="Energy", Phone="030 1111111")
    org.insert("Contact", LastName="Abel", OwnerId=seller, AccountId=account)
    _deal(org, "Aston turbines", seller, account)
    for number in range(20):
        named = f"{_HIDDEN} {number}"
        hidden = org.insert("Account", Name=named, OwnerId=other, Industry=_SECRET, Phone="030 3333333")
        _deal(org, f"{_HIDDEN} deal {number}", other, hidden)
    return seller, account


def _deal(org: LocalOrg, name: str, owner: str, account: str) -> None:
    day = org.clock.now().date()
    org.insert("Opportunity", Name=name, StageName="Prospecting", CloseDate=day, OwnerId=owner, AccountId=account)


async def _scratch(raw: AsyncElasticsearch, index: str, view: View, *, hidden: bool) -> str:
    """An index with what ours do without: suggestions kept as such, vectors, scores by rarity. It is open to her."""
    index = index.lower()
    fields: JSON = {
        "suggest": {"type": "completion"},
        "vector": {"type": "dense_vector", "dims": 2, "similarity": "cosine"},
        "forcedex.acl": {"type": "keyword"},
        "word": {"type": "keyword"},
    }
    await raw.indices.create(index=index, mappings={"properties": fields}, settings={"number_of_replicas": 0})
    opened = [*view.tokens, whole("Account")]
    hers = {"suggest": "aston", "vector": [0, 1], "word": "aston", "forcedex": {"acl": opened}}
    others = {"suggest": _HIDDEN, "vector": [1, 0], "word": _HIDDEN, "forcedex": {"acl": ["o:Nothing"]}}
    for number, document in enumerate([hers, others] if hidden else [hers]):
        await raw.index(index=index, id=str(number), document=document, refresh=True)
    return index


#: By name: questions that the gate refuses.
REFUSED: dict[str, JSON] = {
    "terms with min_doc_count 0": {"aggs": {"a": {"terms": {"field": "Industry", "min_doc_count": 0}}}},
    "global": {"aggs": {"a": {"global": {}, "aggs": {"b": {"terms": {"field": "Industry"}}}}}},
    "significant_terms": {"aggs": {"a": {"significant_terms": {"field": "Industry", "min_doc_count": 1}}}},
    "post_filter": {"post_filter": {}, "aggs": {"a": {"terms": {"field": "Industry"}}}},
    "term suggester": {"suggest": {"a": {"text": "zebro", "term": {"field": "Name"}}}},
    "highlight of everything": {
        "highlight": {"fields": {"*": {}}, "require_field_match": False},
        "_source": ["Name"],
    },
    "explain": {"explain": True, "query": {"bool": {"should": [{"term": {"Industry": "Energy"}}]}}},
    "sort by a hidden field": {"sort": [{"Phone": "asc"}]},
    "fields": {"fields": ["Phone"]},
    "docvalue_fields": {"docvalue_fields": ["Phone"]},
    "the whole _source": {"_source": True},
    "_exists_ of a hidden field": {"query": {"query_string": {"query": "_exists_:Phone"}}},
    "terms of a hidden field": {"aggs": {"a": {"terms": {"field": "Phone"}}}},
    "how many values a hidden field has": {"aggs": {"a": {"cardinality": {"field": "Phone"}}}},
}
#: The same on an index with fields that ours have not got.
REFUSED_FIELDS: dict[str, JSON] = {
    "completion suggester": {
        "suggest": {"a": {"prefix": "zeb", "completion": {"field": "suggest"}}},
        "_source": ["word"],
    },
    "knn": {"knn": {"field": "vector", "query_vector": [1, 0], "k": 1, "num_candidates": 10}, "_source": ["word"]},
}
#: Questions that pass, and match nothing.
CLOSED: dict[str, JSON] = {
    "range on a hidden field": {"query": {"range": {"Phone": {"gte": "0"}}}},
    "exists on a hidden field": {"query": {"exists": {"field": "Phone"}}},
    "prefix of what is made of a hidden field": {"query": {"prefix": {"forcedex.phones.Phone": "2"}}},
    "not a hidden field": {"query": {"bool": {"must_not": [{"prefix": {"Phone": "030 2"}}]}}},
    "filter by a hidden field": {"aggs": {"a": {"filter": {"prefix": {"Phone": "030 2"}}}}},
    "filters by a hidden field": {"aggs": {"a": {"filters": {"filters": {"b": {"prefix": {"Phone": "030 2"}}}}}}},
    "rescore by a hidden field": {
        "rescore": {"window_size": 9, "query": {"rescore_query": {"prefix": {"Phone": "030 2"}}}},
    },
}


@pytest.mark.parametrize("name", REFUSED)
async def test_what_leaks_past_a_correct_filter_is_refused(company: Company, name: str) -> None:
    asked = REFUSED[name]
    leaked = await company.past_the_gate(company.whole, asked)
    assert leaked != await company.past_the_gate(company.alone, asked)
    for side in (company.whole, company.alone):
        with pytest.raises(GateRefused):
            await company.through_the_gate(side, asked)


@pytest.mark.parametrize("name", REFUSED_FIELDS)
async def test_what_leaks_from_fields_that_are_not_there_is_refused_all_the_same(company: Company, name: str) -> None:
    asked = REFUSED_FIELDS[name]
    leaked = await company.past_the_gate(company.whole, asked, company.whole.scratch)
    assert _HIDDEN in json.dumps(leaked)
    assert _HIDDEN not in json.dumps(await company.past_the_gate(company.alone, asked, company.alone.scratch))
    with pytest.raises(GateRefused):
        await company.through_the_gate(company.whole, asked)


@pytest.mark.parametrize("name", CLOSED)
async def test_what_leaks_of_a_hidden_field_tells_nothing(company: Company, name: str) -> None:
    asked = CLOSED[name]
    leaked = await company.past_the_gate(company.whole, asked)
    assert leaked != await company.past_the_gate(company.alone, asked)
    answer = await company.through_the_gate(company.whole, asked)
    assert answer == await company.through_the_gate(company.alone, asked)


async def test_no_score_tells_how_rare_a_value_is(company: Company) -> None:
    asked: JSON = {"query": {"term": {"word": "aston"}}}
    scores = [await company.past_the_gate(side, asked, side.scratch) for side in (company.whole, company.alone)]
    assert scores[0] != scores[1], "Elasticsearch scores by rarity, hidden documents included"
    for asked in (
        {"query": {"term": {"Industry": "Energy"}}, "sort": ["_score"]},
        {"query": {"term": {"IsDeleted": False}}},
        {"query": {"match": {"Name": "aston"}}},
    ):
        assert await company.past_the_gate(company.whole, asked) == await company.past_the_gate(company.alone, asked)
    for kind in Kind:
        found = [
            await company.search(side).related(side.view, "Account", company.account, kind)
            for side in (company.whole, company.alone)
        ]
        assert found[0].hits == found[1].hits and found[0].counts == found[1].counts


@pytest.mark.filterwarnings("ignore:Sending a large body")
async def test_more_tokens_than_elasticsearch_takes_in_one_clause_are_held(company: Company) -> None:
    many = [f"g:00G{number:015}" for number in range(65_537)]
    view = replace(company.whole.view, tokens=sorted_tokens([*company.whole.view.tokens, *many]))
    with pytest.raises(BadRequestError):
        await company.raw.search(index=company.whole.alias, query={"terms": {"forcedex.acl": list(view.tokens)}})
    answer = await company.whole.client.search(gate(view, [company.accounts], {"size": 5, "track_total_hits": True}))
    assert answer["hits"]["total"]["value"] == 2


@pytest.mark.parametrize(
    "text",
    [
        *("zebro", "Zebra", "zeb", "zoology", "aston", "aston -zebra", '"zebra 1"', "zebra deal", "energy"),
        *("030 2222222", "2222222", "phone:2222222", "-phone:1111111", "phone:*", "aston zebra", "azton", "acounts"),
    ],
)
async def test_a_search_answers_as_if_the_hidden_did_not_exist(company: Company, text: str) -> None:
    answers: list[tuple[JSON, JSON, tuple[Suggestion, ...]]] = []
    for side in (company.whole, company.alone):
        search, asker = company.search(side), Asker(user_id=company.seller)
        found = await search.ask(side.view, asker, SearchRequest(text=text), explain=True)
        tab = await search.ask(side.view, asker, SearchRequest(text=text, objects=("Account",)), explain=True)
        suggested = await search.suggest(side.view, asker, text)
        answers.append((_plain(asdict(found)), _plain(asdict(tab)), suggested))
    assert answers[0] == answers[1]
    assert not any(_HIDDEN in hit["title"] or "Phone" in hit["fields"] for hit in answers[0][0]["hits"])


def _plain(answer: JSON) -> JSON:
    return {key: value for key, value in answer.items() if not key.endswith("_ms")}
