"""The tab as a whole: one timer, panels that wait for tools, buttons of the lists."""

from types import SimpleNamespace

import pytest

from tests.blocks import laid_out, row, values, visit
from tests.workbench.ui.shown_tools import CLICK, FINISHED, HOSTILE, desk_with_tools, opened, spoken
from workbench.ui.data.models_data import clicked_model, models_data_tab

ASKED = {"prompt": "Why?", "models": ["small"]}


@pytest.fixture
def desk(tmp_path, fresh_home):
    with desk_with_tools(tmp_path / "desk") as desk:
        yield desk


@pytest.fixture
def tab(desk):
    return laid_out(lambda: models_data_tab(desk))[0]


def pressed(act="", ref=""):
    return SimpleNamespace(_data={"act": act, "ref": ref})


def tick(tab, answers=None, look="", check=""):
    play = [answers, values([tab.playground.seen])[0]]
    return tab._refresh(visit(), *play, look, check, *values(tab.models.filters))


def awake(updates, tab):
    return not (hasattr(updates[tab.timer], "active") and updates[tab.timer].active is False)


def test_only_private_handlers_are_registered(desk):
    _, page = laid_out(lambda: models_data_tab(desk))
    assert {fn.api_visibility for fn in page.fns.values()} == {"private"}


def test_the_timer_sleeps_when_nothing_is_waited_for(desk, tab):
    assert not awake(tick(tab), tab)
    run = opened(desk, "playground", **ASKED)
    assert awake(tick(tab, answers=run), tab)
    look = opened(desk, "data_preview", data="upload:a.csv")
    assert awake(tick(tab, look=look), tab)
    spoken(desk, run, FINISHED)
    spoken(desk, look, FINISHED)
    assert not awake(tick(tab, answers=run, look=look), tab)


def test_what_was_added_can_be_asked_at_once(desk, tab):
    check = spoken(
        desk, opened(desk, "enrolment", place="folder", address="/m"), row("Enrolled", ref="/m", name="m"), FINISHED
    )
    updates = tick(tab, check=check)
    assert "small" in updates[tab.playground.models]["choices"]
    assert tab.playground.models not in tick(tab)


def test_a_start_wakes_the_timer_and_a_refusal_does_not(tab):
    form = values(tab.playground.form)
    refused = tab._waking(tab.playground.start)(visit(), CLICK, *form)
    assert awake(refused, tab) and not hasattr(refused[tab.timer], "active")
    form[0], form[1] = ASKED["prompt"], ASKED["models"]
    assert tab._waking(tab.playground.start)(visit(), CLICK, *form)[tab.timer].active is True


def test_try_puts_a_model_into_the_playground(tab):
    updates = tab._pressed_model(visit(), pressed("try", "a/b"), ["small"], "", "", [])
    assert updates[tab.playground.models]["value"] == ["small", "a/b"]
    full = tab._pressed_model(visit(), pressed("try", "small"), ["a", "b", "c", "small", "d"], "", "", [])
    assert full[tab.playground.models]["value"] == ["a", "b", "c", "small"]


def test_remove_and_look_are_told_to_their_panels(desk, tab):
    updates = tab._pressed_model(visit(), pressed("remove", "server:Here"), [], "", "", [])
    assert "Taken off the list" in updates[tab.models.words]
    updates = tab._pressed_data(visit(), pressed("look", "upload:x.csv"))
    assert desk.history.record(updates[tab.data.run_box]).spec.settings["data"] == "upload:x.csv"


@pytest.mark.parametrize("data", HOSTILE)
def test_whatever_else_the_browser_says_does_nothing(desk, tab, data):
    event = SimpleNamespace(_data=data)
    assert clicked_model(event) == ("", "")
    tab._pressed_model(visit(), event, None, None, None, None)
    tab._pressed_data(visit(), event)
    tab._pressed_model(visit(), pressed("try", str(data)), data, "", "", [])
    assert desk.history.counts("tool") == {}


def test_a_visitor_finds_the_lists_filled(tab):
    updates = tab.welcome(visit(), "?run=none-such")
    assert "small" in updates[tab.models.table] and "bundled-set" in updates[tab.data.table]
    assert set(updates) <= set(tab.welcomed)
