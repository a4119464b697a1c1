"""What a visitor asks of the bench in a method's tab: start, check fit, ask, stop, extend, fill the form from a run.

Every handler treats its arguments as hostile: anyone may call it by its index.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import gradio as gr

from workbench.contract.engine import Engine
from workbench.contract.errors import ConfigError, WorkbenchError
from workbench.contract.fields import question_spec, with_purpose
from workbench.contract.runs import RunSpec
from workbench.ui.elements.elements import Html
from workbench.ui.elements.page_context import PageContext
from workbench.ui.elements.request_guards import changeable, click_key, error_html, readable
from workbench.ui.runs.run_panel import RunPanel
from workbench.ui.setup.form import problems_html
from workbench.ui.setup.preflight_panel import PreflightPanel
from workbench.ui.setup.setup_panel import USE, SetupPanel

Updates = dict[Any, Any]


@dataclass(frozen=True)
class RunRequests:
    """Handlers that open a run, or change one, and what they update.

    Attributes:
        run_box, timer: the run shown and what wakes its looks; see `LazyTab`.
        settings: the fold of the form.
    """

    desk: PageContext
    engine: Engine
    run_box: gr.State
    timer: gr.Timer
    setup: SetupPanel
    preflight: PreflightPanel
    settings: gr.Accordion
    shown: RunPanel

    def start(self, request: gr.Request, click: Any, *values: Any) -> Updates:
        """Open a run of the form as it stands."""
        try:
            run = self._open(request, self.setup.read(values), click)
        except WorkbenchError as error:
            return self._refused(error)
        return self.setup.accepted() | {self.run_box: run, self.timer: gr.Timer(active=True)}

    def check(self, request: gr.Request, click: Any, *values: Any) -> Updates:
        """Open a pre-flight of the form as it stands."""
        try:
            run = self._open(request, with_purpose(self.setup.read(values), "preflight"), click)
        except WorkbenchError as error:
            return self._refused(error)
        return self.setup.accepted() | self.preflight.begun(run) | {self.timer: gr.Timer(active=True)}

    def question(self, request: gr.Request, click: Any, parent: Any, *values: Any) -> Updates:
        """Ask the run shown."""
        ask = self.shown.ask
        assert ask is not None
        try:
            record = readable(self.desk, parent)
            spec = question_spec(self.engine, record.run, ask.form.read(values))
            run = self._open(request, spec, click)
        except ConfigError as error:
            return {ask.words: problems_html(error, ask.form.settings)}
        except WorkbenchError as error:
            return {ask.words: error_html(error)}
        return ask.begun(run) | {self.timer: gr.Timer(active=True)}

    def acting(self, act: Callable[[str], None]) -> Callable[..., Updates]:
        """Give the handler that stops, resumes or takes back the run shown."""

        def acted(request: gr.Request, run: Any) -> Updates:
            try:
                act(changeable(self.desk, run, request).run)
            except WorkbenchError as error:
                return {self.shown.told: error_html(error)}
            return {self.shown.told: Html(""), self.timer: gr.Timer(active=True)}

        return acted

    def extend(self, request: gr.Request, run: Any, *values: Any) -> Updates:
        """Go on with the run shown."""
        panel = self.shown.extend
        try:
            self.desk.bench.extend(changeable(self.desk, run, request).run, panel.read(values))
        except WorkbenchError as error:
            return panel.refused(error)
        return {panel.words: Html(""), self.timer: gr.Timer(active=True)}

    def refill(self, request: gr.Request, run: Any) -> Updates:
        """Fill the form with a run's settings, or with a model or data set from the lists; nothing starts."""
        if not run:
            return self.setup.accepted()
        if isinstance(run, str) and run.startswith(USE):
            return self.setup.used(request, run) | {self.settings: gr.update(open=True)}
        try:
            record = readable(self.desk, run)
            if record.engine != self.engine.name:
                return self.setup.accepted()
            return self.setup.fill(record.spec) | {self.settings: gr.update(open=True)}
        except WorkbenchError as error:
            return {self.setup.problems: error_html(error)}

    def _open(self, request: gr.Request, spec: RunSpec, click: Any) -> str:
        owner = self.desk.access.visitor(request).name
        return self.desk.bench.start(spec, owner=owner, key=click_key(click, spec))

    def _refused(self, error: WorkbenchError) -> Updates:
        return self.setup.refused(error) if isinstance(error, ConfigError) else {self.setup.problems: error_html(error)}
