"""The History tab: every run, found, opened, named, tagged, starred, re-run, exported and deleted with undo."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr

from workbench.contract.errors import WorkbenchError
from workbench.contract.runs import LIVE, RunId, State
from workbench.history.records import RunFilter, RunRecord
from workbench.ui.elements.event_options import QUIET
from workbench.ui.elements.markup import error_toast, isolated, run_name
from workbench.ui.elements.page_context import PageContext
from workbench.ui.elements.request_guards import changeable, may_change, readable
from workbench.ui.runs.run_details import RunDetails, details_of, downloads, run_details
from workbench.ui.runs.run_table import SCRIPT, queue_list, run_table

A_PAGE = 50
MOST_SHOWN = 1_000
LONGEST_QUERY = 200

STATE_CHOICES: dict[str, tuple[State, ...]] = {
    "Any state": (),
    "Live": tuple(sorted(LIVE)),
    "Finished": ("finished",),
    "Failed": ("failed",),
    "Stopped": ("stopped",),
    "Interrupted": ("interrupted",),
}
ONLY = ("Starred", "Mine", "Examples")


@dataclass(frozen=True)
class HistoryTab:
    """What the page wires up.

    Attributes:
        table: its `select` event carries a run to open; so does that of `queue`.
        details: the panel of one run, with its Re-run button.
        refresh: fills `outputs` from `inputs`; call it when the tab is opened and on each tick.
    """

    table: gr.HTML
    queue: gr.HTML
    details: RunDetails
    refresh: Callable[..., Any]
    inputs: list[Any]
    outputs: list[Any]


def history_tab(desk: PageContext) -> HistoryTab:
    """Lay the tab out inside an open gr.Tab."""
    gr.HTML('<h1 class="bw-title">History</h1>', apply_default_css=False)
    filters = _filters(desk)
    shown, last, deleted = gr.State(A_PAGE), gr.State(""), gr.State("")
    undo_row, undo_text, undo = _undo_bar()
    details = run_details()
    queue = gr.HTML(js_on_load=SCRIPT, apply_default_css=False)
    table = gr.HTML(js_on_load=SCRIPT, elem_classes="bw-history", apply_default_css=False)
    more = gr.Button("Load more", visible=False, elem_classes="bw-more")

    handlers = HistoryHandlers(desk)
    inputs, outputs = [*filters, shown, last], [queue, table, more, last]
    refresh = {"fn": handlers.refresh, "inputs": inputs, "outputs": outputs} | QUIET
    for control in filters:
        control.change(lambda: A_PAGE, None, shown, **QUIET).then(**refresh)
    more.click(lambda many: min(many + A_PAGE, MOST_SHOWN), shown, shown, **QUIET).then(**refresh)
    table.click(handlers.pressed, None, details.outputs, **QUIET).then(**refresh)
    queue.click(handlers.moved, None, None, **QUIET).then(**refresh)
    details.save.click(handlers.save, details.inputs, details.outputs, **QUIET).then(**refresh)
    details.close.click(lambda: (gr.update(visible=False), ""), None, [details.panel, details.run], **QUIET)
    removed = [details.panel, undo_row, undo_text, deleted]
    details.delete.click(handlers.delete, details.run, removed, **QUIET).then(**refresh)
    undo.click(handlers.undo, deleted, [undo_row, deleted], **QUIET).then(**refresh)
    return HistoryTab(table, queue, details, handlers.refresh, inputs, outputs)


class HistoryHandlers:
    """What the tab's events do. Each reads the visitor anew and believes nothing that the browser sent."""

    def __init__(self, desk: PageContext) -> None:
        self.desk = desk

    def refresh(self, request: gr.Request, *values: Any) -> tuple[Any, ...]:
        """List again; nothing is sent where nothing has changed."""
        *asked, shown, last = values
        try:
            wanted = self._wanted(asked, request)
            page = self.desk.history.listing(wanted, limit=min(int(shown), MOST_SHOWN))
            waiting = self._waiting()
        except WorkbenchError as error:
            raise error_toast(error) from error
        movable = frozenset(record.run for record in waiting if may_change(self.desk, record, request))
        table = run_table(page.records, self.desk.engines, _empty(wanted))
        queue = queue_list(waiting, self.desk.engines, movable)
        seen = str(hash((table, queue, page.next is None)))
        if seen == last:
            return gr.skip(), gr.skip(), gr.skip(), gr.skip()
        return queue, table, gr.update(visible=page.next is not None and shown < MOST_SHOWN), seen

    def pressed(self, event: gr.EventData, request: gr.Request) -> tuple[Any, ...]:
        """A button in the table: star, or show the details."""
        act, run = _said(event)
        if act == "star":
            self._change(run, request, lambda record: self.desk.history.star(run, not record.starred))
            return (gr.skip(),) * RunDetails.WIDTH
        return self._details(run, request)

    def moved(self, event: gr.EventData, request: gr.Request) -> None:
        """Move a waiting run one place up or down."""
        act, run = _said(event)
        order = list(self.desk.history.queue())
        if run not in order:
            return
        at = order.index(run)
        others = [waiting for waiting in order if waiting != run]
        target = max(0, at - 1) if act == "up" else at + 1
        before = others[target] if target < len(others) else None
        self._change(run, request, lambda record: self.desk.bench.move(run, before))

    def save(self, run: str, title: str, tags: str, note: str, request: gr.Request) -> tuple[Any, ...]:
        """Keep title, tags and note."""

        def keep(record: RunRecord) -> None:
            self.desk.history.rename(run, str(title))
            self.desk.history.set_tags(run, [tag.strip() for tag in str(tags).split(",") if tag.strip()])
            self.desk.history.set_note(run, str(note))

        self._change(run, request, keep)
        gr.Info("Saved.", duration=3)
        return self._details(run, request)

    def delete(self, run: str, request: gr.Request) -> tuple[Any, ...]:
        """Delete the run; the bar offers to undo it."""
        record = self._change(run, request, lambda record: self.desk.bench.delete(run))
        name = run_name(record, self.desk.engines.get(record.engine))
        said = f'<p role="status">Deleted {isolated(name, 80)}.</p>'
        return gr.update(visible=False), gr.update(visible=True), said, run

    def undo(self, run: str, request: gr.Request) -> tuple[Any, ...]:
        """Bring the deleted run back."""
        try:
            record = self.desk.history.record(str(run))
            self.desk.access.require(self.desk.access.visitor(request), record)
            self.desk.history.undelete(run)
        except WorkbenchError as error:
            raise error_toast(error) from error
        return gr.update(visible=False), ""

    def _details(self, run: RunId, request: gr.Request) -> tuple[Any, ...]:
        try:
            record = readable(self.desk, run)
            files = self.desk.history.artifacts(run)
        except WorkbenchError as error:
            raise error_toast(error) from error
        engine = self.desk.engines.get(record.engine)
        mine = may_change(self.desk, record, request)
        return details_of(record, run_name(record, engine), mine, downloads(record, files))

    def _change(self, run: RunId, request: gr.Request, change: Callable[[RunRecord], Any]) -> RunRecord:
        try:
            record = changeable(self.desk, run, request)
            change(record)
        except WorkbenchError as error:
            raise error_toast(error) from error
        return record

    def _waiting(self) -> Sequence[RunRecord]:
        return [self.desk.history.record(run) for run in self.desk.history.queue()[:A_PAGE]]

    def _wanted(self, asked: Sequence[Any], request: gr.Request) -> RunFilter:
        words, engine, state, tag = (str(value or "").strip()[:LONGEST_QUERY] for value in asked[:4])
        only = asked[4] if isinstance(asked[4], list | tuple) else ()
        return RunFilter(
            text=words,
            engine=engine if engine in self.desk.engines else "",
            states=STATE_CHOICES.get(state, ()),
            tags=(tag,) if tag else (),
            owner=self.desk.access.visitor(request).name if "Mine" in only else None,
            origin="example" if "Examples" in only else None,
            starred=True if "Starred" in only else None,
        )


