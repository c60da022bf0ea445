"""Questions to what was synced, each in somebody's name and with his eyes."""

import asyncio
import getpass
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from forcedex.access.explain import Explanation
from forcedex.access.gate import tokens_question
from forcedex.access.view import View, everything
from forcedex.analytics.dashboard import TILES, Tile, TileAnswer
from forcedex.analytics.definition import Definition
from forcedex.analytics.engine import Engine
from forcedex.analytics.kibana.artefacts import Artefacts, artefacts
from forcedex.analytics.question import Question
from forcedex.analytics.report import Report
from forcedex.domain.company import Company
from forcedex.domain.errors import Blind, Refused
from forcedex.domain.indexed import IndexedObject
from forcedex.domain.principal import OrgUser, Principal
from forcedex.domain.record_id import to_18
from forcedex.domain.rights import Person
from forcedex.elasticsearch.query import QueryClient
from forcedex.keys import Keys
from forcedex.search.answer import Answer, Hit, Related, Suggestion
from forcedex.search.record import WholeRecord
from forcedex.search.related import Kind
from forcedex.search.request import SearchRequest
from forcedex.search.search import Search
from forcedex.search.vocabulary import Promotion, Vocabulary, shipped
from forcedex.state.orgs import KnownOrg
from forcedex.state.store import SqlStateStore
from forcedex.state.vocabulary import PROMOTION, SYNONYM
from forcedex.viewing import Views


