"""What the data preview may be asked."""

import pytest

from workbench.contract.errors import ConfigError
from workbench.contract.fields import read_config
from workbench.contract.settings import settings_of
from workbench.tool_questions.data_preview import MOST_FIELDS, Looking


def test_a_reference_is_enough_and_columns_may_hold_commas():
    read = read_config(Looking, {"data": "upload:a.csv", "mapping": ["question=Q, in words"]})
    assert read.record == "" and read.mapping == ("question=Q, in words",)


@pytest.mark.parametrize(
    ("given", "field"), [({"data": ""}, "data"), ({"mapping": ["a=b"] * (MOST_FIELDS + 1)}, "mapping"), ({"x": 1}, "x")]
)
def test_anything_else_is_refused_by_its_field(given, field):
    with pytest.raises(ConfigError) as refused:
        read_config(Looking, {"data": "a"} | given)
    assert list(refused.value.problems) == [field]


def test_every_setting_explains_itself():
    assert all(setting.help for setting in settings_of(Looking))
