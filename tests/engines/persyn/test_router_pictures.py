import numpy as np
import pandas as pd
import pytest

from engines.persyn import rows as kinds
from engines.persyn.claims import ARMS
from engines.persyn.config import PlaceControl
from engines.persyn.pictures import VIEWS
from engines.persyn.router_pictures import (
    AS_SAID,
    NOT_CHOSEN,
    SINGLE,
    allocation_shares,
    chosen_and_best,
    curve_points,
    pair_chances,
    prompt_spans,
    rewarded_responses,
)
from tests.engines.persyn.shown_run import TEACHERS, frame, shown_frames, tables_of
from tests.engines.shown_views import shown

DONE = shown_frames()
RUN = tables_of(DONE)
VIEW = {view.name: view for view in VIEWS}


def choices(*given: tuple[int, int, str, str]) -> pd.DataFrame:
    """Choices of persyn: seed, place, split, teacher."""
    seeds, places, splits, teachers = map(list, zip(*given, strict=True))
    return frame(
        kinds.Choice, arm="persyn", seed=seeds, place=places, split=splits, teacher=teachers, how="router",
        best="tiny a", reward=0.5, regret=0.1, hit_3=True,
    )  # fmt: skip


FEW = tables_of(
    DONE
    | {
        kinds.Choice: choices(
            (0, 0, "calibration", "tiny a"), (0, 1, "routed", "tiny b"), (0, 2, "routed", "tiny b"),
            (0, 3, "routed", "tiny b"), (0, 12, "held_out", "big c"), (0, 4, "calibration", ""),
            (1, 0, "calibration", "tiny a"), (1, 1, "routed", "tiny a"),
        )
    }
)  # fmt: skip


def test_shares_are_of_the_training_prompts_and_means_over_seeds():
    figure, said = shown(VIEW["allocation"], FEW)
    assert list(figure.data[0].x) == ["tiny a", "tiny b"] and list(figure.data[0].y) == [0.625, 0.375]
    assert figure.data[0].error_y.array is None, "no whiskers"
    assert "big c" not in figure.data[0].x, "judging is no training"
    assert said == "tiny a teaches 62% of the training prompts, tiny b 38%."


def test_shares_add_up_in_every_group():
    found = allocation_shares(RUN[kinds.Choice], RUN)
    assert set(found["group"]) == {"all", "topic", "difficulty"}
    sums = found.groupby(["arm", "group", "prompts", "seed"])["share"].sum()
    assert sums.tolist() == pytest.approx([1.0] * len(sums))


def test_groups_by_hand():
    figure, said = shown(VIEW["allocation"], FEW, group="topic")
    shares = {(trace.name, name): value for trace in figure.data for name, value in zip(trace.x, trace.y, strict=True)}
    assert shares["apples", "tiny a"] == 0.75 and shares["coins", "tiny b"] == 0.5
    assert said == "tiny a is asked most, most for apples (75%), least for coins (50%)."


def test_points_are_coloured_by_the_chosen_teacher():
    points = rewarded_responses(FEW[kinds.Reward], FEW)
    raw = points[points["scale"] == "raw"].set_index(["place", "teacher"])
    assert raw.loc[(12, "big c"), "chosen"] == "big c" and raw.loc[(12, "tiny a"), "chosen"] == NOT_CHOSEN
    failed = DONE[kinds.Reward]["failed"]
    assert len(raw) == (~failed).sum() < len(failed), "failed responses have no rewards"
    normed = points[points["scale"] == "normalised"]
    assert normed["quality"].between(0, 1).all() and normed["learnability"].between(0, 1).all()
    assert (normed["height"] - normed["quality"]).abs().max() <= 0.03


def test_chosen_and_other_points_differ_in_shape_and_hand_their_prompt_over():
    figure, said = shown(VIEW["rewards"], RUN)
    named = {trace.name: trace for trace in figure.data}
    assert NOT_CHOSEN in named and len({trace.marker.symbol for trace in figure.data}) == len(named)
    places = set(DONE[kinds.Reward]["place"])
    assert {place for trace in figure.data for place in trace.customdata} <= places
    again, _ = shown(VIEW["rewards"], RUN)
    assert [trace.y for trace in again.data] == [trace.y for trace in figure.data], "points stay where they are"
    assert "chosen" in said and VIEW["rewards"].selects == "place"


def test_words_of_rewards_by_hand():
    two = (
        DONE[kinds.Reward]
        .iloc[:2]
        .assign(place=0, teacher=["tiny a", "tiny b"], quality=[1.0, 0.0], learnability=[-1.0, -2.0], failed=False)
    )
    _, said = shown(VIEW["rewards"], tables_of({kinds.Reward: two, kinds.Choice: FEW[kinds.Choice]}))
    assert "1 chosen, quality 1.000 and learnability -1.000" in said and "1 other, quality 0.000" in said


def test_responses_are_shown_before_anybody_has_chosen():
    alone = tables_of({kinds.Reward: DONE[kinds.Reward]})
    figure, _ = shown(VIEW["rewards"], alone)
    assert [trace.name for trace in figure.data] == [NOT_CHOSEN]


