"""One setting, one widget: which, what it shows and what it says about itself."""

from typing import Annotated, Literal

import pytest
from annotated_types import Ge, Gt, Le

from tests.blocks import laid_out
from tests.rooms.picturing import PICTURING, PicturingConfig
from workbench.contract.fields import read_config
from workbench.contract.schema import Config
from workbench.contract.settings import settings_of
from workbench.contract.vocabulary import BASIC, InPaper, Unit
from workbench.ui.setup.form import Form
from workbench.ui.setup.setting_widgets import info_of, label_of, paper_note


@pytest.fixture(scope="module")
def form():
    return laid_out(lambda: Form(PicturingConfig, None, [preset.config for preset in PICTURING.presets.values()]))[0]


def kinds(form):
    return {setting.name: type(widget).__name__ for setting, widget in zip(form.settings, form.widgets, strict=True)}


def test_each_setting_gets_the_widget_that_fits(form):
    assert kinds(form) == {
        "model": "Dropdown",
        "data": "Dropdown",
        "languages": "Dropdown",
        "layers": "Slider",
        "pause": "Slider",
        "share": "Slider",
        "rate": "Number",
        "limit": "Textbox",
        "pooling": "Radio",
        "ranks": "Textbox",
        "text": "Textbox",
        "strict": "Checkbox",
    }


def test_open_choices_take_values_of_the_users_own_and_closed_ones_do_not(form):
    widgets = dict(zip((setting.name for setting in form.settings), form.widgets, strict=True))
    assert widgets["languages"].allow_custom_value and widgets["languages"].multiselect
    assert widgets["model"].allow_custom_value
    assert read_config(PicturingConfig, {"languages": ["de", "gsw"]}).languages == ("de", "gsw")


class Odd(Config):
    """Settings at the edges of what a slider can show."""

    exclusive: Annotated[float, Gt(0), Le(1), BASIC] = 0.5
    """Excludes its lower end."""
    wide: Annotated[int, Ge(0), Le(1_000_000)] = 7
    """Has too many steps for a slider."""
    between: Annotated[float, Ge(0), Le(1), Unit("share")] = 0.333
    """Its default lies between the steps."""
    maybe: Literal["a", "b"] | None = None
    """May be left out."""


def test_sliders_are_for_what_they_can_show_exactly():
    odd, _ = laid_out(lambda: Form(Odd))
    assert kinds(odd) == {"exclusive": "Number", "wide": "Number", "between": "Number", "maybe": "Radio"}
    assert odd.widgets[0].info == "Excludes its lower end. A number above 0 and at most 1. "
    assert read_config(Odd, odd.read([0.5, 7, 0.333, ""])) == Odd()


def test_labels_and_help_name_unit_and_paper():
    share, rate = (s for s in settings_of(PicturingConfig) if s.name in ("share", "pause"))
    assert label_of(share) == "Pause (seconds)"
    assert "Reconstruction, the paper is silent: 0.3" in (info_of(rate) or "")
    assert paper_note(InPaper("4", "Table 2", "unverified")) == "*Paper, unverified: 4 (Table 2).*"
