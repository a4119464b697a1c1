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

from workbench.contract.errors import RunNotFound, WorkbenchError
from workbench.history.records import RunFilter, RunRecord
from workbench.messages import say
from workbench.specs.links import Destination
from workbench.ui.elements.event_options import AT_ONCE, QUIET
from workbench.ui.elements.markup import run_strip
from workbench.ui.elements.page_context import PageContext
from workbench.ui.elements.plots import warm_up
from workbench.ui.elements.request_guards import NEW_CLICK, may_change, readable
from workbench.ui.elements.run_snapshot import RunSnapshot, Seen
from workbench.ui.runs.method_card import method_card
from workbench.ui.runs.run_panel import FILLED, RunPanel
from workbench.ui.runs.run_requests import RunRequests
from workbench.ui.setup.picker_choices import Picker, offered
from workbench.ui.setup.preflight_panel import PreflightPanel
from workbench.ui.setup.setup_panel import SetupPanel

if TYPE_CHECKING:
    from workbench.ui.lazy_tab import LazyTab

EXAMPLES = 4
SHOW_ADDRESS = "(run) => window.benchwrightAddress?.opened(run)"
SHOW_SETTINGS = """(run) => {
  const form = [...document.querySelectorAll('.bw-setup')].find((each) => each.offsetParent);
  if (form) form.scrollIntoView({ block: 'start' });
  return [run];
}"""

Updates = dict[Any, Any]


