"""Accessibility of the page: axe finds nothing on any tab and view; pictures and tables fit a phone."""

import re
from collections.abc import Callable
from pathlib import Path

import axe_playwright_python
import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Visit
from tests.browser.test_engine_tab import picturing, run_to_end, unfold

pytestmark = pytest.mark.browser

AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js").read_text(encoding="utf-8")
FAULTS = """async () => {
  const rules = { type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] };
  const found = await axe.run(document, { runOnly: rules, resultTypes: ['violations'] });
  return found.violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 160)}`));
}"""
GRADIOS_OWN = re.compile(r'^target-size: <a class="download-link')
"""A link around a button, which overlap: Gradio's way to download a block of code."""
PLOTS = """() => [...document.querySelectorAll('.bw-plot')].filter((plot) => plot.offsetWidth && plot._fullLayout)
  .map((plot) => {
    const box = (name) => plot.querySelector(name)?.getBoundingClientRect();
    const [tools, legend, size] = [box('.modebar'), box('.legend .bg'), plot._fullLayout._size];
    const apart = !legend || !tools || legend.top >= tools.bottom || legend.right <= tools.left;
    const fits = plot.scrollWidth <= plot.clientWidth + 1;
    return { height: size.h, apart, fits, rows: plot._fullLayout.yaxis?.visible === false };
  })"""
CUT = """() => [...document.querySelectorAll('.bw-table')].filter((frame) => frame.offsetWidth).flatMap((frame) => {
  const right = frame.getBoundingClientRect().left + frame.clientLeft + frame.clientWidth;
  return [...frame.querySelectorAll('td.bw-number')].filter((cell) => {
    const box = cell.getBoundingClientRect(), seen = getComputedStyle(cell).color !== 'rgba(0, 0, 0, 0)';
    return box.left < right && box.right > right + 1 && seen;
  }).map((cell) => cell.textContent);
})"""


def faults(page: Page) -> list[str]:
    page.evaluate(AXE)
    return [fault for fault in page.evaluate(FAULTS) if not GRADIOS_OWN.match(fault)]


def finished(visit: Callable[..., Visit], **options: object) -> Page:
    page = picturing(visit, **options).page
    run_to_end(page)
    unfold(page)
    page.wait_for_timeout(1_500)
    return page


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_any_tab(visit: Callable[..., Visit], scheme: str):
    visited = visit(color_scheme=scheme).open()
    visited.page.wait_for_timeout(1_000)
    assert not faults(visited.page)
    for name in ("Models & data", "History"):
        visited.tab(name)
        visited.page.wait_for_timeout(1_500)
        assert not faults(visited.page), name


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_any_view_of_a_run(visit: Callable[..., Visit], scheme: str):
    page = finished(visit, color_scheme=scheme)
    folds = page.locator(".bw-shown [role=tab]").locator("visible=true")
    for at in range(folds.count()):
        folds.nth(at).click()
        page.wait_for_timeout(500)
        assert not faults(page), folds.nth(at).inner_text()


def test_pictures_fit_a_phone(visit: Callable[..., Visit]):
    page = finished(visit, width=390, height=844)
    plots = page.evaluate(PLOTS)
    assert len(plots) >= 3
    for plot in plots:
        assert plot["apart"] and plot["fits"], plot
        assert plot["height"] >= 219 or plot["rows"], plot


def test_a_number_that_the_edge_would_cut_is_not_shown(visit: Callable[..., Visit]):
    page = finished(visit, width=390, height=844)
    assert not page.evaluate(CUT)
