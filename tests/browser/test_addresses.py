"""Addresses in a real browser: back and forward, reload, links to views, titles; and a journey by keyboard alone."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Visit
from tests.browser.test_engine_tab import head, more, opened, plot, run_to_end, set_number

pytestmark = pytest.mark.browser

RUN = re.compile(r"\?run=[\w-]+$")
FLASHES = """new MutationObserver(() => {
  const text = document.body?.innerText ?? '';
  const told = ['No run shown', 'Loading run'].filter((words) => text.includes(words));
  for (const words of told) (window.seenWords ??= {})[words] = true;
}).observe(document, { childList: true, subtree: true, attributes: true });"""
TOP = "node => node.getBoundingClientRect().top + scrollY"


def fold(page: Page) -> str:
    """The fold of the run that is open."""
    return page.locator(".bw-folds-of-run > .tab-wrapper [aria-selected=true]").locator("visible=true").inner_text()


def jump(page: Page, value: str) -> None:
    page.locator(".bw-jump").locator("visible=true").select_option(value)


def test_every_step_has_an_address_and_the_way_back(visit: Callable[..., Visit]):
    walked = opened(visit, "Route")
    page = walked.page
    expect(page).to_have_url(re.compile(r"\?method=picturing$"))
    more(page)
    set_number(page, "Layers", 5)
    run_to_end(page)
    expect(page).to_have_url(RUN)
    expect(page).to_have_title(re.compile("✓ .*Picturing.* · Benchwright"))
    address = page.url
    jump(page, "view=places")
    expect(page).to_have_url(f"{address}&view=places")
    places = page.locator("#view-picturing-places")
    expect(places.locator(".bw-view-head [tabindex]")).to_be_focused()
    expect(places).to_be_in_viewport()
    page.get_by_role("tab", name="Details").locator("visible=true").click()
    expect(page).to_have_url(f"{address}&tab=details")
    expect(page.get_by_role("heading", name="Surroundings").locator("visible=true")).to_be_visible()
    walked.tab("History")
    expect(page).to_have_url(re.compile(r"\?tab=history$"))
    expect(page).to_have_title("History · Benchwright")
    page.go_back()
    expect(page).to_have_title(re.compile("Picturing"))
    assert fold(page) == "Details"
    page.go_back()
    expect(places).to_be_visible()
    assert fold(page) == "Pictures"
    for _ in range(2):
        page.go_back()
    expect(page).to_have_url(re.compile(r"\?method=picturing$"))
    expect(page.get_by_role("button", name="Run", exact=True).locator("visible=true")).to_be_visible()
    page.go_forward()
    expect(head(page)).to_contain_text("Finished")
    assert walked.problems == []


def test_reload_keeps_the_place_and_a_link_has_a_views_controls(visit: Callable[..., Visit]):
    page = opened(visit, "Route").page
    run_to_end(page)
    jump(page, "view=places")
    layer = page.get_by_label("number input for Layer", exact=True).locator("visible=true")
    expect(layer).to_have_value("7")  # the rows' last layer: the first drawing is there
    layer.fill("3")
    layer.press("Tab")
    expect(page.locator("#view-picturing-places")).to_contain_text("Layer 3.")
    page.get_by_role("button", name=re.compile("^Link to “Places")).click()
    expect(page).to_have_url(re.compile(r"&view=places&control\.layer=3$"), timeout=15_000)
    page.add_init_script(FLASHES)
    page.reload()
    expect(page.locator("#view-picturing-places")).to_contain_text("Layer 3.")
    expect(page.locator("#view-picturing-places")).to_be_in_viewport()
    expect(layer).to_have_value("3")
    assert page.evaluate("window.seenWords") == {"Loading run": True}


@pytest.mark.parametrize(("width", "height", "picture", "verdict"), [(1280, 900, 800, 700), (390, 844, 1700, 1000)])
def test_verdict_and_first_picture_stand_high(
    visit: Callable[..., Visit], finished: str, width: int, height: int, picture: int, verdict: int
):
    page = visit(width, height).open(finished).page
    expect(page.locator(".bw-summary")).to_contain_text("Holds here")
    expect(plot(page).locator(".main-svg").first).to_be_visible()
    assert page.locator(".bw-summary").evaluate(TOP) < verdict
    assert page.locator(".bw-view").locator("visible=true").first.evaluate(TOP) < picture
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.fixture(scope="module")
def finished(chromium, server) -> str:
    """Query of a finished run of the toy that has claims."""
    context = chromium.new_context()
    page = Visit(context.new_page(), server).open().page
    page.locator(".bw-card", has_text="How much do the items sum up to?").get_by_role(
        "button", name="Run it now"
    ).click()
    expect(page.locator(".bw-run-bar:visible")).to_contain_text("Finished")
    query = "?" + page.url.partition("?")[2]
    context.close()
    return query


def focus_by_tab(page: Page, name: str, most: int = 60) -> None:
    """Press Tab until the focus is on what is called so."""
    for _ in range(most):
        page.keyboard.press("Tab")
        named = page.evaluate("(document.activeElement.ariaLabel ?? document.activeElement.textContent ?? '').trim()")
        if named == name:
            return
    raise AssertionError(f"{name!r} is not reached by Tab")


def test_run_verdict_and_history_by_keyboard_alone(visit: Callable[..., Visit]):
    page = visit().open().page
    tabs = page.locator("#questions > .tab-wrapper [role=tablist]").first
    focus_by_tab(page, "Start")
    while "Probe" not in (page.evaluate("document.activeElement.textContent") or ""):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    expect(tabs.get_by_role("tab", name="Probe", exact=True)).to_have_attribute("aria-selected", "true")
    run = page.get_by_role("button", name="Run", exact=True).locator("visible=true")
    expect(run).to_be_visible()
    focus_by_tab(page, "Run", most=120)
    page.keyboard.press("Enter")
    expect(head(page)).to_contain_text("Finished")
    expect(page.locator(".bw-run-top [tabindex]").locator("visible=true")).to_be_focused()
    focus_by_tab(page, "Pictures")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    assert fold(page) == "Verdict"
    expect(page.locator(".bw-verdict").locator("visible=true").first).to_contain_text("Holds here")
    while page.evaluate("document.activeElement.textContent.trim()") != "Start":
        page.keyboard.press("Shift+Tab")
    page.keyboard.press("End")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"\?tab=history$"))
    expect(page.locator(".bw-runs a").first).to_be_visible()
