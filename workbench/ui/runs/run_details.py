"""The panel of one run in the History tab: its name, tags and note, its downloads, and what can be done with it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

import gradio as gr

from workbench.formatting import count, size
from workbench.history.records import ArtifactLine, RunRecord
from workbench.specs.links import artifact_path, bundle_path, log_path, report_path, table_path
from workbench.ui.elements.markup import isolated


@dataclass(frozen=True)
class RunDetails:
    """The panel's parts; `outputs` is what `details_of` fills."""

    WIDTH: ClassVar[int] = 8

    panel: gr.Column
    run: gr.State
    heading: gr.HTML
    title: gr.Textbox
    tags: gr.Textbox
    note: gr.Textbox
    save: gr.Button
    rerun: gr.Button
    delete: gr.Button
    close: gr.Button
    files: gr.HTML

    @property
    def inputs(self) -> list[Any]:
        """What Save needs."""
        return [self.run, self.title, self.tags, self.note]

    @property
    def outputs(self) -> list[Any]:
        """What showing a run fills."""
        return [self.panel, self.run, self.heading, self.title, self.tags, self.note, self.delete, self.files]


def run_details() -> RunDetails:
    """Lay the panel out, closed."""
    with gr.Column(visible=False, elem_classes="bw-details") as panel:
        heading = gr.HTML(apply_default_css=False)
        with gr.Row():
            title = gr.Textbox(label="Title", max_length=200, scale=2)
            tags = gr.Textbox(label="Tags", info="Separated by commas", max_length=200)
        note = gr.Textbox(label="Note", lines=2, max_length=5_000)
        files = gr.HTML(apply_default_css=False)
        with gr.Row(elem_classes="bw-detail-buttons"):
            save = gr.Button("Save", variant="primary", min_width=90)
            rerun = gr.Button("Re-run …", min_width=90)
            delete = gr.Button("Delete", variant="stop", min_width=90)
            close = gr.Button("Close", min_width=90)
    return RunDetails(panel, gr.State(""), heading, title, tags, note, save, rerun, delete, close, files)


def details_of(record: RunRecord, name: str, may_change: bool, files: str) -> tuple[Any, ...]:
    """Updates for `RunDetails.outputs` that show this run; read-only for those who may not change it."""
    whose = (
        "" if may_change else '<p class="bw-muted">This run belongs to someone else: you can read and re-run it.</p>'
    )
    return (
        gr.update(visible=True),
        record.run,
        f'<h2 tabindex="-1">{isolated(name)}</h2><code>{record.run}</code>{whose}',
        gr.update(value=record.title, interactive=may_change),
        gr.update(value=", ".join(record.tags), interactive=may_change),
        gr.update(value=record.note, interactive=may_change),
        gr.update(interactive=may_change and not record.live),
        files,
    )


def downloads(record: RunRecord, artifacts: Iterable[ArtifactLine]) -> str:
    """Links to the run's tables as CSV, its artifacts, its report, everything in one ZIP, and its log."""
    links = [
        f'<a href="{table_path(record.run, table)}" download>{isolated(table)}.csv</a> '
        f'<span class="bw-muted">{count(rows, "row")}</span>'
        for table, rows in sorted(record.tables.items())
    ]
    links += [
        f'<a href="{artifact_path(record.run, line.name)}" download>{isolated(line.name)}</a> '
        f'<span class="bw-muted">{size(line.bytes)}</span>'
        for line in artifacts
    ]
    links += [
        f'<a href="{report_path(record.run)}" download>Report</a> <span class="bw-muted">one offline page</span>',
        f'<a href="{bundle_path(record.run)}" download>Everything</a> <span class="bw-muted">ZIP</span>',
        f'<a href="{log_path(record.run)}" target="_blank" rel="noopener">Log</a>',
    ]
    return f'<ul class="bw-files">{"".join(f"<li>{link}</li>" for link in links)}</ul>'
