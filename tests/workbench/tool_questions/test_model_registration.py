"""What may be put on the list."""

import pytest

from workbench.contract.errors import ConfigError
from workbench.contract.fields import read_config
from workbench.contract.settings import settings_of
from workbench.tool_questions.model_registration import Enrolling


def test_a_place_and_an_address_are_enough():
    read = read_config(Enrolling, {"place": "server", "address": " http://127.0.0.1:1/v1 ", "models": ["a", "b"]})
    assert read.address == "http://127.0.0.1:1/v1" and read.models == ("a", "b")


@pytest.mark.parametrize(
    ("given", "field"), [({"place": "pocket"}, "place"), ({"address": ""}, "address"), ({"key": "sk-1"}, "key")]
)
def test_anything_else_is_refused_by_its_field(given, field):
    with pytest.raises(ConfigError) as refused:
        read_config(Enrolling, {"place": "folder", "address": "/m"} | given)
    assert list(refused.value.problems) == [field]


def test_every_setting_explains_itself():
    assert all(setting.help for setting in settings_of(Enrolling))
