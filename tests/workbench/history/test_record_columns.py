"""What events change of a run's record, several attempts in one piece included."""

import pytest

from tests.workbench.history.speech import START, begin, take_up
from workbench.contract.events import Progress
from workbench.history.record_columns import RecordColumns


def test_two_attempts_read_at_once_leave_the_last_one_s_state_and_the_first_start(history):
    run, speech = begin(history)
    speech.say("failed", code="data", message="No column.", seconds=1.0).start().say("phase", "train", name="train")
    take_up(history, run)
    record = history.record(run)
    assert (record.state, record.attempt, record.started, record.error) == ("running", 2, START, "")
    assert record.phase == "train"


def test_a_stop_asked_for_is_forgotten_where_another_attempt_began_since(history):
    run, speech = begin(history)
    history.set_state(run, "stopping", expect={"queued"})
    speech.say("stopped", seconds=1.0).start()
    take_up(history, run)
    assert history.record(run).state == "running"


def test_a_count_that_is_none_changes_nothing():
    record = RecordColumns("train")
    with pytest.raises(ValueError, match="not a count"):
        record.take(Progress(seq=1, attempt=1, at=1.0, scope="judge", done=-1, total=2, unit="items"))
    assert (record.phase, record.columns.get("total")) == ("train", None)
