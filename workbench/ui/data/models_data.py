"""The Models & data tab: the models there are, a playground for them, and the data.

Design decisions:
- Whatever takes time (an answer, a look into a file, a check of a server) is a run of a tool; the tab only starts it
  and reads what it said, so that leaving the page loses nothing.
- One timer serves all three panels and sleeps when none of them waits for a tool.
"""

from collections.abc import Callable
from typing import Any

import gradio as gr

from workbench.contract.runs import RunId
from workbench.messages import say
from workbench.specs.links import read_link
from workbench.tool_questions.playground import MOST_MODELS
from workbench.ui.data.data_panel import DataPanel
from workbench.ui.data.models_panel import ModelsPanel
from workbench.ui.data.playground_panel import ROLE, PlaygroundPanel
from workbench.ui.data.use_panel import UsePanel
from workbench.ui.elements.elements import tag
from workbench.ui.elements.event_options import AT_ONCE, QUIET
from workbench.ui.elements.page_context import PageContext
from workbench.ui.elements.request_guards import NEW_CLICK
from workbench.ui.setup.picker_choices import model_refs

TICK_SECONDS = 0.7
MODELS, PLAYGROUND, DATA = "models", "playground", "data"

Updates = dict[Any, Any]


def models_data_tab(desk: PageContext) -> "ModelsDataTab":
    """Lay the tab out inside an open gr.Tab and wire it."""
    return ModelsDataTab(desk)


