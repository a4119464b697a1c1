"""The run shown: its head, Stop and Resume, pictures, verdict, rows, log, details, and how to repeat it."""

from collections.abc import Mapping, Sequence
from typing import Any

import gradio as gr

from workbench.bench.extending import taken_back
from workbench.bench.run_extender import can_take_back
from workbench.contract.engine import Engine
from workbench.contract.errors import ConfigError, WorkbenchError
from workbench.contract.runs import LIVE
from workbench.contract.schema import Outcome
from workbench.contract.views import Tables
from workbench.figures.measures import every_arm
from workbench.messages import say
from workbench.specs.links import Destination
from workbench.ui.elements.elements import Html, notice, tag
from workbench.ui.elements.page_context import PageContext
from workbench.ui.elements.render_cache import RenderCache, Stamps
from workbench.ui.elements.request_guards import readable
from workbench.ui.elements.run_snapshot import RunSnapshot, tables_of
from workbench.ui.runs.ask_panel import AskPanel
from workbench.ui.runs.command_panel import CommandPanel
from workbench.ui.runs.details_panel import RowsPanel, details_html, log_html
from workbench.ui.runs.extend_panel import ExtendPanel
from workbench.ui.runs.repeat_panel import RepeatPanel
from workbench.ui.runs.run_header import absent_html, announcement, bar_html, empty_html, header_html, loading_html
from workbench.ui.runs.verdict_panel import VerdictPanel
from workbench.ui.views.view_controls import problem_of
from workbench.ui.views.view_panel import APPEARANCE, ViewPanels

FILLED = ("rows", "log", "details")
"""The folds of a run that are filled once they are opened."""
DETAILS, LISTED = "the details", "what the list leads to"

Updates = dict[Any, Any]


