import pytest

from engines.persyn.controls import CostControl, PlaceControl, RewardControl, RouterControl, StudentControl
from engines.persyn.shown import VIEWS
from workbench.contract.errors import ConfigError
from workbench.contract.fields import read_config
from workbench.contract.settings import settings_of
from workbench.contract.views import Measures, NoControls


@pytest.mark.parametrize("kind", [CostControl, PlaceControl, RewardControl, RouterControl, StudentControl])
def test_controls_read_their_own_values_and_explain_themselves(kind):
    assert read_config(kind, kind().model_dump()) == kind()
    assert all(setting.help for setting in settings_of(kind))


@pytest.mark.parametrize(
    ("kind", "values"),
    [(CostControl, {"measure": "euros"}), (RewardControl, {"scale": "log"}), (PlaceControl, {"place": -1})],
)
def test_what_does_not_fit_is_refused_by_name(kind, values):
    with pytest.raises(ConfigError) as refused:
        read_config(kind, values)
    assert set(refused.value.problems) == set(values)


def test_a_click_on_a_point_sets_a_control_that_some_view_has():
    chosen = {view.selects for view in VIEWS if getattr(view, "selects", None)}
    own = [view.controls for view in VIEWS if not isinstance(view, Measures) and view.controls is not NoControls]
    held = {name for controls in own for name in controls.model_fields}
    assert chosen and chosen <= held
