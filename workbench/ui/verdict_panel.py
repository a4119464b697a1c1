"""The verdict on the page: judged again whenever outcomes have come in, once for all who look."""

from functools import partial
from typing import Any

import gradio as gr

from workbench.engine import Engine
from workbench.phrases import count
from workbench.schema import Outcome
from workbench.ui.elements import Html, join, tag
from workbench.ui.gallery import Gallery, Stamps, Subject
from workbench.ui.sight import Sight
from workbench.ui.verdicts import WORDS, arms_html, promised_html, verdicts_html

VERDICT = "the verdict"

Updates = dict[Any, Any]


class VerdictPanel:
    """Claims and arms of the run shown, and their summary for its head."""

    def __init__(self, engine: Engine, summary: gr.HTML, gallery: Gallery) -> None:
        """Build inside an open Blocks context; `summary` is where the verdict is told in one line."""
        self.engine = engine
        self.summary = summary
        self.body = gr.HTML(promised_html(engine))
        self.outputs = [self.body, self.summary]
        self._gallery = gallery

    def refresh(self, sight: Sight, stamps: Stamps) -> Updates:
        """Updates where the verdict is another than the page shows."""
        record = sight.record
        many = record.tables.get(Outcome.table(), 0)
        subject = Subject(record.run, VERDICT, "", (many, record.live), record.live)
        draw = partial(self._judged, sight) if many else self.clear
        return self._gallery.show(subject, draw, self.outputs, stamps)

    def clear(self) -> Updates:
        """Updates that show the claims alone."""
        return {self.body: promised_html(self.engine), self.summary: Html("")}

    def _judged(self, sight: Sight) -> Updates:
        from workbench.statistics import arm_intervals, judge

        outcomes = sight.tables[Outcome]
        verdicts = judge(self.engine, outcomes)
        parts = [
            verdicts_html(self.engine, verdicts, partial=sight.record.live),
            arms_html(self.engine, arm_intervals(self.engine, outcomes)),
        ]
        told = Html("") if sight.record.live else summary_html([verdict.verdict for verdict in verdicts])
        return {self.body: join(parts), self.summary: told}


def summary_html(verdicts: list[str]) -> Html:
    """How many claims hold, do not hold, are undecided or cannot be measured."""
    chips = []
    for name, (mark, word, tone) in WORDS.items():
        many = verdicts.count(name)
        shown = tag("span", mark, aria_hidden="true", class_="bw-mark")
        chips += [tag("li", shown, f" {word}: {count(many, 'claim')}", class_=f"bw-state bw-{tone}")] if many else []
    return tag("ul", *chips, class_="bw-summary", aria_label="Verdict") if chips else Html("")
