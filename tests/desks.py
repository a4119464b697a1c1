"""A desk in a folder of its own: real history, real bench, toy methods; for tests of the page and its routes."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import anyio
from fastapi import FastAPI

from tests.rooms import ENGINES, TOOLS, WORKER
from workbench.access.login import Accounts
from workbench.access.middleware import Site
from workbench.access.security import Access
from workbench.bench.bench import Bench, BenchSettings
from workbench.contract.catalogue import Catalogue, Nothing
from workbench.contract.engine import Engine
from workbench.contract.fields import read_spec
from workbench.contract.registry import Installed
from workbench.contract.runs import RunFolder
from workbench.contract.tool import Tool
from workbench.history import History
from workbench.server.server import build_app
from workbench.ui.elements.page_context import PageContext

Made = TypeVar("Made")

# anyio imports its files lazily, and pytest cannot rewrite a module in the depth of a served request
READY = anyio.open_file

QUIET = BenchSettings(threads=1, niceness=0, spare=False, grace_seconds=1.0)
IDLE = replace(QUIET, slots=0, side_slots=0)
"""For tests of what waits: nothing ever starts, however slow the machine."""


@contextmanager
def open_desk(
    home: Path,
    access: Access | None = None,
    engines: Mapping[str, Engine] = ENGINES,
    tools: Mapping[str, Tool] = TOOLS,
    catalogue: Catalogue | None = None,
    settings: BenchSettings = QUIET,
) -> Iterator[PageContext]:
    """A desk whose runs start only where a test asks for it."""
    installed = Installed(engines, tools, catalogue or Nothing())
    with closing(History(home / "history.db")) as history:
        bench = Bench(history, installed.rooms, home / "runs", settings, WORKER)
        try:
            yield PageContext(installed, history, bench, access or Access("open", b"key"), "http://127.0.0.1:7860")
        finally:
            bench.close()


def add_run(desk: PageContext, engine: str = "counting", **given: str) -> str:
    """A run that was opened and never started."""
    run = desk.history.open_run(read_spec(desk.engines[engine]), **given)
    RunFolder(desk.history.runs_root, run).make(desk.history.record(run).spec)
    return run


def finish(desk: PageContext, run: str) -> str:
    """Let the history say that the run has ended."""
    desk.history.set_state(run, "running", expect=["queued"])
    desk.history.set_state(run, "finished", expect=["running"])
    return run


def served(desk: PageContext, site: Site | None = None, accounts: Accounts | None = None) -> FastAPI:
    """The whole app."""
    return built(lambda: build_app(desk, site or Site(), accounts or Accounts({})))


def built(make: Callable[[], Made]) -> Made:
    """What `make` builds of Gradio's blocks, inside an event loop that is closed again: Gradio else leaves one open."""

    async def build() -> Made:
        return make()

    return asyncio.run(build())
