import time

import pytest

from workbench.worker.phase_times import PhaseTimes


def test_phases_are_added_up_by_the_outermost_name():
    times = PhaseTimes()
    for _ in range(2):
        with times.timed("Judge"):
            time.sleep(0.02)
            with times.timed("Answer"):
                time.sleep(0.02)
    with pytest.raises(ValueError, match="broken"), times.timed("Train"):
        raise ValueError("broken")
    assert list(times.seconds) == ["Judge", "Train"]
    assert 0.08 <= times.seconds["Judge"] < 1
