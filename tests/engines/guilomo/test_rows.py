import pytest

from engines.guilomo import ENGINE
from engines.guilomo.rows import SearchProgress, TokenExpert, TrainedArm
from engines.parts.rows import TaskAnswer


@pytest.mark.parametrize("kind", [*ENGINE.rows, TokenExpert])
def test_every_row_says_what_it_is(kind):
    assert kind.__doc__ and kind.model_fields


def test_what_a_clock_measures_is_left_out_of_comparisons():
    assert TrainedArm.measured_fields() == SearchProgress.measured_fields() == {"seconds"}
    assert not TaskAnswer.measured_fields()