class ModelsDataTab:
    """The three panels and their timer.

    Attributes:
        inner: tabs of the panels.
        timer: asleep unless a tool is at work for this page.
        watched: the runs that the tab may have to follow.
    """

    def __init__(self, desk: PageContext) -> None:
        """Build inside an open Blocks context."""
        self._desk = desk
        self._click = gr.Textbox(visible=False)
        self.timer = gr.Timer(TICK_SECONDS, active=False)
        gr.HTML(tag("h1", say("Models & data"), class_="bw-title"), apply_default_css=False)
        self.use = UsePanel(desk)
        with gr.Tabs(selected=MODELS, elem_classes="bw-methods") as self.inner:
            with gr.Tab(say("Models"), id=MODELS) as self._models_tab:
                self.models = ModelsPanel(desk)
            with gr.Tab(say("Playground"), id=PLAYGROUND) as self._playground_tab:
                self.playground = PlaygroundPanel(desk)
            with gr.Tab(say("Data"), id=DATA) as self._data_tab:
                self.data = DataPanel(desk)
        self.watched = [self.playground.run_box, self.models.run_box, self.data.run_box]
        self._listen()

    def opened(self, run: RunId) -> list[Any]:
        """Updates of `doors` that show answers of the playground."""
        return [gr.update(selected=PLAYGROUND), run]

    @property
    def outputs(self) -> list[Any]:
        """What opening a run of the playground writes to."""
        return [self.inner, self.playground.run_box]

    @property
    def welcomed(self) -> list[Any]:
        """Outputs of `welcome`."""
        return [self.models.table, self.data.table, self.playground.run_box, *self.playground.form]

    def welcome(self, request: gr.Request, query: Any) -> Updates:
        """Fill the lists for a visitor who has just come; show the answers that their link names, else their last."""
        lists = {self.models.table: self.models.listed("", "", ()), self.data.table: self.data.listed()}
        return lists | self.playground.welcome(request, read_link(str(query or "")).run)

    def _refresh(self, request: gr.Request, *values: Any) -> Updates:
        answering, looking, checking, *filters = self._parted(values)
        updates, answers = self.playground.refresh(request, *answering)
        looked, looks = self.data.refresh(*looking)
        checked, checks = self.models.refresh(*checking, *filters)
        updates |= looked | checked
        if self.models.table in checked:
            updates[self.playground.models] = gr.update(choices=model_refs(self._desk, ROLE))
        return updates | {self.timer: gr.skip() if answers or looks or checks else gr.Timer(active=False)}

    def _parted(self, values: tuple[Any, ...]) -> list[Any]:
        many = len(self.playground.inputs)
        return [values[:many], values[many : many + 1], values[many + 1 : many + 2], *values[many + 2 :]]

    def _waking(self, start: Callable[..., tuple[Updates, bool]]) -> Callable[..., Updates]:
        def started(request: gr.Request, *values: Any) -> Updates:
            updates, begun = start(request, *values)
            return updates | ({self.timer: gr.Timer(active=True)} if begun else {self.timer: gr.skip()})

        return started

    def _pressed_model(self, request: gr.Request, event: gr.EventData, chosen: Any, *filters: Any) -> Updates:
        act, ref = clicked_model(event)
        if act == "remove":
            return self.models.remove(request, ref, *filters)
        if act == "use":
            return self.use.offered("model", ref)
        refs = model_refs(self._desk, ROLE)
        if act != "try" or ref not in refs:
            return {self.models.words: gr.skip()}
        kept = [each for each in chosen or () if each != ref][: MOST_MODELS - 1]
        picked = gr.update(choices=list(dict.fromkeys([*refs, *kept])), value=[*kept, ref])
        return {self.inner: gr.update(selected=PLAYGROUND), self.playground.models: picked}

    def _pressed_data(self, request: gr.Request, event: gr.EventData) -> Updates:
        act, ref = clicked_model(event)
        if act == "use":
            return self.use.offered("data", ref)
        if act != "look":
            return {self.timer: gr.skip()}
        return self._waking(self.data.start)(request, None, ref)

    def _listen(self) -> None:
        models, play, data = self.models, self.playground, self.data
        outputs = [self.timer, *play.outputs, play.models, *data.outputs, *models.outputs]
        self._listen_to_starts()
        self.timer.tick(
            self._refresh, [*play.inputs, data.run_box, models.run_box, *models.filters], outputs, **AT_ONCE
        )
        play.run_box.change(lambda: gr.Timer(active=True), None, self.timer, **AT_ONCE)
        play.stop.click(play.end, play.run_box, play.problems, **AT_ONCE)
        for chosen in (play.first, play.second):
            chosen.input(play.compare, [play.seen, play.first, play.second], play.diff, **AT_ONCE)
        for control in models.filters:
            control.change(models.listed, models.filters, models.table, **AT_ONCE)
        form = [models.words, models.table, *models.server_form, models.path]
        models.table.click(
            self._pressed_model,
            [play.models, *models.filters],
            [self.inner, play.models, *form, *self.use.outputs],
            **AT_ONCE,
        )
        data.table.click(self._pressed_data, None, [self.timer, *data.outputs, *self.use.outputs], **AT_ONCE)
        data.upload.upload(
            data.taken_up, data.upload, data.outputs, api_visibility="private", show_progress="minimal",
            show_progress_on=data.upload, concurrency_limit=2,
        )  # fmt: skip

    def _listen_to_starts(self) -> None:
        models, play, data = self.models, self.playground, self.data
        started = {"js": NEW_CLICK, **QUIET}
        asking = [self.timer, play.run_box, play.problems]
        play.ask.click(self._waking(play.start), [self._click, *play.form], asking, **started)
        looking = [self.timer, *data.outputs]
        data.look.click(self._waking(data.start), [self._click, data.data, data.record], looking, **started)
        data.check.click(self._waking(data.start_mapped), [self._click, *data.inputs], looking, **started)
        checking = [self.timer, *models.outputs]
        models.add_server.click(
            self._waking(models.add_from_server), [self._click, *models.server_form], checking, **started
        )
        models.allow.click(self._waking(models.add_allowed_folder), [self._click, models.path], checking, **started)
        models.add_folder.click(self._waking(models.add_from_folder), [self._click, models.path], checking, **started)


def clicked_model(event: gr.EventData) -> tuple[str, str]:
    """(act, reference) of a pressed button, "" where the browser sent something else."""
    data = event._data if isinstance(event._data, dict) else {}
    return str(data.get("act", ""))[:20], str(data.get("ref", ""))[:1_000]
