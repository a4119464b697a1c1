import pytest

from engines.sure import ENGINE
from engines.sure.rows import Answer, AskedForm, MendedReader


@pytest.mark.parametrize("kind", [*ENGINE.rows, AskedForm])
def test_every_row_says_what_it_is(kind):
    assert kind.__doc__ and kind.model_fields


def test_what_a_clock_measures_is_left_out_of_comparisons():
    assert MendedReader.measured_fields() == {"seconds"}
    assert not Answer.measured_fields()
