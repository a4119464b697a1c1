"""One interval in the house: only `Measures` draws an interval of an outcome, and no method computes one."""

from pathlib import Path

import plotly.graph_objects as go
import pytest

from engines import ENGINES
from tests.interval_marks import MARK, computed_intervals, drawn_intervals
from tests.rooms import ENGINES as TOYS
from tests.source import modules
from workbench.bench.examples import FOLDER
from workbench.contract.runs import RunFolder
from workbench.contract.views import Chart, Tables
from workbench.figures.measures import MeasuredChart, drawable, every_arm
from workbench.storage.finished_run import FinishedRun

METHODS = sorted(path for name, path in modules().items() if name.startswith("engines."))
EXAMPLES = sorted(path for path in FOLDER.iterdir() if path.is_dir())


def test_no_method_computes_an_interval_or_a_p_value():
    assert METHODS and [found for path in METHODS for found in computed_intervals(path)] == []


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name.split("-")[2])
def test_no_view_of_a_shipped_run_draws_an_interval_but_measures(example: Path):
    run = FinishedRun(RunFolder(example.parent, example.name))
    engine = ENGINES[run.spec.engine]
    tables = Tables(run.table, list(engine.row_types().values()))
    charts = [view for view in drawable(engine.views, engine) if isinstance(view, Chart)]
    for view in charts:
        offered = view.options(tables) if view.options else {}
        first = {name: choices[0] for name, choices in offered.items() if choices and not _many(view, name)}
        figure = view.draw(tables, view.controls(**first))
        if not isinstance(view, MeasuredChart):
            assert drawn_intervals(figure) == [], view.name


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda path: path.name.split("-")[2])
def test_every_method_shows_its_arms_with_the_intervals_of_its_verdicts(example: Path):
    run = FinishedRun(RunFolder(example.parent, example.name))
    engine = ENGINES[run.spec.engine]
    tables = Tables(run.table, list(engine.row_types().values()))
    measures = [
        view for view in (*drawable(engine.views, engine), *every_arm(engine)) if isinstance(view, MeasuredChart)
    ]
    assert measures
    for view in measures:
        assert view.draw(tables, view.controls()).data or "yet" in view.describe(tables, view.controls())


def test_toys_draw_no_interval_either():
    for engine in TOYS.values():
        tables = Tables(_no_rows, list(engine.row_types().values()))
        for view in engine.views:
            if isinstance(view, Chart):
                assert drawn_intervals(view.draw(tables, view.controls())) == []


def _no_rows(kind):
    import pandas as pd

    return pd.DataFrame(columns=list(kind.model_fields))


def _many(view: Chart, name: str) -> bool:
    return isinstance(getattr(view.controls(), name), tuple)


@pytest.mark.parametrize(
    ("trace", "caught"),
    [
        (go.Scatter(x=[1], y=[1], error_y={"array": [0.1]}), True),
        (go.Bar(x=[1], y=[1], error_y={"type": "percent", "value": 5}), True),
        (go.Scatter(x=[1], y=[1], error_x={"array": [0.1]}), True),
        (go.Scatter(x=[1], y=[1], fill="toself"), True),
        (go.Scattergl(x=[1], y=[1], fill="tonexty"), True),
        (go.Scatter(x=[1], y=[1], fill="toself", meta={MARK: "floor of distances between halves"}), False),
        (go.Scatter(x=[1], y=[1], fill="toself", meta={MARK: "floor"}), True),
        (go.Scatter(x=[1], y=[1], error_y={"array": [0.1], "visible": False}), False),
        (go.Scatterpolar(r=[1], theta=[1], fill="toself"), False),
        (go.Scatter(x=[1], y=[1]), False),
    ],
)
def test_intervals_are_seen_in_figures(trace: go.Scatter, caught: bool):
    assert bool(drawn_intervals(go.Figure(trace))) == caught


@pytest.mark.parametrize(
    ("line", "caught"),
    [
        ("from scipy.stats import t", True),
        ("from scipy.stats import bootstrap as resample", True),
        ("from scipy import stats\nx = stats.norm.ppf(0.975)", True),
        ("import scipy.stats\nx = scipy.stats.ttest_ind(a, b)", True),
        ("import statsmodels.api as sm", True),
        ("p = found.pvalue", True),
        ("x = frame.groupby('arm').sem()", True),
        ("made = bars(frame, error_y=dict(array=x))", True),
        ("columns = Columns('x', 'y', band=('low', 'high'))", True),
        ("x = t.ppf(0.9)  # no interval of an outcome: threshold of a detector", False),
        ("x = t.ppf(0.9)  # no interval of an outcome: yes", True),
        ("half = 1.96 * spread / n**0.5", True),
        ("from scipy.stats import spearmanr", False),
        ("x = frame.std()", False),
    ],
)
def test_intervals_are_seen_in_source(line: str, caught: bool, tmp_path: Path):
    path = tmp_path / "room.py"
    path.write_text(line, encoding="utf-8")
    assert bool(computed_intervals(path)) == caught
