"""Parts of the page laid out in Blocks of their own, and looks at runs, for tests that need no server."""

import json
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, TypeVar

import gradio as gr
from starlette.requests import Request

from tests.desks import built
from workbench.contract.engine import Engine
from workbench.contract.runs import RunId
from workbench.ui.elements.page_context import PageContext
from workbench.ui.elements.run_snapshot import RunSnapshot, Seen
from workbench.ui.engine_tab import EngineTab
from workbench.ui.lazy_tab import LazyTab

Part = TypeVar("Part")
RUNNING = {
    "state": "running",
    "started": 900.0,
    "phase": "cell:shifted/0/Count",
    "done": 3,
    "total": 12,
    "unit": "items",
}
"""Fields of a record whose run is in the middle of a phase."""


def laid_out(make: Callable[[], Part]) -> tuple[Part, gr.Blocks]:
    """What `make` lays out, and the Blocks it lies in."""

    def build() -> tuple[Part, gr.Blocks]:
        with gr.Blocks() as page:
            return make(), page

    return built(build)


def furnished(desk: PageContext, engine: Engine) -> tuple[EngineTab, gr.Blocks]:
    """The tab of an engine as a visitor finds it who has come in, and the Blocks it lies in."""

    def build() -> tuple[EngineTab, gr.Blocks]:
        with gr.Blocks() as page:
            return EngineTab(desk, LazyTab(desk, engine, page)), page

    return built(build)


def values(components: Sequence[Any]) -> list[Any]:
    """What the components show at first."""
    return [component.value for component in components]


def visit(cookie: str = "") -> gr.Request:
    """A visitor's request, with a cookie if asked."""
    headers = [(b"cookie", cookie.encode())] if cookie else []
    return gr.Request(request=Request({"type": "http", "headers": headers, "query_string": b"", "path": "/"}))


def look(desk: PageContext, run: RunId, since: Seen | None = None, **changed: Any) -> RunSnapshot:
    """A look at a run; `changed` are fields of its record, and `mine`, `position` and `now` of the look."""
    record = desk.history.record(run)
    of_look = {name: changed.pop(name) for name in ("mine", "position", "now") if name in changed}
    given = {"mine": True, "now": 1_000.0, **of_look}
    return RunSnapshot(
        replace(record, **changed), desk.engines[record.engine], desk.history, since=since or Seen(), **given
    )


def say(desk: PageContext, run: RunId, *events: dict[str, Any]) -> RunId:
    """Let a worker have said these events, and the history have taken them up."""
    folder = desk.bench.folder(run)
    begun = {"kind": "started", "pid": 1, "process_started": 1.0}
    lines = [{"seq": n, "attempt": 1, "at": 5.0, "scope": "", **event} for n, event in enumerate([begun, *events])]
    folder.events.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    desk.history.ingest(run, folder)
    return run


def row(table: str, **fields: Any) -> dict[str, Any]:
    """The event of one row."""
    return {"kind": "row", "table": table, "row": fields}
