from engines.guilomo import ENGINE
from engines.guilomo.presets import ARMS


def test_the_method_stands_beside_equal_shares_chance_truth_and_no_training():
    assert [arm.name for arm in ARMS if arm.on] == ["guilomo", "uniform", "random", "oracle", "untrained", "plain"]
    assert [arm.name for arm in ARMS if not arm.trained] == ["untrained"]
    assert set(ENGINE.presets["quick"].arms) == {a.name for a in ARMS if a.on}


def test_only_one_arm_searches_otherwise():
    assert [arm.name for arm in ARMS if "estimator" in arm.overrides] == ["every"]
