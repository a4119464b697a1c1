import pytest

from engines.guilomo import ENGINE
from engines.guilomo.config import SEARCH_FIELDS, GuilomoConfig
from engines.guilomo.searching import search_name, search_settings
from workbench.contract.errors import ConfigError
from workbench.contract.fields import arm_configs, read_config, read_spec
from workbench.contract.settings import settings_of


def test_raw_values_are_read():
    config = read_config(GuilomoConfig, {"tasks": "planted, svamp", "order": "first", "search_steps": "5"})
    assert (config.tasks, config.order, config.search_steps) == (("planted", "svamp"), "first", 5)


@pytest.mark.parametrize(
    ("field", "value"), [("max_experts", 1), ("validation", 101), ("order", "third"), ("alpha", 0)]
)
def test_values_out_of_bounds_are_refused(field, value):
    with pytest.raises(ConfigError, match=field):
        read_config(GuilomoConfig, {field: value})


def test_arms_change_sharing_and_searching_and_nothing_that_is_judged():
    changed = {setting.name for setting in settings_of(GuilomoConfig) if setting.per_arm}
    assert changed >= {*SEARCH_FIELDS, "allocation", "epochs", "batch"}
    assert not changed & {"model", "tasks", "data", "test_items", "layers", "targets", "max_experts"}


def test_arms_that_share_a_search_have_one_name_for_it():
    arms = arm_configs(ENGINE, read_spec(ENGINE, arms=[arm.name for arm in ENGINE.arms]))
    names = {
        name: search_name(config, GuilomoConfig()) for name, config in arms.items() if isinstance(config, GuilomoConfig)
    }
    assert names.pop("every") == "every, second" and set(names.values()) == {"released, second"}


def test_a_longer_search_has_another_name():
    assert search_name(GuilomoConfig(search_steps=99), GuilomoConfig()) == "released, second, search_steps 99"


def test_the_search_takes_its_settings_from_the_run():
    config = GuilomoConfig(search_steps=7, planted_steps=9, vector_rate=0.5, order="first")
    real, planted = search_settings(config, 3), search_settings(config, 3, planted=True)
    assert (real.steps, planted.steps, real.seed, real.selection_rate, real.order) == (7, 9, 3, 0.5, "first")
    assert planted.dropout == 0 and planted.selection_rate == config.planted_vector_rate


def test_the_paper_preset_has_the_released_values():
    paper = ENGINE.presets["paper"].config
    assert (paper.max_experts, paper.max_rank, paper.top_k, paper.alpha, paper.dropout) == (8, 8, 2, 16, 0.05)
    assert (paper.search_rate, paper.vector_rate, paper.search_warmup, paper.epochs) == (3e-4, 3e-3, 100, 20)
