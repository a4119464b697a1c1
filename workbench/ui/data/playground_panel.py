"""The playground: one prompt, answers of several models next to each other while they are written."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import gradio as gr

from workbench.contract.errors import ConfigError, RunNotFound, WorkbenchError
from workbench.contract.runs import RunId
from workbench.contract.settings import settings_of
from workbench.formatting import STATES
from workbench.messages import say
from workbench.specs.links import run_link
from workbench.tool_questions.playground import (
    MOST_MODELS,
    PLAYGROUND,
    Answered,
    AnswerPiece,
    AnswerToken,
    Prompting,
    Unanswered,
)
from workbench.ui.data.answer_cards import Slot, answer_card, token_key
from workbench.ui.elements.elements import Html, join, link, tag
from workbench.ui.elements.page_context import PageContext
from workbench.ui.elements.request_guards import changeable, error_html, may_change
from workbench.ui.elements.word_diff import word_diff
from workbench.ui.setup.form import problems_html, widget
from workbench.ui.setup.picker_choices import model_refs
from workbench.ui.setup.tool_runs import ended_badly, last_of, start_tool, tool_run

if TYPE_CHECKING:
    from workbench.history import RunRecord

ROLE = "generator"
MOST_ROWS = 5_000
TABLES = tuple(kind.table() for kind in (AnswerPiece, AnswerToken, Answered, Unanswered))

Updates = dict[Any, Any]


@dataclass(frozen=True)
class Followed:
    """What the page has read and drawn of the answers.

    Attributes:
        version: `RunRecord.version` at the last look.
        cursors: how far each table was read.
    """

    run: RunId = ""
    version: int = -1
    cursors: Mapping[str, int] = field(default_factory=dict[str, int])
    slots: tuple[Slot, ...] = ()


class PlaygroundPanel:
    """The prompt, the models, and their answers.

    Attributes:
        run_box: the run shown; written by whoever opens one.
        inputs, outputs: of `refresh`.
        begin: updates and outputs for a visitor who has just come.
    """

    def __init__(self, desk: PageContext) -> None:
        """Build inside an open Blocks context."""
        self._desk = desk
        self.settings = tuple(settings_of(Prompting))
        self.run_box, self.seen = gr.State(None), gr.State(Followed())
        self.said = gr.HTML("", html_template='<p class="bw-unseen" role="status" aria-live="polite">${value}</p>')
        with gr.Row(elem_classes=["bw-bench"]):
            with gr.Column(scale=4, min_width=320, elem_classes=["bw-setup"]):
                self._lay_out_form()
            with gr.Column(scale=8, min_width=320, elem_classes=["bw-shown"]):
                self._lay_out_answers()
        self.inputs = [self.run_box, self.seen]
        self.outputs = [
            self.seen, self.said, self.top, self.stop, *self.cards, self.differ, self.first, self.second, self.diff
        ]  # fmt: skip

    def _lay_out_form(self) -> None:
        gr.HTML(tag("h3", say("Ask several models")))
        by_name = {setting.name: setting for setting in self.settings}
        made: dict[str, Any] = {"prompt": widget(by_name["prompt"], "")}
        self.models = made["models"] = gr.Dropdown(
            choices=[], value=[], multiselect=True, max_choices=MOST_MODELS, allow_custom_value=True,
            label=say("Models"),
            info=f"{say(by_name['models'].help)} {say('Choose from the list, or write a reference.')}",
        )  # fmt: skip
        with gr.Accordion(say("How to answer"), open=False):
            for setting in self.settings[2:]:
                made[setting.name] = widget(setting, setting.default)
        self.form = [made[setting.name] for setting in self.settings]
        with gr.Row(elem_classes=["bw-buttons"]):
            self.ask = gr.Button(say("Ask"), variant="primary", min_width=110)
            self.stop = gr.Button(say("Stop"), variant="stop", min_width=90, visible=False)
        self.problems = gr.HTML("", elem_classes=["bw-problems"])

    def _lay_out_answers(self) -> None:
        self.top = gr.HTML(_empty())
        with gr.Row(elem_classes=["bw-answers"]):
            self.cards = [gr.HTML("", visible=False, apply_default_css=False) for _ in range(MOST_MODELS)]
        with gr.Column(visible=False, elem_classes=["bw-view"]) as self.differ:
            gr.HTML(tag("h3", say("What differs, word by word")))
            with gr.Row(elem_classes=["bw-controls"]):
                self.first = gr.Dropdown(choices=[], label=say("From the answer of"))
                self.second = gr.Dropdown(choices=[], label=say("to the answer of"))
            self.diff = gr.HTML("")

    def start(self, request: gr.Request, click: Any, *values: Any) -> tuple[Updates, bool]:
        """(updates, whether answers are on their way)."""
        asked = {setting.name: value for setting, value in zip(self.settings, values, strict=True)}
        try:
            run = start_tool(self._desk, request, PLAYGROUND, asked, click)
        except ConfigError as error:
            return {self.problems: problems_html(error, self.settings)}, False
        except WorkbenchError as error:
            return {self.problems: error_html(error)}, False
        return {self.problems: Html(""), self.run_box: run}, True

    def end(self, request: gr.Request, run: Any) -> Updates:
        """Ask the run to stop; what was answered stays."""
        try:
            self._desk.bench.stop(changeable(self._desk, run, request).run)
        except WorkbenchError as error:
            return {self.problems: error_html(error)}
        return {self.problems: Html("")}

    def refresh(self, request: gr.Request, run: Any, seen: Followed) -> tuple[Updates, bool]:
        """(updates of what is new, whether more is to come)."""
        if not run:
            return ({}, False) if not seen.run else (self._cleared(), False)
        try:
            record = tool_run(self._desk, run, PLAYGROUND)
            if record.run == seen.run and record.version == seen.version:
                return {}, record.live
            now = self._read(record, seen if seen.run == record.run else Followed(record.run))
        except WorkbenchError as error:
            return self._cleared() | {self.top: error_html(error)}, False
        return self._drawn(request, record, seen, now), record.live

    def welcome(self, request: gr.Request, run: RunId) -> Updates:
        """Updates for a visitor who has just come: the models to choose from, and what they asked last."""
        refs = model_refs(self._desk, ROLE)
        record = self._shown_first(request, run)
        if record is None:
            return {self.models: gr.update(choices=refs, value=refs[:1])}
        return self.refilled(record, refs) | {self.run_box: record.run}

    def _shown_first(self, request: gr.Request, run: RunId) -> "RunRecord | None":
        with suppress(RunNotFound):
            if run:
                return tool_run(self._desk, run, PLAYGROUND)
        try:
            return last_of(self._desk, request, PLAYGROUND)
        except WorkbenchError:
            return None

    def refilled(self, record: "RunRecord", refs: Sequence[str]) -> Updates:
        """Updates that make the form ask what a run asked."""
        asked = record.spec.settings
        updates: Updates = {
            shown: gr.update(value=asked[setting.name])
            for setting, shown in zip(self.settings, self.form, strict=True)
            if setting.name in asked and shown is not self.models
        }
        chosen = list(asked.get("models", ()))
        return updates | {self.models: gr.update(choices=list(dict.fromkeys([*refs, *chosen])), value=chosen)}

    def compare(self, seen: Followed, first: Any, second: Any) -> Html:
        """Return what the second answer chosen says otherwise than the first."""
        names = _names(seen.slots)
        if first not in names or second not in names:
            return Html("")
        return word_diff(seen.slots[names.index(first)].text, seen.slots[names.index(second)].text)

    def _read(self, record: "RunRecord", before: Followed) -> Followed:
        slots = list(before.slots) or [Slot(ref) for ref in record.spec.settings.get("models", ())[:MOST_MODELS]]
        cursors = dict(before.cursors)
        for table in TABLES:
            page = self._desk.history.rows_after(record.run, table, cursors.get(table, -1), MOST_ROWS)
            cursors[table] = page.next
            for row in page.rows:
                if not 0 <= row["model"] < len(slots):
                    raise RunNotFound(say("Run {run} answers for a model that it was not asked about.", run=record.run))
                slots[row["model"]] = _grown(slots[row["model"]], table, row)
        return Followed(record.run, record.version, cursors, tuple(slots))

    def _drawn(self, request: gr.Request, record: "RunRecord", before: Followed, now: Followed) -> Updates:
        mine = may_change(self._desk, record, request)
        stopping = record.state == "stopping"
        updates: Updates = {
            self.seen: now,
            self.said: STATES[record.state].word,
            self.top: _top(record),
            self.stop: gr.update(visible=mine and record.live, interactive=not stopping),
        }
        writing = next((at for at, slot in enumerate(now.slots) if not (slot.answered or slot.refused)), -1)
        for at, card in enumerate(self.cards):
            if at < len(now.slots):
                body = answer_card(now.slots[at], record.live, at == writing and record.state == "running")
                updates[card] = gr.update(value=body, visible=True)
            else:
                updates[card] = gr.update(value="", visible=False)
        return updates | self._offer_diff(before, now)

    def _offer_diff(self, before: Followed, now: Followed) -> Updates:
        done = [name for name, slot in zip(_names(now.slots), now.slots, strict=True) if slot.answered]
        if len(done) < 2:
            return {self.differ: gr.update(visible=False)}
        earlier = sum(bool(slot.answered) for slot in before.slots) if before.run == now.run else 0
        if earlier == len(done):
            return {}
        return {
            self.differ: gr.update(visible=True),
            self.first: gr.update(choices=done, value=done[0]),
            self.second: gr.update(choices=done, value=done[1]),
            self.diff: self.compare(now, done[0], done[1]),
        }

    def _cleared(self) -> Updates:
        hidden = {card: gr.update(value="", visible=False) for card in self.cards}
        return hidden | {
            self.seen: Followed(), self.said: "", self.top: _empty(), self.stop: gr.update(visible=False),
            self.differ: gr.update(visible=False),
        }  # fmt: skip


def _grown(slot: Slot, table: str, row: Mapping[str, Any]) -> Slot:
    if table == AnswerPiece.table():
        return slot.with_piece(row)
    if table == AnswerToken.table():
        return replace(slot, tokens=(*slot.tokens, row))
    if table == Answered.table():
        return replace(slot, answered=row, text=row["text"])
    return replace(slot, refused=row)


def _names(slots: Sequence[Slot]) -> list[str]:
    return [f"{at}. {slot.answered.get('name') or slot.ref}" for at, slot in enumerate(slots, 1)]


def _top(record: "RunRecord") -> Html:
    words = STATES[record.state]
    badge = tag(
        "span", tag("span", words.mark, aria_hidden="true"), " ", words.word, class_=f"bw-state bw-{words.tone}"
    )
    asked = tag("p", str(record.spec.settings.get("prompt", ""))[:600], class_="bw-asked", dir="auto")
    line = tag("p", badge, " ", link(run_link("", record.run), say("Link to these answers")), class_="bw-line")
    return join(
        [
            tag("section", line, asked, token_key(), class_="bw-run", aria_label=say("What was asked")),
            ended_badly(record),
        ]
    )


def _empty() -> Html:
    about = say(
        "Choose up to four models and press Ask. Models on this machine answer one after the other, so that their "
        "speeds can be compared; each answer appears while it is written, and stays when you leave the page."
    )
    return tag("section", tag("h3", say("No answers yet")), tag("p", about), class_="bw-run bw-is-empty")
