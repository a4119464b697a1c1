"""What opening a run writes to."""

from types import SimpleNamespace

import gradio as gr
import pytest

from tests.desks import add_run, built
from tests.workbench.ui.shown_tools import desk_with_tools, opened
from workbench.contract.engine import Tab
from workbench.ui.navigation import MODELS_DATA, tab_id
from workbench.ui.page import build_page

HERE = SimpleNamespace(cookies={}, session_hash="page")


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    with desk_with_tools(tmp_path_factory.mktemp("desk")) as desk:
        yield desk


@pytest.fixture(scope="module")
def page(desk) -> gr.Blocks:
    return built(lambda: build_page(desk))


def arrived(page, query):
    arrive = next(fn.fn for fn in page.fns.values() if getattr(fn.fn, "__name__", "") == "arrive")
    return arrive(query, HERE)


def shown(updates, run):
    return [update for update in updates if update == run]


def test_every_question_has_an_id_of_its_own():
    assert len({*map(tab_id, Tab), MODELS_DATA}) == len(Tab) + 1


def test_a_link_to_answers_opens_the_playground(desk, page):
    run = opened(desk, "playground", prompt="Why?", models=["small"])
    selected, words, *rest = arrived(page, f"?run={run}")
    assert selected["selected"] == MODELS_DATA and words == "" and rest[0]["selected"] == "playground"
    assert shown(rest, run) == [run]


def test_a_link_to_a_methods_run_leaves_the_playground_alone(desk, page):
    run = add_run(desk)
    selected, _, *rest = arrived(page, f"?run={run}")
    assert selected["selected"] == tab_id(desk.engines["counting"].tab) and shown(rest, run) == [run]
    assert "selected" not in rest[0]


def test_another_tools_run_has_no_door(desk, page):
    run = opened(desk, "data_preview", data="upload:a.csv")
    selected, words, *_ = arrived(page, f"?run={run}")
    assert "not installed" in words and "selected" not in selected


def test_models_and_data_stand_before_the_history(page):
    labels = [block.label for block in page.blocks.values() if isinstance(block, gr.Tab)]
    outer = [label for label in labels if label in ("Start", "Models & data", "History", *Tab)]
    assert outer[0] == "Start" and outer[-2:] == ["Models & data", "History"]
