from engines.parts.rows import TaskAnswer


def test_the_table_is_that_of_earlier_runs():
    assert TaskAnswer.table() == "TaskAnswer" and not TaskAnswer.measured_fields()
    assert list(TaskAnswer.model_fields)[:4] == ["task", "arm", "seed", "item"]
