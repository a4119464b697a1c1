from engines.treereview import ENGINE
from engines.treereview.rows import QuestionNode


def test_statuses_and_origins_are_those_of_the_tree():
    from typing import get_args

    from engines.treereview.question_tree import Origin, Status

    fields = QuestionNode.model_fields
    assert get_args(fields["status"].annotation) == get_args(Status)
    assert get_args(fields["origin"].annotation) == get_args(Origin)


def test_every_row_explains_itself():
    assert all(kind.__doc__ for kind in ENGINE.rows)
