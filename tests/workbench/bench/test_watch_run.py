"""Waiting for a run: what is told of it, and what the first and the second Ctrl-C do."""

from types import SimpleNamespace

import pytest

from tests.blocks import say
from tests.desks import IDLE, add_run, open_desk
from workbench.bench.watch_run import follow


@pytest.fixture
def desk(tmp_path):
    with open_desk(tmp_path, settings=IDLE) as desk:
        yield desk


def waiting(desk, *happens):
    """A session whose bench, each time it is asked to wait, lets one thing more happen."""
    told = iter(happens)

    def wait(run, seconds):
        event = next(told)
        if event is KeyboardInterrupt:
            raise KeyboardInterrupt
        say(desk, run, *event)
        return desk.history.record(run)

    return SimpleNamespace(history=desk.history, bench=SimpleNamespace(wait=wait, stop=stopped.append))


stopped: list[str] = []


def test_the_whole_runs_time_left_is_told_until_it_ends(desk):
    fact = {"kind": "record", "name": "seconds of Count", "value": 1e12}
    finished = {"kind": "finished", "seconds": 1e12}
    say(desk, add_run(desk), fact, finished)
    told = []
    record = follow(
        waiting(desk, [], [finished]), add_run(desk), lambda record, left: told.append((record.state, left))
    )
    assert record.state == "finished" and [state for state, _ in told] == ["running", "finished"]
    assert told[0][1] == pytest.approx(1e12) and told[1][1] is None


def test_the_first_interrupt_stops_the_run_and_the_second_leaves_it(desk):
    run = add_run(desk)
    with pytest.raises(KeyboardInterrupt):
        follow(waiting(desk, [], KeyboardInterrupt, [], KeyboardInterrupt), run)
    assert stopped == [run]
