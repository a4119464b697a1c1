from engines.guilomo import ENGINE
from engines.guilomo.presets import ARMS


def test_five_arms_run_by_default_and_all_are_trained():
    assert [arm.name for arm in ARMS if arm.on] == ["guilomo", "uniform", "experts_only", "ranks_only", "plain"]
    assert all(arm.trained for arm in ARMS) and set(ENGINE.presets["quick"].arms) == {a.name for a in ARMS if a.on}


def test_only_one_arm_searches_otherwise():
    assert [arm.name for arm in ARMS if "estimator" in arm.overrides] == ["every"]
