"""The whole run's time left: from plans alike and unlike, from its own pace, and nothing while nothing is known."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.blocks import row, say
from tests.desks import IDLE, open_desk
from tests.rooms.counting import COUNTING
from workbench.bench.examples import take_up_examples
from workbench.bench.time_left import (
    PhasePlan,
    PhaseProgress,
    phase_seconds,
    seconds_left,
    seconds_left_of_cells,
    time_left,
)
from workbench.contract.fields import read_spec, with_purpose
from workbench.contract.runs import RunFolder

ALIKE = PhasePlan({"Read": 10.0, "Train": 60.0, "Judge": 30.0}, exact=True)
UNLIKE = PhasePlan(ALIKE.seconds, exact=False)
FINISHED = {"kind": "finished", "seconds": 100.0}


def test_a_plan_of_the_same_settings_is_taken_as_it_is():
    assert seconds_left(ALIKE, PhaseProgress({})) == pytest.approx(100.0)
    assert seconds_left(ALIKE, PhaseProgress({"Read": 10.0}, "Train", 20.0)) == pytest.approx(70.0)
    # Read took twice its time; ten of the plan's hundred seconds are doubt: (20 + 10) / (10 + 10) = 1.5
    assert seconds_left(ALIKE, PhaseProgress({"Read": 20.0}, "Train", 0.0)) == pytest.approx(1.5 * 90)


def test_a_phase_beyond_its_plan_goes_by_its_own_pace_or_is_unknown():
    late = PhaseProgress({"Read": 10.0}, "Train", 80.0, 0.8)
    assert seconds_left(ALIKE, late) == pytest.approx(80 * 0.2 / 0.8 + 30)
    assert seconds_left(ALIKE, PhaseProgress({"Read": 10.0}, "Train", 80.0)) is None


def test_another_runs_seconds_are_weights_that_say_nothing_before_a_tenth_is_done():
    assert seconds_left(UNLIKE, PhaseProgress({}, "Read", 4.0, 0.9)) is None
    # this run takes a fifth of the plan's time; Read is done, a third of Train
    third = PhaseProgress({"Read": 2.0}, "Train", 4.0, 1 / 3)
    assert seconds_left(UNLIKE, third) == pytest.approx(8 + (2 + 4) / (10 + 20) * 30)
    assert seconds_left(UNLIKE, PhaseProgress({"Read": 2.0}, "Train", 3.0)) == pytest.approx(0.2 * 60 - 3 + 0.2 * 30)


def test_what_is_not_known_is_not_said():
    assert seconds_left(None, PhaseProgress({}, "Train", 5.0, 0.5)) is None
    assert seconds_left(PhasePlan({}, exact=True), PhaseProgress({})) is None
    assert seconds_left(ALIKE, PhaseProgress({}, "Something else", 5.0)) is None


def test_a_run_that_was_taken_up_again_goes_by_its_plan_alone():
    again = PhaseProgress({"Read": 0.0}, "Train", None, 0.5)
    assert seconds_left(ALIKE, again) == pytest.approx(30 + 30)
    assert seconds_left(UNLIKE, again) is None


def test_cells_done_say_how_long_the_others_take():
    assert seconds_left_of_cells(2, 8, 10.0) == pytest.approx(30.0)
    assert seconds_left_of_cells(0, 8, 10.0) is None and seconds_left_of_cells(9, 8, 10.0) == 0.0


@given(
    st.dictionaries(st.sampled_from("abc"), st.floats(0, 1e6), max_size=3),
    st.sampled_from(["", "a", "b", "z"]),
    st.none() | st.floats(0, 1e7),
    st.none() | st.floats(0, 1),
    st.booleans(),
)
def test_no_progress_gives_less_than_nothing(ended, phase, here, share, exact):
    plan = PhasePlan({"a": 5.0, "b": 0.0, "c": 7.0}, exact)
    left = seconds_left(plan, PhaseProgress({k: v for k, v in ended.items() if k != phase}, phase, here, share))
    assert left is None or 0 <= left < float("inf")


@pytest.fixture
def desk(tmp_path):
    with open_desk(tmp_path, settings=IDLE) as desk:
        yield desk


def took(phase, seconds):
    return {"kind": "record", "name": f"seconds of {phase}", "value": seconds}


def told(desk, spec, *events, run=None):
    run = run or desk.history.open_run(spec)
    RunFolder(desk.history.runs_root, run).make(spec)
    say(desk, run, *events)
    return desk.history.record(run)


def opened(phase, at=5.0):
    return {"kind": "phase", "name": phase, "scope": phase, "at": at}


def progress(scope, done, total):
    return {"kind": "progress", "scope": scope, "done": done, "total": total, "unit": "items", "at": 15.0}


def test_an_earlier_run_of_the_same_settings_is_the_plan(desk):
    spec = read_spec(COUNTING)
    live = (took("Count", 10.0), opened("Sum up"))
    assert time_left(desk.history, told(desk, spec, *live), now=20.0) is None
    told(desk, spec, took("Count", 10.0), took("Sum up", 20.0), FINISHED)
    # begun at 5: ten seconds counted, five summed
    assert time_left(desk.history, told(desk, spec, *live), now=20.0) == pytest.approx(15.0)


def test_a_preflight_of_the_same_settings_is_the_plan_where_no_run_is(desk):
    spec = read_spec(COUNTING)
    parts = [row("EstimatePart", phase="Count", seconds=each, basis="") for each in (30.0, 10.0)]
    told(desk, with_purpose(spec, "preflight"), *parts, FINISHED)
    assert time_left(desk.history, told(desk, spec, opened("Count")), now=15.0) == pytest.approx(30.0)
    other = read_spec(COUNTING, settings={"items": 30})
    assert time_left(desk.history, told(desk, other, opened("Count")), now=15.0) is None


def test_a_run_of_other_settings_counts_once_a_tenth_is_done_and_is_told_by_its_events(desk):
    before = (opened("Count"), opened("Sum up", 45.0), {**FINISHED, "at": 105.0})
    record = told(desk, read_spec(COUNTING), *before)
    assert phase_seconds(desk.history, record) == {"Count": 40.0, "Sum up": 60.0}
    other = read_spec(COUNTING, settings={"items": 30})
    assert time_left(desk.history, told(desk, other, opened("Count"), progress("Count", 1, 20)), now=15.0) is None
    half = told(desk, other, opened("Count"), progress("Count", 15, 30))
    # half of Count took ten seconds where the other run took twenty
    assert time_left(desk.history, half, now=15.0) == pytest.approx(10 + 0.5 * 60)


def test_cells_of_a_run_count_without_any_plan(desk):
    spec = read_spec(COUNTING, arms=["plain", "shifted"], seeds=[0, 1])
    closed = [{"kind": "closed", "scope": scope} for scope in ("cell:plain/0/once:x", "cell:plain/0")]
    record = told(desk, spec, *closed, progress("cell:plain/1", 1, 9))
    assert time_left(desk.history, record, now=15.0) == pytest.approx(30.0)
    inside = [{"kind": "closed", "scope": f"Study/{each['scope']}"} for each in closed]
    told(desk, read_spec(COUNTING, seeds=[7]), took("Study", 100.0), FINISHED)
    record = told(desk, spec, opened("Study"), *inside, progress("Study/cell:plain/1", 1, 2))
    # one and a half of four cells
    assert time_left(desk.history, record, now=20.0) == pytest.approx(15 * 2.5 / 1.5)


def test_a_run_taken_up_again_leaves_out_what_was_closed_before(desk):
    spec = read_spec(COUNTING)
    told(desk, spec, took("Count", 10.0), took("Sum up", 20.0), FINISHED)
    again = {"kind": "started", "pid": 2, "process_started": 2.0, "attempt": 2}
    events = (opened("Count"), {"kind": "closed", "scope": "Count"}, again, {**opened("Sum up"), "attempt": 2})
    assert time_left(desk.history, told(desk, spec, *events), now=500.0) == pytest.approx(20.0)


def test_a_run_that_is_not_running_has_no_time_left(desk):
    spec = read_spec(COUNTING)
    told(desk, spec, took("Count", 10.0), FINISHED)
    waiting = desk.history.record(desk.history.open_run(spec))
    assert time_left(desk.history, waiting, now=1.0) is None
    assert time_left(desk.history, told(desk, spec, took("Count", 10.0), FINISHED), now=1.0) is None


def test_every_shipped_example_tells_its_phases(tmp_path):
    from engines import ENGINES

    with open_desk(tmp_path, engines=ENGINES, settings=IDLE) as desk:
        shipped = [desk.history.record(run) for run in take_up_examples(desk.history)]
        assert shipped
        for record in shipped:
            seconds = phase_seconds(desk.history, record)
            assert record.seconds and 0.8 * record.seconds < sum(seconds.values()) <= 1.01 * record.seconds, record.run
