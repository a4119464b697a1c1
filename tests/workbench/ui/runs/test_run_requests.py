"""What a visitor asks of the bench: whatever its arguments, a run or a sentence, and never another's run."""

import json

import pytest

from tests.blocks import values, visit
from tests.browser.rooms import ROOMS
from tests.desks import add_run, finish, open_desk
from tests.workbench.ui.entered_tabs import CLICK, HOSTILE, refreshed, runs, started, tab_of
from workbench.access.security import Access


@pytest.fixture
def desk(tmp_path):
    with open_desk(tmp_path, engines=ROOMS) as desk:
        yield desk


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
        updates = tab.requests.start(visit(), CLICK, *inputs)
        assert "bw-is-bad" in updates[tab.setup.problems], inputs[-2]
    assert runs(desk) == []


def test_an_arm_of_ones_own_joins_the_run(desk):
    tab = tab_of(desk)
    inputs = values(tab.setup.inputs)
    inputs[-2] = json.dumps({"more": {"bonus": 0.5}})
    run = tab.requests.start(visit(), CLICK, *inputs)[tab.run_box]
    assert desk.history.record(run).spec.arms == ("shifted", "plain", "more")


def test_a_run_fills_the_form_and_starts_nothing(desk):
    tab = tab_of(desk)
    run = started(desk, tab, Items=77)[tab.run_box]
    assert tab.requests.refill(visit(), run)[tab.setup.form.widgets[0]]["value"] == 77
    assert runs(desk) == [run]


def test_hostile_runs_are_told_in_words_and_change_nothing(desk):
    tab = tab_of(desk)
    for run in HOSTILE:
        told = refreshed(tab, run).get(tab.shown.top, "")
        assert not run or "not the address" in told or "unknown-run" in told, run
        for act in (desk.bench.stop, desk.bench.resume):
            assert "bw-is-bad" in tab.requests.acting(act)(visit(), run)[tab.shown.told]
        assert "bw-is-bad" in tab.requests.question(visit(), CLICK, run, 0)[tab.ask.words]
        tab.requests.refill(visit(), run)
    assert runs(desk) == []


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
        assert "belongs to someone else" in tab.requests.acting(desk.bench.stop)(other, run)[tab.shown.told]
        assert desk.history.record(run).live
        assert tab.requests.acting(desk.bench.stop)(mine, run)[tab.shown.told] == ""
        assert started(desk, tab, other)[tab.run_box] != run


def test_a_visitor_who_is_not_signed_in_starts_nothing(tmp_path):
    with open_desk(tmp_path, Access("accounts", b"k" * 32, {"ann": "1"}), ROOMS) as desk:
        tab = tab_of(desk)
        assert "not signed in" in started(desk, tab)[tab.setup.problems]
        assert runs(desk) == []


def test_questions_go_to_finished_runs_alone(desk):
    tab = tab_of(desk)
    run = add_run(desk)
    assert "is queued" in tab.requests.question(visit(), CLICK, run, 0)[tab.ask.words]
    finish(desk, run)
    asked = tab.requests.question(visit(), CLICK, run, 0)
    spec = desk.history.record(asked[tab.ask.run_box]).spec
    assert (spec.parent, spec.purpose, spec.settings) == (run, "ask", {"item": 0})
    assert "whole number" in tab.requests.question(visit(), CLICK, run, "x")[tab.ask.words]


def test_check_fit_starts_a_preflight_of_the_form(desk):
    tab = tab_of(desk)
    updates = tab.requests.check(visit(), CLICK, *values(tab.setup.inputs))
    record = desk.history.record(updates[tab.preflight.run_box])
    assert record.purpose == "preflight" and record.spec.settings["items"] == 12
    assert "bw-is-bad" in tab.requests.check(visit(), CLICK, *[*values(tab.setup.inputs)[:-1], "x"])[tab.setup.problems]