class Asking:
    """Questions to what was synced."""

    def __init__(
        self,
        client: QueryClient,
        objects: list[IndexedObject],
        org: KnownOrg,
        store: SqlStateStore,
        views: Views,
        keys: Keys,
    ) -> None:
        self._client = client
        self._objects = objects
        self._store = store
        self._views = views
        self.org = org
        self._keys = keys
        self._search: Search | None = None
        self._words: Vocabulary | None = None

    @property
    def objects(self) -> Sequence[IndexedObject]:
        """The objects that are searched, by name."""
        return self._objects

    async def person(self, who: str) -> Person:
        """The user of the org with this Id, username or name; Refused if it is not clear who that is."""
        return await self._views.person(who)

    async def holder(self, user_id: str) -> tuple[Person, frozenset[str]]:
        """As `Views.holder`."""
        return await self._views.holder(user_id)

    async def search(
        self, principal: Principal, request: SearchRequest, *, explain: bool = False, kept: bool = True
    ) -> Answer:
        """As `Search.ask`, kept in the search log; Blind if nothing can be shown to the principal, saying why."""
        view = await self._view(principal)
        asker = await self._views.asker(principal)
        answer = await (await self._searching()).ask(view, asker, request, explain=explain)
        if not kept or not request.text.strip() or request.cursor:
            return answer
        number = await self._store.log_search(
            view.user_id or "",
            request.text,
            results=answer.total,
            terms=answer.terms,
            seconds=answer.took_ms / 1000,
            relaxed=answer.relaxed,
        )
        return replace(answer, number=number)

    async def suggest(self, principal: Principal, text: str) -> tuple[Suggestion, ...]:
        """As `Search.suggest`: what comes while somebody types is not kept in the search log."""
        view = await self._view(principal)
        asker = await self._views.asker(principal)
        return await (await self._searching()).suggest(view, asker, text)

    async def record(self, principal: Principal, sobject: str, record_id: str) -> WholeRecord | None:
        """As `Search.record`."""
        return await (await self._searching()).record(await self._view(principal), sobject, record_id)

    async def related(self, principal: Principal, sobject: str, record_id: str, kind: Kind, *, size: int) -> Related:
        """As `Search.related`."""
        view = await self._view(principal)
        return await (await self._searching()).related(view, sobject, record_id, kind, size=size)

    async def opened(self, user: OrgUser, number: int, record_id: str, rank: int) -> bool:
        """Keep that somebody opened a hit of his own search; False if there is no such search of his."""
        return await self._store.log_click(number, user.user_id, record_id, rank)

    async def recent(self, user: OrgUser, most: int) -> tuple[Sequence[str], Sequence[Hit]]:
        """What the user searched for last, and the records he opened last, as far as he may still see them."""
        view = await self._view(user)
        texts, ids = await self._store.recent_of(user.user_id, most)
        found = {each.id: each for each in await (await self._searching()).known(view, ids)} if ids else {}
        return texts, [found[each] for each in ids if each in found]

    async def unseen(self, user: OrgUser, ids: Sequence[str], now: datetime) -> None:
        """Salesforce did not show these records to the user: those that we would show are hidden from him at once."""
        view = await self._view(user)
        found = await (await self._searching()).known(view, list(ids), size=len(ids))
        await self._store.report_unseen(user.user_id, {each.id: each.object for each in found}, now)

    async def refresh(self) -> None:
        """Know of indices, fields and vocabulary that were made or changed since."""
        objects = await self._client.objects()
        vocabulary = await self._vocabulary()
        if objects != self._objects or vocabulary != self._words:
            self._objects, self._words, self._search = objects, vocabulary, None

    async def _vocabulary(self) -> Vocabulary:
        """The shipped words and the administrator's."""
        promoted = await self._store.vocabulary(PROMOTION)
        return shipped().extended(
            (await self._store.vocabulary(SYNONYM)).values(),
            [Promotion(query=query, record_ids=tuple(ids)) for query, ids in promoted.items()],
        )

    async def _searching(self) -> Search:
        """The search with the administrator's vocabulary."""
        if self._search is None:
            self._words = self._words or await self._vocabulary()
            self._search = Search(
                self._client, self._objects, self.org.instance_url, vocabulary=self._words, keys=self._keys
            )
        return self._search

    async def company(self) -> Company:
        """What holds for the whole org: its day, its weeks, its fiscal years, its currencies."""
        return await self._views.company()

    async def fields(self, principal: Principal) -> Mapping[str, IndexedObject]:
        """What there is to report on, by name, with the fields that the principal may use somewhere."""
        view = await self._view(principal)
        return {
            each.name: replace(
                each, fields={path: column for path, column in each.fields.items() if view.may_use(each, path)}
            )
            for each in await self._client.indexed()
            if view.may_read(each.told_of)
        }

    async def readable(self, principal: Principal) -> Sequence[IndexedObject]:
        """The objects whose records the principal may read, by label."""
        view = await self._view(principal)
        return sorted((each for each in self._objects if view.may_read(each.name)), key=lambda each: each.label)

    async def report(self, principal: Principal, definition: Definition, question: Question) -> Report:
        """As `Engine.report`."""
        return await (await self._reporting(principal)).report(definition, question)

    async def dashboard(
        self, principal: Principal, reports: Mapping[str, Definition], shared: Question
    ) -> Sequence[TileAnswer]:
        """The dashboard's tiles, each over its own days or those of the question, under the question's conditions.

        A report that cannot be told (a condition on a field that its documents have not, no right to see any) says why.
        """
        engine = await self._reporting(principal)
        return await asyncio.gather(*(self._tile(engine, each, reports.get(each.report), shared) for each in TILES))

    @staticmethod
    async def _tile(engine: Engine, tile: Tile, definition: Definition | None, shared: Question) -> TileAnswer:
        if definition is None:
            return TileAnswer(tile=tile, title=tile.report, why="This report is not set up.")
        question = replace(
            shared,
            by=tile.by,
            top=tile.top,
            period=shared.period if tile.period is None else tile.period,
            compare=shared.compare if tile.period is None and definition.parts[0].day else None,
        )
        try:
            return TileAnswer(tile=tile, title=definition.title, report=await engine.report(definition, question))
        except Refused as exc:
            return TileAnswer(tile=tile, title=definition.title, why=str(exc))

    async def report_records(
        self, principal: Principal, definition: Definition, question: Question, keys: Sequence[str | None]
    ) -> tuple[IndexedObject, list[Mapping[str, Any]]]:
        """As `Engine.records`."""
        return await (await self._reporting(principal)).records(definition, question, keys)

    async def _reporting(self, principal: Principal) -> Engine:
        """The days of a report are the org's, whoever asks."""
        company = await self.company()
        indexed = await self._client.indexed()
        return Engine(self._client, indexed, await self._view(principal), company, company.calendar(datetime.now(UTC)))

    async def kibana(self) -> Artefacts:
        """What Kibana needs, made of what is indexed of the org: no record is looked at."""
        indexed = await self._client.indexed()
        return artefacts(self._client.names, indexed, self.org.org_name, await self.company())

    async def explain_access(self, person: Person, record_id: str) -> tuple[IndexedObject, Explanation]:
        """Why the person may see the record, or why not; Refused if the record is not in the index."""
        question = tokens_question(everything(), self._objects, to_18(record_id))
        hits = (await self._client.search(question))["hits"]["hits"]
        if not hits:
            raise Refused(f"There is no record {record_id} in the index.", "Check the Id, or run `forcedex sync`.")
        about = hits[0]["_source"]["forcedex"]
        indexed = next(each for each in self._objects if each.name == about["object"])
        return indexed, await self._views.explained(
            person, self._objects, indexed, to_18(record_id), about.get("acl", ()), about.get("see", {})
        )

    async def note(self, action: str, as_whom: str, what: str) -> None:
        """Keep in the audit log that this was asked in somebody's name."""
        await self._store.audit(getpass.getuser(), action, as_whom, what)

    async def _view(self, principal: Principal) -> View:
        view = await self._views.of(principal, self._objects)
        if view.blind:
            raise Blind(view.blind)
        return view
