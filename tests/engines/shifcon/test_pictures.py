import math

import pandas as pd
import pytest

from engines.shifcon import ASK, ENGINE, pictures
from engines.shifcon.pictures import (
    FLOOR,
    PAIR_COSINE,
    PAIR_DISTANCE,
    RETRIEVAL,
    area_stretches,
    at_shift_layer,
    in_plane,
    language_rows,
    layer_area,
    shift_layer_and_chance,
    usual_layer,
    with_unrelated,
)
from engines.shifcon.presets import ARMS
from engines.shifcon.rows import (
    ArmAtLayer,
    LanguageProfile,
    LayerInArea,
    PairAtLayer,
    ProjectedSentence,
    ShiftSpan,
    SubspaceDistance,
)
from tests.engines.shifcon.tiny_run import KINDS, LANGUAGES, start, tables, tiny_spec
from tests.engines.shown_views import assert_options, assert_shows, assert_waits, joined, shipped_run, shown, words_of
from workbench.contract.schema import Outcome
from workbench.contract.views import Tables
from workbench.storage.finished_run import FinishedRun

VIEWS = {view.name: view for view in (*ENGINE.views, *ASK.views)}
SHOWN = {view.name: view for view in ENGINE.views}


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    run = start(tiny_spec(), tmp_path_factory.mktemp("runs"), "views")
    pair = [
        {"layer": at, "shifted": on, "cosine": at / 10 + on / 5, "distance": 3.0 - on} for at in (0, 1) for on in (0, 1)
    ]
    return tables(**(frames_of(run) | {"PairAtLayer": pd.DataFrame(pair)}))


@pytest.fixture(scope="module")
def shipped():
    return tables(**frames_of(shipped_run(ENGINE)))


def offered(name: str, rows: Tables):
    view = joined(VIEWS[name])
    assert view.options is not None
    return view.options(rows)


def frames_of(run: FinishedRun) -> dict[str, pd.DataFrame]:
    return {kind.table(): run.table(kind) for kind in (*ENGINE.rows, Outcome)}


@pytest.mark.parametrize("name", VIEWS)
def test_views_show_a_finished_run(name, done):
    assert_shows(VIEWS[name], done)


@pytest.mark.parametrize("name", SHOWN)
def test_views_show_the_shipped_run(name, shipped):
    assert_shows(SHOWN[name], shipped)


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


def test_choices_are_those_of_the_rows(done):
    assert offered("plane", done)["states"] == ["before and after", "before the shift", "after the shift"]
    assert offered("retrieval", done)["language"] == ["all", *LANGUAGES[1:]]
    assert offered("cosine", done)["measure"] == ["Cosine", "Cosine above unrelated sentences"]
    assert offered("pairs", done)["layer"] == sorted(set(done[SubspaceDistance]["layer"]))


def test_pictures_of_one_layer_begin_in_the_middle_of_the_default_model(shipped):
    for name in ("pairs", "plane"):
        assert joined(VIEWS[name]).controls().model_dump()["layer"] == 15
        assert 15 in offered(name, shipped)["layer"]


def test_planes_are_those_of_the_first_split_alone(shipped):
    rows = shipped[ProjectedSentence]
    other = rows[rows["layer"] == rows["layer"].max()].assign(seed=1, layer=1)
    both = tables(**frames_of(shipped_run(ENGINE)) | {"ProjectedSentence": pd.concat([rows, other])})
    layers = offered("plane", both)["layer"]
    assert layers == sorted(rows.loc[rows["seed"] == 0, "layer"].unique())
    assert 1 not in layers, "layers of other splits would be empty planes"


def test_the_shipped_distances_are_those_of_its_rows(shipped):
    figure, said = shown(VIEWS["distance"], shipped)
    rows = shipped[SubspaceDistance]
    french = rows[(rows["language"] == "fr") & (rows["other"] == "en") & (rows["layer"] == 0)]["riemannian"]
    own = rows[rows["language"] == rows["other"]]
    curves = {trace.name: list(trace.y) for trace in figure.data}
    assert math.isclose(curves["fr"][0], french.mean(), rel_tol=1e-6)
    floor = own[own["layer"] == 0]["riemannian"].mean()
    assert math.isclose(curves[FLOOR][0], floor, rel_tol=1e-6)
    others = rows[rows["language"] != rows["other"]]["language"].nunique()
    assert f"{others} curves" in said and "in grey noise floor" in said
    (spans,) = shipped[ShiftSpan].value_counts(["toward", "back"]).head(1).index
    assert "Layer area {} to {}.".format(*spans) in said


def test_the_shipped_arms_are_told_at_the_layer_of_the_shift(shipped):
    figure, said = shown(VIEWS["retrieval"], shipped)
    assert [trace.name for trace in figure.data] == [arm.title for arm in ARMS]
    layers = shipped[ShiftSpan]["shift_layer"]
    ((layer, splits),) = layers.value_counts().head(1).items()
    values = [dict(zip(trace.x, trace.y, strict=True))[layer] for trace in figure.data]
    told = f"Shift of {splits} of {len(layers)} splits at {layer} (Unshifted {values[0]:.3g}, Shifted by the means "
    assert told + f"{values[1]:.3g}, " in said
    assert said.endswith("chance 0.0125.")