def test_one_prompt_shows_every_response():
    spans = prompt_spans(RUN, PlaceControl(place=10))
    text = "".join(span.text for span in spans)
    assert text.startswith("Prompt 10: How many?\nRight answer: 4") and "failed: empty" in text
    assert {span.mark for span in spans} - {""} == {"chosen", "other response"}
    assert "chosen by" in text and "reward" in text
    assert {arm.title for arm in ARMS} & {"PerSyn"} and "PerSyn" in text, "arms under their titles"


def test_a_prompt_without_responses_gives_the_first_that_has_some():
    assert prompt_spans(RUN, PlaceControl(place=999))[0].text.startswith("Prompt 0:")


def test_the_curve_is_a_mean_over_seeds_and_each_seed_a_point():
    figure, said = shown(VIEW["curve"], RUN)
    named = {trace.name: trace for trace in figure.data}
    assert list(named["router"].x) == [2, 4, 6] and named["router"].y[0] == pytest.approx(0.3)
    assert named[SINGLE].y[2] == pytest.approx(0.3) and named[SINGLE].line.dash == "dot"
    assert named["each seed"].mode == "markers" and len(named["each seed"].y) == 6
    assert sorted(named["each seed"].y) == pytest.approx([0.0, 0.1, 0.2, 0.2, 0.3, 0.4])
    assert figure.layout.xaxis.type == "log" and not [trace for trace in figure.data if trace.fill]
    assert said.startswith("Regret by calibration prompts: router from 0.3 to 0.1")


def test_the_single_teacher_has_a_regret_alone():
    figure, _ = shown(VIEW["curve"], RUN, measure="Hit@1")
    assert [trace.name for trace in figure.data] == ["router", "each seed"]
    assert not shown(VIEW["curve"], RUN, measure="Hit@3")[0].data, "fewer than four teachers"
    points = curve_points(DONE[kinds.CurvePoint], RUN)
    assert points[points["choice"] == SINGLE]["pairwise"].isna().all()


HELD = frame(
    kinds.Choice, arm=["persyn"] * 5 + ["strong"], seed=0, place=[0, 1, 2, 3, 4, 0],
    split=["held_out"] * 4 + ["routed", "held_out"], teacher=["tiny a", "tiny a", "tiny b", "", "tiny a", "big c"],
    how="router", best=["tiny a", "big c", "tiny b", "tiny a", "tiny a", "tiny a"], reward=0.5, regret=0.1, hit_3=True,
)  # fmt: skip


def test_confusion_by_hand():
    figure, said = shown(VIEW["confusion"], tables_of(DONE | {kinds.Choice: HELD}))
    (map_,) = figure.data
    assert list(map_.x) == list(map_.y) == list(TEACHERS)
    assert [list(line) for line in map_.z] == [[1, 0, 1], [0, 1, 0], [0, 0, 0]]
    assert said == (
        "The best teacher is chosen for 2 of 3 held-out prompts; most often tiny a is taken where big c is better (1)."
    )
    other = shown(VIEW["confusion"], tables_of(DONE | {kinds.Choice: HELD}), arm="Strong")
    assert np.sum(other[0].data[0].z) == 1


def test_confusion_without_a_mistake():
    right = tables_of(DONE | {kinds.Choice: HELD.assign(teacher="tiny a", best="tiny a")})
    assert shown(VIEW["confusion"], right)[1].endswith("held-out prompts.")
    assert chosen_and_best(right[kinds.Choice], right)["prompts"].sum() == 5


BINS = frame(
    kinds.PairBin, arm="persyn", seed=[0, 1, 0], low=[0.2, 0.2, 0.7], high=[0.3, 0.3, 0.8], predicted=[0.2, 0.3, 0.75],
    observed=[0.0, 0.5, 0.75], pairs=[1, 3, 4],
)  # fmt: skip


def test_bins_are_weighed_by_pairs():
    bins = pair_chances(BINS, RUN)
    own = bins[bins["choice"] != AS_SAID]
    assert own["predicted"].tolist() == pytest.approx([0.275, 0.75])
    assert own["observed"].tolist() == pytest.approx([0.375, 0.75])
    assert set(own["choice"]) == {"router: mean gap 0.050 over 8 pairs"}


def test_predictions_are_drawn_beside_the_line_where_they_come_true():
    figure, said = shown(VIEW["score_differences"], tables_of({kinds.PairBin: BINS}))
    named = {trace.name: trace for trace in figure.data}
    assert list(named[AS_SAID].x) == list(named[AS_SAID].y) == [0.0, 1.0] and named[AS_SAID].line.dash == "dot"
    assert said == (
        "Router: mean gap 0.050 over 8 pairs, each counted both ways; furthest apart where 0.27 is predicted and 0.38 "
        "observed."
    )


def test_empty_bins_are_left_out():
    gap = BINS.assign(pairs=0, predicted=float("nan"), observed=float("nan"))
    assert len(pair_chances(pd.concat([gap, BINS], ignore_index=True), RUN)) == 4
    assert "yet" in shown(VIEW["score_differences"], tables_of({kinds.PairBin: gap}))[1]


def test_routers_name_their_files():
    rows = shown(VIEW["routers"], RUN)
    assert rows["file"].tolist() == ["router-persyn-0.safetensors"] and rows["arm"].tolist() == ["PerSyn"]
