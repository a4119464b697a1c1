"""Runs of the page's tools: started for a visitor, found again, told while they work."""

from collections.abc import Mapping
from typing import Any

import gradio as gr

from workbench.contract.errors import RunNotFound
from workbench.contract.fields import tool_spec
from workbench.contract.registry import engine_named
from workbench.contract.runs import RunId
from workbench.formatting import STATES
from workbench.history.records import RunFilter, RunRecord
from workbench.messages import say
from workbench.ui.elements.elements import Html, notice
from workbench.ui.elements.page_context import PageContext
from workbench.ui.elements.request_guards import click_key, readable


def start_tool(desk: PageContext, request: gr.Request, name: str, values: Mapping[str, Any], click: Any) -> RunId:
    """Let the tool work on what was asked, for this visitor; the same click twice is one run.

    Raises:
        ConfigError: what was asked is refused, or there is no such tool.
        AccessError: the visitor is not signed in.
        HistoryError: no run can be opened.
    """
    spec = tool_spec(engine_named(name, desk.installed.tools), values)
    return desk.bench.start(spec, owner=desk.access.visitor(request).name, key=click_key(click, spec))


def tool_run(desk: PageContext, value: Any, name: str) -> RunRecord:
    """Return the run of that tool that an argument names.

    Raises:
        RunNotFound: no such run, or one of something else.
    """
    record = readable(desk, value)
    if record.engine != name or record.purpose != "tool":
        what = say("Run {run} is no run of {tool}.", run=record.run, tool=name)
        raise RunNotFound(what, say("Open it from where it was started."))
    return record


def last_of(desk: PageContext, request: gr.Request, name: str) -> RunRecord | None:
    """Return the visitor's newest run of that tool.

    Raises:
        AccessError: the visitor is not signed in.
    """
    owner = desk.access.visitor(request).name
    found = desk.history.listing(RunFilter(engine=name, purpose="tool", owner=owner), limit=1).records
    return found[0] if found else None


def ended_badly(record: RunRecord) -> Html:
    """Return why the tool did not finish.

    Nothing where it did, or is still at work.
    """
    if record.live or record.state == "finished":
        return Html("")
    tone = "warn" if record.state == "stopped" else "bad"
    return notice(record.error or f"{say(STATES[record.state].word)}.", record.hint, tone)
