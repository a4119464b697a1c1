"""The verdict on the page: judged again whenever outcomes have come in, once for all who look."""

from functools import partial
from typing import Any

import gradio as gr

from workbench.bench.verdict_groups import are_judged
from workbench.contract.engine import Engine
from workbench.contract.schema import Caution, Outcome
from workbench.figures.measured import intervals
from workbench.figures.measures import EVERY_ARM
from workbench.ui.elements.elements import Html, join
from workbench.ui.elements.render_cache import RenderCache, Stamps, Subject
from workbench.ui.elements.run_snapshot import RunSnapshot
from workbench.ui.runs.verdicts import arms_html, promised_html, summary_html, verdicts_html

VERDICT = "the verdict"

Updates = dict[Any, Any]


class VerdictPanel:
    """Claims and arms of the run shown, and their summary for its head."""

    def __init__(self, engine: Engine, summary: gr.HTML, gallery: RenderCache) -> None:
        """Build inside an open Blocks context; `summary` is where the verdict is told in one line."""
        self.engine = engine
        self.summary = summary
        self.body = gr.HTML(promised_html(engine))
        self.outputs = [self.body, self.summary]
        self._gallery = gallery

    def refresh(self, sight: RunSnapshot, stamps: Stamps) -> Updates:
        """Updates where the verdict is another than the page shows."""
        record = sight.record
        judged_from = (*record.revision(Outcome.table(), Caution.table()), record.attempt, record.state)
        subject = Subject(record.run, VERDICT, "", judged_from, record.live)
        told = record.tables.get(Outcome.table()) or not are_judged(record.state)
        draw = partial(self._judged, sight) if told else self.clear
        return self._gallery.show(subject, draw, self.outputs, stamps)

    def clear(self) -> Updates:
        """Updates that show the claims alone."""
        return {self.body: promised_html(self.engine), self.summary: Html("")}

    def _judged(self, sight: RunSnapshot) -> Updates:
        record = sight.record
        if not are_judged(record.state):
            return {self.body: verdicts_html(self.engine, [], record.state), self.summary: Html("")}
        verdicts = sight.verdicts
        numbers = arms_html(self.engine, intervals(EVERY_ARM, self.engine, sight.tables))
        told = Html("") if record.live else summary_html(verdicts)
        return {self.body: join([verdicts_html(self.engine, verdicts, record.state), numbers]), self.summary: told}
