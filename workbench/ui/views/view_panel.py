"""The pictures of a run: every view of its card, redrawn from rows alone.

Design decisions:
- Pictures of the headline claims stand first and are always drawn; the others lie in groups, drawn once opened.
- Until a headline's picture has rows, the first group that has some unfolds by itself: a run shows a picture early.
- A view without rows is not shown: one line says what is still to come, or what this run has no rows for.
"""

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
from workbench.ui.elements.render_cache import RenderCache, Stamps, Subject
from workbench.ui.elements.run_snapshot import RunSnapshot
from workbench.ui.views.view_bodies import body_of, drawn, empty_body, point_key
from workbench.ui.views.view_controls import Controls, problem_of

UNGROUPED = "More pictures"
APPEARANCE = "which views have rows"
LoadTables = Callable[[str], Tables]
Updates = dict[Any, Any]


class ViewPanel:
    """One view on the page: title, how to read it, its controls, the picture, and what it shows in words."""

    def __init__(self, view: Drawable, name: str, plotly_url: str, group: str = "") -> None:
        """Build inside an open Blocks context; `name` is unique on the page, `group` the fold it lies in."""
        self.view, self.group = view, group
        with gr.Column(elem_classes=["bw-view"], elem_id=f"view-{name}", visible=False) as self.column:
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
        groups: the folds, by name.
        opened: which of them this visitor has opened.
        chosen: values of the controls by view, as this visitor set them. Kept here rather than sent with every look:
            a value sent while the bounds of its slider move would be refused by Gradio.
    """

    def __init__(
        self, views: Iterable[View], engine: Engine, plotly_url: str, gallery: RenderCache, *, grouped: bool = True
    ) -> None:
        """Build inside an open Blocks context; without `grouped` every view is drawn, in the card's order."""
        self._gallery, self._engine, self._plotly_url = gallery, engine, plotly_url
        self.panels: list[ViewPanel] = []
        self.groups: dict[str, gr.Accordion] = {}
        self.chosen, self.opened = gr.State({}), gr.State([])
        ready = drawable(views, engine)
        first, groups = arranged(ready, engine) if grouped else (ready, {})
        with gr.Column(elem_classes=["bw-views"]):
            self._lay_out(first)
        self._headlines = tuple(self.panels)
        self.without_rows = gr.HTML("")
        for group, members in groups.items():
            with (
                gr.Accordion(group_title(group, members), open=False, elem_classes=["bw-group-of-views"]) as fold,
                gr.Column(elem_classes=["bw-views"]),
            ):
                self._lay_out(members, group)
            self.groups[group] = fold

    @property
    def outputs(self) -> list[Any]:
        """Everything that `refresh` may update."""
        shown = [each for panel in self.panels for each in (panel.column, *panel.outputs)]
        return [*shown, self.without_rows, *self.groups.values()]

    def add(self, views: Iterable[View]) -> None:
        """Lay out more views, here or in another open context, before `listen`."""
        self._lay_out(drawable(views, self._engine))

    def _lay_out(self, views: Iterable[Drawable], group: str = "") -> None:
        for view in views:
            self.panels.append(ViewPanel(view, f"{self._engine.name}-{view.name}", self._plotly_url, group))

    def refresh(
        self, sight: RunSnapshot, chosen: Mapping[str, Sequence[Any]], stamps: Stamps, opened: Sequence[str] = ()
    ) -> Updates:
        """Updates of the views that look otherwise than the page shows them; `opened` names the open groups."""
        updates = self._appear(sight, stamps, opened)
        unfolded = {"", *opened, *(group for group in self.groups if _unfolded(group) in stamps)}
        for panel in self.panels:
            if not _has_rows(panel, sight) or panel.group not in unfolded:
                continue
            values = chosen.get(panel.view.name) or [widget.value for widget in panel.controls.widgets]
            drawn_from = sight.record.revision(*(kind.table() for kind in panel.view.reads))
            subject = Subject(sight.record.run, panel.view.name, repr(values), drawn_from, sight.record.live)
            draw = partial(panel.draw, sight.tables, values, fit=True)
            updates |= self._gallery.show(subject, draw, panel.outputs, stamps)
        return updates

    def _appear(self, sight: RunSnapshot, stamps: Stamps, opened: Sequence[str]) -> Updates:
        """Updates that show the views which have rows, their groups, and the titles of those that have none."""
        there = {panel: _has_rows(panel, sight) for panel in self.panels}
        appearance = sum(has << at for at, has in enumerate(there.values())) * 2 + sight.record.live
        if stamps.get(APPEARANCE) == appearance:
            return {}
        afresh, stamps[APPEARANCE] = APPEARANCE not in stamps, appearance
        updates: Updates = {panel.column: gr.update(visible=has) for panel, has in there.items()}
        filled = {panel.group for panel, has in there.items() if has}
        early = next((group for group in self.groups if group in filled), "")
        if early and not any(there[panel] for panel in self._headlines):
            stamps[_unfolded(early)] = 1
        for group, fold in self.groups.items():
            updates[fold] = gr.update(visible=group in filled)
            if afresh or group == early:
                updates[fold]["open"] = group in opened or _unfolded(group) in stamps
        missing = [panel.view.title for panel, has in there.items() if not has]
        return updates | {self.without_rows: missing_html(missing, sight.record.live)}

    def clear(self) -> Updates:
        """Updates that show no view."""
        updates = {key: value for panel in self.panels for key, value in panel.clear().items()}
        hidden = [*(panel.column for panel in self.panels), *self.groups.values()]
        return updates | {each: gr.update(visible=False) for each in hidden} | {self.without_rows: Html("")}

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


def arranged(views: Sequence[Drawable], engine: Engine) -> tuple[list[Drawable], dict[str, list[Drawable]]]:
    """Part views into those of the headline claims, one a claim, and the others by group in the card's order.

    A card whose views name no headline claim begins with its first view.
    """
    headlines = [claim.name for claim in engine.claims if claim.headline]
    first = [next((view for view in views if view.claim == name), None) for name in headlines]
    chosen = [view for view in first if view is not None] or list(views[:1])
    groups: dict[str, list[Drawable]] = {}
    for view in views:
        if view not in chosen:
            groups.setdefault(view.group or UNGROUPED, []).append(view)
    return chosen, groups


def group_title(group: str, members: Sequence[Drawable]) -> str:
    """Name of a group with the titles in it, without what they repeat: "Router: Choices by topic, Pairs in order"."""
    titles = [view.title.partition(": ")[2] or view.title for view in members]
    return f"{group}: {', '.join(titles)}"


def missing_html(titles: Sequence[str], live: bool) -> Html:
    """Which views have no rows, in one line; nothing where all have."""
    if not titles:
        return Html("")
    lead = "Still to come: " if live else "No rows in this run for: "
    return tag("p", lead, ", ".join(titles), ".", class_="bw-hint")


def _unfolded(group: str) -> str:
    """Name of the stamp that says that a group has unfolded by itself."""
    return f"{group} is unfolded"


def _has_rows(panel: ViewPanel, sight: RunSnapshot) -> bool:
    return any(sight.record.tables.get(kind.table(), 0) for kind in panel.view.reads)


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
