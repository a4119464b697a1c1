"""The tab of one engine, from its card alone: what it is, how to set it up, and the run shown.

Design decisions:
- One handler, `refresh`, draws a run: opened, live, old, linked. It reads the history from where the page stood and
  returns only what has changed.
- No handler works: starting opens a row and a folder, the rest happens in a worker.
- The page's state is the run id (and the address bar); `Seen` only says what is on the screen already.
- Every handler treats its arguments as hostile: anyone may call it by its index.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import gradio as gr

from workbench.contract.errors import ConfigError, RunNotFound, WorkbenchError
from workbench.contract.fields import question_spec, with_purpose
from workbench.contract.runs import RunSpec
from workbench.history.records import RunFilter, RunRecord
from workbench.ui.elements.elements import Html
from workbench.ui.elements.event_options import AT_ONCE, QUIET
from workbench.ui.elements.markup import run_strip
from workbench.ui.elements.page_context import PageContext
from workbench.ui.elements.plots import warm_up
from workbench.ui.elements.request_guards import NEW_CLICK, changeable, click_key, error_html, may_change, readable
from workbench.ui.elements.run_snapshot import RunSnapshot, Seen
from workbench.ui.runs.method_card import method_card
from workbench.ui.runs.run_panel import RunPanel
from workbench.ui.setup.form import problems_html
from workbench.ui.setup.picker_choices import Picker, offered
from workbench.ui.setup.preflight_panel import PreflightPanel
from workbench.ui.setup.setup_panel import SetupPanel

if TYPE_CHECKING:
    from workbench.ui.lazy_tab import LazyTab

EXAMPLES = 4
SHOW_ADDRESS = """(run) => {
  const address = new URL(location);
  if (!run || address.searchParams.get('run') === run) return;
  address.search = '?run=' + encodeURIComponent(run);
  history.replaceState(null, '', address);
  const shown = [...document.querySelectorAll('.bw-shown')].find((each) => each.offsetParent);
  if (!shown) return;
  shown.scrollIntoView({ block: 'start' });
  setTimeout(() => shown.querySelector('.bw-run-top h3')?.focus({ preventScroll: true }), 300);
}"""
SHOW_SETTINGS = """(run) => {
  const form = [...document.querySelectorAll('.bw-setup')].find((each) => each.offsetParent);
  if (form) form.scrollIntoView({ block: 'start' });
  return [run];
}"""

Updates = dict[Any, Any]


class EngineTab:
    """What a visitor sees of one engine, laid out and wired in its `LazyTab`."""

    def __init__(self, desk: PageContext, room: "LazyTab") -> None:
        """Build inside an open Blocks context."""
        self._desk, self.engine, engine = desk, room.engine, room.engine
        self.run_box, self.refill_box, self.timer, gallery = room.run_box, room.refill_box, room.timer, room.gallery
        self._seen = gr.State(Seen())
        self._preview = gr.State("")
        self._click, self._address = gr.Textbox(visible=False), gr.Textbox(visible=False)
        with gr.Accordion(f"About {engine.title}", open=True, elem_classes=["bw-about-method"]) as self.about:
            method_card(engine)
            gr.HTML(self.examples_html(), elem_classes=["bw-recent"], apply_default_css=False)
        with gr.Row(elem_classes=["bw-bench"]):
            with (
                gr.Column(scale=4, min_width=320, elem_classes=["bw-setup"]),
                gr.Accordion("Settings", open=True) as self.settings,
            ):
                self.setup = SetupPanel(engine)
                with gr.Row(elem_classes=["bw-buttons"]):
                    self.run = gr.Button("Run", variant="primary", min_width=110)
                    self.check = gr.Button("Check fit", min_width=110)
                self.preflight = PreflightPanel(desk, engine)
            with gr.Column(scale=8, min_width=320, elem_classes=["bw-shown"]):
                self.shown = RunPanel(desk, engine, gallery)
                self.ask = self.shown.ask
        asked = self.ask.outputs if self.ask else []
        self._inputs = [
            self.run_box, self._seen, self._preview, self.preflight.run_box,
            *(self.ask.inputs if self.ask else []), *self.shown.inputs,
        ]  # fmt: skip
        self._folds = [self.about, self.settings]
        self._outputs = [
            self._seen, self.timer, self._address, *self._folds, *self.preflight.outputs, *asked, *self.shown.outputs,
        ]  # fmt: skip
        self._listen(room.page)

    def examples_html(self) -> str:
        """Finished runs of this engine that ship with the workbench; nothing where there are none."""
        shipped = self._examples()
        return run_strip("Examples, run elsewhere", shipped, self._desk.engines) if shipped else ""

    def _examples(self) -> Sequence[RunRecord]:
        only = RunFilter(engine=self.engine.name, origin="example")
        return self._desk.history.listing(only, limit=EXAMPLES).records

    def refresh(self, request: gr.Request, run: Any, seen: Seen, preview: Any, probe: Any, *values: Any) -> Updates:
        """Everything that has changed since the page last drew; the timer goes to sleep when nothing is live."""
        asked = len(self.ask.inputs) if self.ask else 0
        updates: Updates = {}
        try:
            updates, live = self.preflight.refresh(probe)
            sight = self._snapshot(request, run, seen, preview) if run else None
            if sight is None:
                updates |= self._empty() if seen.run else {}
            else:
                updates |= self._draw(sight, values[asked:])
                live = live or sight.record.live
            if self.ask and sight and not sight.first:
                more, answering = self.ask.refresh(*values[:asked])
                updates, live = updates | more, live or answering
        except WorkbenchError as error:
            return updates | self._empty(error) | {self.timer: gr.Timer(active=False)}
        # Gradio takes no empty answer
        return updates | {self.timer: gr.skip() if live else gr.Timer(active=False)}

    def _snapshot(self, request: gr.Request, run: Any, seen: Seen, preview: Any) -> RunSnapshot:
        record = readable(self._desk, run)
        if record.engine != self.engine.name or record.purpose != "run":
            raise RunNotFound(f"Run {record.run} is no run of {self.engine.title}.", "Open it from the History tab.")
        waits = record.state == "queued"
        position = self._desk.bench.queue_position(record.run) if waits else None
        mine, history = may_change(self._desk, record, request), self._desk.history
        return RunSnapshot(record, self.engine, history, mine, seen, position, record.run == preview)

    def _draw(self, sight: RunSnapshot, values: Sequence[Any]) -> Updates:
        updates = self.shown.refresh(sight, values)
        updates |= self.ask.offer(sight) if self.ask else {}
        return updates | ({self._seen: sight.seen()} if sight.changed else {})

    def _empty(self, error: WorkbenchError | None = None) -> Updates:
        cleared = self.shown.clear(error) | (self.ask.clear() if self.ask else {})
        return cleared | {self._seen: Seen(), self._address: ""} | self._unfolded(True)

    def _unfolded(self, opened: bool) -> Updates:
        """Updates that open or close what stands before a run: the method's card and the settings."""
        return {fold: gr.update(open=opened) for fold in self._folds}

    def _start(self, request: gr.Request, click: Any, *values: Any) -> Updates:
        try:
            spec = self.setup.read(values)
            run = self._open(request, spec, click)
        except WorkbenchError as error:
            return self._refused(error)
        return self.setup.accepted() | {self.run_box: run, self.timer: gr.Timer(active=True)}

    def _check(self, request: gr.Request, click: Any, *values: Any) -> Updates:
        try:
            run = self._open(request, with_purpose(self.setup.read(values), "preflight"), click)
        except WorkbenchError as error:
            return self._refused(error)
        return self.setup.accepted() | self.preflight.begun(run) | {self.timer: gr.Timer(active=True)}

    def _question(self, request: gr.Request, click: Any, parent: Any, *values: Any) -> Updates:
        assert self.ask is not None
        try:
            record = readable(self._desk, parent)
            spec = question_spec(self.engine, record.run, self.ask.form.read(values))
            run = self._open(request, spec, click)
        except ConfigError as error:
            return {self.ask.words: problems_html(error, self.ask.form.settings)}
        except WorkbenchError as error:
            return {self.ask.words: error_html(error)}
        return self.ask.begun(run) | {self.timer: gr.Timer(active=True)}

    def _open(self, request: gr.Request, spec: RunSpec, click: Any) -> str:
        owner = self._desk.access.visitor(request).name
        return self._desk.bench.start(spec, owner=owner, key=click_key(click, spec))

    def _refused(self, error: WorkbenchError) -> Updates:
        return self.setup.refused(error) if isinstance(error, ConfigError) else {self.setup.problems: error_html(error)}

    def _act(self, act: Callable[[str], None]) -> Callable[..., Updates]:
        def acted(request: gr.Request, run: Any) -> Updates:
            try:
                act(changeable(self._desk, run, request).run)
            except WorkbenchError as error:
                return {self.shown.told: error_html(error)}
            return {self.shown.told: Html(""), self.timer: gr.Timer(active=True)}

        return acted

    def _extend(self, request: gr.Request, run: Any, *values: Any) -> Updates:
        panel = self.shown.extend
        try:
            self._desk.bench.extend(changeable(self._desk, run, request).run, panel.read(values))
        except WorkbenchError as error:
            return panel.refused(error)
        return {panel.words: Html(""), self.timer: gr.Timer(active=True)}

    def _refill(self, run: Any) -> Updates:
        if not run:
            return self.setup.accepted()
        try:
            record = readable(self._desk, run)
            if record.engine != self.engine.name:
                return self.setup.accepted()
            return self.setup.fill(record.spec) | {self.settings: gr.update(open=True)}
        except WorkbenchError as error:
            return {self.setup.problems: error_html(error)}

    def _listen(self, page: gr.Blocks) -> None:
        """Wire everything. The page "loads" anew in this tab once it is laid out: what was written before is read."""
        begun = [self.run_box, self.timer, *self.setup.outputs, *self.preflight.outputs]
        self.run.click(self._start, [self._click, *self.setup.inputs], begun, js=NEW_CLICK, **QUIET)
        self.check.click(self._check, [self._click, *self.setup.inputs], begun, js=NEW_CLICK, **QUIET)
        self.preflight.fit.click(self.setup.propose, self.preflight.proposal, self.setup.outputs, **AT_ONCE)
        shown = [self.run_box, self._seen, self._preview]
        arriving = [*self._outputs, *self.setup.outputs, *(picker for _, picker in self._pickers), *shown]
        arrived = page.load(self._arrive, [*shown, self.refill_box], list(dict.fromkeys(arriving)), **AT_ONCE)
        begun_run = list(dict.fromkeys([*self._outputs, *self.setup.outputs]))
        for opened in (arrived, self.run_box.change(self._begin, shown, begun_run, **AT_ONCE)):
            opened.then(None, self._address, None, js=SHOW_ADDRESS, **AT_ONCE)
            # A look at the run shown before may end only now and have put the timer to sleep: one more tick decides.
            opened.then(self.refresh, self._inputs, self._outputs, **AT_ONCE).then(
                lambda: gr.Timer(active=True), None, self.timer, **AT_ONCE
            )
        self.timer.tick(self.refresh, self._inputs, self._outputs, **AT_ONCE)
        bench, head = self._desk.bench, self.shown
        for button, act in ((head.stop, bench.stop), (head.resume, bench.resume), (head.back, bench.take_back)):
            button.click(self._act(act), self.run_box, [self.shown.told, self.timer], **AT_ONCE).then(
                self.refresh, self._inputs, self._outputs, **AT_ONCE
            )
        extend = self.shown.extend
        extend.button.click(self._extend, [self.run_box, *extend.inputs], [extend.words, self.timer], **QUIET).then(
            self.refresh, self._inputs, self._outputs, **AT_ONCE
        )
        filled = [*self.setup.outputs, self.settings]
        self.shown.reuse.click(self._refill, self.run_box, filled, js=SHOW_SETTINGS, **AT_ONCE)
        self.refill_box.change(self._refill, self.refill_box, filled, **AT_ONCE)
        for group, fold in self.shown.views.groups.items():
            fold.expand(_with(group), self.shown.views.opened, self.shown.views.opened, **AT_ONCE).then(
                self.refresh, self._inputs, self._outputs, **AT_ONCE
            )
        if self.ask:
            asked = [self._click, self.run_box, *self.ask.form.widgets]
            self.ask.button.click(self._question, asked, [self.timer, *self.ask.outputs], js=NEW_CLICK, **QUIET)
        self.setup.listen()
        self.shown.listen(self.run_box)

    def _arrive(self, request: gr.Request, run: Any, seen: Seen, preview: Any, refill: Any) -> Updates:
        """The tab has just been laid out: fill its pickers, and open what it was opened for, else an example."""
        offers = {
            picker: update
            for (_, picker), update in zip(self._pickers, offered(self._desk, self._pickers), strict=True)
        }
        examples = [] if run else [record.run for record in self._examples()[:1]]
        filled: Updates = {self.run_box: examples[0], self._preview: examples[0]} if examples else {}
        filled |= self._begin(request, run, seen, preview) | (self._refill(refill) if refill else {})
        for picker, update in offers.items():
            filled[picker] = {**update, **filled.get(picker, {})}
        return filled

    @property
    def _pickers(self) -> list[Picker]:
        """Where a model or a data set is chosen: in the set-up and in the question."""
        return [*self.setup.form.pickers, *(self.ask.form.pickers if self.ask else [])]

    def _begin(self, request: gr.Request, run: Any, seen: Seen, preview: Any = "") -> Updates:
        warm_up()
        if not run:
            return {self._address: ""}
        try:
            sight = self._snapshot(request, run, seen, preview)
        except WorkbenchError as error:
            return self._empty(error)
        shown = self.shown.begin(sight) | {self.timer: gr.Timer(active=True)}
        if sight.preview:
            return shown | {self._address: ""}
        return shown | self.setup.fill(sight.record.spec) | self._unfolded(False) | {self._address: sight.record.run}


def _with(group: str) -> Callable[[Sequence[str]], list[str]]:
    return lambda opened: list(dict.fromkeys([*opened, group]))
