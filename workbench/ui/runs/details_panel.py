"""What is behind a run: its rows, its log, its settings and surroundings, its files."""

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import gradio as gr

from workbench.bench.estimate_check import EstimateCheck, estimate_check
from workbench.contract.engine import Engine
from workbench.contract.errors import RunNotFound, WorkbenchError
from workbench.contract.settings import settings_of
from workbench.formatting import size
from workbench.messages import say, say_many
from workbench.specs.links import artifact_path, log_path, table_path
from workbench.storage.log_file import read_log
from workbench.ui.elements.elements import Html, join, link, table, tag
from workbench.ui.elements.event_options import AT_ONCE
from workbench.ui.elements.page_context import PageContext
from workbench.ui.elements.render_cache import Stamps
from workbench.ui.elements.request_guards import error_html, readable
from workbench.ui.elements.rows_table import MOST_ROWS, rows_json, rows_table
from workbench.ui.elements.run_snapshot import RunSnapshot
from workbench.ui.setup.form import ASKS
from workbench.ui.setup.setup_panel import settings_html

if TYPE_CHECKING:
    from workbench.history import RunRecord

ROWS = "the rows"
LOG_TAIL_BYTES = 24_000
_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b\][^\x07]*\x07|\r(?!\n)")

Updates = dict[Any, Any]


class RowsPanel:
    """Any table of the run: its first rows on the page, all of them as CSV."""

    def __init__(self, desk: PageContext, engine: Engine) -> None:
        """Build inside an open Blocks context."""
        self.desk, self.engine = desk, engine
        names = list(engine.row_types())
        with gr.Row(elem_classes=["bw-controls"]):
            self.chosen = gr.Dropdown(choices=names, value=names[0], label=say("Table"), scale=3, **ASKS)
            self.reload = gr.Button(say("Read again"), size="sm", scale=1, min_width=120)
        self.body = rows_table(say("Rows of the run"), f"{engine.name}-rows")
        self.words = gr.HTML("")
        self.outputs = [self.chosen, self.body, self.words]

    def refresh(self, sight: RunSnapshot, chosen: Any, stamps: Stamps) -> Updates:
        """Updates for a run whose rows are shown first, or that has just ended; a live one is read again on request."""
        record = sight.record
        now = 0 if record.live else record.version
        if stamps.get(ROWS) == now:
            return {}
        stamps[ROWS] = now
        table = chosen if record.tables.get(str(chosen)) else next((n for n, k in record.tables.items() if k), chosen)
        labels = [(f"{name} ({record.tables.get(name, 0):,})", name) for name in self.engine.row_types()]
        known = table if table in self.engine.row_types() else labels[0][1]
        return {self.chosen: gr.update(choices=labels, value=known)} | self._draw(record, known)

    def clear(self) -> Updates:
        """Updates that show no rows."""
        return {self.body: "", self.words: Html("")}

    def listen(self, run_box: gr.State) -> None:
        """Let the choice of a table, and the button, read its rows."""
        for event in (self.chosen.input, self.reload.click):
            event(self._read, [run_box, self.chosen], [self.body, self.words], **AT_ONCE)

    def _read(self, run: Any, chosen: Any) -> Updates:
        if not run:
            return self.clear()
        try:
            return self._draw(readable(self.desk, run), chosen)
        except WorkbenchError as error:
            return {self.words: error_html(error)}

    def _draw(self, record: "RunRecord", name: Any) -> Updates:
        import pandas as pd

        kind = self.engine.row_types().get(name)
        if kind is None:
            raise RunNotFound(say("{method} has no table {name}.", method=self.engine.title, name=repr(str(name)[:80])))
        rows = self.desk.history.rows_after(record.run, name, limit=MOST_ROWS).rows[:MOST_ROWS]
        frame = pd.DataFrame(rows, columns=list(kind.model_fields))
        words = tag(
            "p",
            kind.__doc__ and say(kind.__doc__.split("\n")[0]),
            " ",
            link(table_path(record.run, name), say("All rows as CSV")),
        )
        return {self.body: rows_json(frame, record.tables.get(name, 0)), self.words: words}


def log_html(desk: PageContext, record: "RunRecord") -> Html:
    """Return the end of the run's log, secrets masked, control codes gone."""
    shown = _ESCAPES.sub("", read_log(desk.bench.folder(record.run), LOG_TAIL_BYTES)).strip()
    body = tag(
        "pre",
        shown or say("Nothing was written to the log."),
        class_="bw-log",
        tabindex="0",
        aria_label=say("Log of the run"),
    )
    return join([body, tag("p", link(log_path(record.run), say("The log as a file")), class_="bw-below")])


def details_html(sight: RunSnapshot) -> Html:
    """Notes, settings, recorded facts and files of the run."""
    record, history = sight.record, sight.history
    notes, files = history.notes(record.run), history.artifacts(record.run)
    parts: list[object] = []
    if notes:
        parts += [tag("h3", say("Notes")), tag("ul", *[tag("li", note) for note in notes])]
    parts += [tag("h3", say("Settings")), settings_html(settings_of(sight.engine.config), record.spec.settings)]
    parts += _estimate_parts(estimate_check(history, record))
    parts += [tag("h3", say("Surroundings")), _facts_html(history.facts(record.run))]
    if files:
        rows = [(link(artifact_path(record.run, name), name), size(length), sha[:16]) for name, length, sha in files]
        parts.append(tag("h3", say_many("{n} file", "{n} files", len(files))))
        parts.append(table((say("File"), say("Size"), "SHA-256"), rows, say("Files of the run")))
    return tag("div", *parts, class_="bw-prose")


def _estimate_parts(check: EstimateCheck | None) -> list[object]:
    """A heading, the estimate beside what the run took, and what keeps the two from being comparable."""
    if check is None:
        return []
    head = ("", say("Estimated"), say("Took"))
    told = table(head, check.lines, say("Estimate of the run beside what it took"))
    return [tag("h3", say("Estimate and truth")), told, *([tag("p", check.caution)] if check.caution else [])]


def _facts_html(facts: Mapping[str, Any]) -> Html:
    if not facts:
        return tag("p", say("Nothing was recorded yet."))
    rows = [(name.replace("_", " "), str(value)) for name, value in sorted(facts.items())]
    return table((say("Fact"), say("Value")), rows, say("What the run recorded of its surroundings"))
