"""A run in its four forms, each with a copy button: link, command line, Python, YAML."""

from typing import Any

import gradio as gr

from workbench.contract.runs import RunId
from workbench.messages import say
from workbench.specs.links import bundle_path, report_path, run_link
from workbench.specs.run_forms import forms_of
from workbench.ui.elements.elements import Html, link, tag
from workbench.ui.elements.page_context import PageContext
from workbench.ui.elements.run_snapshot import RunSnapshot

Updates = dict[Any, Any]


class RepeatPanel:
    """The four forms of the run shown."""

    def __init__(self, desk: PageContext) -> None:
        """Build inside an open Blocks context."""
        self._desk = desk
        gr.HTML(tag("p", say("The same run, to share or to repeat: each form gives the same rows."), class_="bw-lead"))
        look: dict[str, Any] = {
            "interactive": False,
            "buttons": ["copy"],
            "wrap_lines": True,
            "show_line_numbers": False,
        }
        self.link = gr.Code(label=say("Link"), lines=1, **look)
        self.cli = gr.Code(label=say("Command line"), language="shell", lines=2, **look)
        self.python = gr.Code(label="Python", language="python", lines=4, **look)
        self.yaml = gr.Code(label="YAML", language="yaml", lines=6, **{**look, "buttons": ["copy", "download"]})
        self.files = gr.HTML("")
        self.outputs = [self.link, self.cli, self.python, self.yaml, self.files]

    def refresh(self, sight: RunSnapshot) -> Updates:
        """Updates for a run shown first, and for one that was extended since."""
        if not sight.first and (not sight.changed or sight.record.live):
            return {}
        forms = forms_of(sight.engine, sight.record.spec, run_link(self._desk.base_url, sight.record.run))
        told = {self.link: forms.link, self.cli: forms.cli, self.python: forms.python, self.yaml: forms.yaml}
        return told | {self.files: files_html(sight.record.run)}

    def clear(self) -> Updates:
        """Updates that show no forms."""
        return dict.fromkeys(self.outputs, "")


def files_html(run: RunId) -> Html:
    """Return the run to take along: an offline page, and everything as one archive."""
    report = tag("li", link(report_path(run), say("Report"), download=True), " ", say("one page that opens offline"))
    inside = say("settings, rows, figures and files as a ZIP")
    bundle = tag("li", link(bundle_path(run), say("Everything"), download=True), " ", inside)
    return tag("ul", report, bundle, class_="bw-take-along")
