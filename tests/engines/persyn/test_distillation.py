import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engines.persyn.distillation import (
    Lesson,
    Taught,
    answer_rows,
    budgeted,
    lessons_of,
    student_row,
    training_settings,
    within_budget,
)
from engines.persyn.policies import roles_for
from engines.persyn.routing import routed
from engines.persyn.rows import StudentAnswer
from tests.engines.persyn.scenes import planted_matrix
from workbench.contract.errors import DataError


@given(st.lists(st.integers(1, 50), max_size=12), st.integers(1, 400), st.integers(0, 3))
def test_budgets_are_filled_and_never_exceeded(lengths, budget, seed):
    keys = [str(at) for at in range(len(lengths))]
    taken = within_budget(lengths, budget, keys, seed)
    total = sum(lengths[at] for at in taken)
    assert total <= budget
    assert not lengths or budget - total < min(lengths)
    counts = np.bincount(taken, minlength=len(lengths)) if lengths else np.zeros(1)
    if lengths and len(set(lengths)) == 1:
        assert counts.max() - counts.min() <= 1, "nobody is repeated before all were taken"


def test_budgets_are_drawn_by_seed():
    lengths, keys = [10] * 40, [f"k{at}" for at in range(40)]
    assert within_budget(lengths, 100, keys, 0) == within_budget(lengths, 100, keys, 0)
    assert set(within_budget(lengths, 100, keys, 0)) != set(within_budget(lengths, 100, keys, 1))


def arm(policy: str):
    config, matrix = planted_matrix()
    config = config.model_copy(update={"policy": policy})
    return config, matrix, routed(policy, 0, config, matrix, roles_for(matrix, config), None)


def test_lessons_are_the_chosen_responses_without_failures():
    _, matrix, routing = arm("strong")
    lessons = lessons_of(routing, matrix)
    places = matrix.pool.places("calibration", "routed")
    assert 0 < len(lessons) < len(places), "silent-3B failed on some"
    assert all(one.response == f"The answer is {one.answer}." for one in lessons)
    assert len(lessons_of(arm("oracle")[2], matrix)) == len(places)


def test_every_arm_gets_the_same_budget():
    totals = []
    for policy in ("strong", "oracle", "random"):
        config, matrix, routing = arm(policy)
        found = budgeted(lessons_of(routing, matrix), config, 0)
        shortest = 80
        assert config.token_budget - shortest < found.tokens <= config.token_budget
        assert found.different <= len(found.examples)
        totals.append(found)
    assert totals[1].right_share == 1 and 0.2 < totals[2].right_share < 1


def test_what_cannot_teach_is_refused():
    config, _, _ = arm("oracle")
    with pytest.raises(DataError, match="no response"):
        budgeted([], config, 0)
    with pytest.raises(DataError, match="holds not one"):
        budgeted([Lesson(0, "how many? " * 20, "8", "8")], config.model_copy(update={"token_budget": 100}), 0)


def test_settings_of_a_training():
    config, _, _ = arm("oracle")
    found = training_settings(config, 3)
    assert (found.seed, found.rank, found.alpha, found.epochs) == (3, 2, 4, 1.0)


def answers() -> pd.DataFrame:
    names = [asked.name for asked in planted_matrix()[1].pool.prompts[:4]]
    rows = [(name, "8", "8", "8" if at else "9", bool(at), False) for at, name in enumerate(names)]
    return pd.DataFrame(rows, columns=["prompt", "text", "final", "gold", "right", "cut"])


def test_answers_become_rows_under_the_name_of_an_arm():
    found = answer_rows(answers(), planted_matrix()[1].pool, ("car", 2))
    assert list(found.columns) == list(StudentAnswer.model_fields)
    assert found["place"].tolist() == [0, 1, 2, 3] and set(found["arm"]) == {"car"} and set(found["seed"]) == {2}


def test_an_untuned_student_in_numbers():
    row = student_row(("untuned", 0), answers(), Taught(ref="m"))
    assert (row.accuracy, row.examined, row.examples, row.model) == (0.75, 4, 0, "m")
    assert np.isnan([row.first_loss, row.right_share]).all()
    assert np.isnan(student_row(("untuned", 0), answers().head(0), Taught(ref="m")).accuracy)
