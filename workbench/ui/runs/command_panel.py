"""Steering a live run: one small form for each command of the card."""

from collections.abc import Callable
from typing import Any, NamedTuple

import gradio as gr

from workbench.contract.engine import Engine
from workbench.contract.errors import ConfigError, WorkbenchError
from workbench.messages import say
from workbench.ui.elements.elements import Html, notice, tag
from workbench.ui.elements.event_options import QUIET
from workbench.ui.elements.page_context import PageContext
from workbench.ui.elements.request_guards import changeable, error_html
from workbench.ui.elements.run_snapshot import RunSnapshot
from workbench.ui.setup.form import Form

Updates = dict[Any, Any]


class CommandForm(NamedTuple):
    """One command: what it asks, the button that sends it, and where the answer or its refusal is told."""

    form: Form
    button: gr.Button
    words: gr.HTML


class CommandPanel:
    """The commands of one engine, shown while its run is live and the visitor may change it.

    They fold to one line that stays beside the live tree while the page scrolls (`.bw-steer`); opened, the commands
    stand side by side.
    """

    def __init__(self, desk: PageContext, engine: Engine) -> None:
        """Build inside an open Blocks context."""
        self._desk = desk
        folded: dict[str, Any] = {"open": False, "visible": False, "elem_classes": ["bw-steer"]}
        with gr.Accordion(say("Steer the run"), **folded) as self.column, gr.Row():
            self.forms = {name: self._form(name, kind) for name, kind in engine.commands.items()}
        self.outputs = [self.column, *(form.words for form in self.forms.values())]

    def refresh(self, sight: RunSnapshot) -> Updates:
        """Updates where the run has begun or ended."""
        if not sight.changed:
            return {}
        return {self.column: gr.update(visible=sight.mine and sight.record.state == "running")}

    def clear(self) -> Updates:
        """Updates that hide the commands."""
        return {self.column: gr.update(visible=False), **{each.words: Html("") for each in self.forms.values()}}

    def listen(self, run_box: gr.State) -> None:
        """Let each button send its command."""
        for name, command in self.forms.items():
            given = [run_box, *command.form.widgets]
            command.button.click(self._send(name, command.form), given, command.words, **QUIET)

    def _form(self, name: str, kind: Any) -> CommandForm:
        title = say(name.replace("_", " ").capitalize())
        with gr.Column(min_width=240, elem_classes=["bw-command"]):
            gr.HTML(tag("h4", title))
            return CommandForm(Form(kind), gr.Button(title, size="sm"), gr.HTML("", elem_classes=["bw-problems"]))

    def _send(self, name: str, form: Form) -> Callable[..., Html]:
        def send(request: gr.Request, run: Any, *values: Any) -> Html:
            try:
                record = changeable(self._desk, run, request)
                self._desk.bench.command(record.run, name, form.read(values))
            except ConfigError as error:
                return form.problems(error)
            except WorkbenchError as error:
                return error_html(error)
            return notice(say("Sent; the run takes it up at its next step."), tone="good")

        return send