class EngineTab:
    """What a visitor sees of one engine, laid out and wired in its `LazyTab`."""

    def __init__(self, desk: PageContext, room: "LazyTab", coming: bool = False) -> None:
        """Build inside an open Blocks context; `coming` says that a run was asked for and will be shown next."""
        self._desk, self.engine, engine = desk, room.engine, room.engine
        self.run_box, self.timer, self._room = room.run_box, room.timer, room
        self._seen = gr.State(Seen())
        self._preview = gr.State("")
        self._click, self._address = gr.Textbox(visible=False), gr.Textbox(visible=False)
        about = say("About {method}", method=engine.title)
        with gr.Accordion(about, open=not coming, elem_classes=["bw-about-method"]) as self.about:
            method_card(engine)
            gr.HTML(self.examples_html(), elem_classes=["bw-recent"], apply_default_css=False)
        with gr.Row(elem_classes=["bw-bench"]):
            with (
                gr.Column(scale=4, min_width=320, elem_classes=["bw-setup"]),
                gr.Accordion(say("Settings"), open=not coming) as self.settings,
            ):
                self.setup = SetupPanel(desk, engine)
                with gr.Row(elem_classes=["bw-buttons"]):
                    self.run = gr.Button(say("Run"), variant="primary", min_width=110)
                    self.check = gr.Button(say("Check fit"), min_width=110)
                self.preflight = PreflightPanel(desk, engine)
            with gr.Column(scale=8, min_width=320, elem_classes=["bw-shown"]):
                self.shown = RunPanel(desk, engine, room.gallery, coming)
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
        self.requests = RunRequests(
            desk, engine, self.run_box, self.timer, self.setup, self.preflight, self.settings, self.shown
        )
        self._listen(room.page)

    def examples_html(self) -> str:
        """Finished runs of this engine that ship with the workbench; nothing where there are none."""
        shipped = self._examples()
        return run_strip(say("Examples, run elsewhere"), shipped, self._desk.engines) if shipped else ""

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
            raise RunNotFound(
                say("Run {run} is no run of {method}.", run=record.run, method=self.engine.title),
                say("Open it from the History tab."),
            )
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

    def _listen(self, page: gr.Blocks) -> None:
        """Wire everything. The page "loads" anew in this tab once it is laid out: what was written before is read."""
        asked, room = self.requests, self._room
        begun = [self.run_box, self.timer, *self.setup.outputs, *self.preflight.outputs]
        self.run.click(asked.start, [self._click, *self.setup.inputs], begun, js=NEW_CLICK, **QUIET)
        self.check.click(asked.check, [self._click, *self.setup.inputs], begun, js=NEW_CLICK, **QUIET)
        self.preflight.fit.click(self.setup.propose, self.preflight.proposal, self.setup.outputs, **AT_ONCE)
        shown = [self.run_box, self._seen, self._preview]
        aiming = [room.aim_box, self.shown.views.chosen, self.shown.views.opened]
        opening = [*self._outputs, *self.setup.outputs, *self.shown.aimed, self.run_box, self._preview]
        arriving = list(dict.fromkeys([*opening, *(picker for _, picker in self._pickers)]))
        arrived = page.load(self._arrive, [*shown, room.refill_box, *aiming], arriving, **AT_ONCE)
        changed = self.run_box.change(self._begin, [*shown, *aiming], list(dict.fromkeys(opening)), **AT_ONCE)
        for opened in (arrived, changed):
            opened.then(None, self._address, None, js=SHOW_ADDRESS, **AT_ONCE)
            # A look at the run shown before may end only now and have put the timer to sleep: one more tick decides.
            opened.then(self.refresh, self._inputs, self._outputs, **AT_ONCE).then(
                lambda: gr.Timer(active=True), None, self.timer, **AT_ONCE
            )
        room.aim_box.change(self._aim, [self.run_box, self._seen, *aiming], self.shown.aimed, **AT_ONCE).then(
            self.refresh, self._inputs, self._outputs, **AT_ONCE
        )
        self.timer.tick(self.refresh, self._inputs, self._outputs, **AT_ONCE)
        self._listen_to_the_run()
        self.setup.listen()
        self.shown.listen(self.run_box)

    def _listen_to_the_run(self) -> None:
        """Wire what is asked of the run shown; each answer is drawn at once."""
        asked, bench, shown = self.requests, self._desk.bench, self.shown
        changes = [
            button.click(asked.acting(act), self.run_box, [shown.told, self.timer], **AT_ONCE)
            for button, act in ((shown.stop, bench.stop), (shown.resume, bench.resume), (shown.back, bench.take_back))
        ]
        extend = shown.extend
        changes.append(
            extend.button.click(asked.extend, [self.run_box, *extend.inputs], [extend.words, self.timer], **QUIET)
        )
        opened = shown.views.opened
        changes += [fold.expand(_with(name), opened, opened, **AT_ONCE) for name, fold in shown.views.folds.items()]
        for name, tab in shown.tabs.items():
            chosen = tab.select(lambda name=name: name, None, shown.fold, **AT_ONCE)
            changes += [chosen] if name in FILLED else []
        for change in changes:
            change.then(self.refresh, self._inputs, self._outputs, **AT_ONCE)
        filled = [*self.setup.outputs, self.settings]
        shown.reuse.click(asked.refill, self.run_box, filled, js=SHOW_SETTINGS, **AT_ONCE)
        self._room.refill_box.change(asked.refill, self._room.refill_box, filled, **AT_ONCE)
        if self.ask:
            given = [self._click, self.run_box, *self.ask.form.widgets]
            self.ask.button.click(asked.question, given, [self.timer, *self.ask.outputs], js=NEW_CLICK, **QUIET)

    def _arrive(self, request: gr.Request, run: Any, seen: Seen, preview: Any, refill: Any, *aiming: Any) -> Updates:
        """The tab has just been laid out: fill its pickers, and open what it was opened for, else an example."""
        offers = {
            picker: update
            for (_, picker), update in zip(self._pickers, offered(self._desk, self._pickers), strict=True)
        }
        filled = self._begin(request, run, seen, preview, *aiming) | (
            self.requests.refill(request, refill) if refill else {}
        )
        for picker, update in offers.items():
            filled[picker] = {**update, **filled.get(picker, {})}
        return filled

    @property
    def _pickers(self) -> list[Picker]:
        """Where a model or a data set is chosen: in the set-up and in the question."""
        return [*self.setup.form.pickers, *(self.ask.form.pickers if self.ask else [])]

    def _begin(self, request: gr.Request, run: Any, seen: Seen, preview: Any = "", *aiming: Any) -> Updates:
        """Tell at once which run is opened, aimed at a view where a link names one; without a run, show an example."""
        warm_up()
        if not run:
            return self._begin_example(request, seen)
        try:
            sight = self._snapshot(request, run, seen, preview)
        except WorkbenchError as error:
            return self._empty(error)
        shown = self.shown.begin(sight) | {self.timer: gr.Timer(active=True)}
        if sight.preview:
            return shown | {self._address: ""}
        shown |= self.shown.aim(*aiming) if aiming and _aims(aiming[0], sight.record.run) else {}
        return shown | self.setup.fill(sight.record.spec) | self._unfolded(False) | {self._address: sight.record.run}

    def _begin_example(self, request: gr.Request, seen: Seen) -> Updates:
        shipped = self._examples()
        if not shipped:
            return {self._address: ""} | self._unfolded(True)
        run = shipped[0].run
        begun = self._begin(request, run, seen, run)
        return begun | {self.run_box: run, self._preview: run} | self._unfolded(True)

    def _aim(self, run: Any, seen: Seen, *aiming: Any) -> Updates:
        """Set a view of the run shown as a link has it; a run that is being opened is aimed as it begins."""
        here = _aims(aiming[0], run) and seen.run == run
        return self.shown.aim(*aiming) if here else {self.shown.told: gr.skip()}


def _aims(aim: Any, run: Any) -> bool:
    """Whether a link leads to a view of the run."""
    return isinstance(aim, Destination) and bool(aim.view) and aim.run == run


def _with(name: str) -> Callable[[Sequence[str]], list[str]]:
    return lambda opened: list(dict.fromkeys([*opened, name]))
