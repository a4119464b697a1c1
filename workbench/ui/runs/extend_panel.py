"""Going on until decided: what would settle the open claims of a finished run, and a form for steps of one's own."""

from collections.abc import Sequence
from typing import Any

import gradio as gr

from workbench.bench.extending import More, Step, extended_spec
from workbench.bench.proposals import cost_words, look_after, more_words, proposal_words, proposals, seconds_for
from workbench.contract.circumstances import LOOKS
from workbench.contract.engine import Engine
from workbench.contract.errors import ConfigError, WorkbenchError
from workbench.contract.fields import read_config, settings_of
from workbench.contract.runs import RunId
from workbench.contract.schema import Caution, Outcome
from workbench.messages import noted, say
from workbench.storage.extensions import EXTENSIONS, Extension, looks_of
from workbench.ui.elements.elements import Html, tag
from workbench.ui.elements.event_options import AT_ONCE
from workbench.ui.elements.page_context import PageContext
from workbench.ui.elements.render_cache import RenderCache, Stamps, Subject
from workbench.ui.elements.request_guards import error_html, readable
from workbench.ui.elements.run_snapshot import RunSnapshot
from workbench.ui.setup.form import ASKS, problems_html, widget

GO_ON = "what would settle it"
OPEN = ("undecided", "not asked here")
LEAD = noted(
    "The same run goes on: what it has is kept, what is decided stays decided. Each later look is half as large again "
    "and decides at a stricter level, so that looking often finds nothing that is not there. Further arms are no look."
)

Updates = dict[Any, Any]


