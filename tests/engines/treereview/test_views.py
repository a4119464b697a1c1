import pytest

from engines.treereview import ENGINE
from tests.engines.treereview.shown_run import VIEWS, shown_tables
from tests.engines.treereview.tiny_run import tables
from workbench.views import Chart, Listing, Passage, Tables


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    return shown_tables(tmp_path_factory.mktemp("runs"))


def shown(view, rows: Tables):
    offered = view.options(rows) if view.options else {}
    controls = view.controls(**{name: found[0] for name, found in offered.items() if found})
    match view:
        case Chart():
            return view.draw(rows, controls), view.describe(rows, controls)
        case Listing():
            return view.rows(rows, controls)
        case Passage():
            return view.spans(rows, controls)
        case _:
            return view.nodes(rows, controls)


@pytest.mark.parametrize("name", VIEWS)
def test_views_show_a_finished_run(name, done):
    found = shown(VIEWS[name], done)
    if isinstance(found, tuple):
        figure, text = found
        assert figure.data and text.endswith(".") and "nan" not in text and " yet" not in text
    else:
        assert len(found)
        if isinstance(found, list) and hasattr(found[0], "text"):
            assert " yet" not in "".join(span.text for span in found)


@pytest.mark.parametrize("name", VIEWS)
def test_views_show_a_run_without_rows(name):
    found = shown(VIEWS[name], tables())
    if isinstance(found, tuple):
        assert "yet" in found[1]
    elif VIEWS[name].__class__ is Passage:
        assert "yet" in found[0].text
    else:
        assert len(found) == 0


@pytest.mark.parametrize("upto", range(1, len(ENGINE.rows)))
def test_views_show_a_run_that_is_half_done(upto, done):
    partial = tables(**{kind.table(): done[kind] for kind in ENGINE.rows[:upto]})
    for view in ENGINE.views:
        shown(view, partial)


def test_every_option_of_a_view_can_be_drawn(done):
    for view in VIEWS.values():
        for name, choices in (view.options(done) if view.options else {}).items():
            for choice in choices:
                assert choice
                shown_with = view.controls(**{name: choice})
                getattr(view, "draw", getattr(view, "rows", getattr(view, "spans", getattr(view, "nodes", None))))(
                    done, shown_with
                )
