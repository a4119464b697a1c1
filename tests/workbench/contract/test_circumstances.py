"""What is known of a run beside its outcomes, and what each look may spend."""

import pytest

from workbench.contract.circumstances import LOOKS, Circumstances, Look, look_error


def test_the_first_look_spends_the_level_and_four_more_a_twelfth_each():
    spent = [look_error(look, 0.05) for look in range(1, 7)]
    assert spent == pytest.approx([0.05, *[0.05 / 12] * 4, 0.0])
    assert len([error for error in spent if error]) == LOOKS


def test_a_run_that_was_never_extended_is_at_its_first_look():
    assert Circumstances().look == 1
    assert Circumstances(looks=(Look(3, 100, ("a",), {}), Look(5, 200, ("a",), {}))).look == 3