def test_the_shipped_pairs_and_cosines_begin_with_those_of_its_rows(shipped):
    (pairs,) = shown(VIEWS["pairs"], shipped, layer=15)[0].data
    rows = shipped[SubspaceDistance].query("seed == 0 and layer == 15")
    french = rows[(rows["language"] == "fr") & (rows["other"] == "en")]["riemannian"].item()
    assert (pairs.x[0], pairs.y[1]) == ("en", "fr") and math.isclose(pairs.z[1][0], french, rel_tol=1e-6)
    arms = shipped[ArmAtLayer].query("arm == 'unshifted' and layer == 0")
    cosine = shown(VIEWS["cosine"], shipped)[0].data
    assert [trace.name for trace in cosine][::3] == ["Unshifted", "Unshifted, unrelated sentences"]
    assert math.isclose(cosine[0].y[0], arms["pair_cosine"].mean(), rel_tol=1e-6)
    assert math.isclose(cosine[3].y[0], arms["unrelated_cosine"].mean(), rel_tol=1e-6)
    assert shown(VIEWS["languages"], shipped)["language"].tolist() == list(shipped[LanguageProfile]["language"])


def test_sentences_lie_in_the_run_s_order_of_languages(shipped):
    said = shown(VIEWS["plane"], shipped, layer=12)[1]
    points = in_plane(shipped[ProjectedSentence], shipped)
    assert points["language"].drop_duplicates().tolist() == list(shipped[LanguageProfile]["language"])
    assert said.startswith("At layer 12, before the shift the languages' centres lie ")


def distances(pooled: bool = True) -> Tables:
    values = [
        (0, 0, "en", "en", 1.0, 500.0, 9.0, 3, 60, 0.5),
        (0, 0, "fr", "fr", 2.0, 500.0, 9.0, 3, 60, 0.5),
        (0, 0, "fr", "en", 6.0, 900.0, 40.0, 3, 60, 4.0),
        (1, 0, "fr", "en", 8.0, 900.0, 40.0, 3, 60, 4.0),
    ]
    profiles = [("en", True, pooled), ("fr", False, pooled)]
    return tables(
        SubspaceDistance=pd.DataFrame(values, columns=list(SubspaceDistance.model_fields)),
        LanguageProfile=pd.DataFrame(profiles, columns=("language", "dominant", "in_basis")),
    )


def test_curves_are_means_over_splits_and_the_floor_is_that_of_all_languages():
    total = "Riemannian distance + distance of the means in standard deviations"
    figure, said = shown(VIEWS["distance"], distances(), measure=total)
    assert {trace.name: list(trace.y) for trace in figure.data} == {"fr": [11.0], FLOOR: [2.0]}
    assert f"fr from 11 to 11; in grey {FLOOR} 2 on average." in said
    assert "fr from 7 to 7" in words_of(VIEWS["distance"], shown(VIEWS["distance"], distances()))


@pytest.mark.parametrize("name", ["distance", "pairs"])
def test_a_distance_says_which_languages_share_its_basis_and_what_the_floor_is(name):
    _, said = shown(VIEWS[name], distances(), **({"layer": 0} if name == "pairs" else {}))
    assert "in 3 dimensions that 2 languages share (en, fr): with other languages beside it" in said
    assert (
        "The noise floor is the distance between two halves of one language's sentences, 60 observations each" in said
    )
    assert "no basis that languages share" in shown(VIEWS[name], distances(pooled=False))[1]
    assert pictures.shared_basis(tables()) == ""


def test_pairs_are_symmetric_and_the_diagonal_is_the_floor():
    said = shown(VIEWS["pairs"], distances(), layer=0)[1]
    assert said.startswith("Riemannian distance off the diagonal: 6 everywhere")
    (trace,) = shown(VIEWS["pairs"], distances(), layer=0)[0].data
    assert [list(row) for row in trace.z] == [[1.0, 6.0], [6.0, 2.0]], "of the first split alone"
    assert list(trace.x) == ["en", "fr"]


def test_pairs_are_offered_at_the_layers_where_all_were_compared():
    rows = distances()[SubspaceDistance]
    third = rows[rows["language"] != rows["other"]].head(1)
    wide = pd.concat([rows, rows.assign(layer=1), third.assign(layer=1, language="de", other="fr")])
    shaped = pictures.pairs_of_one_split(wide, distances())
    assert set(shaped["layer"]) == {1} and set(shaped["seed"]) == {0}


def test_the_area_is_where_most_seeds_say_so():
    inside = {0: [0, 1, 1, 0, 1], 1: [0, 1, 0, 0, 1], 2: [0, 0, 1, 1, 1]}
    rows = [(seed, layer, 1.0, bool(on)) for seed, found in inside.items() for layer, on in enumerate(found)]
    frame = pd.DataFrame(rows, columns=("seed", "layer", "distance", "inside"))
    assert area_stretches(tables(LayerInArea=frame)) == [(1, 2), (4, 4)]
    marks = [(mark.at, mark.to, mark.label) for mark in layer_area(tables(LayerInArea=frame))]
    assert marks == [(0.5, 2.5, "layer area"), (3.5, 4.5, "")]


