"""What people do with the components in Salesforce: a real browser, the real service, and a late check in the org."""

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import generate_private_key
from playwright.async_api import Locator, Page, Route, expect

from tests.browser.chromium import axe_script
from tests.preview.conftest import Opened, address
from tests.preview.running import PAYLOAD, Preview
from tests.service.service import ADMIN, MARKETING, SALES, SERVICE, VP

SEARCH, RELATED, REPORT = "forcedexSearch", "forcedexRelated", "forcedexReport"
ACCOUNT = "Zanteborg Hydraulics GmbH"
#: Milliseconds between keys after which the box may have asked.
NEARLY_A_PAUSE = 190
#: What reaches beyond a screen that scrolls sideways.
_TOO_WIDE = """() => {
    const width = document.documentElement.clientWidth;
    return document.documentElement.scrollWidth > width ? [document.documentElement.scrollWidth] : [];
}"""

_VIOLATIONS = """() => {
    const rules = { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'] };
    return axe.run(document.querySelector('main'), rules).then((told) => JSON.stringify(told.violations));
}"""


def box(page: Page) -> Locator:
    return page.get_by_role("combobox", name="Search")


def around(preview: Preview) -> dict[str, str]:
    """The properties that a record page gives."""
    return {"with": json.dumps({"recordId": preview.records.account, "objectApiName": "Account"})}


def tile(**given: object) -> dict[str, str]:
    return {"with": json.dumps({"report": "closed-won", "reportPeriod": "all", **given})}


async def calls(page: Page) -> list[str]:
    """The Apex methods that were called."""
    return [str(each) for each in await page.evaluate("window.preview.calls.map((each) => each.name.split('.')[1])")]


async def search_for(page: Page, text: str) -> None:
    await box(page).fill(text)
    await page.keyboard.press("Enter")


async def test_a_search_with_typos_finds_the_record_opens_it_and_says_so(preview: Preview, opened: Opened) -> None:
    page = await opened(VP, SEARCH)
    await search_for(page, "Zantebrog Hydralics")
    link = page.get_by_role("link", name=ACCOUNT)
    await expect(link).to_be_visible()
    await link.click()
    went = await page.evaluate("window.preview.went")
    assert [each["attributes"]["recordId"] for each in went] == [preview.records.account]
    for _ in range(50):
        if ("POST", "/api/v1/click", 204) in preview.page.asked:
            break
        await asyncio.sleep(0.1)
    assert ("POST", "/api/v1/click", 204) in preview.page.asked


async def test_one_request_is_made_for_a_burst_of_keys(preview: Preview, opened: Opened) -> None:
    page = await opened(VP, SEARCH)
    await page.evaluate("window.keys = []; addEventListener('keydown', () => window.keys.push(performance.now()))")
    await box(page).press_sequentially("zanteborg", delay=60)
    await expect(page.get_by_role("option", name=re.compile(f"^{ACCOUNT}"))).to_be_visible()
    before = len(await calls(page))
    assert 1 <= before <= await bursts(page)
    await box(page).press_sequentially(" hydr", delay=60)
    await page.wait_for_function("n => window.preview.calls.length > n", arg=before)
    await page.wait_for_timeout(400)
    made = await calls(page)
    assert set(made) == {"suggest"}
    assert len(made) <= await bursts(page)
    assert [each[1] for each in preview.page.asked] == ["/api/v1/suggest"] * len(made)


async def bursts(page: Page) -> int:
    """How often the keys came with a pause before them: a loaded machine types more slowly than it was told."""
    times: list[float] = await page.evaluate("window.keys")
    return 1 + sum(later - sooner >= NEARLY_A_PAUSE for sooner, later in pairwise(times))


async def test_a_suggestion_is_chosen_with_the_keyboard_alone(preview: Preview, opened: Opened) -> None:
    page = await opened(VP, SEARCH)
    await box(page).press_sequentially("zantebo")
    option = page.get_by_role("option", name=re.compile(f"^{ACCOUNT}"))
    await expect(option).to_be_visible()
    await expect(box(page)).to_have_attribute("aria-expanded", "true")
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("ArrowDown")
    await expect(option).to_have_attribute("aria-selected", "true")
    assert await box(page).get_attribute("aria-activedescendant") == await option.get_attribute("id")
    await page.keyboard.press("Enter")
    went = await page.evaluate("window.preview.went")
    assert [each["attributes"]["recordId"] for each in went] == [preview.records.account]
    await box(page).press_sequentially("z")
    await expect(page.get_by_role("listbox")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("listbox")).to_be_hidden()


async def test_an_address_names_the_search_and_a_facet_narrows_it(opened: Opened) -> None:
    page = await opened(VP, SEARCH, c__q="zanteborg")
    links = page.locator("c-forcedex-hit-list a.title")
    await expect(links).to_have_count(5)
    await page.get_by_role("group", name="Kind").get_by_role("checkbox", name=re.compile("Accounts")).check()
    await expect(links).to_have_count(2)


