import math
import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from engines.persyn import rows as kinds
from engines.persyn.controls import StudentControl
from engines.persyn.student_views import (
    T_95,
    answer_rows,
    describe_students,
    draw_students,
    over_seeds,
    student_rows,
    student_scores,
)
from tests.engines.persyn.shown_run import shown_frames, tables_of
from workbench.views import NoControls

DONE = shown_frames()
RUN = tables_of(DONE)


def test_an_interval_by_hand():
    mean, low, high = over_seeds([0.5, 0.7])
    # s = 0.1414, s / sqrt(2) = 0.1, t(1) = 12.706
    assert (mean, low, high) == pytest.approx((0.6, 0.6 - 1.2706, 0.6 + 1.2706))


def test_one_seed_has_no_interval_and_none_no_mean():
    assert over_seeds([0.5])[0] == 0.5 and all(map(math.isnan, over_seeds([0.5])[1:]))
    assert all(map(math.isnan, over_seeds([])))
    assert over_seeds([0.5, float("nan")])[0] == 0.5


def test_the_table_of_t_is_right():
    assert pytest.approx([stats.t.ppf(0.975, free) for free in range(1, len(T_95) + 1)], abs=6e-4) == list(T_95)


@given(st.lists(st.floats(0, 1), min_size=2, max_size=15))
def test_intervals_equal_those_of_scipy(values):
    mean, low, high = over_seeds(values)
    error = statistics.stdev(values) / math.sqrt(len(values))
    reach = stats.t.ppf(0.975, len(values) - 1) * error
    assert (low, high) == pytest.approx((mean - reach, mean + reach), abs=2e-4)


def test_scores_by_arm():
    scores = student_scores(RUN).set_index("arm")
    assert scores.loc["persyn", "accuracy"] == pytest.approx(0.6) and scores.loc["strong", "low"] == 0.4
    rows = student_rows(RUN, NoControls()).set_index("arm")
    assert rows.loc["PerSyn", ["accuracy %", "seeds", "right in the set %"]].tolist() == [60.0, 2, 50.0]
    assert rows.loc["Strong", "95 % over seeds"] == "40.0 to 40.0"
    assert len(draw_students(RUN, NoControls()).data[0].y) == 3


def test_words_warn_of_one_seed_and_of_the_floor():
    assert describe_students(RUN, NoControls()).endswith("Untuned student 20.0%.")
    students = DONE[kinds.StudentRow]
    one = tables_of({kinds.StudentRow: students[students["seed"] == 0]})
    assert "One seed decides nothing." in describe_students(one, NoControls())
    floor = tables_of({kinds.StudentRow: students.assign(accuracy=0.0)})
    assert "not" in describe_students(floor, NoControls()) and "floor" in describe_students(floor, NoControls())


def test_one_seed_shows_no_interval():
    students = DONE[kinds.StudentRow]
    rows = student_rows(tables_of({kinds.StudentRow: students[students["seed"] == 0]}), NoControls())
    assert set(rows["95 % over seeds"]) == {""}


def test_answers_stand_beside_their_problems():
    rows = answer_rows(RUN, StudentControl(arm="strong"))
    assert rows["problem"].tolist() == ["How many?"] * 2 and rows["right"].tolist() == ["yes", "no"]
    bare = tables_of({kinds.StudentAnswer: DONE[kinds.StudentAnswer]})
    assert answer_rows(bare, StudentControl())["problem"].tolist() == ["p18", "p18"]
