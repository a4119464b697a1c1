import pytest

from engines.treereview import ENGINE
from tests.engines.shown_views import assert_options, assert_shows, assert_waits, joined, shown
from tests.engines.treereview.shown_run import VIEWS, shown_tables
from tests.engines.treereview.tiny_run import tables


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    return shown_tables(tmp_path_factory.mktemp("runs"))


@pytest.mark.parametrize("name", VIEWS)
def test_views_show_a_finished_run(name, done):
    assert_shows(VIEWS[name], done)


@pytest.mark.parametrize("name", VIEWS)
def test_views_show_a_run_without_rows(name):
    assert_waits(VIEWS[name], tables())


@pytest.mark.parametrize("upto", range(1, len(ENGINE.rows)))
def test_views_show_a_run_that_is_half_done(upto, done):
    partial = tables(**{kind.table(): done[kind] for kind in ENGINE.rows[:upto]})
    for view in VIEWS.values():
        shown(view, partial)


def test_every_option_of_a_view_can_be_drawn(done):
    assert_options(VIEWS.values(), done)
    for view in map(joined, VIEWS.values()):
        assert all(choice for choices in (view.options(done) if view.options else {}).values() for choice in choices)
