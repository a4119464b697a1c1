import pytest

from engines.persyn.config import PersynConfig
from engines.persyn.run_arms import arms_of_one_panel
from workbench.errors import ConfigError


def test_arms_may_change_who_is_asked():
    arms = {"a": PersynConfig(), "b": PersynConfig(policy="car", alpha=0.1, car_beta=1.0)}
    assert arms_of_one_panel(arms) == arms


def test_arms_share_prompts_teachers_and_budget():
    for changed in ({"token_budget": 5000}, {"prompts": 60}, {"student": "other"}, {"router": "causal"}):
        with pytest.raises(ConfigError, match="An arm may change"):
            arms_of_one_panel({"a": PersynConfig(), "b": PersynConfig(**changed)})
