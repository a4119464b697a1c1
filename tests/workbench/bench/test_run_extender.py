"""Which runs may have an extension to take back; how they are extended is tested with the bench."""

from dataclasses import replace

import pytest

from tests.workbench.history.speech import finished, new_history
from workbench.bench.run_extender import can_take_back


@pytest.mark.parametrize(
    ("changed", "may"),
    [
        ({"state": "failed"}, True), ({"state": "stopped"}, True), ({"state": "interrupted"}, True),
        ({"state": "finished"}, False), ({"state": "running"}, False), ({"state": "failed", "deleted": True}, False),
        ({"state": "failed", "origin": "example"}, False), ({"state": "failed", "purpose": "ask"}, False),
    ],
)  # fmt: skip
def test_only_a_run_made_here_that_ended_early_may(tmp_path, changed, may) -> None:
    history = new_history(tmp_path)
    record = history.record(finished(history, [1.0]))
    history.close()
    assert can_take_back(replace(record, **changed)) is may
