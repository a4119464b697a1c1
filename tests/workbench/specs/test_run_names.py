"""Names that tell runs apart."""

import pytest

from engines import ENGINES
from tests.rooms import ENGINES as TOYS
from workbench.contract.fields import read_spec
from workbench.specs.run_names import OWN, name_parts, preset_of, spec_name


def test_a_run_is_named_by_what_it_was_asked():
    shifcon = ENGINES["shifcon"]
    spec = read_spec(shifcon, preset="study", seeds=[0, 1, 2])
    assert spec_name(shifcon, spec) == "ShifCon · smollm2-135m-instruct · django-messages · study · 3 seeds"
    own = {"model": "/models/Qwen2.5-0.5B/", "data": "upload:pairs.csv"}
    assert spec_name(shifcon, read_spec(shifcon, preset="study", settings=own)).startswith(
        f"ShifCon · Qwen2.5-0.5B · pairs.csv · {OWN} · "
    )
    served = {"reader": "openai:llama@http://127.0.0.1:8011/v1"}
    assert "· llama ·" in spec_name(ENGINES["sure"], read_spec(ENGINES["sure"], settings=served))


@pytest.mark.parametrize("engine", [*ENGINES.values(), *TOYS.values()], ids=lambda engine: engine.name)
def test_every_preset_is_known_by_its_settings_whatever_the_items(engine):
    for name, preset in engine.presets.items():
        spec = read_spec(engine, preset=name)
        found = preset_of(engine, spec)
        assert engine.presets[found].config == preset.config
        if engine.items:
            more = {engine.items: spec.settings[engine.items] + 1}
            grown = preset_of(engine, spec.model_copy(update={"settings": {**spec.settings, **more}}))
            assert engine.presets[grown].config.model_copy(update=more) == preset.config.model_copy(update=more)


def test_the_parts_of_a_name_are_there_one_by_one():
    parts = name_parts(ENGINES["shifcon"], read_spec(ENGINES["shifcon"], preset="study", seeds=[0, 1, 2]))
    assert list(parts) == ["method", "model", "data", "preset", "seeds"]
    assert (parts["model"], parts["preset"], parts["seeds"]) == ("smollm2-135m-instruct", "study", "3 seeds")
