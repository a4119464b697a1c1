import pytest

from engines.parts.training.fit_settings import FitSettings, ParameterGroup, rate_factor
from workbench.contract import ConfigError


def factors(schedule, warmup, steps=6):
    asked = FitSettings(schedule=schedule, warmup_steps=warmup)
    return [rate_factor(step, steps, asked) for step in range(1, steps + 1)]


def test_schedules_by_hand():
    assert factors("constant", 0) == [1.0] * 6
    assert factors("constant", 2) == [0.5, 1.0, 1.0, 1.0, 1.0, 1.0]
    assert factors("linear", 2) == pytest.approx([0.5, 1.0, 1.0, 0.75, 0.5, 0.25])
    assert factors("cosine", 2) == pytest.approx([0.5, 1.0, 1.0, 0.853553, 0.5, 0.146447], abs=1e-6)
    assert factors("linear", 9) == pytest.approx([step / 9 for step in range(1, 7)]), "a warm-up longer than the whole"


def test_the_first_group_that_matches_takes_a_parameter():
    asked = FitSettings(learning_rate=0.1, groups=(ParameterGroup("head", 0.2), ParameterGroup("weight", 0.3)))
    assert asked.group_of("head.weight").learning_rate == 0.2 and asked.group_of("body.weight").learning_rate == 0.3
    assert asked.group_of("body.bias").learning_rate == 0.1


@pytest.mark.parametrize(
    "wrong",
    [{"learning_rate": 0.0}, {"accumulate": 0}, {"steps": -1}, {"groups": (ParameterGroup("x", -1.0),)}],
)
def test_values_out_of_range_are_named(wrong):
    with pytest.raises(ConfigError):
        FitSettings(**wrong)
