"""The History tab: every run, found, opened, named, tagged, starred, archived, re-run, exported, deleted with undo.

Design decisions:
- Listing judges nothing and measures no folder: it shows what is kept with the record, and has lacking digests made.
- What is chosen lives in the browser, and is checked run by run when something is done with it.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr

from workbench.bench.queue_times import QueueTimes
from workbench.bench.run_digests import DigestKeeper
from workbench.bench.time_left import time_left
from workbench.contract.errors import WorkbenchError
from workbench.contract.runs import LIVE, RunId, State
from workbench.formatting import size
from workbench.history.records import RunFilter, RunRecord
from workbench.messages import noted, say
from workbench.ui.elements.elements import Html, join, tag
from workbench.ui.elements.event_options import AT_ONCE, QUIET
from workbench.ui.elements.markup import error_toast, run_name
from workbench.ui.elements.page_context import PageContext
from workbench.ui.elements.request_guards import changeable, may_change, readable
from workbench.ui.runs.bulk_panel import BulkHandlers, BulkPanel, bulk_panel
from workbench.ui.runs.run_columns import COLUMNS, USUAL, ListedRun, chosen_columns
from workbench.ui.runs.run_details import RunDetails, details_of, downloads, run_details
from workbench.ui.runs.run_table import SCRIPT, UNPICK, queue_list, run_table

A_PAGE = 50
MOST_SHOWN = 1_000
LONGEST_QUERY = 200

STATE_CHOICES: dict[str, tuple[State, ...]] = {
    "": (),
    "live": tuple(sorted(LIVE)),
    "finished": ("finished",),
    "failed": ("failed",),
    "stopped": ("stopped",),
    "interrupted": ("interrupted",),
}
STATE_WORDS = {
    "": noted("Any state"),
    "live": noted("Live"),
    "finished": noted("Finished"),
    "failed": noted("Failed"),
    "stopped": noted("Stopped"),
    "interrupted": noted("Interrupted"),
}
ONLY = {
    "starred": noted("Starred"),
    "mine": noted("Mine"),
    "examples": noted("Examples"),
    "archived": noted("Archived"),
    "deleted": noted("Deleted"),
}


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
    gr.HTML(tag("h1", say("History"), class_="bw-title"), apply_default_css=False)
    filters = _filters(desk)
    shown, last = gr.State(A_PAGE), gr.State("")
    bulk, details = bulk_panel(), run_details()
    queue = gr.HTML(js_on_load=SCRIPT, apply_default_css=False)
    table = gr.HTML(js_on_load=SCRIPT, elem_classes="bw-history", apply_default_css=False)
    more = gr.Button(say("Load more"), visible=False, elem_classes="bw-more")

    handlers = HistoryHandlers(desk)
    inputs, outputs = [*filters, shown, last], [queue, table, more, last]
    refresh = {"fn": handlers.refresh, "inputs": inputs, "outputs": outputs} | AT_ONCE
    for control in filters:
        control.change(lambda: A_PAGE, None, shown, **AT_ONCE).then(**refresh)
    more.click(lambda many: min(many + A_PAGE, MOST_SHOWN), shown, shown, **AT_ONCE).then(**refresh)
    table.click(handlers.pressed, None, details.outputs, **AT_ONCE).then(**refresh)
    queue.click(handlers.moved, None, None, **AT_ONCE).then(**refresh)
    details.save.click(handlers.save, details.inputs, details.outputs, **QUIET).then(**refresh)
    details.close.click(lambda: (gr.update(visible=False), ""), None, [details.panel, details.run], **AT_ONCE)
    details.delete.click(handlers.bulk.delete, details.run, bulk.results, **QUIET).success(
        lambda: gr.update(visible=False), None, details.panel, **AT_ONCE
    ).then(**refresh)
    _wire_bulk(bulk, handlers.bulk, table, refresh)
    return HistoryTab(table, queue, details, handlers.refresh, inputs, outputs)


def _wire_bulk(bulk: BulkPanel, handlers: BulkHandlers, table: gr.HTML, refresh: dict[str, Any]) -> None:
    table.input(handlers.chosen, None, [bulk.chosen, bulk.row, bulk.words], **AT_ONCE)
    for what, button in bulk.buttons.items():
        done = button.click(handlers.act(what), [bulk.chosen, bulk.tags], bulk.results, **QUIET)
        done.then(None, None, None, js=UNPICK, **AT_ONCE)
        done.then(**refresh)
    bulk.clear.click(None, None, None, js=UNPICK, **AT_ONCE)
    bulk.undo.click(handlers.undo, bulk.done, bulk.results, **QUIET).then(**refresh)


class HistoryHandlers:
    """What the tab's events do. Each reads the visitor anew and believes nothing that the browser sent.

    Attributes:
        digests: makes the verdict words and sizes that a listing lacks.
        bulk: what the bars of several runs do.
    """

    def __init__(self, desk: PageContext) -> None:
        self.desk = desk
        self.digests = DigestKeeper(desk.history, desk.engines)
        self.bulk = BulkHandlers(desk)
        self._queue = QueueTimes(desk.history, desk.bench.settings.slots)

    def refresh(self, request: gr.Request, *values: Any) -> tuple[Any, ...]:
        """List again; nothing is sent where nothing has changed."""
        *asked, shown, last = values
        try:
            wanted = self._wanted(asked, request)
            page = self.desk.history.listing(wanted, limit=min(int(shown), MOST_SHOWN))
            queue = self._queue_html(request)
            disk = _disk_html(*self.desk.history.disk_use())
        except WorkbenchError as error:
            raise error_toast(error) from error
        self.digests.want(page.records)
        listed = [self._listed(record) for record in page.records]
        table = join([run_table(listed, _empty(wanted), chosen_columns(asked[5])), disk])
        seen = str(hash((table, queue, page.next is None)))
        if seen == last:
            return gr.skip(), gr.skip(), gr.skip(), gr.skip()
        return queue, table, gr.update(visible=page.next is not None and shown < MOST_SHOWN), seen

    def pressed(self, event: gr.EventData, request: gr.Request) -> tuple[Any, ...]:
        """Return a button in the table: star, or show the details."""
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
        gr.Info(say("Saved."), duration=3)
        return self._details(run, request)

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

    def _listed(self, record: RunRecord) -> ListedRun:
        left = time_left(self.desk.history, record, time.time()) if record.state == "running" else None
        return ListedRun(record, self.desk.engines.get(record.engine), left)

    def _queue_html(self, request: gr.Request) -> Html:
        waiting = [self.desk.history.record(run) for run in self.desk.history.queue()[:A_PAGE]]
        movable = frozenset(record.run for record in waiting if may_change(self.desk, record, request))
        return queue_list(waiting, self.desk.engines, movable, self._queue.starts(waiting))

    def _wanted(self, asked: Sequence[Any], request: gr.Request) -> RunFilter:
        words, engine, state, tag = (str(value or "").strip()[:LONGEST_QUERY] for value in asked[:4])
        only = asked[4] if isinstance(asked[4], list | tuple) else ()
        deleted = "deleted" in only
        return RunFilter(
            text=words,
            engine=engine if engine in self.desk.engines else "",
            states=STATE_CHOICES.get(state, ()),
            tags=(tag,) if tag else (),
            owner=self.desk.access.visitor(request).name if "mine" in only else None,
            origin="example" if "examples" in only else None,
            starred=True if "starred" in only else None,
            deleted=deleted,
            archived=None if deleted else "archived" in only,
        )


def _filters(desk: PageContext) -> list[gr.Textbox | gr.Dropdown | gr.CheckboxGroup]:
    methods = [(say("Any method"), ""), *((engine.title, name) for name, engine in desk.engines.items())]
    states = [(say(word), name) for name, word in STATE_WORDS.items()]
    only = [(say(word), name) for name, word in ONLY.items() if name != "mine" or desk.access.mode != "open"]
    columns = [(say(column.title), name) for name, column in COLUMNS.items()]
    hint = say("Title, tag, setting or id")
    with gr.Row(elem_classes="bw-filters", equal_height=True):
        found = [
            gr.Textbox(label=say("Search"), placeholder=hint, max_length=LONGEST_QUERY, scale=2, min_width=180),
            gr.Dropdown(methods, value="", label=say("Method"), min_width=150),
            gr.Dropdown(states, value="", label=say("State"), min_width=120),
            gr.Textbox(label=say("Tag"), max_length=60, min_width=100),
            gr.CheckboxGroup(only, label=say("Only"), min_width=250, elem_classes="bw-only"),
        ]
    with gr.Accordion(say("Columns"), open=False, elem_classes="bw-columns-fold"):
        chosen = gr.CheckboxGroup(columns, value=list(USUAL), label=say("Columns"), show_label=False)
    return [*found, chosen]


def _disk_html(total: int, spare: int) -> Html:
    """What runs take on disk, and how some of it can be had back."""
    if not total:
        return Html("")
    words = say("Runs take {total} on disk.", total=size(total))
    if spare:
        words += " " + say(
            "{spare} of that are kept computations and checkpoints: choose runs and press “Free disk space”.",
            spare=size(spare),
        )
    return tag("p", words, class_="bw-muted bw-disk")


def _said(event: gr.EventData) -> tuple[str, RunId]:
    data = event._data if isinstance(event._data, dict) else {}
    return str(data.get("act", "")), str(data.get("run", ""))


def _empty(wanted: RunFilter) -> str:
    if wanted == RunFilter(archived=False):
        return say("No runs yet. Start one from the Start tab; everything it says will be kept here.")
    return say("No run fits this search.")
