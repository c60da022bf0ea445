"""What an administrator tells the search: words that stand for each other, records that stand on top."""

from collections.abc import Mapping, Sequence

from forcedex.domain.errors import Refused
from forcedex.domain.folding import folded
from forcedex.domain.record_id import is_record_id, to_18
from forcedex.state.store import SqlStateStore
from forcedex.state.vocabulary import PROMOTION, SYNONYM

_MOST = 10  # records of a query


class Curating:
    """Keeps the vocabulary of one org; every change stands in the audit log under the name of who made it."""

    def __init__(self, store: SqlStateStore, who: str) -> None:
        self._store = store
        self._who = who

    async def synonyms(self) -> Mapping[str, Sequence[str]]:
        """Groups by their first word, folded."""
        return await self._store.vocabulary(SYNONYM)

    async def add_synonyms(self, words: Sequence[str]) -> None:
        """Let words stand for each other, in place of a group with the same first word. Refused for fewer than two."""
        if len(words) < 2 or not all(word.strip() for word in words):
            raise Refused("A group has two words or more.", 'Such as `forcedex synonyms add poc "proof of concept"`.')
        await self._store.save_vocabulary(SYNONYM, folded(words[0]).strip(), [word.strip() for word in words])
        await self._noted("add synonyms", ", ".join(words))

    async def remove_synonyms(self, word: str) -> None:
        """Forget the group of a word; Refused if there is none."""
        if not await self._store.remove_vocabulary(SYNONYM, folded(word).strip()):
            raise Refused(f"There is no group of {word}.", "See `forcedex synonyms list`.")
        await self._noted("remove synonyms", word)

    async def promoted(self) -> Mapping[str, Sequence[str]]:
        """Record Ids by query, folded."""
        return await self._store.vocabulary(PROMOTION)

    async def promote(self, query: str, records: Sequence[str]) -> None:
        """Put records on top for a query, in place of those that were; Refused for what are no record Ids."""
        if not query.strip() or not 1 <= len(records) <= _MOST or not all(map(is_record_id, records)):
            raise Refused(
                f"A search has 1 to {_MOST} promoted records.",
                "Copy the Id from the record's address.",
            )
        name = folded(" ".join(query.split()))
        await self._store.save_vocabulary(PROMOTION, name, [to_18(each) for each in records])
        await self._noted("promote", f"{query}: {', '.join(records)}")

    async def unpromote(self, query: str) -> None:
        """Put nothing on top any more; Refused if nothing was."""
        if not await self._store.remove_vocabulary(PROMOTION, folded(" ".join(query.split()))):
            raise Refused(f"Nothing is promoted for {query}.", "See `forcedex promoted list`.")
        await self._noted("unpromote", query)

    async def _noted(self, action: str, what: str) -> None:
        await self._store.audit(self._who, action, "", what[:1_000])
