"""A headless Chromium, and visits that remember what went wrong on the page."""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, TimeoutError, expect, sync_playwright

from tests.live import LiveServer, live_server

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@dataclass
class Visit:
    """One page in a browser of its own.

    Attributes:
        problems: errors on the console and failed answers.
        foreign: requests to any other host.
    """

    page: Page
    server: LiveServer
    problems: list[str] = field(default_factory=list)
    foreign: list[str] = field(default_factory=list)

    def open(self, query: str = "") -> "Visit":
        """Go to the page and wait until it is there."""
        self.page.goto(f"{self.server.url}/{query}")
        self.page.get_by_role("tab", name="Start").wait_for()
        return self

    def tab(self, name: str) -> None:
        """Open one of the questions' tabs, from the menu where it does not fit."""
        bar = self.page.locator("#questions > .tab-wrapper")
        for _ in range(20):
            # Gradio folds and unfolds tabs while the page settles: look again rather than wait for one that moved
            with suppress(TimeoutError):
                shown = bar.locator("[role=tablist]").get_by_role("tab", name=name, exact=True)
                if not shown.is_visible():
                    bar.get_by_label("More tabs").click(timeout=2_000)
                    shown = bar.locator(".overflow-dropdown button", has_text=name)
                return shown.click(timeout=2_000)
        raise AssertionError(f"there is no tab {name!r}")

    def _watch(self) -> None:
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.problems.append(str(error)))
        self.page.on("request", self._request)

    def _console(self, message: Any) -> None:
        if message.type in ("error", "warning"):
            self.problems.append(f"{message.type}: {message.text}")

    def _request(self, request: Any) -> None:
        if not request.url.startswith((self.server.url, "data:", "blob:")):
            self.foreign.append(request.url)


# Of a module, not of the session: playwright keeps an event loop running in this thread for as long as it lives.
@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One browser for a module; without Chromium they are skipped, unless BENCHWRIGHT_BROWSER=required."""
    if CHROMIUM is None:
        if os.environ.get("BENCHWRIGHT_BROWSER") == "required":
            pytest.fail("no Chromium is installed")
        pytest.skip("no Chromium is installed")
    expect.set_options(timeout=90_000)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-dev-shm-usage"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveServer]:
    """The real server with the toy methods."""
    with live_server(tmp_path_factory.mktemp("home")) as server:
        yield server


@pytest.fixture
def visit(chromium: Browser, server: LiveServer) -> Iterator[Callable[..., Visit]]:
    """Make visits, each in a browser context of its own: `visit(width=400, color_scheme="dark")`."""
    contexts = []

    def make(width: int = 1280, height: int = 900, **options: Any) -> Visit:
        context = chromium.new_context(viewport={"width": width, "height": height}, **options)
        context.set_default_timeout(90_000)
        contexts.append(context)
        visit = Visit(context.new_page(), server)
        visit._watch()
        return visit

    yield make
    for context in contexts:
        context.close()
