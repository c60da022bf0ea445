"""Planted bugs: each would lose or spoil data, and each is caught by the tests that are named with it.

A mutant is a change of one place in a copy of the source; its tests run against the copy and must fail. The same tests
pass with the copy unchanged, which is tried first.
"""

import asyncio
import os
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
WATCHING = "tests/unit/sync/test_watching.py"
ENGINE = "tests/integration/sync/test_engine.py"
ORDER = "tests/unit/sync/test_order.py"
SOURCE = "tests/integration/salesforce/test_salesforce_local_org.py"
SINK = "tests/integration/elasticsearch/test_sink.py"


@dataclass(frozen=True)
class Mutant:
    """A bug, and who should catch it."""

    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]


GATE = "tests/unit/access/test_gate.py"
PROBES = "tests/integration/access/test_leak_probes.py"
RIGHTS = "tests/unit/access/test_rights.py"
SHARING = "tests/unit/access/test_sharing.py"
VERSIONS = "tests/unit/domain/test_versions_of_deals.py"
TALLYING = "tests/unit/sync/test_tallying.py"
UNKEPT = "tests/integration/state/test_what_the_org_does_not_keep.py"

MUTANTS = (
    Mutant(
        "a rebuild loses what is hidden from the sync user",
        "sync/object_sync.py",
        "kept = 0 if self._drop_hidden else",
        "kept = 0 if not self._drop_hidden else",
        (f"{WATCHING}::test_what_is_hidden_goes_along_into_a_new_index_until_a_person_lets_it_go",),
    ),
    Mutant(
        "a superior of a role that nobody has is not in its group",
        "access/rights.py",
        """            inside.update(self._role_groups.get(role, ()), self._role_groups.get(f"below {role}", ()))
""",
        "",
        (f"{RIGHTS}::test_whoever_is_above_a_role_is_in_the_groups_that_hold_it_although_nobody_has_the_role",),
    ),
    Mutant(
        "checkpoint saved before Elasticsearch has acknowledged",
        "sync/pipeline.py",
        "        result = sum(await asyncio.gather(*parts), WriteResult())\n",
        "        if checkpoint is not None:\n            await self._keep(checkpoint)\n"
        "        result = sum(await asyncio.gather(*parts), WriteResult())\n",
        (f"{ENGINE}::test_no_checkpoint_passes_records_that_elasticsearch_did_not_take",),
    ),
    Mutant(
        "replay id saved when an event is received",
        "sync/stream.py",
        "while self._received and self._received[0][0] < first:",
        "while self._received:",
        (f"{WATCHING}::test_the_replay_id_does_not_pass_an_event_that_is_not_indexed",),
    ),
    Mutant(
        "documents without a version",
        "elasticsearch/document.py",
        """b'{"index":{"_id":"%b","version":%d,"version_type":"external_gte"}}\\n%b\\n' % (
        record_id.encode(),
        version,
""",
        """b'{"index":{"_id":"%b"}}\\n%b\\n' % (
        record_id.encode(),
""",
        (f"{SINK}::test_an_older_read_never_overwrites_a_newer_one",),
    ),
    Mutant(
        "external where external_gte is needed",
        "elasticsearch/document.py",
        "external_gte",
        "external",
        (f"{SINK}::test_the_same_read_may_be_written_twice",),
    ),
    Mutant(
        "a real delete instead of a tombstone",
        "elasticsearch/document.py",
        '    return b\'{"index":{',
        '    if document.get("forcedex", {}).get("deleted"):\n'
        '        return b\'{"delete":{"_id":"%b"}}\\n\' % record_id.encode()\n'
        '    return b\'{"index":{',
        (f"{SINK}::test_a_deleted_record_leaves_a_tombstone_that_no_search_shows_and_no_old_read_brings_back",),
    ),
    Mutant(
        "no overlap between two polls",
        "sync/changes.py",
        "OVERLAP = timedelta(seconds=120)",
        "OVERLAP = timedelta(0)",
        (f"{ENGINE}::test_a_record_that_becomes_visible_late_is_found",),
    ),
    Mutant(
        "HTTP 200 taken for all is well",
        "elasticsearch/bulk.py",
        'if response["errors"] is False:',
        "if True:",
        (f"{SINK}::test_a_document_that_elasticsearch_refuses_becomes_a_dead_letter_and_its_neighbours_are_written",),
    ),
    Mutant(
        "the last page of a Bulk result dropped",
        "sync/snapshot.py",
        "        async for page in query.pages(checkpoint.locator):\n",
        "        async for page in query.pages(checkpoint.locator):\n"
        "            if page.next_locator is None:\n                break\n",
        (f"{ENGINE}::test_a_large_object_is_copied_by_bulk",),
    ),
    Mutant(
        "gap events ignored",
        "sync/stream.py",
        "            self._number += 1\n            if event.kind",
        "            self._number += 1\n            if event.gap:\n                continue\n            if event.kind",
        (f"{WATCHING}::test_an_event_without_values_is_followed",),
    ),
    Mutant(
        "events that name no records ignored",
        "sync/stream.py",
        "                self._unknown[self._number] = event.committed_at\n",
        "                pass\n",
        (f"{WATCHING}::test_overflow_leads_to_a_poll_from_its_commit_on",),
    ),
    Mutant(
        "the local clock as checkpoint",
        "sync/changes.py",
        "mark=Mark(now), synced_at=now",
        "mark=Mark(datetime.now().astimezone()), synced_at=now",
        (f"{ENGINE}::test_the_second_sync_reads_changes_alone",),
    ),
    Mutant(
        "what changed before the end of the snapshot dropped",
        "sync/object_sync.py",
        "            assert self.checkpoint is not None\n            if self.checkpoint.backfill:",
        "            assert self.checkpoint is not None\n            now = await self._around.source.now()\n"
        "            if self.checkpoint.mark == Mark(self.checkpoint.floor):\n"
        "                self.checkpoint = replace(self.checkpoint, mark=Mark(now))\n"
        "            if self.checkpoint.backfill:",
        (f"{ENGINE}::test_what_changes_during_a_snapshot_of_an_hour_is_not_lost",),
    ),
    Mutant(
        "every conflict taken for stale",
        "elasticsearch/bulk.py",
        "if ordinal_in(version) < job.ordinal",
        "if ordinal_in(version) < 0",
        (f"{SINK}::test_a_later_read_with_an_older_stamp_is_handed_back_with_the_stored_stamp",),
    ),
    Mutant(
        "lost access taken for deletion",
        "sync/sweep.py",
        "for each in shown.missing if unlisted or each in times}",
        "for each in shown.missing}",
        (f"{WATCHING}::test_a_record_that_is_out_of_sight_and_not_reported_as_deleted_is_kept_and_told",),
    ),
    Mutant(
        "refused records forgotten",
        "sync/pipeline.py",
        "        await self._store.bury(rejected)\n",
        "",
        (f"{ENGINE}::test_a_record_that_elasticsearch_refuses_is_kept_as_a_dead_letter_until_it_is_well",),
    ),
    Mutant(
        "an event taken for followed although no read showed it",
        "sync/stream.py",
        "            if each.shown(record, shown):\n",
        "            if True:\n",
        (f"{WATCHING}::test_an_event_that_comes_before_its_change_is_visible_is_read_until_it_is",),
    ),
    Mutant(
        "children of a renamed parent left alone",
        "sync/reread.py",
        "            await self._ripples.note(page, ordinal)\n",
        "",
        (f"{WATCHING}::test_changes_of_children_follow_their_renamed_parent",),
    ),
    Mutant(
        "the fence not looked at",
        "state/store.py",
        "            await check_fence(connection, self._org, fence)\n",
        "",
        ("tests/integration/state/test_lease.py::test_a_leader_that_was_stopped_and_wakes_can_write_nothing",),
    ),
    Mutant(
        "a changed value left to the stamp",
        "sync/comparison.py",
        "        differing = list(await self._target.differing(page, ordinal))\n",
        "        differing = []\n",
        (f"{WATCHING}::test_a_value_that_moves_without_a_trace_is_found_by_the_comparison",),
    ),
    Mutant(
        "a keyset that leaves out the other records of a second",
        "salesforce/soql.py",
        '    return f"{stamp_field} >= {stamp} AND ({stamp_field} > {stamp} OR Id > {id_literal(mark.record_id)})"\n',
        '    return f"{stamp_field} > {stamp}"\n',
        (f"{SOURCE}::test_a_read_goes_on_strictly_after_its_mark",),
    ),
    Mutant(
        "a read numbered after it was made",
        "sync/reread.py",
        "        ordinal = await self._store.next_ordinal()\n"
        "        page = await self._source.reread(self._selection, ids)\n",
        "        page = await self._source.reread(self._selection, ids)\n"
        "        ordinal = await self._store.next_ordinal()\n",
        (f"{ORDER}::test_a_read_has_its_number_before_it_is_asked_for",),
    ),
    Mutant(
        "notes settled before the reread",
        "sync/ripples.py",
        "                    for child, records in (await self._showing(kind, name, some)).items():\n",
        "                    await self._store.settle(kind, name, some)\n"
        "                    for child, records in (await self._showing(kind, name, some)).items():\n",
        (f"{ORDER}::test_a_note_is_kept_until_what_it_is_about_was_read_again",),
    ),
    Mutant(
        "a field that is hidden during the start ends the daemon",
        "sync/engine.py",
        "        except (Unavailable, Refused, SourceDataError) as exc:\n            # What was refused",
        "        except Unavailable as exc:\n            # What was refused",
        (f"{ORDER}::test_a_field_that_is_hidden_while_the_daemon_starts_does_not_end_it",),
    ),
    Mutant(
        "a field that is hidden later ends the daemon",
        "sync/engine.py",
        "            except (Unavailable, Refused, SourceDataError) as exc:\n"
        "                await self._pausing(exc, pause)\n",
        "            except Unavailable as exc:\n                await self._pausing(exc, pause)\n",
        (f"{ORDER}::test_a_field_that_is_hidden_while_notes_are_worked_off_does_not_end_the_daemon",),
    ),
    Mutant(
        "what is noted again forgotten with the first note",
        "state/notes.py",
        " & (notes.c.number <= last)",
        "",
        ("tests/integration/state/test_store.py::test_what_is_noted_again_while_it_is_worked_off_stays_noted",),
    ),
    # Permissions
    Mutant(
        "no tokens means everybody",
        "access/gate.py",
        "    if view.blind or not view.tokens:\n        return _NOTHING\n",
        '    if view.blind or not view.tokens:\n        return {"match_all": {}}\n',
        (f"{GATE}::test_without_access_data_or_tokens_nobody_sees_anything",),
    ),
    Mutant(
        "the filter is left out",
        "access/gate.py",
        '"filter": [_LIVE, visible_to(view)]',
        '"filter": [_LIVE]',
        (f"{GATE}::test_a_question_carries_the_filter_of_who_asks",),
    ),
    Mutant(
        "denials are forgotten",
        "access/gate.py",
        "            if each.token in held and each.object == indexed.told_of:",
        "            if False:",
        (f"{GATE}::test_what_was_taken_back_is_hidden_from_who_held_the_token",),
    ),
    Mutant(
        "very much taken back at once hides nothing",
        "access/gate.py",
        "else _carrying(indexed, each.token)",
        "else _NOTHING",
        (f"{GATE}::test_where_very_much_was_taken_back_all_that_carries_the_token_is_hidden",),
    ),
    Mutant(
        "how rare a value is among hidden records has a part in the score",
        "elasticsearch/fields.py",
        'SIMILARITY: JSON = {"default": {"type": "boolean"}}',
        'SIMILARITY: JSON = {"default": {"type": "BM25"}}',
        (f"{PROBES}::test_no_score_tells_how_rare_a_value_is",),
    ),
    Mutant(
        "a field that nobody declared is open",
        "access/view.py",
        "        if sources is None or not self.may_read(indexed.told_of):\n            return None\n",
        "        if sources is None or not self.may_read(indexed.told_of):\n            return FREELY\n",
        (f"{GATE}::test_a_clause_on_a_field_hidden_everywhere_matches_nothing",),
    ),
    Mutant(
        "a parent's name is open wherever the child is",
        "access/view.py",
        "            needed.add(relationship)",
        "            pass",
        (f"{GATE}::test_a_parents_name_is_asked_only_where_the_parent_may_be_seen",),
    ),
    Mutant(
        "hits show what was asked for",
        "access/answers.py",
        '    clean = {**hit, "_source": _only(source, shown)}',
        '    clean = {**hit, "_source": dict(source)}',
        (f"{GATE}::test_a_hit_shows_what_may_be_read_and_nothing_of_who_may_see_it",),
    ),
    Mutant(
        "marks show what was asked for",
        "access/answers.py",
        'for path, marks in hit["highlight"].items() if shown(path)}',
        'for path, marks in hit["highlight"].items()}',
        (f"{GATE}::test_a_hit_shows_what_may_be_read_and_nothing_of_who_may_see_it",),
    ),
    Mutant(
        "a named clause stands beside its restriction",
        "access/clauses.py",
        '    if "_name" in body:\n        return {"constant_score": {**body, "filter": clause}}\n',
        "",
        (f"{GATE}::test_a_named_clause_holds_its_restriction_inside",),
    ),
    Mutant(
        "everything is counted without a restriction",
        "access/gate.py",
        "    return all(view.terms(each, path) == FREELY for each in objects if each.sources(path) is not None)",
        "    return True",
        (f"{GATE}::test_an_aggregation_needs_no_restriction_on_what_everybody_may_use",),
    ),
    Mutant(
        "an assignment lives on after its end",
        "access/rights.py",
        "(each.expires is None or each.expires > now)",
        "True",
        (f"{RIGHTS}::test_an_assignment_that_ran_out_or_was_revoked_grants_nothing",),
    ),
    Mutant(
        "peers see each other's records",
        "access/rights.py",
        '        return found - {role_id or ""}',
        '        return found | {role_id or ""}',
        (f"{RIGHTS}::test_superiors_hold_the_tokens_of_those_below_them_and_peers_do_not",),
    ),
    Mutant(
        "inactive users ask on",
        "access/rights.py",
        "        if not person.active:",
        "        if False:",
        (f"{RIGHTS}::test_who_cannot_log_in_sees_nothing_and_is_told_why",),
    ),
    Mutant(
        "an object whose sharing is not known is public",
        "access/rights.py",
        "        return model is not None and model.model in PUBLIC",
        "        return model is None or model.model in PUBLIC",
        (f"{RIGHTS}::test_an_object_whose_sharing_is_not_known_is_not_public",),
    ),
    Mutant(
        "shares of an account open all its children",
        "access/sharing.py",
        "for each in account.grants if child in each.children}",
        "for each in account.grants}",
        (f"{SHARING}::test_shares_of_the_account_open_those_children_that_they_extend_to",),
    ),
    Mutant(
        "a private contact is open like others",
        "access/sharing.py",
        "        if shape.object in PRIVATE and PRIVATE[shape.object].holds(values):",
        "        if False:",
        (f"{SHARING}::test_a_contact_without_account_is_its_owners_alone",),
    ),
    Mutant(
        "a private deal is open like others",
        "access/catalogue.py",
        "        return values.get(self.field, self.value) == self.value",
        "        return values.get(self.field) == ''",
        (f"{SHARING}::test_a_private_deal_is_open_to_its_owner_and_those_above_alone",),
    ),
    Mutant(
        "what hangs on a private record is open like others",
        "access/sharing.py",
        "        return tokens.by_permission(shape.object) if private else tokens.whole(shape.object)",
        "        return tokens.whole(shape.object)",
        (f"{SHARING}::test_what_hangs_on_a_private_deal_is_not_open_to_all_who_see_deals",),
    ),
    Mutant(
        "a parent that is new to the index moves no child",
        "sync/ripples.py",
        "            if self._fields and (key not in stored or self._differ(",
        "            if self._fields and (key in stored and self._differ(",
        (f"{ORDER}::test_a_parent_that_is_first_read_after_its_children_is_shown_by_them_as_it_is_now",),
    ),
    Mutant(
        "an earlier read taken for a change",
        "domain/observed.py",
        "before is None or now.place > before.place",
        "True",
        (f"{VERSIONS}::test_an_earlier_read_tells_nothing_and_a_hidden_field_is_known_as_it_was",),
    ),
    Mutant(
        "what was seen counts above the org's own history",
        "domain/derived/history.py",
        'yield _Change(each.at, -1, each.field, "observed"',
        'yield _Change(each.at, 2, each.field, "observed"',
        (f"{VERSIONS}::test_what_the_history_tells_already_is_no_change_and_in_the_same_second_it_counts",),
    ),
    Mutant(
        "what was seen of a deleted record is kept",
        "sync/observing.py",
        "        await self.gone(deleted)\n",
        "",
        (
            "tests/unit/sync/test_observing.py::test_a_deleted_record_is_forgotten_and_an_object_that_nothing_watches_is_not_kept",
        ),
    ),
    Mutant(
        "a day that had ended is written again without a word",
        "state/daily.py",
        "if before and day < today:",
        "if False:",
        (f"{UNKEPT}::test_totals_follow_what_records_were_and_an_ended_day_says_that_it_was_corrected",),
    ),
    Mutant(
        "a day begins at midnight in UTC",
        "sync/tallying.py",
        "return day_of(await self._now(), zone(setting.company.time_zone))",
        "return (await self._now()).date()",
        (f"{TALLYING}::test_whatever_happens_the_documents_are_what_held_at_the_end_of_each_day",),
    ),
    Mutant(
        "totals are shown to who sees every deal by the org's default",
        "sync/tallying.py",
        '"acl": [by_permission(self._of)]',
        '"acl": [f"o:{self._of}"]',
        (f"{TALLYING}::test_whatever_happens_the_documents_are_what_held_at_the_end_of_each_day",),
    ),
    Mutant(
        "combinations in which nothing is left stay",
        "sync/tallying.py",
        "            await self._shelf.leave_only(fewer, kept, ordinal)\n",
        "            pass\n",
        (f"{TALLYING}::test_whatever_happens_the_documents_are_what_held_at_the_end_of_each_day",),
    ),
    Mutant(
        "polls stop when a stream is refused",
        "sync/engine.py",
        "            wait = self._options.rhythm.cross_check if name in live and each.complete else 0.0\n",
        "            wait = 1e9 if each.polled_at is not None else 0.0\n",
        (f"{WATCHING}::test_an_object_without_events_is_polled",),
    ),
)


