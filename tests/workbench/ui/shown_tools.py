"""A desk with the page's real tools and a catalogue of fixed lines, and runs of tools that a test lets speak."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from engines import TOOLS
from tests.blocks import say
from tests.catalogues import ShownCatalogue
from tests.desks import open_desk
from workbench.access.security import Access
from workbench.contract.fields import tool_spec
from workbench.contract.runs import RunFolder, RunId
from workbench.ui.elements.page_context import PageContext

CLICK = "0123456789abcdef"
HOSTILE = [None, 3, "../../etc/passwd", "x" * 10_000, {"run": 1}, ["a"], "'; DROP TABLE runs; --", "unknown-run", True]
FINISHED = {"kind": "finished", "seconds": 1.0}
FAILED = {"kind": "failed", "code": "model", "message": "No <b>such</b> thing.", "hint": "Name another."}


@contextmanager
def desk_with_tools(home: Path, access: Access | None = None) -> Iterator[PageContext]:
    """The desk; runs of tools are opened and never worked off, but by the test itself."""
    with open_desk(home, access, tools=TOOLS, catalogue=ShownCatalogue()) as desk:
        yield desk


def opened(desk: PageContext, tool: str, **asked: Any) -> RunId:
    """A run of the tool that was opened and has not begun."""
    spec = tool_spec(TOOLS[tool], asked)
    run = desk.history.open_run(spec)
    RunFolder(desk.history.runs_root, run).make(spec)
    return run


def spoken(desk: PageContext, run: RunId, *events: dict[str, Any]) -> RunId:
    """The run after a worker has said these events."""
    return say(desk, run, *events)
