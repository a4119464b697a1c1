import pytest

from tests.blocks import laid_out, visit
from tests.browser.rooms import ROOMS
from tests.catalogues import SERVED, ShownCatalogue
from tests.desks import IDLE, open_desk
from workbench.ui.data.use_panel import UsePanel
from workbench.ui.setup.picker_choices import setting_for
from workbench.ui.setup.setup_panel import SetupPanel


@pytest.fixture
def desk(tmp_path):
    with open_desk(tmp_path, engines=ROOMS, catalogue=ShownCatalogue(), settings=IDLE) as desk:
        yield desk


def test_only_methods_that_can_use_it_are_offered(desk):
    panel = laid_out(lambda: UsePanel(desk))[0]
    updates = panel.offered("model", "small")
    shown = {name for name, button in panel.buttons.items() if updates[button]["visible"]}
    assert "picturing" in shown and "counting" not in shown
    assert updates[panel.wanted] == "use:model:small" and updates[panel.column]["visible"]
    assert "Use small in a run of:" in updates[panel.words]
    nowhere = panel.offered("data", "<b>no such set</b>")
    assert not any(nowhere[button]["visible"] for button in panel.buttons.values())
    assert "No method here can use" in nowhere[panel.words] and "<b>" not in nowhere[panel.words]
    assert panel.closed()[panel.wanted] == ""


def test_the_form_takes_what_is_wanted_and_nothing_else(desk):
    setup = laid_out(lambda: SetupPanel(desk, ROOMS["picturing"]))[0]
    assert setup.used(visit(), "use:model:small")[setup.form.widget_of("model")]["value"] == "small"
    updates = setup.used(visit(), "use:data:bundled-set")
    assert updates[setup.form.widget_of("data")]["value"] == "bundled-set" and set(updates) <= set(setup.outputs)
    for hostile in ("use:", "use:model", "use:seeds:1", "use:model:../../etc/passwd", "use:data:" + "x" * 9_000):
        assert set(setup.used(visit(), hostile)) == {setup.problems}


def test_a_server_goes_where_answers_alone_are_needed(desk):
    assert setting_for(desk, ROOMS["picturing"], "model", SERVED) is None
