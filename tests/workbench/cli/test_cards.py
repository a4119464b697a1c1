"""Cards as JSON."""

import json

from tests.rooms.counting import COUNTING
from tests.rooms.steering import STEERING
from workbench.bench.results import to_json
from workbench.cli.cards import card_of, line_of, settings_card


def test_a_card_holds_what_can_be_chosen():
    card = json.loads(to_json(card_of(COUNTING)))
    items = next(setting for setting in card["settings"] if setting["name"] == "items")
    assert [items[key] for key in ("kind", "default", "low", "high", "basic")] == ["int", 12, 1, 1_000_000, True]
    assert card["presets"]["study"]["settings"]["items"] == 60
    assert card["arms"][0]["overrides"] == {"bonus": 0.2}
    assert card["claims"][0]["paper"] == {"value": "0.5 -> 0.7", "source": "none", "confidence": "low"}
    assert (card["claims"][0]["family"], card["claims"][0]["toy"]) == ("paper", False)
    assert (card["metrics"][0]["title"], card["metrics"][0]["counted"]) == ("Score", False)
    assert card["ask"]["settings"][0]["name"] == "item"
    assert card["tables"]["Tally"] == ["arm", "seed", "total"]


def test_commands_are_described_as_settings():
    assert card_of(STEERING)["commands"]["add"] == settings_card(STEERING.commands["add"])


def test_a_line_is_the_beginning_of_the_card():
    line, card = line_of(COUNTING), card_of(COUNTING)
    assert line == {key: card[key] if key != "presets" else list(card[key]) for key in line}
