import pytest

from tests.blocks import RUNNING, look, say
from tests.desks import add_run, finish, open_desk
from tests.rooms.counting import COUNTING
from workbench.ui.elements.run_snapshot import tables_of
from workbench.ui.runs.run_header import bar_html, header_html


@pytest.fixture
def desk(tmp_path):
    with open_desk(tmp_path) as desk:
        yield desk


def test_the_time_left_is_of_the_whole_run_and_told_once(desk):
    run = finished_within(desk, 100.0)
    live = look(desk, desk.history.open_run(desk.history.record(run).spec), **RUNNING | {"phase": "Count"}, now=930.0)
    assert live.seconds_left == pytest.approx(70.0)
    assert "about 1 min 10 s left" in bar_html(live) and "left" not in header_html(live)
    unknown = look(desk, add_run(desk, "steering"), **RUNNING)
    assert unknown.seconds_left is None and "left" not in bar_html(unknown)


def finished_within(desk, seconds):
    fact = {"kind": "record", "name": "seconds of Count", "value": seconds}
    return say(desk, add_run(desk), fact, {"kind": "finished", "seconds": seconds})


def test_a_run_is_new_until_it_was_seen_and_changed_when_its_version_is_another(desk):
    run = finish(desk, add_run(desk))
    fresh = look(desk, run)
    assert fresh.first and fresh.changed
    again = look(desk, run, fresh.seen())
    assert not again.first and not again.changed
    desk.history.rename(run, "Another")
    assert look(desk, run, fresh.seen()).changed
    other = look(desk, add_run(desk), fresh.seen())
    assert other.first and other.changed


def test_tables_are_read_once_and_only_when_asked_for(desk):
    step, tally = COUNTING.rows
    tables = tables_of(desk.history, COUNTING, add_run(desk))
    assert tables[tally].empty and list(tables[tally].columns) == list(tally.model_fields)
    assert tables[step] is tables[step] and step in set(tables)