class RunPanel:
    """Everything that shows one run and changes with it.

    Attributes:
        inputs: what `refresh` takes after the sight: the chosen table, the open fold, the views' controls, their open
            groups, the stamps.
        outputs: everything that it may update, `ask` apart.
        ask: a follow-up question to the run, where the method answers one.
    """

    def __init__(self, desk: PageContext, engine: Engine, gallery: RenderCache, coming: bool = False) -> None:
        """Build inside an open Blocks context; `coming` says that a run was asked for and will be shown next."""
        self._desk, self.engine, self._gallery = desk, engine, gallery
        self._promise = engine.presets["quick"].promise
        self.said = gr.HTML("", html_template='<p class="bw-unseen" role="status" aria-live="polite">${value}</p>')
        with gr.Row(elem_classes=["bw-run-bar"], visible=False) as self.buttons:
            self.bar = gr.HTML("")
            self.jump = gr.HTML("", elem_classes=["bw-jumps"])
            self.stop = gr.Button(say("Stop"), variant="stop", size="sm", visible=False, min_width=90)
            self.resume = gr.Button(say("Resume"), variant="primary", size="sm", visible=False, min_width=90)
            self.back = gr.Button(say("Take the extension back"), size="sm", visible=False, min_width=190)
            self.reuse = gr.Button(say("Use and change"), size="sm", min_width=130)
        self.top = gr.HTML(loading_html() if coming else empty_html(self._promise))
        self.told = gr.HTML("")
        self.commands = CommandPanel(desk, engine) if engine.commands else None
        summary = gr.HTML("")
        self.fold, self.stamps = gr.State("pictures"), gr.State({})
        self._folds(desk, engine, summary, gallery)
        shown = [
            self.said, self.bar, self.jump, self.top, self.buttons, self.stop, self.resume, self.back, self.told,
            self.log, self.details,
        ]  # fmt: skip
        self._parts = [
            self.views, self.verdict, self.extend, self.rows, self.repeat, *([self.commands] if self.commands else []),
        ]  # fmt: skip
        self.inputs = [self.rows.chosen, self.fold, self.views.chosen, self.views.opened, self.stamps]
        self.outputs = [self.stamps, *shown, *[each for part in self._parts for each in part.outputs]]

    @property
    def aimed(self) -> list[Any]:
        """Everything that `aim` may update."""
        return [self.told, *self.views.aimed]

    def aim(self, link: Destination, chosen: Mapping[str, Sequence[Any]], opened: Sequence[str]) -> Updates:
        """Updates that show the view which a link names as the link has it; what it cannot be set to is told."""
        try:
            return {self.told: Html("")} | self.views.aim(link, chosen, opened)
        except ConfigError as error:
            return {self.told: notice(problem_of(error), say("The view is shown as usual."), "warn")}

    def begin(self, sight: RunSnapshot) -> Updates:
        """Updates that tell at once which run is being opened; `refresh` draws the rest."""
        updates = self.tell(sight) | {self.told: Html("")}
        if sight.first and sight.since.run:
            updates |= self.views.clear() | self.verdict.clear() | self.rows.clear()
            updates |= {self.log: Html(""), self.details: Html("")}
        return updates

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
        return updates

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
        updates |= self._behind(sight, table, fold, stamps)
        listed = 2 * stamps.get(APPEARANCE, 0) + bool(sight.record.tables.get(Outcome.table()))
        if stamps.get(LISTED) != listed:
            stamps[LISTED] = listed
            updates |= {self.jump: self.views.list_html(sight)}
        updates |= {self.stamps: stamps} if stamps != before or sight.first else {}
        updates |= self.repeat.refresh(sight)
        updates |= self.commands.refresh(sight) if self.commands else {}
        return updates

    def _behind(self, sight: RunSnapshot, table: Any, fold: Any, stamps: Stamps) -> Updates:
        """Updates of what is behind the run, in the fold that is open: its rows, its log, its details."""
        if fold == "rows":
            return self.rows.refresh(sight, table, stamps)
        if fold == "log":
            return {self.log: log_html(self._desk, sight.record)}
        if fold == "details" and stamps.get(DETAILS) != sight.record.version:
            stamps[DETAILS] = sight.record.version
            return {self.details: details_html(sight)}
        return {}

    def clear(self, error: WorkbenchError | None = None) -> Updates:
        """Updates that show no run, and why."""
        head = absent_html(str(error), error.hint) if error else empty_html(self._promise)
        updates: Updates = {
            self.said: str(error or ""),
            self.bar: Html(""),
            self.jump: Html(""),
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
        if self.commands:
            self.commands.listen(run_box)

    def _tables(self, run: Any) -> Tables:
        record = readable(self._desk, run)
        return self._gallery.rows(
            record.run, record.version, lambda: tables_of(self._desk.history, self.engine, record.run)
        )

    def _folds(self, desk: PageContext, engine: Engine, summary: gr.HTML, gallery: RenderCache) -> None:
        with gr.Tabs(elem_classes=["bw-folds-of-run"]):
            with gr.Tab(say("Pictures"), id="pictures") as pictures:
                self.views = ViewPanels(engine.views, engine, desk.plotly_url, gallery)
            with gr.Tab(say("Verdict"), id="verdict") as verdict:
                self.verdict = VerdictPanel(engine, summary, gallery)
                self.extend = ExtendPanel(desk, engine, gallery)
                self.views.add(every_arm(engine))
            self.ask: AskPanel | None = None
            if engine.ask:
                with gr.Tab(say("Try it"), id="try"):
                    self.ask = AskPanel(desk, engine, engine.ask, gallery)
            with gr.Tab(say("Rows"), id="rows") as rows:
                self.rows = RowsPanel(desk, engine)
            with gr.Tab(say("Log"), id="log") as log:
                self.log = gr.HTML("")
            with gr.Tab(say("Details"), id="details") as details:
                self.details = gr.HTML(tag("p", say("Settings, notes, surroundings and files of the run shown.")))
            with gr.Tab(say("Repeat and share"), id="repeat") as repeat:
                self.repeat = RepeatPanel(desk)
        named = (pictures, verdict, rows, log, details, repeat)
        self.tabs = {str(tab.id): tab for tab in named}
