import pytest

from tests.blocks import RUNNING, look
from tests.desks import add_run, finish, open_desk
from tests.rooms.counting import COUNTING
from workbench.ui.elements.run_snapshot import Seen, tables_of
from workbench.ui.runs.run_header import header_html


@pytest.fixture
def desk(tmp_path):
    with open_desk(tmp_path) as desk:
        yield desk


def test_the_time_left_is_reckoned_from_the_phases_own_pace(desk):
    run = add_run(desk)
    first = look(desk, run, **RUNNING, progress_at=990.0)
    assert first.seconds_left is None
    seen = Seen(run, 1, first.pace)
    later = look(desk, run, seen, **RUNNING | {"done": 6}, progress_at=996.0, now=997.0)
    # three items took six seconds; six are left, and one second has passed since
    assert later.seconds_left == pytest.approx(11.0)
    assert "about 11 s" in header_html(later)
    other = look(desk, run, seen, **RUNNING | {"phase": "Sum up", "done": 1}, progress_at=999.0)
    assert other.seconds_left is None and other.pace == ("Sum up", 1, 999.0, 1)
    # the same phase for the next of several arms
    begun = look(desk, run, Seen(run, 2, (RUNNING["phase"], 0, 900.0, 12)), **RUNNING | {"done": 0}, progress_at=998.0)
    assert begun.seconds_left is None and begun.pace == (RUNNING["phase"], 0, 998.0, 0)
    on = look(desk, run, Seen(run, 3, begun.pace), **RUNNING | {"done": 2}, progress_at=999.0, now=999.0)
    assert on.seconds_left == pytest.approx(5.0)


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
