"""A room is furnished once, when it is entered, and the visitor's components are their own."""

from contextlib import contextmanager

import pytest
from fastapi.testclient import TestClient

from tests.browser.rooms import ROOMS
from tests.desks import IDLE, open_desk, served
from tests.visitor import Visitor, events
from workbench.ui.navigation import tab_id


@contextmanager
def visited(home, *sessions):
    with open_desk(home, engines=ROOMS, settings=IDLE) as desk, TestClient(served(desk), "http://127.0.0.1") as client:
        yield [Visitor(client, session) for session in sessions]


def sizes(rooms):
    return [len(room["components"]) - 1 for room in rooms]


@pytest.fixture
def tab():
    return tab_id(ROOMS["picturing"].tab)


def test_a_page_that_enters_no_room_holds_none(tmp_path):
    with visited(tmp_path, "a") as (visitor,):
        assert sizes(visitor.furniture()) == [0] * len(ROOMS)
        assert not [c for c in visitor.components if c["props"].get("value") == "Check fit"]


def test_entering_furnishes_that_room_alone_and_once(tmp_path, tab):
    with visited(tmp_path, "a") as (visitor,):
        visitor.enter(tab)
        first = sizes(visitor.furniture())
        assert sorted(size > 50 for size in first) == [False] * (len(ROOMS) - 1) + [True]
        assert sizes(visitor.furniture()) == [0] * (len(ROOMS) - 1)


def test_a_hostile_client_cannot_furnish_a_room_that_nobody_entered(tmp_path):
    with visited(tmp_path, "a") as (visitor,):
        rooms = [event for event in visitor.events if event["render_id"] is not None]
        answers = [visitor.call(event, True, [], None) for event in rooms]
        assert sizes(answer["render_config"] for answer in answers) == [0] * len(ROOMS)


def test_every_visitor_has_components_of_their_own(tmp_path, tab):
    with visited(tmp_path, "a", "b") as visitors:
        seen = []
        for visitor in visitors:
            visitor.enter(tab)
            seen += [{component["id"] for component in room["components"]} for room in visitor.furniture()]
        shared = set.intersection(*[ids for ids in seen if len(ids) > 50])
        assert len(shared) <= 1  # the place they are put in


def test_what_a_room_hears_shows_no_progress_and_is_private(tmp_path, tab):
    with visited(tmp_path, "a") as (visitor,):
        visitor.enter(tab)
        heard = events(visitor.furniture())
        pressed = [event for event in heard if event["targets"]]
        assert len(pressed) > 20
        assert {event["api_visibility"] for event in heard} == {"private"}
        assert not [event["id"] for event in pressed if event["show_progress_on"] is None]


def test_what_a_room_asks_can_be_answered(tmp_path, tab):
    asking = {"textbox", "number", "slider", "dropdown", "radio", "checkbox", "checkboxgroup"}
    with visited(tmp_path, "a") as (visitor,):
        visitor.enter(tab)
        found = [component for room in visitor.furniture() for component in room["components"]]
        asked = [c["props"] for c in found if c["type"] in asking and c["props"].get("visible") is not False]
        assert len(asked) > 10
        assert not [props["label"] for props in asked if props.get("interactive") is not True]


def test_a_page_whose_session_was_forgotten_presses_nothing_of_another_room(tmp_path, tab):
    with visited(tmp_path, "a", "b") as (old, new):
        for visitor in (old, new):
            visitor.enter(tab)
        first, second = (events(visitor.furniture()) for visitor in (old, new))
        assert not {e["id"] for e in first} & {e["id"] for e in second}
        old.session = "forgotten"
        for event in first:
            with pytest.raises(KeyError):
                old.call(event)
