"""What `forcedex kibana` writes: nothing of it is broken, and every panel shows what our own report says."""

import json
import os
from copy import deepcopy
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from random import Random

import pytest

from forcedex.analytics.kibana.artefacts import artefacts
from forcedex.domain.company import Company
from forcedex.domain.errors import Refused
from forcedex.domain.indexed import IndexedObject
from tests.acceptance.product import Product
from tests.integration.kibana.breaking import BREAKS, Broken
from tests.integration.kibana.comparing import differences, readable
from tests.integration.kibana.conftest import Board
from tests.integration.kibana.file_checker import problems
from tests.integration.kibana.lens_queries import Lens, Range, resolved
from tests.integration.kibana.saved_file import JSON, dashboard_of, objects_of, panels_of


def test_nothing_is_wrong_with_the_file(board: Board) -> None:
    assert problems(board.objects(), board.mappings, board.minor) == []


def test_the_file_ends_with_what_is_in_it(board: Board) -> None:
    *lines, last = board.made.files["dashboard.ndjson"].splitlines()
    assert json.loads(last)["exportedCount"] == len(lines)


async def caught(board: Board, objects: list[JSON]) -> list[str]:
    """What the checker says, or where figures differ."""
    if found := problems(objects, board.mappings, board.minor):
        return found
    today = datetime.now(UTC).date()
    span = Range(resolved("now/y", today, end=False), resolved("now/y", today, end=True))
    for panel in panels_of(dashboard_of(objects)):
        if found := await differences(board, panel, objects, span, "this-year"):
            return found
    return []


@pytest.mark.parametrize("breaking", BREAKS, ids=lambda each: each.__name__)
async def test_whatever_is_broken_is_caught(board: Board, breaking: Broken) -> None:
    for seed in range(3):
        objects = deepcopy(board.objects())
        what = breaking(objects, Random(f"{breaking.__name__} {seed}"))
        assert await caught(board, objects), what


def test_the_role_reads_the_aliases_of_the_data_views_and_nothing_else(board: Board) -> None:
    role = json.loads(board.made.files["role.json"])
    views = {each["attributes"]["title"] for each in board.objects() if each["type"] == "index-pattern"}
    assert set(readable(board)) == views
    assert not any(sign in name for name in readable(board) for sign in "*?,")
    assert [each["privileges"] for each in role["elasticsearch"]["indices"]] == [["read", "view_index_metadata"]]
    assert (role["elasticsearch"]["cluster"], role["elasticsearch"]["run_as"]) == ([], [])
    (rights,) = role["kibana"]
    assert (rights["base"], rights["feature"]) == ([], {"dashboard": ["read"]})
    assert rights["spaces"] == [json.loads(board.made.files["space.json"])["id"]]


async def test_each_alias_of_the_role_leaves_out_what_was_deleted(board: Board) -> None:
    found = await board.client.indices.get_alias(name=",".join(readable(board)))
    filters = {alias: each["filter"] for body in found.values() for alias, each in body["aliases"].items()}
    assert filters == dict.fromkeys(readable(board), {"term": {"forcedex.deleted": False}})


async def test_an_org_that_syncs_no_cases_gets_the_other_panels_and_is_told(board: Board) -> None:
    indexed = [each for each in await board.asking._client.indexed() if each.name != "x-cases"]
    made = artefacts(board.asking._client.names, indexed, "Acme", Company())
    assert len(made.panels) == 12
    assert made.left_out[0] == "Open cases, now: Case is not in the index. Is it in [sync] objects?"
    assert len(made.left_out) == 3 and all(each in made.files["README.md"] for each in made.left_out)
    assert "x-cases" not in made.files["role.json"] + made.files["dashboard.ndjson"]
    assert problems(objects_of(made.files["dashboard.ndjson"]), board.mappings, board.minor) == []


