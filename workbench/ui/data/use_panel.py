"""The way from a model or data set on the list into a run: which method, then its form opens with it chosen."""

from typing import TYPE_CHECKING, Any

import gradio as gr

from workbench.messages import say
from workbench.ui.elements.elements import Html, tag
from workbench.ui.elements.event_options import AT_ONCE, QUIET
from workbench.ui.elements.page_context import PageContext
from workbench.ui.setup.picker_choices import setting_for

if TYPE_CHECKING:
    from workbench.ui.navigation import Navigation

REVEAL = "() => { window.benchwrightForm?.reveal(); }"

Updates = dict[Any, Any]


class UsePanel:
    """Asks which method is to use what was pressed; only methods that can are offered.

    Attributes:
        wanted: what is to be used, as `SetupPanel.used` takes it: "use:model:REF".
        outputs: what `offered` may update.
    """

    def __init__(self, desk: PageContext) -> None:
        """Build inside an open Blocks context."""
        self._desk = desk
        self.wanted = gr.State("")
        with gr.Column(visible=False, elem_classes=["bw-use"]) as self.column:
            self.words = gr.HTML("")
            with gr.Row(elem_classes=["bw-buttons"]):
                self.buttons = {
                    name: gr.Button(say(engine.title), size="sm", min_width=140)
                    for name, engine in desk.engines.items()
                }
        self.outputs = [self.wanted, self.column, self.words, *self.buttons.values()]

    def offered(self, kind: str, ref: str) -> Updates:
        """Return updates that ask where to use a "model" or "data"."""
        able = [name for name, engine in self._desk.engines.items() if setting_for(self._desk, engine, kind, ref)]
        asked = say("Use {name} in a run of:", name=ref) if able else say("No method here can use {name}.", name=ref)
        shown: Updates = {button: gr.update(visible=name in able) for name, button in self.buttons.items()}
        words = tag("p", asked, class_="bw-lead", role="status")
        return shown | {self.wanted: f"use:{kind}:{ref}", self.column: gr.update(visible=True), self.words: words}

    def closed(self) -> Updates:
        """Return updates that ask nothing."""
        return {self.wanted: "", self.column: gr.update(visible=False), self.words: Html("")}

    def listen(self, doors: "Navigation") -> None:
        """Let each button open its method with what is wanted in the form."""
        for name, button in self.buttons.items():
            engine = doors.desk.engines[name]
            button.click(
                lambda wanted, engine=engine: doors.opened(engine, refill=str(wanted or "")),
                self.wanted, doors.outputs, **QUIET,
            ).then(self.closed, None, self.outputs, js=REVEAL, **AT_ONCE)  # fmt: skip
