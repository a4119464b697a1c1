import json

import gradio as gr
import pytest

from tests.blocks import furnished, values, visit
from tests.browser.rooms import ROOMS
from tests.desks import add_run, finish, open_desk
from workbench.access.security import Access
from workbench.ui.elements.run_snapshot import Seen

CLICK = "0123456789abcdef"
HOSTILE = [None, 3, "../../etc/passwd", "x" * 10_000, {"run": 1}, ["a"], "'; DROP TABLE runs; --", "unknown-run", True]


@pytest.fixture
def desk(tmp_path):
    with open_desk(tmp_path, engines=ROOMS) as desk:
        yield desk


def tab_of(desk, name="counting"):
    return furnished(desk, ROOMS[name])[0]


def refreshed(tab, run, seen=None, request=None, stamps=None):
    inputs = values(tab._inputs)
    return tab.refresh(request or visit(), run, seen or Seen(), *inputs[2:-1], stamps or {})


def started(desk, tab, request=None, click=CLICK, **given):
    given = {tab.setup.form.widgets[at].label: widget.value for at, widget in enumerate(tab.setup.form.widgets)} | given
    inputs = values(tab.setup.inputs)
    inputs[1 : 1 + len(given)] = list(given.values())
    return tab._start(request or visit(), click, *inputs)


def runs(desk):
    return [record.run for record in desk.history.listing().records]


@pytest.mark.parametrize("name", ROOMS)
def test_every_card_gives_a_tab(desk, name):
    tab = tab_of(desk, name)
    assert (tab.ask is None) == (ROOMS[name].ask is None)
    assert (tab.shown.commands is None) == (not ROOMS[name].commands)


def test_only_private_handlers_are_registered(desk):
    _, page = furnished(desk, ROOMS["counting"])
    handlers = [fn for fn in page.fns.values() if not fn.renderable]
    assert len(handlers) > 20 and {fn.api_visibility for fn in handlers} == {"private"}


def test_a_click_opens_one_run_however_often_it_arrives(desk):
    tab = tab_of(desk)
    first, second = started(desk, tab), started(desk, tab)
    assert first[tab.run_box] == second[tab.run_box]
    assert runs(desk) == [first[tab.run_box]]
    assert started(desk, tab, click="fedcba9876543210")[tab.run_box] != first[tab.run_box]


def test_the_same_click_on_another_form_is_another_run(desk):
    tab = tab_of(desk)
    assert started(desk, tab)[tab.run_box] != started(desk, tab, Items=13)[tab.run_box]


def test_a_hostile_key_is_no_key(desk):
    tab = tab_of(desk)
    opened = {started(desk, tab, click=click)[tab.run_box] for click in HOSTILE}
    assert len(opened) == len(HOSTILE)


def test_refused_settings_are_told_beside_the_form_and_start_nothing(desk):
    tab = tab_of(desk)
    updates = started(desk, tab, Items="many")
    assert "many" in updates[tab.setup.problems] and "whole number" in updates[tab.setup.problems]
    assert set(updates) == {tab.setup.problems} and runs(desk) == []


def test_refused_arms_of_ones_own_are_told(desk):
    tab = tab_of(desk)
    inputs = values(tab.setup.inputs)
    wrong = ["{", "[1]", '{"x": 3}', '{"Bad Name": {}}', '{"plain": {}}', '{"more": {"nope": 1}}', "[" * 9_000]
    for inputs[-2] in wrong:
        updates = tab._start(visit(), CLICK, *inputs)
        assert "bw-is-bad" in updates[tab.setup.problems], inputs[-2]
    assert runs(desk) == []


def test_an_arm_of_ones_own_joins_the_run(desk):
    tab = tab_of(desk)
    inputs = values(tab.setup.inputs)
    inputs[-2] = json.dumps({"more": {"bonus": 0.5}})
    run = tab._start(visit(), CLICK, *inputs)[tab.run_box]
    assert desk.history.record(run).spec.arms == ("shifted", "plain", "more")


def test_a_run_fills_the_form_and_starts_nothing(desk):
    tab = tab_of(desk)
    run = started(desk, tab, Items=77)[tab.run_box]
    assert tab._refill(run)[tab.setup.form.widgets[0]]["value"] == 77
    assert runs(desk) == [run]


