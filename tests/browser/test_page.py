"""What people do with the page, in a real browser over the real service."""

import csv
import io
import json
import re
from pathlib import Path

import httpx2
import pytest
from playwright.async_api import Locator, Page, expect

from tests.browser.conftest import ADMIN, MANAGER, PAYLOAD, Opened, Site

EVERY_PAGE = (
    "/",
    "/search?q=zanteborg",
    "/search?q=open+opportunities",
    "/search?q=qqqqxzzv",
    "/dashboard",
    "/reports",
    "/report/closed-won?period=all&by=owner",
    "/operator",
    "/operator?view=letters",
    "/operator?view=searches",
    "/operator?view=access",
    "/operator?view=words",
    "/operator?view=log",
)
#: What differs in the dark.
COLOURFUL = ("/search?q=zanteborg", "/dashboard", "/report/closed-won?period=all&by=owner", "/operator")
#: What reaches beyond a screen that scrolls sideways.
_TOO_WIDE = """() => {
    const found = [], width = document.documentElement.clientWidth;
    const walk = (root) => root.querySelectorAll("*").forEach((each) => {
        if (each.getBoundingClientRect().right > width + 1) found.push(`${each.tagName}.${each.className}`);
        if (each.shadowRoot) walk(each.shadowRoot);
    });
    if (document.documentElement.scrollWidth > width) walk(document);
    return found;
}"""


def told(page: Page, wanted: int | str) -> Locator:
    """What readers of screens are told when so many are found."""
    word = "result" if int(wanted) == 1 else "results"
    return page.get_by_role("status").filter(has_text=re.compile(rf"^{int(wanted):,} {word}$"))


async def settled(page: Page) -> None:
    """Until nothing is on its way any more."""
    await page.wait_for_load_state("networkidle")


async def test_one_logs_in_with_salesforce_comes_back_to_where_one_was_and_logs_out(site: Site, opened: Opened) -> None:
    page = await opened("", "/search?q=zanteborg")
    await site.log_in(page, MANAGER, button="Log in with Salesforce")
    await expect(page).to_have_url(f"{site.url}/search?q=zanteborg")
    await page.get_by_role("button", name=MANAGER).click()
    await page.get_by_role("button", name="Log out").click()
    await expect(page.get_by_role("link", name="Log in with Salesforce")).to_be_visible()
    assert (await page.request.get("/api/v1/me")).status == 401


async def test_a_search_with_typos_finds_the_record(opened: Opened) -> None:
    page = await opened(ADMIN, "/")
    await page.get_by_role("combobox", name="Search").fill("Zantebrog Hydralics")
    await page.keyboard.press("Enter")
    await expect(page).to_have_url(re.compile(r"/search\?q=Zantebrog"))
    await expect(page.get_by_role("link", name="Zanteborg Hydraulics GmbH").first).to_be_visible()


async def test_a_suggestion_is_chosen_with_the_keyboard_alone(site: Site, opened: Opened) -> None:
    page = await opened(ADMIN, "/reports")
    await expect(page.get_by_role("heading", name="Reports")).to_be_visible()
    await page.keyboard.press("/")
    await page.keyboard.type("zantebo")
    box = page.get_by_role("combobox", name="Search")
    option = page.get_by_role("option", name=re.compile("^Zanteborg Hydraulics"))
    await expect(option).to_be_visible()
    await expect(box).to_have_attribute("aria-expanded", "true")
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("ArrowDown")
    await expect(option).to_have_attribute("aria-selected", "true")
    assert await box.get_attribute("aria-activedescendant") == await option.get_attribute("id")
    await page.keyboard.press("Enter")
    await expect(page).to_have_url(f"{site.url}/record/Account/{site.account}")
    await expect(page.get_by_role("heading", level=1, name="Zanteborg Hydraulics GmbH")).to_be_visible()


async def test_escape_closes_the_suggestions_and_arrows_walk_the_hits(opened: Opened) -> None:
    page = await opened(ADMIN, "/search?q=open+opportunities")
    links = page.locator("forcedex-hit-list a.title")
    await expect(links.nth(1)).to_be_visible()
    await page.keyboard.press("ArrowDown")
    await expect(links.nth(0)).to_be_focused()
    await page.keyboard.press("ArrowDown")
    await expect(links.nth(1)).to_be_focused()
    await page.keyboard.press("/")
    await page.keyboard.type("za")
    await expect(page.get_by_role("listbox")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("listbox")).to_be_hidden()


