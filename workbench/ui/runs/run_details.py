"""The panel of one run in the History tab: its name, tags and note, its downloads, and what can be done with it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, ClassVar

import gradio as gr

from workbench.formatting import count, size
from workbench.history.records import ArtifactLine, RunRecord
from workbench.messages import say
from workbench.specs.links import artifact_path, bundle_path, log_path, report_path, table_path
from workbench.ui.elements.elements import Html, join, tag
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
            title = gr.Textbox(label=say("Title"), max_length=200, scale=2)
            tags = gr.Textbox(label=say("Tags"), info=say("Separated by commas"), max_length=200)
        note = gr.Textbox(label=say("Note"), lines=2, max_length=5_000)
        files = gr.HTML(apply_default_css=False)
        with gr.Row(elem_classes="bw-detail-buttons"):
            save = gr.Button(say("Save"), variant="primary", min_width=90)
            rerun = gr.Button(say("Re-run …"), min_width=90)
            delete = gr.Button(say("Delete"), variant="stop", min_width=90)
            close = gr.Button(say("Close"), min_width=90)
    return RunDetails(panel, gr.State(""), heading, title, tags, note, save, rerun, delete, close, files)


def details_of(record: RunRecord, name: str, may_change: bool, files: str) -> tuple[Any, ...]:
    """Updates for `RunDetails.outputs` that show this run; read-only for those who may not change it."""
    whose = say("This run belongs to someone else: you can read and re-run it.")
    head = [tag("h2", isolated(name), tabindex="-1"), tag("code", record.run)]
    head += [] if may_change else [tag("p", whose, class_="bw-muted")]
    head += [tag("p", disk_words(record), class_="bw-muted")] if record.digest else []
    return (
        gr.update(visible=True),
        record.run,
        join(head),
        gr.update(value=record.title, interactive=may_change),
        gr.update(value=", ".join(record.tags), interactive=may_change),
        gr.update(value=record.note, interactive=may_change),
        gr.update(interactive=may_change and not record.live),
        files,
    )


def disk_words(record: RunRecord) -> str:
    """Return what the run takes on disk, and how much of it can go while its record stays."""
    assert record.digest is not None
    total, spare = size(record.digest.bytes), record.digest.spare
    if not spare:
        return say("{total} on disk.", total=total)
    return say(
        "{total} on disk; {spare} of that are kept computations and checkpoints.", total=total, spare=size(spare)
    )


def downloads(record: RunRecord, artifacts: Iterable[ArtifactLine]) -> Html:
    """Links to the run's tables as CSV, its artifacts, its report, everything in one ZIP, and its log."""
    links = [
        _file(table_path(record.run, table), f"{table}.csv", count(rows, "row"))
        for table, rows in sorted(record.tables.items())
    ]
    links += [_file(artifact_path(record.run, line.name), line.name, size(line.bytes)) for line in artifacts]
    log = tag("a", say("Log"), href=log_path(record.run), target="_blank", rel="noopener")
    links += [
        _file(report_path(record.run), say("Report"), say("one offline page")),
        _file(bundle_path(record.run), say("Everything"), say("ZIP")),
        log,
    ]
    return tag("ul", *[tag("li", each) for each in links], class_="bw-files")


def _file(path: str, name: str, about: str) -> Html:
    return join([tag("a", isolated(name), href=path, download=True), tag("span", about, class_="bw-muted")], " ")