def test_hostile_runs_are_told_in_words_and_change_nothing(desk):
    tab = tab_of(desk)
    for run in HOSTILE:
        told = refreshed(tab, run).get(tab.shown.top, "")
        assert not run or "not the address" in told or "unknown-run" in told, run
        for act in (desk.bench.stop, desk.bench.resume):
            assert "bw-is-bad" in tab._act(act)(visit(), run)[tab.shown.told]
        assert "bw-is-bad" in tab._question(visit(), CLICK, run, 0)[tab.ask.words]
        tab._refill(run)
    assert runs(desk) == []


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
    assert {tab.shown.top, tab.shown.repeat.yaml, tab.shown.details, tab.shown.views.panels[0].column} <= set(first)
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
    assert not {tab.about, tab.settings, tab.setup.seeds} & set(arrived)
    begun = tab._begin(visit(), run, Seen(), run)
    assert "Press Run for one of your own" in begun[tab.shown.bar] and "bw-is-preview" in begun[tab.shown.top]
    assert begun[tab._address] == "" and not {tab.settings, tab.setup.seeds} & set(begun)
    own = add_run(desk)
    assert tab._begin(visit(), own, Seen(run, 1), run)[tab.settings]["open"] is False


def test_leaving_a_run_clears_the_screen(desk):
    tab = tab_of(desk)
    seen = refreshed(tab, finish(desk, add_run(desk)))[tab._seen]
    cleared = refreshed(tab, "", seen)
    assert "No run shown" in cleared[tab.shown.top] and cleared[tab._seen] == Seen()
    assert {cleared[fold]["open"] for fold in (tab.about, tab.settings)} == {True}


def test_others_may_look_but_not_touch(tmp_path):
    access = Access("guests", b"k" * 32)
    with open_desk(tmp_path, access, ROOMS) as desk:
        tab = tab_of(desk)
        mine, other = (visit(f"benchwright={access.token(name)}") for name in ("guest-a", "guest-b"))
        run = started(desk, tab, mine)[tab.run_box]
        assert desk.history.record(run).owner == "guest-a"
        own, foreign = refreshed(tab, run, request=mine), refreshed(tab, run, request=other)
        assert own[tab.shown.stop]["visible"] and not foreign[tab.shown.stop]["visible"]
        assert "read-only" in foreign[tab.shown.bar]
        assert "belongs to someone else" in tab._act(desk.bench.stop)(other, run)[tab.shown.told]
        assert desk.history.record(run).live
        assert tab._act(desk.bench.stop)(mine, run)[tab.shown.told] == ""
        assert started(desk, tab, other)[tab.run_box] != run


def test_a_visitor_who_is_not_signed_in_starts_nothing(tmp_path):
    with open_desk(tmp_path, Access("accounts", b"k" * 32, {"ann": "1"}), ROOMS) as desk:
        tab = tab_of(desk)
        assert "not signed in" in started(desk, tab)[tab.setup.problems]
        assert runs(desk) == []


def test_questions_go_to_finished_runs_alone(desk):
    tab = tab_of(desk)
    run = add_run(desk)
    assert "is queued" in tab._question(visit(), CLICK, run, 0)[tab.ask.words]
    finish(desk, run)
    asked = tab._question(visit(), CLICK, run, 0)
    spec = desk.history.record(asked[tab.ask.run_box]).spec
    assert (spec.parent, spec.purpose, spec.settings) == (run, "ask", {"item": 0})
    assert "whole number" in tab._question(visit(), CLICK, run, "x")[tab.ask.words]


def test_check_fit_starts_a_preflight_of_the_form(desk):
    tab = tab_of(desk)
    updates = tab._check(visit(), CLICK, *values(tab.setup.inputs))
    record = desk.history.record(updates[tab.preflight.run_box])
    assert record.purpose == "preflight" and record.spec.settings["items"] == 12
    assert "bw-is-bad" in tab._check(visit(), CLICK, *[*values(tab.setup.inputs)[:-1], "x"])[tab.setup.problems]


def test_examples_are_shown_in_their_tab(desk):
    tab = tab_of(desk)
    assert tab.examples_html() == ""
    example = finish(desk, add_run(desk, origin="example"))
    add_run(desk, "steering", origin="example")
    assert tab.examples_html().count("data-run") == 1 and example in tab.examples_html()
