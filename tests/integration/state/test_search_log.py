"""The search log and the vocabulary on both databases."""

from datetime import UTC, datetime, timedelta

from forcedex.keys import Keys
from forcedex.state.store import open_state
from tests.integration.state.conftest import ORG, OTHER_ORG

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


async def test_searches_and_clicks_are_kept_for_their_org_and_forgotten_in_time(url: str, keys: Keys) -> None:
    async with open_state(url, keys) as state:
        store = state.of(ORG)
        first = await store.log_search("005A", "acme \x00 inc", results=3, terms=2, seconds=0.012)
        second = await store.log_search("", "zanteco", results=0, terms=1, seconds=0.5, relaxed=True)
        assert await store.log_click(first, "005A", "001A", 1)
        assert not await store.log_click(first, "005B", "001A", 1)  # somebody else's search
        assert not await store.log_click(999, "005A", "001A", 1)
        entries, clicks = await store.searches(LONG_AGO)
        assert [(each.number, each.results, each.seconds) for each in entries] == [(first, 3, 0.012), (second, 0, 0.5)]
        assert [(each.search, each.rank) for each in clicks] == [(first, 1)]
        assert await state.of(OTHER_ORG).searches(LONG_AGO) == ([], [])
        await store.purge_searches(timedelta(0))
        entries, clicks = await store.searches(LONG_AGO)
        assert ([each.number for each in entries], list(clicks)) == ([second], [])
        assert await store.log_search("", "next", results=1, terms=1, seconds=0.1) == second + 1


async def test_the_vocabulary_is_kept_replaced_and_removed(url: str, keys: Keys) -> None:
    async with open_state(url, keys) as state:
        store = state.of(ORG)
        await store.save_vocabulary("synonym", "poc", ["poc", "pilot"])
        await store.save_vocabulary("synonym", "poc", ["poc", "proof of concept"])
        await store.save_vocabulary("promotion", "poc", ["001A"])
        assert await store.vocabulary("synonym") == {"poc": ("poc", "proof of concept")}
        assert await store.remove_vocabulary("synonym", "poc")
        assert not await store.remove_vocabulary("synonym", "poc")
        assert await store.vocabulary("promotion") == {"poc": ("001A",)}
