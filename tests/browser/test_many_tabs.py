"""Many tabs of one browser, which share its six connections to the workbench, and a workbench that does not answer."""

from collections.abc import Callable

import psutil
import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.live import LiveServer

pytestmark = pytest.mark.browser

TABS = 8
CONNECTIONS = 6


def test_eight_tabs_of_one_browser_work_and_hold_no_connection(visit: Callable[..., Visit], server: LiveServer):
    first = visit().open()
    pages = [first.page, *(first.page.context.new_page() for _ in range(TABS - 1))]
    for page in pages[1:]:
        page.goto(f"{server.url}/")
    for page in pages:
        page.locator(".bw-card", has_text="How much do the items sum up to?").get_by_role("button", name="Open").click()
        expect(page.get_by_role("button", name="Check fit")).to_be_visible()
    pages[0].wait_for_timeout(1_500)
    pages[0].reload()
    expect(pages[0].get_by_role("heading", name="What do you want to find out?")).to_be_visible()
    waiting = [page.evaluate(PENDING) for page in pages]
    assert waiting == [[]] * TABS, "no tab waits for an answer"
    assert first.problems == []
    held = [each for each in psutil.Process(server.process.pid).net_connections("tcp") if each.status == "ESTABLISHED"]
    assert len(held) <= CONNECTIONS


def test_a_page_that_is_not_answered_says_so_and_goes_on_when_it_is(visit: Callable[..., Visit]):
    page = visit().open().page
    notice = page.get_by_role("alert").filter(has_text="The workbench does not answer")
    expect(notice).to_be_hidden()
    page.route("**/healthz", lambda route: route.abort())
    expect(notice).to_be_visible()
    page.unroute("**/healthz")
    expect(notice).to_be_hidden()


PENDING = """() => performance.getEntriesByType('resource')
  .filter((entry) => entry.responseEnd === 0).map((entry) => entry.name)"""