def test_sentences_in_the_plane_carry_their_text(done):
    points = in_plane(done[ProjectedSentence], done)
    points = points[(points["layer"] == 1) & (points["states"] == "after the shift")]
    assert points["text"].str.len().min() > 0
    assert len(points) == 9 * 10


def test_kinds_cover_what_views_read():
    assert {kind for view in VIEWS.values() for kind in view.reads} <= set(KINDS)
    assert {SubspaceDistance, LanguageProfile, LayerInArea} <= set(KINDS)


def test_arms_are_read_at_the_layer_of_their_own_seed():
    arms = [(seed, "mean_shifted", "fr", layer, 10 * seed + layer, 0, 0, 0) for seed in (0, 1) for layer in (0, 1, 2)]
    spans = [(0, 1, 2, True, 1, 5), (1, 1, 2, True, 2, 5)]
    found = at_shift_layer(
        tables(
            ArmAtLayer=pd.DataFrame(arms, columns=list(ArmAtLayer.model_fields)),
            ShiftSpan=pd.DataFrame(spans, columns=list(ShiftSpan.model_fields)),
        )
    )
    assert found["retrieval"].tolist() == [1, 12]


def test_the_listing_names_layers_and_arms(tmp_path):
    run = start(tiny_spec(), tmp_path, "listing")
    done = tables(**{kind.table(): run.table(kind) for kind in ENGINE.rows})
    rows = language_rows(done[LanguageProfile], done)
    assert {"tokens per sentence", "fertility", "nearest layer", "retrieval@1 shifted by the means"} <= set(
        rows.columns
    )
    assert rows.set_index("language").loc["fr", "nearest layer"] in (0, 1, 2)


def test_the_layer_of_most_splits_is_named_with_their_number():
    arms = [(seed, "mean_shifted", "fr", layer, layer / 10, 0, 0, 0) for seed in range(3) for layer in range(4)]
    spans = [(0, 1, 2, True, 3, 5), (1, 1, 2, True, 2, 5), (2, 1, 2, True, 2, 5)]
    rows = tables(
        ArmAtLayer=pd.DataFrame(arms, columns=list(ArmAtLayer.model_fields)),
        ShiftSpan=pd.DataFrame(spans, columns=list(ShiftSpan.model_fields)),
    )
    assert usual_layer(rows) == (2, 2, 3)
    said = shown(RETRIEVAL, rows)[1]
    assert said.endswith("Shift of 2 of 3 splits at 2 (Shifted by the means 0.2); chance 0.2.")
    assert usual_layer(tables()) is None


def test_of_layers_chosen_equally_often_the_first_is_named():
    spans = [(seed, 1, 2, True, layer, 5) for seed, layer in enumerate((7, 4, 4, 7, 9))]
    assert usual_layer(tables(ShiftSpan=pd.DataFrame(spans, columns=list(ShiftSpan.model_fields)))) == (4, 2, 5)


def test_a_layer_that_all_splits_agree_on_needs_no_number():
    spans = [(seed, 1, 2, True, 2, 8) for seed in range(2)]
    marks = shift_layer_and_chance(tables(ShiftSpan=pd.DataFrame(spans, columns=list(ShiftSpan.model_fields))))
    assert [(mark.kind, mark.at, mark.label) for mark in marks] == [("x", 2, "shift"), ("y", 0.125, "chance")]
    assert shift_layer_and_chance(tables()) == []


def test_cosines_are_shown_with_or_above_unrelated_sentences():
    arms = pd.DataFrame([(0, "unshifted", "fr", 1, 0, 0.9, 0.7, 0)], columns=list(ArmAtLayer.model_fields))
    rows = with_unrelated(arms, tables())
    assert rows["arm"].tolist() == ["unshifted", "Unshifted, unrelated sentences"]
    assert rows["cosine"].tolist() == [0.9, 0.7]
    assert rows["above"].dropna().tolist() == pytest.approx([0.2])


def test_a_pair_is_told_before_and_after_the_shift():
    pair = [(0, False, 0.5, 2.0), (1, False, 0.9, 1.0), (0, True, 0.7, 1.5), (1, True, 0.6, 1.0)]
    rows = tables(PairAtLayer=pd.DataFrame(pair, columns=list(PairAtLayer.model_fields)))
    figure, said = shown(PAIR_COSINE, rows)
    assert {trace.name: list(trace.y) for trace in figure.data} == {"as they are": [0.5, 0.9], "shifted": [0.7, 0.6]}
    assert said == "Cosine by layer: as they are from 0.5 to 0.9; shifted from 0.7 to 0.6."
    assert (
        shown(PAIR_DISTANCE, rows)[1] == "Euclidean distance by layer: as they are from 2 to 1; shifted from 1.5 to 1."
    )
