from dataclasses import replace

import gradio as gr
import pytest

from tests.blocks import laid_out
from tests.picturing_rows import VIEWS, tables_with
from tests.rooms.picturing import LanguageControl, LayerControl
from workbench.contract.errors import ConfigError
from workbench.contract.schema import Config
from workbench.ui.views.view_controls import Controls, problem_of


def control(name):
    return laid_out(lambda: Controls(VIEWS[name]))[0]


def test_controls_take_their_choices_from_the_rows():
    controls = control("places")
    slider, tables = controls.widgets[0], tables_with(6)
    assert isinstance(slider, gr.Slider)
    kept, moved = (controls.fit(tables, LayerControl(layer=5), [value])[slider] for value in (5, 30))
    assert (kept["minimum"], kept["maximum"]) == (0, 5) and "value" not in kept
    assert moved["value"] == 5
    languages = control("sentences")
    fitted = languages.fit(tables_with(), LanguageControl(language="de"), ["de"])
    assert fitted[languages.widgets[0]]["choices"] == ["de", "fr"]


def test_a_setting_that_the_rows_do_not_have_is_brought_to_the_nearest():
    assert control("places").read([30], tables_with(6)) == LayerControl(layer=5)
    assert control("sentences").read(["xx"], tables_with()) == LanguageControl(language="de")
    assert control("places").read([30], tables_with(0)) == LayerControl(layer=30)


def test_hostile_control_values_are_refused_or_harmless():
    with pytest.raises(ConfigError):
        control("places").read([-5], tables_with(0))
    with pytest.raises(ConfigError):
        control("places").read([{"a": 1}], tables_with(0))


def test_refused_controls_are_told_in_one_sentence():
    assert problem_of(ConfigError({"layer": "Too deep.", "own_arm": "Not so."})) == "Layer: Too deep. Own arm: Not so."


class Following(Config):
    """Which one is shown."""

    task: str = ""
    """Empty shows the last."""
    seed: int = -1
    """-1 shows the last."""


def test_a_control_that_leaves_the_choice_to_the_view_says_so():
    view = replace(VIEWS["places"], controls=Following, options=lambda _: {"task": ["", "a"], "seed": [-1, 4]})
    controls = laid_out(lambda: Controls(view))[0]
    task, seed = controls.widgets
    assert seed.minimum <= seed.value == -1
    assert controls.read(["", -1], tables_with()) == Following()
    fitted = controls.fit(tables_with(), Following(), ["", -1])
    assert fitted[task]["choices"] == [("(automatic)", ""), "a"] and "value" not in fitted[task]
    assert (fitted[seed]["minimum"], fitted[seed]["maximum"]) == (-1, 4)


@pytest.mark.parametrize(("tasks", "shown"), [([""], False), (["", "a"], True), (["a"], True)])
def test_a_control_that_offers_no_choice_is_not_shown(tasks: list[str], shown: bool):
    view = replace(VIEWS["places"], controls=Following, options=lambda _: {"task": tasks})
    controls = laid_out(lambda: Controls(view))[0]
    assert controls.fit(tables_with(), Following(), ["", -1])[controls.widgets[0]]["visible"] == shown
