import pandas as pd
import pytest

from engines.shifcon import ENGINE
from engines.shifcon.config import (
    DistanceControl,
    LanguageProfile,
    LayerControl,
    LayerInArea,
    ProjectionControl,
    SubspaceDistance,
)
from engines.shifcon.views import FLOOR, area_stretches, describe_distance, distance_curves, pair_matrix, plane_points
from tests.engines.shifcon.tiny_run import KINDS, LANGUAGES, start, tables, tiny_spec
from tests.engines.shown_views import assert_options, assert_shows, assert_waits, shown
from workbench.schema import Outcome
from workbench.views import Tables

VIEWS = {view.name: view for view in (*ENGINE.views, *ENGINE.ask.views)}


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    run = start(tiny_spec(), tmp_path_factory.mktemp("runs"), "views")
    pair = [
        {"layer": at, "shifted": on, "cosine": at / 10 + on / 5, "distance": 3.0 - on} for at in (0, 1) for on in (0, 1)
    ]
    frames = {kind.table(): run.table(kind) for kind in (*ENGINE.rows, Outcome)}
    return tables(**frames, PairAtLayer=pd.DataFrame(pair))


@pytest.mark.parametrize("name", VIEWS)
def test_views_show_a_finished_run(name, done):
    assert_shows(VIEWS[name], done)


def test_every_language_is_listed(done):
    assert shown(VIEWS["languages"], done)["language"].tolist() == list(LANGUAGES)


@pytest.mark.parametrize("name", VIEWS)
def test_views_show_a_run_without_rows(name):
    assert_waits(VIEWS[name], tables())


@pytest.mark.parametrize("name", VIEWS)
@pytest.mark.parametrize("upto", range(1, len(ENGINE.rows)))
def test_views_show_a_run_that_is_half_done(name, upto, done):
    shown(VIEWS[name], tables(**{kind.table(): done[kind] for kind in ENGINE.rows[:upto]}))


def test_every_option_of_a_view_can_be_drawn(done):
    assert_options(VIEWS.values(), done)
    for term in ("riemannian", "mean_term", "total", "angle"):
        VIEWS["distance"].draw(done, DistanceControl(term=term))


def distances() -> Tables:
    names = ("seed", "layer", "language", "other", "riemannian", "mean_term", "angle", "components", "observations")
    values = [
        (0, 0, "en", "en", 1.0, 0.5, 9.0, 3, 60),
        (0, 0, "fr", "fr", 2.0, 0.5, 9.0, 3, 60),
        (0, 0, "fr", "en", 6.0, 4.0, 40.0, 3, 60),
        (1, 0, "fr", "en", 8.0, 4.0, 40.0, 3, 60),
    ]
    profiles = [("en", True), ("fr", False)]
    return tables(
        SubspaceDistance=pd.DataFrame(values, columns=names),
        LanguageProfile=pd.DataFrame(profiles, columns=("language", "dominant")),
    )


def test_curves_are_means_over_splits_and_the_floor_is_that_of_all_languages():
    curves = distance_curves(distances(), DistanceControl(term="total")).set_index("series")
    assert curves.loc["fr", "value"] == 11.0
    assert curves.loc[FLOOR, "value"] == 2.0
    assert "smallest 7.00 at layer 0" in describe_distance(distances(), DistanceControl())


def test_pairs_are_symmetric_and_the_diagonal_is_the_floor():
    matrix = pair_matrix(distances(), LayerControl(layer=0))
    assert matrix.to_numpy().tolist() == [[1.0, 6.0], [6.0, 2.0]], "of the first split alone"
    assert matrix.index.tolist() == ["en", "fr"]


def test_the_area_is_where_most_seeds_say_so():
    inside = {0: [0, 1, 1, 0, 1], 1: [0, 1, 0, 0, 1], 2: [0, 0, 1, 1, 1]}
    rows = [(seed, layer, 1.0, bool(on)) for seed, found in inside.items() for layer, on in enumerate(found)]
    frame = pd.DataFrame(rows, columns=("seed", "layer", "distance", "inside"))
    assert area_stretches(tables(LayerInArea=frame)) == [(1, 2), (4, 4)]


def test_sentences_in_the_plane_carry_their_text(done):
    points = plane_points(done, ProjectionControl(layer=1, states="after"))
    assert set(points["panel"]) == {"after the shift"}
    assert points["text"].str.len().min() > 0
    assert len(points) == 9 * 10


def test_kinds_cover_what_views_read():
    assert {kind for view in VIEWS.values() for kind in view.reads} <= set(KINDS)
    assert {SubspaceDistance, LanguageProfile, LayerInArea} <= set(KINDS)
