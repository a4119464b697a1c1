import pytest

from engines.sure.config import AskedDocument, SureConfig
from engines.sure.perturbations import CONTROLS, RULE_BASED
from workbench.contract.errors import ConfigError
from workbench.contract.fields import read_config
from workbench.contract.settings import settings_of


def test_the_default_asks_for_every_rule_based_row_and_the_noise_floor():
    assert SureConfig().perturbations == (*RULE_BASED, *CONTROLS)
    assert SureConfig().dtype == "float32", "answers must not depend on what is read beside them"
    assert SureConfig().writer is None


def test_raw_values_are_read():
    config = read_config(SureConfig, {"perturbations": "json, reverse", "writer": "", "questions": "30"})
    assert (config.perturbations, config.writer, config.questions) == (("json", "reverse"), None, 30)


@pytest.mark.parametrize(
    ("field", "value"),
    [("questions", 0), ("match", "letters"), ("held_out", 101), ("beta", 0), ("judge", "me"), ("document_words", 3)],
)
def test_values_out_of_bounds_are_refused(field, value):
    with pytest.raises(ConfigError, match=field):
        read_config(SureConfig, {field: value})


def test_arms_change_readers_and_nothing_that_is_read():
    changed = {setting.name for setting in settings_of(SureConfig) if setting.per_arm}
    assert changed == {
        "reader", "prompting", "order", "abstain", "answer_tokens", "mend", "epochs", "learning_rate",
        "dpo_learning_rate", "beta", "rank", "batch", "mending_pairs",
    }  # fmt: skip


def test_the_question_has_an_example_that_can_be_asked():
    assert any(answer in AskedDocument().document for answer in AskedDocument().answers)
