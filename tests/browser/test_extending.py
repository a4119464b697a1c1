"""A finished run goes on from its page: proposals under the verdict, rows grow, claims are judged anew."""

import re
from collections.abc import Callable
from contextlib import closing

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.test_engine_tab import button, head, opened, run_to_end

pytestmark = pytest.mark.browser


def test_an_undecided_run_goes_on_twice_on_its_page(visit: Callable[..., Visit]) -> None:
    made = opened(visit, "Reason")
    page = made.page
    run_to_end(page)
    address = page.url
    expect(head(page)).to_contain_text("0, 1")
    page.get_by_role("tab", name="Verdict").locator("visible=true").click()
    panel = page.locator(".bw-ask", has_text="Go on until decided").locator("visible=true")
    expect(panel).to_contain_text("This is look 1 of 5")
    panel.get_by_role("radio", name=re.compile("Add the arm Half the method, about")).check()
    expect(panel.locator(".prose.bw-cost")).to_contain_text("Add the arm Half the method")
    expect(panel.get_by_role("checkbox", name="Half the method")).to_be_checked()
    seeds = panel.get_by_role("spinbutton", name="Seeds")
    seeds.fill("1")
    expect(panel.locator(".prose.bw-cost")).to_contain_text("1 more seed and the arm Half the method")
    button(page, "Go on").focus()
    page.keyboard.press("Enter")
    expect(head(page)).to_contain_text("Attempt")
    expect(head(page)).to_contain_text("Finished")
    expect(head(page)).to_contain_text("0, 1, 2")
    expect(panel).to_contain_text("This is look 2 of 5")
    expect(panel.get_by_role("checkbox")).to_have_count(0)
    items = panel.get_by_role("spinbutton", name="Items")
    seeds.fill("1")
    items.fill("3")
    button(page, "Go on").click()
    expect(panel).to_contain_text("Ask for 2 more seeds or 4 more items at least.")
    items.fill("4")
    button(page, "Go on").click()
    expect(panel).to_contain_text("This is look 3 of 5")
    expect(head(page)).to_contain_text("0, 1, 2, 3")
    expect(page.get_by_text("Look", exact=True).first).to_have_count(1)
    assert page.url.startswith(address)
    with closing(made.server.history()) as history:
        grown = history.record(address.partition("run=")[2])
    assert grown.tables["Answered"] == grown.tables["Outcome"] == 3 * 4 * 12, "arms, seeds, items"
    assert not made.problems and not made.foreign
