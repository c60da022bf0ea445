"""Questions to what was synced, each in somebody's name and with his eyes."""

import getpass
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from forcedex.access.explain import Explanation
from forcedex.access.gate import tokens_question
from forcedex.access.view import View, everything
from forcedex.analytics.definition import Definition
from forcedex.analytics.engine import Engine
from forcedex.analytics.kibana.artefacts import Artefacts, artefacts
from forcedex.analytics.question import Question
from forcedex.analytics.report import Report
from forcedex.domain.company import Company
from forcedex.domain.errors import Refused
from forcedex.domain.indexed import IndexedObject
from forcedex.domain.principal import Principal
from forcedex.domain.record_id import to_18
from forcedex.domain.rights import Person
from forcedex.elasticsearch.query import QueryClient
from forcedex.keys import Keys
from forcedex.search.answer import Answer, Suggestion
from forcedex.search.request import SearchRequest
from forcedex.search.search import Search
from forcedex.search.vocabulary import Promotion, shipped
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

    async def person(self, who: str) -> Person:
        """The user of the org with this Id, username or name; Refused if it is not clear who that is."""
        return await self._views.person(who)

    async def search(self, principal: Principal, request: SearchRequest, *, explain: bool = False) -> Answer:
        """As `Search.ask`, kept in the search log; Refused if nothing can be shown to the principal, saying why."""
        view = await self._view(principal)
        asker = await self._views.asker(principal)
        answer = await (await self._searching()).ask(view, asker, request, explain=explain)
        if request.text.strip() and not request.cursor:
            await self._store.log_search(
                view.user_id or "",
                request.text,
                results=answer.total,
                terms=answer.terms,
                seconds=answer.took_ms / 1000,
                relaxed=answer.relaxed,
            )
        return answer

    async def suggest(self, principal: Principal, text: str) -> tuple[Suggestion, ...]:
        """As `Search.suggest`: what comes while somebody types is not kept in the search log."""
        view = await self._view(principal)
        asker = await self._views.asker(principal)
        return await (await self._searching()).suggest(view, asker, text)

    async def _searching(self) -> Search:
        """The search with the administrator's vocabulary."""
        if self._search is None:
            promoted = await self._store.vocabulary(PROMOTION)
            vocabulary = shipped().extended(
                (await self._store.vocabulary(SYNONYM)).values(),
                [Promotion(query=query, record_ids=tuple(ids)) for query, ids in promoted.items()],
            )
            self._search = Search(
                self._client, self._objects, self.org.instance_url, vocabulary=vocabulary, keys=self._keys
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

    async def report(self, principal: Principal, definition: Definition, question: Question) -> Report:
        """As `Engine.report`."""
        return await (await self._reporting(principal)).report(definition, question)

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
            raise Refused(view.blind)
        return view