async def test_a_facet_narrows_to_its_count_and_chips_take_filters_away(opened: Opened) -> None:
    page = await opened(ADMIN, "/search?q=open+opportunities&tab=Opportunity")
    stage = page.get_by_role("group", name="Stage").get_by_role("checkbox").first
    await expect(stage).to_be_visible()
    before = await page.get_by_role("group", name="Stage").locator(".count").all_inner_texts()
    everything = sum(map(int, before))
    await expect(told(page, everything)).to_have_count(1)
    wanted = await stage.get_attribute("data-value")
    await stage.check()
    await expect(page).to_have_url(re.compile(r"f\.StageName="))
    chip = page.get_by_role("button", name=f"Remove the filter Stage: {wanted}")
    await expect(chip).to_be_visible()
    assert int(before[0]) < everything
    await expect(told(page, before[0])).to_have_count(1)
    await chip.click()
    await expect(chip).to_be_hidden()
    await expect(told(page, everything)).to_have_count(1)
    await page.get_by_role("button", name="Remove the filter Open").click()
    await expect(page).to_have_url(re.compile(r"off="))
    await expect(page.get_by_role("button", name="Use the filter Open again")).to_be_visible()


async def test_a_record_shows_its_fields_its_related_records_and_the_way_to_salesforce(
    site: Site, opened: Opened
) -> None:
    page = await opened(ADMIN, f"/record/Account/{site.account}")
    await expect(page.get_by_role("region", name="Details").get_by_text("Energy")).to_be_visible()
    related = page.get_by_role("complementary", name="Related").get_by_role("link", name="Ilse Quellhorst")
    away = page.get_by_role("link", name="Open in Salesforce").first
    assert await away.get_attribute("href") == f"{site.org.url}/lightning/r/Account/{site.account}/view"
    await related.click()
    await expect(page.get_by_role("heading", level=1, name="Ilse Quellhorst")).to_be_visible()
    await expect(page).to_have_url(f"{site.url}/record/Contact/{site.contact}")


async def test_changes_in_the_org_arrive_without_doing_anything(site: Site, opened: Opened) -> None:
    hits = await opened(ADMIN, "/search?q=quorvelive")
    record = await opened(ADMIN, f"/record/Account/{site.account}")
    await expect(hits.get_by_text("Nothing was found for “quorvelive”")).to_be_visible()
    await expect(record.get_by_role("heading", level=1)).to_have_text("Zanteborg Hydraulics GmbH")
    site.org.insert("Account", Name="Quorvelive Pumps")
    site.org.update("Account", site.account, Industry="Machinery")
    await expect(hits.get_by_role("link", name="Quorvelive Pumps").first).to_be_visible()
    await expect(record.get_by_role("region", name="Details").get_by_text("Machinery")).to_be_visible()


async def test_the_dashboard_keeps_its_filters_in_the_address_and_drills_down_to_as_many_records_as_it_counts(
    opened: Opened,
) -> None:
    page = await opened(ADMIN, "/dashboard?period=last-12-months")
    tile = page.get_by_role("region", name="Closed won")
    await tile.get_by_role("button", name="Table").click()
    await expect(tile.get_by_role("table", name="Closed won")).to_be_visible()
    region = page.get_by_label("Region")
    await region.select_option("EMEA")
    await expect(page).to_have_url(re.compile(r"/dashboard\?period=last-12-months&region=EMEA"))
    await settled(page)
    await page.reload()
    await expect(region).to_have_value("EMEA")
    await tile.get_by_role("button", name="Table").click()
    row = tile.get_by_role("row").filter(has=page.get_by_role("button", name="Show the records of")).first
    counted = re.sub(r"\D.*", "", await row.get_by_role("cell").nth(1).inner_text())
    await row.get_by_role("button").click()
    await expect(page).to_have_url(re.compile(r"/report/closed-won\?.*where=Region__c%3DEMEA.*row="))
    records = page.get_by_role("region", name="Records")
    await expect(records.get_by_role("heading", name=re.compile(rf"^{counted} records?: "))).to_be_visible()
    await expect(records.locator("tbody tr")).to_have_count(int(counted))


async def test_a_report_is_exported_as_csv_with_the_numbers_that_are_shown(opened: Opened) -> None:
    page = await opened(ADMIN, "/report/closed-won?period=all&by=year")
    total = page.get_by_role("table").locator("tfoot td").first
    await expect(total).to_be_visible()
    async with page.expect_download() as waiting:
        await page.get_by_role("button", name="CSV").click()
    path = Path(await (await waiting.value).path())
    lines = list(csv.reader(io.StringIO(path.read_text(encoding="utf-8"))))
    assert lines[0] == ["Year", "amount", "count"]
    assert lines[-1][1] == (await total.inner_text()).replace(",", "")


