"""The run shown: its head, Stop and Resume, pictures, verdict, rows, log, details, and how to repeat it."""

from collections.abc import Sequence
from typing import Any

import gradio as gr

from workbench.bench.extending import taken_back
from workbench.bench.run_extender import can_take_back
from workbench.contract.engine import Engine
from workbench.contract.errors import WorkbenchError
from workbench.contract.runs import LIVE
from workbench.contract.views import Tables
from workbench.figures.measures import every_arm
from workbench.ui.elements.elements import Html, tag
from workbench.ui.elements.event_options import AT_ONCE
from workbench.ui.elements.page_context import PageContext
from workbench.ui.elements.render_cache import RenderCache
from workbench.ui.elements.request_guards import readable
from workbench.ui.elements.run_snapshot import RunSnapshot, tables_of
from workbench.ui.runs.ask_panel import AskPanel
from workbench.ui.runs.command_panel import CommandPanel
from workbench.ui.runs.details_panel import RowsPanel, details_html, log_html
from workbench.ui.runs.extend_panel import ExtendPanel
from workbench.ui.runs.repeat_panel import RepeatPanel
from workbench.ui.runs.run_header import absent_html, announcement, bar_html, empty_html, header_html
from workbench.ui.runs.verdict_panel import VerdictPanel
from workbench.ui.views.view_panel import ViewPanels

Updates = dict[Any, Any]