class ExtendPanel:
    """Proposals and form of one engine, shown under the verdict of a finished run to whoever may change it.

    Attributes:
        button: starts what the form asks for; `inputs` is what `read` takes.
        words: where a refusal is told.
    """

    def __init__(self, desk: PageContext, engine: Engine, gallery: RenderCache) -> None:
        """Build inside an open Blocks context."""
        self._desk, self._engine, self._gallery = desk, engine, gallery
        self._settings = [each for each in settings_of(Step) if each.name != "items" or engine.items]
        with gr.Column(visible=False, elem_classes=["bw-ask"]) as self.column, gr.Column(visible=False) as self.open:
            self.head = gr.HTML(tag("h3", say("Go on until decided")))
            self.proposal = gr.Radio(
                choices=[], label=say("What would settle it, if the estimate stayed where it is"), **ASKS
            )
            with gr.Row():
                self.steps = [widget(setting, 0) for setting in self._settings]
            self.arms = gr.CheckboxGroup(choices=[], label=say("Further arms"), **ASKS)
            self.cost = gr.HTML("", elem_classes=["bw-cost"])
            self.button = gr.Button(say("Go on"), variant="primary", size="sm")
            self.words = gr.HTML("", elem_classes=["bw-problems"])
        self.inputs = [*self.steps, self.arms]
        self._drawn = [self.open, self.head, self.proposal, *self.inputs, self.cost, self.words]
        self.outputs = [self.column, *self._drawn]

    def refresh(self, sight: RunSnapshot, stamps: Stamps) -> Updates:
        """Updates where the run has ended, grown or gone on; proposals are made once for all who look."""
        record = sight.record
        extendable = record.state == "finished" and not record.origin
        updates: Updates = {}
        if sight.changed:
            updates[self.column] = gr.update(visible=extendable and sight.mine)
        if extendable and sight.mine:
            extensions = self._desk.history.extensions(record.run)
            proposed_from = (
                *record.revision(Outcome.table(), Caution.table()),
                record.attempt,
                EXTENSIONS.dump_json(extensions),
            )
            subject = Subject(record.run, GO_ON, "", proposed_from, live=False)
            updates |= self._gallery.show(subject, lambda: self._propose(sight, extensions), self._drawn, stamps)
        return updates

    def clear(self) -> Updates:
        """Updates that hide the panel."""
        return {self.column: gr.update(visible=False), self.words: Html("")}

    def read(self, values: Sequence[Any]) -> More:
        """Return what the form asks for.

        Raises:
            ConfigError: names every refused field.
        """
        *steps, arms = values
        step = read_config(Step, {each.name: value or 0 for each, value in zip(self._settings, steps, strict=True)})
        return More(step.seeds, step.items, tuple(map(str, arms or ())))

    def refused(self, error: WorkbenchError) -> Updates:
        """Updates that tell why the run does not go on."""
        return {
            self.words: problems_html(error, self._settings) if isinstance(error, ConfigError) else error_html(error)
        }

    def listen(self, run_box: gr.State) -> None:
        """Let a proposal fill the form, and the form tell what it costs."""
        asked = [run_box, *self.inputs]
        self.proposal.input(self._choose, [run_box, self.proposal], [*self.inputs, self.cost], **AT_ONCE)
        for each in self.inputs:
            each.input(self._tell, asked, self.cost, trigger_mode="always_last", **AT_ONCE)

    def _propose(self, sight: RunSnapshot, extensions: Sequence[Extension]) -> Updates:
        engine, record = self._engine, sight.record
        if not any(verdict.verdict in OPEN for verdict in sight.verdicts):
            return {self.open: gr.update(visible=False)}
        made = proposals(engine, record, sight.verdicts, extensions)
        choices = [(proposal_words(each, self._titles), _written(each.more)) for each in made]
        first = made[0].more if made else More()
        left = [(arm.title, arm.name) for arm in engine.arms if arm.name not in record.spec.arms]
        looked = say("This is look {look} of {looks}.", look=len(looks_of(extensions)) + 1, looks=LOOKS)
        return {
            self.open: gr.update(visible=True),
            self.head: _head(looked),
            self.proposal: gr.update(choices=choices, value=choices[0][1] if choices else None, visible=bool(choices)),
            self.arms: gr.update(choices=left, value=list(first.arms), visible=bool(left)),
            self.cost: self._cost(record.run, first),
            self.words: Html(""),
            **self._shown(first),
        }

    def _shown(self, more: More) -> Updates:
        pairs = zip(self._settings, self.steps, strict=True)
        return {box: gr.update(value=getattr(more, setting.name)) for setting, box in pairs}

    def _choose(self, run: Any, written: Any) -> Updates:
        more = _read_written(written)
        return {**self._shown(more), self.arms: list(more.arms), self.cost: self._told_cost(run, more)}

    def _tell(self, run: Any, *values: Any) -> Html:
        try:
            return self._told_cost(run, self.read(values))
        except ConfigError as error:
            return problems_html(error, self._settings)

    def _told_cost(self, run: Any, more: More) -> Html:
        try:
            return self._cost(readable(self._desk, run).run, more)
        except WorkbenchError as error:
            return error_html(error)

    def _cost(self, run: RunId, more: More) -> Html:
        """What the step asks for, about how long it takes, or why it cannot be."""
        if more == More():
            return Html("")
        record, extensions = self._desk.history.record(run), self._desk.history.extensions(run)
        try:
            spec = extended_spec(self._engine, record.spec, more, extensions)
        except WorkbenchError as error:
            return error_html(error)
        seconds = seconds_for(self._engine, record, spec, extensions)
        return tag("p", more_words(more, self._titles), cost_words(seconds, look_after(more, extensions)), ".")

    @property
    def _titles(self) -> dict[str, str]:
        return {arm.name: arm.title for arm in self._engine.arms}


def _head(looked: str) -> Html:
    told = tag("p", looked, " ", say(LEAD), class_="bw-hint")
    return tag("div", tag("h3", say("Go on until decided")), told)


def _written(more: More) -> str:
    """A proposal as the value of its button: "2 0 half,third"."""
    return f"{more.seeds} {more.items} {','.join(more.arms)}"


def _read_written(text: Any) -> More:
    parts = text.split(" ") if isinstance(text, str) else []
    if len(parts) != 3 or not (parts[0].isdecimal() and parts[1].isdecimal() and len(text) < 1_000):
        return More()
    return More(int(parts[0]), int(parts[1]), tuple(name for name in parts[2].split(",") if name))
