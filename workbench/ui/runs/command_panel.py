"""Steering a live run: one small form for each command of the card."""

from collections.abc import Callable
from typing import Any

import gradio as gr

from workbench.contract.engine import Engine
from workbench.contract.errors import ConfigError, WorkbenchError
from workbench.ui.elements.elements import Html, notice, tag
from workbench.ui.elements.event_options import QUIET
from workbench.ui.elements.page_context import PageContext
from workbench.ui.elements.request_guards import changeable, error_html
from workbench.ui.elements.run_snapshot import RunSnapshot
from workbench.ui.setup.form import Form, problems_html

Updates = dict[Any, Any]


class CommandPanel:
    """The commands of one engine, shown while its run is live and the visitor may change it."""

    def __init__(self, desk: PageContext, engine: Engine) -> None:
        """Build inside an open Blocks context."""
        self._desk = desk
        with gr.Accordion("Steer the run", open=True, visible=False) as self.column:
            self.words = gr.HTML("", elem_classes=["bw-problems"])
            self._forms = {name: self._form(name, kind) for name, kind in engine.commands.items()}
        self.outputs = [self.column, self.words]

    def refresh(self, sight: RunSnapshot) -> Updates:
        """Updates where the run has begun or ended."""
        if not sight.changed:
            return {}
        return {self.column: gr.update(visible=sight.mine and sight.record.state == "running")}

    def clear(self) -> Updates:
        """Updates that hide the commands."""
        return {self.column: gr.update(visible=False), self.words: Html("")}

    def listen(self, run_box: gr.State) -> None:
        """Let each button send its command."""
        for name, (form, button) in self._forms.items():
            button.click(self._send(name, form), [run_box, *form.widgets], self.words, **QUIET)

    def _form(self, name: str, kind: Any) -> tuple[Form, gr.Button]:
        title = name.replace("_", " ").capitalize()
        gr.HTML(tag("h4", title))
        return Form(kind), gr.Button(title, size="sm")

    def _send(self, name: str, form: Form) -> Callable[..., Html]:
        def send(request: gr.Request, run: Any, *values: Any) -> Html:
            try:
                record = changeable(self._desk, run, request)
                self._desk.bench.command(record.run, name, form.read(values))
            except ConfigError as error:
                return problems_html(error, form.settings)
            except WorkbenchError as error:
                return error_html(error)
            return notice("Sent; the run takes it up at its next step.", tone="good")

        return send
