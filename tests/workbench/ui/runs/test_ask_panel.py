import json

import pytest

from tests.blocks import laid_out, look, row, say
from tests.desks import IDLE, add_run, finish, open_desk
from tests.rooms.counting import COUNTING
from workbench.contract.fields import question_spec
from workbench.ui.elements.render_cache import RenderCache
from workbench.ui.elements.run_snapshot import Seen
from workbench.ui.runs.ask_panel import AskPanel


@pytest.fixture
def desk(tmp_path):
    with open_desk(tmp_path, settings=IDLE) as desk:
        yield desk


@pytest.fixture
def panel(desk):
    return laid_out(lambda: AskPanel(desk, COUNTING, COUNTING.ask, RenderCache()))[0]


def test_questions_are_offered_on_finished_runs_and_old_answers_leave(desk, panel):
    run = add_run(desk)
    live, done = (panel.offer(look(desk, run, state=state)) for state in ("running", "finished"))
    assert (live[panel.column]["visible"], done[panel.column]["visible"]) == (False, True)
    assert done[panel.run_box] == "" and done[panel.seen] == Seen()
    assert panel.offer(look(desk, run, look(desk, run).seen())) == {}
    assert panel.clear()[panel.column]["visible"] is False


def test_an_answer_is_drawn_from_the_rows_of_the_asking_run(desk, panel):
    parent = finish(desk, add_run(desk))
    asked = desk.bench.start(question_spec(COUNTING, parent, {"item": 3}))
    updates, live = panel.refresh(asked, Seen(), {}, {})
    assert live and "Waiting in the queue" in updates[panel.words]
    say(desk, asked, row("Answer", item=3, arm="plain", score=0.5), {"kind": "finished", "seconds": 1.0})
    updates, live = panel.refresh(asked, updates[panel.seen], {}, {})
    assert not live and updates[panel.words] == ""
    assert json.loads(updates[panel.views.panels[0].body])["rows"] == [[3, "plain", 0.5]]
    assert panel.refresh(asked, updates[panel.seen], {}, updates[panel.stamps]) == ({}, False)


def test_a_failed_question_says_why(desk, panel):
    asked = desk.bench.start(question_spec(COUNTING, finish(desk, add_run(desk)), {"item": 3}))
    say(desk, asked, {"kind": "failed", "code": "data", "message": "No <such> item.", "hint": "Ask for another."})
    told = panel.refresh(asked, Seen(), {}, {})[0][panel.words]
    assert "No &lt;such&gt; item." in told and "Ask for another." in told


def test_no_question_is_no_work(panel):
    assert panel.refresh("", Seen(), {}, {}) == ({}, False)
