"""Rows of declared pictures: picked, shaped, averaged; controls that follow from them."""

import pandas as pd
import pytest

from tests.workbench.figures.small_pictures import ENGINE, Reading, drawn, tables
from workbench.contract.pictures import Curves, Matrix, Measure, Pick, Rows, Source
from workbench.contract.views import Listing, NoControls, Tables
from workbench.figures.picture_frames import averaged, controls_of, options_of
from workbench.figures.pictures import made


def test_controls_follow_from_picks_and_measures():
    picks = (Pick("seed"), Pick("language", every="all"), Pick("arm", last=True))
    measure = Measure({"loss": "Loss", "share": "Share"})
    picture = Curves("losses", "Losses", Source(Reading, picks=picks), "layer", measure)
    controls = controls_of(picture)
    assert {name: (field.annotation, field.default) for name, field in controls.model_fields.items()} == {
        "seed": (int, 0), "language": (str, "all"), "arm": (str, ""), "measure": (str, "Loss"),
    }  # fmt: skip
    assert options_of(picture, tables(), ENGINE) == {
        "seed": [0, 1], "language": ["all", "fr", "de"], "arm": ["", "a", "b"], "measure": ["Loss", "Share"],
    }  # fmt: skip
    assert controls_of(Matrix("m", "M", Source(Reading), "layer", "arm", "loss", "", ("", ""))) is NoControls


def test_a_slider_begins_where_asked_as_far_as_the_rows_have_it():
    def first(begin: int) -> float:
        picture = Curves("l", "L", Source(Reading, picks=(Pick("seed", begin=begin),)), "layer", "loss")
        return averaged(picture, tables(), controls_of(picture)(), ENGINE)["value"].min()

    assert [first(begin) for begin in (0, 1, 7)] == [6.0, 7.0, 6.0]


@pytest.mark.parametrize(
    ("chosen", "first"), [({}, 12.0), ({"seed": 0}, 11.0), ({"arm": "a", "seed": 0}, 1.0), ({"seed": 99}, 11.0)]
)
def test_picks_keep_the_rows_of_one_value_or_fall_back_to_one_that_is_there(chosen: dict, first: float):
    picture = Curves("l", "L", Source(Reading, picks=(Pick("seed"), Pick("arm", last=True))), "layer", "loss")
    controls = controls_of(picture)(**{"seed": 1, **chosen})
    assert averaged(picture, tables(), controls, ENGINE)["value"].min() == first


def test_a_measure_is_drawn_under_its_own_title():
    picture = Curves(
        "l", "L", Source(Reading), "layer", Measure({"loss": "Loss", "share": "Share"}), axes=("Layer", "")
    )
    figure, said = drawn(picture, measure="Share")
    assert figure.layout.yaxis.title.text == "Share" and said.startswith("Share by layer: from 0.1 to 0.3")


def test_rows_are_named_sorted_and_shaped():
    def doubled(rows: pd.DataFrame, _: Tables) -> pd.DataFrame:
        return rows.assign(double=2 * rows.loss)

    picture = Rows("r", "R", Source(Reading, where=doubled), {"arm": "Arm", "double": "Twice the loss"}, sort="-double")
    view = made(picture, ENGINE)
    assert isinstance(view, Listing)
    frame = view.rows(tables(), NoControls())
    assert list(frame.columns) == ["Arm", "Twice the loss"] and frame.iloc[0].tolist() == ["b", 28.0]
