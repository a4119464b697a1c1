import pandas as pd
import pytest

from engines.persyn import rows as kinds
from engines.persyn.allocation_views import (
    NOT_CHOSEN,
    allocation,
    arm_title,
    describe_allocation,
    describe_rewards,
    draw_allocation,
    draw_rewards,
    left_out_rows,
    prompt_spans,
    reward_points,
    teacher_rows,
)
from engines.persyn.arms import ARMS
from engines.persyn.config import ArmControl
from engines.persyn.controls import PlaceControl, RewardControl
from tests.engines.persyn.shown_run import frame, shown_frames, tables_of
from workbench.contract.views import NoControls

DONE = shown_frames()
RUN = tables_of(DONE)


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
    found = allocation(FEW, ArmControl()).set_index("teacher")
    assert found["share"].to_dict() == {"tiny a": 0.625, "tiny b": 0.375} and list(found.columns) == ["group", "share"]
    assert all(trace.error_y.array is None for trace in draw_allocation(FEW, ArmControl()).data), "no whiskers"
    assert "big c" not in found.index, "judging is no training"


def test_shares_add_up_in_every_group():
    for group in ("all", "topic", "difficulty"):
        found = allocation(RUN, ArmControl(group=group))
        assert found.groupby("group")["share"].sum().tolist() == pytest.approx([1.0] * found["group"].nunique())


def test_groups_by_hand():
    found = allocation(FEW, ArmControl(group="topic")).set_index(["group", "teacher"])["share"]
    assert found["apples", "tiny a"] == 0.75 and found["coins", "tiny b"] == 0.5
    made = draw_allocation(FEW, ArmControl(group="topic"))
    assert made.layout.barmode == "stack" and made.layout.legend.title.text == "Teacher"


def test_words_name_the_strong_teacher_and_the_groups_apart():
    text = describe_allocation(FEW, ArmControl(group="topic"))
    assert text.startswith("PerSyn gives 62% of its training prompts to tiny a, and 100% to others than the strong")
    assert "highest for apples (75%), lowest for coins (50%)" in text


def test_an_arm_without_choices_says_so():
    assert "yet" in describe_allocation(RUN, ArmControl(arm="nobody"))


def test_points_are_coloured_by_the_chosen_teacher():
    points = reward_points(FEW, RewardControl()).set_index(["place", "teacher"])
    assert points.loc[(12, "big c"), "chosen"] == "big c" and points.loc[(12, "tiny a"), "chosen"] == NOT_CHOSEN
    failed = DONE[kinds.Reward]["failed"]
    assert len(points) == (~failed).sum() < len(failed), "failed responses have no rewards"
    normed = reward_points(FEW, RewardControl(scale="normalised"))
    assert normed["quality"].between(0, 1).all() and normed["learnability"].between(0, 1).all()


def test_chosen_and_other_points_differ_in_shape_and_hand_their_prompt_over():
    made = draw_rewards(RUN, RewardControl())
    named = {trace.name: trace for trace in made.data}
    assert NOT_CHOSEN in named and len({trace.marker.symbol for trace in made.data}) == len(named)
    places = set(DONE[kinds.Reward]["place"])
    assert {place for trace in made.data for place in trace.customdata} <= places
    again = draw_rewards(RUN, RewardControl())
    assert [trace.y for trace in again.data] == [trace.y for trace in made.data], "points stay where they are"
    assert "chosen" in describe_rewards(RUN, RewardControl())


def test_words_of_rewards_by_hand():
    two = (
        DONE[kinds.Reward]
        .iloc[:2]
        .assign(place=0, teacher=["tiny a", "tiny b"], quality=[1.0, 0.0], learnability=[-1.0, -2.0], failed=False)
    )
    text = describe_rewards(tables_of({kinds.Reward: two, kinds.Choice: FEW[kinds.Choice]}), RewardControl())
    assert "1 chosen, quality 1.000 and learnability -1.000" in text and "1 other, quality 0.000" in text


def test_one_prompt_shows_every_response():
    spans = prompt_spans(RUN, PlaceControl(place=10))
    text = "".join(span.text for span in spans)
    assert text.startswith("Prompt 10: How many?\nRight answer: 4") and "failed: empty" in text
    assert {span.mark for span in spans} - {""} == {"chosen", "other response"}
    assert "chosen by" in text and "reward" in text


def test_a_prompt_without_responses_gives_the_first_that_has_some():
    assert prompt_spans(RUN, PlaceControl(place=999))[0].text.startswith("Prompt 0:")


def test_teachers_and_what_was_left_out():
    rows = teacher_rows(RUN, NoControls())
    assert rows["teacher"].tolist() == ["tiny a", "tiny b", "big c"] and rows["parameters (millions)"][2] == 9.0
    assert rows["reference"][0] == "m#tiny a" and rows["same model as another"][0] == "no"
    assert left_out_rows(RUN, NoControls())["count"].tolist() == [3]


def test_arms_have_titles_and_own_arms_keep_their_names():
    assert arm_title("persyn") == "PerSyn" and arm_title("my_arm") == "my_arm"
    assert {arm_title(arm.name) for arm in ARMS} == {arm.title for arm in ARMS}
