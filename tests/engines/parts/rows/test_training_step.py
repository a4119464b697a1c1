"""Steps of a training as rows."""

from engines.parts.rows.training_step import TrainingStep


def test_seconds_depend_on_the_machine_and_nothing_else_does():
    assert TrainingStep.measured_fields() == {"seconds"}
    assert TrainingStep.table() == "TrainingStep"
