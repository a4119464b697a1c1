import pytest

from tests.blocks import laid_out, look
from tests.desks import add_run, finish, open_desk
from tests.rooms.counting import COUNTING
from tests.rooms.steering import STEERING
from workbench.contract.errors import RunNotFound
from workbench.ui.elements.render_cache import RenderCache
from workbench.ui.runs.run_panel import RunPanel


@pytest.fixture
def desk(tmp_path):
    with open_desk(tmp_path) as desk:
        yield desk


def panel(desk, engine=COUNTING):
    return laid_out(lambda: RunPanel(desk, engine, RenderCache()))[0]


@pytest.mark.parametrize(
    ("state", "mine", "stop", "resume"),
    [("queued", True, True, False), ("running", True, True, False), ("running", False, False, False),
     ("finished", True, False, False), ("failed", True, False, True), ("stopped", False, False, False),
     ("interrupted", True, False, True)],
)  # fmt: skip
def test_stop_and_resume_are_there_when_they_make_sense(desk, state, mine, stop, resume):
    made = panel(desk)
    updates = made.refresh(look(desk, add_run(desk), state=state, mine=mine), ["Outcome", "pictures", {}, [], {}])
    assert (updates[made.stop]["visible"], updates[made.resume]["visible"]) == (stop, resume)


def test_a_run_that_is_stopping_cannot_be_stopped_again(desk):
    made = panel(desk)
    updates = made.refresh(look(desk, add_run(desk), state="stopping"), ["Outcome", "pictures", {}, [], {}])
    assert updates[made.stop]["interactive"] is False


def test_examples_cannot_be_resumed(desk):
    made = panel(desk)
    updates = made.refresh(
        look(desk, add_run(desk), state="stopped", origin="example"), ["Outcome", "pictures", {}, [], {}]
    )
    assert updates[made.resume]["visible"] is False


def test_the_log_is_read_again_only_while_it_is_open(desk):
    made, run = panel(desk), add_run(desk)
    seen = look(desk, run, state="running").seen()
    closed, opened = (
        made.refresh(look(desk, run, seen, state="running"), ["Outcome", fold, {}, [], {}]) for fold in ("rows", "log")
    )
    assert made.log not in closed and made.log in opened
    assert {made.top, made.bar} <= set(closed)  # its clock runs


def test_clearing_leaves_nothing_of_the_run(desk):
    made = panel(desk, STEERING)
    run = finish(desk, add_run(desk, "steering"))
    drawn = {}
    for fold in ("rows", "log", "details"):
        drawn |= made.refresh(look(desk, run), ["Outcome", fold, {}, [], {}])
    cleared = made.clear(RunNotFound("Gone <b>.", "Look elsewhere."))
    assert "Gone &lt;b&gt;." in cleared[made.top] and "Look elsewhere." in cleared[made.top]
    assert not any(run in str(value) for value in cleared.values())
    assert {made.top, made.details, made.log, made.verdict.body, made.rows.body} <= set(drawn) & set(cleared)
