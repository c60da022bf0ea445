"""Pages of a query: REST API Developer Guide, "Query More Results"."""

import re
from datetime import timedelta

from localorg.fixture import LocalOrg
from localorg.ids import record_id
from tests.localorg.api import Api


def load_accounts(org: LocalOrg, count: int) -> None:
    org.load(
        "Account",
        ["Id", "Name", "SystemModstamp"],
        [(record_id("001", n), f"Account {n:05}", org.clock.now()) for n in range(1, count + 1)],
    )


async def all_pages(api: Api, page: dict[str, object]) -> list[dict[str, object]]:
    pages = [page]
    while not pages[-1]["done"]:
        pages.append(await api.get(str(pages[-1]["nextRecordsUrl"])))
    return pages


async def test_pages_have_two_thousand_records_and_a_locator(api: Api) -> None:
    load_accounts(api.org, 4_500)
    first = await api.query("SELECT Id, Name FROM Account ORDER BY Name DESC")
    assert (first["totalSize"], first["done"], len(first["records"])) == (4_500, False, 2_000)
    assert re.fullmatch(r"/services/data/v66\.0/query/01g\w{15}-2000", first["nextRecordsUrl"])
    pages = await all_pages(api, first)
    assert [len(page["records"]) for page in pages] == [2_000, 2_000, 500]  # type: ignore[arg-type]
    assert {page["totalSize"] for page in pages} == {4_500}
    names = [record["Name"] for page in pages for record in page["records"]]  # type: ignore[attr-defined]
    assert names == [f"Account {n:05}" for n in range(4_500, 0, -1)]
    assert "nextRecordsUrl" not in pages[-1]


async def test_a_batch_size_is_a_suggestion_within_bounds(api: Api) -> None:
    load_accounts(api.org, 600)
    for asked, expected in (("batchSize=250", 250), ("batchSize=10", 200), ("batchSize=9999", 600)):
        page = await api.query("SELECT Id FROM Account", Sforce_Query_Options=asked)
        assert len(page["records"]) == expected, asked


async def test_two_long_text_areas_make_small_pages(api: Api) -> None:
    load_accounts(api.org, 250)
    page = await api.query("SELECT Id, Notes__c, Background__c FROM Account")
    assert (len(page["records"]), page["done"]) == (200, False)


async def test_a_page_can_be_read_again_and_shows_values_of_now(api: Api) -> None:
    load_accounts(api.org, 2_500)
    first = await api.query("SELECT Id, Name FROM Account")
    changed, deleted = record_id("001", 2_001), record_id("001", 2_002)
    api.org.update("Account", changed, Name="Changed")
    api.org.delete("Account", deleted)
    for _ in range(2):
        page = await api.get(first["nextRecordsUrl"])
        assert page["records"][0]["Name"] == "Changed"
        assert deleted not in [record["Id"] for record in page["records"]]
        assert page["totalSize"] == 2_500


async def test_records_created_meanwhile_do_not_shift_pages(api: Api) -> None:
    load_accounts(api.org, 2_500)
    first = await api.query("SELECT Id FROM Account ORDER BY Name")
    api.org.insert("Account", Name="AAA first")
    page = await api.get(first["nextRecordsUrl"])
    assert page["records"][0]["Id"] == record_id("001", 2_001)
    assert page["totalSize"] == 2_500


async def test_a_locator_lives_two_days(api: Api) -> None:
    load_accounts(api.org, 2_001)
    first = await api.query("SELECT Id FROM Account")
    api.org.clock.advance(timedelta(days=2, seconds=1))
    api.token = api.org.session(api.org.credentials.admin_username)
    code, _, _ = await api.error("GET", first["nextRecordsUrl"])
    assert code == "INVALID_QUERY_LOCATOR"


async def test_a_wrong_or_foreign_locator_is_refused(api: Api) -> None:
    load_accounts(api.org, 2_001)
    first = await api.query("SELECT Id FROM Account")
    locator = first["nextRecordsUrl"].rsplit("/", 1)[1]
    for wrong in ("01gXX0000000000-2000", locator.replace("-2000", "-9999"), locator.replace("-2000", "-x"), "foo"):
        assert (await api.error("GET", f"query/{wrong}"))[0] == "INVALID_QUERY_LOCATOR", wrong
    other = Api(api.org)
    assert (await other.error("GET", f"query/{locator}"))[0] == "INVALID_QUERY_LOCATOR"
    await other.close()


async def test_many_children_have_pages_of_their_own(api: Api) -> None:
    load_accounts(api.org, 3)
    parent = record_id("001", 1)
    api.org.load(
        "Contact",
        ["Id", "LastName", "Name", "AccountId"],
        [(record_id("003", n), f"C{n:04}", f"C{n:04}", parent) for n in range(1, 451)],
    )
    answer = await api.query("SELECT Id, (SELECT LastName FROM Contacts ORDER BY LastName) FROM Account ORDER BY Id")
    children = answer["records"][0]["Contacts"]
    assert (children["totalSize"], children["done"], len(children["records"])) == (450, False, 200)
    pages = await all_pages(api, children)
    names = [record["LastName"] for page in pages for record in page["records"]]  # type: ignore[attr-defined]
    assert names == [f"C{n:04}" for n in range(1, 451)]


async def test_ids_are_ordered_by_their_characters_and_found_in_both_lengths(api: Api) -> None:
    numbers = [9, 10, 35, 36, 61, 62, 63]  # 9, A, Z, a, z, 10, 11 in base 62
    api.org.load("Account", ["Id", "Name"], [(record_id("001", n), str(n)) for n in reversed(numbers)])
    assert await api.names("SELECT Name FROM Account ORDER BY Id") == [str(n) for n in numbers]
    middle = record_id("001", 36)
    assert await api.names(f"SELECT Name FROM Account WHERE Id > '{middle}' ORDER BY Id") == ["61", "62", "63"]
    assert await api.names(f"SELECT Name FROM Account WHERE Id = '{middle[:15]}'") == ["36"]
    swapped = middle[:15].swapcase()
    assert await api.names(f"SELECT Name FROM Account WHERE Id = '{swapped}'") == []
    code, _ = await api.query_error(f"SELECT Name FROM Account WHERE Id = '{middle[:15].lower()}{middle[15:]}'")
    assert code == "INVALID_QUERY_FILTER_OPERATOR"


async def test_keyset_paging_by_stamp_and_id_reaches_every_record_once(api: Api) -> None:
    org = api.org
    org.clock.freeze()
    for stamp in range(3):
        org.load(
            "Account",
            ["Id", "Name", "SystemModstamp"],
            [(record_id("001", stamp * 100 + n), "x", org.clock.now()) for n in range(1, 101)],
        )
        org.clock.advance(timedelta(seconds=1))
    seen: list[str] = []
    condition = ""
    while True:
        soql = f"SELECT Id, SystemModstamp FROM Account {condition} ORDER BY SystemModstamp, Id LIMIT 70"
        records = (await api.query(soql))["records"]
        if not records:
            break
        seen += [record["Id"] for record in records]
        at = records[-1]["SystemModstamp"].replace("+0000", "Z")
        last = records[-1]["Id"]
        condition = f"WHERE SystemModstamp > {at} OR (SystemModstamp = {at} AND Id > '{last}')"
    assert seen == [record_id("001", n) for n in range(1, 301)]
