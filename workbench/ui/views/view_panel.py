"""The pictures of a run: every view of its card, redrawn from rows alone."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

import gradio as gr

from workbench.contract.engine import Engine
from workbench.contract.errors import ConfigError, WorkbenchError
from workbench.contract.views import Tables, View
from workbench.figures.measures import Drawable, drawable
from workbench.ui.elements.elements import Html, notice, tag
from workbench.ui.elements.event_options import AT_ONCE
from workbench.ui.elements.render_cache import Gallery, Stamps, Subject
from workbench.ui.elements.run_snapshot import Sight
from workbench.ui.views.view_bodies import body_of, drawn, empty_body, point_key
from workbench.ui.views.view_controls import Controls, problem_of

LoadTables = Callable[[str], Tables]
Updates = dict[Any, Any]


class ViewPanel:
    """One view on the page: title, how to read it, its controls, the picture, and what it shows in words."""

    def __init__(self, view: Drawable, name: str, plotly_url: str) -> None:
        """Build inside an open Blocks context; `name` is unique on the page."""
        self.view = view
        with gr.Column(elem_classes=["bw-view"], elem_id=f"view-{name}"):
            helped = tag("p", view.help) if view.help else ""
            gr.HTML(tag("div", tag("h3", view.title), helped, class_="bw-view-head"))
            self.controls = Controls(view)
            self.body = body_of(view, name, plotly_url)
            self.words = gr.HTML("", elem_classes=["bw-words-below"])
        self.outputs = [*self.controls.widgets, self.body, self.words]

    def draw(self, tables: Tables, values: Sequence[Any], *, fit: bool) -> Updates:
        """Updates that draw the view; with `fit` the controls are brought to what the rows offer."""
        try:
            config = self.controls.read(values, tables)
        except ConfigError as error:
            return {self.words: notice(problem_of(error), "The picture shows the last good setting.", "warn")}
        value, words = drawn(self.view, tables, config)
        return {self.body: value, self.words: words} | (self.controls.fit(tables, config, values) if fit else {})

    def clear(self) -> Updates:
        """Updates that show the view without rows."""
        return {self.body: empty_body(self.view), self.words: Html("")}


class ViewPanels:
    """Several views over the rows of one run, with their controls and selections.

    Attributes:
        chosen: values of the controls by view, as this visitor set them. Kept here rather than sent with every look:
            a value sent while the bounds of its slider move would be refused by Gradio.
    """

    def __init__(self, views: Iterable[View], engine: Engine, plotly_url: str, gallery: Gallery) -> None:
        """Build inside an open Blocks context."""
        self._gallery, self._engine, self._plotly_url = gallery, engine, plotly_url
        self.panels: list[ViewPanel] = []
        self.chosen = gr.State({})
        self.add(views)

    @property
    def outputs(self) -> list[Any]:
        """Everything that `refresh` may update."""
        return [each for panel in self.panels for each in panel.outputs]

    def add(self, views: Iterable[View]) -> None:
        """Lay out more views, here or in another open context, before `listen`."""
        for view in drawable(views, self._engine):
            self.panels.append(ViewPanel(view, f"{self._engine.name}-{view.name}", self._plotly_url))

    def refresh(self, sight: Sight, chosen: Mapping[str, Sequence[Any]], stamps: Stamps) -> Updates:
        """Updates of the views that look otherwise than the page shows them."""
        updates: Updates = {}
        for panel in self.panels:
            values = chosen.get(panel.view.name) or [widget.value for widget in panel.controls.widgets]
            counts = tuple(sight.record.tables.get(kind.table(), 0) for kind in panel.view.reads)
            drawn_from = (sight.record.attempt, *counts)
            subject = Subject(sight.record.run, panel.view.name, repr(values), drawn_from, sight.record.live)
            draw = partial(panel.draw, sight.tables, values, fit=True)
            updates |= self._gallery.show(subject, draw, panel.outputs, stamps)
        return updates

    def clear(self) -> Updates:
        """Updates that show every view without rows."""
        return {key: value for panel in self.panels for key, value in panel.clear().items()}

    def listen(self, run_box: gr.State, tables_of: LoadTables) -> None:
        """Let controls redraw their view and selections set the controls of that name everywhere."""
        for panel in self.panels:
            redraw = _redraw(panel, self.chosen, tables_of)
            for widget in panel.controls.widgets:
                widget.change(
                    redraw, [run_box, self.chosen, *panel.controls.widgets], [panel.body, panel.words, self.chosen],
                    trigger_mode="always_last", **AT_ONCE,
                )  # fmt: skip
            chosen = getattr(panel.view, "selects", None) or ""
            targets = [update for other in self.panels for update in other.controls.select(chosen, None)]
            if targets:
                panel.body.click(self._select(chosen), None, targets, **AT_ONCE)

    def _select(self, name: str) -> Callable[[gr.EventData], Updates]:
        def select(event: gr.EventData) -> Updates:
            key = point_key(event._data)
            found = [panel.controls.select(name, key) for panel in self.panels]
            return {widget: gr.skip() if key is None else update for each in found for widget, update in each.items()}

        return select


def _redraw(panel: ViewPanel, chosen_box: gr.State, tables_of: LoadTables) -> Callable[..., Updates]:
    def redraw(run: str, chosen: Mapping[str, Sequence[Any]], *values: Any) -> Updates:
        kept = {chosen_box: {**chosen, panel.view.name: list(values)}}
        if not run:
            return panel.clear() | kept
        try:
            return panel.draw(tables_of(run), values, fit=False) | kept
        except WorkbenchError as error:
            return {panel.words: notice(error, error.hint, "warn")}

    return redraw
