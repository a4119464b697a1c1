import gradio as gr
import pytest

from tests.blocks import laid_out, look, row, say
from tests.desks import add_run, open_desk
from tests.rooms.counting import COUNTING
from workbench.ui.elements.render_cache import RenderCache
from workbench.ui.runs.verdict_panel import VerdictPanel


@pytest.fixture
def desk(tmp_path):
    with open_desk(tmp_path) as desk:
        yield desk


def outcome(arm, item, value):
    return row("Outcome", arm=arm, metric="score", seed=0, value=value, item=f"i{item}")


def judged(desk, many=20):
    lines = [outcome(arm, n, n % 7 + (arm == "shifted")) for arm in ("plain", "shifted") for n in range(many)]
    return say(desk, add_run(desk), *lines)


def panel():
    return laid_out(lambda: VerdictPanel(COUNTING, gr.HTML(), RenderCache()))[0]


def test_a_live_run_is_judged_without_a_summary_and_a_finished_one_with(desk):
    run, made = judged(desk), panel()
    live = made.refresh(look(desk, run, state="running"), {})
    assert "may change" in live[made.body] and live[made.summary] == ""
    done = made.refresh(look(desk, run, state="finished"), {})
    assert "From all rows" in done[made.body] and "Holds here: 1 claim" in done[made.summary]


def test_nothing_is_judged_again_while_no_outcome_came_in(desk):
    run, made, stamps = judged(desk), panel(), {}
    assert made.refresh(look(desk, run, state="running"), stamps)
    assert made.refresh(look(desk, run, state="running", version=99), stamps) == {}
    assert made.refresh(look(desk, run, state="finished"), stamps)


def test_a_failed_run_is_not_judged_and_a_stopped_one_is_partial(desk):
    run, made = judged(desk), panel()
    failed = made.refresh(look(desk, run, state="failed"), {})
    assert "no claim is judged" in failed[made.body] and "bw-verdict" not in failed[made.body]
    assert failed[made.summary] == ""
    early = made.refresh(look(desk, add_run(desk), state="failed"), {})
    assert "no claim is judged" in early[made.body]
    stopped = made.refresh(look(desk, run, state="stopped"), {})
    assert "Partial: the run was stopped" in stopped[made.body] and "Holds here" in stopped[made.body]


def test_a_run_without_outcomes_shows_what_it_will_decide(desk):
    made = panel()
    updates = made.refresh(look(desk, add_run(desk)), {})
    assert "The shift raises the score." in updates[made.body] and updates[made.summary] == ""
    assert made.clear()[made.body] == updates[made.body]
