"""What opening a run writes to: the tab of its method or of its tool, and the run in it."""

from dataclasses import dataclass
from typing import Any

import gradio as gr

from workbench.engine import Engine, Tab
from workbench.runs import RunId
from workbench.ui.desk import Desk
from workbench.ui.engine_tab import EngineTab
from workbench.ui.models_data import ModelsDataTab

MODELS_DATA = "models-data"
"""Id of the tab that holds the tools."""


@dataclass(frozen=True)
class Question:
    """The tab of one question and the rooms of its methods; `inner` are their tabs where there are several."""

    name: Tab
    tab: gr.Tab
    rooms: dict[str, EngineTab]
    inner: gr.Tabs | None
    inner_tabs: tuple[gr.Tab, ...]


@dataclass(frozen=True)
class Doors:
    """Everything that opening a run writes to."""

    desk: Desk
    tabs: gr.Tabs
    questions: list[Question]
    notice: gr.HTML
    models_data: ModelsDataTab

    @property
    def outputs(self) -> list[Any]:
        """In the order of `opened`."""
        rooms = [room for question in self.questions for room in question.rooms.values()]
        inner = [question.inner for question in self.questions if question.inner]
        boxes = [*(room.run_box for room in rooms), *(room.refill_box for room in rooms)]
        return [self.tabs, self.notice, *self.models_data.doors, *inner, *boxes]

    def opened(self, engine: Engine, run: RunId = "", refill: RunId = "") -> list[Any]:
        """Updates that show the method's tab, with a run or with its settings in the form, or as it stands."""
        names = [name for question in self.questions for name in question.rooms]
        inner = [
            gr.update(selected=engine.name) if engine.name in question.rooms else gr.skip()
            for question in self.questions
            if question.inner
        ]
        boxes = [run if run and name == engine.name else gr.skip() for name in names]
        refills = [refill if refill and name == engine.name else gr.skip() for name in names]
        return [gr.update(selected=tab_id(engine.tab)), "", gr.skip(), gr.skip(), *inner, *boxes, *refills]

    def opened_answers(self, run: RunId) -> list[Any]:
        """Updates that show answers of the playground."""
        shown = [gr.update(selected=MODELS_DATA), "", *self.models_data.opened(run)]
        return [*shown, *[gr.skip()] * (len(self.outputs) - len(shown))]

    def stayed(self, said: str) -> list[Any]:
        """Updates that change nothing but what is said above the tabs."""
        return [gr.skip(), said, *[gr.skip()] * (len(self.outputs) - 2)]


def tab_id(tab: Tab) -> str:
    """Id of a question's tab."""
    return tab.value.lower()
