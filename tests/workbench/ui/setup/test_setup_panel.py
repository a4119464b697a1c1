import json

import pytest

from tests.blocks import laid_out, values
from tests.desks import IDLE, open_desk
from tests.rooms.counting import COUNTING
from tests.rooms.picturing import PICTURING
from workbench.contract.errors import ConfigError
from workbench.contract.settings import settings_of
from workbench.ui.setup.setup_panel import CHANGED, SetupPanel, arms_html, settings_html


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    with open_desk(tmp_path_factory.mktemp("home"), settings=IDLE) as desk:
        yield desk


def panel(desk, engine=COUNTING):
    return laid_out(lambda: SetupPanel(desk, engine))[0]


def test_a_preset_fills_the_form(desk):
    setup = panel(desk)
    updates = setup._choose("study")
    assert updates[setup.form.widgets[0]]["value"] == 60 and updates[setup.seeds] == "0, 1, 2"
    assert "Sixty items" in updates[setup.promise]
    assert setup._choose("unknown").keys() == {setup.promise}


def test_make_it_fit_takes_the_proposal_over_and_leaves_the_rest(desk):
    setup = panel(desk)
    updates = setup.propose({"items": 5})
    assert updates[setup.form.widgets[0]]["value"] == 5
    assert set(updates) == {setup.form.widgets[0], setup.problems}


@pytest.mark.parametrize(("engine", "own"), [(PICTURING, {}), (COUNTING, {"more": {"rounds": 3}})])
def test_specs_round_trip_through_the_form(desk, engine, own):
    setup = panel(desk, engine)
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


def test_refused_fields_say_where_the_page_finds_them(desk):
    setup = panel(desk, PICTURING)
    names = [setting.name for setting in setup.form.settings]
    given = dict(zip(names, setup.inputs[1:-3], strict=True))
    asked = values(setup.inputs)
    asked[setup.inputs.index(given["layers"])] = 900
    asked[setup.inputs.index(given["rate"])] = -1
    asked[-1], asked[-2] = "x", '{"": {}}'
    with pytest.raises(ConfigError) as refused:
        setup.read(asked)
    told = setup.refused(refused.value)[setup.problems]
    for place in ("-1 layers", "0 rate", "-1 seeds", "arms own_arms"):
        assert f'data-place="{place}"' in told
    assert told.index("-1 layers") < told.index("0 rate") < told.index("seeds")


def test_any_change_of_the_form_ends_the_estimate(desk):
    def listening():
        setup = SetupPanel(desk, COUNTING)
        setup.listen()
        return setup

    setup, page = laid_out(listening)
    heard = [fn for fn in page.fns.values() if fn.js == CHANGED]
    assert len(heard) == 1 and {at for at, _ in heard[0].targets} == {each._id for each in setup.inputs}
