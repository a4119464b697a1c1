"""The verdict of a run in a real browser: readable at every width and in both themes, by mouse and by keyboard."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Visit
from tests.browser.test_page import finished, serious  # noqa: F401 - a fixture
from tests.live import LiveServer

pytestmark = pytest.mark.browser

WIDTHS = (1280, 390)


def verdict_of(visit: Callable[..., Visit], address: str, server: LiveServer, **options: object) -> Page:
    """The verdict fold of the run at this address."""
    page = visit(**options).open(address.removeprefix(server.url).lstrip("/")).page
    page.get_by_role("tab", name="Verdict").locator("visible=true").click()
    expect(card(page)).to_contain_text("Holds here")
    return page


def card(page: Page) -> Locator:
    return page.locator("#claim-shift_helps").locator("visible=true")


def plot(page: Page) -> Locator:
    return page.locator("#view-counting-every_arm .bw-plot").locator("visible=true")


@pytest.mark.parametrize("width", WIDTHS)
def test_it_fits_the_screen_and_opens_with_the_answer(visit, server, finished, width: int):  # noqa: F811
    page = verdict_of(visit, finished, server, width=width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    expect(card(page).locator("h4")).to_contain_text("On this data")
    expect(card(page).locator("svg")).to_be_visible()
    left, right = card(page).bounding_box(), card(page).locator("svg").bounding_box()
    assert left and right and left["x"] <= right["x"] and right["x"] + right["width"] <= left["x"] + left["width"] + 1


@pytest.mark.parametrize("width", WIDTHS)
def test_the_intervals_of_every_arm_are_drawn_and_show_values_when_asked(visit, server, finished, width: int):  # noqa: F811
    page = verdict_of(visit, finished, server, width=width)
    expect(plot(page).locator(".main-svg").first).to_be_visible()
    view = page.locator("#view-counting-every_arm")
    expect(view).to_contain_text("Score, difference to Plain")
    before = plot(page).evaluate("node => node.clientHeight")
    assert before == plot(page).evaluate("node => node._fullLayout.height")
    view.get_by_label("Shown as").click()
    page.get_by_role("option", name="Values").click()
    expect(view).to_contain_text("Score: Shifted")
    grown = "before => document.querySelector('#view-counting-every_arm .bw-plot').clientHeight > before"
    page.wait_for_function(grown, arg=before)
    labels = plot(page).locator(".annotation-text")
    expect(labels).to_have_count(2)
    frame = plot(page).bounding_box()
    for label in labels.all():
        box = label.bounding_box()
        assert frame and box and frame["x"] <= box["x"] and box["x"] + box["width"] <= frame["x"] + frame["width"]


def test_the_numbers_open_by_keyboard(visit, server, finished):  # noqa: F811
    page = verdict_of(visit, finished, server)
    summary = card(page).locator("summary")
    expect(card(page).get_by_text("p, this claim alone")).to_be_hidden()
    summary.focus()
    page.keyboard.press("Enter")
    expect(card(page).get_by_text("p, this claim alone")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_serious_in_it(visit, server, finished, scheme: str):  # noqa: F811
    page = verdict_of(visit, finished, server, color_scheme=scheme)
    for summary in page.locator(".bw-outline > summary").locator("visible=true").all():
        summary.click()
    page.wait_for_timeout(500)
    assert serious(page) == []
