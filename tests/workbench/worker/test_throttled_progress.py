"""Progress is passed on at most so often; the last of a count at once, what was held back when asked."""

import pytest

from workbench.worker import throttled_progress
from workbench.worker.throttled_progress import ThrottledProgress


def test_what_comes_too_soon_is_held_back_and_only_the_last_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [10.0]
    monkeypatch.setattr(throttled_progress.time, "monotonic", lambda: clock[0])
    told: list[tuple[int, int, str]] = []
    progress = ThrottledProgress(lambda done, total, unit: told.append((done, total, unit)))
    for done in (1, 2, 3):
        progress.report(done, 9, "steps")
    assert told == [(1, 9, "steps")]
    progress.settle()
    assert told == [(1, 9, "steps"), (3, 9, "steps")]
    progress.settle()
    progress.report(4, 9, "steps")
    assert len(told) == 2
    clock[0] += throttled_progress.EVERY_SECONDS
    progress.report(5, 9, "steps")
    progress.report(9, 9, "steps")
    assert told[2:] == [(5, 9, "steps"), (9, 9, "steps")]