async def test_people_see_what_salesforce_shows_them(opened: Opened) -> None:
    """Service reads the deals of its region's accounts, but not what they are worth."""
    for person, worth in ((SALES, True), (SERVICE, False)):
        page = await opened(person, SEARCH, c__q="zanteborg pumps")
        hit = page.locator("c-forcedex-hit-list li", has=page.get_by_role("link", name="Zanteborg pumps"))
        await expect(hit).to_contain_text("Prospecting")
        assert ("120,000" in await hit.inner_text()) is worth


async def test_around_a_record_are_its_open_deals_and_cases_and_similar_records(
    preview: Preview, opened: Opened
) -> None:
    page = await opened(VP, RELATED, **around(preview))
    for name in ("Zanteborg pumps", "Zanteborg Hydraulics Gesellschaft"):
        await expect(page.get_by_role("link", name=name)).to_be_visible()
    await page.get_by_role("link", name="Zanteborg pumps").click()
    went = await page.evaluate("window.preview.went")
    assert [each["attributes"]["objectApiName"] for each in went] == ["Opportunity"]


async def test_a_tile_shows_the_figure_that_the_service_tells_this_person(preview: Preview, opened: Opened) -> None:
    shown = {}
    for person in (VP, SALES):
        page = await opened(person, REPORT, **tile(view="figure"))
        figure = page.locator("c-forcedex-report").get_by_text(re.compile(r"^\$[\d,]+"))
        await expect(figure.first).to_be_visible()
        shown[person] = await figure.first.inner_text()
    told = await preview.page.called(VP, "POST", "/api/v1/reports/closed-won", {"period": "all"})
    assert shown[VP] == f"${round(float(told['totals']['amount'])):,}"
    assert shown[VP] != shown[SALES]


async def test_a_record_whose_access_was_taken_back_is_not_shown_is_reported_and_then_denied(
    preview: Preview, opened: Opened
) -> None:
    """The share is gone in the org; nothing has told the index so yet."""
    page = await opened(VP, SEARCH, c__q="zantequiet")
    await expect(page.get_by_role("link", name="Zantequiet Lent")).to_be_visible()
    preview.org.unshare(preview.records.lent, preview.user_id(VP))
    assert await preview.finds(VP, "zantequiet", preview.records.lent), "the index has it still"
    await page.reload()
    await expect(page.get_by_role("link", name="Zantequiet Own")).to_be_visible()
    await expect(page.get_by_text(re.compile("about", re.IGNORECASE)).first).to_be_visible()
    assert await page.get_by_role("link", name="Zantequiet Lent").count() == 0
    assert ("POST", "/api/v1/denied", 204) in preview.page.asked
    assert not await preview.finds(VP, "zantequiet", preview.records.lent)
    assert await preview.finds(ADMIN, "zantequiet", preview.records.lent)


async def test_a_suggestion_that_may_not_be_shown_is_not(preview: Preview, opened: Opened) -> None:
    preview.org.unshare(preview.records.suggested, preview.user_id(VP))
    page = await opened(VP, SEARCH)
    await box(page).press_sequentially("zantewhisp")
    await page.wait_for_function("window.preview.calls.length > 0")
    await expect(page.get_by_role("option", name=re.compile("search everything"))).to_be_visible()
    await page.wait_for_timeout(500)
    assert await page.get_by_role("option", name=re.compile("^Zantewhisper")).count() == 0
    assert ("POST", "/api/v1/denied", 204) in preview.page.asked


