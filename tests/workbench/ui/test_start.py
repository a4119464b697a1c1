"""The start page: questions, one click, recent runs."""

from dataclasses import replace
from types import SimpleNamespace

import gradio as gr
import pytest

from tests.desks import add_run, built, finish, open_desk
from tests.rooms import ENGINES
from workbench.access.security import COOKIE, Access
from workbench.contract.engine import Tab
from workbench.ui.setup.preset_times import preset_time
from workbench.ui.start import by_tab, quick_times, recent_runs, run_quick, start_page

HERE = SimpleNamespace(cookies={})


@pytest.fixture
def desk(tmp_path, fresh_home):
    with open_desk(tmp_path / "desk") as desk:
        yield desk


def test_methods_are_grouped_by_question_in_the_order_of_the_tabs():
    engines = [
        replace(ENGINES["counting"], name=name, tab=tab)
        for name, tab in (("a", Tab.DEFINE), ("b", Tab.ROUTE), ("c", Tab.DEFINE))
    ]
    found = by_tab(engines)
    assert list(found) == [Tab.ROUTE, Tab.DEFINE]
    assert [engine.name for engine in found[Tab.DEFINE]] == ["a", "c"]


def test_every_method_has_a_card_with_its_question_and_promise(desk):
    def make():
        with gr.Blocks() as blocks:
            return blocks, start_page(desk)

    blocks, page = built(make)
    shown = " ".join(str(block.value) for block in blocks.blocks.values() if isinstance(block, gr.HTML))
    assert [card.engine.name for card in page.cards] == [e.name for es in by_tab(ENGINES.values()).values() for e in es]
    for engine in ENGINES.values():
        assert engine.question in shown and engine.presets["quick"].promise in shown


def test_before_the_first_run_the_page_says_what_to_do(desk, tmp_path, monkeypatch):
    monkeypatch.setenv("BENCHWRIGHT_HOME", str(tmp_path))
    said = recent_runs(desk)
    assert "No runs yet" in said and "benchwright fetch" in said
    (tmp_path / "models" / "smollm2").mkdir()
    assert "nothing needs the network" in recent_runs(desk)


def test_recent_runs_link_to_themselves_and_examples_are_apart(desk):
    own, example = add_run(desk), finish(desk, add_run(desk, origin="example"))
    said = recent_runs(desk)
    head, examples = said.split("Examples, run elsewhere")
    assert f"?run={own}" in head and f"?run={example}" not in head and f"?run={example}" in examples


def test_each_card_tells_how_long_its_quick_run_takes(desk):
    card = SimpleNamespace(engine=ENGINES["counting"])
    [words] = quick_times(desk, [card])
    assert preset_time(desk, ENGINES["counting"], "quick") in words


def test_what_was_laid_aside_is_not_among_recent_runs(desk):
    run = finish(desk, add_run(desk))
    assert f"?run={run}" in recent_runs(desk)
    desk.history.archive(run)
    assert f"?run={run}" not in recent_runs(desk)


def test_a_hostile_title_is_harmless(desk):
    add_run(desk, title="<script>alert(1)</script>")
    assert "<script" not in recent_runs(desk)


def test_a_second_click_gives_the_run_under_way(desk):
    first = run_quick(desk, ENGINES["steering"], HERE)
    assert run_quick(desk, ENGINES["steering"], HERE) == first
    desk.bench.stop(first)
    desk.bench.wait(first, 120)
    assert run_quick(desk, ENGINES["steering"], HERE) != first


def test_each_visitor_gets_a_run_of_their_own(tmp_path, fresh_home):
    access = Access("guests", b"k")
    ada, bob = (SimpleNamespace(cookies={COOKIE: access.token(name)}) for name in ("ada", "bob"))
    with open_desk(tmp_path / "desk", access) as desk:
        runs = [run_quick(desk, ENGINES["steering"], who) for who in (ada, bob, ada)]
        assert runs[0] == runs[2] != runs[1]
        assert desk.history.record(runs[1]).owner == "bob"


def test_whoever_is_not_signed_in_starts_nothing(tmp_path, fresh_home):
    with open_desk(tmp_path / "desk", Access("accounts", b"k", {"ada": ""})) as desk:
        with pytest.raises(gr.Error, match="not signed in"):
            run_quick(desk, ENGINES["counting"], HERE)
        assert desk.history.listing().records == ()
