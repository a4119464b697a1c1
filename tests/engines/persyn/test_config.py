import pytest
from pydantic import ValidationError

from engines.persyn import ENGINE
from engines.persyn.claims import ARMS
from engines.persyn.config import AskedPrompt, PersynConfig
from engines.persyn.policies import LEARNED
from workbench.contract.errors import ConfigError
from workbench.contract.fields import read_spec
from workbench.contract.settings import settings_of

PER_ARM = {setting.name for setting in settings_of(PersynConfig) if setting.per_arm}


def test_arms_change_nothing_but_who_is_chosen():
    assert {"policy", "alpha", "mix_share", "car_beta", "strongest", "normalise", "ties"} == PER_ARM
    for arm in ARMS:
        assert arm.overrides.keys() <= PER_ARM
        PersynConfig(**arm.overrides)


@pytest.mark.parametrize(
    "changed", [{"token_budget": 5000}, {"prompts": 60}, {"student": "other"}, {"router": "causal"}]
)
def test_arms_share_prompts_teachers_and_budget(changed):
    with pytest.raises(ConfigError, match="An arm may change") as refused:
        read_spec(ENGINE, arms=("persyn", "own"), own_arms={"own": changed})
    assert list(refused.value.problems) == [f"own.{next(iter(changed))}"]


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
