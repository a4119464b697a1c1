import pytest

from engines.parts.datasets.datasets import parallel_sentences
from engines.shifcon import ENGINE
from engines.shifcon.config import SUGGESTED, ShifConConfig
from engines.shifcon.sentences import usable_sentences
from workbench.contract.errors import ConfigError
from workbench.contract.fields import arm_configs, read_config, read_spec
from workbench.contract.settings import settings_of


def test_every_setting_has_help_and_the_papers_value():
    for setting in settings_of(ShifConConfig):
        assert setting.help, setting.name
        assert setting.paper, setting.name


def test_the_quick_preset_is_the_default_and_small():
    quick = ENGINE.presets["quick"]
    assert quick.config == ShifConConfig()
    assert quick.config.sentences * (1 + len(quick.config.languages)) <= 1500
    assert len(quick.config.languages) >= 8


@pytest.mark.parametrize("preset", ["quick", "study", "paper"])
def test_every_preset_splits_the_sentences_ten_times(preset):
    assert len(ENGINE.presets[preset].seeds) >= 10


def test_the_study_reads_thirty_languages_and_no_more_sentences_than_they_share():
    study = ENGINE.presets["study"].config
    assert len(set(study.languages)) == 30
    assert set(SUGGESTED) < set(study.languages)
    text = parallel_sentences(study.data, (study.dominant, *study.languages))
    usable, _ = usable_sentences(text, study.dominant, study.languages)
    assert study.sentences <= len(usable) < study.sentences + 10


@pytest.mark.parametrize("preset", ["quick", "study", "paper"])
def test_arms_differ_in_what_arms_may_change(preset):
    arms = {name: config.model_dump() for name, config in arm_configs(ENGINE, read_spec(ENGINE, preset=preset)).items()}
    assert {config["shift"] for config in arms.values()} == {"none", "mean", "random"}
    allowed, first = {"shift", "draws", "both_ways"}, arms["unshifted"]
    assert {setting.name for setting in settings_of(ShifConConfig) if setting.per_arm} == allowed
    assert all({name for name in first if first[name] != config[name]} <= allowed for config in arms.values())


@pytest.mark.parametrize(
    ("field", "given"),
    [
        ("languages", "french"),
        ("dominant", "English"),
        ("sentences", 2),
        ("token_cap", 10),
        ("beta", 120),
        ("estimator", "full"),
        ("projected_layers", 0),
        ("draws", "many"),
    ],
)
def test_what_a_setting_does_not_allow_is_refused_by_name(field, given):
    with pytest.raises(ConfigError) as caught:
        read_config(ShifConConfig, {field: given})
    assert field in next(iter(caught.value.problems))


def test_flags_are_read_as_lists():
    assert read_config(ShifConConfig, {"languages": "fr, zh_Hans"}).languages == ("fr", "zh_Hans")
