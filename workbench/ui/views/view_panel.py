"""The pictures of a run: every view of its card, redrawn from rows alone.

Design decisions:
- Pictures of the headline claims stand first and are always drawn; the others lie in groups, drawn once opened.
- Until a headline's picture has rows, the first group that has some unfolds by itself: a run shows a picture early.
- A view without rows is not shown: one line says what is still to come, or what this run has no rows for.
- A link to a view holds how its controls are set; the first drawing of a run shows them so.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from json import dumps
from typing import Any

import gradio as gr

from workbench.contract.engine import Engine
from workbench.contract.errors import ConfigError, WorkbenchError
from workbench.contract.schema import Outcome
from workbench.contract.views import Tables, View
from workbench.figures.measures import Drawable, drawable
from workbench.messages import say
from workbench.specs.links import Destination
from workbench.ui.elements.elements import Html, notice, tag
from workbench.ui.elements.event_options import AT_ONCE
from workbench.ui.elements.render_cache import RenderCache, Stamps, Subject
from workbench.ui.elements.run_snapshot import RunSnapshot
from workbench.ui.views.view_bodies import body_of, drawn, empty_body, point_key
from workbench.ui.views.view_controls import Controls, problem_of
from workbench.ui.views.view_groups import HEADLINES, VERDICT, Fold, arranged, folded, jump_html, missing_html

APPEARANCE = "which views have rows"
LINK = "(...values) => { window.benchwrightAddress.link(%s, %s, values); return values; }"
"""Copies the address of a view as its controls are set: `% (its name, their names)` as JSON."""
LoadTables = Callable[[str], Tables]
Updates = dict[Any, Any]


class ViewPanel:
    """One view on the page: title, how to read it, its controls, the picture, and what it shows in words.

    Attributes:
        fold: name of the fold it lies in, "" for none.
        link: copies the view's address, where it has one.
    """

    def __init__(self, view: Drawable, name: str, plotly_url: str, fold: str = "", linked: bool = False) -> None:
        """Build inside an open Blocks context; `name` is unique on the page."""
        self.view, self.fold = view, fold
        with gr.Column(elem_classes=["bw-view"], elem_id=f"view-{name}", visible=False) as self.column:
            helped = tag("p", say(view.help)) if view.help else ""
            gr.HTML(tag("div", tag("h3", say(view.title), tabindex="-1"), helped, class_="bw-view-head"))
            self.link = _link_button(view) if linked else None
            self.controls = Controls(view)
            self.body = body_of(view, name, plotly_url)
            self.words = gr.HTML("", elem_classes=["bw-words-below"])
        self.outputs = [*self.controls.widgets, self.body, self.words]

    def draw(self, tables: Tables, values: Sequence[Any], *, fit: bool) -> Updates:
        """Updates that draw the view; with `fit` the controls are brought to what the rows offer."""
        try:
            config = self.controls.read(values, tables)
        except ConfigError as error:
            return {self.words: notice(problem_of(error), say("The picture shows the last good setting."), "warn")}
        value, words = drawn(self.view, tables, config)
        return {self.body: value, self.words: words} | (self.controls.fit(tables, config, values) if fit else {})

    def clear(self) -> Updates:
        """Updates that show the view without rows."""
        return {self.body: empty_body(self.view), self.words: Html("")}


class ViewPanels:
    """Several views over the rows of one run, with their controls and selections.

    Attributes:
        groups: what lies in folds, by the name of the fold.
        folds: the folds themselves, those of tables among them, by name.
        opened: which of them this visitor has opened.
        chosen: values of the controls by view, as this visitor set them. Kept here rather than sent with every look:
            a value sent while the bounds of its slider move would be refused by Gradio.
    """

    def __init__(
        self, views: Iterable[View], engine: Engine, plotly_url: str, gallery: RenderCache, *, grouped: bool = True
    ) -> None:
        """Build inside an open Blocks context; without `grouped` every view is drawn, in the card's order."""
        self._gallery, self._engine, self._plotly_url = gallery, engine, plotly_url
        self._linked, self.panels = grouped, list[ViewPanel]()
        self.folds: dict[str, gr.Accordion] = {}
        self.chosen, self.opened = gr.State({}), gr.State([])
        ready = drawable(views, engine)
        first, groups = arranged(ready, engine) if grouped else (ready, {})
        with gr.Column(elem_classes=["bw-views"]):
            self._lay_out(first)
        self._headlines = tuple(self.panels)
        self.without_rows = gr.HTML("")
        self.groups = {name: folded(name, members) for name, members in groups.items()}
        for group in self.groups.values():
            self._lay_out_fold(group)

    @property
    def outputs(self) -> list[Any]:
        """Everything that `refresh` may update."""
        shown = [each for panel in self.panels for each in (panel.column, *panel.outputs)]
        return [*shown, self.without_rows, *self.folds.values()]

    @property
    def aimed(self) -> list[Any]:
        """Everything that `aim` may update."""
        return [self.chosen, self.opened, *self.folds.values()]

    def _lay_out_fold(self, fold: Fold) -> None:
        with gr.Accordion(fold.title, open=False, elem_classes=["bw-group-of-views"]) as self.folds[fold.name]:
            with gr.Column(elem_classes=["bw-views"]):
                self._lay_out(fold.members, fold.name)
            if fold.tables:
                self._lay_out_fold(fold.tables)

    def add(self, views: Iterable[View]) -> None:
        """Lay out more views beside the verdict, before `listen`."""
        self._lay_out(drawable(views, self._engine))

    def _lay_out(self, views: Iterable[Drawable], fold: str = "") -> None:
        for view in views:
            self.panels.append(
                ViewPanel(view, f"{self._engine.name}-{view.name}", self._plotly_url, fold, self._linked)
            )

    def aim(self, link: Destination, chosen: Mapping[str, Sequence[Any]], opened: Sequence[str]) -> Updates:
        """Updates that unfold the view that a link names, and have it drawn next as the link sets its controls.

        Raises:
            ConfigError: a control cannot be set so.
        """
        panel = next((panel for panel in self.panels if panel.view.name == link.view), None)
        if panel is None:
            return {}
        values = panel.controls.set_as(dict(link.controls))
        around = self._around(panel.fold)
        updates: Updates = {self.folds[name]: gr.update(open=True) for name in around}
        updates |= {self.opened: list(dict.fromkeys([*opened, *around]))} if around else {}
        return updates | ({self.chosen: {**chosen, panel.view.name: values}} if link.controls else {})

    def _around(self, fold: str) -> list[str]:
        """The fold and the one that it lies in, outermost first."""
        outer = [name for name, group in self.groups.items() if group.tables and group.tables.name == fold]
        return [*outer, fold] if fold else []

    def list_html(self, sight: RunSnapshot) -> Html:
        """Return the list that leads to each view that has rows, and to each claim that is judged."""
        groups: dict[str, list[Drawable]] = {}
        for panel in self.panels:
            if _has_rows(panel, sight):
                group = HEADLINES if panel in self._headlines else (self._around(panel.fold) or [VERDICT])[0]
                groups.setdefault(group, []).append(panel.view)
        judged = sight.record.tables.get(Outcome.table(), 0)
        return jump_html(groups, self._engine.claims if judged else ())

    def refresh(
        self, sight: RunSnapshot, chosen: Mapping[str, Sequence[Any]], stamps: Stamps, opened: Sequence[str] = ()
    ) -> Updates:
        """Updates of the views that look otherwise than the page shows them; `opened` names the open groups."""
        updates = self._appear(sight, stamps, opened)
        unfolded = {"", *opened, *(fold for fold in self.folds if _unfolded(fold) in stamps)}
        for panel in self.panels:
            if not _has_rows(panel, sight) or panel.fold not in unfolded:
                continue
            values = chosen.get(panel.view.name) or [widget.value for widget in panel.controls.widgets]
            drawn_from = sight.record.revision(*(kind.table() for kind in panel.view.reads))
            subject = Subject(sight.record.run, panel.view.name, repr(values), drawn_from, sight.record.live)
            draw = partial(panel.draw, sight.tables, values, fit=True)
            first = panel.view.name not in stamps and panel.view.name in chosen
            updates |= self._gallery.show(subject, draw, panel.outputs, stamps)
            if first:
                # the browser may have cut a value to bounds that have moved since
                for widget, value in zip(panel.controls.widgets, values, strict=True):
                    updates[widget] = {**gr.update(value=value), **updates.get(widget, {})}
        return updates

    def _appear(self, sight: RunSnapshot, stamps: Stamps, opened: Sequence[str]) -> Updates:
        """Updates that show the views which have rows, their groups, and the titles of those that have none."""
        there = {panel: _has_rows(panel, sight) for panel in self.panels}
        appearance = sum(has << at for at, has in enumerate(there.values())) * 2 + sight.record.live
        if stamps.get(APPEARANCE) == appearance:
            return {}
        afresh, stamps[APPEARANCE] = APPEARANCE not in stamps, appearance
        updates: Updates = {panel.column: gr.update(visible=has) for panel, has in there.items()}
        filled = {name for panel, has in there.items() if has for name in self._around(panel.fold)}
        early = next((group for group in self.groups if group in filled), "")
        if early and not any(there[panel] for panel in self._headlines):
            stamps[_unfolded(early)] = 1
        for name, fold in self.folds.items():
            updates[fold] = gr.update(visible=name in filled)
            if afresh or name == early:
                updates[fold]["open"] = name in opened or _unfolded(name) in stamps
        missing = [say(panel.view.title) for panel, has in there.items() if not has]
        return updates | {self.without_rows: missing_html(missing, sight.record.live)}

    def clear(self) -> Updates:
        """Updates that show no view."""
        updates = {key: value for panel in self.panels for key, value in panel.clear().items()}
        hidden = [*(panel.column for panel in self.panels), *self.folds.values()]
        return updates | {each: gr.update(visible=False) for each in hidden} | {self.without_rows: Html("")}

    def listen(self, run_box: gr.State, tables_of: LoadTables) -> None:
        """Let controls redraw their view and selections set the controls of that name everywhere."""
        for panel in self.panels:
            if panel.link:
                names = [setting.name for setting in panel.controls.settings]
                asked = LINK % (dumps(panel.view.name), dumps(names))
                panel.link.click(None, panel.controls.widgets, None, js=asked, **AT_ONCE)
            redraw = _redraw(panel, self.chosen, tables_of)
            if panel.controls.widgets:
                # One event for all of them: of several that change together the last has them all, and counts.
                gr.on(
                    [widget.change for widget in panel.controls.widgets], redraw,
                    [run_box, self.chosen, *panel.controls.widgets], [panel.body, panel.words, self.chosen],
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


def _link_button(view: Drawable) -> gr.Button:
    words = say("Link to “{title}”", title=say(view.title))
    return gr.Button(words, size="sm", elem_classes=["bw-view-link"], min_width=32)


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
