import pytest
from pydantic import ValidationError

from engines.parts.arms_alike import arms_alike
from engines.persyn.arms import ARMS
from engines.persyn.config import ARM_FIELDS, AskedPrompt, PersynConfig
from engines.persyn.policies import LEARNED
from workbench.contract.errors import ConfigError


def test_arms_change_nothing_but_who_is_chosen():
    for arm in ARMS:
        assert arm.overrides.keys() <= ARM_FIELDS <= PersynConfig.model_fields.keys()
        PersynConfig(**arm.overrides)


def test_arms_share_prompts_teachers_and_budget():
    arms = {"a": PersynConfig(), "b": PersynConfig(policy="car", alpha=0.1, car_beta=1.0)}
    assert arms_alike(arms, PersynConfig, ARM_FIELDS) == arms
    for changed in ({"token_budget": 5000}, {"prompts": 60}, {"student": "other"}, {"router": "causal"}):
        with pytest.raises(ConfigError, match="An arm may change"):
            arms_alike({"a": PersynConfig(), "b": PersynConfig(**changed)}, PersynConfig, ARM_FIELDS)


def test_ablations_leave_one_reward_out():
    alphas = {arm.name: arm.overrides.get("alpha") for arm in ARMS if arm.overrides["policy"] == LEARNED}
    assert alphas == {"persyn": None, "no_quality": 1.0, "no_learnability": 0.0}
    assert PersynConfig().alpha == 0.4


@pytest.mark.parametrize(
    "settings", [{"alpha": 1.1}, {"prompts": 4}, {"normalise": "max"}, {"policy": "best"}, {"held_out": -1}]
)
def test_impossible_settings_are_refused(settings):
    with pytest.raises(ValidationError):
        PersynConfig(**settings)


def test_a_prompt_of_ones_own_must_say_something():
    assert AskedPrompt().send
    with pytest.raises(ValidationError):
        AskedPrompt(prompt="  ")
