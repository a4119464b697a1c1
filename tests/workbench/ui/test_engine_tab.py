from dataclasses import replace

import gradio as gr
import pytest

from tests.blocks import furnished, values, visit
from tests.browser.rooms import ROOMS
from tests.desks import add_run, finish, open_desk
from tests.workbench.ui.entered_tabs import HOSTILE, refreshed, tab_of
from workbench.specs.links import Destination
from workbench.ui.elements.run_snapshot import Seen


@pytest.fixture
def desk(tmp_path):
    with open_desk(tmp_path, engines=ROOMS) as desk:
        yield desk


@pytest.mark.parametrize("name", ROOMS)
def test_every_card_gives_a_tab(desk, name):
    tab = tab_of(desk, name)
    assert (tab.ask is None) == (ROOMS[name].ask is None)
    assert (tab.shown.commands is None) == (not ROOMS[name].commands)


def test_only_private_handlers_are_registered(desk):
    _, page = furnished(desk, ROOMS["counting"])
    handlers = [fn for fn in page.fns.values() if not fn.renderable]
    assert len(handlers) > 20 and {fn.api_visibility for fn in handlers} == {"private"}


def test_a_deleted_run_is_told_in_words(desk):
    tab = tab_of(desk)
    run = finish(desk, add_run(desk))
    desk.history.delete(run)
    assert "was deleted" in refreshed(tab, run)[tab.shown.top]


def test_a_run_of_another_method_is_not_shown(desk):
    tab = tab_of(desk)
    assert "is no run of Counting" in refreshed(tab, add_run(desk, "steering"))[tab.shown.top]


def test_the_first_look_draws_everything_and_the_next_only_what_is_new(desk):
    tab = tab_of(desk)
    run = finish(desk, add_run(desk))
    first = refreshed(tab, run)
    assert {tab.shown.top, tab.shown.repeat.yaml, tab.shown.jump, tab.shown.views.panels[0].column} <= set(first)
    again = refreshed(tab, run, first[tab._seen], stamps=first[tab.shown.stamps])
    assert set(again) == {tab.timer}
    desk.history.rename(run, "Another name")
    assert "Another name" in refreshed(tab, run, first[tab._seen])[tab.shown.bar]


def test_the_timer_sleeps_when_nothing_is_live(desk):
    tab = tab_of(desk)
    run = add_run(desk)
    assert not isinstance(refreshed(tab, run)[tab.timer], gr.Timer)
    finish(desk, run)
    assert refreshed(tab, run)[tab.timer].active is False
    assert refreshed(tab, "")[tab.timer].active is False


def test_opening_a_run_tells_at_once_which_and_wakes_the_timer(desk):
    tab = tab_of(desk)
    run, other = add_run(desk), add_run(desk)
    begun = tab._begin(visit(), run, Seen())
    assert run in begun[tab.shown.top] and begun[tab._address] == run and begun[tab.timer].active
    assert tab.shown.views.panels[0].body not in begun
    assert {begun[fold]["open"] for fold in (tab.about, tab.settings)} == {False}
    assert begun[tab.setup.seeds] == ", ".join(map(str, desk.history.record(run).spec.seeds))
    assert tab._begin(visit(), other, Seen(run, 1))[tab.shown.views.panels[0].body] == ""
    # the page may tell twice that a run was opened; what is drawn by then stays
    assert tab.shown.views.panels[0].body not in tab._begin(visit(), run, Seen(run, 1))
    assert "not the address" in tab._begin(visit(), "../x", Seen())[tab.shown.top]
    assert tab._begin(visit(), None, Seen())[tab._address] == ""


def test_before_a_run_an_example_stands_beside_the_open_form(desk):
    tab = tab_of(desk)
    finish(desk, add_run(desk))
    assert tab._arrive(visit(), None, Seen(), "", None).get(tab.run_box) is None
    run = finish(desk, add_run(desk, origin="example"))
    arrived = tab._arrive(visit(), None, Seen(), "", None)
    assert (arrived[tab.run_box], arrived[tab._preview], arrived[tab._address]) == (run, run, "")
    assert arrived[tab.settings]["open"] is True and tab.setup.seeds not in arrived
    begun = tab._begin(visit(), run, Seen(), run)
    assert "Press Run for one of your own" in begun[tab.shown.bar] and "bw-is-preview" in begun[tab.shown.top]
    assert begun[tab._address] == "" and not {tab.settings, tab.setup.seeds} & set(begun)
    own = add_run(desk)
    assert tab._begin(visit(), own, Seen(run, 1), run)[tab.settings]["open"] is False


def test_a_link_to_a_view_sets_its_controls_and_unfolds_it(desk):
    tab = tab_of(desk, "picturing")
    run = finish(desk, add_run(desk, "picturing"))
    views = tab.shown.views
    panel = next(panel for panel in views.panels if panel.view.name == "places")
    link = Destination(run=run, view="places", controls=(("layer", "3"), ("nonsense", "1")))
    begun = tab._begin(visit(), run, Seen(), "", link, {"sizes": [1]}, [])
    assert begun[views.chosen] == {"sizes": [1], "places": [3]} and panel.controls.widgets[0] not in begun
    assert begun[views.opened] == [panel.fold] and begun[views.folds[panel.fold]]["open"] is True
    refused = tab._begin(visit(), run, Seen(), "", replace(link, controls=(("layer", "<b>"),)), {}, [])
    assert "&lt;b&gt;" in refused[tab.shown.told] and views.chosen not in refused
    assert tab._aim(run, Seen(), link, {}, []) == {tab.shown.told: gr.skip()}
    assert tab._aim(run, Seen(run, 1), link, {}, [])[views.chosen] == {"places": [3]}
    for hostile in HOSTILE:
        assert views.chosen not in tab._begin(visit(), run, Seen(), "", hostile, {}, [])


def test_a_fold_behind_the_run_is_filled_when_it_is_opened(desk):
    tab = tab_of(desk)
    run = finish(desk, add_run(desk))
    inputs = values(tab._inputs)
    at = tab._inputs.index(tab.shown.fold)
    for name, component in (("rows", tab.shown.rows.body), ("log", tab.shown.log), ("details", tab.shown.details)):
        assert component not in tab.refresh(visit(), run, Seen(), *inputs[2:])
        assert component in tab.refresh(visit(), run, Seen(), *[*inputs[2:at], name, *inputs[at + 1 :]])


def test_leaving_a_run_clears_the_screen(desk):
    tab = tab_of(desk)
    seen = refreshed(tab, finish(desk, add_run(desk)))[tab._seen]
    cleared = refreshed(tab, "", seen)
    assert "No run shown" in cleared[tab.shown.top] and cleared[tab._seen] == Seen()
    assert {cleared[fold]["open"] for fold in (tab.about, tab.settings)} == {True}


def test_examples_are_shown_in_their_tab(desk):
    tab = tab_of(desk)
    assert tab.examples_html() == ""
    example = finish(desk, add_run(desk, origin="example"))
    add_run(desk, "steering", origin="example")
    assert tab.examples_html().count("data-run") == 1 and example in tab.examples_html()