async def test_a_field_that_is_not_read_leaves_its_panels_out(board: Board) -> None:
    def without(path: str) -> list[IndexedObject]:
        return [replace(each, fields={p: f for p, f in each.fields.items() if p != path}) for each in indexed]

    indexed = await board.asking._client.indexed()
    made = artefacts(board.asking._client.names, without("x.weighted"), "Acme", Company())
    said = "Weighted pipeline, now: Deals have no x.weighted in the index. Run `forcedex sync`"
    assert any(each.startswith(said) for each in made.left_out)
    assert "Open pipeline, now" in made.panels


async def test_an_org_without_any_of_it_is_refused(board: Board) -> None:
    with pytest.raises(Refused, match="Nothing that the dashboard is made of"):
        artefacts(board.asking._client.names, [], "Acme", Company())


async def test_the_command_writes_the_same_bytes_in_another_process_and_warns(
    board: Board, elasticsearch_url: str, tmp_path: Path
) -> None:
    settings = board.world.settings
    product = Product(tmp_path, None, elasticsearch_url)
    product.settings |= {
        "FORCEDEX_SALESFORCE__LOGIN_URL": settings.salesforce.login_url,
        "FORCEDEX_ELASTICSEARCH__INDEX_PREFIX": settings.elasticsearch.index_prefix,
        "FORCEDEX_STATE__URL": settings.state.url,
    }
    code, out, err = await product.run("kibana", "--output", "deep/two", "--json")
    assert code == 0 and "Kibana reads Elasticsearch directly" in err, err
    assert json.loads(out) == {
        "files": [f"deep/two/{name}" for name in board.made.files],
        "panels": list(board.made.panels),
        "left_out": [],
    }
    assert sorted(os.listdir(tmp_path / "deep/two")) == sorted(board.made.files)
    for name, content in board.made.files.items():
        assert (tmp_path / "deep/two" / name).read_bytes() == content.encode()
    code, _, err = await product.run("kibana", "--output", "deep/two/README.md")
    assert code == 1 and "Cannot write to" in err and "Traceback" not in err


def test_the_text_beside_the_files_begins_with_the_warning_and_names_no_secret(board: Board) -> None:
    text = board.made.files["README.md"]
    assert text.splitlines()[2].startswith("**Kibana reads Elasticsearch directly.")
    assert "America/Los_Angeles" in text and "Time zone" in text
    assert [each for each in board.commands()] == list(board.made.panels)


async def test_every_panel_shows_what_its_report_says_over_the_range_that_it_opens_with(board: Board) -> None:
    objects = board.objects()
    about = dashboard_of(objects)["attributes"]
    assert about["timeRestore"] is True
    today = datetime.now(UTC).date()
    span = Range(resolved(about["timeFrom"], today, end=False), resolved(about["timeTo"], today, end=True))
    panels = panels_of(dashboard_of(objects))
    assert len(panels) == len(board.commands()) == 15
    found = [each for panel in panels for each in await differences(board, panel, objects, span, "this-year")]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("years_ago", [1, 2])
async def test_every_panel_shows_what_its_report_says_of_other_years(board: Board, years_ago: int) -> None:
    year = datetime.now(UTC).year - years_ago
    span, objects = Range(date(year, 1, 1), date(year, 12, 31)), board.objects()
    panels = panels_of(dashboard_of(objects))
    found = [each for panel in panels for each in await differences(board, panel, objects, span, str(year))]
    assert not found, "\n".join(found)


async def test_every_panel_has_something_to_show(board: Board) -> None:
    objects, lens = board.objects(), Lens(board.client, readable(board))
    year = datetime.now(UTC).year
    for panel in panels_of(dashboard_of(objects)):
        shown = await lens.show(panel, objects, Range(date(year - 5, 1, 1), date(year + 1, 12, 31)))
        assert any(any(row.values()) for row in shown.values()), panel["title"]


async def test_what_was_deleted_is_in_the_indices_and_in_no_alias_of_the_role(board: Board) -> None:
    names = readable(board)
    assert names
    for alias in names:
        gone = {"term": {"forcedex.deleted": True}}
        assert (await board.client.count(index=alias, query=gone))["count"] == 0
        assert (await board.client.count(index=board.indices[alias], query=gone))["count"] > 0, alias
