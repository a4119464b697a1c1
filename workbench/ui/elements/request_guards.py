"""What a handler may trust: the run that an argument names, and whether this visitor may change it."""

import hashlib
import re
from typing import Any

import gradio as gr

from workbench.contract.errors import RunNotFound, WorkbenchError
from workbench.contract.runs import RUN_ID, RunId, RunSpec
from workbench.history.records import RunRecord
from workbench.messages import say
from workbench.ui.elements.elements import Html, notice
from workbench.ui.elements.page_context import PageContext

CLICK = re.compile(r"^[0-9a-f]{8,64}$")

NEW_CLICK = """(...values) => {
  const now = Date.now();
  if (!window.benchwrightClick || now - window.benchwrightClick.at > 2000) {
    const bytes = crypto.getRandomValues(new Uint8Array(12));
    window.benchwrightClick = { at: now, key: Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join('') };
  }
  return [window.benchwrightClick.key, ...values.slice(1)];
}"""
"""Puts one key for all clicks within two seconds into the first input, so that a double click is one run."""


def run_named(value: Any) -> RunId | None:
    """Return the run id that an argument holds, None where it holds none."""
    return value if isinstance(value, str) and RUN_ID.fullmatch(value) else None


def readable(desk: PageContext, value: Any) -> RunRecord:
    """Return the run that an argument names; whoever may see the page may read it.

    Raises:
        RunNotFound: no such run, or it was deleted.
    """
    run = run_named(value)
    if run is None:
        raise RunNotFound(say("This is not the address of a run."), say("Open the run from the History tab."))
    record = desk.history.record(run)
    if record.deleted:
        raise RunNotFound(say("This run was deleted."), say("The History tab can bring it back."))
    return record


def changeable(desk: PageContext, value: Any, request: gr.Request) -> RunRecord:
    """Return the run that an argument names, if this visitor may change it.

    Raises:
        RunNotFound: no such run.
        AccessError: it belongs to someone else.
    """
    record = readable(desk, value)
    desk.access.require(desk.access.visitor(request), record)
    return record


def may_change(desk: PageContext, record: RunRecord, request: gr.Request) -> bool:
    """Return whether this visitor may stop, resume and steer the run."""
    try:
        return desk.access.may_change(desk.access.visitor(request), record)
    except WorkbenchError:
        return False


def click_key(click: Any, spec: RunSpec) -> str | None:
    """Return the idempotency key of a click: the same click on the same form is one run, whatever arrives twice."""
    if not isinstance(click, str) or not CLICK.fullmatch(click):
        return None
    return hashlib.sha256(f"{click}\0{spec.model_dump_json()}".encode()).hexdigest()


def error_html(error: WorkbenchError) -> Html:
    """Return an error as a framed remark: what is wrong and what to do."""
    return notice(error, error.hint, "bad")
