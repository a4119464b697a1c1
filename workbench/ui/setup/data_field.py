"""What stands below the picker of a data set: upload, what the file holds, and which column is which field.

Design decisions:
- The file is read by a worker, with the record of the method's own setting (`DataKind.rows`): what is said here is what
  the run would find. The page waits with a timer of its own, which sleeps otherwise.
- Columns that were found are written into the setting that names them, and languages become the choices of theirs.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import gradio as gr

from workbench.contract.errors import WorkbenchError
from workbench.contract.settings import Setting
from workbench.messages import say
from workbench.tool_questions.data_preview import (
    DATA_PREVIEW,
    BrokenRow,
    ColumnFacts,
    FileFacts,
    FoundChoices,
    ProposedField,
    RecordFacts,
)
from workbench.ui.elements.elements import Html, notice
from workbench.ui.elements.event_options import AT_ONCE
from workbench.ui.elements.page_context import PageContext
from workbench.ui.elements.request_guards import error_html
from workbench.ui.setup.data_upload import UPLOADING, data_upload_button
from workbench.ui.setup.file_words import file_html
from workbench.ui.setup.mapping_dropdowns import Line, mapping_dropdowns, mapping_parts, mapping_updates
from workbench.ui.setup.tool_runs import ended_badly, start_tool, tool_run
from workbench.ui.setup.uploads import keep_upload

if TYPE_CHECKING:
    from workbench.history import RunRecord
    from workbench.ui.setup.form import Form

TICK_SECONDS = 0.5
MOST_CHOSEN = 10
"""Languages that are chosen where those of before are not all in the file."""
KINDS = (FileFacts, ColumnFacts, ProposedField, RecordFacts, BrokenRow, FoundChoices)
LOCAL = ("upload:", "run:", "/", "~")

Updates = dict[Any, Any]


class DataField:
    """One setting that names data, with what its file holds.

    Attributes:
        run_box: the look that is under way, "" for none.
        fields: names of the mapped fields, in the order of `columns`.
    """

    def __init__(self, desk: PageContext, method: str, setting: Setting, picker: gr.Dropdown) -> None:
        """Build inside an open Blocks context, below the picker."""
        self._desk, self._named, self.setting, self.picker = desk, f"{method}.{setting.name}", setting, picker
        self.run_box, self.fields = gr.State(""), gr.State(())
        self.upload = data_upload_button()
        self.told = gr.HTML("", elem_classes=["bw-file"])
        with gr.Accordion(say("Columns"), open=False, visible=False, elem_classes=["bw-mapping"]) as self.mapping:
            self.columns = mapping_dropdowns()
        self.timer = gr.Timer(TICK_SECONDS, active=False)
        self._mapped_into: list[Any] = []
        self._followers: dict[str, Any] = {}
        self.outputs = [self.picker, self.run_box, self.fields, self.told, self.mapping, *self.columns, self.timer]

    def listen(self, form: "Form") -> None:
        """Wire it, once the whole form is laid out."""
        self._mapped_into = [form.widget_of(self.setting.columns)] if self.setting.columns else []
        self._followers = {
            each.name: form.widget_of(each.name)
            for each in form.settings
            if each.choices_of and each.choices_of.data == self.setting.name
        }
        written = [*self.outputs, *self._mapped_into, *self._followers.values()]
        self.upload.upload(self._uploaded, self.upload, written, show_progress_on=self.upload, **UPLOADING)
        self.picker.input(self._picked, self.picker, written, **AT_ONCE)
        for column in self.columns:
            column.input(self._chosen, [self.picker, self.fields, *self.columns], written, **AT_ONCE)
        self.timer.tick(self._refresh, [self.run_box, *self._followers.values()], written, **AT_ONCE)

    def _uploaded(self, request: gr.Request, path: Any) -> Updates:
        if not path:
            return {self.told: gr.skip()}
        try:
            ref = keep_upload(Path(path))
        except WorkbenchError as error:
            return {self.told: error_html(error)}
        return {self.picker: ref} | self.look(request, ref)

    def _picked(self, request: gr.Request, ref: Any) -> Updates:
        return self.look(request, str(ref or ""))

    def _chosen(self, request: gr.Request, ref: Any, fields: Any, *columns: Any) -> Updates:
        return self.look(request, str(ref or ""), mapping_parts(fields or (), columns))

    def look(self, request: gr.Request, ref: str, mapping: Sequence[str] = ()) -> Updates:
        """Return updates for a file that is read from now on; what was said of another leaves.

        Nothing is downloaded for a look.
        """
        cleared = {} if mapping else self._cleared()
        if not self._is_here(ref):
            return cleared
        asked = {"data": ref, "setting": self._named, "mapping": list(mapping)}
        try:
            run = start_tool(self._desk, request, DATA_PREVIEW, asked, None)
        except WorkbenchError as error:
            return cleared | {self.told: error_html(error)}
        return cleared | {
            self.run_box: run, self.told: notice(say("Reading the file …")), self.timer: gr.Timer(active=True),
        }  # fmt: skip

    def _cleared(self) -> Updates:
        """Updates for another file: nothing said, no columns asked for, none written down."""
        return {
            self.run_box: "", self.fields: (), self.told: Html(""),
            self.mapping: gr.update(visible=False), **dict.fromkeys(self._mapped_into, ""),
        }  # fmt: skip

    def _is_here(self, ref: str) -> bool:
        if ref.startswith(LOCAL):
            return True
        return any(line.ref == ref and line.ready for line in self._desk.installed.catalogue.data())

    def _refresh(self, run: Any, *chosen: Any) -> Updates:
        if not run:
            return {self.timer: gr.Timer(active=False)}
        try:
            record = tool_run(self._desk, run, DATA_PREVIEW)
            if record.live:
                return {self.timer: gr.skip()}
            updates = self._found(record, dict(zip(self._followers, chosen, strict=True)))
        except WorkbenchError as error:
            updates = {self.told: error_html(error)}
        return {self.run_box: "", self.timer: gr.Timer(active=False)} | updates

    def _found(self, record: "RunRecord", chosen: Mapping[str, Any]) -> Updates:
        read = self._desk.history.rows_after
        seen: dict[str, Sequence[Line]] = {kind.table(): read(record.run, kind.table()).rows for kind in KINDS}
        if not seen[FileFacts.table()]:
            return {self.told: ended_badly(record)}
        fields, usable = seen[ProposedField.table()], seen[RecordFacts.table()]
        told = file_html(seen, self._desk.history.notes(record.run)) + ended_badly(record)
        updates: Updates = {self.told: told, self.fields: tuple(each["field"] for each in fields)}
        if fields and self._mapped_into:
            names = [each["column"] for each in seen[ColumnFacts.table()]]
            updates |= mapping_updates(self.columns, fields, names)
            opened: dict[str, Any] = {} if usable else {"open": True}
            updates[self.mapping] = gr.update(visible=True, **opened)
        written = usable[0]["setting"] if usable else ""
        bundled = not str(record.spec.settings.get("data", "")).startswith(LOCAL)
        updates |= dict.fromkeys(self._mapped_into, "" if bundled else written)
        return updates | self._choices(seen[FoundChoices.table()], chosen)

    def _choices(self, found: Sequence[Line], chosen: Mapping[str, Any]) -> Updates:
        """Updates of the settings that are chosen among what the file holds; a choice that it holds whole stays."""
        updates: Updates = {}
        taken: set[str] = set()
        for each in found:
            now, values = chosen.get(each["setting"]), list(each["values"])
            if isinstance(now, list):
                fits = bool(now) and all(one in values and one not in taken for one in now)
                kept: Any = now if fits else [one for one in values if one not in taken][:MOST_CHOSEN]
            else:
                kept = now if now in values else next(iter(values), now)
                taken.add(str(kept))
            updates[self._followers[each["setting"]]] = gr.update(choices=values, value=kept)
        return updates
