"""Journeys through the page in a real browser: a first visit, one click, another device, names meant to harm."""

import re
from collections.abc import Callable
from pathlib import Path

import axe_playwright_python
import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.live import LiveServer, live_server

pytestmark = pytest.mark.browser

AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js")
HOSTILE = "<img src=x onerror=window.harmed=1>${window.harmed=1}{{window.harmed=1}}\u202e=1+1"
ANY_RUN = re.compile(r"\?run=\d{6}-\d{4}-[a-z]+-[0-9a-f]{10}$")
RUN_ADDRESS = re.compile(r"\?run=\d{6}-\d{4}-counting-[0-9a-f]{10}$")


def run_now(visit: Visit, question: str) -> None:
    """Press "Run it now" on the card that asks `question`."""
    visit.page.locator(".bw-card", has_text=question).get_by_role("button", name="Run it now").click()


def shown_state(page: Page):
    return page.locator(".bw-run-bar:visible")


def serious(page: Page) -> list[str]:
    """What axe finds serious or critical, one line each."""
    page.add_script_tag(content=AXE.read_text(encoding="utf-8"))
    found = page.evaluate("axe.run({resultTypes: ['violations']})")["violations"]
    return [
        f"{each['id']} ({each['impact']}): {each['help']}: {node['html'][:300]}"
        for each in found
        if each["impact"] in ("serious", "critical")
        for node in each["nodes"]
    ]


@pytest.fixture(scope="module")
def finished(chromium, server: LiveServer) -> str:
    """Address of a finished run, started by one click."""
    context = chromium.new_context()
    visit = Visit(context.new_page(), server).open()
    run_now(visit, "How much do the items sum up to?")
    expect(visit.page).to_have_url(RUN_ADDRESS)
    expect(shown_state(visit.page)).to_contain_text("Finished")
    address = visit.page.url
    context.close()
    return address


def test_a_first_visit_asks_by_question_and_talks_to_nobody_else(visit: Callable[..., Visit]):
    first = visit().open()
    expect(first.page.get_by_role("heading", name="What do you want to find out?")).to_be_visible()
    expect(first.page.get_by_role("heading", name="How much do the items sum up to?")).to_be_visible()
    expect(first.page).to_have_title("Benchwright")
    first.tab("History")
    first.tab("Probe")
    first.page.wait_for_timeout(1_000)
    assert first.foreign == [] and first.problems == []


def test_one_click_runs_and_the_address_names_the_run(finished: str):
    assert RUN_ADDRESS.search(finished)


def test_another_device_sees_the_same_run(visit: Callable[..., Visit], finished: str):
    query = finished.rsplit("/", 1)[1]
    other = visit(width=400).open(query)
    expect(shown_state(other.page)).to_contain_text("Finished")
    expect(other.page).to_have_url(finished)
    assert other.problems == []
    other.page.reload()
    expect(shown_state(other.page)).to_contain_text("Finished")


def test_a_live_run_survives_reload_and_is_stopped_from_a_second_tab(visit: Callable[..., Visit]):
    first = visit().open()
    run_now(first, "What would you like to add?")
    expect(shown_state(first.page)).to_contain_text("Running")
    expect(first.page).to_have_url(ANY_RUN)
    first.page.reload()
    expect(shown_state(first.page)).to_contain_text("Running")
    second = visit().open(first.page.url.rsplit("/", 1)[1])
    second.page.get_by_role("button", name="Stop").locator("visible=true").click()
    for each in (second, first):
        expect(shown_state(each.page)).to_contain_text("Stopped")


def test_a_double_click_is_one_run(visit: Callable[..., Visit], server: LiveServer):
    page = visit().open()
    page.page.locator(".bw-card", has_text="What would you like to add?").get_by_role(
        "button", name="Run it now"
    ).dblclick()
    expect(shown_state(page.page)).to_be_visible()
    page.page.wait_for_timeout(1_500)
    history = server.history()
    live = [record for record in history.listing().records if record.live]
    history.close()
    assert len(live) == 1
    page.page.get_by_role("button", name="Stop").locator("visible=true").click()
    expect(shown_state(page.page)).to_contain_text("Stopped")


def test_a_run_is_found_named_deleted_and_brought_back(visit: Callable[..., Visit], finished: str):
    past = visit().open()
    past.tab("History")
    run = finished.rsplit("=", 1)[1]
    past.page.get_by_label("Search").fill(run)
    row = past.page.locator(".bw-runs tr", has_text=run)
    expect(past.page.locator(".bw-runs tbody tr")).to_have_count(1)
    row.get_by_role("button", name="Details").click()
    past.page.get_by_label("Title").fill("A name of its own")
    past.page.get_by_role("button", name="Save").click()
    expect(row).to_contain_text("A name of its own")
    past.page.get_by_role("button", name="Delete").click()
    expect(past.page.get_by_text("No run fits this search.")).to_be_visible()
    past.page.get_by_role("button", name="Undo").click()
    expect(row).to_be_visible()
    row.get_by_role("button", name=re.compile("Star")).click()
    expect(row.get_by_role("button", name=re.compile("Star"))).to_have_attribute("aria-pressed", "true")
    row.get_by_role("link", name="A name of its own").click()
    expect(past.page).to_have_url(finished)
    expect(shown_state(past.page)).to_contain_text("Finished")
    assert past.problems == []


