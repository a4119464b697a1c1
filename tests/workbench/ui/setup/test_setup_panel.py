import json

import pytest

from tests.blocks import laid_out, values
from tests.rooms.counting import COUNTING
from tests.rooms.picturing import PICTURING
from workbench.contract.settings import settings_of
from workbench.ui.setup.setup_panel import SetupPanel, arms_html, settings_html


def panel(engine=COUNTING):
    return laid_out(lambda: SetupPanel(engine))[0]


def test_a_preset_fills_the_form():
    setup = panel()
    updates = setup._choose("study")
    assert updates[setup.form.widgets[0]]["value"] == 60 and updates[setup.seeds] == "0, 1, 2"
    assert "Sixty items" in updates[setup.promise]
    assert setup._choose("unknown").keys() == {setup.promise}


def test_make_it_fit_takes_the_proposal_over_and_leaves_the_rest():
    setup = panel()
    updates = setup.propose({"items": 5})
    assert updates[setup.form.widgets[0]]["value"] == 5
    assert set(updates) == {setup.form.widgets[0], setup.problems}


@pytest.mark.parametrize(("engine", "own"), [(PICTURING, {}), (COUNTING, {"more": {"rounds": 3}})])
def test_specs_round_trip_through_the_form(engine, own):
    setup = panel(engine)
    spec = setup.read(values(setup.inputs)).model_copy(update={"own_arms": own})
    spec = spec.model_copy(update={"arms": (*spec.arms, *own), "seeds": (4, 5)})
    filled = setup.fill(spec)
    told = [filled.get(each, each.value) for each in setup.inputs]
    assert setup.read([each["value"] if isinstance(each, dict) else each for each in told]) == spec
    if own:
        assert json.loads(filled[setup.own_arms.text]) == spec.own_arms


def test_arms_and_settings_are_told_in_words():
    assert "Leaves the scores as they are." in arms_html(COUNTING.arms)
    told = settings_html(settings_of(PICTURING.config), {"strict": True, "limit": None, "languages": ["de", "fr"]})
    for part in (">yes<", ">none<", ">de, fr<", ">32<"):
        assert part in told
