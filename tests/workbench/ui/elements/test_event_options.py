"""No event of the page may fill the browser's list of outputs that can show progress."""

from pathlib import Path

from tests.desks import IDLE, built, open_desk
from workbench.ui.elements.event_options import AT_ONCE, QUIET
from workbench.ui.page import build_page


def test_every_event_of_the_page_names_what_shows_its_progress(tmp_path: Path):
    with open_desk(tmp_path, settings=IDLE) as desk:
        events = built(lambda: build_page(desk)).config["dependencies"]
    pressed = [event for event in events if event["targets"]]
    assert len(pressed) > 50
    assert not [event["id"] for event in pressed if event["show_progress_on"] is None]


def test_what_is_at_once_is_as_quiet():
    assert AT_ONCE.items() >= QUIET.items() and AT_ONCE["queue"] is False
