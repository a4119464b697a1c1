"""What the playground may be asked."""

import pytest

from workbench.contract.errors import ConfigError
from workbench.contract.fields import read_config
from workbench.contract.settings import settings_of
from workbench.tool_questions.playground import Prompting

ASKED = {"prompt": "Why?", "models": ["a"]}


def test_one_to_four_models_and_a_prompt_are_enough():
    read = read_config(Prompting, {**ASKED, "models": ["a", " b ", "c", "d"]})
    assert read.models == ("a", "b", "c", "d") and read.max_tokens == 128 and read.reading == "chat"


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"prompt": ""}, "prompt"),
        ({"prompt": "x" * 20_001}, "prompt"),
        ({"models": []}, "models"),
        ({"models": list("abcde")}, "models"),
        ({"models": [""]}, "models"),
        ({"max_tokens": 0}, "max_tokens"),
        ({"temperature": 2.5}, "temperature"),
        ({"seed": -1}, "seed"),
        ({"reading": "song"}, "reading"),
        ({"key": "sk-1"}, "key"),
    ],
)
def test_anything_else_is_refused_by_its_field(given, field):
    with pytest.raises(ConfigError) as refused:
        read_config(Prompting, ASKED | given)
    assert list(refused.value.problems) == [field]


def test_every_setting_explains_itself():
    assert all(setting.help for setting in settings_of(Prompting))
