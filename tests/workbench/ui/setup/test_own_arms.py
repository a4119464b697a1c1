import json

import pytest

from tests.blocks import laid_out
from tests.rooms.counting import COUNTING
from tests.rooms.picturing import PICTURING
from workbench.contract.errors import ConfigError
from workbench.contract.fields import read_spec
from workbench.ui.setup.own_arms import OwnArms, changed_arms, own_arms_help, read_own_arms


def editor(engine=COUNTING):
    return laid_out(lambda: OwnArms(engine))[0]


def test_arms_of_ones_own_are_json_or_nothing():
    assert read_own_arms("") == read_own_arms(None) == read_own_arms(" ") == {}
    assert read_own_arms('{"more": {"bonus": 1}}') == {"more": {"bonus": 1}}


@pytest.mark.parametrize("text", ["{", "[1]", '{"x": 3}', "[" * 9_000, "NaN"])
def test_other_texts_are_refused_with_an_example(text):
    with pytest.raises(ConfigError, match="JSON"):
        read_own_arms(text)


def test_only_what_an_arm_may_change_is_offered():
    own = editor()
    assert [name for _, name in own.setting.choices] == ["bonus", "rounds"]
    assert "An arm may change bonus, rounds" in own.text.info and '{"mine": {"bonus": 0.0}}' in own.text.info
    assert own_arms_help(()) == "All arms of this method share its settings."


def test_a_method_without_such_settings_shows_no_editor():
    assert not editor(PICTURING).text.visible


def test_changes_are_added_to_the_text_and_read_by_the_run():
    own = editor()
    text, told = own._added("", "mine", "bonus", "0.5")
    assert told == "" and json.loads(text) == {"mine": {"bonus": "0.5"}}
    text, _ = own._added(text, "mine", "rounds", "2")
    text, _ = own._added(text, "other", "rounds", "3")
    assert read_spec(COUNTING, own_arms=read_own_arms(text)).own_arms == {
        "mine": {"bonus": 0.5, "rounds": 2}, "other": {"rounds": 3},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "name", "setting"), [("", "", "bonus"), ("", "mine", "items"), ("{", "mine", "bonus")]
)
def test_what_cannot_be_added_is_told_and_the_text_stays(text, name, setting):
    with pytest.raises(ConfigError):
        changed_arms(text, name, setting, "1", editor().settings)
    kept, told = editor()._added(text, name, setting, "1")
    assert "bw-is-bad" in told and isinstance(kept, dict) and "value" not in kept


def test_what_all_arms_share_is_refused_by_arm_and_field():
    with pytest.raises(ConfigError, match=r"mine\.items: An arm may change bonus, rounds"):
        read_spec(COUNTING, own_arms={"mine": {"items": 3}})
