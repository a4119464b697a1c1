import pandas as pd
import pytest

from engines.sure import ENGINE
from engines.sure.config import MetricControl, RatesControl
from engines.sure.rows import AskedForm, FormRate
from engines.sure.views import draw_radar, draw_rates, held_out_rates, mean_rates, rate_rows
from tests.engines.shown_views import assert_options, assert_shows, assert_waits, shown
from tests.engines.sure.tiny_run import KINDS, start, tables, tiny_spec
from workbench.contract.schema import Outcome
from workbench.contract.views import NoControls, Tables
from workbench.storage.home import place

pytestmark = pytest.mark.filterwarnings("ignore:fan_in_fan_out")
VIEWS = {view.name: view for view in (*ENGINE.views, *ENGINE.ask.views)}


@pytest.fixture(scope="module")
def done() -> Tables:
    run = start(tiny_spec(arms=("reader", "sft"), seeds=(0, 1)), place("runs"), "sure-views")
    asked = pd.DataFrame(
        [("as it is", "original", "a b", "a b", "x", "x", "robust", "yes"),
         ("JSON", "format", "a b", '{"a b"}', "x", "y", "lost", "no")],
        columns=list(AskedForm.model_fields),
    )  # fmt: skip
    rows = {kind.table(): run.table(kind) for kind in (*ENGINE.rows, Outcome)}
    return tables(**rows, AskedForm=asked)


@pytest.mark.parametrize("name", VIEWS)
def test_views_show_a_finished_run(name, done):
    assert_shows(VIEWS[name], done)


@pytest.mark.parametrize("name", VIEWS)
def test_views_show_a_run_without_rows(name):
    assert_waits(VIEWS[name], tables())


@pytest.mark.parametrize("name", VIEWS)
@pytest.mark.parametrize("upto", range(1, len(ENGINE.rows)))
def test_views_show_a_run_that_is_half_done(name, upto, done):
    shown(VIEWS[name], tables(**{kind.table(): done[kind] for kind in ENGINE.rows[:upto]}))


def test_every_option_of_a_view_can_be_drawn(done):
    assert_options(VIEWS.values(), done)
    for metric in ("robust", "accuracy", "lose", "win"):
        bars = VIEWS["mending"].draw(done, MetricControl(metric=metric)).data
        assert bars and all(trace.error_y.array is None for trace in bars), "intervals are the bench's"


def rate(arm: str, perturbation: str, part: str, robust: float, seed: int = 0) -> dict:
    given = {"arm": arm, "seed": seed, "subset": "golden", "kind": "format", "perturbation": perturbation, "part": part}
    rest = {name: 0.25 for name in FormRate.model_fields if name not in given}
    return {**given, **rest, "robust": robust, "pairs": 8}


RATES = tables(
    FormRate=pd.DataFrame(
        [
            rate("reader", "json", "all", 0.5), rate("reader", "json", "all", 0.7, 1),
            rate("reader", "all", "all", 0.6),
            rate("reader", "all", "held_out", 0.4), rate("sft", "json", "held_out", 0.9),
            rate("sft", "all", "held_out", 0.8),
        ]
    )
)  # fmt: skip


def test_rates_are_means_over_seeds_of_the_widest_part():
    means = mean_rates(RATES[FormRate]).set_index(["arm", "perturbation"])["robust"]
    assert means.to_dict() == pytest.approx({("reader", "json"): 0.6, ("reader", "all"): 0.6, ("sft", "json"): 0.9,
                                             ("sft", "all"): 0.8})  # fmt: skip


def test_mending_compares_arms_on_held_out_questions():
    found = held_out_rates(RATES).set_index("arm")["robust"]
    assert found.to_dict() == {"reader": 0.4, "sft": 0.8}


def test_bars_are_stacked_to_one():
    figure = draw_rates(RATES, RatesControl())
    assert figure.layout.barmode == "stack"
    assert [trace.name for trace in figure.data] == ["robust", "won", "lost"]


def test_the_radar_is_closed():
    trace = draw_radar(RATES, NoControls()).data[0]
    assert trace.type == "scatterpolar" and trace.theta[0] == trace.theta[-1]


def test_the_table_is_in_percent_and_gives_no_interval_of_its_own():
    row = rate_rows(RATES, RatesControl()).iloc[0]
    assert (row["form"], row["robust %"], row["won %"]) == ("JSON", 60.0, 25.0)
    assert not [name for name in row.index if "95" in name or "p" in name.split()]


def test_kinds_cover_what_views_read():
    assert {kind for view in VIEWS.values() for kind in view.reads} <= set(KINDS)
