import pytest

from tests.blocks import laid_out, look, visit
from tests.desks import add_run, finish, open_desk
from tests.rooms.steering import STEERING
from workbench.ui.runs.command_panel import CommandPanel


@pytest.fixture
def desk(tmp_path):
    with open_desk(tmp_path) as desk:
        yield desk


@pytest.fixture
def panel(desk):
    return laid_out(lambda: CommandPanel(desk, STEERING))[0]


def send(panel, run, *given):
    return panel._send("add", panel.forms["add"].form)(visit(), run, *given)


def test_commands_are_offered_while_the_run_goes_to_those_who_may(desk, panel):
    run = add_run(desk, "steering")
    seen = [panel.refresh(look(desk, run, **given))[panel.column]["visible"] for given in (
        {"state": "running"}, {"state": "running", "mine": False}, {"state": "finished"}, {"state": "queued"},
    )]  # fmt: skip
    assert seen == [True, False, False, False]


def test_a_command_is_written_once_and_checked_first(desk, panel):
    run = add_run(desk, "steering")
    assert "bw-is-good" in send(panel, run, 7)
    assert "at most 1000" in send(panel, run, 5_000)
    lines = desk.bench.folder(run).commands.read_text().splitlines()
    assert len(lines) == 1 and "7" in lines[0]


@pytest.mark.parametrize("run", [None, "", "../x", "unknown", 3])
def test_hostile_runs_take_no_commands(panel, run):
    assert "bw-is-bad" in send(panel, run, 1)


def test_a_run_that_ended_takes_no_commands(desk, panel):
    assert "takes no commands" in send(panel, finish(desk, add_run(desk, "steering")), 1)


def test_the_commands_fold_to_one_line_and_each_tells_its_own_refusals(desk, panel):
    assert panel.column.open is False and "bw-steer" in panel.column.elem_classes
    assert set(panel.outputs) == {panel.column, *(each.words for each in panel.forms.values())}
    assert 'data-place="-1 ' in send(panel, add_run(desk, "steering"), 5_000)
