"""How long a preset takes is what was measured: runs that ended here, the last pre-flight, the example that ships."""

import pytest

from tests.blocks import row, say
from tests.desks import IDLE, open_desk
from tests.rooms.counting import COUNTING
from workbench.contract.fields import read_spec, with_purpose
from workbench.contract.runs import RunFolder
from workbench.ui.setup.preset_times import asks_alike, preset_time


@pytest.fixture
def desk(tmp_path):
    with open_desk(tmp_path, settings=IDLE) as desk:
        yield desk


def ended(desk, spec, seconds, *rows, origin=""):
    run = desk.history.open_run(spec, origin=origin)
    RunFolder(desk.history.runs_root, run).make(desk.history.record(run).spec)
    say(desk, run, *rows, {"kind": "finished", "seconds": seconds})
    return run


def test_nothing_is_promised_that_was_not_measured(desk):
    ended(desk, read_spec(COUNTING, settings={"items": 9}), 5.0)
    ended(desk, read_spec(COUNTING, seeds=(7,)), 5.0)
    assert "not known yet" in preset_time(desk, COUNTING, "quick")


def test_runs_that_ended_here_count_before_checks_and_examples(desk):
    quick = read_spec(COUNTING)
    ended(desk, quick, 3_600.0, origin="example")
    assert "example that ships took 1 h 00 min on another machine" in preset_time(desk, COUNTING, "quick")
    estimate = row("Estimate", seconds=90.0, memory_bytes=1, disk_bytes=1)
    ended(desk, with_purpose(quick, "preflight"), 2.0, estimate)
    assert "about 1 min 30 s here, by the last check" in preset_time(desk, COUNTING, "quick")
    ended(desk, quick, 41.0)
    assert preset_time(desk, COUNTING, "quick") == "It took 41 s here, in one run."
    for seconds in (43.0, 300.0):
        ended(desk, quick, seconds)
    assert preset_time(desk, COUNTING, "quick") == "It took 43 s here, the median of 3 runs."
    assert "not known yet" in preset_time(desk, COUNTING, "study")


def test_a_run_of_an_older_version_asked_the_same_where_its_settings_agree():
    quick = read_spec(COUNTING)
    name = next(iter(quick.settings))
    older = quick.model_copy(update={"settings": {name: quick.settings[name]}})
    assert asks_alike(older, quick)
    assert not asks_alike(older.model_copy(update={"settings": {name: "other"}}), quick)
    assert not asks_alike(quick.model_copy(update={"seeds": (9,)}), quick)
