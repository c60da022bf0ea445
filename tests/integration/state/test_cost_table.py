"""The cost table in the store: sealed, one for each org, told apart by its digest."""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from forcedex.domain.costs import CostRow, CostTable, Scope
from forcedex.domain.errors import ConfigurationError
from forcedex.keys import Keys, make_key
from forcedex.state.store import open_state
from tests.integration.state.conftest import ORG, OTHER_ORG

ROW = CostRow(
    number=2,
    scope=Scope.OWNER,
    of="005000000000001AAA",
    first=date(2026, 3, 1),
    last=date(2026, 3, 31),
    amount="98765.43",
    currency="EUR",
    category="Gehalt ☃",
)
TABLE = CostTable(name="costs.csv", rows=(ROW,), loaded_at=datetime(2026, 11, 23, 12, tzinfo=UTC))


async def test_a_table_is_kept_for_its_org_and_its_digest_tells_of_changes(url: str, keys: Keys) -> None:
    async with open_state(url, keys) as state:
        store = state.of(ORG)
        assert (await store.cost_digest(), await store.cost_table()) == (None, None)
        await store.save_cost_table(TABLE)
        first = await store.cost_digest()
        assert await store.cost_table() == TABLE
        await store.save_cost_table(replace(TABLE, rows=(replace(ROW, amount="1"),)))
        assert await store.cost_digest() not in (None, first)
        await store.save_cost_table(TABLE)
        assert await store.cost_digest() == first
        assert await state.of(OTHER_ORG).cost_table() is None


async def test_a_table_is_opened_by_its_key_alone(url: str, keys: Keys, tmp_path: Path) -> None:
    async with open_state(url, keys) as state:
        await state.of(ORG).save_cost_table(TABLE)
    make_key(tmp_path / "other")
    async with open_state(url, Keys([tmp_path / "other"])) as state:
        assert await state.of(ORG).cost_digest()
        with pytest.raises(ConfigurationError, match="is not in"):
            await state.of(ORG).cost_table()
