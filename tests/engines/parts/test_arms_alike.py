import pytest

from engines.parts.arms_alike import arms_alike
from workbench.contract.errors import ConfigError
from workbench.contract.schema import Config


class Settings(Config):
    model: str = "m"
    """What is read."""
    shift: int = 0
    """What an arm may change."""


def test_arms_may_differ_in_what_is_allowed():
    arms = {"a": Settings(), "b": Settings(shift=2)}
    assert arms_alike(arms, Settings, {"shift"}) == arms
    assert arms_alike({}, Settings, {"shift"}) == {}


def test_any_other_difference_is_named_by_arm_and_field():
    with pytest.raises(ConfigError) as refused:
        arms_alike({"a": Settings(), "b": Settings(model="n", shift=1)}, Settings, {"shift"})
    assert refused.value.problems == {"b.model": "An arm may change shift; start a second run for the rest."}
