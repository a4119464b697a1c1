"""A follow-up question to a finished run: its form, and the views of its answer."""

from collections.abc import Mapping, Sequence
from typing import Any

import gradio as gr

from workbench.contract.engine import Ask, Engine
from workbench.formatting import STATES
from workbench.messages import say
from workbench.ui.elements.elements import Html, notice, tag
from workbench.ui.elements.page_context import PageContext
from workbench.ui.elements.render_cache import RenderCache
from workbench.ui.elements.run_snapshot import RunSnapshot, Seen
from workbench.ui.setup.form import Form
from workbench.ui.views.view_panel import ViewPanels

Updates = dict[Any, Any]


class AskPanel:
    """One engine's question.

    Attributes:
        run_box: the run that answers, "" before any question.
        seen: what the page has drawn of it.
    """

    def __init__(self, desk: PageContext, engine: Engine, ask: Ask, gallery: RenderCache) -> None:
        """Build inside an open Blocks context."""
        self._desk, self._engine = desk, engine
        self.run_box, self.seen, self.stamps = gr.State(""), gr.State(Seen()), gr.State({})
        with gr.Column(visible=False, elem_classes=["bw-ask"]) as self.column:
            gr.HTML(tag("h3", ask.title))
            self.form = Form(ask.question)
            self.button = gr.Button(say("Ask"), variant="primary", size="sm")
            self.words = gr.HTML("", elem_classes=["bw-problems"])
            self.views = ViewPanels(ask.views, engine, desk.plotly_url, gallery, grouped=False)
        self.inputs = [self.run_box, self.seen, self.views.chosen, self.stamps]
        self.outputs = [self.run_box, self.seen, self.stamps, self.column, self.words, *self.views.outputs]

    def offer(self, sight: RunSnapshot) -> Updates:
        """Updates when another run is shown: questions go to finished runs, and old answers leave."""
        asked = {self.column: gr.update(visible=sight.record.state == "finished")} if sight.changed else {}
        return asked | (self._forget() if sight.first else {})

    def clear(self) -> Updates:
        """Updates that hide the panel."""
        return {self.column: gr.update(visible=False)} | self._forget()

    def begun(self, run: str) -> Updates:
        """Updates for a question that was just asked."""
        return {
            self.run_box: run,
            self.seen: Seen(),
            self.stamps: {},
            self.words: notice(say("Asked; the answer appears below.")),
        }

    def refresh(
        self, run: str, seen: Seen, chosen: Mapping[str, Sequence[Any]], before: Mapping[str, int]
    ) -> tuple[Updates, bool]:
        """(updates, whether the answer is still on its way)."""
        if not run:
            return {}, False
        record = self._desk.history.record(run)
        sight = RunSnapshot(record, self._engine, self._desk.history, True, seen)
        stamps = dict(before)
        updates = self.views.refresh(sight, chosen, stamps)
        updates |= {self.stamps: stamps} if stamps != before else {}
        return updates | ({self.seen: sight.seen(), self.words: _told(sight)} if sight.changed else {}), record.live

    def _forget(self) -> Updates:
        return {self.run_box: "", self.seen: Seen(), self.stamps: {}, self.words: Html("")} | self.views.clear()


def _told(sight: RunSnapshot) -> Html:
    record = sight.record
    if record.state == "finished":
        return Html("")
    if record.live:
        return notice(f"{STATES[record.state].word} …")
    return notice(record.error or STATES[record.state].word, record.hint, "bad")
