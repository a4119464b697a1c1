from typing import Annotated, ClassVar

import gradio as gr
import pytest
from annotated_types import Ge, Gt

from tests.blocks import laid_out
from tests.rooms.picturing import PICTURING, PicturingConfig
from workbench.contract.errors import ConfigError
from workbench.contract.fields import read_config
from workbench.contract.schema import Config
from workbench.contract.settings import settings_of
from workbench.contract.vocabulary import BASIC
from workbench.ui.setup.form import Form, found_as, problems_html


@pytest.fixture(scope="module")
def form():
    return laid_out(lambda: Form(PicturingConfig, None, [preset.config for preset in PICTURING.presets.values()]))[0]


def test_what_the_widgets_show_at_first_reads_back_as_the_default(form):
    values = [widget.value for widget in form.widgets]
    assert read_config(PicturingConfig, form.read(values)) == PicturingConfig()


@pytest.mark.parametrize("preset", PICTURING.presets)
def test_every_preset_can_be_shown_and_reads_back(form, preset):
    config = PICTURING.presets[preset].config
    shown = form.shows(config.model_dump())
    values = [shown[widget]["value"] for widget in form.widgets]
    assert read_config(PicturingConfig, form.read(values)) == config


def test_basic_settings_stand_before_the_fold():
    _, page = laid_out(lambda: Form(PicturingConfig))
    folds = [block for block in page.blocks.values() if isinstance(block, gr.Accordion)]
    assert [fold.label for fold in folds] == ["More settings (8)"]
    inside = {block.label for block in folds[0].children[0].children}
    assert "Rate" in inside and "Layers" not in inside


class Sorted(Config):
    """Settings sorted by what they are about."""

    sections: ClassVar = {"Search": "rate steps", "Machine": "dtype"}
    titles: ClassVar = {"rate": "Learning rate · η"}

    first: Annotated[int, Ge(0), BASIC] = 1
    """The basic one."""
    dtype: str = "auto"
    """Number format."""
    rate: Annotated[float, Gt(0)] = 0.1
    """How far a step goes. And more of it."""
    steps: Annotated[int, Ge(1)] = 3
    """How many."""


def test_other_settings_are_folded_by_what_they_are_about():
    form, page = laid_out(lambda: Form(Sorted))
    folds = [block for block in page.blocks.values() if isinstance(block, gr.Accordion)]
    assert [fold.label for fold in folds] == ["Machine (1)", "Search (2)"]
    assert (form.place_of("rate"), form.place_of("dtype"), form.place_of("first")) == ("1 rate", "0 dtype", "-1 first")
    assert "bw-fold-1" in folds[1].elem_classes and "bw-field-rate" in form.widget_of("rate").elem_classes


def test_a_setting_is_found_by_name_symbol_field_and_meaning():
    rate = next(setting for setting in settings_of(Sorted) if setting.name == "rate")
    assert found_as(rate) == "Learning rate · η [rate]: How far a step goes"
    _, page = laid_out(lambda: Form(PicturingConfig))
    search = next(block for block in page.blocks.values() if "bw-find" in (block.elem_classes or ()))
    assert len(search.choices) == 8 and ("0 limit" in {value for _, value in search.choices})


def test_a_data_setting_comes_with_an_upload():
    _, page = laid_out(lambda: Form(PicturingConfig))
    assert [type(b).__name__ for b in page.blocks.values()].count("UploadButton") == 1


def test_problems_name_field_value_and_remedy_one_per_line():
    with pytest.raises(ConfigError) as refused:
        read_config(PicturingConfig, {"rate": "<b>", "layers": 900})
    told = problems_html(refused.value, settings_of(PicturingConfig))
    assert told.count("<li ") == 2 and 'role="alert"' in told
    assert "<strong>Layers</strong>" in told and "900 was given" in told and "at most 64" in told
    assert "<b>" not in told and "&lt;b&gt;" in told
