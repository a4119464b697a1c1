import pandas as pd
import pytest

from engines.guilomo import ASK, ENGINE
from engines.guilomo.rows import TokenExpert
from tests.engines.guilomo.tiny_run import start, tables, tiny_spec
from tests.engines.shown_views import assert_options, assert_shows, assert_waits, shown
from workbench.contract.schema import Outcome
from workbench.contract.views import Tables
from workbench.storage.home import place

VIEWS = {view.name: view for view in (*ENGINE.views, *ASK.views)}
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
    return tables(**{kind.table(): run.table(kind) for kind in (*ENGINE.rows, Outcome)} | {"TokenExpert": ASKED})


@pytest.mark.parametrize("name", VIEWS)
def test_views_show_a_finished_run(name, done):
    assert_shows(VIEWS[name], done)


@pytest.mark.parametrize("name", VIEWS)
def test_views_show_a_run_without_rows(name):
    assert_waits(VIEWS[name], tables())


@pytest.mark.parametrize("name", VIEWS)
def test_views_show_a_run_that_is_half_done(name, done):
    for upto in range(1, len(ENGINE.rows)):
        shown(VIEWS[name], tables(**{kind.table(): done[kind] for kind in ENGINE.rows[:upto]}))


def test_every_option_of_a_view_can_be_drawn(done):
    assert_options(VIEWS.values(), done)