def test_a_hostile_name_is_only_text(visit: Callable[..., Visit], server: LiveServer, finished: str):
    run = finished.rsplit("=", 1)[1]
    history = server.history()
    record = history.record(run)
    history.rename(run, HOSTILE)
    history.set_tags(run, [HOSTILE[:40]])
    history.set_note(run, HOSTILE)
    careful = visit().open()
    expect(careful.page.locator(".bw-strip").get_by_text("onerror=window.harmed").first).to_be_visible()
    careful.tab("History")
    careful.page.locator(".bw-runs tr", has_text=run).get_by_role("button", name="Details").click()
    expect(careful.page.get_by_label("Title")).to_have_value(history.record(run).title)
    linked = visit().open(f"?run={run}")
    expect(shown_state(linked.page)).to_be_visible()
    for each in (careful, linked):
        assert each.page.evaluate("window.harmed") is None
        assert each.problems == []
    history.rename(run, record.title)
    history.set_tags(run, record.tags)
    history.set_note(run, record.note)
    history.close()


@pytest.mark.parametrize(
    "query", ["?run=none-such", "?run=%3Cimg%20src%3Dx%20onerror%3Dwindow.harmed%3D1%3E", "?run=.."]
)
def test_a_link_to_nothing_is_answered_with_a_sentence(visit: Callable[..., Visit], query: str):
    lost = visit().open(query)
    expect(lost.page.get_by_role("alert").first).to_contain_text("History tab")
    assert lost.page.evaluate("window.harmed") is None
    lost.tab("Probe")
    expect(lost.page.get_by_role("button", name="Run", exact=True).locator("visible=true")).to_be_visible()


def test_dark_or_light_is_the_systems_until_the_visitor_chooses(visit: Callable[..., Visit]):
    dark = visit(color_scheme="dark").open()
    body = dark.page.locator("body")
    expect(body).to_have_class(re.compile("dark"))
    dark.page.get_by_role("button", name="Dark mode").click()
    expect(body).not_to_have_class(re.compile("dark"))
    dark.page.reload()
    dark.page.get_by_role("tab", name="Start").wait_for()
    expect(body).not_to_have_class(re.compile("dark"))


@pytest.mark.parametrize("tab", ["Start", "Probe", "History"])
def test_nothing_is_wider_than_a_telephone(visit: Callable[..., Visit], finished: str, tab: str):
    narrow = visit(width=400).open(finished.rsplit("/", 1)[1] if tab == "Probe" else "")
    narrow.tab(tab)
    narrow.page.wait_for_timeout(1_000)
    assert narrow.page.evaluate("document.documentElement.scrollWidth") <= 400


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("tab", ["Start", "Probe", "History"])
def test_axe_finds_nothing_serious(visit: Callable[..., Visit], finished: str, scheme: str, tab: str):
    shown = visit(color_scheme=scheme).open(finished.rsplit("/", 1)[1] if tab == "Probe" else "")
    shown.tab(tab)
    shown.page.wait_for_timeout(1_500)
    assert serious(shown.page) == []


def test_the_keyboard_is_enough(visit: Callable[..., Visit], finished: str):
    keys = visit().open()
    keys.page.keyboard.press("Tab")
    expect(keys.page.locator(":focus")).to_have_text("Skip to the content")
    keys.page.get_by_role("tab", name="History").focus()
    keys.page.keyboard.press("Enter")
    star = keys.page.get_by_role("button", name=re.compile("^Star")).first
    star.focus()
    before = star.get_attribute("aria-pressed")
    keys.page.keyboard.press("Enter")
    expect(star).to_have_attribute("aria-pressed", "false" if before == "true" else "true")
    expect(star).to_be_focused()
    keys.page.locator(".bw-runs a").first.focus()
    keys.page.keyboard.press("Enter")
    expect(keys.page).to_have_url(re.compile(r"\?run="))


def test_signing_in_leads_to_the_run_that_was_asked_for(chromium, tmp_path):
    password = "four random words"
    with live_server(tmp_path / "home", environment={"BENCHWRIGHT_PASSWORD": password}) as server:
        context = chromium.new_context()
        page = context.new_page()
        page.goto(f"{server.url}/?run=none-such")
        page.get_by_label("Password").fill("wrong password")
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("alert")).to_contain_text("do not belong together")
        assert serious(page) == []
        page.get_by_label("Password").fill(password)
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("tab", name="Start")).to_be_visible(timeout=60_000)
        expect(page).to_have_url(f"{server.url}/?run=none-such")
        page.get_by_role("button", name="Sign out").click()
        expect(page.get_by_label("Password")).to_be_visible()
        context.close()


def test_a_page_goes_on_with_a_server_started_anew(chromium, tmp_path):
    with live_server(tmp_path / "home") as server:
        visit = Visit(chromium.new_context().new_page(), server).open()
        run_now(visit, "How much do the items sum up to?")
        expect(shown_state(visit.page)).to_contain_text("Finished")
        port = server.port
        server.process.kill()
        server.process.wait()
    with live_server(tmp_path / "home", port=port):
        visit.page.wait_for_event("load")
        expect(shown_state(visit.page)).to_contain_text("Finished")
        before = visit.page.url
        visit.page.get_by_role("button", name="Use and change").locator("visible=true").click()
        visit.page.get_by_role("button", name="Run", exact=True).locator("visible=true").click()
        expect(visit.page).not_to_have_url(before)
        expect(shown_state(visit.page)).to_contain_text("Finished")
        visit.page.context.close()
