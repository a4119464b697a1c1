"""What opening a run writes to: the tab of its method or of its tool, and the run in it."""

from dataclasses import dataclass
from typing import Any

import gradio as gr

from workbench.contract.engine import Engine, Tab
from workbench.contract.runs import RunId
from workbench.specs.links import Destination
from workbench.ui.data.models_data import ModelsDataTab
from workbench.ui.elements.page_context import PageContext
from workbench.ui.lazy_tab import LazyTab

START, HISTORY, MODELS_DATA = "start", "history", "models-data"
"""Ids of the tabs that are no method's."""


@dataclass(frozen=True)
class Question:
    """The tab of one question and the rooms of its methods.

    Attributes:
        chosen: name of the method that the tab shows.
        inner: the methods' own tabs, in the order of `rooms`, where there are several.
    """

    name: Tab
    tab: gr.Tab
    rooms: dict[str, LazyTab]
    chosen: gr.State
    inner: gr.Tabs | None = None
    inner_tabs: tuple[gr.Tab, ...] = ()


@dataclass(frozen=True)
class Navigation:
    """Everything that opening a run writes to."""

    desk: PageContext
    tabs: gr.Tabs
    questions: list[Question]
    notice: gr.HTML
    models_data: ModelsDataTab

    @property
    def outputs(self) -> list[Any]:
        """In the order of `opened`."""
        inner = [question.inner for question in self.questions if question.inner]
        chosen = [question.chosen for question in self.questions]
        boxes = [box for room in self.rooms for box in (room.opened, room.run_box, room.refill_box, room.aim_box)]
        return [self.tabs, self.notice, *self.models_data.outputs, *inner, *chosen, *boxes]

    @property
    def rooms(self) -> list[LazyTab]:
        """Every method's, in the order of the tabs."""
        return [room for question in self.questions for room in question.rooms.values()]

    def opened(self, engine: Engine, run: RunId = "", refill: RunId = "", aim: Destination | None = None) -> list[Any]:
        """Updates that show the method's tab, with a run or with its settings in the form, or as it stands.

        Args:
            engine: the method.
            run: to show, "" for the one that the tab shows.
            refill: whose settings the form takes over.
            aim: a link: to a view of the run; or to the method alone, whose tab then shows no run.
        """
        here = [engine.name in question.rooms for question in self.questions]
        chosen = [engine.name if its else gr.skip() for its in here]
        inner = [
            gr.update(selected=engine.name) if its else gr.skip()
            for its, question in zip(here, self.questions, strict=True)
            if question.inner
        ]
        shown = run or (gr.skip() if aim is None else None)
        written = (True, shown, refill or gr.skip(), gr.skip() if aim is None else aim)
        kept = [gr.skip()] * len(written)
        boxes = [box for room in self.rooms for box in (written if room.engine.name == engine.name else kept)]
        return [gr.update(selected=tab_id(engine.tab)), "", gr.skip(), gr.skip(), *inner, *chosen, *boxes]

    def opened_answers(self, run: RunId) -> list[Any]:
        """Updates that show answers of the playground."""
        shown = [gr.update(selected=MODELS_DATA), "", *self.models_data.opened(run)]
        return [*shown, *[gr.skip()] * (len(self.outputs) - len(shown))]

    def showed(self, tab: str) -> list[Any]:
        """Updates that show a tab of the page that is no method's."""
        return [gr.update(selected=tab), "", *[gr.skip()] * (len(self.outputs) - 2)]

    def stayed(self, said: str) -> list[Any]:
        """Updates that change nothing but what is said above the tabs."""
        return [gr.skip(), said, *[gr.skip()] * (len(self.outputs) - 2)]


def tab_id(tab: Tab) -> str:
    """Id of a question's tab."""
    return tab.value.lower()