async def test_the_operators_page_is_for_administrators(opened: Opened) -> None:
    page = await opened(ADMIN, "/operator")
    account = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name="Account", exact=True))
    await expect(account).to_contain_text("Following")
    await page.get_by_role("button", name="Words").click()
    await page.get_by_label("Words that stand for each other").fill("zpump, zanteborg")
    await page.get_by_role("button", name="Add").first.click()
    await expect(page.get_by_role("rowheader", name="zpump = zanteborg")).to_be_visible()
    await expect(page.get_by_role("cell", name="add synonyms")).to_be_visible()
    await page.get_by_role("button", name="Remove zpump").click()
    await expect(page.get_by_text("No words stand for each other beyond")).to_be_visible()
    other = await opened(MANAGER, "/operator")
    await expect(other.get_by_text("This page is for administrators.")).to_be_visible()
    await expect(other.get_by_role("link", name="Operator")).to_have_count(0)
    assert (await other.request.get("/api/v1/admin/status")).status == 403


async def test_an_administrator_asks_why_somebody_sees_a_record(site: Site, opened: Opened) -> None:
    page = await opened(ADMIN, "/operator?view=access")
    await page.get_by_label("User", exact=True).fill(ADMIN)
    await page.get_by_label("Record", exact=True).fill(f"{site.org.url}/lightning/r/Account/{site.account}/view")
    await page.get_by_role("button", name="Explain").click()
    await expect(page.get_by_text("may see it:")).to_be_visible()


async def test_the_page_speaks_chinese(opened: Opened) -> None:
    page = await opened(ADMIN, "/search?q=zanteborg", locale="zh-CN")
    await expect(page.get_by_role("link", name="仪表板")).to_be_visible()
    await expect(page.get_by_role("status").filter(has_text="条结果")).to_have_count(1)
    assert await page.locator("html").get_attribute("lang") == "zh-Hans"
    await page.get_by_role("link", name="报表").click()
    await expect(page.get_by_role("link", name="赢单率")).to_be_visible()


@pytest.mark.parametrize(
    "path", ["/", "/dashboard", "/operator", "/report/closed-won?period=all", "/search?q=zanteborg"]
)
async def test_on_a_phone_nothing_is_wider_than_the_screen(opened: Opened, path: str) -> None:
    page = await opened(ADMIN, path, width=360, height=740)
    await expect(page.get_by_role("main")).to_be_visible()
    await settled(page)
    assert await page.evaluate(_TOO_WIDE) == []


async def test_scripts_in_records_are_shown_as_text_and_never_run(site: Site, opened: Opened) -> None:
    page = await opened(ADMIN, "/search?q=zantemalice")
    link = page.locator("forcedex-hit-list a.title", has_text=f"Zantemalice {PAYLOAD}")
    await expect(link.first).to_be_visible()
    await page.get_by_role("combobox", name="Search").fill("zantemali")
    await expect(page.locator("[role=option]", has_text=PAYLOAD).first).to_be_visible()
    await page.keyboard.press("Escape")
    await page.locator("forcedex-hit-list li", has_text="Account").get_by_role("link").first.click()
    await expect(page.get_by_role("heading", level=1)).to_contain_text(PAYLOAD)
    await expect(page.get_by_role("region", name="Details").get_by_text(PAYLOAD).first).to_be_visible()
    await expect(page.get_by_role("complementary", name="Related").get_by_text(PAYLOAD).first).to_be_visible()
    assert await page.evaluate("window.struck === undefined")
    assert await page.locator("img").count() == 0


@pytest.mark.parametrize("dark", [False, True])
async def test_no_page_has_a_violation_that_axe_knows(opened: Opened, site: Site, axe_source: str, dark: bool) -> None:
    page = await opened(ADMIN, "/")
    await page.emulate_media(color_scheme="dark" if dark else "light", reduced_motion="reduce")
    found = []
    for path in (*(COLOURFUL if dark else EVERY_PAGE), f"/record/Account/{site.account}"):
        await page.goto(path)
        await expect(page.get_by_role("main")).to_be_visible()
        await settled(page)
        await page.evaluate(axe_source)
        violations = json.loads(
            await page.evaluate("axe.run(document).then((told) => JSON.stringify(told.violations))")
        )
        found += [(path, each["id"], [one["target"] for one in each["nodes"]][:3]) for each in violations]
    assert not found


async def test_who_is_not_logged_in_sees_a_page_without_violations_and_no_data(
    site: Site, opened: Opened, axe_source: str
) -> None:
    page = await opened("", "/dashboard")
    await expect(page.get_by_role("link", name="Log in with Salesforce")).to_be_visible()
    await page.evaluate(axe_source)
    assert await page.evaluate("axe.run(document).then((told) => told.violations.map((each) => each.id))") == []
    async with httpx2.AsyncClient(base_url=site.url, trust_env=False) as http:
        text = (await http.get("/")).text
    assert "<script>" not in text and "style=" not in text
