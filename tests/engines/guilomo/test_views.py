import pandas as pd
import pytest

from engines.guilomo import ENGINE
from engines.guilomo.rows import TokenExpert
from tests.engines.guilomo.tiny_run import start, tables, tiny_spec
from tests.engines.shown_views import shown
from workbench.home import place
from workbench.views import Chart, Listing, Passage, Tables

VIEWS = {view.name: view for view in (*ENGINE.views, *ENGINE.ask.views)}
ASKED = pd.DataFrame(
    [
        ("model.layers.0.q_proj", 0, "q_proj", 0, "The", 2, 0.7),
        ("model.layers.0.q_proj", 0, "q_proj", 1, " bank", 1, 0.6),
    ],
    columns=list(TokenExpert.model_fields),
)


@pytest.fixture(scope="module")
def done() -> Tables:
    run = start(tiny_spec(arms=("guilomo", "plain"), seeds=(0, 1)), place("runs"), "guilomo-views")
    return tables(**{kind.table(): run.table(kind) for kind in ENGINE.rows}, TokenExpert=ASKED)


@pytest.mark.parametrize("name", VIEWS)
def test_views_show_a_finished_run(name, done):
    found = shown(VIEWS[name], done)
    if isinstance(found, tuple):
        figure, text = found
        assert figure.data
        assert text.endswith(".") and "nan" not in text and " yet" not in text
    else:
        assert len(found)


@pytest.mark.parametrize("name", VIEWS)
def test_views_show_a_run_without_rows(name):
    found = shown(VIEWS[name], tables())
    if isinstance(found, tuple):
        assert "yet" in found[1]
    elif isinstance(found, list):
        assert "yet" in found[0].text
    else:
        assert found.empty


@pytest.mark.parametrize("name", VIEWS)
@pytest.mark.parametrize("upto", range(1, len(ENGINE.rows)))
def test_views_show_a_run_that_is_half_done(name, upto, done):
    shown(VIEWS[name], tables(**{kind.table(): done[kind] for kind in ENGINE.rows[:upto]}))


def test_every_option_of_a_view_can_be_drawn(done):
    for view in VIEWS.values():
        for name, choices in (view.options(done) if view.options else {}).items():
            for choice in choices:
                controls = view.controls(**{name: choice})
                match view:
                    case Chart():
                        assert view.draw(done, controls) and view.describe(done, controls)
                    case Listing():
                        assert view.rows(done, controls) is not None
                    case Passage():
                        assert view.spans(done, controls)