def _filters(desk: PageContext) -> list[gr.Textbox | gr.Dropdown | gr.CheckboxGroup]:
    methods = [("Any method", ""), *((engine.title, name) for name, engine in desk.engines.items())]
    only = [name for name in ONLY if name != "Mine" or desk.access.mode != "open"]
    with gr.Row(elem_classes="bw-filters", equal_height=True):
        return [
            gr.Textbox(label="Search", placeholder="Title, tag, setting or id", max_length=LONGEST_QUERY, scale=2),
            gr.Dropdown(methods, value="", label="Method", min_width=150),
            gr.Dropdown(list(STATE_CHOICES), value="Any state", label="State", min_width=120),
            gr.Textbox(label="Tag", max_length=60, min_width=100),
            gr.CheckboxGroup(only, label="Only", min_width=250, elem_classes="bw-only"),
        ]


def _undo_bar() -> tuple[gr.Row, gr.HTML, gr.Button]:
    with gr.Row(visible=False, elem_classes="bw-undo", equal_height=True) as row:
        said = gr.HTML()
        undo = gr.Button("Undo", size="sm", min_width=80, scale=0)
    return row, said, undo


def _said(event: gr.EventData) -> tuple[str, RunId]:
    data = event._data if isinstance(event._data, dict) else {}
    return str(data.get("act", "")), str(data.get("run", ""))


def _empty(wanted: RunFilter) -> str:
    if wanted == RunFilter():
        return "No runs yet. Start one from the Start tab; everything it says will be kept here."
    return "No run fits this search."
