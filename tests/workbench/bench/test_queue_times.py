"""When waiting runs will start."""

import pytest

from tests.desks import add_run, finish, open_desk
from workbench.bench import queue_times
from workbench.bench.queue_times import QueueTimes, starts_in
from workbench.bench.time_left import PhasePlan


@pytest.mark.parametrize(
    ("left", "takes", "slots", "expected"),
    [
        ([60.0], [30.0, 10.0, 5.0], 1, [60.0, 90.0, 100.0]),
        ([60.0, 10.0], [30.0, 10.0, 5.0], 2, [10.0, 40.0, 50.0]),
        ([], [30.0, 10.0], 1, [0.0, 30.0]),
        ([None], [30.0], 1, [None]),
        ([60.0], [None, 10.0], 1, [60.0, None]),
        ([None, 20.0], [5.0, 5.0], 2, [20.0, 25.0]),
        ([60.0, 70.0], [5.0], 1, [60.0]),
        ([], [5.0], 0, [None]),
    ],
)
def test_each_run_starts_when_a_slot_is_free(left, takes, slots, expected):
    assert starts_in(left, takes, slots) == expected


def test_a_queue_is_estimated_from_runs_alike_and_looked_up_once_a_minute(tmp_path, monkeypatch):
    asked = []

    def plan(history, record):
        asked.append(record.run)
        return PhasePlan({"Count": 30.0}, exact=True)

    monkeypatch.setattr(queue_times, "phase_plan", plan)
    with open_desk(tmp_path) as desk:
        finish(desk, add_run(desk))
        one, two = add_run(desk), add_run(desk)
        waiting = [desk.history.record(run) for run in (one, two)]
        times = QueueTimes(desk.history, 1)
        for now in (100.0, 130.0):
            assert times.starts(waiting, now) == {one: 0.0, two: 30.0}
        assert asked == [one, two]
        times.starts(waiting, 161.0)
        assert asked == [one, two, one, two]


def test_an_estimate_that_was_not_measured_here_tells_no_start(tmp_path, monkeypatch):
    monkeypatch.setattr(queue_times, "phase_plan", lambda history, record: PhasePlan({"Count": 30.0}, exact=False))
    with open_desk(tmp_path) as desk:
        one, two = add_run(desk), add_run(desk)
        waiting = [desk.history.record(run) for run in (one, two)]
        assert QueueTimes(desk.history, 1).starts(waiting) == {one: 0.0}
        assert QueueTimes(desk.history, 1).starts([]) == {}