class RunPanel:
    """Everything that shows one run and changes with it.

    Attributes:
        inputs: what `refresh` takes after the sight: the chosen table, the open fold, the views' controls, their open
            groups, the stamps.
        outputs: everything that it may update, `ask` apart.
        ask: a follow-up question to the run, where the method answers one.
    """

    def __init__(self, desk: PageContext, engine: Engine, gallery: RenderCache) -> None:
        """Build inside an open Blocks context."""
        self._desk, self.engine, self._gallery = desk, engine, gallery
        self._promise = engine.presets["quick"].promise
        self.said = gr.HTML("", html_template='<p class="bw-unseen" role="status" aria-live="polite">${value}</p>')
        with gr.Row(elem_classes=["bw-run-bar"], visible=False) as self.buttons:
            self.bar = gr.HTML("")
            self.stop = gr.Button("Stop", variant="stop", size="sm", visible=False, min_width=90)
            self.resume = gr.Button("Resume", variant="primary", size="sm", visible=False, min_width=90)
            self.back = gr.Button("Take the extension back", size="sm", visible=False, min_width=190)
            self.reuse = gr.Button("Use and change", size="sm", min_width=130)
        self.top = gr.HTML(empty_html(self._promise))
        self.told = gr.HTML("")
        self.commands = CommandPanel(desk, engine) if engine.commands else None
        summary = gr.HTML("")
        self.fold, self.stamps = gr.State("pictures"), gr.State({})
        self._folds(desk, engine, summary, gallery)
        shown = [
            self.said,
            self.bar,
            self.top,
            self.buttons,
            self.stop,
            self.resume,
            self.back,
            self.told,
            self.log,
            self.details,
        ]
        self._parts = [
            self.views, self.verdict, self.extend, self.rows, self.repeat, *([self.commands] if self.commands else []),
        ]  # fmt: skip
        self.inputs = [self.rows.chosen, self.fold, self.views.chosen, self.views.opened, self.stamps]
        self.outputs = [self.stamps, *shown, *[each for part in self._parts for each in part.outputs]]

    def begin(self, sight: RunSnapshot) -> Updates:
        """Updates that tell at once which run is being opened; `refresh` draws the rest."""
        cleared = self.views.clear() | self.verdict.clear() if sight.first and sight.since.run else {}
        return cleared | self.tell(sight)

    def tell(self, sight: RunSnapshot) -> Updates:
        """Updates of the head and its buttons."""
        record = sight.record
        updates: Updates = {}
        if sight.changed or record.state in LIVE:
            updates |= {self.bar: bar_html(sight), self.top: header_html(sight)}
        if sight.changed:
            updates |= {
                self.said: announcement(sight),
                self.buttons: gr.update(visible=True),
                self.stop: gr.update(visible=sight.mine and record.live, interactive=record.state != "stopping"),
                self.resume: gr.update(visible=sight.mine and record.resumable),
                self.back: gr.update(visible=sight.mine and can_take_back(record) and self._was_extended(sight)),
            }
        return updates | ({self.told: Html("")} if sight.first else {})

    def _was_extended(self, sight: RunSnapshot) -> bool:
        """Whether the run is on its way through an extension."""
        extensions = sight.history.extensions(sight.record.run)
        return taken_back(sight.record.spec, self.engine, extensions, spent=True) is not None

    def refresh(self, sight: RunSnapshot, values: Sequence[Any]) -> Updates:
        """Updates of whatever has changed since the page last drew this run."""
        table, fold, controls, opened, before = values
        stamps = {} if sight.first else dict(before)
        updates = self.tell(sight)
        updates |= self.views.refresh(sight, controls, stamps, opened)
        updates |= self.verdict.refresh(sight, stamps)
        updates |= self.extend.refresh(sight, stamps)
        updates |= {self.stamps: stamps} if stamps != before or sight.first else {}
        updates |= self.rows.refresh(sight, table)
        updates |= self.repeat.refresh(sight)
        updates |= self.commands.refresh(sight) if self.commands else {}
        if sight.first or fold == "log":
            updates[self.log] = log_html(self._desk, sight.record)
        if sight.first or (sight.changed and (fold == "details" or not sight.record.live)):
            updates[self.details] = details_html(sight)
        return updates

    def clear(self, error: WorkbenchError | None = None) -> Updates:
        """Updates that show no run, and why."""
        head = absent_html(str(error), error.hint) if error else empty_html(self._promise)
        updates: Updates = {
            self.said: str(error or ""),
            self.bar: Html(""),
            self.top: head,
            self.buttons: gr.update(visible=False),
        }
        updates |= {self.told: Html(""), self.log: Html(""), self.details: Html("")}
        return updates | {key: value for part in self._parts for key, value in part.clear().items()}

    def listen(self, run_box: gr.State) -> None:
        """Wire what needs no more than the run shown."""
        self.views.listen(run_box, self._tables)
        self.rows.listen(run_box)
        self.extend.listen(run_box)
        for name, tab in self.tabs.items():
            tab.select(lambda name=name: name, None, self.fold, **AT_ONCE)
        if self.commands:
            self.commands.listen(run_box)

    def _tables(self, run: Any) -> Tables:
        record = readable(self._desk, run)
        return self._gallery.rows(
            record.run, record.version, lambda: tables_of(self._desk.history, self.engine, record.run)
        )

    def _folds(self, desk: PageContext, engine: Engine, summary: gr.HTML, gallery: RenderCache) -> None:
        with gr.Tabs(elem_classes=["bw-folds-of-run"]):
            with gr.Tab("Pictures") as pictures:
                self.views = ViewPanels(engine.views, engine, desk.plotly_url, gallery)
            with gr.Tab("Verdict") as verdict:
                self.verdict = VerdictPanel(engine, summary, gallery)
                self.extend = ExtendPanel(desk, engine, gallery)
                self.views.add(every_arm(engine))
            self.ask: AskPanel | None = None
            if engine.ask:
                with gr.Tab("Try it"):
                    self.ask = AskPanel(desk, engine, engine.ask, gallery)
            with gr.Tab("Rows") as rows:
                self.rows = RowsPanel(desk, engine)
            with gr.Tab("Log") as log:
                self.log = gr.HTML("")
            with gr.Tab("Details") as details:
                self.details = gr.HTML(tag("p", "Settings, notes, surroundings and files of the run shown."))
            with gr.Tab("Repeat and share") as repeat:
                self.repeat = RepeatPanel(desk)
        self.tabs = {
            "pictures": pictures,
            "verdict": verdict,
            "rows": rows,
            "log": log,
            "details": details,
            "repeat": repeat,
        }
