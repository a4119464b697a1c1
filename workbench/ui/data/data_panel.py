"""Data on the page: what there is, a look into a file, its columns mapped to a record, its broken rows explained."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr

from workbench.contract.errors import ConfigError, WorkbenchError
from workbench.contract.settings import settings_of
from workbench.messages import noted, say
from workbench.tool_questions.data_preview import (
    DATA_PREVIEW,
    BrokenRow,
    ColumnFacts,
    FileFacts,
    Looking,
    PreviewRow,
    ProposedField,
    RecordChoice,
    RecordFacts,
)
from workbench.ui.data.data_list import data_table
from workbench.ui.data.model_table import SCRIPT
from workbench.ui.data.preview_html import (
    MOST_BROKEN,
    Line,
    broken_html,
    columns_html,
    downloads_html,
    facts_html,
    preview_json,
    verdict_html,
)
from workbench.ui.elements.elements import Html, notice, tag
from workbench.ui.elements.page_context import PageContext
from workbench.ui.elements.request_guards import error_html
from workbench.ui.elements.rows_table import rows_table
from workbench.ui.setup.form import problems_html
from workbench.ui.setup.mapping_dropdowns import mapping_dropdowns, mapping_parts, mapping_updates
from workbench.ui.setup.tool_runs import ended_badly, start_tool, tool_run
from workbench.ui.setup.uploads import SUFFIXES, keep_upload

if TYPE_CHECKING:
    from workbench.history import RunRecord

BEST_FIT = noted("What fits best")
MOST_PREVIEWED = 200
KINDS = (FileFacts, ColumnFacts, PreviewRow, RecordChoice, ProposedField, RecordFacts, BrokenRow)

Updates = dict[Any, Any]


class DataPanel:
    """The data sets, and the one that is looked into.

    Attributes:
        table: its `click` carries the data set to look into.
        run_box: the look that is under way, "" for none.
        fields: names of the mapped fields, in the order of `columns`.
        outputs: everything that `refresh` and `look` may update.
    """

    def __init__(self, desk: PageContext) -> None:
        """Build inside an open Blocks context."""
        self._desk = desk
        self.run_box, self.fields = gr.State(""), gr.State(())
        self.table = gr.HTML("", js_on_load=SCRIPT, elem_classes="bw-history", apply_default_css=False)
        with gr.Row(elem_classes=["bw-bench"]):
            with gr.Column(scale=4, min_width=320, elem_classes=["bw-setup"]):
                self._lay_out_form()
            with gr.Column(scale=8, min_width=320, elem_classes=["bw-shown"]):
                self._lay_out_look()
        self.inputs = [self.data, self.record, self.fields, *self.columns]
        self.outputs = [
            self.run_box, self.fields, self.table, self.words, self.data, self.record, self.mapping, *self.columns,
            self.facts, self.verdict, self.files, self.seen, self.rows, self.statistics, self.broken_fold, self.broken,
        ]  # fmt: skip

    def _lay_out_form(self) -> None:
        gr.HTML(tag("h3", say("Look into a data file")))
        self.data = gr.Textbox(
            label=say("Data"), max_lines=1, max_length=400,
            info=say("A name from the list, or a file's whole path on the server. Or upload a file."),
        )  # fmt: skip
        self.upload = gr.UploadButton(say("Upload a file"), file_types=list(SUFFIXES), size="sm", variant="secondary")
        self.record = gr.Dropdown(
            [(say(BEST_FIT), "")], value="", label=say("Rows hold"), info=say("What each row is to be read as.")
        )
        with gr.Column(visible=False, elem_classes=["bw-mapping"]) as self.mapping:
            gr.HTML(
                tag(
                    "p",
                    say("Which column is which field? Change what is wrong, then check the rows."),
                    class_="bw-lead",
                )
            )
            self.columns = mapping_dropdowns()
        with gr.Row(elem_classes=["bw-buttons"]):
            self.look = gr.Button(say("Look"), variant="primary", min_width=110)
            self.check = gr.Button(say("Check the rows"), min_width=140)
        self.words = gr.HTML("", elem_classes=["bw-problems"])

    def _lay_out_look(self) -> None:
        self.facts = gr.HTML(_empty())
        self.verdict = gr.HTML("")
        self.files = gr.HTML("")
        with gr.Column(visible=False, elem_classes=["bw-view"]) as self.broken_fold:
            gr.HTML(tag("h3", say("Rows that cannot be used")))
            self.broken = gr.HTML("")
        with gr.Column(visible=False, elem_classes=["bw-view"]) as self.seen:
            gr.HTML(tag("h3", say("The first rows")))
            self.rows = rows_table(say("The first rows of the file"), "preview")
            gr.HTML(tag("h3", say("What each column holds")))
            self.statistics = gr.HTML("")

    def listed(self) -> str:
        """Return the table of data sets."""
        return data_table(self._desk.installed.catalogue.data())

    def taken_up(self, path: Any) -> Updates:
        """Keep an uploaded file and name it."""
        if not path:
            return {self.words: Html("")}
        try:
            ref = keep_upload(Path(path))
        except WorkbenchError as error:
            return {self.words: error_html(error)}
        return {self.data: ref, self.words: Html(""), self.table: self.listed()}

    def start(
        self, request: gr.Request, click: Any, data: Any, record: Any = "", mapping: Mapping[str, Any] | None = None
    ) -> tuple[Updates, bool]:
        """(updates, whether the file is being looked into)."""
        parts = mapping_parts(list(mapping or {}), list((mapping or {}).values()))
        asked = {"data": str(data or ""), "record": str(record or ""), "mapping": parts}
        try:
            run = start_tool(self._desk, request, DATA_PREVIEW, asked, click)
        except ConfigError as error:
            return {self.words: problems_html(error, settings_of(Looking))}, False
        except WorkbenchError as error:
            return {self.words: error_html(error)}, False
        return {self.run_box: run, self.data: str(data or ""), self.words: notice(say("Looking …"))}, True

    def start_mapped(self, request: gr.Request, click: Any, *values: Any) -> tuple[Updates, bool]:
        """Return the same with the columns as they are chosen."""
        data, record, fields, *columns = values
        return self.start(request, click, data, record, dict(zip(fields or (), columns, strict=False)))

    def refresh(self, run: Any) -> tuple[Updates, bool]:
        """(updates once the look has ended, whether it still goes on)."""
        if not run:
            return {}, False
        try:
            record = tool_run(self._desk, run, DATA_PREVIEW)
            if record.live:
                return {}, True
            return self._drawn(record), False
        except WorkbenchError as error:
            return {self.run_box: "", self.words: error_html(error)}, False

    def _drawn(self, record: "RunRecord") -> Updates:
        updates: Updates = {self.run_box: "", self.words: ended_badly(record), self.table: self.listed()}
        read = {kind: self._read(record, kind.table()) for kind in KINDS}
        if not read[FileFacts]:
            return updates | self._hidden()
        facts, columns = read[FileFacts][0], read[ColumnFacts]
        broken = read[BrokenRow]
        total = max(record.tables.get(BrokenRow.table(), 0), len(broken))
        return (
            updates
            | self._mapped(read[RecordChoice], read[ProposedField], [each["column"] for each in columns])
            | {
                self.facts: facts_html(facts),
                self.verdict: self._verdict(read[RecordFacts], read[ProposedField]),
                self.files: downloads_html(record.run, self._desk.history.artifacts(record.run)),
                self.seen: gr.update(visible=True),
                self.rows: preview_json(columns, read[PreviewRow], facts["rows"]),
                self.statistics: columns_html(columns),
                self.broken_fold: gr.update(visible=bool(broken)),
                self.broken: broken_html(broken[:MOST_BROKEN], total) if broken else "",
            }
        )

    def _verdict(self, facts: Sequence[Line], fields: Sequence[Line]) -> Html:
        missing = [each["field"] for each in fields if each["required"] and not each["column"]]
        return verdict_html(facts[0] if facts else {}, missing) if facts or missing else Html("")

    def _mapped(self, kinds: Sequence[Line], fields: Sequence[Line], columns: Sequence[str]) -> Updates:
        chosen = next((each["name"] for each in kinds if each["chosen"]), "")
        return {
            self.record: gr.update(
                choices=[(say(BEST_FIT), ""), *((each["name"], each["name"]) for each in kinds)], value=chosen
            ),
            self.mapping: gr.update(visible=bool(fields)),
            self.fields: tuple(each["field"] for each in fields),
        } | mapping_updates(self.columns, fields, columns)

    def _read(self, record: "RunRecord", table: str) -> Sequence[Line]:
        return self._desk.history.rows_after(record.run, table, limit=max(MOST_PREVIEWED, MOST_BROKEN)).rows

    def _hidden(self) -> Updates:
        return {
            self.facts: _empty(), self.verdict: Html(""), self.files: Html(""), self.broken: "", self.rows: "",
            self.broken_fold: gr.update(visible=False), self.seen: gr.update(visible=False),
            self.mapping: gr.update(visible=False), self.fields: (), self.statistics: "",
        }  # fmt: skip


def _empty() -> Html:
    about = say(
        "Choose a data set from the list, upload a file, or name a path: you see its rows, what each column holds, "
        "which column fills which field, and every row that cannot be used with its reason. A PDF shows its text."
    )
    return tag("section", tag("h3", say("Nothing looked into yet")), tag("p", about), class_="bw-run bw-is-empty")