async def fails(home: Path, tests: tuple[str, ...], url: str) -> tuple[bool, str]:
    """Whether these tests fail with the source in this folder, and what they said."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "pytest",
        "-q",
        "-x",
        "-p",
        "no:cacheprovider",
        *tests,
        cwd=home,
        env={**os.environ, "PYTHONPATH": f"{home / 'src'}", "LOCALELASTIC_URL": url},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    out, _ = await process.communicate()
    assert process.returncode in (0, 1), out.decode()
    return process.returncode == 1, out.decode()


def copied(home: Path) -> Path:
    """The source and the tests, to be spoiled."""
    kept = shutil.ignore_patterns("node_modules", "__pycache__")
    for folder in ("src", "tests"):
        shutil.copytree(ROOT / folder, home / folder, ignore=kept)
    shutil.copy(ROOT / "pyproject.toml", home)
    return home


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """All mutants, or every second one."""
    chosen = MUTANTS if metafunc.config.getoption("--mutants") == "all" else MUTANTS[::2]
    if "mutant" in metafunc.fixturenames:
        metafunc.parametrize("mutant", chosen, ids=lambda mutant: mutant.name)
    elif "mutants" in metafunc.fixturenames:
        metafunc.parametrize("mutants", [chosen], ids=[f"{len(chosen)}"])


async def test_the_tests_that_catch_mutants_pass_without_one(
    mutants: tuple[Mutant, ...], elasticsearch_url: str, tmp_path: Path
) -> None:
    everything = tuple(dict.fromkeys(test for mutant in mutants for test in mutant.tests))
    failed, said = await fails(copied(tmp_path), everything, elasticsearch_url)
    assert not failed, said


async def test_a_planted_bug_is_caught(mutant: Mutant, elasticsearch_url: str, tmp_path: Path) -> None:
    path = copied(tmp_path) / "src" / "forcedex" / mutant.file
    source = path.read_text(encoding="utf-8")
    assert source.count(mutant.old) == 1, f"{mutant.file} has changed: tell the mutant what to spoil there now"
    path.write_text(source.replace(mutant.old, mutant.new), encoding="utf-8")
    failed, said = await fails(tmp_path, mutant.tests, elasticsearch_url)
    assert failed, f"nobody noticed: {mutant.name}\n{said}"
    assert "1 failed" in said.splitlines()[-1], f"it did not fail, it could not be run: {mutant.name}\n{said}"