@asynccontextmanager
async def sleeping() -> AsyncIterator[str]:
    """A service that takes a question and does not answer."""

    async def keep(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read(65_536)
        await asyncio.sleep(3)
        writer.close()

    server = await asyncio.start_server(keep, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def recovers(page: Page, preview: Preview, endpoint: str) -> None:
    """Once it is well again, the same component answers."""
    preview.page.endpoint = endpoint
    await page.get_by_role("button", name=re.compile("again", re.IGNORECASE)).first.click()
    await expect(page.get_by_role("alert")).to_have_count(0)


FAILING = {SEARCH: {"c__q": "zanteborg"}, RELATED: {}, REPORT: tile()}


@pytest.mark.parametrize("component", sorted(FAILING))
async def test_a_service_that_is_down_is_told_and_asked_again(preview: Preview, opened: Opened, component: str) -> None:
    endpoint, preview.page.endpoint = preview.page.endpoint, "http://127.0.0.1:9"
    given = around(preview) if component == RELATED else FAILING[component]
    page = await opened(VP, component, **given)
    await expect(page.get_by_role("alert")).to_be_visible()
    await expect(page.get_by_role("alert")).to_contain_text(re.compile("does not answer|cannot be reached", re.I))
    await recovers(page, preview, endpoint)
    await expect(page.get_by_text(re.compile(r"Zanteborg|\$[\d,]+")).first).to_be_visible()


async def test_a_slow_service_is_told_and_the_box_stays_usable(preview: Preview, opened: Opened) -> None:
    endpoint, preview.page.patience = preview.page.endpoint, 0.5
    async with sleeping() as preview.page.endpoint:
        page = await opened(VP, SEARCH, c__q="zanteborg")
        await expect(page.get_by_role("alert")).to_contain_text(re.compile("too long|slow", re.I))
    preview.page.endpoint, preview.page.patience = endpoint, 20
    await search_for(page, "zanteborg")
    await expect(page.get_by_role("link", name=ACCOUNT)).to_be_visible()


async def test_a_certificate_that_the_service_does_not_know_is_told(preview: Preview, opened: Opened) -> None:
    preview.page.signer = generate_private_key(public_exponent=65537, key_size=2048)
    page = await opened(VP, SEARCH, c__q="zanteborg")
    await expect(page.get_by_role("alert")).to_be_visible()
    assert ("POST", "/api/v1/search", 401) in preview.page.asked
    assert await page.locator("c-forcedex-hit-list a").count() == 0


@pytest.mark.parametrize("component", sorted(FAILING))
async def test_who_lacks_the_permission_set_is_told_so(preview: Preview, opened: Opened, component: str) -> None:
    given = around(preview) if component == RELATED else FAILING[component]
    page = await opened(MARKETING, component, **given)
    await expect(page.get_by_role("alert")).to_contain_text(re.compile("permission|access|administrator", re.I))
    assert preview.page.asked == []


async def test_ten_thousand_characters_are_refused_in_words(preview: Preview, opened: Opened) -> None:
    page = await opened(VP, SEARCH, c__q="x" * 10_000)
    await expect(page.get_by_role("alert")).to_contain_text(re.compile("long|1,000|characters", re.I))
    assert preview.page.asked == []
    await search_for(page, "zanteborg")
    await expect(page.get_by_role("link", name=ACCOUNT)).to_be_visible()


async def test_scripts_in_records_are_shown_as_text_and_never_run(opened: Opened) -> None:
    page = await opened(VP, SEARCH, c__q="zantemalice")
    await expect(page.locator("c-forcedex-hit-list a.title", has_text=PAYLOAD)).to_be_visible()
    await box(page).fill("zantemali")
    await expect(page.get_by_role("main").get_by_role("option").filter(has_text=PAYLOAD)).to_be_visible()
    await search_for(page, PAYLOAD)
    await expect(page.get_by_role("status").first).to_be_attached()
    assert await page.evaluate("window.struck") is None


async def test_an_older_answer_never_replaces_a_newer_one(opened: Opened) -> None:
    page = await opened(VP, SEARCH)
    held = asyncio.Event()

    async def hold(route: Route) -> None:
        if "zantemalice" in (route.request.post_data or ""):
            await held.wait()
        await route.continue_()

    await page.route("**/apex/ForcedexController.search*", hold)
    await search_for(page, "zantemalice")
    await search_for(page, "zanteborg")
    await expect(page.get_by_role("link", name=ACCOUNT)).to_be_visible()
    async with page.expect_response(lambda answer: "ForcedexController.search" in answer.url):
        held.set()
    await page.wait_for_timeout(300)
    await expect(page.get_by_role("link", name=ACCOUNT)).to_be_visible()
    assert await page.locator("c-forcedex-hit-list", has_text="Zantemalice").count() == 0


async def test_the_components_speak_chinese(preview: Preview, opened: Opened) -> None:
    page = await opened(VP, SEARCH, lang="zh", c__q="zanteborg")
    await expect(page.get_by_role("link", name=ACCOUNT)).to_be_visible()
    await expect(page.get_by_text("条结果").first).to_be_attached()


async def test_no_state_has_a_violation_that_axe_knows_or_is_wider_than_the_screen(
    preview: Preview, opened: Opened
) -> None:
    states: list[tuple[str, str, dict[str, str], str]] = [
        (VP, SEARCH, {"c__q": "zanteborg"}, ACCOUNT),
        (VP, SEARCH, {"c__q": "qqqqxzzv"}, "Nothing was found"),
        (VP, SEARCH, {"c__q": "x" * 2_000}, "too long"),
        (VP, SEARCH, {}, "Search Salesforce"),
        (VP, RELATED, around(preview), "Zanteborg pumps"),
        (VP, REPORT, tile(), "Other"),
        (VP, REPORT, tile(view="table"), "Other"),
        (VP, REPORT, tile(view="figure"), "Amount"),
        (MARKETING, REPORT, tile(), "no access"),
    ]
    page = await opened(VP, SEARCH)
    faults = []
    for person, component, given, shown in states:
        await page.set_viewport_size({"width": 1100, "height": 850})
        await page.goto(address(preview, person, component, **given))
        await expect(page.get_by_role("main").get_by_text(shown).last).to_be_visible()
        if not given:
            await box(page).press_sequentially("zanteb")
            await expect(page.get_by_role("main").get_by_role("option").nth(1)).to_be_visible()
        await page.evaluate(axe_script())
        for width in (1100, 360):
            await page.set_viewport_size({"width": width, "height": 850})
            told = await page.evaluate(_VIOLATIONS)
            faults += [
                (component, given, width, each["id"], each["nodes"][0]["html"][:200]) for each in json.loads(told)
            ]
            faults += [(component, given, width, "wide", str(each)) for each in await page.evaluate(_TOO_WIDE)]
    assert not faults
